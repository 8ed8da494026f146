// What people may ask about locks and old versions: who holds and waits for what, who keeps versions from
// going.
#include "engine/store/store_in.h"

static bool list_inside(const Relation *r, LockVisit visit, void *self)
{
    for (const Table *table = r->inside; table; table = table->inside_next) {
        LockInfo info = {.tag = {LOCK_RELATION, r->id, 0},
                         .granted = true,
                         .transaction = table->txn->locks.number,
                         .session = table->txn->locks.session};
        for (int m = LOCK_ACCESS_SHARE; m <= LOCK_ROW_EXCLUSIVE; m++) {
            info.mode = (LockMode)m;
            if ((atomic_load(&table->modes) >> m & 1) && !visit(self, &info)) return false;
        }
    }
    return true;
}

void store_lock_list(Store *s, LockVisit visit, void *self)
{
    bool more = true;
    size_t cursor = 0;
    lock_list(&s->locks, visit, self);
    latch_read(&s->catalog);
    for (const MapEntry *e; more && (e = map_next(&s->ids, &cursor)) != NULL;) {
        Relation *r = e->value;
        mutex_lock(&r->door);
        if (!r->strong) more = list_inside(r, visit, self); // else they were written down
        mutex_unlock(&r->door);
    }
    latch_unlock(&s->catalog);
}

uint64_t store_dead_versions(Store *s)
{
    uint64_t dead = 0;
    size_t cursor = 0;
    latch_read(&s->catalog);
    for (const MapEntry *e; (e = map_next(&s->ids, &cursor)) != NULL;)
        dead += atomic_load(&((Relation *)e->value)->dead);
    latch_unlock(&s->catalog);
    return dead;
}

size_t store_holders(Store *s, StoreHolder *out, size_t max)
{
    size_t count = 0;
    Stamp published = atomic_load(&s->log.published);
    mutex_lock(&s->active);
    for (const Transaction *t = s->newest; t && count < max; t = t->older)
        if (t->held < published)
            out[count++] = (StoreHolder){.transaction = t->number,
                                         .session = t->locks.session,
                                         .since_us = t->began_us,
                                         .snapshot_us = stamp_ms(t->held) * 1000};
    mutex_unlock(&s->active);
    return count;
}
