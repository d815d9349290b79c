#include "srtp.h"

#include <openssl/crypto.h>

#define SRTP_LABEL 0
#define SRTCP_LABEL 3
#define INDEX_BYTES 4
#define AUTH_KEY_BYTES 20
/** E flag of SRTCP: the packet is encrypted (RFC 3711 §3.4). */
#define ENCRYPTED 0x80000000u

static const srtp_profile PROFILES[] = {
    {SRTP_AES128_CM_SHA1_80, false, 16, 14, 10, 10},
    // The short tag is for RTP alone (RFC 5764 §4.1.2).
    {SRTP_AES128_CM_SHA1_32, false, 16, 14, 4, 10},
    {SRTP_AEAD_AES_128_GCM, true, 16, 12, 16, 16},
    {SRTP_AEAD_AES_256_GCM, true, 32, 12, 16, 16},
};

const srtp_profile *srtp_profile_of(uint16_t number) {
  for (size_t i = 0; i < sizeof PROFILES / sizeof *PROFILES; i++) {
    if (PROFILES[i].number == number) return &PROFILES[i];
  }
  return NULL;
}

/** AES in counter mode as PRF, with a key derivation rate of zero (RFC 3711 §4.3). */
static bool derive(const srtp_profile *profile, const uint8_t *master, uint8_t label, uint8_t *out,
                   size_t length) {
  uint8_t iv[16] = {0};
  uint8_t zeroes[SRTP_MAX_KEY_BYTES] = {0};
  // A 96-bit salt stands left-aligned in the 112 bits (RFC 7714 §11).
  memcpy(iv, master + profile->key_bytes, profile->salt_bytes);
  iv[7] ^= label;
  EVP_CIPHER_CTX *prf = EVP_CIPHER_CTX_new();
  const EVP_CIPHER *aes = profile->key_bytes == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
  int written = 0;
  bool is_done = prf && EVP_EncryptInit_ex(prf, aes, NULL, master, iv) == 1 &&
                 EVP_EncryptUpdate(prf, out, &written, zeroes, (int)length) == 1;
  EVP_CIPHER_CTX_free(prf);
  return is_done;
}

static const EVP_CIPHER *cipher_of(const srtp_profile *profile) {
  if (!profile->is_gcm) return EVP_aes_128_ctr();
  return profile->key_bytes == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
}

static bool keys_init(srtp_keys *keys, const srtp_profile *profile, const uint8_t *master,
                      uint8_t label, bool is_sender) {
  uint8_t cipher_key[SRTP_MAX_KEY_BYTES];
  uint8_t auth_key[AUTH_KEY_BYTES];
  bool is_done = derive(profile, master, label, cipher_key, profile->key_bytes) &&
                 derive(profile, master, (uint8_t)(label + 1), auth_key, sizeof auth_key) &&
                 derive(profile, master, (uint8_t)(label + 2), keys->salt, profile->salt_bytes);
  hmac_key_set(&keys->authentication, auth_key, sizeof auth_key);
  keys->cipher = EVP_CIPHER_CTX_new();
  is_done = is_done && keys->cipher &&
            EVP_CipherInit_ex(keys->cipher, cipher_of(profile), NULL, cipher_key, NULL,
                              is_sender || !profile->is_gcm) == 1;
  OPENSSL_cleanse(cipher_key, sizeof cipher_key);
  OPENSSL_cleanse(auth_key, sizeof auth_key);
  return is_done;
}

bool srtp_transform_init(srtp_transform *transform, const srtp_profile *profile,
                         const uint8_t *master, bool is_sender) {
  memset(transform, 0, sizeof *transform);
  transform->profile = profile;
  if (keys_init(&transform->rtp, profile, master, SRTP_LABEL, is_sender) &&
      keys_init(&transform->rtcp, profile, master, SRTCP_LABEL, is_sender)) {
    return true;
  }
  srtp_transform_free(transform);
  return false;
}

void srtp_transform_free(srtp_transform *transform) {
  EVP_CIPHER_CTX_free(transform->rtp.cipher);
  EVP_CIPHER_CTX_free(transform->rtcp.cipher);
  OPENSSL_cleanse(transform, sizeof *transform);
}

/** (salt·2^16) ⊕ (SSRC·2^64) ⊕ (index·2^16) (RFC 3711 §4.1.1). */
static void counter_iv(const uint8_t *salt, const srtp_packet *packet, uint8_t iv[16]) {
  memcpy(iv, salt, 14);
  iv[14] = iv[15] = 0;
  put32(iv + 4, get32(iv + 4) ^ packet->ssrc);
  put32(iv + 8, get32(iv + 8) ^ (uint32_t)(packet->index >> 16));
  put16(iv + 12, get16(iv + 12) ^ (uint16_t)packet->index);
}

/** Zeroes, SSRC, index; then the salt over all (RFC 7714 §8.1, §9.1). */
static void gcm_iv(const uint8_t *salt, const srtp_packet *packet, uint8_t iv[12]) {
  memcpy(iv, salt, 12);
  put32(iv + 2, get32(iv + 2) ^ packet->ssrc);
  put32(iv + 6, get32(iv + 6) ^ (uint32_t)(packet->index >> 16));
  put16(iv + 10, get16(iv + 10) ^ (uint16_t)packet->index);
}

static bool counter_crypt(srtp_keys *keys, const srtp_packet *packet) {
  uint8_t iv[16];
  int written = 0;
  uint8_t *body = packet->bytes + packet->clear_bytes;
  counter_iv(keys->salt, packet, iv);
  return EVP_CipherInit_ex(keys->cipher, NULL, NULL, NULL, iv, -1) == 1 &&
         EVP_CipherUpdate(keys->cipher, body, &written, body,
                          (int)(packet->length - packet->clear_bytes)) == 1;
}

