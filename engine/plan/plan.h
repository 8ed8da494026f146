// PlanNode: the physical plan, a tree of operators. Immutable once made, so it can be cached and shared; what
// runs is exec's operator tree beside it. Each node's output is a batch whose columns have the names and
// types given here. Relies on base, data, store (tables by id), expr.
#ifndef ENGINE_PLAN_PLAN_H
#define ENGINE_PLAN_PLAN_H

#include "engine/data/source.h"
#include "engine/plan/expr.h"
#include "engine/plan/permit.h"
#include "engine/plan/search.h"

typedef enum PlanKind {
    PLAN_SCAN,           // table, columns → slots; filter (on output slots) and zone filters
    PLAN_INDEX,          // index equality: key exprs (constants, params, outer) → rows; then filter
    PLAN_INDEX_RANGE,    // sorted index: low/high → rows in key order; then filter
    PLAN_VALUES,         // rows of expressions (also SELECT without FROM: one row)
    PLAN_FUNCTION,       // a table made by the engine: SHOW, DESCRIBE, information_schema … (`system`)
    PLAN_TABLE_FUNCTION, // functions that give rows: one row of the child (or one alone) with each row they
                         // give
    PLAN_FILTER,
    PLAN_PROJECT,
    PLAN_HASH_JOIN,  // child[0] = probe (left), child[1] = build (right); output: see JoinKind
    PLAN_INDEX_JOIN, // child[0] = outer; inner = `table` by `index` with keys from outer slots
    PLAN_LOOP_JOIN,  // any condition; child[1] is materialised
    PLAN_AGGREGATE,  // output: group columns, aggregates, values of GROUPING(…)
    PLAN_WINDOW,     // output: the child's columns, then one for each call; rows in the order of a window
    PLAN_DISTINCT,   // the first row of each kind
    PLAN_SORT,       // limit set by a LIMIT above: top-N
    PLAN_APPLY, // child[1] (not counted) runs for each row of child[0], which is its EXPR_OUTER of level 1
    PLAN_LIMIT,
    PLAN_SET,    // UNION / INTERSECT / EXCEPT [ALL]
    PLAN_SPOOL,  // the rows of a WITH query that is kept
    PLAN_WORK,   // in a recursive WITH query: the rows of the step before
    PLAN_INSERT, // child gives whole rows of the table
    PLAN_UPDATE, // child gives: row position (bigint), then the whole new row; of two rows for a position the
                 // first counts
    PLAN_DELETE, // child gives: row position (bigint), maybe more than once
    PLAN_LOCK,   // FOR UPDATE …: child gives, among others, row positions
    PLAN_KINDS
} PlanKind;

// Output: the left columns, then the right ones; SEMI, ANTI, ANTI_NULL: the left columns only; MARK: the left
// columns, then a boolean with IN's three values.
typedef enum JoinKind {
    JOIN_INNER,
    JOIN_LEFT,
    JOIN_RIGHT,
    JOIN_FULL,
    JOIN_SEMI,
    JOIN_ANTI,
    JOIN_ANTI_NULL /* NOT IN */,
    JOIN_SINGLE /* scalar subquery: 21000 when two match */,
    JOIN_MARK
} JoinKind;
typedef enum SetKind { SET_UNION, SET_INTERSECT, SET_EXCEPT } SetKind;

