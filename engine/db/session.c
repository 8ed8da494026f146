// Session: the Source's face of the engine.
#include "engine/db/triggers.h"
#include "engine/db/session.h"

#include "engine/db/temporary.h"
#include "engine/base/clock.h"
#include "engine/base/size.h"
#include "engine/db/casts.h"
#include "engine/db/enums.h"
#include "engine/db/notify.h"
#include "engine/db/portal.h"
#include "engine/db/role.h"
#include "engine/db/watch.h"
#include "engine/sql/lexer.h"
#include <stdlib.h>
#include <string.h>

enum { TABLE_COUNTS_MAX = 256 << 10 };

static bool session_run(Source *source, Str text, const ResultSink *sink, Err *err)
{
    Session *s = (Session *)source;
    if (!s->engine) return err_set(err, "57P01", "the engine is closed");
    mutex_lock(&s->running);
    atomic_store(&s->cancel, false);
    atomic_store(&s->started_mono_us, clock_mono_us());
    atomic_store(&s->busy, true);
    bool good = true, end = false;
    size_t pos = 0;
    for (unsigned i = 0; good && !end; i++) good = statement_run_next(s, text, &pos, i, sink, &end, err);
    atomic_store(&s->busy, false);
    mutex_unlock(&s->running);
    return good;
}

static void session_cancel(Source *source)
{
    Session *s = (Session *)source;
    atomic_store(&s->cancel, true);
    mutex_lock(&s->shared);
    if (s->engine) lock_wake(store_locks(s->engine->store), &s->cancel);
    mutex_unlock(&s->shared);
}

static void copy_text(char *out, size_t size, Str text)
{
    size_t len = text.len < size - 1 ? text.len : size - 1;
    if (len) memcpy(out, text.at, len);
    out[len] = 0;
}

static void session_state(Source *source, SourceState *out)
{
    Session *s = (Session *)source;
    mutex_lock(&s->shared);
    copy_text(out->user, sizeof out->user, str_of(s->user));
    copy_text(out->database, sizeof out->database, str_of(s->database));
    if (s->engine) copy_text(out->node, sizeof out->node, engine_node(s->engine));
    copy_text(out->kind, sizeof out->kind, STR("d2db"));
    out->in_transaction = s->open;
    out->failed_transaction = s->failed;
    out->transaction = s->open ? s->transaction_number : 0;
    out->began_us = s->open ? s->began_us : 0;
    out->pending = s->open ? s->pending : 0;
    mutex_unlock(&s->shared);
}

static void session_progress(Source *source, SourceProgress *out)
{
    Session *s = (Session *)source;
    out->running = atomic_load(&s->busy);
    if (!out->running) return;
    out->started_mono_us = atomic_load(&s->started_mono_us);
    out->done = atomic_load(&s->rows_done);
    out->expected = atomic_load(&s->rows_expected);
}

static SpanKind span_kind(const Token *t, Str word)
{
    static const SpanKind kinds[] = {
        [TOKEN_END] = SPAN_SPACE,         [TOKEN_SPACE] = SPAN_SPACE,         [TOKEN_COMMENT] = SPAN_COMMENT,
        [TOKEN_WORD] = SPAN_NAME,         [TOKEN_QUOTED] = SPAN_QUOTED_NAME,  [TOKEN_STRING] = SPAN_STRING,
        [TOKEN_BITS] = SPAN_STRING,       [TOKEN_NUMBER] = SPAN_NUMBER,       [TOKEN_PARAM] = SPAN_PARAMETER,
        [TOKEN_OPERATOR] = SPAN_OPERATOR, [TOKEN_SEMICOLON] = SPAN_SEMICOLON, [TOKEN_BAD] = SPAN_BAD,
    };
    if (t->kind != TOKEN_WORD) return kinds[t->kind];
    KeywordColour colour = keyword_colour(word);
    return colour == KEYWORD_COLOUR_WORD   ? SPAN_KEYWORD
           : colour == KEYWORD_COLOUR_TYPE ? SPAN_TYPE
                                           : SPAN_NAME;
}

