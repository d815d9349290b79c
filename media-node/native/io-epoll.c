#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine-loop.h"

#define MAX_EVENTS 256
/** More than these on one port toward IMS within so short a time are a burst: video. */
#define BURST_BATCH 8
#define BURST_GAP_US 2000

typedef struct epoll_io {
  int fd;
  int count;
  struct epoll_event events[MAX_EVENTS];
} epoll_io;

static const char *open_epoll(engine *it) {
  epoll_io *io = calloc(1, sizeof *io);
  if (!io) return "out of memory";
  it->io_state = io;
  io->fd = epoll_create1(EPOLL_CLOEXEC);
  return io->fd < 0 ? strerror(errno) : NULL;
}

static void close_epoll(engine *it) {
  epoll_io *io = it->io_state;
  if (!io) return;
  if (io->fd >= 0) close(io->fd);
  free(io);
}

static bool watch(engine *it, int fd, uint64_t mark) {
  const epoll_io *io = it->io_state;
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = mark};
  return epoll_ctl(io->fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void release(engine *it, int fd, uint64_t mark) {
  (void)it, (void)mark;
  // Closing takes it from epoll, too.
  close(fd);
}

static bool is_settled(const engine *it) {
  (void)it;
  return true;
}

/** Either sleeps for company or for the next event, never both: each sleep costs a switch. */
static void await(engine *it, const io_patience *patience) {
  epoll_io *io = it->io_state;
  int wait_ms = (int)((patience->wait_us + 999) / 1000);
  if (patience->company_ns > 0) {
    struct timespec while_others_come = {.tv_nsec = patience->company_ns};
    nanosleep(&while_others_come, NULL);
    wait_ms = 0;
  }
  io->count = epoll_wait(io->fd, io->events, MAX_EVENTS, wait_ms);
}

/** At 20 ms a stream has no more than one, and a look for a second would cost a call. */
static void receive_one(const intake *in, moment now) {
  address from;
  socklen_t from_length = sizeof from;
  uint8_t *buffer = *queue_reserve(&in->engine->queue, 1);
  ssize_t length = recvfrom(in->leg->fds[in->port], buffer, IO_DATAGRAM_BYTES,
                            MSG_DONTWAIT | MSG_TRUNC, &from.any, &from_length);
  if (length >= 0) intake_take(in, buffer, (size_t)length, &from, now);
}

static void receive_burst(const intake *in, moment now) {
  struct mmsghdr messages[BURST_BATCH];
  struct iovec vectors[BURST_BATCH];
  address from[BURST_BATCH];
  uint8_t(*buffers)[IO_BUFFER_BYTES] = queue_reserve(&in->engine->queue, BURST_BATCH);
  for (int i = 0; i < BURST_BATCH; i++) {
    vectors[i] = (struct iovec){buffers[i], IO_DATAGRAM_BYTES};
    messages[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
                                          .msg_namelen = sizeof from[i],
                                          .msg_iov = &vectors[i],
                                          .msg_iovlen = 1};
  }
  int flags = MSG_DONTWAIT | MSG_TRUNC;
  int count = recvmmsg(in->leg->fds[in->port], messages, BURST_BATCH, flags, NULL);
  in->leg->sends_bursts[in->port] = count > 1;
  for (int i = 0; i < count; i++) intake_take(in, buffers[i], messages[i].msg_len, &from[i], now);
}

static void receive_ims(const intake *in, moment now) {
  bool is_close = now.steady_us - in->leg->taken_us[in->port] < BURST_GAP_US;
  in->leg->taken_us[in->port] = now.steady_us;
  if (is_close || in->leg->sends_bursts[in->port]) {
    receive_burst(in, now);
  } else {
    receive_one(in, now);
  }
}

static void take(engine *it, moment now) {
  const epoll_io *io = it->io_state;
  for (int i = 0; i < io->count; i++) {
    uint64_t mark = io->events[i].data.u64;
    watch_kind kind = watch_kind_of(mark);
    intake in;
    if (kind == WATCH_BROWSER || kind == WATCH_WAKE) {
      // What is left there is told of again.
      (void)loop_take_own(it, kind, now);
    } else if (intake_find(it, mark, &in)) {
      receive_ims(&in, now);
    }
  }
}

const engine_io io_epoll = {
    .name = "epoll",
    .open = open_epoll,
    .close = close_epoll,
    .watch = watch,
    .release = release,
    .is_settled = is_settled,
    .wait = await,
    .take = take,
};