typedef struct SortKey {
    Expr *expr;
    bool descending, nulls_first;
} SortKey;
typedef struct AggregateCall {
    const Aggregate *function;
    uint32_t args;       // 0: count(*)
    Expr **arg;          // of an ordered-set aggregate: the direct ones
    uint32_t order_keys; // ORDER BY inside the call, or WITHIN GROUP's; 0 when the order makes no difference
    SortKey *order;
    Expr *filter; // NULL = none
    bool distinct;
    Type type;
} AggregateCall;
// The rows that a window function looks at, seen from one row of its partition.
typedef enum FrameUnit { FRAME_RANGE, FRAME_ROWS, FRAME_GROUPS } FrameUnit;
typedef enum FrameEdge {
    FRAME_FIRST,     // UNBOUNDED PRECEDING
    FRAME_PRECEDING, // offset
    FRAME_CURRENT,
    FRAME_FOLLOWING, // offset
    FRAME_LAST       // UNBOUNDED FOLLOWING
} FrameEdge;
typedef enum FrameExclude {
    FRAME_EXCLUDE_NONE,
    FRAME_EXCLUDE_CURRENT,
    FRAME_EXCLUDE_GROUP,
    FRAME_EXCLUDE_TIES
} FrameExclude;
typedef struct WindowFrame {
    FrameUnit unit;
    FrameEdge from, to;
    Expr *from_offset, *to_offset; // ROWS, GROUPS: bigint; RANGE: what the key takes; no columns
    // RANGE over days and moments: the key plus or minus the offset, per row, and the key in that type; NULL:
    // the offset is a number and exec adds it.
    Expr *from_bound, *to_bound, *key;
    FrameExclude exclude;
} WindowFrame;
// How a window cuts and orders the rows.
typedef struct WindowDef {
    uint32_t partitions;
    Expr **partition;
    uint32_t order_keys;
    SortKey *order;
} WindowDef;
typedef struct WindowCall {
    const WindowFunction *function; // NULL: the aggregate call.function
    AggregateCall call;             // arguments, filter, type
    uint32_t window;                // which WindowDef
    WindowFrame frame;
} WindowCall;
typedef struct ZoneBound {
    uint16_t column;
    ZoneOp op;
    Expr *value;
} ZoneBound; // value: constant, param or outer

// The first number of what users make in pg_catalog: this plus the thing's id.
enum { PLAN_OID_FIRST = 16384 };
// What the statement asks of a system table's rows: this column equals this value (of the column's type).
typedef struct SystemKey {
    uint16_t column;
    Value value;
} SystemKey;
// A table the engine makes up: rows are produced by db through a callback handed to exec.
typedef struct SystemTable {
    const char *schema, *name; // "information_schema","tables"; SHOW TABLES is ("d2db","show_tables")
    uint32_t columns;
    const char *const *column_name;
    const Type *column_type;
    // Appends all rows (text cells for the given types) through emit; arg is the statement's first string, if
    // any.
    bool (*fill)(void *db, const Str *args, uint32_t arg_count, bool (*emit)(void *self, const Value *row),
                 void *self, Arena *mem, Err *err);
    // Instead of fill: the rows that may fit all keys; others are filtered out above. Cells as in fill.
    bool (*find)(void *db, const SystemKey *key, uint32_t keys, bool (*emit)(void *self, const Value *row),
                 void *self, Arena *mem, Err *err);
    const char *query; // a view: SQL over other system tables, whose columns are its own
    uint32_t oid;      // below 16384; 0 = made from its place in the list
} SystemTable;         // without fill, find and query it is a SystemFeed
// One whose rows come as batches of the columns' types, each borrowed until the next; *out NULL at the end.
typedef struct SystemFeed {
    SystemTable table;
    bool (*rows)(void *self, Batch **out, Err *err);
    void *self;
} SystemFeed;

// How a row of a table is checked before it is stored (built by the binder once per INSERT/UPDATE/DELETE).
typedef struct ForeignKeyCheck {
    const ForeignKeyDef *key;
    uint64_t parent_id;
    const IndexDef *parent_index; // unique index of the parent
} ForeignKeyCheck;
typedef struct ChildAction {
    uint64_t child_id; // table with a foreign key to this one
    const ForeignKeyDef *key;
    const IndexDef *child_index; // index on the child's columns, NULL = scan
} ChildAction;
typedef struct WriteRules {
    uint32_t generated; // columns that are worked out from the others of the row, before anything is checked
    uint16_t *generated_column;
    Expr **generate; // over the table's columns
    uint32_t checks;
    Expr **check; // over the table's columns; violated when FALSE
    Str *check_name;
    uint32_t foreign_keys;
    ForeignKeyCheck *foreign_key;
    uint32_t children;
    ChildAction *child;
} WriteRules;

