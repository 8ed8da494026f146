// Scram's conversation (RFC 5802 sections 3, 5 and 7): four messages of attributes "x=value" between commas.
// Both sides share the reading of attributes and the arithmetic on keys. Relies on scram.c, base64.
#include "engine/auth/scram.h"
#include "engine/base/base64.h"
#include "engine/base/random.h"

#include <openssl/evp.h>
#include <string.h>

#define GS2_BOUND   "p=tls-server-end-point,,"
#define GS2_PLAIN   "n,,"
#define BOUND_PLAIN "biws" // base64 of "n,,"
#define BOUND_ABLE  "eSws" // base64 of "y,,"

static bool malformed(Err *err, const char *state, const char *what)
{
    return err_set(err, state, "the sign-in message is malformed: %s", what);
}

// The value of the attribute that has to come next.
static bool take(Str *rest, char name, Str *value)
{
    if (rest->len < 2 || rest->at[0] != name || rest->at[1] != '=') return false;
    Str part = str_cut(rest, ',');
    *value = str_slice(part, 2, SIZE_MAX);
    return true;
}

static bool is_nonce(Str s)
{
    if (s.len == 0 || s.len >= 2 * SCRAM_NONCE_MAX) return false;
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < 0x21 || s.at[i] > 0x7E || s.at[i] == ',') return false;
    return true;
}

static bool keep(char *out, size_t size, Str s)
{
    if (s.len >= size) return false;
    if (s.len) memcpy(out, s.at, s.len);
    out[s.len] = 0;
    return true;
}

static bool make_nonce(Bytes *out, Str given, Err *err)
{
    uint8_t raw[18];
    if (given.len) {
        bytes_put(out, given);
        return true;
    }
    if (!random_secret(raw, sizeof raw, err)) return false;
    base64_put(out, raw, sizeof raw);
    return true;
}

static void put_name(Bytes *out, Str user) // ',' and '=' are written as =2C and =3D
{
    for (size_t i = 0; i < user.len; i++) {
        if (user.at[i] == ',')
            bytes_put(out, STR("=2C"));
        else if (user.at[i] == '=')
            bytes_put(out, STR("=3D"));
        else
            bytes_put_byte(out, user.at[i]);
    }
}

static bool read_name(char *out, size_t size, Str name)
{
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (len + 1 >= size || c == 0) return false;
        if (c == '=') {
            Str code = str_slice(name, i, 3);
            if (str_equal(code, STR("=2C")))
                c = ',';
            else if (!str_equal(code, STR("=3D")))
                return false;
            i += 2;
        }
        out[len++] = c;
    }
    out[len] = 0;
    return true;
}

static void xor_keys(uint8_t *out, const uint8_t *a, const uint8_t *b)
{
    for (size_t i = 0; i < SCRAM_KEY_SIZE; i++) out[i] = a[i] ^ b[i];
}

// ---- client ----

bool scram_client_first(ScramClient *c, Str user, Str nonce, Bytes *message, Err *err)
{
    Bytes bare;
    *c = (ScramClient){0};
    bytes_init(&bare, SCRAM_MESSAGE_MAX - 1);
    bytes_put(&bare, STR("n="));
    put_name(&bare, user);
    bytes_put(&bare, STR(",r="));
    size_t nonce_at = bare.len;
    bool ok = make_nonce(&bare, nonce, err);
    Str made = str_slice(bytes_str(&bare), nonce_at, SIZE_MAX);
    ok = ok && ((!bare.failed && is_nonce(made) && keep(c->nonce, sizeof c->nonce, made) &&
                 keep(c->first_bare, sizeof c->first_bare, bytes_str(&bare))) ||
                err_set(err, SQLSTATE_AUTH, "the user name is too long to sign in"));
    if (ok) {
        bytes_put(message, STR(GS2_PLAIN));
        bytes_put(message, bytes_str(&bare));
        c->step = 1;
    }
    bytes_done(&bare);
    return ok;
}

typedef struct ServerFirst {
    Str nonce;
    uint8_t salt[SCRAM_SALT_MAX];
    size_t salt_len;
    uint64_t iterations;
} ServerFirst;

