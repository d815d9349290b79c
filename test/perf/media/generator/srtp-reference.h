#ifndef SRTP_REFERENCE_H
#define SRTP_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SRTP as RFC 3711 and RFC 7714 write it, packet by packet and slowly: made to check others by. */

#define SRTP_MAX_OVERHEAD 16

typedef enum srtp_suite { SRTP_NONE, SRTP_CM, SRTP_GCM } srtp_suite;

typedef struct srtp_reference {
  srtp_suite suite;
  uint8_t cipher_key[16];
  uint8_t salt[14];
  uint8_t mac_key[20];
} srtp_reference;

/** `master`: 16 octets of key and 14 (GCM: 12) of salt. */
void srtp_reference_init(srtp_reference *keys, srtp_suite suite, const uint8_t *master);
/** In place; RTP with the fixed header only. The new length. */
size_t srtp_protect(const srtp_reference *keys, uint8_t *packet, size_t length, uint32_t roc);
/** The length of the plain packet; 0 where it is not authentic. */
size_t srtp_unprotect(const srtp_reference *keys, const uint8_t *packet, size_t length,
                      uint32_t roc, uint8_t *plain);

#endif
