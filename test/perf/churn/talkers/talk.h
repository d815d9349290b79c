#ifndef ISTHMUS_TALK_H
#define ISTHMUS_TALK_H

#include "dtls.h"
#include "ice-client.h"
#include "srtp-session.h"

/** What all of them share. */
typedef struct talkers {
  SSL_CTX *context;
  /** Of every phone of IMS: the port of the product says which call a packet is of. */
  int ims_fd;
  int64_t interval_us;
} talkers;

typedef struct talk_options {
  uint32_t id;
  ice_client_names names;
  /** The certificate of the plane. */
  dtls_fingerprints named;
  uint16_t access_port;
  uint16_t ims_port;
} talk_options;

enum { BROWSER, IMS, SIDES };

typedef enum talk_state { TALK_CONNECTING, TALK_UP, TALK_FAILED } talk_state;

/** Both ends of one call: a browser that offered, and whom it talks to. */
typedef struct talk {
  const talkers *all;
  uint32_t id;
  talk_state state;
  /** Of the browser: every one has an address of its own. */
  int fd;
  address node;
  address node_ims;
  ice_client ice;
  dtls_fingerprints named;
  dtls_session dtls;
  srtp_session out;
  srtp_session in;
  uint16_t sequence;
  int64_t next_voice_us;
  /** By who speaks. */
  uint64_t sent[SIDES];
  /** By who hears. */
  uint64_t heard[SIDES];
  /** What another call should have heard. */
  uint64_t misdirected;
} talk;

/** NULL where there is no socket or no memory. */
talk *talk_new(const talkers *all, const talk_options *options);
void talk_free(talk *it);
/** What came to the browser's socket; may be decrypted in place. */
void talk_take(talk *it, uint8_t *packet, size_t length, const address *from);
void talk_take_ims(talk *it, const uint8_t *packet, size_t length);
/** Does what is due; returns its state. */
talk_state talk_tick(talk *it, moment now);

#endif
