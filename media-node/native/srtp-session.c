#include "srtp-session.h"

#define SEQUENCE_SPACE 0x10000
#define HALF_SPACE 0x8000
/** Fixed part of SRTCP that stays in the clear: header and sender SSRC (RFC 3711 §3.4). */
#define RTCP_CLEAR_BYTES 8
#define RTCP_INDEX_BYTES 4
#define RTCP_INDEX_MASK 0x7fffffffu

static srtp_stream *find(srtp_streams *streams, uint32_t ssrc) {
  for (int i = 0; i < SRTP_MAX_STREAMS; i++) {
    srtp_stream *stream = &streams->of[i];
    if (stream->is_used && stream->ssrc == ssrc) return stream;
  }
  return NULL;
}

/** A new stream is kept only once a packet of it was authentic; the oldest makes room. */
static srtp_stream *admit(srtp_streams *streams, uint32_t ssrc) {
  srtp_stream *stream = &streams->of[streams->oldest];
  streams->oldest = (streams->oldest + 1) % SRTP_MAX_STREAMS;
  *stream = (srtp_stream){.ssrc = ssrc, .is_used = true, .highest = -1};
  return stream;
}

/** The 48-bit index by the 16-bit sequence number (RFC 3711 §3.3.1, Appendix A). */
static int64_t estimate(const srtp_stream *stream, uint16_t sequence) {
  if (!stream || stream->highest < 0) return sequence;
  int64_t rollovers = stream->highest / SEQUENCE_SPACE;
  int32_t last = (int32_t)(stream->highest % SEQUENCE_SPACE);
  if (last < HALF_SPACE) {
    if (sequence - last > HALF_SPACE) rollovers -= 1;
  } else if (last - HALF_SPACE > sequence) {
    rollovers += 1;
  }
  return rollovers * SEQUENCE_SPACE + sequence;
}

static bool is_fresh(const srtp_stream *stream, int64_t index) {
  if (index < 0) return false;
  if (!stream || index > stream->highest) return true;
  int64_t age = stream->highest - index;
  return age < SRTP_WINDOW_PACKETS && (stream->seen >> age & 1) == 0;
}

static void accept(srtp_streams *streams, srtp_stream *stream, uint32_t ssrc, int64_t index) {
  if (!stream) stream = admit(streams, ssrc);
  if (index <= stream->highest) {
    stream->seen |= (unsigned __int128)1 << (stream->highest - index);
    return;
  }
  int64_t step = index - stream->highest;
  stream->seen = step < SRTP_WINDOW_PACKETS ? stream->seen << step : 0;
  stream->seen |= 1;
  stream->highest = index;
}

bool srtp_unprotect_rtp(srtp_session *session, uint8_t *packet, size_t *length,
                        rtp_header *header) {
  if (!rtp_read(packet, *length, header)) return false;
  if (*length - header->header_bytes < session->transform.profile->rtp_tag_bytes) return false;
  srtp_stream *stream = find(&session->rtp, header->ssrc);
  int64_t index = estimate(stream, header->sequence);
  if (!is_fresh(stream, index)) return false;
  srtp_packet placed = {packet, *length, header->header_bytes, header->ssrc, (uint64_t)index};
  if (!srtp_open_rtp(&session->transform, &placed)) return false;
  accept(&session->rtp, stream, header->ssrc, index);
  *length = placed.length;
  return true;
}

bool srtp_unprotect_rtcp(srtp_session *session, uint8_t *packet, size_t *length) {
  const srtp_profile *profile = session->transform.profile;
  if (*length < RTCP_CLEAR_BYTES + RTCP_INDEX_BYTES + profile->rtcp_tag_bytes) return false;
  size_t behind_index = profile->is_gcm ? 0 : profile->rtcp_tag_bytes;
  uint32_t word = get32(packet + *length - RTCP_INDEX_BYTES - behind_index);
  // Unencrypted SRTCP is not what DTLS-SRTP negotiated.
  if (word <= RTCP_INDEX_MASK) return false;
  int64_t index = word & RTCP_INDEX_MASK;
  uint32_t ssrc = get32(packet + 4);
  srtp_stream *stream = find(&session->rtcp, ssrc);
  if (!is_fresh(stream, index)) return false;
  srtp_packet placed = {packet, *length, RTCP_CLEAR_BYTES, ssrc, (uint64_t)index};
  if (!srtp_open_rtcp(&session->transform, &placed)) return false;
  accept(&session->rtcp, stream, ssrc, index);
  *length = placed.length;
  return true;
}

bool srtp_protect_rtp(srtp_session *session, uint8_t *packet, size_t *length) {
  rtp_header header;
  if (!rtp_read(packet, *length, &header)) return false;
  srtp_stream *stream = find(&session->rtp, header.ssrc);
  int64_t index = estimate(stream, header.sequence);
  // RFC 3711 §9.1; with GCM a second use gives the authentication key away too (RFC 7714 §8.3).
  if (!is_fresh(stream, index)) return false;
  accept(&session->rtp, stream, header.ssrc, index);
  srtp_packet placed = {packet, *length, header.header_bytes, header.ssrc, (uint64_t)index};
  bool is_sealed = srtp_seal_rtp(&session->transform, &placed);
  *length = placed.length;
  return is_sealed;
}

bool srtp_protect_rtcp(srtp_session *session, uint8_t *packet, size_t *length) {
  if (*length < RTCP_CLEAR_BYTES) return false;
  session->rtcp_index = (session->rtcp_index + 1) & RTCP_INDEX_MASK;
  srtp_packet placed = {packet, *length, RTCP_CLEAR_BYTES, get32(packet + 4),
                        session->rtcp_index};
  bool is_sealed = srtp_seal_rtcp(&session->transform, &placed);
  *length = placed.length;
  return is_sealed;
}
