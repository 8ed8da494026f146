// Task: a popup with a bar of progress over a worker of its own. Each kind of task is one function on the
// worker's thread and one line in a table; they post progress messages and leave a sentence. Relies on desk,
// export, analytics.
#include "tui/panes/task.h"

#include "analytics/report.h"
#include "engine/base/clock.h"
#include "export/dump.h"
#include "export/erd.h"
#include "export/import.h"
#include "tui/panes/panes.h"
#include "tui/widget/dialog.h"

#include <stdio.h>
#include <string.h>

enum {
    TASK_PROGRESS = DESK_OWN,
    TASK_END,
    TASK_WIDTH = 66,
    TASK_HEIGHT = 7,
    TASK_PROGRESS_US = 50000,
    TASK_TICK_MS = 200
};

typedef struct TaskWork {
    TaskSpec spec;
    Host *host;
    Source *source;
    Job *job;
    int64_t told_us;
    Bytes said; // the last sentence; in the job's last message as a Str
} TaskWork;

typedef struct TaskState {
    JobWorker *worker;
    Source *source;
    TaskKind kind;
    Str database; // that it loads; may be empty
    uint64_t job;
    int64_t began_us, now_us;
    int64_t done, total;
    char what[ERR_TEXT_MAX];
    char title[160];
} TaskState;

// ---- on the worker's thread ----

// Hands a line and figures to the popup, at most every TASK_PROGRESS_US.
static void tell(TaskWork *w, int64_t done, int64_t total, Str what)
{
    int64_t now = clock_mono_us();
    if (now - w->told_us < TASK_PROGRESS_US) return;
    w->told_us = now;
    Msg *m = job_msg(w->job, TASK_PROGRESS);
    m->number = done;
    m->total = total;
    Str *line = arena_new(&m->mem, Str);
    *line = arena_copy(&m->mem, what);
    m->data = line;
    job_post(w->job, m);
}

static void dump_told(void *self, const DumpProgress *p)
{
    tell(self, (int64_t)p->rows_done, (int64_t)p->rows_expected, p->table);
}

static bool work_export(TaskWork *w, Err *err)
{
    OutFile *out = NULL;
    DumpSummary sum = {0};
    Arena *mem = &w->job->mem;
    const DumpDialect *dialect = dump_dialect(w->spec.format);
    if (!dialect) return err_set(err, "22023", "there is no dialect %.*s", STR_ARG(w->spec.format));
    DumpOptions o = {.dialect = dialect,
                     .structure = true,
                     .values = true,
                     .progress = dump_told,
                     .self = w,
                     .stop = &w->job->cancelled};
    if (!out_file_open(&out, w->host->io, arena_cstr(mem, w->spec.path), err)) return false;
    if (!dump_write(w->source, w->spec.database, &o, out, &sum, err)) {
        out_file_abandon(out);
        return false;
    }
    if (!out_file_finish(out, err)) return false;
    bytes_printf(&w->said, "%u tables, %llu rows, %llu bytes written to %.*s", sum.tables,
                 (unsigned long long)sum.rows, (unsigned long long)sum.bytes, STR_ARG(w->spec.path));
    return true;
}

static void import_told(void *self, const ImportProgress *p)
{
    char line[64];
    snprintf(line, sizeof line, "line %u, %llu statements", p->line, (unsigned long long)p->statements);
    tell(self, (int64_t)p->bytes_done, (int64_t)p->bytes, str_of(line));
}

static bool use_database(TaskWork *w, Err *err)
{
    return w->spec.database.len == 0 || catalog_use(w->source, w->spec.database, err);
}

static bool create_database(TaskWork *w, Err *err)
{
    Bytes text;
    ResultSink sink = {0};
    bytes_init(&text, 4096);
    bytes_put(&text, STR("CREATE DATABASE IF NOT EXISTS "));
    source_quote_name(&text, w->spec.database);
    bool ok = source_run(w->source, bytes_str(&text), &sink, err);
    bytes_done(&text);
    return ok;
}

