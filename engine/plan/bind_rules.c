// Bind: what must hold when rows of a table change: its CHECKs, the parents its foreign keys name, and what
// children do when a parent goes; and stand-alone expressions over one table. Everything taken from
// definitions is copied, for a plan may outlive the transaction it was made in. Relies on bind_in.h,
// engine/sql/parser.h.
#include "engine/plan/bind_in.h"
#include "engine/sql/parser.h"

static Expr *bind_over_table(Planner *p, const AstExpr *ast, const TableDef *def, Type target,
                             BindClause clause)
{
    Scope s = {.p = p, .clause = clause};
    ScopeRange *r = arena_new(p->mem, ScopeRange);
    uint32_t n = def ? def->column_count : 0;
    r->alias = def ? def->name : STR("");
    r->columns = n;
    r->id = arena_array(p->mem, ColumnId, n + 1);
    r->name = arena_array(p->mem, Str, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        r->name[i] = def->column[i].name;
        r->id[i] = rel_column_new(p, def->column[i].name, def->column[i].type);
        bind_scope_column_add(&s, r->name[i], r->id[i]);
    }
    if (n && !bind_range_add(&s, r, -1)) return NULL;
    Expr *e = bind_expr(&s, ast);
    if (e && clause == CLAUSE_CHECK) e = bind_boolean(p, e, "CHECK");
    if (e && target.id != TYPE_NULL) e = bind_coerce(p, e, target, CAST_ASSIGNMENT);
    if (!e) return NULL;
    if (rel_has_subquery(e)) {
        err_set_at(p->err, SQLSTATE_UNSUPPORTED, ast->at, "cannot use subquery in %s expression",
                   bind_clause_name(clause));
        return NULL;
    }
    return lower_expr(p, e, r->id, n);
}

static bool bind_checks(Planner *p, const TableDef *def, WriteRules *rules)
{
    rules->check = arena_array(p->mem, Expr *, def->check_count + 1);
    rules->check_name = arena_array(p->mem, Str, def->check_count + 1);
    for (uint16_t i = 0; i < def->check_count; i++) {
        AstExpr *ast;
        if (!parser_expr(&ast, def->check[i].text, p->mem, p->err)) return false;
        Expr *e = bind_over_table(p, ast, def, type_of(TYPE_BOOLEAN), CLAUSE_CHECK);
        if (!e) {
            p->err->at = -1;
            return err_note(p->err, "in constraint %.*s", STR_ARG(def->check[i].name));
        }
        rules->check[rules->checks] = e;
        rules->check_name[rules->checks++] = bind_copy(p, def->check[i].name);
    }
    return true;
}

static bool bind_generated(Planner *p, const TableDef *def, WriteRules *rules)
{
    rules->generate = arena_array(p->mem, Expr *, def->column_count + 1);
    rules->generated_column = arena_array(p->mem, uint16_t, def->column_count + 1);
    for (uint16_t c = 0; c < def->column_count; c++) {
        AstExpr *ast;
        const ColumnDef *column = &def->column[c];
        if (!column->generated.at) continue;
        if (!parser_expr(&ast, column->generated, p->mem, p->err)) return false;
        Expr *e = bind_over_table(p, ast, def, column->type, CLAUSE_DEFAULT);
        if (!e) {
            p->err->at = -1;
            return err_note(p->err, "in generated column %.*s", STR_ARG(column->name));
        }
        rules->generated_column[rules->generated] = c;
        rules->generate[rules->generated++] = e;
    }
    return true;
}

bool bind_not_generated(Planner *p, const ColumnDef *c, bool insert, int64_t at)
{
    if (!c->generated.at) return true;
    if (insert)
        err_set_at(p->err, "428C9", at, "cannot insert a non-DEFAULT value into column \"%.*s\"",
                   STR_ARG(c->name));
    else
        err_set_at(p->err, "428C9", at, "column \"%.*s\" can only be updated to DEFAULT", STR_ARG(c->name));
    return err_note(p->err, "Column \"%.*s\" is a generated column.", STR_ARG(c->name));
}

static void bind_parents(Planner *p, const TableDef *copy, WriteRules *rules)
{
    rules->foreign_key = arena_array(p->mem, ForeignKeyCheck, copy->foreign_key_count + 1);
    for (uint16_t i = 0; i < copy->foreign_key_count; i++) {
        const ForeignKeyDef *key = &copy->foreign_key[i];
        Table *parent = transaction_table_by_id(p->request->transaction, key->parent_id);
        if (!parent) continue;
        bind_table_note(p, parent);
        const TableDef *def = schema_copy(table_def(parent), p->mem);
        rules->foreign_key[rules->foreign_keys++] = (ForeignKeyCheck){
            key, key->parent_id, schema_unique_on(def, key->parent_column, key->column_count)};
    }
}

// An index whose leading columns are the key's, in any order.
static const IndexDef *index_for(const TableDef *def, const ForeignKeyDef *key)
{
    for (uint16_t i = 0; i < def->index_count; i++) {
        const IndexDef *index = &def->index[i];
        if (index->column_count < key->column_count || index->predicate) continue;
        if (index->kind == INDEX_HASH && index->column_count != key->column_count) continue;
        uint16_t found = 0;
        for (uint16_t k = 0; k < key->column_count; k++)
            for (uint16_t c = 0; c < key->column_count; c++)
                if (index->column[c] == key->column[k]) found++;
        if (found == key->column_count) return index;
    }
    return NULL;
}

static void bind_children(Planner *p, const TableDef *def, WriteRules *rules)
{
    const TableDef **child;
    size_t count = transaction_children(p->request->transaction, def->id, p->mem, &child);
    size_t keys = 0;
    for (size_t i = 0; i < count; i++) keys += child[i]->foreign_key_count;
    rules->child = arena_array(p->mem, ChildAction, keys + 1);
    for (size_t i = 0; i < count; i++) {
        const TableDef *copy = schema_copy(child[i], p->mem);
        Table *table = transaction_table_by_id(p->request->transaction, copy->id);
        if (table) bind_table_note(p, table);
        for (uint16_t k = 0; k < copy->foreign_key_count; k++) {
            const ForeignKeyDef *key = &copy->foreign_key[k];
            if (key->parent_id == def->id)
                rules->child[rules->children++] = (ChildAction){copy->id, key, index_for(copy, key)};
        }
    }
}

WriteRules *bind_rules(Planner *p, Table *table, PlanKind kind)
{
    WriteRules *rules = arena_new(p->mem, WriteRules);
    const TableDef *copy = schema_copy(table_def(table), p->mem);
    if (p->request->refill) return bind_generated(p, copy, rules) ? rules : NULL;
    if (kind != PLAN_DELETE) {
        if (!bind_generated(p, copy, rules) || !bind_checks(p, copy, rules)) return NULL;
        bind_parents(p, copy, rules);
    }
    if (kind != PLAN_INSERT) bind_children(p, copy, rules);
    return rules;
}

bool plan_bind_expr(Expr **out, const struct AstExpr *ast, const TableDef *table, Type target,
                    const PlanContext *context, Arena *mem, Err *err)
{
    PlanRequest request = {.functions = context->functions, .cast = context->cast};
    Planner p = {.mem = mem, .request = &request, .err = err};
    if (context->search) p.search = *context->search;
    bool check = table && target.id == TYPE_BOOLEAN;
    *out = bind_over_table(&p, ast, table, target, check ? CLAUSE_CHECK : CLAUSE_DEFAULT);
    return *out != NULL;
}
