#include "ice-names.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdint.h>

static void random_text(char *out, int bytes) {
  uint8_t random[24];
  RAND_bytes(random, bytes);
  EVP_EncodeBlock((unsigned char *)out, random, bytes);
}

void ice_names_make(ice_names *out) {
  random_text(out->fragment, ICE_FRAGMENT_BYTES / 4 * 3);
  random_text(out->password, ICE_PASSWORD_BYTES / 4 * 3);
}
