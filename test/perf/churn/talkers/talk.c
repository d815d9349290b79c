#include "talk.h"

#include <stdlib.h>
#include <unistd.h>

#define PAYLOAD_TYPE 8
#define VOICE_BYTES 160
#define TICKS 160
#define LOOPBACK "127.0.0.1"

static void send_to_node(void *owner, const uint8_t *bytes, size_t length) {
  const talk *it = owner;
  (void)sendto(it->fd, bytes, length, 0, &it->node.any, address_length(&it->node));
}

static bool open_socket(talk *it) {
  address own;
  it->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  address_read(&own, LOOPBACK, 0);
  return it->fd >= 0 && bind(it->fd, &own.any, address_length(&own)) == 0;
}

talk *talk_new(const talkers *all, const talk_options *options) {
  talk *it = calloc(1, sizeof *it);
  if (!it) return NULL;
  it->all = all;
  it->id = options->id;
  it->fd = -1;
  it->named = options->named;
  address_read(&it->node, LOOPBACK, options->access_port);
  address_read(&it->node_ims, LOOPBACK, options->ims_port);
  ice_client_init(&it->ice, &options->names);
  it->ice.send = it->dtls.send = send_to_node;
  it->ice.owner = it->dtls.owner = it;
  if (!open_socket(it)) {
    talk_free(it);
    return NULL;
  }
  return it;
}

void talk_free(talk *it) {
  if (it->fd >= 0) close(it->fd);
  dtls_free(&it->dtls);
  srtp_transform_free(&it->out.transform);
  srtp_transform_free(&it->in.transform);
  free(it);
}

static void hear(talk *it, int who, const uint8_t *packet, size_t length) {
  if (length < RTP_HEADER_BYTES + 4) return;
  bool is_ours = get32(packet + RTP_HEADER_BYTES) == it->id;
  it->heard[who] += is_ours;
  it->misdirected += !is_ours;
}

static bool is_rtcp(const uint8_t *packet) { return packet[1] >= 192 && packet[1] <= 223; }

void talk_take(talk *it, uint8_t *packet, size_t length, const address *from) {
  rtp_header header;
  if (length < RTP_HEADER_BYTES) return;
  if (packet[0] < 4) {
    ice_client_take(&it->ice, packet, length, from);
  } else if (packet[0] >= 20 && packet[0] < 64) {
    dtls_take(&it->dtls, packet, length);
  } else if (it->state == TALK_UP && !is_rtcp(packet) &&
             srtp_unprotect_rtp(&it->in, packet, &length, &header)) {
    hear(it, BROWSER, packet, length);
  }
}

void talk_take_ims(talk *it, const uint8_t *packet, size_t length) {
  if (length >= RTP_HEADER_BYTES && !is_rtcp(packet)) hear(it, IMS, packet, length);
}

static size_t write_voice(const talk *it, int who, uint8_t *packet) {
  packet[0] = 0x80;
  packet[1] = PAYLOAD_TYPE;
  put16(packet + 2, it->sequence);
  put32(packet + 4, (uint32_t)it->sequence * TICKS);
  put32(packet + 8, it->id * SIDES + (uint32_t)who);
  memset(packet + RTP_HEADER_BYTES, 0xd5, VOICE_BYTES);
  put32(packet + RTP_HEADER_BYTES, it->id);
  return RTP_HEADER_BYTES + VOICE_BYTES;
}

static void speak(talk *it) {
  uint8_t packet[RTP_HEADER_BYTES + VOICE_BYTES + SRTP_MAX_OVERHEAD_BYTES];
  it->sequence++;
  size_t length = write_voice(it, IMS, packet);
  (void)sendto(it->all->ims_fd, packet, length, 0, &it->node_ims.any,
               address_length(&it->node_ims));
  it->sent[IMS]++;
  length = write_voice(it, BROWSER, packet);
  if (!srtp_protect_rtp(&it->out, packet, &length)) return;
  send_to_node(it, packet, length);
  it->sent[BROWSER]++;
}

static bool install_keys(talk *it) {
  dtls_keys keys;
  return dtls_export(&it->dtls, &keys) &&
         srtp_transform_init(&it->out.transform, keys.profile, keys.of_client, true) &&
         srtp_transform_init(&it->in.transform, keys.profile, keys.of_server, false);
}

static void connect_further(talk *it, moment now) {
  bool is_failed = false;
  if (it->dtls.phase == DTLS_NEW && it->ice.is_connected) {
    is_failed = !dtls_start(
        &it->dtls, &(dtls_terms){.context = it->all->context, .named = it->named, .is_client = true});
  }
  dtls_tick(&it->dtls, now);
  if (it->dtls.phase == DTLS_OPEN) {
    is_failed |= !install_keys(it);
    it->state = TALK_UP;
  }
  if (is_failed || it->dtls.phase == DTLS_FAILED) it->state = TALK_FAILED;
}

talk_state talk_tick(talk *it, moment now) {
  ice_client_tick(&it->ice, now);
  if (it->state == TALK_CONNECTING) connect_further(it, now);
  if (it->state == TALK_UP && now.steady_us >= it->next_voice_us) {
    speak(it);
    // Late ones are not made good: a busy machine would answer that by a burst.
    it->next_voice_us = now.steady_us + it->all->interval_us;
  }
  return it->state;
}
