#ifndef ISTHMUS_SRTP_SESSION_H
#define ISTHMUS_SRTP_SESSION_H

#include "srtp.h"

/** A browser sends one stream per track; more than these is somebody filling our memory. */
#define SRTP_MAX_STREAMS 16
/** At least 64 (RFC 3711 §3.3.2); 128 forgives the reordering of a mobile network. */
#define SRTP_WINDOW_PACKETS 128

/** Index and replay state belong to one source (RFC 3711 §3.2.3). */
typedef struct srtp_stream {
  uint32_t ssrc;
  bool is_used;
  int64_t highest;
  /** Bit n: whether `highest - n` was accepted. */
  unsigned __int128 seen;
} srtp_stream;

typedef struct srtp_streams {
  srtp_stream of[SRTP_MAX_STREAMS];
  unsigned oldest;
} srtp_streams;

/** One direction of a call. */
typedef struct srtp_session {
  srtp_transform transform;
  srtp_streams rtp;
  srtp_streams rtcp;
  uint32_t rtcp_index;
} srtp_session;

/* In place. False, and the packet is not to be used: too short, a replay, not authentic. */
bool srtp_unprotect_rtp(srtp_session *session, uint8_t *packet, size_t *length,
                        rtp_header *header);
bool srtp_unprotect_rtcp(srtp_session *session, uint8_t *packet, size_t *length);
/** False for an index that was used before: a second packet under it would give both away. */
bool srtp_protect_rtp(srtp_session *session, uint8_t *packet, size_t *length);
bool srtp_protect_rtcp(srtp_session *session, uint8_t *packet, size_t *length);

#endif
