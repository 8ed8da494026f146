// DDL: ALTER TABLE. All actions of a statement make one new definition, in PostgreSQL's passes; rows that
// need new values are written by one UPDATE; then what is new is checked against the rows. The transaction
// takes all of it back when any of it fails.
#include "engine/db/access.h"
#include "engine/db/ddl_alter_in.h"
#include "engine/db/triggers.h"

#include "engine/sql/print.h"

#include <string.h>

enum { FILL_SQL_MAX = 16 << 20 };

// ---- attributes of columns ----

static bool drop_not_null(Alter *a, const AstAlterAction *action, int at, Err *err)
{
    ColumnDef *c = &a->d.def->column[at];
    const IndexDef *primary = schema_primary(a->d.def);
    if (c->identity)
        return err_set_at(err, "42601", action->name.at,
                          "column \"%.*s\" of relation \"%.*s\" is an identity column", STR_ARG(c->name),
                          STR_ARG(a->d.def->name));
    for (uint16_t i = 0; primary && i < primary->column_count; i++)
        if (primary->column[i] == at)
            return err_set_at(err, "42P16", action->name.at, "column \"%.*s\" is in a primary key",
                              STR_ARG(action->name.text));
    c->not_null = a->not_null[at] = false;
    return true;
}

static bool attribute(Alter *a, const AstAlterAction *action, Err *err)
{
    int at;
    if (!alter_find_column(a, &action->name, &at, err)) return false;
    ColumnDef *c = &a->d.def->column[at];
    AstConstraint wanted = {.kind = AST_CONSTRAINT_DEFAULT, .at = action->at, .expr = action->expr};
    switch (action->kind) {
    case AST_ALTER_SET_DEFAULT:
    case AST_ALTER_DROP_DEFAULT:
        if (c->generated.at)
            return err_set_at(err, "42601", action->name.at,
                              "column \"%.*s\" of relation \"%.*s\" is a generated column", STR_ARG(c->name),
                              STR_ARG(a->d.def->name));
        c->default_text = STR_NONE;
        return action->kind == AST_ALTER_DROP_DEFAULT || ddl_constraint(&a->d, &wanted, at, err);
    case AST_ALTER_SET_NOT_NULL:
        a->not_null[at] |= !c->not_null;
        c->not_null = true;
        return true;
    case AST_ALTER_DROP_NOT_NULL: return drop_not_null(a, action, at, err);
    case AST_ALTER_ADD_IDENTITY: return ddl_constraint(&a->d, action->constraint, at, err);
    default: break;
    }
    if (!c->identity && !action->if_exists)
        return err_set_at(err, "55000", action->name.at,
                          "column \"%.*s\" of relation \"%.*s\" is not an identity column", STR_ARG(c->name),
                          STR_ARG(a->d.def->name));
    if (!c->identity)
        statement_notice(a->d.run, "column \"%.*s\" of relation \"%.*s\" is not an identity column, skipping",
                         STR_ARG(c->name), STR_ARG(a->d.def->name));
    c->identity = false;
    return true;
}

// ---- passes ----

static bool act(Alter *a, const AstAlterAction *action, AlterPass pass, Err *err)
{
    TableDef *def = a->d.def;
    switch (action->kind) {
    case AST_ALTER_ADD_COLUMN: return pass < ALTER_PASS_COLUMN || alter_add_column(a, action, pass, err);
    case AST_ALTER_ADD_CONSTRAINT: return alter_add_constraint(a, action->constraint, -1, pass, err);
    case AST_ALTER_DROP_COLUMN: return pass != ALTER_PASS_DROP || alter_drop_column(a, action, err);
    case AST_ALTER_DROP_CONSTRAINT: return pass != ALTER_PASS_DROP || alter_drop_constraint(a, action, err);
    case AST_ALTER_DROP_DEFAULT:
    case AST_ALTER_DROP_NOT_NULL:
    case AST_ALTER_DROP_IDENTITY: return pass != ALTER_PASS_DROP || attribute(a, action, err);
    case AST_ALTER_SET_DEFAULT:
    case AST_ALTER_ADD_IDENTITY:
    case AST_ALTER_SET_NOT_NULL: return pass != ALTER_PASS_ATTRIBUTE || attribute(a, action, err);
    case AST_ALTER_TYPE: return pass != ALTER_PASS_TYPE || alter_column_type(a, action, err);
    default: break;
    }
    if (pass != ALTER_PASS_MISC) return true;
    switch (action->kind) {
    case AST_ALTER_RENAME_TABLE: def->name = action->new_name.text; return true;
    case AST_ALTER_RENAME_COLUMN: return alter_rename_column(a, action, err);
    case AST_ALTER_RENAME_CONSTRAINT: return alter_rename_constraint(a, action, err);
    case AST_ALTER_TRIGGER:
        return triggers_switch(a->d.run, a->d.old, action->name.text.at ? action->name.text : STR(""),
                               action->on, action->at, err);
    case AST_ALTER_OWNER: return true; // every table belongs to the database
    case AST_ALTER_VALIDATE: return alter_validate(a, action, err);
    case AST_ALTER_SET_SCHEMA: def->schema = action->new_name.text; return true;
    default: break;
    }
    return err_set_at(err, SQLSTATE_UNSUPPORTED, action->at, "ALTER TABLE … %.*s is not supported",
                      STR_ARG(action->words));
}

