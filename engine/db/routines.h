// Routines: functions and procedures: their definitions, and how their bodies run: every statement planned
// once per session and run inside the transaction and snapshot of the statement that calls. Relies on
// statement, engine/plan/routine.h.
#ifndef ENGINE_DB_ROUTINES_H
#define ENGINE_DB_ROUTINES_H

#include "engine/sql/ast_routine.h"
#include "engine/db/statement.h"
#include "engine/plan/routine.h"

enum { ROUTINES_DEPTH_MAX = 100 }; // bodies that may run inside each other: 54001

// A body with its plans. Those of the session are kept while definitions have not moved.
typedef struct RoutineBody {
    struct RoutineBody *next;
    Arena mem;
    uint64_t id, definitions; // of the routine or trigger
    Str role;                 // that its plans were made for
    unsigned users;           // runs that are under way
    Routine routine;
    const char *what; // "SQL function", "trigger"
    Str name;
    AstSteps steps;
    Plan **plan; // per step, made when it first runs
    PlanArguments arguments;
    Type *type; // of the arguments
    SearchPath path;
    bool condition; // triggers: one more step behind the others, WHEN
} RoutineBody;

// ExecContext.routine and .routine_rows; db is the session.
bool routines_value(void *db, uint64_t id, const Value *arg, uint32_t args, Value *out, Arena *mem, Err *err);
bool routines_rows(void *db, uint64_t id, const Value *arg, uint32_t args, ExecRows rows, void *self,
                   Err *err);
void routines_done(Session *s); // forgets all bodies

// ---- bodies (routines.c) ----

// An empty body, in the session's list; arguments, type, steps and path are the caller's to fill.
MUST_CHECK bool routines_body_new(RoutineBody **out, Session *s, uint64_t id, Err *err);
RoutineBody *routines_body_find(Session *s, uint64_t id); // NULL: none that is still good
// That of a routine, with its steps read.
MUST_CHECK bool routines_body_of(RoutineBody **out, Session *s, uint64_t id, Err *err);
void routines_body_drop(Session *s, RoutineBody *b);
MUST_CHECK bool routines_enter(Session *s, RoutineBody *b, Err *err); // 54001
void routines_leave(Session *s, RoutineBody *b);
// Plans step i when it has no plan yet.
MUST_CHECK bool routines_step_plan(Session *s, RoutineBody *b, uint32_t i, Err *err);
MUST_CHECK bool routines_step_run(Session *s, RoutineBody *b, uint32_t i, const Value *arg, ExecRows rows,
                                  void *self, Err *err);

// ---- statements (routine_ddl.c, routine_call.c) ----

MUST_CHECK bool routines_create(Run *run, const AstCreateRoutine *c, Err *err);
MUST_CHECK bool routines_drop(Run *run, const AstDropRoutine *d, Err *err);
MUST_CHECK bool routines_alter(Run *run, const AstAlterRoutine *a, Err *err);
MUST_CHECK bool routines_call(Run *run, const AstExpr *call, Err *err);
// The routine that a name means in DROP, ALTER and COMMENT: 42883, 42725, 42809.
MUST_CHECK bool routines_named(Run *run, const AstRoutineName *n, AstRoutineKind kind, Routine *out,
                               Err *err);

#endif
