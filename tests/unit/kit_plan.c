// Kit: a small store with tables, and SQL text to a plan's text or to its answer.
#include "tests/unit/kit_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/data/cast.h"
#include "engine/sql/parser.h"

enum { KIT_EMP_ROWS = 2000, KIT_DEPT_ROWS = 10, KIT_TEXT_MAX = 1 << 24 };

static void need(bool done, const Err *err)
{
    if (done) return;
    fprintf(stderr, "kit_plan: %s %s\n", err->state, err->text);
    abort();
}

static ExecContext context(KitPlan *k)
{
    return (ExecContext){.transaction = k->transaction,
                         .functions = exec_functions(),
                         .user = "kit",
                         .database = "d",
                         .node = "vm1"};
}

static bool evaluate(void *arg, const Expr *e, Value *out, Arena *mem, Err *err)
{
    ExecContext ctx = context(arg);
    return exec_constant(e, &ctx, out, mem, err);
}

bool kit_plan_make(KitPlan *k, Plan **out, const char *sql, bool no_optimise, Err *err)
{
    Arena mem = {0};
    Statement *statement = NULL;
    size_t pos = 0;
    bool made = parser_statement(&statement, str_of(sql), &pos, &mem, err);
    if (made) {
        PlanRequest request = {.statement = statement,
                               .transaction = k->transaction,
                               .database = STR("d"),
                               .functions = exec_functions(),
                               .evaluate = evaluate,
                               .evaluate_arg = k,
                               .no_optimise = no_optimise};
        made = plan_make(out, &request, err);
    }
    arena_done(&mem);
    return made;
}

static char *finish(Bytes *out)
{
    char *text = malloc(out->len + 1);
    if (!text) abort();
    if (out->len) memcpy(text, out->at, out->len);
    text[out->len] = 0;
    bytes_done(out);
    return text;
}

static void put_error(Bytes *out, const Err *err)
{
    bytes_clear(out);
    bytes_printf(out, "ERROR %s: %s (%lld)", err->state, err->text, (long long)err->at);
}

// Leaves out "  (12 rows)" at the end of lines: estimates may improve without making a test false.
static void put_without_rows(Bytes *out, Str text)
{
    while (text.len) {
        Str line = str_cut(&text, '\n');
        size_t at = str_find(line, STR("  ("), 0);
        bytes_put(out, at == SIZE_MAX ? line : str_slice(line, 0, at));
        bytes_put_byte(out, '\n');
    }
}

char *kit_plan_text(KitPlan *k, const char *sql)
{
    Err err = {.at = -1};
    Plan *plan = NULL;
    Bytes whole, out;
    bytes_init(&whole, KIT_TEXT_MAX);
    bytes_init(&out, KIT_TEXT_MAX);
    if (kit_plan_make(k, &plan, sql, false, &err)) {
        plan_text(plan->root, &whole);
        put_without_rows(&out, bytes_str(&whole));
    } else {
        put_error(&out, &err);
    }
    plan_free(plan);
    bytes_done(&whole);
    return finish(&out);
}

static bool put_rows(void *self, const Batch *b)
{
    Bytes *out = self;
    for (uint32_t i = 0; i < b->sel_len; i++) {
        uint32_t row = batch_row(b, i);
        for (uint32_t c = 0; c < b->columns; c++) {
            if (c) bytes_put_byte(out, '|');
            if (vector_is_null(&b->vector[c], row))
                bytes_put_byte(out, '~');
            else
                cast_cell_to_text(&b->vector[c], row, out);
        }
        bytes_put_byte(out, '\n');
    }
    return true;
}

char *kit_plan_answer(KitPlan *k, const char *sql, bool no_optimise)
{
    Err err = {.at = -1};
    Plan *plan = NULL;
    Bytes out;
    int64_t count;
    bytes_init(&out, KIT_TEXT_MAX);
    ExecContext ctx = context(k);
    bool done =
        kit_plan_make(k, &plan, sql, no_optimise, &err) && exec_run(plan, &ctx, put_rows, &out, &count, &err);
    if (!done) put_error(&out, &err);
    plan_free(plan);
    return finish(&out);
}

// ---- tables ----

typedef struct KitColumn {
    const char *name;
    TypeId type;
    int length, scale;
    bool not_null;
} KitColumn;

static void table_make(KitPlan *k, const char *name, const KitColumn *column, uint16_t columns,
                       const IndexDef *index, uint16_t indexes)
{
    Err err = {.at = -1};
    ColumnDef def[16] = {0};
    IndexDef own[4] = {0};
    for (uint16_t i = 0; i < columns; i++)
        def[i] =
            (ColumnDef){.name = str_of(column[i].name),
                        .type = {.id = column[i].type, .length = column[i].length, .scale = column[i].scale},
                        .not_null = column[i].not_null};
    for (uint16_t i = 0; i < indexes; i++) own[i] = index[i];
    TableDef table = {.database = STR("d"),
                      .name = str_of(name),
                      .column_count = columns,
                      .column = def,
                      .index_count = indexes,
                      .index = own};
    Table *made;
    need(transaction_create_table(k->transaction, &table, &made, &err), &err);
}

