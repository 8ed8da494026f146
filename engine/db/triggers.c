// Triggers: which of a table fire, and running their bodies.
#include "engine/sql/ast_routine.h"
#include "engine/db/triggers.h"

#include "engine/base/size.h"
#include "engine/data/cast.h"
#include "engine/sql/parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIGGER_WORDS = 5 }; // tg_op …, behind the columns

typedef struct Trigger {
    uint64_t id, table;
    Str name;
    bool before, row, disabled;
    unsigned events;
    Str columns; // " 3 5 "
} Trigger;
// Those of a database, as of some definitions.
struct TriggerList {
    struct TriggerList *next; // of another database
    Arena mem;
    uint64_t definitions;
    Str database;
    Trigger *at;
    size_t count;
};

// ---- which ----

void triggers_done(Session *s)
{
    for (struct TriggerList *l; (l = s->triggers) != NULL;) {
        Arena mem = l->mem;
        s->triggers = l->next;
        free(l);
        arena_done(&mem);
    }
}

static unsigned events_of(Str words)
{
    static const char *const word[] = {"insert", "update", "delete", "truncate"};
    unsigned events = 0;
    for (size_t i = 0; i < COUNT_OF(word); i++)
        if (str_find(words, str_of(word[i]), 0) != SIZE_MAX) events |= 1u << i;
    return events;
}

static int by_name(const void *a, const void *b)
{
    return str_compare(((const Trigger *)a)->name, ((const Trigger *)b)->name);
}

static void list_fill(Session *s, struct TriggerList *l)
{
    const ObjectDef **o;
    l->count = transaction_object_list(s->transaction, OBJECT_TRIGGER, l->database, &l->mem, &o);
    l->at = arena_array(&l->mem, Trigger, l->count + 1);
    for (size_t i = 0; i < l->count; i++)
        l->at[i] = (Trigger){.id = o[i]->id,
                             .table = o[i]->parent,
                             .name = o[i]->name,
                             .before = !str_equal(object_field(o[i], "timing"), STR("after")),
                             .row = object_field(o[i], "row").at != NULL,
                             .disabled = object_field(o[i], "disabled").at != NULL,
                             .events = events_of(object_field(o[i], "events")),
                             .columns = object_field(o[i], "columns")};
    if (l->count) qsort(l->at, l->count, sizeof *l->at, by_name);
}

// While bodies run, which hold on to it, a list stays as it was.
static const struct TriggerList *list_get(Session *s, Str database)
{
    uint64_t now = atomic_load(&s->engine->definitions);
    if (!s->routine_depth && s->triggers && s->triggers->definitions != now) triggers_done(s);
    for (struct TriggerList *l = s->triggers; l; l = l->next)
        if (str_equal(l->database, database)) return l;
    struct TriggerList *l = size_alloc_zero(1, sizeof *l);
    if (!l) return NULL;
    arena_init(&l->mem, 0);
    l->definitions = now;
    l->database = arena_copy(&l->mem, database);
    list_fill(s, l);
    l->next = s->triggers;
    s->triggers = l;
    return l;
}

static bool names_set(const Trigger *t, const TableDef *def, const bool *set)
{
    if (!t->columns.len || !set) return true;
    for (uint16_t c = 0; c < def->column_count; c++) {
        char word[16];
        snprintf(word, sizeof word, " %u ", (unsigned)schema_slot(def, c));
        if (set[c] && str_find(t->columns, str_of(word), 0) != SIZE_MAX) return true;
    }
    return false;
}

static bool fits(const Trigger *t, const TableDef *def, const ExecFire *f)
{
    return t->table == f->table && !t->disabled && t->before == f->before && t->row == f->row &&
           (t->events & f->event) && (f->event != EXEC_UPDATE || names_set(t, def, f->set));
}

bool triggers_has(void *db, const TableDef *def, const ExecFire *f)
{
    const struct TriggerList *l = list_get(db, def->database);
    for (size_t i = 0; l && i < l->count; i++)
        if (fits(&l->at[i], def, f)) return true;
    return false;
}

// ---- bodies ----

