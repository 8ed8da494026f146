// DDL: ALTER TABLE … ADD, DROP, VALIDATE CONSTRAINT.
#include "engine/db/ddl_alter_in.h"

static AlterPass pass_of(AstConstraintKind kind)
{
    switch (kind) {
    case AST_CONSTRAINT_PRIMARY:
    case AST_CONSTRAINT_UNIQUE:
    case AST_CONSTRAINT_EXCLUDE: return ALTER_PASS_INDEX;
    case AST_CONSTRAINT_CHECK: return ALTER_PASS_CHECK;
    case AST_CONSTRAINT_FOREIGN_KEY: return ALTER_PASS_FOREIGN;
    default: return ALTER_PASS_COLUMN;
    }
}

static void note_not_null(Alter *a, const bool *before)
{
    for (uint16_t i = 0; i < a->d.def->column_count; i++)
        a->not_null[i] |= a->d.def->column[i].not_null && !before[i];
}

// ADD PRIMARY KEY USING INDEX: the index becomes the constraint's and takes its name.
static bool adopt_index(Alter *a, const AstConstraint *c, Err *err)
{
    TableDef *def = a->d.def;
    bool primary = c->kind == AST_CONSTRAINT_PRIMARY;
    IndexDef *x = NULL;
    for (uint16_t i = 0; i < def->index_count; i++)
        if (str_equal(def->index[i].name, c->index.text)) x = &def->index[i];
    if (!x)
        return err_set_at(err, "42704", c->index.at, "index \"%.*s\" does not exist", STR_ARG(c->index.text));
    if (x->constraint)
        return err_set_at(err, "55000", c->index.at, "index \"%.*s\" is already associated with a constraint",
                          STR_ARG(x->name));
    if (!x->unique)
        return err_set_at(err, "42809", c->index.at, "\"%.*s\" is not a unique index", STR_ARG(x->name));
    if (primary && schema_primary(def))
        return err_set_at(err, "42P16", c->at, "multiple primary keys for table \"%.*s\" are not allowed",
                          STR_ARG(def->name));
    x->constraint = true;
    x->primary = primary;
    if (c->name.text.at) x->name = c->name.text;
    for (uint16_t i = 0; primary && i < x->column_count; i++) def->column[x->column[i]].not_null = true;
    return true;
}

bool alter_add_constraint(Alter *a, const AstConstraint *c, int column, AlterPass pass, Err *err)
{
    TableDef *def = a->d.def;
    if (pass_of(c->kind) != pass) return true;
    bool *before = arena_array(a->d.run->mem, bool, def->column_count + 1);
    for (uint16_t i = 0; i < def->column_count; i++) before[i] = def->column[i].not_null;
    uint16_t checks = def->check_count, keys = def->foreign_key_count;
    bool adopts = pass == ALTER_PASS_INDEX && c->index.text.at;
    if (!(adopts ? adopt_index(a, c, err) : ddl_constraint(&a->d, c, column, err))) return false;
    note_not_null(a, before);
    for (uint16_t i = checks; i < def->check_count; i++) def->check[i].not_valid = c->not_valid;
    for (uint16_t i = keys; i < def->foreign_key_count; i++) def->foreign_key[i].not_valid = c->not_valid;
    return true;
}

// ---- DROP ----

void alter_take_foreign_key(TableDef *def, uint16_t at, Arena *mem)
{
    Str index = ddl_foreign_index_name(def, &def->foreign_key[at], mem);
    uint16_t kept = 0;
    for (uint16_t k = 0; k < def->index_count; k++)
        if (!str_equal(def->index[k].name, index)) def->index[kept++] = def->index[k];
    def->index_count = kept;
    for (uint16_t i = at; i + 1 < def->foreign_key_count; i++) def->foreign_key[i] = def->foreign_key[i + 1];
    def->foreign_key_count--;
}

bool alter_cut_foreign_key(Run *run, const TableDef *child, Str name, Err *err)
{
    Draft d;
    Transaction *t = run->session->transaction;
    Table *table = transaction_table_by_id(t, child->id);
    if (!table) return true;
    ddl_draft_of(&d, run, table_def(table), 0);
    for (uint16_t i = 0; i < d.def->foreign_key_count; i++)
        if (str_equal(d.def->foreign_key[i].name, name)) {
            alter_take_foreign_key(d.def, i, run->mem);
            break;
        }
    statement_notice(run, "drop cascades to constraint %.*s on table %.*s", STR_ARG(name),
                     STR_ARG(child->name));
    return transaction_alter_table(t, table, d.def, err);
}

