#ifndef ISTHMUS_ICE_NAMES_H
#define ISTHMUS_ICE_NAMES_H

/** 48 and 144 bits in base64, so that nobody guesses and no two calls meet (RFC 8445 §5.3). */
#define ICE_FRAGMENT_BYTES 8
#define ICE_PASSWORD_BYTES 24

/** What our side of one agent is called by, and what proves it. */
typedef struct ice_names {
  char fragment[ICE_FRAGMENT_BYTES + 1];
  char password[ICE_PASSWORD_BYTES + 1];
} ice_names;

void ice_names_make(ice_names *out);

#endif
