#include <string.h>

#include "video.h"

/* A sequence parameter set is read as far as the size of its pictures (ITU-T H.264 7.3.2.1.1). */
enum { MAX_SET = 1024, SEQUENCE_SET = 7, SUBSET = 15, MAX_REFERENCES_OF_CYCLE = 255 };

struct bits {
  uint8_t bytes[MAX_SET];
  size_t count;
  size_t at;
  int is_short;
};

/* Without the bytes that keep start codes from appearing (ITU-T H.264 7.4.1). */
static void unescape(struct bits *to, const uint8_t *unit, size_t bytes) {
  size_t length = 0;
  int zeros = 0;
  for (size_t i = 0; i < bytes && length < MAX_SET; i++) {
    if (zeros >= 2 && unit[i] == 3) {
      zeros = 0;
      continue;
    }
    zeros = unit[i] == 0 ? zeros + 1 : 0;
    to->bytes[length++] = unit[i];
  }
  to->count = 8 * length;
  to->at = 0;
  to->is_short = 0;
}

static uint32_t take(struct bits *it, int count) {
  uint32_t value = 0;
  for (; count > 0; count--, it->at++) {
    if (it->at >= it->count) {
      it->is_short = 1;
      return 0;
    }
    value = value << 1 | ((it->bytes[it->at / 8] >> (7 - it->at % 8)) & 1);
  }
  return value;
}

static uint32_t exp_golomb(struct bits *it) {
  int zeros = 0;
  while (!it->is_short && take(it, 1) == 0) {
    if (++zeros > 31) it->is_short = 1;
  }
  return it->is_short || zeros == 0 ? 0 : ((uint32_t)1 << zeros) - 1 + take(it, zeros);
}

static int32_t signed_exp_golomb(struct bits *it) {
  const uint32_t code = exp_golomb(it);
  return code % 2 == 1 ? (int32_t)(code / 2 + 1) : -(int32_t)(code / 2);
}

static void skip_scaling_list(struct bits *it, int size) {
  int32_t last = 8, next = 8;
  for (int i = 0; i < size && !it->is_short; i++) {
    if (next != 0) next = (last + signed_exp_golomb(it)) & 255;
    last = next == 0 ? last : next;
  }
}

static void skip_high_profile(struct bits *it) {
  const uint32_t chroma = exp_golomb(it);
  if (chroma == 3) take(it, 1);
  exp_golomb(it);
  exp_golomb(it);
  take(it, 1);
  if (take(it, 1) == 0) return;
  const int lists = chroma == 3 ? 12 : 8;
  for (int i = 0; i < lists; i++) {
    if (take(it, 1)) skip_scaling_list(it, i < 6 ? 16 : 64);
  }
}

static int has_chroma_fields(uint32_t profile) {
  static const uint8_t profiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
  return memchr(profiles, (int)profile, sizeof profiles) != NULL;
}

static void skip_order_count(struct bits *it) {
  const uint32_t type = exp_golomb(it);
  if (type == 0) exp_golomb(it);
  if (type != 1) return;
  take(it, 1);
  signed_exp_golomb(it);
  signed_exp_golomb(it);
  const uint32_t count = exp_golomb(it);
  if (count > MAX_REFERENCES_OF_CYCLE) it->is_short = 1;
  for (uint32_t i = 0; i < count && !it->is_short; i++) signed_exp_golomb(it);
}

static int is_sane_set(const uint8_t *set, size_t bytes) {
  struct bits it;
  unescape(&it, set, bytes);
  const uint32_t profile = take(&it, 8);
  take(&it, 16);
  exp_golomb(&it);
  if (has_chroma_fields(profile)) skip_high_profile(&it);
  exp_golomb(&it);
  skip_order_count(&it);
  exp_golomb(&it);
  take(&it, 1);
  const uint32_t across = exp_golomb(&it);
  const uint32_t down = exp_golomb(&it);
  const uint32_t fields = take(&it, 1) ? 1 : 2;
  if (it.is_short || across >= MAX_SIDE / 16 || down >= MAX_SIDE / 16) return 0;
  return is_sane_size((int)(across + 1) * 16, (int)((down + 1) * fields) * 16);
}

/* Of the unit that begins at or after `from`, where its bytes begin; `bytes` where there is none. */
static size_t next_unit(const uint8_t *it, size_t bytes, size_t from) {
  for (size_t i = from; i + 3 < bytes; i++) {
    if (it[i] == 0 && it[i + 1] == 0 && it[i + 2] == 1) return i + 3;
  }
  return bytes;
}

int has_sane_parameter_sets(const uint8_t *unit, size_t bytes) {
  for (size_t at = next_unit(unit, bytes, 0); at < bytes;) {
    const size_t next = next_unit(unit, bytes, at);
    const int type = unit[at] & 31;
    const int is_set = type == SEQUENCE_SET || type == SUBSET;
    if (is_set && !is_sane_set(unit + at + 1, next - at - 1)) return 0;
    at = next;
  }
  return 1;
}
