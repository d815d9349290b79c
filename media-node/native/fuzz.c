/* Inputs made of real packets, changed as parsers hate it, against everything that reads packets.
   Built with -DISTHMUS_FUZZ and sanitizers alone: each round a copy of its own length on the heap,
   so that one byte too far is seen. */
#ifdef ISTHMUS_FUZZ

#include "fuzz.h"

#include <stdlib.h>

#include "addon.h"
#include "browser-port.h"
#include "dtls-records.h"
#include "rtp-extension.h"

#define MAX_SEEDS 64
#define MAX_INPUT_BYTES 1600
/** What the script has agreed of the video. */
#define PICTURE_TYPE 97
#define PICTURE_SOURCE 0x77
#define PICTURE_BYTES 40
#define PICTURE_BURST 8

typedef struct fuzz_seed {
  const uint8_t *bytes;
  size_t length;
} fuzz_seed;

typedef struct fuzz_run {
  uint64_t state;
  fuzz_seed seeds[MAX_SEEDS];
  uint32_t seed_count;
  uint16_t sequence;
} fuzz_run;

static uint32_t below(fuzz_run *run, uint32_t limit) {
  run->state = run->state * 6364136223846793005u + 1442695040888963407u;
  return limit == 0 ? 0 : (uint32_t)(run->state >> 33) % limit;
}

static size_t make_input(fuzz_run *run, uint8_t out[MAX_INPUT_BYTES]) {
  static const uint8_t EDGES[] = {0, 1, 2, 3, 12, 20, 22, 0x7f, 0x80, 0x8f, 0x90, 0xb0, 0xfe, 0xff};
  const fuzz_seed *seed = &run->seeds[below(run, run->seed_count)];
  size_t length = seed->length < MAX_INPUT_BYTES ? seed->length : MAX_INPUT_BYTES;
  memcpy(out, seed->bytes, length);
  if (below(run, 3) == 0) length = below(run, (uint32_t)length + 1);
  if (below(run, 8) == 0) {
    const fuzz_seed *other = &run->seeds[below(run, run->seed_count)];
    size_t room = MAX_INPUT_BYTES - length;
    size_t more = other->length < room ? other->length : room;
    memcpy(out + length, other->bytes, more);
    length += more;
  }
  for (uint32_t changes = below(run, 6); changes > 0 && length > 0; changes--) {
    // Lengths and counts are in the first bytes of all of these.
    uint32_t reach = below(run, 2) == 0 && length > 48 ? 48 : (uint32_t)length;
    out[below(run, reach)] = below(run, 2) == 0 ? EDGES[below(run, sizeof EDGES)]
                                                : (uint8_t)below(run, 256);
  }
  return length;
}

/** Of its own length and no more; with the room that sealing may take where it is sealed. */
static uint8_t *own_copy(const uint8_t *bytes, size_t length, size_t room) {
  uint8_t *copy = malloc(length + room + (length + room == 0));
  if (copy && length > 0) memcpy(copy, bytes, length);
  return copy;
}

static void read_stun(const uint8_t *bytes, size_t length) {
  stun_message message;
  hmac_key key;
  uint8_t *copy = own_copy(bytes, length, 0);
  hmac_key_set(&key, (const uint8_t *)"password", 8);
  if (stun_read(copy, length, &message)) (void)stun_is_authentic(copy, &message, &key);
  free(copy);
}

static void read_dtls(const uint8_t *bytes, size_t length) {
  uint8_t records[DTLS_MAX_DATAGRAM_BYTES];
  uint32_t next = 0;
  uint8_t *copy = own_copy(bytes, length, 0);
  dtls_fingerprints named = {.hash = EVP_sha256(), .count = 2};
  for (int kind = 0; kind < 4; kind++) {
    dtls_ear ear = {(kind & 1) != 0, (kind & 2) != 0, &named, false};
    size_t wanted = dtls_handshake_records(&ear, copy, length, records);
    dtls_number_clear_records(records, wanted, &next);
  }
  free(copy);
}

