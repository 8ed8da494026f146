// Fuzz: any bytes as the first packets of a connection (first byte 'c': as they come from the socket) or as
// messages of a session that is signed in (the conversation behind it, with a real engine).
#include "net/pg/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 16 << 10 };

typedef struct Bed {
    Engine *engine;
    Loop *loop;
    PgServer *server;
    Source *user;
} Bed;

static void must(bool good)
{
    if (!good) abort();
}

static Bed *bed(void)
{
    static Bed b;
    static char path[] = "/tmp/d2db-fuzz-XXXXXX";
    Err err = {.at = -1};
    if (b.engine) return &b;
    must(mkdtemp(path) != NULL);
    EngineOptions o = {.io = io_posix(), .path = path, .workers = 1};
    LoopOptions l = {.threads_min = 1, .threads_max = 1};
    must(engine_open(&b.engine, &o, &err) && loop_new(&b.loop, &l, &err));
    PgServerOptions p = {.engine = b.engine, .loop = b.loop, .connections_max = 100, .sign_in_s = 60};
    must(pg_server_new(&b.server, &p, &err));
    EngineRegistration r = {.user = STR("robot"),
                            .password = STR("correct horse 7"),
                            .question = STR("Which?"),
                            .answer = STR("That")};
    EngineTicket *ticket;
    Str question;
    Arena mem = {0};
    ResultSink none = {0};
    must(engine_register(b.engine, &r, &err) &&
         engine_sign_in(b.engine, r.user, r.password, NULL, &ticket, &question, &mem, &err) &&
         engine_answer(b.engine, ticket, r.answer, &b.user, &err) &&
         source_run(b.user, STR("CREATE DATABASE shop; USE shop"), &none, &err));
    arena_done(&mem);
    return &b;
}

// ---- the connection ----

static void connection(Bed *b, Str bytes)
{
    int pair[2];
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
    PgClient *c = pg_client_begin(b->server, pair[1], true, "fuzz");
    must(c != NULL);
    must(send(pair[0], bytes.at, bytes.len, MSG_NOSIGNAL) == (ssize_t)bytes.len || bytes.len == 0);
    shutdown(pair[0], SHUT_WR);
    LoopWant want = LOOP_READ;
    for (int i = 0; i < 100 && want != LOOP_GONE; i++) {
        char drain[8192];
        want = pg_client_ready(c, true);
        while (recv(pair[0], drain, sizeof drain, 0) > 0) continue;
    }
    must(want == LOOP_GONE);
    close(pair[0]);
}

// ---- the conversation ----

typedef struct Feed {
    Bytes out;
    Frame in;
} Feed;

static bool feed_send(void *self, bool wait)
{
    (void)wait;
    bytes_clear(&((Feed *)self)->out);
    return true;
}

static bool feed_next(void *self, char *type, Str *body)
{
    Feed *f = self;
    if (f->in.left < 3) return false;
    *type = (char)frame_u8(&f->in);
    size_t len = frame_u16(&f->in) % 512;
    *body = frame_bytes(&f->in, len < f->in.left ? len : f->in.left);
    return true;
}

static void conversation(Bed *b, Str bytes)
{
    Feed f = {.in = frame_of(bytes)};
    Err err = {.at = -1};
    Source *s;
    Talk t;
    bytes_init(&f.out, 64 << 20);
    must(engine_session_again(b->engine, b->user, true, &s, &err));
    TalkPipe pipe = {&f.out, feed_send, feed_next, &f};
    talk_begin(&t, s, &pipe);
    char type;
    Str body;
    for (bool more = true; more && feed_next(&f, &type, &body);) {
        more = talk_message(&t, type, body);
        while (more && talk_waits(&t)) {
            bytes_clear(&f.out);
            more = talk_resume(&t);
        }
    }
    talk_done(&t);
    source_close(s);
    bytes_done(&f.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > INPUT_MAX) return 0;
    Str bytes = {(const char *)data + 1, size - 1};
    if (data[0] == 'c')
        connection(bed(), bytes);
    else
        conversation(bed(), bytes);
    return 0;
}
