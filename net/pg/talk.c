// Talk: see talk.h. Here are the beginning, simple queries and the messages' dispatch.
#include "net/pg/talk_in.h"

#include "engine/base/size.h"
#include <stdlib.h>
#include <string.h>

// What ParameterStatus tells, in PostgreSQL's spelling.
static const char *const told[] = {
    "application_name",
    "client_encoding",
    "DateStyle",
    "default_transaction_read_only",
    "in_hot_standby",
    "integer_datetimes",
    "IntervalStyle",
    "is_superuser",
    "server_encoding",
    "server_version",
    "session_authorization",
    "standard_conforming_strings",
    "TimeZone",
};

static Str parameter(const Talk *t, const char *name)
{
    if (strcmp(name, "in_hot_standby") == 0) return STR("off");
    if (strcmp(name, "integer_datetimes") == 0) return STR("on");
    if (strcmp(name, "is_superuser") == 0)
        return engine_is_administrator(t->session) ? STR("on") : STR("off");
    return engine_setting(t->session, str_of(name));
}

static void put_parameters(Talk *t)
{
    SourceState state;
    source_state(t->session, &state);
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        bool user = strcmp(told[i], "session_authorization") == 0;
        pg_message_parameter(t->out, told[i], user ? str_of(state.user) : parameter(t, told[i]));
    }
    t->settings_told = engine_setting_moves(t->session);
}

void talk_notifications(Talk *t)
{
    EngineNotification n;
    if (t->in_block || engine_transaction_state(t->session) != 'I') return;
    while (engine_next_notification(t->session, &t->mem, &n)) {
        pg_message_notification(t->out, n.number, n.channel, n.payload);
        arena_reset(&t->mem);
    }
}

static void put_ready(Talk *t)
{
    talk_notifications(t);
    if (engine_setting_moves(t->session) != t->settings_told) put_parameters(t);
    pg_message_ready(t->out, engine_transaction_state(t->session));
}

// ---- begin and end ----

void talk_begin(Talk *t, Source *session, const TalkPipe *pipe)
{
    *t = (Talk){.session = session, .out = pipe->out, .pipe = *pipe};
}

static void portal_free(TalkPortal *p)
{
    free(p->format);
    free(p->put);
    free((char *)p->name.at);
}

void talk_done(Talk *t)
{
    for (TalkPortal *p = t->portal[1].next, *next; p; p = next) {
        next = p->next;
        portal_free(p);
        free(p);
    }
    portal_free(&t->portal[0]);
    portal_free(&t->portal[1]);
    arena_done(&t->mem);
}

void talk_hello(Talk *t, uint32_t process, uint32_t secret)
{
    put_parameters(t);
    pg_message_key(t->out, process, secret);
    put_ready(t);
}

TalkPortal *talk_portal(Talk *t, Str name)
{
    if (!name.len) return &t->portal[1];
    for (TalkPortal *p = t->portal[1].next; p; p = p->next)
        if (str_equal(p->name, name)) return p;
    TalkPortal *p = size_alloc_zero(1, sizeof *p);
    char *copy = p ? size_alloc(name.len, 1) : NULL;
    if (!copy) {
        free(p);
        return NULL;
    }
    memcpy(copy, name.at, name.len);
    p->name = (Str){copy, name.len};
    p->next = t->portal[1].next;
    t->portal[1].next = p;
    return p;
}

// ---- rows ----

static bool choose_puts(TalkPortal *p, const Batch *b)
{
    if (b->columns > p->put_room) {
        PgPutCell *put = size_realloc(p->put, b->columns, sizeof *put);
        if (!put) return false;
        p->put = put;
        p->put_room = b->columns;
    }
    for (uint32_t c = 0; c < b->columns; c++)
        p->put[c] = pg_put_cell(b->vector[c].type.id, (PgFormat)talk_portal_format(p, c));
    p->columns = b->columns;
    p->ready = true;
    return true;
}

bool talk_put_rows(Talk *t, TalkPortal *p, const Batch *b)
{
    if ((!p->ready || p->columns != b->columns) && !choose_puts(p, b)) t->gone = true;
    for (uint32_t from = 0; from < b->sel_len && !t->gone; from += TALK_ROWS_AT_ONCE) {
        uint32_t to = from + TALK_ROWS_AT_ONCE < b->sel_len ? from + TALK_ROWS_AT_ONCE : b->sel_len;
        pg_row_put(t->out, b, from, to, p->put);
        if (t->out->len > TALK_OUT_FULL) t->gone = !t->pipe.send(t->pipe.self, t->out->len > TALK_OUT_MUCH);
    }
    return !t->gone;
}

