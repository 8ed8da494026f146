// Function: how a function, operator or aggregate looks to the binder, and the kernel that exec put beside
// it. Tables of entries are const arrays in exec (fn_*.c); db hands the list to the binder. Relies on base,
// data.
#ifndef ENGINE_PLAN_FUNCTION_H
#define ENGINE_PLAN_FUNCTION_H

#include "engine/data/cast.h"

enum { FUNCTION_ARGS_MAX = 8 };

// What a kernel may use while it runs over one batch.
typedef struct KernelContext {
    Arena *mem;                // lives as long as the output batch
    Arena *keep;               // of a TableFunction: lives until its last row; NULL elsewhere
    Err *err;                  // set it and return false
    struct RegexSet **regexes; // compiled patterns, kept from batch to batch (exec/regex.h)
    int64_t statement_us;      // now(): wall time at the start of the transaction, UTC
    const CastContext *cast;   // zone, enums …; may be NULL
    const char *user, *database, *node;
    struct ExecContext *exec; // names, sequences
    int64_t at;               // position of the call in the query text
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
    FUNCTION_ARRAYS = 512,    // TYPE_ARRAY arguments are arrays of one element type, TYPE_NULL ones its
                              // elements; a result of TYPE_ARRAY is such an array, of TYPE_NULL an element
    FUNCTION_INTERNAL = 2048, // made by the binder only, no name finds it
    FUNCTION_ROUTINE = 4096,  // a user's: its number stands before its arguments
    FUNCTION_SET = 1024,      // the head of a TableFunction: gives rows, has no kernel
} FunctionFlags;

// A result that is an array of one certain type; plain TYPE_ARRAY without FUNCTION_ARRAYS is one of the first
// argument's.
#define FUNCTION_ARRAY_OF(element) ((TypeId)(TYPE_ARRAY | (unsigned)(element) << 8))
// result TYPE_NULL: that of the first argument (after binding). arg TYPE_NULL: a value of any type, not cast.
typedef struct Function {
    const char *name; // lower case
    uint8_t args;
    uint16_t flags;
    TypeId arg[FUNCTION_ARGS_MAX];
    TypeId result;
    ScalarKernel kernel;
} Function;

enum { TABLE_FUNCTION_COLUMNS_MAX = 4 };
typedef struct TableFunctionColumn {
    const char *name; // NULL: the function's name, or the alias of the item in FROM
    TypeId type;      // TYPE_NULL: the type of the first argument
} TableFunctionColumn;

// A function that gives rows: in FROM, or in the output list of a SELECT. `call` is how the binder sees it:
// chosen among the others of its name like a scalar function; call.result is the type of its one column,
// TYPE_NULL when it has several. STRICT: a NULL argument gives no rows.
typedef struct TableFunction {
    Function call;
    uint8_t columns;
    TableFunctionColumn column[TABLE_FUNCTION_COLUMNS_MAX];
    size_t state_size; // zeroed before open
    // Arguments are borrowed until the last row.
    bool (*open)(void *state, const Value *arg, uint32_t args, KernelContext *ctx);
    // Writes at most `room` rows to rows to … of out's vectors (one per column, with room and zeroed null
    // bitmaps); fewer than `room` means that there are no more. ctx->mem lives as long as the batch.
    bool (*next)(void *state, Vector *out, uint32_t to, uint32_t room, uint32_t *made, KernelContext *ctx);
} TableFunction;

typedef enum AggregateKind {
    AGGREGATE_COUNT_ALL,
    AGGREGATE_COUNT,
    AGGREGATE_SUM,
    AGGREGATE_AVG,
    AGGREGATE_MIN,
    AGGREGATE_MAX,
    AGGREGATE_OTHER,
    AGGREGATE_ORDERED_SET,  // percentile_cont(direct) WITHIN GROUP (ORDER BY arg)
    AGGREGATE_HYPOTHETICAL, // rank(direct …) WITHIN GROUP (ORDER BY …): as many of each, of any types
} AggregateKind;

