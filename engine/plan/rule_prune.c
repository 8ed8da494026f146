// Rule: nodes make only the columns that somebody above reads: tables load fewer arrays, projections and
// groupings work out fewer expressions. Relies on rel_in.h.
#include "engine/plan/rel_in.h"

static void prune(Planner *p, Rel *r, const IdSet *needed);

static void read_place(Planner *p, Expr **place, void *arg) { rel_expr_ids(p, *place, arg); }

static void prune_table(Rel *r, const IdSet *needed)
{
    uint32_t kept = 0, stored = r->columns - (r->row_position ? 1 : 0);
    ColumnId position_id = r->row_position ? r->id[stored] : COLUMN_NONE;
    for (uint32_t i = 0; i < stored; i++) {
        if (!rel_set_has(needed, r->id[i])) continue;
        r->id[kept] = r->id[i];
        r->position[kept++] = r->position[i];
    }
    if (r->row_position) r->id[kept++] = position_id;
    r->columns = kept;
}

static void prune_project(Rel *r, const IdSet *needed)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->columns; i++) {
        if (!rel_set_has(needed, r->id[i]) && !rel_is_volatile(r->expr[i])) continue;
        r->id[kept] = r->id[i];
        r->expr[kept++] = r->expr[i];
    }
    r->columns = kept;
}

static void prune_values(Rel *r, const IdSet *needed)
{
    uint32_t kept = 0;
    for (uint32_t c = 0; c < r->columns; c++)
        if (rel_set_has(needed, r->id[c])) kept++;
    if (kept == r->columns || !r->row_count) return;
    for (uint32_t row = 0; row < r->row_count; row++) {
        uint32_t to = 0;
        for (uint32_t c = 0; c < r->columns; c++)
            if (rel_set_has(needed, r->id[c]))
                r->expr[(size_t)row * kept + to++] = r->expr[(size_t)row * r->columns + c];
    }
    uint32_t to = 0;
    for (uint32_t c = 0; c < r->columns; c++)
        if (rel_set_has(needed, r->id[c])) r->id[to++] = r->id[c];
    r->columns = kept;
}

// Group keys stay (they decide what a group is); calls nobody reads go.
static void prune_aggregate(Rel *r, const IdSet *needed)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->calls; i++) {
        ColumnId id = r->id[r->groups + i];
        if (!rel_set_has(needed, id)) continue;
        r->call[kept] = r->call[i];
        r->id[r->groups + kept++] = id;
    }
    for (uint32_t i = 0; i < r->groupings; i++) r->id[r->groups + kept + i] = r->id[r->groups + r->calls + i];
    r->calls = kept;
    r->columns = r->groups + kept + r->groupings;
}

// What only RETURNING would read goes from both sides; the operator reads the rest.
static void prune_write(Planner *p, Rel *r, const IdSet *needed)
{
    Rel *child = r->child[0];
    ColumnId *keep = arena_array(p->mem, ColumnId, child->columns + 1);
    ColumnId *id = arena_array(p->mem, ColumnId, child->columns + 1);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < child->columns; i++) {
        if (i >= r->write->fixed && !rel_set_has(needed, r->id[i])) continue;
        keep[kept] = child->id[i];
        id[kept++] = r->write->returning ? r->id[i] : COLUMN_NONE;
    }
    if (kept == child->columns || !(r->child[0] = rel_choose(p, child, kept, keep))) return;
    r->columns = kept;
    r->id = id;
}

// Calls that nobody reads go, and windows that no call is left in.
static void prune_window(Planner *p, Rel *r, const IdSet *needed)
{
    RelWindow *w = r->window;
    uint32_t kept = 0, windows = 0;
    uint32_t *number = arena_array(p->mem, uint32_t, w->windows + 1);
    bool *used = arena_array(p->mem, bool, w->windows + 1);
    for (uint32_t i = 0; i < w->calls; i++) {
        if (!rel_set_has(needed, w->id[i])) continue;
        used[w->call[i].window] = true;
        w->call[kept] = w->call[i];
        w->id[kept++] = w->id[i];
    }
    w->calls = kept;
    for (uint32_t i = 0; i < w->windows; i++) {
        number[i] = windows;
        if (used[i]) w->window[windows++] = w->window[i];
    }
    w->windows = windows;
    for (uint32_t i = 0; i < kept; i++) w->call[i].window = number[w->call[i].window];
}

static void all_columns(IdSet *into, const Rel *r)
{
    for (uint32_t i = 0; i < r->columns; i++) rel_set_add(into, r->id[i]);
}

static void prune(Planner *p, Rel *r, const IdSet *needed)
{
    IdSet below = rel_set_new(p);
    rel_set_union(&below, needed);
    switch (r->kind) {
    case REL_TABLE:
        rel_exprs(p, r, read_place, &below);
        prune_table(r, &below);
        return;
    case REL_VALUES: prune_values(r, needed); return;
    case REL_SYSTEM:
        if (r->columns) { // one stays: rows are counted by it
            if (rel_set_empty(needed)) rel_set_add(&below, r->id[0]);
            prune_table(r, &below);
        }
        return;
    case REL_PROJECT:
        prune_project(r, needed);
        below = rel_set_new(p);
        break;
    case REL_AGGREGATE:
        prune_aggregate(r, needed);
        below = rel_set_new(p);
        break;
    case REL_SPOOL:
    case REL_WORK: prune_table(r, needed); return;
    case REL_WINDOW: prune_window(p, r, needed); break;
    case REL_WRITE:
        if (r->write->returning) prune_write(p, r, needed);
        if (!err_any(p->err)) all_columns(&below, r->child[0]);
        break;
    case REL_DISTINCT:
        if (!r->groups) all_columns(&below, r->child[0]);
        break;
    case REL_SET:
        for (int k = 0; k < 2; k++) {
            IdSet all = rel_set_new(p);
            all_columns(&all, r->child[k]);
            prune(p, r->child[k], &all);
        }
        return;
    default: break;
    }
    rel_exprs(p, r, read_place, &below);
    if (r->kind == REL_JOIN && r->lateral) rel_free_ids(p, r->child[1], &below);
    for (uint32_t i = 0; i < r->children; i++) prune(p, r->child[i], &below);
}

static Rel *apply(Planner *p, Rel *root)
{
    IdSet all = rel_set_new(p);
    all_columns(&all, root);
    prune(p, root, &all);
    rel_refresh(p, root);
    return root;
}

const Rule rule_prune = {"prune", apply};
