#define _GNU_SOURCE
#include "sockets.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES (4 * 1024 * 1024)

int socket_bind(const address *local) {
  int fd = socket(local->any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (bind(fd, &local->any, address_length(local)) == 0) return fd;
  int reason = errno;
  close(fd);
  errno = reason;
  return -1;
}

void socket_grow(int fd) {
  int bytes = BUFFER_BYTES;
  // Some containers forbid it; the kernel's default serves then.
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

bool socket_port(int fd, uint16_t *port) {
  address bound;
  socklen_t length = sizeof bound;
  if (getsockname(fd, &bound.any, &length) != 0) return false;
  *port = address_port(&bound);
  return true;
}
