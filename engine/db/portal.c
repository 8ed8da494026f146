// Portal: see portal.h.
#include "engine/db/portal.h"

#include "engine/base/clock.h"
#include "engine/base/size.h"
#include "engine/data/cast.h"
#include "engine/db/casts.h"
#include "engine/db/enums.h"
#include "engine/db/line.h"

#include <stdlib.h>
#include <string.h>

enum { PORTAL_VALUES_MAX = 512 << 20 };

// ---- made ----

Portal *portal_find(const Session *s, Str name)
{
    for (Portal *p = s->portal; p; p = p->next)
        if (str_equal(p->name, name)) return p;
    return NULL;
}

// Texts of parameters become values of the type that the statement wants.
static bool take_value(Portal *p, uint32_t i, const Value *given, Err *err)
{
    Type wanted = p->plan ? p->plan->param_type[i] : type_of(TYPE_TEXT);
    Value *v = &p->param[i];
    if (wanted.id == TYPE_NULL) wanted = type_of(TYPE_TEXT);
    if (given->null) {
        *v = value_null(wanted);
        return true;
    }
    if (given->type.id == wanted.id) {
        *v = value_copy(&p->mem, given);
        return true;
    }
    Value copy = value_copy(&p->mem, given);
    if (cast_value_in(&p->run.session->cast, v, &copy, wanted,
                      given->type.id == TYPE_NULL ? CAST_EXPLICIT : CAST_ASSIGNMENT, &p->mem, err))
        return true;
    err->at = -1;
    return err_note(err, "unnamed portal parameter $%u = '…'", i + 1);
}

static unsigned count_portals(const Session *s)
{
    unsigned n = 0;
    for (const Portal *p = s->portal; p; p = p->next) n++;
    return n;
}

bool portal_new(Portal **out, Session *s, Str name, Prepared *prepared, const Value *param, uint32_t params,
                Err *err)
{
    Portal *old = portal_find(s, name);
    if (old && name.len) return err_set(err, "42P03", "cursor \"%.*s\" already exists", STR_ARG(name));
    if (old) portal_free(s, old);
    if (count_portals(s) >= PORTALS_MAX)
        return err_set(err, SQLSTATE_LIMIT, "a session may have at most %d portals and cursors", PORTALS_MAX);
    Portal *p = size_alloc_zero(1, sizeof *p);
    if (!p) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a portal");
    arena_init(&p->mem, PORTAL_VALUES_MAX);
    p->name = arena_copy(&p->mem, name);
    p->prepared = prepared;
    prepared_keep(prepared);
    p->memory.max = s->engine->config.statement_memory;
    p->memory.up = &s->engine->memory;
    p->run = (Run){.session = s, .mem = &p->mem, .source = prepared->text, .text = prepared->text};
    bool good = !prepared_is_planned(prepared) || prepared_plan(&p->plan, &p->run, prepared, err);
    if (good && p->plan && params != p->plan->params)
        good = err_set(err, "08P01",
                       "bind message supplies %u parameters, but prepared statement \"\" requires %u", params,
                       p->plan->params);
    p->params = p->plan ? p->plan->params : 0;
    p->param = arena_array(&p->mem, Value, p->params + 1);
    for (uint32_t i = 0; good && i < p->params; i++) good = take_value(p, i, &param[i], err);
    good = good && portal_set_raw(p, NULL, 0, err);
    p->next = s->portal;
    s->portal = p;
    if (good)
        *out = p;
    else
        portal_free(s, p);
    return good;
}

bool portal_set_raw(Portal *p, const uint8_t *raw, uint32_t raws, Err *err)
{
    uint32_t columns = p->plan && p->plan->returns ? p->plan->root->columns : 0;
    if (raws > 1 && p->plan && raws != columns)
        return err_set(err, "08P01", "bind message has %u result formats but query has %u columns", raws,
                       columns);
    p->by_session = false;
    if (raws) p->raw = arena_array(&p->mem, bool, columns + 1);
    for (uint32_t c = 0; c < columns; c++) {
        TypeId id = p->plan->root->column[c].type.id;
        if (raws) p->raw[c] = raw[raws == 1 ? 0 : c] && id != TYPE_ENUM; // whose form is its label
        p->by_session |= !(p->raw && p->raw[c]) && cast_needs_context(p->plan->root->column[c].type.id);
    }
    return true;
}

static void stop(Portal *p)
{
    exec_close(p->exec);
    p->exec = NULL;
    p->batch = NULL;
}

void portal_free(Session *s, Portal *p)
{
    for (Portal **at = &s->portal; *at; at = &(*at)->next)
        if (*at == p) {
            *at = p->next;
            break;
        }
    stop(p);
    if (p->kept) rows_done(p->kept);
    if (p->started && !p->ended && s->engine && p->plan) line_statement(&p->run, NULL, p->busy_us);
    prepared_drop(p->prepared);
    Arena mem = p->mem;
    free(p);
    arena_done(&mem);
}

