#include "ice.h"

#include <openssl/rand.h>
#include <stdlib.h>

#include "ice-checks.h"

#define MS 1000
/** Ta of RFC 8445 §14.2. */
#define PACE_US (50 * MS)
/** RFC 8445 §14.3; doubled with each of the attempts. */
#define FIRST_TIMEOUT_US (500 * MS)
#define MAX_ATTEMPTS 7
/** Longer than a call rings: there are clients that begin only when it is answered. */
#define CONNECT_LIMIT_US (150000 * (int64_t)MS)
/** Peer-reflexive, local preference 65535, component 1 (RFC 8445 §5.1.2.1, §7.1.1). */
#define CHECK_PRIORITY (110u << 24 | 65535u << 8 | 255u)

bool ice_init(ice_agent *agent, const ice_names *names, ice_options options) {
  memset(agent, 0, sizeof *agent);
  agent->names = *names;
  RAND_bytes((uint8_t *)&agent->tie_breaker, sizeof agent->tie_breaker);
  hmac_key_set(&agent->local_key, (const uint8_t *)names->password, ICE_PASSWORD_BYTES);
  agent->owner_mark = options.owner_mark;
  agent->consent_expiry_us = options.consent_expiry_us;
  agent->is_lite = options.is_lite;
  agent->nominating = agent->selected = agent->named = ICE_NO_PAIR;
  agent->pairs = calloc(ICE_MAX_PAIRS, sizeof *agent->pairs);
  for (int i = 0; i < ICE_MAX_CHECKS; i++) agent->checks[i].pair = ICE_NO_PAIR;
  return agent->pairs != NULL;
}

void ice_free(ice_agent *agent) { free(agent->pairs); }

const address *ice_remote(const ice_agent *agent) {
  return agent->selected == ICE_NO_PAIR ? NULL : &agent->pairs[agent->selected].remote;
}

bool ice_has_consent(const ice_agent *agent, moment now) {
  return agent->selected != ICE_NO_PAIR &&
         now.steady_us < agent->pairs[agent->selected].fresh_until_us;
}

static int find_pair(const ice_agent *agent, const address *remote) {
  for (int i = 0; i < agent->pair_count; i++) {
    if (address_equal(&agent->pairs[i].remote, remote)) return i;
  }
  return ICE_NO_PAIR;
}

bool ice_is_validated(const ice_agent *agent, const address *from) {
  int pair = find_pair(agent, from);
  return pair != ICE_NO_PAIR && agent->pairs[pair].is_validated;
}

static int add_pair(ice_agent *agent, const address *remote, moment now) {
  int known = find_pair(agent, remote);
  if (known != ICE_NO_PAIR || agent->pair_count == ICE_MAX_PAIRS) return known;
  agent->pairs[agent->pair_count] = (ice_pair){.remote = *remote, .due_us = now.steady_us};
  return agent->pair_count++;
}

void ice_add_candidate(ice_agent *agent, const address *remote, moment now) {
  add_pair(agent, remote, now);
}

bool ice_assume(ice_agent *agent, const address *remote) {
  agent->selected = add_pair(agent, remote, (moment){0, 0});
  if (agent->selected == ICE_NO_PAIR) return false;
  agent->pairs[agent->selected].fresh_until_us = NEVER;
  return true;
}

void ice_set_remote(ice_agent *agent, const char *fragment, const char *password,
                    bool is_controlling, moment now) {
  if (agent->has_remote) return;
  agent->has_remote = true;
  agent->is_controlling = is_controlling && !agent->is_lite;
  strncpy(agent->remote_fragment, fragment, ICE_MAX_FRAGMENT_BYTES);
  hmac_key_set(&agent->remote_key, (const uint8_t *)password, strlen(password));
  agent->deadline_us = now.steady_us + CONNECT_LIMIT_US;
  for (int i = 0; i < agent->pair_count; i++) agent->pairs[i].due_us = now.steady_us;
}

static void send_check(ice_agent *agent, int pair, moment now) {
  const ice_check *check = ice_check_new(agent, pair);
  char username[ICE_MAX_FRAGMENT_BYTES + ICE_FRAGMENT_BYTES + 2];
  uint8_t word[8];
  stun_writer writer;
  size_t length = strlen(agent->remote_fragment);
  memcpy(username, agent->remote_fragment, length);
  username[length] = ':';
  memcpy(username + length + 1, agent->names.fragment, ICE_FRAGMENT_BYTES);
  stun_begin(&writer, STUN_REQUEST, check->transaction);
  stun_put(&writer, STUN_USERNAME, username, length + 1 + ICE_FRAGMENT_BYTES);
  put32(word, CHECK_PRIORITY);
  stun_put(&writer, STUN_PRIORITY, word, 4);
  put64(word, agent->tie_breaker);
  stun_put(&writer, agent->is_controlling ? STUN_ICE_CONTROLLING : STUN_ICE_CONTROLLED, word, 8);
  if (check->nominates) stun_put(&writer, STUN_USE_CANDIDATE, NULL, 0);
  stun_seal(&writer, &agent->remote_key);
  agent->last_check_us = now.steady_us;
  agent->send(agent->owner, writer.bytes, writer.length, &agent->pairs[pair].remote);
}

