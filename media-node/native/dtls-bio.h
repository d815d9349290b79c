#ifndef ISTHMUS_DTLS_BIO_H
#define ISTHMUS_DTLS_BIO_H

#include "dtls.h"

/** Gives OpenSSL the datagram at hand, and sends each datagram that it writes. */
BIO *dtls_bio_new(dtls_session *session);

#endif
