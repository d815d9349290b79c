/* Random, truncated and changed pictures into both decoders for a bounded time: the sanitizers that
 * this is built with end it where memory is touched that should not be. */
#include <string.h>

#include "../../native-shared/fuzz.h"
#include "../video.h"

enum { WIDTH = 176, HEIGHT = 144, MAX_FRAME = 200000, FRAMES_PER_CODEC = 60 };

static video_codec *open_decoder(int is_h264) {
  return is_h264 ? h264_decoder_open() : vp8_decoder_open();
}

static video_codec *open_encoder(int is_h264) {
  const struct video_settings settings = {WIDTH, HEIGHT, 300000, 30, chance() % 2 ? 1180 : 0};
  return is_h264 ? h264_encoder_open(&settings) : vp8_encoder_open(&settings);
}

static uint8_t pixels[WIDTH * HEIGHT * 3 / 2];

/* Half a gradient that moves, half noise. */
static struct picture a_picture(int number) {
  for (int i = 0; i < WIDTH * HEIGHT * 3 / 2; i++) {
    pixels[i] = (uint8_t)(i % 3 == 0 ? chance() : (uint32_t)(i + 3 * number));
  }
  const size_t bright = WIDTH * HEIGHT;
  return (struct picture){{pixels, pixels + bright, pixels + bright * 5 / 4},
                          {WIDTH, WIDTH / 2, WIDTH / 2},
                          WIDTH,
                          HEIGHT};
}

/* A whole picture of the codec, some bytes of it changed, its end cut off; or any bytes at all. */
static size_t a_frame(video_codec *encoder, int number, uint8_t *frame) {
  size_t bytes = chance() % 2000;
  for (size_t i = 0; i < bytes; i++) frame[i] = (uint8_t)chance();
  if (chance() % 6 == 0) return bytes;
  const struct picture picture = a_picture(number);
  const struct video_moment when = {number * 3000, chance() % 10 == 0};
  const int made = encoder->calls->encode(encoder, &picture, &when, frame, MAX_FRAME);
  if (made <= 0) return 0;
  const int is_spared = chance() % 3 == 0;
  for (uint32_t changes = is_spared ? 0 : chance() % 12; changes > 0; changes--) {
    const uint32_t within = chance() % 2 ? 64 : (uint32_t)made;
    frame[chance() % (within < (uint32_t)made ? within : (uint32_t)made)] = (uint8_t)chance();
  }
  return !is_spared && chance() % 4 == 0 ? chance() % (uint32_t)made : (size_t)made;
}

static uint8_t smaller[88 * 72 * 3 / 2];

/* On the heap and as long as it is, so that a read past its end is seen; its pixels are all read. */
static void decode(video_codec *decoder, const uint8_t *frame, size_t bytes) {
  uint8_t *exact = malloc(bytes == 0 ? 1 : bytes);
  memcpy(exact, frame, bytes);
  const int status = decoder->calls->decode(decoder, exact, bytes);
  free(exact);
  const struct picture *it = &decoder->picture;
  if (status <= 0) return;
  if (!is_sane_size(it->width, it->height)) abort();
  if (it->width < 88 || it->height < 72) return;
  const struct picture to = {
      {smaller, smaller + 88 * 72, smaller + 88 * 72 * 5 / 4}, {88, 44, 44}, 88, 72};
  shrink(it, &to);
}

static long decode_pictures(void) {
  static uint8_t frame[MAX_FRAME];
  long pictures = 0;
  for (int is_h264 = 0; is_h264 < 2; is_h264++) {
    video_codec *decoder = open_decoder(is_h264);
    video_codec *encoder = open_encoder(is_h264);
    if (decoder == NULL || encoder == NULL) return -1;
    for (int i = 0; i < FRAMES_PER_CODEC; i++, pictures++) {
      decode(decoder, frame, a_frame(encoder, i, frame));
    }
    decoder->calls->close(decoder);
    encoder->calls->close(encoder);
  }
  return pictures;
}

int main(int count, char **arguments) {
  return fuzz(count, arguments, "pictures", decode_pictures);
}
