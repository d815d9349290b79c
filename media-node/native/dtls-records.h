#ifndef ISTHMUS_DTLS_RECORDS_H
#define ISTHMUS_DTLS_RECORDS_H

#include "bytes.h"

#define DTLS_MAX_DATAGRAM_BYTES 2048

/**
 * What of a datagram may reach the handshake: its own whole records, nothing else (RFC 6347 §4.1).
 * An alert in the clear is anybody's, and consent tells us of an end anyway. Returns how many bytes
 * of `out` were filled.
 */
size_t dtls_handshake_records(const uint8_t *datagram, size_t length, bool is_over,
                              uint8_t out[DTLS_MAX_DATAGRAM_BYTES]);
/**
 * Numbers the records in the clear anew. Their own numbers are proven by nothing, and one forged
 * far ahead would make the library take all that follow for replays.
 */
void dtls_number_clear_records(uint8_t *records, size_t length, uint32_t *next);

#endif
