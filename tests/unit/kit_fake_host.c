// Kit: see kit_fake_host.h. A session cuts a text into statements with the engine's own lexer and hands each
// to the script.
#include "tests/unit/kit_fake_host.h"

#include "engine/base/clock.h"
#include "engine/sql/lexer.h"
#include "tests/unit/kit_shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// ---- a session ----

typedef struct FakeSession {
    Source source; // first
    FakeHost *host;
    SourceState state;
    bool cancelled, running;
} FakeSession;

// One statement's sink: its number and place are the run's, not the script's.
typedef struct Through {
    const ResultSink *sink;
    FakeSession *session;
    unsigned index;
    size_t at, len;
} Through;

static void through_begin(void *self, unsigned index, size_t at, size_t len)
{
    (void)index, (void)at, (void)len;
    Through *t = self;
    if (t->sink->begin) t->sink->begin(t->sink->self, t->index, t->at, t->len);
}
static bool through_columns(void *self, const ResultColumn *column, uint32_t count)
{
    Through *t = self;
    return !t->sink->columns || t->sink->columns(t->sink->self, column, count);
}
static bool through_rows(void *self, const Batch *batch)
{
    Through *t = self;
    return !t->sink->rows || t->sink->rows(t->sink->self, batch);
}
static bool is_change(Str tag)
{
    return str_equal(tag, STR("INSERT")) || str_equal(tag, STR("UPDATE")) || str_equal(tag, STR("DELETE"));
}
static void through_done(void *self, Str tag, int64_t rows, int64_t duration_us)
{
    (void)duration_us;
    Through *t = self;
    if (is_change(tag)) rows = t->session->host->changed;
    if (t->sink->done) t->sink->done(t->sink->self, tag, rows, 14000);
}

static void follow(FakeSession *s, Str text)
{
    SourceState *state = &s->state;
    Str rest = text, word = str_cut(&rest, ' ');
    if (str_equal(word, STR("BEGIN"))) state->in_transaction = true;
    if (str_equal(word, STR("COMMIT")) || str_equal(word, STR("ROLLBACK")))
        state->in_transaction = state->failed_transaction = false, state->pending = 0;
    if (is_change(word) && state->in_transaction) state->pending += (uint64_t)s->host->changed;
    if (!str_equal(word, STR("USE"))) return;
    if (str_starts(rest, STR("\""))) rest = str_slice(rest, 1, rest.len - 2);
    memset(state->database, 0, sizeof state->database);
    memcpy(state->database, rest.at, rest.len < 63 ? rest.len : 63);
}

static bool hold(FakeSession *s, Err *err)
{
    FakeHost *h = s->host;
    while (h->held && !s->cancelled) cond_wait(&h->released, &h->mutex);
    return !s->cancelled || err_set(err, SQLSTATE_CANCELED, "the statement was stopped");
}

static bool run_statement(FakeSession *s, Str text, Through *t, Err *err)
{
    FakeHost *h = s->host;
    ResultSink sink = {.self = t,
                       .begin = through_begin,
                       .columns = through_columns,
                       .rows = through_rows,
                       .done = through_done};
    Str part = str_slice(text, t->at, t->len);
    if (str_starts(part, STR("HOLD"))) {
        through_begin(t, 0, 0, 0);
        if (!hold(s, err)) return false;
    }
    if (source_run(fake_source(h->script), part, &sink, err)) {
        follow(s, part);
        return true;
    }
    if (err->at >= 0) err->at += (int64_t)t->at;
    s->state.failed_transaction = s->state.in_transaction;
    return false;
}

static bool session_run(Source *source, Str text, const ResultSink *sink, Err *err)
{
    FakeSession *s = (FakeSession *)source;
    Through t = {.sink = sink, .session = s};
    bool ok = true;
    mutex_lock(&s->host->mutex);
    s->cancelled = false;
    s->running = true;
    for (size_t pos = 0; ok && lexer_statement(text, &pos, &t.at, &t.len); t.index++)
        ok = run_statement(s, text, &t, err);
    s->running = false;
    mutex_unlock(&s->host->mutex);
    return ok;
}

static void session_cancel(Source *source)
{
    FakeSession *s = (FakeSession *)source;
    mutex_lock(&s->host->mutex);
    s->cancelled = true;
    cond_broadcast(&s->host->released);
    mutex_unlock(&s->host->mutex);
}

enum { AGE_US = 42300000 }; // an open transaction is always that old: screens are compared with files

static void session_state(Source *source, SourceState *out)
{
    FakeSession *s = (FakeSession *)source;
    mutex_lock(&s->host->mutex);
    *out = s->state;
    mutex_unlock(&s->host->mutex);
    if (out->in_transaction) out->began_us = clock_wall_us() - AGE_US;
}

