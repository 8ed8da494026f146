// Bind: what a name means: in this query, else in the one around it, and so outwards; and which name was
// meant when there is none. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

enum { NAME_DISTANCE_MAX = 3 };

Str bind_copy(Planner *p, Str s) { return arena_copy(p->mem, s); }

bool bind_unsupported(Planner *p, int64_t at, const char *feature)
{
    return err_set_at(p->err, SQLSTATE_UNSUPPORTED, at, "%s is not supported", feature);
}

Str bind_name_nearest(Str name, const Str *names, uint32_t count)
{
    Str best = STR_NONE;
    size_t best_distance = NAME_DISTANCE_MAX + 1;
    for (uint32_t i = 0; i < count; i++) {
        size_t d = str_distance(name, names[i]);
        if (!names[i].len || d >= best_distance || d * 2 > name.len) continue;
        best_distance = d;
        best = names[i];
    }
    return best;
}

ColumnId bind_name_find(const Scope *s, Str name, bool *ambiguous)
{
    ColumnId found = COLUMN_NONE;
    *ambiguous = false;
    for (uint32_t i = 0; i < s->columns; i++) {
        if (!str_equal(s->column[i].name, name)) continue;
        if (found != COLUMN_NONE) *ambiguous = true;
        found = s->column[i].id;
    }
    return found;
}

static ScopeRange *range_here(const Scope *s, const AstPath *path, uint32_t parts)
{
    Str alias = path->part[parts - 1].text;
    for (uint32_t i = 0; i < s->ranges; i++) {
        ScopeRange *r = s->range[i];
        if (!str_equal(r->alias, alias)) continue;
        if (parts < 2 || str_equal(r->schema, path->part[parts - 2].text)) return r;
    }
    return NULL;
}

static bool one_of_its_name(const Scope *s, const ScopeRange *range, unsigned parts)
{
    uint32_t same = 0;
    for (uint32_t i = 0; i < s->ranges; i++) same += str_equal(s->range[i]->alias, range->alias);
    return same == 1 || parts > 1;
}

ScopeRange *bind_range_find(Scope *s, const AstPath *path, uint32_t parts)
{
    for (Scope *here = s; here; here = here->outer) {
        ScopeRange *r = range_here(here, path, parts);
        if (r && one_of_its_name(here, r, parts)) return r;
        if (r) {
            err_set_at(s->p->err, "42P09", path->at, "table reference \"%.*s\" is ambiguous",
                       STR_ARG(r->alias));
            return NULL;
        }
    }
    for (uint32_t i = 0; i < s->ranges; i++) {
        const ScopeRange *r = s->range[i];
        if (!r->table || !str_equal(table_def(r->table->table)->name, path->part[parts - 1].text)) continue;
        err_set_at(s->p->err, SQLSTATE_UNDEFINED_TABLE, path->at,
                   "invalid reference to FROM-clause entry for table \"%.*s\"",
                   STR_ARG(path->part[parts - 1].text));
        err_hint(s->p->err, "Perhaps you meant to reference the table alias \"%.*s\".", STR_ARG(r->alias));
        return NULL;
    }
    err_set_at(s->p->err, SQLSTATE_UNDEFINED_TABLE, path->at, "missing FROM-clause entry for table \"%.*s\"",
               STR_ARG(path->part[parts - 1].text));
    return NULL;
}

static Expr *unknown_in_range(Scope *s, const ScopeRange *r, Str name, int64_t at)
{
    err_set_at(s->p->err, SQLSTATE_UNDEFINED_COLUMN, at, "column %.*s.%.*s does not exist", STR_ARG(r->alias),
               STR_ARG(name));
    Str near = bind_name_nearest(name, r->name, r->columns);
    if (near.len)
        err_hint(s->p->err, "Perhaps you meant to reference the column \"%.*s.%.*s\".", STR_ARG(r->alias),
                 STR_ARG(near));
    return NULL;
}

static bool has_range(Scope *s, const AstPath *path, uint32_t parts)
{
    for (Scope *here = s; here; here = here->outer)
        if (range_here(here, path, parts)) return true;
    return false;
}

// A table's rows all say the same.
static Expr *tableoid(Planner *p, const ScopeRange *r, int64_t at)
{
    return rel_constant(p, (Value){.type = type_of(TYPE_OID), .i64 = r->oid}, at);
}

