// Print: queries. Set operations put each side that has its own ORDER BY or LIMIT, or is a set operation on
// the right, in parentheses.
#include "engine/sql/print_in.h"

static const char *comma(uint32_t i) { return i ? ", " : ""; }

void print_orders(Bytes *out, const AstOrders *orders)
{
    for (uint32_t i = 0; i < orders->count; i++) {
        const AstOrder *o = &orders->at[i];
        print_word(out, i ? ", " : " ORDER BY ");
        print_expr(out, o->expr);
        if (o->using_operator.len) {
            print_word(out, " USING ");
            bytes_put(out, o->using_operator);
        }
        if (o->descending) print_word(out, " DESC");
        if (o->nulls_given) print_word(out, o->nulls_first ? " NULLS FIRST" : " NULLS LAST");
    }
}

static void print_bound(Bytes *out, const AstBound *b)
{
    static const char *const words[] = {
        [AST_BOUND_UNBOUNDED_PRECEDING] = "UNBOUNDED PRECEDING",
        [AST_BOUND_PRECEDING] = " PRECEDING",
        [AST_BOUND_CURRENT] = "CURRENT ROW",
        [AST_BOUND_FOLLOWING] = " FOLLOWING",
        [AST_BOUND_UNBOUNDED_FOLLOWING] = "UNBOUNDED FOLLOWING",
    };
    if (b->offset) print_expr(out, b->offset);
    print_word(out, words[b->kind]);
}

static void print_frame(Bytes *out, const AstWindow *w)
{
    static const char *const units[] = {
        [AST_FRAME_RANGE] = " RANGE", [AST_FRAME_ROWS] = " ROWS", [AST_FRAME_GROUPS] = " GROUPS"};
    static const char *const excludes[] = {
        [AST_EXCLUDE_NONE] = "",
        [AST_EXCLUDE_CURRENT] = " EXCLUDE CURRENT ROW",
        [AST_EXCLUDE_GROUP] = " EXCLUDE GROUP",
        [AST_EXCLUDE_TIES] = " EXCLUDE TIES",
    };
    print_word(out, units[w->unit]);
    print_word(out, " BETWEEN ");
    print_bound(out, &w->from);
    print_word(out, " AND ");
    print_bound(out, &w->to);
    print_word(out, excludes[w->exclude]);
}

void print_window(Bytes *out, const AstWindow *w)
{
    bytes_put_byte(out, '(');
    if (w->base.text.at) print_name(out, w->base.text);
    if (w->partition.count) {
        print_word(out, " PARTITION BY ");
        print_exprs(out, &w->partition);
    }
    print_orders(out, &w->order);
    if (w->frame) print_frame(out, w);
    bytes_put_byte(out, ')');
}

// ---- FROM ----

static void print_table(Bytes *out, const AstTable *t);

static void print_alias(Bytes *out, const AstTable *t)
{
    if (t->alias.text.at) {
        print_word(out, " AS ");
        print_name(out, t->alias.text);
    } else if (t->definitions)
        print_word(out, " AS ");
    if (t->columns.count) print_names(out, &t->columns);
    if (!t->definitions) return;
    bytes_put_byte(out, '(');
    for (uint32_t i = 0; i < t->definitions; i++) {
        print_word(out, comma(i));
        print_name(out, t->definition[i].name.text);
        bytes_put_byte(out, ' ');
        print_type(out, t->definition[i].type);
        if (!t->definition[i].collation.text.at) continue;
        print_word(out, " COLLATE ");
        print_name(out, t->definition[i].collation.text);
    }
    bytes_put_byte(out, ')');
}

static void print_sample(Bytes *out, const AstExpr *sample)
{
    print_word(out, " TABLESAMPLE ");
    print_expr(out, sample);
    if (!sample->b) return;
    print_word(out, " REPEATABLE (");
    print_expr(out, sample->b);
    bytes_put_byte(out, ')');
}

static void print_join_side(Bytes *out, const AstTable *t, bool right)
{
    bool paren = right && t->kind == AST_TABLE_JOIN && !t->alias.text.at;
    if (paren) bytes_put_byte(out, '(');
    print_table(out, t);
    if (paren) bytes_put_byte(out, ')');
}

