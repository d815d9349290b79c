#include <node_api.h>
#include <string.h>

#include "codec.h"

static const napi_type_tag CODEC_TAG = {0x6973746d75736364, 0x9c41d09f3be74a15};

static napi_value refuse(napi_env env, const char *message) {
  napi_throw_error(env, "codec.refused", message);
  return NULL;
}

static void finalize(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  codec *it = data;
  it->calls->close(it);
}

static napi_value wrapped(napi_env env, codec *it) {
  if (it == NULL) return refuse(env, "the codec cannot be opened");
  napi_value external;
  if (napi_create_external(env, it, finalize, NULL, &external) != napi_ok) {
    it->calls->close(it);
    return NULL;
  }
  napi_type_tag_object(env, external, &CODEC_TAG);
  return external;
}

static codec *codec_of(napi_env env, napi_value value) {
  bool is_ours = false;
  napi_valuetype type;
  void *data = NULL;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_external) return NULL;
  if (napi_check_object_type_tag(env, value, &CODEC_TAG, &is_ours) != napi_ok) return NULL;
  return is_ours && napi_get_value_external(env, value, &data) == napi_ok ? data : NULL;
}

static int integer(napi_env env, napi_value value) {
  int32_t it = 0;
  return napi_get_value_int32(env, value, &it) == napi_ok ? it : 0;
}

/* Elements of a typed array of this very kind; NULL is no such array. */
static void *elements(napi_env env, napi_value value, napi_typedarray_type wanted, size_t *count) {
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

static napi_value number(napi_env env, int value) {
  napi_value result;
  napi_create_int32(env, value, &result);
  return result;
}

enum { MAX_ARGUMENTS = 8 };

static size_t arguments(napi_env env, napi_callback_info info, napi_value *values) {
  size_t count = MAX_ARGUMENTS;
  for (size_t i = 0; i < MAX_ARGUMENTS; i++) napi_get_undefined(env, &values[i]);
  napi_get_cb_info(env, info, &count, values, NULL, NULL);
  return count;
}

static napi_value open_opus_encoder(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  arguments(env, info, it);
  const struct opus_settings settings = {
      .rate_hz = integer(env, it[0]),
      .bitrate = integer(env, it[1]),
      .complexity = integer(env, it[2]),
      .fec = integer(env, it[3]),
      .dtx = integer(env, it[4]),
      .cbr = integer(env, it[5]),
      .playback_rate_hz = integer(env, it[6]),
      .loss_percent = integer(env, it[7]),
  };
  return wrapped(env, opus_encoder_open(&settings));
}

static napi_value open_opus_decoder(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  arguments(env, info, it);
  return wrapped(env, opus_decoder_open(integer(env, it[0])));
}

static napi_value open_amr_encoder(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  arguments(env, info, it);
  return wrapped(env, amr_encoder_open(integer(env, it[0]), integer(env, it[1])));
}

static napi_value open_amr_decoder(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  arguments(env, info, it);
  return wrapped(env, amr_decoder_open(integer(env, it[0])));
}

/* loadEvs(path) → a number for the library, or a text: why it cannot be used. */
static napi_value load_evs(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  char path[4096], reason[512] = "";
  size_t length = 0;
  arguments(env, info, it);
  if (napi_get_value_string_utf8(env, it[0], path, sizeof path, &length) != napi_ok) {
    return refuse(env, "no path");
  }
  const int library = evs_load(path, reason, sizeof reason);
  if (library >= 0) return number(env, library);
  napi_value text;
  napi_create_string_utf8(env, reason, NAPI_AUTO_LENGTH, &text);
  return text;
}

static napi_value open_evs_encoder(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  arguments(env, info, it);
  return wrapped(env,
                 evs_encoder_open(integer(env, it[0]), integer(env, it[1]), integer(env, it[2])));
}

static napi_value open_evs_decoder(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  arguments(env, info, it);
  return wrapped(env, evs_decoder_open(integer(env, it[0]), integer(env, it[1])));
}

/* encode(codec, pcm, frame, mode) → bytes, negative where the codec refused. */
static napi_value encode(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  size_t samples, capacity;
  arguments(env, info, it);
  codec *encoder = codec_of(env, it[0]);
  const int16_t *pcm = elements(env, it[1], napi_int16_array, &samples);
  uint8_t *frame = elements(env, it[2], napi_uint8_array, &capacity);
  if (encoder == NULL || encoder->calls->encode == NULL) return refuse(env, "no encoder");
  if (pcm == NULL || frame == NULL) return refuse(env, "no Int16Array and Uint8Array");
  return number(env, encoder->calls->encode(encoder, pcm, samples, integer(env, it[3]), frame,
                                            capacity));
}

/* decode(codec, frame, pcm, flag) → samples, negative where the codec refused. */
static napi_value decode(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  size_t bytes, capacity;
  arguments(env, info, it);
  codec *decoder = codec_of(env, it[0]);
  const uint8_t *frame = elements(env, it[1], napi_uint8_array, &bytes);
  int16_t *pcm = elements(env, it[2], napi_int16_array, &capacity);
  if (decoder == NULL || decoder->calls->decode == NULL) return refuse(env, "no decoder");
  if (pcm == NULL || frame == NULL) return refuse(env, "no Uint8Array and Int16Array");
  return number(env, decoder->calls->decode(decoder, frame, bytes, integer(env, it[3]), pcm,
                                            capacity));
}

static void tell(napi_env env, napi_value object, const char *name, const char *missing) {
  napi_value value;
  napi_create_string_utf8(env, missing == NULL ? "" : missing, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, object, name, value);
}

/* missing() → why each codec cannot be had; an empty text where it can. */
static napi_value missing(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value object;
  napi_create_object(env, &object);
  tell(env, object, "opus", opus_missing());
  tell(env, object, "AMR-WB", amr_wb_missing());
  tell(env, object, "AMR", amr_missing());
  return object;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"missing", NULL, missing, NULL, NULL, NULL, napi_enumerable, NULL},
      {"openOpusEncoder", NULL, open_opus_encoder, NULL, NULL, NULL, napi_enumerable, NULL},
      {"openOpusDecoder", NULL, open_opus_decoder, NULL, NULL, NULL, napi_enumerable, NULL},
      {"openAmrEncoder", NULL, open_amr_encoder, NULL, NULL, NULL, napi_enumerable, NULL},
      {"openAmrDecoder", NULL, open_amr_decoder, NULL, NULL, NULL, napi_enumerable, NULL},
      {"loadEvs", NULL, load_evs, NULL, NULL, NULL, napi_enumerable, NULL},
      {"openEvsEncoder", NULL, open_evs_encoder, NULL, NULL, NULL, napi_enumerable, NULL},
      {"openEvsDecoder", NULL, open_evs_decoder, NULL, NULL, NULL, napi_enumerable, NULL},
      {"encode", NULL, encode, NULL, NULL, NULL, napi_enumerable, NULL},
      {"decode", NULL, decode, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
  return exports;
}