static void counter_tag(const srtp_keys *keys, const srtp_packet *packet, uint32_t suffix,
                        uint8_t tag[HMAC_SHA1_BYTES]) {
  uint8_t word[INDEX_BYTES];
  hmac mac;
  put32(word, suffix);
  hmac_begin(&mac, &keys->authentication);
  hmac_add(&mac, packet->bytes, packet->length);
  hmac_add(&mac, word, sizeof word);
  hmac_end(&mac, tag);
}

/** `associated`: the clear bytes, and the index word behind them for SRTCP. */
static bool gcm_begin(srtp_keys *keys, const srtp_packet *packet, const uint8_t *index_word) {
  uint8_t iv[12];
  int written = 0;
  gcm_iv(keys->salt, packet, iv);
  return EVP_CipherInit_ex(keys->cipher, NULL, NULL, NULL, iv, -1) == 1 &&
         EVP_CipherUpdate(keys->cipher, NULL, &written, packet->bytes,
                          (int)packet->clear_bytes) == 1 &&
         (!index_word ||
          EVP_CipherUpdate(keys->cipher, NULL, &written, index_word, INDEX_BYTES) == 1);
}

static bool gcm_body(srtp_keys *keys, const srtp_packet *packet) {
  int written = 0;
  uint8_t *body = packet->bytes + packet->clear_bytes;
  int length = (int)(packet->length - packet->clear_bytes);
  return length == 0 || EVP_CipherUpdate(keys->cipher, body, &written, body, length) == 1;
}

static bool gcm_seal(srtp_keys *keys, srtp_packet *packet, const uint8_t *index_word) {
  int written = 0;
  uint8_t *end = packet->bytes + packet->length;
  bool is_sealed = gcm_begin(keys, packet, index_word) && gcm_body(keys, packet) &&
                   EVP_CipherFinal_ex(keys->cipher, end, &written) == 1 &&
                   EVP_CIPHER_CTX_ctrl(keys->cipher, EVP_CTRL_AEAD_GET_TAG, 16, end) == 1;
  packet->length += 16;
  return is_sealed;
}

static bool gcm_open(srtp_keys *keys, srtp_packet *packet, const uint8_t *index_word) {
  int written = 0;
  packet->length -= 16;
  uint8_t *end = packet->bytes + packet->length;
  return gcm_begin(keys, packet, index_word) && gcm_body(keys, packet) &&
         EVP_CIPHER_CTX_ctrl(keys->cipher, EVP_CTRL_AEAD_SET_TAG, 16, end) == 1 &&
         EVP_CipherFinal_ex(keys->cipher, end, &written) == 1;
}

bool srtp_seal_rtp(srtp_transform *transform, srtp_packet *packet) {
  srtp_keys *keys = &transform->rtp;
  if (transform->profile->is_gcm) return gcm_seal(keys, packet, NULL);
  uint8_t tag[HMAC_SHA1_BYTES];
  if (!counter_crypt(keys, packet)) return false;
  counter_tag(keys, packet, (uint32_t)(packet->index >> 16), tag);
  memcpy(packet->bytes + packet->length, tag, transform->profile->rtp_tag_bytes);
  packet->length += transform->profile->rtp_tag_bytes;
  return true;
}

bool srtp_open_rtp(srtp_transform *transform, srtp_packet *packet) {
  srtp_keys *keys = &transform->rtp;
  size_t tag_bytes = transform->profile->rtp_tag_bytes;
  if (transform->profile->is_gcm) return gcm_open(keys, packet, NULL);
  uint8_t tag[HMAC_SHA1_BYTES];
  packet->length -= tag_bytes;
  counter_tag(keys, packet, (uint32_t)(packet->index >> 16), tag);
  if (CRYPTO_memcmp(tag, packet->bytes + packet->length, tag_bytes) != 0) return false;
  return counter_crypt(keys, packet);
}

bool srtp_seal_rtcp(srtp_transform *transform, srtp_packet *packet) {
  srtp_keys *keys = &transform->rtcp;
  uint8_t word[INDEX_BYTES];
  put32(word, ENCRYPTED | (uint32_t)packet->index);
  if (transform->profile->is_gcm) {
    // The index word is authenticated but stands outside the cipher text (RFC 7714 §17).
    if (!gcm_seal(keys, packet, word)) return false;
    memcpy(packet->bytes + packet->length, word, sizeof word);
    packet->length += sizeof word;
    return true;
  }
  uint8_t tag[HMAC_SHA1_BYTES];
  if (!counter_crypt(keys, packet)) return false;
  counter_tag(keys, packet, get32(word), tag);
  memcpy(packet->bytes + packet->length, word, sizeof word);
  memcpy(packet->bytes + packet->length + sizeof word, tag, transform->profile->rtcp_tag_bytes);
  packet->length += sizeof word + transform->profile->rtcp_tag_bytes;
  return true;
}

bool srtp_open_rtcp(srtp_transform *transform, srtp_packet *packet) {
  srtp_keys *keys = &transform->rtcp;
  uint8_t word[INDEX_BYTES];
  put32(word, ENCRYPTED | (uint32_t)packet->index);
  if (transform->profile->is_gcm) {
    packet->length -= sizeof word;
    return gcm_open(keys, packet, word);
  }
  size_t tag_bytes = transform->profile->rtcp_tag_bytes;
  const uint8_t *given = packet->bytes + packet->length - tag_bytes;
  uint8_t tag[HMAC_SHA1_BYTES];
  packet->length -= tag_bytes + sizeof word;
  counter_tag(keys, packet, get32(word), tag);
  if (CRYPTO_memcmp(tag, given, tag_bytes) != 0) return false;
  return counter_crypt(keys, packet);
}
