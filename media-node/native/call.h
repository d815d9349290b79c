#ifndef ISTHMUS_CALL_H
#define ISTHMUS_CALL_H

#include "dtls.h"
#include "ice.h"
#include "ims-leg.h"
#include "relay.h"
#include "srtp-session.h"
#include "video.h"

/** Addresses one browser may prove its check from: all its interfaces, twice. */
#define CALL_MAX_BINDINGS 16
/** One second of audio and its RTCP; what came before the keys is played, not lost. */
#define CALL_MAX_HELD 64
/** A third of a second of speech; anybody may send it. */
#define CALL_MAX_EARLY 16
#define CALL_EARLY_US 500000

struct engine;
struct call;

/** One address that is a browser's, in the table of the port. */
typedef struct call_binding {
  address remote;
  struct call *call;
  struct call_binding *next;
} call_binding;

/** One of the names that checks ask for a call by, in the table of the port. */
typedef struct call_name {
  char fragment[ICE_FRAGMENT_BYTES + 1];
  struct call *call;
  struct call_name *next;
} call_name;

typedef struct held_packet {
  struct held_packet *next;
  address from;
  size_t length;
  uint8_t bytes[];
} held_packet;

typedef struct held_packets {
  held_packet *first;
  held_packet **end;
  int count;
} held_packets;

typedef enum call_event_kind {
  CALL_ICE_CONNECTED,
  CALL_ACCESS_CONNECTED,
  CALL_ACCESS_FAILED,
  CALL_CONSENT_LOST,
  CALL_CONSENT_RESTORED,
  CALL_IMS_FAILED,
  CALL_FIRST_FROM_BROWSER,
  CALL_FIRST_FROM_IMS,
  CALL_FIRST_TO_BROWSER,
  CALL_FIRST_TO_IMS,
  /* The last: of a video on a detour, what its receivers ask of who makes it. */
  CALL_PICTURE_WANTED_BY_BROWSER,
  CALL_PICTURE_WANTED_BY_IMS,
  CALL_RATE_LIMITED_BY_BROWSER,
  CALL_RATE_LIMITED_BY_IMS,
} call_event_kind;

/** RTP that goes up, and from where. */
typedef enum divert_kind {
  DIVERT_VOICE_OF_BROWSER,
  DIVERT_VOICE_OF_IMS,
  DIVERT_VIDEO_OF_BROWSER,
  DIVERT_VIDEO_OF_IMS,
} divert_kind;

/** The media of one call: one access transport, one IMS port pair, and the relay between them. */
typedef struct call {
  struct engine *engine;
  uint32_t slot;
  /** Tells the calls of one slot apart. */
  uint32_t serial;
  ice_agent ice;
  /** Of a restart, until it has a way of its own. */
  ice_agent restart;
  bool is_restarting;
  call_name names[2];
  /** Which of them is that of `ice`. */
  int own_name;
  dtls_session dtls;
  dtls_fingerprints named;
  bool has_named;
  int64_t dtls_deadline_us;
  srtp_session from_browser;
  srtp_session to_browser;
  bool has_keys;
  bool is_over;
  bool is_consent_lost;
  bool is_ims_failed;
  relay_leg browser;
  relay_leg ims;
  ims_leg peer;
  /** NULL where the call has none. */
  video_stream *video;
  packet_budget budget;
  /** Reports go on both ways though nothing else does. */
  bool is_rtcp_open;
  /** RTP that would pass goes up, and what is made of it comes down. */
  bool is_diverted;
  held_packets held_dtls;
  held_packets held_media;
  /** RTP that overtook the answer which names its sender, and when the last of it came. */
  held_packets held_early;
  int64_t early_us;
  call_stats *stats;
  call_binding bindings[CALL_MAX_BINDINGS];
  int binding_count;
  int64_t report_due_us;
  int64_t due_us;
  int heap_index;
} call;

typedef struct call_options {
  uint32_t slot;
  uint32_t serial;
  const char *cname;
  int fds[2];
} call_options;

call *call_new(struct engine *engine, const call_options *options, moment now);
/** Says goodbye where it may, and frees all. */
void call_free(call *it, moment now);
/** Does what is due; sets `due_us`. */
void call_tick(call *it, moment now);
/** Once: the browser will never be there. */
void call_fail(call *it, const char *reason);
void call_tell(call *it, call_event_kind kind, const char *reason);

/** Opening toward the browser, it hears what the callee said before its answer came. */
void call_set_gate(call *it, bool to_ims, bool to_browser, bool rtcp, moment now);

/* The browser's side, in call-access.c. Packets lie in a buffer that it may write in. */
void call_connect_access(call *it, const char *fragment, const char *password,
                         bool is_controlling, moment now);
/** Keys that came by signalling, as with SDES; no ICE, no DTLS. Master key and salt of each. */
bool call_set_keys(call *it, uint16_t profile, const uint8_t *from_browser,
                   const uint8_t *to_browser, const address *remote);
/** Whom a check asks for: the agent of that name. */
ice_agent *call_agent_of(const call_name *asked);
void call_take_request(const call_name *asked, const stun_message *message, const address *from,
                       moment now);
bool call_take_response(call *it, const uint8_t *packet, const stun_message *message,
                        const address *from, moment now);
void call_take_dtls(call *it, const uint8_t *packet, size_t length, const address *from,
                    moment now);
void call_take_media(call *it, uint8_t *packet, size_t length, const address *from, moment now);
/** Begins, repeats and concludes the handshake; returns when it is due again. */
int64_t call_tick_dtls(call *it, moment now);
/**
 * Seals in place and sends. How long it is as it left; 0 where nothing may be sent: no keys yet, or
 * consent is gone.
 */
size_t call_send_browser(call *it, media_kind kind, uint8_t *packet, size_t length, moment now);
/** Once more, as it left before. */
void call_resend_browser(call *it, const uint8_t *sealed, size_t length, moment now);

/* Another way to the browser, in call-restart.c. */
/** Media stays on the way it has until there is a new one (RFC 8445 §9); keys and DTLS stay. */
void call_restart_access(call *it, const ice_names *ours, const char *fragment,
                         const char *password, moment now);
void call_add_candidate(call *it, const address *remote, moment now);
/** Returns when the restart is due again. */
int64_t call_tick_restart(call *it, moment now);
ice_options call_ice_options(const call *it);

/* The side of IMS, and what is common to both, in call-relay.c. */
void call_take_ims(call *it, media_kind port, uint8_t *packet, size_t length,
                   const address *from, moment now);
/** Authentic RTP in the plain, of the one leg or the other. */
void call_relay(call *it, bool is_from_ims, uint8_t *packet, size_t length, moment now);
/** Of the detour's making; needs SRTP_MAX_OVERHEAD_BYTES behind. */
void call_emit(call *it, bool is_to_ims, uint8_t *packet, size_t length, moment now);
void call_report(call *it, bool is_goodbye, moment now);

#endif
