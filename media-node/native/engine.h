#ifndef ISTHMUS_ENGINE_H
#define ISTHMUS_ENGINE_H

#include <pthread.h>

#include "call.h"
#include "insiders.h"
#include "io.h"
#include "ranges.h"
#include "send-queue.h"
#include "timer-heap.h"

typedef void (*engine_listener)(void *data, const call *it, call_event_kind kind,
                                const char *reason);

typedef void (*engine_detour)(void *data, const call *it, divert_kind kind, const uint8_t *packet,
                              size_t length);

typedef struct engine_options {
  /** Where the shared browser port is; port 0 lets the system choose. */
  address browser;
  /** Of the ports toward IMS; its port is of no account. */
  address ims;
  uint32_t max_calls;
  int64_t consent_expiry_us;
  int64_t report_interval_us;
  int64_t packets_per_s;
  /** Answers checks and sends none (RFC 8445 §2.5). */
  bool is_lite;
  /** Or epoll alone. */
  bool may_use_ring;
  const char *certificate_pem;
  const char *key_pem;
  const uint8_t *refused_ranges;
  size_t refused_ranges_bytes;
  /** `port_stats`, then `call_stats` by slot. */
  void *stats;
  engine_listener listener;
  engine_detour detour;
  void *listener_data;
} engine_options;

/** All sockets and calls of one worker process, in a thread of its own; one lock over all. */
typedef struct engine {
  engine_options options;
  int browser_fd;
  int wake_fd;
  const engine_io *io;
  void *io_state;
  /** Why `io` is not io_uring; NULL where it is. */
  const char *ring_refusal;
  /** No socket that was let go is held any more. */
  pthread_cond_t settled;
  pthread_t thread;
  pthread_mutex_t lock;
  bool is_stopping;
  SSL_CTX *dtls;
  address_ranges refused;
  insiders insiders;
  call **calls;
  call_name **by_fragment;
  call_binding **by_address;
  uint32_t table_mask;
  uint32_t hash_seed;
  timer_heap timers;
  send_queue queue;
  send_run run;
  /** Packets since the loop last asked how busy it is. */
  int packets_taken;
  port_stats *port;
  call_stats *call_stats;
} engine;

/** NULL and `fault` where it cannot be had: the system's error, or what is wrong. */
engine *engine_start(const engine_options *options, const char **fault);
void engine_stop(engine *it);
uint16_t engine_port(const engine *it);

/* For the thread that gives orders. Between lock and unlock calls may be looked up and changed;
   unlock sends what they wanted sent, wakes the engine for new timers, and waits until the ports
   that were let go are free. */
void engine_lock(engine *it);
void engine_unlock(engine *it);
call *engine_find(const engine *it, uint32_t slot);
/** NULL and errno where the pair of ports cannot be bound. */
call *engine_open(engine *it, uint32_t slot, uint32_t serial, const char *cname, uint16_t port);
void engine_close(engine *it, call *closing);
/** False and errno where the pair of ports cannot be bound, or where the call has a video. */
bool engine_open_video(engine *it, call *of, uint16_t port);
void engine_close_video(engine *it, call *of);

/* For calls; under the lock. */
int64_t engine_consent_expiry_us(const engine *it);
bool engine_is_lite(const engine *it);
int64_t engine_report_interval_us(const engine *it);
int64_t engine_packets_per_s(const engine *it);
/** Of a leg toward IMS, but for its ports. */
ims_means engine_means(engine *it);
SSL_CTX *engine_dtls_context(const engine *it);
call_stats *engine_stats_of(const engine *it, uint32_t slot);
void engine_tell(engine *it, const call *of, call_event_kind kind, const char *reason);
/** RTP of a leg that is to go another way than to the other leg. */
void engine_divert(engine *it, const call *of, divert_kind kind, const uint8_t *packet,
                   size_t length);
void engine_reschedule(engine *it, call *of);
/** False where the browser has shown too many addresses. */
bool engine_bind(engine *it, call *of, const address *remote);
void engine_send_copy(engine *it, const uint8_t *bytes, size_t length, const address *to);
/** The same without a copy where the packet lies in a buffer of the queue. */
void engine_send(engine *it, uint8_t *bytes, size_t length, const address *to);
/** Past the queue: what is sent again may be more than its buffers hold. */
void engine_send_now(engine *it, const uint8_t *bytes, size_t length, const address *to);

#endif
