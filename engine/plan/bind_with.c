// Bind: WITH. A query is bound once where it stands, and read by as many nodes as name it (RelSpool); one
// that names columns around it, or says NOT MATERIALIZED, is bound again for each. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

// ---- what a recursive term may not do ----

static bool has_work(const Rel *r, const RelSpool *spool)
{
    if (r->kind == REL_WORK && r->spool == spool) return true;
    for (uint32_t i = 0; i < r->children; i++)
        if (has_work(r->child[i], spool)) return true;
    return false;
}

static bool misplaced(Planner *p, const RelSpool *spool, int64_t at, const char *where)
{
    return err_set_at(p->err, "42P19", at, "recursive reference to query \"%.*s\" must not appear within %s",
                      STR_ARG(spool->name), where);
}

static bool well_formed(Planner *p, const Rel *r, const RelSpool *spool, int64_t at)
{
    if (!has_work(r, spool)) return true;
    if (r->kind == REL_JOIN &&
        (r->join == JOIN_FULL || (r->join == JOIN_LEFT && has_work(r->child[1], spool))))
        return misplaced(p, spool, at, "an outer join");
    if (r->kind == REL_AGGREGATE && r->calls)
        return err_set_at(p->err, "42P19", at,
                          "aggregate functions are not allowed in a recursive query's recursive term");
    if (r->kind == REL_SET && r->set == SET_INTERSECT) return misplaced(p, spool, at, "INTERSECT");
    if (r->kind == REL_SET && r->set == SET_EXCEPT && has_work(r->child[1], spool))
        return misplaced(p, spool, at, "EXCEPT");
    for (uint32_t i = 0; i < r->children; i++)
        if (!well_formed(p, r->child[i], spool, at)) return false;
    return true;
}

static bool plain_union(Planner *p, const AstQuery *q)
{
    const char *word = q->order.count ? "ORDER BY" : q->limit ? "LIMIT" : q->offset ? "OFFSET" : NULL;
    if (word)
        return err_set_at(p->err, SQLSTATE_UNSUPPORTED, q->at, "%s in a recursive query is not supported",
                          word);
    return !q->locks || err_set_at(p->err, SQLSTATE_UNSUPPORTED, q->at,
                                   "FOR UPDATE/SHARE in a recursive query is not supported");
}

// ---- binding ----

typedef struct With {
    Planner *p;
    Scope *outer;
    ScopeCte *cte;
} With;

static bool cte_columns(With *w, const Bound *b)
{
    Planner *p = w->p;
    ScopeCte *c = w->cte;
    const AstCte *a = c->ast;
    if (a->columns.count > b->columns)
        return err_set_at(p->err, "42P10", a->name.at,
                          "WITH query \"%.*s\" has %u columns available but %u columns specified",
                          STR_ARG(a->name.text), (unsigned)b->columns, (unsigned)a->columns.count);
    Type *type = arena_array(p->mem, Type, b->columns + 1);
    c->columns = b->columns;
    c->name = arena_array(p->mem, Str, b->columns + 1);
    for (uint32_t i = 0; i < b->columns; i++) {
        c->name[i] = i < a->columns.count ? bind_copy(p, a->columns.at[i].text) : b->name[i];
        type[i] = p->column[b->id[i]].type;
    }
    c->type = type;
    return true;
}

static bool borrows(Planner *p, const Rel *r)
{
    IdSet free_ids = rel_set_new(p);
    rel_free_ids(p, r, &free_ids);
    return !rel_set_empty(&free_ids);
}

static bool cte_plain(With *w)
{
    Planner *p = w->p;
    ScopeCte *c = w->cte;
    const AstCte *a = c->ast;
    Bound b;
    uint32_t works = p->works;
    if (!bind_query(p, a->body->query, w->outer, c->sees, false, &b) || !cte_columns(w, &b)) return false;
    RelSpool *spool = arena_new(p->mem, RelSpool);
    spool->name = bind_copy(p, a->name.text);
    if (!(spool->body = rel_choose(p, b.rel, b.columns, b.id))) return false;
    bool fixed = rel_tree_is_volatile(p, spool->body);
    spool->borrows = borrows(p, spool->body);
    spool->fixed = fixed || a->materialized;
    spool->moving = p->works > works;
    bool again = !fixed && !spool->moving && ((a->materialized_given && !a->materialized) || spool->borrows);
    if (!again) c->spool = spool;
    return true;
}

