// Copying in: lines become batches of typed cells, column by column, and go the way of an INSERT … SELECT
// from them: defaults, numbers, rules and keys are its. Rows are stored in pieces of COPY_PIECE_ROWS, all in
// one statement.
#include "engine/base/utf8.h"
#include "engine/data/cast.h"
#include "engine/db/copying.h"
#include "engine/db/ddl.h"
#include "engine/sql/parser.h"
#include "engine/sql/print.h"

#include <inttypes.h>
#include <string.h>

enum {
    COPY_PIECE_ROWS = 64 * BATCH_ROWS,
    COPY_LINE_MAX = 300 << 20,
    FILE_PIECE = 256 << 10,
    COPY_QUERY_MAX = 1 << 20
};

typedef struct CopyIn {
    Run *run;
    const CopyOptions *o;
    Str table;
    const ResultColumn *column;
    uint32_t columns;
    bool *not_null, *force_null; // FORCE_…
    IoFile file;
    bool from_file, end; // end: nothing more comes
    Bytes text;          // what has come
    size_t at;           // and is read up to here
    uint64_t line;       // of the front, from 1
    CopyRecord record;
    Arena mem; // of one batch
    Batch *raw, *typed;
    uint64_t row_line[BATCH_ROWS];
    uint64_t piece_rows, piece_max; // rows given in this piece of the statement
    bool done;
    SystemFeed feed;
} CopyIn;

// ---- bytes ----

static bool more_bytes(CopyIn *c, Err *err)
{
    if (c->at) {
        bytes_remove_front(&c->text, c->at);
        c->at = 0;
    }
    if (c->from_file) {
        size_t got = 0;
        char *room = bytes_reserve(&c->text, FILE_PIECE);
        if (!room)
            return err_set(err, SQLSTATE_LIMIT, "a line of COPY is longer than %d MB", COPY_LINE_MAX >> 20);
        if (!io_read(&c->file, room, FILE_PIECE, -1, &got, err)) return false;
        bytes_reserve_done(&c->text, got);
        c->end = got < FILE_PIECE;
        return true;
    }
    Str data = STR_NONE;
    const ResultSink *sink = c->run->sink;
    if (!sink->copy_read(sink->self, &data, &c->end, err)) return false;
    bytes_put(&c->text, data);
    return !c->text.failed ||
           err_set(err, SQLSTATE_LIMIT, "a line of COPY is longer than %d MB", COPY_LINE_MAX >> 20);
}

static bool note_line(const CopyIn *c, uint64_t line, Err *err)
{
    err->at = -1;
    return err_note(err, "COPY %.*s, line %" PRIu64, STR_ARG(c->table), line);
}

// The next record; *found false at the end.
static bool next_record(CopyIn *c, bool *found, Err *err)
{
    for (;;) {
        Str text = str_slice(bytes_str(&c->text), c->at, SIZE_MAX);
        const char *why = "";
        *found = false;
        if (c->done || (!text.len && c->end)) return true;
        CopyFound got = text.len ? copy_record(&c->record, &c->o->format, text, c->end, &why) : COPY_MORE;
        if (got == COPY_BAD) {
            err_set(err, "22P04", "%s", why);
            return note_line(c, c->line, err);
        }
        if (got == COPY_MARK) {
            c->done = true;
            return true;
        }
        *found = got == COPY_RECORD;
        if (*found) return true;
        if (!more_bytes(c, err)) return false;
    }
}

static void drop_record(CopyIn *c)
{
    c->at += c->record.bytes;
    c->line += c->record.lines;
}

// ---- records to rows ----

static Str record_field(const CopyIn *c, uint32_t i)
{
    return copy_field(&c->record, str_slice(bytes_str(&c->text), c->at, SIZE_MAX), i);
}

static bool is_null(const CopyIn *c, uint32_t i, Str value)
{
    const CopyField *f = &c->record.field[i];
    if (f->quoted) return c->force_null[i] && str_equal(value, c->o->format.null);
    return f->null && !c->not_null[i];
}

static bool check_fields(const CopyIn *c, Err *err)
{
    const CopyRecord *r = &c->record;
    if (r->fields > c->columns) {
        err_set(err, "22P04", "extra data after last expected column");
        return note_line(c, c->line, err);
    }
    if (r->fields == c->columns) return true;
    err_set(err, "22P04", "missing data for column \"%.*s\"", STR_ARG(c->column[r->fields].name));
    return note_line(c, c->line, err);
}