static Expr *qualified(Scope *s, const AstPath *path, int64_t at)
{
    if (s->p->frame && !has_range(s, path, path->parts - 1)) {
        Expr *x = bind_frame_name(s->p, path, at);
        if (x || err_any(s->p->err)) return x;
    }
    ScopeRange *r = bind_range_find(s, path, path->parts - 1);
    if (!r) return NULL;
    Str name = path->part[path->parts - 1].text;
    ColumnId found = COLUMN_NONE;
    for (uint32_t i = 0; i < r->columns; i++) {
        if (!str_equal(r->name[i], name)) continue;
        if (found != COLUMN_NONE) {
            err_set_at(s->p->err, "42702", at, "column reference \"%.*s\" is ambiguous", STR_ARG(name));
            return NULL;
        }
        found = r->id[i];
    }
    if (found == COLUMN_NONE && r->oid && str_equal(name, STR("tableoid"))) return tableoid(s->p, r, at);
    if (found == COLUMN_NONE) return unknown_in_range(s, r, name, at);
    bind_permit_read(s, found);
    return rel_slot(s->p, found, at);
}

static Expr *unknown_bare(Scope *s, Str name, int64_t at)
{
    err_set_at(s->p->err, SQLSTATE_UNDEFINED_COLUMN, at, "column \"%.*s\" does not exist", STR_ARG(name));
    for (Scope *here = s; here; here = here->outer)
        for (uint32_t i = 0; i < here->ranges; i++) {
            const ScopeRange *r = here->range[i];
            Str near = bind_name_nearest(name, r->name, r->columns);
            if (!near.len) continue;
            err_hint(s->p->err, "Perhaps you meant to reference the column \"%.*s.%.*s\".", STR_ARG(r->alias),
                     STR_ARG(near));
            return NULL;
        }
    return NULL;
}

Expr *bind_column(Scope *s, const AstPath *path, int64_t at)
{
    if (path->parts > 1) return qualified(s, path, at);
    Str name = path->part[0].text;
    for (Scope *here = s; here; here = here->outer) {
        bool ambiguous;
        ColumnId id = bind_name_find(here, name, &ambiguous);
        if (ambiguous) {
            err_set_at(s->p->err, "42702", at, "column reference \"%.*s\" is ambiguous", STR_ARG(name));
            return NULL;
        }
        if (id != COLUMN_NONE) {
            bind_permit_read(here, id);
            return rel_slot(s->p, id, at);
        }
        ScopeRange *r = range_here(here, path, 1);
        if (r) bind_permit_read_range(here, r);
        if (r) return bind_whole_row(s->p, r, at);
    }
    Expr *x = bind_frame_name(s->p, path, at);
    if (!x && !err_any(s->p->err) && str_equal(name, STR("tableoid")) && s->ranges == 1 && s->range[0]->oid)
        return tableoid(s->p, s->range[0], at);
    return x || err_any(s->p->err) ? x : unknown_bare(s, name, at);
}

// Tables of two schemas may have one name, as long as nobody asks for it.
static bool apart(const ScopeRange *a, const ScopeRange *b)
{
    return a->schema.len && b->schema.len && !str_equal(a->schema, b->schema);
}

bool bind_range_add(Scope *s, ScopeRange *range, int64_t at)
{
    for (uint32_t i = 0; i < s->ranges && range->alias.len; i++)
        if (str_equal(s->range[i]->alias, range->alias) && !apart(s->range[i], range))
            return err_set_at(s->p->err, "42712", at, "table name \"%.*s\" specified more than once",
                              STR_ARG(range->alias));
    if (s->ranges == s->range_cap) {
        s->range_cap = s->range_cap ? s->range_cap * 2 : 8;
        ScopeRange **grown = arena_array(s->p->mem, ScopeRange *, s->range_cap);
        for (uint32_t i = 0; i < s->ranges; i++) grown[i] = s->range[i];
        s->range = grown;
    }
    s->range[s->ranges++] = range;
    return true;
}

void bind_scope_column_add(Scope *s, Str name, ColumnId id)
{
    if (s->columns == s->column_cap) {
        s->column_cap = s->column_cap ? s->column_cap * 2 : 16;
        ScopeColumn *grown = arena_array(s->p->mem, ScopeColumn, s->column_cap);
        for (uint32_t i = 0; i < s->columns; i++) grown[i] = s->column[i];
        s->column = grown;
    }
    s->column[s->columns++] = (ScopeColumn){name, id};
}