// Both types with their modifiers: the first term decides, and nothing of the second may be lost.
static bool same_types(With *w, const Type *overall)
{
    const ScopeCte *c = w->cte;
    for (uint32_t i = 0; i < c->columns; i++) {
        if (c->type[i].id == overall[i].id) continue;
        err_set_at(w->p->err, SQLSTATE_TYPE_MISMATCH, c->ast->name.at,
                   "recursive query \"%.*s\" column %u has type %s in non-recursive term but type %s overall",
                   STR_ARG(c->ast->name.text), (unsigned)i + 1, type_name(c->type[i].id),
                   type_name(overall[i].id));
        return err_hint(w->p->err, "Cast the output of the non-recursive term to the correct type.");
    }
    return true;
}

// The recursive term, once the first one has given names and types; *used: it names the query.
static bool cte_step(With *w, const AstQuery *q, const ScopeCte *sees, const Bound *base, RelSpool *spool)
{
    Planner *p = w->p;
    ScopeCte *itself = arena_new(p->mem, ScopeCte);
    Bound step;
    *itself = *w->cte;
    itself->view = CTE_STEP;
    itself->before = sees;
    itself->spool = spool;
    if (!bind_query(p, q->right, w->outer, itself, true, &step)) return false;
    if (!spool->works) return true;
    if (step.columns != base->columns)
        return err_set_at(p->err, SQLSTATE_SYNTAX, q->right->at,
                          "each UNION query must have the same number of columns");
    Type *type = arena_array(p->mem, Type, base->columns + 1);
    if (!well_formed(p, step.rel, spool, q->right->at) ||
        !bind_set_types(p, q, base, &step, "recursive UNION", type) || !same_types(w, type) ||
        !bind_bound_coerce(p, &step, w->cte->type, CAST_IMPLICIT))
        return false;
    return (spool->step = rel_choose(p, step.rel, step.columns, step.id)) != NULL;
}

static bool cte_recursive(With *w, bool *is)
{
    Planner *p = w->p;
    ScopeCte *c = w->cte, *itself = arena_new(p->mem, ScopeCte);
    const AstQuery *q = c->ast->body->query;
    Bound base;
    bool form = q->kind == AST_QUERY_SET && q->set == AST_SET_UNION;
    *is = false;
    *itself = *c;
    itself->view = form ? CTE_BASE : CTE_NO_FORM;
    c->sees = itself;
    if (!form) return true;
    RelSpool *spool = arena_new(p->mem, RelSpool);
    *spool = (RelSpool){.name = bind_copy(p, c->ast->name.text), .fixed = true, .distinct = !q->all};
    const ScopeCte *inner = itself;
    if (!bind_with(p, q->with, w->outer, &inner)) return false;
    if (!bind_query(p, q->left, w->outer, inner, false, &base) || !cte_columns(w, &base)) return false;
    if (!cte_step(w, q, inner, &base, spool)) return false;
    *is = spool->works > 0;
    p->works -= spool->works;
    if (!*is) return true;
    if (spool->works > 1)
        return err_set_at(p->err, "42P19", c->ast->name.at,
                          "recursive reference to query \"%.*s\" must not appear more than once",
                          STR_ARG(spool->name));
    spool->body = rel_choose(p, base.rel, base.columns, base.id);
    spool->borrows = spool->body && (borrows(p, spool->body) || borrows(p, spool->step));
    c->spool = spool;
    return plain_union(p, q) && spool->body;
}

static bool bind_change(Planner *p, const Statement *s, const ScopeCte *cte, BoundWrite *out)
{
    switch (s->kind) {
    case STATEMENT_INSERT: return bind_insert(p, s->insert, cte, out);
    case STATEMENT_UPDATE: return bind_update(p, s->update, cte, out);
    default: return bind_delete(p, s->remove, cte, out);
    }
}

static bool cte_change(With *w)
{
    Planner *p = w->p;
    ScopeCte *c = w->cte;
    BoundWrite b = {0};
    if (w->outer || p->depth > 1)
        return err_set_at(p->err, SQLSTATE_UNSUPPORTED, c->ast->name.at,
                          "WITH clause containing a data-modifying statement must be at the top level");
    if (!bind_change(p, c->ast->body, c->sees, &b) || !cte_columns(w, &b.bound)) return false;
    c->spool = arena_new(p->mem, RelSpool);
    *c->spool = (RelSpool){.name = bind_copy(p, c->ast->name.text),
                           .body = b.bound.rel,
                           .writes = true,
                           .fixed = true,
                           .next = p->spools};
    p->spools = c->spool;
    p->defers = true;
    return true;
}

