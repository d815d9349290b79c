#ifndef ISTHMUS_RTP_H
#define ISTHMUS_RTP_H

#include "bytes.h"
#include "moment.h"

#define RTP_HEADER_BYTES 12
#define NO_PAYLOAD_TYPE 0xff

typedef struct rtp_header {
  bool marker;
  uint8_t payload_type;
  uint16_t sequence;
  uint32_t timestamp;
  uint32_t ssrc;
  /** Where the payload begins: fixed header, CSRCs and extension (RFC 3550 §5.1, §5.3.1). */
  size_t header_bytes;
} rtp_header;

/** False for what is no RTP version 2 packet or is shorter than it claims. */
bool rtp_read(const uint8_t *packet, size_t length, rtp_header *out);

/**
 * Sends one stream on under one SSRC whatever the source does: a changed source goes on with the
 * next number and at the time it is by then, so that sender reports stay on one line. Gaps stay gaps
 * so that loss shows. What was kept back on purpose is no loss.
 */
typedef struct rtp_rewriter {
  uint32_t ssrc;
  bool has_source;
  bool is_interrupted;
  uint32_t source_ssrc;
  uint16_t sequence_offset;
  uint32_t timestamp_offset;
  uint16_t highest_sequence;
  uint32_t highest_timestamp;
  /** When it was sent; 0 before anything was. */
  int64_t highest_us;
  uint32_t clock_rate_hz;
  /** How far behind a packet may be that is still of the same source. */
  uint16_t max_misorder;
} rtp_rewriter;

void rtp_rewriter_init(rtp_rewriter *rewriter, const uint8_t random[10]);

/** What has passed until now counts by the clock of before (RFC 7160 §4.1). */
void rtp_set_clock(rtp_rewriter *rewriter, uint32_t clock_rate_hz, moment now);

/** Who sends from now on is somebody else, even if he calls himself as the one before. */
void rtp_change_source(rtp_rewriter *rewriter);

/** Packets of the source are kept back from now on, until the next `rtp_rewrite`. */
void rtp_interrupt(rtp_rewriter *rewriter);

/** Packet as it goes on: the payload where it was, the fixed header just before it. */
typedef struct rtp_rewritten {
  uint8_t *packet;
  size_t length;
  uint32_t timestamp;
} rtp_rewritten;

/** False for a payload type that was not negotiated, and where the padding lies. */
bool rtp_rewrite(rtp_rewriter *rewriter, const uint8_t payload_types[128],
                 const rtp_header *header, uint8_t *packet, size_t length, moment now,
                 rtp_rewritten *out);

#endif
