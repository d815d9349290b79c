#include "dtls.h"

#include <openssl/err.h>

#include "dtls-bio.h"
#include "dtls-records.h"

/** Fits every path that IPv6 allows, with room for a tunnel. */
#define PATH_BYTES 1200
/** Shorter than the second of RFC 6347 §4.2.4.1: the path has just been measured by ICE checks. */
#define FIRST_TIMEOUT_US 200000u
#define MAX_TIMEOUT_US 10000000u
#define EXPORTER_LABEL "EXTRACTOR-dtls_srtp"

static unsigned next_timeout(SSL *ssl, unsigned last_us) {
  (void)ssl;
  if (last_us == 0) return FIRST_TIMEOUT_US;
  return last_us > MAX_TIMEOUT_US / 2 ? MAX_TIMEOUT_US : last_us * 2;
}

bool dtls_start(dtls_server *server, SSL_CTX *context, const dtls_fingerprint *named) {
  server->named = *named;
  server->phase = DTLS_FAILED;
  server->ssl = SSL_new(context);
  if (!server->ssl) return false;
  BIO *bio = dtls_bio_new(server);
  if (!bio) return false;
  SSL_set_bio(server->ssl, bio, bio);
  SSL_set_app_data(server->ssl, server);
  SSL_set_mtu(server->ssl, PATH_BYTES);
  DTLS_set_timer_cb(server->ssl, next_timeout);
  SSL_set_accept_state(server->ssl);
  server->phase = DTLS_SHAKING;
  return true;
}

void dtls_free(dtls_server *server) {
  SSL_free(server->ssl);
  server->ssl = NULL;
}

static void fail(dtls_server *server, const char *fault) {
  server->phase = DTLS_FAILED;
  if (server->fault) return;
  const char *reason = ERR_reason_error_string(ERR_peek_error());
  server->fault = fault ? fault : reason ? reason : "the handshake failed";
}

static void conclude(dtls_server *server) {
  // The exporter of a handshake without it is open to who joins two of them (RFC 7627 §1).
  if (SSL_get_extms_support(server->ssl) != 1) {
    fail(server, "no extended master secret");
  } else if (!SSL_get_selected_srtp_profile(server->ssl)) {
    fail(server, "no SRTP profile in common");
  } else if (!server->is_named) {
    fail(server, "key possession not proven");
  } else {
    server->phase = DTLS_OPEN;
  }
}

static void shake(dtls_server *server) {
  int result = SSL_do_handshake(server->ssl);
  if (result == 1) {
    conclude(server);
  } else if (SSL_get_error(server->ssl, result) != SSL_ERROR_WANT_READ) {
    fail(server, NULL);
  }
}

/** A repeated Finished makes OpenSSL repeat ours; nothing else is of use any more. */
static bool take_late(dtls_server *server) {
  uint8_t unwanted[256];
  server->has_written = false;
  (void)SSL_read(server->ssl, unwanted, sizeof unwanted);
  return server->has_written;
}

bool dtls_take(dtls_server *server, const uint8_t *datagram, size_t length) {
  uint8_t records[DTLS_MAX_DATAGRAM_BYTES];
  if (server->phase != DTLS_SHAKING && server->phase != DTLS_OPEN) return false;
  bool is_over = server->phase == DTLS_OPEN;
  size_t wanted = dtls_handshake_records(datagram, length, is_over, records);
  if (wanted == 0) return false;
  dtls_number_clear_records(records, wanted, &server->next_clear_record);
  server->input = records;
  server->input_length = wanted;
  ERR_clear_error();
  bool is_used = true;
  if (is_over) {
    is_used = take_late(server);
  } else {
    shake(server);
  }
  server->input_length = 0;
  return is_used && wanted == length;
}

int64_t dtls_tick(dtls_server *server, moment now) {
  struct timeval left;
  if (server->phase != DTLS_SHAKING) return NEVER;
  ERR_clear_error();
  // It tells the repetitions that were in vain, too.
  if (DTLSv1_handle_timeout(server->ssl) < 0) fail(server, "the browser fell silent");
  if (server->phase == DTLS_FAILED || !DTLSv1_get_timeout(server->ssl, &left)) return NEVER;
  return now.steady_us + (int64_t)left.tv_sec * 1000000 + left.tv_usec + 1000;
}

bool dtls_export(const dtls_server *server, dtls_keys *out) {
  const SRTP_PROTECTION_PROFILE *selected = SSL_get_selected_srtp_profile(server->ssl);
  out->profile = selected ? srtp_profile_of((uint16_t)selected->id) : NULL;
  if (!out->profile) return false;
  size_t key = out->profile->key_bytes;
  size_t salt = out->profile->salt_bytes;
  uint8_t material[2 * (SRTP_MAX_KEY_BYTES + SRTP_MAX_SALT_BYTES)];
  if (SSL_export_keying_material(server->ssl, material, 2 * (key + salt), EXPORTER_LABEL,
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
