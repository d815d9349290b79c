#define _GNU_SOURCE
#include "ring-watch.h"

#if HAS_RING

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/** Of each call, and of the engine itself. */
#define CALL_WATCHES 4
#define OWN_WATCHES 2
#define NAME_BYTES (RING_PACKET_AT - offsetof(ring_datagram, from))

bool watches_init(ring_watches *it, uint32_t max_calls) {
  size_t count = (size_t)max_calls * CALL_WATCHES + OWN_WATCHES;
  it->of = calloc(count, sizeof *it->of);
  it->pending = calloc(count, sizeof *it->pending);
  return it->of && it->pending;
}

void watches_free(ring_watches *it) {
  free(it->of);
  free(it->pending);
}

static bool is_own(uint64_t mark) { return watch_kind_of(mark) < WATCH_RTP; }

static uint32_t index_of(uint64_t mark) {
  watch_kind kind = watch_kind_of(mark);
  if (is_own(mark)) return kind;
  return OWN_WATCHES + CALL_WATCHES * watch_slot_of(mark) + (kind - WATCH_RTP);
}

static void change(ring_watches *it, uint32_t index, ring_watch_state state) {
  ring_watch *of = &it->of[index];
  of->state = state;
  if (of->is_pending) return;
  of->is_pending = true;
  it->pending[it->pending_count++] = index;
}

bool watches_add(ring_watches *it, int fd, uint64_t mark) {
  ring_watch *of = &it->of[index_of(mark)];
  if (of->state != WATCH_FREE) return false;
  of->mark = mark;
  of->fd = fd;
  change(it, index_of(mark), WATCH_WANTED);
  return true;
}

void watches_release(ring_watches *it, int fd, uint64_t mark) {
  ring_watch *of = &it->of[index_of(mark)];
  bool is_watched = of->state != WATCH_FREE && of->fd == fd;
  if (is_watched && of->state == WATCH_HEARD) {
    it->leaving_count += 1;
    change(it, index_of(mark), WATCH_LEAVING);
    return;
  }
  if (is_watched) of->state = WATCH_FREE;
  close(fd);
}

static void fill_cancel(struct io_uring_sqe *request, uint32_t index) {
  request->opcode = IORING_OP_ASYNC_CANCEL;
  request->flags = IOSQE_CQE_SKIP_SUCCESS;
  request->fd = -1;
  request->addr = index;
  request->user_data = RING_NOBODY;
}

static void fill_poll(struct io_uring_sqe *request) {
  request->opcode = IORING_OP_POLL_ADD;
  request->len = IORING_POLL_ADD_MULTI;
  request->poll_events = POLLIN;
}

static void fill_receive(struct io_uring_sqe *request) {
  static struct msghdr shape = {.msg_namelen = NAME_BYTES};
  request->opcode = IORING_OP_RECVMSG;
  request->flags = IOSQE_BUFFER_SELECT;
  request->ioprio = IORING_RECV_MULTISHOT;
  request->addr = (uint64_t)(uintptr_t)&shape;
  request->len = 1;
}

/** False where there is no room for a request now. */
static bool tell(ring_watches *it, uint32_t index, ring *to) {
  ring_watch *of = &it->of[index];
  if (of->state != WATCH_WANTED && of->state != WATCH_LEAVING) return true;
  struct io_uring_sqe *request = ring_next(to);
  if (!request) return false;
  if (of->state == WATCH_LEAVING) {
    fill_cancel(request, index);
    return true;
  }
  if (is_own(of->mark)) {
    fill_poll(request);
  } else {
    fill_receive(request);
  }
  request->fd = of->fd;
  request->user_data = index;
  of->state = WATCH_HEARD;
  return true;
}

void watches_tell(ring_watches *it, ring *to) {
  while (it->pending_count > 0) {
    uint32_t index = it->pending[it->pending_count - 1];
    if (!tell(it, index, to)) return;
    it->of[index].is_pending = false;
    it->pending_count -= 1;
  }
}

void watches_end(ring_watches *it, uint32_t index) {
  ring_watch *of = &it->of[index];
  if (of->state == WATCH_HEARD) {
    // No buffer was left, or nothing was in a datagram.
    change(it, index, WATCH_WANTED);
  } else if (of->state == WATCH_LEAVING) {
    of->state = WATCH_FREE;
    close(of->fd);
    it->leaving_count -= 1;
  }
}

#endif
