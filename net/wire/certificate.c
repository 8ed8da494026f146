// Certificate: a P-256 key and a certificate that it signs itself, for trials and tests. Relies on libcrypto.
#include "net/wire/tls.h"

#include "engine/base/io.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

enum { PEM_MAX = 64 << 10 };

static bool add_extension(X509 *x, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool good = e && X509_add_ext(x, e, -1) == 1;
    X509_EXTENSION_free(e);
    return good;
}

static bool fill(X509 *x, EVP_PKEY *key, const char *host, unsigned days)
{
    char names[320];
    unsigned char serial[8];
    bool number = host[0] && strspn(host, "0123456789.") == strlen(host);
    snprintf(names, sizeof names, "%s:%s,DNS:localhost,IP:127.0.0.1,IP:::1", number ? "IP" : "DNS", host);
    X509_NAME *name = X509_get_subject_name(x);
    uint64_t value = 0;
    if (RAND_bytes(serial, sizeof serial) != 1) return false;
    for (size_t i = 0; i < sizeof serial; i++) value = value << 8 | serial[i];
    return X509_set_version(x, 2) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), value >> 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(x), -300) &&
           X509_gmtime_adj(X509_getm_notAfter(x), (long)days * 86400) && X509_set_pubkey(x, key) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)host, -1, -1, 0) ==
               1 &&
           X509_set_issuer_name(x, name) == 1 && add_extension(x, NID_subject_alt_name, names) &&
           add_extension(x, NID_basic_constraints, "critical,CA:TRUE") && X509_sign(x, key, EVP_sha256()) > 0;
}

static bool write_new(const IoDir *d, const char *name, BIO *bio, Err *err)
{
    char *at;
    IoFile f;
    long len = BIO_get_mem_data(bio, &at);
    if (len <= 0 || len > PEM_MAX)
        return err_set(err, SQLSTATE_INTERNAL, "%s cannot be written as PEM", name);
    if (!io_open(&f, d, name, IO_WRITE | IO_CREATE | IO_NEW, err)) return false;
    bool good = io_write(&f, at, (size_t)len, 0, err) && io_sync(&f, err);
    io_close(&f);
    return good;
}

bool tls_make_certificate(const char *path, const char *host, unsigned days, Err *err)
{
    IoDir d;
    if (!io_dir_open(&d, io_posix(), path, true, err)) return false;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    BIO *key_text = BIO_new(BIO_s_mem()), *text = BIO_new(BIO_s_mem());
    bool good = key && x && key_text && text && fill(x, key, host, days) &&
                PEM_write_bio_PrivateKey(key_text, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                PEM_write_bio_X509(text, x) == 1;
    if (!good) err_set(err, SQLSTATE_INTERNAL, "libcrypto refused to make a certificate for %s", host);
    good = good && write_new(&d, "server.key", key_text, err) && write_new(&d, "server.crt", text, err) &&
           io_dir_sync(&d, err);
    BIO_free(key_text);
    BIO_free(text);
    X509_free(x);
    EVP_PKEY_free(key);
    io_dir_close(&d);
    return good;
}
