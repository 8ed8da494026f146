// Bind: the frame of a window: its unit, its edges and their offsets, as PostgreSQL 15 checks them. Relies on
// bind_in.h.
#include "engine/plan/bind_in.h"

static bool wrong(Planner *p, int64_t at, const char *message)
{
    return err_set_at(p->err, "42P20", at, "%s", message);
}

static bool edges_fit(Planner *p, const AstWindow *w)
{
    AstBoundKind from = w->from.kind, to = w->to.kind;
    if (from == AST_BOUND_UNBOUNDED_FOLLOWING)
        return wrong(p, w->at, "frame start cannot be UNBOUNDED FOLLOWING");
    if (to == AST_BOUND_UNBOUNDED_PRECEDING)
        return wrong(p, w->at, "frame end cannot be UNBOUNDED PRECEDING");
    if (from == AST_BOUND_CURRENT && to == AST_BOUND_PRECEDING)
        return wrong(p, w->at, "frame starting from current row cannot have preceding rows");
    if (from == AST_BOUND_FOLLOWING && (to == AST_BOUND_PRECEDING || to == AST_BOUND_CURRENT))
        return wrong(p, w->at, "frame starting from following row cannot have preceding rows");
    return true;
}

static bool column_visit(Expr *e, void *arg)
{
    bool *found = arg;
    if (e->kind == EXPR_SLOT) *found = true;
    return !*found;
}

// A type's partner as an offset in RANGE; TYPE_NULL: there is none.
static TypeId range_offset(TypeId key)
{
    switch (key) {
    case TYPE_SMALLINT:
    case TYPE_INTEGER:
    case TYPE_BIGINT: return TYPE_BIGINT;
    case TYPE_REAL:
    case TYPE_DOUBLE: return TYPE_DOUBLE;
    case TYPE_NUMERIC: return TYPE_NUMERIC;
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
    case TYPE_INTERVAL: return TYPE_INTERVAL;
    default: return TYPE_NULL;
    }
}

static Expr *range_coerce(Planner *p, Expr *e, const WindowDef *def, int64_t at)
{
    TypeId key = def->order[0].expr->type.id, want = range_offset(key);
    if (want == TYPE_NULL) {
        err_set_at(p->err, SQLSTATE_UNSUPPORTED, at,
                   "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s",
                   type_name(key));
        return NULL;
    }
    if (bind_can_coerce(e, want, CAST_IMPLICIT)) return bind_coerce(p, e, type_of(want), CAST_IMPLICIT);
    err_set_at(p->err, SQLSTATE_UNSUPPORTED, at,
               "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s and offset type %s",
               type_name(key), bind_is_unknown(e) ? "unknown" : type_name(e->type.id));
    err_hint(p->err, "Cast the offset value to an appropriate type.");
    return NULL;
}

static bool bind_offset(Scope *s, const AstBound *b, const AstWindow *w, const WindowDef *def, Expr **out)
{
    static const char *const word[] = {
        [FRAME_RANGE] = "RANGE", [FRAME_ROWS] = "ROWS", [FRAME_GROUPS] = "GROUPS"};
    Planner *p = s->p;
    const char *unit = word[w->unit];
    bool column = false;
    *out = NULL;
    if (!b->offset) return true;
    BindClause before = s->clause;
    s->clause = CLAUSE_FRAME;
    Expr *e = bind_expr(s, b->offset);
    s->clause = before;
    if (!e) return false;
    expr_walk(e, column_visit, &column);
    if (column)
        return err_set_at(p->err, "42P10", b->offset->at, "argument of %s must not contain variables", unit);
    if (w->unit == AST_FRAME_RANGE) return (*out = range_coerce(p, e, def, b->offset->at)) != NULL;
    if (!bind_can_coerce(e, TYPE_BIGINT, CAST_ASSIGNMENT))
        return err_set_at(p->err, SQLSTATE_TYPE_MISMATCH, b->offset->at,
                          "argument of %s must be type bigint, not type %s", unit, type_name(e->type.id));
    return (*out = bind_coerce(p, e, type_of(TYPE_BIGINT), CAST_ASSIGNMENT)) != NULL;
}

// Moments: what the operator + or - makes of key and offset, where there is one.
static bool bind_edge(Planner *p, const WindowDef *def, FrameEdge edge, Expr *offset, WindowFrame *f,
                      Expr **out)
{
    const SortKey *key = &def->order[0];
    *out = NULL;
    if (f->unit != FRAME_RANGE || !offset || offset->type.id != TYPE_INTERVAL ||
        key->expr->type.id == TYPE_TIME)
        return true;
    Str op = (edge == FRAME_PRECEDING) != key->descending ? STR("-") : STR("+");
    *out = bind_operator(p, op, key->expr, offset, offset->at);
    f->key = *out ? bind_coerce(p, key->expr, (*out)->type, CAST_IMPLICIT) : NULL;
    return f->key != NULL;
}

bool bind_frame(Scope *s, const AstWindow *w, const WindowDef *def, WindowFrame *out)
{
    *out = (WindowFrame){.unit = FRAME_RANGE, .from = FRAME_FIRST, .to = FRAME_CURRENT};
    if (!w) return true;
    if (!edges_fit(s->p, w)) return false;
    out->unit = (FrameUnit)w->unit;
    out->from = (FrameEdge)w->from.kind;
    out->to = (FrameEdge)w->to.kind;
    out->exclude = (FrameExclude)w->exclude;
    if (w->unit == AST_FRAME_GROUPS && !def->order_keys)
        return wrong(s->p, w->at, "GROUPS mode requires an ORDER BY clause");
    if (w->unit == AST_FRAME_RANGE && (w->from.offset || w->to.offset) && def->order_keys != 1)
        return wrong(s->p, w->at,
                     "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column");
    return bind_offset(s, &w->from, w, def, &out->from_offset) &&
           bind_offset(s, &w->to, w, def, &out->to_offset) &&
           bind_edge(s->p, def, out->from, out->from_offset, out, &out->from_bound) &&
           bind_edge(s->p, def, out->to, out->to_offset, out, &out->to_bound);
}
