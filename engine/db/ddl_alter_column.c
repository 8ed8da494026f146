// DDL: ALTER TABLE, columns: added, dropped, converted. A converted column is a new one in the place of the
// old: its rows are written by one UPDATE over the old shape (ddl_alter.c).
#include "engine/db/ddl_alter_in.h"

#include "engine/data/cast.h"
#include "engine/db/ddl_object.h"
#include "engine/sql/parser.h"
#include "engine/sql/print.h"
#include "engine/store/codec.h"

#include <string.h>

enum { MISSING_TEXT_MAX = 1 << 20 };

bool alter_find_column(const Alter *a, const AstName *name, int *out, Err *err)
{
    *out = schema_column(a->d.def, name->text);
    return *out >= 0 || err_set_at(err, SQLSTATE_UNDEFINED_COLUMN, name->at,
                                   "column \"%.*s\" of relation \"%.*s\" does not exist", STR_ARG(name->text),
                                   STR_ARG(a->d.def->name));
}

typedef struct Mention {
    Str column;
    bool found;
} Mention;

static bool mention(const AstExpr *e, void *arg)
{
    Mention *m = arg;
    m->found |= e->kind == AST_COLUMN && str_equal(ast_path_name(e->path), m->column);
    return true;
}

bool alter_mentions(Str text, Str column, Arena *mem)
{
    AstExpr *e;
    Err unused = {.at = -1};
    Mention m = {.column = column};
    if (!text.at) return false;
    if (!parser_expr(&e, text, mem, &unused)) return true;
    ast_expr_walk(e, mention, &m);
    return m.found;
}

// ---- ADD ----

static bool missing_text(Alter *a, ColumnDef *c, const Value *v, Err *err)
{
    Bytes text;
    if (v->null) return true;
    bytes_init(&text, MISSING_TEXT_MAX);
    codec_put(&text, c->type.id, &v->boolean);
    bool good = !text.failed ||
                err_set(err, SQLSTATE_LIMIT, "the default of column \"%.*s\" is too long", STR_ARG(c->name));
    if (good) c->missing = arena_copy(a->d.run->mem, bytes_str(&text));
    bytes_done(&text);
    return good;
}

// Does the default give each row another value?
static bool is_volatile(Expr *e, void *arg)
{
    if (e->kind == EXPR_CALL && e->function->flags & FUNCTION_VOLATILE) *(bool *)arg = true;
    return true;
}

// Older rows get the default: as their missing value when it is the same for all, else row by row.
static bool fill_new(Alter *a, uint16_t at, Err *err)
{
    ColumnDef *c = &a->d.def->column[at];
    Run *run = a->d.run;
    Expr *e;
    AstExpr *ast;
    Value v;
    if (c->generated.at) {
        a->refill = true;
        return true;
    }
    if (c->identity) {
        a->value[at] = STR("DEFAULT");
        return true;
    }
    if (!c->default_text.at) return true;
    bool rows = false;
    if (!parser_expr(&ast, c->default_text, run->mem, err) ||
        !plan_bind_expr(&e, ast, NULL, c->type, query_names(run), run->mem, err))
        return false;
    expr_walk(e, is_volatile, &rows);
    if (rows) {
        a->value[at] = STR("DEFAULT");
        return true;
    }
    return query_constant(run, ast, c->type, &v, err) && missing_text(a, c, &v, err);
}

// Hidden columns stand behind all others: they move one on.
static void open_place(TableDef *def, uint16_t at)
{
    memmove(def->column + at + 1, def->column + at, def->hidden_count * sizeof *def->column);
    def->column[at] = (ColumnDef){0};
    for (uint16_t i = 0; i < def->index_count; i++) {
        IndexDef *x = &def->index[i];
        if (x->predicate > at) x->predicate++;
        for (uint16_t k = 0; k < x->column_count; k++)
            if (x->column[k] >= at) x->column[k]++;
    }
}

static bool add_new(Alter *a, const AstAlterAction *action, Err *err)
{
    TableDef *def = a->d.def;
    const AstColumnDef *c = action->column;
    uint16_t at = def->column_count;
    if (schema_stored(def) >= SCHEMA_COLUMNS_MAX)
        return err_set_at(err, "54011", action->at, "tables can have at most %d columns", SCHEMA_COLUMNS_MAX);
    open_place(def, at);
    if (!ddl_column(&a->d, c, err)) return false;
    for (uint32_t i = 0; i < c->constraints; i++)
        if (!alter_add_constraint(a, &c->constraint[i], at, ALTER_PASS_COLUMN, err)) return false;
    a->not_null[at] = def->column[at].not_null;
    return fill_new(a, at, err);
}

