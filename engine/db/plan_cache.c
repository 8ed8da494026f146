// Plan cache: direct-mapped by hash; a newer plan takes an older one's slot.
#include "engine/db/plan_cache.h"

#include "engine/base/hash.h"
#include "engine/base/size.h"
#include <stdlib.h>
#include <string.h>

static void slot_clear(PlanCacheSlot *slot)
{
    free((char *)slot->text.at);
    plan_free(slot->plan);
    *slot = (PlanCacheSlot){0};
}

void plan_cache_done(PlanCache *c)
{
    for (size_t i = 0; i < PLAN_CACHE_SLOTS; i++) slot_clear(&c->slot[i]);
}

static uint64_t key_hash(Str text, Str database)
{
    return hash_mix(hash_bytes(text.at, text.len, 0), hash_bytes(database.at, database.len, 1));
}

const PlanCacheSlot *plan_cache_find(PlanCache *c, Str text, Str database, uint64_t definitions)
{
    uint64_t hash = key_hash(text, database);
    PlanCacheSlot *slot = &c->slot[hash % PLAN_CACHE_SLOTS];
    if (!slot->plan || slot->hash != hash || !str_equal(slot->text, text) ||
        !str_equal(slot->database, database))
        return NULL;
    if (slot->definitions == definitions) return slot;
    slot_clear(slot);
    return NULL;
}

bool plan_cache_add(PlanCache *c, Str text, Str database, uint64_t definitions, int64_t at, Plan *plan)
{
    char *copy = text.len <= PLAN_CACHE_TEXT_MAX ? size_alloc(text.len + database.len + 1, 1) : NULL;
    if (!copy) {
        plan_free(plan);
        return false;
    }
    memcpy(copy, text.at, text.len);
    if (database.len) memcpy(copy + text.len, database.at, database.len);
    uint64_t hash = key_hash(text, database);
    PlanCacheSlot *slot = &c->slot[hash % PLAN_CACHE_SLOTS];
    slot_clear(slot);
    *slot = (PlanCacheSlot){hash, {copy, text.len}, {copy + text.len, database.len}, definitions, at, plan};
    return true;
}