static void alter_begin(Alter *a, Run *run, Table *table, const AstAlterTable *t)
{
    uint32_t room = 1;
    for (uint32_t i = 0; i < t->actions; i++)
        room += 1 + (t->action[i].column ? t->action[i].column->constraints : 0);
    *a = (Alter){.table = table};
    ddl_draft_of(&a->d, run, table_def(table), room);
    TableDef *def = a->d.def;
    uint32_t columns = schema_stored(def) + t->actions + 1;
    ColumnDef *column = arena_array(run->mem, ColumnDef, columns);
    if (schema_stored(def)) memcpy(column, def->column, schema_stored(def) * sizeof *column);
    def->column = column;
    a->d.old = schema_copy(table_def(table), run->mem);
    a->value = arena_array(run->mem, Str, columns);
    a->not_null = arena_array(run->mem, bool, columns);
    a->old_gone = arena_array(run->mem, bool, columns);
}

// ---- rows ----

static Str fill_name(const Alter *a, uint16_t c)
{
    return arena_printf(a->d.run->mem, "\x1f%u", c); // no name that is typed begins so
}

static bool uses_hidden(const TableDef *def, const IndexDef *x)
{
    bool uses = x->predicate != 0;
    for (uint16_t i = 0; i < x->column_count; i++) uses |= x->column[i] >= def->column_count;
    return uses;
}

// The old shape with the columns to be filled behind it, without rules for rows.
static bool widen(Alter *a, Err *err)
{
    const TableDef *def = a->d.def;
    TableDef *wide = schema_copy(a->d.old, a->d.run->mem);
    ColumnDef *column = arena_array(a->d.run->mem, ColumnDef, wide->column_count + def->column_count + 1);
    uint16_t kept = 0;
    for (uint16_t i = 0; i < wide->index_count; i++) // those of hidden columns are built anew
        if (!uses_hidden(wide, &wide->index[i])) wide->index[kept++] = wide->index[i];
    wide->index_count = kept;
    wide->hidden_count = 0;
    if (wide->column_count) memcpy(column, wide->column, wide->column_count * sizeof *column);
    wide->column = column;
    wide->check_count = wide->foreign_key_count = 0;
    for (uint16_t c = 0; c < wide->column_count; c++) column[c].generated = STR_NONE;
    for (uint16_t c = 0; c < def->column_count; c++) {
        if (!a->value[c].at) continue;
        ColumnDef *n = &column[wide->column_count++];
        *n = def->column[c];
        n->name = fill_name(a, c);
        n->not_null = false;
        n->generated = STR_NONE;
    }
    return transaction_alter_table(a->d.run->session->transaction, a->table, wide, err);
}

static bool fill(Alter *a, Err *err)
{
    const TableDef *def = a->d.def;
    Bytes sql;
    int64_t count;
    bytes_init(&sql, FILL_SQL_MAX);
    bytes_put(&sql, STR("UPDATE "));
    ddl_put_table(&sql, a->d.old);
    bool any = false;
    for (uint16_t c = 0; c < def->column_count; c++) {
        if (!a->value[c].at) continue;
        bytes_put(&sql, any ? STR(", ") : STR(" SET "));
        print_name(&sql, fill_name(a, c));
        bytes_put(&sql, STR(" = "));
        bytes_put(&sql, a->value[c]);
        any = true;
    }
    bool good = !sql.failed || err_set(err, SQLSTATE_LIMIT, "the new values are too long");
    good = good && statement_run_inner(a->d.run, bytes_str(&sql), NULL, NULL, &count, err);
    bytes_done(&sql);
    return good;
}

// Columns that were filled keep the place that they were given.
static void take_places(Alter *a)
{
    const TableDef *wide = table_def(a->table);
    for (uint16_t c = 0; c < a->d.def->column_count; c++) {
        if (!a->value[c].at) continue;
        int at = schema_column(wide, fill_name(a, c));
        a->d.def->column[c].slot = wide->column[at].slot;
    }
}