// What every node has; each kind's own struct begins with it and is reached by the macros below.
typedef struct PlanNode PlanNode;
struct PlanNode {
    PlanKind kind;
    uint32_t columns; // of the output
    ResultColumn *column;
    uint32_t children;
    PlanNode **child;
    double rows_expected; // the planner's estimate; < 0 = not known
};

// Which table, which of its columns in which order.
typedef struct PlanTable {
    uint64_t id, version; // a cached plan is stale when the version has moved
    Str name;
    uint32_t columns;
    uint16_t *column;
    bool row_position; // one more output column at the end: the row position (bigint)
    uint32_t mark;     // which of a locking query's tables it is, from 1; 0 = what UPDATE or DELETE changes
} PlanTable;

typedef struct PlanScan { // PLAN_SCAN, PLAN_INDEX, PLAN_INDEX_RANGE
    PlanNode node;
    PlanTable table;
    Expr *filter; // over the output slots; NULL = none
    ZoneBound *zone;
    uint32_t zones;
    uint64_t index_id;
    uint32_t keys; // INDEX: the index's columns from the left
    Expr **key;
    bool point;       // INDEX on a unique index with all keys given: at most one row (the short path)
    Expr *low, *high; // INDEX_RANGE, first index column; NULL = open
    bool low_open, high_open, descending;
} PlanScan;

