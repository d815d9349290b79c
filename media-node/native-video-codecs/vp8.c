#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../native-shared/library.h"
#include "video.h"

#if __has_include(<vpx/vp8cx.h>) && __has_include(<vpx/vp8dx.h>)
#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

static __typeof__(&vpx_codec_vp8_dx) vp8_dx;
static __typeof__(&vpx_codec_vp8_cx) vp8_cx;
static __typeof__(&vpx_codec_dec_init_ver) dec_init_ver;
static __typeof__(&vpx_codec_enc_init_ver) enc_init_ver;
static __typeof__(&vpx_codec_enc_config_default) enc_config_default;
static __typeof__(&vpx_codec_enc_config_set) enc_config_set;
static __typeof__(&vpx_codec_control_) codec_control;
static __typeof__(&vpx_codec_decode) codec_decode;
static __typeof__(&vpx_codec_get_frame) get_frame;
static __typeof__(&vpx_codec_encode) codec_encode;
static __typeof__(&vpx_codec_get_cx_data) get_cx_data;
static __typeof__(&vpx_codec_destroy) codec_destroy;

static char reason[256];
static const char *missing;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  const char *const *library =
      LIBRARY("libvpx.so.7", "libvpx.so.9", "libvpx.so.8", "libvpx.so.6");
  const struct wanted_symbol symbols[] = {
      {"vpx_codec_vp8_dx", (void **)&vp8_dx},
      {"vpx_codec_vp8_cx", (void **)&vp8_cx},
      {"vpx_codec_dec_init_ver", (void **)&dec_init_ver},
      {"vpx_codec_enc_init_ver", (void **)&enc_init_ver},
      {"vpx_codec_enc_config_default", (void **)&enc_config_default},
      {"vpx_codec_enc_config_set", (void **)&enc_config_set},
      {"vpx_codec_control_", (void **)&codec_control},
      {"vpx_codec_decode", (void **)&codec_decode},
      {"vpx_codec_get_frame", (void **)&get_frame},
      {"vpx_codec_encode", (void **)&codec_encode},
      {"vpx_codec_get_cx_data", (void **)&get_cx_data},
      {"vpx_codec_destroy", (void **)&codec_destroy},
  };
  const char *error = find_symbols(library, symbols, COUNT(symbols));
  vpx_codec_ctx_t probe;
  /* The library compares its ABI with that of the headers; another is no library for us. */
  if (error == NULL && dec_init_ver(&probe, vp8_dx(), NULL, 0, VPX_DECODER_ABI_VERSION) != 0) {
    error = "libvpx has another ABI than the headers this was built with";
  } else if (error == NULL) {
    codec_destroy(&probe);
  }
  missing = kept(reason, sizeof reason, error);
}

const char *vp8_missing(void) {
  pthread_once(&once, load);
  return missing;
}

struct vp8_codec {
  video_codec base;
  vpx_codec_ctx_t context;
  vpx_codec_enc_cfg_t settings;
  /* Ticks a picture is meant to be seen. */
  unsigned long span;
  int64_t last;
};

static void close_vp8(video_codec *self) {
  codec_destroy(&((struct vp8_codec *)self)->context);
  free(self);
}

/* The size stands at the head of a key frame (RFC 6386 9.1). */
static int may_decode(const uint8_t *frame, size_t bytes) {
  if (bytes < 3) return 0;
  if ((frame[0] & 1) != 0) return 1;
  if (bytes < 10) return 0;
  const int width = (frame[6] | frame[7] << 8) & 0x3fff;
  const int height = (frame[8] | frame[9] << 8) & 0x3fff;
  return is_sane_size(width, height);
}

static int decode_vp8(video_codec *self, const uint8_t *frame, size_t bytes) {
  struct vp8_codec *it = (struct vp8_codec *)self;
  if (!may_decode(frame, bytes)) return -1;
  if (codec_decode(&it->context, frame, (unsigned)bytes, NULL, 0) != VPX_CODEC_OK) return -1;
  vpx_codec_iter_t iterator = NULL;
  const vpx_image_t *image = get_frame(&it->context, &iterator);
  if (image == NULL || image->fmt != VPX_IMG_FMT_I420) return 0;
  self->picture.width = (int)image->d_w;
  self->picture.height = (int)image->d_h;
  for (int i = 0; i < 3; i++) {
    self->picture.planes[i] = image->planes[i];
    self->picture.strides[i] = image->stride[i];
  }
  return 1;
}