void portal_done(Session *s)
{
    while (s->portal) portal_free(s, s->portal);
}

// ---- rows ----

// The next rows that are to be given, at most `max`; false in *more when there are none left.
static bool next_window(Portal *p, uint64_t max, Batch *out, bool *more, Err *err)
{
    *more = false;
    if (p->kept) {
        uint32_t left = p->kept->count - p->kept_at, skip = p->kept_at % 64;
        if (!left) return true;
        rows_window(p->kept, p->kept_at - skip, out, p->room);
        p->batch = out;
        p->at = skip;
    } else if (!p->batch || p->at == p->batch->sel_len) {
        p->at = 0;
        if (!p->exec) return true;
        if (!exec_next(p->exec, &p->batch, err)) return false;
        if (!p->batch) return true;
    }
    const Batch *b = p->batch;
    *out = *b;
    *more = true;
    uint32_t n = b->sel_len - p->at;
    if (n > max) n = (uint32_t)max;
    if (p->at == 0 && n == b->sel_len) return true;
    if (!b->sel && !p->every) {
        p->every = arena_get(&p->mem, BATCH_ROWS * sizeof *p->every);
        for (uint32_t i = 0; i < BATCH_ROWS; i++) p->every[i] = (uint16_t)i;
    }
    out->sel = (b->sel ? b->sel : p->every) + p->at;
    out->sel_len = n;
    return true;
}

static void window_given(Portal *p, const Batch *window)
{
    p->given += window->sel_len;
    if (p->kept) {
        p->kept_at += window->sel_len;
        p->batch = NULL;
    } else
        p->at += window->sel_len;
}

bool portal_show(const Portal *p, const Batch *window, const ResultSink *sink, Err *err)
{
    if (!p->by_session) return sink->rows(sink->self, window);
    Arena mem;
    Batch shown;
    arena_init(&mem, 0);
    bool more =
        casts_show(p->run.session, window, p->raw, &shown, &mem, err) && sink->rows(sink->self, &shown);
    arena_done(&mem);
    return more;
}

// Up to max rows to the sink. *ended: there are no more; *full: the sink wants no more at the moment.
static bool give(Portal *p, uint64_t max, const ResultSink *sink, int64_t *count, bool *ended, bool *full,
                 Err *err)
{
    Batch window;
    if (p->kept && !p->room) p->room = arena_array(&p->mem, Vector, p->kept->columns + 1);
    bool more = true;
    uint64_t left = max ? max : UINT64_MAX;
    *ended = *full = false;
    while (left && !*full) {
        if (!next_window(p, left, &window, &more, err)) return false;
        *ended = !more;
        if (!more) return true;
        if (sink && sink->rows) *full = !portal_show(p, &window, sink, err);
        if (err_any(err)) return false;
        *count += window.sel_len;
        left -= window.sel_len;
        window_given(p, &window);
    }
    return true;
}

// ---- settling ----

static bool settle(Portal *p, Err *err)
{
    Rows *kept = arena_new(&p->mem, Rows);
    uint32_t n = p->plan->root->columns;
    Type *type = arena_array(&p->mem, Type, n + 1);
    for (uint32_t i = 0; i < n; i++) type[i] = p->plan->root->column[i].type;
    rows_init(kept, &p->memory, type, n);
    bool good = true;
    for (bool more = true; good && more;) {
        Batch window;
        good = next_window(p, UINT64_MAX, &window, &more, err);
        if (!good || !more) break;
        good = rows_append(kept, window.vector, window.sel, window.sel_len, err);
        p->at += window.sel_len;
    }
    if (p->plan->write) p->changed = exec_count(p->exec);
    stop(p);
    p->kept = kept;
    return good;
}

bool portal_settle(Session *s, Portal *p, Err *err)
{
    (void)s;
    return p->kept || !p->exec || settle(p, err);
}
bool portal_settle_all(Session *s, Err *err)
{
    for (Portal *p = s->portal; p; p = p->next)
        if (p != s->running_portal && !portal_settle(s, p, err)) return false;
    return true;
}

bool portal_settle_held(Session *s, Err *err)
{
    for (Portal *p = s->portal; p; p = p->next)
        if (p->hold && !p->dead && !portal_settle(s, p, err)) return false;
    return true;
}

void portal_end_transaction(Session *s)
{
    for (Portal *p = s->portal, *next; p; p = next) {
        next = p->next;
        if (p->hold && p->kept) {
            p->held = true; // it lives on, also when the next transaction fails
        } else if (p == s->running_portal) {
            stop(p);
            p->dead = true;
        } else
            portal_free(s, p);
    }
}

// ---- running ----

