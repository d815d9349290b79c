#ifndef ISTHMUS_CODEC_H
#define ISTHMUS_CODEC_H

#include <stddef.h>
#include <stdint.h>

/* An encoder or a decoder of one stream. Every function takes any bytes: what the libraries would
 * trust is checked here. Negative results are errors; nothing is thrown and nothing is printed. */
typedef struct codec codec;

enum codec_flag {
  CODEC_PLAIN = 0,
  /* AMR and EVS: the frame is damaged or missing. Opus: decode the redundancy this packet has of the one before. */
  CODEC_REPAIR = 1,
};

struct codec_calls {
  /* Samples written. An empty frame asks for concealment of `capacity` samples (Opus). */
  int (*decode)(codec *self, const uint8_t *frame, size_t bytes, int flag, int16_t *pcm,
                size_t capacity);
  /* Bytes written; `mode` is that of AMR, or a mode request of EVS, and of no meaning elsewhere. */
  int (*encode)(codec *self, const int16_t *pcm, size_t samples, int mode, uint8_t *frame,
                size_t capacity);
  void (*close)(codec *self);
};

/* First member of every codec. */
struct codec {
  const struct codec_calls *calls;
};

struct opus_settings {
  int rate_hz;
  int bitrate;
  int complexity;
  int fec;
  int dtx;
  int cbr;
  /* Audio the receiver can play, as a sampling rate (RFC 7587 6.1, maxplaybackrate). */
  int playback_rate_hz;
  int loss_percent;
};

/* NULL with a reason where the shared library or its header was missing. */
codec *opus_encoder_open(const struct opus_settings *settings);
codec *opus_decoder_open(int rate_hz);
codec *amr_encoder_open(int wide, int dtx);
codec *amr_decoder_open(int wide);
/* Of the library that `evs_load` gave this number. Frames have an octet of their type in front. */
codec *evs_encoder_open(int number, int rate_hz, int dtx);
codec *evs_decoder_open(int number, int rate_hz);

/* Opens an operator's library (isthmus-evs.h) and tries it. Negative: it cannot be used, and why. */
int evs_load(const char *path, char *reason, size_t room);

/* NULL: the library is there. Else why it is not. */
const char *opus_missing(void);
const char *amr_wb_missing(void);
const char *amr_missing(void);

#endif
