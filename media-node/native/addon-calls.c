#include "addon-order.h"

static napi_value describe(napi_env env, const call *opened) {
  napi_value result = NULL;
  napi_create_object(env, &result);
  value_set(env, result, "usernameFragment", value_text(env, opened->ice.names.fragment));
  value_set(env, result, "password", value_text(env, opened->ice.names.password));
  value_set(env, result, "ssrcToBrowser", value_uint32(env, opened->browser.rewriter.ssrc));
  return result;
}

/** open(handle, slot, serial, cname, rtpPort) → its names, or undefined: the ports are taken. */
napi_value addon_open(napi_env env, napi_callback_info info) {
  char cname[RTCP_MAX_CNAME_BYTES];
  order it = order_begin(env, info, 5);
  uint32_t serial = values_uint32(&it.args, it.args.of[2], "serial");
  values_text(&it.args, it.args.of[3], "cname", cname, sizeof cname);
  uint32_t port = values_uint32(&it.args, it.args.of[4], "rtpPort");
  napi_value result = NULL;
  if (it.args.is_valid && it.engine && port < UINT16_MAX) {
    uint32_t slot = values_uint32(&it.args, it.args.of[1], "slot");
    const call *opened = engine_open(it.engine, slot, serial, cname, (uint16_t)port);
    if (opened) result = describe(env, opened);
  }
  order_end(&it);
  return result;
}

napi_value addon_close(napi_env env, napi_callback_info info) {
  order it = order_begin(env, info, 2);
  if (it.of) engine_close(it.engine, it.of);
  return order_end(&it);
}

/** connectAccess(handle, slot, { usernameFragment, password, algorithm, fingerprints, weControl }) */
napi_value addon_connect_access(napi_env env, napi_callback_info info) {
  char fragment[ICE_MAX_FRAGMENT_BYTES + 1], password[ICE_MAX_PASSWORD_BYTES + 1];
  char algorithm[16], names[DTLS_FINGERPRINTS_TEXT_BYTES];
  order it = order_begin(env, info, 3);
  values *args = &it.args;
  napi_value remote = args->of[2];
  values_text(args, values_member(args, remote, "usernameFragment"), "usernameFragment", fragment,
              sizeof fragment);
  values_text(args, values_member(args, remote, "password"), "password", password,
              sizeof password);
  values_text(args, values_member(args, remote, "algorithm"), "algorithm", algorithm,
              sizeof algorithm);
  values_text(args, values_member(args, remote, "fingerprints"), "fingerprints", names,
              sizeof names);
  bool is_controlling = values_bool(args, values_member(args, remote, "weControl"), "weControl");
  if (args->is_valid && it.of && !it.of->ice.has_remote) {
    // One that cannot be read is nobody's: the handshake will fail by it.
    it.of->has_named = dtls_fingerprints_read(&it.of->named, algorithm, names);
    call_connect_access(it.of, fragment, password, is_controlling, moment_now());
  }
  return order_end(&it);
}

/** restartAccess(handle, slot, ours, theirs), each { usernameFragment, password } */
napi_value addon_restart_access(napi_env env, napi_callback_info info) {
  char fragment[ICE_MAX_FRAGMENT_BYTES + 1], password[ICE_MAX_PASSWORD_BYTES + 1];
  char own_fragment[2 * ICE_FRAGMENT_BYTES], own_password[2 * ICE_PASSWORD_BYTES];
  order it = order_begin(env, info, 4);
  values *args = &it.args;
  napi_value ours = args->of[2], theirs = args->of[3];
  values_text(args, values_member(args, ours, "usernameFragment"), "usernameFragment",
              own_fragment, sizeof own_fragment);
  values_text(args, values_member(args, ours, "password"), "password", own_password,
              sizeof own_password);
  values_text(args, values_member(args, theirs, "usernameFragment"), "usernameFragment", fragment,
              sizeof fragment);
  values_text(args, values_member(args, theirs, "password"), "password", password,
              sizeof password);
  bool is_whole = args->is_valid && strlen(own_fragment) == ICE_FRAGMENT_BYTES &&
                  strlen(own_password) == ICE_PASSWORD_BYTES;
  if (is_whole && it.of) {
    ice_names names;
    memcpy(names.fragment, own_fragment, sizeof names.fragment);
    memcpy(names.password, own_password, sizeof names.password);
    call_restart_access(it.of, &names, fragment, password, moment_now());
  }
  return order_end(&it);
}

