/* Random, truncated and changed frames into every decoder for a bounded time: the sanitizers that this
 * is built with end it where memory is touched that should not be. */
#include <string.h>

#include "../../native-shared/fuzz.h"
#include "../codec.h"

enum { MAX_FRAME = 1500, MAX_SAMPLES = 1920, FRAMES_PER_CODEC = 500, KINDS = 4 };

static codec *open_decoder(int kind) {
  switch (kind) {
    case 0:
      return opus_decoder_open(16000);
    case 1:
      return opus_decoder_open(8000);
    case 2:
      return amr_decoder_open(1);
    default:
      return amr_decoder_open(0);
  }
}

static codec *open_encoder(int kind) {
  const struct opus_settings settings = {kind == 0 ? 16000 : 8000, 24000, 1, 1, 1, 0, 16000, 10};
  return kind < 2 ? opus_encoder_open(&settings) : amr_encoder_open(kind == 2, 1);
}

/* A whole frame of the codec, some bytes of it changed, its end cut off; or any bytes at all. */
static size_t a_frame(codec *encoder, int kind, uint8_t *frame) {
  size_t bytes = chance() % 80;
  if (chance() % 4 == 0) bytes = chance() % MAX_FRAME;
  for (size_t i = 0; i < bytes; i++) frame[i] = (uint8_t)chance();
  if (chance() % 2 == 0) return bytes;
  int16_t pcm[320];
  const size_t samples = kind == 0 || kind == 2 ? 320 : 160;
  const uint32_t loudness = chance() % 30000 + 1;
  for (size_t i = 0; i < samples; i++) pcm[i] = (int16_t)(chance() % loudness);
  const int made = encoder->calls->encode(encoder, pcm, samples, (int)(chance() % 9), frame, MAX_FRAME);
  if (made <= 0) return 0;
  for (uint32_t changes = chance() % 6; changes > 0; changes--) {
    frame[chance() % (uint32_t)made] = (uint8_t)chance();
  }
  return chance() % 3 == 0 ? chance() % (uint32_t)made : (size_t)made;
}

/* On the heap and as long as it is, so that a read past its end is seen. */
static void decode(codec *decoder, const uint8_t *frame, size_t bytes) {
  uint8_t *exact = malloc(bytes == 0 ? 1 : bytes);
  const size_t capacity = chance() % 8 == 0 ? chance() % 400 : MAX_SAMPLES;
  int16_t *pcm = malloc((capacity == 0 ? 1 : capacity) * sizeof *pcm);
  memcpy(exact, frame, bytes);
  const int samples =
      decoder->calls->decode(decoder, exact, bytes, chance() % 4 == 0, pcm, capacity);
  if (samples > (int)capacity) abort();
  free(exact);
  free(pcm);
}

static long decode_frames(void) {
  long frames = 0;
  for (int kind = 0; kind < KINDS; kind++) {
    codec *decoder = open_decoder(kind);
    codec *encoder = open_encoder(kind);
    if (decoder == NULL || encoder == NULL) return -1;
    for (int i = 0; i < FRAMES_PER_CODEC; i++, frames++) {
      uint8_t frame[MAX_FRAME];
      decode(decoder, frame, a_frame(encoder, kind, frame));
    }
    decoder->calls->close(decoder);
    encoder->calls->close(encoder);
  }
  return frames;
}

int main(int count, char **arguments) {
  return fuzz(count, arguments, "frames", decode_frames);
}
