#ifndef ISTHMUS_EVS_H
#define ISTHMUS_EVS_H

#include <stdint.h>

/* What a library for EVS (3GPP TS 26.445) offers Isthmus. Its path is given to a media node as
 * EVS_LIBRARY; docs/transcoding.md tells how one is made. This header stands alone: copy it, write
 * these functions around an implementation that you have the right to use, and build a shared library.
 *
 * Every function may be called from several threads at once, for different codecs; one codec is never
 * in two calls at once. Nothing may be thrown, printed or waited for. Sound is 16 bits a sample, one
 * channel, 20 ms a call. Frames are of EVS Primary: the bits as they lie in a payload of the compact
 * format (A.2.1), most significant bit first; AMR-WB IO is not used. */

#ifdef __cplusplus
extern "C" {
#endif

/* Changes when anything below changes its meaning. */
#define ISTHMUS_EVS_ABI 1u

enum isthmus_evs_bandwidth {
  ISTHMUS_EVS_NARROW = 0,
  ISTHMUS_EVS_WIDE = 1,
  ISTHMUS_EVS_SUPER_WIDE = 2,
  ISTHMUS_EVS_FULL = 3,
};

/* 2.4 (SID) to 128 kbit/s: 48, 56, 144, 160, 192, 264, 328, 488, 640, 960, 1280, 1920 or 2560 bits. */
enum { ISTHMUS_EVS_MAX_OCTETS = 320 };

/* The ISTHMUS_EVS_ABI of the header that the library was built with. */
uint32_t isthmus_evs_abi(void);

/* `rate_hz` is 8000 or 16000 and that of the sound; with `dtx` 0 every frame is one of speech.
 * NULL: there is none. */
void *isthmus_evs_encoder_create(int32_t rate_hz, int32_t dtx);

/* `bit_rate` is one of 5900 (variable), 7200, 8000, 9600, 13200, 16400, 24400, 32000, 48000, 64000, 96000
 * and 128000, and may change with every frame. `bandwidth` is the widest that may be coded; sound that
 * has less is coded as less. `samples` is rate_hz / 50, `capacity` at least ISTHMUS_EVS_MAX_OCTETS.
 * Bits written; 0: nothing is to be sent for these 20 ms (DTX). Negative: refused. */
int32_t isthmus_evs_encode(void *encoder, const int16_t *pcm, int32_t samples, int32_t bit_rate,
                           int32_t bandwidth, uint8_t *frame, int32_t capacity);

void isthmus_evs_encoder_destroy(void *encoder);

/* Decodes every bandwidth to sound of `rate_hz`. */
void *isthmus_evs_decoder_create(int32_t rate_hz);

/* `bits` is one of the numbers above and `frame` has as many; or `bits` is 0 and `frame` NULL. Then with
 * `bad_frame` 0 the sender pauses, and with 1 a frame was lost or damaged: fill its place. `samples` is
 * rate_hz / 50: write exactly as many. Samples written. Negative: refused. */
int32_t isthmus_evs_decode(void *decoder, const uint8_t *frame, int32_t bits, int32_t bad_frame,
                           int16_t *pcm, int32_t samples);

void isthmus_evs_decoder_destroy(void *decoder);

#ifdef __cplusplus
}
#endif

#endif
