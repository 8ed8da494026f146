// DDL: what goes with a thing that is dropped: parts go without a word, others only with CASCADE. Messages as
// PostgreSQL words them.
#include "engine/db/ddl_object.h"

#include <stdio.h>
#include <string.h>

enum { DEPEND_MAX = 100000, DEPEND_NOTES_MAX = 16 };

static bool has(const DependList *l, uint64_t id)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (l->at[i].id == id) return true;
    return false;
}

static bool add(Run *run, DependList *l, DependThing thing)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (l->at[i].id != thing.id) continue;
        l->at[i].asked |= thing.asked;
        l->at[i].part &= thing.part;
        return false;
    }
    if (l->count == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 16;
        DependThing *grown = arena_array(run->mem, DependThing, l->cap);
        if (l->count) memcpy(grown, l->at, l->count * sizeof *grown);
        l->at = grown;
    }
    l->at[l->count++] = thing;
    return true;
}

bool depend_add_table(Run *run, DependList *l, const TableDef *def, bool asked, bool part)
{
    if (has(l, def->id)) return add(run, l, (DependThing){.id = def->id, .asked = asked, .part = part});
    return add(
        run, l,
        (DependThing){.id = def->id, .table = schema_copy(def, run->mem), .asked = asked, .part = part});
}

bool depend_add_object(Run *run, DependList *l, const ObjectDef *def, bool asked, bool part)
{
    return add(run, l, (DependThing){.id = def->id, .object = def, .asked = asked, .part = part});
}

// ---- words ----

static Str shown_name(Run *run, Str database, Str schema, Str name)
{
    SearchPath search;
    session_search(run->session, &search);
    if (search_is_visible(&search, database, schema, name)) return name;
    if (str_starts(schema, STR("pg_temp"))) schema = STR("pg_temp");
    return arena_printf(run->mem, "%.*s.%.*s", STR_ARG(schema), STR_ARG(name));
}

static const char *word_of(const ObjectDef *o)
{
    switch (o->kind) {
    case OBJECT_ENUM:
    case OBJECT_DOMAIN: return "type";
    case OBJECT_MATERIALIZED_VIEW: return "materialized view";
    default: return object_kind_name(o->kind);
    }
}

Str depend_text(Run *run, const DependThing *t)
{
    if (t->table) {
        Str name = shown_name(run, t->table->database, t->table->schema, t->table->name);
        return arena_printf(run->mem, "%s %.*s", t->table->materialized ? "materialized view" : "table",
                            STR_ARG(name));
    }
    const ObjectDef *o = t->object;
    if (o->kind == OBJECT_SCHEMA) return arena_printf(run->mem, "schema %.*s", STR_ARG(o->name));
    if (o->kind == OBJECT_TRIGGER) {
        Table *table = transaction_table_by_id(run->session->transaction, o->parent);
        Str on = table ? table_def(table)->name : STR("?");
        return arena_printf(run->mem, "trigger %.*s on table %.*s", STR_ARG(o->name), STR_ARG(on));
    }
    Str name = o->kind == OBJECT_FUNCTION ? o->name : shown_name(run, o->database, o->schema, o->name);
    return arena_printf(run->mem, "%s %.*s", word_of(o), STR_ARG(name));
}

// ---- gathering ----

// What stands in the way, or goes too: "view v depends on table t".
typedef struct Gather {
    Run *run;
    DependList *list;
    uint32_t told;
    Str too[DEPEND_NOTES_MAX], why[DEPEND_NOTES_MAX];
} Gather;

static void tell(Gather *g, Str what, Str on)
{
    if (g->told < DEPEND_NOTES_MAX) {
        g->too[g->told] = what;
        g->why[g->told] = arena_printf(g->run->mem, "%.*s depends on %.*s", STR_ARG(what), STR_ARG(on));
    }
    g->told++;
}

static void gather_schema(Gather *g, const ObjectDef *schema)
{
    Transaction *t = g->run->session->transaction;
    const TableDef **def;
    const ObjectDef **object;
    size_t n = transaction_tables(t, schema->database, g->run->mem, &def);
    for (size_t i = 0; i < n; i++)
        if (str_equal(def[i]->schema, schema->name)) depend_add_table(g->run, g->list, def[i], false, false);
    n = transaction_object_list(t, OBJECT_ANY, schema->database, g->run->mem, &object);
    for (size_t i = 0; i < n; i++) {
        const ObjectDef *o = object[i];
        if (!str_equal(o->schema, schema->name)) continue;
        bool part = o->parent != 0;
        if (o->kind != OBJECT_MATERIALIZED_VIEW) depend_add_object(g->run, g->list, o, false, part);
    }
}

// A materialized view is dropped as a table, and its text as part of that.
static void gather_dependent(Gather *g, const ObjectDef *o, uint64_t on)
{
    bool owned = o->kind == OBJECT_SEQUENCE && object_field(o, "column").at;
    bool part = o->parent == on || owned;
    if (o->kind == OBJECT_MATERIALIZED_VIEW && !part) {
        Table *table = transaction_table_by_id(g->run->session->transaction, o->parent);
        if (table) depend_add_table(g->run, g->list, table_def(table), false, false);
        return;
    }
    depend_add_object(g->run, g->list, o, false, part);
}

