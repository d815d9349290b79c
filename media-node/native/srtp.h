#ifndef ISTHMUS_SRTP_H
#define ISTHMUS_SRTP_H

#include <openssl/evp.h>
#include <openssl/srtp.h>

#include "hmac.h"
#include "rtp.h"

#define SRTP_MAX_KEY_BYTES 32
#define SRTP_MAX_SALT_BYTES 14
/** The most that protection adds: a GCM tag and the index word of SRTCP. */
#define SRTP_MAX_OVERHEAD_BYTES 20

/** `number` is that of DTLS (RFC 5764 §4.1.2, RFC 7714 §14.2). */
typedef struct srtp_profile {
  uint16_t number;
  bool is_gcm;
  size_t key_bytes;
  size_t salt_bytes;
  size_t rtp_tag_bytes;
  size_t rtcp_tag_bytes;
} srtp_profile;

/** NULL for a profile we do not know. */
const srtp_profile *srtp_profile_of(uint16_t number);

typedef struct srtp_keys {
  EVP_CIPHER_CTX *cipher;
  hmac_key authentication;
  uint8_t salt[16];
} srtp_keys;

/** Session keys of one direction; protects and unprotects single packets, knows no stream. */
typedef struct srtp_transform {
  const srtp_profile *profile;
  srtp_keys rtp;
  srtp_keys rtcp;
} srtp_transform;

/** `master` is the key followed by the salt. False where memory is out. */
bool srtp_transform_init(srtp_transform *transform, const srtp_profile *profile,
                         const uint8_t *master, bool is_sender);
void srtp_transform_free(srtp_transform *transform);

/** One packet with its place in the stream; the first `clear_bytes` stay in the clear. */
typedef struct srtp_packet {
  uint8_t *bytes;
  size_t length;
  size_t clear_bytes;
  uint32_t ssrc;
  uint64_t index;
} srtp_packet;

/* In place; `length` becomes the new one. Sealing needs SRTP_MAX_OVERHEAD_BYTES of room behind.
   Opening presumes that the caller has checked that the trailer fits behind the clear bytes. */
bool srtp_seal_rtp(srtp_transform *transform, srtp_packet *packet);
bool srtp_open_rtp(srtp_transform *transform, srtp_packet *packet);
bool srtp_seal_rtcp(srtp_transform *transform, srtp_packet *packet);
bool srtp_open_rtcp(srtp_transform *transform, srtp_packet *packet);

#endif