bool alter_add_column(Alter *a, const AstAlterAction *action, AlterPass pass, Err *err)
{
    TableDef *def = a->d.def;
    int at = schema_column(def, action->name.text);
    if (pass == ALTER_PASS_COLUMN) {
        if (at < 0) return add_new(a, action, err);
        if (!action->if_not_exists)
            return err_set_at(err, "42701", action->name.at,
                              "column \"%.*s\" of relation \"%.*s\" already exists",
                              STR_ARG(action->name.text), STR_ARG(def->name));
        statement_notice(a->d.run, "column \"%.*s\" of relation \"%.*s\" already exists, skipping",
                         STR_ARG(action->name.text), STR_ARG(def->name));
        return true;
    }
    if (at < 0 || def->column[at].slot) return true; // it was there before
    for (uint32_t i = 0; i < action->column->constraints; i++)
        if (!alter_add_constraint(a, &action->column->constraint[i], at, pass, err)) return false;
    return true;
}

// ---- DROP ----

static bool key_has(const uint16_t *column, uint16_t count, uint16_t at)
{
    for (uint16_t i = 0; i < count; i++)
        if (column[i] == at) return true;
    return false;
}

static bool dependent(Alter *a, const AstAlterAction *action, const char *what, Str name, Str of, Err *err)
{
    if (action->cascade) return true;
    err_set_at(err, "2BP01", action->at,
               "cannot drop column %.*s of table %.*s because other objects depend on it",
               STR_ARG(action->name.text), STR_ARG(a->d.def->name));
    err_note(err, "%s %.*s%s%.*s depends on column %.*s of table %.*s", what, STR_ARG(name),
             of.len ? " on table " : "", STR_ARG(of), STR_ARG(action->name.text), STR_ARG(a->d.def->name));
    return err_hint(err, "Use DROP ... CASCADE to drop the dependent objects too.");
}

// Foreign keys of other tables that point at the column.
static bool drop_from_children(Alter *a, const AstAlterAction *action, uint16_t old_at, Err *err)
{
    const TableDef **child, *old = a->d.old;
    Run *run = a->d.run;
    size_t n = transaction_children(run->session->transaction, old->id, run->mem, &child);
    for (size_t i = 0; i < n; i++) {
        if (child[i]->id == old->id) continue;
        for (uint16_t k = 0; k < child[i]->foreign_key_count; k++) {
            const ForeignKeyDef *key = &child[i]->foreign_key[k];
            if (key->parent_id != old->id || !key_has(key->parent_column, key->column_count, old_at))
                continue;
            if (!dependent(a, action, "constraint", key->name, child[i]->name, err)) return false;
            if (!alter_cut_foreign_key(run, child[i], key->name, err)) return false;
        }
    }
    return true;
}

// As a key column, or inside an expression of it.
static bool index_needs(const Alter *a, const IndexDef *x, uint16_t at)
{
    const TableDef *def = a->d.def;
    bool needs = key_has(x->column, x->column_count, at) || key_has(x->include, x->include_count, at);
    for (uint16_t c = def->column_count; c < schema_stored(def); c++)
        if ((x->predicate == c + 1 || key_has(x->column, x->column_count, c)) &&
            alter_mentions(def->column[c].generated, def->column[at].name, a->d.run->mem))
            needs = true;
    return needs;
}

static void drop_from_keys(Alter *a, uint16_t at)
{
    TableDef *def = a->d.def;
    for (uint16_t i = def->foreign_key_count; i > 0; i--) {
        const ForeignKeyDef *k = &def->foreign_key[i - 1];
        bool self = k->parent_id == def->id && key_has(k->parent_column, k->column_count, at);
        if (self || key_has(k->column, k->column_count, at))
            alter_take_foreign_key(def, (uint16_t)(i - 1), a->d.run->mem);
    }
    uint16_t kept = 0;
    for (uint16_t i = 0; i < def->index_count; i++)
        if (!index_needs(a, &def->index[i], at)) def->index[kept++] = def->index[i];
    def->index_count = kept;
    kept = 0;
    for (uint16_t i = 0; i < def->check_count; i++)
        if (!alter_mentions(def->check[i].text, def->column[at].name, a->d.run->mem))
            def->check[kept++] = def->check[i];
    def->check_count = kept;
}

