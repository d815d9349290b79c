#ifndef ISTHMUS_ENGINE_LOOP_H
#define ISTHMUS_ENGINE_LOOP_H

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
uint64_t loop_mark(const call *of, watch_kind kind);
bool loop_watch(engine *it, int fd, uint64_t mark);
/** The engine's thread. */
void *loop_run(void *engine);

#endif
