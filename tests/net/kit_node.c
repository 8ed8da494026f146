// Kit: a node in the process: see kit_node.h.
#include "tests/net/kit_node.h"

#include "engine/auth/scram.h"
#include "engine/base/thread.h"
#include "net/pg/server.h"
#include "net/wire/frame.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct KitNode {
    KitDir dir;
    Engine *engine;
    Loop *loop;
    PgServer *server;
    SocketListener door;
    Thread thread;
    char conninfo[1024];
};

static void must(bool good, const Err *err, const char *what)
{
    if (good) return;
    fprintf(stderr, "%s: %s %s\n", what, err->state, err->text);
    exit(1);
}

static void on_tick(void *arg) { pg_server_tick(((KitNode *)arg)->server); }

static void run(void *arg)
{
    Err err = {.at = -1};
    must(loop_run(((KitNode *)arg)->loop, &err), &err, "loop");
}

static void add_user(KitNode *n, const char *name)
{
    Err err = {.at = -1};
    EngineRegistration r = {.user = str_of(name),
                            .password = STR(KIT_NODE_PASSWORD),
                            .question = STR("Which dog was it?"),
                            .answer = STR("Bello")};
    must(engine_register(n->engine, &r, &err), &err, "register");
}

static void fill(KitNode *n)
{
    Err err = {.at = -1};
    Arena mem = {0};
    EngineTicket *ticket;
    Str question;
    Source *session = NULL;
    ResultSink none = {0};
    add_user(n, KIT_NODE_PERSON);
    add_user(n, KIT_NODE_USER);
    must(engine_sign_in(n->engine, STR(KIT_NODE_PERSON), STR(KIT_NODE_PASSWORD), NULL, &ticket, &question,
                        &mem, &err) &&
             engine_answer(n->engine, ticket, STR("Bello"), &session, &err) &&
             engine_user_service(n->engine, session, STR(KIT_NODE_USER), true, &err) &&
             source_run(session,
                        STR("CREATE DATABASE " KIT_NODE_DATABASE "; USE " KIT_NODE_DATABASE
                            "; GRANT CREATE ON SCHEMA public TO " KIT_NODE_USER),
                        &none, &err),
         &err, "fill");
    source_close(session);
    arena_done(&mem);
}

KitNode *kit_node_open(unsigned sign_in_s, unsigned connections_max)
{
    Err err = {.at = -1};
    KitNode *n = calloc(1, sizeof *n);
    if (!n) abort();
    kit_dir_make(&n->dir);
    char path[KIT_PATH_MAX];
    EngineOptions o = {.io = io_posix(), .path = kit_dir_path(&n->dir, "data", path), .workers = 2};
    must(engine_open(&n->engine, &o, &err), &err, "open");
    fill(n);
    LoopOptions l = {.threads_min = 2, .threads_max = 16, .tick = on_tick, .tick_arg = n};
    PgServerOptions p = {.engine = n->engine, .connections_max = connections_max, .sign_in_s = sign_in_s};
    must(loop_new(&n->loop, &l, &err), &err, "loop");
    p.loop = n->loop;
    must(pg_server_new(&n->server, &p, &err) &&
             socket_listen_local(&n->door, kit_dir_path(&n->dir, ".s.PGSQL.5432", path), false, &err) &&
             pg_server_listen(n->server, &n->door, &err) && thread_start(&n->thread, run, n, &err),
         &err, "listen");
    return n;
}

void kit_node_close(KitNode *n)
{
    pg_server_shut(n->server);
    loop_stop(n->loop);
    thread_join(&n->thread);
    pg_server_free(n->server);
    loop_free(n->loop);
    engine_close(n->engine);
    kit_dir_remove(&n->dir);
    free(n);
}

const char *kit_node_socket_directory(const KitNode *n) { return n->dir.path; }

const char *kit_node_conninfo(KitNode *n, const char *user)
{
    snprintf(n->conninfo, sizeof n->conninfo, "host=%s user=%s password='%s' dbname=%s connect_timeout=30",
             n->dir.path, user, KIT_NODE_PASSWORD, KIT_NODE_DATABASE);
    return n->conninfo;
}

