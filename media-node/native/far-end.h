#ifndef ISTHMUS_FAR_END_H
#define ISTHMUS_FAR_END_H

#include "bytes.h"
#include "moment.h"

#define RTCP_BLOCK_BYTES 24
/** Of a block of VoIP metrics, what follows the SSRC that it is about (RFC 3611 §4.7). */
#define FAR_METRICS_BYTES 28

/** A sender report of ours, as answers to it name it. */
typedef struct sent_report {
  bool is_set;
  uint32_t ntp_middle;
  int64_t at_us;
} sent_report;

/** What the other end of a leg reports of what we send it (RFC 3550 §6.4.1). */
typedef struct far_end {
  /** The last two: an answer to the first may cross the second. */
  sent_report sent[2];
  uint64_t reports;
  uint32_t lost;
  /** What those lost who were there before. */
  uint64_t lost_before;
  uint8_t recent_loss_256ths;
  uint32_t jitter_ticks;
  uint64_t round_trips;
  uint64_t round_trip_us;
  /** As they came: read by src/core/media/voip-metrics.ts. */
  bool has_metrics;
  uint8_t metrics[FAR_METRICS_BYTES];
} far_end;

void far_end_asked(far_end *end, uint32_t ntp_middle, moment now);
/** One block that is about us. */
void far_end_told(far_end *end, const uint8_t block[RTCP_BLOCK_BYTES], moment now);

/** What it has measured of our stream by itself. */
void far_end_measured(far_end *end, const uint8_t metrics[FAR_METRICS_BYTES]);
/** Of somebody else nothing is known yet, and he cannot have got what was sent before. */
void far_end_change_peer(far_end *end);

#endif
