#include "packets.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "srtp-reference.h"

#define PAYLOAD_TYPE 8
#define FIRST_SEQUENCE 1000
#define SSRC 0xabc01234u

packet_set packets;

static void put32(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (24 - 8 * i));
}
static uint32_t get32(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}


uint8_t *packet_plain(uint32_t k) { return packets.plain + k * packets.plain_bytes; }
uint8_t *packet_sealed(uint32_t k) {
  return packets.sealed + k * (packets.plain_bytes + SRTP_MAX_OVERHEAD);
}

void packets_make(const options *option) {
  srtp_reference own;
  srtp_reference_init(&own, option->suite, option->key);
  packets.count =
      (uint32_t)((option->warm_up_s + option->measured_s + 1) * option->packets_per_s) + 16;
  packets.plain_bytes = (size_t)option->payload_bytes + HEADER;
  packets.plain = malloc(packets.count * packets.plain_bytes);
  packets.sealed = malloc(packets.count * (packets.plain_bytes + SRTP_MAX_OVERHEAD));
  for (uint32_t k = 0; k < packets.count; k++) {
    uint8_t *packet = packet_plain(k);
    packet[0] = 0x80;
    packet[1] = PAYLOAD_TYPE;
    put32(packet + 2, (FIRST_SEQUENCE + k) << 16);
    put32(packet + 4, 160 * k);
    put32(packet + 8, SSRC);
    put32(packet + HEADER, k);
    for (size_t at = HEADER + 4; at < packets.plain_bytes; at++)
      packet[at] = (uint8_t)(k * 31 + at * 7);
    uint8_t *copy = packet_sealed(k);
    memcpy(copy, packet, packets.plain_bytes);
    packets.sealed_bytes = srtp_protect(&own, copy, packets.plain_bytes, 0);
  }
}

uint32_t packet_index(const uint8_t *packet, size_t length) {
  if (length != packets.plain_bytes) return packets.count;
  uint32_t k = get32(packet + HEADER);
  bool is_whole = k < packets.count && memcmp(packet + HEADER, packet_plain(k) + HEADER,
                                              packets.plain_bytes - HEADER) == 0;
  return is_whole ? k : packets.count;
}
