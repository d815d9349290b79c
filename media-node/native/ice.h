#ifndef ISTHMUS_ICE_H
#define ISTHMUS_ICE_H

#include "ice-names.h"
#include "moment.h"
#include "stun.h"

/** As many as a description may name, and as many again that show up by their checks. */
#define ICE_MAX_PAIRS 80
#define ICE_MAX_CHECKS 32
#define ICE_NO_PAIR (-1)
#define ICE_MAX_FRAGMENT_BYTES 256
#define ICE_MAX_PASSWORD_BYTES 256

typedef enum ice_state { ICE_WAITING, ICE_CHECKING, ICE_SUCCEEDED, ICE_FAILED } ice_state;

/** Our one candidate with one of theirs. */
typedef struct ice_pair {
  address remote;
  ice_state state;
  int attempts;
  /** The peer's own check came from there. */
  bool is_triggered;
  bool is_named_by_peer;
  /** An answer to a check of ours came from there. */
  bool is_validated;
  /** How long the peer consents to be sent to over it. */
  int64_t fresh_until_us;
  int64_t due_us;
} ice_pair;

typedef struct ice_check {
  uint8_t transaction[STUN_TRANSACTION_BYTES];
  int pair;
  bool nominates;
  bool was_controlling;
} ice_check;

typedef void (*ice_send)(void *owner, const uint8_t *bytes, size_t length, const address *to);

/** An agent with one host candidate on one component (RFC 8445). */
typedef struct ice_agent {
  ice_names names;
  /** Answers and never asks: always controlled, and consent is what the browser's checks say. */
  bool is_lite;
  hmac_key local_key;
  hmac_key remote_key;
  char remote_fragment[ICE_MAX_FRAGMENT_BYTES + 1];
  bool has_remote;
  bool is_controlling;
  uint64_t tie_breaker;
  /** Says whose check it was when the answer comes; see `ice_owner_of`. */
  uint32_t owner_mark;
  ice_pair *pairs;
  int pair_count;
  ice_check checks[ICE_MAX_CHECKS];
  unsigned next_check;
  int nominating;
  int selected;
  /** By the last check of the peer that named one; since when no other was, and which check it is. */
  int named;
  int64_t named_since_us;
  uint8_t named_by[STUN_TRANSACTION_BYTES];
  int64_t last_check_us;
  int64_t deadline_us;
  int64_t consent_expiry_us;
  int64_t consent_due_us;
  bool is_failed;
  ice_send send;
  void *owner;
} ice_agent;

typedef struct ice_options {
  uint32_t owner_mark;
  int64_t consent_expiry_us;
  bool is_lite;
} ice_options;

bool ice_init(ice_agent *agent, const ice_names *names, ice_options options);
void ice_free(ice_agent *agent);
/** Of a response to a check of ours; unproven until `ice_take_response` has taken it. */
uint32_t ice_owner_of(const uint8_t *transaction);
void ice_set_remote(ice_agent *agent, const char *fragment, const char *password,
                    bool is_controlling, moment now);
void ice_add_candidate(ice_agent *agent, const address *remote, moment now);
/** An authentic request; answers it. */
void ice_take_request(ice_agent *agent, const stun_message *message, const address *from,
                      moment now);
/** False where it answers no check of ours or is not authentic. */
bool ice_take_response(ice_agent *agent, const uint8_t *packet, const stun_message *message,
                       const address *from, moment now);
/** Does what is due, and returns when it wants to be called again. */
int64_t ice_tick(ice_agent *agent, moment now);
/** RFC 7675 §5.1: whether the browser still consents to be sent to. */
bool ice_has_consent(const ice_agent *agent, moment now);
/** For keys that came by signalling: that address is the peer's, for ever. */
bool ice_assume(ice_agent *agent, const address *remote);
/** Whether a check of ours was answered from there: more than a signed check can prove. */
bool ice_is_validated(const ice_agent *agent, const address *from);
const address *ice_remote(const ice_agent *agent);

#endif
