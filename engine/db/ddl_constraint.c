// DDL: constraints: PRIMARY KEY, UNIQUE, CHECK, FOREIGN KEY, and what stands at columns, put into a
// definition that is being made.
#include "engine/db/access.h"
#include "engine/db/ddl_object.h"

#include "engine/data/cast.h"
#include "engine/sql/print.h"
#include <stdio.h>
#include <string.h>

enum { CONSTRAINT_NUMBER_MAX = 100000 };

// ---- names ----

bool ddl_constraint_exists(const TableDef *def, Str name)
{
    for (uint16_t i = 0; i < def->index_count; i++)
        if (str_equal(def->index[i].name, name)) return true;
    for (uint16_t i = 0; i < def->foreign_key_count; i++)
        if (str_equal(def->foreign_key[i].name, name)) return true;
    for (uint16_t i = 0; i < def->check_count; i++)
        if (str_equal(def->check[i].name, name)) return true;
    return false;
}

Str ddl_constraint_name_of(const Draft *d, Str middle, const char *suffix)
{
    Arena *mem = d->run->mem;
    Str base = arena_printf(mem, "%.*s%.*s", STR_ARG(d->def->name), STR_ARG(middle));
    for (unsigned number = 0; number < CONSTRAINT_NUMBER_MAX; number++) {
        char tail[32];
        snprintf(tail, sizeof tail, number ? "_%s%u" : "_%s", suffix, number);
        size_t room = AST_NAME_MAX - strlen(tail), keep = base.len < room ? base.len : room;
        while (keep && keep < base.len && ((unsigned char)base.at[keep] & 0xc0) == 0x80) keep--;
        Str name = arena_printf(mem, "%.*s%s", (int)keep, base.at, tail);
        if (!ddl_constraint_exists(d->def, name)) return name;
    }
    return base;
}

Str ddl_constraint_name(const Draft *d, const uint16_t *column, uint16_t count, const char *suffix)
{
    Str middle = STR_NONE;
    for (uint16_t i = 0; i < count; i++)
        middle =
            arena_printf(d->run->mem, "%.*s_%.*s", STR_ARG(middle), STR_ARG(d->def->column[column[i]].name));
    return ddl_constraint_name_of(d, middle, suffix);
}

static bool constraint_name(const Draft *d, const AstConstraint *c, const uint16_t *column, uint16_t count,
                            const char *suffix, Str *out, Err *err)
{
    if (!c->name.text.at) {
        *out = ddl_constraint_name(d, column, count, suffix);
        return true;
    }
    *out = c->name.text;
    if (!ddl_constraint_exists(d->def, *out)) return true;
    return err_set_at(err, "42710", c->name.at, "constraint \"%.*s\" for table \"%.*s\" already exists",
                      STR_ARG(*out), STR_ARG(d->def->name));
}

// ---- columns of a constraint ----

static bool columns_of(const TableDef *def, const AstNames *names, uint16_t *out, uint16_t *count, Err *err)
{
    *count = 0;
    if (names->count > SCHEMA_KEY_COLUMNS_MAX)
        return err_set_at(err, SQLSTATE_LIMIT, names->at[0].at, "a key has at most %d columns",
                          SCHEMA_KEY_COLUMNS_MAX);
    for (uint32_t i = 0; i < names->count; i++) {
        const AstName *n = &names->at[i];
        int at = schema_column(def, n->text);
        if (at < 0)
            return err_set_at(err, SQLSTATE_UNDEFINED_COLUMN, n->at,
                              "column \"%.*s\" named in key does not exist in table \"%.*s\"",
                              STR_ARG(n->text), STR_ARG(def->name));
        for (uint16_t k = 0; k < *count; k++)
            if (out[k] == at)
                return err_set_at(err, "42701", n->at, "column \"%.*s\" appears twice in the key",
                                  STR_ARG(n->text));
        out[(*count)++] = (uint16_t)at;
    }
    return true;
}

