// Loop: a slot for each watched descriptor, epoll in edge-triggered mode (a descriptor is registered once, an
// event costs one system call). A slot's state word holds its generation and bits: BUSY, a thread is in the
// handler; AGAIN, something happened meanwhile. Who finds BUSY leaves AGAIN behind, and the thread that is in
// there runs the handler once more before it lets go: no event is lost and none is worked on twice at a time.
//
// One thread waits for events and works on what it finds itself: with one busy client no other thread is
// woken at all. When it finds several, others help, as many as there are processors. A deputy looks every
// millisecond whether the one that left the waiting is still at the same piece of work, and then waits in its
// place; while nothing happens the deputy sleeps too.
#include "net/wire/loop.h"

#include "engine/base/clock.h"
#include "engine/base/size.h"
#include "engine/base/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    SLOTS_CHUNK = 1024,
    CHUNKS_MAX = 128,
    THREADS_MAX = 256,
    IDLE_US = 30000000, // a thread without work goes
    STUCK_US = 5000,    // all threads at work for so long: one more
    DEPUTY_US = 1000,
    EVENTS = 16, // taken at once
    TICK_US = 1000000,
};
#define BUSY       UINT64_C(1)
#define AGAIN      UINT64_C(2)
#define USED       UINT64_C(4)
#define HUNG_UP    UINT64_C(8)
#define GENERATION UINT64_C(16)

typedef struct Slot {
    _Atomic uint64_t state;
    LoopReady ready;
    void *arg;
    int fd;
    bool writes; // EPOLLOUT is asked for
    uint32_t next_free;
} Slot;

struct Loop {
    LoopOptions o;
    int epoll, stop_event;
    Mutex lock;
    Cond busy; // no thread waits any more; or the end
    Slot *chunk[CHUNKS_MAX];
    uint32_t slots, first_free; // first_free: index + 1
    Thread thread[THREADS_MAX];
    bool thread_ended[THREADS_MAX];
    atomic_uint threads;
    atomic_bool stopping;
    // Guarded by lock:
    Cond spare, deputy;
    struct epoll_event event[EVENTS]; // found and not yet worked on
    unsigned events, next_event;
    unsigned working, parked,
        spares;      // threads in handlers; threads that wait for an order, and how many of them as spares
    uint64_t rounds; // moves whenever a thread is done with a piece of work
    bool polling;    // a thread waits for events
    bool has_deputy, deputy_sleeps;
    unsigned processors;
};

static Slot *slot_at(Loop *l, uint32_t index) { return &l->chunk[index / SLOTS_CHUNK][index % SLOTS_CHUNK]; }

// ---- slots ----

static bool grow(Loop *l)
{
    if (l->slots / SLOTS_CHUNK >= CHUNKS_MAX) return false;
    Slot *chunk = size_alloc_zero(SLOTS_CHUNK, sizeof *chunk);
    if (!chunk) return false;
    l->chunk[l->slots / SLOTS_CHUNK] = chunk;
    for (uint32_t i = SLOTS_CHUNK; i > 0; i--) {
        chunk[i - 1].next_free = l->first_free;
        l->first_free = l->slots + i;
    }
    l->slots += SLOTS_CHUNK;
    return true;
}

static void slot_free(Loop *l, uint32_t index)
{
    Slot *s = slot_at(l, index);
    mutex_lock(&l->lock);
    // The generation moves on: handles and events of the old one find nobody.
    uint64_t state = atomic_load(&s->state);
    atomic_store(&s->state, (state | (GENERATION - 1)) + 1);
    s->next_free = l->first_free;
    l->first_free = index + 1;
    mutex_unlock(&l->lock);
}

static LoopHandle handle_of(uint32_t index, uint64_t state)
{
    return (uint64_t)(uint32_t)(state / GENERATION) << 32 | index;
}