static bool read_server_first(ServerFirst *out, const ScramClient *c, Str text, Err *err)
{
    const char *state = SQLSTATE_AUTH_PASSWORD;
    Str rest = text, salt, count;
    if (!take(&rest, 'r', &out->nonce) || !take(&rest, 's', &salt) || !take(&rest, 'i', &count) || rest.len)
        return malformed(err, state, "nonce, salt and iterations were expected");
    Str mine = str_of(c->nonce);
    if (!is_nonce(out->nonce) || !str_starts(out->nonce, mine) || out->nonce.len == mine.len)
        return malformed(err, state, "the server did not extend our nonce");
    if (!base64_read(salt, out->salt, sizeof out->salt, &out->salt_len) || out->salt_len == 0)
        return malformed(err, state, "the salt is not base64");
    if (!str_to_uint64(count, &out->iterations) || out->iterations < SCRAM_ITERATIONS_MIN ||
        out->iterations > SCRAM_ITERATIONS_MAX)
        return err_set(err, state, "the server asks for %.*s iterations; %d to %d are allowed",
                       STR_ARG(str_slice(count, 0, 24)), SCRAM_ITERATIONS_MIN, SCRAM_ITERATIONS_MAX);
    return true;
}

// proof = client key XOR HMAC(stored key, everything said), and what the server has to answer.
static bool make_proof(ScramClient *c, const ServerFirst *s, Str password, Str said, uint8_t *proof, Err *err)
{
    uint8_t salted[SCRAM_KEY_SIZE], client_key[SCRAM_KEY_SIZE], stored[SCRAM_KEY_SIZE],
        signature[SCRAM_KEY_SIZE], server_key[SCRAM_KEY_SIZE];
    Bytes prepared;
    bytes_init(&prepared, SCRAM_PASSWORD_MAX);
    bool ok = scram_prepare(&prepared, password) ||
              err_set(err, SQLSTATE_AUTH_PASSWORD, "the password is too long");
    ok = ok &&
         scram_stretch(salted, bytes_str(&prepared), s->salt, s->salt_len, (uint32_t)s->iterations, err) &&
         scram_hmac(client_key, salted, sizeof salted, STR("Client Key"), err) &&
         (EVP_Digest(client_key, sizeof client_key, stored, NULL, EVP_sha256(), NULL) == 1 ||
          err_set(err, SQLSTATE_INTERNAL, "libcrypto refused to compute a hash")) &&
         scram_hmac(signature, stored, sizeof stored, said, err) &&
         scram_hmac(server_key, salted, sizeof salted, STR("Server Key"), err) &&
         scram_hmac(c->server_signature, server_key, sizeof server_key, said, err);
    if (ok) xor_keys(proof, client_key, signature);
    scram_forget_bytes(&prepared);
    scram_forget(salted, sizeof salted);
    scram_forget(client_key, sizeof client_key);
    scram_forget(server_key, sizeof server_key);
    return ok;
}

bool scram_client_final(ScramClient *c, Str server_first, Str password, Bytes *message, Err *err)
{
    ServerFirst s = {0};
    uint8_t proof[SCRAM_KEY_SIZE];
    if (c->step != 1) return malformed(err, SQLSTATE_AUTH_PASSWORD, "it comes at the wrong time");
    c->step = 0;
    if (server_first.len >= SCRAM_MESSAGE_MAX)
        return malformed(err, SQLSTATE_AUTH_PASSWORD, "it is too long");
    if (!read_server_first(&s, c, server_first, err)) return false;
    Bytes bare, said;
    bytes_init(&bare, SCRAM_MESSAGE_MAX);
    bytes_init(&said, 4 * (size_t)SCRAM_MESSAGE_MAX);
    bytes_printf(&bare, "c=" BOUND_PLAIN ",r=%.*s", STR_ARG(s.nonce));
    bytes_printf(&said, "%s,", c->first_bare);
    bytes_put(&said, server_first);
    bytes_put_byte(&said, ',');
    bytes_put(&said, bytes_str(&bare));
    bool ok = (!bare.failed && !said.failed) ||
              err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while signing in");
    ok = ok && make_proof(c, &s, password, bytes_str(&said), proof, err);
    if (ok) {
        bytes_put(message, bytes_str(&bare));
        bytes_put(message, STR(",p="));
        base64_put(message, proof, sizeof proof);
        c->step = 2;
    }
    bytes_done(&bare);
    bytes_done(&said);
    return ok;
}

