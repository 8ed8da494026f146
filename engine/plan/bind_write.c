// Bind: INSERT, UPDATE, DELETE: each becomes a query that gives the rows plan.h says the operator reads,
// under a REL_WRITE. Relies on bind_in.h, engine/sql/parser.h.
#include "engine/plan/bind_in.h"
#include "engine/sql/parser.h"

// ---- columns and defaults ----

static ColumnId column_new(Planner *p, const ColumnDef *c)
{
    return rel_column_new(p, bind_copy(p, c->name), c->type);
}

bool bind_column_find(Planner *p, const TableDef *def, const AstName *name, uint16_t *column)
{
    int at = schema_column(def, name->text);
    if (at < 0)
        return err_set_at(p->err, SQLSTATE_UNDEFINED_COLUMN, name->at,
                          "column \"%.*s\" of relation \"%.*s\" does not exist", STR_ARG(name->text),
                          STR_ARG(def->name));
    *column = (uint16_t)at;
    return true;
}

Expr *bind_default(Planner *p, const TableDef *def, uint32_t column)
{
    const ColumnDef *c = &def->column[column];
    if (!c->default_text.at || c->identity || c->generated.at)
        return c->type.domain ? bind_domain(p, rel_constant(p, value_null(type_bare(c->type)), -1), c->type)
                              : rel_constant(p, value_null(c->type), -1);
    AstExpr *ast;
    if (!parser_expr(&ast, c->default_text, p->mem, p->err)) return NULL;
    Scope s = {.p = p, .clause = CLAUSE_DEFAULT};
    Expr *e = bind_coerce(p, bind_expr(&s, ast), c->type, CAST_ASSIGNMENT);
    if (!e) p->err->at = -1; // a place in the default's text is none in the statement's
    return e;
}

Expr *bind_assign(Planner *p, Expr *e, const ColumnDef *c, int64_t at)
{
    if (!e) return NULL;
    if (bind_can_coerce(e, c->type.id, CAST_ASSIGNMENT)) return bind_coerce(p, e, c->type, CAST_ASSIGNMENT);
    err_set_at(p->err, SQLSTATE_TYPE_MISMATCH, e->at >= 0 ? e->at : at,
               "column \"%.*s\" is of type %.*s but expression is of type %.*s", STR_ARG(c->name),
               STR_ARG(search_type_name(&p->search, c->type, p->mem)),
               STR_ARG(search_type_name(&p->search, e->type, p->mem)));
    err_hint(p->err, "You will need to rewrite or cast the expression.");
    return NULL;
}

static Scope top_scope(Planner *p, const ScopeCte *cte) { return (Scope){.p = p, .cte = cte}; }

// The write over child; its own columns when RETURNING follows.
static Rel *write_rel(Planner *p, PlanKind kind, Table *table, Rel *child, uint32_t fixed, bool returning)
{
    Rel *r = child && !err_any(p->err) ? rel_over(p, REL_WRITE, child) : NULL;
    if (!r) return NULL;
    r->write = arena_new(p->mem, RelWrite);
    *r->write = (RelWrite){.kind = kind, .table = table, .fixed = fixed, .returning = returning};
    r->columns = returning ? child->columns : 0;
    r->id = arena_array(p->mem, ColumnId, child->columns + 1);
    for (uint32_t i = 0; i < r->columns; i++) {
        const RelColumn c = p->column[child->id[i]];
        r->id[i] = rel_column_new(p, c.name, c.type);
    }
    r->write->rules = bind_rules(p, table, kind);
    return r->write->rules && !err_any(p->err) ? r : NULL;
}

ScopeRange *bind_range_of(Planner *p, const TableDef *def, Str alias, const ColumnId *id)
{
    ScopeRange *r = arena_new(p->mem, ScopeRange);
    r->schema = alias.len ? STR("") : STR("public");
    r->alias = bind_copy(p, alias.len ? alias : def->name);
    r->columns = def->column_count;
    r->id = arena_array(p->mem, ColumnId, r->columns + 1);
    r->name = arena_array(p->mem, Str, r->columns + 1);
    for (uint32_t i = 0; i < r->columns; i++) {
        r->id[i] = id[i];
        r->name[i] = bind_copy(p, def->column[i].name);
    }
    return r;
}

