#ifndef ISTHMUS_RTCP_H
#define ISTHMUS_RTCP_H

#include "far-end.h"
#include "moment.h"
#include "rtp.h"

#define RTCP_MAX_CNAME_BYTES 64
/** SR with one block, SDES with the longest CNAME, XR, BYE. */
#define RTCP_MAX_REPORT_BYTES 160

/** How one source is received: loss and jitter as RFC 3550 §A.3 and §A.8 reckon them. */
typedef struct rtcp_reception {
  bool is_active;
  /** It has said goodbye, and nothing since. */
  bool has_left;
  uint32_t ssrc;
  uint32_t clock_rate_hz;
  int64_t base;
  int64_t highest;
  int64_t received;
  int64_t prior_expected;
  int64_t prior_received;
  bool has_transit;
  int64_t transit_ticks;
  uint32_t last_timestamp;
  /** Times 16, as RFC 3550 §A.8 keeps it. */
  int64_t jitter_sixteenths;
  /** Of what was due between our last two reports. */
  uint8_t recent_loss_256ths;
  bool has_report;
  uint32_t ntp_middle;
  int64_t reported_us;
} rtcp_reception;

/** When a receiver that sends nothing has looked at its clock (RFC 3611 §4.4): it wants that back. */
typedef struct rtcp_reference {
  bool is_set;
  uint32_t ssrc;
  uint32_t ntp_middle;
  int64_t taken_us;
} rtcp_reference;

/** RTCP of one leg, terminated here: what we send and receive there, under our own SSRC. */
typedef struct rtcp_reporter {
  uint32_t ssrc;
  char cname[RTCP_MAX_CNAME_BYTES];
  uint32_t clock_rate_hz;
  uint32_t packets;
  uint32_t octets;
  uint32_t reported_packets;
  uint32_t last_timestamp;
  int64_t last_us;
  rtcp_reception reception;
  far_end far;
  rtcp_reference reference;
  /** Of sources before the one heard now. */
  int64_t lost_before;
} rtcp_reporter;

void rtcp_reporter_init(rtcp_reporter *reporter, uint32_t ssrc, const char *cname);
/** Jitter begins anew where the clock is another: ticks of two clocks have no mean. */
void rtcp_set_clock(rtcp_reporter *reporter, uint32_t clock_rate_hz, moment now);
/** Somebody else is at the other end; of how the one before was received, the loss stays counted. */
void rtcp_change_peer(rtcp_reporter *reporter);
void rtcp_sent(rtcp_reporter *reporter, uint32_t timestamp, size_t payload_bytes, moment now);
void rtcp_received(rtcp_reporter *reporter, const rtp_header *header, moment now);
int64_t rtcp_lost(const rtcp_reporter *reporter);
/** SRs, RRs, BYE, the clock and the VoIP metrics in an XR; everything else in it is passed over. */
void rtcp_take(rtcp_reporter *reporter, const uint8_t *compound, size_t length, moment now);
/** How a packet of feedback begins: an empty report, and the CNAME (RFC 4585 §3.1). */
size_t rtcp_write_opening(const rtcp_reporter *reporter, uint8_t out[RTCP_MAX_REPORT_BYTES]);
/** A compound packet (RFC 3550 §6.1); returns its length. */
size_t rtcp_write(rtcp_reporter *reporter, bool is_goodbye, moment now,
                  uint8_t out[RTCP_MAX_REPORT_BYTES]);

#endif
