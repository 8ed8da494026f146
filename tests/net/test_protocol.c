// The protocol on byte strings: what a hostile or broken client may send at each stage, lengths that lie, and
// who is slow, silent or too many. The node goes on serving others.
#include "tests/unit/kit_cmocka.h"

#include "net/wire/frame.h"
#include "tests/net/kit_node.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static KitNode *node;

static int set_up(void **state)
{
    (void)state;
    node = kit_node_open(2, 64);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kit_node_close(node);
    return 0;
}

// The answer to what was sent, until the server closes.
static size_t answer_to(const void *at, size_t len, char *out, size_t size)
{
    int fd = kit_node_connect(node);
    kit_node_send(fd, at, len);
    size_t got = kit_node_read(fd, out, size);
    close(fd);
    return got;
}

static void assert_alive(void)
{
    char types[64];
    int fd = kit_node_sign_in(node);
    kit_node_message(fd, 'Q', "SELECT 1", 9);
    kit_node_types(fd, types, sizeof types);
    assert_string_equal(types, "TDCZ");
    close(fd);
}

static bool holds(const char *at, size_t len, const char *words)
{
    return str_find((Str){at, len}, str_of(words), 0) != SIZE_MAX;
}

// Each length field of the first packet: 0, one less, one more, all ones, the largest positive, the smallest
// negative.
static void startup_lengths(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {0, 1, 3, 4, 7, 10001, 0x7fffffff, 0x80000000, 0xffffffff};
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        char packet[8] = {0}, out[512];
        frame_store_u32(packet, lengths[i]);
        frame_store_u32(packet + 4, 196608);
        size_t got = answer_to(packet, sizeof packet, out, sizeof out);
        assert_true(got > 5 && out[0] == 'E');
        assert_true(holds(out, got, "08P01"));
    }
    assert_alive();
}

static void startup_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        size_t len;
        const char *words;
    } cases[] = {
        {"\0\3\0\0user\0x", 11, "08P01"},             // no end
        {"\0\3\0\0user\0x\0", 11, "08P01"},           // no empty name at the end
        {"\0\3\0\0user\0", 9, "08P01"},               // a name without a value
        {"\0\3\0\0\0", 5, "no PostgreSQL user name"}, // nobody
        {"\0\2\0\0user\0x\0\0", 12, "unsupported frontend protocol"},
        {"\0\4\0\0user\0x\0\0", 12, "unsupported frontend protocol"},
        {"\0\3\0\0user\0x\0replication\0true\0\0", 29, "replication"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char packet[64], out[512];
        frame_store_u32(packet, (uint32_t)cases[i].len + 4);
        memcpy(packet + 4, cases[i].body, cases[i].len);
        size_t got = answer_to(packet, cases[i].len + 4, out, sizeof out);
        if (!holds(out, got, cases[i].words)) fail_msg("case %zu: %.*s", i, (int)got, out);
    }
}

static void newer_versions_are_negotiated(void **state)
{
    (void)state;
    static const char body[] = "\0\3\0\2user\0robot\0_pq_.magic\0on\0";
    char head[5];
    int fd = kit_node_connect(node);
    kit_node_message(fd, 0, body, sizeof body);
    assert_int_equal(kit_node_read(fd, head, 5), 5);
    assert_int_equal(head[0], 'v');
    char rest[64];
    size_t len = frame_load_u32(head + 1) - 4;
    assert_true(len < sizeof rest && kit_node_read(fd, rest, len) == len);
    assert_int_equal(frame_load_u32(rest), 196608);
    assert_int_equal(frame_load_u32(rest + 4), 1);
    assert_string_equal(rest + 8, "_pq_.magic");
    close(fd);
}

static void encryption_is_refused_on_unix_sockets(void **state)
{
    (void)state;
    static const char tls[] = "\0\0\0\10\4\322\26\57", gss[] = "\0\0\0\10\4\322\26\60";
    char byte;
    int fd = kit_node_connect(node);
    kit_node_send(fd, gss, 8);
    assert_int_equal(kit_node_read(fd, &byte, 1), 1);
    assert_int_equal(byte, 'N');
    kit_node_send(fd, tls, 8);
    assert_int_equal(kit_node_read(fd, &byte, 1), 1);
    assert_int_equal(byte, 'N');
    close(fd);
}

