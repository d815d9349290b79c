#ifndef ISTHMUS_VALUES_H
#define ISTHMUS_VALUES_H

#include <node_api.h>

#include "address.h"

/* Reads arguments of JavaScript. The first that is not what it should be throws a TypeError with
   its name, and `is_valid` stays false from then on. */

#define VALUES_MAX 9

typedef struct values {
  napi_env env;
  napi_value of[VALUES_MAX];
  size_t count;
  bool is_valid;
} values;

values values_read(napi_env env, napi_callback_info info, size_t expected);
napi_value values_member(values *from, napi_value object, const char *name);

uint32_t values_uint32(values *from, napi_value value, const char *name);
int64_t values_int64(values *from, napi_value value, const char *name);
bool values_bool(values *from, napi_value value, const char *name);
void values_text(values *from, napi_value value, const char *name, char *out, size_t capacity);
/** Into the JavaScript memory itself: valid for this call alone. */
const uint8_t *values_bytes(values *from, napi_value value, const char *name, size_t *length);
/** A pair of members `address` and `port`. */
void values_address(values *from, napi_value object, const char *name, address *out);
void *values_external(values *from, napi_value value, const char *name);

napi_value value_uint32(napi_env env, uint32_t number);
napi_value value_text(napi_env env, const char *text);
void value_set(napi_env env, napi_value object, const char *name, napi_value member);

#endif
