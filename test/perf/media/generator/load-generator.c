#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "options.h"
#include "packets.h"
#include "streams.h"
#include "usage.h"

/*
 * Calls through a relay: side A speaks SRTP, side B plain RTP, both ways at once. Each call has an
 * address of its own, 127.1.x.y, so that the relay meets as many peers as there are calls; all share two
 * sockets here. What is sent was encrypted before. What comes is checked: each payload on side B, one of
 * a few on side A. Prints one line of JSON.
 */

#define PAYLOAD_TYPE 8
#define BATCH 64
#define MAX_PACKET 2048
/** How many packets of a stream may be under way. */
#define RING 512
#define MAX_LATENCIES 4000000
#define LATENCY_OF 4
#define CHECKED_OF 61
#define TICK_NS 200000ull
#define DRAIN_NS 500000000ull

typedef struct direction {
  uint64_t sent, received, measured_received, bad, verified, control;
  uint64_t *sent_at;
  uint32_t *latencies;
  size_t latency_count;
} direction;

static options option;
static stream *streams;
static direction toward[SIDES];
static int sockets[SIDES];
static bool is_measuring;

static bool open_sockets(void) {
  const int ports[SIDES] = {option.port_a, option.port_b};
  int size = 32 << 20, on = 1;
  for (int side = A; side < SIDES; side++) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((in_port_t)ports[side])};
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0) {
      perror("bind");
      return false;
    }
    sockets[side] = fd;
  }
  return true;
}

typedef struct queue {
  struct mmsghdr messages[BATCH];
  struct iovec vectors[BATCH];
  uint64_t *sent_at[BATCH];
  int count;
} queue;

static queue queues[SIDES];

static void flush(int side) {
  queue *it = &queues[side];
  uint64_t now = wall_ns();
  for (int i = 0; i < it->count; i++) *it->sent_at[i] = now;
  for (int done = 0; done < it->count;) {
    int sent = sendmmsg(sockets[side], it->messages + done, (unsigned)(it->count - done), 0);
    if (sent > 0) toward[!side].sent += (uint64_t)sent;
    done += sent > 0 ? sent : 1;
  }
  it->count = 0;
}

static void enqueue(int side, stream *of, uint32_t call, uint32_t k) {
  queue *it = &queues[side];
  uint8_t *bytes = side == A ? packet_sealed(k) : packet_plain(k);
  it->vectors[it->count] =
      (struct iovec){.iov_base = bytes, .iov_len = side == A ? packets.sealed_bytes : packets.plain_bytes};
  it->messages[it->count].msg_hdr = (struct msghdr){.msg_name = &of->relay[side],
                                                    .msg_namelen = sizeof of->relay[side],
                                                    .msg_iov = &it->vectors[it->count],
                                                    .msg_iovlen = 1,
                                                    .msg_control = of->source,
                                                    .msg_controllen = sizeof of->source};
  it->sent_at[it->count] = &toward[!side].sent_at[call * RING + k % RING];
  if (++it->count == BATCH) flush(side);
}

/** Calls speak one after the other, evenly over their interval. */
static void send_due(uint64_t start, uint64_t now) {
  static uint64_t turn;
  uint64_t interval = 1000000000ull / (uint64_t)option.packets_per_s * (uint64_t)option.burst;
  uint64_t calls = (uint64_t)option.calls;
  for (;; turn++) {
    uint64_t call = turn % calls;
    if (start + turn / calls * interval + call * interval / calls > now) break;
    stream *it = &streams[call];
    for (int i = 0; i < option.burst && it->next < packets.count; i++, it->next++)
      for (int side = A; side < SIDES; side++) enqueue(side, it, (uint32_t)call, it->next);
  }
  for (int side = A; side < SIDES; side++) flush(side);
}

static void take(int side, uint32_t address, uint64_t at, const uint8_t *packet, size_t length) {
  direction *it = &toward[side];
  int call = stream_of_address(address);
  bool is_ours = call >= 0 && call < option.calls && length >= HEADER;
  // Reports share the port of side A (RFC 5761 §4).
  if (is_ours && packet[1] >= 192 && packet[1] <= 223) {
    it->control++;
    return;
  }
  bool is_checked = side == B || option.suite == SRTP_NONE || it->received % CHECKED_OF == 0;
  uint32_t k = packets.count;
  if (is_ours && (packet[1] & 0x7f) == PAYLOAD_TYPE)
    k = side == B || option.suite == SRTP_NONE
            ? packet_index(packet, length)
            : stream_index(&streams[call], packet, length, is_checked);
  if (k == packets.count) {
    it->bad++;
    return;
  }
  it->received++;
  if (is_checked) it->verified++;
  if (!is_measuring) return;
  it->measured_received++;
  if (it->measured_received % LATENCY_OF == 0 && it->latency_count < MAX_LATENCIES)
    it->latencies[it->latency_count++] =
        (uint32_t)(at - it->sent_at[(size_t)call * RING + k % RING]);
}