static void sasl_lies(void **state)
{
    (void)state;
    static const char start[] = "\0\3\0\0user\0robot\0";
    static const struct {
        const char *at;
        size_t len;
    } bodies[] = {
        {"SCRAM-SHA-256", 14},                   // no length
        {"SCRAM-SHA-256\0\0\0\0\5n,,", 21},      // too long by two
        {"SCRAM-SHA-256\0\377\377\377\377", 18}, // minus one
        {"SCRAM-SHA-256\0\177\377\377\377n,,", 21},
        {"SCRAM-SHA-256\0\200\0\0\0n,,", 21},
        {"SCRAM-SHA-256-PLUS\0\0\0\0\3n,,", 26}, // not offered without TLS
        {"PLAIN\0\0\0\0\3n,,", 13},
        {"SCRAM-SHA-256\0\0\0\0\3p=x", 21},
        {"", 0},
    };
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        char out[1024];
        int fd = kit_node_connect(node);
        kit_node_message(fd, 0, start, sizeof start);
        kit_node_message(fd, 'p', bodies[i].at, bodies[i].len);
        size_t got = kit_node_read(fd, out, sizeof out);
        if (!holds(out, got, "FATAL")) fail_msg("case %zu", i);
        close(fd);
    }
    // Another message than SASL's, and one that is longer than any of it.
    for (int i = 0; i < 2; i++) {
        char out[1024], big[6] = {'p', 0, 1, 0, 0, 0};
        int fd = kit_node_connect(node);
        kit_node_message(fd, 0, start, sizeof start);
        if (i == 0)
            kit_node_message(fd, 'Q', "SELECT 1", 9);
        else
            kit_node_send(fd, big, sizeof big);
        size_t got = kit_node_read(fd, out, sizeof out);
        assert_true(holds(out, got, "08P01"));
        close(fd);
    }
    assert_alive();
}

// After sign-in: every type with every lying length, and bodies that end too early.
static void message_lengths(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {0, 3, 0x7fffffff, 0x80000000, 0xffffffff};
    static const char types[] = "QPBDECSHXdcfFp?";
    for (const char *t = types; *t; t++)
        for (size_t i = 0; i < COUNT_OF(lengths); i++) {
            char head[5] = {*t}, out[1024];
            frame_store_u32(head + 1, lengths[i]);
            int fd = kit_node_sign_in(node);
            kit_node_send(fd, head, sizeof head);
            size_t got = kit_node_read(fd, out, sizeof out);
            if (!holds(out, got, "08P01")) fail_msg("type %c length %x", *t, lengths[i]);
            close(fd);
        }
    assert_alive();
}

static void short_bodies(void **state)
{
    (void)state;
    // One connection: after each broken message of the extended protocol Sync brings it back.
    static const struct {
        char type;
        const char *at;
        size_t len;
    } bodies[] = {
        {'P', "", 0},
        {'P', "x", 1},
        {'P', "\0SELECT 1\0", 10},
        {'P', "\0SELECT 1\0\0\2\0\0", 14},
        {'B', "\0\0", 2},
        {'B', "\0\0\0\1", 4},
        {'B', "\0\0\377\377", 4},
        {'B', "\0\0\0\0\0\1\0\0\0\11abc", 13},
        {'B', "\0\0\0\0\0\1\177\377\377\377abc", 13},
        {'B', "\0\0\0\0\0\1\200\0\0\0abc", 13},
        {'B', "\0\0\0\0\377\377", 6},
        {'D', "", 0},
        {'D', "X\0", 2},
        {'D', "Sx", 2},
        {'E', "", 0},
        {'E', "\0\0\0", 3},
        {'C', "P", 1},
        {'C', "Q\0", 2},
        {'E', "no such portal\0\0\0\0\0", 19},
        {'D', "Sno such statement\0", 19},
    };
    int fd = kit_node_sign_in(node);
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        char types[64];
        kit_node_message(fd, bodies[i].type, bodies[i].at, bodies[i].len);
        kit_node_message(fd, 'E', "\0\0\0\0\0", 5); // skipped
        kit_node_message(fd, 'S', "", 0);
        kit_node_types(fd, types, sizeof types);
        if (strcmp(types, "EZ") != 0) fail_msg("case %zu: %s", i, types);
    }
    close(fd);
}

