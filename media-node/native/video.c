#include "video.h"

#include <openssl/rand.h>
#include <stdlib.h>

#include "call.h"
#include "engine.h"
#include "rtp-extension.h"

/** Of all video formats (RFC 6184 §8.2.1, RFC 7741 §6.2.1). */
#define CLOCK_RATE_HZ 90000
/** What was asked for again comes behind many: a second of video at most. */
#define MAX_MISORDER SENT_PACKETS

static void leg_init(video_leg *leg, const uint8_t random[10], const video_options *options,
                     leg_stats *stats) {
  memset(stats, 0, sizeof *stats);
  relay_leg_init(&leg->relay, random, options->cname, stats);
  leg->relay.reporter.clock_rate_hz = CLOCK_RATE_HZ;
  leg->relay.rewriter.clock_rate_hz = CLOCK_RATE_HZ;
  leg->relay.rewriter.max_misorder = MAX_MISORDER;
}

video_stream *video_new(const video_options *options, moment now) {
  video_stream *it = calloc(1, sizeof *it);
  uint8_t random[20];
  if (!it) return NULL;
  RAND_bytes(random, sizeof random);
  leg_init(&it->browser, random, options, options->access_stats);
  leg_init(&it->ims, random + 10, options, options->ims_stats);
  budget_init(&it->browser.resends, options->means.packets_per_s, now);
  budget_init(&it->ims.resends, options->means.packets_per_s, now);
  ims_init(&it->peer, &options->means, now);
  return it;
}

void video_free(struct call *of, moment now) {
  video_report(of, true, now);
  video_stream *it = of->video;
  of->video = NULL;
  ims_free(&it->peer);
  sent_free(&it->browser.sent);
  sent_free(&it->ims.sent);
  free(it);
}

bool video_carries(const video_stream *it, uint8_t payload_type) {
  return it->ims.relay.payload_types[payload_type] != NO_PAYLOAD_TYPE;
}

void video_pass_over(video_stream *it, const rtp_header *header) {
  it->has_early[header->payload_type] = true;
  it->early_ssrc[header->payload_type] = header->ssrc;
}

void video_know_source(video_stream *it) {
  for (uint8_t payload_type = 0; payload_type < 128; payload_type++) {
    if (!it->has_early[payload_type] || !video_carries(it, payload_type)) continue;
    it->browser.has_early = true;
    it->browser.early_ssrc = it->early_ssrc[payload_type];
  }
}

void video_set_gate(struct call *of, bool to_ims, bool to_browser, bool rtcp, moment now) {
  video_stream *it = of->video;
  bool opens_to_ims = to_ims && !it->ims.relay.is_open;
  bool opens_to_browser = to_browser && !it->browser.relay.is_open;
  it->ims.relay.is_open = to_ims;
  it->browser.relay.is_open = to_browser;
  it->is_rtcp_open = rtcp;
  if (!to_ims) it->uplink.has_source = false;
  // What came before was not seen.
  if (opens_to_ims) video_ask_picture(of, false, now);
  if (opens_to_browser) video_ask_picture(of, true, now);
}

/** How long it is as it left; 0 where it did not. */
static size_t send_on(struct call *of, bool is_to_ims, const rtp_rewritten *onward, moment now) {
  if (is_to_ims) return ims_send(&of->video->peer, MEDIA_RTP, onward->packet, onward->length);
  return call_send_browser(of, MEDIA_RTP, onward->packet, onward->length, now);
}

/** What was sealed is kept for who asks for it again. */
static bool send_and_keep(struct call *of, bool is_to_ims, const rtp_rewritten *onward,
                          moment now) {
  video_leg *to = is_to_ims ? &of->video->ims : &of->video->browser;
  size_t sealed = send_on(of, is_to_ims, onward, now);
  if (sealed == 0) return false;
  relay_sent(&to->relay, onward);
  if ((to->takes & FEEDBACK_NACK) != 0) {
    sent_keep(&to->sent, get16(onward->packet + 2), onward->packet, sealed);
  }
  return true;
}

