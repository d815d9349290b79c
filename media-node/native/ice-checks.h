#ifndef ISTHMUS_ICE_CHECKS_H
#define ISTHMUS_ICE_CHECKS_H

#include "ice.h"

/* The checks of ours that wait for their answers. */

ice_check *ice_check_new(ice_agent *agent, int pair);
ice_check *ice_check_find(ice_agent *agent, const uint8_t *transaction);

#endif
