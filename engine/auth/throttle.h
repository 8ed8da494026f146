// Throttle: slows repeated failures per account and never locks it for good. Failures and their time are kept
// in the text file DATA/throttle, so that a restart does not give new tries; User_Profile is not rewritten
// for a wrong password. Accounts are hashes of names, known or not. Relies on base. Thread-safe.
//
// Rule: up to THROTTLE_FREE tries at once; from the THROTTLE_FREE-th failure on, one try at a time, and only
// when 1 s, 2 s, 4 s … 5 min have passed since the last failure. A quarter of an hour without a failure, or a
// full sign-in, forgets them.
#ifndef ENGINE_AUTH_THROTTLE_H
#define ENGINE_AUTH_THROTTLE_H

#include "engine/base/io.h"
#include <stdatomic.h>

enum {
    THROTTLE_FREE = 3,
    THROTTLE_DELAY_MIN_S = 1,
    THROTTLE_DELAY_MAX_S = 300,
    THROTTLE_WINDOW_S = 900,
    THROTTLE_ACCOUNTS_MAX = 4096, // the one with the oldest failure goes first
};
#define THROTTLE_FILE "throttle"

typedef struct Throttle Throttle;

// Where time comes from; a test gives its own. wait_us may return early.
typedef struct ThrottleClock {
    int64_t (*now_us)(void *self);
    void (*wait_us)(void *self, int64_t us);
    void *self;
} ThrottleClock;

typedef enum ThrottleResult {
    THROTTLE_FAILED,  // counts
    THROTTLE_PARTLY,  // right so far, but not signed in: counts nothing and forgets nothing
    THROTTLE_PASSED,  // forgets the account's failures
    THROTTLE_UNTRIED, // given up before anything was checked
} ThrottleResult;

// directory: DATA, borrowed. clock: NULL = the wall clock. A damaged file is put aside as throttle.damaged;
// *damaged tells it.
MUST_CHECK bool throttle_open(Throttle **out, const IoDir *directory, const ThrottleClock *clock,
                              bool *damaged, Err *err);
void throttle_close(Throttle *t);
// Waits until the account may be tried; *waited_us (may be NULL) tells how long. 57014 when *stop (may be
// NULL) becomes true. Each success is followed by one throttle_leave.
MUST_CHECK bool throttle_enter(Throttle *t, Str account, const atomic_bool *stop, int64_t *waited_us,
                               Err *err);
// The same without waiting: *wait_us = 0 and the account is entered, or how long it has to wait.
MUST_CHECK bool throttle_try(Throttle *t, Str account, int64_t *wait_us, Err *err);
// False when the file could not be written: the state is then right in memory only.
bool throttle_leave(Throttle *t, Str account, ThrottleResult result, Err *err);
// What the account would have to wait now, in microseconds, and its failures.
int64_t throttle_delay_us(Throttle *t, Str account);
unsigned throttle_failures(Throttle *t, Str account);

#endif