static bool own_columns(const Draft *d, const AstConstraint *c, int column, uint16_t *out, uint16_t *count,
                        Err *err)
{
    if (column < 0) return columns_of(d->def, &c->columns, out, count, err);
    out[0] = (uint16_t)column;
    *count = 1;
    return true;
}

// ---- PRIMARY KEY, UNIQUE ----

static bool add_unique(Draft *d, const AstConstraint *c, int column, Err *err)
{
    bool primary = c->kind == AST_CONSTRAINT_PRIMARY;
    TableDef *def = d->def;
    if (c->index.text.at) return ddl_unsupported(c->at, "a constraint USING INDEX", err);
    if (c->nulls_not_distinct) return ddl_unsupported(c->at, "NULLS NOT DISTINCT", err);
    if (c->deferrable) return ddl_unsupported(c->at, "a deferrable key", err);
    if (primary && schema_primary(def))
        return err_set_at(err, "42P16", c->at, "multiple primary keys for table \"%.*s\" are not allowed",
                          STR_ARG(def->name));
    IndexDef index = {.kind = INDEX_HASH, .unique = true, .primary = primary, .constraint = true};
    if (!own_columns(d, c, column, index.column, &index.column_count, err)) return false;
    bool made = primary ? constraint_name(d, c, NULL, 0, "pkey", &index.name, err)
                        : constraint_name(d, c, index.column, index.column_count, "key", &index.name, err);
    if (!made) return false;
    for (uint16_t i = 0; primary && i < index.column_count; i++) def->column[index.column[i]].not_null = true;
    def->index[def->index_count++] = index;
    return true;
}

// ---- CHECK ----

typedef struct Mentioned {
    const TableDef *def;
    int column;
    unsigned count;
} Mentioned;

static bool mention(const AstExpr *e, void *arg)
{
    Mentioned *m = arg;
    if (e->kind != AST_COLUMN) return true;
    int at = schema_column(m->def, ast_path_name(e->path));
    if (at >= 0 && at != m->column) m->column = at, m->count++;
    return true;
}

bool ddl_expr_text(Run *run, const AstExpr *e, Str *out, Err *err)
{
    Bytes text;
    bytes_init(&text, SCHEMA_TEXT_MAX);
    print_expr(&text, e);
    bool good = !text.failed;
    if (good)
        *out = arena_copy(run->mem, bytes_str(&text));
    else
        err_set_at(err, SQLSTATE_LIMIT, e->at, "the expression is longer than %d bytes", SCHEMA_TEXT_MAX);
    bytes_done(&text);
    return good;
}

static bool add_check(Draft *d, const AstConstraint *c, Err *err)
{
    Expr *bound;
    TableDef *def = d->def;
    Arena *mem = d->run->mem;
    if (!plan_bind_expr(&bound, c->expr, def, type_of(TYPE_BOOLEAN), query_names(d->run), mem, err))
        return false;
    Mentioned m = {def, -1, 0};
    ast_expr_walk(c->expr, mention, &m);
    uint16_t column = (uint16_t)m.column;
    CheckDef check = {0};
    if (!constraint_name(d, c, &column, m.count == 1 ? 1 : 0, "check", &check.name, err) ||
        !ddl_expr_text(d->run, c->expr, &check.text, err))
        return false;
    def->check[def->check_count++] = check;
    return true;
}

// ---- FOREIGN KEY ----

static KeyAction key_action(AstKeyAction a)
{
    static const KeyAction actions[] = {
        [AST_KEY_NO_ACTION] = KEY_NO_ACTION,     [AST_KEY_RESTRICT] = KEY_RESTRICT,
        [AST_KEY_CASCADE] = KEY_CASCADE,         [AST_KEY_SET_NULL] = KEY_SET_NULL,
        [AST_KEY_SET_DEFAULT] = KEY_SET_DEFAULT,
    };
    return actions[a];
}

