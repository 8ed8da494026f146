// SCRAM: the vector of RFC 7677, both sides against each other, and hostile messages.
#include "engine/auth/scram.h"
#include "engine/base/base64.h"
#include "tests/unit/kit_cmocka.h"

#include <stdlib.h>
#include <string.h>

// RFC 7677 section 3: user "user", password "pencil".
#define CLIENT_NONCE "rOprNGfwEbeRWgbNEkqO"
#define SERVER_NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define CLIENT_FIRST "n,,n=user,r=" CLIENT_NONCE
#define SERVER_FIRST "r=" CLIENT_NONCE SERVER_NONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define CLIENT_FINAL "c=biws,r=" CLIENT_NONCE SERVER_NONCE ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define SERVER_FINAL "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

static ScramVerifier pencil(void)
{
    ScramVerifier v;
    Err err = {0};
    uint8_t salt[SCRAM_SALT_MAX];
    size_t len;
    assert_true(base64_read(STR("W22ZaJ0SNY7soEsUEjb6gQ=="), salt, sizeof salt, &len));
    assert_ok(scram_verifier_derive(&v, STR("pencil"), salt, len, 4096, &err), &err);
    return v;
}

static void follows_the_rfc(void **state)
{
    (void)state;
    Err err = {0};
    Bytes m;
    bytes_init(&m, SCRAM_MESSAGE_MAX);
    ScramClient c;
    ScramServer s;
    ScramVerifier v = pencil();
    bool proven = false;
    assert_ok(scram_client_first(&c, STR("user"), STR(CLIENT_NONCE), &m, &err), &err);
    assert_str(bytes_str(&m), CLIENT_FIRST);
    assert_ok(scram_server_read_first(&s, bytes_str(&m), NULL, &err), &err);
    assert_string_equal(s.user, "user");
    bytes_clear(&m);
    assert_ok(scram_server_first(&s, &v, STR(SERVER_NONCE), &m, &err), &err);
    assert_str(bytes_str(&m), SERVER_FIRST);
    bytes_clear(&m);
    assert_ok(scram_client_final(&c, STR(SERVER_FIRST), STR("pencil"), &m, &err), &err);
    assert_str(bytes_str(&m), CLIENT_FINAL);
    bytes_clear(&m);
    assert_ok(scram_server_final(&s, STR(CLIENT_FINAL), &m, &proven, &err), &err);
    assert_true(proven);
    assert_str(bytes_str(&m), SERVER_FINAL);
    assert_ok(scram_client_check(&c, STR(SERVER_FINAL), &err), &err);
    bytes_done(&m);
}

// A whole conversation with random nonces; tells whether the server was convinced.
static bool converse(const ScramVerifier *v, Str user, Str password, bool *server_proven)
{
    Err err = {0};
    Bytes a, b;
    ScramClient c;
    ScramServer s;
    bytes_init(&a, SCRAM_MESSAGE_MAX);
    bytes_init(&b, SCRAM_MESSAGE_MAX);
    assert_ok(scram_client_first(&c, user, STR_NONE, &a, &err), &err);
    assert_ok(scram_server_read_first(&s, bytes_str(&a), NULL, &err), &err);
    assert_true(str_equal(str_of(s.user), user));
    assert_ok(scram_server_first(&s, v, STR_NONE, &b, &err), &err);
    bytes_clear(&a);
    assert_ok(scram_client_final(&c, bytes_str(&b), password, &a, &err), &err);
    bytes_clear(&b);
    assert_ok(scram_server_final(&s, bytes_str(&a), &b, server_proven, &err), &err);
    bool ok = scram_client_check(&c, bytes_str(&b), &err);
    bytes_done(&a);
    bytes_done(&b);
    return ok;
}

static void both_sides_agree(void **state)
{
    (void)state;
    Err err = {0};
    ScramVerifier v, mock;
    bool proven = false, fits = false;
    assert_ok(scram_verifier_make(&v, STR("gr\xC3\xBC\xC3\x9F Gott"), &err), &err);
    assert_int_equal(v.iterations, 15000);
    assert_int_equal(v.salt_len, SCRAM_SALT_SIZE);
    assert_true(converse(&v, STR("a=b,c"), STR("gr\xC3\xBC\xC3\x9F Gott"), &proven));
    assert_true(proven);
    assert_true(
        converse(&v, STR("x"), STR("gru\xCC\x88\xC3\x9F\xC2\xA0Gott"), &proven));  // NFKC and the other space
    assert_false(converse(&v, STR("x"), STR("gr\xC3\xBC\xC3\x9F gott"), &proven)); // case counts
    assert_false(proven);
    const uint8_t key[SCRAM_KEY_SIZE] = {1, 2, 3};
    assert_ok(scram_verifier_mock(&mock, key, STR("nobody"), &err), &err);
    assert_false(converse(&mock, STR("nobody"), STR("anything"), &proven));
    assert_false(proven);
    assert_ok(scram_verifier_check(&v, STR("gr\xC3\xBC\xC3\x9F Gott"), &fits, &err), &err);
    assert_true(fits);
    assert_ok(scram_verifier_check(&v, STR(""), &fits, &err), &err);
    assert_false(fits);
}