static bool work_import(TaskWork *w, Err *err)
{
    ImportSummary sum = {0};
    ImportOptions o = {.io = w->host->io,
                       .path = arena_cstr(&w->job->mem, w->spec.path),
                       .table = w->spec.table,
                       .progress = import_told,
                       .self = w,
                       .stop = &w->job->cancelled};
    if ((w->spec.create && !create_database(w, err)) || !use_database(w, err) ||
        !import_file(w->source, &o, &sum, err)) {
        if (sum.statements)
            err_note(err, "%llu statements before it were done", (unsigned long long)sum.statements);
        return false;
    }
    bytes_printf(&w->said, "%llu statements run, %llu rows inserted", (unsigned long long)sum.statements,
                 (unsigned long long)sum.rows);
    return true;
}

// A sample that could not be loaded leaves nothing behind.
static void drop_again(TaskWork *w, const char *database)
{
    Bytes text;
    ResultSink sink = {0};
    Err err = {0};
    bytes_init(&text, 4096);
    bytes_put(&text, STR("DROP DATABASE IF EXISTS "));
    source_quote_name(&text, str_of(database));
    if (source_run(w->source, STR("ROLLBACK"), &sink, &err))
        (void)!source_run(w->source, bytes_str(&text), &sink, &err);
    bytes_done(&text);
}

static bool work_sample(TaskWork *w, Err *err)
{
    size_t count;
    const HostSample *sample = w->host->kind->samples(&count);
    if (w->spec.sample < 0 || (size_t)w->spec.sample >= count)
        return err_set(err, "22023", "there is no such sample database");
    sample += w->spec.sample;
    Bytes text;
    bytes_init(&text, 4096);
    bytes_put(&text, STR("CREATE DATABASE "));
    source_quote_name(&text, str_of(sample->database));
    bytes_put(&text, STR("; USE "));
    source_quote_name(&text, str_of(sample->database));
    ResultSink sink = {0};
    bool ok = source_run(w->source, bytes_str(&text), &sink, err), created = ok;
    bytes_done(&text);
    tell(w, 0, 0, str_of(sample->title));
    ok = ok && source_run(w->source, STR("BEGIN"), &sink, err) &&
         source_run(w->source, sample->script, &sink, err) &&
         source_run(w->source, STR("COMMIT"), &sink, err);
    if (ok)
        bytes_printf(&w->said, "Sample database %s is loaded", sample->database);
    else if (created)
        drop_again(w, sample->database);
    return ok;
}

static bool work_model(TaskWork *w, Err *err)
{
    Erd erd = {0};
    OutFile *out = NULL;
    const ErdFormat *format = erd_format(w->spec.format);
    if (!format) return err_set(err, "22023", "there is no format %.*s", STR_ARG(w->spec.format));
    if (!use_database(w, err) ||
        !erd_read(&erd, w->source, w->spec.database, true, &w->job->cancelled, &w->job->mem, err) ||
        !out_file_open(&out, w->host->io, arena_cstr(&w->job->mem, w->spec.path), err))
        return false;
    if (!format->write(&erd, out, err)) {
        out_file_abandon(out);
        return false;
    }
    if (!out_file_finish(out, err)) return false;
    bytes_printf(&w->said, "%u tables, %u relationships written to %.*s", erd.catalog.tables, erd.relations,
                 STR_ARG(w->spec.path));
    return true;
}

static bool write_report(TaskWork *w, const char *kind, Str text, Err *err)
{
    Bytes directory, path;
    bytes_init(&directory, 4096);
    bytes_init(&path, 8192);
    bool ok = w->host->kind->directory(w->host, "reports", &directory, err) &&
              report_write(w->host->io, bytes_str(&directory), kind, clock_wall_us(), text, &path, err);
    if (ok) {
        bytes_put(&w->said, w->said.len ? STR(" and ") : STR("Wrote "));
        bytes_put(&w->said, bytes_str(&path));
    }
    bytes_done(&path);
    bytes_done(&directory);
    return ok;
}

