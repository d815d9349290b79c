#include "stun.h"

#include <openssl/crypto.h>

#define MAGIC_COOKIE 0x2112a442u
/** More attributes than any agent sends; bounds the walk. */
#define MAX_ATTRIBUTES 32
#define ATTRIBUTE_HEADER_BYTES 4
#define BINDING 0x0001
#define FINGERPRINT_XOR 0x5354554eu

static void read_attribute(uint16_t type, const uint8_t *value, size_t length, stun_message *out) {
  switch (type) {
    case STUN_USERNAME:
      if (out->username) return;
      out->username = value;
      out->username_length = length;
      return;
    case STUN_PRIORITY:
      if (length == 4) out->priority = get32(value);
      return;
    case STUN_USE_CANDIDATE:
      out->use_candidate = true;
      return;
    case STUN_ERROR_CODE:
      if (length >= 4) out->error_code = (uint16_t)((value[2] & 7) * 100 + value[3]);
      return;
    case STUN_ICE_CONTROLLING:
    case STUN_ICE_CONTROLLED:
      if (length != 8) return;
      out->is_controlling = type == STUN_ICE_CONTROLLING;
      out->is_controlled = type == STUN_ICE_CONTROLLED;
      out->tie_breaker = get64(value);
      return;
    default:
      return;
  }
}

static bool read_attributes(const uint8_t *packet, size_t length, stun_message *out) {
  size_t at = STUN_HEADER_BYTES;
  for (int count = 0; at < length; count++) {
    if (count == MAX_ATTRIBUTES || length - at < ATTRIBUTE_HEADER_BYTES) return false;
    uint16_t type = get16(packet + at);
    size_t value_length = get16(packet + at + 2);
    if (value_length > length - at - ATTRIBUTE_HEADER_BYTES) return false;
    if (type == STUN_MESSAGE_INTEGRITY && value_length == HMAC_SHA1_BYTES) {
      // Whatever stands behind the integrity is not covered by it (RFC 8489 §14.5).
      out->integrity_at = at;
      return true;
    }
    read_attribute(type, packet + at + ATTRIBUTE_HEADER_BYTES, value_length, out);
    at += ATTRIBUTE_HEADER_BYTES + ((value_length + 3) & ~(size_t)3);
  }
  return true;
}

bool stun_read(const uint8_t *packet, size_t length, stun_message *out) {
  memset(out, 0, sizeof *out);
  if (length < STUN_HEADER_BYTES) return false;
  uint16_t type = get16(packet);
  if (type > 0x3fff || get32(packet + 4) != MAGIC_COOKIE) return false;
  if (get16(packet + 2) + (size_t)STUN_HEADER_BYTES != length) return false;
  out->class = (type >> 7 & 2) | (type >> 4 & 1);
  out->is_binding = (type & 0x3eef) == BINDING;
  out->transaction = packet + 8;
  return read_attributes(packet, length, out);
}

/** Over all before the attribute, with the length as if it ended the message. */
static void reckon_integrity(const uint8_t *packet, size_t at, const hmac_key *key,
                             uint8_t out[HMAC_SHA1_BYTES]) {
  uint8_t length[2];
  put16(length, (uint16_t)(at + ATTRIBUTE_HEADER_BYTES + HMAC_SHA1_BYTES - STUN_HEADER_BYTES));
  hmac mac;
  hmac_begin(&mac, key);
  hmac_add(&mac, packet, 2);
  hmac_add(&mac, length, sizeof length);
  hmac_add(&mac, packet + 4, at - 4);
  hmac_end(&mac, out);
}

bool stun_is_authentic(const uint8_t *packet, const stun_message *message, const hmac_key *key) {
  if (message->integrity_at == 0) return false;
  uint8_t expected[HMAC_SHA1_BYTES];
  reckon_integrity(packet, message->integrity_at, key, expected);
  const uint8_t *given = packet + message->integrity_at + ATTRIBUTE_HEADER_BYTES;
  return CRYPTO_memcmp(expected, given, sizeof expected) == 0;
}

void stun_begin(stun_writer *writer, int class, const uint8_t *transaction) {
  put16(writer->bytes, (uint16_t)(BINDING | (class & 2) << 7 | (class & 1) << 4));
  put16(writer->bytes + 2, 0);
  put32(writer->bytes + 4, MAGIC_COOKIE);
  memcpy(writer->bytes + 8, transaction, STUN_TRANSACTION_BYTES);
  writer->length = STUN_HEADER_BYTES;
}

void stun_put(stun_writer *writer, uint16_t type, const void *value, size_t length) {
  size_t padded = (length + 3) & ~(size_t)3;
  if (writer->length + ATTRIBUTE_HEADER_BYTES + padded > sizeof writer->bytes) return;
  uint8_t *at = writer->bytes + writer->length;
  put16(at, type);
  put16(at + 2, (uint16_t)length);
  memset(at + ATTRIBUTE_HEADER_BYTES, 0, padded);
  if (length > 0) memcpy(at + ATTRIBUTE_HEADER_BYTES, value, length);
  writer->length += ATTRIBUTE_HEADER_BYTES + padded;
  put16(writer->bytes + 2, (uint16_t)(writer->length - STUN_HEADER_BYTES));
}

/** RFC 8489 §14.2. */
void stun_put_xor_address(stun_writer *writer, const address *seen_at) {
  uint8_t value[20] = {0};
  size_t octets = address_octets(seen_at, value + 4);
  value[1] = octets == 4 ? 1 : 2;
  put16(value + 2, address_port(seen_at) ^ (MAGIC_COOKIE >> 16));
  for (size_t i = 0; i < octets; i++) value[4 + i] ^= writer->bytes[4 + i];
  stun_put(writer, STUN_XOR_MAPPED_ADDRESS, value, 4 + octets);
}

void stun_put_error(stun_writer *writer, uint16_t code) {
  uint8_t value[4] = {0, 0, (uint8_t)(code / 100), (uint8_t)(code % 100)};
  stun_put(writer, STUN_ERROR_CODE, value, sizeof value);
}

static uint32_t crc32_of(const uint8_t *bytes, size_t length) {
  uint32_t crc = 0xffffffffu;
  for (size_t i = 0; i < length; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
  }
  return ~crc;
}

void stun_seal(stun_writer *writer, const hmac_key *key) {
  uint8_t integrity[HMAC_SHA1_BYTES];
  reckon_integrity(writer->bytes, writer->length, key, integrity);
  stun_put(writer, STUN_MESSAGE_INTEGRITY, integrity, sizeof integrity);
  uint8_t fingerprint[4];
  size_t covered = writer->length;
  // The length counts the FINGERPRINT before it is reckoned (RFC 8489 §14.7).
  put16(writer->bytes + 2, (uint16_t)(covered + 8 - STUN_HEADER_BYTES));
  put32(fingerprint, crc32_of(writer->bytes, covered) ^ FINGERPRINT_XOR);
  stun_put(writer, STUN_FINGERPRINT, fingerprint, sizeof fingerprint);
}
