// Plan: the way of a statement through this room: bind, apply the rules, lower. Relies on bind_in.h.
#include "engine/base/size.h"
#include "engine/plan/bind_in.h"
#include <stdlib.h>
#include <string.h>

static bool planner_params(Planner *p, uint32_t params)
{
    uint32_t declared = p->request->param_types;
    p->params = params > declared ? params : declared;
    p->param_type = arena_try(p->mem, (size_t)p->params + 1, sizeof(Type));
    if (!p->param_type)
        return err_set(p->err, SQLSTATE_OUT_OF_MEMORY, "%u parameters need too much memory",
                       (unsigned)params);
    if (declared) memcpy(p->param_type, p->request->param_type, declared * sizeof(Type));
    return true;
}

static PlanNode *finish_tree(Planner *p, Rel *rel)
{
    if (!rel || err_any(p->err)) return NULL;
    rel = rule_apply_all(p, rel);
    if (!rel || err_any(p->err)) return NULL;
    cost_rows(p, rel);
    return lower_rel(p, rel);
}

static PlanNode *plan_query(Planner *p, const AstQuery *q)
{
    Bound b;
    if (!bind_query(p, q, NULL, NULL, false, &b)) return NULL;
    PlanNode *root = finish_tree(p, rel_choose(p, b.rel, b.columns, b.id));
    for (uint32_t i = 0; root && i < b.columns; i++) root->column[i].name = b.name[i];
    return root;
}

static const PlanWrite *write_node(const PlanNode *n)
{
    while (n->kind != PLAN_INSERT && n->kind != PLAN_UPDATE && n->kind != PLAN_DELETE)
        if (!n->children)
            return NULL;
        else
            n = n->child[0];
    return plan_as(PlanWrite, n);
}

static PlanNode *plan_write(Planner *p, const BoundWrite *w, Plan *out)
{
    const Bound *b = &w->bound;
    out->returns = b->columns > 0;
    PlanNode *root = finish_tree(p, out->returns ? rel_choose(p, b->rel, b->columns, b->id) : b->rel);
    for (uint32_t i = 0; root && i < b->columns; i++) root->column[i].name = b->name[i];
    if (root) out->write = write_node(root);
    return root;
}

// INSERT, UPDATE, DELETE inside WITH, in their order.
static bool plan_spools(Planner *p, Plan *out)
{
    for (RelSpool *s = p->spools; s; s = s->next) out->write_spools++;
    out->write_spool = arena_array(p->mem, PlanSpoolBody *, out->write_spools + 1);
    uint32_t at = out->write_spools;
    for (RelSpool *s = p->spools; s; s = s->next) {
        rule_apply_spool(p, s);
        if (!err_any(p->err)) out->write_spool[--at] = lower_spool_body(p, s);
        if (err_any(p->err)) return false;
    }
    out->writes = out->writes || out->write_spools;
    return true;
}

static PlanNode *plan_statement(Planner *p, const Statement *s, Plan *out)
{
    BoundWrite w = {.main = true};
    bool bound = false;
    out->writes = s->kind != STATEMENT_SELECT;
    switch (s->kind) {
    case STATEMENT_SELECT:
        out->tag = "SELECT";
        out->returns = true;
        return plan_query(p, s->query);
    case STATEMENT_INSERT:
        out->tag = "INSERT";
        bound = bind_insert(p, s->insert, NULL, &w);
        break;
    case STATEMENT_UPDATE:
        out->tag = "UPDATE";
        bound = bind_update(p, s->update, NULL, &w);
        break;
    case STATEMENT_DELETE:
        out->tag = "DELETE";
        bound = bind_delete(p, s->remove, NULL, &w);
        break;
    default: bind_unsupported(p, s->at, ast_statement_name(s)); return NULL;
    }
    return bound ? plan_write(p, &w, out) : NULL;
}

static void plan_tables(Plan *out, const Planner *p)
{
    out->tables = p->tables;
    out->table_id = arena_array(&out->mem, uint64_t, p->tables + 1);
    out->table_version = arena_array(&out->mem, uint64_t, p->tables + 1);
    for (uint32_t i = 0; i < p->tables; i++) {
        out->table_id[i] = table_def(p->table[i])->id;
        out->table_version[i] = table_def(p->table[i])->version;
    }
}

bool plan_make(Plan **out, const PlanRequest *request, Err *err)
{
    Plan *plan = size_alloc_zero(1, sizeof *plan);
    if (!plan) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a plan");
    Planner p = {.mem = &plan->mem, .request = request, .err = err};
    const Statement *s = request->statement;
    static const Str only_public[] = {{"public", 6}};
    p.search = (SearchPath){request->transaction, request->database, STR_NONE, only_public, 1};
    if (request->search) p.search = *request->search;
    p.names = request->names;
    BindFrame frame = {0};
    if (request->arguments) {
        const PlanArguments *a = request->arguments;
        frame = (BindFrame){.routine = a->routine,
                            .count = a->count,
                            .qualifier = a->qualifier,
                            .name = a->name,
                            .qualified = a->qualified};
        p.frame = &frame;
    }
    if (planner_params(&p, s->params)) plan->root = plan_statement(&p, s, plan);
    if (plan->root && !bind_permit_ask(&p)) plan->root = NULL;
    if (!plan->root || !plan_spools(&p, plan) || err_any(err)) {
        if (!err_any(err)) err_set(err, SQLSTATE_INTERNAL, "the statement could not be planned");
        plan_free(plan);
        return false;
    }
    plan->params = p.params;
    plan->param_type = p.param_type;
    plan->deterministic = !p.volatile_used && !plan->writes;
    plan->defers = p.defers;
    plan->spools = p.spool_count;
    plan_tables(plan, &p);
    *out = plan;
    return true;
}

void plan_free(Plan *p)
{
    if (!p) return;
    Arena mem = p->mem;
    free(p);
    arena_done(&mem);
}
