// Line: lines of the journals.
#include "engine/db/line.h"

#include "engine/base/clock.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum {
    LINE_TABLES_MAX = 200,
    LINE_STATEMENT_MAX = 32 << 10, // bytes of a statement that the query log keeps
    LINE_TEXT_MAX = 4 * LINE_STATEMENT_MAX,
};

static void put_who(Json *j, const Session *s)
{
    json_key(j, "user");
    json_str(j, str_of(s->user));
    json_key(j, "session");
    json_int(j, (int64_t)s->number);
    json_key(j, "database");
    json_str(j, session_database(s));
}

// ---- query log ----

// Without secrets; of a very long one (an import) the beginning. False when something had to be hidden.
static bool statement_text(Str statement, Bytes *out)
{
    size_t len = statement.len < LINE_STATEMENT_MAX ? statement.len : LINE_STATEMENT_MAX;
    while (len && len < statement.len && ((unsigned char)statement.at[len] & 0xc0) == 0x80) len--;
    journal_hide_secrets(out, str_slice(statement, 0, len));
    bool open = !out->failed && str_equal(bytes_str(out), str_slice(statement, 0, len));
    if (len < statement.len) bytes_printf(out, " … (%zu bytes)", statement.len);
    return open;
}

static void query_line(const Run *run, const Err *err, int64_t duration_us)
{
    Session *s = run->session;
    Engine *e = s->engine;
    uint64_t number = counter_add(e->counter, str_of(s->user), session_database(s), engine_node(e), !err);
    Bytes line, text;
    Json j;
    bytes_init(&text, LINE_TEXT_MAX);
    bool open = statement_text(run->text, &text);
    journal_begin(e->journal, JOURNAL_QUERY, "query", &j, &line);
    json_key(&j, "number");
    json_int(&j, (int64_t)number);
    put_who(&j, s);
    json_key(&j, "text");
    json_str(&j, text.failed ? STR("(longer than the log keeps)") : bytes_str(&text));
    json_key(&j, "valid");
    json_bool(&j, !err);
    json_key(&j, "rows");
    json_int(&j, err ? 0 : run->rows);
    json_key(&j, "duration_us");
    json_int(&j, duration_us);
    if (err) {
        json_key(&j, "state");
        json_str(&j, str_of(err->state));
        // The sentence may quote the statement: where that held a secret, it is not told.
        json_key(&j, "error");
        json_str(&j, open ? str_of(err->text) : STR("(not shown: the statement holds a secret)"));
    }
    journal_end(e->journal, JOURNAL_QUERY, &j, &line);
    bytes_done(&text);
}

// ---- general log ----

static void count_tables(Session *s, Transaction *t, Bytes *out)
{
    Arena mem = {0};
    const TableDef **def;
    size_t n = transaction_tables(t, session_database(s), &mem, &def);
    Json j;
    json_init(&j, out);
    json_begin(&j, '{');
    for (size_t i = 0; i < n && i < LINE_TABLES_MAX; i++) {
        Table *table = transaction_table_by_id(t, def[i]->id);
        if (!table) continue;
        json_key_str(&j, def[i]->name);
        json_int(&j, (int64_t)table_rows_estimate(table));
    }
    json_end(&j, '}');
    arena_done(&mem);
}

// The tables with their rows as one JSON object; made anew only when something has changed since.
static Str table_counts(Session *s)
{
    Engine *e = s->engine;
    uint64_t definitions = atomic_load(&e->definitions), changes = atomic_load(&e->changes);
    bool same = s->table_counts.len && s->counted_definitions == definitions &&
                s->counted_changes == changes && str_equal(str_of(s->counted_database), session_database(s));
    if (same) return bytes_str(&s->table_counts);
    Transaction *t;
    Err err = {.at = -1};
    TransactionOptions o = {.read_only = true, .user = str_of(s->user)};
    if (!transaction_begin(&t, e->store, &o, &err)) return STR("{}");
    bytes_clear(&s->table_counts);
    count_tables(s, t, &s->table_counts);
    transaction_rollback(t);
    s->counted_definitions = definitions;
    s->counted_changes = changes;
    snprintf(s->counted_database, sizeof s->counted_database, "%s", s->database);
    return s->table_counts.failed ? STR("{}") : bytes_str(&s->table_counts);
}

static void general_line(const Run *run, const Err *err, int64_t duration_us)
{
    Session *s = run->session;
    Bytes line;
    Json j;
    journal_begin(s->engine->journal, JOURNAL_GENERAL, "statement", &j, &line);
    put_who(&j, s);
    json_key(&j, "statement");
    json_str(&j, str_of(run->tag ? run->tag : "not understood"));
    json_key(&j, "duration_us");
    json_int(&j, duration_us);
    json_key(&j, "rows");
    json_int(&j, err ? 0 : run->rows);
    if (s->database[0]) {
        json_key(&j, "tables");
        json_raw(&j, table_counts(s));
    }
    journal_end(s->engine->journal, JOURNAL_GENERAL, &j, &line);
}

void line_statement(const Run *run, const Err *err, int64_t duration_us)
{
    if (run->session->quiet) return;
    query_line(run, err, duration_us);
    general_line(run, err, duration_us);
}

// ---- event log ----

static void event_line(const Session *s, const char *kind, uint64_t number, const char *format, ...)
    PRINTF_LIKE(4, 5);
static void event_line(const Session *s, const char *kind, uint64_t number, const char *format, ...)
{
    char sentence[ERR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    Bytes line;
    Json j;
    journal_begin(s->engine->journal, JOURNAL_EVENT, kind, &j, &line);
    put_who(&j, s);
    json_key(&j, "transaction");
    json_int(&j, (int64_t)number);
    json_key(&j, "sentence");
    json_str(&j, str_of(sentence));
    journal_end(s->engine->journal, JOURNAL_EVENT, &j, &line);
}

void line_change(const Run *run)
{
    const Session *s = run->session;
    if (!run->verb || !s->transaction) return;
    const char *later = s->open ? " (not yet durable)" : "";
    uint64_t number = transaction_number(s->transaction);
    if (!run->counts)
        event_line(s, "change", number, "%s %.*s%s", run->verb, STR_ARG(run->table), later);
    else
        event_line(s, "change", number, "%s %.*s %" PRId64 " %s%s", run->verb, STR_ARG(run->table), run->rows,
                   run->rows == 1 ? "row" : "rows", later);
}

void line_transaction(const Session *s, const char *kind, uint64_t number, const char *sentence)
{
    event_line(s, kind, number, "transaction %" PRIu64 " %s", number, sentence);
}
