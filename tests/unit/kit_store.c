// Kit: see the header. Everything that cannot fail ends the test program with a sentence.
#include "tests/unit/kit_store.h"

#include "engine/base/size.h"
#include "engine/store/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool ok, const Err *err, const char *what)
{
    if (ok) return;
    fprintf(stderr, "kit_store: %s: %s %s (%s)\n", what, err->state, err->text, err->notes);
    abort();
}

void kit_store_with(KitStore *k, Io io)
{
    Err err = {0};
    kit_dir_make(&k->dir);
    kit_dir_path(&k->dir, "data", k->path);
    k->options = (StoreOptions){.io = io, .path = k->path, .node = 1, .no_background = true};
    must(store_open(&k->s, &k->options, &err), &err, "open");
    must(store_database_create(k->s, STR("db"), false, STR("test"), &err), &err, "create database");
}

void kit_store_open(KitStore *k) { kit_store_with(k, io_posix()); }

void kit_store_again(KitStore *k)
{
    Err err = {0};
    store_close(k->s);
    must(store_open(&k->s, &k->options, &err), &err, "open again");
}

void kit_store_done(KitStore *k)
{
    store_close(k->s);
    kit_dir_remove(&k->dir);
}

void kit_store_copy(const KitStore *k, KitDir *to)
{
    char command[KIT_PATH_MAX * 2 + 64], path[KIT_PATH_MAX];
    kit_dir_make(to);
    snprintf(command, sizeof command, "cp -r '%s' '%s'", k->path, kit_dir_path(to, "data", path));
    if (system(command) != 0) abort();
}

const TableDef *kit_store_def(Arena *mem, const char *name, const char *columns)
{
    TableDef *d = arena_new(mem, TableDef);
    *d = (TableDef){.database = STR("db"), .name = str_of(name)};
    d->column = arena_array(mem, ColumnDef, 32);
    d->index = arena_array(mem, IndexDef, 8);
    Err err = {0};
    for (Str rest = str_of(columns); rest.len;) {
        Str one = str_trim(str_cut(&rest, ',')), column = str_cut(&one, ' ');
        bool primary = str_ends(one, STR("!")), unique = str_ends(one, STR("*"));
        if (primary || unique) one.len--;
        ColumnDef *c = &d->column[d->column_count];
        c->name = column;
        must(type_from_name(&c->type, one, NULL, 0, &err), &err, "type");
        if (primary || unique) {
            d->index[d->index_count++] =
                (IndexDef){.name = arena_printf(mem, "%s_%.*s", name, STR_ARG(column)),
                           .unique = true,
                           .primary = primary,
                           .constraint = true,
                           .column_count = 1,
                           .column = {d->column_count}};
        }
        d->column_count++;
    }
    return d;
}

Transaction *kit_store_begin(KitStore *k, IsolationLevel level)
{
    Err err = {0};
    Transaction *t;
    must(transaction_begin(&t, k->s, &(TransactionOptions){.isolation = level, .user = STR("test")}, &err),
         &err, "begin");
    transaction_statement_begin(t);
    return t;
}

void kit_store_commit(Transaction *t)
{
    Err err = {0};
    must(transaction_commit(t, &err), &err, "commit");
}

Table *kit_store_table(Transaction *t, const char *name)
{
    Table *table = transaction_table(t, STR("db"), str_of(name));
    if (!table) fprintf(stderr, "kit_store: table %s is not there\n", name), abort();
    return table;
}

void kit_store_create(KitStore *k, const char *name, const char *columns)
{
    Err err = {0};
    Arena mem = {0};
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    must(transaction_create_table(t, kit_store_def(&mem, name, columns), NULL, &err), &err, "create table");
    kit_store_commit(t);
    arena_done(&mem);
}

static char *room_of(void *self, size_t size) { return arena_try(self, size, 1); }

static Batch *row_of(const Table *table, const char *row, Arena *mem)
{
    const TableDef *d = table_def(table);
    Type type[32];
    CodecMemory memory = {room_of, mem, mem};
    Str rest = str_of(row);
    for (uint16_t c = 0; c < d->column_count; c++) type[c] = d->column[c].type;
    Batch *b = batch_new(mem, type, d->column_count);
    b->rows = b->sel_len = 1;
    for (uint16_t c = 0; c < d->column_count; c++) {
        Str field = str_cut(&rest, '|');
        Value v = {.type = type[c], .null = codec_is_null(field)};
        Err none = {0};
        must(v.null || codec_get(&v.boolean, type_of(type[c].id), field, false, &memory), &none, field.at);
        if (v.null)
            vector_set_null(&b->vector[c], 0);
        else
            vector_set_value(&b->vector[c], 0, &v);
    }
    return b;
}

