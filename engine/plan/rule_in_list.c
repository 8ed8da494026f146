// Rule: `column IN (constants)` on an indexed column of a large table becomes a join of the different
// constants with the table, so that each is looked up in the index. `column = 1 OR column = 2` is read as
// such a list. Relies on rel_in.h.
#include "engine/plan/rel_in.h"

#include <stdlib.h>

#define LIST_SHARE_MAX 0.05 // constants for each row of the table; above it a scan is cheaper

static bool is_value(const Expr *e) { return e->kind == EXPR_CONSTANT && !e->value.null; }

static bool list_add(Planner *p, ExprList *list, const Expr *slot, Expr *value)
{
    bool strings = type_is_string(slot->type.id) && type_is_string(value->type.id);
    if (slot->type.id == TYPE_CHAR || value->type.id == TYPE_CHAR) return false;
    if (!is_value(value) || (value->type.id != slot->type.id && !strings)) return false;
    Expr *key = rel_constant(p, value->value, value->at);
    key->type = key->value.type = type_bare(slot->type);
    rel_list_add(p, list, key);
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const Expr *const *x = a, *const *y = b;
    return value_compare(&(*x)->value, &(*y)->value);
}

// Sorts the constants and drops repeats; long lists must not compare each with each.
static void list_unique(ExprList *list)
{
    uint32_t n = 0;
    if (!list->count) return;
    qsort(list->at, list->count, sizeof(*list->at), compare_keys);
    for (uint32_t i = 1; i < list->count; i++)
        if (compare_keys(&list->at[n], &list->at[i]) != 0) list->at[++n] = list->at[i];
    list->count = n + 1;
}

// The column and the constants, when e is a list of them.
static const Expr *list_of(Planner *p, const Expr *e, ExprList *list)
{
    const Expr *slot = NULL;
    if (e->kind == EXPR_IN_LIST && !e->negated && e->arg[0]->kind == EXPR_SLOT) {
        slot = e->arg[0];
        for (uint32_t i = 1; i < e->args; i++)
            if (!(e->arg[i]->kind == EXPR_CONSTANT && e->arg[i]->value.null) &&
                !list_add(p, list, slot, e->arg[i]))
                return NULL;
        return slot;
    }
    for (uint32_t i = 0; e->kind == EXPR_OR && i < e->args; i++) {
        const Expr *part = e->arg[i];
        if (!str_equal(rel_comparison(part), STR("="))) return NULL;
        int side = part->arg[0]->kind == EXPR_SLOT ? 0 : 1;
        const Expr *found = part->arg[side];
        if (found->kind != EXPR_SLOT || (slot && slot->slot != found->slot)) return NULL;
        slot = found;
        if (!list_add(p, list, slot, part->arg[1 - side])) return NULL;
    }
    return slot;
}

static bool has_index(const Rel *r, ColumnId id)
{
    const TableDef *def = table_def(r->table);
    for (uint32_t c = 0; c < r->columns; c++) {
        if (r->id[c] != id) continue;
        for (uint16_t i = 0; i < def->index_count; i++)
            if (def->index[i].column_count == 1 && !def->index[i].predicate &&
                def->index[i].column[0] == r->position[c])
                return true;
        return false;
    }
    return false;
}

static const Function *equal_of(const Planner *p, TypeId type)
{
    for (const Function *const *list = p->request->functions->scalar; list && *list; list++)
        for (const Function *f = *list; f->name; f++)
            if (f->flags & FUNCTION_COMPARISON && f->arg[0] == type && f->arg[1] == type &&
                str_equal(str_of(f->name), STR("=")))
                return f;
    return NULL;
}

static Rel *join_list(Planner *p, Rel *table, const Expr *slot, const ExprList *list, const Function *equal)
{
    Rel *values = rel_new(p, REL_VALUES);
    if (!values) return NULL;
    values->columns = 1;
    values->row_count = list->count;
    values->expr = list->at;
    values->id = arena_array(p->mem, ColumnId, 1);
    values->id[0] = rel_column_new(p, p->column[slot->slot].name, type_bare(slot->type));
    Expr *same = arena_new(p->mem, Expr);
    *same = (Expr){.kind = EXPR_CALL, .type = type_of(TYPE_BOOLEAN), .at = -1, .args = 2, .function = equal};
    same->arg = arena_array(p->mem, Expr *, 2);
    same->arg[0] = rel_slot(p, slot->slot, -1);
    same->arg[1] = rel_slot(p, values->id[0], -1);
    return rel_join(p, JOIN_INNER, values, table, same);
}

static Rel *table_visit(Planner *p, Rel *r)
{
    if (r->row_position || r->index) return r;
    double rows = (double)table_rows_estimate(r->table);
    for (uint32_t i = 0; i < r->where.count; i++) {
        ExprList list = {0};
        const Expr *slot = list_of(p, r->where.at[i], &list);
        if (slot) list_unique(&list);
        if (!slot || !list.count || list.count > rows * LIST_SHARE_MAX || !has_index(r, slot->slot)) continue;
        const Function *equal = equal_of(p, slot->type.id);
        if (!equal) continue;
        ExprList rest = {0};
        for (uint32_t k = 0; k < r->where.count; k++)
            if (k != i) rel_list_add(p, &rest, r->where.at[k]);
        r->where = rest;
        return join_list(p, r, slot, &list, equal);
    }
    return r;
}

static Rel *visit(Planner *p, Rel *r)
{
    if (r->kind == REL_TABLE) return table_visit(p, r);
    for (uint32_t i = 0; i < r->children; i++)
        if (!(r->child[i] = visit(p, r->child[i]))) return NULL;
    return r;
}

static Rel *apply(Planner *p, Rel *root)
{
    Rel *r = visit(p, root);
    if (r) rel_refresh(p, r);
    return r;
}

const Rule rule_in_list = {"in list", apply};
