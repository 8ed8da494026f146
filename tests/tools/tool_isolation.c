// Isolation: runs files of named sessions, steps and interleavings (tests/isolation/README.md tells their
// form). Each session has a thread. A step that has to wait is known by the lock it waits for, never by time
// passing.
#include "engine/base/thread.h"
#include "engine/data/cast.h"
#include "tests/unit/kit_engine.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SESSIONS_MAX = 8,
    STEPS_MAX = 64,
    ANSWER_MAX = 16 << 10,
    FILE_BYTES_MAX = 1 << 20,
    PATIENCE_US = 20000000, // a step that neither ends nor waits for a lock is a hang
    LOOK_US = 1000,
};

typedef struct Session {
    char name[32];
    Source *source;
    Thread thread;
    Mutex mutex;
    Cond change;
    const char *text; // to be run; NULL: nothing
    bool busy, stop, failed;
    Bytes answer; // of the last step
} Session;

typedef struct Step {
    char name[32];
    size_t session;
    char *text;
} Step;

typedef struct Spec {
    const char *path;
    KitEngine kit;
    char *setup;
    Session session[SESSIONS_MAX];
    size_t sessions;
    Step step[STEPS_MAX];
    size_t steps;
    unsigned runs, failures;
} Spec;

static void fatal(const Spec *s, unsigned line, const char *what)
{
    fprintf(stderr, "%s:%u: %s\n", s->path, line, what);
    exit(2);
}

// ---- answers: rows joined by ';', cells by '|'; "ok" without rows; a SQLSTATE ----

static bool take_rows(void *self, const Batch *b)
{
    Bytes *out = &((Session *)self)->answer;
    for (uint32_t i = 0; i < b->sel_len; i++) {
        if (out->len) bytes_put_byte(out, ';');
        for (uint32_t c = 0; c < b->columns; c++) {
            uint32_t row = batch_row(b, i);
            if (c) bytes_put_byte(out, '|');
            if (vector_is_null(&b->vector[c], row))
                bytes_put(out, STR("null"));
            else
                cast_cell_to_text(&b->vector[c], row, out);
        }
    }
    return true;
}

static void take_done(void *self, Str tag, int64_t rows, int64_t duration_us)
{
    Bytes *out = &((Session *)self)->answer;
    (void)duration_us;
    if (!out->len) bytes_put(out, str_equal(tag, STR("SELECT")) && !rows ? STR("none") : STR("ok"));
}

static void run_text(Session *s, const char *text)
{
    Err err = {.at = -1};
    const ResultSink sink = {.self = s, .rows = take_rows, .done = take_done};
    bytes_clear(&s->answer);
    s->failed = false;
    if (source_run(s->source, str_of(text), &sink, &err)) return;
    bytes_clear(&s->answer);
    bytes_put(&s->answer, str_of(err.state));
    s->failed = true;
}

static void work(void *arg)
{
    Session *s = arg;
    mutex_lock(&s->mutex);
    while (!s->stop) {
        if (!s->text) {
            cond_wait(&s->change, &s->mutex);
            continue;
        }
        const char *text = s->text;
        mutex_unlock(&s->mutex);
        run_text(s, text);
        mutex_lock(&s->mutex);
        s->text = NULL;
        s->busy = false;
        cond_broadcast(&s->change);
    }
    mutex_unlock(&s->mutex);
}

static void send(Session *s, const char *text)
{
    mutex_lock(&s->mutex);
    s->text = text;
    s->busy = true;
    cond_broadcast(&s->change);
    mutex_unlock(&s->mutex);
}

typedef enum Outcome { OUTCOME_DONE, OUTCOME_WAITS, OUTCOME_HANGS } Outcome;

// until_done: a wait is not an answer.
static Outcome follow(Session *s, bool until_done)
{
    int64_t left = PATIENCE_US;
    mutex_lock(&s->mutex);
    while (s->busy && left > 0) {
        mutex_unlock(&s->mutex);
        bool waits = !until_done && engine_session_waits(s->source);
        mutex_lock(&s->mutex);
        if (waits && s->busy) {
            mutex_unlock(&s->mutex);
            return OUTCOME_WAITS;
        }
        if (s->busy && !cond_wait_for(&s->change, &s->mutex, LOOK_US)) left -= LOOK_US;
    }
    bool busy = s->busy;
    mutex_unlock(&s->mutex);
    return busy ? OUTCOME_HANGS : OUTCOME_DONE;
}

// ---- files ----

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = f ? calloc(1, FILE_BYTES_MAX) : NULL;
    size_t len = text ? fread(text, 1, FILE_BYTES_MAX - 1, f) : 0;
    if (!f || !text || len == FILE_BYTES_MAX - 1) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(2);
    }
    fclose(f);
    return text;
}

static void copy_word(char out[32], Str word) { snprintf(out, 32, "%.*s", STR_ARG(word)); }

static void add_step(Spec *s, unsigned line, Str rest)
{
    if (s->steps == STEPS_MAX || !s->sessions) fatal(s, line, "a step outside of a session, or too many");
    Step *step = &s->step[s->steps++];
    copy_word(step->name, str_cut(&rest, ' '));
    step->session = s->sessions - 1;
    rest = str_trim(rest);
    step->text = strndup(rest.at, rest.len);
}