/** Every sixth of the time that consent lasts, more or less a fifth (RFC 7675 §5.1). */
static void plan_consent(ice_agent *agent, moment now) {
  uint8_t random;
  RAND_bytes(&random, 1);
  int64_t sixth = agent->consent_expiry_us / 6;
  agent->consent_due_us = now.steady_us + sixth * 4 / 5 + sixth * 2 / 5 * random / 255;
}

/**
 * Consent is of one way (RFC 7675 §5.1): of another than before it is asked for at once. Where it was
 * withdrawn only a restart brings it back.
 */
static void select_pair(ice_agent *agent, int pair, moment now) {
  if (agent->selected == pair) return;
  if (agent->selected == ICE_NO_PAIR) {
    plan_consent(agent, now);
  } else if (!ice_has_consent(agent, now)) {
    return;
  } else {
    agent->consent_due_us = now.steady_us;
  }
  agent->selected = pair;
}

static void begin_checking(ice_agent *agent, int index, moment now) {
  ice_pair *pair = &agent->pairs[index];
  pair->state = ICE_WAITING;
  pair->attempts = 0;
  pair->due_us = now.steady_us;
}

static void change_role(ice_agent *agent, bool is_controlling) {
  agent->is_controlling = is_controlling;
  agent->nominating = ICE_NO_PAIR;
}

/** RFC 8445 §7.3.1.1. True where the peer is to give way. */
static bool settle_roles(ice_agent *agent, const stun_message *message) {
  bool is_conflict = agent->is_controlling ? message->is_controlling : message->is_controlled;
  if (!agent->has_remote || !is_conflict) return false;
  bool we_win = agent->tie_breaker >= message->tie_breaker;
  if (agent->is_lite || we_win == agent->is_controlling) return true;
  change_role(agent, we_win);
  return false;
}

static void answer(ice_agent *agent, const stun_message *message, const address *from,
                   uint16_t error) {
  stun_writer writer;
  stun_begin(&writer, error == 0 ? STUN_SUCCESS : STUN_ERROR, message->transaction);
  if (error == 0) stun_put_xor_address(&writer, from);
  if (error != 0) stun_put_error(&writer, error);
  stun_seal(&writer, &agent->local_key);
  agent->send(agent->owner, writer.bytes, writer.length, from);
}

/** Of that pair alone (RFC 7675 §1). Where it was withdrawn only a restart brings it back (§5.1). */
static void refresh_consent(ice_agent *agent, int pair, moment now) {
  if (agent->selected == pair && !ice_has_consent(agent, now)) return;
  agent->pairs[pair].fresh_until_us = now.steady_us + agent->consent_expiry_us;
}

/** RFC 8445 §7.3.2. A lite agent asks nobody (RFC 7675 §1): who still asks it still listens. */
static void take_lite(ice_agent *agent, int index, const stun_message *message, moment now) {
  ice_pair *pair = &agent->pairs[index];
  pair->state = ICE_SUCCEEDED;
  pair->is_validated = true;
  refresh_consent(agent, index, now);
  if (ice_take_naming(agent, index, message, now)) select_pair(agent, index, now);
}

void ice_take_request(ice_agent *agent, const stun_message *message, const address *from,
                      moment now) {
  if (settle_roles(agent, message)) {
    answer(agent, message, from, STUN_ROLE_CONFLICT);
    return;
  }
  answer(agent, message, from, 0);
  int index = add_pair(agent, from, now);
  if (index == ICE_NO_PAIR) return;
  if (agent->is_lite) {
    take_lite(agent, index, message, now);
    return;
  }
  ice_pair *pair = &agent->pairs[index];
  pair->is_triggered = true;
  pair->is_named_by_peer |= message->use_candidate;
  bool is_wanted = ice_take_naming(agent, index, message, now);
  if (!ice_is_proven(agent, index, message->use_candidate, now)) {
    begin_checking(agent, index, now);
  } else if (is_wanted && !agent->is_controlling) {
    // A browser moves to another network that way.
    select_pair(agent, index, now);
  }
}

