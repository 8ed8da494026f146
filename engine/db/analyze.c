// ANALYZE: a random sample of each table's rows tells, per column, the share of NULLs, how many different
// values there are (the estimator of Haas and Stokes, "Estimating the number of classes in a finite
// population", 1998), the most common ones and a histogram of the rest; kept as an object of the dictionary
// that belongs to the table.
#include "engine/base/random.h"
#include "engine/db/ddl.h"
#include "engine/db/statement.h"
#include "engine/exec/sort.h"
#include "engine/plan/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE_ROWS = 30000, COMMON_SEEN_MIN = 2 };

typedef struct Sample {
    Run *run;
    Table *table;
    Memory memory;
    Rows rows;
    uint64_t all; // visible rows of the table
    uint32_t *row;
    uint16_t *column;
    uint16_t columns;
} Sample;

static bool cancelled(const Session *s, Err *err)
{
    return !atomic_load(&s->cancel) ||
           !err_set(err, SQLSTATE_CANCELED, "the statement was cancelled at the user's request");
}

// Every row with the same chance, in one pass.
static bool take_sample(Sample *s, Err *err)
{
    Transaction *t = s->run->session->transaction;
    uint64_t expected = table_rows_estimate(s->table);
    double chance = expected > SAMPLE_ROWS ? (double)SAMPLE_ROWS / (double)expected : 1;
    Random random;
    TableScan *scan;
    Arena mem = {0};
    Batch b = {.columns = s->columns, .vector = arena_array(&mem, Vector, s->columns + 1)};
    random_seed(&random, table_def(s->table)->id);
    bool good =
        table_scan_begin(&scan, t, s->table, s->column, s->columns, NULL, 0, 0, UINT32_MAX, &mem, err);
    for (bool end = !good; good && !end;) {
        RowPos first;
        uint16_t sel[BATCH_ROWS];
        uint32_t n = 0;
        good = table_scan_next(scan, &b, &first, &end, err) && cancelled(s->run->session, err);
        for (uint32_t i = 0; good && !end && i < b.sel_len; i++)
            if (chance >= 1 || random_unit(&random) < chance) sel[n++] = (uint16_t)batch_row(&b, i);
        if (good && !end) s->all += b.sel_len;
        good = good && (end || rows_append(&s->rows, b.vector, sel, n, err));
        if (end || !good) table_scan_end(scan);
    }
    arena_done(&mem);
    return good;
}

// Equal values that lie side by side in the sorted sample.
typedef struct ValueRun {
    uint32_t first, count;
} ValueRun;

