#ifndef ISTHMUS_VIDEO_H
#define ISTHMUS_VIDEO_H

#include <stddef.h>
#include <stdint.h>

/* Planes of 4:2:0, brightness first; owned by whoever made it. */
struct picture {
  const uint8_t *planes[3];
  int strides[3];
  int width;
  int height;
};

/* An encoder or a decoder of one stream. Every function takes any bytes: what the libraries would
 * trust is checked here. Negative results are errors; nothing is thrown and nothing is printed. */
typedef struct video_codec video_codec;

struct video_moment {
  /* Of 90 kHz, rising. */
  int64_t ticks;
  int is_key;
};

struct video_calls {
  /* 1: `picture` is new and good until the next call; 0: there is none. */
  int (*decode)(video_codec *self, const uint8_t *frame, size_t bytes);
  /* Bytes written; 0: the encoder left this picture out. Its size is that of the encoder. */
  int (*encode)(video_codec *self, const struct picture *picture, const struct video_moment *when,
                uint8_t *frame, size_t capacity);
  int (*set_rate)(video_codec *self, int bits_per_s);
  void (*close)(video_codec *self);
};

/* First member of every codec. */
struct video_codec {
  const struct video_calls *calls;
  /* Of a decoder: the last one. Of an encoder: the size it was opened with. */
  struct picture picture;
};

struct video_settings {
  int width;
  int height;
  int bits_per_s;
  int pictures_per_s;
  /* Of H.264: no NAL unit is longer, so that each fits a packet (packetization mode 0); 0: any. */
  int max_unit;
};

/* Larger than 1920x1088 is neither decoded nor made: a stranger's header is not to take our memory. */
enum { MAX_MACROBLOCKS = 120 * 68, MIN_SIDE = 16, MAX_SIDE = 4096 };

static inline int is_sane_size(int width, int height) {
  if (width < MIN_SIDE || height < MIN_SIDE || width > MAX_SIDE || height > MAX_SIDE) return 0;
  return ((width + 15) / 16) * ((height + 15) / 16) <= MAX_MACROBLOCKS;
}

/* NULL where the shared library or its header is missing, or a setting cannot be. */
video_codec *vp8_decoder_open(void);
video_codec *vp8_encoder_open(const struct video_settings *settings);
video_codec *h264_decoder_open(void);
video_codec *h264_encoder_open(const struct video_settings *settings);

/* NULL: the library is there. Else why it is not. */
const char *vp8_missing(void);
const char *h264_missing(void);

/* Whether every sequence parameter set of an access unit describes pictures that may be decoded. */
int has_sane_parameter_sets(const uint8_t *unit, size_t bytes);

/* Averages what falls together; `to` says the size, and its planes are written. */
void shrink(const struct picture *from, const struct picture *to);

#endif
