#ifndef ISTHMUS_BROWSER_PORT_H
#define ISTHMUS_BROWSER_PORT_H

#include "engine.h"

bool port_init(engine *it);
void port_free(engine *it);
void port_admit(engine *it, call *arriving);
void port_dismiss(engine *it, call *leaving);
/** One datagram of anybody. */
void port_take(engine *it, uint8_t *packet, size_t length, const address *from, moment now);

#endif
