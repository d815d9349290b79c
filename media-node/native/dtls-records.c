#include "dtls-records.h"

#define HEADER_BYTES 13
#define HANDSHAKE_HEADER_BYTES 12
/** Before the certificate itself: how long the list is, and how long this one. */
#define LIST_HEADER_BYTES 6
#define DTLS_MAJOR 254
/** Far above any certificate; bounds what a message may announce. */
#define MAX_MESSAGE_BYTES 16384

enum { CHANGE_CIPHER_SPEC = 20, HANDSHAKE = 22 };
enum {
  CLIENT_HELLO = 1,
  SERVER_HELLO = 2,
  HELLO_VERIFY_REQUEST = 3,
  CERTIFICATE = 11,
  SERVER_KEY_EXCHANGE = 12,
  CERTIFICATE_REQUEST = 13,
  SERVER_HELLO_DONE = 14,
  CERTIFICATE_VERIFY = 15,
  CLIENT_KEY_EXCHANGE = 16,
};

/** In the order in which a client says them to a server that asks for no cookie (RFC 5246 §7.3). */
static const uint8_t OF_CLIENT[] = {CLIENT_HELLO, CERTIFICATE, CLIENT_KEY_EXCHANGE,
                                    CERTIFICATE_VERIFY};

/** A server's: those five, one more hello, and what it need not say. */
#define MAX_SERVER_SEQUENCE 7

typedef struct fragment {
  uint8_t type;
  uint16_t sequence;
  uint32_t message_bytes;
  uint32_t offset;
  uint32_t length;
  const uint8_t *bytes;
} fragment;

static uint32_t get24(const uint8_t *at) {
  return (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
}

/** A Finished that is repeated because ours was lost; in the clear it could only renegotiate. */
static bool is_protected_handshake(const uint8_t *record) {
  return record[0] == HANDSHAKE && record[1] == DTLS_MAJOR && get16(record + 3) == 1;
}

/** False for what says of itself what cannot be. */
static bool read_fragment(const uint8_t *at, size_t left, fragment *out) {
  if (left < HANDSHAKE_HEADER_BYTES) return false;
  *out = (fragment){at[0],         get16(at + 4), get24(at + 1),
                    get24(at + 6), get24(at + 9), at + HANDSHAKE_HEADER_BYTES};
  return out->message_bytes <= MAX_MESSAGE_BYTES && out->offset <= out->message_bytes &&
         out->length <= out->message_bytes - out->offset &&
         out->length <= left - HANDSHAKE_HEADER_BYTES &&
         (out->length > 0 || out->message_bytes == 0);
}

/** Each side says its own messages, and each in its place; Finished comes under protection. */
static bool is_in_place(const dtls_ear *ear, const fragment *part) {
  if (!ear->hears_server) {
    return part->sequence < sizeof OF_CLIENT && part->type == OF_CLIENT[part->sequence];
  }
  switch (part->type) {
    case SERVER_HELLO:
    case HELLO_VERIFY_REQUEST:
    case CERTIFICATE:
    case SERVER_KEY_EXCHANGE:
    case CERTIFICATE_REQUEST:
    case SERVER_HELLO_DONE:
      return part->sequence <= MAX_SERVER_SEQUENCE;
    default:
      return false;
  }
}

/** Of a whole message; of a part nobody can tell whose it is. */
static bool is_of_stranger(const dtls_ear *ear, const fragment *part) {
  bool is_whole = part->type == CERTIFICATE && part->length == part->message_bytes;
  if (!is_whole || !ear->named || part->length < LIST_HEADER_BYTES) return false;
  uint32_t size = get24(part->bytes + 3);
  if (size > part->length - LIST_HEADER_BYTES) return true;
  return !dtls_fingerprints_fit(ear->named, part->bytes + LIST_HEADER_BYTES, size);
}

/** Several messages may share a record: they are taken together or not at all. */
static bool is_of_handshake(dtls_ear *ear, const uint8_t *record, size_t size) {
  if (is_protected_handshake(record)) return true;
  if (record[1] != DTLS_MAJOR || get16(record + 3) != 0) return false;
  if (record[0] == CHANGE_CIPHER_SPEC) return true;
  if (record[0] != HANDSHAKE) return false;
  size_t at = HEADER_BYTES;
  while (at < size) {
    fragment part;
    if (!read_fragment(record + at, size - at, &part) || !is_in_place(ear, &part)) return false;
    if (is_of_stranger(ear, &part)) {
      ear->has_met_stranger = true;
      return false;
    }
    at += HANDSHAKE_HEADER_BYTES + part.length;
  }
  return true;
}

size_t dtls_handshake_records(dtls_ear *ear, const uint8_t *datagram, size_t length,
                              uint8_t out[DTLS_MAX_DATAGRAM_BYTES]) {
  size_t filled = 0;
  if (length > DTLS_MAX_DATAGRAM_BYTES) return 0;
  while (length > HEADER_BYTES) {
    size_t size = HEADER_BYTES + (size_t)get16(datagram + 11);
    if (size > length) break;
    bool is_wanted =
        ear->is_over ? is_protected_handshake(datagram) : is_of_handshake(ear, datagram, size);
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
