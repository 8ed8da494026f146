// Bind: what queries of every kind share (LIMIT, set operations' ORDER BY), VALUES and set operations.
// Relies on bind_in.h.
#include "engine/plan/bind_in.h"

// ---- LIMIT, ORDER BY ----

static Expr *row_count(Scope *s, const AstExpr *e, BindClause clause)
{
    s->clause = clause;
    Planner *p = s->p;
    Scope empty = {.p = p, .outer = s->outer, .cte = s->cte, .clause = clause};
    Err before = *p->err;
    Expr *x = bind_expr(&empty, e);
    if (!x && err_is(p->err, SQLSTATE_UNDEFINED_COLUMN)) {
        bool ambiguous;
        *p->err = before;
        if (e->kind == AST_COLUMN && bind_name_find(s, ast_path_name(e->path), &ambiguous) != COLUMN_NONE)
            err_set_at(p->err, "42P10", e->at, "argument of %s must not contain variables",
                       bind_clause_name(clause));
        else
            (void)!bind_expr(&empty, e);
    }
    if (!x) return NULL;
    if (!bind_can_coerce(x, TYPE_BIGINT, CAST_ASSIGNMENT)) {
        err_set_at(p->err, SQLSTATE_TYPE_MISMATCH, e->at, "argument of %s must be type bigint, not type %s",
                   bind_clause_name(clause), type_name(x->type.id));
        return NULL;
    }
    return bind_coerce(p, x, type_of(TYPE_BIGINT), CAST_ASSIGNMENT);
}

bool bind_limit(Scope *s, const AstQuery *q, Rel **rel)
{
    if (q->with_ties && (*rel)->kind != REL_SORT)
        return err_set_at(s->p->err, SQLSTATE_SYNTAX, q->at,
                          "WITH TIES cannot be specified without ORDER BY clause");
    if (!q->limit && !q->offset) return true;
    Rel *r = rel_over(s->p, REL_LIMIT, *rel);
    if (!r) return false;
    if (q->with_ties) {
        r->sort_keys = (*rel)->sort_keys;
        r->sort = arena_array(s->p->mem, SortKey, r->sort_keys + 1);
        for (uint32_t i = 0; i < r->sort_keys; i++) r->sort[i] = (*rel)->sort[i];
    }
    if (q->limit && !(r->limit = row_count(s, q->limit, CLAUSE_LIMIT))) return false;
    if (q->offset && !(r->offset = row_count(s, q->offset, CLAUSE_OFFSET))) return false;
    *rel = r;
    return true;
}