static bool add_record(CopyIn *c, Err *err)
{
    uint32_t row = c->raw->rows;
    // A table without columns has empty lines.
    bool none = c->columns == 0 && c->record.fields == 1 && !c->record.field[0].len;
    if (!none && !check_fields(c, err)) return false;
    for (uint32_t i = 0; i < c->columns; i++) {
        Str value = record_field(c, i);
        if (is_null(c, i, value)) {
            vector_set_null(&c->raw->vector[i], row);
            continue;
        }
        if (utf8_check(value) != SIZE_MAX || (value.len && memchr(value.at, 0, value.len))) {
            err_set(err, SQLSTATE_BAD_UTF8, "invalid byte sequence for encoding \"UTF8\"");
            return note_line(c, c->line, err);
        }
        Text cell = text_of(value);
        if (value.len > TEXT_INLINE) cell = text_copy(&c->mem, cell);
        ((Text *)c->raw->vector[i].data)[row] = cell;
    }
    c->row_line[row] = c->line;
    c->raw->sel_len = ++c->raw->rows;
    return true;
}

// Which cell it was that a column could not read.
static bool blame(CopyIn *c, uint32_t column, Err *err)
{
    const Vector *v = &c->raw->vector[column];
    for (uint32_t row = 0; row < c->raw->rows; row++) {
        Value in = vector_value(v, row), out;
        Err one = {.at = -1};
        if (in.null || cast_value_in(&c->run->session->cast, &out, &in, c->column[column].type,
                                     CAST_ASSIGNMENT, &c->mem, &one))
            continue;
        *err = one;
        err->at = -1;
        return err_note(err, "COPY %.*s, line %" PRIu64 ", column %.*s: \"%.*s\"", STR_ARG(c->table),
                        c->row_line[row], STR_ARG(c->column[column].name),
                        STR_ARG(str_slice(text_str(&in.text), 0, 100)));
    }
    return false;
}

