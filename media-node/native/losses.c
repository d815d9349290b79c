#include "losses.h"

/** A packet that is late by less may still come by itself. */
#define REORDER_US 15000
/** Until what was asked for should have come: the round trip of a mobile network. */
#define AGAIN_US 80000
#define MAX_TRIES 4
/** A picture takes its time, and the next one costs as much. */
#define PICTURE_US 500000

static void forget(losses *it, int at) { it->of[at] = it->of[--it->count]; }

static void came_late(losses *it, uint16_t sequence) {
  for (int i = 0; i < it->count; i++) {
    if (it->of[i].sequence == sequence) {
      forget(it, i);
      return;
    }
  }
}

void losses_received(losses *it, const rtp_header *header, moment now) {
  if (!it->has_source || it->ssrc != header->ssrc) {
    *it = (losses){.has_source = true, .ssrc = header->ssrc, .highest = header->sequence};
    return;
  }
  uint16_t ahead = (uint16_t)(header->sequence - it->highest);
  if (ahead == 0 || ahead >= 0x8000) {
    came_late(it, header->sequence);
    return;
  }
  if (ahead + it->count > LOSSES_MAX) {
    it->count = 0;
    it->is_broken = true;
  } else {
    for (uint16_t step = 1; step < ahead; step++) {
      uint16_t sequence = (uint16_t)(it->highest + step);
      it->of[it->count++] = (loss){sequence, 0, now.steady_us + REORDER_US};
    }
  }
  it->highest = header->sequence;
}

bool losses_wanted(losses *it, moment now, lost_packets *out) {
  out->count = 0;
  int at = 0;
  while (at < it->count) {
    loss *missing = &it->of[at];
    if (missing->due_us <= now.steady_us && missing->tries == MAX_TRIES) {
      it->is_broken = true;
      forget(it, at);
      continue;
    }
    if (missing->due_us <= now.steady_us) {
      missing->tries += 1;
      missing->due_us = now.steady_us + AGAIN_US;
      out->of[out->count++] = missing->sequence;
    }
    at += 1;
  }
  if (!it->is_broken || now.steady_us < it->next_picture_us) return false;
  it->is_broken = false;
  it->next_picture_us = now.steady_us + PICTURE_US;
  return true;
}
