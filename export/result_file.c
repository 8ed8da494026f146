// ResultFile: see result_file.h. A format is a const struct of three functions over rows of texts; "table"
// keeps the first rows back to find the widths of its columns and then streams.
#include "export/result_file.h"

#include "engine/base/json.h"
#include "engine/base/size.h"
#include "engine/base/utf8.h"
#include "engine/data/cast.h"
#include <stdlib.h>
#include <string.h>

enum {
    KEPT_ROWS = 1000,
    KEPT_BYTES = 4 << 20,
    CELL_WIDTH_MAX = 200, // of "table"; a longer cell is shown whole and its row sticks out
    CELL_BYTES_MAX = TYPE_VALUE_BYTES_MAX * 3 + 64,
    INSERT_ROWS = 500,
    INSERT_BYTES = 256 << 10,
};

typedef struct ResultCell {
    Str text;
    bool null;
} ResultCell;

struct ResultFormat {
    const char *name;
    void (*begin)(ResultFile *r);
    void (*row)(ResultFile *r, const ResultCell *cell);
    void (*end)(ResultFile *r);
};

struct ResultFile {
    ResultFileOptions options;
    OutFile *out;
    Arena mem; // of the current statement
    ResultColumn *column;
    uint32_t columns;
    bool open;            // between begin and end
    uint64_t rows, total; // of this statement, of all
    ResultCell *cell;     // the row being written
    Bytes text;           // its texts
    uint32_t *width;      // "table"
    Bytes kept;           // its rows kept back: per cell a length (SIZE_MAX = NULL) and the bytes
    uint32_t kept_rows;
    bool widths_known;
    uint64_t insert_from; // "sql"
    uint32_t insert_rows;
    Bytes json;
};

// ---- table ----

static bool aligned_right(const ResultFile *r, uint32_t column)
{
    return type_is_number(r->column[column].type.id);
}

static void put_repeat(ResultFile *r, Str s, size_t count) { out_repeat(r->out, s, count); }

static void put_table_cell(ResultFile *r, uint32_t column, Str text, bool right, bool last)
{
    size_t used = utf8_width(text), room = r->width[column] > used ? r->width[column] - used : 0;
    if (right) put_repeat(r, STR(" "), room);
    out_safe(r->out, text);
    if (!right && !last) put_repeat(r, STR(" "), room);
}

static void put_table_row(ResultFile *r, const ResultCell *cell)
{
    for (uint32_t i = 0; i < r->columns; i++) {
        out_put(r->out, i ? STR(" │ ") : STR(" "));
        Str text = cell[i].null ? r->options.null_text : cell[i].text;
        put_table_cell(r, i, text, aligned_right(r, i), i + 1 == r->columns);
    }
    out_byte(r->out, '\n');
}

static void put_table_head(ResultFile *r)
{
    for (uint32_t i = 0; i < r->columns && !r->options.no_header; i++) {
        out_put(r->out, i ? STR(" │ ") : STR(" "));
        put_table_cell(r, i, r->column[i].name, aligned_right(r, i), i + 1 == r->columns);
    }
    if (r->options.no_header || !r->columns) return;
    out_byte(r->out, '\n');
    for (uint32_t i = 0; i < r->columns; i++) {
        if (i) out_put(r->out, STR("┼"));
        put_repeat(r, STR("─"), (size_t)r->width[i] + 2);
    }
    out_byte(r->out, '\n');
}

static void widen(ResultFile *r, uint32_t column, Str text)
{
    size_t width = utf8_width(text);
    if (width > CELL_WIDTH_MAX) width = CELL_WIDTH_MAX;
    if (width > r->width[column]) r->width[column] = (uint32_t)width;
}

static void table_begin(ResultFile *r)
{
    r->width = arena_array(&r->mem, uint32_t, r->columns + 1);
    for (uint32_t i = 0; i < r->columns; i++)
        widen(r, i, r->options.no_header ? STR_NONE : r->column[i].name);
    r->widths_known = false;
    r->kept_rows = 0;
    bytes_clear(&r->kept);
}

