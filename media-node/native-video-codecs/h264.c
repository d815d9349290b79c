#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../native-shared/library.h"
#include "video.h"

#if __has_include(<wels/codec_api.h>) && __has_include(<wels/codec_ver.h>)
#include <wels/codec_api.h>
#include <wels/codec_ver.h>

static __typeof__(&WelsCreateSVCEncoder) create_encoder;
static __typeof__(&WelsDestroySVCEncoder) destroy_encoder;
static __typeof__(&WelsCreateDecoder) create_decoder;
static __typeof__(&WelsDestroyDecoder) destroy_decoder;
static __typeof__(&WelsGetCodecVersionEx) version_of;

static char reason[256];
static const char *missing;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  const char *const *library =
      LIBRARY("libopenh264.so.7", "libopenh264.so.8", "libopenh264.so.6");
  const struct wanted_symbol symbols[] = {
      {"WelsCreateSVCEncoder", (void **)&create_encoder},
      {"WelsDestroySVCEncoder", (void **)&destroy_encoder},
      {"WelsCreateDecoder", (void **)&create_decoder},
      {"WelsDestroyDecoder", (void **)&destroy_decoder},
      {"WelsGetCodecVersionEx", (void **)&version_of},
  };
  missing = kept(reason, sizeof reason, find_symbols(library, symbols, COUNT(symbols)));
  if (missing != NULL) return;
  /* Its structures grow with its minor version, and it does not say so itself. */
  OpenH264Version it;
  version_of(&it);
  if (it.uMajor == OPENH264_MAJOR && it.uMinor == OPENH264_MINOR) return;
  snprintf(reason, sizeof reason, "libopenh264 is %u.%u, the headers this was built with are %d.%d",
           it.uMajor, it.uMinor, OPENH264_MAJOR, OPENH264_MINOR);
  missing = reason;
}

const char *h264_missing(void) {
  pthread_once(&once, load);
  return missing;
}

struct h264_codec {
  video_codec base;
  ISVCEncoder *encoder;
  ISVCDecoder *decoder;
};

static void close_h264(video_codec *self) {
  struct h264_codec *it = (struct h264_codec *)self;
  if (it->encoder != NULL) {
    (*it->encoder)->Uninitialize(it->encoder);
    destroy_encoder(it->encoder);
  }
  if (it->decoder != NULL) {
    (*it->decoder)->Uninitialize(it->decoder);
    destroy_decoder(it->decoder);
  }
  free(it);
}

static int decode_h264(video_codec *self, const uint8_t *frame, size_t bytes) {
  struct h264_codec *it = (struct h264_codec *)self;
  if (bytes < 5 || !has_sane_parameter_sets(frame, bytes)) return -1;
  SBufferInfo info;
  unsigned char *planes[3] = {NULL, NULL, NULL};
  memset(&info, 0, sizeof info);
  const DECODING_STATE state =
      (*it->decoder)->DecodeFrameNoDelay(it->decoder, frame, (int)bytes, planes, &info);
  if (info.iBufferStatus != 1 || planes[0] == NULL) return state == dsErrorFree ? 0 : -1;
  const SSysMEMBuffer *buffer = &info.UsrData.sSystemBuffer;
  if (!is_sane_size(buffer->iWidth, buffer->iHeight)) return -1;
  self->picture.width = buffer->iWidth;
  self->picture.height = buffer->iHeight;
  for (int i = 0; i < 3; i++) {
    self->picture.planes[i] = planes[i];
    self->picture.strides[i] = buffer->iStride[i == 0 ? 0 : 1];
  }
  return 1;
}

static int encode_h264(video_codec *self, const struct picture *picture,
                       const struct video_moment *when, uint8_t *frame, size_t capacity) {
  struct h264_codec *it = (struct h264_codec *)self;
  SSourcePicture source;
  SFrameBSInfo made;
  memset(&source, 0, sizeof source);
  memset(&made, 0, sizeof made);
  source.iPicWidth = picture->width;
  source.iPicHeight = picture->height;
  source.iColorFormat = videoFormatI420;
  source.uiTimeStamp = when->ticks / 90;
  for (int i = 0; i < 3; i++) {
    source.pData[i] = (unsigned char *)picture->planes[i];
    source.iStride[i] = picture->strides[i];
  }
  if (when->is_key) (*it->encoder)->ForceIntraFrame(it->encoder, true);
  if ((*it->encoder)->EncodeFrame(it->encoder, &source, &made) != cmResultSuccess) return -1;
  if (made.eFrameType == videoFrameTypeSkip) return 0;
  size_t length = 0;
  for (int layer = 0; layer < made.iLayerNum; layer++) {
    const SLayerBSInfo *part = &made.sLayerInfo[layer];
    size_t bytes = 0;
    for (int unit = 0; unit < part->iNalCount; unit++) bytes += (size_t)part->pNalLengthInByte[unit];
    if (bytes > capacity - length) return -1;
    memcpy(frame + length, part->pBsBuf, bytes);
    length += bytes;
  }
  return (int)length;
}