static bool parent_of(Draft *d, const AstConstraint *c, const TableDef **out, Err *err)
{
    Str name = ast_path_name(&c->parent), database;
    SearchPath search;
    SearchPlace place[SEARCH_PLACES_MAX];
    session_search(d->run->session, &search);
    bool self = false, other = false;
    uint32_t n = str_equal(name, d->def->name) ? search_places(&search, &c->parent, place) : 0;
    for (uint32_t i = 0; i < n && !self && !other; i++) { // the table itself is not there yet
        self = str_equal(place[i].database, d->def->database) && str_equal(place[i].schema, d->def->schema);
        other = !self && transaction_table_in(search.transaction, place[i].database, place[i].schema, name);
    }
    *out = d->def;
    if (self) return true;
    Table *t;
    if (!ddl_database(d->run, &c->parent, &database, err)) return false;
    if (!str_equal(database, d->def->database))
        return ddl_unsupported(c->parent.at, "a foreign key to another database", err);
    if (!ddl_table(d->run, &c->parent, false, &t, err)) return false;
    *out = table_def(t);
    AccessThing of;
    access_of_table(d->run->session, *out, d->run->mem, &of);
    return access_need(d->run->session, &of, RIGHT_REFERENCES, err);
}

static bool parent_columns(const AstConstraint *c, const TableDef *parent, ForeignKeyDef *key, Err *err)
{
    uint16_t count;
    if (c->parent_columns.count) {
        if (!columns_of(parent, &c->parent_columns, key->parent_column, &count, err)) return false;
    } else {
        const IndexDef *primary = schema_primary(parent);
        if (!primary)
            return err_set_at(err, "42704", c->parent.at,
                              "there is no primary key for referenced table \"%.*s\"", STR_ARG(parent->name));
        count = primary->column_count;
        memcpy(key->parent_column, primary->column, sizeof key->parent_column);
    }
    if (count != key->column_count)
        return err_set_at(err, "42830", c->at,
                          "number of referencing and referenced columns for foreign key disagree");
    if (schema_unique_on(parent, key->parent_column, count)) return true;
    return err_set_at(err, "42830", c->parent.at,
                      "there is no unique constraint matching given keys for referenced table \"%.*s\"",
                      STR_ARG(parent->name));
}

static bool key_types(const Draft *d, const AstConstraint *c, const TableDef *parent,
                      const ForeignKeyDef *key, Err *err)
{
    for (uint16_t i = 0; i < key->column_count; i++) {
        const ColumnDef *a = &d->def->column[key->column[i]], *b = &parent->column[key->parent_column[i]];
        Type common;
        bool fits =
            type_common(a->type, b->type, &common) && cast_exists(a->type.id, b->type.id, CAST_ASSIGNMENT);
        if (fits) continue;
        Str at = type_text(a->type, d->run->mem), bt = type_text(b->type, d->run->mem);
        return err_set_at(
            err, SQLSTATE_TYPE_MISMATCH, c->at,
            "foreign key: columns \"%.*s\" and \"%.*s\" are of incompatible types: %.*s and %.*s",
            STR_ARG(a->name), STR_ARG(b->name), STR_ARG(at), STR_ARG(bt));
    }
    return true;
}

Str ddl_foreign_index_name(const TableDef *def, const ForeignKeyDef *key, Arena *mem)
{
    Str name = arena_printf(mem, "%.*s.%.*s", STR_ARG(def->name), STR_ARG(key->name));
    if (name.len > AST_NAME_MAX) name.len = AST_NAME_MAX;
    return name;
}

bool ddl_is_foreign_index(const TableDef *def, const IndexDef *index)
{
    size_t dot = str_find_byte(index->name, '.', 0);
    if (dot == SIZE_MAX || index->constraint) return false;
    Str tail = str_slice(index->name, dot + 1, index->name.len);
    for (uint16_t i = 0; i < def->foreign_key_count; i++)
        if (str_starts(def->foreign_key[i].name, tail)) return true;
    return false;
}