static void table_release(ResultFile *r)
{
    put_table_head(r);
    ResultCell *cell = arena_array(&r->mem, ResultCell, r->columns + 1);
    for (size_t at = 0, row = 0; row < r->kept_rows; row++) {
        for (uint32_t i = 0; i < r->columns; i++) {
            size_t len;
            memcpy(&len, r->kept.at + at, sizeof len);
            at += sizeof len;
            cell[i] = (ResultCell){.null = len == SIZE_MAX};
            if (!cell[i].null) {
                cell[i].text = (Str){r->kept.at + at, len};
                at += len;
            }
        }
        put_table_row(r, cell);
    }
    r->widths_known = true;
    bytes_clear(&r->kept);
}

static void table_row(ResultFile *r, const ResultCell *cell)
{
    if (r->widths_known) {
        put_table_row(r, cell);
        return;
    }
    for (uint32_t i = 0; i < r->columns; i++) {
        size_t len = cell[i].null ? SIZE_MAX : cell[i].text.len;
        bytes_put(&r->kept, (Str){(const char *)&len, sizeof len});
        if (!cell[i].null) bytes_put(&r->kept, cell[i].text);
        widen(r, i, cell[i].null ? r->options.null_text : cell[i].text);
    }
    r->kept_rows++;
    if (r->kept_rows >= KEPT_ROWS || r->kept.len >= KEPT_BYTES) table_release(r);
}

static void table_end(ResultFile *r)
{
    if (!r->widths_known) table_release(r);
    out_printf(r->out, "(%llu row%s)\n", (unsigned long long)r->rows, r->rows == 1 ? "" : "s");
}

// ---- csv, tsv ----

static void put_csv(ResultFile *r, Str text, bool null)
{
    bool quote = !null && !text.len;
    for (size_t i = 0; i < text.len && !quote; i++)
        quote = text.at[i] == '"' || text.at[i] == ',' || text.at[i] == '\n' || text.at[i] == '\r';
    if (!quote) {
        out_put(r->out, text);
        return;
    }
    out_byte(r->out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"') out_byte(r->out, '"');
        out_byte(r->out, text.at[i]);
    }
    out_byte(r->out, '"');
}

static void csv_begin(ResultFile *r)
{
    for (uint32_t i = 0; i < r->columns && !r->options.no_header; i++) {
        if (i) out_byte(r->out, ',');
        put_csv(r, r->column[i].name, false);
    }
    if (!r->options.no_header) out_byte(r->out, '\n');
}

static void csv_row(ResultFile *r, const ResultCell *cell)
{
    for (uint32_t i = 0; i < r->columns; i++) {
        if (i) out_byte(r->out, ',');
        put_csv(r, cell[i].text, cell[i].null);
    }
    out_byte(r->out, '\n');
}

// As COPY writes it: tabs between, \N for NULL, backslashes before what would end a field.
static void put_tsv(ResultFile *r, Str text, bool null)
{
    if (null) {
        out_put(r->out, STR("\\N"));
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        switch (text.at[i]) {
        case '\t': out_put(r->out, STR("\\t")); break;
        case '\n': out_put(r->out, STR("\\n")); break;
        case '\r': out_put(r->out, STR("\\r")); break;
        case '\\': out_put(r->out, STR("\\\\")); break;
        default: out_byte(r->out, text.at[i]);
        }
    }
}

static void tsv_begin(ResultFile *r)
{
    for (uint32_t i = 0; i < r->columns && !r->options.no_header; i++) {
        if (i) out_byte(r->out, '\t');
        put_tsv(r, r->column[i].name, false);
    }
    if (!r->options.no_header) out_byte(r->out, '\n');
}

static void tsv_row(ResultFile *r, const ResultCell *cell)
{
    for (uint32_t i = 0; i < r->columns; i++) {
        if (i) out_byte(r->out, '\t');
        put_tsv(r, cell[i].text, cell[i].null);
    }
    out_byte(r->out, '\n');
}

static void nothing_at_end(ResultFile *r) { (void)r; }

// ---- json: one array of objects per result ----

static bool json_number(Str s)
{
    if (!s.len) return false;
    for (size_t i = 0; i < s.len; i++)
        if (!strchr("0123456789.+-eE", s.at[i]) || !s.at[i]) return false;
    return true;
}

static void put_json_value(Json *j, const ResultFile *r, uint32_t column, const ResultCell *cell)
{
    TypeId type = r->column[column].type.id;
    if (cell->null)
        json_null(j);
    else if (type == TYPE_BOOLEAN)
        json_bool(j, str_equal(cell->text, STR("t")));
    else if (type_is_number(type) && json_number(cell->text))
        json_raw(j, cell->text);
    else
        json_str(j, cell->text);
}

