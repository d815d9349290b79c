#ifndef ISTHMUS_HMAC_H
#define ISTHMUS_HMAC_H

#include <openssl/sha.h>

#include "bytes.h"

#define HMAC_SHA1_BYTES 20

/** HMAC-SHA1 with both pads hashed beforehand: a packet costs two compressions less. */
typedef struct hmac_key {
  SHA_CTX inner;
  SHA_CTX outer;
} hmac_key;

typedef struct hmac {
  SHA_CTX context;
  const hmac_key *key;
} hmac;

void hmac_key_set(hmac_key *key, const uint8_t *secret, size_t length);
void hmac_begin(hmac *mac, const hmac_key *key);
void hmac_add(hmac *mac, const uint8_t *bytes, size_t length);
void hmac_end(hmac *mac, uint8_t out[HMAC_SHA1_BYTES]);

#endif
