#ifndef ISTHMUS_RTP_EXTENSION_H
#define ISTHMUS_RTP_EXTENSION_H

#include "rtp.h"

/** Of the one-byte form: its own header, and an element of sixteen bytes padded to words. */
#define RTP_EXTENSION_MAX_BYTES 24

/**
 * The extension `from` of a packet (RFC 8285 §4.2) as the only one, under the number `to`; returns
 * how long that is, 0 where the packet has none. A number of 0 is no extension.
 */
size_t rtp_extension_carry(const uint8_t *packet, const rtp_header *header, uint8_t from,
                           uint8_t to, uint8_t out[RTP_EXTENSION_MAX_BYTES]);
/**
 * Puts it into a packet that was rewritten in place: there is room, for it came out of that very
 * packet.
 */
void rtp_extension_add(rtp_rewritten *packet, const uint8_t *extension, size_t length);

#endif
