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
  queue->controls = calloc(SEND_BATCH, sizeof *queue->controls);
  queue->has_segments = true;
  queue->destinations = calloc(SEND_BATCH, sizeof *queue->destinations);
  queue->buffers = calloc(SEND_BATCH, IO_BUFFER_BYTES);
  queue->copies = calloc(SEND_BATCH, IO_BUFFER_BYTES);
  return queue->messages && queue->vectors && queue->controls && queue->destinations &&
         queue->buffers && queue->copies;
}

void queue_free(send_queue *queue) {
  free(queue->messages);
  free(queue->vectors);
  free(queue->controls);
  free(queue->destinations);
  free(queue->buffers);
  free(queue->copies);
}

uint8_t (*queue_reserve(send_queue *queue, int count))[IO_BUFFER_BYTES] {
  if (queue->reserved + count > SEND_BATCH) {
    queue_flush(queue);
    queue->reserved = 0;
  }
  uint8_t(*first)[IO_BUFFER_BYTES] = queue->buffers + queue->reserved;
  queue->reserved += count;
  return first;
}

void queue_lend(send_queue *queue, const uint8_t *memory, size_t bytes) {
  queue->lent = memory;
  queue->lent_bytes = bytes;
}

static bool lies_in(const uint8_t *memory, size_t bytes, const uint8_t *packet) {
  return (uintptr_t)packet - (uintptr_t)memory < bytes;
}

static void make_room(send_queue *queue) {
  if (queue->count == SEND_BATCH) queue_flush(queue);
}

/** A packet that stays where it is until it is sent. */
static void place(send_queue *queue, uint8_t *packet, size_t length, const address *to) {
  make_room(queue);
  int at = queue->count++;
  queue->destinations[at] = *to;
  queue->vectors[at] = (struct iovec){packet, length};
}

void queue_copy(send_queue *queue, const uint8_t *packet, size_t length, const address *to) {
  if (length > IO_BUFFER_BYTES) return;
  make_room(queue);
  uint8_t *buffer = queue->copies[queue->count];
  memcpy(buffer, packet, length);
  place(queue, buffer, length, to);
}

void queue_send(send_queue *queue, uint8_t *packet, size_t length, const address *to) {
  if (lies_in(queue->buffers[0], (size_t)SEND_BATCH * IO_BUFFER_BYTES, packet) ||
      lies_in(queue->lent, queue->lent_bytes, packet)) {
    place(queue, packet, length, to);
  } else {
    queue_copy(queue, packet, length, to);
  }
}

static bool waits_for_room(int fd) {
  struct pollfd room = {.fd = fd, .events = POLLOUT};
  return poll(&room, 1, FULL_BUFFER_WAIT_MS) == 1;
}

static int same_destination(const send_queue *queue, int at) {
  int end = at + 1;
  while (end < queue->count &&
         address_equal(&queue->destinations[at], &queue->destinations[end])) {
    end += 1;
  }
  return end - at;
}

/** One message for every run of packets that may leave as one; returns how many. */
static int make_messages(send_queue *queue, int at) {
  int made = 0;
  while (at < queue->count) {
    int count = queue->has_segments ? same_destination(queue, at) : 1;
    if (count > 1) count = segments_count(&queue->vectors[at], count);
    struct msghdr *message = &queue->messages[made].msg_hdr;
    *message = (struct msghdr){
        .msg_name = &queue->destinations[at],
        .msg_namelen = address_length(&queue->destinations[at]),
        .msg_iov = &queue->vectors[at],
        .msg_iovlen = (size_t)count,
    };
    if (count > 1) segments_mark(message, queue->controls[made], queue->vectors[at].iov_len);
    at += count;
    made += 1;
  }
  return made;
}

static int packets_of(const send_queue *queue, int messages) {
  int packets = 0;
  for (int i = 0; i < messages; i++) packets += (int)queue->messages[i].msg_hdr.msg_iovlen;
  return packets;
}

void queue_flush(send_queue *queue) {
  int at = 0;
  bool has_waited = false;
  while (at < queue->count) {
    int made = make_messages(queue, at);
    int sent = sendmmsg(queue->fd, queue->messages, (unsigned)made, 0);
    if (sent > 0) {
      at += packets_of(queue, sent);
      has_waited = false;
    } else if (errno == EAGAIN || errno == ENOBUFS) {
      // Waited for once; a socket may have room where the kernel has none.
      if (has_waited || !waits_for_room(queue->fd)) break;
      has_waited = true;
    } else if (queue->messages[0].msg_hdr.msg_iovlen > 1) {
      // A path, or a kernel, that cuts nothing: each by itself then.
      queue->has_segments = false;
    } else {
      // The kernel will not have this one; the others may still go.
      at += packets_of(queue, 1);
    }
  }
  queue->count = 0;
}