static int encode_vp8(video_codec *self, const struct picture *picture,
                      const struct video_moment *when, uint8_t *frame, size_t capacity) {
  struct vp8_codec *it = (struct vp8_codec *)self;
  vpx_image_t image;
  memset(&image, 0, sizeof image);
  image.fmt = VPX_IMG_FMT_I420;
  image.w = image.d_w = (unsigned)picture->width;
  image.h = image.d_h = (unsigned)picture->height;
  image.x_chroma_shift = image.y_chroma_shift = 1;
  image.bps = 12;
  image.bit_depth = 8;
  for (int i = 0; i < 3; i++) {
    image.planes[i] = (uint8_t *)picture->planes[i];
    image.stride[i] = picture->strides[i];
  }
  const int64_t ticks = when->ticks > it->last ? when->ticks : it->last + 1;
  it->last = ticks;
  const vpx_enc_frame_flags_t flags = when->is_key ? VPX_EFLAG_FORCE_KF : 0;
  if (codec_encode(&it->context, &image, ticks, it->span, flags, VPX_DL_REALTIME) != VPX_CODEC_OK) {
    return -1;
  }
  size_t length = 0;
  vpx_codec_iter_t iterator = NULL;
  for (const vpx_codec_cx_pkt_t *packet; (packet = get_cx_data(&it->context, &iterator)) != NULL;) {
    if (packet->kind != VPX_CODEC_CX_FRAME_PKT) continue;
    if (packet->data.frame.sz > capacity - length) return -1;
    memcpy(frame + length, packet->data.frame.buf, packet->data.frame.sz);
    length += packet->data.frame.sz;
  }
  return (int)length;
}

static int set_rate_vp8(video_codec *self, int bits_per_s) {
  struct vp8_codec *it = (struct vp8_codec *)self;
  it->settings.rc_target_bitrate = (unsigned)(bits_per_s / 1000);
  return enc_config_set(&it->context, &it->settings) == VPX_CODEC_OK ? 0 : -1;
}

static const struct video_calls DECODER = {decode_vp8, NULL, NULL, close_vp8};
static const struct video_calls ENCODER = {NULL, encode_vp8, set_rate_vp8, close_vp8};

video_codec *vp8_decoder_open(void) {
  if (vp8_missing() != NULL) return NULL;
  struct vp8_codec *it = calloc(1, sizeof *it);
  if (it == NULL) return NULL;
  if (dec_init_ver(&it->context, vp8_dx(), NULL, 0, VPX_DECODER_ABI_VERSION) != VPX_CODEC_OK) {
    free(it);
    return NULL;
  }
  it->base.calls = &DECODER;
  return &it->base;
}

/* A call: no look-ahead, a constant rate, whole pictures only when asked for, and what is lost of one
 * picture does not spoil the entropy of the next. */
static int configure(vpx_codec_enc_cfg_t *it, const struct video_settings *wanted) {
  if (enc_config_default(vp8_cx(), it, 0) != VPX_CODEC_OK) return 0;
  it->g_w = (unsigned)wanted->width;
  it->g_h = (unsigned)wanted->height;
  it->g_timebase.num = 1;
  it->g_timebase.den = 90000;
  it->g_threads = 1;
  it->g_lag_in_frames = 0;
  it->g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
  it->kf_mode = VPX_KF_DISABLED;
  it->rc_end_usage = VPX_CBR;
  it->rc_target_bitrate = (unsigned)(wanted->bits_per_s / 1000);
  it->rc_min_quantizer = 4;
  it->rc_max_quantizer = 56;
  it->rc_buf_sz = 1000;
  it->rc_buf_initial_sz = 500;
  it->rc_buf_optimal_sz = 600;
  return 1;
}

/* Of -16 to 16: how much quicker than best. 4 ms a picture of 640x480, where -4 takes 7. */
enum { SPEED = -8 };

video_codec *vp8_encoder_open(const struct video_settings *wanted) {
  if (vp8_missing() != NULL || !is_sane_size(wanted->width, wanted->height)) return NULL;
  struct vp8_codec *it = calloc(1, sizeof *it);
  if (it == NULL) return NULL;
  if (!configure(&it->settings, wanted) ||
      enc_init_ver(&it->context, vp8_cx(), &it->settings, 0, VPX_ENCODER_ABI_VERSION) !=
          VPX_CODEC_OK) {
    free(it);
    return NULL;
  }
  codec_control(&it->context, VP8E_SET_CPUUSED, SPEED);
  codec_control(&it->context, VP8E_SET_STATIC_THRESHOLD, 1);
  it->base.calls = &ENCODER;
  it->base.picture.width = wanted->width;
  it->base.picture.height = wanted->height;
  it->span = 90000UL / (unsigned long)(wanted->pictures_per_s > 0 ? wanted->pictures_per_s : 30);
  it->last = -1;
  return &it->base;
}

#else

const char *vp8_missing(void) { return "built without the headers of libvpx"; }
video_codec *vp8_decoder_open(void) { return NULL; }
video_codec *vp8_encoder_open(const struct video_settings *settings) {
  return (void)settings, NULL;
}

#endif
