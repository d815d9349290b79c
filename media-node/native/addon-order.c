#include "addon-order.h"

order order_begin(napi_env env, napi_callback_info info, size_t expected) {
  order it = {.args = values_read(env, info, expected)};
  engine_handle *handle = values_external(&it.args, it.args.of[0], "handle");
  uint32_t slot = values_uint32(&it.args, it.args.of[1], "slot");
  it.engine = it.args.is_valid ? handle->engine : NULL;
  if (!it.engine) return it;
  engine_lock(it.engine);
  it.of = engine_find(it.engine, slot);
  return it;
}

napi_value order_end(order *it) {
  if (it->engine) engine_unlock(it->engine);
  return NULL;
}
