// Notify: see notify.h.
#include "engine/db/notify.h"

#include "engine/sql/lexer.h"
#include <string.h>

void notify_init(NotifyBox *b)
{
    mutex_init(&b->lock);
    bytes_init(&b->waiting, NOTIFY_WAITING_MAX);
    b->last = &b->first;
}

void notify_done(NotifyBox *b)
{
    map_done(&b->channels);
    bytes_done(&b->waiting);
    arena_done(&b->mem);
    mutex_done(&b->lock);
}

// ---- statements ----

static void order(Session *s, NotifyKind kind, Str channel, Str payload)
{
    NotifyBox *b = &s->notify;
    NotifyOrder *o = arena_new(&b->mem, NotifyOrder);
    *o = (NotifyOrder){NULL, kind, arena_copy(&b->mem, channel), arena_copy(&b->mem, payload)};
    // The same word twice in a transaction is said once.
    for (const NotifyOrder *e = b->first; e && kind == NOTIFY_SEND; e = e->next)
        if (e->kind == kind && str_equal(e->channel, channel) && str_equal(e->payload, payload)) return;
    *b->last = o;
    b->last = &o->next;
}

static bool bad(const Statement *s, const char *verb, Err *err)
{
    return err_set_at(err, SQLSTATE_SYNTAX, s->at, "syntax error in %s; write %s channel%s", verb, verb,
                      strcmp(verb, "NOTIFY") == 0 ? " [, 'payload']" : "");
}

typedef struct Words {
    Lexer lexer;
    Token token;
} Words;

static bool take_name(Words *w, Arena *mem, Str *out, Err *err)
{
    if (w->token.kind != TOKEN_WORD && w->token.kind != TOKEN_QUOTED) return false;
    if (!lexer_value(&w->lexer, &w->token, mem, out, err)) return false;
    w->token = lexer_next_word(&w->lexer);
    return out->len > 0;
}

static bool take_payload(Words *w, Arena *mem, Str *out, Err *err)
{
    Str text = w->lexer.text;
    if (w->token.kind != TOKEN_OPERATOR || text.at[w->token.at] != ',') return true;
    w->token = lexer_next_word(&w->lexer);
    if (w->token.kind != TOKEN_STRING || !lexer_value(&w->lexer, &w->token, mem, out, err)) return false;
    w->token = lexer_next_word(&w->lexer);
    return true;
}

static bool at_end(const Words *w) { return w->token.kind == TOKEN_END || w->token.kind == TOKEN_SEMICOLON; }

bool notify_run(Run *run, const Statement *s, bool *known, Err *err)
{
    static const struct {
        const char *word;
        NotifyKind kind;
    } verbs[] = {{"NOTIFY", NOTIFY_SEND}, {"LISTEN", NOTIFY_LISTEN}, {"UNLISTEN", NOTIFY_UNLISTEN}};
    *known = false;
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        if (!str_equal(s->words, str_of(verbs[i].word))) continue;
        Words w;
        Str channel = STR_NONE, payload = STR_NONE;
        NotifyKind kind = verbs[i].kind;
        *known = true;
        run->tag = verbs[i].word;
        lexer_init(&w.lexer, str_slice(run->source, 0, (size_t)s->at + s->len), (size_t)s->at);
        (void)lexer_next_word(&w.lexer);
        w.token = lexer_next_word(&w.lexer);
        bool all =
            kind == NOTIFY_UNLISTEN && w.token.kind == TOKEN_OPERATOR && run->source.at[w.token.at] == '*';
        if (all) {
            kind = NOTIFY_UNLISTEN_ALL;
            w.token = lexer_next_word(&w.lexer);
        } else if (!take_name(&w, run->mem, &channel, err))
            return bad(s, verbs[i].word, err);
        if (kind == NOTIFY_SEND && !take_payload(&w, run->mem, &payload, err))
            return bad(s, verbs[i].word, err);
        if (!at_end(&w)) return bad(s, verbs[i].word, err);
        if (payload.len >= NOTIFY_PAYLOAD_MAX) return err_set(err, "22023", "payload string too long");
        order(run->session, kind, channel, payload);
        return true;
    }
    return true;
}

