#include "rtcp.h"

#define SEQUENCE_SPACE 0x10000
#define US_PER_S 1000000
/** Between the epochs of NTP (1900) and of Unix (RFC 5905 §6). */
#define NTP_UNIX_OFFSET_S 2208988800u

enum {
  SENDER_REPORT = 200,
  RECEIVER_REPORT,
  SOURCE_DESCRIPTION,
  GOODBYE,
  EXTENDED_REPORT = 207,
};
/** Blocks of an extended report (RFC 3611 §4.4, §4.5, §4.7), and how long they are here. */
enum { RECEIVER_REFERENCE = 4, DELAY_SINCE_REFERENCE = 5, VOIP_METRICS = 7 };
#define REFERENCE_BLOCK_BYTES 12
#define DELAY_BLOCK_BYTES 16
#define METRICS_BLOCK_BYTES (8 + FAR_METRICS_BYTES)

void rtcp_reporter_init(rtcp_reporter *reporter, uint32_t ssrc, const char *cname) {
  memset(reporter, 0, sizeof *reporter);
  reporter->ssrc = ssrc;
  reporter->clock_rate_hz = 8000;
  strncpy(reporter->cname, cname, RTCP_MAX_CNAME_BYTES - 1);
}

/** What a packet sampled at this very moment would bear (RFC 3550 §6.4.1). */
static uint32_t timestamp_at(const rtcp_reporter *reporter, moment now) {
  int64_t since_us = now.steady_us - reporter->last_us;
  return reporter->last_timestamp + (uint32_t)(since_us * reporter->clock_rate_hz / US_PER_S);
}

void rtcp_set_clock(rtcp_reporter *reporter, uint32_t clock_rate_hz, moment now) {
  rtcp_reception *reception = &reporter->reception;
  if (clock_rate_hz == reporter->clock_rate_hz) return;
  // What we have sent until now counts by the clock of before (RFC 7160 §4.1).
  reporter->last_timestamp = timestamp_at(reporter, now);
  reporter->last_us = now.steady_us;
  reporter->clock_rate_hz = clock_rate_hz;
  reception->clock_rate_hz = clock_rate_hz;
  reception->has_transit = false;
  reception->jitter_sixteenths = 0;
}

void rtcp_sent(rtcp_reporter *reporter, uint32_t timestamp, size_t payload_bytes, moment now) {
  reporter->packets += 1;
  reporter->octets += (uint32_t)payload_bytes;
  reporter->last_timestamp = timestamp;
  reporter->last_us = now.steady_us;
}

void rtcp_change_peer(rtcp_reporter *reporter) {
  reporter->lost_before = rtcp_lost(reporter);
  reporter->reception = (rtcp_reception){.is_active = false};
  reporter->reference.is_set = false;
  far_end_change_peer(&reporter->far);
}

static void begin_reception(rtcp_reporter *reporter, const rtp_header *header) {
  reporter->lost_before = rtcp_lost(reporter);
  reporter->reception = (rtcp_reception){
      .is_active = true,
      .ssrc = header->ssrc,
      .clock_rate_hz = reporter->clock_rate_hz,
      .base = header->sequence,
      .highest = header->sequence,
  };
}

void rtcp_received(rtcp_reporter *reporter, const rtp_header *header, moment now) {
  rtcp_reception *reception = &reporter->reception;
  if (!reception->is_active || reception->ssrc != header->ssrc) begin_reception(reporter, header);
  reception->received += 1;
  reception->has_left = false;
  uint16_t ahead = (uint16_t)(header->sequence - (uint16_t)reception->highest);
  if (ahead < SEQUENCE_SPACE / 2) reception->highest += ahead;
  // An event bears the time of its beginning throughout (RFC 4733 §2.2): its packets are not late.
  if (reception->has_transit && header->timestamp == reception->last_timestamp) return;
  reception->last_timestamp = header->timestamp;
  int64_t arrival = now.steady_us * reception->clock_rate_hz / US_PER_S;
  int64_t transit = arrival - header->timestamp;
  int64_t change = reception->has_transit ? transit - reception->transit_ticks : 0;
  if (change < 0) change = -change;
  reception->has_transit = true;
  reception->transit_ticks = transit;
  // A jump of the timestamp (a new talkspurt source, a wrap) is no jitter.
  if (change < reception->clock_rate_hz) {
    reception->jitter_sixteenths += change - ((reception->jitter_sixteenths + 8) >> 4);
  }
}