static void gather(Gather *g)
{
    for (uint32_t i = 0; i < g->list->count && i < DEPEND_MAX; i++) {
        const DependThing thing = g->list->at[i];
        uint32_t before = g->list->count;
        if (thing.object && thing.object->kind == OBJECT_SCHEMA) gather_schema(g, thing.object);
        const ObjectDef **o;
        size_t n = transaction_object_dependents(g->run->session->transaction, thing.id, g->run->mem, &o);
        for (size_t k = 0; k < n; k++) gather_dependent(g, o[k], thing.id);
        for (uint32_t k = before; k < g->list->count; k++)
            if (!g->list->at[k].part && !g->list->at[k].asked)
                tell(g, depend_text(g->run, &g->list->at[k]), depend_text(g->run, &thing));
    }
}

// Foreign keys of tables that stay.
static void gather_keys(Gather *g, const TableDef *def)
{
    const TableDef **child;
    size_t n = transaction_children(g->run->session->transaction, def->id, g->run->mem, &child);
    for (size_t i = 0; i < n; i++) {
        if (has(g->list, child[i]->id)) continue;
        for (uint16_t k = 0; k < child[i]->foreign_key_count; k++) {
            const ForeignKeyDef *key = &child[i]->foreign_key[k];
            if (key->parent_id != def->id) continue;
            DependThing on = {.table = def}, of = {.table = child[i]};
            Str what = arena_printf(g->run->mem, "constraint %.*s on %.*s", STR_ARG(key->name),
                                    STR_ARG(depend_text(g->run, &of)));
            tell(g, what, depend_text(g->run, &on));
        }
    }
}

static bool uses(const ColumnDef *c, Str call)
{
    return c->default_text.at && str_find(c->default_text, call, 0) != SIZE_MAX;
}

// Defaults that count with a sequence, in tables that stay.
static void gather_defaults(Gather *g, const ObjectDef *sequence)
{
    const TableDef **def;
    Str call = ddl_sequence_call(g->run->mem, sequence);
    size_t n = transaction_tables(g->run->session->transaction, sequence->database, g->run->mem, &def);
    for (size_t i = 0; i < n; i++)
        for (uint16_t c = 0; !has(g->list, def[i]->id) && c < def[i]->column_count; c++) {
            if (!uses(&def[i]->column[c], call)) continue;
            DependThing on = {.object = sequence}, of = {.table = def[i]};
            Str what = arena_printf(g->run->mem, "default value for column %.*s of %.*s",
                                    STR_ARG(def[i]->column[c].name), STR_ARG(depend_text(g->run, &of)));
            tell(g, what, depend_text(g->run, &on));
        }
}

// ---- dropping ----

static bool refuse(Gather *g, int64_t at, Err *err)
{
    const DependThing *first = g->list->at;
    uint32_t asked = 0;
    for (uint32_t i = 0; i < g->list->count; i++) {
        if (!g->list->at[i].asked) continue;
        if (!asked++) first = &g->list->at[i];
    }
    if (asked > 1)
        err_set_at(err, "2BP01", at, "cannot drop desired object(s) because other objects depend on them");
    else
        err_set_at(err, "2BP01", at, "cannot drop %.*s because other objects depend on it",
                   STR_ARG(depend_text(g->run, first)));
    for (uint32_t i = 0; i < g->told && i < DEPEND_NOTES_MAX; i++) err_note(err, "%.*s", STR_ARG(g->why[i]));
    return err_hint(err, "Use DROP ... CASCADE to drop the dependent objects too.");
}

static void tell_cascade(const Gather *g)
{
    if (g->told == 1) statement_notice(g->run, "drop cascades to %.*s", STR_ARG(g->too[0]));
    if (g->told < 2) return;
    Str text = arena_printf(g->run->mem, "drop cascades to %u other objects", (unsigned)g->told);
    for (uint32_t i = 0; i < g->told && i < DEPEND_NOTES_MAX; i++)
        text = arena_printf(g->run->mem, "%.*s%sdrop cascades to %.*s", STR_ARG(text),
                            i ? "\n" : "\nDETAIL:  ", STR_ARG(g->too[i]));
    statement_notice(g->run, "%.*s", STR_ARG(text));
}

void ddl_cut_foreign_keys(Draft *d, uint64_t parent)
{
    uint16_t kept = 0;
    for (uint16_t i = 0; i < d->def->foreign_key_count; i++)
        if (d->def->foreign_key[i].parent_id != parent) d->def->foreign_key[kept++] = d->def->foreign_key[i];
    d->def->foreign_key_count = kept;
}

static bool cut_keys(Run *run, const TableDef *def, const DependList *l, Err *err)
{
    const TableDef **child;
    Transaction *t = run->session->transaction;
    size_t n = transaction_children(t, def->id, run->mem, &child);
    for (size_t i = 0; i < n; i++) {
        if (has(l, child[i]->id)) continue;
        Draft d;
        Table *table = transaction_table_by_id(t, child[i]->id);
        if (!table) continue;
        ddl_draft_of(&d, run, child[i], 0);
        ddl_cut_foreign_keys(&d, def->id);
        if (!transaction_alter_table(t, table, d.def, err)) return false;
    }
    return true;
}

