#include "addon.h"
#include "browser-port.h"

typedef void (*insider_order)(engine *it, const address *source);

static napi_value obey(napi_env env, napi_callback_info info, insider_order order) {
  address source;
  values args = values_read(env, info, 2);
  engine_handle *handle = values_external(&args, args.of[0], "handle");
  values_address(&args, args.of[1], "source", &source);
  engine *it = args.is_valid ? handle->engine : NULL;
  if (!it || !address_for_family(&source, it->options.browser.any.sa_family)) return NULL;
  engine_lock(it);
  order(it, &source);
  engine_unlock(it);
  return NULL;
}

/** letIn(handle, { address, port }) */
napi_value addon_let_in(napi_env env, napi_callback_info info) {
  return obey(env, info, port_let_in);
}

/** letOut(handle, { address, port }): what was proven from there is forgotten, too. */
napi_value addon_let_out(napi_env env, napi_callback_info info) {
  return obey(env, info, port_let_out);
}