static void pipelined_statements_skip_after_an_error(void **state)
{
    (void)state;
    char types[128];
    int fd = kit_node_sign_in(node);
    kit_node_message(fd, 'P', "a\0SELECT 1\0\0", 13);
    kit_node_message(fd, 'B', "\0a\0\0\0\0\0\0\0", 9);
    kit_node_message(fd, 'E', "\0\0\0\0\0", 5);
    kit_node_message(fd, 'P', "b\0SELEKT\0\0", 11);
    kit_node_message(fd, 'B', "\0a\0\0\0\0\0\0\0", 9);
    kit_node_message(fd, 'E', "\0\0\0\0\0", 5);
    kit_node_message(fd, 'S', "", 0);
    kit_node_types(fd, types, sizeof types);
    assert_string_equal(types, "12DCEZ");
    kit_node_message(fd, 'D', "Sa\0", 3);
    kit_node_message(fd, 'C', "Sa\0", 3);
    kit_node_message(fd, 'D', "Sa\0", 3);
    kit_node_message(fd, 'S', "", 0);
    kit_node_types(fd, types, sizeof types);
    assert_string_equal(types, "tT3EZ");
    close(fd);
}

static void row_limits_suspend(void **state)
{
    (void)state;
    static const char text[] = "\0SELECT g FROM generate_series(1, 5) AS g\0\0";
    char types[128];
    int fd = kit_node_sign_in(node);
    kit_node_message(fd, 'P', text, sizeof text);
    kit_node_message(fd, 'B', "\0\0\0\0\0\0\0\0", 8);
    kit_node_message(fd, 'E', "\0\0\0\0\2", 5);
    kit_node_message(fd, 'P', "other\0SELECT 1\0\0", 17); // does not disturb the portal
    kit_node_message(fd, 'E', "\0\0\0\0\2", 5);
    kit_node_message(fd, 'E', "\0\0\0\0\2", 5);
    kit_node_message(fd, 'S', "", 0);
    kit_node_types(fd, types, sizeof types);
    assert_string_equal(types, "12DDs1DDsDCZ");
    close(fd);
}

static void one_byte_at_a_time(void **state)
{
    (void)state;
    static const char query[] = "Q\0\0\0\15SELECT 1\0";
    char types[64];
    int fd = kit_node_sign_in(node);
    for (size_t i = 0; i < sizeof query - 1; i++) kit_node_send(fd, query + i, 1);
    kit_node_types(fd, types, sizeof types);
    assert_string_equal(types, "TDCZ");
    close(fd);
}

static void the_silent_are_ended(void **state)
{
    (void)state;
    char out[512];
    int silent = kit_node_connect(node), half = kit_node_connect(node);
    kit_node_send(half, "\0\0", 2);
    size_t got = kit_node_read(silent, out, sizeof out);
    assert_true(holds(out, got, "canceling authentication due to timeout"));
    got = kit_node_read(half, out, sizeof out);
    assert_true(holds(out, got, "canceling authentication due to timeout"));
    close(silent);
    close(half);
}

static void too_many_are_told(void **state)
{
    (void)state;
    static const char start[] = "\0\3\0\0user\0robot\0";
    int fd[80];
    char out[512];
    for (size_t i = 0; i < COUNT_OF(fd); i++) fd[i] = kit_node_connect(node);
    kit_node_message(fd[79], 0, start, sizeof start);
    size_t got = kit_node_read(fd[79], out, sizeof out);
    assert_true(holds(out, got, "53300"));
    for (size_t i = 0; i < COUNT_OF(fd); i++) close(fd[i]);
}

static void who_goes_away_is_forgotten(void **state)
{
    (void)state;
    // In the middle of a result, of a COPY, of a message.
    static const char big[] = "SELECT repeat('x', 1000) FROM generate_series(1, 200000)";
    for (int i = 0; i < 3; i++) {
        int fd = kit_node_sign_in(node);
        if (i == 0) kit_node_message(fd, 'Q', big, sizeof big);
        if (i == 1) kit_node_message(fd, 'Q', "CREATE TABLE IF NOT EXISTS c (a text); COPY c FROM STDIN", 57);
        if (i == 2) kit_node_send(fd, "Q\0\0\1\0SELECT", 11);
        char byte;
        if (i < 2) (void)kit_node_read(fd, &byte, 1);
        close(fd);
    }
    assert_alive();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(startup_lengths),
        cmocka_unit_test(startup_shapes),
        cmocka_unit_test(newer_versions_are_negotiated),
        cmocka_unit_test(encryption_is_refused_on_unix_sockets),
        cmocka_unit_test(sasl_lies),
        cmocka_unit_test(message_lengths),
        cmocka_unit_test(short_bodies),
        cmocka_unit_test(pipelined_statements_skip_after_an_error),
        cmocka_unit_test(row_limits_suspend),
        cmocka_unit_test(one_byte_at_a_time),
        cmocka_unit_test(the_silent_are_ended),
        cmocka_unit_test(who_goes_away_is_forgotten),
        cmocka_unit_test(too_many_are_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