static void read_rtp(const uint8_t *bytes, size_t length, moment now) {
  uint8_t payload_types[128];
  uint8_t random[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  rtp_header header;
  rtp_rewriter rewriter;
  rtp_rewritten onward;
  uint8_t *copy = own_copy(bytes, length, 0);
  for (int i = 0; i < 128; i++) payload_types[i] = (uint8_t)i;
  rtp_rewriter_init(&rewriter, random);
  if (rtp_read(copy, length, &header)) {
    uint8_t extension[RTP_EXTENSION_MAX_BYTES];
    size_t carried = rtp_extension_carry(copy, &header, 1, 14, extension);
    if (rtp_rewrite(&rewriter, payload_types, &header, copy, length, now, &onward) &&
        carried > 0) {
      rtp_extension_add(&onward, extension, carried);
    }
  }
  free(copy);
}

static void read_rtcp(const uint8_t *bytes, size_t length, moment now) {
  rtcp_reporter reporter;
  uint8_t out[RTCP_MAX_REPORT_BYTES];
  rtp_header header = {.ssrc = length >= 8 ? get32(bytes + 4) : 0};
  uint8_t *copy = own_copy(bytes, length, 0);
  rtcp_reporter_init(&reporter, 1, "a-name-of-the-length-that-any-name-may-have-and-not-a-byte-more");
  rtcp_received(&reporter, &header, now);
  rtcp_take(&reporter, copy, length, now);
  (void)rtcp_write(&reporter, true, now, out);
  free(copy);
}

static void read_feedback(const uint8_t *bytes, size_t length) {
  feedback_message message;
  lost_packets lost = {.count = 0};
  size_t at = 0;
  uint8_t *copy = own_copy(bytes, length, 0);
  uint8_t *out = malloc(FEEDBACK_MAX_BYTES);
  while (feedback_next(copy, length, &at, &message)) {
    (void)feedback_is_of(&message, 1);
    if (message.kind == FEEDBACK_NACK) feedback_read_nack(&message, &lost);
  }
  if (out) (void)feedback_write_nack(out, 1, 2, &lost);
  free(out);
  free(copy);
}

static void read_srtp(fuzz_run *run, const uint8_t *bytes, size_t length) {
  static const uint16_t PROFILES[] = {1, 2, 7, 8};
  uint8_t master[SRTP_MAX_KEY_BYTES + SRTP_MAX_SALT_BYTES] = {7};
  srtp_session *session = calloc(1, sizeof *session);
  rtp_header header;
  const srtp_profile *profile = srtp_profile_of(PROFILES[below(run, 4)]);
  bool is_sender = below(run, 2) == 0;
  size_t room = is_sender ? SRTP_MAX_OVERHEAD_BYTES : 0;
  uint8_t *copy = own_copy(bytes, length, room);
  if (session && srtp_transform_init(&session->transform, profile, master, is_sender)) {
    size_t rtp = length, rtcp = length;
    if (is_sender) {
      (void)srtp_protect_rtp(session, copy, &rtp);
      memcpy(copy, bytes, length);
      (void)srtp_protect_rtcp(session, copy, &rtcp);
    } else {
      (void)srtp_unprotect_rtp(session, copy, &rtp, &header);
      (void)srtp_unprotect_rtcp(session, copy, &rtcp);
    }
    srtp_transform_free(&session->transform);
  }
  free(session);
  free(copy);
}

/** As if the peer knew who sends what: feedback about packets that were sent, most of the time. */
static void take_feedback(fuzz_run *run, call *of, const uint8_t *bytes, size_t length,
                          moment now) {
  bool is_from_ims = below(run, 2) == 0;
  const video_leg *leg = is_from_ims ? &of->video->ims : &of->video->browser;
  uint8_t *copy = own_copy(bytes, length, 0);
  if (length >= 16) {
    put32(copy + 8, leg->relay.rewriter.ssrc);
    put16(copy + 12, (uint16_t)(leg->relay.rewriter.highest_sequence - below(run, 600)));
  }
  video_take_rtcp(of, is_from_ims, copy, length, now);
  free(copy);
}

/** Everything at once: as if it had come to the ports of a call that lives. */
static void take_everywhere(fuzz_run *run, engine *it, call *of, const uint8_t *bytes,
                            size_t length, moment now) {
  address from;
  address_read(&from, "127.0.0.9", (uint16_t)(5000 + below(run, 3)));
  uint8_t *copy = own_copy(bytes, length, SRTP_MAX_OVERHEAD_BYTES);
  port_take(it, copy, length, &from, now);
  free(copy);
  copy = own_copy(bytes, length, SRTP_MAX_OVERHEAD_BYTES);
  call_take_ims(of, below(run, 2) == 0 ? MEDIA_RTP : MEDIA_RTCP, copy, length, &from, now);
  free(copy);
  if (!of->video) return;
  of->video->is_diverted = below(run, 2) == 0;
  copy = own_copy(bytes, length, SRTP_MAX_OVERHEAD_BYTES);
  video_take_ims(of, below(run, 2) == 0 ? MEDIA_RTP : MEDIA_RTCP, copy, length, &from, now);
  free(copy);
  take_feedback(run, of, bytes, length, now);
  copy = own_copy(bytes, length, SRTP_MAX_OVERHEAD_BYTES);
  video_emit(of, below(run, 2) == 0, copy, length, now);
  free(copy);
}

/** Of IMS; now and then a wish of its own, for which the browser is asked in turn. */
static size_t make_picture(fuzz_run *run, const video_stream *of, uint8_t *out) {
  memset(out, 0, PICTURE_BYTES);
  put32(out + 8, PICTURE_SOURCE);
  if (below(run, 24) > 0) {
    out[0] = 0x80;
    out[1] = PICTURE_TYPE;
    put16(out + 2, run->sequence++);
    return PICTURE_BYTES;
  }
  return feedback_write_pli(out, PICTURE_SOURCE, of->ims.relay.rewriter.ssrc);
}

/** As they are received by epoll: several in a row, in buffers they are sent on from. */
static void take_bursts(fuzz_run *run, engine *it, call *of, moment now) {
  if (!of->video) return;
  of->video->is_diverted = false;
  address from = of->video->peer.locks[MEDIA_RTP].peer;
  for (uint32_t bursts = below(run, 48); bursts > 0; bursts--) {
    int count = below(run, 2) == 0 ? 1 : PICTURE_BURST;
    size_t lengths[PICTURE_BURST];
    uint8_t(*buffers)[IO_BUFFER_BYTES] = queue_reserve(&it->queue, count);
    for (int i = 0; i < count; i++) lengths[i] = make_picture(run, of->video, buffers[i]);
    for (int i = 0; i < count; i++) {
      video_take_ims(of, MEDIA_RTP, buffers[i], lengths[i], &from, now);
    }
  }
}

static bool read_seeds(values *args, napi_value list, fuzz_run *run) {
  uint32_t count = 0;
  napi_get_array_length(args->env, list, &count);
  for (uint32_t i = 0; i < count && i < MAX_SEEDS; i++) {
    napi_value element = NULL;
    napi_get_element(args->env, list, i, &element);
    run->seeds[i].bytes = values_bytes(args, element, "seed", &run->seeds[i].length);
    run->seed_count = i + 1;
  }
  return args->is_valid && run->seed_count > 0;
}

/** fuzz(handle, slot, seeds, seed, rounds) */
napi_value addon_fuzz(napi_env env, napi_callback_info info) {
  fuzz_run run = {.seed_count = 0};
  values args = values_read(env, info, 5);
  engine_handle *handle = values_external(&args, args.of[0], "handle");
  uint32_t slot = values_uint32(&args, args.of[1], "slot");
  if (!args.is_valid || !read_seeds(&args, args.of[2], &run)) return NULL;
  run.state = values_uint32(&args, args.of[3], "seed");
  uint32_t rounds = values_uint32(&args, args.of[4], "rounds");
  for (uint32_t round = 0; args.is_valid && round < rounds; round++) {
    uint8_t input[MAX_INPUT_BYTES];
    size_t length = make_input(&run, input);
    moment now = moment_now();
    read_stun(input, length);
    read_dtls(input, length);
    read_rtp(input, length, now);
    read_rtcp(input, length, now);
    read_feedback(input, length);
    read_srtp(&run, input, length);
    engine_lock(handle->engine);
    call *of = engine_find(handle->engine, slot);
    if (of) take_everywhere(&run, handle->engine, of, input, length, now);
    if (of && below(&run, 64) == 0) take_bursts(&run, handle->engine, of, now);
    engine_unlock(handle->engine);
  }
  return value_uint32(env, rounds);
}

#endif
