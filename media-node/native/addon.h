#ifndef ISTHMUS_ADDON_H
#define ISTHMUS_ADDON_H

#include <stdatomic.h>

#include "engine.h"
#include "values.h"

/** An engine as JavaScript holds it; `engine` is NULL once it was stopped. */
typedef struct engine_handle {
  engine *engine;
  /** Diverted packets on their way to JavaScript. */
  atomic_int diverted;
  napi_threadsafe_function on_event;
} engine_handle;

/* In addon-engine.c */
napi_value addon_create_stats(napi_env env, napi_callback_info info);
napi_value addon_start(napi_env env, napi_callback_info info);
napi_value addon_stop(napi_env env, napi_callback_info info);

/* In addon-insiders.c */
napi_value addon_let_in(napi_env env, napi_callback_info info);
napi_value addon_let_out(napi_env env, napi_callback_info info);

/* In addon-calls.c: the handle and the slot come first. */
napi_value addon_open(napi_env env, napi_callback_info info);
napi_value addon_close(napi_env env, napi_callback_info info);
napi_value addon_connect_access(napi_env env, napi_callback_info info);
napi_value addon_restart_access(napi_env env, napi_callback_info info);
napi_value addon_add_candidate(napi_env env, napi_callback_info info);
napi_value addon_set_keys(napi_env env, napi_callback_info info);
napi_value addon_connect_ims(napi_env env, napi_callback_info info);
napi_value addon_set_rewrite(napi_env env, napi_callback_info info);
napi_value addon_divert(napi_env env, napi_callback_info info);
napi_value addon_send(napi_env env, napi_callback_info info);
napi_value addon_set_gate(napi_env env, napi_callback_info info);
napi_value addon_connect_video(napi_env env, napi_callback_info info);

/* In addon-video.c; orders to a call that has no video do nothing. */
napi_value addon_open_video(napi_env env, napi_callback_info info);
napi_value addon_close_video(napi_env env, napi_callback_info info);
napi_value addon_set_video_rewrite(napi_env env, napi_callback_info info);
napi_value addon_set_video_gate(napi_env env, napi_callback_info info);
napi_value addon_divert_video(napi_env env, napi_callback_info info);
napi_value addon_send_video(napi_env env, napi_callback_info info);
napi_value addon_ask_video(napi_env env, napi_callback_info info);

#endif
