#include "sent-packets.h"

#include <stdlib.h>

void sent_keep(sent_packets *sent, uint16_t sequence, const uint8_t *packet, size_t length) {
  if (!sent->bytes) sent->bytes = malloc(SENT_BYTES);
  if (!sent->bytes || length > UINT16_MAX) return;
  size_t at = sent->written % SENT_BYTES;
  // In one piece: what is left at the end of the ring is passed over.
  if (at + length > SENT_BYTES) {
    sent->written += SENT_BYTES - at;
    at = 0;
  }
  memcpy(sent->bytes + at, packet, length);
  sent->of[sequence % SENT_PACKETS] =
      (sent_packet){true, sequence, (uint16_t)length, sent->written};
  sent->written += length;
}

const uint8_t *sent_find(const sent_packets *sent, uint16_t sequence, size_t *length) {
  const sent_packet *found = &sent->of[sequence % SENT_PACKETS];
  if (!found->is_kept || found->sequence != sequence) return NULL;
  if (sent->written - found->position > SENT_BYTES) return NULL;
  *length = found->length;
  return sent->bytes + found->position % SENT_BYTES;
}

void sent_free(sent_packets *sent) {
  free(sent->bytes);
  sent->bytes = NULL;
}
