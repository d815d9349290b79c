#ifndef STREAMS_H
#define STREAMS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "options.h"
#include "srtp-reference.h"

enum { A, B, SIDES };

typedef struct stream {
  struct sockaddr_in relay[SIDES];
  char source[CMSG_SPACE(sizeof(struct in_pktinfo))];
  srtp_reference from_relay;
  uint32_t next;
  /** From side B to side A: what the relay adds to our numbers, once a packet has told. */
  bool is_known;
  uint32_t first_index;
  int64_t highest;
} stream;

/** NULL where the map is none. */
stream *streams_read(const options *option);
int stream_of_address(uint32_t address);
/**
 * Which packet came on side A: the sequence number tells, from the first one on, which is opened. One
 * that is checked is opened too, and must be what its number says.
 */
uint32_t stream_index(stream *it, const uint8_t *packet, size_t length, bool is_checked);

#endif