static bool cut_defaults(Run *run, const ObjectDef *sequence, const DependList *l, Err *err)
{
    const TableDef **def;
    Transaction *t = run->session->transaction;
    Str call = ddl_sequence_call(run->mem, sequence);
    size_t n = transaction_tables(t, sequence->database, run->mem, &def);
    for (size_t i = 0; i < n; i++) {
        Draft d;
        bool found = false;
        if (has(l, def[i]->id)) continue;
        ddl_draft_of(&d, run, def[i], 0);
        for (uint16_t c = 0; c < d.def->column_count; c++)
            if (uses(&d.def->column[c], call)) d.def->column[c].default_text = STR_NONE, found = true;
        if (found && !transaction_alter_table(t, transaction_table_by_id(t, def[i]->id), d.def, err))
            return false;
    }
    return true;
}

static bool drop_one(Run *run, const DependThing *thing, const DependList *l, Err *err)
{
    Transaction *t = run->session->transaction;
    if (thing->table) {
        Table *table = transaction_table_by_id(t, thing->id);
        if (!cut_keys(run, thing->table, l, err)) return false;
        return !table || transaction_drop_table(t, table, err);
    }
    if (thing->object->kind == OBJECT_SEQUENCE && !cut_defaults(run, thing->object, l, err)) return false;
    return transaction_object_drop(t, thing->id, err);
}

bool depend_drop(Run *run, DependList *l, bool cascade, int64_t at, Err *err)
{
    Gather g = {.run = run, .list = l};
    gather(&g);
    for (uint32_t i = 0; i < l->count; i++) {
        if (l->at[i].table) gather_keys(&g, l->at[i].table);
        if (l->at[i].object && l->at[i].object->kind == OBJECT_SEQUENCE) gather_defaults(&g, l->at[i].object);
    }
    if (g.told && !cascade) return refuse(&g, at, err);
    tell_cascade(&g);
    for (uint32_t i = l->count; i-- > 0;) { // what depends comes before what it depends on
        if (drop_one(run, &l->at[i], l, err)) continue;
        if (err->at < 0) err->at = at;
        return false;
    }
    if (l->count) ddl_changed(run);
    return true;
}

static bool uses_column(Run *run, const ObjectDef *o, const TableDef *def, uint16_t column)
{
    Str field = arena_printf(run->mem, "uses %llu %u", (unsigned long long)def->id, schema_slot(def, column));
    return object_field(o, arena_cstr(run->mem, field)).at != NULL;
}

// The view, or the table of a materialized one.
static bool thing_of(Run *run, const ObjectDef *o, DependThing *out)
{
    *out = (DependThing){.object = o, .id = o->id};
    if (o->kind != OBJECT_MATERIALIZED_VIEW) return true;
    Table *table = transaction_table_by_id(run->session->transaction, o->parent);
    if (table) *out = (DependThing){.table = table_def(table), .id = o->parent};
    return table != NULL;
}

Str depend_view_of(Run *run, const TableDef *def, uint16_t column)
{
    const ObjectDef **o;
    DependThing thing;
    size_t n = transaction_object_dependents(run->session->transaction, def->id, run->mem, &o);
    for (size_t i = 0; i < n; i++)
        if (uses_column(run, o[i], def, column) && thing_of(run, o[i], &thing))
            return depend_text(run, &thing);
    return STR_NONE;
}

bool depend_on_column(Run *run, const TableDef *def, uint16_t column, bool cascade, int64_t at, Err *err)
{
    const ObjectDef **o;
    DependList l = {0};
    Str what = arena_printf(run->mem, "column %.*s of table %.*s", STR_ARG(def->column[column].name),
                            STR_ARG(def->name));
    size_t n = transaction_object_dependents(run->session->transaction, def->id, run->mem, &o);
    for (size_t i = 0; i < n; i++) {
        DependThing thing;
        bool counts = o[i]->kind == OBJECT_SEQUENCE &&
                      str_equal(object_field(o[i], "column"), def->column[column].name);
        if (counts && !transaction_object_drop(run->session->transaction, o[i]->id, err)) return false;
        if (counts || !uses_column(run, o[i], def, column) || !thing_of(run, o[i], &thing)) continue;
        if (thing.table)
            depend_add_table(run, &l, thing.table, true, false);
        else
            depend_add_object(run, &l, thing.object, true, false);
        Str text = depend_text(run, &thing);
        if (cascade) {
            statement_notice(run, "drop cascades to %.*s", STR_ARG(text));
            continue;
        }
        err_set_at(err, "2BP01", at, "cannot drop %.*s because other objects depend on it", STR_ARG(what));
        err_note(err, "%.*s depends on %.*s", STR_ARG(text), STR_ARG(what));
        return err_hint(err, "Use DROP ... CASCADE to drop the dependent objects too.");
    }
    return l.count == 0 || depend_drop(run, &l, true, at, err);
}
