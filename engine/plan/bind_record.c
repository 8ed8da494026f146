// Bind: rows as values: ROW(…), a table's name as its whole row, fields, (t).*, IS NULL. A row is a call that
// makes a record; where the binder sees that call it takes the parts and no record is made.
// Relies on bind_in.h.
#include "engine/plan/bind_in.h"

static bool is_made(const Expr *e)
{
    return e->kind == EXPR_CALL && str_equal(str_of(e->function->name), STR("row make"));
}

static Expr *make(Planner *p, Expr **field, uint32_t fields, const Str *name, int64_t at)
{
    Bytes names;
    bytes_init(&names, 1 << 20);
    for (uint32_t i = 0; name && i < fields; i++) {
        bytes_put(&names, name[i]);
        bytes_put_byte(&names, 0);
    }
    Str all = arena_copy(p->mem, bytes_str(&names));
    bytes_done(&names);
    Expr *x = bind_internal(p, "row make", type_of(TYPE_RECORD), fields + 1, at);
    if (!x) return NULL;
    x->arg[0] = rel_constant(p, (Value){.type = type_of(TYPE_TEXT), .text = text_of(all)}, at);
    for (uint32_t i = 0; i < fields; i++)
        if (!(x->arg[i + 1] = bind_settle(p, field[i]))) return NULL;
    return x;
}

Expr *bind_row(Scope *s, const AstExpr *e)
{
    Planner *p = s->p;
    BindTargets all = {0};
    for (uint32_t i = 0; i < e->list.count; i++) {
        const AstExpr *a = e->list.at[i];
        bool star = a->kind == AST_STAR || (a->kind == AST_FIELD && a->flag);
        if (star ? !bind_star_targets(s, a, &all) : false) return NULL;
        if (star) continue;
        Expr *x = bind_expr(s, a);
        if (!x) return NULL;
        bind_target_add(p, &all, (BindTarget){.expr = x, .at = a->at});
    }
    Expr **field = arena_array(p->mem, Expr *, all.count + 1);
    for (uint32_t i = 0; i < all.count; i++) field[i] = all.at[i].expr;
    return make(p, field, all.count, NULL, e->at);
}

Expr *bind_whole_row(Planner *p, const ScopeRange *r, int64_t at)
{
    Expr **field = arena_array(p->mem, Expr *, r->columns + 1);
    for (uint32_t i = 0; i < r->columns; i++) field[i] = rel_slot(p, r->id[i], at);
    return make(p, field, r->columns, r->name, at);
}

// ---- fields ----

// The name of a made row's field.
static Str field_name(Planner *p, const Expr *row, uint32_t i)
{
    Str names = text_str(&row->arg[0]->value.text);
    if (!names.len) return arena_printf(p->mem, "f%u", (unsigned)i + 1);
    for (uint32_t k = 0;; k++) {
        const char *end = memchr(names.at, 0, names.len);
        Str one = {names.at, end ? (size_t)(end - names.at) : names.len};
        if (k == i || !end) return arena_copy(p->mem, one);
        names = str_slice(names, one.len + 1, names.len);
    }
}

static bool no_row(Planner *p, const Expr *row, Str name, int64_t at)
{
    if (row->type.id == TYPE_RECORD)
        return err_set_at(p->err, SQLSTATE_UNDEFINED_COLUMN, at,
                          "could not identify column \"%.*s\" in record data type", STR_ARG(name));
    return err_set_at(p->err, "42809", at,
                      "column notation .%.*s applied to type %.*s, which is not a composite type",
                      STR_ARG(name), STR_ARG(search_type_name(&p->search, row->type, p->mem)));
}

Expr *bind_field(Scope *s, const AstExpr *e)
{
    Planner *p = s->p;
    if (e->flag) {
        err_set_at(p->err, SQLSTATE_UNSUPPORTED, e->at, "row expansion via \"*\" is not supported here");
        return NULL;
    }
    Expr *row = bind_expr(s, e->a);
    if (!row) return NULL;
    Str name = ast_path_name(e->path);
    for (uint32_t i = 0; is_made(row) && i + 1 < row->args; i++) {
        if (!str_equal(field_name(p, row, i), name)) continue;
        bind_names_column(p, e, row->arg[i + 1]);
        return row->arg[i + 1];
    }
    if (is_made(row) && e->a->kind == AST_COLUMN)
        err_set_at(p->err, SQLSTATE_UNDEFINED_COLUMN, e->at, "column %.*s.%.*s does not exist",
                   STR_ARG(ast_path_name(e->a->path)), STR_ARG(name));
    else
        no_row(p, row, name, e->at);
    return NULL;
}

bool bind_field_star(Scope *s, const AstExpr *e, BindTargets *out)
{
    Planner *p = s->p;
    Expr *row = bind_expr(s, e->a);
    if (!row) return false;
    if (!is_made(row) && row->type.id == TYPE_RECORD)
        return err_set_at(p->err, SQLSTATE_UNSUPPORTED, e->at, "the fields of this record are not known");
    if (!is_made(row))
        return err_set_at(p->err, "42809", e->at, "type %.*s is not composite",
                          STR_ARG(search_type_name(&p->search, row->type, p->mem)));
    for (uint32_t i = 0; i + 1 < row->args; i++)
        bind_target_add(p, out, (BindTarget){row->arg[i + 1], field_name(p, row, i), e->at});
    return true;
}

// ---- tests ----

Expr *bind_row_null(Planner *p, Expr *row, bool negated, int64_t at)
{
    if (!is_made(row)) {
        Expr *x = bind_internal(p, negated ? "row filled" : "row null", type_of(TYPE_BOOLEAN), 1, at);
        if (x) x->arg[0] = row;
        return x;
    }
    Expr *all = bind_new(p, EXPR_AND, type_of(TYPE_BOOLEAN), row->args - 1, at);
    for (uint32_t i = 0; i + 1 < row->args; i++) {
        all->arg[i] = bind_new(p, EXPR_IS_NULL, type_of(TYPE_BOOLEAN), 1, at);
        all->arg[i]->negated = negated;
        all->arg[i]->arg[0] = row->arg[i + 1];
    }
    return all;
}

// ---- rows of subqueries ----

// One column of a subquery that gives one row.
static Expr *query_column(Scope *s, const AstQuery *q, uint32_t fields, uint32_t i, int64_t at)
{
    Planner *p = s->p;
    Bound b;
    if (!bind_query(p, q, s, s->cte, false, &b)) return NULL;
    if (b.columns != fields) {
        err_set_at(p->err, SQLSTATE_SYNTAX, at,
                   b.columns < fields ? "subquery has too few columns" : "subquery has too many columns");
        return NULL;
    }
    Expr **column = arena_new(p->mem, Expr *);
    ColumnId *id = arena_new(p->mem, ColumnId);
    *column = rel_slot(p, b.id[i], at);
    *id = rel_column_new(p, b.name[i], (*column)->type);
    Expr *x = bind_new(p, EXPR_SUBQUERY, (*column)->type, 0, at);
    x->subquery = SUBQUERY_SCALAR;
    x->logical = rel_project(p, b.rel, 1, id, column);
    return x->logical ? x : NULL;
}

// (a, b) = (SELECT c, d …): a subquery for each column; all see the same rows.
bool bind_query_row(Scope *s, const AstQuery *q, uint32_t fields, Expr **out, int64_t at)
{
    for (uint32_t i = 0; i < fields; i++)
        if (!(out[i] = query_column(s, q, fields, i, at))) return false;
    return true;
}