static bool work_report(TaskWork *w, Err *err)
{
    QueryCounts queries = {0};
    UpdateCounts updates = {0};
    Bytes text;
    bytes_init(&text, 16 << 20);
    Str node = w->host->kind->node(w->host);
    bool ok = count_queries(&queries, w->source, &w->job->mem, err);
    if (ok) {
        report_queries_text(&queries, node, clock_wall_us(), &text);
        ok = write_report(w, "queries", bytes_str(&text), err);
    }
    if (ok && w->spec.database.len) {
        bytes_clear(&text);
        ok = count_updates(&updates, w->source, w->spec.database, &w->job->mem, err);
        if (ok) {
            report_updates_text(&updates, node, clock_wall_us(), &text);
            ok = write_report(w, "updates", bytes_str(&text), err);
        }
    }
    bytes_done(&text);
    return ok;
}

typedef struct TaskInfo {
    const char *title;
    bool (*work)(TaskWork *w, Err *err);
    bool changes; // the person's own statements: they are logged and counted
} TaskInfo;
static const TaskInfo tasks[] = {
    [TASK_EXPORT] = {"Export", work_export, false},         [TASK_IMPORT] = {"Import", work_import, true},
    [TASK_SAMPLE] = {"Sample database", work_sample, true}, [TASK_MODEL] = {"Data model", work_model, false},
    [TASK_REPORT] = {"Reports", work_report, false},
};

static void run_task(Job *j, void *context)
{
    TaskWork *w = j->data;
    w->job = j;
    w->source = context;
    bytes_init(&w->said, 16384);
    bool ok = tasks[w->spec.kind].work(w, &j->err);
    // A script may have left a transaction open: what it did not commit is not kept.
    SourceState state;
    source_state(w->source, &state);
    Err err = {0};
    ResultSink sink = {0};
    if (state.in_transaction && !source_run(w->source, STR("ROLLBACK"), &sink, &err) && ok) j->err = err;
    Str *said = arena_new(&j->mem, Str);
    *said = arena_copy(&j->mem, bytes_str(&w->said));
    bytes_done(&w->said);
    j->data = said;
}

// ---- the popup ----

static void cancel_source(void *context) { source_cancel(context); }

static Str loaded_database(const Desk *d, const TaskSpec *spec)
{
    size_t count;
    const HostSample *sample = d->host->kind->samples(&count);
    if (spec->kind != TASK_SAMPLE) return spec->database;
    return spec->sample >= 0 && (size_t)spec->sample < count ? str_of(sample[spec->sample].database)
                                                             : STR("");
}

static void task_open(Pane *p, const void *arg)
{
    TaskState *s = pane_state(p, TaskState);
    const TaskSpec *spec = arg;
    Desk *d = desk_of(p->app);
    s->kind = spec->kind;
    s->database = arena_copy(&p->mem, loaded_database(d, spec));
    s->began_us = s->now_us = clock_mono_us();
    snprintf(s->title, sizeof s->title, "%s %.*s", tasks[spec->kind].title, STR_ARG(s->database));
    Err err = {0};
    // Without a worker the popup has nothing to wait for: it tells why and stays until Esc.
    if (!d->host->kind->session(d->host, !tasks[s->kind].changes, &s->source, &err) ||
        !job_worker_new(&s->worker, app_box(p->app), s->source, cancel_source, &err)) {
        snprintf(s->what, sizeof s->what, "%s", err.text);
        return;
    }
    Job *j = job_new(p->id, TASK_END, run_task);
    TaskWork *w = arena_new(&j->mem, TaskWork);
    w->host = d->host;
    w->spec = (TaskSpec){spec->kind,
                         arena_copy(&j->mem, spec->database),
                         arena_copy(&j->mem, spec->path),
                         arena_copy(&j->mem, spec->format),
                         arena_copy(&j->mem, spec->table),
                         spec->create,
                         spec->sample};
    j->data = w;
    s->job = job_start(s->worker, j);
}

static void task_close(Pane *p)
{
    TaskState *s = pane_state(p, TaskState);
    if (s->worker) job_worker_free(s->worker);
    if (s->source) source_close(s->source);
}