static int64_t expected_of(const rtcp_reception *reception) {
  return reception->highest - reception->base + 1;
}

int64_t rtcp_lost(const rtcp_reporter *reporter) {
  const rtcp_reception *reception = &reporter->reception;
  if (!reception->is_active) return reporter->lost_before;
  int64_t lost = expected_of(reception) - reception->received;
  // Packets that came twice may hide as many that did not come.
  return reporter->lost_before + (lost > 0 ? lost : 0);
}

/** A source that has gone is not reported on (RFC 3550 §6.6). */
static void take_goodbye(rtcp_reporter *reporter, const uint8_t *packet, size_t size) {
  size_t count = packet[0] & 0x1f;
  for (size_t at = 4; count > 0 && at + 4 <= size; at += 4, count--) {
    if (!reporter->reception.is_active || get32(packet + at) != reporter->reception.ssrc) continue;
    reporter->reception.has_left = true;
  }
}

static void take_extended(rtcp_reporter *reporter, const uint8_t *packet, size_t size,
                          moment now) {
  size_t at = 8;
  while (at + 4 <= size) {
    size_t block = 4 * ((size_t)get16(packet + at + 2) + 1);
    if (block > size - at) return;
    if (packet[at] == RECEIVER_REFERENCE && block == REFERENCE_BLOCK_BYTES) {
      reporter->reference =
          (rtcp_reference){true, get32(packet + 4), get32(packet + at + 6), now.steady_us};
    }
    if (packet[at] == VOIP_METRICS && block == METRICS_BLOCK_BYTES &&
        get32(packet + at + 4) == reporter->ssrc) {
      far_end_measured(&reporter->far, packet + at + 8);
    }
    at += block;
  }
}

/** One SR or RR; nothing of one that holds less than it says. */
static void take_report(rtcp_reporter *reporter, const uint8_t *report, size_t size, moment now) {
  rtcp_reception *reception = &reporter->reception;
  bool is_sender = report[1] == SENDER_REPORT;
  size_t blocks_at = is_sender ? 28 : 8;
  int count = report[0] & 0x1f;
  if (size < blocks_at + (size_t)count * RTCP_BLOCK_BYTES) return;
  if (is_sender && reception->is_active && get32(report + 4) == reception->ssrc) {
    reception->has_report = true;
    reception->ntp_middle = get32(report + 10);
    reception->reported_us = now.steady_us;
  }
  for (int i = 0; i < count; i++) {
    const uint8_t *block = report + blocks_at + i * RTCP_BLOCK_BYTES;
    if (get32(block) == reporter->ssrc) far_end_told(&reporter->far, block, now);
  }
}

void rtcp_take(rtcp_reporter *reporter, const uint8_t *compound, size_t length, moment now) {
  size_t at = 0;
  while (length - at >= 8) {
    size_t size = 4 * ((size_t)get16(compound + at + 2) + 1);
    if (compound[at] >> 6 != 2 || size > length - at) return;
    uint8_t type = compound[at + 1];
    if (type == SENDER_REPORT || type == RECEIVER_REPORT) {
      take_report(reporter, compound + at, size, now);
    }
    if (type == GOODBYE) take_goodbye(reporter, compound + at, size);
    if (type == EXTENDED_REPORT) take_extended(reporter, compound + at, size, now);
    at += size;
  }
}

static int64_t clamp(int64_t value, int64_t least, int64_t most) {
  if (value < least) return least;
  return value > most ? most : value;
}

/** One block (RFC 3550 §6.4.1); the interval of the fraction begins anew. */
static size_t write_block(rtcp_reception *reception, moment now, uint8_t *at) {
  int64_t expected = expected_of(reception);
  int64_t interval = expected - reception->prior_expected;
  int64_t lost = interval - (reception->received - reception->prior_received);
  reception->prior_expected = expected;
  reception->prior_received = reception->received;
  int64_t fraction = interval > 0 ? clamp(lost * 256 / interval, 0, 255) : 0;
  reception->recent_loss_256ths = (uint8_t)fraction;
  int64_t cumulative = clamp(expected - reception->received, -0x800000, 0x7fffff);
  int64_t delay = reception->has_report ? (now.steady_us - reception->reported_us) * 65536 / US_PER_S : 0;
  put32(at, reception->ssrc);
  put32(at + 4, (uint32_t)fraction << 24 | ((uint32_t)cumulative & 0xffffff));
  put32(at + 8, (uint32_t)reception->highest);
  put32(at + 12, (uint32_t)(reception->jitter_sixteenths >> 4));
  put32(at + 16, reception->has_report ? reception->ntp_middle : 0);
  put32(at + 20, (uint32_t)delay);
  return RTCP_BLOCK_BYTES;
}

