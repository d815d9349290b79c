#ifndef ISTHMUS_ICE_CHECKS_H
#define ISTHMUS_ICE_CHECKS_H

#include "ice.h"

/* The checks of ours that wait for their answers. */

ice_check *ice_check_new(ice_agent *agent, int pair);
ice_check *ice_check_find(ice_agent *agent, const uint8_t *transaction);

/**
 * True where a check names the pair to be used: the first that is named, or another that is named for
 * a while, and no other in between. A browser names its pair with every check; one after RFC 5245
 * §8.1.1.2 each of them as it checks it at first, and means the one that works already.
 */
bool ice_take_naming(ice_agent *agent, int index, const stun_message *message, moment now);

/** Of late, where it is to be sent over from now on: consent is of one pair alone (RFC 7675 §1). */
bool ice_is_proven(const ice_agent *agent, int index, bool use_candidate, moment now);

#endif