static int by_count(const void *a, const void *b)
{
    const ValueRun *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static bool fits(const Value *v)
{
    return type_phys(v->type.id) != PHYS_TEXT || v->text.len <= STATISTICS_VALUE_MAX;
}

// Values that come clearly more often than the average one.
static void take_commons(const Sample *s, uint32_t column, ValueRun *run, uint32_t runs, uint32_t known,
                         Statistics *out)
{
    qsort(run, runs, sizeof *run, by_count);
    double average = (double)known / runs;
    bool all = runs <= STATISTICS_COMMON_MAX && s->rows.count == s->all;
    for (uint32_t i = 0; i < runs && out->commons < STATISTICS_COMMON_MAX; i++) {
        Value v = rows_value(&s->rows, column, s->row[run[i].first]);
        bool often = run[i].count >= COMMON_SEEN_MIN && run[i].count > average * 1.25;
        if (!often && !all && runs > STATISTICS_COMMON_MAX) break;
        if (!fits(&v)) continue;
        out->common[out->commons] = v;
        out->share[out->commons++] = (double)run[i].count / s->rows.count;
    }
}

static bool is_common(const Statistics *s, const Value *v)
{
    for (uint32_t i = 0; i < s->commons; i++)
        if (value_compare(&s->common[i], v) == 0) return true;
    return false;
}

// Equally many rows between two bounds, in the sample without its common values.
static void take_bounds(const Sample *s, uint32_t column, ValueRun *run, uint32_t runs, Statistics *out)
{
    uint32_t left = 0, at = 0, kept = 0;
    for (uint32_t i = 0; i < runs; i++) {
        Value v = rows_value(&s->rows, column, s->row[run[i].first]);
        if (is_common(out, &v) || !fits(&v)) continue;
        run[kept++] = run[i];
        left += run[i].count;
    }
    if (kept < 2) return;
    uint32_t bounds = kept < STATISTICS_BOUNDS_MAX ? kept : STATISTICS_BOUNDS_MAX;
    uint64_t passed = 0;
    for (uint32_t i = 0; i < kept && at < bounds; i++) {
        bool due = passed >= (uint64_t)left * at / (bounds - 1) || i + 1 == kept;
        if (due) out->bound[out->bounds++] = rows_value(&s->rows, column, s->row[run[i].first]);
        while (due && at < bounds && passed >= (uint64_t)left * at / (bounds - 1)) at++;
        passed += run[i].count;
    }
}

static double distinct_of(const Sample *s, uint32_t runs, uint32_t once, uint32_t known)
{
    double n = known, all = (double)s->all * known / (s->rows.count ? s->rows.count : 1);
    if (!known || s->rows.count == s->all) return runs;
    double d = n * runs / (n - once + once * n / all);
    return fmin(fmax(d, runs), all);
}

static bool column_statistics(Sample *s, uint32_t column, Statistics *out, Err *err)
{
    static const SortOrder order = {false, false};
    RowsColumn *c = &s->rows.column[column];
    Rows keys = {.memory = &s->memory, .columns = 1, .column = c, .count = s->rows.count, .cap = s->rows.cap};
    *out = (Statistics){0};
    uint32_t known = 0, runs = 0, once = 0;
    for (uint32_t i = 0; i < s->rows.count; i++) s->row[i] = i;
    if (!sort_rows(s->row, s->rows.count, &keys, &order, &s->run->session->cancel, err)) return false;
    while (known < s->rows.count && !rows_is_null(c, s->row[known])) known++;
    ValueRun *run = calloc((size_t)known + 1, sizeof *run);
    if (!run) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for ANALYZE");
    Vector v = rows_vector(&s->rows, column);
    for (uint32_t i = 0; i < known; i++) {
        if (!i || !order_same(&v, s->row[i - 1], &v, s->row[i])) run[runs++].first = i;
        run[runs - 1].count++;
    }
    for (uint32_t i = 0; i < runs; i++) once += run[i].count == 1;
    if (s->rows.count) out->nulls = 1 - (double)known / s->rows.count;
    out->distinct = distinct_of(s, runs, once, known);
    if (runs && statistics_keeps(c->type)) {
        ValueRun *sorted = calloc((size_t)runs, sizeof *run);
        if (sorted) {
            memcpy(sorted, run, runs * sizeof *run);
            take_commons(s, column, sorted, runs, known, out);
            take_bounds(s, column, run, runs, out);
        }
        free(sorted);
    }
    free(run);
    return true;
}

static bool put_object(Sample *s, ObjectDef *def, Err *err)
{
    Transaction *t = s->run->session->transaction;
    const ObjectDef *old = transaction_object_find(t, OBJECT_STATISTICS, def->database, def->schema,
                                                   def->parent, def->name, s->run->mem);
    ddl_changed(s->run);
    if (old) def->id = old->id;
    return old ? transaction_object_replace(t, def, false, err)
               : transaction_object_create(t, def, NULL, err);
}

static bool keep(Sample *s, Err *err)
{
    const TableDef *table = table_def(s->table);
    Arena *mem = s->run->mem;
    Statistics *found = arena_new(mem, Statistics);
    ObjectDef def = {.kind = OBJECT_STATISTICS,
                     .database = table->database,
                     .schema = STR(""), // the table may move to another
                     .name = STR(""),
                     .owner = str_of(s->run->session->user_hash),
                     .temporary = str_starts(table->schema, STR("pg_temp")),
                     .parent = table->id};
    Bytes text;
    bool good = true;
    object_set_field(&def, mem, "rows", arena_printf(mem, "%llu", (unsigned long long)s->all));
    bytes_init(&text, SCHEMA_TEXT_MAX);
    for (uint16_t c = 0; good && c < table->column_count; c++) {
        char name[STATISTICS_FIELD_MAX];
        bytes_clear(&text);
        good = column_statistics(s, c, found, err);
        if (!good) break;
        statistics_put(&text, found);
        if (!text.failed)
            object_set_field(&def, mem, statistics_field(name, table->column[c].slot), bytes_str(&text));
    }
    bytes_done(&text);
    return good && put_object(s, &def, err);
}

bool statement_analyze(Run *run, Table *table, Err *err)
{
    const TableDef *def = table_def(table);
    Sample s = {.run = run, .table = table, .columns = def->column_count};
    Type *type = arena_array(run->mem, Type, def->column_count + 1);
    s.column = arena_array(run->mem, uint16_t, def->column_count + 1);
    for (uint16_t c = 0; c < def->column_count; c++) {
        type[c] = def->column[c].type;
        s.column[c] = c;
    }
    s.memory.up = &run->session->engine->memory;
    rows_init(&s.rows, &s.memory, type, def->column_count);
    bool good = take_sample(&s, err);
    s.row = calloc((size_t)s.rows.count + 1, sizeof(uint32_t));
    if (good && !s.row) good = err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for ANALYZE");
    good = good && keep(&s, err);
    free(s.row);
    rows_done(&s.rows);
    return good;
}
