#include "dtls-bio.h"

#include <openssl/bio.h>
#include <pthread.h>

/** The type of its record (RFC 5246 §6.2.1). */
#define ALERT 21

static BIO_METHOD *method;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int write_datagram(BIO *bio, const char *bytes, int length) {
  dtls_session *session = BIO_get_data(bio);
  // What brought it about may be forged; to the peer, an alert would be the end.
  if (!session->has_certificate && length > 0 && (uint8_t)bytes[0] == ALERT) return length;
  session->has_written = true;
  session->send(session->owner, (const uint8_t *)bytes, (size_t)length);
  return length;
}

static int read_datagram(BIO *bio, char *out, int capacity) {
  dtls_session *session = BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  if (session->input_length == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  size_t taken = session->input_length;
  if (taken > (size_t)capacity) taken = (size_t)capacity;
  memcpy(out, session->input, taken);
  session->input_length = 0;
  return (int)taken;
}

static long control(BIO *bio, int command, long number, void *pointer) {
  (void)bio, (void)number, (void)pointer;
  // Everything that is asked about the path (MTU, pending bytes, timeouts) is 0: not known.
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static int create(BIO *bio) {
  BIO_set_init(bio, 1);
  return 1;
}

static void make_method(void) {
  method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "isthmus datagrams");
  if (!method) return;
  BIO_meth_set_write(method, write_datagram);
  BIO_meth_set_read(method, read_datagram);
  BIO_meth_set_ctrl(method, control);
  BIO_meth_set_create(method, create);
}

BIO *dtls_bio_new(dtls_session *session) {
  pthread_once(&once, make_method);
  BIO *bio = method ? BIO_new(method) : NULL;
  if (bio) BIO_set_data(bio, session);
  return bio;
}
