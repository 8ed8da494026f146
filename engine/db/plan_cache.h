// Plan cache: plans of one session by statement text and database, a bounded number of them. A plan is good
// while no definition has changed since it was made. Relies on plan.
#ifndef ENGINE_DB_PLAN_CACHE_H
#define ENGINE_DB_PLAN_CACHE_H

#include "engine/plan/plan.h"

enum { PLAN_CACHE_SLOTS = 128, PLAN_CACHE_TEXT_MAX = 16 << 10 };

typedef struct PlanCacheSlot {
    uint64_t hash;
    Str text, database; // owned; text.at == NULL = free
    uint64_t definitions;
    int64_t at; // where the text stood when the plan was made: errors carry such positions
    Plan *plan;
} PlanCacheSlot;
// A zeroed cache is empty.
typedef struct PlanCache {
    PlanCacheSlot slot[PLAN_CACHE_SLOTS];
} PlanCache;

void plan_cache_done(PlanCache *c);
// definitions: the engine's counter now. NULL when there is no good plan.
const PlanCacheSlot *plan_cache_find(PlanCache *c, Str text, Str database, uint64_t definitions);
// Takes the plan over (frees it when it cannot be kept); returns whether it is kept.
bool plan_cache_add(PlanCache *c, Str text, Str database, uint64_t definitions, int64_t at, Plan *plan);

#endif
