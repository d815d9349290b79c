#include "ims-dtls.h"

#include <stdlib.h>

#include "ims-leg.h"

/** From when media should pass: who has not shaken hands by then does not want to. */
#define LIMIT_US 10000000

typedef struct association {
  ims_leg *leg;
  media_kind port;
  dtls_session dtls;
  srtp_session in;
  srtp_session out;
  bool has_keys;
  /** Where flights go: as signalled, or from where the last one came while that is still learnt. */
  address peer;
} association;

struct ims_dtls {
  ims_named named;
  association of[2];
  int64_t limit_us;
  const char *fault;
};

static void send_flight(void *owner, const uint8_t *bytes, size_t length) {
  association *it = owner;
  run_add(it->leg->run, it->leg->fds[it->port], &it->peer, bytes, length);
}

ims_dtls *ims_dtls_new(ims_leg *leg, const ims_named *named) {
  ims_dtls *it = calloc(1, sizeof *it);
  if (!it) return NULL;
  it->named = *named;
  for (int port = 0; port < 2; port++) {
    association *one = &it->of[port];
    one->leg = leg;
    one->port = (media_kind)port;
    one->dtls.send = send_flight;
    one->dtls.owner = one;
  }
  return it;
}

static void forget_keys(association *it) {
  if (!it->has_keys) return;
  it->has_keys = false;
  srtp_transform_free(&it->in.transform);
  srtp_transform_free(&it->out.transform);
}

void ims_dtls_free(ims_dtls *it) {
  if (!it) return;
  for (int port = 0; port < 2; port++) {
    dtls_free(&it->of[port].dtls);
    forget_keys(&it->of[port]);
  }
  OPENSSL_cleanse(it, sizeof *it);
  free(it);
}

static bool take_keys(association *it, bool is_client) {
  dtls_keys keys;
  bool is_made = false;
  if (dtls_export(&it->dtls, &keys)) {
    const uint8_t *ours = is_client ? keys.of_client : keys.of_server;
    const uint8_t *theirs = is_client ? keys.of_server : keys.of_client;
    is_made = srtp_transform_init(&it->in.transform, keys.profile, theirs, false);
    if (is_made && !srtp_transform_init(&it->out.transform, keys.profile, ours, true)) {
      srtp_transform_free(&it->in.transform);
      is_made = false;
    }
  }
  OPENSSL_cleanse(&keys, sizeof keys);
  return is_made;
}

/** The handshake is over one way or the other. */
static void conclude(ims_dtls *it, association *one) {
  if (one->has_keys || it->fault) return;
  if (one->dtls.phase == DTLS_FAILED) it->fault = dtls_fault(&one->dtls);
  if (one->dtls.phase != DTLS_OPEN) return;
  one->has_keys = take_keys(one, it->named.is_client);
  if (!one->has_keys) {
    it->fault = "no SRTP keys";
    return;
  }
  // Whoever has the key is the peer, wherever in the signalled network it is.
  source_lock *lock = &one->leg->locks[one->port];
  lock->is_held = true;
  lock->peer = one->peer;
}

void ims_dtls_settle(ims_dtls *it) {
  for (int port = 0; port < 2; port++) {
    association *one = &it->of[port];
    const source_lock *lock = &one->leg->locks[port];
    if (!lock->is_set) continue;
    one->peer = lock->peer;
    if (one->dtls.phase != DTLS_NEW || it->fault) continue;
    const dtls_terms terms = {one->leg->context, it->named.fingerprints, it->named.is_client};
    if (!dtls_start(&one->dtls, &terms)) it->fault = "no memory for DTLS";
  }
}

bool ims_dtls_take(ims_dtls *it, media_kind port, const uint8_t *datagram, size_t length,
                   const address *from) {
  association *one = &it->of[port];
  if (it->fault) return false;
  if (!one->leg->locks[port].is_held) one->peer = *from;
  bool is_used = dtls_take(&one->dtls, datagram, length);
  conclude(it, one);
  return is_used;
}

int64_t ims_dtls_tick(ims_dtls *it, bool is_wanted, moment now) {
  int64_t due = NEVER;
  for (int port = 0; port < 2; port++) {
    int64_t flight_due = dtls_tick(&it->of[port].dtls, now);
    if (flight_due < due) due = flight_due;
    conclude(it, &it->of[port]);
  }
  if (it->fault) return NEVER;
  if (!is_wanted || it->of[MEDIA_RTP].has_keys) {
    it->limit_us = 0;
    return due;
  }
  if (it->limit_us == 0) it->limit_us = now.steady_us + LIMIT_US;
  if (now.steady_us >= it->limit_us) it->fault = dtls_fault(&it->of[MEDIA_RTP].dtls);
  return due < it->limit_us ? due : it->limit_us;
}

const char *ims_dtls_fault(const ims_dtls *it) { return it->fault; }

static association *proven(ims_dtls *it, media_kind port) {
  association *one = &it->of[port];
  return one->has_keys && !it->fault ? one : NULL;
}

srtp_session *ims_dtls_in(ims_dtls *it, media_kind port) {
  association *one = proven(it, port);
  return one ? &one->in : NULL;
}

srtp_session *ims_dtls_out(ims_dtls *it, media_kind port) {
  association *one = proven(it, port);
  return one ? &one->out : NULL;
}
