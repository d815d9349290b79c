#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "addon.h"

#define MAX_CALLS 65536
#define MAX_PEM_BYTES 8192
/** Keeps every timer moving. */
#define MIN_INTERVAL_MS 10

static size_t stats_bytes(uint32_t max_calls) {
  return sizeof(port_stats) + max_calls * sizeof(call_stats);
}

static void *map_stats(int fd, uint32_t max_calls) {
  void *memory =
      mmap(NULL, stats_bytes(max_calls), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

static void unmap_stats(napi_env env, void *memory, void *size) {
  (void)env;
  munmap(memory, (size_t)size);
}

/** createStats(maxCalls) → { fd, memory }: for a worker to write in and the node to read. */
napi_value addon_create_stats(napi_env env, napi_callback_info info) {
  values args = values_read(env, info, 1);
  uint32_t max_calls = values_uint32(&args, args.of[0], "maxCalls");
  if (!args.is_valid) return NULL;
  size_t size = stats_bytes(max_calls);
  int fd = max_calls > MAX_CALLS ? -1 : memfd_create("isthmus-media-stats", MFD_CLOEXEC);
  void *memory = fd >= 0 && ftruncate(fd, (off_t)size) == 0 ? map_stats(fd, max_calls) : NULL;
  if (!memory) {
    if (fd >= 0) close(fd);
    napi_throw_error(env, NULL, "media addon: no shared memory");
    return NULL;
  }
  napi_value result = NULL, buffer = NULL;
  napi_create_object(env, &result);
  napi_create_external_arraybuffer(env, memory, size, unmap_stats, (void *)size, &buffer);
  value_set(env, result, "fd", value_uint32(env, (uint32_t)fd));
  value_set(env, result, "memory", buffer);
  return result;
}

/** More than these are not waited for: a detour that lags is no detour. */
#define MAX_DIVERTED 1024

typedef enum event_kind { EVENT_OF_CALL, EVENT_DIVERTED } event_kind;

typedef struct event {
  event_kind kind;
  engine_handle *handle;
  uint32_t slot;
  uint32_t serial;
  call_event_kind of_call;
  char reason[96];
  divert_kind diverted;
  /** Among those that are not waited for. */
  bool is_counted;
  size_t length;
  uint8_t packet[];
} event;

static const char *const DIVERTED[] = {"diverted-from-browser", "diverted-from-ims",
                                       "video-from-browser", "video-from-ims"};

static const char *name_of(call_event_kind kind) {
  switch (kind) {
    case CALL_ACCESS_CONNECTED:
      return "access-connected";
    case CALL_ACCESS_FAILED:
      return "access-failed";
    case CALL_CONSENT_LOST:
      return "consent-lost";
    case CALL_ICE_CONNECTED:
      return "ice-connected";
    case CALL_CONSENT_RESTORED:
      return "consent-restored";
    case CALL_IMS_FAILED:
      return "ims-failed";
    case CALL_FIRST_FROM_BROWSER:
      return "first-from-browser";
    case CALL_FIRST_TO_BROWSER:
      return "first-to-browser";
    case CALL_FIRST_TO_IMS:
      return "first-to-ims";
    case CALL_PICTURE_WANTED_BY_BROWSER:
      return "picture-wanted-by-browser";
    case CALL_PICTURE_WANTED_BY_IMS:
      return "picture-wanted-by-ims";
    case CALL_RATE_LIMITED_BY_BROWSER:
      return "rate-limited-by-browser";
    case CALL_RATE_LIMITED_BY_IMS:
      return "rate-limited-by-ims";
    default:
      return "first-from-ims";
  }
}

static void describe(napi_env env, const event *happened, napi_value args[4]) {
  args[0] = value_uint32(env, happened->slot);
  args[1] = value_uint32(env, happened->serial);
  if (happened->kind == EVENT_OF_CALL) {
    args[2] = value_text(env, name_of(happened->of_call));
    args[3] = value_text(env, happened->reason);
    return;
  }
  void *copied = NULL;
  args[2] = value_text(env, DIVERTED[happened->diverted]);
  napi_create_buffer_copy(env, happened->length, happened->packet, &copied, &args[3]);
}

/** On the JavaScript thread. */
static void deliver(napi_env env, napi_value listener, void *context, void *data) {
  (void)context;
  event *happened = data;
  napi_value undefined = NULL, args[4];
  if (env) {
    if (happened->is_counted) happened->handle->diverted -= 1;
    describe(env, happened, args);
    napi_get_undefined(env, &undefined);
    napi_call_function(env, undefined, listener, 4, args, NULL);
  }
  free(happened);
}

static void pass_up(engine_handle *handle, const call *of, event *happened) {
  bool is_counted = happened->is_counted;
  happened->handle = handle;
  happened->slot = of->slot;
  happened->serial = of->serial;
  if (is_counted) handle->diverted += 1;
  if (napi_call_threadsafe_function(handle->on_event, happened, napi_tsfn_nonblocking) ==
      napi_ok) {
    return;
  }
  if (is_counted) handle->diverted -= 1;
  free(happened);
}

/** Asked again when it is not heard: as little waited for as packets are. */
static bool is_wish(call_event_kind kind) { return kind >= CALL_PICTURE_WANTED_BY_BROWSER; }

/* On whichever thread holds the engine. */

static void tell(void *data, const call *of, call_event_kind kind, const char *reason) {
  engine_handle *handle = data;
  if (is_wish(kind) && handle->diverted >= MAX_DIVERTED) return;
  event *happened = calloc(1, sizeof *happened);
  if (!happened) return;
  happened->is_counted = is_wish(kind);
  happened->of_call = kind;
  if (reason) strncpy(happened->reason, reason, sizeof happened->reason - 1);
  pass_up(handle, of, happened);
}

static void divert(void *data, const call *of, divert_kind kind, const uint8_t *packet,
                   size_t length) {
  engine_handle *handle = data;
  if (handle->diverted >= MAX_DIVERTED) return;
  event *happened = calloc(1, sizeof *happened + length);
  if (!happened) return;
  happened->kind = EVENT_DIVERTED;
  happened->is_counted = true;
  happened->diverted = kind;
  happened->length = length;
  memcpy(happened->packet, packet, length);
  pass_up(handle, of, happened);
}

static void forget_handle(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  engine_handle *handle = data;
  if (handle->engine) engine_stop(handle->engine);
  free(handle);
}

static int64_t interval_us(values *args, napi_value options, const char *name) {
  int64_t ms = values_int64(args, values_member(args, options, name), name);
  return (ms < MIN_INTERVAL_MS ? MIN_INTERVAL_MS : ms) * 1000;
}

static engine *start_engine(values *args, engine_handle *handle, const char **fault) {
  char certificate[MAX_PEM_BYTES], key[MAX_PEM_BYTES];
  engine_options options = {.listener = tell, .detour = divert, .listener_data = handle};
  napi_value given = args->of[0];
  values_address(args, values_member(args, given, "browser"), "browser", &options.browser);
  values_address(args, values_member(args, given, "ims"), "ims", &options.ims);
  options.max_calls = values_uint32(args, values_member(args, given, "maxCalls"), "maxCalls");
  options.consent_expiry_us = interval_us(args, given, "consentExpiryMs");
  options.report_interval_us = interval_us(args, given, "rtcpIntervalMs");
  options.packets_per_s =
      values_uint32(args, values_member(args, given, "maxPacketsPerS"), "maxPacketsPerS");
  options.is_lite = values_bool(args, values_member(args, given, "isLite"), "isLite");
  options.may_use_ring = values_bool(args, values_member(args, given, "mayUseRing"), "mayUseRing");
  values_text(args, values_member(args, given, "certificatePem"), "certificatePem", certificate,
              sizeof certificate);
  values_text(args, values_member(args, given, "privateKeyPem"), "privateKeyPem", key, sizeof key);
  options.certificate_pem = certificate;
  options.key_pem = key;
  options.refused_ranges = values_bytes(args, values_member(args, given, "refusedRanges"),
                                        "refusedRanges", &options.refused_ranges_bytes);
  int fd = (int)values_uint32(args, values_member(args, given, "statsFd"), "statsFd");
  if (!args->is_valid) return NULL;
  options.stats = options.max_calls > MAX_CALLS ? NULL : map_stats(fd, options.max_calls);
  *fault = "no shared memory";
  engine *started = options.stats ? engine_start(&options, fault) : NULL;
  OPENSSL_cleanse(key, sizeof key);
  if (!started && options.stats) munmap(options.stats, stats_bytes(options.max_calls));
  return started;
}

static napi_value describe_started(napi_env env, const engine *started) {
  napi_value result = NULL;
  napi_create_object(env, &result);
  value_set(env, result, "port", value_uint32(env, engine_port(started)));
  value_set(env, result, "io", value_text(env, started->io->name));
  if (started->ring_refusal) {
    value_set(env, result, "ringRefusal", value_text(env, started->ring_refusal));
  }
  return result;
}

/** start(options, onEvent) → { handle, port, io, ringRefusal? } */
napi_value addon_start(napi_env env, napi_callback_info info) {
  values args = values_read(env, info, 2);
  const char *fault = NULL;
  engine_handle *handle = calloc(1, sizeof *handle);
  if (!args.is_valid || !handle) return NULL;
  napi_create_threadsafe_function(env, args.of[1], NULL, value_text(env, "isthmus-media"), 0, 1,
                                  NULL, NULL, NULL, deliver, &handle->on_event);
  handle->engine = handle->on_event ? start_engine(&args, handle, &fault) : NULL;
  if (!handle->engine) {
    if (handle->on_event) napi_release_threadsafe_function(handle->on_event, napi_tsfn_abort);
    free(handle);
    if (fault) napi_throw_error(env, NULL, fault);
    return NULL;
  }
  napi_value external = NULL;
  napi_value result = describe_started(env, handle->engine);
  napi_create_external(env, handle, forget_handle, NULL, &external);
  value_set(env, result, "handle", external);
  return result;
}

/** stop(handle): ends all calls and the thread. */
napi_value addon_stop(napi_env env, napi_callback_info info) {
  values args = values_read(env, info, 1);
  engine_handle *handle = values_external(&args, args.of[0], "handle");
  if (!args.is_valid || !handle->engine) return NULL;
  void *memory = handle->engine->options.stats;
  size_t size = stats_bytes(handle->engine->options.max_calls);
  engine_stop(handle->engine);
  handle->engine = NULL;
  munmap(memory, size);
  napi_release_threadsafe_function(handle->on_event, napi_tsfn_abort);
  return NULL;
}
