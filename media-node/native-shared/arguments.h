#ifndef ISTHMUS_ARGUMENTS_H
#define ISTHMUS_ARGUMENTS_H

#include <node_api.h>

/* What JavaScript gives to the addons of codecs, and is given. What is not of the kind that is wanted
 * is 0 or NULL. */

enum { MAX_ARGUMENTS = 8 };

#define FUNCTION(name, function) \
  { name, NULL, function, NULL, NULL, NULL, napi_enumerable, NULL }

static inline void arguments(napi_env env, napi_callback_info info, napi_value *values) {
  size_t count = MAX_ARGUMENTS;
  for (size_t i = 0; i < MAX_ARGUMENTS; i++) napi_get_undefined(env, &values[i]);
  napi_get_cb_info(env, info, &count, values, NULL, NULL);
}

static inline napi_value refuse(napi_env env, const char *message) {
  napi_throw_error(env, "codec.refused", message);
  return NULL;
}

static inline int integer(napi_env env, napi_value value) {
  int32_t it = 0;
  return napi_get_value_int32(env, value, &it) == napi_ok ? it : 0;
}

static inline napi_value number(napi_env env, int value) {
  napi_value result;
  napi_create_int32(env, value, &result);
  return result;
}

/* Of a typed array of this very kind. */
static inline void *elements(napi_env env, napi_value value, napi_typedarray_type wanted,
                             size_t *count) {
  static uint8_t nothing[1];
  bool is_array = false;
  napi_typedarray_type type;
  void *data = NULL;
  *count = 0;
  if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array) return NULL;
  napi_get_typedarray_info(env, value, &type, count, &data, NULL, NULL);
  if (type != wanted) return NULL;
  return data == NULL ? nothing : data;
}

/* What an external of ours holds. */
static inline void *tagged(napi_env env, napi_value value, const napi_type_tag *tag) {
  bool is_ours = false;
  napi_valuetype type;
  void *data = NULL;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_external) return NULL;
  if (napi_check_object_type_tag(env, value, tag, &is_ours) != napi_ok || !is_ours) return NULL;
  return napi_get_value_external(env, value, &data) == napi_ok ? data : NULL;
}

/* Why a codec cannot be had; an empty text where it can. */
static inline void tell_missing(napi_env env, napi_value object, const char *name,
                                const char *missing) {
  napi_value value;
  napi_create_string_utf8(env, missing == NULL ? "" : missing, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, object, name, value);
}

#endif