typedef struct PlanValues {
    PlanNode node;
    uint32_t rows;
    Expr **expr;
} PlanValues; // rows × columns, row after row
typedef struct PlanSystemKey {
    uint16_t column; // of the table
    Expr *value;     // constant, param or outer
} PlanSystemKey;
typedef struct PlanSystem {
    PlanNode node;
    const SystemTable *table;
    const uint16_t *column; // per output column, which of the table's
    uint32_t keys;
    PlanSystemKey *key;
    uint32_t args;
    Str *arg;
} PlanSystem;
// One of the functions that run side by side. NULL function: arg[0] is its one row.
typedef struct PlanFunctionCall {
    const TableFunction *function;
    uint32_t args;
    Expr **arg; // over the child's slots
    uint32_t columns;
} PlanFunctionCall;
// Output: the child's columns, those of each call, then the row's number (bigint) with `ordinality`. A call
// that has ended gives NULLs as long as another gives rows.
typedef struct PlanFunction {
    PlanNode node;
    uint32_t calls;
    PlanFunctionCall *call;
    bool ordinality;
    bool outer; // LEFT JOIN: a child's row without any row of the calls comes once, with NULLs
} PlanFunction;
typedef struct PlanFilter {
    PlanNode node;
    Expr *condition;
} PlanFilter;
typedef struct PlanProject {
    PlanNode node;
    Expr **expr;
} PlanProject;            // one per output column
typedef struct PlanJoin { // HASH_JOIN, INDEX_JOIN, LOOP_JOIN, APPLY
    PlanNode node;
    JoinKind join;
    uint32_t keys;
    Expr **left_key;  // over child[0]'s slots
    Expr **right_key; // HASH_JOIN: over child[1]'s slots
    PlanTable inner;  // INDEX_JOIN: one child only
    uint64_t index_id;
    Expr *filter; // rest of the ON condition, over left then right slots; NULL = none
    bool fresh;   // APPLY: also for rows that are alike (the right side is volatile)
} PlanJoin;
typedef struct PlanAggregate {
    PlanNode node;
    uint32_t groups;
    Expr **group;
    uint32_t calls;
    AggregateCall *call;
    uint32_t sets;      // several grouping sets; 0 = one of all groups
    const bool *in_set; // sets × groups: keys that are not in a set are NULL in its rows
    uint32_t groupings;
    const int32_t *grouping; // groupings × sets
} PlanAggregate;
typedef struct PlanWindow {
    PlanNode node;
    uint32_t windows;
    WindowDef *window;
    uint32_t calls;
    WindowCall *call;
} PlanWindow;
typedef struct PlanDistinct {
    PlanNode node;
    uint32_t keys; // 0: all columns
    Expr **key;
} PlanDistinct;
typedef struct PlanSort {
    PlanNode node;
    uint32_t keys;
    SortKey *key;
    uint64_t limit;
} PlanSort; // limit > 0: top-N
typedef struct PlanLimit {
    PlanNode node;
    Expr *limit, *offset;
    uint32_t ties; // WITH TIES: rows that are alike in these with the last one pass, too
    Expr **tie;
} PlanLimit; // NULL = none
typedef struct PlanLockTable {
    uint64_t table_id;
    LockMode mode; // NONE: not locked, but looked at again together with those that are
    LockPatience patience;
} PlanLockTable;
typedef struct PlanLock {
    PlanNode node;
    uint32_t locks;
    PlanLockTable *lock;
    uint32_t *position; // the child's column with the row's position, per lock
    bool one_by_one;    // a LIMIT stands above
} PlanLock;
typedef struct PlanSet {
    PlanNode node;
    SetKind set;
    bool all;
} PlanSet;
// A WITH query that runs once, as far as it is read. step: run again and again on the rows that came last,
// until none come.
typedef struct PlanSpoolBody {
    uint32_t number; // in the statement
    Str name;
    PlanNode *body, *step; // step NULL = not recursive
    bool distinct;         // a row that was there is dropped
    bool writes;           // runs to its end, read or not
    bool correlated;       // starts anew for another outer row
} PlanSpoolBody;
typedef struct PlanSpool { // SPOOL, WORK
    PlanNode node;
    PlanSpoolBody *spool;
    const uint16_t *column; // per output column, which of the body's
    bool owner;             // stands where the body's outer references count from
} PlanSpool;
// ON CONFLICT. The expressions run over the row that is there, then the one that was to come (EXCLUDED).
typedef struct PlanConflict {
    bool update;      // DO UPDATE, else DO NOTHING
    bool moves_keys;  // SET changes a column of a unique key: rows must go one by one
    uint32_t indexes; // the unique indexes that decide; 0 = any
    uint64_t *index_id;
    Expr *condition; // NULL = none
    Expr **set;      // one per column of the table
} PlanConflict;
// INSERT, UPDATE, DELETE. When `returning`, the output is the written rows: for INSERT the table's columns,
// else what the child gives (position, row, what else RETURNING reads), a row that was skipped left out; else
// no columns and no rows. identity: per table column, true = a NULL there is filled from the column's counter
// (no value or DEFAULT was written); NULL = none. A value in an identity column where it is false is shown to
// table_identity_saw.
typedef struct PlanWrite {
    PlanNode node;
    PlanTable table;
    WriteRules *rules;
    const bool *identity;
    const bool *set; // UPDATE: per table column, SET names it
    bool returning;
    bool main;                    // the statement's own, whose rows are counted; false: inside WITH
    const PlanConflict *conflict; // NULL = none
} PlanWrite;

#define plan_as(Kind, n) ((const Kind *)(const void *)(n)) // plan_as(PlanScan, node)

typedef struct Plan {
    Arena mem; // everything below lives here
    PlanNode *root;
    const char *tag; // "SELECT", "INSERT", …
    bool writes;
    bool returns;           // has rows for the client (SELECT, RETURNING): root's columns
    bool defers;            // what it reads must not meet what it writes: writes wait until all has been read
    const PlanWrite *write; // INSERT, UPDATE, DELETE: the statement's own node; NULL for SELECT
    bool deterministic;     // same tables, same answer (result caches)
    uint32_t spools;        // numbers given to PlanSpoolBodies
    uint32_t write_spools;  // INSERT, UPDATE, DELETE inside WITH, in their order
    PlanSpoolBody **write_spool;
    uint32_t params;
    const Type *param_type; // what each $n must be cast to before it is given to exec; TYPE_NULL: never used
    uint32_t tables;        // all tables read or written
    uint64_t *table_id, *table_version;
} Plan;

