// Schema: looking things up in a definition, and copying it. Linear: tables have tens of columns.
#include "engine/store/schema.h"

#include <string.h>

int schema_column(const TableDef *t, Str name)
{
    for (uint16_t i = 0; i < t->column_count; i++)
        if (str_equal(t->column[i].name, name)) return i;
    return -1;
}

const IndexDef *schema_primary(const TableDef *t)
{
    for (uint16_t i = 0; i < t->index_count; i++)
        if (t->index[i].primary) return &t->index[i];
    return NULL;
}

static bool has_columns(const IndexDef *x, const uint16_t *column, uint16_t count)
{
    for (uint16_t i = 0; i < count; i++) {
        bool found = false;
        for (uint16_t k = 0; k < x->column_count && !found; k++) found = x->column[k] == column[i];
        if (!found) return false;
    }
    return x->column_count == count;
}

const IndexDef *schema_unique_on(const TableDef *t, const uint16_t *column, uint16_t count)
{
    const IndexDef *best = NULL;
    for (uint16_t i = 0; i < t->index_count; i++) {
        const IndexDef *x = &t->index[i];
        if (!x->unique || x->predicate || !has_columns(x, column, count)) continue;
        if (x->primary) return x;
        if (!best || (x->kind == INDEX_HASH && best->kind != INDEX_HASH)) best = x;
    }
    return best;
}

static bool index_needs(const IndexDef *x, uint16_t column)
{
    bool needs = x->predicate == column + 1;
    for (uint16_t i = 0; i < x->column_count; i++) needs |= x->column[i] == column;
    return needs;
}

static void index_shift(IndexDef *x, uint16_t column)
{
    if (x->predicate > column + 1) x->predicate--;
    for (uint16_t i = 0; i < x->column_count; i++)
        if (x->column[i] > column) x->column[i]--;
}

void schema_drop_hidden(TableDef *t)
{
    for (uint16_t c = schema_stored(t); c > t->column_count; c--) {
        uint16_t at = (uint16_t)(c - 1);
        bool needed = false;
        for (uint16_t i = 0; i < t->index_count; i++) needed |= index_needs(&t->index[i], at);
        if (needed) continue;
        for (uint16_t i = 0; i < t->index_count; i++) index_shift(&t->index[i], at);
        for (uint16_t i = at; i + 1 < schema_stored(t); i++) t->column[i] = t->column[i + 1];
        t->hidden_count--;
    }
}

static void copy_columns(TableDef *to, Arena *mem)
{
    ColumnDef *column = arena_array(mem, ColumnDef, schema_stored(to));
    for (uint16_t i = 0; i < schema_stored(to); i++) {
        column[i] = to->column[i];
        column[i].name = arena_copy(mem, to->column[i].name);
        if (to->column[i].default_text.at)
            column[i].default_text = arena_copy(mem, to->column[i].default_text);
        if (to->column[i].generated.at) column[i].generated = arena_copy(mem, to->column[i].generated);
        if (to->column[i].missing.at) column[i].missing = arena_copy(mem, to->column[i].missing);
    }
    to->column = column;
}

static void copy_indexes(TableDef *to, Arena *mem)
{
    IndexDef *index = arena_array(mem, IndexDef, to->index_count);
    for (uint16_t i = 0; i < to->index_count; i++) {
        index[i] = to->index[i];
        index[i].name = arena_copy(mem, to->index[i].name);
    }
    to->index = index;
}

static void copy_constraints(TableDef *to, Arena *mem)
{
    ForeignKeyDef *key = arena_array(mem, ForeignKeyDef, to->foreign_key_count);
    for (uint16_t i = 0; i < to->foreign_key_count; i++) {
        key[i] = to->foreign_key[i];
        key[i].name = arena_copy(mem, to->foreign_key[i].name);
    }
    CheckDef *check = arena_array(mem, CheckDef, to->check_count);
    for (uint16_t i = 0; i < to->check_count; i++) {
        check[i] = to->check[i];
        check[i].name = arena_copy(mem, to->check[i].name);
        check[i].text = arena_copy(mem, to->check[i].text);
    }
    to->foreign_key = key;
    to->check = check;
}

TableDef *schema_copy(const TableDef *t, Arena *mem)
{
    TableDef *copy = arena_new(mem, TableDef);
    *copy = *t;
    copy->database = arena_copy(mem, t->database);
    copy->schema = arena_copy(mem, t->schema.len ? t->schema : SCHEMA_PUBLIC);
    copy->name = arena_copy(mem, t->name);
    copy_columns(copy, mem);
    copy_indexes(copy, mem);
    copy_constraints(copy, mem);
    return copy;
}
