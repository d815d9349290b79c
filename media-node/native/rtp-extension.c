#include "rtp-extension.h"

#define ONE_BYTE_PROFILE 0xbede
#define STOP 15

/** Elements of one byte of number and length each; zero is padding. NULL where it is not there. */
static const uint8_t *find(const uint8_t *at, const uint8_t *end, uint8_t wanted) {
  while (at < end) {
    uint8_t id = *at >> 4;
    size_t length = *at == 0 ? 0 : (size_t)(*at & 0x0f) + 1;
    if (id == STOP || 1 + length > (size_t)(end - at)) return NULL;
    if (*at != 0 && id == wanted) return at;
    at += 1 + length;
  }
  return NULL;
}

size_t rtp_extension_carry(const uint8_t *packet, const rtp_header *header, uint8_t from,
                           uint8_t to, uint8_t out[RTP_EXTENSION_MAX_BYTES]) {
  size_t start = RTP_HEADER_BYTES + 4 * (size_t)(packet[0] & 0x0f);
  if (from == 0 || to == 0 || (packet[0] & 0x10) == 0) return 0;
  if (get16(packet + start) != ONE_BYTE_PROFILE) return 0;
  const uint8_t *element = find(packet + start + 4, packet + header->header_bytes, from);
  if (!element) return 0;
  size_t length = (size_t)(*element & 0x0f) + 1;
  size_t words = (1 + length + 3) / 4;
  memset(out, 0, 4 + 4 * words);
  put16(out, ONE_BYTE_PROFILE);
  put16(out + 2, (uint16_t)words);
  out[4] = (uint8_t)(to << 4 | (length - 1));
  memcpy(out + 5, element + 1, length);
  return 4 + 4 * words;
}

void rtp_extension_add(rtp_rewritten *packet, const uint8_t *extension, size_t length) {
  packet->packet -= length;
  packet->length += length;
  memmove(packet->packet, packet->packet + length, RTP_HEADER_BYTES);
  memcpy(packet->packet + RTP_HEADER_BYTES, extension, length);
  packet->packet[0] |= 0x10;
}
