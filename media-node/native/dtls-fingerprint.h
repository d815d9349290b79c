#ifndef ISTHMUS_DTLS_FINGERPRINT_H
#define ISTHMUS_DTLS_FINGERPRINT_H

#include <openssl/evp.h>

#include "bytes.h"

#define DTLS_MAX_FINGERPRINT_BYTES 64

/** The name of a certificate, as it came by signalling (RFC 8122 §5). */
typedef struct dtls_fingerprint {
  const EVP_MD *hash;
  uint8_t bytes[DTLS_MAX_FINGERPRINT_BYTES];
  size_t length;
} dtls_fingerprint;

/** `sha-256` and hexadecimal with colons. False for a hash that is unknown or too weak. */
bool dtls_fingerprint_read(dtls_fingerprint *out, const char *algorithm, const char *value);
/** Whether it is the name of that certificate, in DER. */
bool dtls_fingerprint_fits(const dtls_fingerprint *named, const uint8_t *der, size_t length);

#endif
