#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/socket.h>

#include "engine-loop.h"
#include "ring-watch.h"

#if HAS_RING

#define ENTRIES 256
#define BUFFERS 256
/** More than there are buffers, so that what ends is told of, too. */
#define COMPLETIONS 1024
/** Then company is no longer waited for: half of the buffers are used. */
#define COMPANY_EVENTS (BUFFERS / 2)

typedef struct ring_io {
  ring ring;
  ring_watches watches;
  ring_buffers buffers;
  /** To be given back once nothing that is to be sent lies in them. */
  uint16_t used[BUFFERS];
  unsigned used_count;
  address destinations[ENTRIES];
  /** At the browser port: the kernel tells of what is new alone. */
  bool has_more;
  /** An order waits for sockets to leave. */
  bool is_awaited;
} ring_io;

static void close_ring(engine *it) {
  ring_io *io = it->io_state;
  if (!io) return;
  ring_close(&io->ring);
  buffers_close(&io->buffers);
  watches_free(&io->watches);
  free(io);
  it->io_state = NULL;
}

static bool post(void *poster, int fd, const address *to, const struct iovec *packet) {
  ring_io *io = poster;
  struct io_uring_sqe *request = ring_next(&io->ring);
  if (!request) return false;
  address *destination = &io->destinations[ring_index(&io->ring, request)];
  *destination = *to;
  request->opcode = IORING_OP_SEND;
  request->flags = IOSQE_CQE_SKIP_SUCCESS;
  request->fd = fd;
  request->addr = (uint64_t)(uintptr_t)packet->iov_base;
  request->len = (uint32_t)packet->iov_len;
  // Sent at once or lost: the packet does not stay where it is.
  request->msg_flags = MSG_DONTWAIT;
  request->addr2 = (uint64_t)(uintptr_t)destination;
  request->addr_len = (uint16_t)address_length(to);
  request->user_data = RING_NOBODY;
  return true;
}

static void post_all(void *poster) {
  ring_io *io = poster;
  ring_submit(&io->ring);
}

static const char *open_parts(ring_io *io, uint32_t max_calls) {
  if (!watches_init(&io->watches, max_calls)) return "out of memory";
  const char *fault = ring_open(&io->ring, ENTRIES, COMPLETIONS);
  if (fault) return fault;
  io->buffers = (ring_buffers){.stride = sizeof(ring_datagram),
                               .room = RING_PACKET_AT + IO_DATAGRAM_BYTES,
                               .count = BUFFERS};
  return buffers_open(&io->buffers, &io->ring);
}

static const char *open_ring(engine *it) {
  ring_io *io = calloc(1, sizeof *io);
  if (!io) return "out of memory";
  it->io_state = io;
  io->ring.fd = -1;
  const char *fault = open_parts(io, it->options.max_calls);
  if (fault) {
    close_ring(it);
    return fault;
  }
  queue_lend(&it->queue, io->buffers.memory, BUFFERS * sizeof(ring_datagram));
  it->run.poster = (run_poster){.of = io, .post = post, .post_all = post_all};
  return NULL;
}

static bool watch(engine *it, int fd, uint64_t mark) {
  ring_io *io = it->io_state;
  return watches_add(&io->watches, fd, mark);
}

static void release(engine *it, int fd, uint64_t mark) {
  ring_io *io = it->io_state;
  watches_release(&io->watches, fd, mark);
}

static bool is_settled(const engine *it) {
  const ring_io *io = it->io_state;
  return io->watches.leaving_count == 0;
}

static void take_datagram(engine *it, uint64_t mark, ring_datagram *heard, moment now) {
  intake in;
  if (!intake_find(it, mark, &in)) return;
  bool is_cut = (heard->head.flags & MSG_TRUNC) != 0;
  size_t length = is_cut ? IO_DATAGRAM_BYTES + 1 : heard->head.payloadlen;
  intake_take(&in, heard->packet, length, &heard->from, now);
}

static void take_buffer(engine *it, const struct io_uring_cqe *completion, moment now) {
  ring_io *io = it->io_state;
  const ring_watch *of = &io->watches.of[completion->user_data];
  uint16_t index = (uint16_t)(completion->flags >> IORING_CQE_BUFFER_SHIFT);
  io->used[io->used_count++] = index;
  if (of->state != WATCH_HEARD || completion->res < (int)RING_PACKET_AT) return;
  take_datagram(it, of->mark, (ring_datagram *)io->buffers.memory + index, now);
}

static void take_completion(engine *it, const struct io_uring_cqe *completion, moment now) {
  ring_io *io = it->io_state;
  if (completion->user_data == RING_NOBODY) return;
  uint32_t index = (uint32_t)completion->user_data;
  if ((completion->flags & IORING_CQE_F_BUFFER) != 0) {
    take_buffer(it, completion, now);
  } else if (index == WATCH_WAKE) {
    (void)loop_take_own(it, WATCH_WAKE, now);
  } else if (index == WATCH_BROWSER) {
    io->has_more = io->watches.of[index].state == WATCH_HEARD;
  }
  if ((completion->flags & IORING_CQE_F_MORE) == 0) watches_end(&io->watches, index);
}

static void take(engine *it, moment now) {
  ring_io *io = it->io_state;
  const struct io_uring_cqe *completion;
  ring_enable(&io->ring);
  while ((completion = ring_peek(&io->ring)) != NULL) {
    take_completion(it, completion, now);
    ring_pass(&io->ring);
  }
  if (io->has_more) io->has_more = loop_take_own(it, WATCH_BROWSER, now);
  watches_tell(&io->watches, &io->ring);
  io->is_awaited = !is_settled(it);
  if (!io->is_awaited) pthread_cond_broadcast(&it->settled);
}

static void await(engine *it, const io_patience *patience) {
  ring_io *io = it->io_state;
  // The queue was flushed: nothing lies in them any more.
  for (unsigned i = 0; i < io->used_count; i++) buffers_give(&io->buffers, io->used[i]);
  if (io->used_count > 0) buffers_publish(&io->buffers);
  io->used_count = 0;
  if (io->has_more) {
    ring_wait(&io->ring, 0, 0);
  } else if (patience->company_ns > 0 && !io->is_awaited) {
    ring_wait(&io->ring, COMPANY_EVENTS, patience->company_ns);
  } else {
    ring_wait(&io->ring, patience->wait_us > 0 ? 1 : 0, patience->wait_us * 1000);
  }
}

const engine_io io_ring = {
    .name = "io_uring",
    .open = open_ring,
    .close = close_ring,
    .watch = watch,
    .release = release,
    .is_settled = is_settled,
    .wait = await,
    .take = take,
};

#else

static const char *open_none(engine *it) {
  (void)it;
  return "it was built without";
}

const engine_io io_ring = {.name = "io_uring", .open = open_none};

#endif
