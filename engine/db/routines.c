// Routines: bodies: their plans, and running them.
#include "engine/db/access.h"
#include "engine/db/routines.h"

#include "engine/base/size.h"
#include "engine/data/cast.h"
#include "engine/sql/parser.h"

#include <stdlib.h>

enum { ROUTINES_BODY_MAX = 64 << 20 };

// ---- the session's list ----

static void body_free(RoutineBody *b)
{
    for (uint32_t i = 0; b->plan && i < b->steps.count + b->condition; i++) plan_free(b->plan[i]);
    Arena mem = b->mem;
    free(b);
    arena_done(&mem);
}

void routines_body_drop(Session *s, RoutineBody *b)
{
    for (RoutineBody **at = &s->bodies; *at; at = &(*at)->next)
        if (*at == b) {
            *at = b->next;
            body_free(b);
            return;
        }
}

void routines_done(Session *s)
{
    while (s->bodies) routines_body_drop(s, s->bodies);
}

RoutineBody *routines_body_find(Session *s, uint64_t id)
{
    uint64_t now = atomic_load(&s->engine->definitions);
    for (RoutineBody *b = s->bodies, *next; b; b = next) {
        next = b->next;
        if (b->id != id) continue;
        bool same = str_equal(b->role, role_current_key(s));
        if (!same && b->users) continue;
        if (same && (b->definitions == now || b->users)) return b;
        routines_body_drop(s, b);
    }
    return NULL;
}

bool routines_body_new(RoutineBody **out, Session *s, uint64_t id, Err *err)
{
    RoutineBody *b = size_alloc_zero(1, sizeof *b);
    if (!b) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for the body of a function");
    arena_init(&b->mem, ROUTINES_BODY_MAX);
    b->id = id;
    b->role = arena_copy(&b->mem, role_current_key(s));
    b->definitions = atomic_load(&s->engine->definitions);
    b->next = s->bodies;
    s->bodies = b;
    *out = b;
    return true;
}

bool routines_enter(Session *s, RoutineBody *b, Err *err)
{
    if (s->routine_depth >= ROUTINES_DEPTH_MAX) {
        err_set(err, SQLSTATE_TOO_COMPLEX,
                "stack depth limit exceeded: more than %d functions and triggers run in each other",
                ROUTINES_DEPTH_MAX);
        return err_hint(err, "Look for a function or trigger that calls itself without an end.");
    }
    s->routine_depth++;
    b->users++;
    return true;
}

void routines_leave(Session *s, RoutineBody *b)
{
    s->routine_depth--;
    b->users--;
}

// ---- steps ----

static void step_run(Session *s, RoutineBody *b, Run *run, Arena *mem)
{
    b->path.transaction = s->transaction;
    b->path.temporary = str_of(s->temporary);
    *run = (Run){.session = s,
                 .mem = mem,
                 .tag = "",
                 .path = &b->path,
                 .arguments = &b->arguments,
                 .home = b->path.database};
}

bool routines_step_plan(Session *s, RoutineBody *b, uint32_t i, Err *err)
{
    Run run;
    if (b->plan[i]) return true;
    step_run(s, b, &run, &b->mem);
    return query_plan_declared(&b->plan[i], &run, b->steps.at[i].statement, b->type, b->arguments.count, err);
}

// A definition that a plan was made for may have moved.
static bool step_lock(Session *s, RoutineBody *b, uint32_t i, Err *err)
{
    for (bool stale = true; stale;) {
        if (!routines_step_plan(s, b, i, err) || !query_lock_tables(s, b->plan[i], &stale, err)) return false;
        if (!stale) return true;
        plan_free(b->plan[i]);
        b->plan[i] = NULL;
    }
    return true;
}

