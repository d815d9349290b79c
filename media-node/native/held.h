#ifndef ISTHMUS_HELD_H
#define ISTHMUS_HELD_H

#include "call.h"

/* Packets that came too early, in their order. */

void held_init(held_packets *held);
/** False where there are as many already, or no memory. */
bool held_add(held_packets *held, const uint8_t *bytes, size_t length, const address *from,
              int limit);
/** The caller frees it. */
held_packet *held_take(held_packets *held);
void held_free(held_packets *held);

#endif
