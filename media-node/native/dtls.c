#include "dtls.h"

#include <openssl/err.h>

#include "dtls-bio.h"
#include "dtls-records.h"

/** Fits every path that IPv6 allows, with room for a tunnel. */
#define PATH_BYTES 1200
/** Shorter than the second of RFC 6347 §4.2.4.1: the path has just been measured by ICE checks. */
#define FIRST_TIMEOUT_US 200000u
#define MAX_TIMEOUT_US 10000000u
/** For the peer to say who he is, after somebody else has: more than any flight takes again. */
#define PATIENCE_US 1000000
#define EXPORTER_LABEL "EXTRACTOR-dtls_srtp"

static unsigned next_timeout(SSL *ssl, unsigned last_us) {
  (void)ssl;
  if (last_us == 0) return FIRST_TIMEOUT_US;
  return last_us > MAX_TIMEOUT_US / 2 ? MAX_TIMEOUT_US : last_us * 2;
}

/** Afresh: of a handshake before nothing is left. */
static bool begin(dtls_session *session) {
  dtls_free(session);
  session->phase = DTLS_FAILED;
  session->next_clear_record = 0;
  session->input_length = 0;
  session->ssl = SSL_new(session->terms.context);
  if (!session->ssl) return false;
  BIO *bio = dtls_bio_new(session);
  if (!bio) return false;
  SSL_set_bio(session->ssl, bio, bio);
  SSL_set_app_data(session->ssl, session);
  SSL_set_mtu(session->ssl, PATH_BYTES);
  DTLS_set_timer_cb(session->ssl, next_timeout);
  session->phase = DTLS_SHAKING;
  if (!session->terms.is_client) {
    SSL_set_accept_state(session->ssl);
    return true;
  }
  SSL_set_connect_state(session->ssl);
  ERR_clear_error();
  (void)SSL_do_handshake(session->ssl);
  return true;
}

bool dtls_start(dtls_session *session, const dtls_terms *terms) {
  session->terms = *terms;
  return begin(session);
}

void dtls_free(dtls_session *session) {
  SSL_free(session->ssl);
  session->ssl = NULL;
}

/**
 * Before a certificate has come it says nothing of the peer, for anybody may have brought it about:
 * it begins anew, and whoever waits for it remembers why.
 */
static void fail(dtls_session *session, const char *fault) {
  const char *reason = ERR_reason_error_string(ERR_peek_error());
  if (!fault) fault = reason ? reason : "the handshake failed";
  if (!session->fault || !session->has_certificate) session->fault = fault;
  if (!session->has_certificate && begin(session)) {
    session->has_begun_anew = true;
  } else {
    session->phase = DTLS_FAILED;
  }
}

const char *dtls_fault(const dtls_session *session) {
  return session->fault ? session->fault : "the handshake was not finished";
}

static void conclude(dtls_session *session) {
  // The exporter of a handshake without it is open to who joins two of them (RFC 7627 §1).
  if (SSL_get_extms_support(session->ssl) != 1) {
    fail(session, "no extended master secret");
  } else if (!SSL_get_selected_srtp_profile(session->ssl)) {
    fail(session, "no SRTP profile in common");
  } else if (!session->is_named) {
    fail(session, "key possession not proven");
  } else {
    session->phase = DTLS_OPEN;
  }
}

static void shake(dtls_session *session) {
  int result = SSL_do_handshake(session->ssl);
  if (result == 1) {
    conclude(session);
  } else if (SSL_get_error(session->ssl, result) != SSL_ERROR_WANT_READ) {
    fail(session, NULL);
  }
}

/** A repeated Finished makes OpenSSL repeat ours; nothing else is of use any more. */
static bool take_late(dtls_session *session) {
  uint8_t unwanted[256];
  session->has_written = false;
  (void)SSL_read(session->ssl, unwanted, sizeof unwanted);
  return session->has_written;
}

bool dtls_take(dtls_session *session, const uint8_t *datagram, size_t length) {
  uint8_t records[DTLS_MAX_DATAGRAM_BYTES];
  if (session->phase != DTLS_SHAKING && session->phase != DTLS_OPEN) return false;
  bool is_over = session->phase == DTLS_OPEN;
  dtls_ear ear = {session->terms.is_client, is_over, &session->terms.named, false};
  size_t wanted = dtls_handshake_records(&ear, datagram, length, records);
  session->has_met_stranger = session->has_met_stranger || ear.has_met_stranger;
  if (wanted == 0) return false;
  dtls_number_clear_records(records, wanted, &session->next_clear_record);
  session->input = records;
  session->input_length = wanted;
  ERR_clear_error();
  session->has_begun_anew = false;
  bool is_used = true;
  if (is_over) {
    is_used = take_late(session);
  } else {
    shake(session);
    is_used = !session->has_begun_anew;
  }
  session->input_length = 0;
  return is_used && wanted == length;
}

/** Anybody may have sent another certificate; whether it was the peer shows in what he sends next. */
static int64_t wait_for_peer(dtls_session *session, moment now) {
  if (!session->has_met_stranger || session->has_certificate) return NEVER;
  if (session->patience_ends_us == 0) session->patience_ends_us = now.steady_us + PATIENCE_US;
  if (now.steady_us < session->patience_ends_us) return session->patience_ends_us;
  session->phase = DTLS_FAILED;
  session->fault = DTLS_NOT_NAMED;
  return NEVER;
}

int64_t dtls_tick(dtls_session *session, moment now) {
  struct timeval left;
  if (session->phase != DTLS_SHAKING) return NEVER;
  int64_t patience_us = wait_for_peer(session, now);
  if (session->phase == DTLS_FAILED) return NEVER;
  ERR_clear_error();
  // It tells the repetitions that were in vain, too.
  if (DTLSv1_handle_timeout(session->ssl) < 0) fail(session, "the peer fell silent");
  if (session->phase == DTLS_FAILED) return NEVER;
  if (!DTLSv1_get_timeout(session->ssl, &left)) return patience_us;
  int64_t due = now.steady_us + (int64_t)left.tv_sec * 1000000 + left.tv_usec + 1000;
  return due < patience_us ? due : patience_us;
}

bool dtls_export(const dtls_session *session, dtls_keys *out) {
  const SRTP_PROTECTION_PROFILE *selected = SSL_get_selected_srtp_profile(session->ssl);
  out->profile = selected ? srtp_profile_of((uint16_t)selected->id) : NULL;
  if (!out->profile) return false;
  size_t key = out->profile->key_bytes;
  size_t salt = out->profile->salt_bytes;
  uint8_t material[2 * (SRTP_MAX_KEY_BYTES + SRTP_MAX_SALT_BYTES)];
  if (SSL_export_keying_material(session->ssl, material, 2 * (key + salt), EXPORTER_LABEL,
                                 strlen(EXPORTER_LABEL), NULL, 0, 0) != 1) {
    return false;
  }
  // Both keys, then both salts, the client's first (RFC 5764 §4.2).
  memcpy(out->of_client, material, key);
  memcpy(out->of_server, material + key, key);
  memcpy(out->of_client + key, material + 2 * key, salt);
  memcpy(out->of_server + key, material + 2 * key + salt, salt);
  OPENSSL_cleanse(material, sizeof material);
  return true;
}