static void receive(int side) {
  static uint8_t bytes[BATCH][MAX_PACKET], controls[BATCH][256];
  static struct mmsghdr messages[BATCH];
  static struct iovec vectors[BATCH];
  for (int count = BATCH; count == BATCH;) {
    for (int i = 0; i < BATCH; i++) {
      vectors[i] = (struct iovec){.iov_base = bytes[i], .iov_len = MAX_PACKET};
      messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1,
                                            .msg_control = controls[i], .msg_controllen = 256};
    }
    count = recvmmsg(sockets[side], messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
      struct msghdr *header = &messages[i].msg_hdr;
      uint64_t at = 0;
      uint32_t address = 0;
      for (struct cmsghdr *it = CMSG_FIRSTHDR(header); it; it = CMSG_NXTHDR(header, it)) {
        struct timespec stamp;
        struct in_pktinfo info;
        if (it->cmsg_level == SOL_SOCKET && it->cmsg_type == SCM_TIMESTAMPNS) {
          memcpy(&stamp, CMSG_DATA(it), sizeof stamp);
          at = (uint64_t)stamp.tv_sec * 1000000000ull + (uint64_t)stamp.tv_nsec;
        } else if (it->cmsg_level == IPPROTO_IP && it->cmsg_type == IP_PKTINFO) {
          memcpy(&info, CMSG_DATA(it), sizeof info);
          address = ntohl(info.ipi_addr.s_addr);
        }
      }
      take(side, address, at, bytes[i], messages[i].msg_len);
    }
  }
}

typedef struct window {
  uint64_t at, relay_cpu, own_cpu;
} window;

static window look(void) {
  return (window){monotonic_ns(), process_cpu_ns(option.relay_pid), own_cpu_ns()};
}

static void report(window from, window to) {
  uint64_t sent = toward[A].sent + toward[B].sent;
  uint64_t received = toward[A].received + toward[B].received;
  uint64_t measured = toward[A].measured_received + toward[B].measured_received;
  size_t count = toward[A].latency_count + toward[B].latency_count;
  uint32_t *all = malloc((count + 1) * sizeof *all);
  memcpy(all, toward[A].latencies, toward[A].latency_count * sizeof *all);
  memcpy(all + toward[A].latency_count, toward[B].latencies,
         toward[B].latency_count * sizeof *all);
  double seconds = (double)(to.at - from.at) / 1e9;
  double p50 = percentile(all, count, 0.5) / 1e3, p99 = percentile(all, count, 0.99) / 1e3;
  printf("{\"packets\":%llu,\"packetsPerS\":%.0f,\"cpuUsPerPacket\":%.3f,\"relayCores\":%.3f,"
         "\"generatorCores\":%.3f,\"sent\":%llu,\"lost\":%llu,\"bad\":%llu,\"verified\":%llu,"
         "\"reports\":%llu,\"p50Us\":%.0f,\"p99Us\":%.0f}\n",
         (unsigned long long)measured, (double)measured / seconds,
         measured ? (double)(to.relay_cpu - from.relay_cpu) / 1e3 / (double)measured : 0,
         (double)(to.relay_cpu - from.relay_cpu) / 1e9 / seconds,
         (double)(to.own_cpu - from.own_cpu) / 1e9 / seconds, (unsigned long long)sent,
         (unsigned long long)(sent > received ? sent - received : 0),
         (unsigned long long)(toward[A].bad + toward[B].bad),
         (unsigned long long)(toward[A].verified + toward[B].verified),
         (unsigned long long)(toward[A].control + toward[B].control), p50, p99);
}

static void sleep_until(uint64_t at) {
  struct timespec until = {.tv_sec = (time_t)(at / 1000000000ull),
                           .tv_nsec = (long)(at % 1000000000ull)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static void run(void) {
  uint64_t start = monotonic_ns() + 20000000ull, tick = start;
  uint64_t measured_from = start + (uint64_t)(option.warm_up_s * 1e9);
  uint64_t last = measured_from + (uint64_t)(option.measured_s * 1e9);
  window from = {0}, to = {0};
  for (;;) {
    uint64_t now = monotonic_ns();
    if (!from.at && now >= measured_from) {
      from = look();
      is_measuring = true;
    }
    if (is_measuring && now >= last) {
      to = look();
      is_measuring = false;
    }
    if (now < last) send_due(start, now);
    for (int side = A; side < SIDES; side++) receive(side);
    if (now > last + DRAIN_NS) break;
    tick += TICK_NS;
    if (tick > monotonic_ns()) sleep_until(tick);
    else tick = monotonic_ns();
  }
  report(from, to);
}

int main(int count, char **args) {
  if (!options_read(&option, count, args)) return 1;
  packets_make(&option);
  streams = streams_read(&option);
  if (!streams) {
    fprintf(stderr, "no such map: %s\n", option.map);
    return 1;
  }
  for (int side = A; side < SIDES; side++) {
    toward[side].sent_at = calloc((size_t)option.calls * RING, sizeof(uint64_t));
    toward[side].latencies = malloc(MAX_LATENCIES * sizeof(uint32_t));
  }
  if (!open_sockets()) return 1;
  run();
  return 0;
}
