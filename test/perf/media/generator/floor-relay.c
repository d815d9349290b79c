#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * What the kernel alone costs: a port for either side, packets in and out in batches, no cryptography,
 * no check, nothing kept. A packet of 127.1.x.y:A goes on to 127.1.x.y:B and back.
 * floor-relay <port of side A> <port of side B> : peers' ports are those given behind them.
 */

#define BATCH 64
#define MAX_PACKET 2048

typedef struct side {
  int fd;
  in_port_t peer_port;
} side;

static side open_side(const char *port, const char *peer_port) {
  int size = 16 << 20;
  struct sockaddr_in at = {.sin_family = AF_INET,
                           .sin_port = htons((in_port_t)atoi(port)),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  side opened = {.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0),
                 .peer_port = htons((in_port_t)atoi(peer_port))};
  setsockopt(opened.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  setsockopt(opened.fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
  if (bind(opened.fd, (struct sockaddr *)&at, sizeof at) != 0) {
    perror("bind");
    exit(1);
  }
  return opened;
}

static void forward(const side *from, const side *to) {
  static uint8_t bytes[BATCH][MAX_PACKET];
  static struct sockaddr_in peers[BATCH];
  static struct iovec vectors[BATCH];
  static struct mmsghdr messages[BATCH];
  for (int i = 0; i < BATCH; i++) {
    vectors[i] = (struct iovec){.iov_base = bytes[i], .iov_len = MAX_PACKET};
    messages[i].msg_hdr = (struct msghdr){.msg_name = &peers[i],
                                          .msg_namelen = sizeof peers[i],
                                          .msg_iov = &vectors[i],
                                          .msg_iovlen = 1};
  }
  int count = recvmmsg(from->fd, messages, BATCH, MSG_DONTWAIT, NULL);
  for (int i = 0; i < count; i++) {
    vectors[i].iov_len = messages[i].msg_len;
    peers[i].sin_port = to->peer_port;
  }
  for (int sent = 0; sent < count;) {
    int done = sendmmsg(to->fd, messages + sent, (unsigned)(count - sent), 0);
    sent += done > 0 ? done : 1;
  }
}

int main(int count, char **args) {
  if (count != 5) {
    fprintf(stderr, "floor-relay <port A> <port B> <peers' port A> <peers' port B>\n");
    return 1;
  }
  side a = open_side(args[1], args[3]), b = open_side(args[2], args[4]);
  struct pollfd waiting[] = {{.fd = a.fd, .events = POLLIN}, {.fd = b.fd, .events = POLLIN}};
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    if (poll(waiting, 2, -1) <= 0) continue;
    if (waiting[0].revents & POLLIN) forward(&a, &b);
    if (waiting[1].revents & POLLIN) forward(&b, &a);
  }
}