static void add_session(Spec *s, unsigned line, Str rest)
{
    if (s->sessions == SESSIONS_MAX) fatal(s, line, "too many sessions");
    Session *n = &s->session[s->sessions++];
    copy_word(n->name, rest);
    mutex_init(&n->mutex);
    cond_init(&n->change);
    bytes_init(&n->answer, ANSWER_MAX);
}

static const Step *find_step(const Spec *s, Str name)
{
    for (size_t i = 0; i < s->steps; i++)
        if (str_equal(str_of(s->step[i].name), name)) return &s->step[i];
    return NULL;
}

// ---- one interleaving ----

static void plain(Source *source, const char *text)
{
    Err err = {.at = -1};
    if (source_run(source, str_of(text), NULL, &err)) return;
    fprintf(stderr, "%s: %s %s\n", text, err.state, err.text);
    exit(2);
}

static void begin_run(Spec *s, Str level)
{
    Err err = {.at = -1};
    char text[160];
    snprintf(text, sizeof text, "CREATE DATABASE run%u", s->runs);
    plain(s->kit.session, text);
    snprintf(text, sizeof text, "USE run%u", s->runs);
    plain(s->kit.session, text);
    plain(s->kit.session, s->setup);
    for (size_t i = 0; i < s->sessions; i++) {
        Session *n = &s->session[i];
        n->source = kit_engine_session(&s->kit);
        n->stop = n->busy = false;
        n->text = NULL;
        plain(n->source, text);
        char set[160];
        snprintf(set, sizeof set, "SET default_transaction_isolation = '%.*s'", STR_ARG(level));
        plain(n->source, set);
        n->thread = (Thread){0};
        if (!thread_start(&n->thread, work, n, &err)) exit(2);
    }
}

static void end_run(Spec *s)
{
    for (size_t i = 0; i < s->sessions; i++) {
        Session *n = &s->session[i];
        source_cancel(n->source);
        mutex_lock(&n->mutex);
        n->stop = true;
        cond_broadcast(&n->change);
        mutex_unlock(&n->mutex);
        thread_join(&n->thread);
        source_close(n->source);
    }
}

// "step", "step=answer" or "step=waits"; a step that waits comes again with its answer.
static bool take_item(Spec *s, unsigned line, Str item, bool *waiting)
{
    Str name = str_cut(&item, '='), want = item.len ? item : STR("ok");
    const Step *step = find_step(s, name);
    if (!step) fatal(s, line, "a step that no session has");
    Session *n = &s->session[step->session];
    bool resumed = waiting[step->session];
    if (!resumed) send(n, step->text);
    Outcome outcome = follow(n, resumed && !str_equal(want, STR("waits")));
    waiting[step->session] = outcome == OUTCOME_WAITS;
    Str is = outcome == OUTCOME_DONE    ? bytes_str(&n->answer)
             : outcome == OUTCOME_WAITS ? STR("waits")
                                        : STR("hangs");
    bool any = !item.len && outcome == OUTCOME_DONE && !n->failed; // without an answer: whatever it gives
    if (str_equal(is, want) || any) return true;
    printf("# %s:%u: step %.*s gave %.*s, expected %.*s\n", s->path, line, STR_ARG(name), STR_ARG(is),
           STR_ARG(want));
    return false;
}

static void run(Spec *s, unsigned line, Str rest)
{
    bool waiting[SESSIONS_MAX] = {false}, good = true;
    Str level = str_trim(str_cut(&rest, ':'));
    s->runs++;
    begin_run(s, level);
    while (good && (rest = str_trim(rest)).len) good = take_item(s, line, str_cut(&rest, ' '), waiting);
    end_run(s);
    s->failures += !good;
    printf("%sok %u - %s:%u %.*s\n", good ? "" : "not ", s->runs, s->path, line, STR_ARG(level));
}

static unsigned run_file(const char *path)
{
    Spec *s = calloc(1, sizeof *s);
    char *text = read_file(path);
    Str rest = str_of(text);
    unsigned line = 0;
    if (!s) exit(2);
    s->path = path;
    s->setup = strdup("");
    kit_engine_open(&s->kit);
    while (rest.len) {
        Str one = str_trim(str_cut(&rest, '\n')), word = str_cut(&one, ' ');
        line++;
        if (!word.len || word.at[0] == '#') continue;
        if (str_equal(word, STR("setup"))) {
            free(s->setup);
            s->setup = strndup(one.at, one.len);
        } else if (str_equal(word, STR("session"))) {
            add_session(s, line, one);
        } else if (str_equal(word, STR("step"))) {
            add_step(s, line, one);
        } else if (str_equal(word, STR("run"))) {
            run(s, line, one);
        } else {
            fatal(s, line, "a line begins with setup, session, step, run or #");
        }
    }
    for (size_t i = 0; i < s->sessions; i++) {
        bytes_done(&s->session[i].answer);
        mutex_done(&s->session[i].mutex);
        cond_done(&s->session[i].change);
    }
    for (size_t i = 0; i < s->steps; i++) free(s->step[i].text);
    kit_engine_close(&s->kit);
    unsigned failures = s->failures;
    free(s->setup);
    free(s);
    free(text);
    return failures;
}

int main(int argc, char **argv)
{
    unsigned failures = 0;
    for (int i = 1; i < argc; i++) failures += run_file(argv[i]);
    return failures ? 1 : 0;
}
