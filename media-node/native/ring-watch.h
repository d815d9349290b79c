#ifndef ISTHMUS_RING_WATCH_H
#define ISTHMUS_RING_WATCH_H

#include "intake.h"
#include "ring.h"

#if HAS_RING

/* Which sockets of an engine its ring hears: those toward IMS datagram by datagram, its own by
   being told that there is something. */

/** Of a request whose end nobody waits for. */
#define RING_NOBODY UINT64_MAX

typedef enum ring_watch_state {
  WATCH_FREE,
  /** To be heard as soon as the thread of the ring can say so. */
  WATCH_WANTED,
  WATCH_HEARD,
  /** Ends by its last completion, and not before: until then the kernel holds the socket. */
  WATCH_LEAVING,
} ring_watch_state;

typedef struct ring_watch {
  uint64_t mark;
  int fd;
  ring_watch_state state;
  bool is_pending;
} ring_watch;

/** Completions name their watch by its index. */
typedef struct ring_watches {
  ring_watch *of;
  /** Those of which the kernel is to be told, each once. */
  uint32_t *pending;
  uint32_t pending_count;
  uint32_t leaving_count;
} ring_watches;

/** A buffer as the kernel fills it. */
typedef struct ring_datagram {
  struct io_uring_recvmsg_out head;
  address from;
  _Alignas(16) uint8_t packet[IO_BUFFER_BYTES];
} ring_datagram;

#define RING_PACKET_AT offsetof(ring_datagram, packet)

bool watches_init(ring_watches *it, uint32_t max_calls);
void watches_free(ring_watches *it);
/** False where the last one by that mark has not left. */
bool watches_add(ring_watches *it, int fd, uint64_t mark);
void watches_release(ring_watches *it, int fd, uint64_t mark);
/** Requests for all that is pending. For the thread of the ring. */
void watches_tell(ring_watches *it, ring *to);
/** There was its last completion: it has left, or is wanted anew. */
void watches_end(ring_watches *it, uint32_t index);

#endif

#endif