static void json_format_begin(ResultFile *r) { out_put(r->out, STR("[")); }

static void json_format_row(ResultFile *r, const ResultCell *cell)
{
    Json j;
    bytes_clear(&r->json);
    json_init(&j, &r->json);
    json_begin(&j, '{');
    for (uint32_t i = 0; i < r->columns; i++) {
        json_key_str(&j, r->column[i].name);
        put_json_value(&j, r, i, &cell[i]);
    }
    json_end(&j, '}');
    out_put(r->out, r->rows ? STR(",\n") : STR("\n"));
    out_put(r->out, bytes_str(&r->json));
}

static void json_format_end(ResultFile *r) { out_put(r->out, r->rows ? STR("\n]\n") : STR("]\n")); }

// ---- sql ----

static void put_name(ResultFile *r, Str name)
{
    bytes_clear(&r->json);
    source_quote_name(&r->json, name);
    out_put(r->out, bytes_str(&r->json));
}

static void sql_begin(ResultFile *r) { r->insert_rows = 0; }

static void sql_head(ResultFile *r)
{
    r->insert_from = out_size(r->out);
    out_put(r->out, STR("INSERT INTO "));
    put_name(r, r->options.table.len ? r->options.table : STR("result"));
    out_put(r->out, STR(" ("));
    for (uint32_t i = 0; i < r->columns; i++) {
        if (i) out_put(r->out, STR(", "));
        put_name(r, r->column[i].name);
    }
    out_put(r->out, STR(") VALUES\n  ("));
}

static void put_sql_value(ResultFile *r, uint32_t column, const ResultCell *cell)
{
    TypeId type = r->column[column].type.id;
    if (cell->null) {
        out_put(r->out, STR("NULL"));
    } else if (type == TYPE_BOOLEAN) {
        out_put(r->out, str_equal(cell->text, STR("t")) ? STR("TRUE") : STR("FALSE"));
    } else if (type_is_integer(type) || (type == TYPE_NUMERIC && json_number(cell->text))) {
        out_put(r->out, cell->text);
    } else {
        bytes_clear(&r->json);
        source_quote_text(&r->json, cell->text);
        out_put(r->out, bytes_str(&r->json));
    }
}

static void sql_end(ResultFile *r)
{
    if (r->insert_rows) out_put(r->out, STR(";\n"));
    r->insert_rows = 0;
}

static void sql_row(ResultFile *r, const ResultCell *cell)
{
    if (r->insert_rows)
        out_put(r->out, STR(",\n  ("));
    else
        sql_head(r);
    for (uint32_t i = 0; i < r->columns; i++) {
        if (i) out_put(r->out, STR(", "));
        put_sql_value(r, i, &cell[i]);
    }
    out_byte(r->out, ')');
    r->insert_rows++;
    if (r->insert_rows >= INSERT_ROWS || out_size(r->out) - r->insert_from >= INSERT_BYTES) sql_end(r);
}

// ---- the list ----

static const ResultFormat formats[] = {{"table", table_begin, table_row, table_end},
                                       {"csv", csv_begin, csv_row, nothing_at_end},
                                       {"tsv", tsv_begin, tsv_row, nothing_at_end},
                                       {"json", json_format_begin, json_format_row, json_format_end},
                                       {"sql", sql_begin, sql_row, sql_end}};
static const char *const format_names[] = {"table", "csv", "tsv", "json", "sql", NULL};
_Static_assert(COUNT_OF(format_names) == COUNT_OF(formats) + 1, "each format has its name in the list");

const char *const *result_format_names(void) { return format_names; }

const ResultFormat *result_format(Str name)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (str_equal(name, str_of(formats[i].name))) return &formats[i];
    return NULL;
}

// ---- rows in ----

bool result_file_new(ResultFile **out, const ResultFileOptions *o, OutFile *file, Err *err)
{
    ResultFile *r = *out = size_alloc_zero(1, sizeof *r);
    if (!r) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a result's file");
    r->options = *o;
    r->out = file;
    bytes_init(&r->text, CELL_BYTES_MAX);
    bytes_init(&r->kept, (size_t)KEPT_BYTES * 2 + CELL_BYTES_MAX);
    bytes_init(&r->json, (size_t)CELL_BYTES_MAX * 2);
    return true;
}