static void print_join(Bytes *out, const AstTable *t)
{
    static const char *const words[] = {
        [AST_JOIN_INNER] = "JOIN ",     [AST_JOIN_LEFT] = "LEFT JOIN ",   [AST_JOIN_RIGHT] = "RIGHT JOIN ",
        [AST_JOIN_FULL] = "FULL JOIN ", [AST_JOIN_CROSS] = "CROSS JOIN ",
    };
    if (t->alias.text.at) bytes_put_byte(out, '(');
    print_join_side(out, t->left, false);
    print_word(out, t->natural ? " NATURAL " : " ");
    print_word(out, words[t->join]);
    print_join_side(out, t->right, true);
    if (t->on) {
        print_word(out, " ON ");
        print_expr(out, t->on);
    } else if (t->join_using.count) {
        print_word(out, " USING ");
        print_names(out, &t->join_using);
        if (t->using_alias.text.at) {
            print_word(out, " AS ");
            print_name(out, t->using_alias.text);
        }
    }
    if (t->alias.text.at) bytes_put_byte(out, ')');
}

static void print_function_table(Bytes *out, const AstTable *t)
{
    if (t->rows_from) print_word(out, "ROWS FROM (");
    print_exprs(out, &t->call);
    if (t->rows_from) bytes_put_byte(out, ')');
    if (t->ordinality) print_word(out, " WITH ORDINALITY");
}

static void print_table(Bytes *out, const AstTable *t)
{
    if (t->lateral) print_word(out, "LATERAL ");
    switch (t->kind) {
    case AST_TABLE_NAME:
        if (t->only) print_word(out, "ONLY ");
        print_path(out, &t->path);
        break;
    case AST_TABLE_QUERY:
        bytes_put_byte(out, '(');
        print_query(out, t->query);
        bytes_put_byte(out, ')');
        break;
    case AST_TABLE_FUNCTION: print_function_table(out, t); break;
    case AST_TABLE_JOIN: print_join(out, t); break;
    }
    print_alias(out, t);
    if (t->sample) print_sample(out, t->sample);
}

// ---- the parts of SELECT ----

static void print_targets(Bytes *out, const AstTargets *targets)
{
    for (uint32_t i = 0; i < targets->count; i++) {
        print_word(out, i ? ", " : " ");
        print_expr(out, targets->at[i].expr);
        if (!targets->at[i].alias.text.at) continue;
        print_word(out, " AS ");
        print_name(out, targets->at[i].alias.text);
    }
}

static void print_groups(Bytes *out, const AstGroup *group, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const AstGroup *g = &group[i];
        print_word(out, comma(i));
        switch (g->kind) {
        case AST_GROUP_EXPR: print_expr(out, g->expr); break;
        case AST_GROUP_EMPTY: print_word(out, "()"); break;
        case AST_GROUP_ROLLUP:
        case AST_GROUP_CUBE:
            print_word(out, g->kind == AST_GROUP_ROLLUP ? "ROLLUP (" : "CUBE (");
            print_exprs(out, &g->list);
            bytes_put_byte(out, ')');
            break;
        case AST_GROUP_SETS:
            print_word(out, "GROUPING SETS (");
            print_groups(out, g->set, g->sets);
            bytes_put_byte(out, ')');
            break;
        }
    }
}

static void print_optional(Bytes *out, const char *word, const AstExpr *e)
{
    if (!e) return;
    print_word(out, word);
    print_expr(out, e);
}

static void print_distinct(Bytes *out, const AstQuery *q)
{
    if (!q->distinct) return;
    print_word(out, " DISTINCT");
    if (!q->distinct_on.count) return;
    print_word(out, " ON (");
    print_exprs(out, &q->distinct_on);
    bytes_put_byte(out, ')');
}

static void print_select(Bytes *out, const AstQuery *q)
{
    print_word(out, "SELECT");
    print_distinct(out, q);
    print_targets(out, &q->targets);
    if (q->into) {
        print_word(out, " INTO ");
        print_path(out, q->into);
    }
    for (uint32_t i = 0; i < q->from.count; i++) {
        print_word(out, i ? ", " : " FROM ");
        print_table(out, q->from.at[i]);
    }
    print_optional(out, " WHERE ", q->where);
    if (q->groups) {
        print_word(out, q->group_distinct ? " GROUP BY DISTINCT " : " GROUP BY ");
        print_groups(out, q->group, q->groups);
    }
    print_optional(out, " HAVING ", q->having);
    for (uint32_t i = 0; i < q->windows.count; i++) {
        print_word(out, i ? ", " : " WINDOW ");
        print_name(out, q->windows.at[i]->name.text);
        print_word(out, " AS ");
        print_window(out, q->windows.at[i]);
    }
}

