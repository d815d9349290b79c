#ifndef ISTHMUS_RING_H
#define ISTHMUS_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if __has_include(<linux/io_uring.h>)
#include <linux/io_uring.h>
#endif
/** Headers that are older than what a ring needs know nothing of this either. */
#ifdef IORING_SETUP_DEFER_TASKRUN
#define HAS_RING 1
#else
#define HAS_RING 0
#endif

#if HAS_RING

/** An io_uring by its system calls alone. Made on any thread; the one that enables it has it for good. */
typedef struct ring {
  int fd;
  bool is_enabled;
  unsigned wait_flags;
  /** Of what was filled, whether submitted or not. */
  unsigned sq_end;
  unsigned *sq_head, *sq_tail;
  unsigned sq_entries;
  struct io_uring_sqe *sqes;
  unsigned *cq_head, *cq_tail;
  unsigned cq_mask;
  const struct io_uring_cqe *cqes;
  void *queues;
  size_t queues_bytes;
} ring;

/** Memory that the kernel receives in: it takes one, and we give it back. */
typedef struct ring_buffers {
  struct io_uring_buf_ring *queue;
  uint8_t *memory;
  size_t stride;
  /** Of each, what may be filled. */
  uint32_t room;
  /** A power of two. */
  uint16_t count;
  uint16_t end;
} ring_buffers;

/** NULL, or why it cannot be had here. Both are to be closed in either case. */
const char *ring_open(ring *it, unsigned entries, unsigned completions);
void ring_close(ring *it);
void ring_enable(ring *it);
/** An empty request to fill, submitted with the next `ring_submit` or `ring_wait`; NULL: no room. */
struct io_uring_sqe *ring_next(ring *it);
/** Which of the `entries` it is. */
unsigned ring_index(const ring *it, const struct io_uring_sqe *request);
void ring_submit(ring *it);
/** Until there are so many completions, or for so long. */
void ring_wait(ring *it, unsigned count, int64_t timeout_ns);
/** The next completion, NULL for none; it is there until `ring_pass`. */
const struct io_uring_cqe *ring_peek(const ring *it);
void ring_pass(ring *it);

/** Fills `queue` and `memory` of what else is given, as group 0. */
const char *buffers_open(ring_buffers *it, const ring *of);
void buffers_close(ring_buffers *it);
/** Given with the next `buffers_publish`. */
void buffers_give(ring_buffers *it, uint16_t index);
void buffers_publish(ring_buffers *it);

#endif

#endif
