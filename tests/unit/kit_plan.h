// Kit: a small store with tables, and SQL text to a plan's text or to its answer, with and without rules.
#ifndef TESTS_UNIT_KIT_PLAN_H
#define TESTS_UNIT_KIT_PLAN_H

#include "engine/exec/exec.h"
#include "tests/unit/kit_dir.h"

typedef struct KitPlan {
    KitDir dir;
    Io io;
    Store *store;
    Transaction *transaction;
} KitPlan;

// dept (id key, name, budget), 10 rows; emp (id key, name unique, dept_id with a sorted index, salary, boss,
// hired, active, code char(4)), 2,000 rows; pair (a, b both not unique), 6 rows with NULLs; each in the
// database "d".
void kit_plan_open(KitPlan *k);
void kit_plan_close(KitPlan *k);
// Fails like plan_make. The plan is freed with plan_free.
bool kit_plan_make(KitPlan *k, Plan **out, const char *sql, bool no_optimise, Err *err);
// The plan's text without the numbers of rows; "ERROR state: sentence (at)" when it cannot be made. Freed by
// the caller.
char *kit_plan_text(KitPlan *k, const char *sql);
// The answer: cells joined by '|', rows by newline, NULL as "~"; or the error as above. Freed by the caller.
char *kit_plan_answer(KitPlan *k, const char *sql, bool no_optimise);

#endif
