#ifndef ISTHMUS_DTLS_FINGERPRINTS_H
#define ISTHMUS_DTLS_FINGERPRINTS_H

#include <openssl/evp.h>

#include "bytes.h"

#define DTLS_MAX_FINGERPRINTS 8
#define DTLS_MAX_FINGERPRINT_BYTES 64
/** Hexadecimal with colons, and a space between two. */
#define DTLS_FINGERPRINTS_TEXT_BYTES (DTLS_MAX_FINGERPRINTS * 3 * DTLS_MAX_FINGERPRINT_BYTES)

/** The names of certificates by one hash, as they came by signalling (RFC 8122 §5.1). */
typedef struct dtls_fingerprints {
  const EVP_MD *hash;
  uint8_t of[DTLS_MAX_FINGERPRINTS][DTLS_MAX_FINGERPRINT_BYTES];
  int count;
} dtls_fingerprints;

/** `sha-256` and the names. False for a hash that is unknown or too weak, and for what is no name. */
bool dtls_fingerprints_read(dtls_fingerprints *out, const char *algorithm, const char *names);
/** Whether that certificate, in DER, has one of the names. */
bool dtls_fingerprints_fit(const dtls_fingerprints *named, const uint8_t *der, size_t length);

#endif