bool kit_store_insert(Transaction *t, Table *table, const char *row, Err *err)
{
    Arena mem = {0};
    bool ok = table_insert(t, table, row_of(table, row, &mem), NULL, err);
    arena_done(&mem);
    return ok;
}

static bool find(Transaction *t, Table *table, int64_t key, RowPos *pos, size_t *count, Err *err)
{
    Arena mem = {0};
    TableScan *scan;
    Batch b;
    RowPos first;
    uint16_t column = 0;
    *count = 0;
    bool end = false, ok = table_scan_begin(&scan, t, table, &column, 1, NULL, 0, 0, UINT32_MAX, &mem, err);
    while (ok && (ok = table_scan_next(scan, &b, &first, &end, err)) && !end)
        for (uint32_t i = 0; i < b.sel_len; i++)
            if (!vector_is_null(&b.vector[0], batch_row(&b, i)) &&
                ((const int64_t *)b.vector[0].data)[batch_row(&b, i)] == key && *count < 16)
                pos[(*count)++] = first + batch_row(&b, i);
    if (ok) table_scan_end(scan);
    arena_done(&mem);
    return ok;
}

typedef struct Next {
    Batch *row;
} Next;

static bool next_row(void *self, Batch **batch, Err *err)
{
    (void)err;
    *batch = ((Next *)self)->row;
    return true;
}

bool kit_store_update(Transaction *t, Table *table, int64_t key, const char *row, Err *err)
{
    RowPos pos[16];
    size_t count;
    Arena mem = {0};
    bool ok = find(t, table, key, pos, &count, err);
    Next next = {row_of(table, row, &mem)};
    ok = ok && table_update(t, table, pos, count, next_row, &next, err);
    arena_done(&mem);
    return ok;
}

bool kit_store_delete(Transaction *t, Table *table, int64_t key, Err *err)
{
    RowPos pos[16];
    size_t count;
    return find(t, table, key, pos, &count, err) && table_delete(t, table, pos, count, err);
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void put_row(const Batch *b, uint32_t row, Bytes *out)
{
    for (uint32_t c = 0; c < b->columns; c++) {
        Value v = vector_value(&b->vector[c], row);
        if (c) bytes_put_byte(out, '|');
        if (vector_is_null(&b->vector[c], row))
            codec_put_null(out);
        else
            codec_put(out, b->vector[c].type.id, &v.boolean);
    }
}

bool kit_store_dump(Transaction *t, Table *table, Bytes *out, Err *err)
{
    Arena mem = {0};
    TableScan *scan;
    Batch b;
    RowPos first;
    uint16_t column[32];
    const TableDef *d = table_def(table);
    char **line = NULL;
    size_t lines = 0;
    bytes_init(out, 64 << 20);
    for (uint16_t c = 0; c < d->column_count; c++) column[c] = c;
    bool end = false,
         ok = table_scan_begin(&scan, t, table, column, d->column_count, NULL, 0, 0, UINT32_MAX, &mem, err);
    while (ok && (ok = table_scan_next(scan, &b, &first, &end, err)) && !end) {
        line = size_realloc(line, lines + b.sel_len, sizeof *line);
        for (uint32_t i = 0; i < b.sel_len; i++) {
            Bytes one;
            bytes_init(&one, 1 << 20);
            put_row(&b, batch_row(&b, i), &one);
            line[lines++] = one.at;
        }
    }
    if (lines) qsort(line, lines, sizeof *line, compare_lines);
    for (size_t i = 0; i < lines; i++) {
        bytes_put(out, str_of(line[i]));
        bytes_put_byte(out, '\n');
        free(line[i]);
    }
    bytes_put(out, STR_NONE);
    free(line);
    arena_done(&mem);
    return ok;
}

void kit_store_expect(KitStore *k, const char *table, const char *rows)
{
    Err err = {0};
    Bytes is;
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    must(kit_store_dump(t, kit_store_table(t, table), &is, &err), &err, "dump");
    kit_store_commit(t);
    if (strcmp(is.at ? is.at : "", rows) != 0) {
        fprintf(stderr, "table %s holds\n%s--- but should hold\n%s---\n", table, is.at ? is.at : "", rows);
        abort();
    }
    bytes_done(&is);
}
