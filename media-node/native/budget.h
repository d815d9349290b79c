#ifndef ISTHMUS_BUDGET_H
#define ISTHMUS_BUDGET_H

#include <stdbool.h>

#include "moment.h"

/**
 * What one source may make us work on: so many packets a second on average, a second's worth at
 * once. Counted in millionths of a packet.
 */
typedef struct packet_budget {
  int64_t packets_per_s;
  int64_t left;
  int64_t at_us;
} packet_budget;

static inline void budget_init(packet_budget *budget, int64_t packets_per_s, moment now) {
  *budget = (packet_budget){packets_per_s, packets_per_s * 1000000, now.steady_us};
}

/** False where the packet is one too many. */
static inline bool budget_take(packet_budget *budget, moment now) {
  int64_t most = budget->packets_per_s * 1000000;
  int64_t passed_us = now.steady_us - budget->at_us;
  budget->at_us = now.steady_us;
  // After a second of silence it is full, and longer ones must not overflow.
  budget->left += (passed_us < 1000000 ? passed_us : 1000000) * budget->packets_per_s;
  if (budget->left > most) budget->left = most;
  if (budget->left < 1000000) return false;
  budget->left -= 1000000;
  return true;
}

#endif