static void name_arguments(RoutineBody *b, const TableDef *def, const ObjectDef *o)
{
    static const char *const words[TRIGGER_WORDS] = {"tg_op", "tg_name", "tg_table_name", "tg_when",
                                                     "tg_level"};
    uint32_t n = def->column_count, count = 2 * n + TRIGGER_WORDS;
    unsigned events = events_of(object_field(o, "events"));
    bool row = object_field(o, "row").at != NULL;
    Str *name = arena_array(&b->mem, Str, count), *qualifier = arena_array(&b->mem, Str, count);
    b->type = arena_array(&b->mem, Type, count);
    for (uint32_t c = 0; c < n; c++) {
        Str column = arena_copy(&b->mem, def->column[c].name);
        b->type[c] = b->type[n + c] = type_bare(def->column[c].type);
        qualifier[c] = STR("old");
        qualifier[n + c] = STR("new");
        name[c] = row && events & (EXEC_UPDATE | EXEC_DELETE) ? column : STR("");
        name[n + c] = row && events & (EXEC_INSERT | EXEC_UPDATE) ? column : STR("");
    }
    for (uint32_t i = 0; i < TRIGGER_WORDS; i++) {
        name[2 * n + i] = str_of(words[i]);
        qualifier[2 * n + i] = STR("");
        b->type[2 * n + i] = type_of(TYPE_TEXT);
    }
    b->arguments = (PlanArguments){.count = count, .qualifier = qualifier, .name = name, .qualified = true};
}

// The condition is one more step, behind the others.
static bool add_condition(RoutineBody *b, Str when, Err *err)
{
    AstSteps condition;
    AstStep *all = arena_array(&b->mem, AstStep, b->steps.count + 1);
    if (b->steps.count) memcpy(all, b->steps.at, b->steps.count * sizeof *all);
    b->steps.at = all;
    if (!when.at) return true;
    Str text = arena_printf(&b->mem, "RETURN %.*s", STR_ARG(when));
    if (!parser_steps(&condition, text, &b->mem, err)) return false;
    all[b->steps.count] = condition.at[0];
    b->condition = true;
    return true;
}

static bool body_text(RoutineBody *b, Session *s, const ObjectDef *o, Str *body, Err *err)
{
    SearchPath around = {.transaction = s->transaction};
    Routine own = {.database = o->database};
    uint64_t id = 0;
    const ObjectDef *f = NULL;
    Str function = object_field(o, "function");
    if (function.at && str_to_uint64(function, &id))
        f = transaction_object_by_id(s->transaction, id, &b->mem);
    if (function.at && !f)
        return err_set(err, SQLSTATE_UNDEFINED_FUNCTION, "the trigger's function is not there");
    if (f) {
        if (!routine_read(&own, f, &b->mem, err)) return false;
    } else {
        own.body = object_field(o, "body");
        own.paths = 2;
        own.path = arena_array(&b->mem, Str, 2);
        own.path[0] = o->schema;
        own.path[1] = SCHEMA_PUBLIC;
    }
    routine_search(&own, &around, &b->path);
    *body = own.body;
    return true;
}

static bool body_fill(RoutineBody *b, Session *s, const TableDef *def, Err *err)
{
    Str body;
    const ObjectDef *o = transaction_object_by_id(s->transaction, b->id, &b->mem);
    if (!o) return err_set(err, "42704", "the trigger is no longer there");
    b->what = "trigger";
    b->name = o->name;
    name_arguments(b, def, o);
    if (!body_text(b, s, o, &body, err) || !parser_steps(&b->steps, body, &b->mem, err) ||
        !add_condition(b, object_field(o, "when"), err))
        return false;
    b->plan = arena_array(&b->mem, Plan *, b->steps.count + 2);
    return true;
}

bool triggers_body(RoutineBody **out, Session *s, const TableDef *def, uint64_t id, Err *err)
{
    *out = routines_body_find(s, id);
    if (*out) return true;
    if (!routines_body_new(out, s, id, err)) return false;
    if (body_fill(*out, s, def, err)) return true;
    routines_body_drop(s, *out);
    return false;
}

// ---- running ----

typedef struct Firing {
    Session *session;
    const TableDef *def;
    ExecFire *fire;
    RoutineBody *body;
    const AstStep *step;
    Value *arg;
    bool any, done; // a row came; the body is at its end
    Err *err;
} Firing;

static bool any_row(void *self, const Batch *b)
{
    Firing *f = self;
    f->any = f->any || b->sel_len;
    return false;
}

static bool condition_row(void *self, const Batch *b)
{
    Firing *f = self;
    if (!b->sel_len) return true;
    Value v = vector_value(&b->vector[0], batch_row(b, 0));
    f->any = !v.null && v.boolean;
    return false;
}

static bool signal_row(void *self, const Batch *b)
{
    Firing *f = self;
    if (!b->sel_len) return true;
    Value v = vector_value(&b->vector[0], batch_row(b, 0));
    Bytes text;
    v.type = b->vector[0].type;
    bytes_init(&text, ERR_TEXT_MAX);
    if (v.null)
        bytes_printf(&text, "unhandled user-defined exception condition");
    else
        value_to_text(&v, &text);
    char state[6] = {0};
    memcpy(state, f->step->state.at, 5);
    err_set(f->err, state, "%.*s", STR_ARG(bytes_str(&text)));
    bytes_done(&text);
    return false;
}

