// Desk: two connections with a worker thread each. A run's sink lives on the worker's thread and turns what
// the source says into messages; rows go straight into a Rowset that the result pane reads while it grows.
#include "tui/panes/desk.h"

#include "engine/base/clock.h"
#include "engine/base/size.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void desk_rows_drop(DeskRows *r)
{
    if (!r || atomic_fetch_sub(&r->refs, 1) != 1) return;
    rowset_free(r->set);
    free(r);
}

// ---- running ----

typedef struct Run {
    Job *job;
    uint64_t results; // pane that shows them
    Str text;
    Io io;
    DeskStatement now;
    DeskRows *rows; // of the statement that runs
    Err err;        // ours: keeping the rows failed
    int64_t took_us;
    unsigned line, column; // where the text stands in the runner's
} Run;

static void drop_statement(void *data) { desk_rows_drop(((DeskStatement *)data)->rows); }

static void tell(Run *r, uint32_t what, const DeskStatement *s)
{
    Msg *m = job_msg(r->job, what);
    m->pane = r->results;
    DeskStatement *copy = arena_new(&m->mem, DeskStatement);
    *copy = *s;
    copy->tag = arena_copy(&m->mem, s->tag);
    m->data = copy;
    m->drop = drop_statement;
    job_post(r->job, m);
}

static void on_begin(void *self, unsigned index, size_t at, size_t len)
{
    Run *r = self;
    desk_rows_drop(r->rows);
    r->rows = NULL;
    r->now = (DeskStatement){.index = index, .at = at, .len = len};
    tell(r, DESK_RESULT_STATEMENT, &r->now);
}

static bool on_columns(void *self, const ResultColumn *column, uint32_t count)
{
    Run *r = self;
    r->rows = size_alloc_zero(1, sizeof *r->rows);
    if (!r->rows) return err_set(&r->err, SQLSTATE_OUT_OF_MEMORY, "out of memory for the result");
    atomic_init(&r->rows->refs, 1);
    if (!rowset_new(&r->rows->set, column, count, r->io, ROWSET_MEMORY_DEFAULT, &r->err)) {
        free(r->rows);
        r->rows = NULL;
        return false;
    }
    atomic_fetch_add(&r->rows->refs, 1);
    DeskStatement s = r->now;
    s.rows = r->rows;
    tell(r, DESK_RESULT_ROWS, &s);
    return true;
}

static bool on_rows(void *self, const Batch *batch)
{
    Run *r = self;
    return r->rows && rowset_append(r->rows->set, batch, &r->err);
}

static void on_notice(void *self, Str sentence)
{
    Run *r = self;
    DeskStatement s = r->now;
    s.tag = sentence;
    tell(r, DESK_RESULT_NOTICE, &s);
}

static void on_done(void *self, Str tag, int64_t rows, int64_t duration_us)
{
    Run *r = self;
    r->now.tag = tag;
    r->now.count = rows;
    r->now.duration_us = duration_us;
    tell(r, DESK_RESULT_DONE, &r->now);
    r->now.tag = STR_NONE; // borrowed for the call only
}

static void run_text(Job *j, void *context)
{
    Run *r = j->data;
    r->job = j;
    ResultSink sink = {.self = r,
                       .begin = on_begin,
                       .columns = on_columns,
                       .rows = on_rows,
                       .notice = on_notice,
                       .done = on_done};
    tell(r, DESK_RESULT_START, &r->now); // behind what the run before has told
    int64_t began_us = clock_mono_us();
    bool ok = source_run(context, r->text, &sink, &j->err);
    r->took_us = clock_mono_us() - began_us;
    if (ok && err_any(&r->err)) { // the rows could not be kept: the source thinks that we had enough
        j->err = r->err;
        ok = false;
    }
    desk_rows_drop(r->rows);
    r->rows = NULL;
    if (ok) return;
    err_locate(&j->err, r->text);
    if (j->err.line == 1) j->err.column += r->column;
    if (j->err.line) j->err.line += r->line;
    Msg *m = job_msg(j, DESK_RUN_ERROR);
    m->pane = r->results;
    m->err = j->err;
    DeskStatement *s = arena_new(&m->mem, DeskStatement);
    *s = r->now;
    s->rows = NULL;
    m->data = s;
    job_post(j, m);
}

static void remember(Desk *d, Str text)
{
    text = str_trim(text);
    if (text.len == 0 || text.len > DESK_HISTORY_BYTES) return;
    if (d->histories && str_equal(d->history[d->histories - 1].text, text)) return;
    while (d->histories == DESK_HISTORY_MAX ||
           (d->histories && d->history_bytes + text.len > DESK_HISTORY_BYTES)) {
        d->history_bytes -= d->history[0].text.len;
        free((void *)(uintptr_t)d->history[0].text.at);
        memmove(d->history, d->history + 1, --d->histories * sizeof *d->history);
    }
    char *copy = size_alloc(text.len, 1);
    if (!copy) return; // history is a comfort
    memcpy(copy, text.at, text.len);
    d->history[d->histories++] = (DeskHistory){{copy, text.len}, clock_wall_us(), false};
    d->history_bytes += text.len;
}

