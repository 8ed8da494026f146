// Job: the box, the workers and their queues. A worker holds its mutex only to look at its queue, never while
// it works. Relies on job.h, base/thread, base/size.
#include "tui/core/job.h"
#include "engine/base/size.h"
#include "engine/base/thread.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct JobBox {
    Mutex mutex;
    Cond room;
    Msg *first, *last;
    size_t count;
    bool closing; // a worker is being ended: nobody takes messages, so nobody may wait for room
    int pipe[2];
    atomic_uint_fast64_t next_id;
};

struct JobWorker {
    JobBox *box;
    void *context;
    void (*cancel)(void *context);
    Mutex mutex;
    Cond work;
    Job *first, *last, *running;
    bool ending;
    Thread thread;
};

// --- the box
// ---------------------------------------------------------------------------------------------------

bool job_box_new(JobBox **out, Err *err)
{
    JobBox *b = size_alloc_zero(1, sizeof *b);
    if (!b) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for the message box");
    if (pipe2(b->pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        free(b);
        return err_set_errno(err, errno, "cannot make the message box's pipe");
    }
    mutex_init(&b->mutex);
    cond_init(&b->room);
    *out = b;
    return true;
}

void job_msg_free(Msg *m)
{
    if (!m) return;
    if (m->drop && m->data) m->drop(m->data);
    Arena mem = m->mem;
    free(m);
    arena_done(&mem);
}

void job_box_free(JobBox *b)
{
    if (!b) return;
    for (Msg *m; (m = job_box_take(b)) != NULL;) job_msg_free(m);
    close(b->pipe[0]);
    close(b->pipe[1]);
    cond_done(&b->room);
    mutex_done(&b->mutex);
    free(b);
}

int job_box_fd(const JobBox *b) { return b->pipe[0]; }

Msg *job_box_take(JobBox *b)
{
    mutex_lock(&b->mutex);
    Msg *m = b->first;
    if (m) {
        b->first = m->next;
        if (!b->first) b->last = NULL;
        if (b->count-- == JOB_BOX_MAX) cond_broadcast(&b->room);
    }
    if (!b->first) {
        char drain[64];
        while (read(b->pipe[0], drain, sizeof drain) > 0) {}
    }
    mutex_unlock(&b->mutex);
    return m;
}

// The last message of a job is always taken in; others wait for room unless their job is cancelled.
static void box_put(JobBox *b, Msg *m, const atomic_bool *cancelled)
{
    mutex_lock(&b->mutex);
    while (!m->last && b->count >= JOB_BOX_MAX && !b->closing && !atomic_load(cancelled))
        cond_wait_for(&b->room, &b->mutex, 100000);
    bool taken = m->last || !(b->closing || atomic_load(cancelled));
    if (taken) {
        m->next = NULL;
        if (b->last)
            b->last->next = m;
        else
            b->first = m;
        b->last = m;
        b->count++;
        ssize_t woken = write(b->pipe[1], "m", 1); // a full pipe wakes as well
        (void)woken;
    }
    mutex_unlock(&b->mutex);
    if (!taken) job_msg_free(m);
}

// --- jobs
// --------------------------------------------------------------------------------------------------------

static void *job_alloc(size_t size)
{
    void *at = size_alloc_zero(1, size);
    if (!at) abort();
    return at;
}

Job *job_new(uint64_t pane, uint32_t what, void (*work)(Job *j, void *context))
{
    Job *j = job_alloc(sizeof *j);
    j->pane = pane;
    j->what = what;
    j->work = work;
    return j;
}

Msg *job_msg(const Job *j, uint32_t what)
{
    Msg *m = job_alloc(sizeof *m);
    m->pane = j->pane;
    m->job = j->id;
    m->what = what;
    return m;
}

void job_post(Job *j, Msg *m) { box_put(j->worker->box, m, &j->cancelled); }

static void job_finish(Job *j)
{
    Msg *m = job_msg(j, j->what);
    m->last = true;
    m->err = j->err;
    m->mem = j->mem;
    m->data = j->data;
    m->drop = j->drop;
    JobBox *box = j->worker->box;
    free(j);
    box_put(box, m, NULL);
}

// --- workers
// -----------------------------------------------------------------------------------------------------

static Job *next_job(JobWorker *w)
{
    mutex_lock(&w->mutex);
    while (!w->first && !w->ending) cond_wait(&w->work, &w->mutex);
    Job *j = w->first;
    if (j) {
        w->first = j->next;
        if (!w->first) w->last = NULL;
        w->running = j;
    }
    mutex_unlock(&w->mutex);
    return j;
}

static void worker_run(void *arg)
{
    JobWorker *w = arg;
    for (Job *j; (j = next_job(w)) != NULL;) {
        if (atomic_load(&j->cancelled))
            err_set(&j->err, SQLSTATE_CANCELED, "cancelled before it began");
        else
            j->work(j, w->context);
        mutex_lock(&w->mutex);
        w->running = NULL;
        mutex_unlock(&w->mutex);
        job_finish(j);
    }
}

bool job_worker_new(JobWorker **out, JobBox *b, void *context, void (*cancel)(void *context), Err *err)
{
    JobWorker *w = size_alloc_zero(1, sizeof *w);
    if (!w) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for a worker");
    *w = (JobWorker){.box = b, .context = context, .cancel = cancel};
    mutex_init(&w->mutex);
    cond_init(&w->work);
    if (!thread_start(&w->thread, worker_run, w, err)) {
        cond_done(&w->work);
        mutex_done(&w->mutex);
        free(w);
        return false;
    }
    *out = w;
    return true;
}

static void set_closing(JobBox *b, bool closing)
{
    mutex_lock(&b->mutex);
    b->closing = closing;
    cond_broadcast(&b->room);
    mutex_unlock(&b->mutex);
}

void job_worker_free(JobWorker *w)
{
    if (!w) return;
    mutex_lock(&w->mutex);
    w->ending = true;
    for (Job *j = w->first; j; j = j->next) atomic_store(&j->cancelled, true);
    bool running = w->running != NULL;
    if (running) atomic_store(&w->running->cancelled, true);
    cond_signal(&w->work);
    if (running && w->cancel) w->cancel(w->context);
    mutex_unlock(&w->mutex);
    set_closing(w->box, true);
    thread_join(&w->thread);
    set_closing(w->box, false);
    cond_done(&w->work);
    mutex_done(&w->mutex);
    free(w);
}

bool job_worker_busy(const JobWorker *w)
{
    JobWorker *open = (JobWorker *)(uintptr_t)w; // looking needs the lock
    mutex_lock(&open->mutex);
    bool busy = w->running || w->first;
    mutex_unlock(&open->mutex);
    return busy;
}

uint64_t job_start(JobWorker *w, Job *j)
{
    uint64_t id = j->id = atomic_fetch_add(&w->box->next_id, 1) + 1;
    j->worker = w;
    j->next = NULL;
    mutex_lock(&w->mutex);
    assert(!w->ending);
    if (w->last)
        w->last->next = j;
    else
        w->first = j;
    w->last = j;
    cond_signal(&w->work);
    mutex_unlock(&w->mutex);
    return id;
}

void job_cancel(JobWorker *w, uint64_t id)
{
    mutex_lock(&w->mutex);
    if (w->running && w->running->id == id) {
        atomic_store(&w->running->cancelled, true);
        if (w->cancel) w->cancel(w->context);
    }
    for (Job *j = w->first; j; j = j->next)
        if (j->id == id) atomic_store(&j->cancelled, true);
    mutex_unlock(&w->mutex);
}
