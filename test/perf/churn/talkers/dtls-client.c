#include "dtls-client.h"

#include <openssl/err.h>

#include "dtls-bio.h"

#define SRTP_PROFILES "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"
#define PATH_BYTES 1200

/** Whom it talks to is proven by the tests of the product, not by its load. */
static int take_any(X509_STORE_CTX *store, void *unused) {
  (void)unused;
  SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  dtls_server *client = SSL_get_app_data(ssl);
  client->is_named = true;
  return 1;
}

SSL_CTX *dtls_client_context_new(const char *certificate_path, const char *key_path) {
  SSL_CTX *context = SSL_CTX_new(DTLS_client_method());
  if (!context) return NULL;
  SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_quiet_shutdown(context, 1);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_cert_verify_callback(context, take_any, NULL);
  // This one returns 0 when it went well.
  if (SSL_CTX_set_tlsext_use_srtp(context, SRTP_PROFILES) == 0 &&
      SSL_CTX_use_certificate_file(context, certificate_path, SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) == 1) {
    return context;
  }
  SSL_CTX_free(context);
  return NULL;
}

bool dtls_client_start(dtls_server *client, SSL_CTX *context) {
  client->phase = DTLS_FAILED;
  client->ssl = SSL_new(context);
  BIO *bio = client->ssl ? dtls_bio_new(client) : NULL;
  if (!bio) return false;
  SSL_set_bio(client->ssl, bio, bio);
  SSL_set_app_data(client->ssl, client);
  SSL_set_mtu(client->ssl, PATH_BYTES);
  SSL_set_connect_state(client->ssl);
  client->phase = DTLS_SHAKING;
  ERR_clear_error();
  return SSL_get_error(client->ssl, SSL_do_handshake(client->ssl)) == SSL_ERROR_WANT_READ;
}