static size_t session_spans(Source *source, Str text, Span *out, size_t max)
{
    (void)source;
    Lexer l;
    lexer_init(&l, text, 0);
    size_t n = 0;
    for (; n < max; n++) {
        Token t = lexer_next(&l);
        if (t.kind == TOKEN_END) break;
        out[n] = (Span){t.at, t.len, span_kind(&t, str_slice(text, t.at, t.len))};
    }
    return n;
}

static void session_free(Session *s)
{
    portal_done(s);
    query_prepared_done(s);
    routines_done(s);
    triggers_done(s);
    profile_ticket_drop(s->ticket);
    plan_cache_done(&s->plans);
    notify_done(&s->notify);
    enums_done(s);
    role_forget(s);
    mutex_done(&s->enum_lock);
    bytes_done(&s->table_counts);
    sequence_memory_done(&s->sequences);
    mutex_done(&s->running);
    mutex_done(&s->shared);
    free(s);
}

static void session_close(Source *source)
{
    Session *s = (Session *)source;
    if (s->engine) {
        engine_session_remove(s->engine, s);
        if (!s->again)
            journal_event(s->engine->journal, "sign_out", "user %s has ended session %llu", s->user,
                          (unsigned long long)s->number);
        session_detach(s);
    }
    session_free(s);
}

static const SourceKind session_kind = {
    .name = "d2db",
    .run = session_run,
    .cancel = session_cancel,
    .state = session_state,
    .progress = session_progress,
    .spans = session_spans,
    .close = session_close,
};

Session *session_of(Source *s) { return s && s->kind == &session_kind ? (Session *)s : NULL; }

bool session_new(Session **out, Engine *e, Str user, Str user_hash, bool administrator, Err *err)
{
    Session *s = size_alloc_zero(1, sizeof *s);
    if (!s) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a session");
    s->source.kind = &session_kind;
    s->engine = e;
    s->administrator = administrator;
    copy_text(s->user, sizeof s->user, user);
    copy_text(s->user_hash, sizeof s->user_hash, user_hash);
    mutex_init(&s->running);
    mutex_init(&s->shared);
    setting_init(&s->settings);
    notify_init(&s->notify);
    mutex_init(&s->enum_lock);
    casts_init(s);
    bytes_init(&s->table_counts, TABLE_COUNTS_MAX);
    engine_session_add(e, s);
    *out = s;
    return true;
}

const Session *session_administrator(const Engine *e, Source *by, Err *err)
{
    const Session *s = session_of(by);
    if (s && s->engine == e && s->administrator && profile_may_work(e->profile, str_of(s->user_hash)))
        return s;
    err_set(err, "42501", "only an administrator may do this");
    return NULL;
}

void session_detach(Session *s)
{
    Engine *e = s->engine;
    session_cancel(&s->source);
    mutex_lock(&s->running);
    transaction_run_abandon(s);
    portal_done(s);
    temporary_end(s);
    lock_release_all(store_locks(e->store), &s->locks);
    mutex_lock(&s->shared);
    s->engine = NULL;
    mutex_unlock(&s->shared);
    mutex_unlock(&s->running);
    watch_leave(e->watch, s);
}

void session_use(Session *s, Str database)
{
    mutex_lock(&s->shared);
    copy_text(s->database, sizeof s->database, database);
    mutex_unlock(&s->shared);
}

void session_publish(Session *s)
{
    mutex_lock(&s->shared);
    s->transaction_number = s->transaction ? transaction_number(s->transaction) : 0;
    s->pending = s->transaction ? transaction_pending(s->transaction) : 0;
    mutex_unlock(&s->shared);
}

bool engine_session_waits(Source *source)
{
    Session *s = session_of(source);
    bool waits = false;
    if (!s) return false;
    mutex_lock(&s->shared);
    if (s->engine) waits = lock_is_waiting(store_locks(s->engine->store), s->number);
    mutex_unlock(&s->shared);
    return waits;
}
