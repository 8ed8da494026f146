// Import: the loop over a script's statements. Each is run alone, so that it is whole or not done at all; the
// first error stops with the place in the file. What other systems allow early (foreign keys to tables that
// come later, indexes inside CREATE TABLE) is run at the end of the file.
#include "export/import.h"

#include "engine/data/copy.h"
#include "export/import_in.h"
#include <stdio.h>
#include <string.h>

enum { GUESS_BYTES = 64 << 10, COMMAND_MAX = 1 << 20 };

typedef struct ImportRun {
    Source *source;
    const ImportOptions *options;
    ImportSummary *summary;
    ImportReader reader;
    ImportDialect dialect;
    ImportSplitter splitter;
    Bytes text; // the statement as it is run
    Bytes later;
    uint64_t changed; // rows of the statement that ran last
    bool inserted;
    bool unchecked; // bodies of functions are not planned: a dump has them before the tables that they read
} ImportRun;

static void run_done(void *self, Str tag, int64_t rows, int64_t duration_us)
{
    ImportRun *run = self;
    (void)duration_us;
    run->inserted = str_starts(tag, STR("INSERT"));
    run->changed = rows > 0 ? (uint64_t)rows : 0;
}

static bool run_text(ImportRun *run, Str text, Err *err)
{
    ResultSink sink = {.self = run, .done = run_done};
    run->changed = 0;
    run->inserted = false;
    if (!source_run(run->source, text, &sink, err)) return false;
    run->summary->statements++;
    if (run->inserted) run->summary->rows += run->changed;
    return true;
}

static bool run_plain(ImportRun *run, const char *text, Err *err)
{
    ResultSink sink = {0};
    return source_run(run->source, str_of(text), &sink, err);
}

static void notice(ImportRun *run, const char *what, Str why)
{
    const ImportOptions *o = run->options;
    if (!o->notice) return;
    Bytes text;
    bytes_init(&text, COMMAND_MAX);
    bytes_printf(&text, "%s%.*s", what, STR_ARG(why));
    o->notice(o->self, run->reader.line, bytes_str(&text));
    bytes_done(&text);
}

static bool tell(ImportRun *run, Err *err)
{
    const ImportOptions *o = run->options;
    ImportReader *r = &run->reader;
    run->summary->bytes = r->done;
    ImportProgress p = {r->done, r->size, run->summary->statements, run->summary->rows, r->line};
    if (o->progress) o->progress(o->self, &p);
    if (!o->stop || !*o->stop) return true;
    err_set(err, SQLSTATE_CANCELED, "the import was stopped");
    return import_reader_locate(r, 0, err);
}

// ---- COPY ----

static bool flush_rows(ImportRun *run, ImportRows *rows, Err *err)
{
    if (!rows->rows) return true;
    if (rows->text.failed || rows->head.failed) {
        err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for the rows of an INSERT");
        return import_reader_locate(&run->reader, 0, err);
    }
    if (!run_text(run, import_rows_take(rows), err)) return import_reader_locate(&run->reader, 0, err);
    import_rows_clear(rows);
    return tell(run, err);
}

// COPY t (a, b) FROM stdin → INSERT INTO t (a, b) VALUES
static void copy_head(ImportRows *rows, Str statement)
{
    ImportToken t;
    size_t at = 0;
    import_next_word(statement, &at, IMPORT_POSTGRES, &t);
    bytes_put(&rows->head, STR("INSERT INTO "));
    while (import_next_word(statement, &at, IMPORT_POSTGRES, &t) && !import_is_word(statement, &t, "FROM")) {
        bytes_put(&rows->head, import_token_text(statement, &t));
        bytes_put_byte(&rows->head, ' ');
    }
    bytes_put(&rows->head, STR("VALUES"));
}

static bool next_record(ImportRun *run, CopyRecord *record, bool *end, Err *err)
{
    const CopyFormat format = copy_format(false);
    for (;;) {
        Str text = import_reader_text(&run->reader);
        const char *why;
        CopyFound found = copy_record(record, &format, text, run->reader.end, &why);
        *end = found == COPY_MARK;
        if (text.len && (found == COPY_RECORD || found == COPY_MARK)) return true;
        if (found == COPY_BAD || run->reader.end) {
            err_set(err, SQLSTATE_BAD_TEXT, "%s",
                    found == COPY_BAD ? why : "the data of COPY does not end with \\.");
            return import_reader_locate(&run->reader, 0, err);
        }
        if (!import_reader_more(&run->reader, err)) return false;
    }
}

