#define _GNU_SOURCE
#include "engine-loop.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "browser-port.h"

#define RECEIVE_BATCH 64
/** Then the other sockets have their turn. */
#define MAX_ROUNDS 4
#define MAX_WAIT_US 1000000
/** Above this load, waking for each packet costs more than the packet. */
#define BUSY_PACKETS_PER_S 4000
/** For so many to gather, but no longer than a twentieth of what lies between two packets of a talker. */
#define COMPANY_PACKETS 16
#define MAX_COMPANY_NS 1000000
#define LOAD_WINDOW_US 20000

typedef struct receive_batch {
  struct mmsghdr messages[RECEIVE_BATCH];
  struct iovec vectors[RECEIVE_BATCH];
  address sources[RECEIVE_BATCH];
  uint8_t buffers[RECEIVE_BATCH][IO_BUFFER_BYTES];
} receive_batch;

/** Of the engine's thread. */
static __thread receive_batch browsers;

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

static bool receive_browsers(engine *it, receive_batch *batch, moment now) {
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
    if (count < RECEIVE_BATCH) return false;
  }
  return true;
}

bool loop_take_own(engine *it, watch_kind kind, moment now) {
  uint64_t count;
  if (kind == WATCH_BROWSER) return receive_browsers(it, &browsers, now);
  (void)!read(it->wake_fd, &count, sizeof count);
  return false;
}

static void run_timers(engine *it, moment now) {
  while (it->timers.count > 0 && it->timers.of[0]->due_us <= now.steady_us) {
    call_tick(it->timers.of[0], now);
  }
}

static int64_t wait_us(const engine *it) {
  if (it->timers.count == 0) return MAX_WAIT_US;
  int64_t left_us = it->timers.of[0]->due_us - moment_now().steady_us;
  if (left_us <= 0) return 0;
  return left_us < MAX_WAIT_US ? left_us : MAX_WAIT_US;
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

void *loop_run(void *data) {
  engine *it = data;
  load so_far = {.since_us = 0};
  prctl(PR_SET_TIMERSLACK, 1000);
  prepare_batch(&browsers);
  it->run.buffers = browsers.buffers[0];
  it->run.buffers_bytes = sizeof browsers.buffers;
  pthread_mutex_lock(&it->lock);
  while (!it->is_stopping) {
    moment now = moment_now();
    it->io->take(it, now);
    run_timers(it, now);
    queue_flush(&it->queue);
    weigh(it, &so_far, now);
    io_patience patience = {wait_us(it), so_far.company_ns};
    pthread_mutex_unlock(&it->lock);
    it->io->wait(it, &patience);
    pthread_mutex_lock(&it->lock);
  }
  pthread_mutex_unlock(&it->lock);
  return NULL;
}