// What was loaded is what one wants to look at next; an open transaction keeps its database.
static void use_loaded(Pane *p)
{
    const TaskState *s = pane_state(p, TaskState);
    Desk *d = desk_of(p->app);
    bool loaded = tasks[s->kind].changes && s->database.len && !str_equal(s->database, desk_database(d));
    if (!loaded || d->state.in_transaction || desk_running(d)) return;
    Bytes text;
    bytes_init(&text, 4096);
    bytes_put(&text, STR("USE "));
    source_quote_name(&text, s->database);
    desk_run(d, NULL, bytes_str(&text));
    bytes_done(&text);
}

static void task_end(Pane *p, const Msg *m)
{
    TaskState *s = pane_state(p, TaskState);
    App *a = p->app;
    s->job = 0;
    if (err_is(&m->err, SQLSTATE_CANCELED))
        app_notice(a, NOTICE_WARNING, "%s was stopped", s->title);
    else if (err_any(&m->err))
        dialog_error(a, s->title, &m->err);
    else
        app_notice(a, NOTICE_OK, "%.*s", STR_ARG(*(const Str *)m->data));
    if (!err_any(&m->err)) use_loaded(p);
    if (tasks[s->kind].changes) desk_tell_all(desk_of(a), DESK_CHANGED);
    app_close(a, p);
}

static void task_message(Pane *p, Msg *m)
{
    TaskState *s = pane_state(p, TaskState);
    if (m->what == TASK_END) {
        task_end(p, m);
    } else if (m->what == TASK_PROGRESS) {
        s->done = m->number;
        s->total = m->total;
        snprintf(s->what, sizeof s->what, "%.*s", STR_ARG(*(const Str *)m->data));
    }
}

static bool task_act(Pane *p, Action a)
{
    TaskState *s = pane_state(p, TaskState);
    if (a != ACTION_CANCEL && a != ACTION_INTERRUPT) return true;
    if (s->job)
        job_cancel(s->worker, s->job);
    else
        app_close(p->app, p);
    return true;
}

static int task_tick(Pane *p, int64_t now_us)
{
    (void)now_us;
    pane_state(p, TaskState)->now_us = clock_mono_us();
    app_touch(p->app);
    return TASK_TICK_MS;
}

static void task_draw(const Pane *p, Canvas *c)
{
    const TaskState *s = pane_state(p, TaskState);
    char took[CLOCK_TEXT_SIZE];
    canvas_text_in(c, 1, 1, c->width - 2, ALIGN_LEFT, STYLE_POPUP, str_of(s->what));
    int width = c->width - 2;
    if (s->total > 0) {
        int full = (int)((double)(s->done < s->total ? s->done : s->total) / (double)s->total * width);
        for (int x = 0; x < width; x++)
            canvas_glyph(c, 1 + x, 3, x < full ? STYLE_CHART1 : STYLE_DIM,
                         canvas_charset(c) == CHARSET_ASCII ? (x < full ? '#' : '.')
                         : x < full                         ? 0x2588
                                                            : 0x2591);
        canvas_printf(c, 1, 4, STYLE_POPUP, "%d%%", (int)((double)s->done / (double)s->total * 100));
    }
    clock_text_duration(took, s->now_us - s->began_us);
    canvas_text_in(c, 1, c->height - 1, width, ALIGN_RIGHT, STYLE_DIM,
                   str_of(s->job ? "Esc stops" : "Esc closes"));
    canvas_cstr(c, 1, c->height - 1, STYLE_DIM, took);
}

static void task_title(const Pane *p, Bytes *out) { bytes_put(out, str_of(pane_state(p, TaskState)->title)); }

const PaneKind pane_task = {
    .name = "task",
    .state_size = sizeof(TaskState),
    .open = task_open,
    .close = task_close,
    .draw = task_draw,
    .act = task_act,
    .message = task_message,
    .tick = task_tick,
    .title = task_title,
};

void task_start(App *a, const TaskSpec *spec)
{
    PopupSpec place = {.place = POPUP_CENTER,
                       .width = TASK_WIDTH < app_width(a) - 4 ? TASK_WIDTH : app_width(a) - 4,
                       .height = TASK_HEIGHT};
    app_popup(a, &pane_task, spec, &place);
}
