#ifndef ISTHMUS_STATS_H
#define ISTHMUS_STATS_H

#include <stdint.h>

/* What the node reads while we write, through memory that both map. A word at a time is whole on
   every 64-bit machine, and no two words need agree. Read by src/adapters/native/shared-stats.ts. */

typedef struct leg_stats {
  /* One line of cache: written with every packet. */
  uint64_t packets_received;
  uint64_t octets_received;
  uint64_t packets_sent;
  uint64_t octets_sent;
  uint64_t packets_dropped;
  uint64_t packets_lost;
  uint64_t jitter_sixteenths;
  /** Of the timestamps on this leg: in these ticks all its jitter is told. */
  uint64_t clock_rate_hz;
  /* Another: written with every report. */
  uint64_t reports_received;
  uint64_t recent_loss_256ths;
  /** How many of them told how we are heard. */
  uint64_t far_reports;
  uint64_t far_lost;
  uint64_t far_recent_loss_256ths;
  uint64_t far_jitter_ticks;
  uint64_t round_trips;
  uint64_t round_trip_us;
  /* And another: of video, with every request for what was missed. */
  uint64_t nacks_received;
  uint64_t picture_requests_received;
  uint64_t nacks_sent;
  uint64_t picture_requests_sent;
  /* Of voice, with every report: VoIP metrics as they came, first octet first; then whether any did. */
  uint64_t far_metrics[4];
} leg_stats;

typedef struct call_stats {
  leg_stats access;
  leg_stats ims;
  leg_stats video_access;
  leg_stats video_ims;
} call_stats;

/** Why the browser port threw packets of nobody away. */
typedef enum drop_reason {
  DROP_UNVALIDATED_SOURCE,
  DROP_MALFORMED_STUN,
  DROP_UNKNOWN_FRAGMENT,
  DROP_WRONG_INTEGRITY,
  DROP_REFUSED_SOURCE,
  DROP_UNASKED_RESPONSE,
  DROP_TOO_LONG,
  DROP_REASONS = 16,
} drop_reason;

/** At the head of the shared memory; the calls follow by their slots. */
typedef struct port_stats {
  uint64_t dropped[DROP_REASONS];
} port_stats;

#endif
