#ifndef ISTHMUS_IO_H
#define ISTHMUS_IO_H

#include <stdbool.h>
#include <stdint.h>

#include "moment.h"

struct engine;

/** How long the loop may wait. */
typedef struct io_patience {
  /** Until something comes. */
  int64_t wait_us;
  /** Where it is not 0: for so long in any case, so that others come, too. */
  int64_t company_ns;
} io_patience;

/**
 * How an engine waits for its sockets and hears those toward IMS. `wait` and `take` are for the
 * loop, the others for whoever holds the lock. Sockets go by their marks (intake.h).
 */
typedef struct engine_io {
  const char *name;
  /** NULL, or why it cannot be had here. */
  const char *(*open)(struct engine *it);
  void (*close)(struct engine *it);
  bool (*watch)(struct engine *it, int fd, uint64_t mark);
  /** Closes the socket, whether it was watched or not, at once or before `is_settled`. */
  void (*release)(struct engine *it, int fd, uint64_t mark);
  bool (*is_settled)(const struct engine *it);
  /** Without the lock. */
  void (*wait)(struct engine *it, const io_patience *patience);
  /** What has come, to whom it is for. */
  void (*take)(struct engine *it, moment now);
} engine_io;

extern const engine_io io_epoll;
extern const engine_io io_ring;

#endif
