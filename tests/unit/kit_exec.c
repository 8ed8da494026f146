// Kit: SQL on a store without the rooms above exec.
#include "tests/unit/kit_exec.h"

#include "engine/sql/parser.h"
#include "tests/unit/kit_cmocka.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KIT_TEXT_MAX = 64 << 20 };

static void kit_begin(KitExec *k)
{
    const TransactionOptions o = {.isolation = ISOLATION_READ_COMMITTED, .user = STR("kit")};
    assert_ok(transaction_begin(&k->txn, k->store, &o, &k->err), &k->err);
    k->ctx.transaction = k->txn;
}

void kit_exec_open(KitExec *k)
{
    *k = (KitExec){.err = {.at = -1}};
    kit_dir_make(&k->dir);
    char path[KIT_PATH_MAX];
    const StoreOptions o = {
        .io = io_posix(), .path = kit_dir_path(&k->dir, "data", path), .node = 1, .no_background = true};
    assert_ok(store_open(&k->store, &o, &k->err), &k->err);
    assert_ok(store_database_create(k->store, STR("db"), false, STR("kit"), &k->err), &k->err);
    k->ctx = (ExecContext){.functions = exec_functions(),
                           .user = "kit",
                           .database = "db",
                           .node = "vm1",
                           .statement_us = INT64_C(1795233600000000)};
    bytes_init(&k->text, KIT_TEXT_MAX);
    kit_begin(k);
}

void kit_exec_close(KitExec *k)
{
    transaction_rollback(k->txn);
    store_close(k->store);
    bytes_done(&k->text);
    kit_dir_remove(&k->dir);
}

// ---- tables ----

static KeyAction action_of(Str word)
{
    static const char *const words[] = {"none", "restrict", "cascade", "set_null", "set_default"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_equal(word, str_of(words[i]))) return (KeyAction)i;
    fail_msg("unknown action %.*s", STR_ARG(word));
    return KEY_NO_ACTION;
}

static void add_index(TableDef *t, uint16_t column, Str word, Arena *mem)
{
    IndexDef *x = &t->index[t->index_count++];
    bool unique = str_equal(word, STR("primary")) || str_equal(word, STR("unique"));
    *x = (IndexDef){.name = arena_printf(mem, "%.*s_%u", STR_ARG(t->name), (unsigned)t->index_count),
                    .kind = str_equal(word, STR("sorted")) ? INDEX_SORTED : INDEX_HASH,
                    .unique = unique,
                    .primary = str_equal(word, STR("primary")),
                    .constraint = unique,
                    .column_count = 1,
                    .column = {column}};
}

// "> parent(column) on_delete on_update"
static void add_foreign_key(KitExec *k, TableDef *t, uint16_t column, Str rest, Arena *mem)
{
    ForeignKeyDef *f = &t->foreign_key[t->foreign_key_count++];
    Str target = str_cut(&rest, ' '), name = str_cut(&target, '(');
    Str parent_column = str_slice(target, 0, target.len - 1);
    Table *parent = str_equal(name, t->name) ? NULL : transaction_table(k->txn, STR("db"), name);
    const TableDef *p = parent ? table_def(parent) : t;
    *f = (ForeignKeyDef){
        .name = arena_printf(mem, "%.*s_%.*s_fkey", STR_ARG(t->name), STR_ARG(t->column[column].name)),
        .column_count = 1,
        .column = {column},
        .parent_id = p->id,
        .parent_column = {(uint16_t)schema_column(p, parent_column)}};
    Str on_delete = str_cut(&rest, ' '), on_update = str_cut(&rest, ' ');
    if (on_delete.len) f->on_delete = action_of(on_delete);
    if (on_update.len) f->on_update = action_of(on_update);
}