// Takes the slot for this thread; false when it is gone or when somebody is in it already (who is told).
static bool slot_claim(Slot *s, LoopHandle handle, uint64_t news, bool *gone)
{
    uint64_t state = atomic_load(&s->state);
    for (;;) {
        *gone = !(state & USED) || (uint32_t)(state / GENERATION) != (uint32_t)(handle >> 32);
        if (*gone) return false;
        bool busy = state & BUSY;
        if (atomic_compare_exchange_weak(&s->state, &state, state | news | (busy ? AGAIN : BUSY)))
            return !busy;
    }
}

static void want_writes(Loop *l, Slot *s, uint32_t index, bool writes)
{
    if (s->writes == writes) return;
    s->writes = writes;
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET | (writes ? EPOLLOUT : 0u),
                            .data.u64 = handle_of(index, atomic_load(&s->state))};
    (void)epoll_ctl(l->epoll, EPOLL_CTL_MOD, s->fd, &e);
}

// With the slot claimed: runs the handler until nothing new has happened.
static void slot_run(Loop *l, Slot *s, uint32_t index)
{
    for (;;) {
        LoopWant want = s->ready(s->arg, atomic_load(&s->state) & HUNG_UP);
        if (want == LOOP_GONE) {
            slot_free(l, index);
            return;
        }
        want_writes(l, s, index, want == LOOP_WRITE);
        uint64_t state = atomic_load(&s->state);
        while (!(state & AGAIN))
            if (atomic_compare_exchange_weak(&s->state, &state, state & ~BUSY)) return;
        atomic_fetch_and(&s->state, ~AGAIN);
    }
}

static bool slot_wake(Loop *l, LoopHandle handle, uint64_t news)
{
    bool gone;
    uint32_t index = (uint32_t)handle;
    Slot *s = slot_at(l, index);
    if (slot_claim(s, handle, news, &gone)) slot_run(l, s, index);
    return !gone;
}

bool loop_poke(Loop *l, LoopHandle handle) { return slot_wake(l, handle, 0); }

// Claims the slot, so that nobody closes it meanwhile, and asks for EPOLLOUT, which wakes a thread at once.
// An event that came while it was claimed found it busy: then once more.
void loop_nudge(Loop *l, LoopHandle handle)
{
    bool gone;
    uint32_t index = (uint32_t)handle;
    Slot *s = slot_at(l, index);
    while (slot_claim(s, handle, 0, &gone)) {
        s->writes = true;
        struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET | EPOLLOUT, .data.u64 = handle};
        (void)epoll_ctl(l->epoll, EPOLL_CTL_MOD, s->fd, &e);
        uint64_t state = atomic_fetch_and(&s->state, ~(BUSY | AGAIN));
        if (!(state & AGAIN)) return;
    }
}

bool loop_add(Loop *l, int fd, LoopReady ready, void *arg, LoopHandle *handle, Err *err)
{
    mutex_lock(&l->lock);
    bool room = l->first_free || grow(l);
    uint32_t index = l->first_free - 1;
    Slot *s = room ? slot_at(l, index) : NULL;
    if (s) {
        l->first_free = s->next_free;
        s->ready = ready;
        s->arg = arg;
        s->fd = fd;
        s->writes = false;
        *handle = handle_of(index, atomic_load(&s->state));
        atomic_fetch_or(&s->state, USED);
    }
    mutex_unlock(&l->lock);
    if (!s)
        return err_set(err, "53300", "no more than %d connections can be watched", SLOTS_CHUNK * CHUNKS_MAX);
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.u64 = *handle};
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) == 0) return true;
    int why = errno;
    slot_free(l, index);
    return err_set_errno(err, why, "a connection cannot be watched");
}

// ---- threads ----

typedef struct ThreadArg {
    Loop *loop;
    unsigned number;
} ThreadArg;

// A thread that has waited long goes, but not the last few.
static bool may_go(Loop *l)
{
    unsigned threads = atomic_load(&l->threads);
    while (threads > l->o.threads_min)
        if (atomic_compare_exchange_weak(&l->threads, &threads, threads - 1)) return true;
    return false;
}

// All of these are called and return with the lock held.