static void take_success(ice_agent *agent, const ice_check *check, moment now) {
  ice_pair *pair = &agent->pairs[check->pair];
  pair->is_validated = true;
  refresh_consent(agent, check->pair, now);
  // Late, for an earlier check than the one that nominates: that one is still to be answered.
  bool is_late = agent->selected == ICE_NO_PAIR && agent->nominating == check->pair;
  if (is_late && !check->nominates) return;
  pair->state = ICE_SUCCEEDED;
  if (agent->selected != ICE_NO_PAIR && agent->is_controlling) return;
  if (check->nominates || (!agent->is_controlling && pair->is_named_by_peer)) {
    if (agent->selected == ICE_NO_PAIR) select_pair(agent, check->pair, now);
  } else if (agent->is_controlling && agent->nominating == ICE_NO_PAIR) {
    // The first that answers is the one with the shortest way.
    agent->nominating = check->pair;
    begin_checking(agent, check->pair, now);
    agent->last_check_us = 0;
  }
}

bool ice_take_response(ice_agent *agent, const uint8_t *packet, const stun_message *message,
                       const address *from, moment now) {
  ice_check *check = ice_check_find(agent, message->transaction);
  if (!check || !stun_is_authentic(packet, message, &agent->remote_key)) return false;
  // An answer from elsewhere proves no way to where we asked (RFC 8445 §7.2.5.2.1).
  if (!address_equal(&agent->pairs[check->pair].remote, from)) return false;
  ice_check taken = *check;
  check->pair = ICE_NO_PAIR;
  if (message->class == STUN_SUCCESS) {
    take_success(agent, &taken, now);
  } else if (message->error_code == STUN_ROLE_CONFLICT) {
    if (agent->is_controlling == taken.was_controlling) change_role(agent, !taken.was_controlling);
    begin_checking(agent, taken.pair, now);
  }
  return true;
}

static int next_due(const ice_agent *agent) {
  int next = ICE_NO_PAIR;
  for (int i = 0; i < agent->pair_count; i++) {
    const ice_pair *pair = &agent->pairs[i];
    bool is_open = pair->state == ICE_WAITING || pair->state == ICE_CHECKING;
    if (!is_open || (agent->selected != ICE_NO_PAIR && !pair->is_triggered)) continue;
    if (next == ICE_NO_PAIR || pair->due_us < agent->pairs[next].due_us) next = i;
  }
  return next;
}

static void try_pair(ice_agent *agent, int index, moment now) {
  ice_pair *pair = &agent->pairs[index];
  if (pair->attempts == MAX_ATTEMPTS) {
    pair->state = ICE_FAILED;
    return;
  }
  pair->state = ICE_CHECKING;
  pair->due_us = now.steady_us + ((int64_t)FIRST_TIMEOUT_US << pair->attempts);
  pair->attempts += 1;
  send_check(agent, index, now);
}

/** A check that the peer's own has called for does not wait for its turn. */
static int64_t turn_of(const ice_agent *agent, const ice_pair *pair) {
  int64_t turn = agent->last_check_us + PACE_US;
  bool is_called_for = pair->is_triggered && pair->attempts == 0;
  return is_called_for || turn < pair->due_us ? pair->due_us : turn;
}

static int64_t check_pairs(ice_agent *agent, moment now) {
  for (;;) {
    int next = next_due(agent);
    if (next == ICE_NO_PAIR) return NEVER;
    int64_t turn = turn_of(agent, &agent->pairs[next]);
    if (turn > now.steady_us) return turn;
    try_pair(agent, next, now);
  }
}

static int64_t keep_consent(ice_agent *agent, moment now) {
  if (!ice_has_consent(agent, now)) return NEVER;
  int64_t fresh_until_us = agent->pairs[agent->selected].fresh_until_us;
  if (agent->is_lite) return fresh_until_us;
  if (agent->consent_due_us <= now.steady_us) {
    send_check(agent, agent->selected, now);
    plan_consent(agent, now);
  }
  return agent->consent_due_us < fresh_until_us ? agent->consent_due_us : fresh_until_us;
}

int64_t ice_tick(ice_agent *agent, moment now) {
  if (!agent->has_remote || agent->is_failed) return NEVER;
  int64_t due = agent->is_lite ? NEVER : check_pairs(agent, now);
  if (agent->selected == ICE_NO_PAIR) {
    agent->is_failed = now.steady_us >= agent->deadline_us;
    return due < agent->deadline_us ? due : agent->deadline_us;
  }
  int64_t consent_due = keep_consent(agent, now);
  return due < consent_due ? due : consent_due;
}
