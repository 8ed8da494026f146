// Scram's keys: preparing a password, stretching it, and the verifier a server keeps. Relies on libcrypto.
#include "engine/auth/scram.h"
#include "engine/base/base64.h"
#include "engine/base/random.h"
#include "engine/base/utf8.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

_Static_assert(SCRAM_KEY_SIZE == 32, "SHA-256");

static bool crypto_failed(Err *err)
{
    return err_set(err, SQLSTATE_INTERNAL, "libcrypto refused to compute a hash");
}

bool scram_hmac(uint8_t *out, const void *key, size_t key_len, Str text, Err *err)
{
    unsigned len = 0;
    const unsigned char *at = (const unsigned char *)(text.at ? text.at : "");
    if (!HMAC(EVP_sha256(), key, (int)key_len, at, text.len, out, &len) || len != SCRAM_KEY_SIZE)
        return crypto_failed(err);
    return true;
}

bool scram_stretch(uint8_t *out, Str secret, const uint8_t *salt, size_t salt_len, uint32_t iterations,
                   Err *err)
{
    if (secret.len > SCRAM_PASSWORD_MAX) return err_set(err, SQLSTATE_TOO_LONG, "a secret is too long");
    if (PKCS5_PBKDF2_HMAC(secret.at ? secret.at : "", (int)secret.len, salt, (int)salt_len, (int)iterations,
                          EVP_sha256(), SCRAM_KEY_SIZE, out) != 1)
        return crypto_failed(err);
    return true;
}

bool scram_same_key(const uint8_t *a, const uint8_t *b) { return CRYPTO_memcmp(a, b, SCRAM_KEY_SIZE) == 0; }

void scram_forget(void *at, size_t len) { OPENSSL_cleanse(at, len); }

void scram_forget_bytes(Bytes *b)
{
    if (b->at) OPENSSL_cleanse(b->at, b->cap);
    bytes_done(b);
}

// RFC 4013 section 2.1: other spaces (RFC 3454 table C.1.2) become a space, table B.1 goes. 0 = goes.
static uint32_t map_rune(uint32_t rune)
{
    if (rune == 0xA0 || rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200A) || rune == 0x202F ||
        rune == 0x205F || rune == 0x3000)
        return ' ';
    bool nothing = rune == 0xAD || rune == 0x34F || rune == 0x1806 || (rune >= 0x180B && rune <= 0x180D) ||
                   (rune >= 0x200B && rune <= 0x200D) || rune == 0x2060 ||
                   (rune >= 0xFE00 && rune <= 0xFE0F) || rune == 0xFEFF;
    return nothing ? 0 : rune;
}

// False when the password has to be taken byte by byte.
static bool map_runes(Bytes *out, Str password)
{
    if (utf8_check(password) != SIZE_MAX) return false;
    for (size_t pos = 0; pos < password.len;) {
        uint32_t rune = utf8_next(password, &pos);
        if (rune < 0x20 || (rune >= 0x7F && rune < 0xA0)) return false;
        char encoded[4];
        rune = map_rune(rune);
        if (rune) bytes_put(out, (Str){encoded, utf8_encode(rune, encoded)});
    }
    return !out->failed;
}

bool scram_prepare(Bytes *out, Str password)
{
    Bytes mapped;
    bytes_init(&mapped, SCRAM_PASSWORD_MAX);
    // All memory at once: growing would leave copies of the secret behind.
    if (password.len > SCRAM_PASSWORD_MAX || !bytes_reserve(&mapped, password.len)) {
        bytes_done(&mapped);
        return false;
    }
    bool as_text = map_runes(&mapped, password) && mapped.len > 0 && utf8_nfkc(out, bytes_str(&mapped));
    scram_forget_bytes(&mapped);
    if (!as_text) bytes_put(out, password);
    return !out->failed;
}

static bool stretch_password(uint8_t *salted, Str password, const ScramVerifier *v, Err *err)
{
    Bytes prepared;
    bytes_init(&prepared, SCRAM_PASSWORD_MAX);
    bool ok =
        scram_prepare(&prepared, password) || err_set(err, SQLSTATE_TOO_LONG, "the password is too long");
    ok = ok && scram_stretch(salted, bytes_str(&prepared), v->salt, v->salt_len, v->iterations, err);
    scram_forget_bytes(&prepared);
    return ok;
}

static bool hash(uint8_t *out, const uint8_t *at, size_t len, Err *err)
{
    return EVP_Digest(at, len, out, NULL, EVP_sha256(), NULL) == 1 || crypto_failed(err);
}