static void work(Loop *l)
{
    struct epoll_event e = l->event[l->next_event++];
    l->working++;
    if (l->next_event < l->events && l->working < l->processors) {
        if (l->spares)
            cond_signal(&l->spare);
        else if (l->has_deputy)
            cond_signal(&l->deputy);
    }
    if (l->deputy_sleeps) cond_signal(&l->deputy);
    // Where a deputy is missing, a spare comes: it takes what is left, or waits for events, or is the deputy.
    if (!l->has_deputy && l->spares) cond_signal(&l->spare);
    if (!l->parked) cond_signal(&l->busy); // nobody is left to wait
    mutex_unlock(&l->lock);
    (void)slot_wake(l, e.data.u64, e.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) ? HUNG_UP : 0);
    mutex_lock(&l->lock);
    l->working--;
    l->rounds++;
}

static void poll_events(Loop *l)
{
    struct epoll_event found[EVENTS];
    l->polling = true;
    mutex_unlock(&l->lock);
    int n = epoll_wait(l->epoll, found, EVENTS, IDLE_US / 1000);
    mutex_lock(&l->lock);
    l->polling = false;
    l->events = n > 0 ? (unsigned)n : 0;
    l->next_event = 0;
    memcpy(l->event, found, l->events * sizeof *found);
    l->rounds++;
}

// Waits for its turn to poll: when the poller has left for the same piece of work since the last look.
static void be_deputy(Loop *l)
{
    l->has_deputy = true;
    l->parked++;
    uint64_t seen = l->rounds - 1; // as if something had just happened
    while (!atomic_load(&l->stopping) && l->next_event == l->events) {
        bool same = seen == l->rounds;
        if (same && !l->polling) break;
        seen = l->rounds;
        l->deputy_sleeps = same; // somebody waits, and nothing has happened since the last look
        (void)cond_wait_for(&l->deputy, &l->lock, same ? IDLE_US : DEPUTY_US);
        l->deputy_sleeps = false;
    }
    l->parked--;
    l->has_deputy = false;
    if (l->spares) cond_signal(&l->spare); // its place must not stay empty
}

// False when it was not wanted for long.
static bool be_spare(Loop *l)
{
    l->parked++;
    l->spares++;
    bool wanted = cond_wait_for(&l->spare, &l->lock, IDLE_US);
    l->spares--;
    l->parked--;
    return wanted || !may_go(l);
}

static void thread_run(void *arg)
{
    Loop *l = ((ThreadArg *)arg)->loop;
    unsigned number = ((ThreadArg *)arg)->number;
    bool stays = true;
    free(arg);
    mutex_lock(&l->lock);
    while (stays && !atomic_load(&l->stopping)) {
        if (l->next_event < l->events)
            work(l);
        else if (!l->polling)
            poll_events(l);
        else if (!l->has_deputy)
            be_deputy(l);
        else
            stays = be_spare(l);
    }
    if (stays) atomic_fetch_sub(&l->threads, 1);
    l->thread_ended[number] = true;
    cond_signal(&l->busy);
    mutex_unlock(&l->lock);
}

static bool thread_add(Loop *l, Err *err)
{
    unsigned number = 0;
    mutex_lock(&l->lock);
    while (number < l->o.threads_max && l->thread[number].started && !l->thread_ended[number]) number++;
    mutex_unlock(&l->lock);
    if (number == l->o.threads_max) return true; // as many as there may be
    thread_join(&l->thread[number]);
    l->thread[number].started = l->thread_ended[number] = false;
    ThreadArg *arg = size_alloc_zero(1, sizeof *arg);
    if (!arg) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a thread");
    *arg = (ThreadArg){l, number};
    atomic_fetch_add(&l->threads, 1);
    if (thread_start(&l->thread[number], thread_run, arg, err)) return true;
    atomic_fetch_sub(&l->threads, 1);
    free(arg);
    return false;
}