bool routines_step_run(Session *s, RoutineBody *b, uint32_t i, const Value *arg, ExecRows rows, void *self,
                       Err *err)
{
    Run run;
    ExecContext ctx;
    int64_t count;
    Arena mem = {0};
    if (!step_lock(s, b, i, err)) return false;
    const Plan *plan = b->plan[i];
    if (plan->writes && s->read_only)
        return err_set(err, "25006", "cannot execute %s in a read-only transaction", plan->tag);
    if (plan->writes && b->routine.id && b->routine.volatility != 'v')
        return err_set(err, SQLSTATE_UNSUPPORTED, "%s is not allowed in a non-volatile function", plan->tag);
    step_run(s, b, &run, &mem);
    query_context(&run, &ctx);
    ctx.param = arg;
    ctx.params = b->arguments.count;
    ctx.rows_expected = NULL;
    bool good = exec_run(plan, &ctx, rows, self, &count, err);
    if (good && plan->write) query_note_write(&run, plan);
    arena_done(&mem);
    return good;
}

// ---- functions ----

static bool body_fill(RoutineBody *b, Session *s, Err *err)
{
    const ObjectDef *o = transaction_object_by_id(s->transaction, b->id, &b->mem);
    if (!o) return err_set(err, SQLSTATE_UNDEFINED_FUNCTION, "the function is no longer there");
    if (!routine_read(&b->routine, o, &b->mem, err)) return false;
    Routine *r = &b->routine;
    Str *name = arena_array(&b->mem, Str, r->inputs + 1),
        *qualifier = arena_array(&b->mem, Str, r->inputs + 1);
    b->type = arena_array(&b->mem, Type, r->inputs + 1);
    for (uint32_t i = 0; i < r->inputs; i++) {
        name[i] = r->arg[r->input[i]].name;
        qualifier[i] = r->name;
        b->type[i] = type_bare(r->arg[r->input[i]].type);
    }
    b->what = "SQL function";
    b->name = r->name;
    b->arguments =
        (PlanArguments){.routine = r->id, .count = r->inputs, .qualifier = qualifier, .name = name};
    SearchPath around = {.transaction = s->transaction};
    routine_search(r, &around, &b->path);
    if (!parser_steps(&b->steps, r->body, &b->mem, err)) return false;
    b->plan = arena_array(&b->mem, Plan *, b->steps.count + 1);
    return true;
}

bool routines_body_of(RoutineBody **out, Session *s, uint64_t id, Err *err)
{
    *out = routines_body_find(s, id);
    if (*out) return true;
    if (!routines_body_new(out, s, id, err)) return false;
    if (body_fill(*out, s, err)) return true;
    routines_body_drop(s, *out);
    return false;
}

static bool body_failed(const RoutineBody *b, uint32_t step, Err *err)
{
    err->at = -1;
    return err_note(err, "%s \"%.*s\" statement %u", b->what, STR_ARG(b->name), (unsigned)step + 1);
}

// All steps; the rows of the last one go to `rows`.
static bool body_run(Session *s, RoutineBody *b, const Value *arg, ExecRows rows, void *self, Err *err)
{
    if (!routines_enter(s, b, err)) return false;
    bool good = true;
    for (uint32_t i = 0; good && i < b->steps.count; i++) {
        bool last = i + 1 == b->steps.count;
        good = routines_step_run(s, b, i, arg, last ? rows : NULL, last ? self : NULL, err) && !err_any(err);
        if (!good) (void)body_failed(b, i, err);
    }
    routines_leave(s, b);
    return good;
}

// ---- what exec calls ----

typedef struct FirstValue {
    Session *session;
    const Routine *routine;
    Value *out;
    Arena *mem;
    Err *err;
} FirstValue;

static bool bring(Session *s, Value *v, Type to, Arena *mem, Err *err)
{
    if (v->null || (v->type.id == to.id && v->type.of == to.of)) {
        v->type = to;
        return true;
    }
    Value from = *v;
    if (!cast_value_in(&s->cast, v, &from, to, CAST_ASSIGNMENT, mem, err)) return false;
    v->type = to;
    return true;
}