static void session_progress(Source *source, SourceProgress *out)
{
    FakeSession *s = (FakeSession *)source;
    mutex_lock(&s->host->mutex);
    *out = (SourceProgress){
        .running = s->running, .done = s->host->progress_done, .expected = s->host->progress_expected};
    mutex_unlock(&s->host->mutex);
}

size_t fake_spans_of(Str text, Span *out, size_t max)
{
    static const SpanKind kinds[] = {
        [TOKEN_SPACE] = SPAN_SPACE,         [TOKEN_COMMENT] = SPAN_COMMENT, [TOKEN_WORD] = SPAN_NAME,
        [TOKEN_QUOTED] = SPAN_QUOTED_NAME,  [TOKEN_STRING] = SPAN_STRING,   [TOKEN_BITS] = SPAN_STRING,
        [TOKEN_NUMBER] = SPAN_NUMBER,       [TOKEN_PARAM] = SPAN_PARAMETER, [TOKEN_OPERATOR] = SPAN_OPERATOR,
        [TOKEN_SEMICOLON] = SPAN_SEMICOLON, [TOKEN_BAD] = SPAN_BAD,
    };
    Lexer l;
    lexer_init(&l, text, 0);
    size_t n = 0;
    for (; n < max; n++) {
        Token t = lexer_next(&l);
        if (t.kind == TOKEN_END) break;
        bool keyword = t.kind == TOKEN_WORD && t.keyword != KEYWORD_ABSENT;
        out[n] = (Span){t.at, t.len, keyword ? SPAN_KEYWORD : kinds[t.kind]};
    }
    return n;
}
static size_t session_spans(Source *source, Str text, Span *out, size_t max)
{
    (void)source;
    return fake_spans_of(text, out, max);
}
static void session_close(Source *source) { free(source); }

static const SourceKind session_kind = {"fake session",   session_run,   session_cancel, session_state,
                                        session_progress, session_spans, session_close};

// ---- the host ----

static FakeHost *of(Host *h) { return (FakeHost *)h; }
static uint64_t host_user_count(Host *h)
{
    mutex_lock(&of(h)->mutex);
    uint64_t users = of(h)->users;
    mutex_unlock(&of(h)->mutex);
    return users;
}
static Str host_node(Host *h)
{
    (void)h;
    return STR("vm1");
}

static void keep(char *out, size_t size, Str s) { snprintf(out, size, "%.*s", STR_ARG(s)); }

static bool take_on(FakeHost *f, const HostRegistration *r, Err *err)
{
    if (f->users && str_equal(r->user, str_of(f->user)))
        return err_set(err, "42710", "user %.*s is registered already", STR_ARG(r->user));
    if (f->users++) {
        bytes_printf(&f->done, "enroll %.*s\n", STR_ARG(r->user));
        return true;
    }
    keep(f->user, sizeof f->user, r->user);
    keep(f->password, sizeof f->password, r->password);
    keep(f->question, sizeof f->question, r->question);
    keep(f->answer, sizeof f->answer, r->answer);
    return true;
}

static bool host_enroll(Host *h, const HostRegistration *r, Err *err)
{
    mutex_lock(&of(h)->mutex);
    bool ok = take_on(of(h), r, err);
    mutex_unlock(&of(h)->mutex);
    return ok;
}

static bool host_sign_in(Host *h, Str user, Str password, const atomic_bool *stop, Str *question, Arena *mem,
                         Err *err)
{
    (void)stop;
    FakeHost *f = of(h);
    f->asked = str_equal(user, str_of(f->user)) && str_equal(password, str_of(f->password));
    if (!f->asked) return err_set(err, SQLSTATE_AUTH, "user or password is wrong");
    *question = arena_copy(mem, str_of(f->question));
    return true;
}

static bool host_answer(Host *h, Str answer, Err *err)
{
    FakeHost *f = of(h);
    f->signed_in = f->asked && str_equal(answer, str_of(f->answer));
    f->asked = false;
    return f->signed_in || err_set(err, SQLSTATE_AUTH, "the answer is wrong");
}
static void host_sign_out(Host *h) { of(h)->signed_in = false; }

static bool host_session(Host *h, bool quiet, Source **out, Err *err)
{
    (void)quiet; // it keeps no logs
    FakeHost *f = of(h);
    if (!f->signed_in) return err_set(err, SQLSTATE_AUTH, "nobody is signed in");
    FakeSession *s = calloc(1, sizeof *s);
    s->source.kind = &session_kind;
    s->host = f;
    keep(s->state.user, sizeof s->state.user, str_of(f->user));
    keep(s->state.node, sizeof s->state.node, STR("vm1"));
    if (!f->no_database) keep(s->state.database, sizeof s->state.database, STR("school"));
    keep(s->state.kind, sizeof s->state.kind, STR("d2db"));
    *out = &s->source;
    return true;
}
static bool host_administrator(Host *h) { return !of(h)->plain_user; }

