#define _GNU_SOURCE
#include "engine-loop.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "browser-port.h"

#define MAX_EVENTS 256
#define RECEIVE_BATCH 64
/** Then the other sockets have their turn. */
#define MAX_ROUNDS 4
#define MAX_WAIT_MS 1000
/** More than these on one port toward IMS within so short a time are a burst: video. */
#define BURST_BATCH 8
#define BURST_GAP_US 2000
/** Above this load, waking for each packet costs more than the packet. */
#define BUSY_PACKETS_PER_S 4000
/** For so many to gather, but no longer than a twentieth of what lies between two packets of a talker. */
#define COMPANY_PACKETS 16
#define MAX_COMPANY_NS 1000000
#define LOAD_WINDOW_US 20000
/** A mark is the slot, so much of the serial, and three bits of the kind. */
#define SERIAL_MASK 0x1fffffffu

typedef struct receive_batch {
  struct mmsghdr messages[RECEIVE_BATCH];
  struct iovec vectors[RECEIVE_BATCH];
  address sources[RECEIVE_BATCH];
  uint8_t buffers[RECEIVE_BATCH][IO_BUFFER_BYTES];
} receive_batch;

uint64_t loop_mark(const call *of, watch_kind kind) {
  if (!of) return (uint64_t)kind;
  return (uint64_t)of->slot << 32 | (uint64_t)(of->serial & SERIAL_MASK) << 3 | kind;
}

