#include "addon-order.h"

/** openVideo(handle, slot, rtpPort) → its SSRC toward the browser, or undefined: the ports are taken. */
napi_value addon_open_video(napi_env env, napi_callback_info info) {
  order it = order_begin(env, info, 3);
  uint32_t port = values_uint32(&it.args, it.args.of[2], "rtpPort");
  napi_value result = NULL;
  if (it.args.is_valid && it.of && port < UINT16_MAX &&
      engine_open_video(it.engine, it.of, (uint16_t)port)) {
    result = value_uint32(env, it.of->video->browser.relay.rewriter.ssrc);
  }
  order_end(&it);
  return result;
}

napi_value addon_close_video(napi_env env, napi_callback_info info) {
  order it = order_begin(env, info, 2);
  if (it.of && it.of->video) engine_close_video(it.engine, it.of);
  return order_end(&it);
}

static void set_leg(video_leg *leg, const uint8_t payload_types[128], uint32_t orientation,
                    uint32_t takes) {
  memcpy(leg->relay.payload_types, payload_types, 128);
  // Of the one-byte form there are fourteen (RFC 8285 §4.2).
  leg->orientation = orientation <= 14 ? (uint8_t)orientation : 0;
  leg->takes = (uint8_t)takes;
}

/** setVideoRewrite(handle, slot, toIms, toBrowser, orientation there and there or 0, what IMS takes,
    what the browser does) */
napi_value addon_set_video_rewrite(napi_env env, napi_callback_info info) {
  size_t to_ims_length, to_browser_length;
  order it = order_begin(env, info, 8);
  values *args = &it.args;
  const uint8_t *to_ims = values_bytes(args, args->of[2], "toIms", &to_ims_length);
  const uint8_t *to_browser = values_bytes(args, args->of[3], "toBrowser", &to_browser_length);
  uint32_t of_ims = values_uint32(args, args->of[4], "orientationOfIms");
  uint32_t of_browser = values_uint32(args, args->of[5], "orientationOfBrowser");
  uint32_t by_ims = values_uint32(args, args->of[6], "takenByIms");
  uint32_t by_browser = values_uint32(args, args->of[7], "takenByBrowser");
  bool is_whole = to_ims_length == 128 && to_browser_length == 128;
  if (args->is_valid && is_whole && it.of && it.of->video) {
    set_leg(&it.of->video->ims, to_ims, of_ims, by_ims);
    set_leg(&it.of->video->browser, to_browser, of_browser, by_browser);
    video_know_source(it.of->video);
  }
  return order_end(&it);
}

/** setVideoGate(handle, slot, toIms, toBrowser, rtcp) */
napi_value addon_set_video_gate(napi_env env, napi_callback_info info) {
  order it = order_begin(env, info, 5);
  bool to_ims = values_bool(&it.args, it.args.of[2], "toIms");
  bool to_browser = values_bool(&it.args, it.args.of[3], "toBrowser");
  bool rtcp = values_bool(&it.args, it.args.of[4], "rtcp");
  if (it.args.is_valid && it.of && it.of->video) {
    video_set_gate(it.of, to_ims, to_browser, rtcp, moment_now());
  }
  return order_end(&it);
}

/** divertVideo(handle, slot, whether) */
napi_value addon_divert_video(napi_env env, napi_callback_info info) {
  order it = order_begin(env, info, 3);
  bool is_diverted = values_bool(&it.args, it.args.of[2], "isDiverted");
  if (it.args.is_valid && it.of && it.of->video) it.of->video->is_diverted = is_diverted;
  return order_end(&it);
}

/** sendVideo(handle, slot, toIms, packet): of the detour's making */
napi_value addon_send_video(napi_env env, napi_callback_info info) {
  uint8_t buffer[IO_BUFFER_BYTES];
  size_t length;
  order it = order_begin(env, info, 4);
  bool is_to_ims = values_bool(&it.args, it.args.of[2], "toIms");
  const uint8_t *packet = values_bytes(&it.args, it.args.of[3], "packet", &length);
  if (it.args.is_valid && it.of && it.of->video && length <= IO_DATAGRAM_BYTES) {
    memcpy(buffer, packet, length);
    video_emit(it.of, is_to_ims, buffer, length, moment_now());
  }
  return order_end(&it);
}

/** askVideo(handle, slot, ofIms, sequences): packets of the sender's own numbers, two bytes each; none
    for a whole picture */
napi_value addon_ask_video(napi_env env, napi_callback_info info) {
  size_t length;
  lost_packets lost = {.count = 0};
  order it = order_begin(env, info, 4);
  bool is_of_ims = values_bool(&it.args, it.args.of[2], "ofIms");
  const uint8_t *sequences = values_bytes(&it.args, it.args.of[3], "sequences", &length);
  if (it.args.is_valid && it.of && it.of->video) {
    for (size_t at = 0; at + 2 <= length && lost.count < FEEDBACK_MAX_LOST; at += 2) {
      lost.of[lost.count++] = get16(sequences + at);
    }
    if (lost.count > 0) {
      video_ask_again(it.of, is_of_ims, &lost, moment_now());
    } else {
      video_ask_picture(it.of, is_of_ims, moment_now());
    }
  }
  return order_end(&it);
}
