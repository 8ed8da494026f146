// Loop: many connections, few threads. Every thread of the loop waits on one epoll descriptor; the one that
// an event wakes does the work of that connection itself, so that nothing is handed from thread to thread.
// One connection is worked on by one thread at a time. Threads are added while all of them are held up by
// long work, and go when they have had nothing to do for a while. Relies on thread, clock.
#ifndef NET_WIRE_LOOP_H
#define NET_WIRE_LOOP_H

#include "engine/base/err.h"

typedef struct Loop Loop;
// Names one watched descriptor; never given twice, so a late wake-up of a closed one finds nobody.
typedef uint64_t LoopHandle;
#define LOOP_NONE UINT64_MAX

// What the handler wants next.
typedef enum LoopWant {
    LOOP_READ,  // wake when there is something to read
    LOOP_WRITE, // wake when it can be written too
    LOOP_GONE,  // the handler has closed the descriptor and freed what belongs to it: forget it
} LoopWant;
// Does all the work there is: reads until nothing is left to read. Runs on a thread of the loop. hung_up: the
// other side has ended its direction, which shows when all has been read.
typedef LoopWant (*LoopReady)(void *arg, bool hung_up);

typedef struct LoopOptions {
    unsigned threads_min, threads_max;
    void (*tick)(void *arg); // about once a second, on the thread of loop_run
    void *tick_arg;
} LoopOptions;

MUST_CHECK bool loop_new(Loop **out, const LoopOptions *o, Err *err);
// After loop_run has returned and all descriptors are gone.
void loop_free(Loop *l);
// The first call of ready may come before this returns (*handle is set before). 53300 when there is no room.
MUST_CHECK bool loop_add(Loop *l, int fd, LoopReady ready, void *arg, LoopHandle *handle, Err *err);
// Calls the handler once more, on this thread or on the one that is in it; false when it is gone. For news
// that do not come by the descriptor.
bool loop_poke(Loop *l, LoopHandle handle);
// The same on some other thread, soon: for who must not be held up. Nothing when it is gone.
void loop_nudge(Loop *l, LoopHandle handle);
// Starts the threads, then ticks until loop_stop.
MUST_CHECK bool loop_run(Loop *l, Err *err);
void loop_stop(Loop *l);
unsigned loop_threads(const Loop *l);

#endif
