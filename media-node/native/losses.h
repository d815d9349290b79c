#ifndef ISTHMUS_LOSSES_H
#define ISTHMUS_LOSSES_H

#include "moment.h"
#include "rtcp-feedback.h"
#include "rtp.h"

/** More at once are not mended packet by packet. */
#define LOSSES_MAX 64

typedef struct loss {
  uint16_t sequence;
  uint8_t tries;
  int64_t due_us;
} loss;

/** Packets of one source that have not come: asked for again, and given up in the end. */
typedef struct losses {
  bool has_source;
  uint32_t ssrc;
  uint16_t highest;
  /** Something never came: what is decoded without it is broken until a whole picture comes. */
  bool is_broken;
  int64_t next_picture_us;
  loss of[LOSSES_MAX];
  int count;
} losses;

void losses_received(losses *it, const rtp_header *header, moment now);
/**
 * What is to be asked for now; each comes up again until it has come, or was asked for too often.
 * True where a whole picture is wanted besides.
 */
bool losses_wanted(losses *it, moment now, lost_packets *out);

#endif
