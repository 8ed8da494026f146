// Serve: see serve.h. Signals are blocked in all threads and read from a descriptor that the loop watches.
#include "net/serve.h"

#include "engine/base/size.h"
#include "net/pg/server.h"
#include "net/wire/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIGN_IN_S = 60,
    THREADS_MIN = 4,
    THREADS_MAX = 128,
    CONNECTIONS_MAX = 10000,
    SPARE_FILES = 256,
    PATH_MAX_BYTES = 4096,
    CERTIFICATE_DAYS = 365
};

typedef struct Serve {
    const ServeOptions *o;
    Engine *engine;
    Loop *loop;
    PgServer *server;
    Signals *signals;
    Arena mem;
    const char *certificate, *key;
    unsigned stopping_ticks;
    bool stopping;
} Serve;

PRINTF_LIKE(2, 3) static void say(const Serve *s, const char *format, ...)
{
    char sentence[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    if (s->o->say) s->o->say(s->o->self, sentence);
}

// ---- TLS ----

static bool read_certificate(Serve *s, Err *err)
{
    TlsContext *tls;
    if (!s->certificate) return true;
    if (!tls_context_new(&tls, s->certificate, s->key, err)) return false;
    pg_server_secure(s->server, tls);
    return true;
}

static bool is_there(const Serve *s, const char *path)
{
    IoFile f;
    Err ignored = {.at = -1};
    if (!io_open_path(&f, s->o->io, path, IO_READ, &ignored)) return false;
    io_close(&f);
    return true;
}

static bool find_certificate(Serve *s, Err *err)
{
    const ServeOptions *o = s->o;
    s->certificate = o->certificate;
    s->key = o->key ? o->key : o->certificate;
    if (o->certificate) return true;
    const char *directory = arena_printf(&s->mem, "%s/tls", o->data).at;
    if (o->init_tls) {
        if (!tls_make_certificate(directory, "localhost", CERTIFICATE_DAYS, err)) return false;
        say(s, "made a key and a certificate that signs itself in %s, good for %d days", directory,
            CERTIFICATE_DAYS);
    }
    const char *certificate = arena_printf(&s->mem, "%s/server.crt", directory).at;
    if (!is_there(s, certificate)) return true;
    s->certificate = certificate;
    s->key = arena_printf(&s->mem, "%s/server.key", directory).at;
    return true;
}

// ---- doors ----

static bool listen_tcp(Serve *s, Err *err)
{
    SocketListener l[SOCKET_LISTENERS_MAX - 1];
    size_t count;
    if (!s->o->listen) return true;
    if (!socket_listen(l, COUNT_OF(l), &count, str_of(s->o->listen), err)) return false;
    for (size_t i = 0; i < count; i++) {
        say(s, "listening on %s, port %u%s", s->o->listen, l[i].port, s->certificate ? " (TLS)" : "");
        if (!pg_server_listen(s->server, &l[i], err)) return false;
    }
    return true;
}

static bool listen_local(Serve *s, Err *err)
{
    const ServeOptions *o = s->o;
    SocketListener l;
    IoDir d;
    if (o->socket && !o->socket[0]) return true;
    const char *directory = o->socket ? o->socket : arena_printf(&s->mem, "%s/run", o->data).at;
    if (!io_dir_open(&d, o->io, directory, true, err)) return false;
    io_dir_close(&d);
    const char *path = arena_printf(&s->mem, "%s/.s.PGSQL.%u", directory, o->port).at;
    if (!socket_listen_local(&l, path, false, err)) return false;
    say(s, "listening on %s: psql -h %s%s", path, directory,
        o->port == 5432 ? "" : arena_printf(&s->mem, " -p %u", o->port).at);
    return pg_server_listen(s->server, &l, err) && engine_owner_tell(s->engine, path, err);
}

// ---- signals and time ----

static void stop(Serve *s)
{
    if (s->stopping) return;
    s->stopping = true;
    pg_server_shut(s->server);
    if (!pg_server_connections(s->server)) loop_stop(s->loop);
}

static void on_signal(void *arg, int number)
{
    Serve *s = arg;
    Err err = {.at = -1};
    if (number != SIGHUP) {
        say(s, "ending: %s", number == SIGINT ? "interrupted" : "asked to");
        stop(s);
    } else if (read_certificate(s, &err))
        say(s, "read the certificate again");
    else
        say(s, "the old certificate stays: %s", err.text);
}

static void on_tick(void *arg)
{
    enum { PATIENCE_TICKS = 10 };
    Serve *s = arg;
    pg_server_tick(s->server);
    if (s->stopping && (!pg_server_connections(s->server) || ++s->stopping_ticks > PATIENCE_TICKS))
        loop_stop(s->loop);
}

// ---- run ----

static unsigned connections_max(const Serve *s)
{
    uint64_t files = socket_raise_limit(), room = files > SPARE_FILES ? files - SPARE_FILES : 1;
    unsigned wanted = s->o->connections_max ? s->o->connections_max : CONNECTIONS_MAX;
    return room < wanted ? (unsigned)room : wanted;
}

static bool open_all(Serve *s, Err *err)
{
    const ServeOptions *o = s->o;
    EngineOptions e = {.io = o->io, .path = o->data};
    LoopOptions l = {.threads_min = THREADS_MIN, .threads_max = THREADS_MAX, .tick = on_tick, .tick_arg = s};
    if (!signals_block(err) || !engine_open(&s->engine, &e, err) || !loop_new(&s->loop, &l, err))
        return false;
    PgServerOptions p = {
        .engine = s->engine, .loop = s->loop, .connections_max = connections_max(s), .sign_in_s = SIGN_IN_S};
    if (!pg_server_new(&s->server, &p, err) || !signals_watch(&s->signals, s->loop, on_signal, s, err))
        return false;
    if (!find_certificate(s, err) || !read_certificate(s, err) || !listen_tcp(s, err) ||
        !listen_local(s, err))
        return false;
    say(s, "ready: at most %u connections", p.connections_max);
    return true;
}

bool serve_run(const ServeOptions *o, Err *err)
{
    Serve s = {.o = o};
    bool good = open_all(&s, err) && loop_run(s.loop, err);
    pg_server_free(s.server);
    signals_free(s.signals);
    loop_free(s.loop);
    if (s.engine) engine_close(s.engine);
    arena_done(&s.mem);
    return good;
}
