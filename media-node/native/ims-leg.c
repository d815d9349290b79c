#include "ims-leg.h"

#include <openssl/crypto.h>

/** How far from the signalled address a peer behind a NAT may be: its network. */
#define IPV4_NETWORK_BYTES 3
#define IPV6_NETWORK_BYTES 8

void ims_init(ims_leg *leg, const ims_means *means, moment now) {
  memset(leg, 0, sizeof *leg);
  leg->run = means->run;
  leg->context = means->context;
  for (int i = 0; i < 2; i++) {
    leg->fds[i] = means->fds[i];
    budget_init(&leg->budgets[i], means->packets_per_s, now);
  }
}

static void half_free(ims_half *half) {
  if (half->is_on) srtp_transform_free(&half->session.transform);
  OPENSSL_cleanse(half, sizeof *half);
}

void ims_free(ims_leg *leg) {
  half_free(&leg->in);
  half_free(&leg->out);
  ims_dtls_free(leg->dtls);
  leg->dtls = NULL;
  OPENSSL_cleanse(&leg->remote, sizeof leg->remote);
}

/** Made anew with new keys only: under old ones no index may be used again (RFC 3711 §9.1). */
static bool rekey(ims_half *half, const srtp_profile *profile, const uint8_t *master,
                  bool is_sender) {
  bool is_same = half->is_on && half->session.transform.profile == profile &&
                 CRYPTO_memcmp(half->master, master, IMS_MASTER_BYTES) == 0;
  if (is_same) return true;
  half_free(half);
  if (!profile) return true;
  memcpy(half->master, master, IMS_MASTER_BYTES);
  half->is_on = srtp_transform_init(&half->session.transform, profile, master, is_sender);
  return half->is_on;
}

/** A handshake that is done is not done again for the same association (RFC 8842 §4). */
static bool rename_peer(ims_leg *leg, const ims_named *named) {
  if (leg->dtls && leg->remote.named.association == named->association) return true;
  ims_dtls_free(leg->dtls);
  leg->dtls = NULL;
  if (named->association == 0) return true;
  leg->dtls = ims_dtls_new(leg, named);
  return leg->dtls != NULL;
}

static bool is_same_remote(const ims_remote *one, const ims_remote *other) {
  return address_equal(&one->rtp, &other->rtp) && address_equal(&one->rtcp, &other->rtcp) &&
         one->learns_source == other->learns_source;
}

bool ims_knows(const ims_leg *leg, const ims_remote *remote) {
  return leg->is_connected && is_same_remote(&leg->remote, remote);
}

static void lock_sources(ims_leg *leg, const ims_remote *remote) {
  // Where both ports are one, RTCP shares it both ways (RFC 5761).
  leg->is_muxed = address_port(&remote->rtp) == address_port(&remote->rtcp);
  leg->locks[MEDIA_RTP] = (source_lock){true, !remote->learns_source, remote->rtp};
  bool has_rtcp_port = !leg->is_muxed && address_port(&remote->rtcp) != 0;
  leg->locks[MEDIA_RTCP] = (source_lock){has_rtcp_port, !remote->learns_source, remote->rtcp};
}

bool ims_connect(ims_leg *leg, const ims_remote *remote) {
  bool is_keyed = rekey(&leg->in, remote->profile, remote->remote_master, false) &&
                  rekey(&leg->out, remote->profile, remote->local_master, true) &&
                  rename_peer(leg, &remote->named);
  bool is_known = ims_knows(leg, remote);
  leg->remote = *remote;
  leg->is_connected = is_keyed;
  if (!is_keyed) return false;
  if (!is_known) lock_sources(leg, remote);
  if (leg->dtls) ims_dtls_settle(leg->dtls);
  return true;
}

static bool is_of_network(const address *from, const address *signalled) {
  uint8_t theirs[16], ours[16];
  size_t count = address_octets(from, theirs);
  if (count != address_octets(signalled, ours)) return false;
  return memcmp(theirs, ours, count == 4 ? IPV4_NETWORK_BYTES : IPV6_NETWORK_BYTES) == 0;
}

static bool is_plain(const ims_leg *leg) { return !leg->dtls && !leg->remote.profile; }

/** Where a packet came, and what it is. */
typedef struct arrival {
  media_kind port;
  media_kind kind;
} arrival;

/** False for what is not of this kind, forged or replayed. */
static bool open_packet(ims_leg *leg, const arrival *at, uint8_t *packet, size_t *length) {
  rtp_header header;
  if (is_plain(leg)) return media_kind_of(packet, *length) == at->kind;
  srtp_session *in = leg->dtls ? ims_dtls_in(leg->dtls, at->port) : &leg->in.session;
  if (!in) return false;
  if (at->kind == MEDIA_RTCP) return srtp_unprotect_rtcp(in, packet, length);
  return srtp_unprotect_rtp(in, packet, length, &header);
}

media_kind ims_open(ims_leg *leg, media_kind port, uint8_t *packet, size_t *length,
                    const address *from, moment now) {
  source_lock *lock = &leg->locks[port];
  if (!leg->is_connected || !lock->is_set) return MEDIA_NONE;
  bool is_rtcp = leg->is_muxed && media_kind_of(packet, *length) == MEDIA_RTCP;
  media_kind kind = is_rtcp ? MEDIA_RTCP : port;
  if (lock->is_held ? !address_equal(from, &lock->peer) : !is_of_network(from, &lock->peer)) {
    return MEDIA_NONE;
  }
  if (!budget_take(&leg->budgets[port], now)) return MEDIA_NONE;
  if (leg->dtls && is_dtls(packet, *length)) {
    return ims_dtls_take(leg->dtls, port, packet, *length, from) ? MEDIA_HANDSHAKE : MEDIA_NONE;
  }
  if (!open_packet(leg, &(arrival){port, kind}, packet, length)) return MEDIA_NONE;
  if (!lock->is_held) {
    lock->is_held = true;
    lock->peer = *from;
  }
  return kind;
}

static bool seal(ims_leg *leg, media_kind kind, uint8_t *packet, size_t *length) {
  if (is_plain(leg)) return true;
  media_kind port = leg->is_muxed ? MEDIA_RTP : kind;
  srtp_session *out = leg->dtls ? ims_dtls_out(leg->dtls, port) : &leg->out.session;
  if (!out) return false;
  if (kind == MEDIA_RTCP) return srtp_protect_rtcp(out, packet, length);
  return srtp_protect_rtp(out, packet, length);
}

size_t ims_send(ims_leg *leg, media_kind kind, uint8_t *packet, size_t length) {
  if (!leg->is_connected || !seal(leg, kind, packet, &length)) return 0;
  media_kind port = leg->is_muxed ? MEDIA_RTP : kind;
  if (!leg->locks[port].is_set) return 0;
  run_add(leg->run, leg->fds[port], &leg->locks[port].peer, packet, length);
  return length;
}

void ims_resend(ims_leg *leg, const uint8_t *sealed, size_t length) {
  if (!leg->is_connected) return;
  run_add(leg->run, leg->fds[MEDIA_RTP], &leg->locks[MEDIA_RTP].peer, sealed, length);
}

int64_t ims_tick(ims_leg *leg, bool is_wanted, moment now) {
  return leg->dtls ? ims_dtls_tick(leg->dtls, is_wanted, now) : NEVER;
}

const char *ims_fault(const ims_leg *leg) {
  return leg->dtls ? ims_dtls_fault(leg->dtls) : NULL;
}
