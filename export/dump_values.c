// The values part of a dump: one streaming SELECT per table, rows into INSERTs bounded by rows and bytes.
//
// Checksum of a table: the sum modulo 2^64, over its rows, of FNV-1a (64 bits; Fowler, Noll, Vo) of the row's
// bytes: for each column in order, 0x00 for NULL, else 0x01, the length of its text as 8 bytes (lowest
// first), and the text as d2db prints it. The order of rows does not matter, so any store of the same values
// has the same sum.
#include "export/dump_in.h"

#include "engine/data/cast.h"

enum {
    INSERT_ROWS = 500,
    INSERT_BYTES = 256 << 10,
    CELL_BYTES_MAX = 2 * TYPE_VALUE_BYTES_MAX + 64,
    QUERY_MAX = 4 << 20
};

typedef struct ValueWriter {
    DumpRun *run;
    DumpTable *table;
    const CatalogTable *structure;
    Bytes text;           // of one cell
    uint32_t in_insert;   // rows of the INSERT that is open; 0 = none is
    uint64_t insert_from; // size of the file when it began
    int64_t counter;      // of the identity column: largest value seen
    int identity;         // its position, -1 = none
    Err err;
} ValueWriter;

static uint64_t fnv_bytes(uint64_t hash, const void *at, size_t len)
{
    const unsigned char *byte = at;
    for (size_t i = 0; i < len; i++) hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t fnv_cell(uint64_t hash, bool null, Str text)
{
    unsigned char head[9] = {!null};
    if (null) return fnv_bytes(hash, head, 1);
    for (int i = 0; i < 8; i++) head[i + 1] = (unsigned char)((uint64_t)text.len >> (8 * i));
    return fnv_bytes(fnv_bytes(hash, head, sizeof head), text.at, text.len);
}

static void insert_open(ValueWriter *w)
{
    DumpRun *d = w->run;
    w->insert_from = out_size(d->out);
    out_put(d->out, STR("INSERT INTO "));
    dialect_put_table(d->out, d->dialect, w->structure);
    out_put(d->out, STR(" ("));
    bool any = false;
    for (uint32_t i = 0; i < w->structure->columns; i++) {
        if (w->structure->column[i].generated.len) continue;
        if (any) out_put(d->out, STR(", "));
        any = true;
        dialect_put_name(d->out, d->dialect, w->structure->column[i].name);
    }
    out_put(d->out, STR(") VALUES\n"));
}

static void insert_close(ValueWriter *w)
{
    if (w->in_insert) out_put(w->run->out, STR(";\n"));
    w->in_insert = 0;
}

static void identity_follow(ValueWriter *w, const Vector *v, uint32_t row)
{
    uint32_t slot = vector_slot(v, row);
    int64_t value = 0;
    switch (type_phys(v->type.id)) {
    case PHYS_I16: value = ((const int16_t *)v->data)[slot]; break;
    case PHYS_I32: value = ((const int32_t *)v->data)[slot]; break;
    case PHYS_I64: value = ((const int64_t *)v->data)[slot]; break;
    default: return;
    }
    if (value > w->counter) w->counter = value;
}

static bool put_cell(ValueWriter *w, uint32_t column, const Vector *v, uint32_t row, uint64_t *hash)
{
    DumpRun *d = w->run;
    if (vector_is_null(v, row)) {
        *hash = fnv_cell(*hash, true, STR_NONE);
        if (!w->structure->column[column].generated.len) out_put(d->out, STR("NULL"));
        return true;
    }
    bytes_clear(&w->text);
    cast_cell_to_text(v, row, &w->text);
    if (w->text.failed)
        return err_set(&w->err, SQLSTATE_OUT_OF_MEMORY, "no memory for a value of %.*s.%.*s",
                       STR_ARG(w->structure->name), STR_ARG(w->structure->column[column].name));
    DumpCell cell = {.vector = v, .row = row, .text = bytes_str(&w->text)};
    *hash = fnv_cell(*hash, false, cell.text);
    if (w->structure->column[column].generated.len) return true; // counted, but who reads works it out again
    if (d->dialect->put[v->type.id](d->out, &cell)) return true;
    err_set(&w->err, "22P05", "row %llu of %.*s, column %.*s: %s", (unsigned long long)w->table->rows + 1,
            STR_ARG(w->structure->name), STR_ARG(w->structure->column[column].name), cell.why);
    return err_hint(&w->err, "choose another dialect, or change the value (%.60s)", bytes_str(&w->text).at);
}

static bool put_row(ValueWriter *w, const Batch *b, uint32_t row)
{
    DumpRun *d = w->run;
    if (w->in_insert)
        out_put(d->out, STR(",\n"));
    else
        insert_open(w);
    out_put(d->out, STR("  ("));
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    bool any = false;
    for (uint32_t i = 0; i < b->columns; i++) {
        bool generated = w->structure->column[i].generated.len > 0;
        if (any && !generated) out_put(d->out, STR(", "));
        any |= !generated;
        if (!put_cell(w, i, &b->vector[i], row, &hash)) return false;
    }
    out_byte(d->out, ')');
    if (w->identity >= 0 && !vector_is_null(&b->vector[w->identity], row))
        identity_follow(w, &b->vector[w->identity], row);
    w->table->checksum += hash;
    w->table->rows++;
    w->in_insert++;
    const DumpOptions *o = d->options;
    if (w->in_insert >= (o->insert_rows ? o->insert_rows : INSERT_ROWS) ||
        out_size(d->out) - w->insert_from >= (o->insert_bytes ? o->insert_bytes : INSERT_BYTES))
        insert_close(w);
    return true;
}

static bool put_batch(void *self, const Batch *b)
{
    ValueWriter *w = self;
    DumpRun *d = w->run;
    if (b->columns != w->structure->columns)
        return err_set(&w->err, SQLSTATE_INTERNAL, "table %.*s gave %u columns instead of %u",
                       STR_ARG(w->structure->name), b->columns, w->structure->columns);
    for (uint32_t i = 0; i < b->sel_len; i++)
        if (!put_row(w, b, batch_row(b, i))) return false;
    d->progress.rows_done += b->sel_len;
    d->progress.bytes = out_size(d->out);
    if (d->options->progress) d->options->progress(d->options->self, &d->progress);
    if (d->options->stop && *d->options->stop)
        return err_set(&w->err, SQLSTATE_CANCELED, "the export was stopped");
    return !out_failed(d->out);
}

// Sorted by the primary key, so that the same rows give the same file.
static void put_query(const CatalogTable *t, Bytes *text)
{
    bytes_put(text, STR("SELECT "));
    for (uint32_t i = 0; i < t->columns; i++) {
        if (i) bytes_put(text, STR(", "));
        source_quote_name(text, t->column[i].name);
    }
    bytes_put(text, STR(" FROM "));
    catalog_quote_table(text, t);
    const CatalogKey *key = catalog_primary(t);
    for (uint32_t i = 0; key && i < key->columns; i++) {
        bytes_put(text, i ? STR(", ") : STR(" ORDER BY "));
        source_quote_name(text, t->column[key->column[i]].name);
    }
}

static void put_counter(ValueWriter *w)
{
    DumpRun *d = w->run;
    if (w->identity < 0 || !d->dialect->restart || w->counter <= 0 || w->counter == INT64_MAX) return;
    d->dialect->restart(d->out, w->structure, (uint32_t)w->identity, w->counter + 1);
}

bool dump_values(DumpRun *d, DumpTable *t, Err *err)
{
    ValueWriter w = {.run = d, .table = t, .structure = &d->catalog.table[t->table], .identity = -1};
    for (uint32_t i = 0; i < w.structure->columns; i++)
        if (w.structure->column[i].identity) w.identity = (int)i;
    if (!w.structure->columns) return true;
    Bytes query;
    bytes_init(&query, QUERY_MAX);
    bytes_init(&w.text, CELL_BYTES_MAX);
    put_query(w.structure, &query);
    ResultSink sink = {.self = &w, .rows = put_batch};
    d->progress.table = w.structure->name;
    bool ok = source_run(d->source, bytes_str(&query), &sink, err);
    if (err_any(&w.err)) {
        *err = w.err;
        ok = false;
    }
    if (ok) {
        insert_close(&w);
        put_counter(&w);
        if (t->rows) out_byte(d->out, '\n');
    }
    bytes_done(&w.text);
    bytes_done(&query);
    return ok || err_note(err, "while exporting table %.*s", STR_ARG(w.structure->name));
}
