#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../native-shared/library.h"
#include "codec.h"

/* Octets after the ToC byte by frame type (RFC 4867 5.3); -1: no such frame. A decoder reads as many
 * as the type says, whatever it was given. */
static const int NARROW_OCTETS[16] = {12, 13, 15, 17, 19, 20, 26, 31, 5, -1, -1, -1, -1, -1, -1, 0};
static const int WIDE_OCTETS[16] = {17, 23, 32, 36, 40, 46, 50, 58, 60, 5, -1, -1, -1, -1, 0, 0};

enum {
  NARROW_SAMPLES = 160,
  WIDE_SAMPLES = 320,
  MAX_OCTETS = 64,
  NO_DATA = 15,
  MAX_NARROW_MODE = 7,
  MAX_WIDE_MODE = 8,
};

#define HAS_WIDE __has_include(<vo-amrwbenc/enc_if.h>) && __has_include(<opencore-amrwb/dec_if.h>)
#define HAS_NARROW \
  __has_include(<opencore-amrnb/interf_enc.h>) && __has_include(<opencore-amrnb/interf_dec.h>)

/* The signatures of the four headers, once more: where a header is at hand the compiler compares. */
static void *(*wide_encoder_init)(void);
static int (*wide_encode)(void *state, int mode, const short *speech, unsigned char *out, int dtx);
static void (*wide_encoder_exit)(void *state);
static void *(*wide_decoder_init)(void);
static void (*wide_decode)(void *state, const unsigned char *bits, short *synth, int bfi);
static void (*wide_decoder_exit)(void *state);
static void *(*narrow_encoder_init)(int dtx);
static int (*narrow_encode)(void *state, int mode, const short *speech, unsigned char *out,
                            int force_speech);
static void (*narrow_encoder_exit)(void *state);
static void *(*narrow_decoder_init)(void);
static void (*narrow_decode)(void *state, const unsigned char *in, short *out, int bfi);
static void (*narrow_decoder_exit)(void *state);

#if HAS_WIDE
#include <opencore-amrwb/dec_if.h>
#include <vo-amrwbenc/enc_if.h>
_Static_assert(_Generic(&E_IF_encode, __typeof__(wide_encode): 1, default: 0), "E_IF_encode");
_Static_assert(_Generic(&D_IF_decode, __typeof__(wide_decode): 1, default: 0), "D_IF_decode");
#endif
#if HAS_NARROW
#include <opencore-amrnb/interf_dec.h>
_Static_assert(_Generic(&Decoder_Interface_Decode, __typeof__(narrow_decode): 1, default: 0),
               "Decoder_Interface_Decode");
#endif

static char wide_reason[256];
static char narrow_reason[256];
static const char *wide_missing;
static const char *narrow_missing;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  const struct wanted_symbol encoder[] = {
      {"E_IF_init", (void **)&wide_encoder_init},
      {"E_IF_encode", (void **)&wide_encode},
      {"E_IF_exit", (void **)&wide_encoder_exit},
  };
  const struct wanted_symbol decoder[] = {
      {"D_IF_init", (void **)&wide_decoder_init},
      {"D_IF_decode", (void **)&wide_decode},
      {"D_IF_exit", (void **)&wide_decoder_exit},
  };
  const struct wanted_symbol narrow[] = {
      {"Encoder_Interface_init", (void **)&narrow_encoder_init},
      {"Encoder_Interface_Encode", (void **)&narrow_encode},
      {"Encoder_Interface_exit", (void **)&narrow_encoder_exit},
      {"Decoder_Interface_init", (void **)&narrow_decoder_init},
      {"Decoder_Interface_Decode", (void **)&narrow_decode},
      {"Decoder_Interface_exit", (void **)&narrow_decoder_exit},
  };
  const char *error = find_symbols(LIBRARY("libvo-amrwbenc.so.0"), encoder, COUNT(encoder));
  if (error == NULL) {
    error = find_symbols(LIBRARY("libopencore-amrwb.so.0"), decoder, COUNT(decoder));
  }
  wide_missing = kept(wide_reason, sizeof wide_reason, error);
  error = find_symbols(LIBRARY("libopencore-amrnb.so.0"), narrow, COUNT(narrow));
  narrow_missing = kept(narrow_reason, sizeof narrow_reason, error);
}

const char *amr_wb_missing(void) {
  pthread_once(&once, load);
  return wide_missing;
}

const char *amr_missing(void) {
  pthread_once(&once, load);
  return narrow_missing;
}

struct amr_codec {
  codec base;
  void *state;
  int dtx;
};

