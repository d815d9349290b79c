#include "browser-port.h"
#include "engine.h"

ice_options call_ice_options(const call *it) {
  return (ice_options){.owner_mark = it->slot,
                       .consent_expiry_us = engine_consent_expiry_us(it->engine),
                       .is_lite = engine_is_lite(it->engine)};
}

static call_name *restart_name(call *it) { return &it->names[1 - it->own_name]; }

static void abandon(call *it) {
  if (!it->is_restarting) return;
  it->is_restarting = false;
  port_forget(it->engine, restart_name(it));
  ice_free(&it->restart);
}

void call_restart_access(call *it, const ice_names *ours, const char *fragment,
                         const char *password, moment now) {
  if (it->is_over || !it->has_keys) return;
  abandon(it);
  if (!ice_init(&it->restart, ours, call_ice_options(it))) return;
  it->restart.send = it->ice.send;
  it->restart.owner = it->ice.owner;
  it->is_restarting = true;
  // What earlier ways left behind makes room; late packets of the present one are still taken.
  port_keep_only(it->engine, it, ice_remote(&it->ice));
  port_name(it->engine, it, restart_name(it), ours->fragment);
  // Each keeps its role (RFC 8445 §6.1.1).
  ice_set_remote(&it->restart, fragment, password, it->ice.is_controlling, now);
  call_tick(it, now);
}

void call_add_candidate(call *it, const address *remote, moment now) {
  ice_add_candidate(it->is_restarting ? &it->restart : &it->ice, remote, now);
  call_tick(it, now);
}

static void move_over(call *it, moment now) {
  port_forget(it->engine, &it->names[it->own_name]);
  ice_free(&it->ice);
  it->ice = it->restart;
  it->own_name = 1 - it->own_name;
  it->is_restarting = false;
  if (it->is_consent_lost) {
    it->is_consent_lost = false;
    call_tell(it, CALL_CONSENT_RESTORED, NULL);
  }
  if (it->video) video_begin_anew(it, now);
}

int64_t call_tick_restart(call *it, moment now) {
  if (!it->is_restarting) return NEVER;
  int64_t due = ice_tick(&it->restart, now);
  if (ice_remote(&it->restart)) {
    move_over(it, now);
    return NEVER;
  }
  if (it->restart.is_failed) abandon(it);
  return due;
}
