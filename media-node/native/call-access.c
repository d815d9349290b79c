#include <stdlib.h>

#include "engine.h"
#include "held.h"

/** Of the handshake, from ICE on: the seventh flight that is lost will not be the last. */
#define DTLS_LIMIT_US 10000000

static void drop(call *it) { it->stats->access.packets_dropped += 1; }

static bool install_keys(call *it, const srtp_profile *profile, const uint8_t *from_browser,
                         const uint8_t *to_browser) {
  srtp_transform from, to;
  if (!srtp_transform_init(&from, profile, from_browser, false)) return false;
  if (!srtp_transform_init(&to, profile, to_browser, true)) {
    srtp_transform_free(&from);
    return false;
  }
  it->from_browser.transform = from;
  it->to_browser.transform = to;
  it->has_keys = true;
  return true;
}

bool call_set_keys(call *it, uint16_t number, const uint8_t *from_browser,
                   const uint8_t *to_browser, const address *remote) {
  const srtp_profile *profile = srtp_profile_of(number);
  return profile && !it->has_keys && engine_bind(it->engine, it, remote) &&
         ice_assume(&it->ice, remote) && install_keys(it, profile, from_browser, to_browser);
}

size_t call_send_browser(call *it, media_kind kind, uint8_t *packet, size_t length, moment now) {
  if (!it->has_keys || !ice_has_consent(&it->ice, now)) return 0;
  bool is_sealed = kind == MEDIA_RTCP ? srtp_protect_rtcp(&it->to_browser, packet, &length)
                                      : srtp_protect_rtp(&it->to_browser, packet, &length);
  if (!is_sealed) return 0;
  engine_send(it->engine, packet, length, ice_remote(&it->ice));
  return length;
}

void call_resend_browser(call *it, const uint8_t *sealed, size_t length, moment now) {
  if (!it->has_keys || !ice_has_consent(&it->ice, now)) return;
  engine_send_now(it->engine, sealed, length, ice_remote(&it->ice));
}

/** On the browser's port the reports and wishes of all streams come together. */
static void take_rtcp(call *it, const uint8_t *packet, size_t length, moment now) {
  relay_took_reports(&it->browser, packet, length, now);
  if (it->video) video_take_rtcp(it, false, packet, length, now);
}

static void open_media(call *it, uint8_t *packet, size_t length, moment now) {
  rtp_header header;
  if (media_kind_of(packet, length) == MEDIA_RTCP) {
    if (srtp_unprotect_rtcp(&it->from_browser, packet, &length)) {
      take_rtcp(it, packet, length, now);
    } else {
      drop(it);
    }
  } else if (!srtp_unprotect_rtp(&it->from_browser, packet, &length, &header)) {
    drop(it);
  } else if (it->video && video_carries(it->video, header.payload_type)) {
    video_relay(it, false, packet, length, now);
  } else {
    if (it->video) video_pass_over(it->video, &header);
    call_relay(it, false, packet, length, now);
  }
}

void call_take_media(call *it, uint8_t *packet, size_t length, const address *from, moment now) {
  if (!budget_take(&it->budget, now)) {
    drop(it);
  } else if (it->has_keys) {
    open_media(it, packet, length, now);
  } else if (it->is_over || !held_add(&it->held_media, packet, length, from, CALL_MAX_HELD)) {
    drop(it);
  }
}

static void take_held_media(call *it, moment now) {
  held_packet *packet;
  while ((packet = held_take(&it->held_media)) != NULL) {
    open_media(it, packet->bytes, packet->length, now);
    free(packet);
  }
}

