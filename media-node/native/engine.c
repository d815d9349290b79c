#define _GNU_SOURCE
#include "engine.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "browser-port.h"
#include "engine-loop.h"
#include "sockets.h"

/* Set-up, orders and what calls ask of their engine; the thread is in engine-loop.c. */

static void release(engine *it) {
  SSL_CTX_free(it->dtls);
  ranges_free(&it->refused);
  heap_free(&it->timers);
  queue_free(&it->queue);
  port_free(it);
  if (it->io) it->io->close(it);
  free(it->calls);
  if (it->browser_fd >= 0) close(it->browser_fd);
  if (it->wake_fd >= 0) close(it->wake_fd);
  pthread_cond_destroy(&it->settled);
  pthread_mutex_destroy(&it->lock);
  free(it);
}

static const char *open_sockets(engine *it) {
  it->browser_fd = socket_bind(&it->options.browser);
  if (it->browser_fd < 0) return strerror(errno);
  socket_grow(it->browser_fd);
  it->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return it->wake_fd < 0 ? strerror(errno) : NULL;
}

static const char *open_io(engine *it) {
  it->io = &io_ring;
  it->ring_refusal = it->options.may_use_ring ? io_ring.open(it) : "not wanted";
  if (!it->ring_refusal) return NULL;
  it->io = &io_epoll;
  return io_epoll.open(it);
}

static const char *watch_own(engine *it) {
  bool is_watched = it->io->watch(it, it->browser_fd, watch_mark(NULL, WATCH_BROWSER)) &&
                    it->io->watch(it, it->wake_fd, watch_mark(NULL, WATCH_WAKE));
  return is_watched ? NULL : strerror(errno);
}

static const char *prepare(engine *it) {
  const engine_options *options = &it->options;
  it->port = options->stats;
  it->call_stats = (call_stats *)(it->port + 1);
  memset(it->port, 0, sizeof *it->port);
  it->calls = calloc(options->max_calls, sizeof(call *));
  if (!it->calls || !port_init(it) || !heap_init(&it->timers, options->max_calls) ||
      !ranges_init(&it->refused, options->refused_ranges, options->refused_ranges_bytes)) {
    return "out of memory";
  }
  it->dtls = dtls_context_new(options->certificate_pem, options->key_pem);
  if (!it->dtls) return "the certificate cannot be used";
  const char *fault = open_sockets(it);
  if (fault) return fault;
  if (!queue_init(&it->queue, it->browser_fd)) return "out of memory";
  fault = open_io(it);
  return fault ? fault : watch_own(it);
}

engine *engine_start(const engine_options *options, const char **fault) {
  engine *it = calloc(1, sizeof *it);
  *fault = "out of memory";
  if (!it) return NULL;
  it->options = *options;
  it->browser_fd = it->wake_fd = -1;
  pthread_mutex_init(&it->lock, NULL);
  pthread_cond_init(&it->settled, NULL);
  *fault = prepare(it);
  if (!*fault && pthread_create(&it->thread, NULL, loop_run, it) == 0) return it;
  if (!*fault) *fault = "no thread can be had";
  release(it);
  return NULL;
}

void engine_stop(engine *it) {
  engine_lock(it);
  for (uint32_t slot = 0; slot < it->options.max_calls; slot++) {
    if (it->calls[slot]) engine_close(it, it->calls[slot]);
  }
  queue_flush(&it->queue);
  it->io->release(it, it->browser_fd, watch_mark(NULL, WATCH_BROWSER));
  it->browser_fd = -1;
  engine_unlock(it);
  engine_lock(it);
  it->is_stopping = true;
  engine_unlock(it);
  pthread_join(it->thread, NULL);
  release(it);
}

uint16_t engine_port(const engine *it) {
  uint16_t port = 0;
  socket_port(it->browser_fd, &port);
  return port;
}

void engine_lock(engine *it) { pthread_mutex_lock(&it->lock); }

static void wake(engine *it) {
  uint64_t one = 1;
  // It cannot fail but for a counter that is full, and then the engine wakes anyway.
  (void)!write(it->wake_fd, &one, sizeof one);
}

void engine_unlock(engine *it) {
  queue_flush(&it->queue);
  if (!it->io->is_settled(it)) wake(it);
  while (!it->io->is_settled(it)) pthread_cond_wait(&it->settled, &it->lock);
  pthread_mutex_unlock(&it->lock);
  wake(it);
}

call *engine_find(const engine *it, uint32_t slot) {
  return slot < it->options.max_calls ? it->calls[slot] : NULL;
}

/** RTP and, on the next port, RTCP (RFC 3550 §11). */
static bool bind_pair(const engine *it, uint16_t port, int fds[2]) {
  for (int i = 0; i < 2; i++) {
    address local = it->options.ims;
    uint16_t own = htons((uint16_t)(port + i));
    if (local.any.sa_family == AF_INET6) local.v6.sin6_port = own;
    if (local.any.sa_family == AF_INET) local.v4.sin_port = own;
    fds[i] = socket_bind(&local);
    if (fds[i] >= 0) continue;
    int reason = errno;
    if (i == 1) close(fds[0]);
    errno = reason;
    return false;
  }
  return true;
}

