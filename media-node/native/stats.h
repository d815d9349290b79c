#ifndef ISTHMUS_STATS_H
#define ISTHMUS_STATS_H

#include <stdint.h>

/* What the node reads while we write, through memory that both map. A word at a time is whole on
   every 64-bit machine, and no two words need agree. Read by src/adapters/native/shared-stats.ts. */

typedef struct leg_stats {
  uint64_t packets_received;
  uint64_t octets_received;
  uint64_t packets_sent;
  uint64_t octets_sent;
  uint64_t packets_dropped;
  uint64_t packets_lost;
} leg_stats;

typedef struct call_stats {
  leg_stats access;
  leg_stats ims;
  uint64_t reserved[4];
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
