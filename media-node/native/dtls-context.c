#include <openssl/pem.h>

#include "dtls.h"

/** The first of ours that the browser knows is taken (RFC 5764 §4.1.2). */
#define SRTP_PROFILES \
  "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80:SRTP_AES128_CM_SHA1_32"
/** Those of RSA for the certificates of others, where we are the client. */
#define CIPHERS \
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:" \
  "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305"
#define GROUPS "X25519:P-256"

const char DTLS_NOT_NAMED[] = "the certificate is not the one named";

/** One name of those, which has `length` characters. */
static bool add_fingerprint(dtls_fingerprints *out, const char *name, size_t length) {
  char text[3 * DTLS_MAX_FINGERPRINT_BYTES];
  size_t size = 0;
  if (out->count == DTLS_MAX_FINGERPRINTS || length >= sizeof text) return false;
  memcpy(text, name, length);
  text[length] = 0;
  uint8_t *bytes = out->of[out->count++];
  return OPENSSL_hexstr2buf_ex(bytes, DTLS_MAX_FINGERPRINT_BYTES, &size, text, ':') == 1 &&
         size == (size_t)EVP_MD_get_size(out->hash);
}

bool dtls_fingerprints_read(dtls_fingerprints *out, const char *algorithm, const char *names) {
  memset(out, 0, sizeof *out);
  if (OPENSSL_strcasecmp(algorithm, "sha-256") == 0) out->hash = EVP_sha256();
  if (OPENSSL_strcasecmp(algorithm, "sha-384") == 0) out->hash = EVP_sha384();
  if (OPENSSL_strcasecmp(algorithm, "sha-512") == 0) out->hash = EVP_sha512();
  if (!out->hash) return false;
  while (*names) {
    size_t length = strcspn(names, " ");
    if (!add_fingerprint(out, names, length)) return false;
    names += length;
    names += strspn(names, " ");
  }
  return out->count > 0;
}

static bool is_named(const dtls_fingerprints *named, const uint8_t *digest, unsigned size) {
  bool is_one = false;
  for (int i = 0; i < named->count; i++) {
    if (CRYPTO_memcmp(digest, named->of[i], size) == 0) is_one = true;
  }
  return is_one;
}

bool dtls_fingerprints_fit(const dtls_fingerprints *named, const uint8_t *der, size_t length) {
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  return EVP_Digest(der, length, digest, &size, named->hash, NULL) == 1 &&
         is_named(named, digest, size);
}

/** In place of a chain of trust: the fingerprints that came by signalling (RFC 8122 §5). */
static int verify_certificate(X509_STORE_CTX *store, void *unused) {
  (void)unused;
  SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  dtls_session *session = SSL_get_app_data(ssl);
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  const dtls_fingerprints *named = &session->terms.named;
  X509 *certificate = X509_STORE_CTX_get0_cert(store);
  session->has_certificate = true;
  session->is_named = certificate &&
                     X509_digest(certificate, named->hash, digest, &length) == 1 &&
                     is_named(named, digest, length);
  session->fault = session->is_named ? NULL : DTLS_NOT_NAMED;
  if (session->is_named) return 1;
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

static bool use_identity(SSL_CTX *context, const char *certificate_pem, const char *key_pem) {
  BIO *certificate_text = BIO_new_mem_buf(certificate_pem, -1);
  BIO *key_text = BIO_new_mem_buf(key_pem, -1);
  X509 *certificate = PEM_read_bio_X509(certificate_text, NULL, NULL, NULL);
  EVP_PKEY *key = PEM_read_bio_PrivateKey(key_text, NULL, NULL, NULL);
  bool is_used = certificate && key && SSL_CTX_use_certificate(context, certificate) == 1 &&
                 SSL_CTX_use_PrivateKey(context, key) == 1;
  X509_free(certificate);
  EVP_PKEY_free(key);
  BIO_free(certificate_text);
  BIO_free(key_text);
  return is_used;
}

static bool configure(SSL_CTX *context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                   SSL_OP_NO_QUERY_MTU | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_quiet_shutdown(context, 1);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL_CTX_set_cert_verify_callback(context, verify_certificate, NULL);
  // This one returns 0 when it went well.
  if (SSL_CTX_set_tlsext_use_srtp(context, SRTP_PROFILES) != 0) return false;
  return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, CIPHERS) == 1 &&
         SSL_CTX_set1_groups_list(context, GROUPS) == 1;
}

SSL_CTX *dtls_context_new(const char *certificate_pem, const char *key_pem) {
  SSL_CTX *context = SSL_CTX_new(DTLS_method());
  if (context && configure(context) && use_identity(context, certificate_pem, key_pem)) {
    return context;
  }
  SSL_CTX_free(context);
  return NULL;
}
