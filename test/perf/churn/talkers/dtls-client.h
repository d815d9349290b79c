#ifndef ISTHMUS_DTLS_CLIENT_H
#define ISTHMUS_DTLS_CLIENT_H

#include "dtls.h"

/** NULL where the files cannot be used. */
SSL_CTX *dtls_client_context_new(const char *certificate_path, const char *key_path);
/** The other side of `dtls_start`; the rest of dtls.h is the same for both. Sends the first flight. */
bool dtls_client_start(dtls_server *client, SSL_CTX *context);

#endif
