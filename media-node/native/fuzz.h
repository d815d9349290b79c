#ifndef ISTHMUS_FUZZ_H
#define ISTHMUS_FUZZ_H

#include <node_api.h>

/** fuzz(handle, slot, seeds, seed, rounds). Only in the fuzz build. */
napi_value addon_fuzz(napi_env env, napi_callback_info info);

#endif