enum { AGGREGATE_ARGS_MAX = 4 };

typedef enum AggregateFlags {
    AGGREGATE_ANY_ORDER = 1, // rows in any order give the same: ORDER BY inside the call is passed over
    AGGREGATE_STABLE = 2,    // needs the statement's settings or clock: not folded, not cached
    AGGREGATE_JSON = 4,      // arrays become JSON before they are gathered
} AggregateFlags;

// The rows of one group for an ordered-set aggregate: in the order asked for. A column may hold NULLs.
typedef struct AggregateSorted {
    uint32_t columns;     // of the ORDER BY
    const Vector *column; // over all kept rows: read by row number only
    const bool *descending, *nulls_first;
    const uint32_t *row; // the group's row numbers in order
    uint32_t rows;
    uint32_t directs;
    const Value *direct; // direct arguments; their types are the aggregate's, or those of the columns
} AggregateSorted;

// One aggregate for one list of argument types; state is state_size zeroed bytes per group. Fields behind
// `final` may be left out.
typedef struct Aggregate {
    const char *name;
    AggregateKind kind;
    uint8_t args;                   // ORDERED_SET: the direct ones; the one of WITHIN GROUP is arg[args]
    TypeId arg[AGGREGATE_ARGS_MAX]; // TYPE_NULL: any type, not cast
    TypeId result;                  // TYPE_NULL: the first argument's type (ORDERED_SET: the sorted one's)
    uint8_t flags;
    uint16_t state_size;
    // Folds the chosen rows into their groups: state of row i is at base + group[i] * stride (group is
    // indexed like sel entries are: group[k] belongs to chosen row k; group NULL = all rows to state 0).
    // arg[0 … args-1] are the arguments. What NULLs mean is decided here. mem lives as long as the states.
    bool (*update)(unsigned char *base, size_t stride, const uint32_t *group, const Vector *arg,
                   const uint16_t *sel, uint32_t count, Arena *mem, Err *err);
    // Adds the rows of `from` behind those of `into`: partial states of two workers, parts of a window's
    // frame. NULL: there is no such way (results that depend on the order of all rows).
    bool (*merge)(unsigned char *into, const unsigned char *from, Arena *mem, Err *err);
    bool (*final)(const unsigned char *state, Vector *out, uint32_t row, Arena *mem, Err *err);
    // The opposite of update, for frames that slide; NULL: there is none.
    bool (*retract)(unsigned char *base, size_t stride, const uint32_t *group, const Vector *arg,
                    const uint16_t *sel, uint32_t count, Arena *mem, Err *err);
    // ORDERED_SET, HYPOTHETICAL instead of update, merge, final.
    bool (*sorted)(const AggregateSorted *in, Vector *out, uint32_t row, Arena *mem, Err *err);
    // The result's type from those of the arguments (array_agg …); NULL: as `result` says.
    Type (*result_type)(const Type *arg, uint32_t args);
} Aggregate;

// A function that only a window gives a meaning: row_number, lag … `run` belongs to exec (window.h): it fills
// the results of one partition.
struct WindowPart;
enum { WINDOW_ARGS_MAX = 3 };
typedef struct WindowFunction {
    const char *name;
    uint8_t args_min, args;
    bool framed;                 // looks at the frame, else at the whole partition
    TypeId arg[WINDOW_ARGS_MAX]; // TYPE_NULL: any; those are brought to one type
    TypeId result;               // TYPE_NULL: that of the first argument
    bool (*run)(const struct WindowPart *part, Err *err);
} WindowFunction;

typedef struct FunctionList {
    const Function *const *scalar; // arrays ended by an entry with name NULL; the list ends with NULL
    const Aggregate *const *aggregate;
    const TableFunction *const *table; // the same; ended by an entry whose call.name is NULL
    const WindowFunction *window;      // ended by an entry with name NULL
    ScalarKernel routine;              // runs a user's function (FUNCTION_ROUTINE)
    const TableFunction *routine_rows; // the same for one that gives rows
} FunctionList;

#endif
