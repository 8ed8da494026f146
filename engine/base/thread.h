// Threads, latches and the worker pool: the one place (beside tui/core/job) that includes <pthread.h>.
// Nouns: mutex, cond, latch, pool
#ifndef ENGINE_BASE_THREAD_H
#define ENGINE_BASE_THREAD_H

#include "engine/base/err.h"
#include <pthread.h>
#include <stdatomic.h>

typedef struct Mutex {
    pthread_mutex_t m;
} Mutex;
typedef struct Cond {
    pthread_cond_t c;
} Cond;
typedef struct Latch {
    pthread_rwlock_t l;
} Latch; // readers share, a writer is alone
typedef struct Thread {
    pthread_t t;
    bool started;
} Thread;

void mutex_init(Mutex *m);
void mutex_done(Mutex *m);
void mutex_lock(Mutex *m);
bool mutex_try(Mutex *m); // false: somebody has it
void mutex_unlock(Mutex *m);
void cond_init(Cond *c);
void cond_done(Cond *c);
void cond_wait(Cond *c, Mutex *m);
// Waits until signalled or `timeout_us` have passed; false on time-out.
bool cond_wait_for(Cond *c, Mutex *m, int64_t timeout_us);
void cond_signal(Cond *c);
void cond_broadcast(Cond *c);
void latch_init(Latch *l);
void latch_done(Latch *l);
void latch_read(Latch *l);
void latch_write(Latch *l);
void latch_unlock(Latch *l);
// All signals are blocked in the new thread (the owner of the terminal or the daemon's loop takes them).
MUST_CHECK bool thread_start(Thread *t, void (*run)(void *arg), void *arg, Err *err);
void thread_join(Thread *t); // nothing if never started

// A fixed set of workers for parallel loops inside one statement.
typedef struct Pool Pool;
Pool *pool_new(unsigned workers); // 0 = one per online processor, minus the caller
void pool_free(Pool *p);
unsigned pool_width(const Pool *p); // workers + the caller
// Calls task(arg, i) for each i in [0, count), spread over the workers and the calling thread; returns when
// all are done. Nested calls run on the caller alone. p may be NULL: then a plain loop.
void pool_run(Pool *p, size_t count, void (*task)(void *arg, size_t i), void *arg);

#endif