static bool copy_lines(ImportRun *run, ImportRows *rows, CopyRecord *record, Err *err)
{
    for (;;) {
        bool end;
        if (!next_record(run, record, &end, err)) return false;
        Str text = import_reader_text(&run->reader);
        for (uint32_t i = 0; !end && i < record->fields; i++)
            import_rows_field(rows, copy_field(record, text, i), record->field[i].null);
        if (!end && !import_rows_end(rows)) {
            err_set(err, "22P04", "the line has not %u columns", rows->width);
            return import_reader_locate(&run->reader, 0, err);
        }
        import_reader_drop(&run->reader, record->bytes);
        if (end) return flush_rows(run, rows, err);
        if (import_rows_full(rows) && !flush_rows(run, rows, err)) return false;
    }
}

static bool run_copy(ImportRun *run, Err *err)
{
    ImportRows rows;
    CopyRecord record;
    import_rows_init(&rows);
    copy_record_init(&record, IMPORT_STATEMENT_MAX);
    copy_head(&rows, bytes_str(&run->text));
    Str line;
    size_t ending;
    bool found; // the rest of the COPY line
    bool ok = import_reader_line(&run->reader, &line, &ending, &found, err);
    if (ok) {
        import_reader_drop(&run->reader, line.len + ending);
        ok = copy_lines(run, &rows, &record, err);
    }
    import_rows_done(&rows);
    copy_record_done(&record);
    return ok;
}

// ---- statements ----

// \c name of psql; other commands of clients are left out, except those that would bring in something from
// elsewhere.
static bool run_command(ImportRun *run, Str line, Err *err)
{
    static const char *const refused[] = {"\\i",     "\\ir",  "\\include", "\\!",   "\\copy",
                                          "\\gexec", ".read", ".import",   "source"};
    Str rest = str_trim(line), command = str_cut(&rest, ' ');
    rest = str_trim(rest);
    while (str_ends(rest, STR(";"))) rest = str_trim(str_slice(rest, 0, rest.len - 1));
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        if (str_equal_fold(command, str_of(refused[i])))
            return err_set(err, SQLSTATE_UNSUPPORTED,
                           "%.*s is a command of another client, and is not followed from a file",
                           STR_ARG(command));
    if (str_equal_fold(command, STR("DELIMITER"))) return true;
    bool connect = str_equal(command, STR("\\c")) || str_equal(command, STR("\\connect"));
    if (!connect || !rest.len) {
        run->summary->skipped++;
        return true;
    }
    ImportToken t = import_token(rest, 0, IMPORT_POSTGRES);
    bytes_clear(&run->text);
    bytes_put(&run->text, STR("USE "));
    Bytes name;
    bytes_init(&name, COMMAND_MAX);
    import_put_name_value(&name, rest, &t);
    source_quote_name(&run->text, bytes_str(&name));
    bytes_done(&name);
    return run_text(run, bytes_str(&run->text), err);
}

// ---- what may be left out ----

static bool begins(Str statement, ImportDialect dialect, const char *const *words, size_t count)
{
    ImportToken t;
    size_t at = 0;
    for (size_t i = 0; i < count; i++)
        if (!import_next_word(statement, &at, dialect, &t) || !import_is_word(statement, &t, words[i]))
            return false;
    return true;
}

// Functions and triggers of a dump in languages that are not known are always left out; other things on
// request.
static bool may_leave_out(ImportRun *run, const Err *err)
{
    static const char *const optional[][4] = {{"CREATE", "FUNCTION"},
                                              {"CREATE", "PROCEDURE"},
                                              {"CREATE", "TRIGGER"},
                                              {"CREATE", "OR", "REPLACE", "FUNCTION"},
                                              {"CREATE", "OR", "REPLACE", "PROCEDURE"}};
    static const size_t words[] = {2, 2, 2, 4, 4};
    static const char *const missing[] = {"42883", "42P01", "42704", "42703", "42809"};
    const ImportOptions *o = run->options;
    Str text = bytes_str(&run->text);
    bool program = false, unsupported = err_is(err, SQLSTATE_UNSUPPORTED), lacks = false;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        program = program || begins(text, run->dialect, optional[i], words[i]);
    for (size_t i = 0; i < COUNT_OF(missing); i++) lacks = lacks || err_is(err, missing[i]);
    if (unsupported && (o->skip_unsupported || program)) {
        run->summary->refused++;
        return true;
    }
    if (!lacks || !run->summary->refused || (!o->skip_unsupported && !program)) return false;
    run->summary->lost++;
    return true;
}

static void tell_left_out(ImportRun *run, Str statement, const Err *err)
{
    char line[240];
    size_t len = statement.len < 80 ? statement.len : 80;
    size_t end = str_find_byte(str_slice(statement, 0, len), '\n', 0);
    if (end != SIZE_MAX) len = end;
    while (len && ((unsigned char)statement.at[len - 1] & 0x80)) len--;
    snprintf(line, sizeof line, "left out: %.*s: ", (int)len, statement.at);
    notice(run, line, str_of(err->text));
}

