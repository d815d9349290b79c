#ifndef ISTHMUS_RELAY_H
#define ISTHMUS_RELAY_H

#include "rtcp.h"
#include "stats.h"

/** One side of a call; what is here is about what we send there, but `reporter` knows both. */
typedef struct relay_leg {
  rtp_rewriter rewriter;
  rtcp_reporter reporter;
  /** By the number on the other leg. */
  uint8_t payload_types[128];
  /** Of what comes from this leg: telephone-event. */
  bool is_event[128];
  /** The gate toward this leg. */
  bool is_open;
  bool is_heard;
  leg_stats *stats;
} relay_leg;

void relay_leg_init(relay_leg *leg, const uint8_t random[10], const char *cname,
                    leg_stats *stats);

/** Of what we send there, and of what comes from there. */
void relay_set_clock(relay_leg *leg, uint32_t clock_rate_hz, moment now);
/** Somebody else is at the end of `from`: the stream toward `to` goes on with what he sends. What is
    made here of it has its own steps, whoever speaks. */
void relay_change_peer(relay_leg *from, relay_leg *to, bool is_made_here);

/** A packet of this leg, already authentic and from whom it should be. */
void relay_received(relay_leg *from, const rtp_header *header, size_t length, moment now);
/** RTCP of this leg, authentic, too. */
void relay_took_reports(relay_leg *from, const uint8_t *compound, size_t length, moment now);
/** Our own, due now; returns its length. */
size_t relay_report(relay_leg *to, bool is_goodbye, moment now,
                    uint8_t out[RTCP_MAX_REPORT_BYTES]);
/** It, as it goes to the other leg; false where the gate or the codec forbids it. */
bool relay_pass(relay_leg *to, const rtp_header *header, uint8_t *packet, size_t length,
                moment now, rtp_rewritten *out);
/** A packet that was made here: its payload type is the leg's own already. */
bool relay_emit(relay_leg *to, uint8_t *packet, size_t length, moment now, rtp_rewritten *out);
/** It was sent: `octets` as they stand in the plain. */
void relay_sent(relay_leg *to, const rtp_rewritten *sent);

#endif