static bool reads_generated(const TableDef *def, const IndexDef *x)
{
    bool reads = uses_hidden(def, x);
    for (uint16_t i = 0; i < x->column_count; i++) reads |= def->column[x->column[i]].generated.at != NULL;
    return reads;
}

static bool fill_rows(Alter *a, Err *err)
{
    bool any = false;
    for (uint16_t c = 0; c < a->d.def->column_count; c++) any |= a->value[c].at != NULL;
    if (!any) return true;
    if (!widen(a, err) || !fill(a, err)) return false;
    take_places(a);
    a->refill |= a->d.def->hidden_count > 0; // the rows that were written have none
    return true;
}

// What an expression gives may have another type now.
static bool retype_hidden(Alter *a, Err *err)
{
    TableDef *def = a->d.def;
    for (uint16_t c = def->column_count; c < schema_stored(def); c++) {
        ColumnDef *h = &def->column[c];
        Expr *e;
        if (!plan_bind_text(&e, h->generated, def, type_of(TYPE_NULL), query_names(a->d.run), a->d.run->mem,
                            err))
            return false;
        if (type_equal(type_bare(e->type), h->type)) continue;
        h->type = type_bare(e->type);
        h->slot = 0;
        for (uint16_t i = 0; i < def->index_count; i++)
            if (uses_hidden(def, &def->index[i])) def->index[i].id = 0;
    }
    return true;
}

// The new definition; when something is to be worked out anew, first without what reads it.
static bool define(Alter *a, Err *err)
{
    TableDef *def = a->d.def;
    Transaction *t = a->d.run->session->transaction;
    schema_drop_hidden(def);
    if (!a->refill) return transaction_alter_table(t, a->table, def, err);
    if (a->all_keys && !retype_hidden(a, err)) return false;
    TableDef *bare = schema_copy(def, a->d.run->mem);
    uint16_t kept = 0;
    for (uint16_t i = 0; i < bare->index_count; i++)
        if (!reads_generated(bare, &bare->index[i])) bare->index[kept++] = bare->index[i];
    bare->index_count = kept;
    for (uint16_t c = 0; c < bare->column_count; c++)
        if (bare->column[c].generated.at) bare->column[c].not_null = false;
    if (!transaction_alter_table(t, a->table, bare, err) || !ddl_refill(a->d.run, a->table, err))
        return false;
    const TableDef *now = table_def(a->table);
    for (uint16_t c = 0; c < schema_stored(def); c++) def->column[c].slot = now->column[c].slot;
    for (uint16_t i = 0; i < def->index_count; i++)
        if (reads_generated(def, &def->index[i])) def->index[i].id = 0;
    return transaction_alter_table(t, a->table, def, err);
}

// Foreign keys of others name columns of this table by position.
static bool move_children(Alter *a, Err *err)
{
    const TableDef **child, *old = a->d.old, *now = table_def(a->table);
    Run *run = a->d.run;
    Transaction *t = run->session->transaction;
    size_t n = a->positions ? transaction_children(t, old->id, run->mem, &child) : 0;
    for (size_t i = 0; i < n; i++) {
        Draft d;
        Table *table = child[i]->id == old->id ? NULL : transaction_table_by_id(t, child[i]->id);
        if (!table) continue;
        ddl_draft_of(&d, run, table_def(table), 0);
        bool moved = false;
        for (uint16_t k = 0; k < d.def->foreign_key_count; k++) {
            ForeignKeyDef *key = &d.def->foreign_key[k];
            for (uint16_t c = 0; key->parent_id == old->id && c < key->column_count; c++) {
                int at = schema_column(now, old->column[key->parent_column[c]].name);
                moved |= at != key->parent_column[c];
                key->parent_column[c] = (uint16_t)at;
            }
        }
        if (moved && !transaction_alter_table(t, table, d.def, err)) return false;
    }
    return true;
}

static bool was_valid_check(const TableDef *old, const CheckDef *check)
{
    for (uint16_t i = 0; i < old->check_count; i++)
        if (str_equal(old->check[i].name, check->name) && str_equal(old->check[i].text, check->text))
            return !old->check[i].not_valid || check->not_valid;
    return false;
}

static bool was_valid_key(const TableDef *old, const ForeignKeyDef *key)
{
    for (uint16_t i = 0; i < old->foreign_key_count; i++)
        if (str_equal(old->foreign_key[i].name, key->name))
            return !old->foreign_key[i].not_valid || key->not_valid;
    return false;
}

