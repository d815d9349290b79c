#include <stdio.h>

#include "call.h"
#include "engine.h"

/* What the receivers of a video ask of its sender. What was lost behind us is sent again from here;
   what we have not got either, and whole pictures, are asked of the other side. */

/** How often a limit that rises is told. */
#define RATE_INTERVAL_US 1000000
#define MAX_BYTES (RTCP_MAX_REPORT_BYTES + FEEDBACK_MAX_BYTES + SRTP_MAX_OVERHEAD_BYTES)

static video_leg *leg_of(const call *of, bool is_ims) {
  return is_ims ? &of->video->ims : &of->video->browser;
}

/** Whose packets come from there; false before there were any. */
static bool source_of(const video_leg *leg, uint32_t *ssrc) {
  const rtcp_reception *reception = &leg->relay.reporter.reception;
  *ssrc = reception->is_active ? reception->ssrc : leg->early_ssrc;
  return reception->is_active || leg->has_early;
}

static void send_rtcp(call *of, bool is_to_ims, uint8_t *packet, size_t length, moment now) {
  if (is_to_ims) {
    ims_send(&of->video->peer, MEDIA_RTCP, packet, length);
  } else {
    call_send_browser(of, MEDIA_RTCP, packet, length, now);
  }
}

/** Not reduced in size: that would have to be agreed (RFC 5506 §5), and all read it whole. */
static size_t begin(video_leg *leg, uint8_t packet[MAX_BYTES]) {
  return rtcp_write_opening(&leg->relay.reporter, packet);
}

void video_ask_picture(call *of, bool is_of_ims, moment now) {
  video_leg *leg = leg_of(of, is_of_ims);
  uint8_t packet[MAX_BYTES];
  uint32_t source, ours = leg->relay.rewriter.ssrc;
  if (!source_of(leg, &source) || (leg->takes & (FEEDBACK_PLI | FEEDBACK_FIR)) == 0) return;
  size_t length = begin(leg, packet);
  if ((leg->takes & FEEDBACK_PLI) != 0) {
    length += feedback_write_pli(packet + length, ours, source);
  } else {
    leg->full_intra_commands += 1;
    length += feedback_write_fir(packet + length, ours, source, leg->full_intra_commands);
  }
  leg->relay.stats->picture_requests_sent += 1;
  send_rtcp(of, is_of_ims, packet, length, now);
}

void video_ask_again(call *of, bool is_of_ims, const lost_packets *lost, moment now) {
  video_leg *leg = leg_of(of, is_of_ims);
  uint8_t packet[MAX_BYTES];
  uint32_t source;
  if (lost->count == 0 || !source_of(leg, &source) || (leg->takes & FEEDBACK_NACK) == 0) return;
  size_t length = begin(leg, packet);
  length += feedback_write_nack(packet + length, leg->relay.rewriter.ssrc, source, lost);
  leg->relay.stats->nacks_sent += 1;
  send_rtcp(of, is_of_ims, packet, length, now);
}

void video_mend(call *of, moment now) {
  losses *uplink = &of->video->uplink;
  lost_packets lost;
  if (uplink->count == 0 && !uplink->is_broken) return;
  bool wants_picture = losses_wanted(uplink, now, &lost);
  video_ask_again(of, false, &lost, now);
  if (wants_picture) video_ask_picture(of, false, now);
}

static bool resend(call *of, bool is_to_ims, uint16_t sequence, moment now) {
  video_leg *leg = leg_of(of, is_to_ims);
  size_t length;
  const uint8_t *packet = sent_find(&leg->sent, sequence, &length);
  if (!packet) return false;
  if (!budget_take(&leg->resends, now)) return true;
  if (is_to_ims) {
    ims_resend(&of->video->peer, packet, length);
  } else {
    call_resend_browser(of, packet, length, now);
  }
  return true;
}

static void want_picture(call *of, bool is_by_ims, moment now) {
  if (of->video->is_diverted) {
    call_tell(of, is_by_ims ? CALL_PICTURE_WANTED_BY_IMS : CALL_PICTURE_WANTED_BY_BROWSER, NULL);
  } else {
    video_ask_picture(of, !is_by_ims, now);
  }
}

void video_begin_anew(call *of, moment now) {
  if (of->video->ims.relay.is_open) want_picture(of, true, now);
  if (of->video->browser.relay.is_open) want_picture(of, false, now);
}

static void answer_nack(call *of, bool is_from_ims, const lost_packets *asked, moment now) {
  const rtp_rewriter *rewriter = &leg_of(of, is_from_ims)->relay.rewriter;
  lost_packets missing = {.count = 0};
  for (int i = 0; i < asked->count; i++) {
    if (resend(of, is_from_ims, asked->of[i], now) || !rewriter->has_source) continue;
    missing.of[missing.count++] = (uint16_t)(asked->of[i] - rewriter->sequence_offset);
  }
  // What is gone of a stream that was made here cannot be had of the sender.
  if (of->video->is_diverted && missing.count > 0) {
    want_picture(of, is_from_ims, now);
  } else {
    video_ask_again(of, !is_from_ims, &missing, now);
  }
}