void talk_warning(void *self, const char *state, Str sentence)
{
    pg_message_notice(((Talk *)self)->out, PG_WARNING, state, sentence);
}

void talk_notice(void *self, Str sentence)
{
    pg_message_notice(((Talk *)self)->out, PG_NOTICE, "00000", sentence);
}

void talk_complete(void *self, Str tag, int64_t rows, int64_t duration_us)
{
    Talk *t = self;
    (void)duration_us;
    if (t->copying) pg_message_empty(t->out, 'c');
    t->copying = false;
    pg_message_complete(t->out, tag, rows);
}

bool talk_fail(Talk *t, const Err *err, Str text)
{
    pg_message_error(t->out, PG_ERROR, err, text);
    engine_block_fail(t->session);
    t->skipping = true;
    return false;
}

bool talk_malformed(Talk *t, const char *what)
{
    Err err = {.at = -1};
    err_set(&err, "08P01", "invalid %s message", what);
    return talk_fail(t, &err, STR_NONE);
}

// ---- simple query ----

static bool on_columns(void *self, const ResultColumn *column, uint32_t count)
{
    Talk *t = self;
    t->portal[0].ready = false;
    pg_row_description(t->out, column, count, NULL);
    return true;
}

static bool on_rows(void *self, const Batch *b)
{
    Talk *t = self;
    (void)talk_put_rows(t, &t->portal[0], b);
    if (t->out->len > TALK_OUT_FULL) t->gone = t->gone || !t->pipe.send(t->pipe.self, true);
    return !t->gone;
}

static void on_error(void *self, const Err *err)
{
    Talk *t = self;
    pg_message_error(t->out, PG_ERROR, err, t->text);
}

static void end_block(Talk *t)
{
    Err err = {.at = -1};
    if (!engine_block_end(t->session, &err)) pg_message_error(t->out, PG_ERROR, &err, STR_NONE);
    t->in_block = false;
}

static void run_query(Talk *t, Str text)
{
    ResultSink sink = {.self = t,
                       .columns = on_columns,
                       .rows = on_rows,
                       .notice = talk_notice,
                       .warning = talk_warning,
                       .done = talk_complete,
                       .error = on_error};
    Err err = {.at = -1};
    text = arena_copy(&t->mem, text); // COPY reads messages over the place where it stood
    talk_copy_sink(&sink);
    t->text = text;
    engine_block_begin(t->session);
    size_t statements = engine_count_statements(text);
    if (!statements) pg_message_empty(t->out, 'I');
    // As a whole it has to be SQL before any of it runs.
    if (statements > 1 && !engine_check_syntax(t->session, text, &err)) {
        on_error(t, &err);
    } else if (statements) {
        bool said = source_run(t->session, text, &sink, &err); // on_error has said why not
        (void)said;
    }
    end_block(t);
    t->text = STR_NONE;
    t->copying = false;
    arena_reset(&t->mem);
    put_ready(t);
}

// ---- messages ----

static bool broken(Talk *t, const char *sentence)
{
    Err err = {.at = -1};
    err_set(&err, "08P01", "%s", sentence);
    pg_message_error(t->out, PG_FATAL, &err, STR_NONE);
    return false;
}

static bool query(Talk *t, Str body)
{
    Frame f = frame_of(body);
    Str text = frame_string(&f);
    if (!frame_whole(&f)) return broken(t, "invalid message format");
    if (t->skipping) return true;
    run_query(t, text);
    return !t->gone;
}

static bool sync(Talk *t)
{
    t->skipping = false;
    if (t->in_block) end_block(t);
    put_ready(t);
    return true;
}

static bool function_call(Talk *t)
{
    Err err = {.at = -1};
    if (t->skipping) return true;
    err_set(&err, SQLSTATE_UNSUPPORTED, "function calls by message are not supported");
    err_hint(&err, "Use SELECT function(...).");
    pg_message_error(t->out, PG_ERROR, &err, STR_NONE);
    engine_block_fail(t->session);
    put_ready(t);
    return true;
}

bool talk_message(Talk *t, char type, Str body)
{
    switch (type) {
    case 'Q': return query(t, body);
    case 'P':
    case 'B':
    case 'D':
    case 'E':
    case 'C': return talk_extended(t, type, body);
    case 'S': return sync(t);
    case 'H': return t->pipe.send(t->pipe.self, false);
    case 'F': return function_call(t);
    case 'X': return false;
    case 'd':
    case 'c':
    case 'f': return true; // of a COPY that has failed
    default: return broken(t, "invalid frontend message type");
    }
}
