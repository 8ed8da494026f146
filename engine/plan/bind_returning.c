// Bind: RETURNING: a projection over the rows that a write gives; its subqueries see the tables as they were
// before. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

bool bind_returning(Scope *s, const AstTargets *list, Rel *write, Bound *out)
{
    Planner *p = s->p;
    BindTargets targets = {0};
    s->clause = CLAUSE_RETURNING;
    if (!bind_targets(s, list, &targets)) return false;
    uint32_t n = targets.count;
    ColumnId *id = arena_array(p->mem, ColumnId, n + 1);
    Expr **expr = arena_array(p->mem, Expr *, n + 1);
    out->name = arena_array(p->mem, Str, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        if (!(expr[i] = bind_settle(p, targets.at[i].expr))) return false;
        p->defers = p->defers || rel_has_subquery(expr[i]);
        id[i] = rel_column_new(p, targets.at[i].name, expr[i]->type);
        out->name[i] = targets.at[i].name;
    }
    out->rel = rel_project(p, write, n, id, expr);
    out->columns = n;
    out->id = id;
    return out->rel && !err_any(p->err);
}
