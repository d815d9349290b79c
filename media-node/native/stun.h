#ifndef ISTHMUS_STUN_H
#define ISTHMUS_STUN_H

#include "address.h"
#include "hmac.h"

#define STUN_HEADER_BYTES 20
#define STUN_TRANSACTION_BYTES 12
#define STUN_MAX_BYTES 512

enum { STUN_REQUEST, STUN_INDICATION, STUN_SUCCESS, STUN_ERROR };

enum {
  STUN_USERNAME = 0x0006,
  STUN_MESSAGE_INTEGRITY = 0x0008,
  STUN_ERROR_CODE = 0x0009,
  STUN_XOR_MAPPED_ADDRESS = 0x0020,
  STUN_PRIORITY = 0x0024,
  STUN_USE_CANDIDATE = 0x0025,
  STUN_FINGERPRINT = 0x8028,
  STUN_ICE_CONTROLLED = 0x8029,
  STUN_ICE_CONTROLLING = 0x802a,
};

#define STUN_ROLE_CONFLICT 487

/** What of a message is looked at; pointers are into the packet. */
typedef struct stun_message {
  int class;
  bool is_binding;
  const uint8_t *transaction;
  const uint8_t *username;
  size_t username_length;
  /** Offset of the MESSAGE-INTEGRITY attribute; 0 where there is none. */
  size_t integrity_at;
  uint32_t priority;
  uint16_t error_code;
  bool use_candidate;
  bool is_controlling;
  bool is_controlled;
  uint64_t tie_breaker;
} stun_message;

/** RFC 8489 §5. False for what is none or is cut short. */
bool stun_read(const uint8_t *packet, size_t length, stun_message *out);
/** The sender knew the password (RFC 8489 §14.5). */
bool stun_is_authentic(const uint8_t *packet, const stun_message *message, const hmac_key *key);

typedef struct stun_writer {
  uint8_t bytes[STUN_MAX_BYTES];
  size_t length;
} stun_writer;

void stun_begin(stun_writer *writer, int class, const uint8_t *transaction);
void stun_put(stun_writer *writer, uint16_t type, const void *value, size_t length);
void stun_put_xor_address(stun_writer *writer, const address *seen_at);
void stun_put_error(stun_writer *writer, uint16_t code);
/** MESSAGE-INTEGRITY and FINGERPRINT; nothing may be put after. */
void stun_seal(stun_writer *writer, const hmac_key *key);

#endif
