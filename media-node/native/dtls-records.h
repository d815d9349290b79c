#ifndef ISTHMUS_DTLS_RECORDS_H
#define ISTHMUS_DTLS_RECORDS_H

#include "dtls-fingerprints.h"

#define DTLS_MAX_DATAGRAM_BYTES 2048

/** Whom a handshake listens to. */
typedef struct dtls_ear {
  /** The other side is the server; otherwise the client. */
  bool hears_server;
  /** Keys are agreed: nothing in the clear is of use any more. */
  bool is_over;
  /** Of the other side. */
  const dtls_fingerprints *named;
  /** Set where another certificate came. */
  bool has_met_stranger;
} dtls_ear;

/**
 * What of a datagram may reach the handshake: whole records of its own messages, as this side of it
 * says them, and nothing else (RFC 6347 §4.1). An alert in the clear is anybody's, and consent tells
 * us of an end anyway. Returns how many bytes of `out` were filled.
 */
size_t dtls_handshake_records(dtls_ear *ear, const uint8_t *datagram, size_t length,
                              uint8_t out[DTLS_MAX_DATAGRAM_BYTES]);
/**
 * Numbers the records in the clear anew. Their own numbers are proven by nothing, and one forged
 * far ahead would make the library take all that follow for replays.
 */
void dtls_number_clear_records(uint8_t *records, size_t length, uint32_t *next);

#endif
