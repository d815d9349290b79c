#include "ice-client.h"

#include <openssl/rand.h>
#include <stdio.h>

#define MS 1000
#define PRIORITY (110u << 24 | 65535u << 8 | 255u)
/** Doubled with each check up to the last; then for ever, as a browser does not give up either. */
#define FIRST_TIMEOUT_US (100 * MS)
#define LAST_TIMEOUT_US (800 * MS)
/** Consent (RFC 7675 §5.1). */
#define CONSENT_US (5000 * MS)

static void set_key(hmac_key *key, const char *password) {
  hmac_key_set(key, (const uint8_t *)password, strlen(password));
}

void ice_client_init(ice_client *client, const ice_client_names *names) {
  memset(client, 0, sizeof *client);
  snprintf(client->username, sizeof client->username, "%s:%s", names->remote_fragment,
           names->fragment);
  set_key(&client->local_key, names->password);
  set_key(&client->remote_key, names->remote_password);
  RAND_bytes(client->tie_breaker, sizeof client->tie_breaker);
  RAND_bytes(client->transaction, sizeof client->transaction);
}

static void ask(ice_client *client) {
  uint8_t priority[4];
  stun_writer writer;
  put32(client->transaction + 8, client->checks++);
  put32(priority, PRIORITY);
  stun_begin(&writer, STUN_REQUEST, client->transaction);
  stun_put(&writer, STUN_USERNAME, client->username, strlen(client->username));
  stun_put(&writer, STUN_PRIORITY, priority, sizeof priority);
  stun_put(&writer, STUN_ICE_CONTROLLING, client->tie_breaker, sizeof client->tie_breaker);
  stun_put(&writer, STUN_USE_CANDIDATE, NULL, 0);
  stun_seal(&writer, &client->remote_key);
  client->send(client->owner, writer.bytes, writer.length);
}

void ice_client_tick(ice_client *client, moment now) {
  if (now.steady_us < client->due_us) return;
  int64_t wait_us = client->checks < 3 ? FIRST_TIMEOUT_US << client->checks : LAST_TIMEOUT_US;
  client->due_us = now.steady_us + (client->is_connected ? CONSENT_US : wait_us);
  ask(client);
}

static void answer(ice_client *client, const stun_message *message, const address *from) {
  stun_writer writer;
  stun_begin(&writer, STUN_SUCCESS, message->transaction);
  stun_put_xor_address(&writer, from);
  stun_seal(&writer, &client->local_key);
  client->send(client->owner, writer.bytes, writer.length);
}

void ice_client_take(ice_client *client, const uint8_t *packet, size_t length,
                     const address *from) {
  stun_message message;
  if (!stun_read(packet, length, &message)) return;
  if (message.class == STUN_REQUEST) {
    if (stun_is_authentic(packet, &message, &client->local_key)) answer(client, &message, from);
  } else if (message.class == STUN_SUCCESS &&
             memcmp(message.transaction, client->transaction, 8) == 0 &&
             stun_is_authentic(packet, &message, &client->remote_key)) {
    client->is_connected = true;
  }
}
