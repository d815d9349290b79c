#ifndef ISTHMUS_BROWSER_PORT_H
#define ISTHMUS_BROWSER_PORT_H

#include "engine.h"

bool port_init(engine *it);
void port_free(engine *it);
/** Checks may ask for the call by that name from now on. */
void port_name(engine *it, call *of, call_name *as, const char *fragment);
void port_forget(engine *it, call_name *name);
/** Of the addresses it has proven, one; NULL: none. */
void port_keep_only(engine *it, call *of, const address *remote);
void port_dismiss(engine *it, call *leaving);
/** Checks are taken from there though its range is refused: a browser by TCP. */
void port_let_in(engine *it, const address *source);
/** It is nobody's any more. */
void port_let_out(engine *it, const address *source);
/** One datagram of anybody. */
void port_take(engine *it, uint8_t *packet, size_t length, const address *from, moment now);

#endif
