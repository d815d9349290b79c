#ifndef ISTHMUS_IMS_DTLS_H
#define ISTHMUS_IMS_DTLS_H

#include "address.h"
#include "dtls.h"
#include "media-kind.h"
#include "srtp-session.h"

struct ims_leg;

/** What was signalled of the peer's DTLS. */
typedef struct ims_named {
  /** Another number is another association; 0 for no DTLS. */
  uint32_t association;
  /** Of our side. */
  bool is_client;
  dtls_fingerprints fingerprints;
} ims_named;

/**
 * DTLS-SRTP of a leg: for each port that is used an association of its own, with keys of its own
 * (RFC 5764 §4.2).
 */
typedef struct ims_dtls ims_dtls;

/** NULL where memory is out. Nothing is said before `ims_dtls_settle`. */
ims_dtls *ims_dtls_new(struct ims_leg *leg, const ims_named *named);
void ims_dtls_free(ims_dtls *it);
/** The leg knows its ports and peers: where we are the client, the handshake begins. */
void ims_dtls_settle(ims_dtls *it);
/** One datagram from whom the port may hear. False where something of it was thrown away. */
bool ims_dtls_take(ims_dtls *it, media_kind port, const uint8_t *datagram, size_t length,
                   const address *from);
/** Returns when it is due again. `is_wanted`: media should pass by now. */
int64_t ims_dtls_tick(ims_dtls *it, bool is_wanted, moment now);
/** Why nothing will ever pass, or NULL. */
const char *ims_dtls_fault(const ims_dtls *it);

/* NULL until the peer has proven who it is. */
srtp_session *ims_dtls_in(ims_dtls *it, media_kind port);
srtp_session *ims_dtls_out(ims_dtls *it, media_kind port);

#endif
