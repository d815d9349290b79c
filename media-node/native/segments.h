#ifndef ISTHMUS_SEGMENTS_H
#define ISTHMUS_SEGMENTS_H

#include <sys/socket.h>

#include "address.h"

/* Packets of one length to one place leave as one (UDP_SEGMENT): the kernel walks its stack once. */

/** As many as the kernel cuts (UDP_MAX_SEGMENTS), and as many bytes as one datagram may have. */
#define SEGMENTS_MAX 64
#define SEGMENTS_MAX_BYTES 60000
#define SEGMENTS_CONTROL_BYTES CMSG_SPACE(sizeof(uint16_t))

/** How many of the vectors may leave as one: all as long as the first, the last may be shorter. */
int segments_count(const struct iovec *vectors, int count);
/** Has the message cut into pieces of this length. */
void segments_mark(struct msghdr *message, uint8_t control[SEGMENTS_CONTROL_BYTES], size_t length);

/** Takes packets one by one and sends them together; all NULL where each is sent at once. */
typedef struct run_poster {
  void *of;
  /** False where there is no room. The packet stays where it is until `post_all`. */
  bool (*post)(void *poster, int fd, const address *to, const struct iovec *packet);
  void (*post_all)(void *poster);
} run_poster;

/** What leaves by the ports toward IMS: one run of packets of the batch that was received. */
typedef struct send_run {
  run_poster poster;
  const uint8_t *buffers;
  size_t buffers_bytes;
  int fd;
  address to;
  struct iovec vectors[SEGMENTS_MAX];
  int count;
} send_run;

/** Sends at once what does not lie in the buffers. */
void run_add(send_run *run, int fd, const address *to, const uint8_t *packet,
             size_t length);
/** Before the buffers are filled anew. */
void run_flush(send_run *run);

#endif
