// Server: see server.h.
#include "net/pg/client.h"

#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/base/size.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ACCEPTS_AT_ONCE = 64 };

typedef struct Door {
    PgServer *server;
    SocketListener listener;
    LoopHandle handle;
} Door;

struct PgServer {
    PgServerOptions o;
    Door *door[SOCKET_LISTENERS_MAX];
    size_t doors;
    Mutex lock; // guards all below
    TlsContext *tls;
    TlsContext *old_tls[16]; // connections may still use them
    size_t old_tls_count;
    PgClient *client; // newest first
    unsigned clients;
    uint32_t numbers;
    atomic_bool ending;
};

const PgServerOptions *pg_server_options(const PgServer *s) { return &s->o; }
bool pg_server_ending(const PgServer *s) { return atomic_load(&((PgServer *)s)->ending); }

bool pg_server_new(PgServer **out, const PgServerOptions *o, Err *err)
{
    PgServer *s = size_alloc_zero(1, sizeof *s);
    if (!s) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for the server");
    s->o = *o;
    mutex_init(&s->lock);
    *out = s;
    return true;
}

// ---- doors ----

static LoopWant door_ready(void *arg, bool hung_up)
{
    Door *d = arg;
    (void)hung_up;
    for (;;) {
        char peer[64];
        int fd = socket_accept(&d->listener, peer, sizeof peer);
        if (fd >= 0)
            (void)pg_client_begin(d->server, fd, d->listener.local, peer);
        else if (errno != EINTR && errno != ECONNABORTED)
            return LOOP_READ;
    }
}

bool pg_server_listen(PgServer *s, const SocketListener *l, Err *err)
{
    Door *d = size_alloc_zero(1, sizeof *d);
    if (!d || s->doors == SOCKET_LISTENERS_MAX) {
        free(d);
        return err_set(err, "53000", "no more than %d addresses can be listened on", SOCKET_LISTENERS_MAX);
    }
    *d = (Door){.server = s, .listener = *l};
    s->door[s->doors++] = d;
    return loop_add(s->o.loop, l->fd, door_ready, d, &d->handle, err);
}

// ---- TLS ----

TlsContext *pg_server_tls(PgServer *s)
{
    mutex_lock(&s->lock);
    TlsContext *tls = s->tls;
    mutex_unlock(&s->lock);
    return tls;
}

void pg_server_secure(PgServer *s, TlsContext *tls)
{
    mutex_lock(&s->lock);
    // libssl counts its own references to a context; ours waits until nobody can be about to take one.
    if (s->tls && s->old_tls_count < COUNT_OF(s->old_tls)) s->old_tls[s->old_tls_count++] = s->tls;
    s->tls = tls;
    mutex_unlock(&s->lock);
}

// ---- the list ----

bool pg_server_add(PgServer *s, PgClient *c)
{
    Err ignored = {.at = -1};
    if (!random_secret(&c->secret, sizeof c->secret, &ignored)) return false;
    mutex_lock(&s->lock);
    bool room = s->clients < s->o.connections_max;
    c->number = s->numbers = s->numbers % INT32_MAX + 1;
    c->next = s->client;
    if (s->client) s->client->before = c;
    s->client = c;
    s->clients++;
    mutex_unlock(&s->lock);
    return room;
}

void pg_server_remove(PgServer *s, PgClient *c)
{
    mutex_lock(&s->lock);
    if (c->before)
        c->before->next = c->next;
    else
        s->client = c->next;
    if (c->next) c->next->before = c->before;
    s->clients--;
    mutex_unlock(&s->lock);
}

unsigned pg_server_connections(PgServer *s)
{
    mutex_lock(&s->lock);
    unsigned n = s->clients;
    mutex_unlock(&s->lock);
    return n;
}

static void cancel(PgClient *c)
{
    mutex_lock(&c->session_lock);
    if (c->session) source_cancel(c->session);
    mutex_unlock(&c->session_lock);
}

void pg_server_cancel(PgServer *s, uint32_t number, uint32_t secret)
{
    mutex_lock(&s->lock);
    for (PgClient *c = s->client; c; c = c->next)
        if (c->number == number && c->secret == secret) cancel(c);
    mutex_unlock(&s->lock);
}

// Pokes those for whom `due` holds; not under the lock, since their handlers take it.
static void poke_due(PgServer *s, bool (*due)(PgClient *c, int64_t now))
{
    enum { AT_ONCE = 256 };
    LoopHandle handle[AT_ONCE];
    size_t count;
    int64_t now = clock_mono_us();
    do {
        count = 0;
        mutex_lock(&s->lock);
        for (PgClient *c = s->client; c && count < AT_ONCE; c = c->next)
            if (due(c, now)) handle[count++] = c->handle;
        mutex_unlock(&s->lock);
        for (size_t i = 0; i < count; i++) (void)loop_poke(s->o.loop, handle[i]);
    } while (count == AT_ONCE);
}

static bool is_late(PgClient *c, int64_t now)
{
    int64_t deadline = atomic_load(&c->deadline_us);
    if (!deadline || now < deadline) return false;
    atomic_store(&c->deadline_us, 0);
    return true;
}

void pg_server_tick(PgServer *s) { poke_due(s, is_late); }

static bool is_to_end(PgClient *c, int64_t now)
{
    (void)now;
    if (atomic_exchange(&c->why, PG_END_SHUTDOWN) == PG_END_SHUTDOWN) return false;
    cancel(c);
    return true;
}

void pg_server_shut(PgServer *s)
{
    atomic_store(&s->ending, true);
    for (size_t i = 0; i < s->doors; i++) socket_close_listener(&s->door[i]->listener);
    poke_due(s, is_to_end);
}

void pg_server_free(PgServer *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->doors; i++) {
        socket_close_listener(&s->door[i]->listener);
        free(s->door[i]);
    }
    while (s->client) pg_client_free(s->client);
    for (size_t i = 0; i < s->old_tls_count; i++) tls_context_free(s->old_tls[i]);
    tls_context_free(s->tls);
    mutex_done(&s->lock);
    free(s);
}
