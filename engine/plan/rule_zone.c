// Rule: comparisons of a scanned column with a constant or parameter become zone bounds too, so that the scan
// can leave out blocks by their min and max. The condition itself stays. Relies on rel_in.h.
#include "engine/plan/rel_in.h"

static bool zone_op(Str op, bool turned, ZoneOp *out)
{
    static const struct {
        const char *symbol;
        ZoneOp op, turned;
    } ops[] = {
        {"=", ZONE_EQ, ZONE_EQ}, {"<", ZONE_LT, ZONE_GT},  {"<=", ZONE_LE, ZONE_GE},
        {">", ZONE_GT, ZONE_LT}, {">=", ZONE_GE, ZONE_LE},
    };
    for (size_t i = 0; i < COUNT_OF(ops); i++) {
        if (!str_equal(op, str_of(ops[i].symbol))) continue;
        *out = turned ? ops[i].turned : ops[i].op;
        return true;
    }
    return false;
}

static bool column_of(const Rel *r, const Expr *e, uint16_t *column)
{
    uint32_t stored = r->columns - (r->row_position ? 1 : 0);
    for (uint32_t i = 0; e->kind == EXPR_SLOT && i < stored; i++)
        if (r->id[i] == e->slot) {
            *column = r->position[i];
            return true;
        }
    return false;
}

// The value in the column's own type; char(n) is left out, its padding does not count.
static Expr *zone_value(Planner *p, const Expr *value, TypeId want)
{
    if (value->kind != EXPR_CONSTANT && value->kind != EXPR_PARAM) return NULL;
    if (want == TYPE_CHAR || value->type.id == TYPE_CHAR) return NULL;
    if (value->type.id != want && !(type_is_string(want) && type_is_string(value->type.id))) return NULL;
    Expr *e = expr_copy(value, p->mem);
    e->type = type_of(want);
    if (e->kind == EXPR_CONSTANT) e->value.type = e->type;
    return e;
}

static bool zone_of(Planner *p, const Rel *r, const Expr *e, ZoneBound *out)
{
    if (e->kind == EXPR_IS_NULL) {
        out->op = e->negated ? ZONE_NOT_NULL : ZONE_IS_NULL;
        out->value = NULL;
        return column_of(r, e->arg[0], &out->column);
    }
    Str op = rel_comparison(e);
    for (int side = 0; op.len && side < 2; side++) {
        if (!column_of(r, e->arg[side], &out->column)) continue;
        out->value = zone_value(p, e->arg[1 - side], e->arg[side]->type.id);
        if (out->value && zone_op(op, side == 1, &out->op)) return true;
    }
    return false;
}

static void visit(Planner *p, Rel *r)
{
    for (uint32_t i = 0; i < r->children; i++) visit(p, r->child[i]);
    if (r->kind != REL_TABLE || r->index || r->zones || !r->where.count) return;
    r->zone = arena_array(p->mem, ZoneBound, r->where.count);
    for (uint32_t i = 0; i < r->where.count; i++)
        if (zone_of(p, r, r->where.at[i], &r->zone[r->zones])) r->zones++;
}

static Rel *apply(Planner *p, Rel *root)
{
    visit(p, root);
    return root;
}

const Rule rule_zone = {"zone", apply};
