#include "rtcp-feedback.h"

#define HEADER_BYTES 12
/** Of FIR and TMMBR: the source, and what is asked of it. */
#define ENTRY_BYTES 8
/** 'REMB', the rate, then the sources. */
#define REMB_HEAD_BYTES 8
#define REMB 0x52454d42u
/** So far a mantissa may be shifted: beyond, a rate is none. */
#define MAX_EXPONENT 40

enum { TRANSPORT_FEEDBACK = 205, PAYLOAD_FEEDBACK = 206 };
enum { GENERIC_NACK = 1, RATE_REQUEST = 3, RATE_NOTIFICATION = 4 };
enum { PICTURE_LOSS = 1, FULL_INTRA = 4, APPLICATION = 15 };

static int kind_of(const uint8_t *packet, size_t size) {
  int format = packet[0] & 0x1f;
  if (packet[1] == TRANSPORT_FEEDBACK) {
    if (format == GENERIC_NACK) return FEEDBACK_NACK;
    return format == RATE_REQUEST ? FEEDBACK_TMMBR : 0;
  }
  if (packet[1] != PAYLOAD_FEEDBACK) return 0;
  if (format == PICTURE_LOSS) return FEEDBACK_PLI;
  if (format == FULL_INTRA) return FEEDBACK_FIR;
  bool is_remb = format == APPLICATION && size >= HEADER_BYTES + REMB_HEAD_BYTES &&
                 get32(packet + HEADER_BYTES) == REMB;
  return is_remb ? FEEDBACK_REMB : 0;
}

bool feedback_next(const uint8_t *packet, size_t length, size_t *at, feedback_message *out) {
  while (length - *at >= 4) {
    const uint8_t *message = packet + *at;
    size_t size = 4 * ((size_t)get16(message + 2) + 1);
    if (message[0] >> 6 != 2 || size > length - *at) return false;
    *at += size;
    int kind = size >= HEADER_BYTES ? kind_of(message, size) : 0;
    if (kind == 0) continue;
    *out = (feedback_message){kind, get32(message + 4), get32(message + 8),
                              message + HEADER_BYTES, size - HEADER_BYTES};
    return true;
  }
  return false;
}

/**
 * Of FIR and TMMBR the source stands in the entries, and the common field is zero (RFC 5104
 * §4.2.1.2, §4.3.1.2); of REMB in its list.
 */
static const uint8_t *find_entry(const feedback_message *message, uint32_t ssrc) {
  size_t step = message->kind == FEEDBACK_REMB ? 4 : ENTRY_BYTES;
  size_t at = message->kind == FEEDBACK_REMB ? REMB_HEAD_BYTES : 0;
  for (; at + step <= message->entries_bytes; at += step) {
    if (get32(message->entries + at) == ssrc) return message->entries + at;
  }
  return NULL;
}

bool feedback_is_of(const feedback_message *message, uint32_t ssrc) {
  bool is_common = message->kind == FEEDBACK_NACK || message->kind == FEEDBACK_PLI;
  return is_common ? message->media == ssrc : find_entry(message, ssrc) != NULL;
}

static uint64_t scaled(uint32_t mantissa, uint32_t exponent) {
  return (uint64_t)mantissa << (exponent < MAX_EXPONENT ? exponent : MAX_EXPONENT);
}

rate_limit feedback_read_rate(const feedback_message *message, uint32_t ssrc) {
  rate_limit limit = {.ssrc = ssrc};
  const uint8_t *entry = find_entry(message, ssrc);
  if (!entry) return limit;
  if (message->kind == FEEDBACK_REMB) {
    uint32_t word = get32(message->entries + 4);
    limit.bits_per_s = scaled(word & 0x3ffff, word >> 18 & 0x3f);
    return limit;
  }
  uint32_t word = get32(entry + 4);
  limit.bits_per_s = scaled(word >> 9 & 0x1ffff, word >> 26);
  limit.overhead_bytes = (uint16_t)(word & 0x1ff);
  return limit;
}

static void add(lost_packets *lost, uint16_t sequence) {
  if (lost->count < FEEDBACK_MAX_LOST) lost->of[lost->count++] = sequence;
}