static void run(KitPlan *k, const Bytes *sql)
{
    char *answer = kit_plan_answer(k, sql->at, false);
    if (*answer) {
        fprintf(stderr, "kit_plan: %s\n", answer);
        abort();
    }
    free(answer);
}

static void fill_emp(KitPlan *k)
{
    Bytes sql;
    bytes_init(&sql, KIT_TEXT_MAX);
    bytes_put(&sql, STR("INSERT INTO emp VALUES "));
    for (int i = 1; i <= KIT_EMP_ROWS; i++)
        bytes_printf(&sql, "%s(%d, 'n%d', %d, %d.50, %d, date '2020-01-01' + %d, %s, 'c%d')",
                     i > 1 ? ", " : "", i, i, i % 10 + 1, i % 97 * 10, i / 10 + 1, i % 1000,
                     i % 3 ? "true" : "NULL", i % 7);
    run(k, &sql);
    bytes_done(&sql);
}

static void fill_small(KitPlan *k)
{
    Bytes sql;
    bytes_init(&sql, KIT_TEXT_MAX);
    bytes_put(&sql, STR("INSERT INTO dept VALUES "));
    for (int i = 1; i <= KIT_DEPT_ROWS; i++)
        bytes_printf(&sql, "%s(%d, 'd%d', %d)", i > 1 ? ", " : "", i, i, i * 100);
    run(k, &sql);
    bytes_clear(&sql);
    bytes_put(&sql,
              STR("INSERT INTO pair VALUES (1, 10), (1, 20), (2, NULL), (NULL, 10), (NULL, NULL), (3, 30)"));
    run(k, &sql);
    bytes_done(&sql);
}

void kit_plan_open(KitPlan *k)
{
    static const KitColumn dept[] = {{"id", TYPE_INTEGER, 0, 0, true},
                                     {"name", TYPE_VARCHAR, 20, 0, false},
                                     {"budget", TYPE_NUMERIC, 12, 2, false}};
    static const KitColumn emp[] = {
        {"id", TYPE_INTEGER, 0, 0, true},       {"name", TYPE_TEXT, 0, 0, true},
        {"dept_id", TYPE_INTEGER, 0, 0, false}, {"salary", TYPE_NUMERIC, 10, 2, false},
        {"boss", TYPE_INTEGER, 0, 0, false},    {"hired", TYPE_DATE, 0, 0, false},
        {"active", TYPE_BOOLEAN, 0, 0, false},  {"code", TYPE_CHAR, 4, 0, false},
    };
    static const KitColumn pair[] = {{"a", TYPE_INTEGER, 0, 0, false}, {"b", TYPE_INTEGER, 0, 0, false}};
    const IndexDef dept_index[] = {{.name = STR("dept_pkey"),
                                    .kind = INDEX_HASH,
                                    .unique = true,
                                    .primary = true,
                                    .constraint = true,
                                    .column_count = 1}};
    const IndexDef emp_index[] = {
        {.name = STR("emp_pkey"),
         .kind = INDEX_HASH,
         .unique = true,
         .primary = true,
         .constraint = true,
         .column_count = 1},
        {.name = STR("emp_name"),
         .kind = INDEX_HASH,
         .unique = true,
         .constraint = true,
         .column_count = 1,
         .column = {1}},
        {.name = STR("emp_hired"), .kind = INDEX_SORTED, .column_count = 2, .column = {5, 2}}};
    Err err = {.at = -1};
    kit_dir_make(&k->dir);
    k->io = io_posix();
    StoreOptions options = {.io = k->io, .path = k->dir.path, .node = 1, .no_background = true};
    need(store_open(&k->store, &options, &err), &err);
    need(store_database_create(k->store, STR("d"), false, STR("kit"), &err), &err);
    TransactionOptions begin = {.isolation = ISOLATION_READ_COMMITTED, .user = STR("kit")};
    need(transaction_begin(&k->transaction, k->store, &begin, &err), &err);
    transaction_statement_begin(k->transaction);
    table_make(k, "dept", dept, COUNT_OF(dept), dept_index, COUNT_OF(dept_index));
    table_make(k, "emp", emp, COUNT_OF(emp), emp_index, COUNT_OF(emp_index));
    table_make(k, "pair", pair, COUNT_OF(pair), NULL, 0);
    fill_small(k);
    fill_emp(k);
}

void kit_plan_close(KitPlan *k)
{
    transaction_rollback(k->transaction);
    store_close(k->store);
    kit_dir_remove(&k->dir);
}
