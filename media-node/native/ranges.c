#include "ranges.h"

#include <stdlib.h>

#define COUNT_AT 16
#define PREFIX_AT 17

/** NAT64 reaches the IPv4 host in its last octets (RFC 6052 §2.1). */
static const uint8_t NAT64_PREFIX[12] = {0, 0x64, 0xff, 0x9b};

bool ranges_init(address_ranges *ranges, const uint8_t *entries, size_t length) {
  ranges->count = length / RANGE_BYTES;
  ranges->entries = malloc(length + 1);
  if (!ranges->entries) return false;
  if (length > 0) memcpy(ranges->entries, entries, length);
  return true;
}

void ranges_free(address_ranges *ranges) { free(ranges->entries); }

static bool is_in(const uint8_t *entry, const uint8_t *octets, size_t count) {
  if (entry[COUNT_AT] != count) return false;
  unsigned prefix = entry[PREFIX_AT];
  for (size_t i = 0; i < count && prefix > 0; i++) {
    unsigned bits = prefix < 8 ? prefix : 8;
    if (((octets[i] ^ entry[i]) >> (8 - bits)) != 0) return false;
    prefix -= bits;
  }
  return true;
}

static bool any_holds(const address_ranges *ranges, const uint8_t *octets, size_t count) {
  for (size_t i = 0; i < ranges->count; i++) {
    if (is_in(ranges->entries + i * RANGE_BYTES, octets, count)) return true;
  }
  return false;
}

bool ranges_hold(const address_ranges *ranges, const address *endpoint) {
  uint8_t octets[16];
  size_t count = address_octets(endpoint, octets);
  if (any_holds(ranges, octets, count)) return true;
  bool is_nat64 = count == 16 && memcmp(octets, NAT64_PREFIX, sizeof NAT64_PREFIX) == 0;
  return is_nat64 && any_holds(ranges, octets + 12, 4);
}
