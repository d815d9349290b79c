#include "call.h"

#include <openssl/rand.h>
#include <stdlib.h>

#include "engine.h"
#include "held.h"

static void send_access(void *owner, const uint8_t *bytes, size_t length, const address *to) {
  call *it = owner;
  engine_send_copy(it->engine, bytes, length, to);
}

static void send_dtls(void *owner, const uint8_t *bytes, size_t length) {
  call *it = owner;
  const address *to = ice_remote(&it->ice);
  if (to) engine_send_copy(it->engine, bytes, length, to);
}

/** Spread over 0.5 to 1.5 of the interval, so that calls do not report in step (RFC 3550 §6.3.1). */
static void plan_report(call *it, moment now) {
  uint16_t random;
  RAND_bytes((uint8_t *)&random, sizeof random);
  int64_t interval = engine_report_interval_us(it->engine);
  it->report_due_us = now.steady_us + interval / 2 + interval * random / 0xffff;
}

call *call_new(struct engine *engine, const call_options *options, moment now) {
  call *it = calloc(1, sizeof *it);
  uint8_t random[20];
  ice_names names;
  if (!it) return NULL;
  it->engine = engine;
  it->slot = options->slot;
  ice_names_make(&names);
  if (!ice_init(&it->ice, &names, call_ice_options(it))) {
    free(it);
    return NULL;
  }
  it->serial = options->serial;
  it->heap_index = -1;
  it->ice.send = send_access;
  it->ice.owner = it;
  it->dtls.send = send_dtls;
  it->dtls.owner = it;
  it->stats = engine_stats_of(engine, options->slot);
  memset(it->stats, 0, sizeof *it->stats);
  RAND_bytes(random, sizeof random);
  relay_leg_init(&it->browser, random, options->cname, &it->stats->access);
  relay_leg_init(&it->ims, random + 10, options->cname, &it->stats->ims);
  ims_means means = engine_means(engine);
  memcpy(means.fds, options->fds, sizeof means.fds);
  ims_init(&it->peer, &means, now);
  budget_init(&it->budget, engine_packets_per_s(engine), now);
  held_init(&it->held_dtls);
  held_init(&it->held_media);
  held_init(&it->held_early);
  plan_report(it, now);
  it->due_us = it->report_due_us;
  return it;
}

void call_free(call *it, moment now) {
  if (it->video) video_free(it, now);
  call_report(it, true, now);
  ice_free(&it->ice);
  if (it->is_restarting) ice_free(&it->restart);
  dtls_free(&it->dtls);
  ims_free(&it->peer);
  if (it->has_keys) {
    srtp_transform_free(&it->from_browser.transform);
    srtp_transform_free(&it->to_browser.transform);
  }
  held_free(&it->held_dtls);
  held_free(&it->held_media);
  held_free(&it->held_early);
  free(it);
}

void call_tell(call *it, call_event_kind kind, const char *reason) {
  engine_tell(it->engine, it, kind, reason);
}

void call_fail(call *it, const char *reason) {
  if (it->is_over) return;
  it->is_over = true;
  call_tell(it, CALL_ACCESS_FAILED, reason);
}

static void watch_consent(call *it, moment now) {
  bool is_lost = it->ice.selected >= 0 && !ice_has_consent(&it->ice, now);
  if (!is_lost || it->is_consent_lost || it->is_over) return;
  it->is_consent_lost = true;
  call_tell(it, CALL_CONSENT_LOST, NULL);
}

/** Once: its peer is not who was signalled, or never came. */
static void fail_ims(call *it, const char *reason) {
  if (!reason || it->is_ims_failed) return;
  it->is_ims_failed = true;
  call_tell(it, CALL_IMS_FAILED, reason);
}

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t tick_ims(call *it, moment now) {
  int64_t due = ims_tick(&it->peer, it->ims.is_open, now);
  fail_ims(it, ims_fault(&it->peer));
  if (!it->video) return due;
  due = least(due, video_tick(it, now));
  fail_ims(it, ims_fault(&it->video->peer));
  return due;
}

void call_tick(call *it, moment now) {
  int64_t due = tick_ims(it, now);
  if (!it->is_over) {
    int64_t restart_due = call_tick_restart(it, now);
    due = least(due, least(restart_due, ice_tick(&it->ice, now)));
    if (it->ice.is_failed) call_fail(it, "no candidate answered");
    due = least(due, call_tick_dtls(it, now));
    watch_consent(it, now);
  }
  if (it->report_due_us <= now.steady_us) {
    call_report(it, false, now);
    plan_report(it, now);
  }
  it->due_us = least(due, it->report_due_us);
  engine_reschedule(it->engine, it);
}