// ---- INSERT ----

typedef struct Insert {
    Planner *p;
    const AstInsert *ast;
    const ScopeCte *cte;
    const TableDef *def;
    uint32_t given;   // columns with a value in each row
    uint16_t *column; // which
    Expr **standard;  // per table column, its default
    bool *identity;
    PermitNeed *need;
} Insert;

static bool insert_columns(Insert *x)
{
    Planner *p = x->p;
    const AstNames *list = &x->ast->columns;
    uint32_t all = x->def->column_count;
    x->column = arena_array(p->mem, uint16_t, all + 1);
    x->given = list->count ? list->count : all;
    if (list->count > all)
        return err_set_at(p->err, "42701", list->at[all].at, "INSERT names more columns than there are");
    bool *seen = arena_array(p->mem, bool, all + 1);
    for (uint32_t i = 0; i < x->given; i++) {
        x->column[i] = (uint16_t)i;
        if (!list->count) continue;
        if (!bind_column_find(p, x->def, &list->at[i], &x->column[i])) return false;
        if (seen[x->column[i]])
            return err_set_at(p->err, "42701", list->at[i].at, "column \"%.*s\" specified more than once",
                              STR_ARG(list->at[i].text));
        seen[x->column[i]] = true;
    }
    return true;
}

static bool insert_width(Insert *x, uint32_t values, int64_t at)
{
    if (values > x->given)
        return err_set_at(x->p->err, SQLSTATE_SYNTAX, at, "INSERT has more expressions than target columns");
    if (values < x->given && x->ast->columns.count)
        return err_set_at(x->p->err, SQLSTATE_SYNTAX, x->ast->columns.at[values].at,
                          "INSERT has more target columns than expressions");
    x->given = values;
    return true;
}

static bool is_given(const Insert *x, uint32_t column)
{
    for (uint32_t i = 0; i < x->given; i++)
        if (x->column[i] == column) return true;
    return false;
}

static bool insert_defaults(Insert *x)
{
    x->standard = arena_array(x->p->mem, Expr *, x->def->column_count + 1);
    x->identity = arena_array(x->p->mem, bool, x->def->column_count + 1);
    for (uint32_t c = 0; c < x->def->column_count; c++) {
        if (!(x->standard[c] = bind_default(x->p, x->def, c))) return false;
        x->identity[c] = x->def->column[c].identity && !is_given(x, c);
    }
    return true;
}

// GENERATED ALWAYS takes no value of the user's without OVERRIDING.
static bool may_give(const Insert *x, uint16_t column, int64_t at)
{
    const ColumnDef *c = &x->def->column[column];
    if (c->numbering != COLUMN_ALWAYS || x->ast->overriding_given) return true;
    err_set_at(x->p->err, "428C9", at, "cannot insert a non-DEFAULT value into column \"%.*s\"",
               STR_ARG(c->name));
    err_note(x->p->err, "Column \"%.*s\" is an identity column defined as GENERATED ALWAYS.",
             STR_ARG(c->name));
    return err_hint(x->p->err, "Use OVERRIDING SYSTEM VALUE to override.");
}

static Expr *insert_value(Insert *x, Scope *s, const AstExpr *e, uint16_t column)
{
    if (e->kind == AST_DEFAULT) {
        if (x->def->column[column].identity) x->identity[column] = true;
        return x->standard[column];
    }
    if (!bind_not_generated(x->p, &x->def->column[column], true, e->at)) return NULL;
    if (!may_give(x, column, e->at)) return NULL;
    return bind_assign(x->p, bind_expr(s, e), &x->def->column[column], e->at);
}

static Rel *insert_rows_rel(Insert *x, uint32_t rows)
{
    Planner *p = x->p;
    uint32_t n = x->def->column_count;
    Rel *r = rel_new(p, REL_VALUES);
    if (!r) return NULL;
    r->row_count = rows;
    r->columns = n;
    r->id = arena_array(p->mem, ColumnId, n + 1);
    for (uint32_t c = 0; c < n; c++) r->id[c] = column_new(p, &x->def->column[c]);
    r->expr = arena_try(p->mem, (size_t)rows * n + 1, sizeof(Expr *));
    if (r->expr) return r;
    err_set(p->err, SQLSTATE_OUT_OF_MEMORY, "INSERT of %u rows needs too much memory", (unsigned)rows);
    return NULL;
}