static void shift_left(uint16_t *column, uint16_t count, uint16_t at)
{
    for (uint16_t i = 0; i < count; i++)
        if (column[i] > at) column[i]--;
}

static void take_column(Alter *a, uint16_t at)
{
    TableDef *def = a->d.def;
    schema_drop_hidden(def);
    for (uint16_t i = 0; i < def->index_count; i++) {
        shift_left(def->index[i].column, def->index[i].column_count, at);
        shift_left(def->index[i].include, def->index[i].include_count, at);
        if (def->index[i].predicate > at + 1) def->index[i].predicate--;
    }
    for (uint16_t i = 0; i < def->foreign_key_count; i++) {
        ForeignKeyDef *k = &def->foreign_key[i];
        shift_left(k->column, k->column_count, at);
        shift_left(k->set_column, k->set_count, at);
        if (k->parent_id == def->id) shift_left(k->parent_column, k->column_count, at);
    }
    size_t behind = (size_t)(schema_stored(def) - at - 1);
    memmove(def->column + at, def->column + at + 1, behind * sizeof *def->column);
    memmove(a->value + at, a->value + at + 1, behind * sizeof *a->value);
    memmove(a->not_null + at, a->not_null + at + 1, behind * sizeof *a->not_null);
    def->column_count--;
    a->positions = true;
}

static bool drop_generated(Alter *a, const AstAlterAction *action, Str name, Err *err)
{
    TableDef *def = a->d.def;
    for (uint16_t c = def->column_count; c > 0; c--) {
        const ColumnDef *g = &def->column[c - 1];
        if (!alter_mentions(g->generated, name, a->d.run->mem)) continue;
        Str what = arena_printf(a->d.run->mem, "%.*s of table %.*s", STR_ARG(g->name), STR_ARG(def->name));
        if (!dependent(a, action, "column", what, STR_NONE, err)) return false;
        a->old_gone[schema_column(a->d.old, g->name)] = true;
        drop_from_keys(a, (uint16_t)(c - 1));
        take_column(a, (uint16_t)(c - 1));
    }
    return true;
}

bool alter_drop_column(Alter *a, const AstAlterAction *action, Err *err)
{
    TableDef *def = a->d.def;
    int at = schema_column(def, action->name.text);
    if (at < 0 && action->if_exists) {
        statement_notice(a->d.run, "column \"%.*s\" of relation \"%.*s\" does not exist, skipping",
                         STR_ARG(action->name.text), STR_ARG(def->name));
        return true;
    }
    if (!alter_find_column(a, &action->name, &at, err)) return false;
    int old_at = schema_column(a->d.old, action->name.text);
    if (old_at >= 0 &&
        !depend_on_column(a->d.run, a->d.old, (uint16_t)old_at, action->cascade, action->at, err))
        return false;
    if (!drop_from_children(a, action, (uint16_t)old_at, err) ||
        !drop_generated(a, action, action->name.text, err))
        return false;
    at = schema_column(def, action->name.text);
    drop_from_keys(a, (uint16_t)at);
    a->old_gone[old_at] = true;
    take_column(a, (uint16_t)at);
    return true;
}

// ---- TYPE ----

// The stored values are those of the new type already.
static bool same_cells(Type from, Type to)
{
    if (type_equal(from, to)) return true;
    bool strings =
        type_is_string(from.id) && type_is_string(to.id) && from.id != TYPE_CHAR && to.id != TYPE_CHAR;
    return strings && (to.id == TYPE_TEXT || to.length <= 0 || (from.length > 0 && from.length <= to.length));
}

static bool cannot_cast(const char *what, Str name, Type to, bool hint, Arena *mem, int64_t at, Err *err)
{
    Str type = type_text(to, mem);
    err_set_at(err, SQLSTATE_TYPE_MISMATCH, at, "%s \"%.*s\" cannot be cast automatically to type %.*s", what,
               STR_ARG(name), STR_ARG(type));
    return hint ? err_hint(err, "You might need to specify \"USING %.*s::%.*s\".", STR_ARG(name),
                           STR_ARG(type))
                : false;
}

static bool convert_default(Alter *a, ColumnDef *c, Type to, int64_t at, Err *err)
{
    AstExpr *ast;
    Expr *e;
    Run *run = a->d.run;
    Err why = {.at = -1};
    if (!c->default_text.at) return true;
    if (parser_expr(&ast, c->default_text, run->mem, &why) &&
        plan_bind_expr(&e, ast, NULL, to, query_names(run), run->mem, &why))
        return true;
    return cannot_cast("default for column", c->name, to, false, run->mem, at, err);
}

