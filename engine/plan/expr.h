// Expr: a bound expression: every name resolved to a slot, every operator to a function, every type known,
// casts written out. Immutable; shared between plans and threads. Relies on base, data, function.
#ifndef ENGINE_PLAN_EXPR_H
#define ENGINE_PLAN_EXPR_H

#include "engine/data/cast.h"
#include "engine/plan/function.h"

typedef enum ExprKind {
    EXPR_CONSTANT,
    EXPR_SLOT,  // column of the input batch
    EXPR_OUTER, // column of an enclosing query's row (correlated subquery), by level
    EXPR_PARAM, // $n
    EXPR_CALL,
    EXPR_CAST,
    EXPR_AND, // n-ary, Kleene logic, left to right, stops early per row
    EXPR_OR,
    EXPR_NOT,
    EXPR_IS_NULL,     // arg[0]; negated: IS NOT NULL
    EXPR_IS_TRUE,     // arg[0] IS [NOT] truth (truth in `value.boolean`), never NULL
    EXPR_IS_DISTINCT, // arg[0] IS [NOT] DISTINCT FROM arg[1]
    EXPR_CASE, // arg: when, then, when, then, … [else]; searched form only (the binder rewrites the simple
               // one)
    EXPR_COALESCE,
    EXPR_IN_LIST,   // arg[0] IN (arg[1] …); all of one type; negated: NOT IN
    EXPR_ANY_ARRAY, // arg[0] function ANY (arg[1], an array); negated: ALL
    EXPR_LIKE,      // arg[0] LIKE arg[1] [ESCAPE arg[2]]; fold: ILIKE
    EXPR_DOMAIN,    // arg[0], of the base type, once `domain` lets it pass
    EXPR_SUBQUERY,  // scalar, EXISTS, IN or ANY/ALL over `subplan`
} ExprKind;
typedef enum SubqueryKind {
    SUBQUERY_SCALAR,
    SUBQUERY_EXISTS,
    SUBQUERY_IN,
    SUBQUERY_ANY,
    SUBQUERY_ALL
} SubqueryKind;

typedef struct Expr Expr;
// What a domain asks of a value: its checks stand over one column, the value.
typedef struct DomainRule {
    Str name;
    bool not_null;
    uint32_t checks;
    Expr **check;
    Str *check_name;
} DomainRule;
struct PlanNode;
struct Rel;
struct Expr {
    ExprKind kind;
    Type type;
    int64_t at; // byte offset in the query text, -1 = made by the planner
    bool negated, fold;
    uint32_t slot;  // SLOT, OUTER, PARAM (from 0)
    uint32_t level; // OUTER: 1 = the nearest enclosing query
    uint32_t args;
    Expr **arg;
    Value value;              // CONSTANT; IS_TRUE's truth
    const Function *function; // CALL; the comparison of ANY/ALL
    CastHow how;              // CAST
    const DomainRule *domain; // DOMAIN
    SubqueryKind
        subquery; // IN, ANY, ALL compare arg[0] … with the subplan's columns, which have the same types
    struct PlanNode
        *subplan; // its EXPR_OUTERs of level 1 are slots of the batch that this expression runs on
    bool correlated;
    struct Rel *logical; // subplan while still being planned; NULL in a finished plan
};

// True when the result depends on nothing but constants (no slot, parameter, volatile call or subquery).
bool expr_is_constant(const Expr *e);
bool expr_equal(const Expr *a, const Expr *b);
// Calls visit for every node, parents first; false from visit leaves out the children.
void expr_walk(Expr *e, bool (*visit)(Expr *e, void *arg), void *arg);
// Highest slot + 1, 0 if none.
uint32_t expr_slots(const Expr *e);
Expr *expr_copy(const Expr *e, Arena *mem);
// Readable form for EXPLAIN; names are the input's column names (may be NULL).
void expr_text(const Expr *e, const Str *names, uint32_t name_count, Bytes *out);

#endif
