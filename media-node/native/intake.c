#include "intake.h"

/** A mark is the slot, so much of the serial, and three bits of the kind. */
#define SERIAL_MASK 0x1fffffffu

uint64_t watch_mark(const call *of, watch_kind kind) {
  if (!of) return (uint64_t)kind;
  return (uint64_t)of->slot << 32 | (uint64_t)(of->serial & SERIAL_MASK) << 3 | kind;
}

watch_kind watch_kind_of(uint64_t mark) { return (watch_kind)(mark & 7); }

uint32_t watch_slot_of(uint64_t mark) { return (uint32_t)(mark >> 32); }

static call *find_marked(const engine *it, uint64_t mark) {
  call *found = engine_find(it, watch_slot_of(mark));
  bool is_same = found && (found->serial & SERIAL_MASK) == (mark >> 3 & SERIAL_MASK);
  return is_same ? found : NULL;
}

bool intake_find(engine *it, uint64_t mark, intake *found) {
  watch_kind kind = watch_kind_of(mark);
  call *of = find_marked(it, mark);
  bool is_video = kind == WATCH_VIDEO_RTP || kind == WATCH_VIDEO_RTCP;
  if (!of || (is_video && !of->video)) return false;
  *found = (intake){
      .engine = it,
      .of = of,
      .is_video = is_video,
      .leg = is_video ? &of->video->peer : &of->peer,
      .port = kind == WATCH_RTP || kind == WATCH_VIDEO_RTP ? MEDIA_RTP : MEDIA_RTCP,
  };
  return true;
}

void intake_take(const intake *in, uint8_t *packet, size_t length, const address *from,
                 moment now) {
  in->engine->packets_taken += 1;
  if (length > IO_DATAGRAM_BYTES) {
    leg_stats *stats = in->is_video ? &in->of->stats->video_ims : &in->of->stats->ims;
    stats->packets_dropped += 1;
  } else if (in->is_video) {
    video_take_ims(in->of, in->port, packet, length, from, now);
  } else {
    call_take_ims(in->of, in->port, packet, length, from, now);
  }
}