static void add_column(KitExec *k, TableDef *t, Str text, Arena *mem)
{
    uint16_t at = t->column_count++;
    ColumnDef *c = &t->column[at];
    text = str_trim(text);
    c->name = str_cut(&text, ' ');
    Str type = str_cut(&text, ' ');
    Str base = str_cut(&type, '(');
    int64_t mods[2];
    size_t mod_count = 0;
    type = str_slice(type, 0, type.len ? type.len - 1 : 0);
    while (type.len && mod_count < 2) {
        Str one = str_cut(&type, ';');
        if (str_to_int64(one, &mods[mod_count])) mod_count++;
    }
    if (str_equal(base, STR("double"))) base = STR("double precision");
    assert_ok(type_from_name(&c->type, base, mods, mod_count, &k->err), &k->err);
    while (text.len) {
        Str word = str_cut(&text, ' ');
        if (str_equal(word, STR("not_null")))
            c->not_null = true;
        else if (str_equal(word, STR("default"))) {
            c->default_text = text;
            return;
        } else if (str_equal(word, STR("check"))) {
            t->check[t->check_count++] =
                (CheckDef){.name = arena_printf(mem, "%.*s_%.*s_check", STR_ARG(t->name), STR_ARG(c->name)),
                           .text = text};
            return;
        } else if (str_equal(word, STR(">"))) {
            add_foreign_key(k, t, at, text, mem);
            return;
        } else {
            add_index(t, at, word, mem);
            c->not_null |= str_equal(word, STR("primary"));
        }
    }
}

void kit_exec_table(KitExec *k, const char *description)
{
    enum { PARTS = 32 };
    Arena mem = {0};
    Str text = arena_copy(&mem, str_of(description));
    TableDef def = {.database = STR("db"), .name = str_cut(&text, ':')};
    def.column = arena_array(&mem, ColumnDef, PARTS);
    def.index = arena_array(&mem, IndexDef, PARTS);
    def.foreign_key = arena_array(&mem, ForeignKeyDef, PARTS);
    def.check = arena_array(&mem, CheckDef, PARTS);
    while (text.len) add_column(k, &def, str_cut(&text, ','), &mem);
    Table *table;
    transaction_statement_begin(k->txn);
    bool ok = transaction_create_table(k->txn, &def, &table, &k->err);
    if (!ok) fail_msg("%s: %s", description, k->err.text);
    arena_done(&mem);
}

// ---- statements ----

static bool keep_rows(void *self, const Batch *b)
{
    KitExec *k = self;
    for (uint32_t i = 0; i < b->sel_len; i++) {
        uint32_t row = batch_row(b, i);
        if (k->rows++) bytes_put_byte(&k->text, '\n');
        for (uint32_t c = 0; c < b->columns; c++) {
            if (c) bytes_put_byte(&k->text, '|');
            if (vector_is_null(&b->vector[c], row))
                bytes_put(&k->text, STR("NULL"));
            else
                cast_cell_to_text(&b->vector[c], row, &k->text);
        }
    }
    return true;
}

static bool fold(void *arg, const Expr *e, Value *out, Arena *mem, Err *err)
{
    return exec_constant(e, arg, out, mem, err);
}

bool kit_exec_run(KitExec *k, const char *sql)
{
    Arena mem = {0};
    Statement *statement = NULL;
    Plan *plan = NULL;
    size_t pos = 0;
    err_clear(&k->err);
    bytes_clear(&k->text);
    k->count = 0;
    k->rows = 0;
    transaction_statement_begin(k->txn);
    PlanRequest request = {.transaction = k->txn,
                           .database = STR("db"),
                           .functions = exec_functions(),
                           .evaluate = fold,
                           .evaluate_arg = &k->ctx,
                           .no_optimise = k->no_optimise};
    bool ok = parser_statement(&statement, str_of(sql), &pos, &mem, &k->err);
    request.statement = statement;
    ok = ok && plan_make(&plan, &request, &k->err) &&
         exec_run(plan, &k->ctx, keep_rows, k, &k->count, &k->err);
    if (!ok) transaction_statement_undo(k->txn);
    if (plan) plan_free(plan);
    arena_done(&mem);
    return ok;
}

void kit_exec_rows(KitExec *k, const char *sql, const char *want)
{
    if (!kit_exec_run(k, sql)) fail_msg("%s\n  %s: %s", sql, k->err.state, k->err.text);
    if (!str_equal(bytes_str(&k->text), str_of(want)))
        fail_msg("%s\n  gives\n%.*s\n  not\n%s", sql, STR_ARG(bytes_str(&k->text)), want);
}

void kit_exec_error(KitExec *k, const char *sql, const char *state)
{
    if (kit_exec_run(k, sql)) fail_msg("%s\n  did not fail with %s", sql, state);
    if (!err_is(&k->err, state))
        fail_msg("%s\n  fails with %s: %s, not with %s", sql, k->err.state, k->err.text, state);
}