static bool cast_columns(CopyIn *c, Err *err)
{
    for (uint32_t i = 0; i < c->columns; i++) {
        Vector *to = &c->typed->vector[i];
        if (to->nulls) memset(to->nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
        if (!cast_vector_in(&c->run->session->cast, to, &c->raw->vector[i], NULL, c->raw->rows,
                            c->column[i].type, CAST_ASSIGNMENT, &c->mem, err))
            return blame(c, i, err);
    }
    c->typed->rows = c->typed->sel_len = c->raw->rows;
    return true;
}

static void new_batch(CopyIn *c)
{
    arena_reset(&c->mem);
    Type *text = arena_array(&c->mem, Type, c->columns + 1),
         *type = arena_array(&c->mem, Type, c->columns + 1);
    for (uint32_t i = 0; i < c->columns; i++) {
        text[i] = type_of(TYPE_NULL); // read as any literal is
        type[i] = c->column[i].type;
    }
    c->raw = batch_new(&c->mem, text, c->columns);
    c->typed = batch_new(&c->mem, type, c->columns);
}

// SystemTable's rows: the next batch of this piece.
static bool feed_rows(void *self, Batch **out, Err *err)
{
    CopyIn *c = self;
    bool found = true;
    *out = NULL;
    if (c->piece_rows >= c->piece_max) return true;
    new_batch(c);
    while (c->raw->rows < BATCH_ROWS) {
        if (!next_record(c, &found, err)) return false;
        if (!found) break;
        if (!add_record(c, err)) return false;
        drop_record(c);
    }
    if (!c->raw->rows) return true;
    c->piece_rows += c->raw->rows;
    *out = c->typed;
    return cast_columns(c, err);
}

static bool check_header(CopyIn *c, Err *err)
{
    bool found;
    if (!c->o->header) return true;
    if (!next_record(c, &found, err)) return false;
    if (!found) return true;
    for (uint32_t i = 0; c->o->match && i < c->columns; i++) {
        Str name = i < c->record.fields ? record_field(c, i) : STR_NONE;
        if (i < c->record.fields && str_equal(name, c->column[i].name)) continue;
        err_set(err, "22P04", "column name mismatch in header line field %u: got \"%.*s\", expected \"%.*s\"",
                i + 1, STR_ARG(name), STR_ARG(c->column[i].name));
        return note_line(c, c->line, err);
    }
    if (c->o->match && c->record.fields != c->columns) {
        err_set(err, "22P04", "wrong number of fields in header line: got %u, expected %u", c->record.fields,
                c->columns);
        return note_line(c, c->line, err);
    }
    drop_record(c);
    return true;
}

// ---- the INSERT ----

static bool insert_statement(CopyIn *c, const AstCopy *ast, Statement **out, Err *err)
{
    Bytes text;
    bytes_init(&text, COPY_QUERY_MAX);
    bytes_put(&text, STR("INSERT INTO "));
    print_path(&text, &ast->table);
    bytes_put(&text, STR(" ("));
    for (uint32_t i = 0; i < c->columns; i++) {
        if (i) bytes_put(&text, STR(", "));
        print_name(&text, c->column[i].name);
    }
    bytes_put(&text, STR(") OVERRIDING SYSTEM VALUE SELECT * FROM d2db.copy_feed AS "));
    print_name(&text, c->table);
    if (ast->where) {
        bytes_put(&text, STR(" WHERE "));
        print_expr(&text, ast->where);
    }
    size_t pos = 0;
    bool good = !text.failed && parser_statement(out, bytes_str(&text), &pos, c->run->mem, err);
    bytes_done(&text);
    return good || err_set(err, SQLSTATE_LIMIT, "too many columns to copy");
}

static void make_feed(CopyIn *c)
{
    const char **name = arena_array(c->run->mem, const char *, c->columns + 1);
    Type *type = arena_array(c->run->mem, Type, c->columns + 1);
    for (uint32_t i = 0; i < c->columns; i++) {
        name[i] = arena_cstr(c->run->mem, c->column[i].name);
        type[i] = c->column[i].type;
    }
    c->feed = (SystemFeed){.table = {.schema = "d2db",
                                     .name = "copy_feed",
                                     .columns = c->columns,
                                     .column_name = name,
                                     .column_type = type},
                           .rows = feed_rows,
                           .self = c};
}

static bool run_pieces(CopyIn *c, const Plan *plan, Err *err)
{
    ExecContext ctx;
    query_context(c->run, &ctx);
    do {
        int64_t count = 0;
        c->piece_rows = 0;
        if (!exec_run(plan, &ctx, NULL, NULL, &count, err)) return false;
        c->run->rows += count;
    } while (c->piece_rows >= c->piece_max);
    query_note_write(c->run, plan);
    // What is behind the end mark is passed over.
    while (!c->end && !c->from_file) {
        c->at = c->text.len;
        if (!more_bytes(c, err)) return false;
    }
    return true;
}

static bool copy_rows(CopyIn *c, const AstCopy *ast, Err *err)
{
    Run *run = c->run;
    Statement *statement;
    Plan *plan;
    const ResultSink *sink = run->sink;
    c->not_null = arena_array(run->mem, bool, c->columns + 1);
    c->force_null = arena_array(run->mem, bool, c->columns + 1);
    if (!copying_marks(c->o->force_not_null, c->column, c->columns, "FORCE_NOT_NULL", c->not_null, err) ||
        !copying_marks(c->o->force_null, c->column, c->columns, "FORCE_NULL", c->force_null, err))
        return false;
    make_feed(c);
    run->feed = &c->feed.table;
    bool good =
        insert_statement(c, ast, &statement, err) && query_plan_locked(&plan, run, statement, NULL, 0, err);
    run->feed = NULL;
    if (!good) {
        err->at = ast->table.at;
        return false;
    }
    if (!c->from_file)
        good = sink->copy_in(sink->self, c->columns) || err_set(err, "08006", "the client is gone");
    good = good && check_header(c, err) && run_pieces(c, plan, err);
    plan_free(plan);
    return good;
}

// Keys that refer to rows of the same table are looked at when all rows are there.
static bool refers_to_itself(const TableDef *def)
{
    for (uint32_t i = 0; i < def->foreign_key_count; i++)
        if (def->foreign_key[i].parent_id == def->id) return true;
    return false;
}

static bool open_file(CopyIn *c, const AstCopy *ast, Err *err)
{
    if (ast->standard) return true;
    const char *path = arena_cstr(c->run->mem, ast->file);
    if (path[0] != '/') return err_set(err, "42602", "relative path not allowed for COPY from file");
    c->from_file = io_open_path(&c->file, c->run->session->engine->io, path, IO_READ, err);
    return c->from_file;
}

bool copying_in(Run *run, const AstCopy *ast, const CopyOptions *o, Err *err)
{
    const ResultSink *sink = run->sink;
    Table *table;
    if (ast->standard && (!sink || !sink->copy_in || !sink->copy_read))
        return err_set(err, SQLSTATE_UNSUPPORTED,
                       "COPY FROM STDIN needs a client of the node (psql); here, import and a file serve");
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute COPY FROM in a read-only transaction");
    if (!ddl_table(run, &ast->table, false, &table, err)) return false;
    CopyIn *c = arena_new(run->mem, CopyIn);
    *c = (CopyIn){.run = run,
                  .o = o,
                  .table = table_def(table)->name,
                  .line = 1,
                  .piece_max = COPY_PIECE_ROWS,
                  .file = IO_FILE_NONE};
    if (refers_to_itself(table_def(table))) c->piece_max = UINT64_MAX;
    ResultColumn *column;
    if (!copying_columns(run, ast, table_def(table), &column, &c->columns, err) || !open_file(c, ast, err))
        return false;
    c->column = column;
    bytes_init(&c->text, COPY_LINE_MAX);
    copy_record_init(&c->record, COPY_LINE_MAX);
    bool good = copy_rows(c, ast, err);
    if (c->from_file) io_close(&c->file);
    bytes_done(&c->text);
    copy_record_done(&c->record);
    arena_done(&c->mem);
    return good;
}
