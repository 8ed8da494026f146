// Bind: domains: a value of the base type that is looked at before it counts as one of the domain. Rules are
// bound over one column called "value"; what a domain is made of comes first when that is a domain, too.
#include "engine/plan/bind_in.h"

enum { DOMAIN_DEPTH_MAX = 100 };

static bool rule_checks(Planner *p, const ObjectDef *o, Type base, DomainRule *rule)
{
    ColumnDef value = {.name = STR("value"), .type = base, .slot = 1};
    const TableDef table = {.column = &value, .column_count = 1, .slots = 1};
    const PlanContext context = {p->request->functions, &p->search, p->request->cast};
    const Str mark = STR("check ");
    rule->check = arena_array(p->mem, Expr *, o->field_count + 1);
    rule->check_name = arena_array(p->mem, Str, o->field_count + 1);
    for (uint32_t i = 0; i < o->field_count; i++) {
        if (!str_starts(o->field[i].name, mark)) continue;
        Expr *e;
        if (!plan_bind_text(&e, o->field[i].value, &table, type_of(TYPE_BOOLEAN), &context, p->mem, p->err)) {
            p->err->at = -1;
            return err_note(p->err, "in domain %.*s", STR_ARG(o->name));
        }
        rule->check_name[rule->checks] = str_slice(o->field[i].name, mark.len, o->field[i].name.len);
        rule->check[rule->checks++] = e;
    }
    return true;
}

Expr *bind_domain(Planner *p, Expr *e, Type to)
{
    uint32_t number[DOMAIN_DEPTH_MAX], depth = 0;
    Type base = to;
    base.domain = 0;
    for (uint64_t id = to.domain; e && id; depth++) {
        const ObjectDef *o =
            p->search.transaction ? transaction_object_by_id(p->search.transaction, id, p->mem) : NULL;
        if (!o || o->kind != OBJECT_DOMAIN || depth == DOMAIN_DEPTH_MAX) {
            err_set_at(p->err, "42704", e->at, "the domain %u cannot be used here", (unsigned)id);
            return NULL;
        }
        number[depth] = (uint32_t)id;
        uint64_t parent = 0;
        id = str_to_uint64(object_field(o, "domain"), &parent) ? parent : 0;
    }
    const ObjectDef *whole =
        depth ? transaction_object_by_id(p->search.transaction, to.domain, p->mem) : NULL;
    while (whole && depth--) { // from the innermost
        const ObjectDef *o = transaction_object_by_id(p->search.transaction, number[depth], p->mem);
        DomainRule *rule = arena_new(p->mem, DomainRule);
        rule->name = whole->name; // the one that was asked for, as PostgreSQL tells it
        rule->not_null = object_field(o, "not_null").at != NULL;
        if (!rule_checks(p, o, base, rule)) return NULL;
        Type type = base;
        type.domain = number[depth];
        Expr *x = bind_new(p, EXPR_DOMAIN, type, 1, e->at);
        x->arg[0] = e;
        x->domain = rule;
        e = x;
    }
    return e;
}
