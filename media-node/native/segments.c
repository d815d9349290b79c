#include "segments.h"

#include <netinet/udp.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

int segments_count(const struct iovec *vectors, int count) {
  size_t bytes = vectors[0].iov_len;
  int taken = 1;
  while (taken < count && taken < SEGMENTS_MAX) {
    size_t length = vectors[taken].iov_len;
    bytes += length;
    if (length > vectors[0].iov_len || bytes > SEGMENTS_MAX_BYTES) return taken;
    taken += 1;
    if (length < vectors[0].iov_len) return taken;
  }
  return taken;
}

void segments_mark(struct msghdr *message, uint8_t control[SEGMENTS_CONTROL_BYTES],
                   size_t length) {
  uint16_t size = (uint16_t)length;
  memset(control, 0, SEGMENTS_CONTROL_BYTES);
  message->msg_control = control;
  message->msg_controllen = SEGMENTS_CONTROL_BYTES;
  struct cmsghdr *header = CMSG_FIRSTHDR(message);
  header->cmsg_level = IPPROTO_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN(sizeof size);
  memcpy(CMSG_DATA(header), &size, sizeof size);
}

/** What the kernel will not take is lost, as on any network. */
static void send_one(int fd, const address *to, const void *packet, size_t length) {
  (void)sendto(fd, packet, length, MSG_DONTWAIT, &to->any, address_length(to));
}

static bool send_as_one(send_run *run) {
  _Alignas(struct cmsghdr) uint8_t control[SEGMENTS_CONTROL_BYTES];
  struct msghdr message = {
      .msg_name = &run->to,
      .msg_namelen = address_length(&run->to),
      .msg_iov = run->vectors,
      .msg_iovlen = (size_t)run->count,
  };
  segments_mark(&message, control, run->vectors[0].iov_len);
  return sendmsg(run->fd, &message, MSG_DONTWAIT) >= 0;
}

static void post_all(send_run *run) {
  if (run->poster.post_all) run->poster.post_all(run->poster.of);
}

static bool post_one(send_run *run) {
  return run->poster.post &&
         run->poster.post(run->poster.of, run->fd, &run->to, &run->vectors[0]);
}

static void end_run(send_run *run) {
  if (run->count == 1 && post_one(run)) run->count = 0;
  if (run->count == 0) return;
  // None overtakes what was posted before.
  post_all(run);
  if (run->count > 1 && send_as_one(run)) run->count = 0;
  // One alone, or a path on which nothing may be cut.
  for (int i = 0; i < run->count; i++) {
    send_one(run->fd, &run->to, run->vectors[i].iov_base, run->vectors[i].iov_len);
  }
  run->count = 0;
}

void run_flush(send_run *run) {
  end_run(run);
  post_all(run);
}

void run_add(send_run *run, int fd, const address *to, const uint8_t *packet,
             size_t length) {
  if (packet < run->buffers || packet >= run->buffers + run->buffers_bytes) {
    send_one(fd, to, packet, length);
    return;
  }
  bool is_same = run->count > 0 && run->fd == fd && address_equal(&run->to, to);
  if (run->count == SEGMENTS_MAX || !is_same) end_run(run);
  run->fd = fd;
  run->to = *to;
  run->vectors[run->count++] = (struct iovec){(void *)packet, length};
  // It did not fit behind the others: those go, and it begins anew.
  if (segments_count(run->vectors, run->count) < run->count) {
    struct iovec last = run->vectors[--run->count];
    end_run(run);
    run->vectors[run->count++] = last;
  }
}
