#include "../native-shared/arguments.h"
#include "codec.h"

static const napi_type_tag CODEC_TAG = {0x6973746d75736364, 0x9c41d09f3be74a15};

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

static codec *codec_of(napi_env env, napi_value value) { return tagged(env, value, &CODEC_TAG); }

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

/* missing() → why each codec cannot be had; an empty text where it can. */
static napi_value missing(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value object;
  napi_create_object(env, &object);
  tell_missing(env, object, "opus", opus_missing());
  tell_missing(env, object, "AMR-WB", amr_wb_missing());
  tell_missing(env, object, "AMR", amr_missing());
  return object;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      FUNCTION("missing", missing),
      FUNCTION("openOpusEncoder", open_opus_encoder),
      FUNCTION("openOpusDecoder", open_opus_decoder),
      FUNCTION("openAmrEncoder", open_amr_encoder),
      FUNCTION("openAmrDecoder", open_amr_decoder),
      FUNCTION("loadEvs", load_evs),
      FUNCTION("openEvsEncoder", open_evs_encoder),
      FUNCTION("openEvsDecoder", open_evs_decoder),
      FUNCTION("encode", encode),
      FUNCTION("decode", decode),
  };
  napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
  return exports;
}
