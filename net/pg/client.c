// Client: the connection's part of the conversation: bytes become messages, messages go where the state says.
// Relies on link, talk.
#include "net/pg/client.h"

#include "engine/base/clock.h"
#include "engine/base/size.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DRAIN_MS = 60000, AWAIT_MS = 500, IN_MAX = PG_MESSAGE_MAX + 8192 };

// ---- begin and end ----

PgClient *pg_client_begin(PgServer *s, int fd, bool local, const char *peer)
{
    Err err = {.at = -1};
    PgClient *c = size_alloc_zero(1, sizeof *c);
    if (!c) {
        socket_close(fd);
        return NULL;
    }
    c->server = s;
    c->local = local;
    snprintf(c->peer, sizeof c->peer, "%s", peer);
    mutex_init(&c->session_lock);
    link_init(&c->link, fd, IN_MAX, PG_OUT_MAX);
    bytes_init(&c->proof, PG_SIGN_IN_MAX);
    atomic_store(&c->deadline_us, clock_mono_us() + (int64_t)pg_server_options(s)->sign_in_s * 1000000);
    c->full = !pg_server_add(s, c);
    if (loop_add(pg_server_options(s)->loop, fd, pg_client_ready, c, &c->handle, &err)) return c;
    pg_client_free(c);
    return NULL;
}

void pg_client_free(PgClient *c)
{
    pg_server_remove(c->server, c);
    mutex_lock(&c->session_lock);
    Source *session = c->session;
    c->session = NULL;
    mutex_unlock(&c->session_lock);
    talk_done(&c->talk);
    if (session) engine_on_notification(session, 0, NULL, NULL);
    if (session) source_close(session);
    engine_scram_drop(c->scram);
    (void)link_flush(&c->link);
    link_done(&c->link);
    bytes_done(&c->proof);
    mutex_done(&c->session_lock);
    arena_done(&c->mem);
    free(c);
}

static bool client_send(void *self, bool wait)
{
    PgClient *c = self;
    LinkStatus s = wait ? link_drain(&c->link, DRAIN_MS) : link_flush(&c->link);
    return (s == LINK_READY || (s == LINK_WAIT && !wait)) && !pg_server_ending(c->server);
}

static bool is_long_type(char type) { return type && strchr("QPBdpF", type) != NULL; }

// Bytes of the next message, its type and length included; 0 when its head has not come yet. False: its
// length is not to be believed.
static bool message_size(PgClient *c, Str in, size_t *size)
{
    bool typed = c->state >= PG_STATE_SASL;
    size_t head = typed ? 5 : 4;
    *size = 0;
    if (in.len < head) return true;
    uint32_t len = frame_load_u32(in.at + head - 4);
    uint32_t most = !typed                      ? PG_STARTUP_MAX
                    : c->state != PG_STATE_OPEN ? PG_SIGN_IN_MAX
                    : is_long_type(in.at[0])    ? PG_MESSAGE_MAX
                                                : PG_SMALL_MAX;
    if (len < (typed ? 4u : 8u) || len > most) return false;
    *size = head - 4 + len;
    return true;
}

// COPY's data: waits, looking up now and then whether it is to go on.
static bool client_next(void *self, char *type, Str *body)
{
    PgClient *c = self;
    size_t size = 0;
    for (;;) {
        Str in = link_in(&c->link);
        if (!message_size(c, in, &size)) return false;
        if (size && in.len >= size) {
            link_take(&c->link, size);
            *type = in.at[0];
            *body = str_slice(in, 5, size - 5);
            return true;
        }
        LinkStatus s = link_await(&c->link, size > in.len ? size - in.len : 0, AWAIT_MS);
        if (s == LINK_END || s == LINK_FAILED || pg_server_ending(c->server)) return false;
        if (s == LINK_WAIT && engine_session_cancelled(c->session)) return false;
    }
}

static void client_wake(void *self)
{
    PgClient *c = self;
    loop_nudge(pg_server_options(c->server)->loop, c->handle);
}

void pg_client_open(PgClient *c)
{
    c->state = PG_STATE_OPEN;
    engine_on_notification(c->session, c->number, client_wake, c);
    TalkPipe pipe = {&c->link.out, client_send, client_next, c};
    talk_begin(&c->talk, c->session, &pipe);
    talk_hello(&c->talk, c->number, c->secret);
}

bool pg_client_refuse(PgClient *c, const Err *err)
{
    pg_message_error(&c->link.out, PG_FATAL, err, STR_NONE);
    c->state = PG_STATE_CLOSING;
    return false;
}

bool pg_client_refuse_with(PgClient *c, const char *state, const char *format, ...)
{
    char sentence[ERR_TEXT_MAX];
    Err err = {.at = -1};
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    err_set(&err, state, "%s", sentence);
    return pg_client_refuse(c, &err);
}

// ---- messages ----

