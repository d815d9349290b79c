#include <stdlib.h>

#include "../native-shared/arguments.h"
#include "video.h"

static const napi_type_tag CODEC_TAG = {0x6973746d75737664, 0x51c80a47e2b96d3f};

/* What JavaScript holds. A codec is closed by it, or with the last reference. */
struct held {
  video_codec *codec;
  /* Where an encoder's pictures are made smaller. */
  uint8_t *room;
};

static void let_go(struct held *it) {
  if (it->codec != NULL) it->codec->calls->close(it->codec);
  free(it->room);
  it->codec = NULL;
  it->room = NULL;
}

static void finalize(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  let_go(data);
  free(data);
}

static napi_value wrapped(napi_env env, video_codec *codec) {
  if (codec == NULL) return refuse(env, "the codec cannot be opened");
  struct held *it = calloc(1, sizeof *it);
  napi_value external;
  if (it == NULL || napi_create_external(env, it, finalize, NULL, &external) != napi_ok) {
    codec->calls->close(codec);
    free(it);
    return refuse(env, "no memory for a codec");
  }
  it->codec = codec;
  napi_type_tag_object(env, external, &CODEC_TAG);
  return external;
}

/* NULL: none of ours, or one that was closed. */
static struct held *held_of(napi_env env, napi_value value) {
  struct held *it = tagged(env, value, &CODEC_TAG);
  return it == NULL || it->codec == NULL ? NULL : it;
}

/* openDecoder(isH264) */
static napi_value open_decoder(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  arguments(env, info, it);
  return wrapped(env, integer(env, it[0]) ? h264_decoder_open() : vp8_decoder_open());
}

/* openEncoder(isH264, width, height, bitsPerS, picturesPerS, maxUnit) */
static napi_value open_encoder(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  arguments(env, info, it);
  const struct video_settings settings = {
      .width = integer(env, it[1]),
      .height = integer(env, it[2]),
      .bits_per_s = integer(env, it[3]),
      .pictures_per_s = integer(env, it[4]),
      .max_unit = integer(env, it[5]),
  };
  if (settings.bits_per_s <= 0 || settings.pictures_per_s <= 0 || settings.max_unit < 0) {
    return refuse(env, "settings that cannot be");
  }
  return wrapped(env, integer(env, it[0]) ? h264_encoder_open(&settings)
                                          : vp8_encoder_open(&settings));
}

/* decode(decoder, frame) → width × 65536 + height; 0 where there is no picture yet, negative: refused. */
static napi_value decode(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  size_t bytes;
  arguments(env, info, it);
  struct held *decoder = held_of(env, it[0]);
  const uint8_t *frame = elements(env, it[1], napi_uint8_array, &bytes);
  if (decoder == NULL || decoder->codec->calls->decode == NULL) return refuse(env, "no decoder");
  if (frame == NULL) return refuse(env, "no Uint8Array");
  struct picture *picture = &decoder->codec->picture;
  /* What the last call left is the library's again, whatever comes of this one. */
  picture->planes[0] = NULL;
  const int status = decoder->codec->calls->decode(decoder->codec, frame, bytes);
  return number(env, status > 0 ? picture->width << 16 | picture->height : status);
}

/* The decoder's picture at the encoder's size; NULL where it is no smaller. */
static const struct picture *fitted(struct held *encoder, const struct picture *from,
                                    struct picture *to) {
  const int width = encoder->codec->picture.width, height = encoder->codec->picture.height;
  if (from->planes[0] == NULL || from->width < width || from->height < height) return NULL;
  if (from->width == width && from->height == height) return from;
  const int across = (width + 1) / 2, down = (height + 1) / 2;
  const size_t bright = (size_t)width * (size_t)height, coloured = (size_t)across * (size_t)down;
  if (encoder->room == NULL) encoder->room = malloc(bright + 2 * coloured);
  if (encoder->room == NULL) return NULL;
  *to = (struct picture){
      .planes = {encoder->room, encoder->room + bright, encoder->room + bright + coloured},
      .strides = {width, across, across},
      .width = width,
      .height = height,
  };
  shrink(from, to);
  return to;
}

/* encode(encoder, decoder, frame, ticks, isKey) → bytes; 0: left out, negative: refused. */
static napi_value encode(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  size_t capacity;
  double ticks = 0;
  arguments(env, info, it);
  struct held *encoder = held_of(env, it[0]);
  struct held *decoder = held_of(env, it[1]);
  uint8_t *frame = elements(env, it[2], napi_uint8_array, &capacity);
  if (encoder == NULL || encoder->codec->calls->encode == NULL) return refuse(env, "no encoder");
  if (decoder == NULL || decoder->codec->calls->decode == NULL) return refuse(env, "no decoder");
  if (frame == NULL) return refuse(env, "no Uint8Array");
  napi_get_value_double(env, it[3], &ticks);
  const struct video_moment when = {(int64_t)ticks, integer(env, it[4])};
  struct picture smaller;
  const struct picture *picture = fitted(encoder, &decoder->codec->picture, &smaller);
  if (picture == NULL) return number(env, -1);
  return number(env, encoder->codec->calls->encode(encoder->codec, picture, &when, frame, capacity));
}

/* setRate(encoder, bitsPerS) → 0, or negative where the encoder refused. */
static napi_value set_rate(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  arguments(env, info, it);
  struct held *encoder = held_of(env, it[0]);
  if (encoder == NULL || encoder->codec->calls->set_rate == NULL) return refuse(env, "no encoder");
  const int bits_per_s = integer(env, it[1]);
  if (bits_per_s <= 0) return refuse(env, "no bit rate");
  return number(env, encoder->codec->calls->set_rate(encoder->codec, bits_per_s));
}

static napi_value close_codec(napi_env env, napi_callback_info info) {
  napi_value it[MAX_ARGUMENTS];
  arguments(env, info, it);
  struct held *held = held_of(env, it[0]);
  if (held != NULL) let_go(held);
  return NULL;
}

/* missing() → why each codec cannot be had; an empty text where it can. */
static napi_value missing(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value object;
  napi_create_object(env, &object);
  tell_missing(env, object, "VP8", vp8_missing());
  tell_missing(env, object, "H264", h264_missing());
  return object;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      FUNCTION("missing", missing),
      FUNCTION("openDecoder", open_decoder),
      FUNCTION("openEncoder", open_encoder),
      FUNCTION("decode", decode),
      FUNCTION("encode", encode),
      FUNCTION("setRate", set_rate),
      FUNCTION("close", close_codec),
  };
  napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
  return exports;
}
