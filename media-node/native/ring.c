#define _GNU_SOURCE
#include "ring.h"

#if HAS_RING

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/** IORING_FEAT_MIN_TIMEOUT, of Linux 6.12. From then on a waiting thread is not woken for each of many. */
#define FEATURE_OF_6_12 (1u << 15)
#define FEATURES                                                                        \
  (IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG | IORING_FEAT_CQE_SKIP | \
   FEATURE_OF_6_12)
#define FLAGS                                                                                   \
  (IORING_SETUP_R_DISABLED | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | \
   IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE)
/** IORING_FEAT_NO_IOWAIT and IORING_ENTER_NO_IOWAIT, of Linux 6.15: who waits for packets is idle. */
#define FEATURE_NO_IOWAIT (1u << 17)
#define ENTER_NO_IOWAIT (1u << 7)
#define PAGE_BYTES 4096

static unsigned read_shared(const unsigned *from) { return __atomic_load_n(from, __ATOMIC_ACQUIRE); }

static void write_shared(unsigned *to, unsigned value) {
  __atomic_store_n(to, value, __ATOMIC_RELEASE);
}

static long enter(const ring *it, unsigned count, unsigned flags, const void *wait, size_t bytes) {
  unsigned waiting = it->sq_end - read_shared(it->sq_head);
  write_shared(it->sq_tail, it->sq_end);
  return syscall(__NR_io_uring_enter, it->fd, waiting, count, flags, wait, bytes);
}

static bool map(ring *it, const struct io_uring_params *made) {
  size_t sq_bytes = made->sq_off.array + made->sq_entries * sizeof(unsigned);
  size_t cq_bytes = made->cq_off.cqes + made->cq_entries * sizeof(struct io_uring_cqe);
  size_t sqes_bytes = made->sq_entries * sizeof(struct io_uring_sqe);
  int protection = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_POPULATE;
  it->queues_bytes = sq_bytes > cq_bytes ? sq_bytes : cq_bytes;
  void *queues = mmap(NULL, it->queues_bytes, protection, flags, it->fd, IORING_OFF_SQ_RING);
  if (queues == MAP_FAILED) return false;
  it->queues = queues;
  void *sqes = mmap(NULL, sqes_bytes, protection, flags, it->fd, IORING_OFF_SQES);
  if (sqes == MAP_FAILED) return false;
  it->sqes = sqes;
  uint8_t *base = queues;
  it->sq_entries = made->sq_entries;
  it->sq_head = (unsigned *)(base + made->sq_off.head);
  it->sq_tail = (unsigned *)(base + made->sq_off.tail);
  it->cq_head = (unsigned *)(base + made->cq_off.head);
  it->cq_tail = (unsigned *)(base + made->cq_off.tail);
  it->cq_mask = made->cq_entries - 1;
  it->cqes = (const struct io_uring_cqe *)(base + made->cq_off.cqes);
  // Requests are submitted in the order of their places, always.
  unsigned *places = (unsigned *)(base + made->sq_off.array);
  for (unsigned i = 0; i < made->sq_entries; i++) places[i] = i;
  return true;
}

const char *ring_open(ring *it, unsigned entries, unsigned completions) {
  struct io_uring_params made = {.flags = FLAGS, .cq_entries = completions};
  *it = (ring){.fd = (int)syscall(__NR_io_uring_setup, entries, &made)};
  if (it->fd < 0) return errno == EINVAL ? "this kernel is too old" : strerror(errno);
  if ((made.features & FEATURES) != FEATURES) return "this kernel is too old";
  it->wait_flags = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;
  if ((made.features & FEATURE_NO_IOWAIT) != 0) it->wait_flags |= ENTER_NO_IOWAIT;
  return map(it, &made) ? NULL : strerror(errno);
}

void ring_close(ring *it) {
  if (it->sqes) munmap(it->sqes, it->sq_entries * sizeof *it->sqes);
  if (it->queues) munmap(it->queues, it->queues_bytes);
  if (it->fd >= 0) close(it->fd);
  *it = (ring){.fd = -1};
}

void ring_enable(ring *it) {
  if (it->is_enabled) return;
  it->is_enabled = true;
  (void)syscall(__NR_io_uring_register, it->fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
}

static bool is_full(const ring *it) {
  return it->sq_end - read_shared(it->sq_head) == it->sq_entries;
}

struct io_uring_sqe *ring_next(ring *it) {
  if (is_full(it)) ring_submit(it);
  if (is_full(it)) return NULL;
  struct io_uring_sqe *next = &it->sqes[it->sq_end & (it->sq_entries - 1)];
  it->sq_end += 1;
  memset(next, 0, sizeof *next);
  return next;
}

unsigned ring_index(const ring *it, const struct io_uring_sqe *request) {
  return (unsigned)(request - it->sqes);
}

void ring_submit(ring *it) {
  if (it->sq_end != read_shared(it->sq_head)) (void)enter(it, 0, 0, NULL, 0);
}

void ring_wait(ring *it, unsigned count, int64_t timeout_ns) {
  struct __kernel_timespec time = {timeout_ns / 1000000000, timeout_ns % 1000000000};
  struct io_uring_getevents_arg until = {.ts = (uint64_t)(uintptr_t)&time};
  // Too late, or disturbed: the loop comes back in any case.
  (void)enter(it, count, it->wait_flags, &until, sizeof until);
}

const struct io_uring_cqe *ring_peek(const ring *it) {
  unsigned head = *it->cq_head;
  return head == read_shared(it->cq_tail) ? NULL : &it->cqes[head & it->cq_mask];
}

void ring_pass(ring *it) { write_shared(it->cq_head, *it->cq_head + 1); }

const char *buffers_open(ring_buffers *it, const ring *of) {
  size_t queue_bytes = it->count * sizeof(struct io_uring_buf);
  it->queue = aligned_alloc(PAGE_BYTES, (queue_bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES);
  it->memory = aligned_alloc(PAGE_BYTES, it->count * it->stride);
  if (!it->queue || !it->memory) return "out of memory";
  memset(it->queue, 0, queue_bytes);
  struct io_uring_buf_reg group = {.ring_addr = (uint64_t)(uintptr_t)it->queue,
                                   .ring_entries = it->count};
  if (syscall(__NR_io_uring_register, of->fd, IORING_REGISTER_PBUF_RING, &group, 1) != 0) {
    return strerror(errno);
  }
  for (uint16_t i = 0; i < it->count; i++) buffers_give(it, i);
  buffers_publish(it);
  return NULL;
}

void buffers_close(ring_buffers *it) {
  free(it->queue);
  free(it->memory);
}

void buffers_give(ring_buffers *it, uint16_t index) {
  struct io_uring_buf *place = &it->queue->bufs[it->end++ & (it->count - 1)];
  // Not the whole of it: the tail of the queue lies in its first place.
  place->addr = (uint64_t)(uintptr_t)(it->memory + index * it->stride);
  place->len = it->room;
  place->bid = index;
}

void buffers_publish(ring_buffers *it) {
  __atomic_store_n(&it->queue->tail, it->end, __ATOMIC_RELEASE);
}

#endif
