#define _GNU_SOURCE
#include "send-queue.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

/** A full buffer empties at once or the network is gone; then loss is better than delay. */
#define FULL_BUFFER_WAIT_MS 2

bool queue_init(send_queue *queue, int fd) {
  memset(queue, 0, sizeof *queue);
  queue->fd = fd;
  queue->messages = calloc(SEND_BATCH, sizeof *queue->messages);
  queue->vectors = calloc(SEND_BATCH, sizeof *queue->vectors);
  queue->destinations = calloc(SEND_BATCH, sizeof *queue->destinations);
  queue->buffers = calloc(SEND_BATCH, IO_BUFFER_BYTES);
  return queue->messages && queue->vectors && queue->destinations && queue->buffers;
}

void queue_free(send_queue *queue) {
  free(queue->messages);
  free(queue->vectors);
  free(queue->destinations);
  free(queue->buffers);
}

uint8_t (*queue_reserve(send_queue *queue, int count))[IO_BUFFER_BYTES] {
  if (queue->buffers_used + count > SEND_BATCH) queue_flush(queue);
  uint8_t(*first)[IO_BUFFER_BYTES] = queue->buffers + queue->buffers_used;
  queue->buffers_used += count;
  return first;
}

bool queue_holds(const send_queue *queue, const uint8_t *packet) {
  const uint8_t *first = queue->buffers[0];
  return packet >= first && packet < first + (size_t)SEND_BATCH * IO_BUFFER_BYTES;
}

void queue_placed(send_queue *queue, uint8_t *packet, size_t length, const address *to) {
  int at = queue->count++;
  queue->destinations[at] = *to;
  queue->vectors[at] = (struct iovec){packet, length};
  queue->messages[at].msg_hdr = (struct msghdr){
      .msg_name = &queue->destinations[at],
      .msg_namelen = address_length(to),
      .msg_iov = &queue->vectors[at],
      .msg_iovlen = 1,
  };
}

void queue_copy(send_queue *queue, const uint8_t *packet, size_t length, const address *to) {
  if (length > IO_BUFFER_BYTES) return;
  uint8_t *buffer = *queue_reserve(queue, 1);
  memcpy(buffer, packet, length);
  queue_placed(queue, buffer, length, to);
}

static bool waits_for_room(int fd) {
  struct pollfd room = {.fd = fd, .events = POLLOUT};
  return poll(&room, 1, FULL_BUFFER_WAIT_MS) == 1;
}

void queue_flush(send_queue *queue) {
  int at = 0;
  while (at < queue->count) {
    int sent = sendmmsg(queue->fd, queue->messages + at, (unsigned)(queue->count - at), 0);
    if (sent > 0) {
      at += sent;
    } else if ((errno != EAGAIN && errno != ENOBUFS) || !waits_for_room(queue->fd)) {
      // The kernel will not have this one; the others may still go.
      at += 1;
    }
  }
  queue->count = queue->buffers_used = 0;
}