bool scram_client_check(ScramClient *c, Str server_final, Err *err)
{
    uint8_t signature[SCRAM_KEY_SIZE];
    size_t len = 0;
    Str rest = server_final, value;
    if (c->step != 2) return malformed(err, SQLSTATE_AUTH_PASSWORD, "it comes at the wrong time");
    c->step = 0;
    if (take(&rest, 'e', &value))
        return err_set(err, SQLSTATE_AUTH_PASSWORD, "the server refused: %.*s",
                       STR_ARG(str_slice(value, 0, 80)));
    if (!take(&rest, 'v', &value) || !base64_read(value, signature, sizeof signature, &len) ||
        len != sizeof signature)
        return malformed(err, SQLSTATE_AUTH_PASSWORD, "the server's signature was expected");
    if (!scram_same_key(signature, c->server_signature))
        return err_set(err, SQLSTATE_AUTH_PASSWORD,
                       "the server does not know this password: it is not the right server");
    return true;
}

// ---- server ----

// The part before the bare message: whether the client binds the channel.
static bool read_binding_flag(ScramServer *s, Str text, size_t *len, Err *err)
{
    char flag = text.at[0];
    s->gs2 = flag;
    *len = 3;
    if (flag == 'p') {
        *len = sizeof GS2_BOUND - 1;
        if (!s->binding.plus || !str_starts(text, STR(GS2_BOUND)))
            return malformed(err, "08P01",
                             "only tls-server-end-point binding under SCRAM-SHA-256-PLUS is known");
        return true;
    }
    if ((flag != 'n' && flag != 'y') || text.at[1] != ',' || text.at[2] != ',')
        return malformed(err, "08P01", "it does not begin with n,, or y,, or p=");
    if (s->binding.plus) return malformed(err, "08P01", "SCRAM-SHA-256-PLUS without channel binding");
    if (flag == 'y' && s->binding.data.len)
        return err_set(err, SQLSTATE_AUTH,
                       "the client was told that this server has no channel binding, but it has");
    return true;
}

bool scram_server_read_first(ScramServer *s, Str client_first, const ScramBinding *binding, Err *err)
{
    const char *state = "08P01";
    size_t flag_len;
    *s = (ScramServer){.binding = binding ? *binding : (ScramBinding){0}};
    if (client_first.len >= SCRAM_MESSAGE_MAX || client_first.len < 3 ||
        memchr(client_first.at, 0, client_first.len))
        return malformed(err, state, "its length is out of range");
    if (!read_binding_flag(s, client_first, &flag_len, err)) return false;
    Str bare = str_slice(client_first, flag_len, SIZE_MAX), rest = bare, name, nonce;
    if (str_starts(rest, STR("m=")))
        return err_set(err, SQLSTATE_UNSUPPORTED, "the sign-in message has an unknown extension");
    if (!take(&rest, 'n', &name) || !read_name(s->user, sizeof s->user, name))
        return malformed(err, state, "no user name");
    if (!take(&rest, 'r', &nonce) || !is_nonce(nonce) || !keep(s->nonce, SCRAM_NONCE_MAX, nonce))
        return malformed(err, state, "no nonce");
    if (!keep(s->first_pair, SCRAM_MESSAGE_MAX, bare)) return malformed(err, state, "it is too long");
    s->step = 1;
    return true;
}

bool scram_server_first(ScramServer *s, const ScramVerifier *v, Str nonce, Bytes *message, Err *err)
{
    if (s->step != 1) return malformed(err, "08P01", "it comes at the wrong time");
    s->verifier = *v;
    Bytes whole, mine;
    bytes_init(&whole, 2 * SCRAM_NONCE_MAX - 1);
    bytes_init(&mine, SCRAM_MESSAGE_MAX - 2);
    bytes_put(&whole, str_of(s->nonce));
    bool ok = make_nonce(&whole, nonce, err);
    bytes_printf(&mine, "r=%.*s,s=", STR_ARG(bytes_str(&whole)));
    base64_put(&mine, v->salt, v->salt_len);
    bytes_printf(&mine, ",i=%u", (unsigned)v->iterations);
    size_t before = strlen(s->first_pair);
    ok = ok && ((!whole.failed && !mine.failed) || malformed(err, "08P01", "the nonce is too long"));
    if (ok) {
        keep(s->nonce, sizeof s->nonce, bytes_str(&whole));
        s->first_pair[before] = ',';
        keep(s->first_pair + before + 1, sizeof s->first_pair - before - 1, bytes_str(&mine));
        bytes_put(message, bytes_str(&mine));
        s->step = 2;
    }
    bytes_done(&whole);
    bytes_done(&mine);
    return ok;
}

