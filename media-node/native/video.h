#ifndef ISTHMUS_VIDEO_H
#define ISTHMUS_VIDEO_H

#include "ims-leg.h"
#include "losses.h"
#include "relay.h"
#include "rtcp-feedback.h"
#include "sent-packets.h"

struct call;

/** One side of the video; as of `relay_leg`, what is here is about what we send there. */
typedef struct video_leg {
  relay_leg relay;
  /** Whose packets came from there before it was agreed which are video. */
  bool has_early;
  uint32_t early_ssrc;
  /** Bits of FEEDBACK: what it takes, by what was negotiated. */
  uint8_t takes;
  uint8_t full_intra_commands;
  /** What it was last told to keep below, and when; 0 for nothing. */
  uint64_t rate_limit;
  int64_t rate_limited_us;
  /** The number of the orientation there; 0 for none. */
  uint8_t orientation;
  sent_packets sent;
  /** So that a few requests cannot make us send without end. */
  packet_budget resends;
} video_leg;

/**
 * One video stream of a call: on the browser's transport it is told from audio by its payload
 * types, toward IMS it has ports of its own.
 */
typedef struct video_stream {
  video_leg browser;
  video_leg ims;
  ims_leg peer;
  /** On the way from the browser: what IMS could not ask for, or too late. */
  losses uplink;
  /** Of the browser, what came before it was agreed which are video, by payload type. */
  bool has_early[128];
  uint32_t early_ssrc[128];
  bool is_rtcp_open;
  /** RTP that would pass goes up, what is made of it comes down, and so do wishes. */
  bool is_diverted;
} video_stream;

typedef struct video_options {
  ims_means means;
  /** Under which name the call reports. */
  const char *cname;
  leg_stats *access_stats;
  leg_stats *ims_stats;
} video_options;

/** NULL where memory is out. */
video_stream *video_new(const video_options *options, moment now);
/** Says goodbye where it may, and frees all. */
void video_free(struct call *of, moment now);

/** Whether a packet of the browser is of the video. */
bool video_carries(const video_stream *it, uint8_t payload_type);
/** A packet of the browser that is of the voice, or that will turn out to have been of the video. */
void video_pass_over(video_stream *it, const rtp_header *header);
/** It is agreed now by which payload types the browser sends. */
void video_know_source(video_stream *it);
/** When a direction opens, its sender is asked for a whole picture. */
void video_set_gate(struct call *of, bool to_ims, bool to_browser, bool rtcp, moment now);
void video_take_ims(struct call *of, media_kind port, uint8_t *packet, size_t length,
                    const address *from, moment now);
/** Authentic RTP in the plain, of the one leg or the other. */
void video_relay(struct call *of, bool is_from_ims, uint8_t *packet, size_t length, moment now);
/** Of the detour's making; needs SRTP_MAX_OVERHEAD_BYTES behind. */
void video_emit(struct call *of, bool is_to_ims, uint8_t *packet, size_t length, moment now);
void video_report(struct call *of, bool is_goodbye, moment now);
/** Handshakes toward IMS; returns when they are due again. */
int64_t video_tick(struct call *of, moment now);

/* In video-feedback.c. */
/** Authentic RTCP: its reports, and what is asked in it. */
void video_take_rtcp(struct call *of, bool is_from_ims, const uint8_t *packet, size_t length,
                     moment now);
/** Of a REMB nobody says that it came, unlike of a TMMBR: it goes with each report. 0 for none. */
size_t video_write_limit(const struct call *of, uint8_t out[FEEDBACK_MAX_BYTES]);
/** Asks the browser for what it has sent and we have not got. */
void video_mend(struct call *of, moment now);
/** Asks the sender on this leg for packets of its own numbers. */
void video_ask_again(struct call *of, bool is_of_ims, const lost_packets *lost, moment now);
/** What was under way when the browser moved is gone: both begin with a whole picture again. */
void video_begin_anew(struct call *of, moment now);
/** Asks the sender on this leg for a whole picture, in a way it takes. */
void video_ask_picture(struct call *of, bool is_of_ims, moment now);

#endif
