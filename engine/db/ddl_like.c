// DDL: CREATE TABLE … (LIKE t INCLUDING …): the columns of another table, and what was asked for of the rest.
#include "engine/db/ddl_object.h"

#include <string.h>

static bool including(const AstLike *like, const char *what)
{
    for (uint32_t i = 0; i < like->include.count; i++)
        if (str_equal(like->include.at[i].text, STR("all")) ||
            str_equal(like->include.at[i].text, str_of(what)))
            return true;
    return false;
}

bool ddl_like_columns(Draft *d, const AstLike *like, Err *err)
{
    SearchFound found;
    if (!ddl_relation(d->run, &like->table, &found))
        return err_set_at(err, SQLSTATE_UNDEFINED_TABLE, like->table.at, "relation \"%.*s\" does not exist",
                          STR_ARG(ddl_path_text(d->run, &like->table)));
    if (!found.table) return ddl_unsupported(like->at, "LIKE a view", err);
    const TableDef *from = table_def(found.table);
    for (uint16_t i = 0; i < from->column_count; i++) {
        const ColumnDef *c = &from->column[i];
        if (schema_column(d->def, c->name) >= 0)
            return err_set_at(err, "42701", like->at, "column \"%.*s\" specified more than once",
                              STR_ARG(c->name));
        if (d->def->column_count >= SCHEMA_COLUMNS_MAX)
            return err_set_at(err, "54011", like->at, "a table has at most %d columns", SCHEMA_COLUMNS_MAX);
        ColumnDef *own = &d->def->column[d->def->column_count++];
        *own = (ColumnDef){.name = c->name, .type = c->type, .not_null = c->not_null};
        if (including(like, "generated")) own->generated = c->generated;
        if (including(like, "defaults") && !c->numbering) own->default_text = c->default_text;
        if (including(like, "identity")) own->identity = c->identity;
        if (!including(like, "identity") || !c->numbering) continue;
        own->numbering = c->numbering;
        if (!ddl_sequence_of_column(d, d->def->column_count - 1, NULL, err)) return false;
    }
    return true;
}

uint32_t ddl_like_width(Run *run, const AstCreateTable *t, uint32_t *constraints)
{
    uint32_t columns = 0;
    for (uint32_t i = 0; i < t->likes; i++) {
        SearchFound found;
        if (!ddl_relation(run, &t->like[i].table, &found) || !found.table) continue;
        const TableDef *def = table_def(found.table);
        columns += schema_stored(def);
        *constraints += def->check_count + def->index_count;
    }
    return columns;
}

// The column of the new table that is like column c of `from`; hidden ones, which stand for an index's
// expressions, are taken over when they are first needed.
static uint16_t take_column(const Draft *d, const TableDef *from, uint16_t c)
{
    TableDef *def = d->def;
    if (c < from->column_count) return (uint16_t)schema_column(def, from->column[c].name);
    uint16_t own = def->column_count;
    while (own < schema_stored(def) && !str_equal(def->column[own].generated, from->column[c].generated))
        own++;
    if (own < schema_stored(def)) return own;
    def->column[own] = (ColumnDef){.name = arena_printf(d->run->mem, "\x1e%u", own),
                                   .type = from->column[c].type,
                                   .generated = from->column[c].generated};
    def->hidden_count++;
    return own;
}

static void take_columns(const Draft *d, const TableDef *from, const uint16_t *column, uint16_t count,
                         uint16_t *out)
{
    for (uint16_t i = 0; i < count; i++) out[i] = take_column(d, from, column[i]);
}

static void take_index(Draft *d, const TableDef *from, const IndexDef *index)
{
    IndexDef *own = &d->def->index[d->def->index_count];
    *own = *index;
    own->id = 0;
    take_columns(d, from, index->column, index->column_count, own->column);
    take_columns(d, from, index->include, index->include_count, own->include);
    if (index->predicate)
        own->predicate = (uint16_t)(take_column(d, from, (uint16_t)(index->predicate - 1)) + 1);
    const char *suffix = index->primary ? "pkey" : index->constraint ? "key" : "idx";
    own->name = ddl_constraint_name(d, own->column, index->primary ? 0 : own->column_count, suffix);
    d->def->index_count++;
}

bool ddl_like_rest(Draft *d, const AstLike *like, Err *err)
{
    SearchFound found;
    if (!ddl_relation(d->run, &like->table, &found) || !found.table) return !err_any(err);
    const TableDef *from = table_def(found.table);
    for (uint16_t i = 0; including(like, "constraints") && i < from->check_count; i++)
        d->def->check[d->def->check_count++] = from->check[i];
    for (uint16_t i = 0; including(like, "indexes") && i < from->index_count; i++)
        if (!ddl_is_foreign_index(from, &from->index[i])) take_index(d, from, &from->index[i]);
    return true;
}