// What USING says, bound over the old table to see that it can become the new type.
static bool conversion(Alter *a, const AstAlterAction *action, const ColumnDef *c, Type to, Str *out,
                       Err *err)
{
    Run *run = a->d.run;
    Bytes text;
    Expr *e;
    bytes_init(&text, SCHEMA_TEXT_MAX);
    if (action->expr) {
        if (!plan_bind_expr(&e, action->expr, a->d.old, type_of(TYPE_NULL), query_names(run), run->mem, err))
            return false;
        if (e->type.id != TYPE_NULL && e->type.id != to.id &&
            !cast_exists(e->type.id, to.id, CAST_ASSIGNMENT))
            return cannot_cast("result of USING clause for column", c->name, to, false, run->mem,
                               action->expr->at, err);
        print_expr(&text, action->expr);
    } else {
        if (c->type.id != to.id && !cast_exists(c->type.id, to.id, CAST_ASSIGNMENT))
            return cannot_cast("column", c->name, to, true, run->mem, action->at, err);
        print_name(&text, c->name);
    }
    bool good = !text.failed || err_set_at(err, SQLSTATE_LIMIT, action->at, "the expression is too long");
    if (good) *out = arena_copy(run->mem, bytes_str(&text));
    bytes_done(&text);
    return good;
}

static bool free_of_views(const Alter *a, uint16_t old_at, int64_t at, Err *err)
{
    Err why = {.at = -1};
    if (depend_on_column(a->d.run, a->d.old, old_at, false, at, &why)) return true;
    err_set_at(err, SQLSTATE_UNSUPPORTED, at, "cannot alter type of a column used by a view or rule");
    return err_note(err, "a view depends on column \"%.*s\"", STR_ARG(a->d.old->column[old_at].name));
}

bool alter_column_type(Alter *a, const AstAlterAction *action, Err *err)
{
    TableDef *def = a->d.def;
    Type to;
    int at;
    if (!alter_find_column(a, &action->name, &at, err) || !ddl_type(a->d.run, &to, action->type, NULL, err))
        return false;
    ColumnDef *c = &def->column[at];
    if (a->value[at].at)
        return err_set_at(err, SQLSTATE_UNSUPPORTED, action->at, "cannot alter type of column \"%.*s\" twice",
                          STR_ARG(c->name));
    int old_at = schema_column(a->d.old, c->name);
    Str view = old_at >= 0 ? depend_view_of(a->d.run, a->d.old, (uint16_t)old_at) : STR_NONE;
    if (view.at) {
        err_set_at(err, SQLSTATE_UNSUPPORTED, action->at,
                   "cannot alter type of a column used by a view or rule");
        return err_note(err, "rule _RETURN on %.*s depends on column \"%.*s\"", STR_ARG(view),
                        STR_ARG(c->name));
    }
    for (uint16_t i = 0; i < def->column_count; i++)
        if (alter_mentions(def->column[i].generated, c->name, a->d.run->mem)) {
            err_set_at(err, SQLSTATE_UNSUPPORTED, action->at,
                       "cannot alter type of a column used by a generated column");
            return err_note(err, "Column \"%.*s\" is used by generated column \"%.*s\".", STR_ARG(c->name),
                            STR_ARG(def->column[i].name));
        }
    if (c->identity && !type_is_integer(to.id))
        return err_set_at(err, "22023", action->at,
                          "identity column type must be smallint, integer, or bigint");
    Str value = STR_NONE;
    if (!free_of_views(a, (uint16_t)schema_column(a->d.old, c->name), action->at, err)) return false;
    if (!conversion(a, action, c, to, &value, err) || !convert_default(a, c, to, action->at, err))
        return false;
    a->all_keys = true;
    if (!action->expr && same_cells(c->type, to)) {
        c->type = to;
        return true;
    }
    a->value[at] = value;
    a->old_gone[schema_column(a->d.old, c->name)] = true;
    c->type = to;
    c->slot = 0;
    c->missing = STR_NONE;
    for (uint16_t i = 0; i < def->index_count; i++)
        if (key_has(def->index[i].column, def->index[i].column_count, (uint16_t)at)) def->index[i].id = 0;
    a->refill |= def->hidden_count > 0;
    return true;
}