// Nobody waits: if that stays so for a moment, one more thread comes.
static void look_for_jam(Loop *l)
{
    uint64_t before;
    do {
        before = l->rounds;
        (void)cond_wait_for(&l->busy, &l->lock, STUCK_US);
        if (l->parked || l->polling || atomic_load(&l->stopping)) return;
    } while (l->rounds != before);
    Err ignored = {.at = -1}; // those that are there go on
    mutex_unlock(&l->lock);
    (void)thread_add(l, &ignored);
    mutex_lock(&l->lock);
}

static void keep_house(Loop *l)
{
    int64_t tick = clock_mono_us() + TICK_US;
    mutex_lock(&l->lock);
    while (!atomic_load(&l->stopping)) {
        int64_t left = tick - clock_mono_us();
        if (left > 0 && cond_wait_for(&l->busy, &l->lock, left)) {
            if (!l->parked && !l->polling) look_for_jam(l);
            continue;
        }
        if (left > 0) continue;
        if (!l->parked && !l->polling) look_for_jam(l);
        mutex_unlock(&l->lock);
        if (l->o.tick) l->o.tick(l->o.tick_arg);
        mutex_lock(&l->lock);
        tick = clock_mono_us() + TICK_US;
    }
    mutex_unlock(&l->lock);
}

bool loop_run(Loop *l, Err *err)
{
    bool good = true;
    for (unsigned i = 0; good && i < l->o.threads_min; i++) good = thread_add(l, err);
    if (good) keep_house(l);
    loop_stop(l);
    for (unsigned i = 0; i < THREADS_MAX; i++) thread_join(&l->thread[i]);
    return good;
}

void loop_stop(Loop *l)
{
    uint64_t one = 1;
    atomic_store(&l->stopping, true);
    ssize_t ignored = write(l->stop_event, &one, sizeof one);
    (void)ignored;
    mutex_lock(&l->lock);
    cond_signal(&l->busy);
    cond_broadcast(&l->spare);
    cond_broadcast(&l->deputy);
    mutex_unlock(&l->lock);
}

unsigned loop_threads(const Loop *l) { return atomic_load(&((Loop *)l)->threads); }

// ---- made and ended ----

static LoopWant nothing(void *arg, bool hung_up)
{
    (void)arg;
    (void)hung_up;
    return LOOP_READ;
}

bool loop_new(Loop **out, const LoopOptions *o, Err *err)
{
    Loop *l = size_alloc_zero(1, sizeof *l);
    if (!l) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for the event loop");
    l->o = *o;
    if (!l->o.threads_min) l->o.threads_min = 1;
    if (l->o.threads_max < l->o.threads_min) l->o.threads_max = l->o.threads_min;
    if (l->o.threads_max > THREADS_MAX) l->o.threads_max = THREADS_MAX;
    mutex_init(&l->lock);
    cond_init(&l->busy);
    cond_init(&l->spare);
    cond_init(&l->deputy);
    l->processors = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->stop_event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    // Level-triggered and never read: one stop wakes all threads.
    LoopHandle handle;
    struct epoll_event e = {.events = EPOLLIN};
    bool good = l->epoll >= 0 && l->stop_event >= 0;
    if (!good) err_set_errno(err, errno, "the event loop cannot be made");
    good = good && loop_add(l, l->stop_event, nothing, NULL, &handle, err);
    e.data.u64 = good ? handle : 0;
    if (good && epoll_ctl(l->epoll, EPOLL_CTL_MOD, l->stop_event, &e) != 0)
        good = err_set_errno(err, errno, "the event loop cannot be made");
    if (good)
        *out = l;
    else
        loop_free(l);
    return good;
}

void loop_free(Loop *l)
{
    if (!l) return;
    if (l->epoll >= 0) close(l->epoll);
    if (l->stop_event >= 0) close(l->stop_event);
    for (uint32_t i = 0; i < CHUNKS_MAX; i++) free(l->chunk[i]);
    cond_done(&l->busy);
    cond_done(&l->spare);
    cond_done(&l->deputy);
    mutex_done(&l->lock);
    free(l);
}
