// Threads and the pool. A pool serves one loop at a time: a loop that finds it busy (nested, or another
// session's) runs on its caller alone, which needs no thread-local state and never waits. Relies on err,
// size.
#include "engine/base/thread.h"
#include "engine/base/size.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { POOL_MAX = 64 };

// The pthread calls used here fail only when they are misused.
static void must(int result, const char *what)
{
    if (result == 0) return;
    fprintf(stderr, "d2db: %s failed with error %d\n", what, result);
    abort();
}

void mutex_init(Mutex *m) { must(pthread_mutex_init(&m->m, NULL), "mutex_init"); }
void mutex_done(Mutex *m) { must(pthread_mutex_destroy(&m->m), "mutex_done"); }
void mutex_lock(Mutex *m) { must(pthread_mutex_lock(&m->m), "mutex_lock"); }
bool mutex_try(Mutex *m) { return pthread_mutex_trylock(&m->m) == 0; }
void mutex_unlock(Mutex *m) { must(pthread_mutex_unlock(&m->m), "mutex_unlock"); }

void cond_init(Cond *c)
{
    pthread_condattr_t attr;
    must(pthread_condattr_init(&attr), "condattr_init");
    must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC), "condattr_setclock");
    must(pthread_cond_init(&c->c, &attr), "cond_init");
    pthread_condattr_destroy(&attr);
}

void cond_done(Cond *c) { must(pthread_cond_destroy(&c->c), "cond_done"); }
void cond_wait(Cond *c, Mutex *m) { must(pthread_cond_wait(&c->c, &m->m), "cond_wait"); }

bool cond_wait_for(Cond *c, Mutex *m, int64_t timeout_us)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    if (timeout_us < 0) timeout_us = 0;
    until.tv_sec += (time_t)(timeout_us / 1000000);
    until.tv_nsec += (long)(timeout_us % 1000000) * 1000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    int result = pthread_cond_timedwait(&c->c, &m->m, &until);
    if (result == ETIMEDOUT) return false;
    must(result, "cond_wait_for");
    return true;
}

void cond_signal(Cond *c) { must(pthread_cond_signal(&c->c), "cond_signal"); }
void cond_broadcast(Cond *c) { must(pthread_cond_broadcast(&c->c), "cond_broadcast"); }

void latch_init(Latch *l) { must(pthread_rwlock_init(&l->l, NULL), "latch_init"); }
void latch_done(Latch *l) { must(pthread_rwlock_destroy(&l->l), "latch_done"); }
void latch_read(Latch *l) { must(pthread_rwlock_rdlock(&l->l), "latch_read"); }
void latch_write(Latch *l) { must(pthread_rwlock_wrlock(&l->l), "latch_write"); }
void latch_unlock(Latch *l) { must(pthread_rwlock_unlock(&l->l), "latch_unlock"); }

typedef struct Start {
    void (*run)(void *arg);
    void *arg;
} Start;

static void *begin(void *given)
{
    Start start = *(Start *)given;
    free(given);
    start.run(start.arg);
    return NULL;
}

bool thread_start(Thread *t, void (*run)(void *arg), void *arg, Err *err)
{
    t->started = false;
    Start *start = size_alloc(1, sizeof *start);
    if (!start) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while starting a thread");
    *start = (Start){run, arg};
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); // inherited by the new thread
    int result = pthread_create(&t->t, NULL, begin, start);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result) {
        free(start);
        err_set(err, "53000", "cannot start a thread: error %d", result);
        return err_hint(err, "the limit on processes and threads may be reached (ulimit -u)");
    }
    t->started = true;
    return true;
}

void thread_join(Thread *t)
{
    if (!t->started) return;
    must(pthread_join(t->t, NULL), "thread_join");
    t->started = false;
}

struct Pool {
    Mutex lock;
    Cond work, done;
    unsigned width; // threads that really run
    bool busy;      // a pool_run owns the fields below
    bool open;      // workers may join it
    bool ending;
    unsigned inside; // workers that joined
    uint64_t loop;   // number of the pool_run, so that a worker joins each only once
    size_t count;
    atomic_size_t next;
    void (*task)(void *arg, size_t i);
    void *arg;
    Thread thread[POOL_MAX];
};

static void share(Pool *p, size_t count, void (*task)(void *arg, size_t i), void *arg)
{
    for (size_t i; (i = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed)) < count;) task(arg, i);
}

static void worker(void *given)
{
    Pool *p = given;
    uint64_t seen = 0;
    mutex_lock(&p->lock);
    for (;;) {
        while (!p->ending && !(p->open && p->loop != seen)) cond_wait(&p->work, &p->lock);
        if (p->ending) break;
        seen = p->loop;
        p->inside++;
        size_t count = p->count;
        void (*task)(void *arg, size_t i) = p->task;
        void *arg = p->arg;
        mutex_unlock(&p->lock);
        share(p, count, task, arg);
        mutex_lock(&p->lock);
        if (--p->inside == 0) cond_signal(&p->done);
    }
    mutex_unlock(&p->lock);
}

Pool *pool_new(unsigned workers)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    if (workers == 0) workers = online > 1 ? (unsigned)online - 1 : 0;
    if (workers > POOL_MAX) workers = POOL_MAX;
    Pool *p = size_alloc_zero(1, sizeof *p);
    if (!p) return NULL; // callers take NULL for a plain loop
    mutex_init(&p->lock);
    cond_init(&p->work);
    cond_init(&p->done);
    Err err = {0};
    while (p->width < workers && thread_start(&p->thread[p->width], worker, p, &err)) p->width++;
    return p;
}

void pool_free(Pool *p)
{
    if (!p) return;
    mutex_lock(&p->lock);
    p->ending = true;
    cond_broadcast(&p->work);
    mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->width; i++) thread_join(&p->thread[i]);
    cond_done(&p->done);
    cond_done(&p->work);
    mutex_done(&p->lock);
    free(p);
}

unsigned pool_width(const Pool *p) { return p ? p->width + 1 : 1; }

static bool enter(Pool *p, size_t count, void (*task)(void *arg, size_t i), void *arg)
{
    mutex_lock(&p->lock);
    bool mine = !p->busy;
    if (mine) {
        p->busy = p->open = true;
        p->loop++;
        p->count = count;
        p->task = task;
        p->arg = arg;
        atomic_store_explicit(&p->next, 0, memory_order_relaxed);
        cond_broadcast(&p->work);
    }
    mutex_unlock(&p->lock);
    return mine;
}

static void leave(Pool *p)
{
    mutex_lock(&p->lock);
    p->open = false;
    while (p->inside) cond_wait(&p->done, &p->lock);
    p->busy = false;
    mutex_unlock(&p->lock);
}

void pool_run(Pool *p, size_t count, void (*task)(void *arg, size_t i), void *arg)
{
    if (!p || p->width == 0 || count < 2 || !enter(p, count, task, arg)) {
        for (size_t i = 0; i < count; i++) task(arg, i);
        return;
    }
    share(p, count, task, arg);
    leave(p);
}
