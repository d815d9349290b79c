#include "dtls-records.h"

#define HEADER_BYTES 13
#define HANDSHAKE_HEADER_BYTES 12
#define DTLS_MAJOR 254
/** Far above any certificate; bounds what a message may announce. */
#define MAX_MESSAGE_BYTES 16384

enum { CHANGE_CIPHER_SPEC = 20, HANDSHAKE = 22, FINISHED = 20 };

/** A Finished that is repeated because ours was lost; in the clear it could only renegotiate. */
static bool is_protected_handshake(const uint8_t *record) {
  return record[0] == HANDSHAKE && record[1] == DTLS_MAJOR && get16(record + 3) == 1;
}

static bool is_of_handshake(const uint8_t *record, size_t length) {
  if (is_protected_handshake(record)) return true;
  if (record[1] != DTLS_MAJOR || get16(record + 3) != 0) return false;
  if (record[0] == CHANGE_CIPHER_SPEC) return true;
  if (record[0] != HANDSHAKE || length < HEADER_BYTES + HANDSHAKE_HEADER_BYTES) return false;
  uint32_t type_and_length = get32(record + HEADER_BYTES);
  // Finished is the first message under protection (RFC 5246 §7.4.9).
  return type_and_length >> 24 != FINISHED && (type_and_length & 0xffffff) <= MAX_MESSAGE_BYTES;
}

size_t dtls_handshake_records(const uint8_t *datagram, size_t length, bool is_over,
                              uint8_t out[DTLS_MAX_DATAGRAM_BYTES]) {
  size_t filled = 0;
  if (length > DTLS_MAX_DATAGRAM_BYTES) return 0;
  while (length > HEADER_BYTES) {
    size_t size = HEADER_BYTES + (size_t)get16(datagram + 11);
    if (size > length) break;
    bool is_wanted = is_over ? is_protected_handshake(datagram) : is_of_handshake(datagram, size);
    if (is_wanted) {
      memcpy(out + filled, datagram, size);
      filled += size;
    }
    datagram += size;
    length -= size;
  }
  return filled;
}

void dtls_number_clear_records(uint8_t *records, size_t length, uint32_t *next) {
  for (size_t at = 0; at < length; at += HEADER_BYTES + (size_t)get16(records + at + 11)) {
    if (get16(records + at + 3) != 0) continue;
    put16(records + at + 5, 0);
    put32(records + at + 7, (*next)++);
  }
}