// Foreign keys that need this unique index: refused, or dropped by CASCADE.
static bool release_children(Alter *a, const IndexDef *index, const AstAlterAction *action, Err *err)
{
    const TableDef **child, *old = a->d.old;
    Run *run = a->d.run;
    size_t n = transaction_children(run->session->transaction, old->id, run->mem, &child);
    for (size_t i = 0; i < n; i++)
        for (uint16_t k = 0; k < child[i]->foreign_key_count; k++) {
            const ForeignKeyDef *key = &child[i]->foreign_key[k];
            if (key->parent_id != old->id) continue;
            const IndexDef *needed = schema_unique_on(old, key->parent_column, key->column_count);
            if (!needed || !str_equal(needed->name, index->name)) continue;
            if (!action->cascade) {
                err_set_at(err, "2BP01", action->at,
                           "cannot drop constraint %.*s on table %.*s because other objects depend on it",
                           STR_ARG(index->name), STR_ARG(old->name));
                err_note(err, "constraint %.*s on table %.*s depends on index %.*s", STR_ARG(key->name),
                         STR_ARG(child[i]->name), STR_ARG(index->name));
                return err_hint(err, "Use DROP ... CASCADE to drop the dependent objects too.");
            }
            if (child[i]->id != old->id) {
                if (!alter_cut_foreign_key(run, child[i], key->name, err)) return false;
                continue;
            }
            for (uint16_t o = 0; o < a->d.def->foreign_key_count; o++)
                if (str_equal(a->d.def->foreign_key[o].name, key->name)) {
                    alter_take_foreign_key(a->d.def, o, run->mem);
                    break;
                }
        }
    return true;
}

static bool drop_index_constraint(Alter *a, const AstAlterAction *action, bool *found, Err *err)
{
    TableDef *def = a->d.def;
    for (uint16_t i = 0; i < def->index_count; i++) {
        if (!def->index[i].constraint || !str_equal(def->index[i].name, action->name.text)) continue;
        const IndexDef gone = def->index[i];
        if (!release_children(a, &gone, action, err)) return false;
        uint16_t kept = 0;
        for (uint16_t k = 0; k < def->index_count; k++)
            if (!str_equal(def->index[k].name, gone.name)) def->index[kept++] = def->index[k];
        def->index_count = kept;
        *found = true;
        return true;
    }
    return true;
}

static void drop_check(TableDef *def, Str name, bool *found)
{
    uint16_t kept = 0;
    for (uint16_t i = 0; i < def->check_count; i++)
        if (!str_equal(def->check[i].name, name)) def->check[kept++] = def->check[i];
    *found |= kept < def->check_count;
    def->check_count = kept;
}

bool alter_drop_constraint(Alter *a, const AstAlterAction *action, Err *err)
{
    bool found = false;
    TableDef *def = a->d.def;
    if (!drop_index_constraint(a, action, &found, err)) return false;
    if (!found) drop_check(def, action->name.text, &found);
    for (uint16_t i = 0; !found && i < def->foreign_key_count; i++)
        if (str_equal(def->foreign_key[i].name, action->name.text)) {
            alter_take_foreign_key(def, i, a->d.run->mem);
            found = true;
        }
    if (found) return true;
    if (!action->if_exists)
        return err_set_at(err, "42704", action->name.at,
                          "constraint \"%.*s\" of relation \"%.*s\" does not exist",
                          STR_ARG(action->name.text), STR_ARG(def->name));
    statement_notice(a->d.run, "constraint \"%.*s\" of relation \"%.*s\" does not exist, skipping",
                     STR_ARG(action->name.text), STR_ARG(def->name));
    return true;
}

bool alter_validate(Alter *a, const AstAlterAction *action, Err *err)
{
    TableDef *def = a->d.def;
    Str name = action->name.text;
    for (uint16_t i = 0; i < def->check_count; i++)
        if (str_equal(def->check[i].name, name)) {
            def->check[i].not_valid = false;
            return true;
        }
    for (uint16_t i = 0; i < def->foreign_key_count; i++)
        if (str_equal(def->foreign_key[i].name, name)) {
            def->foreign_key[i].not_valid = false;
            return true;
        }
    for (uint16_t i = 0; i < def->index_count; i++)
        if (def->index[i].constraint && str_equal(def->index[i].name, name))
            return err_set_at(
                err, "42809", action->name.at,
                "constraint \"%.*s\" of relation \"%.*s\" is not a foreign key or check constraint",
                STR_ARG(name), STR_ARG(def->name));
    return err_set_at(err, "42704", action->name.at,
                      "constraint \"%.*s\" of relation \"%.*s\" does not exist", STR_ARG(name),
                      STR_ARG(def->name));
}