static Rel *insert_values(Insert *x)
{
    Planner *p = x->p;
    const AstQuery *q = x->ast->query;
    Scope s = top_scope(p, x->cte);
    s.clause = CLAUSE_VALUES;
    if (!bind_with(p, q->with, NULL, &s.cte) || !insert_width(x, q->row[0].count, q->at) ||
        !insert_defaults(x))
        return NULL;
    Rel *r = insert_rows_rel(x, q->rows);
    for (uint32_t i = 0; r && i < q->rows; i++) {
        Expr **row = &r->expr[(size_t)i * r->columns];
        if (q->row[i].count != x->given) {
            err_set_at(p->err, SQLSTATE_SYNTAX, q->row[i].count ? q->row[i].at[0]->at : q->at,
                       "VALUES lists must all be the same length");
            return NULL;
        }
        for (uint32_t c = 0; c < r->columns; c++) row[c] = x->standard[c];
        for (uint32_t k = 0; k < x->given; k++)
            if (!(row[x->column[k]] = insert_value(x, &s, q->row[i].at[k], x->column[k]))) return NULL;
    }
    return r;
}

static Rel *insert_query(Insert *x)
{
    Planner *p = x->p;
    Bound b;
    if (!bind_query(p, x->ast->query, NULL, x->cte, true, &b)) return NULL;
    if (!insert_width(x, b.columns, x->ast->query->at) || !insert_defaults(x)) return NULL;
    Type *type = arena_array(p->mem, Type, b.columns + 1);
    for (uint32_t i = 0; i < b.columns; i++) {
        const ColumnDef *c = &x->def->column[x->column[i]];
        if (!may_give(x, x->column[i], x->ast->query->at)) return NULL;
        type[i] = c->type;
        Expr *slot = rel_slot(p, b.id[i], x->ast->query->at);
        if (!bind_not_generated(p, c, true, slot->at)) return NULL;
        if (!bind_can_coerce(slot, c->type.id, CAST_ASSIGNMENT))
            return bind_assign(p, slot, c, slot->at) ? NULL : NULL;
    }
    if (!bind_bound_coerce(p, &b, type, CAST_ASSIGNMENT)) return NULL;
    uint32_t n = x->def->column_count;
    ColumnId *id = arena_array(p->mem, ColumnId, n + 1);
    Expr **expr = arena_array(p->mem, Expr *, n + 1);
    for (uint32_t c = 0; c < n; c++) expr[c] = x->standard[c];
    for (uint32_t i = 0; i < b.columns; i++) expr[x->column[i]] = rel_slot(p, b.id[i], -1);
    for (uint32_t c = 0; c < n; c++) id[c] = column_new(p, &x->def->column[c]);
    return rel_project(p, b.rel, n, id, expr);
}

static Rel *insert_defaults_row(Insert *x)
{
    x->given = 0;
    if (!insert_defaults(x)) return NULL;
    Rel *r = insert_rows_rel(x, 1);
    for (uint32_t c = 0; r && c < r->columns; c++) r->expr[c] = x->standard[c];
    return r;
}

static bool is_plain_values(const AstQuery *q)
{
    return q->kind == AST_QUERY_VALUES && !q->order.count && !q->limit && !q->offset;
}

static bool write_table(Planner *p, const AstPath *path, Table **table)
{
    BindFound found;
    if (!bind_relation_find(p, path, &found)) return false;
    *table = found.table;
    if (*table && table_def(*table)->materialized && !p->request->refreshes)
        return err_set_at(p->err, "42809", path->at, "cannot change materialized view \"%.*s\"",
                          STR_ARG(table_def(*table)->name));
    if (*table) return true;
    if (found.object && found.object->kind == OBJECT_VIEW)
        return bind_unsupported(p, path->at, "changing rows through a view");
    if (found.object)
        return err_set_at(p->err, "42809", path->at, "cannot change sequence \"%.*s\"",
                          STR_ARG(found.object->name));
    return err_set_at(p->err, "42809", path->at, "\"%.*s\" is a system table and cannot be changed",
                      STR_ARG(ast_path_name(path)));
}

