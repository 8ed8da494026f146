// Bind: what a statement needs to be allowed, noted while its names are bound and asked for at the end; and
// row policies, which are conditions put under what reads a table and over what writes it. Relies on
// bind_in.h, permit.h, engine/sql/parser.h.
#include "engine/plan/bind_in.h"
#include "engine/sql/parser.h"

typedef struct BindNeed {
    PermitNeed need; // first
    const ColumnId *id;
} BindNeed;

PermitNeed *bind_permit_range(Planner *p, ScopeRange *range, const TableDef *table, const ObjectDef *object,
                              unsigned rights, int64_t at)
{
    if (!p->request->permit) return NULL;
    BindNeed *n = arena_new(p->mem, BindNeed);
    uint32_t columns = range->columns;
    Str *name = arena_array(p->mem, Str, columns + 1);
    for (uint32_t i = 0; i < columns; i++) name[i] = range->name[i];
    n->need = (PermitNeed){.table = table,
                           .object = object,
                           .as = p->as,
                           .rights = rights,
                           .columns = columns,
                           .name = name,
                           .read = arena_array(p->mem, bool, columns + 1),
                           .inserted = arena_array(p->mem, bool, columns + 1),
                           .updated = arena_array(p->mem, bool, columns + 1),
                           .at = at,
                           .next = p->needs};
    n->id = range->id;
    p->needs = &n->need;
    range->need = &n->need;
    return &n->need;
}

// The flags are the binder's until the statement is asked for.
static void set_flag(const bool *flags, uint32_t at) { ((bool *)(uintptr_t)flags)[at] = true; }

static bool read_here(const Scope *s, ColumnId id)
{
    bool found = false;
    for (uint32_t i = 0; i < s->ranges; i++) {
        const ScopeRange *r = s->range[i];
        for (uint32_t k = 0; r->need && k < r->columns; k++) {
            if (r->id[k] != id) continue;
            set_flag(r->need->read, k);
            found = true;
        }
    }
    return found;
}

void bind_permit_read(Scope *s, ColumnId id)
{
    Planner *p = s->p;
    if (!p->needs) return;
    for (const Scope *here = s; here; here = here->outer)
        if (read_here(here, id)) return;
    if (p->policy) return; // a policy's own columns need nobody's leave
    // behind the alias of a join: whoever has it
    for (PermitNeed *n = p->needs; n; n = n->next) {
        const BindNeed *b = (const BindNeed *)(const void *)n;
        for (uint32_t k = 0; k < n->columns; k++)
            if (b->id[k] == id) set_flag(n->read, k);
    }
}

void bind_permit_read_range(Scope *s, ScopeRange *range)
{
    for (uint32_t i = 0; i < range->columns; i++)
        if (range->need)
            set_flag(range->need->read, i);
        else
            bind_permit_read(s, range->id[i]);
}

void bind_permit_write(PermitNeed *need, bool inserted, uint16_t column)
{
    if (need && column < need->columns) set_flag(inserted ? need->inserted : need->updated, column);
}

bool bind_permit_ask(Planner *p)
{
    const Permit *permit = p->request->permit;
    for (const PermitNeed *n = p->needs; n; n = n->next)
        if (!permit->may(permit->self, n, p->err)) return false;
    return true;
}

// ---- row policies ----

typedef struct Policing {
    Planner *p;
    const TableDef *def;
    const ColumnId *id;
} Policing;

static Expr *policy_expr(const Policing *x, Str text)
{
    Planner *p = x->p;
    AstExpr *ast;
    if (!parser_expr(&ast, text, p->mem, p->err)) return NULL;
    Scope s = {.p = p, .clause = CLAUSE_WHERE};
    ScopeRange *r = bind_range_of(p, x->def, STR(""), x->id);
    r->schema = x->def->schema;
    if (!bind_range_add(&s, r, -1)) return NULL;
    for (uint32_t i = 0; i < r->columns; i++) bind_scope_column_add(&s, r->name[i], r->id[i]);
    return bind_condition(&s, ast, CLAUSE_WHERE);
}

// Bound as the table's own: names lead to its schema, and then to public.
static Expr *policy_bind(const Policing *x, Str text)
{
    Planner *p = x->p;
    for (const struct BindPolicy *b = p->policy; b; b = b->around) {
        if (b->table != x->def->id) continue;
        err_set(p->err, "42P17", "infinite recursion detected in policy for relation \"%.*s\"",
                STR_ARG(x->def->name));
        return NULL;
    }
    struct BindPolicy own = {x->def->id, p->policy};
    SearchPath outer = p->search;
    Str path[2] = {x->def->schema, SCHEMA_PUBLIC};
    p->search.database = x->def->database;
    p->search.schema = path;
    p->search.schemas = 2;
    p->policy = &own;
    Expr *e = policy_expr(x, text);
    p->policy = own.around;
    p->search = outer;
    if (!e) p->err->at = -1;
    return e;
}

