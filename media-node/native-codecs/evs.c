#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../native-shared/library.h"
#include "codec.h"
#include "isthmus-evs.h"

/* Bits by frame type (3GPP TS 26.445 table A.4): 2.8 kbit/s to 128, then SID, none, lost, nothing. */
static const int BITS[16] = {56,  144,  160,  192,  264,  328, 488, 640,
                             960, 1280, 1920, 2560, 48,   -1,  0,   0};
static const int BIT_RATES[12] = {5900,  7200,  8000,  9600,  13200, 16400,
                                  24400, 32000, 48000, 64000, 96000, 128000};
/* By the three bits of a mode request that name a bandwidth (table A.2); -1: no mode of ours. */
static const int BANDWIDTHS[8] = {ISTHMUS_EVS_NARROW, -1, ISTHMUS_EVS_WIDE, ISTHMUS_EVS_SUPER_WIDE,
                                  ISTHMUS_EVS_FULL,   -1, -1,               -1};

enum {
  MAX_LIBRARIES = 16,
  SID = 12,
  LOST = 14,
  NO_DATA = 15,
  TEST_RATE = 16000,
  TEST_SAMPLES = 320,
  TEST_BITS = 264,
  TEST_BIT_RATE = 13200,
};

struct evs_library {
  char *path;
  __typeof__(&isthmus_evs_abi) abi;
  __typeof__(&isthmus_evs_encoder_create) encoder_create;
  __typeof__(&isthmus_evs_encode) encode;
  __typeof__(&isthmus_evs_encoder_destroy) encoder_destroy;
  __typeof__(&isthmus_evs_decoder_create) decoder_create;
  __typeof__(&isthmus_evs_decode) decode;
  __typeof__(&isthmus_evs_decoder_destroy) decoder_destroy;
};

/* Threads share what was loaded; nothing is ever unloaded. */
static struct evs_library libraries[MAX_LIBRARIES];
static int loaded;
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

struct evs_codec {
  codec base;
  const struct evs_library *library;
  void *state;
  int samples;
};

static int encode_evs(codec *self, const int16_t *pcm, size_t samples, int mode, uint8_t *frame,
                      size_t capacity) {
  const struct evs_codec *evs = (struct evs_codec *)self;
  const int bandwidth = BANDWIDTHS[mode >> 4 & 7];
  const int rate = mode & 0x0f;
  if ((int)samples != evs->samples || bandwidth < 0 || mode > 0x7f) return -1;
  if (rate >= SID || capacity < 1 + ISTHMUS_EVS_MAX_OCTETS) return -1;
  const int bits = evs->library->encode(evs->state, pcm, (int)samples, BIT_RATES[rate], bandwidth,
                                        frame + 1, ISTHMUS_EVS_MAX_OCTETS);
  frame[0] = NO_DATA;
  if (bits == 0) return 1;
  for (int type = 0; type <= SID; type++) {
    if (BITS[type] != bits) continue;
    frame[0] = (uint8_t)type;
    return 1 + bits / 8;
  }
  return -1;
}

static int decode_evs(codec *self, const uint8_t *frame, size_t bytes, int flag, int16_t *pcm,
                      size_t capacity) {
  const struct evs_codec *evs = (struct evs_codec *)self;
  if (bytes == 0 || frame[0] > NO_DATA || (int)capacity < evs->samples) return -1;
  const int bits = BITS[frame[0]];
  if (bits < 0 || bytes != 1 + (size_t)bits / 8) return -1;
  const int is_bad = flag == CODEC_REPAIR || frame[0] == LOST;
  const int has_bits = bits > 0 && !is_bad;
  const int samples = evs->library->decode(evs->state, has_bits ? frame + 1 : NULL,
                                           has_bits ? bits : 0, is_bad, pcm, evs->samples);
  return samples == evs->samples ? samples : -1;
}

static void close_encoder(codec *self) {
  const struct evs_codec *evs = (struct evs_codec *)self;
  evs->library->encoder_destroy(evs->state);
  free(self);
}

static void close_decoder(codec *self) {
  const struct evs_codec *evs = (struct evs_codec *)self;
  evs->library->decoder_destroy(evs->state);
  free(self);
}

