#include "relay.h"

void relay_leg_init(relay_leg *leg, const uint8_t random[10], const char *cname,
                    leg_stats *stats) {
  memset(leg, 0, sizeof *leg);
  memset(leg->payload_types, NO_PAYLOAD_TYPE, sizeof leg->payload_types);
  rtp_rewriter_init(&leg->rewriter, random);
  rtcp_reporter_init(&leg->reporter, leg->rewriter.ssrc, cname);
  leg->stats = stats;
}

void relay_set_clock(relay_leg *leg, uint32_t clock_rate_hz, moment now) {
  rtcp_set_clock(&leg->reporter, clock_rate_hz, now);
  rtp_set_clock(&leg->rewriter, clock_rate_hz, now);
}

void relay_received(relay_leg *from, const rtp_header *header, size_t length, moment now) {
  rtcp_received(&from->reporter, header, now);
  from->stats->packets_received += 1;
  from->stats->octets_received += length;
  from->stats->packets_lost = (uint64_t)rtcp_lost(&from->reporter);
  from->stats->jitter_sixteenths = (uint64_t)from->reporter.reception.jitter_sixteenths;
  from->stats->clock_rate_hz = from->reporter.clock_rate_hz;
}

static void show_metrics(leg_stats *stats, const far_end *far) {
  for (int i = 0; i < 3; i++) {
    const uint8_t *at = far->metrics + 8 * i;
    stats->far_metrics[i] = (uint64_t)get32(at) << 32 | get32(at + 4);
  }
  stats->far_metrics[3] = (uint64_t)get32(far->metrics + 24) << 32 | (far->has_metrics ? 1 : 0);
}

/** What only reports change is shown with them. */
static void show(relay_leg *leg) {
  const far_end *far = &leg->reporter.far;
  leg->stats->clock_rate_hz = leg->reporter.clock_rate_hz;
  leg->stats->recent_loss_256ths = leg->reporter.reception.recent_loss_256ths;
  leg->stats->far_lost = far->lost_before + far->lost;
  leg->stats->far_recent_loss_256ths = far->recent_loss_256ths;
  leg->stats->far_jitter_ticks = far->jitter_ticks;
  leg->stats->far_reports = far->reports;
  leg->stats->round_trip_us = far->round_trip_us;
  leg->stats->round_trips = far->round_trips;
  show_metrics(leg->stats, far);
}

void relay_change_peer(relay_leg *from, relay_leg *to, bool is_made_here) {
  rtcp_change_peer(&from->reporter);
  if (!is_made_here) rtp_change_source(&to->rewriter);
  show(from);
}

void relay_took_reports(relay_leg *from, const uint8_t *compound, size_t length, moment now) {
  rtcp_take(&from->reporter, compound, length, now);
  from->stats->reports_received += 1;
  show(from);
}

size_t relay_report(relay_leg *to, bool is_goodbye, moment now,
                    uint8_t out[RTCP_MAX_REPORT_BYTES]) {
  size_t length = rtcp_write(&to->reporter, is_goodbye, now, out);
  show(to);
  return length;
}

static bool emit(relay_leg *to, const uint8_t payload_types[128], const rtp_header *header,
                 uint8_t *packet, size_t length, moment now, rtp_rewritten *out) {
  if (!to->is_open) {
    rtp_interrupt(&to->rewriter);
    return false;
  }
  if (!rtp_rewrite(&to->rewriter, payload_types, header, packet, length, now, out)) return false;
  rtcp_sent(&to->reporter, out->timestamp, out->length - RTP_HEADER_BYTES, now);
  return true;
}

bool relay_pass(relay_leg *to, const rtp_header *header, uint8_t *packet, size_t length,
                moment now, rtp_rewritten *out) {
  return emit(to, to->payload_types, header, packet, length, now, out);
}

bool relay_emit(relay_leg *to, uint8_t *packet, size_t length, moment now, rtp_rewritten *out) {
  static uint8_t as_they_are[128];
  rtp_header header;
  for (int i = 0; i < 128; i++) as_they_are[i] = (uint8_t)i;
  return rtp_read(packet, length, &header) &&
         emit(to, as_they_are, &header, packet, length, now, out);
}

void relay_sent(relay_leg *to, const rtp_rewritten *sent) {
  to->stats->packets_sent += 1;
  to->stats->octets_sent += sent->length;
}
