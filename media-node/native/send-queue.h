#ifndef ISTHMUS_SEND_QUEUE_H
#define ISTHMUS_SEND_QUEUE_H

#include "segments.h"

#define IO_BUFFER_BYTES 2048
/** Of a datagram at most; the rest of a buffer is for what protection adds. */
#define IO_DATAGRAM_BYTES 2000
#define SEND_BATCH 64

/** What leaves by the browser port: collected, then handed to the kernel in one call. */
typedef struct send_queue {
  int fd;
  int count;
  /** Of the buffers to receive in. */
  int reserved;
  struct mmsghdr *messages;
  struct iovec *vectors;
  uint8_t (*controls)[SEGMENTS_CONTROL_BYTES];
  /** Whether the kernel cuts messages into packets. */
  bool has_segments;
  address *destinations;
  uint8_t (*buffers)[IO_BUFFER_BYTES];
  /** One for each that waits. */
  uint8_t (*copies)[IO_BUFFER_BYTES];
  const uint8_t *lent;
  size_t lent_bytes;
} send_queue;

bool queue_init(send_queue *queue, int fd);
void queue_free(send_queue *queue);
/**
 * So many buffers in a row, to receive in what is to be sent on. At most SEND_BATCH; the caller's
 * until it reserves again, whatever is flushed meanwhile.
 */
uint8_t (*queue_reserve(send_queue *queue, int count))[IO_BUFFER_BYTES];
/** Packets that lie there are left as they are until the queue was flushed. */
void queue_lend(send_queue *queue, const uint8_t *memory, size_t bytes);
/** Without a copy where the packet lies in a reserved buffer, or in memory that was lent. */
void queue_send(send_queue *queue, uint8_t *packet, size_t length, const address *to);
void queue_copy(send_queue *queue, const uint8_t *packet, size_t length, const address *to);
void queue_flush(send_queue *queue);

#endif
