#include "rtp.h"

/** The least between two sources: as if the first one's last packet had its usual length. */
#define FRAME_US 20000
#define US_PER_S 1000000
#define CLOCK_RATE_HZ 8000
#define MAX_DROPOUT 3000
#define MAX_MISORDER 100

bool rtp_read(const uint8_t *packet, size_t length, rtp_header *out) {
  if (length < RTP_HEADER_BYTES || packet[0] >> 6 != 2) return false;
  size_t header_bytes = RTP_HEADER_BYTES + 4 * (size_t)(packet[0] & 0x0f);
  if ((packet[0] & 0x10) != 0) {
    if (header_bytes + 4 > length) return false;
    header_bytes += 4 + 4 * (size_t)get16(packet + header_bytes + 2);
  }
  if (header_bytes > length) return false;
  out->marker = packet[1] >= 128;
  out->payload_type = packet[1] & 0x7f;
  out->sequence = get16(packet + 2);
  out->timestamp = get32(packet + 4);
  out->ssrc = get32(packet + 8);
  out->header_bytes = header_bytes;
  return true;
}

void rtp_rewriter_init(rtp_rewriter *rewriter, const uint8_t random[10]) {
  memset(rewriter, 0, sizeof *rewriter);
  rewriter->ssrc = get32(random);
  rewriter->max_misorder = MAX_MISORDER;
  // Below 2^15, so that the first packets cannot wrap before SRTP has an index (RFC 3711 §3.3.1).
  rewriter->highest_sequence = (uint16_t)((get16(random + 4) >> 1) - 1);
  rewriter->highest_timestamp = get32(random + 6);
  rewriter->clock_rate_hz = CLOCK_RATE_HZ;
}

static uint32_t timestamp_after(const rtp_rewriter *rewriter, int64_t passed_us) {
  return rewriter->highest_timestamp +
         (uint32_t)(passed_us * (int64_t)rewriter->clock_rate_hz / US_PER_S);
}

void rtp_set_clock(rtp_rewriter *rewriter, uint32_t clock_rate_hz, moment now) {
  if (clock_rate_hz == rewriter->clock_rate_hz) return;
  if (rewriter->highest_us != 0) {
    rewriter->highest_timestamp = timestamp_after(rewriter, now.steady_us - rewriter->highest_us);
    rewriter->highest_us = now.steady_us;
  }
  rewriter->clock_rate_hz = clock_rate_hz;
}

void rtp_change_source(rtp_rewriter *rewriter) { rewriter->has_source = false; }

void rtp_interrupt(rtp_rewriter *rewriter) { rewriter->is_interrupted = rewriter->has_source; }

/** Numbers out of all proportion are those of a source that began anew (RFC 3550 §A.1). */
static bool has_restarted(const rtp_rewriter *rewriter, const rtp_header *header) {
  uint16_t sequence = (uint16_t)(header->sequence + rewriter->sequence_offset);
  uint16_t ahead = (uint16_t)(sequence - rewriter->highest_sequence);
  return ahead > MAX_DROPOUT && ahead < 0x10000 - rewriter->max_misorder;
}

/** Of a source that takes over. */
static uint32_t timestamp_at(const rtp_rewriter *rewriter, moment now) {
  int64_t passed_us = now.steady_us - rewriter->highest_us;
  if (rewriter->highest_us == 0) return rewriter->highest_timestamp;
  return timestamp_after(rewriter, passed_us < FRAME_US ? FRAME_US : passed_us);
}

static void follow_source(rtp_rewriter *rewriter, const rtp_header *header, moment now) {
  bool is_same = rewriter->has_source && rewriter->source_ssrc == header->ssrc &&
                 !has_restarted(rewriter, header);
  if (is_same && !rewriter->is_interrupted) return;
  rewriter->sequence_offset = (uint16_t)(rewriter->highest_sequence + 1 - header->sequence);
  // Of the same source they go on, and show the time it took.
  if (!is_same) {
    rewriter->timestamp_offset = timestamp_at(rewriter, now) - header->timestamp;
  }
  rewriter->has_source = true;
  rewriter->is_interrupted = false;
  rewriter->source_ssrc = header->ssrc;
}

static bool payload_end(const uint8_t *packet, size_t length, size_t header_bytes, size_t *end) {
  *end = length;
  if ((packet[0] & 0x20) == 0) return true;
  size_t padding = packet[length - 1];
  if (padding == 0 || header_bytes + padding > length) return false;
  *end = length - padding;
  return true;
}

bool rtp_rewrite(rtp_rewriter *rewriter, const uint8_t payload_types[128],
                 const rtp_header *header, uint8_t *packet, size_t length, moment now,
                 rtp_rewritten *out) {
  uint8_t payload_type = payload_types[header->payload_type];
  size_t end;
  if (payload_type == NO_PAYLOAD_TYPE) return false;
  if (!payload_end(packet, length, header->header_bytes, &end)) return false;
  follow_source(rewriter, header, now);
  uint16_t sequence = (uint16_t)(header->sequence + rewriter->sequence_offset);
  uint32_t timestamp = header->timestamp + rewriter->timestamp_offset;
  if ((uint16_t)(sequence - rewriter->highest_sequence) < 0x8000) {
    rewriter->highest_sequence = sequence;
    rewriter->highest_timestamp = timestamp;
    rewriter->highest_us = now.steady_us;
  }
  // CSRCs and extensions end at this edge.
  out->packet = packet + header->header_bytes - RTP_HEADER_BYTES;
  out->length = end - header->header_bytes + RTP_HEADER_BYTES;
  out->timestamp = timestamp;
  out->packet[0] = 0x80;
  out->packet[1] = (uint8_t)((header->marker ? 0x80 : 0) | payload_type);
  put16(out->packet + 2, sequence);
  put32(out->packet + 4, timestamp);
  put32(out->packet + 8, rewriter->ssrc);
  return true;
}