static bool has_index_on(const TableDef *def, const ForeignKeyDef *key)
{
    for (uint16_t i = 0; i < def->index_count; i++) {
        const IndexDef *x = &def->index[i];
        bool exact = x->column_count == key->column_count;
        if (x->column_count < key->column_count || (!exact && x->kind == INDEX_HASH)) continue;
        if (memcmp(x->column, key->column, key->column_count * sizeof key->column[0]) == 0) return true;
    }
    return false;
}

// ON DELETE SET NULL (a, b): some columns of the key.
static bool set_columns(const Draft *d, const AstConstraint *c, ForeignKeyDef *key, Err *err)
{
    if (!columns_of(d->def, &c->set_columns, key->set_column, &key->set_count, err)) return false;
    for (uint16_t i = 0; i < key->set_count; i++) {
        bool inside = false;
        for (uint16_t k = 0; k < key->column_count; k++) inside |= key->column[k] == key->set_column[i];
        if (!inside)
            return err_set_at(
                err, "42P10", c->set_columns.at[i].at,
                "column \"%.*s\" referenced in ON DELETE SET action must be part of foreign key",
                STR_ARG(c->set_columns.at[i].text));
    }
    return true;
}

static bool add_foreign_key(Draft *d, const AstConstraint *c, int column, Err *err)
{
    TableDef *def = d->def;
    const TableDef *parent = NULL;
    ForeignKeyDef key = {.on_delete = key_action(c->on_delete), .on_update = key_action(c->on_update)};
    if (!own_columns(d, c, column, key.column, &key.column_count, err) || !parent_of(d, c, &parent, err) ||
        !parent_columns(c, parent, &key, err) || !key_types(d, c, parent, &key, err) ||
        !constraint_name(d, c, key.column, key.column_count, "fkey", &key.name, err))
        return false;
    key.deferrable = c->deferrable;
    key.deferred = c->deferred;
    key.match_full = c->match_full;
    if (!set_columns(d, c, &key, err)) return false;
    key.parent_id = parent == def && !d->old ? 0 : parent->id;
    def->foreign_key[def->foreign_key_count++] = key;
    if (has_index_on(def, &key)) return true;
    IndexDef index = {.kind = INDEX_HASH,
                      .column_count = key.column_count,
                      .name = ddl_foreign_index_name(def, &key, d->run->mem)};
    memcpy(index.column, key.column, sizeof index.column);
    def->index[def->index_count++] = index;
    return true;
}

// ---- of columns ----

static bool set_default(Draft *d, const AstConstraint *c, int column, Err *err)
{
    ColumnDef *col = &d->def->column[column];
    Expr *bound;
    if (col->default_text.at || col->identity)
        return err_set_at(err, SQLSTATE_SYNTAX, c->at,
                          "multiple default values specified for column \"%.*s\" of table \"%.*s\"",
                          STR_ARG(col->name), STR_ARG(d->def->name));
    if (col->generated.at)
        return err_set_at(
            err, SQLSTATE_SYNTAX, c->at,
            "both default and generation expression specified for column \"%.*s\" of table \"%.*s\"",
            STR_ARG(col->name), STR_ARG(d->def->name));
    if (c->expr->kind == AST_NULL) return true;
    if (!plan_bind_expr(&bound, c->expr, NULL, col->type, query_names(d->run), d->run->mem, err))
        return false;
    ddl_sequence_names(d->run, c->expr);
    return ddl_expr_text(d->run, c->expr, &col->default_text, err);
}

typedef struct Generated {
    const TableDef *def;
    Str other; // a generated column that is named
    bool volatiles;
} Generated;

static bool names_generated(const AstExpr *e, void *arg)
{
    Generated *g = arg;
    int at = e->kind == AST_COLUMN ? schema_column(g->def, ast_path_name(e->path)) : -1;
    if (at >= 0 && g->def->column[at].generated.at) g->other = g->def->column[at].name;
    return true;
}