// OVERRIDING USER VALUE: what is given for identity columns counts as not given.
static void insert_override(Insert *x, Rel *r)
{
    for (uint32_t c = 0; c < x->def->column_count; c++) {
        if (!x->def->column[c].identity && !x->def->column[c].numbering) continue;
        x->identity[c] = x->def->column[c].identity;
        uint32_t rows = r->kind == REL_VALUES ? r->row_count : 1;
        for (uint32_t i = 0; i < rows; i++) r->expr[(size_t)i * r->columns + c] = x->standard[c];
    }
}

static Scope insert_scope(Insert *x, const Rel *r)
{
    Scope s = top_scope(x->p, x->cte);
    ScopeRange *own = bind_range_of(x->p, x->def, x->ast->alias.text, r->id);
    own->need = x->need;
    (void)bind_range_add(&s, own, -1);
    for (uint32_t i = 0; i < own->columns; i++) bind_scope_column_add(&s, own->name[i], own->id[i]);
    return s;
}

// What the INSERT needs to be allowed, and what the table's policies ask of its rows.
static bool insert_permit(Insert *x, Rel **rel)
{
    Planner *p = x->p;
    ScopeRange *own = bind_range_of(p, x->def, STR(""), (*rel)->id);
    bool updates = x->ast->conflict == AST_CONFLICT_UPDATE;
    x->need = bind_permit_range(p, own, x->def, NULL, RIGHT_INSERT, x->ast->table.at);
    for (uint32_t i = 0; i < x->given; i++) bind_permit_write(x->need, true, x->column[i]);
    if (!p->request->permit) return true;
    if (updates && !bind_policy_none(p, x->def, RIGHT_UPDATE, "ON CONFLICT DO UPDATE with row policies"))
        return false;
    return bind_policy_check(p, x->def, p->as, RIGHT_INSERT, (*rel)->id, rel) &&
           (!x->ast->returning.count || bind_policy_check(p, x->def, p->as, RIGHT_SELECT, (*rel)->id, rel));
}

bool bind_insert(Planner *p, const AstInsert *a, const ScopeCte *cte, BoundWrite *out)
{
    Insert x = {.p = p, .ast = a, .cte = cte};
    Table *table;
    if (!write_table(p, &a->table, &table)) return false;
    x.def = table_def(table);
    if (!bind_with(p, a->with, NULL, &x.cte) || !insert_columns(&x)) return false;
    Rel *r = a->default_values           ? insert_defaults_row(&x)
             : is_plain_values(a->query) ? insert_values(&x)
                                         : insert_query(&x);
    if (r && a->overriding_given && !a->overriding_system) insert_override(&x, r);
    bool returning = a->returning.count > 0;
    if (!r || !insert_permit(&x, &r)) return false;
    if (!(r = write_rel(p, PLAN_INSERT, table, r, x.def->column_count, returning))) return false;
    r->write->identity = x.identity;
    r->write->main = out->main;
    Scope s = top_scope(p, x.cte);
    if (a->conflict != AST_CONFLICT_NONE && !bind_conflict(&s, a, r->write, x.need)) return false;
    if (a->conflict == AST_CONFLICT_UPDATE && !(r->write->rules = bind_rules(p, table, PLAN_UPDATE)))
        return false;
    out->bound.rel = r;
    if (!returning) return true;
    s = insert_scope(&x, r);
    return bind_returning(&s, &a->returning, r, &out->bound);
}

// ---- UPDATE and DELETE ----

typedef struct Change {
    Scope scope;
    const TableDef *def;
    Rel *target; // the changed table's own node
    Rel *rel;
    ColumnId position;
    PermitNeed *need; // NULL: nobody asks
} Change;

