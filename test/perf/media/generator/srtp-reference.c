#include "srtp-reference.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define HEADER 12
#define CM_TAG 10
#define GCM_TAG 16
#define MAX_PACKET 2048

static void put32(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/** RFC 3711 §4.3.1: AES in counter mode over zeroes, the label in the eighth octet of the salt. */
static void derive(const uint8_t *master, size_t salt_bytes, int label, uint8_t *out, int length) {
  uint8_t counter[16] = {0}, zeroes[32] = {0};
  int written;
  memcpy(counter, master + 16, salt_bytes);
  counter[7] ^= (uint8_t)label;
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(cipher, EVP_aes_128_ctr(), NULL, master, counter);
  EVP_EncryptUpdate(cipher, out, &written, zeroes, length);
  EVP_CIPHER_CTX_free(cipher);
}

void srtp_reference_init(srtp_reference *keys, srtp_suite suite, const uint8_t *master) {
  size_t salt_bytes = suite == SRTP_GCM ? 12 : 14;
  keys->suite = suite;
  if (suite == SRTP_NONE) return;
  derive(master, salt_bytes, 0, keys->cipher_key, sizeof keys->cipher_key);
  derive(master, salt_bytes, 1, keys->mac_key, sizeof keys->mac_key);
  derive(master, salt_bytes, 2, keys->salt, sizeof keys->salt);
}

/** RFC 3711 §4.1.1: salt, SSRC and index, each at its place; the last two octets count blocks. */
static void cm_counter(const srtp_reference *keys, const uint8_t *packet, uint32_t roc,
                       uint8_t counter[16]) {
  memset(counter, 0, 16);
  memcpy(counter + 4, packet + 8, 4);
  put32(counter + 8, roc);
  memcpy(counter + 12, packet + 2, 2);
  for (int i = 0; i < 14; i++) counter[i] ^= keys->salt[i];
}

static void cm_crypt(const srtp_reference *keys, uint8_t *packet, size_t length, uint32_t roc) {
  uint8_t counter[16];
  int written;
  cm_counter(keys, packet, roc, counter);
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(cipher, EVP_aes_128_ctr(), NULL, keys->cipher_key, counter);
  EVP_EncryptUpdate(cipher, packet + HEADER, &written, packet + HEADER, (int)(length - HEADER));
  EVP_CIPHER_CTX_free(cipher);
}

static void cm_tag(const srtp_reference *keys, const uint8_t *packet, size_t length, uint32_t roc,
                   uint8_t tag[20]) {
  uint8_t covered[MAX_PACKET + 4];
  unsigned tag_bytes;
  memcpy(covered, packet, length);
  put32(covered + length, roc);
  HMAC(EVP_sha1(), keys->mac_key, sizeof keys->mac_key, covered, length + 4, tag, &tag_bytes);
}

/** RFC 7714 §8.1. */
static void gcm_nonce(const srtp_reference *keys, const uint8_t *packet, uint32_t roc,
                      uint8_t nonce[12]) {
  memset(nonce, 0, 12);
  memcpy(nonce + 2, packet + 8, 4);
  put32(nonce + 6, roc);
  memcpy(nonce + 10, packet + 2, 2);
  for (int i = 0; i < 12; i++) nonce[i] ^= keys->salt[i];
}

static bool gcm(const srtp_reference *keys, uint8_t *packet, size_t length, uint32_t roc,
                uint8_t *tag, bool seals) {
  uint8_t nonce[12];
  int written;
  gcm_nonce(keys, packet, roc, nonce);
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
  EVP_CipherInit_ex(cipher, EVP_aes_128_gcm(), NULL, keys->cipher_key, nonce, seals);
  EVP_CipherUpdate(cipher, NULL, &written, packet, HEADER);
  EVP_CipherUpdate(cipher, packet + HEADER, &written, packet + HEADER, (int)(length - HEADER));
  if (!seals) EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, GCM_TAG, tag);
  bool is_authentic = EVP_CipherFinal_ex(cipher, packet + length, &written) > 0;
  if (seals) EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, GCM_TAG, tag);
  EVP_CIPHER_CTX_free(cipher);
  return is_authentic;
}

size_t srtp_protect(const srtp_reference *keys, uint8_t *packet, size_t length, uint32_t roc) {
  uint8_t tag[20];
  if (keys->suite == SRTP_NONE) return length;
  if (keys->suite == SRTP_GCM) {
    gcm(keys, packet, length, roc, tag, true);
    memcpy(packet + length, tag, GCM_TAG);
    return length + GCM_TAG;
  }
  cm_crypt(keys, packet, length, roc);
  cm_tag(keys, packet, length, roc, tag);
  memcpy(packet + length, tag, CM_TAG);
  return length + CM_TAG;
}

size_t srtp_unprotect(const srtp_reference *keys, const uint8_t *packet, size_t length,
                      uint32_t roc, uint8_t *plain) {
  uint8_t tag[20];
  size_t tag_bytes = keys->suite == SRTP_NONE ? 0 : keys->suite == SRTP_CM ? CM_TAG : GCM_TAG;
  if (length < HEADER + tag_bytes || length > MAX_PACKET) return 0;
  size_t kept = length - tag_bytes;
  memcpy(plain, packet, length);
  if (keys->suite == SRTP_NONE) return kept;
  if (keys->suite == SRTP_GCM) {
    memcpy(tag, packet + kept, GCM_TAG);
    return gcm(keys, plain, kept, roc, tag, false) ? kept : 0;
  }
  cm_tag(keys, packet, kept, roc, tag);
  if (memcmp(tag, packet + kept, CM_TAG) != 0) return 0;
  cm_crypt(keys, plain, kept, roc);
  return kept;
}