static bool order_column(Planner *p, const AstExpr *e, const Bound *b, uint32_t *column)
{
    bool is;
    if (!bind_position(p, e, b->columns, "ORDER BY", column, &is)) return false;
    if (is) return true;
    if (e->kind == AST_COLUMN && e->path->parts == 1) {
        for (*column = 0; *column < b->columns; ++*column)
            if (str_equal(b->name[*column], e->path->part[0].text)) return true;
        return err_set_at(p->err, SQLSTATE_UNDEFINED_COLUMN, e->at, "column \"%.*s\" does not exist",
                          STR_ARG(e->path->part[0].text));
    }
    err_set_at(p->err, SQLSTATE_UNSUPPORTED, e->at, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause");
    return err_hint(
        p->err, "Only result column names can be used, not expressions or functions. Add the expression to "
                "every SELECT, or move the UNION into a FROM clause.");
}

bool bind_order_limit(Scope *s, const AstQuery *q, Bound *b)
{
    Planner *p = s->p;
    if (!bind_lock_allowed(p, q)) return false;
    if (q->order.count) {
        Rel *sort = rel_over(p, REL_SORT, b->rel);
        if (!sort) return false;
        sort->sort_keys = q->order.count;
        sort->sort = arena_array(p->mem, SortKey, q->order.count);
        for (uint32_t i = 0; i < q->order.count; i++) {
            uint32_t column = 0;
            if (!order_column(p, q->order.at[i].expr, b, &column)) return false;
            sort->sort[i] = bind_sort_key(&q->order.at[i], rel_slot(p, b->id[column], -1));
        }
        b->rel = sort;
    }
    Rel *before = b->rel;
    if (!bind_limit(s, q, &b->rel)) return false;
    if (q->order.count || b->rel != before) b->project = NULL;
    return true;
}

// ---- VALUES ----

bool bind_values(Planner *p, const AstQuery *q, Scope *outer, const ScopeCte *cte, bool keep_unknown,
                 Bound *out)
{
    Scope s = {.p = p, .outer = outer, .cte = cte, .clause = CLAUSE_VALUES};
    uint32_t columns = q->row[0].count;
    Rel *r = rel_new(p, REL_VALUES);
    if (!r) return false;
    r->row_count = q->rows;
    r->columns = columns;
    r->id = arena_array(p->mem, ColumnId, columns + 1);
    r->expr = arena_try(p->mem, (size_t)q->rows * columns + 1, sizeof(Expr *));
    if (!r->expr)
        return err_set(p->err, SQLSTATE_OUT_OF_MEMORY, "VALUES of %u rows needs too much memory",
                       (unsigned)q->rows);
    for (uint32_t i = 0; i < q->rows; i++) {
        if (q->row[i].count != columns)
            return err_set_at(p->err, SQLSTATE_SYNTAX, q->at, "VALUES lists must all be the same length");
        for (uint32_t c = 0; c < columns; c++)
            if (!(r->expr[(size_t)i * columns + c] = bind_expr(&s, q->row[i].at[c]))) return false;
    }
    *out = (Bound){.rel = r, .columns = columns, .id = r->id, .name = arena_array(p->mem, Str, columns + 1)};
    Expr **one = arena_array(p->mem, Expr *, q->rows);
    for (uint32_t c = 0; c < columns; c++) {
        bool unknown = true;
        for (uint32_t i = 0; i < q->rows; i++) {
            one[i] = r->expr[(size_t)i * columns + c];
            unknown = unknown && bind_is_unknown(one[i]);
        }
        Type type = type_of(TYPE_NULL);
        if (!(unknown && keep_unknown) && !bind_coerce_all(p, one, q->rows, "VALUES", &type)) return false;
        for (uint32_t i = 0; i < q->rows; i++) r->expr[(size_t)i * columns + c] = one[i];
        out->name[c] = arena_printf(p->mem, "column%u", (unsigned)c + 1);
        r->id[c] = rel_column_new(p, out->name[c], type);
    }
    out->project = r;
    return !err_any(p->err) && bind_order_limit(&s, q, out);
}

// ---- set operations ----

static const char *set_name(SetKind k)
{
    static const char *const name[] = {
        [SET_UNION] = "UNION", [SET_INTERSECT] = "INTERSECT", [SET_EXCEPT] = "EXCEPT"};
    return name[k];
}

// Untyped literals of a side are still constants in its projection (or VALUES) and can be typed there.
static bool retype_in_place(Planner *p, Rel *maker, uint32_t column, Type type, CastHow how)
{
    uint32_t rows = maker->kind == REL_VALUES ? maker->row_count : 1;
    for (uint32_t i = 0; i < rows; i++) {
        Expr **place = &maker->expr[(size_t)i * maker->columns + column];
        if (!(*place = bind_coerce(p, *place, type, how))) return false;
    }
    Str name = p->column[maker->id[column]].name;
    maker->id[column] = rel_column_new(p, name, type);
    return true;
}

static bool coerce_by_project(Planner *p, Bound *b, const Type *type, CastHow how)
{
    ColumnId *id = arena_array(p->mem, ColumnId, b->columns + 1);
    Expr **expr = arena_array(p->mem, Expr *, b->columns + 1);
    bool changed = false;
    for (uint32_t i = 0; i < b->columns; i++) {
        Expr *slot = rel_slot(p, b->id[i], -1);
        if (!(expr[i] = bind_coerce(p, slot, type[i], how))) return false;
        bool same = expr[i] == slot;
        id[i] = same ? b->id[i] : rel_column_new(p, b->name[i], type[i]);
        changed = changed || !same;
    }
    if (!changed) return true;
    b->rel = rel_project(p, b->rel, b->columns, id, expr);
    b->id = id;
    b->project = NULL;
    return b->rel != NULL;
}

bool bind_bound_coerce(Planner *p, Bound *b, const Type *type, CastHow how)
{
    for (uint32_t i = 0; b->project && i < b->columns; i++) {
        if (p->column[b->id[i]].type.id != TYPE_NULL || type[i].id == TYPE_NULL) continue;
        if (!retype_in_place(p, b->project, i, type[i], how)) return false;
        b->id[i] = b->project->id[i];
    }
    return coerce_by_project(p, b, type, how);
}

static int64_t column_at(const Bound *b, uint32_t column, const AstQuery *q)
{
    return b->project && b->project->expr[column]->at >= 0 ? b->project->expr[column]->at : q->at;
}

bool bind_set_types(Planner *p, const AstQuery *q, const Bound *a, const Bound *b, const char *name,
                    Type *out)
{
    for (uint32_t i = 0; i < a->columns; i++) {
        Expr *pair[2] = {rel_slot(p, a->id[i], column_at(a, i, q->left)),
                         rel_slot(p, b->id[i], column_at(b, i, q->right))};
        if (!bind_common_type(p, pair, 2, name, &out[i])) return false;
        for (int k = 0; k < 2; k++)
            if (!bind_can_coerce(pair[k], out[i].id, CAST_IMPLICIT))
                return err_set_at(p->err, "42846", q->at, "%s could not convert type %s to %s", name,
                                  type_name(pair[k]->type.id), type_name(out[i].id));
    }
    return true;
}

// The columns of both sides, in order and nothing else; rows without columns are told apart by none, so they
// get one that is always the same.
static Rel *side(Planner *p, const Bound *b)
{
    if (b->columns) return rel_choose(p, b->rel, b->columns, b->id);
    ColumnId *id = arena_array(p->mem, ColumnId, 1);
    Expr **expr = arena_array(p->mem, Expr *, 1);
    expr[0] = rel_true(p);
    id[0] = rel_column_new(p, STR("?column?"), expr[0]->type);
    return rel_project(p, b->rel, 1, id, expr);
}

bool bind_set(Planner *p, const AstQuery *q, Scope *outer, const ScopeCte *cte, Bound *out)
{
    static const SetKind kind[] = {
        [AST_SET_UNION] = SET_UNION, [AST_SET_INTERSECT] = SET_INTERSECT, [AST_SET_EXCEPT] = SET_EXCEPT};
    const char *name = set_name(kind[q->set]);
    Bound a, b;
    if (!bind_query(p, q->left, outer, cte, true, &a) || !bind_query(p, q->right, outer, cte, true, &b))
        return false;
    if (a.columns != b.columns)
        return err_set_at(p->err, SQLSTATE_SYNTAX, q->right->at,
                          "each %s query must have the same number of columns", name);
    Type *type = arena_array(p->mem, Type, a.columns + 1);
    if (!bind_set_types(p, q, &a, &b, name, type)) return false;
    if (!bind_bound_coerce(p, &a, type, CAST_IMPLICIT) || !bind_bound_coerce(p, &b, type, CAST_IMPLICIT))
        return false;
    Rel *r = rel_new(p, REL_SET), *left = side(p, &a), *right = side(p, &b);
    if (!r || !left || !right) return false;
    r->set = kind[q->set];
    r->all = q->all;
    r->children = 2;
    r->child[0] = left;
    r->child[1] = right;
    r->columns = left->columns;
    r->id = arena_array(p->mem, ColumnId, left->columns + 1);
    if (!a.columns) r->id[0] = rel_column_new(p, STR("?column?"), type_of(TYPE_BOOLEAN));
    for (uint32_t i = 0; i < a.columns; i++) r->id[i] = rel_column_new(p, a.name[i], type[i]);
    *out = (Bound){
        .rel = r, .columns = a.columns, .id = arena_array(p->mem, ColumnId, a.columns + 1), .name = a.name};
    for (uint32_t i = 0; i < a.columns; i++) out->id[i] = r->id[i];
    Scope s = {.p = p, .outer = outer, .cte = cte};
    return !err_any(p->err) && bind_order_limit(&s, q, out);
}

// ---- any query ----

bool bind_query(Planner *p, const AstQuery *q, Scope *outer, const ScopeCte *cte, bool keep_unknown,
                Bound *out)
{
    if (++p->depth > REL_DEPTH_MAX)
        return err_set_at(p->err, SQLSTATE_TOO_COMPLEX, q->at, "queries are nested deeper than %d",
                          REL_DEPTH_MAX);
    if (!bind_with(p, q->with, outer, &cte)) return false;
    bool done = false;
    switch (q->kind) {
    case AST_QUERY_SELECT: done = bind_select(p, q, outer, cte, keep_unknown, out); break;
    case AST_QUERY_VALUES: done = bind_values(p, q, outer, cte, keep_unknown, out); break;
    case AST_QUERY_SET: done = bind_set(p, q, outer, cte, out); break;
    }
    p->depth--;
    return done;
}