static bool first_value(void *self, const Batch *b)
{
    FirstValue *f = self;
    if (!b->sel_len || !b->columns) return true;
    Value v = vector_value(&b->vector[0], batch_row(b, 0));
    v.type = b->vector[0].type;
    *f->out = value_copy(f->mem, &v);
    (void)bring(f->session, f->out, type_bare(f->routine->type), f->mem, f->err);
    return false;
}

bool routines_value(void *db, uint64_t id, const Value *arg, uint32_t args, Value *out, Arena *mem, Err *err)
{
    Session *s = db;
    RoutineBody *b;
    if (!routines_body_of(&b, s, id, err)) return false;
    if (args != b->arguments.count) return err_set(err, SQLSTATE_INTERNAL, "a function lacks arguments");
    const Routine *r = &b->routine;
    bool nothing = r->result == ROUTINE_VOID;
    *out = nothing ? (Value){.type = type_of(TYPE_TEXT), .text = text_of(STR(""))}
                   : value_null(type_bare(r->type));
    FirstValue f = {s, r, out, mem, err};
    return body_run(s, b, arg, nothing ? NULL : first_value, &f, err);
}

typedef struct EachRow {
    Session *session;
    const Routine *routine;
    ExecRows rows;
    void *self;
    Err *err;
    bool any;
} EachRow;

static bool are_those(const Routine *r, const Batch *b)
{
    bool same = b->columns == routine_columns(r);
    for (uint32_t c = 0; same && c < b->columns; c++)
        same = type_equal(type_bare(b->vector[c].type), routine_column_type(r, c));
    return same;
}

// Brings the columns to what was promised, batch by batch.
static bool each_row(void *self, const Batch *b)
{
    EachRow *e = self;
    const Routine *r = e->routine;
    if (r->set && are_those(r, b)) return e->rows(e->self, b);
    Arena mem = {0};
    uint32_t n = routine_columns(r), rows = r->set ? b->sel_len : b->sel_len ? 1 : 0;
    Vector *v = arena_array(&mem, Vector, n + 1);
    bool more = b->columns >= n;
    if (!more) err_set(e->err, "42P13", "return type mismatch in function declared to return record");
    for (uint32_t i = 0; more && i < rows; i++) {
        for (uint32_t c = 0; more && c < n; c++) {
            Value cell = vector_value(&b->vector[c], batch_row(b, i));
            cell.type = b->vector[c].type;
            more = bring(e->session, &cell, routine_column_type(r, c), &mem, e->err);
            v[c] = vector_constant(&mem, &cell);
        }
        Batch one = {.columns = n, .vector = v, .rows = 1, .sel_len = 1};
        more = more && e->rows(e->self, &one);
        e->any = true;
    }
    arena_done(&mem);
    return more && r->set;
}

bool routines_rows(void *db, uint64_t id, const Value *arg, uint32_t args, ExecRows rows, void *self,
                   Err *err)
{
    Session *s = db;
    RoutineBody *b;
    if (!routines_body_of(&b, s, id, err)) return false;
    if (args != b->arguments.count) return err_set(err, SQLSTATE_INTERNAL, "a function lacks arguments");
    EachRow e = {s, &b->routine, rows, self, err, false};
    if (!body_run(s, b, arg, b->routine.result == ROUTINE_VOID ? NULL : each_row, &e, err)) return false;
    if (e.any || b->routine.set) return true;
    Arena mem = {0};
    uint32_t n = routine_columns(&b->routine);
    Vector *v = arena_array(&mem, Vector, n + 1);
    for (uint32_t c = 0; c < n; c++) {
        Value null = value_null(routine_column_type(&b->routine, c));
        v[c] = vector_constant(&mem, &null);
    }
    Batch one = {.columns = n, .vector = v, .rows = 1, .sel_len = 1};
    (void)rows(self, &one);
    arena_done(&mem);
    return !err_any(err);
}
