// CSV (RFC 4180) into a table: the first record names columns; fields may be quoted and then hold separators
// and line ends; an empty field without quotes is NULL. Rows go in as multi-row INSERTs of text, which the
// columns' types read.
#include "export/import.h"

#include "engine/data/collect.h"
#include "engine/data/copy.h"
#include "export/import_in.h"
#include <string.h>

enum { QUERY_MAX = 4 << 20 };

typedef struct CsvRun {
    Source *source;
    const ImportOptions *options;
    ImportSummary *summary;
    ImportReader reader;
    CopyRecord record;
    CopyFormat format;
    Str text; // that record was read from
    ImportRows rows;
} CsvRun;

static Str record_field(const CsvRun *c, uint32_t i) { return copy_field(&c->record, c->text, i); }

static bool next_record(CsvRun *c, bool *found, Err *err)
{
    for (;;) {
        Str text = import_reader_text(&c->reader);
        *found = text.len > 0;
        if (!text.len && c->reader.end) return true;
        const char *why = "";
        CopyFound got = copy_record(&c->record, &c->format, text, c->reader.end, &why);
        c->text = text;
        if (got == COPY_RECORD) return true;
        if (got == COPY_BAD) {
            err_set(err, "22P04", "%s", why);
            return import_reader_locate(&c->reader, 0, err);
        }
        if (!import_reader_more(&c->reader, err)) return false;
    }
}

// The table's columns, from a query that gives no row.
static bool table_columns(CsvRun *c, Arena *mem, Collected *out, Err *err)
{
    Bytes query;
    bytes_init(&query, QUERY_MAX);
    bytes_put(&query, STR("SELECT * FROM "));
    source_quote_name(&query, c->options->table);
    bytes_put(&query, STR(" LIMIT 0"));
    bool ok = source_collect(c->source, bytes_str(&query), mem, out, err);
    bytes_done(&query);
    return ok;
}

static int find_column(const Collected *columns, Str name)
{
    for (uint32_t i = 0; i < columns->columns; i++)
        if (str_equal(columns->column[i].name, name)) return (int)i;
    for (uint32_t i = 0; i < columns->columns; i++)
        if (str_equal_fold(columns->column[i].name, name)) return (int)i;
    return -1;
}

static bool make_head(CsvRun *c, Err *err)
{
    Arena mem = {0};
    Collected columns;
    if (!table_columns(c, &mem, &columns, err)) {
        arena_done(&mem);
        return false;
    }
    Bytes *head = &c->rows.head;
    bytes_put(head, STR("INSERT INTO "));
    source_quote_name(head, c->options->table);
    bytes_put(head, STR(" ("));
    bool ok = true;
    c->rows.width = c->record.fields;
    for (uint32_t i = 0; i < c->record.fields && ok; i++) {
        Str name = str_trim(record_field(c, i));
        int at = c->options->no_header ? (int)i : find_column(&columns, name);
        if (at < 0 || (uint32_t)at >= columns.columns) {
            ok = c->options->no_header
                     ? err_set(err, "22P04", "the file has %u columns, table %.*s has %u", c->record.fields,
                               STR_ARG(c->options->table), columns.columns)
                     : err_set(err, SQLSTATE_UNDEFINED_COLUMN,
                               "table %.*s has no column \"%.*s\", which the first line names",
                               STR_ARG(c->options->table), STR_ARG(name));
            break;
        }
        if (i) bytes_put(head, STR(", "));
        source_quote_name(head, columns.column[at].name);
    }
    bytes_put(head, STR(") VALUES"));
    arena_done(&mem);
    return ok || import_reader_locate(&c->reader, 0, err);
}

static void count_done(void *self, Str tag, int64_t rows, int64_t duration_us)
{
    CsvRun *c = self;
    (void)tag, (void)duration_us;
    if (rows > 0) c->summary->rows += (uint64_t)rows;
}