static Expr *both(Planner *p, ExprKind kind, Expr *a, Expr *b)
{
    if (!a || !b) return a ? a : b;
    Expr *e = bind_new(p, kind, type_of(TYPE_BOOLEAN), 2, -1);
    e->arg[0] = a;
    e->arg[1] = b;
    return e;
}

// One permissive policy and all restrictive ones: FALSE when there is no permissive one.
static Expr *policies_condition(const Policing *x, const PermitPolicies *all)
{
    Planner *p = x->p;
    Expr *any = NULL;
    for (uint32_t i = 0; i < all->permissives; i++) {
        Expr *e = policy_bind(x, all->permissive[i]);
        if (!e) return NULL;
        any = both(p, EXPR_OR, any, e);
    }
    if (!any) any = rel_constant(p, (Value){.type = type_of(TYPE_BOOLEAN)}, -1);
    for (uint32_t i = 0; i < all->restrictives; i++) {
        Expr *e = policy_bind(x, all->restrictive[i]);
        if (!e) return NULL;
        any = both(p, EXPR_AND, any, e);
    }
    return any;
}

bool bind_policy_filter(Planner *p, ScopeRange *range, const TableDef *def, unsigned commands, Rel **rel,
                        int64_t at)
{
    const Permit *permit = p->request->permit;
    if (!permit) return true;
    Policing x = {p, def, range->id};
    for (int bit = 0; bit < RIGHT_KINDS; bit++) {
        PermitPolicies all;
        if (!(commands & 1u << bit)) continue;
        if (!permit->policies(permit->self, def, p->as, (Right)(1u << bit), false, p->mem, &all, p->err))
            return false;
        if (!all.applies) continue;
        Expr *e = policies_condition(&x, &all);
        if (!e) {
            if (p->err->at < 0) p->err->at = at;
            return false;
        }
        if (!(*rel = rel_filter(p, *rel, e))) return false;
    }
    return true;
}

static Expr *text_constant(Planner *p, Str text)
{
    Value v = {.type = type_of(TYPE_TEXT)};
    v.text = text_of(arena_copy(p->mem, text));
    return rel_constant(p, v, -1);
}

bool bind_require(Planner *p, Rel **rel, Expr *condition, const char *state, Str sentence)
{
    Expr *e = bind_internal(p, "require", type_of(TYPE_BOOLEAN), 3, -1);
    if (!e) return false;
    e->arg[0] = condition;
    e->arg[1] = text_constant(p, str_of(state));
    e->arg[2] = text_constant(p, sentence);
    return (*rel = rel_filter(p, *rel, e)) != NULL;
}

// What is worked out when the row is written cannot be looked at before.
static bool reads_generated(Planner *p, const TableDef *def, const ColumnId *id, const Expr *e)
{
    IdSet ids = rel_set_new(p);
    rel_expr_ids(p, e, &ids);
    for (uint32_t i = 0; i < def->column_count; i++)
        if ((def->column[i].generated.at || def->column[i].identity) && rel_set_has(&ids, id[i])) return true;
    return false;
}

static bool policy_require(const Policing *x, const PermitPolicies *all, Str name, Rel **rel)
{
    Planner *p = x->p;
    Expr *e = policies_condition(x, all);
    if (!e) return false;
    if (reads_generated(p, x->def, x->id, e))
        return bind_unsupported(p, -1, "a row policy that checks a generated column");
    Str quoted = name.at ? arena_printf(p->mem, " \"%.*s\"", STR_ARG(name)) : STR("");
    return bind_require(p, rel, e, "42501",
                        arena_printf(p->mem,
                                     "new row violates row-level security policy%.*s for table \"%.*s\"",
                                     STR_ARG(quoted), STR_ARG(x->def->name)));
}

bool bind_policy_check(Planner *p, const TableDef *def, Str as, Right command, const ColumnId *id, Rel **rel)
{
    const Permit *permit = p->request->permit;
    PermitPolicies all;
    if (!permit) return true;
    if (!permit->policies(permit->self, def, as, command, true, p->mem, &all, p->err)) return false;
    if (!all.applies) return true;
    Policing x = {p, def, id};
    PermitPolicies any = all, one = all;
    any.restrictives = 0;
    if (!policy_require(&x, &any, STR_NONE, rel)) return false;
    for (uint32_t i = 0; i < all.restrictives; i++) {
        one.restrictive = one.permissive = all.restrictive + i;
        one.permissives = 1;
        one.restrictives = 0;
        if (!policy_require(&x, &one, all.name[i], rel)) return false;
    }
    return true;
}

bool bind_policy_none(Planner *p, const TableDef *def, Right command, const char *feature)
{
    const Permit *permit = p->request->permit;
    PermitPolicies all;
    if (!permit->policies(permit->self, def, p->as, command, true, p->mem, &all, p->err)) return false;
    return !all.applies || bind_unsupported(p, -1, feature);
}
