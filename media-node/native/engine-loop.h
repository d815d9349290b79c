#ifndef ISTHMUS_ENGINE_LOOP_H
#define ISTHMUS_ENGINE_LOOP_H

#include "intake.h"

/** The engine's thread. */
void *loop_run(void *engine);
/** What lies at the port of all browsers, or an order's wake-up; true where there may be more. */
bool loop_take_own(engine *it, watch_kind kind, moment now);

#endif
