// Copying out: the rows of a table or a query as lines, to the client or into a file of the server.
#include "engine/data/cast.h"
#include "engine/data/cell_text.h"
#include "engine/db/casts.h"
#include "engine/db/copying.h"
#include "engine/db/ddl.h"
#include "engine/sql/parser.h"
#include "engine/sql/print.h"

enum { LINE_MAX_BYTES = 300 << 20, FILE_PIECE = 256 << 10, QUERY_MAX = 1 << 20 };

typedef struct CopyOut {
    Run *run;
    const CopyOptions *o;
    const ResultColumn *column;
    uint32_t columns;
    bool *quote; // FORCE_QUOTE
    bool by_session;
    Bytes line, cell;
    IoFile file; // when it is one
    bool to_file;
    Err *err;
} CopyOut;

static bool put_line(CopyOut *c)
{
    bytes_put_byte(&c->line, '\n');
    if (c->line.failed) return err_set(c->err, SQLSTATE_LIMIT, "a line of COPY is too long");
    if (!c->to_file) {
        const ResultSink *sink = c->run->sink;
        bool more = sink->copy_line(sink->self, bytes_str(&c->line));
        bytes_clear(&c->line);
        return more || err_set(c->err, "08006", "the client takes no more of COPY's lines");
    }
    if (c->line.len < FILE_PIECE) return true;
    bool good = io_write(&c->file, c->line.at, c->line.len, -1, c->err);
    bytes_clear(&c->line);
    return good;
}

static void put_cell(CopyOut *c, const Vector *v, uint32_t column, uint32_t row)
{
    const CopyFormat *f = &c->o->format;
    if (column) bytes_put_byte(&c->line, f->delimiter);
    if (vector_is_null(v, row)) {
        bytes_put(&c->line, f->null);
        return;
    }
    const void *cell = (const char *)v->data + vector_slot(v, row) * phys_size(type_phys(v->type.id));
    if (type_phys(v->type.id) == PHYS_TEXT && v->type.id != TYPE_BYTEA) {
        copy_put_field(&c->line, f, text_str(cell), c->quote[column], c->columns == 1);
        return;
    }
    bytes_clear(&c->cell);
    cell_put_text(&c->cell, v->type.id, cell);
    copy_put_field(&c->line, f, bytes_str(&c->cell), c->quote[column], c->columns == 1);
}

static bool put_rows(CopyOut *c, const Batch *b)
{
    for (uint32_t i = 0; i < b->sel_len; i++) {
        uint32_t row = batch_row(b, i);
        for (uint32_t k = 0; k < b->columns; k++) put_cell(c, &b->vector[k], k, row);
        if (!put_line(c)) return false;
    }
    return true;
}

static bool on_rows(void *self, const Batch *b)
{
    CopyOut *c = self;
    if (!c->by_session) return put_rows(c, b);
    Arena mem;
    Batch shown;
    arena_init(&mem, 0);
    bool good = casts_show(c->run->session, b, NULL, &shown, &mem, c->err) && put_rows(c, &shown);
    arena_done(&mem);
    return good;
}

static bool put_header(CopyOut *c)
{
    for (uint32_t k = 0; k < c->columns; k++) {
        if (k) bytes_put_byte(&c->line, c->o->format.delimiter);
        copy_put_field(&c->line, &c->o->format, c->column[k].name, false, c->columns == 1);
    }
    return put_line(c);
}

// ---- what is copied ----

static bool table_statement(Run *run, const AstCopy *c, Statement **out, Err *err)
{
    SearchFound found;
    if (ddl_relation(run, &c->table, &found) && !found.table) {
        err_set_at(err, "42809", c->table.at, "cannot copy from view \"%.*s\"",
                   STR_ARG(ast_path_name(&c->table)));
        return err_hint(err, "Try the COPY (SELECT ...) TO variant.");
    }
    Table *table;
    ResultColumn *column;
    uint32_t columns;
    if (!ddl_table(run, &c->table, false, &table, err) ||
        !copying_columns(run, c, table_def(table), &column, &columns, err))
        return false;
    Bytes text;
    bytes_init(&text, QUERY_MAX);
    bytes_put(&text, STR("SELECT "));
    for (uint32_t i = 0; i < columns; i++) {
        if (i) bytes_put(&text, STR(", "));
        print_name(&text, column[i].name);
    }
    bytes_put(&text, STR(" FROM "));
    print_path(&text, &c->table);
    size_t pos = 0;
    bool good = !text.failed && parser_statement(out, bytes_str(&text), &pos, run->mem, err);
    bytes_done(&text);
    return good || err_set(err, SQLSTATE_LIMIT, "too many columns to copy");
}

static bool copy_plan(CopyOut *c, const Plan *plan, int64_t *count)
{
    ExecContext ctx;
    query_context(c->run, &ctx);
    c->column = plan->root->column;
    c->columns = plan->root->columns;
    c->quote = arena_array(c->run->mem, bool, c->columns + 1);
    for (uint32_t k = 0; k < c->columns; k++) c->by_session |= cast_needs_context(c->column[k].type.id);
    const ResultSink *sink = c->run->sink;
    if (!copying_marks(c->o->force_quote, c->column, c->columns, "FORCE_QUOTE", c->quote, c->err))
        return false;
    if (!c->to_file && !sink->copy_out(sink->self, c->columns))
        return err_set(c->err, "08006", "the client is gone");
    return (!c->o->header || put_header(c)) && exec_run(plan, &ctx, on_rows, c, count, c->err) &&
           !err_any(c->err);
}

static bool copy_to_file(CopyOut *c, const char *path, const Plan *plan, int64_t *count)
{
    if (path[0] != '/') return err_set(c->err, "42602", "relative path not allowed for COPY to file");
    c->to_file = true;
    if (!io_open_path(&c->file, c->run->session->engine->io, path, IO_WRITE | IO_CREATE | IO_TRUNCATE,
                      c->err))
        return false;
    bool good = copy_plan(c, plan, count) &&
                (!c->line.len || io_write(&c->file, c->line.at, c->line.len, -1, c->err)) &&
                io_sync(&c->file, c->err);
    io_close(&c->file);
    return good;
}

bool copying_out(Run *run, const AstCopy *ast, const CopyOptions *o, Err *err)
{
    const ResultSink *sink = run->sink;
    Statement query = {.kind = STATEMENT_SELECT, .at = -1, .query = ast->query}, *statement = &query;
    Plan *plan;
    CopyOut c = {.run = run, .o = o, .err = err};
    if (ast->standard && (!sink || !sink->copy_out || !sink->copy_line))
        return err_set(err, SQLSTATE_UNSUPPORTED,
                       "COPY TO STDOUT needs a client of the node (psql); here, EXPORT or a file serve");
    if (!ast->query && !table_statement(run, ast, &statement, err)) return false;
    if (!query_plan_locked(&plan, run, statement, NULL, 0, err)) return false;
    bytes_init(&c.line, LINE_MAX_BYTES);
    bytes_init(&c.cell, LINE_MAX_BYTES);
    bool good = ast->standard ? copy_plan(&c, plan, &run->rows)
                              : copy_to_file(&c, arena_cstr(run->mem, ast->file), plan, &run->rows);
    bytes_done(&c.line);
    bytes_done(&c.cell);
    plan_free(plan);
    return good;
}
