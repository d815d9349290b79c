#ifndef ISTHMUS_DTLS_H
#define ISTHMUS_DTLS_H

#include <openssl/ssl.h>

#include "moment.h"
#include "srtp.h"

#define DTLS_MAX_FINGERPRINT_BYTES 64

typedef struct dtls_fingerprint {
  const EVP_MD *hash;
  uint8_t bytes[DTLS_MAX_FINGERPRINT_BYTES];
  size_t length;
} dtls_fingerprint;

/** `sha-256` and hexadecimal with colons. False for a hash that is unknown or too weak. */
bool dtls_fingerprint_read(dtls_fingerprint *out, const char *algorithm, const char *value);

/** NULL where the certificate or the key cannot be used. */
SSL_CTX *dtls_context_new(const char *certificate_pem, const char *key_pem);

typedef void (*dtls_send)(void *owner, const uint8_t *bytes, size_t length);

/** Both directions of SRTP: key and salt of each, one behind the other. */
typedef struct dtls_keys {
  const srtp_profile *profile;
  uint8_t of_client[SRTP_MAX_KEY_BYTES + SRTP_MAX_SALT_BYTES];
  uint8_t of_server[SRTP_MAX_KEY_BYTES + SRTP_MAX_SALT_BYTES];
} dtls_keys;

typedef enum dtls_phase { DTLS_NEW, DTLS_SHAKING, DTLS_OPEN, DTLS_FAILED } dtls_phase;

/** The server's side of one handshake (RFC 5764), by OpenSSL. */
typedef struct dtls_server {
  SSL *ssl;
  dtls_phase phase;
  dtls_fingerprint named;
  bool is_named;
  const char *fault;
  const uint8_t *input;
  size_t input_length;
  bool has_written;
  uint32_t next_clear_record;
  dtls_send send;
  void *owner;
} dtls_server;

bool dtls_start(dtls_server *server, SSL_CTX *context, const dtls_fingerprint *named);
void dtls_free(dtls_server *server);
/** One datagram. False where something of it was thrown away. */
bool dtls_take(dtls_server *server, const uint8_t *datagram, size_t length);
/** Repeats a flight that is due; returns when the next one may be. */
int64_t dtls_tick(dtls_server *server, moment now);
/** Once open. */
bool dtls_export(const dtls_server *server, dtls_keys *out);

#endif