/** A pair of ports by the kinds of its two, which follow each other. */
static bool watch_pair(engine *it, const call *of, const int fds[2], watch_kind first) {
  return it->io->watch(it, fds[0], watch_mark(of, first)) &&
         it->io->watch(it, fds[1], watch_mark(of, first + 1));
}

static void release_pair(engine *it, const int fds[2], uint64_t first_mark) {
  for (int i = 0; i < 2; i++) it->io->release(it, fds[i], first_mark + (uint64_t)i);
}

call *engine_open(engine *it, uint32_t slot, uint32_t serial, const char *cname, uint16_t port) {
  int fds[2];
  errno = EINVAL;
  if (slot >= it->options.max_calls || it->calls[slot]) return NULL;
  if (!bind_pair(it, port, fds)) return NULL;
  call_options options = {slot, serial, cname, {fds[0], fds[1]}};
  call *opened = call_new(it, &options, moment_now());
  if (!opened) {
    close(fds[0]);
    close(fds[1]);
    errno = ENOMEM;
    return NULL;
  }
  if (!watch_pair(it, opened, fds, WATCH_RTP)) {
    release_pair(it, fds, watch_mark(opened, WATCH_RTP));
    call_free(opened, moment_now());
    errno = ENOMEM;
    return NULL;
  }
  it->calls[slot] = opened;
  port_name(it, opened, &opened->names[0], opened->ice.names.fragment);
  heap_add(&it->timers, opened);
  return opened;
}

void engine_close(engine *it, call *closing) {
  int fds[2] = {closing->peer.fds[0], closing->peer.fds[1]};
  uint64_t mark = watch_mark(closing, WATCH_RTP);
  if (closing->video) engine_close_video(it, closing);
  it->calls[closing->slot] = NULL;
  port_dismiss(it, closing);
  heap_remove(&it->timers, closing);
  call_free(closing, moment_now());
  release_pair(it, fds, mark);
}

bool engine_open_video(engine *it, call *of, uint16_t port) {
  call_stats *stats = engine_stats_of(it, of->slot);
  video_options options = {
      .means = engine_means(it),
      .cname = of->browser.reporter.cname,
      .access_stats = &stats->video_access,
      .ims_stats = &stats->video_ims,
  };
  errno = EINVAL;
  int *fds = options.means.fds;
  if (of->video || !bind_pair(it, port, fds)) return false;
  of->video = video_new(&options, moment_now());
  if (of->video && watch_pair(it, of, fds, WATCH_VIDEO_RTP)) return true;
  if (of->video) video_free(of, moment_now());
  release_pair(it, fds, watch_mark(of, WATCH_VIDEO_RTP));
  errno = ENOMEM;
  return false;
}

void engine_close_video(engine *it, call *of) {
  int fds[2] = {of->video->peer.fds[0], of->video->peer.fds[1]};
  video_free(of, moment_now());
  release_pair(it, fds, watch_mark(of, WATCH_VIDEO_RTP));
}

int64_t engine_consent_expiry_us(const engine *it) { return it->options.consent_expiry_us; }

bool engine_is_lite(const engine *it) { return it->options.is_lite; }

int64_t engine_report_interval_us(const engine *it) { return it->options.report_interval_us; }

int64_t engine_packets_per_s(const engine *it) { return it->options.packets_per_s; }

ims_means engine_means(engine *it) {
  return (ims_means){.run = &it->run,
                     .context = it->dtls,
                     .packets_per_s = it->options.packets_per_s};
}

SSL_CTX *engine_dtls_context(const engine *it) { return it->dtls; }

call_stats *engine_stats_of(const engine *it, uint32_t slot) { return &it->call_stats[slot]; }

void engine_tell(engine *it, const call *of, call_event_kind kind, const char *reason) {
  it->options.listener(it->options.listener_data, of, kind, reason);
}

void engine_divert(engine *it, const call *of, divert_kind kind, const uint8_t *packet,
                   size_t length) {
  it->options.detour(it->options.listener_data, of, kind, packet, length);
}

void engine_reschedule(engine *it, call *of) { heap_move(&it->timers, of); }

void engine_send_copy(engine *it, const uint8_t *bytes, size_t length, const address *to) {
  queue_copy(&it->queue, bytes, length, to);
}

void engine_send_now(engine *it, const uint8_t *bytes, size_t length, const address *to) {
  (void)sendto(it->browser_fd, bytes, length, MSG_DONTWAIT, &to->any, address_length(to));
}

void engine_send(engine *it, uint8_t *bytes, size_t length, const address *to) {
  queue_send(&it->queue, bytes, length, to);
}
