#ifndef ISTHMUS_ADDON_ORDER_H
#define ISTHMUS_ADDON_ORDER_H

#include "addon.h"

/** One order to one call. An order to a call that is no more does nothing. */
typedef struct order {
  values args;
  engine *engine;
  /** NULL where there is none; the lock is held then, too. */
  call *of;
} order;

/** Locked where it is valid. */
order order_begin(napi_env env, napi_callback_info info, size_t expected);
napi_value order_end(order *it);

#endif
