#ifndef ISTHMUS_ICE_CLIENT_H
#define ISTHMUS_ICE_CLIENT_H

#include "moment.h"
#include "stun.h"

#define ICE_CLIENT_TEXT_BYTES 257

typedef struct ice_client_names {
  const char *fragment;
  const char *password;
  const char *remote_fragment;
  const char *remote_password;
} ice_client_names;

typedef void (*ice_client_send)(void *owner, const uint8_t *bytes, size_t length);

/**
 * Who offered, and so controls (RFC 8445 §6.1.1), with one pair, which every check names. Of its own,
 * and not the plane's: a fault of that one shall not be on both sides.
 */
typedef struct ice_client {
  /** `theirs:ours`. */
  char username[2 * ICE_CLIENT_TEXT_BYTES];
  hmac_key local_key;
  hmac_key remote_key;
  uint8_t tie_breaker[8];
  /** Of all our transactions the first words; the last one counts. */
  uint8_t transaction[STUN_TRANSACTION_BYTES];
  uint32_t checks;
  int64_t due_us;
  bool is_connected;
  ice_client_send send;
  void *owner;
} ice_client;

void ice_client_init(ice_client *client, const ice_client_names *names);
void ice_client_take(ice_client *client, const uint8_t *packet, size_t length,
                     const address *from);
void ice_client_tick(ice_client *client, moment now);

#endif