static bool change_source(Change *x, PlanKind kind, const AstTable *t, const AstTables *others,
                          const AstExpr *where, bool returns)
{
    Planner *p = x->scope.p;
    if (t->kind != AST_TABLE_NAME)
        return err_set_at(p->err, SQLSTATE_SYNTAX, t->at, "a table's name is expected");
    if (!bind_from_table(&x->scope, t, &x->rel)) return false;
    x->target = x->rel;
    x->def = table_def(x->target->table);
    if (x->def->materialized && !p->request->refreshes)
        return err_set_at(p->err, "42809", t->at, "cannot change materialized view \"%.*s\"",
                          STR_ARG(x->def->name));
    x->position = rel_column_new(p, STR("row position"), type_of(TYPE_BIGINT));
    ColumnId *id = arena_array(p->mem, ColumnId, x->target->columns + 2);
    for (uint32_t i = 0; i < x->target->columns; i++) id[i] = x->target->id[i];
    id[x->target->columns++] = x->position;
    x->target->id = id;
    x->target->row_position = true;
    ScopeRange *own = x->scope.range[0];
    x->need = own->need;
    if (x->need && kind == PLAN_DELETE) x->need->rights |= RIGHT_DELETE;
    if (x->need && kind == PLAN_UPDATE) x->need->rights |= RIGHT_UPDATE;
    bool reads = where || others->count || returns;
    unsigned right = kind == PLAN_DELETE ? RIGHT_DELETE : RIGHT_UPDATE;
    if (!bind_policy_filter(p, own, x->def, right | (reads ? RIGHT_SELECT : 0), &x->rel, t->at)) return false;
    if (!bind_from(&x->scope, others, &x->rel)) return false;
    if (!where) return true;
    Expr *condition = bind_condition(&x->scope, where, CLAUSE_WHERE);
    return condition && (x->rel = rel_filter(p, x->rel, condition));
}

// The column to set, which no other item has set.
static bool set_column(BindSet *x, const AstName *name, uint16_t *column)
{
    Planner *p = x->scope->p;
    if (!bind_column_find(p, x->def, name, column)) return false;
    if (x->set[*column])
        return err_set_at(p->err, SQLSTATE_SYNTAX, name->at, "multiple assignments to same column \"%.*s\"",
                          STR_ARG(name->text));
    return x->set[*column] = true;
}

static bool set_one(BindSet *x, const AstAssignment *a, const AstName *name, const AstExpr *value)
{
    Planner *p = x->scope->p;
    uint16_t c = 0;
    bool part = a->subscript.count != 0;
    if (part ? !bind_column_find(p, x->def, name, &c) : !set_column(x, name, &c)) return false;
    if (part) {
        if (!x->row[c]) return bind_unsupported(p, a->at, "assigning to a subscript here");
        x->set[c] = true;
        x->row[c] = bind_array_assign(x->scope, x->row[c], &a->subscript, bind_expr(x->scope, value), a->at);
        return x->row[c] != NULL;
    }
    if (value->kind == AST_DEFAULT) {
        x->identity[c] = x->def->column[c].identity;
        x->row[c] = bind_default(p, x->def, c);
        return x->row[c] != NULL;
    }
    if (!bind_not_generated(p, &x->def->column[c], false, name->at)) return false;
    if (x->def->column[c].numbering == COLUMN_ALWAYS) {
        err_set_at(p->err, "428C9", name->at, "column \"%.*s\" can only be updated to DEFAULT",
                   STR_ARG(name->text));
        return err_note(p->err, "Column \"%.*s\" is an identity column defined as GENERATED ALWAYS.",
                        STR_ARG(name->text));
    }
    x->row[c] = bind_assign(p, bind_expr(x->scope, value), &x->def->column[c], a->at);
    return x->row[c] != NULL;
}

