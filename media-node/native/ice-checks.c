#include "ice-checks.h"

#include <openssl/rand.h>

/** Longer than it takes a browser to check all its pairs, and to check again what we have checked. */
#define SETTLED_US 500000

/** Random but for the last word, which only a reader of the first one can tell from random. */
static uint32_t mask_of(const uint8_t *transaction) {
  return (get32(transaction) ^ get32(transaction + 4)) * 0x9e3779b1u;
}

uint32_t ice_owner_of(const uint8_t *transaction) {
  return get32(transaction + 8) ^ mask_of(transaction);
}

ice_check *ice_check_new(ice_agent *agent, int pair) {
  ice_check *check = &agent->checks[agent->next_check++ % ICE_MAX_CHECKS];
  RAND_bytes(check->transaction, 8);
  put32(check->transaction + 8, agent->owner_mark ^ mask_of(check->transaction));
  check->pair = pair;
  check->was_controlling = agent->is_controlling;
  check->nominates = agent->is_controlling && agent->nominating == pair;
  return check;
}

ice_check *ice_check_find(ice_agent *agent, const uint8_t *transaction) {
  for (int i = 0; i < ICE_MAX_CHECKS; i++) {
    ice_check *check = &agent->checks[i];
    if (check->pair == ICE_NO_PAIR) continue;
    if (memcmp(check->transaction, transaction, STUN_TRANSACTION_BYTES) == 0) return check;
  }
  return NULL;
}

bool ice_take_naming(ice_agent *agent, int index, const stun_message *message, moment now) {
  if (!message->use_candidate) return false;
  bool is_repeated = memcmp(agent->named_by, message->transaction, sizeof agent->named_by) == 0;
  memcpy(agent->named_by, message->transaction, sizeof agent->named_by);
  if (agent->named != index) agent->named_since_us = now.steady_us;
  agent->named = index;
  if (agent->selected == ICE_NO_PAIR) return true;
  return !is_repeated && now.steady_us - agent->named_since_us >= SETTLED_US;
}

bool ice_is_proven(const ice_agent *agent, int index, bool use_candidate, moment now) {
  const ice_pair *pair = &agent->pairs[index];
  bool is_new = use_candidate && index != agent->selected;
  return pair->state == ICE_SUCCEEDED && (!is_new || now.steady_us < pair->fresh_until_us);
}
