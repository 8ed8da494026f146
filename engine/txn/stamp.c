// Stamp: the hybrid logical clock. Wall time drives it forward; the counter orders what falls into one
// millisecond and runs over into the next one when it is full; the last stamp given or seen is never passed
// backwards.
#include "engine/txn/stamp.h"

#include "engine/base/clock.h"

void stamp_clock_init(StampClock *c, unsigned node, Stamp last)
{
    mutex_init(&c->mutex);
    c->node = node & ((1u << STAMP_NODE_BITS) - 1);
    c->last = last >> STAMP_NODE_BITS << STAMP_NODE_BITS;
}

void stamp_clock_done(StampClock *c) { mutex_done(&c->mutex); }

Stamp stamp_next(StampClock *c)
{
    int64_t ms = clock_wall_us() / 1000;
    Stamp wall = (Stamp)(ms < 0 ? 0 : ms) << (STAMP_NODE_BITS + STAMP_COUNTER_BITS);
    mutex_lock(&c->mutex);
    Stamp next = c->last + (UINT64_C(1) << STAMP_NODE_BITS);
    if (wall > next) next = wall;
    c->last = next;
    mutex_unlock(&c->mutex);
    return next | c->node;
}

void stamp_saw(StampClock *c, Stamp remote)
{
    if (stamp_is_txn(remote) || remote == STAMP_NEVER) return;
    Stamp base = remote >> STAMP_NODE_BITS << STAMP_NODE_BITS;
    mutex_lock(&c->mutex);
    if (base > c->last) c->last = base;
    mutex_unlock(&c->mutex);
}