static void print_values(Bytes *out, const AstQuery *q)
{
    print_word(out, "VALUES ");
    for (uint32_t i = 0; i < q->rows; i++) {
        print_word(out, comma(i));
        bytes_put_byte(out, '(');
        print_exprs(out, &q->row[i]);
        bytes_put_byte(out, ')');
    }
}

static bool needs_paren(const AstQuery *q, const AstQuery *parent, bool right)
{
    if (q->with || q->order.count || q->limit || q->offset || q->locks) return true;
    if (q->kind != AST_QUERY_SET) return false;
    return right || (parent->set == AST_SET_INTERSECT && q->set != AST_SET_INTERSECT);
}

static void print_side(Bytes *out, const AstQuery *q, const AstQuery *parent, bool right)
{
    bool paren = needs_paren(q, parent, right);
    if (paren) bytes_put_byte(out, '(');
    print_query(out, q);
    if (paren) bytes_put_byte(out, ')');
}

static void print_set(Bytes *out, const AstQuery *q)
{
    static const char *const words[] = {
        [AST_SET_UNION] = " UNION ", [AST_SET_INTERSECT] = " INTERSECT ", [AST_SET_EXCEPT] = " EXCEPT "};
    print_side(out, q->left, q, false);
    print_word(out, words[q->set]);
    if (q->all) print_word(out, "ALL ");
    print_side(out, q->right, q, true);
}

static void print_with(Bytes *out, const AstWith *w)
{
    print_word(out, w->recursive ? "WITH RECURSIVE " : "WITH ");
    for (uint32_t i = 0; i < w->count; i++) {
        const AstCte *c = &w->cte[i];
        print_word(out, comma(i));
        print_name(out, c->name.text);
        if (c->columns.count) print_names(out, &c->columns);
        print_word(out, " AS ");
        if (c->materialized_given) print_word(out, c->materialized ? "MATERIALIZED " : "NOT MATERIALIZED ");
        bytes_put_byte(out, '(');
        if (c->body->kind == STATEMENT_SELECT)
            print_query(out, c->body->query);
        else
            print_word(out, ast_statement_name(c->body));
        bytes_put_byte(out, ')');
    }
    bytes_put_byte(out, ' ');
}

static void print_locks(Bytes *out, const AstQuery *q)
{
    static const char *const words[] = {
        [AST_LOCK_NONE] = "",
        [AST_LOCK_UPDATE] = " FOR UPDATE",
        [AST_LOCK_NO_KEY_UPDATE] = " FOR NO KEY UPDATE",
        [AST_LOCK_SHARE] = " FOR SHARE",
        [AST_LOCK_KEY_SHARE] = " FOR KEY SHARE",
    };
    static const char *const waits[] = {
        [AST_LOCK_WAIT] = "", [AST_LOCK_NOWAIT] = " NOWAIT", [AST_LOCK_SKIP] = " SKIP LOCKED"};
    for (uint32_t i = 0; i < q->locks; i++) {
        const AstLock *l = &q->lock[i];
        print_word(out, words[l->kind]);
        for (uint32_t k = 0; k < l->of.count; k++) {
            print_word(out, k ? ", " : " OF ");
            print_path(out, &l->of.at[k]);
        }
        print_word(out, waits[l->wait]);
    }
}

static void print_limit(Bytes *out, const AstQuery *q)
{
    print_optional(out, " OFFSET ", q->offset);
    if (!q->limit) return;
    if (!q->with_ties) {
        print_optional(out, " LIMIT ", q->limit);
        return;
    }
    print_word(out, " FETCH FIRST (");
    print_expr(out, q->limit);
    print_word(out, ") ROWS WITH TIES");
}

void print_query(Bytes *out, const AstQuery *q)
{
    if (q->with) print_with(out, q->with);
    switch (q->kind) {
    case AST_QUERY_SELECT: print_select(out, q); break;
    case AST_QUERY_VALUES: print_values(out, q); break;
    case AST_QUERY_SET: print_set(out, q); break;
    }
    print_orders(out, &q->order);
    print_limit(out, q);
    print_locks(out, q);
}
