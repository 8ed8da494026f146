// Kit: a clock that a test turns by hand; waiting moves it on at once.
#ifndef TESTS_UNIT_KIT_CLOCK_H
#define TESTS_UNIT_KIT_CLOCK_H

#include "engine/auth/throttle.h"

typedef struct KitClock {
    atomic_llong now_us;
    atomic_llong waited_us;    // in all
    atomic_bool *stop_at_wait; // set at the first wait: somebody presses Esc
} KitClock;

ThrottleClock kit_clock(KitClock *c);

#endif
