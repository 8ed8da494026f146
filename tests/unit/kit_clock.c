// Kit: the clock turned by hand.
#include "tests/unit/kit_clock.h"

static int64_t now_us(void *self) { return atomic_load(&((KitClock *)self)->now_us); }

static void wait_us(void *self, int64_t us)
{
    KitClock *c = self;
    if (c->stop_at_wait) {
        atomic_store(c->stop_at_wait, true);
        return;
    }
    atomic_fetch_add(&c->now_us, us);
    atomic_fetch_add(&c->waited_us, us);
}

ThrottleClock kit_clock(KitClock *c) { return (ThrottleClock){now_us, wait_us, c}; }