static bool check_all(Alter *a, bool renames, Err *err)
{
    Run *run = a->d.run;
    const TableDef *def = table_def(a->table), *old = a->d.old;
    for (uint16_t c = 0; c < def->column_count; c++)
        if (a->not_null[c] && def->column[c].not_null &&
            !alter_check_not_null(run, def, &def->column[c], err))
            return false;
    for (uint16_t i = 0; !renames && i < def->check_count; i++)
        if (!def->check[i].not_valid && (a->all_keys || !was_valid_check(old, &def->check[i])) &&
            !alter_check_rows(run, def, &def->check[i], err))
            return false;
    for (uint16_t i = 0; !renames && i < def->foreign_key_count; i++)
        if (!def->foreign_key[i].not_valid && (a->all_keys || !was_valid_key(old, &def->foreign_key[i])) &&
            !alter_check_parents(run, def, &def->foreign_key[i], err))
            return false;
    return true;
}

// A converted key must still be what others refer to.
static bool check_children(Alter *a, Err *err)
{
    const TableDef **child, *now = table_def(a->table);
    Run *run = a->d.run;
    size_t n = a->all_keys ? transaction_children(run->session->transaction, now->id, run->mem, &child) : 0;
    for (size_t i = 0; i < n; i++)
        for (uint16_t k = 0; k < child[i]->foreign_key_count; k++) {
            const ForeignKeyDef *key = &child[i]->foreign_key[k];
            if (key->parent_id == now->id && !key->not_valid && child[i]->id != now->id &&
                !alter_check_parents(run, child[i], key, err))
                return false;
        }
    return true;
}

static bool is_rename(AstAlterKind kind)
{
    return kind == AST_ALTER_RENAME_TABLE || kind == AST_ALTER_RENAME_COLUMN ||
           kind == AST_ALTER_RENAME_CONSTRAINT || kind == AST_ALTER_SET_SCHEMA || kind == AST_ALTER_OWNER;
}

static bool run_actions(Alter *a, const AstAlterTable *t, Err *err)
{
    for (AlterPass pass = 0; pass < ALTER_PASSES; pass++)
        for (uint32_t i = 0; i < t->actions; i++)
            if (!act(a, &t->action[i], pass, err)) {
                if (err->at < 0) err->at = t->action[i].at;
                return false;
            }
    bool renames = t->actions == 1 && is_rename(t->action[0].kind);
    return fill_rows(a, err) && define(a, err) && move_children(a, err) && check_all(a, renames, err) &&
           check_children(a, err);
}

bool ddl_refill(Run *run, Table *table, Err *err)
{
    const TableDef *def = table_def(table);
    uint16_t c = 0;
    int64_t count;
    Run inner = *run;
    Bytes sql;
    while (c < def->column_count && def->column[c].generated.at) c++;
    if (c == def->column_count) return true; // expressions over no column: there is nothing to write them by
    bytes_init(&sql, FILL_SQL_MAX);
    bytes_put(&sql, STR("UPDATE "));
    ddl_put_table(&sql, def);
    bytes_put(&sql, STR(" SET "));
    print_name(&sql, def->column[c].name);
    bytes_put(&sql, STR(" = "));
    print_name(&sql, def->column[c].name);
    inner.refill = true;
    bool good = !sql.failed || err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory");
    good = good && statement_run_inner(&inner, bytes_str(&sql), NULL, NULL, &count, err);
    bytes_done(&sql);
    return good;
}

// OWNER TO and row security change no definition of the table.
static bool alter_access(Run *run, const AstAlterTable *t, Table *table, bool *done, Err *err)
{
    *done = false;
    for (uint32_t i = 0; i < t->actions; i++) {
        AccessThing of;
        bool known = t->action[i].kind == AST_ALTER_OWNER;
        access_of_table(run->session, table_def(table), run->mem, &of);
        if (known && !access_set_owner(run, &of, &t->action[i].new_name, err)) return false;
        if (t->action[i].kind == AST_ALTER_OTHER &&
            !policy_switch(run, table, t->action[i].words, &known, err))
            return false;
        if (!known) return true;
    }
    return *done = t->actions > 0;
}

bool ddl_alter(Run *run, const AstAlterTable *t, Err *err)
{
    Table *table;
    Alter a;
    if (t->object != AST_OBJECT_TABLE) return ddl_unsupported(t->name.at, run->tag, err);
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute ALTER TABLE in a read-only transaction");
    if (!ddl_table(run, &t->name, t->if_exists, &table, err)) return false;
    if (!table) return true;
    if (!access_table_owner(run, table_def(table), err)) return false;
    bool done;
    if (!alter_access(run, t, table, &done, err) || done) return done;
    alter_begin(&a, run, table, t);
    if (!run_actions(&a, t, err)) {
        if (err->at < 0 && t->actions) err->at = t->action[0].at;
        return false;
    }
    ddl_changed(run);
    run->verb = "alter table";
    run->table = ast_path_name(&t->name);
    return true;
}