static void mock_cannot_be_told_apart(void **state)
{
    (void)state;
    Err err = {0};
    const uint8_t key[SCRAM_KEY_SIZE] = {7}, other_key[SCRAM_KEY_SIZE] = {8};
    ScramVerifier a, again, b, c;
    assert_ok(scram_verifier_mock(&a, key, STR("alice"), &err), &err);
    assert_ok(scram_verifier_mock(&again, key, STR("alice"), &err), &err);
    assert_ok(scram_verifier_mock(&b, key, STR("bob"), &err), &err);
    assert_ok(scram_verifier_mock(&c, other_key, STR("alice"), &err), &err);
    assert_memory_equal(a.salt, again.salt, SCRAM_SALT_SIZE); // a changing salt would give it away
    assert_memory_not_equal(a.salt, b.salt, SCRAM_SALT_SIZE);
    assert_memory_not_equal(a.salt, c.salt, SCRAM_SALT_SIZE);
    assert_memory_not_equal(a.salt, a.stored_key, SCRAM_SALT_SIZE);
    assert_int_equal(a.iterations, SCRAM_ITERATIONS);
    assert_int_equal(a.salt_len, SCRAM_SALT_SIZE);
}

static void verifier_text_goes_both_ways(void **state)
{
    (void)state;
    Bytes text;
    bytes_init(&text, 1000);
    ScramVerifier v = pencil(), back;
    scram_verifier_put(&text, &v);
    assert_true(str_starts(bytes_str(&text), STR("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$")));
    assert_true(scram_verifier_read(&back, bytes_str(&text)));
    assert_memory_equal(back.stored_key, v.stored_key, SCRAM_KEY_SIZE);
    assert_memory_equal(back.server_key, v.server_key, SCRAM_KEY_SIZE);
    for (size_t len = 0; len < text.len; len++)
        assert_false(scram_verifier_read(&back, str_slice(bytes_str(&text), 0, len)));
    const char *bad[] = {"md5abcdef", "SCRAM-SHA-256$1:AAAA$AAAA:AAAA",
                         "SCRAM-SHA-256$99999999:AAAA$AAAA:AAAA", "SCRAM-SHA-256$:$:"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) assert_false(scram_verifier_read(&back, str_of(bad[i])));
    bytes_done(&text);
}

static void prepares_passwords(void **state)
{
    (void)state;
    const struct {
        Str in;
        const char *out;
    } rows[] = {
        {STR("I\xC2\xADX"), "IX"}, // RFC 4013 section 3: soft hyphen goes
        {STR("user"), "user"},          {STR("USER"), "USER"},
        {STR("\xC2\xAA"), "a"},                                        // feminine ordinal
        {STR("\xE2\x85\xA8"), "IX"},                                   // roman numeral nine
        {STR("a\xE3\x80\x80z"), "a z"},                                // ideographic space
        {STR("\x07"), "\x07"},                                         // prohibited: byte by byte
        {STR("bad\xff"), "bad\xff"},    {STR("\xC2\xAD"), "\xC2\xAD"}, // nothing would be left
    };
    Bytes out;
    bytes_init(&out, 100);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bytes_clear(&out);
        assert_true(scram_prepare(&out, rows[i].in));
        assert_string_equal(out.at, rows[i].out);
    }
    bytes_done(&out);
}