bool scram_verifier_derive(ScramVerifier *out, Str password, const uint8_t *salt, size_t salt_len,
                           uint32_t iterations, Err *err)
{
    uint8_t salted[SCRAM_KEY_SIZE], client_key[SCRAM_KEY_SIZE];
    *out = (ScramVerifier){.iterations = iterations};
    if (salt_len > SCRAM_SALT_MAX) return err_set(err, "22023", "a salt of %zu bytes is too long", salt_len);
    memcpy(out->salt, salt, salt_len);
    out->salt_len = salt_len;
    bool ok = stretch_password(salted, password, out, err) &&
              scram_hmac(client_key, salted, sizeof salted, STR("Client Key"), err) &&
              hash(out->stored_key, client_key, sizeof client_key, err) &&
              scram_hmac(out->server_key, salted, sizeof salted, STR("Server Key"), err);
    scram_forget(salted, sizeof salted);
    scram_forget(client_key, sizeof client_key);
    return ok;
}

bool scram_verifier_make(ScramVerifier *out, Str password, Err *err)
{
    uint8_t salt[SCRAM_SALT_SIZE];
    return random_secret(salt, sizeof salt, err) &&
           scram_verifier_derive(out, password, salt, sizeof salt, SCRAM_ITERATIONS, err);
}

static bool derive_part(uint8_t *out, const uint8_t *key, const char *part, Str account, Err *err)
{
    Bytes text;
    bytes_init(&text, SCRAM_MESSAGE_MAX);
    bytes_put(&text, str_of(part));
    bytes_put(&text, account);
    bool ok = !text.failed || err_set(err, SQLSTATE_TOO_LONG, "an account's name is too long");
    ok = ok && scram_hmac(out, key, SCRAM_KEY_SIZE, bytes_str(&text), err);
    bytes_done(&text);
    return ok;
}

bool scram_verifier_mock(ScramVerifier *out, const uint8_t key[SCRAM_KEY_SIZE], Str account, Err *err)
{
    uint8_t salt[SCRAM_KEY_SIZE];
    *out = (ScramVerifier){.iterations = SCRAM_ITERATIONS, .salt_len = SCRAM_SALT_SIZE};
    if (!derive_part(salt, key, "mock salt:", account, err) ||
        !derive_part(out->stored_key, key, "mock stored key:", account, err) ||
        !derive_part(out->server_key, key, "mock server key:", account, err))
        return false;
    memcpy(out->salt, salt, SCRAM_SALT_SIZE);
    return true;
}

bool scram_verifier_check(const ScramVerifier *v, Str password, bool *fits, Err *err)
{
    ScramVerifier made;
    *fits = false;
    if (!scram_verifier_derive(&made, password, v->salt, v->salt_len, v->iterations, err)) return false;
    *fits = scram_same_key(made.stored_key, v->stored_key);
    scram_forget(&made, sizeof made);
    return true;
}

#define SCHEME "SCRAM-SHA-256$"

void scram_verifier_put(Bytes *out, const ScramVerifier *v)
{
    bytes_put(out, STR(SCHEME));
    bytes_put_uint64(out, v->iterations);
    bytes_put_byte(out, ':');
    base64_put(out, v->salt, v->salt_len);
    bytes_put_byte(out, '$');
    base64_put(out, v->stored_key, SCRAM_KEY_SIZE);
    bytes_put_byte(out, ':');
    base64_put(out, v->server_key, SCRAM_KEY_SIZE);
}

static bool read_key(uint8_t *out, Str text)
{
    size_t len;
    return base64_read(text, out, SCRAM_KEY_SIZE, &len) && len == SCRAM_KEY_SIZE;
}

bool scram_verifier_read(ScramVerifier *out, Str text)
{
    uint64_t iterations;
    *out = (ScramVerifier){0};
    if (!str_starts(text, STR(SCHEME))) return false;
    Str rest = str_slice(text, sizeof SCHEME - 1, SIZE_MAX);
    Str count = str_cut(&rest, ':'), salt = str_cut(&rest, '$'), stored = str_cut(&rest, ':');
    if (!str_to_uint64(count, &iterations) || iterations < SCRAM_ITERATIONS_MIN ||
        iterations > SCRAM_ITERATIONS_MAX)
        return false;
    out->iterations = (uint32_t)iterations;
    return base64_read(salt, out->salt, sizeof out->salt, &out->salt_len) && out->salt_len > 0 &&
           read_key(out->stored_key, stored) && read_key(out->server_key, rest);
}