// False: nothing more is to be read.
static bool take_message(PgClient *c, Str message)
{
    switch (c->state) {
    case PG_STATE_FIRST:
    case PG_STATE_STARTUP: return pg_startup_packet(c, str_slice(message, 4, SIZE_MAX));
    case PG_STATE_SASL:
    case PG_STATE_PROOF:
        if (message.at[0] != 'p')
            return pg_client_refuse_with(c, "08P01", "expected SASL response, got message type %d",
                                         message.at[0]);
        return pg_sign_in_message(c, str_slice(message, 5, SIZE_MAX));
    default: break;
    }
    if (talk_message(&c->talk, message.at[0], str_slice(message, 5, SIZE_MAX))) return true;
    c->state = PG_STATE_CLOSING;
    return false;
}

// Works on all whole messages that have come. *more: bytes that the next one still lacks, 0 = not known.
static void take_messages(PgClient *c, size_t *more)
{
    *more = 0;
    while (c->state != PG_STATE_CLOSING && c->state != PG_STATE_HELD && c->state != PG_STATE_SHAKING) {
        Str in = link_in(&c->link);
        size_t size;
        if (!message_size(c, in, &size)) {
            pg_client_refuse_with(c, "08P01", "invalid length of %s",
                                  c->state < PG_STATE_SASL ? "startup packet" : "message");
            return;
        }
        if (!size) return;
        if (in.len < size) {
            *more = size - in.len;
            return;
        }
        bool secured = c->link.tls != NULL;
        link_take(&c->link, size); // its bytes stay there until more are read
        (void)take_message(c, str_slice(in, 0, size));
        if (c->link.tls && !secured) return;
        if (c->state == PG_STATE_OPEN && talk_waits(&c->talk)) return;
    }
}

// ---- the handler ----

static LoopWant close_client(PgClient *c)
{
    pg_client_free(c);
    return LOOP_GONE;
}

// Somebody has asked for its end, or time is up.
static void look_at_clock(PgClient *c)
{
    int64_t now = clock_mono_us();
    if (atomic_load(&c->why) == PG_END_SHUTDOWN && c->state != PG_STATE_CLOSING) {
        pg_client_refuse_with(c, "57P01", "terminating connection due to administrator command");
        return;
    }
    if (c->state == PG_STATE_OPEN || c->state == PG_STATE_CLOSING) return;
    int64_t deadline = atomic_load(&c->deadline_us);
    if (c->state == PG_STATE_HELD) {
        if (deadline && now < deadline) return;
        c->state = PG_STATE_PROOF;
        (void)pg_sign_in_again(c);
    } else if (!deadline)
        pg_client_refuse_with(c, "08006", "canceling authentication due to timeout");
}

static LoopWant rest(PgClient *c)
{
    LinkStatus s = link_flush(&c->link);
    if (s == LINK_END || s == LINK_FAILED) return close_client(c);
    if (s == LINK_WAIT || (c->link.tls && !c->link.shaken)) return LOOP_WRITE;
    return c->state == PG_STATE_CLOSING ? close_client(c) : LOOP_READ;
}

// Direct TLS begins with a handshake record where a start-up message would have its length.
static LinkStatus look_at_first_byte(PgClient *c)
{
    unsigned char byte;
    LinkStatus s = link_peek(&c->link, &byte);
    if (s != LINK_READY) return s;
    c->state = PG_STATE_STARTUP;
    if (byte != 0x16) return LINK_READY;
    Err err = {.at = -1};
    TlsContext *tls = c->local ? NULL : pg_server_tls(c->server);
    if (!tls || !link_secure(&c->link, tls, true, &err)) return LINK_FAILED;
    c->tls_context = tls;
    return LINK_READY;
}

// Rows that waited, and messages that came behind the one they answer. LINK_WAIT: the client has to take more
// first.
static LinkStatus go_on(PgClient *c)
{
    size_t more;
    while (c->state == PG_STATE_OPEN && talk_waits(&c->talk)) {
        LinkStatus s = link_flush(&c->link);
        if (s != LINK_READY) return s;
        if (!talk_resume(&c->talk)) c->state = PG_STATE_CLOSING;
        if (!talk_waits(&c->talk)) take_messages(c, &more);
    }
    return LINK_READY;
}

LoopWant pg_client_ready(void *arg, bool hung_up)
{
    PgClient *c = arg;
    link_begin(&c->link, hung_up);
    look_at_clock(c);
    if (c->state == PG_STATE_FIRST) {
        LinkStatus s = look_at_first_byte(c);
        if (s == LINK_WAIT) return LOOP_READ;
        if (s != LINK_READY) return close_client(c);
    }
    if (link_unsent(&c->link)) {
        LoopWant want = rest(c);
        if (want != LOOP_READ) return want;
    }
    if (c->state == PG_STATE_OPEN && !talk_waits(&c->talk)) talk_notifications(&c->talk);
    for (size_t more = 0; c->state != PG_STATE_CLOSING;) {
        LinkStatus s = go_on(c);
        if (s == LINK_WAIT) return LOOP_WRITE;
        if (s != LINK_READY) return close_client(c);
        s = link_fill(&c->link, more);
        if (s == LINK_END || s == LINK_FAILED) return close_client(c);
        if (s == LINK_WAIT) break;
        take_messages(c, &more);
        if (link_unsent(&c->link) && link_flush(&c->link) == LINK_FAILED) return close_client(c);
        if (link_unsent(&c->link)) break; // first it has to take what is there
    }
    return rest(c);
}
