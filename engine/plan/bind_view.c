// Bind: views: a view's query is bound where its name stands, with a search path of its own. And the record
// of what the names of a text meant, from which a definition is printed that goes on meaning the same. Relies
// on bind_in.h, engine/sql/parser.h.
#include "engine/plan/bind_in.h"
#include "engine/sql/parser.h"

enum { VIEW_DEPTH_MAX = 200 };

static bool bind_view_text(Planner *p, const ObjectDef *view, Bound *out)
{
    Statement *s;
    size_t pos = 0;
    Str text = object_field(view, "query");
    if (!parser_statement(&s, text, &pos, p->mem, p->err)) return false;
    if (s->kind != STATEMENT_SELECT) return err_set(p->err, SQLSTATE_CORRUPT, "the definition is no query");
    return bind_query(p, s->query, NULL, NULL, false, out);
}

bool bind_view(Planner *p, const AstTable *t, const ObjectDef *view, Bound *out)
{
    bind_names_relation(p, t, view->id, view->database, view->schema, view->name, NULL);
    if (p->views >= VIEW_DEPTH_MAX)
        return err_set_at(p->err, SQLSTATE_TOO_COMPLEX, t->at,
                          "stack depth limit exceeded: more than %d views stand in each other",
                          VIEW_DEPTH_MAX);
    SearchPath outer = p->search;
    PlanNames *names = p->names;
    const BindFrame *frame = p->frame;
    p->frame = NULL;
    p->search.database = view->database;
    p->search.schemas = 0;
    p->names = NULL;
    Str as = p->as;
    if (!object_field(view, "security_invoker").at) p->as = view->owner;
    p->views++;
    bool ok = bind_view_text(p, view, out);
    p->views--;
    p->as = as;
    p->names = names;
    p->frame = frame;
    p->search = outer;
    if (!ok) {
        p->err->at = t->at;
        return err_note(p->err, "in view %.*s.%.*s", STR_ARG(view->schema), STR_ARG(view->name));
    }
    uint32_t c = 0;
    for (uint32_t i = 0; i < view->field_count; i++)
        if (str_starts(view->field[i].name, STR("column ")) && c < out->columns)
            out->name[c++] = bind_copy(p, view->field[i].value);
    out->project = NULL;
    return true;
}

// ---- what names meant ----

static PlanName *note(PlanNames *n)
{
    if (n->count == n->cap) {
        n->cap = n->cap ? n->cap * 2 : 32;
        PlanName *grown = arena_array(n->mem, PlanName, n->cap);
        for (uint32_t i = 0; i < n->count; i++) grown[i] = n->at[i];
        n->at = grown;
    }
    return &n->at[n->count++];
}

void bind_names_relation(Planner *p, const AstTable *t, uint64_t id, Str database, Str schema, Str name,
                         const Rel *table)
{
    if (!p->names) return;
    Arena *mem = p->names->mem;
    *note(p->names) = (PlanName){.kind = PLAN_NAME_RELATION,
                                 .node = t,
                                 .id = id,
                                 .database = arena_copy(mem, database),
                                 .schema = arena_copy(mem, schema),
                                 .name = arena_copy(mem, name)};
    // columns of a view come from its own tables, which this text does not name
    for (uint32_t i = 0; table && i < table->columns; i++) p->column[table->id[i]].named = true;
}

void bind_names_routine(Planner *p, const AstExpr *e, uint64_t id, Str database, Str schema, Str name)
{
    if (!p->names) return;
    Arena *mem = p->names->mem;
    *note(p->names) = (PlanName){.kind = PLAN_NAME_ROUTINE,
                                 .node = e,
                                 .id = id,
                                 .database = arena_copy(mem, database),
                                 .schema = arena_copy(mem, schema),
                                 .name = arena_copy(mem, name)};
}

void bind_names_column(Planner *p, const AstExpr *e, const Expr *found)
{
    if (!p->names || found->kind != EXPR_SLOT || !p->column[found->slot].named) return;
    const RelColumn *c = &p->column[found->slot];
    *note(p->names) = (PlanName){
        .kind = PLAN_NAME_COLUMN, .node = e, .id = table_def(c->stored)->id, .column = c->position};
}

void bind_names_query(Planner *p, const AstQuery *q)
{
    if (p->names) *note(p->names) = (PlanName){.kind = PLAN_NAME_QUERY, .node = q};
}

static Str alias_of(const Scope *s, ColumnId id, Str name)
{
    for (uint32_t i = 0; i < s->ranges; i++)
        for (uint32_t k = 0; k < s->range[i]->columns; k++)
            if (s->range[i]->id[k] == id && str_equal(s->range[i]->name[k], name)) return s->range[i]->alias;
    return STR("");
}

// A column that USING merged stands under its bare name only.
static bool is_alone(const Scope *s, const ScopeColumn *c)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < s->ranges; i++)
        for (uint32_t k = 0; k < s->range[i]->columns; k++) found += str_equal(s->range[i]->name[k], c->name);
    uint32_t bare = 0;
    for (uint32_t i = 0; i < s->columns; i++) bare += str_equal(s->column[i].name, c->name);
    return bare == 1 && found > 1;
}

void bind_names_star(const Scope *s, const AstExpr *star, const ScopeRange *range)
{
    PlanNames *names = s->p->names;
    if (!names) return;
    uint32_t count = range ? range->columns : s->columns;
    PlanName *n = note(names);
    *n = (PlanName){.kind = PLAN_NAME_STAR, .node = star, .columns = count};
    n->alias = arena_array(names->mem, Str, count + 1);
    n->column_name = arena_array(names->mem, Str, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        Str name = range ? range->name[i] : s->column[i].name;
        Str alias = range                        ? range->alias
                    : is_alone(s, &s->column[i]) ? STR("")
                                                 : alias_of(s, s->column[i].id, name);
        n->column_name[i] = arena_copy(names->mem, name);
        n->alias[i] = arena_copy(names->mem, alias);
        ColumnId id = range ? range->id[i] : s->column[i].id;
        const RelColumn *c = &s->p->column[id];
        if (c->named)
            *note(names) = (PlanName){.kind = PLAN_NAME_COLUMN,
                                      .id = table_def(c->stored)->id,
                                      .column = c->position}; // n moves: written before
        n = &names->at[names->count - 1];
        while (n->node != star || n->kind != PLAN_NAME_STAR) n--;
    }
}
