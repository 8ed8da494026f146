// Watch: sessions with an end hang in one list; the thread sleeps until the first of them.
#include "engine/db/watch.h"

#include "engine/base/clock.h"
#include "engine/base/size.h"
#include "engine/db/statement.h"

#include <stdlib.h>

struct Watch {
    Mutex mutex;
    Cond wake, let_go;
    Thread thread;
    Session *first;      // those with an end
    const Session *busy; // the thread has it in hand, without the mutex
    int64_t sleeps_until;
    bool stopping;
};

static void unlink_session(Watch *w, Session *s)
{
    if (!s->watch_until) return;
    Session **at = &w->first;
    while (*at != s) at = &(*at)->watch_next;
    *at = s->watch_next;
    s->watch_until = 0;
}

static void end_statement(Session *s)
{
    atomic_store(&s->timed_out, true);
    atomic_store(&s->cancel, true);
    lock_wake(store_locks(s->engine->store), &s->cancel);
}

// A session at work is not idle any more; its own thread has the mutex then.
static void end_idle(Session *s)
{
    if (!mutex_try(&s->running)) return;
    if (s->engine && s->open) transaction_run_idle_end(s);
    mutex_unlock(&s->running);
}

// The mutex is held, and let go of while a transaction is ended.
static void end_late_ones(Watch *w)
{
    int64_t now = clock_mono_us();
    for (Session *s = w->first; s;) {
        if (s->watch_until > now) {
            s = s->watch_next;
            continue;
        }
        unlink_session(w, s);
        if (s->watch_idle) {
            w->busy = s;
            mutex_unlock(&w->mutex);
            end_idle(s);
            mutex_lock(&w->mutex);
            w->busy = NULL;
            cond_broadcast(&w->let_go);
        } else {
            end_statement(s);
        }
        s = w->first;
    }
}

static void run(void *arg)
{
    Watch *w = arg;
    mutex_lock(&w->mutex);
    while (!w->stopping) {
        end_late_ones(w);
        w->sleeps_until = INT64_MAX;
        for (const Session *s = w->first; s; s = s->watch_next)
            if (s->watch_until < w->sleeps_until) w->sleeps_until = s->watch_until;
        int64_t left = w->sleeps_until - clock_mono_us();
        if (w->stopping) break;
        if (w->sleeps_until == INT64_MAX)
            cond_wait(&w->wake, &w->mutex);
        else if (left > 0)
            cond_wait_for(&w->wake, &w->mutex, left);
    }
    mutex_unlock(&w->mutex);
}

bool watch_new(Watch **out, Err *err)
{
    Watch *w = size_alloc_zero(1, sizeof *w);
    if (!w) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for the watch");
    mutex_init(&w->mutex);
    cond_init(&w->wake);
    cond_init(&w->let_go);
    *out = w;
    return true;
}

void watch_free(Watch *w)
{
    if (!w) return;
    mutex_lock(&w->mutex);
    w->stopping = true;
    cond_signal(&w->wake);
    mutex_unlock(&w->mutex);
    thread_join(&w->thread);
    mutex_done(&w->mutex);
    cond_done(&w->wake);
    cond_done(&w->let_go);
    free(w);
}

bool watch_set(Watch *w, Session *s, bool idle, int64_t us, Err *err)
{
    bool ok = true;
    if (us <= 0) return true;
    mutex_lock(&w->mutex);
    unlink_session(w, s);
    s->watch_until = clock_mono_us() + us;
    s->watch_idle = idle;
    s->watch_next = w->first;
    w->first = s;
    if (!w->thread.started)
        ok = thread_start(&w->thread, run, w, err);
    else if (s->watch_until < w->sleeps_until)
        cond_signal(&w->wake);
    if (!ok) unlink_session(w, s);
    mutex_unlock(&w->mutex);
    return ok;
}

void watch_clear(Watch *w, Session *s)
{
    mutex_lock(&w->mutex);
    unlink_session(w, s);
    mutex_unlock(&w->mutex);
}

void watch_leave(Watch *w, Session *s)
{
    mutex_lock(&w->mutex);
    unlink_session(w, s);
    while (w->busy == s) cond_wait(&w->let_go, &w->mutex);
    mutex_unlock(&w->mutex);
}
