// Slot: making slots and reading the values that older rows have in them. Relies on codec.
#include "engine/store/slot_in.h"

#include "engine/store/codec.h"

#include <string.h>

static bool grow(Slots *s, uint32_t count)
{
    uint32_t old = atomic_load(&s->count);
    if (count > s->cap) {
        uint32_t cap = s->cap * 2 > count ? s->cap * 2 : count;
        Slot **at = arena_try(&s->mem, cap, sizeof *at);
        if (!at) return false;
        if (old) memcpy(at, atomic_load(&s->at), old * sizeof *at);
        atomic_store_explicit(&s->at, at, memory_order_release);
        s->cap = cap;
    }
    Slot *more = arena_try(&s->mem, count - old, sizeof *more);
    if (!more) return false;
    for (uint32_t i = old; i < count; i++) {
        more[i - old] = (Slot){.type = type_of(TYPE_NULL), .missing = {.null = true}};
        atomic_load(&s->at)[i] = &more[i - old];
    }
    atomic_store_explicit(&s->count, count, memory_order_release);
    return true;
}

bool slots_ensure(Slots *s, uint16_t slot, Type type, Err *err)
{
    if (slot >= slots_count(s) && !grow(s, slot + 1u))
        return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for columns");
    Slot *at = slots_get(s, slot);
    if (at->type.id == TYPE_NULL) {
        at->type = type;
        at->missing.type = type;
    }
    return type_phys(at->type.id) == type_phys(type.id) ||
           err_set(err, SQLSTATE_CORRUPT, "column slot %u has two types: %s and %s", slot,
                   type_name(at->type.id), type_name(type.id));
}

static char *room_of(void *self, size_t size) { return arena_try(self, size, 1); }

static bool set_missing(Slots *s, Slot *slot, Str text, Err *err)
{
    CodecMemory mem = {room_of, &s->mem, &s->mem};
    Str own = arena_copy(&s->mem, text);
    Value v = {.type = slot->type};
    bool escaped = own.len && memchr(own.at, '\\', own.len);
    if (!codec_get(&v.boolean, slot->type, own, escaped, &mem))
        return err_set(err, SQLSTATE_CORRUPT, "the value of older rows is not of its column's type");
    slot->missing = v;
    return true;
}

bool slots_cover(Slots *s, const TableDef *def, Err *err)
{
    for (uint16_t c = 0; c < schema_stored(def); c++) {
        const ColumnDef *column = &def->column[c];
        uint16_t slot = schema_slot(def, c);
        if (!slots_ensure(s, slot, column->type, err)) return false;
        Slot *at = slots_get(s, slot);
        if (column->missing.at && at->missing.null && !set_missing(s, at, column->missing, err)) return false;
    }
    if (def->slots <= slots_count(s)) return true;
    return grow(s, def->slots) || err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for columns");
}

void slots_done(Slots *s) { arena_done(&s->mem); }