static size_t write_sender(rtcp_reporter *reporter, moment now, uint8_t *at) {
  uint64_t fraction = ((uint64_t)(now.wall_us % US_PER_S) << 32) / US_PER_S;
  put32(at, (uint32_t)(now.wall_us / US_PER_S) + NTP_UNIX_OFFSET_S);
  put32(at + 4, (uint32_t)fraction);
  put32(at + 8, timestamp_at(reporter, now));
  put32(at + 12, reporter->packets);
  put32(at + 16, reporter->octets);
  far_end_asked(&reporter->far, get32(at + 2), now);
  return 20;
}

static void write_header(uint8_t *at, int type, int count, size_t size) {
  at[0] = (uint8_t)(0x80 | count);
  at[1] = (uint8_t)type;
  put16(at + 2, (uint16_t)(size / 4 - 1));
}

static size_t write_report(rtcp_reporter *reporter, moment now, uint8_t *at) {
  bool has_sent = reporter->packets != reporter->reported_packets;
  int blocks = reporter->reception.is_active && !reporter->reception.has_left ? 1 : 0;
  size_t size = 8;
  put32(at + 4, reporter->ssrc);
  if (has_sent) size += write_sender(reporter, now, at + size);
  if (blocks > 0) size += write_block(&reporter->reception, now, at + size);
  reporter->reported_packets = reporter->packets;
  write_header(at, has_sent ? SENDER_REPORT : RECEIVER_REPORT, blocks, size);
  return size;
}

static size_t write_cname(const rtcp_reporter *reporter, uint8_t *at) {
  size_t length = strlen(reporter->cname);
  // The list of items ends with at least one zero and fills its word (RFC 3550 §6.5).
  size_t padded = (2 + length + 4) & ~(size_t)3;
  memset(at + 8, 0, padded);
  put32(at + 4, reporter->ssrc);
  at[8] = 1;
  at[9] = (uint8_t)length;
  memcpy(at + 10, reporter->cname, length);
  write_header(at, SOURCE_DESCRIPTION, 1, 8 + padded);
  return 8 + padded;
}

/** The round trip for who cannot have it from reports on itself (RFC 3611 §4.5); once. */
static size_t write_extended(rtcp_reporter *reporter, moment now, uint8_t *at) {
  rtcp_reference *reference = &reporter->reference;
  int64_t delay = (now.steady_us - reference->taken_us) * 65536 / US_PER_S;
  if (!reference->is_set) return 0;
  reference->is_set = false;
  put32(at + 4, reporter->ssrc);
  put32(at + 8, (uint32_t)DELAY_SINCE_REFERENCE << 24 | (DELAY_BLOCK_BYTES / 4 - 1));
  put32(at + 12, reference->ssrc);
  put32(at + 16, reference->ntp_middle);
  put32(at + 20, (uint32_t)delay);
  write_header(at, EXTENDED_REPORT, 0, 8 + DELAY_BLOCK_BYTES);
  return 8 + DELAY_BLOCK_BYTES;
}

size_t rtcp_write_opening(const rtcp_reporter *reporter, uint8_t out[RTCP_MAX_REPORT_BYTES]) {
  put32(out + 4, reporter->ssrc);
  write_header(out, RECEIVER_REPORT, 0, 8);
  return 8 + write_cname(reporter, out + 8);
}

size_t rtcp_write(rtcp_reporter *reporter, bool is_goodbye, moment now,
                  uint8_t out[RTCP_MAX_REPORT_BYTES]) {
  size_t length = write_report(reporter, now, out);
  length += write_cname(reporter, out + length);
  length += write_extended(reporter, now, out + length);
  if (!is_goodbye) return length;
  write_header(out + length, GOODBYE, 1, 8);
  put32(out + length + 4, reporter->ssrc);
  return length + 8;
}