static bool cte_bind(With *w, bool recursive)
{
    bool done = false;
    if (w->cte->ast->body->kind != STATEMENT_SELECT) return cte_change(w);
    if (recursive && !cte_recursive(w, &done)) return false;
    return done || cte_plain(w);
}

bool bind_with(Planner *p, const AstWith *with, Scope *outer, const ScopeCte **cte)
{
    for (uint32_t i = 0; with && i < with->count; i++) {
        const AstCte *a = &with->cte[i];
        for (uint32_t k = 0; k < i; k++)
            if (str_equal(with->cte[k].name.text, a->name.text))
                return err_set_at(p->err, "42712", a->name.at,
                                  "WITH query name \"%.*s\" specified more than once", STR_ARG(a->name.text));
        ScopeCte *c = arena_new(p->mem, ScopeCte);
        *c = (ScopeCte){.ast = a, .before = *cte, .sees = *cte, .outer = outer};
        With w = {p, outer, c};
        if (!cte_bind(&w, with->recursive)) return false;
        *cte = c;
    }
    return true;
}

// ---- reading ----

static bool refused(Scope *s, const ScopeCte *c, int64_t at)
{
    Planner *p = s->p;
    Str name = c->ast->name.text;
    if (c->view == CTE_NO_FORM)
        return !err_set_at(p->err, "42P19", at,
                           "recursive query \"%.*s\" does not have the form non-recursive-term UNION [ALL] "
                           "recursive-term",
                           STR_ARG(name));
    if (c->view == CTE_BASE)
        return !err_set_at(
            p->err, "42P19", at,
            "recursive reference to query \"%.*s\" must not appear within its non-recursive term",
            STR_ARG(name));
    if (c->view == CTE_STEP && s->outer != c->outer)
        return !err_set_at(p->err, "42P19", at,
                           "recursive reference to query \"%.*s\" must not appear within a subquery",
                           STR_ARG(name));
    if (c->ast->body->kind != STATEMENT_SELECT && !c->columns)
        return !err_set_at(p->err, SQLSTATE_UNSUPPORTED, at,
                           "WITH query \"%.*s\" does not have a RETURNING clause", STR_ARG(name));
    return false;
}

static bool bind_again(Scope *s, const ScopeCte *c, Bound *out)
{
    if (!bind_query(s->p, c->ast->body->query, c->outer, c->sees, false, out)) return false;
    for (uint32_t i = 0; i < out->columns; i++) out->name[i] = c->name[i];
    return true;
}

bool bind_cte(Scope *s, const ScopeCte *c, int64_t at, Bound *out)
{
    Planner *p = s->p;
    if (refused(s, c, at)) return false;
    if (c->spool && c->spool->moving && (c->spool->fixed || c->spool->readers || s->outer != c->outer))
        return bind_unsupported(p, at,
                                "keeping a WITH query inside a recursive term that reads the term's rows");
    if (!c->spool) return bind_again(s, c, out);
    Rel *r = rel_new(p, c->view == CTE_STEP ? REL_WORK : REL_SPOOL);
    if (!r) return false;
    r->spool = c->spool;
    r->columns = c->columns;
    r->id = arena_array(p->mem, ColumnId, c->columns + 1);
    r->position = arena_array(p->mem, uint16_t, c->columns + 1);
    *out = (Bound){.rel = r, .columns = c->columns, .id = arena_array(p->mem, ColumnId, c->columns + 1)};
    out->name = arena_array(p->mem, Str, c->columns + 1);
    for (uint32_t i = 0; i < c->columns; i++) {
        out->name[i] = c->name[i];
        out->id[i] = r->id[i] = rel_column_new(p, c->name[i], c->type[i]);
        r->position[i] = (uint16_t)i;
        if (r->kind == REL_WORK) continue;
        const RelColumn below = p->column[c->spool->body->id[i]]; // for estimates
        p->column[r->id[i]].stored = below.stored;
        p->column[r->id[i]].position = below.position;
    }
    p->works += r->kind == REL_WORK || c->spool->moving;
    if (r->kind == REL_WORK)
        c->spool->works++;
    else
        c->spool->readers++;
    return !err_any(p->err);
}
