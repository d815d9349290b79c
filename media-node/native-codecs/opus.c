#include <pthread.h>
#include <stdlib.h>

#include "../native-shared/library.h"
#include "codec.h"

#if __has_include(<opus/opus.h>)
#include <opus/opus.h>

static __typeof__(&opus_encoder_create) encoder_create;
static __typeof__(&opus_encoder_ctl) encoder_ctl;
static __typeof__(&opus_encode) encode;
static __typeof__(&opus_encoder_destroy) encoder_destroy;
static __typeof__(&opus_decoder_create) decoder_create;
static __typeof__(&opus_decode) decode;
static __typeof__(&opus_decoder_destroy) decoder_destroy;

static char reason[256];
static const char *missing;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  const struct wanted_symbol symbols[] = {
      {"opus_encoder_create", (void **)&encoder_create},
      {"opus_encoder_ctl", (void **)&encoder_ctl},
      {"opus_encode", (void **)&encode},
      {"opus_encoder_destroy", (void **)&encoder_destroy},
      {"opus_decoder_create", (void **)&decoder_create},
      {"opus_decode", (void **)&decode},
      {"opus_decoder_destroy", (void **)&decoder_destroy},
  };
  const char *error = find_symbols(LIBRARY("libopus.so.0"), symbols, COUNT(symbols));
  missing = kept(reason, sizeof reason, error);
}

const char *opus_missing(void) {
  pthread_once(&once, load);
  return missing;
}

struct opus_codec {
  codec base;
  OpusEncoder *encoder;
  OpusDecoder *decoder;
};

static void close_opus(codec *self) {
  struct opus_codec *opus = (struct opus_codec *)self;
  if (opus->encoder != NULL) encoder_destroy(opus->encoder);
  if (opus->decoder != NULL) decoder_destroy(opus->decoder);
  free(opus);
}

static int encode_opus(codec *self, const int16_t *pcm, size_t samples, int mode, uint8_t *frame,
                       size_t capacity) {
  (void)mode;
  return encode(((struct opus_codec *)self)->encoder, pcm, (int)samples, frame, (int)capacity);
}

static int decode_opus(codec *self, const uint8_t *frame, size_t bytes, int flag, int16_t *pcm,
                       size_t capacity) {
  const uint8_t *packet = bytes == 0 ? NULL : frame;
  return decode(((struct opus_codec *)self)->decoder, packet, (int)bytes, pcm, (int)capacity,
                packet != NULL && flag == CODEC_REPAIR);
}

static const struct codec_calls ENCODER = {NULL, encode_opus, close_opus};
static const struct codec_calls DECODER = {decode_opus, NULL, close_opus};

/* The width the receiver can play (RFC 7587 3.1.2, table 1). */
static int bandwidth_of(int rate_hz) {
  if (rate_hz <= 8000) return OPUS_BANDWIDTH_NARROWBAND;
  if (rate_hz <= 12000) return OPUS_BANDWIDTH_MEDIUMBAND;
  if (rate_hz <= 16000) return OPUS_BANDWIDTH_WIDEBAND;
  if (rate_hz <= 24000) return OPUS_BANDWIDTH_SUPERWIDEBAND;
  return OPUS_BANDWIDTH_FULLBAND;
}

codec *opus_encoder_open(const struct opus_settings *it) {
  if (opus_missing() != NULL) return NULL;
  int error = 0;
  OpusEncoder *encoder = encoder_create(it->rate_hz, 1, OPUS_APPLICATION_VOIP, &error);
  struct opus_codec *opus = calloc(1, sizeof *opus);
  if (encoder == NULL || opus == NULL) {
    if (encoder != NULL) encoder_destroy(encoder);
    free(opus);
    return NULL;
  }
  encoder_ctl(encoder, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
  encoder_ctl(encoder, OPUS_SET_BITRATE(it->bitrate));
  encoder_ctl(encoder, OPUS_SET_COMPLEXITY(it->complexity));
  encoder_ctl(encoder, OPUS_SET_INBAND_FEC(it->fec));
  encoder_ctl(encoder, OPUS_SET_DTX(it->dtx));
  encoder_ctl(encoder, OPUS_SET_VBR(!it->cbr));
  encoder_ctl(encoder, OPUS_SET_MAX_BANDWIDTH(bandwidth_of(it->playback_rate_hz)));
  encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(it->loss_percent));
  opus->base.calls = &ENCODER;
  opus->encoder = encoder;
  return &opus->base;
}

/* One channel: what comes in stereo is decoded to its middle (RFC 6716 2.1.2). */
codec *opus_decoder_open(int rate_hz) {
  if (opus_missing() != NULL) return NULL;
  int error = 0;
  OpusDecoder *decoder = decoder_create(rate_hz, 1, &error);
  struct opus_codec *opus = calloc(1, sizeof *opus);
  if (decoder == NULL || opus == NULL) {
    if (decoder != NULL) decoder_destroy(decoder);
    free(opus);
    return NULL;
  }
  opus->base.calls = &DECODER;
  opus->decoder = decoder;
  return &opus->base;
}

#else

const char *opus_missing(void) { return "built without the header of libopus"; }
codec *opus_encoder_open(const struct opus_settings *settings) { return (void)settings, NULL; }
codec *opus_decoder_open(int rate_hz) { return (void)rate_hz, NULL; }

#endif