static bool set_row(void *self, const Batch *b)
{
    Firing *f = self;
    if (!b->sel_len) return true;
    for (uint32_t i = 0; i < f->step->columns.count; i++) {
        int c = schema_column(f->def, f->step->columns.at[i].text);
        if (c < 0) return false;
        Type to = f->def->column[c].type;
        Value v = vector_value(&b->vector[i], batch_row(b, 0)), *cell = &f->fire->new_row[c];
        v.type = b->vector[i].type;
        if (v.null)
            *cell = value_null(to);
        else if (!cast_value_in(&f->session->cast, cell, &v, to, CAST_ASSIGNMENT, f->fire->mem, f->err))
            return false;
        else
            *cell = value_copy(f->fire->mem, cell);
        cell->type = to;
        f->arg[f->def->column_count + (uint32_t)c] = *cell;
        f->arg[f->def->column_count + (uint32_t)c].type = type_bare(to);
    }
    return false;
}

static bool step_run(Firing *f, uint32_t i, Err *err)
{
    static const ExecRows take[] = {[AST_STEP_STATEMENT] = NULL,
                                    [AST_STEP_RETURN] = NULL,
                                    [AST_STEP_SET] = set_row,
                                    [AST_STEP_SIGNAL] = signal_row,
                                    [AST_STEP_SKIP] = any_row};
    f->step = &f->body->steps.at[i];
    f->any = false;
    if (f->step->kind == AST_STEP_RETURN) return f->done = true; // RETURN NEW, RETURN OLD
    bool good =
        routines_step_run(f->session, f->body, i, f->arg, take[f->step->kind], f, err) && !err_any(err);
    if (!good) {
        err->at = -1;
        if (f->step->kind == AST_STEP_SIGNAL) return false;
        return err_note(err, "trigger \"%.*s\" statement %u", STR_ARG(f->body->name), (unsigned)i + 1);
    }
    if (f->step->kind == AST_STEP_SKIP && f->any) f->done = f->fire->skip = f->fire->before;
    return true;
}

static void set_text(Value *v, const char *text)
{
    *v = (Value){.type = type_of(TYPE_TEXT), .text = text_of(str_of(text))};
}

static void fill_arguments(Firing *f, const Trigger *t)
{
    const ExecFire *x = f->fire;
    uint32_t n = f->def->column_count;
    const char *op = x->event == EXEC_INSERT   ? "INSERT"
                     : x->event == EXEC_UPDATE ? "UPDATE"
                     : x->event == EXEC_DELETE ? "DELETE"
                                               : "TRUNCATE";
    for (uint32_t c = 0; c < n; c++) {
        f->arg[c] = x->old_row ? x->old_row[c] : value_null(f->body->type[c]);
        f->arg[n + c] = x->new_row ? x->new_row[c] : value_null(f->body->type[n + c]);
        f->arg[c].type = f->body->type[c];
        f->arg[n + c].type = f->body->type[n + c];
    }
    set_text(&f->arg[2 * n], op);
    f->arg[2 * n + 1] = (Value){.type = type_of(TYPE_TEXT), .text = text_of(t->name)};
    f->arg[2 * n + 2] = (Value){.type = type_of(TYPE_TEXT), .text = text_of(f->def->name)};
    set_text(&f->arg[2 * n + 3], x->before ? "BEFORE" : "AFTER");
    set_text(&f->arg[2 * n + 4], x->row ? "ROW" : "STATEMENT");
}

static bool trigger_run(Session *s, const Trigger *t, const TableDef *def, ExecFire *x, Err *err)
{
    Firing f = {.session = s, .def = def, .fire = x, .err = err};
    if (!triggers_body(&f.body, s, def, t->id, err) || !routines_enter(s, f.body, err)) return false;
    Arena mem = {0};
    f.arg = arena_array(&mem, Value, f.body->arguments.count + 1);
    fill_arguments(&f, t);
    bool good = true;
    if (f.body->condition) {
        good = routines_step_run(s, f.body, f.body->steps.count, f.arg, condition_row, &f, err);
        f.done = !f.any;
    }
    for (uint32_t i = 0; good && !f.done && i < f.body->steps.count; i++) good = step_run(&f, i, err);
    routines_leave(s, f.body);
    arena_done(&mem);
    return good;
}

bool triggers_fire(void *db, const TableDef *def, ExecFire *f, Err *err)
{
    Session *s = db;
    const struct TriggerList *l = list_get(s, def->database);
    for (size_t i = 0; l && i < l->count && !f->skip; i++)
        if (fits(&l->at[i], def, f) && !trigger_run(s, &l->at[i], def, f, err)) return false;
    return true;
}
