#ifndef ISTHMUS_INTAKE_H
#define ISTHMUS_INTAKE_H

#include "engine.h"

typedef enum watch_kind {
  WATCH_BROWSER,
  WATCH_WAKE,
  WATCH_RTP,
  WATCH_RTCP,
  WATCH_VIDEO_RTP,
  WATCH_VIDEO_RTCP,
} watch_kind;

/** Names a call without pointing at it: an event may come after its end. */
uint64_t watch_mark(const call *of, watch_kind kind);
watch_kind watch_kind_of(uint64_t mark);
uint32_t watch_slot_of(uint64_t mark);

/** One port toward IMS with something to read: of the voice of a call, or of its video. */
typedef struct intake {
  engine *engine;
  call *of;
  bool is_video;
  ims_leg *leg;
  media_kind port;
} intake;

/** False where the call, or its video, is gone. */
bool intake_find(engine *it, uint64_t mark, intake *found);
/** Of a datagram longer than IO_DATAGRAM_BYTES no more than that need be there. */
void intake_take(const intake *in, uint8_t *packet, size_t length, const address *from,
                 moment now);

#endif
