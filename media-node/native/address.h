#ifndef ISTHMUS_ADDRESS_H
#define ISTHMUS_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "bytes.h"

#define ADDRESS_TEXT_BYTES 46

/** An IPv4 or IPv6 endpoint, as the kernel gives it. */
typedef union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} address;

bool address_read(address *out, const char *text, uint16_t port);
/** As a socket of this family reaches it; false where it cannot. */
bool address_for_family(address *endpoint, int family);
socklen_t address_length(const address *endpoint);
bool address_equal(const address *a, const address *b);
uint16_t address_port(const address *endpoint);
uint32_t address_hash(const address *endpoint, uint32_t seed);
/** The octets alone, 4 or 16; of a mapped IPv4 address the 4. */
size_t address_octets(const address *endpoint, uint8_t octets[16]);

#endif
