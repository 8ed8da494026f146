// Tls: see tls.h.
#include "net/wire/tls.h"

#include "engine/base/size.h"
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct TlsContext {
    SSL_CTX *ssl;
    unsigned char binding[TLS_BINDING_MAX];
    size_t binding_len;
};

struct Tls {
    SSL *ssl;
    bool alpn; // the protocol has to be named
    bool named;
};

// libssl's own reason; its queue of errors is emptied.
static bool refuse(Err *err, const char *what)
{
    char reason[160] = "no reason given";
    unsigned long code = ERR_get_error();
    if (code) ERR_error_string_n(code, reason, sizeof reason);
    ERR_clear_error();
    return err_set(err, SQLSTATE_IO, "%s: %s", what, reason);
}

// ---- context ----

// The hash of the certificate with the digest of its signature, SHA-256 where that is weaker.
static bool bind_certificate(TlsContext *c)
{
    X509 *x = SSL_CTX_get0_certificate(c->ssl);
    int nid = NID_undef;
    unsigned len = 0;
    if (!x || !X509_get_signature_info(x, &nid, NULL, NULL, NULL)) return false;
    const EVP_MD *md = EVP_get_digestbynid(nid);
    if (!md || nid == NID_md5 || nid == NID_sha1) md = EVP_sha256();
    if (EVP_MD_get_size(md) > TLS_BINDING_MAX || !X509_digest(x, md, c->binding, &len)) return false;
    c->binding_len = len;
    return true;
}

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *in, unsigned in_len, void *arg)
{
    static const unsigned char ours[] = "\012postgresql";
    (void)arg;
    Tls *t = SSL_get_app_data(ssl);
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof ours - 1, in, in_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    t->named = true;
    return SSL_TLSEXT_ERR_OK;
}

static bool key_is_private(const char *key, Err *err)
{
    struct stat st;
    if (stat(key, &st) != 0 || (st.st_mode & 077) == 0) return true; // absent is told by who reads it
    err_set(err, "42501", "the private key %s can be read by others (mode %03o)", key,
            (unsigned)st.st_mode & 0777);
    return err_hint(err, "chmod 600 %s", key);
}

bool tls_context_new(TlsContext **out, const char *certificate, const char *key, Err *err)
{
    if (!key_is_private(key, err)) return false;
    TlsContext *c = size_alloc_zero(1, sizeof *c);
    if (!c) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for TLS");
    c->ssl = SSL_CTX_new(TLS_server_method());
    bool good = c->ssl && SSL_CTX_set_min_proto_version(c->ssl, TLS1_2_VERSION) == 1;
    if (!good) {
        refuse(err, "TLS cannot be set up");
    } else {
        SSL_CTX_set_mode(c->ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                     SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        SSL_CTX_set_options(c->ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                        SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(c->ssl, 0);
        SSL_CTX_set_session_cache_mode(c->ssl, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_alpn_select_cb(c->ssl, choose_protocol, NULL);
        good = (SSL_CTX_use_certificate_chain_file(c->ssl, certificate) == 1 || refuse(err, certificate)) &&
               (SSL_CTX_use_PrivateKey_file(c->ssl, key, SSL_FILETYPE_PEM) == 1 || refuse(err, key)) &&
               (SSL_CTX_check_private_key(c->ssl) == 1 ||
                refuse(err, "the key does not belong to the certificate")) &&
               (bind_certificate(c) || refuse(err, "the certificate's hash cannot be made"));
    }
    if (good)
        *out = c;
    else
        tls_context_free(c);
    return good;
}

void tls_context_free(TlsContext *c)
{
    if (!c) return;
    SSL_CTX_free(c->ssl);
    free(c);
}

Str tls_context_binding(const TlsContext *c) { return (Str){(const char *)c->binding, c->binding_len}; }

// ---- connection ----

bool tls_new(Tls **out, TlsContext *c, int fd, bool alpn, Err *err)
{
    Tls *t = size_alloc_zero(1, sizeof *t);
    if (!t) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for TLS");
    t->alpn = alpn;
    t->ssl = SSL_new(c->ssl);
    if (!t->ssl || SSL_set_fd(t->ssl, fd) != 1) {
        tls_free(t);
        return refuse(err, "TLS cannot be set up");
    }
    SSL_set_app_data(t->ssl, t);
    SSL_set_accept_state(t->ssl);
    *out = t;
    return true;
}

void tls_free(Tls *t)
{
    if (!t) return;
    SSL_free(t->ssl);
    free(t);
}

static TlsStatus status_of(Tls *t, int result)
{
    switch (SSL_get_error(t->ssl, result)) {
    case SSL_ERROR_WANT_READ: return TLS_WANTS_READ;
    case SSL_ERROR_WANT_WRITE: return TLS_WANTS_WRITE;
    case SSL_ERROR_ZERO_RETURN: return TLS_END;
    default: return TLS_FAILED;
    }
}

TlsStatus tls_handshake(Tls *t, Err *err)
{
    ERR_clear_error();
    int result = SSL_do_handshake(t->ssl);
    if (result != 1) {
        TlsStatus status = status_of(t, result);
        if (status == TLS_FAILED) refuse(err, "the TLS handshake failed");
        return status;
    }
    if (!t->alpn || t->named) return TLS_DONE;
    err_set(err, "08P01", "a direct TLS connection must name the protocol postgresql (ALPN)");
    return TLS_FAILED;
}

TlsStatus tls_read(Tls *t, void *at, size_t len, size_t *done)
{
    *done = 0;
    ERR_clear_error();
    int result = SSL_read_ex(t->ssl, at, len, done);
    return result == 1 ? TLS_DONE : status_of(t, result);
}

TlsStatus tls_write(Tls *t, const void *at, size_t len, size_t *done)
{
    *done = 0;
    ERR_clear_error();
    int result = SSL_write_ex(t->ssl, at, len, done);
    return result == 1 ? TLS_DONE : status_of(t, result);
}

void tls_shut(Tls *t)
{
    ERR_clear_error();
    (void)SSL_shutdown(t->ssl);
    ERR_clear_error();
}

const char *tls_version(const Tls *t) { return SSL_get_version(t->ssl); }
const char *tls_cipher(const Tls *t) { return SSL_get_cipher_name(t->ssl); }