static const struct codec_calls ENCODER = {NULL, encode_evs, close_encoder};
static const struct codec_calls DECODER = {decode_evs, NULL, close_decoder};

static codec *opened(const struct codec_calls *calls, const struct evs_library *library, void *state,
                     int rate_hz) {
  if (state == NULL) return NULL;
  struct evs_codec *evs = calloc(1, sizeof *evs);
  if (evs == NULL) return NULL;
  evs->base.calls = calls;
  evs->library = library;
  evs->state = state;
  evs->samples = rate_hz / 50;
  return &evs->base;
}

static const struct evs_library *library_of(int number, int rate_hz) {
  if (rate_hz != 8000 && rate_hz != 16000) return NULL;
  pthread_mutex_lock(&loading);
  const int is_known = number >= 0 && number < loaded;
  pthread_mutex_unlock(&loading);
  return is_known ? &libraries[number] : NULL;
}

codec *evs_encoder_open(int number, int rate_hz, int dtx) {
  const struct evs_library *it = library_of(number, rate_hz);
  return it == NULL ? NULL : opened(&ENCODER, it, it->encoder_create(rate_hz, dtx), rate_hz);
}

codec *evs_decoder_open(int number, int rate_hz) {
  const struct evs_library *it = library_of(number, rate_hz);
  return it == NULL ? NULL : opened(&DECODER, it, it->decoder_create(rate_hz), rate_hz);
}

/* One frame there and back: a library that counts octets instead of bits is found at start. */
static int works(const struct evs_library *it, char *reason, size_t room) {
  static const int16_t silence[TEST_SAMPLES];
  uint8_t frame[ISTHMUS_EVS_MAX_OCTETS] = {0};
  int16_t pcm[TEST_SAMPLES];
  void *encoder = it->encoder_create(TEST_RATE, 0);
  void *decoder = it->decoder_create(TEST_RATE);
  int bits = -1, samples = -1;
  if (encoder != NULL) {
    bits = it->encode(encoder, silence, TEST_SAMPLES, TEST_BIT_RATE, ISTHMUS_EVS_WIDE, frame,
                      sizeof frame);
    it->encoder_destroy(encoder);
  }
  if (decoder != NULL) {
    samples = it->decode(decoder, frame, TEST_BITS, 0, pcm, TEST_SAMPLES);
    it->decoder_destroy(decoder);
  }
  if (bits == TEST_BITS && samples == TEST_SAMPLES) return 1;
  snprintf(reason, room, "its test frame of 13.2 kbit/s has %d bits and not 264, or %d samples and not 320",
           bits, samples);
  return 0;
}

static int opens(struct evs_library *it, const char *path, char *reason, size_t room) {
  const struct wanted_symbol symbols[] = {
      {"isthmus_evs_abi", (void **)&it->abi},
      {"isthmus_evs_encoder_create", (void **)&it->encoder_create},
      {"isthmus_evs_encode", (void **)&it->encode},
      {"isthmus_evs_encoder_destroy", (void **)&it->encoder_destroy},
      {"isthmus_evs_decoder_create", (void **)&it->decoder_create},
      {"isthmus_evs_decode", (void **)&it->decode},
      {"isthmus_evs_decoder_destroy", (void **)&it->decoder_destroy},
  };
  const char *error = find_symbols(LIBRARY(path), symbols, COUNT(symbols));
  if (error != NULL) {
    snprintf(reason, room, "%s", error);
    return 0;
  }
  if (it->abi() != ISTHMUS_EVS_ABI) {
    snprintf(reason, room, "it was built for version %u of isthmus-evs.h, this node has %u", it->abi(),
             ISTHMUS_EVS_ABI);
    return 0;
  }
  return works(it, reason, room);
}

int evs_load(const char *path, char *reason, size_t room) {
  pthread_mutex_lock(&loading);
  int number = 0;
  while (number < loaded && strcmp(libraries[number].path, path) != 0) number++;
  if (number == loaded) {
    struct evs_library it = {0};
    if (loaded == MAX_LIBRARIES) {
      snprintf(reason, room, "too many libraries");
      number = -1;
    } else if (!opens(&it, path, reason, room) || (it.path = strdup(path)) == NULL) {
      number = -1;
    } else {
      libraries[loaded++] = it;
    }
  }
  pthread_mutex_unlock(&loading);
  return number;
}
