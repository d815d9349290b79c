#include "far-end.h"

#define US_PER_S 1000000

void far_end_asked(far_end *end, uint32_t ntp_middle, moment now) {
  end->sent[1] = end->sent[0];
  end->sent[0] = (sent_report){true, ntp_middle, now.steady_us};
}

static const sent_report *named(const far_end *end, uint32_t ntp_middle) {
  for (int i = 0; i < 2; i++) {
    if (end->sent[i].is_set && end->sent[i].ntp_middle == ntp_middle) return &end->sent[i];
  }
  return NULL;
}

void far_end_told(far_end *end, const uint8_t block[RTCP_BLOCK_BYTES], moment now) {
  uint32_t lost = get32(block + 4) & 0xffffff;
  end->reports += 1;
  end->recent_loss_256ths = block[4];
  // Below nought where more came twice than was lost.
  end->lost = lost < 0x800000 ? lost : 0;
  end->jitter_ticks = get32(block + 12);
  // Only of a report that left here: nobody makes a round trip up.
  const sent_report *ours = named(end, get32(block + 16));
  if (!ours) return;
  int64_t held_us = (int64_t)get32(block + 20) * US_PER_S / 65536;
  int64_t passed_us = now.steady_us - ours->at_us - held_us;
  end->round_trips += 1;
  end->round_trip_us = passed_us > 0 ? (uint64_t)passed_us : 0;
}

void far_end_measured(far_end *end, const uint8_t metrics[FAR_METRICS_BYTES]) {
  end->has_metrics = true;
  memcpy(end->metrics, metrics, FAR_METRICS_BYTES);
}

void far_end_change_peer(far_end *end) {
  *end = (far_end){.lost_before = end->lost_before + end->lost};
}
