// Startup: the first packets of a connection: requests for TLS and GSS encryption, cancel requests, and the
// start-up message itself. Relies on client.
#include "net/pg/client.h"

#include <string.h>

enum {
    CODE_CANCEL = 80877102,
    CODE_TLS = 80877103,
    CODE_GSS = 80877104,
    MAJOR = 3,
    MINOR = 0, // 3.2's longer cancel keys are negotiated away
    PARAMETERS_MAX = 256,
};

// One byte in the clear: whether encryption follows.
static bool answer(PgClient *c, char byte)
{
    bytes_put_byte(&c->link.out, byte);
    if (link_flush(&c->link) == LINK_READY) return true;
    c->state = PG_STATE_CLOSING;
    return false;
}

static bool begin_tls(PgClient *c)
{
    TlsContext *tls = c->local || c->link.tls || c->asked_tls ? NULL : pg_server_tls(c->server);
    c->asked_tls = true;
    if (!tls) return answer(c, 'N');
    if (!answer(c, 'S')) return false;
    Err err = {.at = -1};
    c->tls_context = tls;
    return link_secure(&c->link, tls, false, &err) || pg_client_refuse(c, &err);
}

static bool cancel(PgClient *c, Frame *f)
{
    uint32_t number = frame_u32(f), secret = frame_u32(f);
    if (frame_whole(f)) pg_server_cancel(c->server, number, secret);
    c->state = PG_STATE_CLOSING; // without an answer
    return false;
}

// ---- the start-up message ----

// Tells which minor version is spoken and which options of the protocol are not known.
static void negotiate(PgClient *c, Str body)
{
    size_t m = pg_message_begin(&c->link.out, 'v');
    uint32_t unknown = 0;
    frame_put_u32(&c->link.out, MAJOR << 16 | MINOR);
    size_t at = c->link.out.len;
    frame_put_u32(&c->link.out, 0);
    Frame f = frame_of(body);
    for (;;) {
        Str name = frame_string(&f);
        if (f.bad || !name.len) break;
        (void)frame_string(&f);
        if (!str_starts(name, STR("_pq_."))) continue;
        frame_put_string(&c->link.out, name);
        unknown++;
    }
    if (!c->link.out.failed) frame_store_u32(c->link.out.at + at, unknown);
    pg_message_end(&c->link.out, m);
}

static bool has_protocol_option(Str body)
{
    Frame f = frame_of(body);
    for (;;) {
        Str name = frame_string(&f);
        if (f.bad || !name.len) return false;
        (void)frame_string(&f);
        if (str_starts(name, STR("_pq_."))) return true;
    }
}

static bool read_parameters(PgClient *c, Str body)
{
    Frame f = frame_of(body);
    unsigned count = 0;
    for (;;) {
        Str name = frame_string(&f);
        if (!name.len) break;
        Str value = frame_string(&f);
        if (f.bad || ++count > PARAMETERS_MAX) return false;
        if (str_equal(name, STR("user"))) c->user = arena_copy(&c->mem, value);
        if (str_equal(name, STR("database"))) c->database = arena_copy(&c->mem, value);
        if (str_equal(name, STR("replication")))
            c->replication = value.len && !str_equal(value, STR("false"));
    }
    return frame_whole(&f);
}

static bool start(PgClient *c, uint32_t code, Frame *f)
{
    Str body = {f->at, f->left};
    if (code >> 16 != MAJOR)
        return pg_client_refuse_with(c, SQLSTATE_UNSUPPORTED,
                                     "unsupported frontend protocol %u.%u: server supports 3.0 to 3.0",
                                     code >> 16, code & 0xffff);
    if (!read_parameters(c, body))
        return pg_client_refuse_with(c, "08P01",
                                     "invalid startup packet layout: expected terminator as last byte");
    if (c->full) return pg_client_refuse_with(c, "53300", "sorry, too many clients already");
    if (!c->user.len)
        return pg_client_refuse_with(c, SQLSTATE_AUTH, "no PostgreSQL user name specified in startup packet");
    if (c->replication)
        return pg_client_refuse_with(c, SQLSTATE_UNSUPPORTED, "replication connections are not supported");
    if (!c->database.len) c->database = c->user;
    if ((code & 0xffff) > MINOR || has_protocol_option(body)) negotiate(c, body);
    c->parameters = arena_copy(&c->mem, body);
    pg_sign_in_offer(c);
    return true;
}

bool pg_startup_packet(PgClient *c, Str body)
{
    Frame f = frame_of(body);
    uint32_t code = frame_u32(&f);
    c->state = PG_STATE_STARTUP;
    switch (code) {
    case CODE_TLS: return begin_tls(c);
    case CODE_GSS:
        if (c->asked_gss) return pg_client_refuse_with(c, "08P01", "GSS encryption was refused already");
        c->asked_gss = true;
        return answer(c, 'N');
    case CODE_CANCEL: return cancel(c, &f);
    default: return start(c, code, &f);
    }
}
