// Temporary: rows go by position; tables and objects of the session's schema go with it.
#include "engine/db/temporary.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

bool temporary_on_commit(Session *s, uint64_t table, bool drop, Err *err)
{
    TemporaryTable *grown = size_realloc(s->on_commit, s->on_commits + 1, sizeof *grown);
    if (!grown) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory");
    s->on_commit = grown;
    grown[s->on_commits++] = (TemporaryTable){table, drop};
    return true;
}

static bool delete_rows(Transaction *t, Table *table, Err *err)
{
    const uint16_t column = 0;
    uint32_t columns = table_def(table)->column_count ? 1 : 0;
    Arena mem = {0};
    TableScan *scan;
    RowPos *pos = NULL;
    size_t count = 0, cap = 0;
    bool end = false;
    bool ok = table_scan_begin(&scan, t, table, &column, columns, NULL, 0, 0, UINT32_MAX, &mem, err);
    if (!ok) return false;
    while (ok && !end) {
        Batch *b = columns ? batch_new(&mem, &table_def(table)->column[0].type, 1) : batch_new(&mem, NULL, 0);
        RowPos first;
        ok = table_scan_next(scan, b, &first, &end, err);
        if (!ok || end) break;
        if (count + b->sel_len > cap) {
            cap = (count + b->sel_len) * 2;
            RowPos *grown = size_realloc(pos, cap, sizeof *grown);
            ok = grown || err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory");
            if (!ok) break;
            pos = grown;
        }
        for (uint32_t i = 0; i < b->sel_len; i++) pos[count++] = first + (b->sel ? b->sel[i] : i);
    }
    table_scan_end(scan);
    ok = ok && (count == 0 || table_delete(t, table, pos, count, err));
    free(pos);
    arena_done(&mem);
    return ok;
}

bool temporary_commit(Session *s, Err *err)
{
    size_t kept = 0;
    bool ok = true;
    for (size_t i = 0; i < s->on_commits; i++) {
        TemporaryTable *one = &s->on_commit[i];
        Table *table = ok ? transaction_table_by_id(s->transaction, one->id) : NULL;
        if (ok && !table) continue; // dropped, or undone with its transaction
        if (ok && !one->drop) ok = table_rows_estimate(table) == 0 || delete_rows(s->transaction, table, err);
        if (ok && one->drop) {
            ok = transaction_drop_table(s->transaction, table, err);
            s->defines = true;
        }
        s->on_commit[kept++] = *one;
    }
    s->on_commits = kept;
    return ok;
}

static void drop_all(Session *s, Transaction *t, Str database, Arena *mem)
{
    const TableDef **def;
    const ObjectDef **o;
    Err err = {0};
    size_t n = transaction_object_list(t, OBJECT_ANY, database, mem, &o);
    for (size_t i = 0; i < n; i++)
        if (o[i]->temporary && str_equal(o[i]->schema, str_of(s->temporary)) &&
            !transaction_object_drop(t, o[i]->id, &err))
            err_clear(&err);
    n = transaction_tables(t, database, mem, &def);
    for (size_t i = 0; i < n; i++) {
        if (!def[i]->temporary || !str_equal(def[i]->schema, str_of(s->temporary))) continue;
        Table *table = transaction_table_by_id(t, def[i]->id);
        if (table && !transaction_drop_table(t, table, &err)) err_clear(&err);
    }
}

void temporary_end(Session *s)
{
    free(s->on_commit);
    s->on_commit = NULL;
    s->on_commits = 0;
    if (!s->temporary[0]) return;
    Arena mem = {0};
    Err err = {0};
    Str *name;
    Transaction *t;
    TransactionOptions o = {.asynchronous = true, .user = str_of(s->user)};
    if (transaction_begin(&t, s->engine->store, &o, &err)) {
        size_t n = store_databases(s->engine->store, &mem, &name);
        for (size_t i = 0; i < n; i++) drop_all(s, t, name[i], &mem);
        if (!transaction_commit(t, &err)) err_clear(&err);
    }
    s->temporary[0] = 0;
    arena_done(&mem);
}
