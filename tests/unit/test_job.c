// Jobs: answers in order, cancelling, a full box, workers that end with work left over.
#include "engine/base/thread.h"
#include "tui/core/job.h"
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static Msg *next_message(JobBox *b)
{
    for (;;) {
        Msg *m = job_box_take(b);
        if (m) return m;
        struct pollfd fd = {job_box_fd(b), POLLIN, 0};
        assert_int_equal(poll(&fd, 1, 10000), 1);
    }
}

static void count_to(Job *j, void *context)
{
    int n = *(int *)j->data;
    atomic_fetch_add((atomic_int *)context, 1);
    for (int i = 0; i < n; i++) {
        Msg *m = job_msg(j, 5);
        m->number = i;
        job_post(j, m);
    }
    *(int *)j->data = n * 2;
}

static Job *counting(int n)
{
    Job *j = job_new(42, 7, count_to);
    j->data = arena_new(&j->mem, int);
    *(int *)j->data = n;
    return j;
}

static void answers(void **state)
{
    (void)state;
    JobBox *box;
    JobWorker *w = NULL;
    Err err = {0};
    atomic_int runs = 0;
    assert_true(job_box_new(&box, &err) && job_worker_new(&w, box, &runs, NULL, &err));
    uint64_t first = job_start(w, counting(3)),
             second = job_start(w, counting(5000)); // more than the box holds
    assert_true(second > first);
    for (int i = 0; i < 3; i++) {
        Msg *m = next_message(box);
        assert_int_equal(m->job, first);
        assert_int_equal(m->number, i);
        assert_false(m->last);
        job_msg_free(m);
    }
    Msg *m = next_message(box);
    assert_true(m->last && m->what == 7 && m->pane == 42 && *(int *)m->data == 6);
    job_msg_free(m);
    for (int i = 0; i < 5000; i++) {
        m = next_message(box);
        assert_int_equal(m->number, i);
        job_msg_free(m);
    }
    m = next_message(box);
    assert_true(m->last && m->job == second);
    job_msg_free(m);
    assert_int_equal(runs, 2);
    job_worker_free(w);
    job_box_free(box);
}

typedef struct Gate {
    Mutex mutex;
    Cond cond;
    bool inside, open;
} Gate;

static void wait_at_gate(Job *j, void *context)
{
    Gate *g = context;
    mutex_lock(&g->mutex);
    g->inside = true;
    cond_broadcast(&g->cond);
    while (!g->open) cond_wait(&g->cond, &g->mutex);
    mutex_unlock(&g->mutex);
    if (atomic_load(&j->cancelled)) err_set(&j->err, SQLSTATE_CANCELED, "stopped");
}

static void open_gate(void *context)
{
    Gate *g = context;
    mutex_lock(&g->mutex);
    g->open = true;
    cond_broadcast(&g->cond);
    mutex_unlock(&g->mutex);
}

static void enter(Gate *g)
{
    mutex_lock(&g->mutex);
    while (!g->inside) cond_wait(&g->cond, &g->mutex);
    mutex_unlock(&g->mutex);
}

static void cancelling(void **state)
{
    (void)state;
    JobBox *box;
    JobWorker *w = NULL;
    Err err = {0};
    Gate g = {.inside = false};
    mutex_init(&g.mutex);
    cond_init(&g.cond);
    assert_true(job_box_new(&box, &err) && job_worker_new(&w, box, &g, open_gate, &err));
    uint64_t running = job_start(w, job_new(1, 1, wait_at_gate)),
             waiting = job_start(w, job_new(1, 2, wait_at_gate));
    enter(&g);
    assert_true(job_worker_busy(w));
    job_cancel(w, waiting);
    job_cancel(w, running);
    for (uint32_t what = 1; what <= 2; what++) {
        Msg *m = next_message(box);
        assert_int_equal(m->what, what);
        assert_string_equal(m->err.state, SQLSTATE_CANCELED);
        job_msg_free(m);
    }
    job_worker_free(w);
    job_box_free(box);
    cond_done(&g.cond);
    mutex_done(&g.mutex);
}

static void ending_with_work(void **state)
{
    (void)state;
    JobBox *box;
    JobWorker *w = NULL;
    Err err = {0};
    Gate g = {.inside = false};
    mutex_init(&g.mutex);
    cond_init(&g.cond);
    assert_true(job_box_new(&box, &err) && job_worker_new(&w, box, &g, open_gate, &err));
    for (uint32_t i = 0; i < 10; i++) job_start(w, job_new(1, i, wait_at_gate));
    enter(&g);
    job_worker_free(w); // stops the running one, answers for the others
    int answers_left = 0;
    for (Msg *m; (m = job_box_take(box)) != NULL; answers_left++) job_msg_free(m);
    assert_int_equal(answers_left, 10);
    job_box_free(box);
    cond_done(&g.cond);
    mutex_done(&g.mutex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers), cmocka_unit_test(cancelling),
                                       cmocka_unit_test(ending_with_work)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
