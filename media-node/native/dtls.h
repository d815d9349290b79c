#ifndef ISTHMUS_DTLS_H
#define ISTHMUS_DTLS_H

#include <openssl/ssl.h>

#include "dtls-fingerprints.h"
#include "moment.h"
#include "srtp.h"

/** Of both sides; NULL where the certificate or the key cannot be used. */
SSL_CTX *dtls_context_new(const char *certificate_pem, const char *key_pem);

typedef void (*dtls_send)(void *owner, const uint8_t *bytes, size_t length);

/** Both directions of SRTP: key and salt of each, one behind the other. */
typedef struct dtls_keys {
  const srtp_profile *profile;
  uint8_t of_client[SRTP_MAX_KEY_BYTES + SRTP_MAX_SALT_BYTES];
  uint8_t of_server[SRTP_MAX_KEY_BYTES + SRTP_MAX_SALT_BYTES];
} dtls_keys;

typedef enum dtls_phase { DTLS_NEW, DTLS_SHAKING, DTLS_OPEN, DTLS_FAILED } dtls_phase;

/** With whom a handshake is made. */
typedef struct dtls_terms {
  SSL_CTX *context;
  /** What the peer's certificate must be. */
  dtls_fingerprints named;
  /** We speak first. */
  bool is_client;
} dtls_terms;

/** One side of one handshake (RFC 5764), by OpenSSL. */
typedef struct dtls_session {
  SSL *ssl;
  dtls_phase phase;
  dtls_terms terms;
  bool is_named;
  /** A certificate has come, whoever's it is. */
  bool has_certificate;
  bool has_begun_anew;
  /** Another certificate than the named one came, from when on the right one is waited for. */
  bool has_met_stranger;
  int64_t patience_ends_us;
  const char *fault;
  const uint8_t *input;
  size_t input_length;
  bool has_written;
  uint32_t next_clear_record;
  dtls_send send;
  void *owner;
} dtls_session;

bool dtls_start(dtls_session *session, const dtls_terms *terms);
void dtls_free(dtls_session *session);
/** Why it failed, or has not come to an end so far. */
const char *dtls_fault(const dtls_session *session);
/** One datagram. False where something of it was thrown away. */
bool dtls_take(dtls_session *session, const uint8_t *datagram, size_t length);
/** Repeats a flight that is due; returns when the next one may be. */
int64_t dtls_tick(dtls_session *session, moment now);
/** Why, where the peer has shown another certificate than the named one. */
extern const char DTLS_NOT_NAMED[];
/** Once open. */
bool dtls_export(const dtls_session *session, dtls_keys *out);

#endif
