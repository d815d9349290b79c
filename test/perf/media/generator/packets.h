#ifndef PACKETS_H
#define PACKETS_H

#include <stddef.h>
#include <stdint.h>

#include "options.h"

#define HEADER 12

/** Every call says the same: packet k bears k in its payload. */
typedef struct packet_set {
  uint32_t count;
  size_t plain_bytes;
  size_t sealed_bytes;
  uint8_t *plain;
  uint8_t *sealed;
} packet_set;

extern packet_set packets;

void packets_make(const options *option);
uint8_t *packet_plain(uint32_t k);
uint8_t *packet_sealed(uint32_t k);
/** Which one it is, by its whole payload; `packets.count` where it is none or was spoilt. */
uint32_t packet_index(const uint8_t *packet, size_t length);

#endif
