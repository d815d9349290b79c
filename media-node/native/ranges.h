#ifndef ISTHMUS_RANGES_H
#define ISTHMUS_RANGES_H

#include "address.h"

#define RANGE_BYTES 18

/** Addresses that nobody makes us send to: octets of each range, their count, prefix bits. */
typedef struct address_ranges {
  uint8_t *entries;
  size_t count;
} address_ranges;

bool ranges_init(address_ranges *ranges, const uint8_t *entries, size_t length);
void ranges_free(address_ranges *ranges);
bool ranges_hold(const address_ranges *ranges, const address *endpoint);

#endif
