#include <stdlib.h>

#include "engine.h"
#include "held.h"

static bool send_on(call *it, bool is_to_ims, const rtp_rewritten *onward, moment now) {
  if (is_to_ims) return ims_send(&it->peer, MEDIA_RTP, onward->packet, onward->length);
  return call_send_browser(it, MEDIA_RTP, onward->packet, onward->length, now);
}

static void sent(call *it, relay_leg *to, const rtp_rewritten *packet) {
  relay_sent(to, packet);
  if (to->stats->packets_sent > 1) return;
  call_tell(it, to == &it->ims ? CALL_FIRST_TO_IMS : CALL_FIRST_TO_BROWSER, NULL);
}

static void hear(call *it, relay_leg *from) {
  if (from->is_heard) return;
  from->is_heard = true;
  call_tell(it, from == &it->ims ? CALL_FIRST_FROM_IMS : CALL_FIRST_FROM_BROWSER, NULL);
}

void call_relay(call *it, bool is_from_ims, uint8_t *packet, size_t length, moment now) {
  relay_leg *from = is_from_ims ? &it->ims : &it->browser;
  relay_leg *to = is_from_ims ? &it->browser : &it->ims;
  rtp_header header;
  rtp_rewritten onward;
  if (!rtp_read(packet, length, &header)) {
    from->stats->packets_dropped += 1;
    return;
  }
  hear(it, from);
  relay_received(from, &header, length, now);
  bool is_diverted = it->is_diverted && to->is_open;
  // Keys are heard above, and go their way all the same.
  if (is_diverted || (to->is_open && from->is_event[header.payload_type])) {
    divert_kind kind = is_from_ims ? DIVERT_VOICE_OF_IMS : DIVERT_VOICE_OF_BROWSER;
    engine_divert(it->engine, it, kind, packet, length);
  }
  if (is_diverted) return;
  if (!relay_pass(to, &header, packet, length, now, &onward)) {
    from->stats->packets_dropped += 1;
  } else if (send_on(it, !is_from_ims, &onward, now)) {
    sent(it, to, &onward);
  }
}

void call_emit(call *it, bool is_to_ims, uint8_t *packet, size_t length, moment now) {
  relay_leg *to = is_to_ims ? &it->ims : &it->browser;
  rtp_rewritten onward;
  if (!relay_emit(to, packet, length, now, &onward)) return;
  if (send_on(it, is_to_ims, &onward, now)) sent(it, to, &onward);
}

static void hold_early(call *it, const uint8_t *packet, size_t length, const address *from,
                       moment now) {
  if (now.steady_us - it->early_us > CALL_EARLY_US) held_free(&it->held_early);
  if (it->held_early.count == CALL_MAX_EARLY) free(held_take(&it->held_early));
  held_add(&it->held_early, packet, length, from, CALL_MAX_EARLY);
  it->early_us = now.steady_us;
}

static void take_held_early(call *it, moment now) {
  held_packet *packet;
  if (now.steady_us - it->early_us > CALL_EARLY_US) held_free(&it->held_early);
  while ((packet = held_take(&it->held_early)) != NULL) {
    call_take_ims(it, MEDIA_RTP, packet->bytes, packet->length, &packet->from, now);
    free(packet);
  }
}

void call_set_gate(call *it, bool to_ims, bool to_browser, bool rtcp, moment now) {
  it->ims.is_open = to_ims;
  it->browser.is_open = to_browser;
  it->is_rtcp_open = rtcp;
  if (to_browser && it->peer.is_connected) take_held_early(it, now);
  // From now on its handshake is waited for, and no longer than so long.
  if (it->peer.dtls) call_tick(it, now);
}

void call_take_ims(call *it, media_kind port, uint8_t *packet, size_t length,
                   const address *from, moment now) {
  if (!it->peer.is_connected && port == MEDIA_RTP) hold_early(it, packet, length, from, now);
  bool is_flight = is_dtls(packet, length);
  media_kind kind = ims_open(&it->peer, port, packet, &length, from, now);
  if (kind == MEDIA_RTP) {
    call_relay(it, true, packet, length, now);
  } else if (kind == MEDIA_RTCP) {
    relay_took_reports(&it->ims, packet, length, now);
  } else {
    if (kind == MEDIA_NONE) it->stats->ims.packets_dropped += 1;
    if (it->peer.dtls && is_flight) call_tick(it, now);
  }
}

static void report(call *it, relay_leg *leg, bool is_goodbye, moment now) {
  uint8_t packet[RTCP_MAX_REPORT_BYTES + SRTP_MAX_OVERHEAD_BYTES];
  if (!leg->is_open && !it->is_rtcp_open) return;
  size_t length = relay_report(leg, is_goodbye, now, packet);
  if (leg == &it->ims) {
    ims_send(&it->peer, MEDIA_RTCP, packet, length);
  } else {
    call_send_browser(it, MEDIA_RTCP, packet, length, now);
  }
}

/** Due now: nothing on a leg whose gate is shut, but on hold. */
void call_report(call *it, bool is_goodbye, moment now) {
  report(it, &it->ims, is_goodbye, now);
  report(it, &it->browser, is_goodbye, now);
  if (it->video) video_report(it, is_goodbye, now);
}
