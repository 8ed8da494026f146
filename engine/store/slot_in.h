// Slot: a column's place in its relation, given once and for life. Blocks, the log and table files name
// slots, so what was written before a column came or went stays readable; a definition maps its columns to
// slots. Slots of one relation only grow in number; a slot never moves, readers take no latch. Relies on
// schema.
//
// Nouns: slot, slots
#ifndef ENGINE_STORE_SLOT_IN_H
#define ENGINE_STORE_SLOT_IN_H

#include "engine/base/thread.h"
#include "engine/store/schema.h"

typedef struct Slot {
    Type type;                // TYPE_NULL: no definition that is known has a column here
    Value missing;            // of rows that were written without this column
    atomic_int_fast64_t last; // identity: the last number given
} Slot;

typedef struct Slots {
    _Atomic(Slot **) at; // grows by copying; old arrays stay as long as the relation
    atomic_uint count;
    uint32_t cap;
    Arena mem;
} Slots;

static inline uint16_t slots_count(const Slots *s)
{
    return (uint16_t)atomic_load_explicit(&s->count, memory_order_acquire);
}
static inline Slot *slots_get(const Slots *s, uint16_t slot)
{
    return atomic_load_explicit(&s->at, memory_order_acquire)[slot];
}
static inline Type slots_type(const Slots *s, uint16_t slot) { return slots_get(s, slot)->type; }

// There is a slot with this number, of this type (a slot without one takes it). XX001 when it has another
// one. One writer at a time.
MUST_CHECK bool slots_ensure(Slots *s, uint16_t slot, Type type, Err *err);
// Every column of the definition has its slot, with its missing value.
MUST_CHECK bool slots_cover(Slots *s, const TableDef *def, Err *err);
void slots_done(Slots *s);

#endif
