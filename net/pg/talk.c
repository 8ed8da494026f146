// Talk: see talk.h.
#include "net/pg/talk.h"

#include "engine/base/size.h"
#include <stdio.h>
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

static void put_ready(Talk *t)
{
    SourceState state;
    if (engine_setting_moves(t->session) != t->settings_told) put_parameters(t);
    source_state(t->session, &state);
    pg_message_ready(t->out, state.failed_transaction ? 'E' : state.in_transaction ? 'T' : 'I');
}

void talk_begin(Talk *t, Source *session, Bytes *out, bool (*drain)(void *self), void *drain_self)
{
    *t = (Talk){.session = session, .out = out, .drain = drain, .drain_self = drain_self};
}

void talk_done(Talk *t)
{
    free(t->put);
    t->put = NULL;
}

void talk_hello(Talk *t, uint32_t process, uint32_t secret)
{
    put_parameters(t);
    pg_message_key(t->out, process, secret);
    put_ready(t);
}

// ---- simple query ----

enum { OUT_FULL = 64 << 10 };

static bool on_columns(void *self, const ResultColumn *column, uint32_t count)
{
    Talk *t = self;
    PgPutCell *put = size_realloc(t->put, count ? count : 1, sizeof *put);
    if (!put) return false;
    t->put = put;
    t->columns = count;
    for (uint32_t c = 0; c < count; c++) put[c] = pg_put_cell(column[c].type.id, PG_TEXT);
    pg_row_description(t->out, column, count, NULL);
    return true;
}

static bool on_rows(void *self, const Batch *b)
{
    enum { ROWS_AT_ONCE = 64 };
    Talk *t = self;
    for (uint32_t from = 0; from < b->sel_len && !t->gone; from += ROWS_AT_ONCE) {
        uint32_t to = from + ROWS_AT_ONCE < b->sel_len ? from + ROWS_AT_ONCE : b->sel_len;
        pg_row_put(t->out, b, from, to, t->put);
        if (t->out->len > OUT_FULL) t->gone = !t->drain(t->drain_self);
    }
    return !t->gone;
}

static void on_notice(void *self, Str sentence)
{
    pg_message_notice(((Talk *)self)->out, PG_NOTICE, "00000", sentence);
}

static void on_done(void *self, Str tag, int64_t rows, int64_t duration_us)
{
    (void)duration_us;
    pg_message_complete(((Talk *)self)->out, tag, rows);
}

static void on_error(void *self, const Err *err)
{
    Talk *t = self;
    pg_message_error(t->out, PG_ERROR, err, t->text);
}

static bool is_blank(Str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!strchr(" \t\r\n;", text.at[i])) return false;
    return true;
}

static void run_query(Talk *t, Str text)
{
    const ResultSink sink = {.self = t,
                             .columns = on_columns,
                             .rows = on_rows,
                             .notice = on_notice,
                             .done = on_done,
                             .error = on_error};
    Err err = {.at = -1}, end = {.at = -1};
    t->text = text;
    if (is_blank(text)) pg_message_empty(t->out, 'I');
    engine_block_begin(t->session);
    bool said = source_run(t->session, text, &sink, &err); // on_error has said why not
    (void)said;
    if (!engine_block_end(t->session, &end)) pg_message_error(t->out, PG_ERROR, &end, STR_NONE);
    t->text = STR_NONE;
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

static void unsupported(Talk *t, char type)
{
    Err err = {.at = -1};
    err_set(&err, SQLSTATE_UNSUPPORTED, "message '%c' of the extended protocol is not supported", type);
    if (!t->skipping) pg_message_error(t->out, PG_ERROR, &err, STR_NONE);
    t->skipping = true;
}

bool talk_message(Talk *t, char type, Str body)
{
    Frame f = frame_of(body);
    Str text;
    switch (type) {
    case 'Q':
        text = frame_string(&f);
        if (!frame_whole(&f)) return broken(t, "invalid message format");
        t->skipping = false;
        run_query(t, text);
        break;
    case 'S':
        t->skipping = false;
        put_ready(t);
        break;
    case 'X': return false;
    case 'H': break;
    case 'P':
    case 'B':
    case 'D':
    case 'E':
    case 'C':
    case 'F': unsupported(t, type); break;
    case 'd':
    case 'c':
    case 'f': break; // of a COPY that has failed
    default: return broken(t, "invalid frontend message type");
    }
    return !t->gone;
}