static bool pass(struct call *of, bool is_from_ims, const rtp_header *header, uint8_t *packet,
                 size_t length, moment now) {
  video_leg *from = is_from_ims ? &of->video->ims : &of->video->browser;
  video_leg *to = is_from_ims ? &of->video->browser : &of->video->ims;
  rtp_rewritten onward;
  uint8_t extension[RTP_EXTENSION_MAX_BYTES];
  // It lies where the rewritten header will.
  size_t carried =
      rtp_extension_carry(packet, header, from->orientation, to->orientation, extension);
  if (!relay_pass(&to->relay, header, packet, length, now, &onward)) return false;
  if (carried > 0) rtp_extension_add(&onward, extension, carried);
  return send_and_keep(of, !is_from_ims, &onward, now);
}

static bool goes_up(const video_stream *it, bool is_from_ims, const rtp_header *header) {
  const relay_leg *to = is_from_ims ? &it->browser.relay : &it->ims.relay;
  return it->is_diverted && to->is_open &&
         to->payload_types[header->payload_type] != NO_PAYLOAD_TYPE;
}

void video_relay(struct call *of, bool is_from_ims, uint8_t *packet, size_t length, moment now) {
  video_stream *it = of->video;
  video_leg *from = is_from_ims ? &it->ims : &it->browser;
  rtp_header header;
  if (!rtp_read(packet, length, &header)) {
    from->relay.stats->packets_dropped += 1;
    return;
  }
  relay_received(&from->relay, &header, length, now);
  if (!is_from_ims && it->ims.relay.is_open) losses_received(&it->uplink, &header, now);
  if (goes_up(it, is_from_ims, &header)) {
    divert_kind kind = is_from_ims ? DIVERT_VIDEO_OF_IMS : DIVERT_VIDEO_OF_BROWSER;
    engine_divert(of->engine, of, kind, packet, length);
  } else if (!pass(of, is_from_ims, &header, packet, length, now)) {
    from->relay.stats->packets_dropped += 1;
  }
  if (!is_from_ims) video_mend(of, now);
}

void video_emit(struct call *of, bool is_to_ims, uint8_t *packet, size_t length, moment now) {
  video_leg *to = is_to_ims ? &of->video->ims : &of->video->browser;
  rtp_header header;
  rtp_rewritten onward;
  uint8_t extension[RTP_EXTENSION_MAX_BYTES];
  if (!rtp_read(packet, length, &header)) return;
  size_t carried =
      rtp_extension_carry(packet, &header, to->orientation, to->orientation, extension);
  if (!relay_emit(&to->relay, packet, length, now, &onward)) return;
  if (carried > 0) rtp_extension_add(&onward, extension, carried);
  send_and_keep(of, is_to_ims, &onward, now);
}

void video_take_ims(struct call *of, media_kind port, uint8_t *packet, size_t length,
                    const address *from, moment now) {
  video_stream *it = of->video;
  bool is_flight = is_dtls(packet, length);
  media_kind kind = ims_open(&it->peer, port, packet, &length, from, now);
  if (kind == MEDIA_RTP) {
    video_relay(of, true, packet, length, now);
  } else if (kind == MEDIA_RTCP) {
    video_take_rtcp(of, true, packet, length, now);
  } else {
    if (kind == MEDIA_NONE) it->ims.relay.stats->packets_dropped += 1;
    if (it->peer.dtls && is_flight) call_tick(of, now);
  }
}

int64_t video_tick(struct call *of, moment now) {
  video_stream *it = of->video;
  // While the call is not yet on, nobody has to have shaken hands.
  bool is_wanted = of->ims.is_open && (it->ims.relay.is_open || it->browser.relay.is_open);
  return ims_tick(&it->peer, is_wanted, now);
}

static size_t write_report(const video_stream *it, video_leg *leg, bool is_goodbye, moment now,
                           uint8_t out[RTCP_MAX_REPORT_BYTES]) {
  if (!leg->relay.is_open && !it->is_rtcp_open) return 0;
  return relay_report(&leg->relay, is_goodbye, now, out);
}

void video_report(struct call *of, bool is_goodbye, moment now) {
  video_stream *it = of->video;
  uint8_t packet[RTCP_MAX_REPORT_BYTES + FEEDBACK_MAX_BYTES + SRTP_MAX_OVERHEAD_BYTES];
  size_t length = write_report(it, &it->ims, is_goodbye, now, packet);
  if (length > 0) ims_send(&it->peer, MEDIA_RTCP, packet, length);
  length = write_report(it, &it->browser, is_goodbye, now, packet);
  if (length > 0 && !is_goodbye) length += video_write_limit(of, packet + length);
  if (length > 0) call_send_browser(of, MEDIA_RTCP, packet, length, now);
}
