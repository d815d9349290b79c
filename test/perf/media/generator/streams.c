#define _GNU_SOURCE
#include "streams.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packets.h"

#define MAX_PACKET 2048

/** 127.1.0.1 to 127.1.0.250, 127.1.1.1 and so on. */
static uint32_t address_of(int call) {
  return 0x7f010000u + (uint32_t)(call / 250) * 256 + (uint32_t)(call % 250) + 1;
}
int stream_of_address(uint32_t address) {
  uint32_t offset = address - 0x7f010001u;
  return (int)(offset / 256 * 250 + offset % 256);
}

stream *streams_read(const options *option) {
  FILE *file = fopen(option->map, "r");
  if (!file) return NULL;
  stream *streams = calloc((size_t)option->calls, sizeof *streams);
  for (int i = 0; i < option->calls; i++) {
    stream *it = &streams[i];
    int ports[SIDES];
    char key[128];
    uint8_t master[30] = {0};
    if (fscanf(file, "%d %d %127s", &ports[A], &ports[B], key) != 3) return NULL;
    if (option->suite != SRTP_NONE && !hex_read(key, master, sizeof master)) return NULL;
    srtp_reference_init(&it->from_relay, option->suite, master);
    for (int side = A; side < SIDES; side++)
      it->relay[side] = (struct sockaddr_in){.sin_family = AF_INET,
                                             .sin_port = htons((in_port_t)ports[side]),
                                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct cmsghdr *source = (struct cmsghdr *)it->source;
    struct in_pktinfo from = {.ipi_spec_dst.s_addr = htonl(address_of(i))};
    source->cmsg_level = IPPROTO_IP;
    source->cmsg_type = IP_PKTINFO;
    source->cmsg_len = CMSG_LEN(sizeof from);
    memcpy(CMSG_DATA(source), &from, sizeof from);
  }
  fclose(file);
  return streams;
}

static uint32_t opened_index(stream *it, const uint8_t *packet, size_t length, uint32_t roc) {
  uint8_t opened[MAX_PACKET];
  size_t opened_bytes = srtp_unprotect(&it->from_relay, packet, length, roc, opened);
  return opened_bytes ? packet_index(opened, opened_bytes) : packets.count;
}

uint32_t stream_index(stream *it, const uint8_t *packet, size_t length, bool is_checked) {
  int64_t sequence = packet[2] << 8 | packet[3];
  if (!it->is_known) {
    uint32_t k = opened_index(it, packet, length, 0);
    if (k == packets.count) return k;
    it->is_known = true;
    it->highest = sequence;
    it->first_index = (uint32_t)(sequence - k);
    return k;
  }
  int64_t extended = it->highest / 65536 * 65536 + sequence;
  if (extended - it->highest > 32768) extended -= 65536;
  if (it->highest - extended > 32768) extended += 65536;
  if (extended > it->highest) it->highest = extended;
  uint32_t k = (uint32_t)extended - it->first_index;
  if (k >= packets.count || length != packets.sealed_bytes) return packets.count;
  if (!is_checked) return k;
  return opened_index(it, packet, length, (uint32_t)(extended >> 16)) == k ? k : packets.count;
}
