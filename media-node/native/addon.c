#include "addon.h"

#ifdef ISTHMUS_FUZZ
#include "fuzz.h"
#endif

#define METHOD(name, function) \
  { name, NULL, function, NULL, NULL, NULL, napi_default, NULL }

NAPI_MODULE_INIT() {
  napi_property_descriptor methods[] = {
      METHOD("createStats", addon_create_stats),
      METHOD("start", addon_start),
      METHOD("stop", addon_stop),
      METHOD("letIn", addon_let_in),
      METHOD("letOut", addon_let_out),
      METHOD("open", addon_open),
      METHOD("close", addon_close),
      METHOD("connectAccess", addon_connect_access),
      METHOD("restartAccess", addon_restart_access),
      METHOD("addCandidate", addon_add_candidate),
      METHOD("setKeys", addon_set_keys),
      METHOD("connectIms", addon_connect_ims),
      METHOD("setRewrite", addon_set_rewrite),
      METHOD("setGate", addon_set_gate),
      METHOD("divert", addon_divert),
      METHOD("send", addon_send),
      METHOD("openVideo", addon_open_video),
      METHOD("closeVideo", addon_close_video),
      METHOD("connectVideo", addon_connect_video),
      METHOD("setVideoRewrite", addon_set_video_rewrite),
      METHOD("setVideoGate", addon_set_video_gate),
      METHOD("divertVideo", addon_divert_video),
      METHOD("sendVideo", addon_send_video),
      METHOD("askVideo", addon_ask_video),
#ifdef ISTHMUS_FUZZ
      METHOD("fuzz", addon_fuzz),
#endif
  };
  napi_define_properties(env, exports, sizeof methods / sizeof *methods, methods);
  return exports;
}
