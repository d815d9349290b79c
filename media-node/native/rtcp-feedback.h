#ifndef ISTHMUS_RTCP_FEEDBACK_H
#define ISTHMUS_RTCP_FEEDBACK_H

#include "bytes.h"

/**
 * What a side takes and what it asks, in bits (RFC 4585 §6, RFC 5104 §4). The last two limit the
 * rate of the sender: TMMBR as IMS has it, REMB as browsers do (draft-alvestrand-rmcat-remb §2.2).
 */
enum {
  FEEDBACK_NACK = 1,
  FEEDBACK_PLI = 2,
  FEEDBACK_FIR = 4,
  FEEDBACK_TMMBR = 8,
  FEEDBACK_REMB = 16,
};

/** More lost packets than these at once want a whole picture instead. */
#define FEEDBACK_MAX_LOST 256
#define FEEDBACK_MAX_BYTES (12 + 4 * FEEDBACK_MAX_LOST)

/** One message; `entries` lie in the packet it was read from. */
typedef struct feedback_message {
  int kind;
  uint32_t sender;
  uint32_t media;
  const uint8_t *entries;
  size_t entries_bytes;
} feedback_message;

/** The next in a compound or reduced-size packet (RFC 5506); all else is passed over. */
bool feedback_next(const uint8_t *packet, size_t length, size_t *at, feedback_message *out);
/** Whether it is about what this source sends. */
bool feedback_is_of(const feedback_message *message, uint32_t ssrc);

/** Sequence numbers, in the order in which they were asked for. */
typedef struct lost_packets {
  uint16_t of[FEEDBACK_MAX_LOST];
  int count;
} lost_packets;

/** A limit of a rate as TMMBR and TMMBN state it, of the source or of whom set it. */
typedef struct rate_limit {
  uint32_t ssrc;
  uint64_t bits_per_s;
  uint16_t overhead_bytes;
} rate_limit;

/** Of TMMBR or REMB, what it states for this source; overhead is 0 where none is stated. */
rate_limit feedback_read_rate(const feedback_message *message, uint32_t ssrc);
void feedback_read_nack(const feedback_message *message, lost_packets *out);

/* Each returns the length of what it wrote. */
size_t feedback_write_nack(uint8_t *out, uint32_t sender, uint32_t media,
                           const lost_packets *lost);
size_t feedback_write_pli(uint8_t *out, uint32_t sender, uint32_t media);
/** `command` rises by one with each new request (RFC 5104 §4.3.1.1). */
size_t feedback_write_fir(uint8_t *out, uint32_t sender, uint32_t media, uint8_t command);
/** Asks for a limit, of the source in it (RFC 5104 §4.2.1). */
size_t feedback_write_tmmbr(uint8_t *out, uint32_t sender, const rate_limit *limit);
/** Says that it is in force, and whose it is (RFC 5104 §4.2.2). */
size_t feedback_write_tmmbn(uint8_t *out, uint32_t sender, const rate_limit *limit);
size_t feedback_write_remb(uint8_t *out, uint32_t sender, const rate_limit *limit);

#endif
