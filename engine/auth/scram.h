// Scram: SCRAM-SHA-256 (RFC 5802, RFC 7677), both sides, without a socket: messages go in and out as text, so
// that the sign-in screen and the wire protocol use the same code. The server knows channel binding of type
// tls-server-end-point (RFC 5929). Relies on base, libcrypto.
#ifndef ENGINE_AUTH_SCRAM_H
#define ENGINE_AUTH_SCRAM_H

#include "engine/base/buf.h"
#include "engine/base/err.h"

enum {
    SCRAM_ITERATIONS = 15000, // RFC 7677's rule; drivers refuse more than 100,000
    SCRAM_ITERATIONS_MIN = 4096,
    SCRAM_ITERATIONS_MAX = 1 << 20, // a server may not keep a client busy for ever
    SCRAM_KEY_SIZE = 32,
    SCRAM_SALT_SIZE = 16,
    SCRAM_SALT_MAX = 64,
    SCRAM_NONCE_MAX = 128,
    SCRAM_MESSAGE_MAX = 4096,
    SCRAM_BINDING_MAX = 64,        // a certificate's hash
    SCRAM_PASSWORD_MAX = 16 << 10, // bytes after preparation
};

// What a server keeps instead of a password (RFC 5802 section 3).
typedef struct ScramVerifier {
    uint32_t iterations;
    uint8_t salt[SCRAM_SALT_MAX];
    size_t salt_len;
    uint8_t stored_key[SCRAM_KEY_SIZE], server_key[SCRAM_KEY_SIZE];
} ScramVerifier;

// HMAC-SHA-256 and PBKDF2-HMAC-SHA-256 of libcrypto; out holds SCRAM_KEY_SIZE bytes.
MUST_CHECK bool scram_hmac(uint8_t *out, const void *key, size_t key_len, Str text, Err *err);
MUST_CHECK bool scram_stretch(uint8_t *out, Str secret, const uint8_t *salt, size_t salt_len,
                              uint32_t iterations, Err *err);
// Compares SCRAM_KEY_SIZE bytes in constant time.
bool scram_same_key(const uint8_t *a, const uint8_t *b);
// Overwrites a secret in a way that no compiler leaves out.
void scram_forget(void *at, size_t len);
// The same for what a Bytes holds; it is freed.
void scram_forget_bytes(Bytes *b);

// SASLprep's part that matters (RFC 4013): other spaces become U+0020, invisible "mapped to nothing" code
// points go, then NFKC. What is not UTF-8 or holds controls is taken byte by byte, as PostgreSQL does.
// Appends to out; false when out's limit or memory is passed.
MUST_CHECK bool scram_prepare(Bytes *out, Str password);
// A verifier with a new random salt and SCRAM_ITERATIONS.
MUST_CHECK bool scram_verifier_make(ScramVerifier *out, Str password, Err *err);
// The same with a given salt (at most SCRAM_SALT_MAX bytes) and iterations.
MUST_CHECK bool scram_verifier_derive(ScramVerifier *out, Str password, const uint8_t *salt, size_t salt_len,
                                      uint32_t iterations, Err *err);
// A verifier that no password fits, always the same for one name, derived from the directory's key: the
// answer to unknown users, not to be told from a real one.
MUST_CHECK bool scram_verifier_mock(ScramVerifier *out, const uint8_t key[SCRAM_KEY_SIZE], Str account,
                                    Err *err);
// *fits: the password belongs to the verifier. Takes the same time for every password.
MUST_CHECK bool scram_verifier_check(const ScramVerifier *v, Str password, bool *fits, Err *err);
// "SCRAM-SHA-256$15000:SALT$STORED:SERVER" (PostgreSQL's form), base64 inside.
void scram_verifier_put(Bytes *out, const ScramVerifier *v);
bool scram_verifier_read(ScramVerifier *out, Str text);

// ---- client: first → final → check ----

typedef struct ScramClient {
    char nonce[SCRAM_NONCE_MAX];
    char first_bare[SCRAM_MESSAGE_MAX];
    uint8_t server_signature[SCRAM_KEY_SIZE];
    unsigned step;
} ScramClient;

// nonce: "" = a random one (tests give their own). user may be "" (PostgreSQL takes the name of the start-up
// message).
MUST_CHECK bool scram_client_first(ScramClient *c, Str user, Str nonce, Bytes *message, Err *err);
// 28P01 with a sentence when the server's message is malformed, its nonce is not ours, or its iterations are
// out of range.
MUST_CHECK bool scram_client_final(ScramClient *c, Str server_first, Str password, Bytes *message, Err *err);
// True only when the server has proven that it knows the verifier.
MUST_CHECK bool scram_client_check(ScramClient *c, Str server_final, Err *err);

// ---- server: first → final ----

// What the channel offers. plus: the client has chosen SCRAM-SHA-256-PLUS. data: what the channel is bound
// by, borrowed; empty = PLUS was not offered.
typedef struct ScramBinding {
    bool plus;
    Str data;
} ScramBinding;

typedef struct ScramServer {
    ScramVerifier verifier;
    char gs2; // 'n', 'y' or 'p' (bound)
    ScramBinding binding;
    char nonce[2 * SCRAM_NONCE_MAX];        // client's and ours
    char user[SCRAM_MESSAGE_MAX];           // as the client gave it, unescaped; may be ""
    char first_pair[2 * SCRAM_MESSAGE_MAX]; // client-first-bare "," server-first
    unsigned step;
} ScramServer;

// Reads the client's first message (08P01 when malformed; 28000 when it says that we offer no binding and we
// do: somebody stands between). binding NULL = none. The caller then looks s->user up and gives the verifier,
// a mock one for unknown users.
MUST_CHECK bool scram_server_read_first(ScramServer *s, Str client_first, const ScramBinding *binding,
                                        Err *err);
MUST_CHECK bool scram_server_first(ScramServer *s, const ScramVerifier *v, Str nonce, Bytes *message,
                                   Err *err);
// *proven tells whether the client knows the password; message is then the server's signature, else
// "e=invalid-proof". False only for malformed messages (08P01).
MUST_CHECK bool scram_server_final(ScramServer *s, Str client_final, Bytes *message, bool *proven, Err *err);

#endif
