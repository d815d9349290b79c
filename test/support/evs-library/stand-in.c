/* A stand-in for an operator's EVS: the mean of every ten samples, which is no EVS at all. It shows that
 * Isthmus asks a library for what isthmus-evs.h says, and for nothing else. Faults are built in by name. */
#include <stdlib.h>
#include <string.h>

#include "isthmus-evs.h"

enum { MEANS = 32, SID_BITS = 48 };

struct stand_in {
  int samples;
  int dtx;
  uint8_t last[MEANS];
};

static int bits_of(int32_t bit_rate) { return bit_rate == 5900 ? 144 : bit_rate / 50; }

uint32_t isthmus_evs_abi(void) {
#ifdef FAULT_OTHER_VERSION
  return ISTHMUS_EVS_ABI + 1;
#else
  return ISTHMUS_EVS_ABI;
#endif
}

static void *create(int32_t rate_hz, int32_t dtx) {
  struct stand_in *it = calloc(1, sizeof *it);
  if (it == NULL) return NULL;
  it->samples = rate_hz / 50;
  it->dtx = dtx;
  memset(it->last, 128, sizeof it->last);
  return it;
}

void *isthmus_evs_encoder_create(int32_t rate_hz, int32_t dtx) {
#ifdef FAULT_NO_ENCODER
  return NULL;
#endif
  return create(rate_hz, dtx);
}

void *isthmus_evs_decoder_create(int32_t rate_hz) { return create(rate_hz, 0); }
void isthmus_evs_encoder_destroy(void *encoder) { free(encoder); }
void isthmus_evs_decoder_destroy(void *decoder) { free(decoder); }

/* The first octet has a clear first bit, the bandwidth, and the bit rate in kbit/s below 32. */
int32_t isthmus_evs_encode(void *encoder, const int16_t *pcm, int32_t samples, int32_t bit_rate,
                           int32_t bandwidth, uint8_t *frame, int32_t capacity) {
  struct stand_in *it = encoder;
  const int bits = bits_of(bit_rate);
  int loudest = 0;
  if (capacity < ISTHMUS_EVS_MAX_OCTETS || samples != it->samples) return -1;
  for (int i = 0; i < samples; i++) loudest = abs(pcm[i]) > loudest ? abs(pcm[i]) : loudest;
  if (it->dtx && loudest == 0) return 0;
  memset(frame, 0, (size_t)bits / 8);
  frame[0] = (uint8_t)(bandwidth << 5 | (bit_rate / 1000 & 31));
  for (int mean = 0; mean < MEANS && 1 + mean < bits / 8; mean++) {
    int sum = 0;
    const int each = samples / MEANS;
    for (int i = 0; i < each; i++) sum += pcm[mean * each + i];
    frame[1 + mean] = (uint8_t)(128 + sum / each / 256);
  }
#ifdef FAULT_OCTETS_FOR_BITS
  return bits / 8;
#else
  return bits;
#endif
}

#ifndef FAULT_NO_DECODE
int32_t isthmus_evs_decode(void *decoder, const uint8_t *frame, int32_t bits, int32_t bad_frame,
                           int16_t *pcm, int32_t samples) {
  struct stand_in *it = decoder;
  if (samples != it->samples) return -1;
  if (bits > SID_BITS) {
    for (int mean = 0; mean < MEANS; mean++) {
      it->last[mean] = 1 + mean < bits / 8 ? frame[1 + mean] : 128;
    }
  } else if (!bad_frame) {
    memset(it->last, 128, sizeof it->last);
  }
  for (int i = 0; i < samples; i++) {
    const int mean = i / (samples / MEANS);
    pcm[i] = (int16_t)((it->last[mean < MEANS ? mean : MEANS - 1] - 128) * 256);
  }
  return samples;
}
#endif