static bool host_users(Host *h, Arena *mem, HostUser **out, size_t *count, Err *err)
{
    (void)err;
    *count = 2;
    *out = arena_array(mem, HostUser, 2);
    (*out)[0] = (HostUser){STR("4f1c9a77e0b25d3a66"), STR("administrator"), false, 1795233600000000};
    (*out)[1] = (HostUser){STR("a0"), STR("user"), of(h)->users > 5, 1795233600000000};
    return true;
}
static bool host_user_disable(Host *h, Str user, bool disable, Err *err)
{
    if (str_equal(user, STR("nobody"))) return err_set(err, "42704", "there is no user nobody");
    bytes_printf(&of(h)->done, "%s %.*s\n", disable ? "disable" : "enable", STR_ARG(user));
    return true;
}
static bool host_user_reset(Host *h, const HostRegistration *r, Err *err)
{
    (void)err;
    bytes_printf(&of(h)->done, "reset %.*s\n", STR_ARG(r->user));
    return true;
}

// ---- logs ----

typedef struct FakeTail {
    FakeHost *host;
    size_t log, next;
} FakeTail;

static size_t log_of(const char *name)
{
    return strcmp(name, "event") == 0 ? 0 : strcmp(name, "query") == 0 ? 1 : 2;
}

static bool host_tail_open(Host *h, const char *log, HostFrom from, HostTail **out, Err *err)
{
    (void)err;
    FakeTail *t = calloc(1, sizeof *t);
    t->host = of(h);
    t->log = log_of(log);
    t->next = from == HOST_FROM_END ? of(h)->lines[t->log] : 0;
    *out = (HostTail *)t;
    return true;
}
static bool host_tail_next(HostTail *tail, Str *line, bool *end, Err *err)
{
    (void)err;
    FakeTail *t = (FakeTail *)tail;
    *end = t->next == t->host->lines[t->log];
    *line = *end ? STR_NONE : str_of(t->host->line[t->log][t->next++]);
    return true;
}
static void host_tail_close(HostTail *t) { free(t); }

void fake_host_line(FakeHost *h, const char *log, const char *json)
{
    size_t at = log_of(log);
    if (h->lines[at] == FAKE_LINES) abort();
    h->line[at][h->lines[at]++] = strdup(json);
}

// ---- the rest ----

static bool host_directory(Host *h, const char *name, Bytes *path, Err *err)
{
    (void)err;
    bytes_printf(path, "%s/%s", of(h)->dir.path, name);
    (void)mkdir(path->at, 0700);
    return true;
}

static const HostSample *host_samples(size_t *count)
{
    static const HostSample samples[] = {
        {"school", "Students, courses and registrations", {"SELECT 1", 8}},
        {"library", "Books, members and loans", {"SELECT 2", 8}},
    };
    *count = 2;
    return samples;
}

static const HostKind fake_host_kind = {
    .user_count = host_user_count,
    .node = host_node,
    .enroll = host_enroll,
    .sign_in = host_sign_in,
    .answer = host_answer,
    .sign_out = host_sign_out,
    .session = host_session,
    .administrator = host_administrator,
    .users = host_users,
    .user_disable = host_user_disable,
    .user_reset = host_user_reset,
    .tail_open = host_tail_open,
    .tail_next = host_tail_next,
    .tail_close = host_tail_close,
    .directory = host_directory,
    .samples = host_samples,
};

void fake_host_init(FakeHost *h)
{
    *h = (FakeHost){.host = {&fake_host_kind, io_posix()}, .changed = 6};
    h->script = shop_new();
    kit_dir_make(&h->dir);
    mutex_init(&h->mutex);
    cond_init(&h->released);
    bytes_init(&h->done, 1 << 16);
}

bool fake_host_saw(FakeHost *h, const char *text)
{
    mutex_lock(&h->mutex);
    bool saw = strstr(fake_log(h->script), text) != NULL;
    mutex_unlock(&h->mutex);
    return saw;
}

void fake_host_forget(FakeHost *h)
{
    mutex_lock(&h->mutex);
    fake_forget(h->script);
    mutex_unlock(&h->mutex);
}

void fake_host_release(FakeHost *h)
{
    mutex_lock(&h->mutex);
    h->held = false;
    cond_broadcast(&h->released);
    mutex_unlock(&h->mutex);
}

void fake_host_done(FakeHost *h)
{
    for (size_t log = 0; log < FAKE_LOGS; log++)
        for (size_t i = 0; i < h->lines[log]; i++) free(h->line[log][i]);
    fake_free(h->script);
    kit_dir_remove(&h->dir);
    cond_done(&h->released);
    mutex_done(&h->mutex);
    bytes_done(&h->done);
}
