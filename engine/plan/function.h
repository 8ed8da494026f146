// Function: how a function, operator or aggregate looks to the binder, and the kernel that exec put beside
// it. Tables of entries are const arrays in exec (fn_*.c); db hands the list to the binder. Relies on base,
// data.
#ifndef ENGINE_PLAN_FUNCTION_H
#define ENGINE_PLAN_FUNCTION_H

#include "engine/data/batch.h"

enum { FUNCTION_ARGS_MAX = 8 };

// What a kernel may use while it runs over one batch.
typedef struct KernelContext {
    Arena *mem;           // lives as long as the output batch
    Err *err;             // set it and return false
    int64_t statement_us; // now(): wall time at the start of the transaction's statement, local
    const char *user, *database, *node;
    int64_t at; // position of the call in the query text
} KernelContext;

// Computes the chosen rows (sel NULL = 0…count-1) of out, which has room and a zeroed null bitmap. Where
// STRICT is set, rows with a NULL argument are already marked in out->nulls and left out of sel.
typedef bool (*ScalarKernel)(const Vector *arg, uint32_t args, const uint16_t *sel, uint32_t count,
                             Vector *out, KernelContext *ctx);

typedef enum FunctionFlags {
    FUNCTION_STRICT = 1,      // NULL in, NULL out
    FUNCTION_VOLATILE = 2,    // not folded, not cached (random(), now() is only STABLE)
    FUNCTION_STABLE = 4,      // same within a statement
    FUNCTION_VARIADIC = 8,    // the last argument type repeats
    FUNCTION_OPERATOR = 16,   // name is an operator symbol
    FUNCTION_COMPARISON = 32, // boolean result of =, <>, <, <=, >, >= on two values of one type
    FUNCTION_SAME_TYPE =
        64, // arguments are brought to one common type, which is the result's too if result is TYPE_NULL
} FunctionFlags;

// result TYPE_NULL: that of the first argument (after binding). arg TYPE_NULL: a value of any type, not cast.
typedef struct Function {
    const char *name; // lower case
    uint8_t args;
    uint8_t flags;
    TypeId arg[FUNCTION_ARGS_MAX];
    TypeId result;
    ScalarKernel kernel;
} Function;

typedef enum AggregateKind {
    AGGREGATE_COUNT_ALL,
    AGGREGATE_COUNT,
    AGGREGATE_SUM,
    AGGREGATE_AVG,
    AGGREGATE_MIN,
    AGGREGATE_MAX,
    AGGREGATE_OTHER
} AggregateKind;
// One aggregate for one argument type; state is state_size zeroed bytes per group.
typedef struct Aggregate {
    const char *name;
    AggregateKind kind;
    TypeId arg;    // TYPE_NULL with COUNT_ALL (none) and COUNT (any)
    TypeId result; // TYPE_NULL: the argument's type
    uint16_t state_size;
    // Folds the chosen rows into their groups: state of row i is at base + group[i] * stride (group is
    // indexed like sel entries are: group[k] belongs to chosen row k; group NULL = all rows to state 0).
    // NULLs are skipped here. mem lives as long as the states.
    bool (*update)(unsigned char *base, size_t stride, const uint32_t *group, const Vector *arg,
                   const uint16_t *sel, uint32_t count, Arena *mem, Err *err);
    bool (*merge)(unsigned char *into, const unsigned char *from, Arena *mem,
                  Err *err); // partial states of two workers
    bool (*final)(const unsigned char *state, Vector *out, uint32_t row, Arena *mem, Err *err);
} Aggregate;

typedef struct FunctionList {
    const Function *const *scalar; // arrays ended by an entry with name NULL; the list ends with NULL
    const Aggregate *const *aggregate;
} FunctionList;

#endif