// SET (a, b) = (SELECT …): at most one row, joined to what is updated.
static bool set_query(BindSet *x, const AstAssignment *a)
{
    Planner *p = x->scope->p;
    Bound b;
    if (!x->rel) return bind_unsupported(p, a->at, "assigning a subquery to several columns here");
    if (!bind_query(p, a->expr->query, x->scope, x->scope->cte, false, &b)) return false;
    if (b.columns != a->columns.count)
        return err_set_at(p->err, SQLSTATE_SYNTAX, a->at,
                          "number of columns does not match number of values");
    for (uint32_t i = 0; i < b.columns; i++) {
        uint16_t c = 0;
        if (!set_column(x, &a->columns.at[i], &c)) return false;
        x->row[c] = bind_assign(p, rel_slot(p, b.id[i], a->at), &x->def->column[c], a->at);
        if (!x->row[c]) return false;
    }
    Rel *j = rel_join(p, JOIN_SINGLE, *x->rel, rel_choose(p, b.rel, b.columns, b.id), NULL);
    if (j) j->lateral = true;
    return (*x->rel = j) != NULL;
}

bool bind_set_item(BindSet *x, const AstAssignment *a)
{
    Planner *p = x->scope->p;
    if (a->field.text.len) return bind_unsupported(p, a->at, "assigning to a field");
    if (!a->columns.count) return set_one(x, a, &a->column, a->expr);
    if (a->expr->kind == AST_SUBQUERY) return set_query(x, a);
    if (a->expr->kind != AST_ROW)
        return err_set_at(
            p->err, SQLSTATE_UNSUPPORTED, a->expr->at,
            "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression");
    if (a->expr->list.count != a->columns.count)
        return err_set_at(p->err, SQLSTATE_SYNTAX, a->at,
                          "number of columns does not match number of values");
    for (uint32_t i = 0; i < a->columns.count; i++)
        if (!set_one(x, a, &a->columns.at[i], a->expr->list.at[i])) return false;
    return true;
}

// ---- what RETURNING of UPDATE and DELETE reads beside the row: the columns of FROM ----

// The ids of FROM's columns, behind the first `count` of id; id has room for all.
static uint32_t others_add(const Change *x, ColumnId *id, uint32_t count)
{
    uint32_t first = count;
    for (uint32_t i = 1; i < x->scope.ranges; i++)
        for (uint32_t k = 0; k < x->scope.range[i]->columns; k++) id[count++] = x->scope.range[i]->id[k];
    for (uint32_t i = 0; i < x->scope.columns; i++) {
        ColumnId own = x->scope.column[i].id;
        bool known = rel_has(x->target, own);
        for (uint32_t k = first; k < count && !known; k++) known = id[k] == own;
        if (!known) id[count++] = own;
    }
    return count;
}

static uint32_t others_room(const Change *x)
{
    uint32_t room = x->scope.columns;
    for (uint32_t i = 0; i < x->scope.ranges; i++) room += x->scope.range[i]->columns;
    return room;
}

// Where the write gives what `id` is below it.
static ColumnId written_id(const Change *x, const ColumnId *below, const Rel *write, ColumnId id)
{
    for (uint32_t i = 0; i < x->def->column_count; i++)
        if (x->target->id[i] == id) return write->id[i + 1];
    for (uint32_t i = x->def->column_count + 1; i < write->columns; i++)
        if (below[i] == id) return write->id[i];
    return COLUMN_NONE;
}

static bool change_returning(Change *x, const ColumnId *below, Rel *write, const AstTargets *list, Bound *out)
{
    Planner *p = x->scope.p;
    Scope s = top_scope(p, x->scope.cte);
    for (uint32_t i = 0; i < x->scope.ranges; i++) {
        ScopeRange *r = arena_new(p->mem, ScopeRange);
        *r = *x->scope.range[i];
        r->id = arena_array(p->mem, ColumnId, r->columns + 1);
        for (uint32_t k = 0; k < r->columns; k++)
            r->id[k] = written_id(x, below, write, x->scope.range[i]->id[k]);
        if (!bind_range_add(&s, r, -1)) return false;
    }
    for (uint32_t i = 0; i < x->scope.columns; i++)
        bind_scope_column_add(&s, x->scope.column[i].name,
                              written_id(x, below, write, x->scope.column[i].id));
    return bind_returning(&s, list, write, out);
}