/** The handshake is over one way or the other. */
static void conclude_dtls(call *it, moment now) {
  dtls_keys keys;
  if (it->is_over || it->has_keys) return;
  if (it->dtls.phase == DTLS_FAILED) call_fail(it, dtls_fault(&it->dtls));
  if (it->dtls.phase != DTLS_OPEN) return;
  bool is_keyed = dtls_export(&it->dtls, &keys) &&
                  install_keys(it, keys.profile, keys.of_client, keys.of_server);
  OPENSSL_cleanse(&keys, sizeof keys);
  if (!is_keyed) {
    call_fail(it, "no SRTP keys");
    return;
  }
  call_tell(it, CALL_ACCESS_CONNECTED, NULL);
  take_held_media(it, now);
}

static void shake(call *it, const uint8_t *packet, size_t length, moment now) {
  if (!dtls_take(&it->dtls, packet, length)) drop(it);
  conclude_dtls(it, now);
}

/**
 * The handshake is for a pair that a check of ours has validated: a check that came proves no more
 * than that somebody has seen the browser's.
 */
void call_take_dtls(call *it, const uint8_t *packet, size_t length, const address *from,
                    moment now) {
  if (!budget_take(&it->budget, now)) {
    drop(it);
  } else if (it->dtls.phase != DTLS_NEW && ice_is_validated(&it->ice, from)) {
    shake(it, packet, length, now);
  } else if (it->has_keys || !held_add(&it->held_dtls, packet, length, from, CALL_MAX_HELD)) {
    drop(it);
  }
}

static void take_held_dtls(call *it, moment now) {
  for (int left = it->held_dtls.count; left > 0; left--) {
    held_packet *packet = held_take(&it->held_dtls);
    if (ice_is_validated(&it->ice, &packet->from)) {
      shake(it, packet->bytes, packet->length, now);
    } else {
      held_add(&it->held_dtls, packet->bytes, packet->length, &packet->from, CALL_MAX_HELD);
    }
    free(packet);
  }
}

/** Once ICE has found the way. */
static void begin_dtls(call *it, moment now) {
  if (it->is_over || it->dtls.phase != DTLS_NEW || !ice_remote(&it->ice) || !it->ice.has_remote) {
    return;
  }
  it->dtls_deadline_us = now.steady_us + DTLS_LIMIT_US;
  call_tell(it, CALL_ICE_CONNECTED, NULL);
  if (!it->has_named) {
    call_fail(it, "the fingerprint cannot be used");
  } else {
    const dtls_terms terms = {engine_dtls_context(it->engine), it->named, false};
    if (!dtls_start(&it->dtls, &terms)) call_fail(it, "no memory for DTLS");
  }
}

int64_t call_tick_dtls(call *it, moment now) {
  begin_dtls(it, now);
  if (it->dtls.phase == DTLS_SHAKING) take_held_dtls(it, now);
  int64_t due = dtls_tick(&it->dtls, now);
  conclude_dtls(it, now);
  if (it->dtls.phase != DTLS_SHAKING) return NEVER;
  if (now.steady_us >= it->dtls_deadline_us) call_fail(it, dtls_fault(&it->dtls));
  return due < it->dtls_deadline_us ? due : it->dtls_deadline_us;
}

void call_connect_access(call *it, const char *fragment, const char *password,
                         bool is_controlling, moment now) {
  ice_set_remote(&it->ice, fragment, password, is_controlling, now);
  call_tick(it, now);
}

ice_agent *call_agent_of(const call_name *asked) {
  call *it = asked->call;
  return asked == &it->names[it->own_name] ? &it->ice : &it->restart;
}

void call_take_request(const call_name *asked, const stun_message *message, const address *from,
                       moment now) {
  ice_take_request(call_agent_of(asked), message, from, now);
  call_tick(asked->call, now);
}

bool call_take_response(call *it, const uint8_t *packet, const stun_message *message,
                        const address *from, moment now) {
  bool is_taken =
      ice_take_response(&it->ice, packet, message, from, now) ||
      (it->is_restarting && ice_take_response(&it->restart, packet, message, from, now));
  if (!is_taken) return false;
  engine_bind(it->engine, it, from);
  call_tick(it, now);
  return true;
}
