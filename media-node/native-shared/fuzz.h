#ifndef ISTHMUS_CODEC_FUZZ_H
#define ISTHMUS_CODEC_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t state;

static uint32_t chance(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}

/* Rounds, each of which tells how much it has decoded, or a negative number where a codec is missing;
 * for as many seconds as the first argument says, from the seed that the second one is. */
static int fuzz(int count, char **arguments, const char *what, long (*round)(void)) {
  const double seconds = count > 1 ? atof(arguments[1]) : 10;
  state = count > 2 ? strtoull(arguments[2], NULL, 10) : (uint64_t)time(NULL);
  state |= 1;
  fprintf(stderr, "seed %llu\n", (unsigned long long)state);
  const time_t end = time(NULL) + (time_t)seconds;
  long decoded = 0;
  do {
    const long more = round();
    if (more < 0) {
      fprintf(stderr, "a codec is missing\n");
      return 1;
    }
    decoded += more;
  } while (time(NULL) < end);
  printf("%ld %s decoded, nothing found\n", decoded, what);
  return 0;
}

#endif
