#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "srtp-reference.h"

typedef struct options {
  int calls;
  /** Each way, of each call. */
  int packets_per_s;
  /** Packets that leave together, as those of a video frame. */
  int burst;
  int payload_bytes;
  double warm_up_s;
  double measured_s;
  srtp_suite suite;
  /** Master key and salt of what the generator sends. */
  uint8_t key[30];
  /** One line a call: port of side A, port of side B, key of the relay toward side A in hex. */
  const char *map;
  int port_a;
  int port_b;
  int relay_pid;
} options;

/** False, and a word to stderr, where an argument is not understood. */
bool options_read(options *read, int count, char **args);
bool hex_read(const char *text, uint8_t *bytes, int max);

#endif