static void result_file_end(ResultFile *r)
{
    if (!r->open) return;
    r->options.format->end(r);
    r->open = false;
    arena_reset(&r->mem);
}

void result_file_free(ResultFile *r)
{
    if (!r) return;
    bytes_done(&r->text);
    bytes_done(&r->kept);
    bytes_done(&r->json);
    arena_done(&r->mem);
    free(r);
}

static bool result_file_begin(void *self, const ResultColumn *column, uint32_t count)
{
    ResultFile *r = self;
    result_file_end(r);
    r->open = true;
    r->rows = 0;
    r->columns = count;
    r->column = arena_array(&r->mem, ResultColumn, count + 1);
    for (uint32_t i = 0; i < count; i++)
        r->column[i] = (ResultColumn){arena_copy(&r->mem, column[i].name), column[i].type};
    r->cell = arena_array(&r->mem, ResultCell, count + 1);
    r->options.format->begin(r);
    return !out_failed(r->out);
}

static void result_file_row(ResultFile *r)
{
    r->options.format->row(r, r->cell);
    r->rows++;
    r->total++;
}

// Texts of one row stand one behind the other in r->text, which may move while it grows: offsets first, then
// pointers.
static void batch_row_cells(ResultFile *r, const Batch *b, uint32_t row)
{
    bytes_clear(&r->text);
    size_t at = 0;
    for (uint32_t i = 0; i < r->columns; i++) {
        r->cell[i].null = vector_is_null(&b->vector[i], row);
        if (!r->cell[i].null && !r->options.terminal) cast_cell_to_text(&b->vector[i], row, &r->text);
        if (!r->cell[i].null && r->options.terminal) {
            bytes_clear(&r->json);
            cast_cell_to_text(&b->vector[i], row, &r->json);
            utf8_safe(&r->text, bytes_str(&r->json), true);
        }
        r->cell[i].text.len = r->text.len - at;
        at = r->text.len;
    }
    at = 0;
    for (uint32_t i = 0; i < r->columns; i++) {
        r->cell[i].text.at = r->text.at + at;
        at += r->cell[i].text.len;
    }
}

static bool result_file_rows_in(void *self, const Batch *b)
{
    ResultFile *r = self;
    for (uint32_t i = 0; i < b->sel_len; i++) {
        batch_row_cells(r, b, batch_row(b, i));
        result_file_row(r);
    }
    return !out_failed(r->out);
}

static void result_file_done(void *self, Str tag, int64_t rows, int64_t duration_us)
{
    (void)tag, (void)rows, (void)duration_us;
    result_file_end(self);
}

ResultSink result_file_sink(ResultFile *r)
{
    return (ResultSink){
        .self = r, .columns = result_file_begin, .rows = result_file_rows_in, .done = result_file_done};
}

uint64_t result_file_rows(const ResultFile *r) { return r->total; }

static bool rowset_row(ResultFile *r, Rowset *rows, uint64_t row, Err *err)
{
    bytes_clear(&r->text);
    size_t at = 0;
    for (uint32_t i = 0; i < r->columns; i++) {
        Str text;
        if (!rowset_cell(rows, row, i, &text, &r->cell[i].null, err)) return false;
        if (!r->cell[i].null) bytes_put(&r->text, text);
        r->cell[i].text.len = r->text.len - at;
        at = r->text.len;
    }
    at = 0;
    for (uint32_t i = 0; i < r->columns; i++) {
        r->cell[i].text.at = r->text.at + at;
        at += r->cell[i].text.len;
    }
    result_file_row(r);
    return true;
}

bool result_file_write_rowset(ResultFile *r, Rowset *rows, const atomic_bool *stop, Err *err)
{
    uint32_t columns = rowset_columns(rows);
    Arena mem = {0};
    ResultColumn *column = arena_array(&mem, ResultColumn, columns + 1);
    for (uint32_t i = 0; i < columns; i++) column[i] = *rowset_column(rows, i);
    bool ok = result_file_begin(r, column, columns);
    for (uint64_t row = 0; ok && row < rowset_count(rows) && !out_failed(r->out); row++) {
        ok = rowset_row(r, rows, row, err);
        if (ok && stop && *stop) ok = err_set(err, SQLSTATE_CANCELED, "saving the result was stopped");
    }
    if (ok) result_file_end(r);
    arena_done(&mem);
    return ok;
}