bool loop_watch(engine *it, int fd, uint64_t mark) {
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = mark};
  return epoll_ctl(it->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static call *find_marked(const engine *it, uint64_t mark) {
  call *found = engine_find(it, (uint32_t)(mark >> 32));
  bool is_same = found && (found->serial & SERIAL_MASK) == (mark >> 3 & SERIAL_MASK);
  return is_same ? found : NULL;
}

static void prepare_batch(receive_batch *batch) {
  for (int i = 0; i < RECEIVE_BATCH; i++) {
    batch->vectors[i] = (struct iovec){batch->buffers[i], IO_DATAGRAM_BYTES};
    batch->messages[i].msg_hdr = (struct msghdr){
        .msg_name = &batch->sources[i],
        .msg_iov = &batch->vectors[i],
        .msg_iovlen = 1,
    };
  }
}

static void receive_browsers(engine *it, receive_batch *batch, moment now) {
  for (int round = 0; round < MAX_ROUNDS; round++) {
    for (int i = 0; i < RECEIVE_BATCH; i++) {
      batch->messages[i].msg_hdr.msg_namelen = sizeof(address);
    }
    int count = recvmmsg(it->browser_fd, batch->messages, RECEIVE_BATCH, MSG_DONTWAIT, NULL);
    it->packets_taken += count > 0 ? count : 0;
    for (int i = 0; i < count; i++) {
      const struct mmsghdr *message = &batch->messages[i];
      if ((message->msg_hdr.msg_flags & MSG_TRUNC) != 0) {
        it->port->dropped[DROP_TOO_LONG] += 1;
      } else {
        port_take(it, batch->buffers[i], message->msg_len, &batch->sources[i], now);
      }
    }
    // What waits to be sent lies in the buffers that are filled next.
    run_flush(&it->run);
    if (count < RECEIVE_BATCH) return;
  }
}

/** One port toward IMS with something to read: of the voice of a call, or of its video. */
typedef struct intake {
  engine *engine;
  call *of;
  bool is_video;
  ims_leg *leg;
  media_kind port;
} intake;

static void take_ims(const intake *in, uint8_t *buffer, size_t length, const address *from,
                     moment now) {
  in->engine->packets_taken += 1;
  if (length > IO_DATAGRAM_BYTES) {
    leg_stats *stats = in->is_video ? &in->of->stats->video_ims : &in->of->stats->ims;
    stats->packets_dropped += 1;
  } else if (in->is_video) {
    video_take_ims(in->of, in->port, buffer, length, from, now);
  } else {
    call_take_ims(in->of, in->port, buffer, length, from, now);
  }
}

/** At 20 ms a stream has no more than one, and a look for a second would cost a call. */
static void receive_one(const intake *in, moment now) {
  address from;
  socklen_t from_length = sizeof from;
  uint8_t *buffer = *queue_reserve(&in->engine->queue, 1);
  ssize_t length = recvfrom(in->leg->fds[in->port], buffer, IO_DATAGRAM_BYTES,
                            MSG_DONTWAIT | MSG_TRUNC, &from.any, &from_length);
  if (length >= 0) take_ims(in, buffer, (size_t)length, &from, now);
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
  for (int i = 0; i < count; i++) take_ims(in, buffers[i], messages[i].msg_len, &from[i], now);
}

static void receive_ims(engine *it, call *of, watch_kind kind, moment now) {
  bool is_video = kind == WATCH_VIDEO_RTP || kind == WATCH_VIDEO_RTCP;
  if (is_video && !of->video) return;
  intake in = {
      .engine = it,
      .of = of,
      .is_video = is_video,
      .leg = is_video ? &of->video->peer : &of->peer,
      .port = kind == WATCH_RTP || kind == WATCH_VIDEO_RTP ? MEDIA_RTP : MEDIA_RTCP,
  };
  bool is_close = now.steady_us - in.leg->taken_us[in.port] < BURST_GAP_US;
  in.leg->taken_us[in.port] = now.steady_us;
  if (is_close || in.leg->sends_bursts[in.port]) {
    receive_burst(&in, now);
  } else {
    receive_one(&in, now);
  }
}

static void take_event(engine *it, receive_batch *batch, uint64_t mark, moment now) {
  watch_kind kind = mark & 7;
  if (kind == WATCH_WAKE) {
    uint64_t count;
    (void)!read(it->wake_fd, &count, sizeof count);
  } else if (kind == WATCH_BROWSER) {
    receive_browsers(it, batch, now);
  } else {
    call *of = find_marked(it, mark);
    if (of) receive_ims(it, of, kind, now);
  }
}

static void run_timers(engine *it, moment now) {
  while (it->timers.count > 0 && it->timers.of[0]->due_us <= now.steady_us) {
    call_tick(it->timers.of[0], now);
  }
}

static int wait_ms(const engine *it) {
  if (it->timers.count == 0) return MAX_WAIT_MS;
  int64_t left_us = it->timers.of[0]->due_us - moment_now().steady_us;
  if (left_us <= 0) return 0;
  int64_t left_ms = (left_us + 999) / 1000;
  return left_ms < MAX_WAIT_MS ? (int)left_ms : MAX_WAIT_MS;
}

/** How much there is to do, looked at now and then. */
typedef struct load {
  int64_t since_us;
  /** In which packets gather and then share one wake-up; 0 where each has its own. */
  int64_t company_ns;
} load;

static void weigh(engine *it, load *so_far, moment now) {
  int64_t passed_us = now.steady_us - so_far->since_us;
  if (passed_us < LOAD_WINDOW_US) return;
  int64_t packets_per_s = it->packets_taken * (int64_t)1000000 / passed_us;
  so_far->company_ns = 0;
  if (packets_per_s > BUSY_PACKETS_PER_S) {
    int64_t gathered_ns = COMPANY_PACKETS * (int64_t)1000000000 / packets_per_s;
    so_far->company_ns = gathered_ns < MAX_COMPANY_NS ? gathered_ns : MAX_COMPANY_NS;
  }
  so_far->since_us = now.steady_us;
  it->packets_taken = 0;
}

/** Either sleeps for company or for the next event, never both: each sleep costs a switch. */
static int await_events(engine *it, const load *so_far, struct epoll_event *events, int wait) {
  if (so_far->company_ns > 0) {
    struct timespec while_others_come = {.tv_nsec = so_far->company_ns};
    nanosleep(&while_others_come, NULL);
    wait = 0;
  }
  return epoll_wait(it->epoll_fd, events, MAX_EVENTS, wait);
}

void *loop_run(void *data) {
  engine *it = data;
  static __thread receive_batch batch;
  struct epoll_event events[MAX_EVENTS];
  load so_far = {.since_us = 0};
  prctl(PR_SET_TIMERSLACK, 1000);
  prepare_batch(&batch);
  it->run.buffers = batch.buffers[0];
  it->run.buffers_bytes = sizeof batch.buffers;
  pthread_mutex_lock(&it->lock);
  while (!it->is_stopping) {
    int wait = wait_ms(it);
    pthread_mutex_unlock(&it->lock);
    int count = await_events(it, &so_far, events, wait);
    pthread_mutex_lock(&it->lock);
    moment now = moment_now();
    for (int i = 0; i < count; i++) take_event(it, &batch, events[i].data.u64, now);
    run_timers(it, now);
    queue_flush(&it->queue);
    weigh(it, &so_far, now);
  }
  pthread_mutex_unlock(&it->lock);
  return NULL;
}
