#include "values.h"

#include <stdio.h>

static void refuse(values *from, const char *name) {
  char message[96];
  if (!from->is_valid) return;
  from->is_valid = false;
  snprintf(message, sizeof message, "media addon: %s is not what it should be", name);
  napi_throw_type_error(from->env, NULL, message);
}

values values_read(napi_env env, napi_callback_info info, size_t expected) {
  values from = {.env = env, .count = VALUES_MAX, .is_valid = true};
  napi_get_cb_info(env, info, &from.count, from.of, NULL, NULL);
  if (from.count < expected) refuse(&from, "the number of arguments");
  return from;
}

napi_value values_member(values *from, napi_value object, const char *name) {
  napi_value member = NULL;
  if (!from->is_valid) return NULL;
  if (napi_get_named_property(from->env, object, name, &member) != napi_ok) refuse(from, name);
  return member;
}

uint32_t values_uint32(values *from, napi_value value, const char *name) {
  uint32_t number = 0;
  if (from->is_valid && napi_get_value_uint32(from->env, value, &number) != napi_ok) {
    refuse(from, name);
  }
  return number;
}

int64_t values_int64(values *from, napi_value value, const char *name) {
  int64_t number = 0;
  if (from->is_valid && napi_get_value_int64(from->env, value, &number) != napi_ok) {
    refuse(from, name);
  }
  return number;
}

bool values_bool(values *from, napi_value value, const char *name) {
  bool truth = false;
  if (from->is_valid && napi_get_value_bool(from->env, value, &truth) != napi_ok) {
    refuse(from, name);
  }
  return truth;
}

void values_text(values *from, napi_value value, const char *name, char *out, size_t capacity) {
  size_t length = 0;
  out[0] = 0;
  if (!from->is_valid) return;
  napi_status status = napi_get_value_string_utf8(from->env, value, out, capacity, &length);
  // What just fits may have been cut.
  if (status != napi_ok || length + 1 >= capacity) refuse(from, name);
}

const uint8_t *values_bytes(values *from, napi_value value, const char *name, size_t *length) {
  napi_typedarray_type type = napi_int8_array;
  void *bytes = NULL;
  *length = 0;
  if (!from->is_valid) return NULL;
  napi_status status =
      napi_get_typedarray_info(from->env, value, &type, length, &bytes, NULL, NULL);
  if (status != napi_ok || type != napi_uint8_array) refuse(from, name);
  return bytes;
}

void values_address(values *from, napi_value object, const char *name, address *out) {
  char text[ADDRESS_TEXT_BYTES + 1];
  memset(out, 0, sizeof *out);
  values_text(from, values_member(from, object, "address"), name, text, sizeof text);
  uint32_t port = values_uint32(from, values_member(from, object, "port"), name);
  if (!from->is_valid) return;
  if (port > UINT16_MAX || !address_read(out, text, (uint16_t)port)) refuse(from, name);
}

void *values_external(values *from, napi_value value, const char *name) {
  void *pointer = NULL;
  if (from->is_valid && napi_get_value_external(from->env, value, &pointer) != napi_ok) {
    refuse(from, name);
  }
  return pointer;
}

napi_value value_uint32(napi_env env, uint32_t number) {
  napi_value value = NULL;
  napi_create_uint32(env, number, &value);
  return value;
}

napi_value value_text(napi_env env, const char *text) {
  napi_value value = NULL;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  return value;
}

void value_set(napi_env env, napi_value object, const char *name, napi_value member) {
  napi_set_named_property(env, object, name, member);
}
