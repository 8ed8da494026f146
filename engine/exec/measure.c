// Measure: a small hash table from plan nodes to what was seen of them.
#include "engine/exec/measure.h"

#include "engine/base/hash.h"
#include "engine/base/size.h"
#include "engine/base/thread.h"
#include <stdlib.h>

enum { MEASURE_BUCKETS = 256 };

struct Measure {
    Mutex lock;
    Arena mem;
    MeasureSeen *bucket[MEASURE_BUCKETS];
};

Measure *measure_new(void)
{
    Measure *m = size_alloc_zero(1, sizeof *m);
    if (!m) return NULL;
    mutex_init(&m->lock);
    arena_init(&m->mem, 0);
    return m;
}

void measure_free(Measure *m)
{
    if (!m) return;
    mutex_done(&m->lock);
    arena_done(&m->mem);
    free(m);
}

static MeasureSeen *find(Measure *m, const PlanNode *plan, bool make)
{
    MeasureSeen **place = &m->bucket[hash_u64((uint64_t)(uintptr_t)plan) % MEASURE_BUCKETS];
    mutex_lock(&m->lock);
    MeasureSeen *s = *place;
    while (s && s->plan != plan) s = s->next;
    if (!s && make) {
        s = arena_new(&m->mem, MeasureSeen);
        s->plan = plan;
        s->next = *place;
        *place = s;
    }
    mutex_unlock(&m->lock);
    return s;
}

MeasureSeen *measure_seen(Measure *m, const PlanNode *plan) { return find(m, plan, true); }
const MeasureSeen *measure_find(Measure *m, const PlanNode *plan) { return find(m, plan, false); }

void measure_memory(MeasureSeen *s, size_t most)
{
    size_t was = atomic_load(&s->memory);
    while (most > was && !atomic_compare_exchange_weak(&s->memory, &was, most)) continue;
}

static void bytes_text(Bytes *out, const char *before, unsigned long long bytes)
{
    if (bytes) bytes_printf(out, "%s%llu KiB", before, (bytes + 1023) / 1024);
}

void measure_text(void *measure, const PlanNode *plan, Bytes *out)
{
    const MeasureSeen *s = measure_find(measure, plan);
    bytes_put(out, STR("  ("));
    if (plan->rows_expected >= 0) bytes_printf(out, "%.0f rows expected, ", plan->rows_expected);
    if (!s || !atomic_load(&s->loops)) {
        bytes_put(out, STR("never run)"));
        return;
    }
    bytes_printf(out, "%llu seen", atomic_load(&s->rows));
    if (atomic_load(&s->loops) > 1) bytes_printf(out, " in %llu loops", atomic_load(&s->loops));
    bytes_printf(out, ", %.3f ms", (double)atomic_load(&s->us) / 1000.0);
    bytes_text(out, ", ", atomic_load(&s->memory));
    bytes_text(out, ", spilled ", atomic_load(&s->spilled));
    bytes_put_byte(out, ')');
}