/** A packet and a mask of the 16 after it, as often as there is room (RFC 4585 §6.2.1). */
void feedback_read_nack(const feedback_message *message, lost_packets *out) {
  for (size_t at = 0; at + 4 <= message->entries_bytes; at += 4) {
    uint16_t first = get16(message->entries + at);
    uint16_t mask = get16(message->entries + at + 2);
    add(out, first);
    for (int bit = 0; bit < 16; bit++) {
      if ((mask >> bit & 1) != 0) add(out, (uint16_t)(first + bit + 1));
    }
  }
}

static size_t write(uint8_t *out, int type, int format, size_t size) {
  out[0] = (uint8_t)(0x80 | format);
  out[1] = (uint8_t)type;
  put16(out + 2, (uint16_t)(size / 4 - 1));
  return size;
}

size_t feedback_write_nack(uint8_t *out, uint32_t sender, uint32_t media,
                           const lost_packets *lost) {
  size_t size = HEADER_BYTES;
  put32(out + 4, sender);
  put32(out + 8, media);
  for (int i = 0; i < lost->count; i++) {
    uint8_t *last = out + size - 4;
    uint16_t ahead = (uint16_t)(lost->of[i] - get16(last));
    if (size > HEADER_BYTES && ahead >= 1 && ahead <= 16) {
      put16(last + 2, (uint16_t)(get16(last + 2) | 1 << (ahead - 1)));
      continue;
    }
    put32(out + size, (uint32_t)lost->of[i] << 16);
    size += 4;
  }
  return write(out, TRANSPORT_FEEDBACK, GENERIC_NACK, size);
}

size_t feedback_write_pli(uint8_t *out, uint32_t sender, uint32_t media) {
  put32(out + 4, sender);
  put32(out + 8, media);
  return write(out, PAYLOAD_FEEDBACK, PICTURE_LOSS, HEADER_BYTES);
}

size_t feedback_write_fir(uint8_t *out, uint32_t sender, uint32_t media, uint8_t command) {
  put32(out + 4, sender);
  put32(out + 8, 0);
  put32(out + HEADER_BYTES, media);
  put32(out + HEADER_BYTES + 4, (uint32_t)command << 24);
  return write(out, PAYLOAD_FEEDBACK, FULL_INTRA, HEADER_BYTES + ENTRY_BYTES);
}

/** A mantissa of so many bits with its exponent before it. */
static uint32_t with_exponent(uint64_t bits_per_s, int mantissa_bits) {
  uint32_t exponent = 0;
  while (bits_per_s >> mantissa_bits != 0) {
    bits_per_s >>= 1;
    exponent += 1;
  }
  return exponent << mantissa_bits | (uint32_t)bits_per_s;
}

static size_t write_rate(uint8_t *out, int format, uint32_t sender, const rate_limit *limit) {
  put32(out + 4, sender);
  put32(out + 8, 0);
  put32(out + HEADER_BYTES, limit->ssrc);
  put32(out + HEADER_BYTES + 4,
        with_exponent(limit->bits_per_s, 17) << 9 | (limit->overhead_bytes & 0x1ff));
  return write(out, TRANSPORT_FEEDBACK, format, HEADER_BYTES + ENTRY_BYTES);
}

size_t feedback_write_tmmbr(uint8_t *out, uint32_t sender, const rate_limit *limit) {
  return write_rate(out, RATE_REQUEST, sender, limit);
}

size_t feedback_write_tmmbn(uint8_t *out, uint32_t sender, const rate_limit *limit) {
  return write_rate(out, RATE_NOTIFICATION, sender, limit);
}

size_t feedback_write_remb(uint8_t *out, uint32_t sender, const rate_limit *limit) {
  put32(out + 4, sender);
  put32(out + 8, 0);
  put32(out + HEADER_BYTES, REMB);
  put32(out + HEADER_BYTES + 4, 1u << 24 | with_exponent(limit->bits_per_s, 18));
  put32(out + HEADER_BYTES + 8, limit->ssrc);
  return write(out, PAYLOAD_FEEDBACK, APPLICATION, HEADER_BYTES + REMB_HEAD_BYTES + 4);
}