static void client_refuses_bad_servers(void **state)
{
    (void)state;
    const char *bad[] = {
        "",
        "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "r=" CLIENT_NONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", // nothing added
        "r=" CLIENT_NONCE "x,s=,i=4096",
        "r=" CLIENT_NONCE "x,s=!!!!,i=4096",
        "r=" CLIENT_NONCE "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1",
        "r=" CLIENT_NONCE "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4294967295",
        "r=" CLIENT_NONCE "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-1",
        "r=" CLIENT_NONCE "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,x=1",
        "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        Err err = {0};
        Bytes m;
        ScramClient c;
        bytes_init(&m, SCRAM_MESSAGE_MAX);
        assert_ok(scram_client_first(&c, STR("user"), STR(CLIENT_NONCE), &m, &err), &err);
        assert_err(scram_client_final(&c, str_of(bad[i]), STR("pencil"), &m, &err), &err, "28P01");
        assert_err(scram_client_check(&c, STR(SERVER_FINAL), &err), &err,
                   "28P01"); // no signature before a proof
        bytes_done(&m);
    }
    Err err = {0};
    Bytes m;
    ScramClient c;
    bytes_init(&m, SCRAM_MESSAGE_MAX);
    const char *finals[] = {"", "v=", "v=AAAA", "e=invalid-proof",
                            "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
    for (size_t i = 0; i < COUNT_OF(finals); i++) {
        assert_ok(scram_client_first(&c, STR("user"), STR(CLIENT_NONCE), &m, &err), &err);
        assert_ok(scram_client_final(&c, STR(SERVER_FIRST), STR("pencil"), &m, &err), &err);
        assert_err(scram_client_check(&c, str_of(finals[i]), &err), &err, "28P01");
        bytes_clear(&m);
    }
    bytes_done(&m);
}

static void server_refuses_bad_clients(void **state)
{
    (void)state;
    Err err = {0};
    ScramServer s;
    ScramVerifier v = pencil();
    Bytes m;
    bytes_init(&m, SCRAM_MESSAGE_MAX);
    bool proven = true;
    const char *first[] = {"",
                           "n,,",
                           "n,,n=user",
                           "x,,n=user,r=abc",
                           "n,a=x,n=user,r=abc",
                           "n,,n=us=er,r=abc",
                           "n,,n=,r=",
                           "n,,r=abc,n=u",
                           "n,,n=u,r=a b",
                           "n,,n=u=2,r=abc"};
    for (size_t i = 0; i < COUNT_OF(first); i++)
        assert_err(scram_server_read_first(&s, str_of(first[i]), NULL, &err), &err, "08P01");
    assert_err(scram_server_read_first(&s, STR("p=tls-unique,,n=u,r=abc"), NULL, &err), &err, "08P01");
    assert_err(scram_server_read_first(&s, STR("n,,m=x,n=u,r=abc"), NULL, &err), &err, "0A000");
    char *big = malloc(10000);
    memset(big, 'a', 10000);
    memcpy(big, "n,,n=", 5);
    assert_err(scram_server_read_first(&s, (Str){big, 10000}, NULL, &err), &err, "08P01");
    free(big);
    const char *final[] = {
        "",
        "c=biws,r=other,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "c=eSws,r=" CLIENT_NONCE SERVER_NONCE ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "c=biws,r=" CLIENT_NONCE SERVER_NONCE,
        "c=biws,r=" CLIENT_NONCE SERVER_NONCE ",p=",
        "c=biws,r=" CLIENT_NONCE SERVER_NONCE ",p=AAAA",
        CLIENT_FINAL ",x=1",
    };
    for (size_t i = 0; i < COUNT_OF(final); i++) {
        assert_ok(scram_server_read_first(&s, STR(CLIENT_FIRST), NULL, &err), &err);
        assert_ok(scram_server_first(&s, &v, STR(SERVER_NONCE), &m, &err), &err);
        assert_err(scram_server_final(&s, str_of(final[i]), &m, &proven, &err), &err, "08P01");
        assert_false(proven);
        assert_err(scram_server_final(&s, STR(CLIENT_FINAL), &m, &proven, &err), &err, "08P01"); // one try
        bytes_clear(&m);
    }
    // A well-formed wrong proof is no error of form, and gives no signature.
    assert_ok(scram_server_read_first(&s, STR(CLIENT_FIRST), NULL, &err), &err);
    assert_ok(scram_server_first(&s, &v, STR(SERVER_NONCE), &m, &err), &err);
    bytes_clear(&m);
    assert_ok(scram_server_final(&s,
                                 STR("c=biws,r=" CLIENT_NONCE SERVER_NONCE
                                     ",p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                                 &m, &proven, &err),
              &err);
    assert_false(proven);
    assert_str(bytes_str(&m), "e=invalid-proof");
    bytes_done(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_rfc),
        cmocka_unit_test(both_sides_agree),
        cmocka_unit_test(mock_cannot_be_told_apart),
        cmocka_unit_test(verifier_text_goes_both_ways),
        cmocka_unit_test(prepares_passwords),
        cmocka_unit_test(client_refuses_bad_servers),
        cmocka_unit_test(server_refuses_bad_clients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
