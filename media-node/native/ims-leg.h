#ifndef ISTHMUS_IMS_LEG_H
#define ISTHMUS_IMS_LEG_H

#include "budget.h"
#include "ims-dtls.h"
#include "segments.h"

#define IMS_MASTER_BYTES (SRTP_MAX_KEY_BYTES + SRTP_MAX_SALT_BYTES)

/**
 * Whom one port hears: the signalled source alone. Where it learns, the first sound packet from the
 * signalled network decides, once, and nobody after it.
 */
typedef struct source_lock {
  bool is_set;
  bool is_held;
  address peer;
} source_lock;

/** One half of SRTP, and the keys it was made of. */
typedef struct ims_half {
  bool is_on;
  uint8_t master[IMS_MASTER_BYTES];
  srtp_session session;
} ims_half;

/** The peer of the IMS leg as it was signalled. */
typedef struct ims_remote {
  address rtp;
  /** Port 0: RTCP is switched off, both ways (RFC 3556 §2). */
  address rtcp;
  bool learns_source;
  /** Where the keys come by a handshake. */
  ims_named named;
  /** NULL where none came by signalling. */
  const srtp_profile *profile;
  uint8_t local_master[IMS_MASTER_BYTES];
  uint8_t remote_master[IMS_MASTER_BYTES];
} ims_remote;

/** The ports toward IMS of one call: whom they hear, how much of it, and under which keys. */
typedef struct ims_leg {
  send_run *run;
  SSL_CTX *context;
  int fds[2];
  /** When the last packet came on each port. */
  int64_t taken_us[2];
  /** As pictures come: several at once, and then nothing for long. */
  bool sends_bursts[2];
  bool is_connected;
  bool is_muxed;
  ims_remote remote;
  source_lock locks[2];
  packet_budget budgets[2];
  ims_half in;
  ims_half out;
  /** NULL without DTLS; with it only what it has keyed passes, either way. */
  ims_dtls *dtls;
} ims_leg;

/** What a leg is given by its engine. */
typedef struct ims_means {
  int fds[2];
  send_run *run;
  SSL_CTX *context;
  int64_t packets_per_s;
} ims_means;

void ims_init(ims_leg *leg, const ims_means *means, moment now);
void ims_free(ims_leg *leg);
/** Whether that is where it sends to already. */
bool ims_knows(const ims_leg *leg, const ims_remote *remote);
/** The same address again changes nothing; SRTP goes on under keys that have not changed. */
bool ims_connect(ims_leg *leg, const ims_remote *remote);

/**
 * What came on one of the two ports, opened in place. MEDIA_NONE for what is from a stranger, not
 * authentic, or one too many; MEDIA_HANDSHAKE for what a handshake took.
 */
media_kind ims_open(ims_leg *leg, media_kind port, uint8_t *packet, size_t *length,
                    const address *from, moment now);
/**
 * Seals in place and sends; needs SRTP_MAX_OVERHEAD_BYTES behind. How long it is as it left; 0 where
 * there is no peer.
 */
size_t ims_send(ims_leg *leg, media_kind kind, uint8_t *packet, size_t length);
/** RTP once more, as it left before. */
void ims_resend(ims_leg *leg, const uint8_t *sealed, size_t length);
/** Handshakes; returns when they are due again. `is_wanted`: media should pass by now. */
int64_t ims_tick(ims_leg *leg, bool is_wanted, moment now);
/** Why nothing will ever pass, or NULL. */
const char *ims_fault(const ims_leg *leg);

#endif