// ---- raw ----

int kit_node_connect(const KitNode *n)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    char path[KIT_PATH_MAX];
    snprintf(a.sun_path, sizeof a.sun_path, "%s", kit_dir_path(&n->dir, ".s.PGSQL.5432", path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        perror("connect");
        exit(1);
    }
    return fd;
}

void kit_node_send(int fd, const void *at, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t sent = send(fd, (const char *)at + done, len - done, MSG_NOSIGNAL);
        if (sent <= 0) return; // the server has closed: what it said is read next
        done += (size_t)sent;
    }
}

size_t kit_node_read(int fd, char *at, size_t len)
{
    size_t got = 0;
    while (got < len) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 10000) <= 0) break;
        ssize_t n = recv(fd, at + got, len - got, 0);
        if (n <= 0) break;
        got += (size_t)n;
    }
    return got;
}

void kit_node_message(int fd, char type, const void *body, size_t len)
{
    Bytes b;
    bytes_init(&b, len + 16);
    if (type) bytes_put_byte(&b, type);
    frame_put_u32(&b, (uint32_t)len + 4);
    bytes_put(&b, (Str){body, len});
    kit_node_send(fd, b.at, b.len);
    bytes_done(&b);
}

// One message: its type, and its body in out; 0 at the end.
static char read_message(int fd, Bytes *body)
{
    char head[5];
    bytes_clear(body);
    if (kit_node_read(fd, head, 5) != 5) return 0;
    uint32_t len = frame_load_u32(head + 1) - 4;
    char *room = bytes_reserve(body, len);
    if (!room) abort();
    if (kit_node_read(fd, room, len) != len) return 0;
    bytes_reserve_done(body, len);
    return head[0];
}

void kit_node_types(int fd, char *out, size_t size)
{
    Bytes body;
    bytes_init(&body, 1 << 24);
    size_t n = 0;
    for (char type = 1; type && n + 1 < size;) {
        type = read_message(fd, &body);
        if (type) out[n++] = type;
        if (type == 'Z') break;
    }
    out[n] = 0;
    bytes_done(&body);
}

static void wait_for(int fd, Bytes *body, uint32_t code)
{
    if (read_message(fd, body) == 'R' && body->len >= 4 && frame_load_u32(body->at) == code) return;
    fprintf(stderr, "sign-in: message %u was expected\n", code);
    exit(1);
}

int kit_node_sign_in(const KitNode *n)
{
    static const char start[] = "\0\3\0\0user\0" KIT_NODE_USER "\0database\0" KIT_NODE_DATABASE "\0";
    Err err = {.at = -1};
    Bytes body, m, first;
    ScramClient c;
    int fd = kit_node_connect(n);
    bytes_init(&body, 1 << 16);
    bytes_init(&m, 1 << 16);
    bytes_init(&first, 1 << 16);
    kit_node_message(fd, 0, start, sizeof start);
    wait_for(fd, &body, 10);
    must(scram_client_first(&c, STR_NONE, STR_NONE, &m, &err), &err, "first");
    frame_put_string(&first, STR("SCRAM-SHA-256"));
    frame_put_u32(&first, (uint32_t)m.len);
    bytes_put(&first, bytes_str(&m));
    kit_node_message(fd, 'p', first.at, first.len);
    wait_for(fd, &body, 11);
    bytes_clear(&m);
    must(scram_client_final(&c, str_slice(bytes_str(&body), 4, SIZE_MAX), STR(KIT_NODE_PASSWORD), &m, &err),
         &err, "final");
    kit_node_message(fd, 'p', m.at, m.len);
    wait_for(fd, &body, 12);
    must(scram_client_check(&c, str_slice(bytes_str(&body), 4, SIZE_MAX), &err), &err, "check");
    char types[128];
    kit_node_types(fd, types, sizeof types);
    bytes_done(&body);
    bytes_done(&m);
    bytes_done(&first);
    return fd;
}