/** A lower rate at once, a higher one when the last is old: estimates tremble. */
static bool is_news(const video_leg *leg, uint64_t bits_per_s, moment now) {
  if (leg->rate_limited_us == 0) return true;
  if (bits_per_s < leg->rate_limit - leg->rate_limit / 32) return true;
  return now.steady_us - leg->rate_limited_us >= RATE_INTERVAL_US;
}

/** Of a side that knows a way to keep below a rate; false where it does not. */
static bool limit_rate(call *of, bool is_of_ims, const rate_limit *asked, moment now) {
  video_leg *leg = leg_of(of, is_of_ims);
  uint8_t packet[MAX_BYTES];
  rate_limit limit = *asked;
  int way = leg->takes & (is_of_ims ? FEEDBACK_TMMBR : FEEDBACK_REMB);
  if (!source_of(leg, &limit.ssrc) || way == 0) return false;
  if (is_of_ims && !is_news(leg, limit.bits_per_s, now)) return true;
  leg->rate_limit = limit.bits_per_s;
  leg->rate_limited_us = now.steady_us;
  uint32_t ours = leg->relay.rewriter.ssrc;
  size_t length = begin(leg, packet);
  length += is_of_ims ? feedback_write_tmmbr(packet + length, ours, &limit)
                      : feedback_write_remb(packet + length, ours, &limit);
  send_rtcp(of, is_of_ims, packet, length, now);
  return true;
}

size_t video_write_limit(const call *of, uint8_t out[FEEDBACK_MAX_BYTES]) {
  const video_leg *leg = &of->video->browser;
  rate_limit limit = {.bits_per_s = leg->rate_limit};
  bool is_kept = leg->rate_limited_us > 0 && (leg->takes & FEEDBACK_REMB) != 0;
  if (of->video->is_diverted || !is_kept || !source_of(leg, &limit.ssrc)) return 0;
  return feedback_write_remb(out, leg->relay.rewriter.ssrc, &limit);
}

/** Who makes the stream keeps below it. */
static bool pass_rate_up(call *of, bool is_by_ims, const rate_limit *limit, moment now) {
  video_leg *leg = leg_of(of, !is_by_ims);
  char text[24];
  if (!is_news(leg, limit->bits_per_s, now)) return true;
  leg->rate_limit = limit->bits_per_s;
  leg->rate_limited_us = now.steady_us;
  snprintf(text, sizeof text, "%llu", (unsigned long long)limit->bits_per_s);
  call_tell(of, is_by_ims ? CALL_RATE_LIMITED_BY_IMS : CALL_RATE_LIMITED_BY_BROWSER, text);
  return true;
}

static void take_rate(call *of, bool is_from_ims, const feedback_message *asked, moment now) {
  video_leg *leg = leg_of(of, is_from_ims);
  uint32_t ours = leg->relay.rewriter.ssrc;
  rate_limit limit = feedback_read_rate(asked, ours);
  uint8_t packet[MAX_BYTES];
  bool is_kept = of->video->is_diverted ? pass_rate_up(of, is_from_ims, &limit, now)
                                        : limit_rate(of, !is_from_ims, &limit, now);
  if (!is_kept || asked->kind != FEEDBACK_TMMBR) return;
  // It is in force, and the one who asked is the only one who limits us (RFC 5104 §4.2.2).
  limit.ssrc = asked->sender;
  size_t length = begin(leg, packet);
  length += feedback_write_tmmbn(packet + length, ours, &limit);
  send_rtcp(of, is_from_ims, packet, length, now);
}

void video_take_rtcp(call *of, bool is_from_ims, const uint8_t *packet, size_t length,
                     moment now) {
  video_leg *leg = leg_of(of, is_from_ims);
  lost_packets lost = {.count = 0};
  feedback_message asked;
  bool wants_picture = false;
  size_t at = 0;
  relay_took_reports(&leg->relay, packet, length, now);
  while (feedback_next(packet, length, &at, &asked)) {
    if (!feedback_is_of(&asked, leg->relay.rewriter.ssrc)) continue;
    if (asked.kind == FEEDBACK_NACK) {
      leg->relay.stats->nacks_received += 1;
      feedback_read_nack(&asked, &lost);
    }
    if ((asked.kind & (FEEDBACK_TMMBR | FEEDBACK_REMB)) != 0) {
      take_rate(of, is_from_ims, &asked, now);
    }
    if ((asked.kind & (FEEDBACK_PLI | FEEDBACK_FIR)) == 0) continue;
    leg->relay.stats->picture_requests_received += 1;
    wants_picture = true;
  }
  answer_nack(of, is_from_ims, &lost, now);
  if (wants_picture) want_picture(of, is_from_ims, now);
}