static bool flush_rows(CsvRun *c, Err *err)
{
    if (!c->rows.rows) return true;
    uint32_t rows = c->rows.rows;
    ResultSink sink = {.self = c, .done = count_done};
    bool ok =
        !c->rows.text.failed || err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for the rows of an INSERT");
    ok = ok && source_run(c->source, import_rows_take(&c->rows), &sink, err);
    if (!ok) {
        err_note(err, "in one of the %u rows before this place", rows);
        return import_reader_locate(&c->reader, 0, err);
    }
    c->summary->statements++;
    import_rows_clear(&c->rows);
    const ImportOptions *o = c->options;
    c->summary->bytes = c->reader.done;
    ImportProgress p = {c->reader.done, c->reader.size, c->summary->statements, c->summary->rows,
                        c->reader.line};
    if (o->progress) o->progress(o->self, &p);
    if (!o->stop || !*o->stop) return true;
    err_set(err, SQLSTATE_CANCELED, "the import was stopped");
    return import_reader_locate(&c->reader, 0, err);
}

static bool add_record(CsvRun *c, Err *err)
{
    CopyRecord *r = &c->record;
    bool blank = r->fields == 1 && !r->field[0].quoted && !r->field[0].len && c->rows.width > 1;
    if (blank) return true;
    if (r->fields != c->rows.width) {
        err_set(err, "22P04", "the record has %u fields instead of %u", r->fields, c->rows.width);
        return import_reader_locate(&c->reader, 0, err);
    }
    for (uint32_t i = 0; i < r->fields; i++)
        import_rows_field(&c->rows, record_field(c, i), !r->field[i].quoted && !r->field[i].len);
    return import_rows_end(&c->rows);
}

static bool run_records(CsvRun *c, Err *err)
{
    bool found;
    if (!import_reader_more(&c->reader, err)) return false;
    if (str_starts(import_reader_text(&c->reader), STR("\xef\xbb\xbf"))) import_reader_drop(&c->reader, 3);
    for (bool first = true;; first = false) {
        if (!next_record(c, &found, err)) return false;
        if (!found) return flush_rows(c, err);
        if (first && !make_head(c, err)) return false;
        if ((!first || c->options->no_header) && !add_record(c, err)) return false;
        import_reader_drop(&c->reader, c->record.bytes);
        if (import_rows_full(&c->rows) && !flush_rows(c, err)) return false;
    }
}

static bool run_transaction(CsvRun *c, Err *err)
{
    ResultSink none = {0};
    bool whole = c->options->single_transaction;
    if (whole && !source_run(c->source, STR("BEGIN"), &none, err)) return false;
    bool ok = run_records(c, err);
    if (!whole) return ok;
    Err end = {0};
    if (ok) return source_run(c->source, STR("COMMIT"), &none, err);
    if (!source_run(c->source, STR("ROLLBACK"), &none, &end))
        err_note(err, "and rolling back failed: %s", end.text);
    return false;
}

bool import_csv(Source *s, const ImportOptions *o, ImportSummary *summary, Err *err)
{
    *summary = (ImportSummary){0};
    if (!o->table.len) {
        err_set(err, "22023", "a .csv file needs the table that it goes into");
        return err_hint(err, "give --table NAME");
    }
    bool tabs = str_ends(str_of(o->path), STR(".tsv"));
    CsvRun c = {.source = s, .options = o, .summary = summary, .format = copy_format(true)};
    c.format.delimiter = o->separator ? o->separator : tabs ? '\t' : ',';
    c.format.strict = c.format.no_mark = true;
    if (!import_reader_open(&c.reader, o->io, o->path, err)) return false;
    copy_record_init(&c.record, IMPORT_STATEMENT_MAX);
    import_rows_init(&c.rows);
    bool ok = run_transaction(&c, err);
    summary->bytes = c.reader.done;
    import_rows_done(&c.rows);
    copy_record_done(&c.record);
    import_reader_close(&c.reader);
    return ok;
}
