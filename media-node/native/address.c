#include "address.h"

#include <arpa/inet.h>

static const uint8_t MAPPED_PREFIX[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool address_read(address *out, const char *text, uint16_t port) {
  memset(out, 0, sizeof *out);
  if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1) {
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons(port);
    return true;
  }
  if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1) {
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(port);
    return true;
  }
  return false;
}

bool address_for_family(address *endpoint, int family) {
  if (endpoint->any.sa_family == family) return true;
  if (family != AF_INET6 || endpoint->any.sa_family != AF_INET) return false;
  address mapped = {.v6 = {.sin6_family = AF_INET6, .sin6_port = endpoint->v4.sin_port}};
  memcpy(&mapped.v6.sin6_addr, MAPPED_PREFIX, sizeof MAPPED_PREFIX);
  memcpy((uint8_t *)&mapped.v6.sin6_addr + 12, &endpoint->v4.sin_addr, 4);
  *endpoint = mapped;
  return true;
}

socklen_t address_length(const address *endpoint) {
  return endpoint->any.sa_family == AF_INET6 ? sizeof endpoint->v6 : sizeof endpoint->v4;
}

bool address_equal(const address *a, const address *b) {
  if (a->any.sa_family != b->any.sa_family) return false;
  if (a->any.sa_family == AF_INET) {
    return a->v4.sin_port == b->v4.sin_port && a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
  }
  return a->v6.sin6_port == b->v6.sin6_port &&
         memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr) == 0;
}

uint16_t address_port(const address *endpoint) {
  return ntohs(endpoint->any.sa_family == AF_INET6 ? endpoint->v6.sin6_port
                                                   : endpoint->v4.sin_port);
}

static uint32_t mix(uint32_t hash, uint32_t word) {
  hash = (hash ^ word) * 0x9e3779b1u;
  return hash ^ hash >> 15;
}

uint32_t address_hash(const address *endpoint, uint32_t seed) {
  uint32_t hash = mix(seed, address_port(endpoint));
  if (endpoint->any.sa_family == AF_INET) return mix(hash, endpoint->v4.sin_addr.s_addr);
  uint32_t words[4];
  memcpy(words, &endpoint->v6.sin6_addr, sizeof words);
  for (int i = 0; i < 4; i++) hash = mix(hash, words[i]);
  return hash;
}

size_t address_octets(const address *endpoint, uint8_t octets[16]) {
  if (endpoint->any.sa_family == AF_INET) {
    memcpy(octets, &endpoint->v4.sin_addr, 4);
    return 4;
  }
  const uint8_t *bytes = (const uint8_t *)&endpoint->v6.sin6_addr;
  if (memcmp(bytes, MAPPED_PREFIX, sizeof MAPPED_PREFIX) == 0) {
    memcpy(octets, bytes + 12, 4);
    return 4;
  }
  memcpy(octets, bytes, 16);
  return 16;
}