/** addCandidate(handle, slot, { address, port }) */
napi_value addon_add_candidate(napi_env env, napi_callback_info info) {
  address remote;
  order it = order_begin(env, info, 3);
  values_address(&it.args, it.args.of[2], "candidate", &remote);
  if (it.args.is_valid && it.of &&
      address_for_family(&remote, it.engine->options.browser.any.sa_family)) {
    call_add_candidate(it.of, &remote, moment_now());
  }
  return order_end(&it);
}

/** setKeys(handle, slot, profile, fromBrowser, toBrowser, { address, port }) → whether it could. */
napi_value addon_set_keys(napi_env env, napi_callback_info info) {
  address remote;
  size_t from_length, to_length;
  order it = order_begin(env, info, 6);
  uint32_t number = values_uint32(&it.args, it.args.of[2], "profile");
  const uint8_t *from = values_bytes(&it.args, it.args.of[3], "fromBrowser", &from_length);
  const uint8_t *to = values_bytes(&it.args, it.args.of[4], "toBrowser", &to_length);
  values_address(&it.args, it.args.of[5], "remote", &remote);
  const srtp_profile *profile = srtp_profile_of((uint16_t)number);
  size_t wanted = profile ? profile->key_bytes + profile->salt_bytes : 0;
  bool is_set = it.args.is_valid && it.of && profile && from_length == wanted &&
                to_length == wanted &&
                address_for_family(&remote, it.engine->options.browser.any.sa_family) &&
                call_set_keys(it.of, profile->number, from, to, &remote);
  order_end(&it);
  napi_value result = NULL;
  napi_get_boolean(env, is_set, &result);
  return result;
}

/** Key and salt of each direction; an empty local one means plain RTP. */
static bool read_masters(order *it, ims_remote *remote) {
  size_t local_length, remote_length;
  uint32_t number = values_uint32(&it->args, it->args.of[5], "profile");
  const uint8_t *local = values_bytes(&it->args, it->args.of[6], "local", &local_length);
  const uint8_t *theirs = values_bytes(&it->args, it->args.of[7], "remote", &remote_length);
  if (!it->args.is_valid) return false;
  if (number == 0) return true;
  remote->profile = srtp_profile_of((uint16_t)number);
  size_t wanted = remote->profile ? remote->profile->key_bytes + remote->profile->salt_bytes : 0;
  if (wanted == 0 || local_length != wanted || remote_length != wanted) return false;
  memcpy(remote->local_master, local, wanted);
  memcpy(remote->remote_master, theirs, wanted);
  return true;
}

/** { isClient, algorithm, fingerprints, association }, or nothing: no DTLS. */
static bool read_named(order *it, napi_value given, ims_named *named) {
  char algorithm[16], names[DTLS_FINGERPRINTS_TEXT_BYTES];
  values *args = &it->args;
  napi_valuetype type = napi_undefined;
  if (!args->is_valid) return false;
  if (napi_typeof(args->env, given, &type) != napi_ok || type != napi_object) return true;
  named->is_client = values_bool(args, values_member(args, given, "isClient"), "isClient");
  named->association =
      values_uint32(args, values_member(args, given, "association"), "association");
  values_text(args, values_member(args, given, "algorithm"), "algorithm", algorithm,
              sizeof algorithm);
  values_text(args, values_member(args, given, "fingerprints"), "fingerprints", names,
              sizeof names);
  return args->is_valid && dtls_fingerprints_read(&named->fingerprints, algorithm, names);
}

static ims_leg *leg_of(call *of, bool is_video) {
  if (!of || !is_video) return of ? &of->peer : NULL;
  return of->video ? &of->video->peer : NULL;
}

static void change_peer(call *of, bool is_video) {
  video_stream *video = of->video;
  if (is_video) relay_change_peer(&video->ims.relay, &video->browser.relay, video->is_diverted);
  else relay_change_peer(&of->ims, &of->browser, of->is_diverted);
}