// ---- the end of a transaction ----

static void put_str(Bytes *out, Str s)
{
    uint32_t len = (uint32_t)s.len;
    bytes_put(out, (Str){(const char *)&len, sizeof len});
    bytes_put(out, s);
}

static void deliver(const Session *from, Session *to, const NotifyOrder *o)
{
    NotifyBox *b = &to->notify;
    mutex_lock(&b->lock);
    bool wanted = map_get(&b->channels, o->channel) != NULL;
    if (wanted && b->waiting.len + o->payload.len + o->channel.len + 64 > NOTIFY_WAITING_MAX) {
        b->lost++;
    } else if (wanted) {
        uint32_t number = from->client_number;
        bytes_put(&b->waiting, (Str){(const char *)&number, sizeof number});
        put_str(&b->waiting, o->channel);
        put_str(&b->waiting, o->payload);
        if (b->wake) b->wake(b->wake_self);
    }
    mutex_unlock(&b->lock);
}

static void send_all(Session *s, const NotifyOrder *o)
{
    Engine *e = s->engine;
    mutex_lock(&e->lock);
    for (Session *to = e->session; to; to = to->next)
        if (str_equal(session_database(to), session_database(s))) deliver(s, to, o);
    mutex_unlock(&e->lock);
}

static void forget_channels(NotifyBox *b)
{
    map_done(&b->channels);
    b->channels = (Map){0};
}

void notify_unlisten_all(Session *s)
{
    mutex_lock(&s->notify.lock);
    forget_channels(&s->notify);
    mutex_unlock(&s->notify.lock);
}

static void take_effect(Session *s, const NotifyOrder *o)
{
    NotifyBox *b = &s->notify;
    if (o->kind == NOTIFY_SEND) {
        send_all(s, o);
        return;
    }
    mutex_lock(&b->lock);
    if (o->kind == NOTIFY_LISTEN)
        map_set(&b->channels, o->channel, s);
    else if (o->kind == NOTIFY_UNLISTEN)
        (void)map_remove(&b->channels, o->channel);
    else
        forget_channels(b);
    mutex_unlock(&b->lock);
}

void notify_end(Session *s, bool committed)
{
    NotifyBox *b = &s->notify;
    if (!b->first) return;
    for (const NotifyOrder *o = b->first; o && committed && s->engine; o = o->next) take_effect(s, o);
    b->first = NULL;
    b->last = &b->first;
    arena_reset(&b->mem);
}

// ---- engine.h ----

void engine_on_notification(Source *session, uint32_t number, void (*wake)(void *self), void *self)
{
    Session *s = session_of(session);
    mutex_lock(&s->notify.lock);
    s->client_number = number;
    s->notify.wake = wake;
    s->notify.wake_self = self;
    mutex_unlock(&s->notify.lock);
}

static Str take_str(NotifyBox *b, Arena *mem)
{
    uint32_t len;
    memcpy(&len, b->waiting.at + b->read, sizeof len);
    Str s = arena_copy(mem, (Str){b->waiting.at + b->read + sizeof len, len});
    b->read += sizeof len + len;
    return s;
}

bool engine_next_notification(Source *session, Arena *mem, EngineNotification *out)
{
    NotifyBox *b = &session_of(session)->notify;
    mutex_lock(&b->lock);
    bool more = b->read < b->waiting.len;
    if (more) {
        memcpy(&out->number, b->waiting.at + b->read, sizeof out->number);
        b->read += sizeof out->number;
        out->channel = take_str(b, mem);
        out->payload = take_str(b, mem);
    } else if (b->read) {
        bytes_clear(&b->waiting);
        b->read = 0;
    }
    mutex_unlock(&b->lock);
    return more;
}
