#include "hmac.h"

#define BLOCK_BYTES 64

static void start(SHA_CTX *context, const uint8_t block[BLOCK_BYTES], uint8_t pad) {
  uint8_t padded[BLOCK_BYTES];
  for (int i = 0; i < BLOCK_BYTES; i++) padded[i] = block[i] ^ pad;
  SHA1_Init(context);
  SHA1_Update(context, padded, sizeof padded);
}

void hmac_key_set(hmac_key *key, const uint8_t *secret, size_t length) {
  uint8_t block[BLOCK_BYTES] = {0};
  if (length > BLOCK_BYTES) {
    SHA1(secret, length, block);
  } else if (length > 0) {
    memcpy(block, secret, length);
  }
  start(&key->inner, block, 0x36);
  start(&key->outer, block, 0x5c);
}

void hmac_begin(hmac *mac, const hmac_key *key) {
  mac->context = key->inner;
  mac->key = key;
}

void hmac_add(hmac *mac, const uint8_t *bytes, size_t length) {
  SHA1_Update(&mac->context, bytes, length);
}

void hmac_end(hmac *mac, uint8_t out[HMAC_SHA1_BYTES]) {
  SHA1_Final(out, &mac->context);
  SHA_CTX outer = mac->key->outer;
  SHA1_Update(&outer, out, HMAC_SHA1_BYTES);
  SHA1_Final(out, &outer);
}