bool desk_run(Desk *d, const Pane *runner, Str text)
{
    if (desk_running(d)) {
        app_notice(d->app, NOTICE_WARNING, "A statement is still running; Esc stops it");
        return false;
    }
    if (text.len > DESK_RUN_MAX) {
        app_notice(d->app, NOTICE_ERROR, "The text has %zu bytes; at most %d can be run at once", text.len,
                   (int)DESK_RUN_MAX);
        return false;
    }
    Pane *results = app_slot(d->app, SLOT_RESULT);
    Job *j = job_new(runner ? runner->id : results ? results->id : 0, DESK_RUN_END, run_text);
    Run *r = arena_new(&j->mem, Run);
    r->results = results ? results->id : 0;
    r->text = arena_copy(&j->mem, text);
    r->io = d->host->io;
    r->line = d->run_line;
    r->column = d->run_column;
    d->run_line = d->run_column = 0;
    j->data = r;
    remember(d, text);
    d->run_began_us = clock_mono_us();
    d->run = job_start(d->worker, j);
    return true;
}

bool desk_run_printf(Desk *d, const char *format, ...)
{
    Bytes text;
    bytes_init(&text, 1 << 20);
    va_list list;
    va_start(list, format);
    char *place = bytes_reserve(&text, 64 << 10);
    int len = place ? vsnprintf(place, 64 << 10, format, list) : -1;
    va_end(list);
    bool ok = len >= 0 && len < 64 << 10;
    if (ok) {
        bytes_reserve_done(&text, (size_t)len);
        ok = desk_run(d, NULL, bytes_str(&text));
    }
    bytes_done(&text);
    return ok;
}

void desk_stop(Desk *d)
{
    if (d->run) job_cancel(d->worker, d->run);
}

bool desk_running(const Desk *d) { return d->run != 0; }

void desk_run_ended(Desk *d, const Msg *m)
{
    if (m->job != d->run) return;
    const Run *r = m->data;
    d->run = 0;
    d->run_known = !err_any(&m->err);
    d->run_rows = r->now.count;
    d->run_us = r->took_us;
    if (err_any(&m->err)) app_notice_err(d->app, &m->err);
    desk_look(d);
    desk_tell_all(d, DESK_CHANGED);
}

// ---- life ----

static void cancel_source(void *context) { source_cancel(context); }

bool desk_open(Desk *d, App *app, Host *host, Err *err)
{
    d->host = host;
    d->app = app;
    d->box = app_box(app);
    d->history = size_alloc_zero(DESK_HISTORY_MAX, sizeof *d->history);
    if (!d->history) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for the history");
    bool ok = host->kind->session(host, false, &d->source, err) &&
              host->kind->session(host, true, &d->side, err) &&
              job_worker_new(&d->worker, d->box, d->source, cancel_source, err) &&
              job_worker_new(&d->side_worker, d->box, d->side, cancel_source, err);
    if (!ok)
        desk_close(d);
    else
        desk_look(d);
    return ok;
}

void desk_close(Desk *d)
{
    if (d->worker) job_worker_free(d->worker);
    if (d->side_worker) job_worker_free(d->side_worker);
    if (d->source) source_close(d->source);
    if (d->side) source_close(d->side);
    // What was asked here is not answered to whoever signs in next.
    for (Msg *m; d->box && (m = job_box_take(d->box)) != NULL;) job_msg_free(m);
    for (size_t i = 0; i < d->histories; i++) free((void *)(uintptr_t)d->history[i].text.at);
    free(d->history);
    arena_done(&d->names_mem);
    *d = (Desk){.host = d->host, .app = d->app, .entered = d->entered, .leave = d->leave};
}

bool desk_is_open(const Desk *d) { return d->source != NULL; }

// ---- reading beside it ----

Job *desk_side_job(const Pane *pane, uint32_t what, void (*work)(Job *j, void *context))
{
    return job_new(pane->id, what, work);
}

uint64_t desk_side_start(Desk *d, Job *j) { return job_start(d->side_worker, j); }

uint64_t desk_read_start(Desk *d, Job *j)
{
    return job_start(d->state.in_transaction ? d->worker : d->side_worker, j);
}

Str desk_database(const Desk *d) { return str_of(d->state.database); }

bool desk_look(Desk *d)
{
    if (!d->source) return false;
    SourceState now;
    memset(&now, 0, sizeof now); // padding too: compared as bytes
    source_state(d->source, &now);
    if (memcmp(&now, &d->state, sizeof now) == 0) return false;
    d->state = now;
    return true;
}

void desk_tell(Desk *d, int slot, uint32_t what, int64_t number, Str text)
{
    Pane *p = app_slot(d->app, slot);
    if (!p || !p->kind->message) return;
    Msg m = {.pane = p->id, .what = what, .number = number, .data = &text, .last = true};
    m.err.at = -1;
    p->kind->message(p, &m);
    arena_done(&m.mem);
    app_touch(d->app);
}

void desk_tell_all(Desk *d, uint32_t what)
{
    for (int slot = 0; slot < APP_SLOT_MAX; slot++) desk_tell(d, slot, what, 0, STR_NONE);
}

void desk_quote_table(Bytes *out, Str name)
{
    size_t dot = str_find_byte(name, '.', 0);
    if (dot != SIZE_MAX) {
        source_quote_name(out, str_slice(name, 0, dot));
        bytes_put_byte(out, '.');
        name = str_slice(name, dot + 1, name.len);
    }
    source_quote_name(out, name);
}