// Does the proof fit: client key = proof XOR signature, and its hash is the stored key.
static bool check_proof(const ScramServer *s, const uint8_t *proof, Str said, bool *proven, Err *err)
{
    uint8_t signature[SCRAM_KEY_SIZE], client_key[SCRAM_KEY_SIZE], hashed[SCRAM_KEY_SIZE];
    if (!scram_hmac(signature, s->verifier.stored_key, SCRAM_KEY_SIZE, said, err)) return false;
    xor_keys(client_key, proof, signature);
    bool ok = EVP_Digest(client_key, sizeof client_key, hashed, NULL, EVP_sha256(), NULL) == 1 ||
              err_set(err, SQLSTATE_INTERNAL, "libcrypto refused to compute a hash");
    *proven = ok && scram_same_key(hashed, s->verifier.stored_key);
    scram_forget(client_key, sizeof client_key);
    return ok;
}

static bool answer(const ScramServer *s, const uint8_t *proof, Str without_proof, Bytes *message,
                   bool *proven, Err *err)
{
    Bytes said;
    uint8_t signature[SCRAM_KEY_SIZE];
    bytes_init(&said, 4 * (size_t)SCRAM_MESSAGE_MAX);
    bytes_printf(&said, "%s,", s->first_pair);
    bytes_put(&said, without_proof);
    bool ok = !said.failed || err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while signing in");
    ok = ok && check_proof(s, proof, bytes_str(&said), proven, err) &&
         scram_hmac(signature, s->verifier.server_key, SCRAM_KEY_SIZE, bytes_str(&said), err);
    bytes_done(&said);
    if (!ok) return false;
    if (*proven) {
        bytes_put(message, STR("v="));
        base64_put(message, signature, sizeof signature);
    } else {
        bytes_put(message, STR("e=invalid-proof"));
    }
    return true;
}

// Does the final message repeat the flag, and the channel's own data?
static bool is_bound(const ScramServer *s, Str bound)
{
    if (s->gs2 != 'p') return str_equal(bound, s->gs2 == 'y' ? STR(BOUND_ABLE) : STR(BOUND_PLAIN));
    char said[sizeof GS2_BOUND - 1 + SCRAM_BINDING_MAX];
    size_t len, head = sizeof GS2_BOUND - 1;
    return base64_read(bound, said, sizeof said, &len) && len == head + s->binding.data.len &&
           memcmp(said, GS2_BOUND, head) == 0 &&
           memcmp(said + head, s->binding.data.at, s->binding.data.len) == 0;
}

bool scram_server_final(ScramServer *s, Str client_final, Bytes *message, bool *proven, Err *err)
{
    const char *state = "08P01";
    *proven = false;
    if (s->step != 2) return malformed(err, state, "it comes at the wrong time");
    s->step = 0;
    if (client_final.len >= SCRAM_MESSAGE_MAX) return malformed(err, state, "it is too long");
    uint8_t proof[SCRAM_KEY_SIZE];
    size_t len = 0;
    Str rest = client_final, bound, nonce, text;
    if (!take(&rest, 'c', &bound) || !take(&rest, 'r', &nonce))
        return malformed(err, state, "binding and nonce were expected");
    if (!is_bound(s, bound))
        return malformed(err, state, "the channel binding is not the one that was announced");
    if (!str_equal(nonce, str_of(s->nonce))) return malformed(err, state, "the nonce is not ours");
    size_t proof_at = client_final.len - rest.len;
    if (!take(&rest, 'p', &text) || rest.len || !base64_read(text, proof, sizeof proof, &len) ||
        len != sizeof proof)
        return malformed(err, state, "a proof was expected");
    return answer(s, proof, str_slice(client_final, 0, proof_at - 1), message, proven, err);
}
