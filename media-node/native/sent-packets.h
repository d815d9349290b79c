#ifndef ISTHMUS_SENT_PACKETS_H
#define ISTHMUS_SENT_PACKETS_H

#include "bytes.h"

/** More than a second of video at its usual rates; what is older is of no use any more. */
#define SENT_PACKETS 512
#define SENT_BYTES (384 * 1024)

typedef struct sent_packet {
  bool is_kept;
  uint16_t sequence;
  uint16_t length;
  /** Counted from the first byte ever kept: gone once the ring has come round to it. */
  uint64_t position;
} sent_packet;

/**
 * What was sent last, as it stood on the wire, for who has not got it (RFC 4585 §6.2.1). Sealed
 * packets: sent again they use no key stream twice.
 */
typedef struct sent_packets {
  uint8_t *bytes;
  uint64_t written;
  sent_packet of[SENT_PACKETS];
} sent_packets;

/** Memory is taken with the first packet; without it nothing is kept. */
void sent_keep(sent_packets *sent, uint16_t sequence, const uint8_t *packet, size_t length);
/** NULL where it was not sent or is forgotten; valid until the next is kept. */
const uint8_t *sent_find(const sent_packets *sent, uint16_t sequence, size_t *length);
void sent_free(sent_packets *sent);

#endif