static int encode_wide(codec *self, const int16_t *pcm, size_t samples, int mode, uint8_t *frame,
                       size_t capacity) {
  struct amr_codec *amr = (struct amr_codec *)self;
  if (samples != WIDE_SAMPLES || capacity < MAX_OCTETS || mode < 0 || mode > MAX_WIDE_MODE) {
    return -1;
  }
  return wide_encode(amr->state, mode, pcm, frame, amr->dtx);
}

static int encode_narrow(codec *self, const int16_t *pcm, size_t samples, int mode,
                         uint8_t *frame, size_t capacity) {
  struct amr_codec *amr = (struct amr_codec *)self;
  if (samples != NARROW_SAMPLES || capacity < MAX_OCTETS || mode < 0 || mode > MAX_NARROW_MODE) {
    return -1;
  }
  /* The library writes into its input, const as it claims to be. */
  int16_t copy[NARROW_SAMPLES];
  memcpy(copy, pcm, sizeof copy);
  return narrow_encode(amr->state, mode, copy, frame, 0);
}

/* The frame in a buffer that is long enough for any type; a frame that is not whole becomes NO_DATA. */
static int padded(uint8_t *buffer, const uint8_t *frame, size_t bytes, const int *octets) {
  memset(buffer, 0, MAX_OCTETS);
  buffer[0] = NO_DATA << 3 | 4;
  if (bytes == 0) return 0;
  int wanted = octets[frame[0] >> 3 & 0x0f];
  if (wanted < 0 || (size_t)wanted + 1 != bytes) return -1;
  memcpy(buffer, frame, bytes);
  buffer[0] &= 0x7c;
  return 0;
}

static int decode_wide(codec *self, const uint8_t *frame, size_t bytes, int flag, int16_t *pcm,
                       size_t capacity) {
  uint8_t whole[MAX_OCTETS];
  if (capacity < WIDE_SAMPLES || padded(whole, frame, bytes, WIDE_OCTETS) < 0) return -1;
  wide_decode(((struct amr_codec *)self)->state, whole, pcm, flag == CODEC_REPAIR);
  return WIDE_SAMPLES;
}

static int decode_narrow(codec *self, const uint8_t *frame, size_t bytes, int flag, int16_t *pcm,
                         size_t capacity) {
  uint8_t whole[MAX_OCTETS];
  if (capacity < NARROW_SAMPLES || padded(whole, frame, bytes, NARROW_OCTETS) < 0) return -1;
  narrow_decode(((struct amr_codec *)self)->state, whole, pcm, flag == CODEC_REPAIR);
  return NARROW_SAMPLES;
}

static void close_wide_encoder(codec *self) {
  wide_encoder_exit(((struct amr_codec *)self)->state);
  free(self);
}
static void close_wide_decoder(codec *self) {
  wide_decoder_exit(((struct amr_codec *)self)->state);
  free(self);
}
static void close_narrow_encoder(codec *self) {
  narrow_encoder_exit(((struct amr_codec *)self)->state);
  free(self);
}
static void close_narrow_decoder(codec *self) {
  narrow_decoder_exit(((struct amr_codec *)self)->state);
  free(self);
}

static const struct codec_calls WIDE_ENCODER = {NULL, encode_wide, close_wide_encoder};
static const struct codec_calls WIDE_DECODER = {decode_wide, NULL, close_wide_decoder};
static const struct codec_calls NARROW_ENCODER = {NULL, encode_narrow, close_narrow_encoder};
static const struct codec_calls NARROW_DECODER = {decode_narrow, NULL, close_narrow_decoder};

static codec *opened(const struct codec_calls *calls, void *state, int dtx) {
  struct amr_codec *amr = calloc(1, sizeof *amr);
  if (amr == NULL) return NULL;
  amr->base.calls = calls;
  amr->state = state;
  amr->dtx = dtx;
  if (state != NULL) return &amr->base;
  free(amr);
  return NULL;
}

codec *amr_encoder_open(int wide, int dtx) {
  if ((wide ? amr_wb_missing() : amr_missing()) != NULL) return NULL;
  if (wide) return opened(&WIDE_ENCODER, wide_encoder_init(), dtx);
  return opened(&NARROW_ENCODER, narrow_encoder_init(dtx), dtx);
}

codec *amr_decoder_open(int wide) {
  if ((wide ? amr_wb_missing() : amr_missing()) != NULL) return NULL;
  if (wide) return opened(&WIDE_DECODER, wide_decoder_init(), 0);
  return opened(&NARROW_DECODER, narrow_decoder_init(), 0);
}