/** (handle, slot, rtp, rtcp, learnsSource, profile or 0, local, remote, DTLS or nothing) */
static napi_value connect_leg(napi_env env, napi_callback_info info, bool is_video) {
  order it = order_begin(env, info, 8);
  ims_remote remote = {.profile = NULL};
  values_address(&it.args, it.args.of[2], "rtp", &remote.rtp);
  values_address(&it.args, it.args.of[3], "rtcp", &remote.rtcp);
  remote.learns_source = values_bool(&it.args, it.args.of[4], "learnsSource");
  ims_leg *leg = leg_of(it.of, is_video);
  if (read_masters(&it, &remote) && read_named(&it, it.args.of[8], &remote.named) && leg) {
    int family = it.engine->options.ims.any.sa_family;
    if (address_for_family(&remote.rtp, family) && address_for_family(&remote.rtcp, family)) {
      if (!ims_knows(leg, &remote)) change_peer(it.of, is_video);
      ims_connect(leg, &remote);
      call_tick(it.of, moment_now());
    }
  }
  OPENSSL_cleanse(&remote, sizeof remote);
  return order_end(&it);
}

napi_value addon_connect_ims(napi_env env, napi_callback_info info) {
  return connect_leg(env, info, false);
}

napi_value addon_connect_video(napi_env env, napi_callback_info info) {
  return connect_leg(env, info, true);
}

/** setRewrite(handle, slot, toIms, toBrowser, clock of IMS, clock of the browser, events of IMS,
    events of the browser): 128 payload types each, 255 for none, or 1 for an event; a clock of 0
    stays. */
napi_value addon_set_rewrite(napi_env env, napi_callback_info info) {
  size_t to_ims_length, to_browser_length;
  size_t ims_events_length, browser_events_length;
  order it = order_begin(env, info, 8);
  const uint8_t *to_ims = values_bytes(&it.args, it.args.of[2], "toIms", &to_ims_length);
  const uint8_t *to_browser = values_bytes(&it.args, it.args.of[3], "toBrowser", &to_browser_length);
  uint32_t ims_hz = values_uint32(&it.args, it.args.of[4], "clockRateHz");
  uint32_t browser_hz = values_uint32(&it.args, it.args.of[5], "browserClockRateHz");
  const uint8_t *ims_events =
      values_bytes(&it.args, it.args.of[6], "eventsOfIms", &ims_events_length);
  const uint8_t *browser_events =
      values_bytes(&it.args, it.args.of[7], "eventsOfBrowser", &browser_events_length);
  bool is_whole = to_ims_length == 128 && to_browser_length == 128 && ims_events_length == 128 &&
                  browser_events_length == 128;
  if (it.args.is_valid && it.of && is_whole) {
    memcpy(it.of->ims.payload_types, to_ims, 128);
    memcpy(it.of->browser.payload_types, to_browser, 128);
    for (int i = 0; i < 128; i++) {
      it.of->ims.is_event[i] = ims_events[i] == 1;
      it.of->browser.is_event[i] = browser_events[i] == 1;
    }
    if (ims_hz > 0) relay_set_clock(&it.of->ims, ims_hz, moment_now());
    if (browser_hz > 0) relay_set_clock(&it.of->browser, browser_hz, moment_now());
  }
  return order_end(&it);
}

/** setGate(handle, slot, toIms, toBrowser, rtcp) */
napi_value addon_set_gate(napi_env env, napi_callback_info info) {
  order it = order_begin(env, info, 5);
  bool to_ims = values_bool(&it.args, it.args.of[2], "toIms");
  bool to_browser = values_bool(&it.args, it.args.of[3], "toBrowser");
  bool rtcp = values_bool(&it.args, it.args.of[4], "rtcp");
  if (it.args.is_valid && it.of) {
    call_set_gate(it.of, to_ims, to_browser, rtcp, moment_now());
  }
  return order_end(&it);
}

/** divert(handle, slot, whether) */
napi_value addon_divert(napi_env env, napi_callback_info info) {
  order it = order_begin(env, info, 3);
  bool is_diverted = values_bool(&it.args, it.args.of[2], "isDiverted");
  if (it.args.is_valid && it.of) it.of->is_diverted = is_diverted;
  return order_end(&it);
}

/** send(handle, slot, toIms, packet): of the detour's making */
napi_value addon_send(napi_env env, napi_callback_info info) {
  uint8_t buffer[IO_BUFFER_BYTES];
  size_t length;
  order it = order_begin(env, info, 4);
  bool is_to_ims = values_bool(&it.args, it.args.of[2], "toIms");
  const uint8_t *packet = values_bytes(&it.args, it.args.of[3], "packet", &length);
  if (it.args.is_valid && it.of && length <= IO_DATAGRAM_BYTES) {
    memcpy(buffer, packet, length);
    call_emit(it.of, is_to_ims, buffer, length, moment_now());
  }
  return order_end(&it);
}