static bool start(Session *s, Portal *p, Err *err)
{
    p->started = true;
    p->run.tag = p->plan->tag;
    if (p->plan->writes && s->read_only)
        return err_set(err, "25006", "cannot execute %s in a read-only transaction", p->plan->tag);
    atomic_store(&s->rows_done, 0);
    atomic_store(&s->rows_expected, 0);
    ExecContext ctx;
    query_context(&p->run, &ctx);
    ctx.param = p->param;
    ctx.params = p->params;
    if (!exec_open(&p->exec, p->plan, &ctx, err)) return false;
    // What writes is done as a whole before the first row is given.
    return !p->plan->writes || !p->plan->returns || settle(p, err);
}

bool portal_open(Session *s, Portal *p, Err *err)
{
    Portal *before = s->running_portal;
    s->running_portal = p;
    bool good = start(s, p, err);
    s->running_portal = before;
    return good;
}

static bool finish(Portal *p, bool good, const ResultSink *sink, int64_t count, Err *err)
{
    if (good && p->plan->write) {
        p->run.rows = p->exec ? exec_count(p->exec) : p->changed;
        query_note_write(&p->run, p->plan);
    } else
        p->run.rows = (int64_t)p->given;
    stop(p);
    p->ended = true;
    good = transaction_run_leave(&p->run, good, err);
    line_statement(&p->run, good ? NULL : err, p->busy_us);
    if (good && sink && sink->done)
        sink->done(sink->self, str_of(p->run.tag), p->plan->write ? p->run.rows : count, p->busy_us);
    return good;
}

static bool run_plan(Session *s, Portal *p, uint64_t max, const ResultSink *sink, EnginePortalEnd *end,
                     Err *err)
{
    int64_t count = 0, began = clock_mono_us();
    bool ended = p->ended, full = false, good = true;
    if (p->ended) {
        if (!p->plan->returns || p->plan->write)
            return err_set(err, "55000", "portal \"%.*s\" cannot be run", STR_ARG(p->name));
        if (sink->done) sink->done(sink->self, str_of(p->run.tag), 0, 0);
        *end = ENGINE_PORTAL_DONE;
        return true;
    }
    if (!p->started) {
        enums_forget(s);
        good = transaction_run_enter(s, err);
        if (good) transaction_run_query(s);
        good = good && portal_open(s, p, err);
    }
    if (good && !p->plan->returns) {
        Batch *b = NULL;
        do good = exec_next(p->exec, &b, err);
        while (good && b);
        ended = true;
    } else if (good)
        good = give(p, max, sink, &count, &ended, &full, err);
    p->busy_us += clock_mono_us() - began;
    if (!good || ended) {
        *end = ENGINE_PORTAL_DONE;
        return finish(p, good, sink, count, err);
    }
    *end = full && !(max && (uint64_t)count >= max) ? ENGINE_PORTAL_FULL : ENGINE_PORTAL_SUSPENDED;
    return true;
}

static bool run_whole(Session *s, Portal *p, const ResultSink *sink, EnginePortalEnd *end, Err *err)
{
    int64_t began = clock_mono_us();
    if (p->ended) return err_set(err, "55000", "portal \"%.*s\" cannot be run", STR_ARG(p->name));
    p->started = p->ended = true;
    p->run.sink = sink;
    bool good = s->ticket ? answer_run(&p->run, err) : statement_run_parsed(&p->run, p->prepared->tree, err);
    int64_t busy = clock_mono_us() - began;
    line_statement(&p->run, good ? NULL : err, busy);
    if (good && sink->done) sink->done(sink->self, str_of(p->run.tag), p->run.rows, busy);
    *end = ENGINE_PORTAL_DONE;
    return good;
}

bool portal_run(Session *s, Portal *p, uint64_t max, const ResultSink *sink, EnginePortalEnd *end, Err *err)
{
    *end = ENGINE_PORTAL_DONE;
    if (!p->prepared->tree && !s->ticket) {
        *end = ENGINE_PORTAL_EMPTY;
        return true;
    }
    if (!statement_may_run(s, p->prepared->tree, err)) return false;
    Portal *before = s->running_portal;
    s->running_portal = p;
    bool good = p->plan ? run_plan(s, p, max, sink, end, err) : run_whole(s, p, sink, end, err);
    s->running_portal = before;
    if (p->dead) portal_free(s, p);
    return good;
}

bool portal_fetch(Session *s, Portal *p, uint64_t max, const ResultSink *sink, int64_t *count, Err *err)
{
    bool ended, full;
    *count = 0;
    if (max == 0) return true;
    Portal *before = s->running_portal;
    s->running_portal = p;
    bool good;
    do good = give(p, max == UINT64_MAX ? 0 : max - (uint64_t)*count, sink, count, &ended, &full, err);
    while (good && full && !ended && (uint64_t)*count < max);
    s->running_portal = before;
    if (good && ended && !p->kept) stop(p);
    return good;
}