static bool changes_by_itself(Expr *e, void *arg)
{
    Generated *g = arg;
    if (e->kind == EXPR_CALL && e->function->flags & (FUNCTION_VOLATILE | FUNCTION_STABLE))
        g->volatiles = true;
    return true;
}

static bool set_generated(Draft *d, const AstConstraint *c, int column, Err *err)
{
    ColumnDef *col = &d->def->column[column];
    Expr *bound;
    Arena *mem = d->run->mem;
    if (col->default_text.at || col->identity)
        return err_set_at(err, SQLSTATE_SYNTAX, c->at,
                          "both %s and generation expression specified for column \"%.*s\" of table \"%.*s\"",
                          col->identity ? "identity" : "default", STR_ARG(col->name), STR_ARG(d->def->name));
    if (!ddl_expr_text(d->run, c->expr, &col->generated, err)) return false;
    Generated g = {.def = d->def};
    ast_expr_walk(c->expr, names_generated, &g);
    if (g.other.len) {
        err_set_at(err, "42P17", c->expr->at,
                   "cannot use generated column \"%.*s\" in column generation expression", STR_ARG(g.other));
        return err_note(err, "A generated column cannot reference another generated column.");
    }
    if (!plan_bind_expr(&bound, c->expr, d->def, type_of(TYPE_NULL), query_names(d->run), mem, err))
        return false;
    expr_walk(bound, changes_by_itself, &g);
    if (g.volatiles) return err_set_at(err, "42P17", c->expr->at, "generation expression is not immutable");
    return plan_bind_expr(&bound, c->expr, d->def, col->type, query_names(d->run), mem, err);
}

static bool set_identity(Draft *d, const AstConstraint *c, int column, Err *err)
{
    ColumnDef *col = &d->def->column[column];
    if (!type_is_integer(col->type.id))
        return err_set_at(err, "22023", c->at, "identity column type must be smallint, integer, or bigint");
    if (col->default_text.at)
        return err_set_at(err, SQLSTATE_SYNTAX, c->at,
                          "both default and identity specified for column \"%.*s\" of table \"%.*s\"",
                          STR_ARG(col->name), STR_ARG(d->def->name));
    col->not_null = true;
    col->identity = !c->generated;
    if (!c->generated) return true;
    col->numbering = c->always ? COLUMN_ALWAYS : COLUMN_BY_DEFAULT;
    return ddl_sequence_of_column(d, column, &c->sequence, err);
}

bool ddl_constraint(Draft *d, const AstConstraint *c, int column, Err *err)
{
    switch (c->kind) {
    case AST_CONSTRAINT_NOT_NULL: d->def->column[column].not_null = true; return true;
    case AST_CONSTRAINT_NULL:
        if (!d->def->column[column].not_null) return true;
        return err_set_at(err, SQLSTATE_SYNTAX, c->at,
                          "conflicting NULL/NOT NULL declarations for column \"%.*s\" of table \"%.*s\"",
                          STR_ARG(d->def->column[column].name), STR_ARG(d->def->name));
    case AST_CONSTRAINT_DEFAULT: return set_default(d, c, column, err);
    case AST_CONSTRAINT_IDENTITY: return set_identity(d, c, column, err);
    case AST_CONSTRAINT_GENERATED: return set_generated(d, c, column, err);
    case AST_CONSTRAINT_PRIMARY:
    case AST_CONSTRAINT_UNIQUE: return add_unique(d, c, column, err);
    case AST_CONSTRAINT_CHECK: return add_check(d, c, err);
    case AST_CONSTRAINT_FOREIGN_KEY: return add_foreign_key(d, c, column, err);
    case AST_CONSTRAINT_EXCLUDE: break;
    }
    return ddl_unsupported(c->at, "an EXCLUDE constraint", err);
}
