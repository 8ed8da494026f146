// Job: slow work off the UI thread. Each connection has one worker thread that does its jobs one after the
// other; answers come back as messages through a box whose pipe wakes the UI's poll. A message belongs to one
// side at a time and carries its own arena and error. Relies on base/thread, base/arena, base/err.
#ifndef TUI_CORE_JOB_H
#define TUI_CORE_JOB_H

#include "engine/base/arena.h"
#include "engine/base/err.h"
#include <stdatomic.h>

enum { JOB_BOX_MAX = 1024 }; // messages that wait for the UI; then a worker waits

typedef struct JobBox JobBox;
typedef struct JobWorker JobWorker;
typedef struct Job Job;
typedef struct Msg Msg;

struct Msg {
    uint64_t pane; // to which pane; 0 = the app
    uint64_t job;
    uint32_t what;            // the pane's own word for it
    bool last;                // the job is done
    Err err;                  // of the last message: what work() left
    Arena mem;                // lives as long as the message
    void *data;               // in mem, or owned by whoever `what` says
    void (*drop)(void *data); // frees data when nobody takes the message; may be NULL
    int64_t number, total;    // progress: done of expected; 0 = not known
    Msg *next;
};

struct Job {
    uint64_t pane, id;
    uint32_t what;         // the `what` of the last message
    atomic_bool cancelled; // work looks at it
    Err err;               // work leaves its failure here
    Arena mem;             // inputs and answer; goes into the last message
    void *data;            // inputs, later the answer
    void (*drop)(void *data);
    void (*work)(Job *j, void *context); // on the worker's thread
    JobWorker *worker;
    Job *next;
};

// --- UI side
// -------------------------------------------------------------------------------------------------
MUST_CHECK bool job_box_new(JobBox **out, Err *err);
void job_box_free(JobBox *b);    // after all its workers
int job_box_fd(const JobBox *b); // readable when messages wait
Msg *job_box_take(JobBox *b);    // NULL when none waits
void job_msg_free(Msg *m);

// context: what work gets (the connection); cancel: called from the UI thread to interrupt a running job (may
// be NULL).
MUST_CHECK bool job_worker_new(JobWorker **out, JobBox *b, void *context, void (*cancel)(void *context),
                               Err *err);
void job_worker_free(JobWorker *w); // cancels what runs, drops what waits, joins the thread
bool job_worker_busy(const JobWorker *w);

// Fill mem/data, then start. The job belongs to the worker from then on; its id is returned.
Job *job_new(uint64_t pane, uint32_t what, void (*work)(Job *j, void *context));
uint64_t job_start(JobWorker *w, Job *j);
// Running: its flag is set and the worker's cancel is called. Waiting: it will answer with 57014 at once.
void job_cancel(JobWorker *w, uint64_t id);

// --- worker side
// --------------------------------------------------------------------------------------------- A message
// before the last one. Fill it, then post (waits while the box is full; dropped when cancelled).
Msg *job_msg(const Job *j, uint32_t what);
void job_post(Job *j, Msg *m);

#endif