// A column of a full-text type keeps its text.
static void text_for_vectors(ImportRun *run)
{
    static const char *const table[] = {"CREATE", "TABLE"};
    if (!run->options->skip_unsupported || !begins(bytes_str(&run->text), run->dialect, table, 2)) return;
    Bytes out;
    ImportToken t;
    Str text = bytes_str(&run->text);
    bytes_init(&out, (size_t)IMPORT_STATEMENT_MAX * 2);
    size_t done = 0, at = 0, found = 0;
    while (import_next_word(text, &at, run->dialect, &t)) {
        if (!import_is_word(text, &t, "TSVECTOR")) continue;
        bytes_put(&out, str_slice(text, done, t.at - done));
        bytes_put(&out, STR("text"));
        done = t.at + t.len;
        found++;
    }
    if (found) {
        bytes_put(&out, str_slice(text, done, text.len));
        bytes_clear(&run->text);
        bytes_put(&run->text, bytes_str(&out));
        notice(run, "", STR("full-text search is not supported: a column of type tsvector becomes text"));
        run->summary->refused++;
    }
    bytes_done(&out);
}

// One statement; inside a transaction an error would end it, so that a savepoint stands before.
static bool run_or_leave_out(ImportRun *run, Str statement, Err *err)
{
    SourceState state;
    source_state(run->source, &state);
    bool guard = state.in_transaction && run->options->skip_unsupported;
    static const char *const function[][4] = {{"CREATE", "FUNCTION"},
                                              {"CREATE", "OR", "REPLACE", "FUNCTION"}};
    bool routine =
        begins(statement, run->dialect, function[0], 2) || begins(statement, run->dialect, function[1], 4);
    if (routine && run->dialect == IMPORT_POSTGRES && !run->unchecked) {
        if (!run_plain(run, "SET check_function_bodies = off", err)) return false;
        run->unchecked = true;
    }
    text_for_vectors(run);
    if (guard && !run_plain(run, "SAVEPOINT d2db_import", err)) return false;
    bool ok = run_text(run, bytes_str(&run->text), err);
    bool left = !ok && (!state.in_transaction || guard) && may_leave_out(run, err);
    if (left) tell_left_out(run, statement, err);
    if (left) err_clear(err);
    if (guard && left) return run_plain(run, "ROLLBACK TO SAVEPOINT d2db_import", err);
    source_state(run->source, &state);
    if (guard && ok && state.in_transaction) return run_plain(run, "RELEASE SAVEPOINT d2db_import", err);
    return ok || left;
}

static bool run_rewritten(ImportRun *run, ImportRewrite *r, size_t at, Err *err)
{
    if (run->text.failed || run->later.failed) {
        err_set(err, SQLSTATE_LIMIT, "a statement is longer than %d MB", IMPORT_STATEMENT_MAX >> 20);
        return import_reader_locate(&run->reader, at, err);
    }
    if (run_or_leave_out(run, r->text, err)) return true;
    size_t inside = err->at > 0 ? import_origin(r, (size_t)err->at) : 0;
    return import_reader_locate(&run->reader, at + inside, err);
}

static bool run_statement(ImportRun *run, const ImportPiece *piece, bool *copy, Err *err)
{
    Str statement = str_slice(import_reader_text(&run->reader), piece->at, piece->len);
    const char *why;
    ImportAction action = import_action(statement, run->dialect, &why);
    if (action == IMPORT_REFUSE && run->options->skip_unsupported) {
        run->summary->refused++;
        notice(run, "left out: ", str_of(why));
        return true;
    }
    if (action == IMPORT_REFUSE) {
        err_set(err, SQLSTATE_UNSUPPORTED, "%s cannot be imported", why);
        return import_reader_locate(&run->reader, piece->at, err);
    }
    if (action == IMPORT_BEGIN) action = run->options->single_transaction ? IMPORT_QUIET : IMPORT_RUN;
    if (action == IMPORT_SKIP) notice(run, "left out: ", str_of(why));
    if (action == IMPORT_SKIP || action == IMPORT_QUIET) {
        run->summary->skipped++;
        return true;
    }
    bytes_clear(&run->text);
    ImportRewrite r = {.dialect = run->dialect, .text = statement, .out = &run->text, .later = &run->later};
    import_rewrite(&r);
    *copy = action == IMPORT_COPY;
    bool ok = *copy || run_rewritten(run, &r, piece->at, err);
    import_rewrite_done(&r);
    return ok;
}