static bool change_write(Change *x, PlanKind kind, uint32_t fixed, const AstTargets *list, BoundWrite *out)
{
    Planner *p = x->scope.p;
    const ColumnId *below = x->rel->id;
    Rel *r = write_rel(p, kind, x->target->table, x->rel, fixed, list->count > 0);
    if (!r) return false;
    r->write->main = out->main;
    out->bound.rel = r;
    return !list->count || change_returning(x, below, r, list, &out->bound);
}

// The new rows keep to the policies, too.
static bool update_policies(Change *x, const AstUpdate *a, const ColumnId *id)
{
    Planner *p = x->scope.p;
    if (!p->request->permit) return true;
    bool reads = a->where || a->from.count || a->returning.count;
    return bind_policy_check(p, x->def, p->as, RIGHT_UPDATE, id, &x->rel) &&
           (!reads || bind_policy_check(p, x->def, p->as, RIGHT_SELECT, id, &x->rel));
}

bool bind_update(Planner *p, const AstUpdate *a, const ScopeCte *cte, BoundWrite *out)
{
    Change x = {.scope = top_scope(p, cte)};
    if (a->current_of.text.len) return bind_unsupported(p, a->current_of.at, "WHERE CURRENT OF");
    if (!bind_with(p, a->with, NULL, &x.scope.cte) ||
        !change_source(&x, PLAN_UPDATE, a->table, &a->from, a->where, a->returning.count > 0))
        return false;
    uint32_t n = x.def->column_count, room = n + 2 + others_room(&x);
    Expr **expr = arena_array(p->mem, Expr *, room);
    ColumnId *id = arena_array(p->mem, ColumnId, room);
    BindSet set = {
        &x.scope, x.def, expr + 1, arena_array(p->mem, bool, n + 1), arena_array(p->mem, bool, n + 1),
        &x.rel};
    x.scope.clause = CLAUSE_SET;
    for (uint32_t c = 0; c < n; c++)
        expr[1 + c] = rel_slot(p, x.target->id[c], -1); // what a[1] = … starts from
    for (uint32_t i = 0; i < a->set.count; i++)
        if (!bind_set_item(&set, &a->set.at[i])) return false;
    expr[0] = rel_slot(p, x.position, -1);
    id[0] = x.position;
    for (uint32_t c = 0; c < n; c++) {
        id[c + 1] = set.set[c] ? column_new(p, &x.def->column[c]) : x.target->id[c];
        if (!set.set[c]) expr[c + 1] = rel_slot(p, x.target->id[c], -1);
    }
    uint32_t columns = a->returning.count ? others_add(&x, id, n + 1) : n + 1;
    for (uint32_t i = n + 1; i < columns; i++) expr[i] = rel_slot(p, id[i], -1);
    for (uint16_t c = 0; c < n; c++)
        if (set.set[c]) bind_permit_write(x.need, false, c);
    x.rel = rel_project(p, x.rel, columns, id, expr);
    if (x.rel && !update_policies(&x, a, id + 1)) return false;
    if (!x.rel || !change_write(&x, PLAN_UPDATE, n + 1, &a->returning, out)) return false;
    Rel *write = out->bound.rel;
    while (write->kind != REL_WRITE) write = write->child[0];
    write->write->identity = set.identity;
    write->write->set = set.set;
    return true;
}

bool bind_delete(Planner *p, const AstDelete *a, const ScopeCte *cte, BoundWrite *out)
{
    Change x = {.scope = top_scope(p, cte)};
    if (a->current_of.text.len) return bind_unsupported(p, a->current_of.at, "WHERE CURRENT OF");
    if (!bind_with(p, a->with, NULL, &x.scope.cte) ||
        !change_source(&x, PLAN_DELETE, a->table, &a->join_using, a->where, a->returning.count > 0))
        return false;
    uint32_t n = x.def->column_count, columns = 1;
    ColumnId *id = arena_array(p->mem, ColumnId, n + 2 + others_room(&x));
    id[0] = x.position;
    for (uint32_t i = 0; a->returning.count && i < n; i++) id[columns++] = x.target->id[i];
    if (a->returning.count) columns = others_add(&x, id, columns);
    x.rel = rel_choose(p, x.rel, columns, id);
    return x.rel && change_write(&x, PLAN_DELETE, 1, &a->returning, out);
}