static int set_rate_h264(video_codec *self, int bits_per_s) {
  struct h264_codec *it = (struct h264_codec *)self;
  SBitrateInfo most = {SPATIAL_LAYER_ALL, bits_per_s};
  SBitrateInfo target = {SPATIAL_LAYER_ALL, bits_per_s};
  /* The target may not pass the most there is, whichever of them grows. */
  (*it->encoder)->SetOption(it->encoder, ENCODER_OPTION_MAX_BITRATE, &most);
  const int status = (*it->encoder)->SetOption(it->encoder, ENCODER_OPTION_BITRATE, &target);
  (*it->encoder)->SetOption(it->encoder, ENCODER_OPTION_MAX_BITRATE, &most);
  return status == cmResultSuccess ? 0 : -1;
}

static const struct video_calls DECODER = {decode_h264, NULL, NULL, close_h264};
static const struct video_calls ENCODER = {NULL, encode_h264, set_rate_h264, close_h264};

video_codec *h264_decoder_open(void) {
  if (h264_missing() != NULL) return NULL;
  struct h264_codec *it = calloc(1, sizeof *it);
  if (it == NULL) return NULL;
  it->base.calls = &DECODER;
  int quiet = WELS_LOG_QUIET;
  SDecodingParam wanted;
  memset(&wanted, 0, sizeof wanted);
  wanted.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
  wanted.eEcActiveIdc = ERROR_CON_SLICE_MV_COPY_CROSS_IDR_FREEZE_RES_CHANGE;
  if (create_decoder(&it->decoder) != 0 || it->decoder == NULL) {
    it->decoder = NULL;
    close_h264(&it->base);
    return NULL;
  }
  (*it->decoder)->SetOption(it->decoder, DECODER_OPTION_TRACE_LEVEL, &quiet);
  if ((*it->decoder)->Initialize(it->decoder, &wanted) != 0) {
    close_h264(&it->base);
    return NULL;
  }
  return &it->base;
}

/* A call: constrained baseline, whole pictures only when asked for, no picture left out. */
static void configure(SEncParamExt *it, const struct video_settings *wanted) {
  const float rate = (float)wanted->pictures_per_s;
  it->iUsageType = CAMERA_VIDEO_REAL_TIME;
  it->iPicWidth = wanted->width;
  it->iPicHeight = wanted->height;
  it->iTargetBitrate = wanted->bits_per_s;
  it->iMaxBitrate = wanted->bits_per_s;
  it->iRCMode = RC_BITRATE_MODE;
  it->fMaxFrameRate = rate;
  it->iComplexityMode = LOW_COMPLEXITY;
  it->iMultipleThreadIdc = 1;
  it->uiIntraPeriod = 0;
  it->bEnableFrameSkip = false;
  it->iEntropyCodingModeFlag = 0;
  it->bEnableAdaptiveQuant = false;
  it->bEnableDenoise = false;
  it->bEnableSceneChangeDetect = false;
  it->eSpsPpsIdStrategy = CONSTANT_ID;
  it->uiMaxNalSize = (unsigned)wanted->max_unit;
  SSpatialLayerConfig *layer = &it->sSpatialLayers[0];
  layer->iVideoWidth = wanted->width;
  layer->iVideoHeight = wanted->height;
  layer->fFrameRate = rate;
  layer->iSpatialBitrate = wanted->bits_per_s;
  layer->iMaxSpatialBitrate = wanted->bits_per_s;
  layer->uiProfileIdc = PRO_BASELINE;
  layer->uiLevelIdc = LEVEL_UNKNOWN;
  layer->sSliceArgument.uiSliceMode = wanted->max_unit > 0 ? SM_SIZELIMITED_SLICE : SM_SINGLE_SLICE;
  layer->sSliceArgument.uiSliceSizeConstraint = (unsigned)wanted->max_unit;
}

video_codec *h264_encoder_open(const struct video_settings *wanted) {
  const int is_even = wanted->width % 2 == 0 && wanted->height % 2 == 0;
  if (h264_missing() != NULL || !is_even || !is_sane_size(wanted->width, wanted->height)) return NULL;
  struct h264_codec *it = calloc(1, sizeof *it);
  if (it == NULL) return NULL;
  it->base.calls = &ENCODER;
  if (create_encoder(&it->encoder) != 0 || it->encoder == NULL) {
    it->encoder = NULL;
    close_h264(&it->base);
    return NULL;
  }
  int quiet = WELS_LOG_QUIET;
  SEncParamExt settings;
  (*it->encoder)->SetOption(it->encoder, ENCODER_OPTION_TRACE_LEVEL, &quiet);
  (*it->encoder)->GetDefaultParams(it->encoder, &settings);
  configure(&settings, wanted);
  if ((*it->encoder)->InitializeExt(it->encoder, &settings) != cmResultSuccess) {
    close_h264(&it->base);
    return NULL;
  }
  it->base.picture.width = wanted->width;
  it->base.picture.height = wanted->height;
  return &it->base;
}

#else

const char *h264_missing(void) { return "built without the headers of libopenh264"; }
video_codec *h264_decoder_open(void) { return NULL; }
video_codec *h264_encoder_open(const struct video_settings *settings) {
  return (void)settings, NULL;
}

#endif
