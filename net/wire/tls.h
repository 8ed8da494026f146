// Tls: the server side of TLS 1.2 and 1.3 by OpenSSL's libssl, over a descriptor that does not block. The
// only files that include <openssl/ssl.h> are tls.c and certificate.c. Relies on err, buf.
#ifndef NET_WIRE_TLS_H
#define NET_WIRE_TLS_H

#include "engine/base/buf.h"
#include "engine/base/err.h"

enum { TLS_BINDING_MAX = 64 };

typedef struct TlsContext TlsContext; // a certificate with its key; thread-safe
typedef struct Tls Tls;               // one connection
typedef enum TlsStatus { TLS_DONE, TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_END, TLS_FAILED } TlsStatus;

// Certificate chain and key in PEM files; the key must not be readable by others (42501).
MUST_CHECK bool tls_context_new(TlsContext **out, const char *certificate, const char *key, Err *err);
void tls_context_free(TlsContext *c);
// What SCRAM binds to (RFC 5929 tls-server-end-point): the certificate's hash.
Str tls_context_binding(const TlsContext *c);

// alpn: the client must name the protocol "postgresql" (direct TLS).
MUST_CHECK bool tls_new(Tls **out, TlsContext *c, int fd, bool alpn, Err *err);
void tls_free(Tls *t);
TlsStatus tls_handshake(Tls *t, Err *err);
// Up to len bytes; *done tells how many (0 unless TLS_DONE).
TlsStatus tls_read(Tls *t, void *at, size_t len, size_t *done);
TlsStatus tls_write(Tls *t, const void *at, size_t len, size_t *done);
void tls_shut(Tls *t);                 // says good-bye, does not wait for the answer
const char *tls_version(const Tls *t); // "TLSv1.3"
const char *tls_cipher(const Tls *t);

// A key and a certificate for it by itself, good for `days`, for trials: two PEM files of mode 0600 below
// `path` (server.key, server.crt), not overwritten when there (58P02).
MUST_CHECK bool tls_make_certificate(const char *path, const char *host, unsigned days, Err *err);

#endif