static bool run_piece(ImportRun *run, const ImportPiece *piece, Err *err)
{
    bool copy = false;
    if (piece->kind == IMPORT_COMMAND) {
        Str line = str_slice(import_reader_text(&run->reader), piece->at, piece->len);
        if (!run_command(run, line, err)) return import_reader_locate(&run->reader, piece->at, err);
    } else if (!run_statement(run, piece, &copy, err)) {
        return false;
    }
    import_reader_drop(&run->reader, piece->end);
    if (copy && !run_copy(run, err)) return false;
    return tell(run, err);
}

static bool run_pieces(ImportRun *run, Err *err)
{
    for (;;) {
        ImportPiece piece;
        if (import_split(&run->splitter, import_reader_text(&run->reader), run->reader.end, &piece)) {
            if (!run_piece(run, &piece, err)) return false;
        } else if (run->reader.end) {
            import_reader_drop(&run->reader, run->reader.buffer.len - run->reader.front);
            return true;
        } else if (!import_reader_more(&run->reader, err)) {
            return false;
        }
    }
}

// ---- the end of the file ----

static bool run_later(ImportRun *run, Err *err)
{
    Str rest = bytes_str(&run->later);
    while (rest.len) {
        Str statement = str_cut(&rest, '\0');
        if (!run_text(run, statement, err)) {
            char begin[160];
            snprintf(begin, sizeof begin, "%.*s", (int)(statement.len < 150 ? statement.len : 150),
                     statement.at);
            err_note(err, "while running what waited for the end of the file: %s", begin);
            return import_reader_locate(&run->reader, 0, err);
        }
    }
    return true;
}

static bool choose_dialect(ImportRun *run, Err *err)
{
    static const struct {
        const char *name;
        ImportDialect dialect;
    } names[] = {{"d2db", IMPORT_POSTGRES},
                 {"postgres", IMPORT_POSTGRES},
                 {"mysql", IMPORT_MYSQL},
                 {"sqlite", IMPORT_SQLITE}};
    Str wanted = run->options->dialect;
    if (!import_reader_more(&run->reader, err)) return false;
    Str text = import_reader_text(&run->reader);
    if (str_starts(text, STR("\xef\xbb\xbf"))) import_reader_drop(&run->reader, 3);
    run->dialect = import_guess(str_slice(import_reader_text(&run->reader), 0, GUESS_BYTES));
    for (size_t i = 0; i < COUNT_OF(names) && wanted.len; i++)
        if (str_equal(wanted, str_of(names[i].name))) {
            run->dialect = names[i].dialect;
            return true;
        }
    return !wanted.len || err_set(err, "22023", "%.*s is none of the dialects d2db, postgres, mysql, sqlite",
                                  STR_ARG(wanted));
}

static bool run_file(ImportRun *run, Err *err)
{
    if (!choose_dialect(run, err)) return false;
    import_splitter_init(&run->splitter, run->dialect);
    return run_pieces(run, err) && run_later(run, err) && tell(run, err);
}

// A transaction that is open at the end (of an import that failed, or of a script without its COMMIT) does
// not stay.
static bool end_transaction(ImportRun *run, bool ok, Err *err)
{
    SourceState state;
    Err end = {0};
    source_state(run->source, &state);
    if (!state.in_transaction) return ok;
    if (ok && run->options->single_transaction) return run_plain(run, "COMMIT", err);
    if (ok) notice(run, "the script left a transaction open; it was rolled back", STR_NONE);
    if (!run_plain(run, "ROLLBACK", &end) && ok) *err = end;
    return ok && !err_any(&end);
}

bool import_sql(Source *s, const ImportOptions *o, ImportSummary *summary, Err *err)
{
    *summary = (ImportSummary){0};
    ImportRun run = {.source = s, .options = o, .summary = summary};
    SourceState state;
    source_state(s, &state);
    if (state.in_transaction)
        return err_set(err, "25001", "an import needs a session without an open transaction");
    if (!import_reader_open(&run.reader, o->io, o->path, err)) return false;
    bytes_init(&run.text, (size_t)IMPORT_STATEMENT_MAX * 2);
    bytes_init(&run.later, IMPORT_STATEMENT_MAX);
    bool ok = !o->single_transaction || run_plain(&run, "BEGIN", err);
    ok = ok && run_file(&run, err);
    summary->bytes = run.reader.done;
    ok = end_transaction(&run, ok, err);
    Err none = {0};
    if (run.unchecked) (void)!run_plain(&run, "RESET check_function_bodies", &none);
    bytes_done(&run.text);
    bytes_done(&run.later);
    import_reader_close(&run.reader);
    return ok;
}

bool import_file(Source *s, const ImportOptions *o, ImportSummary *summary, Err *err)
{
    Str path = str_of(o->path);
    bool csv = o->table.len || str_ends(path, STR(".csv")) || str_ends(path, STR(".tsv"));
    return csv ? import_csv(s, o, summary, err) : import_sql(s, o, summary, err);
}
