// Bind: FOR UPDATE, FOR SHARE and their kin: which tables of FROM are locked, how, and where their row
// positions stand. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

static const char *lock_name(AstLockKind kind)
{
    static const char *const name[] = {[AST_LOCK_UPDATE] = "FOR UPDATE",
                                       [AST_LOCK_NO_KEY_UPDATE] = "FOR NO KEY UPDATE",
                                       [AST_LOCK_SHARE] = "FOR SHARE",
                                       [AST_LOCK_KEY_SHARE] = "FOR KEY SHARE"};
    return name[kind];
}

bool bind_lock_allowed(Planner *p, const AstQuery *q)
{
    if (!q->locks) return true;
    const char *with = q->kind == AST_QUERY_SET              ? "UNION/INTERSECT/EXCEPT"
                       : q->kind == AST_QUERY_VALUES         ? "VALUES"
                       : q->distinct || q->distinct_on.count ? "DISTINCT clause"
                       : q->groups                           ? "GROUP BY clause"
                       : q->having                           ? "HAVING clause"
                                                             : NULL;
    return !with || err_set_at(p->err, SQLSTATE_UNSUPPORTED, q->lock[0].at, "%s is not allowed with %s",
                               lock_name(q->lock[0].kind), with);
}

static bool named(const AstLock *l, const Rel *table)
{
    for (uint32_t i = 0; i < l->of.count; i++)
        if (str_equal(ast_path_name(&l->of.at[i]), table->alias)) return true;
    return !l->of.count;
}

static ColumnId position_of(Planner *p, Rel *table)
{
    if (table->row_position) return table->id[table->columns - 1];
    ColumnId id = rel_column_new(p, STR("row position"), type_of(TYPE_BIGINT));
    ColumnId *ids = arena_array(p->mem, ColumnId, table->columns + 1);
    for (uint32_t i = 0; i < table->columns; i++) ids[i] = table->id[i];
    ids[table->columns++] = id;
    table->id = ids;
    table->row_position = true;
    return id;
}

// l == NULL: only its rows' positions are wanted. The stronger mode and the sterner patience count when two
// clauses name one table.
static bool note(Planner *p, BindLocks *out, Rel *table, const AstLock *l)
{
    static const LockMode mode[] = {[AST_LOCK_UPDATE] = LOCK_FOR_UPDATE,
                                    [AST_LOCK_NO_KEY_UPDATE] = LOCK_FOR_NO_KEY_UPDATE,
                                    [AST_LOCK_SHARE] = LOCK_FOR_SHARE,
                                    [AST_LOCK_KEY_SHARE] = LOCK_FOR_KEY_SHARE};
    static const LockPatience patience[] = {
        [AST_LOCK_WAIT] = LOCK_WAIT, [AST_LOCK_NOWAIT] = LOCK_NOWAIT, [AST_LOCK_SKIP] = LOCK_SKIP};
    PlanLockTable *at = NULL;
    for (uint32_t i = 0; i < out->count && !at; i++)
        if (out->at[i].rel == table) at = &out->at[i].lock;
    if (!at) {
        if (out->count == BIND_LOCKS_MAX)
            return err_set_at(p->err, SQLSTATE_TOO_COMPLEX, l ? l->at : -1,
                              "more than %d tables would be locked", BIND_LOCKS_MAX);
        out->at[out->count].rel = table;
        out->at[out->count].position = position_of(p, table);
        at = &out->at[out->count++].lock;
        table->mark = out->count;
        *at = (PlanLockTable){.table_id = table_def(table->table)->id};
    }
    if (!l) return true;
    if (mode[l->kind] > at->mode) at->mode = mode[l->kind];
    if (at->patience == LOCK_WAIT || patience[l->wait] == LOCK_NOWAIT) at->patience = patience[l->wait];
    return true;
}

static bool visit(Planner *p, Rel *r, const AstLock *l, bool nullable, BindLocks *out, uint32_t *found)
{
    if (r->kind == REL_FILTER) return visit(p, r->child[0], l, nullable, out, found);
    if (r->kind == REL_JOIN) {
        bool left = nullable || r->join == JOIN_RIGHT || r->join == JOIN_FULL,
             right = nullable || r->join == JOIN_LEFT || r->join == JOIN_FULL;
        return visit(p, r->child[0], l, left, out, found) &&
               (join_left_only(r->join) || visit(p, r->child[1], l, right, out, found));
    }
    if (r->kind != REL_TABLE || (l && !named(l, r))) return true;
    if (!l) return note(p, out, r, NULL);
    ++*found;
    if (nullable)
        return err_set_at(p->err, SQLSTATE_UNSUPPORTED, l->at,
                          "%s cannot be applied to the nullable side of an outer join", lock_name(l->kind));
    return note(p, out, r, l);
}

bool bind_locks(Planner *p, const AstQuery *q, Rel *from, BindLocks *out)
{
    for (uint32_t i = 0; i < q->locks; i++) {
        uint32_t found = 0;
        if (!visit(p, from, &q->lock[i], false, out, &found)) return false;
        if (q->lock[i].of.count && found < q->lock[i].of.count)
            return err_set_at(p->err, SQLSTATE_UNDEFINED_TABLE, q->lock[i].of.at[0].at,
                              "relation \"%.*s\" in %s clause not found in FROM clause",
                              STR_ARG(ast_path_name(&q->lock[i].of.at[0])), lock_name(q->lock[i].kind));
    }
    uint32_t found = 0;
    if (out->count && !visit(p, from, NULL, false, out, &found)) return false;
    if (out->count) p->volatile_used = true;
    rel_refresh(p, from);
    return true;
}

Rel *bind_lock_rows(Planner *p, Rel *child, const BindLocks *locks, bool limited)
{
    Rel *r = rel_over(p, REL_LOCK, child);
    if (!r) return NULL;
    r->groups = locks->count;
    r->group = arena_array(p->mem, Expr *, locks->count);
    r->lock = arena_array(p->mem, PlanLockTable, locks->count);
    r->one_by_one = limited;
    for (uint32_t i = 0; i < locks->count; i++) {
        r->group[i] = rel_slot(p, locks->at[i].position, -1);
        r->lock[i] = locks->at[i].lock;
    }
    return r;
}