// Value of an expression that depends on nothing (expr_is_constant): exec stands above this room, so db
// passes exec_constant in. The value's bytes are put into mem.
typedef bool (*PlanEvaluate)(void *arg, const Expr *e, Value *out, Arena *mem, Err *err);

// What the binder found behind a name of the statement: for a definition's text that must mean the same
// later.
typedef enum PlanNameKind {
    PLAN_NAME_RELATION, // node: AstTable in FROM
    PLAN_NAME_COLUMN,   // node: AstExpr; a column of a table named in the same text
    PLAN_NAME_STAR,     // node: AstExpr
    PLAN_NAME_ROUTINE,  // node: AstExpr, the call of a user's function
    PLAN_NAME_QUERY     // node: AstQuery; a SELECT with an output list
} PlanNameKind;
typedef struct PlanName {
    PlanNameKind kind;
    const void *node;
    uint64_t id; // RELATION (0: a system table), COLUMN: the table or view
    Str database, schema, name;
    uint16_t column;
    uint32_t columns;         // STAR: what it stands for
    Str *alias, *column_name; // alias empty: the bare name
} PlanName;
typedef struct PlanNames {
    Arena *mem;
    PlanName *at;
    uint32_t count, cap;
} PlanNames;

// Names by which $1 … are known besides: arguments of a routine, OLD.a and NEW.a of a trigger.
typedef struct PlanArguments {
    uint64_t routine; // whose body it is
    uint32_t count;
    const Str *qualifier, *name;
    bool qualified; // the bare names mean nothing
} PlanArguments;

struct Statement; // engine/sql/ast.h
typedef struct PlanRequest {
    const struct Statement *statement; // SELECT, INSERT, UPDATE or DELETE (and SHOW/DESCRIBE/COUNT when db
                                       // maps them to SystemTables)
    Transaction *transaction;
    const Type *param_type; // declared types of $1 …; TYPE_NULL = left to the statement
    uint32_t param_types;
    const PlanArguments *arguments; // NULL = none
    Str database;                   // "" = none chosen: 3D000 where a table is named without one
    const SearchPath *search;       // NULL: `database` and its public
    PlanNames *names;               // NULL: nobody wants to know
    bool calls;                     // CALL: the call in FROM is one of a procedure
    const Permit *permit;           // NULL: everything is allowed (statements of the engine's own)
    bool refreshes;                 // may write the rows of a materialized view
    const FunctionList *functions;
    const SystemTable *const *system; // ended by NULL
    PlanEvaluate evaluate;            // for folding constants; NULL = constants stay as written
    void *evaluate_arg;
    const CastContext *cast; // for constants; NULL = what needs it is left for the run
    bool refill;      // a write of the engine's own that only works out generated columns: nothing is checked
    bool no_optimise; // rules off: for comparing answers
} PlanRequest;
// Binds, rewrites, optimises. Errors carry the position in the statement's text.
MUST_CHECK bool plan_make(Plan **out, const PlanRequest *request, Err *err);
void plan_free(Plan *p);
// A stand-alone expression over one table's columns (DEFAULT, CHECK); target TYPE_NULL = as it comes.
struct AstExpr;
// What names in such expressions mean; search and cast may be NULL.
typedef struct PlanContext {
    const FunctionList *functions;
    const SearchPath *search;
    const CastContext *cast;
} PlanContext;
MUST_CHECK bool plan_bind_expr(Expr **out, const struct AstExpr *ast, const TableDef *table, Type target,
                               const PlanContext *context, Arena *mem, Err *err);
// The same from the text that the dictionary keeps (ColumnDef.default_text, CheckDef.text).
MUST_CHECK bool plan_bind_text(Expr **out, Str text, const TableDef *table, Type target,
                               const PlanContext *context, Arena *mem, Err *err);
// One line per node with indentation: for EXPLAIN.
void plan_text(const PlanNode *root, Bytes *out);
// The same with a note behind each node instead of the expected rows; note NULL: just those.
typedef void (*PlanNote)(void *arg, const PlanNode *node, Bytes *out);
void plan_text_noted(const PlanNode *root, PlanNote note, void *arg, Bytes *out);

#endif
