#ifndef ISTHMUS_MOMENT_H
#define ISTHMUS_MOMENT_H

#include <stdint.h>
#include <time.h>

#define NEVER INT64_MAX

/** Now, read once for a batch: steady for timers, of the wall for what RTCP tells others. */
typedef struct moment {
  int64_t steady_us;
  int64_t wall_us;
} moment;

static inline int64_t clock_us(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static inline moment moment_now(void) {
  return (moment){clock_us(CLOCK_MONOTONIC), clock_us(CLOCK_REALTIME)};
}

#endif
