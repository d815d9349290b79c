#include "held.h"

#include <stdlib.h>

void held_init(held_packets *held) {
  held->first = NULL;
  held->end = &held->first;
  held->count = 0;
}

bool held_add(held_packets *held, const uint8_t *bytes, size_t length, const address *from,
              int limit) {
  if (held->count == limit) return false;
  held_packet *packet = malloc(sizeof *packet + length + SRTP_MAX_OVERHEAD_BYTES);
  if (!packet) return false;
  packet->next = NULL;
  packet->from = *from;
  packet->length = length;
  memcpy(packet->bytes, bytes, length);
  *held->end = packet;
  held->end = &packet->next;
  held->count += 1;
  return true;
}

held_packet *held_take(held_packets *held) {
  held_packet *packet = held->first;
  if (!packet) return NULL;
  held->first = packet->next;
  if (!held->first) held->end = &held->first;
  held->count -= 1;
  return packet;
}

void held_free(held_packets *held) {
  held_packet *packet;
  while ((packet = held_take(held)) != NULL) free(packet);
}
