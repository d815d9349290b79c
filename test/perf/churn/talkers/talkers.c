#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "talk.h"

/*
 * Calls through a media plane, both ends of each: a browser (ICE of our own, DTLS by
 * OpenSSL, SRTP by the code of the plane) and a phone of IMS that speaks plain RTP. Told on stdin what to do, one
 * command a line; says on stdout what became of it.
 *
 *   open <id> <fragment> <password> <remote fragment> <remote password> <sha-256> <access port> <IMS port>
 *     up <id> | failed <id>
 *   end <id>
 *     ended <id> <sent by browser> <heard by IMS> <sent by IMS> <heard by browser> <misdirected>
 */

#define MAX_TALKS 4096
#define MAX_PACKET 2048
#define BATCH 256
#define TICK_MS 4
#define PORTS 65536
#define PEM_BYTES 8192

static talkers all;
static talk *talks[MAX_TALKS];
static int talk_count;
static talk *by_ims_port[PORTS];
static int epoll_fd;
static uint8_t packet[MAX_PACKET];

static bool watch(int fd, void *what) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
  return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static int find(uint32_t id) {
  for (int i = 0; i < talk_count; i++)
    if (talks[i]->id == id) return i;
  return -1;
}

static void open_talk(const talk_options *options) {
  talk *it = talk_count < MAX_TALKS ? talk_new(&all, options) : NULL;
  if (!it || !watch(it->fd, it)) {
    printf("failed %u\n", options->id);
    if (it) talk_free(it);
    return;
  }
  talks[talk_count++] = it;
  by_ims_port[options->ims_port] = it;
}

static void end_talk(uint32_t id) {
  int at = find(id);
  if (at < 0) {
    printf("ended %u 0 0 0 0 0\n", id);
    return;
  }
  talk *it = talks[at];
  talks[at] = talks[--talk_count];
  talk **of_port = &by_ims_port[address_port(&it->node_ims)];
  if (*of_port == it) *of_port = NULL;
  printf("ended %u %llu %llu %llu %llu %llu\n", id, (unsigned long long)it->sent[BROWSER],
         (unsigned long long)it->heard[IMS], (unsigned long long)it->sent[IMS],
         (unsigned long long)it->heard[BROWSER], (unsigned long long)it->misdirected);
  talk_free(it);
}

static void obey(const char *line) {
  char own[2][ICE_CLIENT_TEXT_BYTES], remote[2][ICE_CLIENT_TEXT_BYTES];
  char fingerprint[ICE_CLIENT_TEXT_BYTES];
  dtls_fingerprints named;
  unsigned id, access_port, ims_port;
  if (sscanf(line, "end %u", &id) == 1) {
    end_talk(id);
  } else if (sscanf(line, "open %u %256s %256s %256s %256s %256s %u %u", &id, own[0], own[1], remote[0],
                    remote[1], fingerprint, &access_port, &ims_port) == 8 &&
             ims_port < PORTS && dtls_fingerprints_read(&named, "sha-256", fingerprint)) {
    open_talk(&(talk_options){.id = id,
                              .names = {own[0], own[1], remote[0], remote[1]},
                              .named = named,
                              .access_port = (uint16_t)access_port,
                              .ims_port = (uint16_t)ims_port});
  } else {
    fprintf(stderr, "not understood: %s\n", line);
  }
}

/** False where whoever commands us is gone. */
static bool take_commands(void) {
  static char text[1 << 16];
  static size_t filled;
  ssize_t count = read(STDIN_FILENO, text + filled, sizeof text - filled - 1);
  if (count <= 0) return false;
  filled += (size_t)count;
  text[filled] = 0;
  char *line = text;
  for (char *end; (end = strchr(line, '\n')); line = end + 1) {
    *end = 0;
    obey(line);
  }
  filled -= (size_t)(line - text);
  memmove(text, line, filled);
  return filled < sizeof text - 1;
}

static void take_packets(int fd, talk *of) {
  for (;;) {
    address from;
    socklen_t size = sizeof from;
    ssize_t length = recvfrom(fd, packet, sizeof packet, MSG_DONTWAIT, &from.any, &size);
    if (length < 0) return;
    talk *it = of ? of : by_ims_port[address_port(&from)];
    if (!it) continue;
    if (of) talk_take(it, packet, (size_t)length, &from);
    else talk_take_ims(it, packet, (size_t)length);
  }
}

static void tick_all(void) {
  moment now = moment_now();
  for (int i = 0; i < talk_count; i++) {
    talk_state before = talks[i]->state;
    talk_state after = talk_tick(talks[i], now);
    if (after == before) continue;
    printf("%s %u\n", after == TALK_UP ? "up" : "failed", talks[i]->id);
  }
  fflush(stdout);
}

static bool open_ims(void) {
  address own;
  int size = 8 << 20;
  socklen_t own_size = sizeof own;
  all.ims_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(all.ims_fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  address_read(&own, "127.0.0.1", 0);
  if (bind(all.ims_fd, &own.any, address_length(&own)) != 0) return false;
  if (getsockname(all.ims_fd, &own.any, &own_size) != 0) return false;
  printf("ready %u\n", address_port(&own));
  fflush(stdout);
  return watch(all.ims_fd, &all);
}

static void run(void) {
  static struct epoll_event events[BATCH];
  int64_t ticked_us = 0;
  for (;;) {
    bool is_told = false;
    int count = epoll_wait(epoll_fd, events, BATCH, TICK_MS);
    for (int i = 0; i < count; i++) {
      void *what = events[i].data.ptr;
      if (!what) is_told = true;
      else if (what == &all) take_packets(all.ims_fd, NULL);
      else take_packets(((talk *)what)->fd, what);
    }
    // Behind the packets of this batch, for a command may end whom they are for.
    if (is_told && !take_commands()) return;
    int64_t now_us = moment_now().steady_us;
    if (now_us - ticked_us < TICK_MS * 1000) continue;
    ticked_us = now_us;
    tick_all();
  }
}

/** NULL where the files cannot be read or used. */
static SSL_CTX *context_of(const char *certificate_path, const char *key_path) {
  char certificate[PEM_BYTES] = "", key[PEM_BYTES] = "";
  FILE *certificate_file = fopen(certificate_path, "r"), *key_file = fopen(key_path, "r");
  bool is_read = certificate_file && key_file &&
                 fread(certificate, 1, sizeof certificate - 1, certificate_file) > 0 &&
                 fread(key, 1, sizeof key - 1, key_file) > 0;
  if (certificate_file) fclose(certificate_file);
  if (key_file) fclose(key_file);
  return is_read ? dtls_context_new(certificate, key) : NULL;
}

int main(int count, char **args) {
  if (count != 4) {
    fprintf(stderr, "usage: talkers <certificate> <key> <ms between packets>\n");
    return 1;
  }
  all.context = context_of(args[1], args[2]);
  all.interval_us = atoi(args[3]) * 1000;
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (!all.context || all.interval_us <= 0 || !watch(STDIN_FILENO, NULL) || !open_ims()) {
    perror("talkers");
    return 1;
  }
  run();
  return 0;
}
