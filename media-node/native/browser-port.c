#include "browser-port.h"

#include <openssl/rand.h>
#include <stdlib.h>

/* One announced port for all browsers: calls are told apart by verified ICE checks, then by the
   address they came from. */

bool port_init(engine *it) {
  uint32_t size = 64;
  while (size < 2 * it->options.max_calls) size *= 2;
  it->table_mask = size - 1;
  // Nobody outside may choose what meets in one bucket.
  RAND_bytes((uint8_t *)&it->hash_seed, sizeof it->hash_seed);
  it->by_fragment = calloc(size, sizeof(call_name *));
  it->by_address = calloc(size, sizeof(call_binding *));
  return it->by_fragment && it->by_address;
}

void port_free(engine *it) {
  free(it->by_fragment);
  free(it->by_address);
}

static void drop(engine *it, drop_reason reason) { it->port->dropped[reason] += 1; }

static call_name **fragment_bucket(const engine *it, const uint8_t *fragment) {
  uint32_t hash = (get32(fragment) ^ it->hash_seed) * 0x9e3779b1u ^ get32(fragment + 4);
  hash = (hash ^ hash >> 15) * 0x85ebca6bu;
  return &it->by_fragment[hash & it->table_mask];
}

static call_binding **address_bucket(const engine *it, const address *remote) {
  return &it->by_address[address_hash(remote, it->hash_seed) & it->table_mask];
}

void port_name(engine *it, call *of, call_name *as, const char *fragment) {
  call_name **bucket = fragment_bucket(it, (const uint8_t *)fragment);
  memcpy(as->fragment, fragment, sizeof as->fragment);
  as->call = of;
  as->next = *bucket;
  *bucket = as;
}

void port_forget(engine *it, call_name *name) {
  if (!name->call) return;
  call_name **link = fragment_bucket(it, (const uint8_t *)name->fragment);
  while (*link && *link != name) link = &(*link)->next;
  if (*link) *link = name->next;
  name->call = NULL;
}

static void unlink_binding(engine *it, call_binding *binding) {
  call_binding **link = address_bucket(it, &binding->remote);
  while (*link && *link != binding) link = &(*link)->next;
  if (*link) *link = binding->next;
  binding->call = NULL;
}

void port_keep_only(engine *it, call *of, const address *remote) {
  for (int i = 0; i < of->binding_count; i++) {
    call_binding *binding = &of->bindings[i];
    bool is_kept = !binding->call || (remote && address_equal(&binding->remote, remote));
    if (!is_kept) unlink_binding(it, binding);
  }
}

void port_dismiss(engine *it, call *leaving) {
  for (int i = 0; i < 2; i++) port_forget(it, &leaving->names[i]);
  port_keep_only(it, leaving, NULL);
}

static call_binding *find_binding(const engine *it, const address *remote) {
  call_binding *binding = *address_bucket(it, remote);
  while (binding && !address_equal(&binding->remote, remote)) binding = binding->next;
  return binding;
}

static call_binding *free_binding(call *of) {
  for (int i = 0; i < of->binding_count; i++) {
    if (!of->bindings[i].call) return &of->bindings[i];
  }
  return of->binding_count < CALL_MAX_BINDINGS ? &of->bindings[of->binding_count++] : NULL;
}

bool engine_bind(engine *it, call *of, const address *remote) {
  call_binding *known = find_binding(it, remote);
  if (known && known->call == of) return true;
  call_binding *binding = free_binding(of);
  if (!binding) return false;
  // Proven anew by another call: a browser's port that was freed and taken again.
  if (known) unlink_binding(it, known);
  call_binding **bucket = address_bucket(it, remote);
  *binding = (call_binding){.remote = *remote, .call = of, .next = *bucket};
  *bucket = binding;
  return true;
}

/**
 * For a check, whose source may be forged: another call that has that address keeps it until an answer
 * has come from there. Who is lite asks nobody.
 */
static bool bind_asking(engine *it, call *of, const address *from) {
  const call_binding *known = find_binding(it, from);
  bool is_others = known && known->call != of;
  return (is_others && !engine_is_lite(it)) || engine_bind(it, of, from);
}

void port_let_in(engine *it, const address *source) { insiders_add(&it->insiders, source); }

void port_let_out(engine *it, const address *source) {
  insiders_remove(&it->insiders, source);
  call_binding *binding = find_binding(it, source);
  if (binding) unlink_binding(it, binding);
}

static bool is_refused(const engine *it, const address *from) {
  if (address_port(from) == 0) return true;
  return ranges_hold(&it->refused, from) && !insiders_hold(&it->insiders, from);
}

/** USERNAME begins with the fragment of the one asked (RFC 8445 §7.2.2). */
static call_name *find_asked(const engine *it, const stun_message *message) {
  const uint8_t *name = message->username;
  if (!name || message->username_length <= ICE_FRAGMENT_BYTES || name[ICE_FRAGMENT_BYTES] != ':') {
    return NULL;
  }
  call_name *asked = *fragment_bucket(it, name);
  while (asked && memcmp(asked->fragment, name, ICE_FRAGMENT_BYTES) != 0) asked = asked->next;
  return asked;
}

static void take_request(engine *it, const uint8_t *packet, const stun_message *message,
                         const address *from, moment now) {
  call_name *asked = find_asked(it, message);
  if (!asked) {
    drop(it, DROP_UNKNOWN_FRAGMENT);
  } else if (!stun_is_authentic(packet, message, &call_agent_of(asked)->local_key)) {
    drop(it, DROP_WRONG_INTEGRITY);
  } else if (is_refused(it, from) || !bind_asking(it, asked->call, from)) {
    drop(it, DROP_REFUSED_SOURCE);
  } else {
    call_take_request(asked, message, from, now);
  }
}

static void take_stun(engine *it, const uint8_t *packet, size_t length, const address *from,
                      moment now) {
  stun_message message;
  if (!stun_read(packet, length, &message) || !message.is_binding) {
    drop(it, DROP_MALFORMED_STUN);
  } else if (message.class == STUN_REQUEST) {
    take_request(it, packet, &message, from, now);
  } else {
    call *asking = message.class == STUN_INDICATION
                       ? NULL
                       : engine_find(it, ice_owner_of(message.transaction));
    if (!asking || !call_take_response(asking, packet, &message, from, now)) {
      drop(it, DROP_UNASKED_RESPONSE);
    }
  }
}

/** What shares the port is told apart by its first bytes (RFC 7983 §7, RFC 5761 §4). */
void port_take(engine *it, uint8_t *packet, size_t length, const address *from, moment now) {
  uint8_t first = length > 0 ? packet[0] : 255;
  if (first < 4) {
    take_stun(it, packet, length, from, now);
    return;
  }
  call_binding *binding = find_binding(it, from);
  bool is_media = first >= 128 && first <= 191;
  bool is_dtls = first >= 20 && first <= 63;
  if (!binding || !(is_media || is_dtls)) {
    drop(it, DROP_UNVALIDATED_SOURCE);
  } else if (is_dtls) {
    call_take_dtls(binding->call, packet, length, from, now);
    call_tick(binding->call, now);
  } else {
    call_take_media(binding->call, packet, length, from, now);
  }
}
