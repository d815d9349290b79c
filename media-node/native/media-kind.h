#ifndef ISTHMUS_MEDIA_KIND_H
#define ISTHMUS_MEDIA_KIND_H

#include "bytes.h"

/** The last two are of no packet of media: nothing that is used, and part of a handshake. */
typedef enum media_kind { MEDIA_RTP, MEDIA_RTCP, MEDIA_NONE, MEDIA_HANDSHAKE } media_kind;

/** RTP or RTCP by its first bytes (RFC 7983 §7, RFC 5761 §4). */
static inline media_kind media_kind_of(const uint8_t *packet, size_t length) {
  if (length < 2 || packet[0] < 128 || packet[0] > 191) return MEDIA_NONE;
  return packet[1] >= 192 && packet[1] <= 223 ? MEDIA_RTCP : MEDIA_RTP;
}

static inline bool is_dtls(const uint8_t *packet, size_t length) {
  return length > 0 && packet[0] >= 20 && packet[0] <= 63;
}

#endif
