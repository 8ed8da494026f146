// Rel: the logical tree between binder and physical plan; private to this room. The one idea: while planning,
// a column has one number in the whole query (ColumnId), not a place in a batch, and EXPR_SLOT carries that
// number. Rules may move and reorder nodes freely; only lower.c turns numbers into slots. An id that a
// subquery's tree uses but does not make is a correlated reference. Relies on plan.h.
// Nouns: rel, rule, cost, lower
#ifndef ENGINE_PLAN_REL_IN_H
#define ENGINE_PLAN_REL_IN_H

#include "engine/plan/plan.h"

enum {
    REL_NODES_MAX = 20000,    // nodes of one statement (WITH is inlined, so they can multiply); past it 54001
    REL_COLUMNS_MAX = 400000, // columns numbered in one statement; past it 54001
    REL_OUTPUT_MAX = 1664,    // columns of one result, as in PostgreSQL; past it 54011
    REL_DEPTH_MAX = 1000,     // nesting of queries inside queries; past it 54001
};

typedef uint32_t ColumnId;
#define COLUMN_NONE UINT32_MAX

typedef struct RelColumn {
    Str name;  // for errors and results
    Str table; // the alias it is visible under; may be ""
    Type type;
    Table *stored;                 // the table it comes from unchanged, NULL = computed
    uint16_t position;             // in that table
    bool named;                    // its table stands in the text whose names are noted
    bool looked;                   // for statistics
    struct Statistics *statistics; // NULL = none
} RelColumn;

// What $1 … and the names of arguments mean in the body of a routine. arg NULL: they are parameters of the
// statement.
typedef struct BindFrame {
    uint64_t routine; // 0 = none
    uint32_t count;
    const Str *qualifier, *name;
    bool qualified; // the bare names mean nothing (OLD.a, NEW.a)
    Expr **arg;
    uint32_t *used; // how often each was named; NULL: nobody counts
    const struct BindFrame *outer;
} BindFrame;

// What one planning shares. Errors go to err; functions that can fail return false or NULL once it is set.
typedef struct Planner {
    Arena *mem;
    const PlanRequest *request;
    SearchPath search; // of the text that is being bound: a view has its own
    PlanNames *names;
    const BindFrame *frame; // of the body that is being bound; NULL = none
    uint32_t views;         // being bound, one inside the other
    Str as;                 // in whose name the text that is being bound works; at == NULL: the session's
    PermitNeed *needs;      // newest first
    const struct BindPolicy *policy;
    Err *err;
    RelColumn *column; // by ColumnId
    uint32_t columns, column_cap;
    uint32_t nodes, depth;
    bool volatile_used;      // random() and the like, or now(): the answer may differ for the same tables
    bool defers;             // Plan.defers
    uint32_t works;          // REL_WORKs made so far, readers of what moves counted as well
    uint32_t spool_count;    // numbers given
    struct RelSpool *spools; // those with writes, last one first
    Type *param_type;
    uint32_t params, param_cap;
    struct CostTable *analyzed; // tables whose statistics were looked for
    Table **table;              // all tables touched
    uint32_t tables, table_cap;
} Planner;

typedef struct ExprList {
    Expr **at;
    uint32_t count, cap;
} ExprList;

typedef enum RelKind {
    REL_TABLE,
    REL_VALUES,
    REL_SYSTEM,
    REL_FUNCTION,
    REL_FILTER,
    REL_PROJECT,
    REL_JOIN,
    REL_AGGREGATE,
    REL_WINDOW, // its child's columns, then those of the calls
    REL_DISTINCT,
    REL_SORT,
    REL_LIMIT,
    REL_SET,
    REL_LOCK,  // groups, group: the row positions
    REL_SPOOL, // reads a WITH query that is kept; `position`: which of its columns
    REL_WORK,  // inside a recursive WITH query: the rows of the step before
    REL_WRITE, // INSERT, UPDATE, DELETE; its own ids, one for each column of the child when `returning`
} RelKind;

typedef enum JoinMethod { METHOD_LOOP, METHOD_HASH, METHOD_INDEX, METHOD_APPLY } JoinMethod;

// What REL_WRITE does. The expressions of ON CONFLICT are over `layout`: the columns of the row that is
// there, then EXCLUDED's.
typedef struct RelWrite {
    PlanKind kind;
    Table *table;
    WriteRules *rules;
    const bool *identity, *set;
    bool main, returning;
    uint32_t fixed;         // columns of the child that the operator reads; those behind are for RETURNING
    PlanConflict *conflict; // NULL = none
    uint32_t layout_columns;
    ColumnId *layout;
} RelWrite;

// A WITH query, bound once: kept while the statement runs and read by REL_SPOOLs.
typedef struct RelSpool {
    Str name;
    struct Rel *body, *step; // step: the recursive term; NULL = none
    bool distinct;           // UNION: a row comes once
    bool writes;             // INSERT, UPDATE, DELETE: runs whether it is read or not
    bool fixed;              // may not be put in place of its only reader
    bool borrows;            // reads columns of the queries around its WITH
    bool moving;             // inside a recursive term, and reads its rows: must not be kept
    bool inlined, planned;
    uint32_t readers, works;
    PlanSpoolBody *lowered;
    struct RelSpool *next; // of the statement
} RelSpool;

// What REL_WINDOW works out; id: the columns of its calls.
typedef struct RelWindow {
    uint32_t windows, calls;
    WindowDef *window;
    WindowCall *call;
    ColumnId *id;
} RelWindow;

typedef struct Rel Rel;
struct Rel {
    RelKind kind;
    uint32_t columns; // output; TABLE, VALUES, SYSTEM, PROJECT, AGGREGATE and SET own theirs, others follow
                      // their children
    ColumnId *id;
    uint32_t children;
    Rel *child[2];
    double rows;    // estimate; < 0 = not made yet
    ExprList where; // FILTER, JOIN (ON), TABLE (pushed down): conjuncts
    // TABLE
    Table *table;
    Str alias;
    uint16_t *position; // beside id; the row position, when asked for, is the id after them
    bool row_position;
    uint32_t mark;         // PlanTable
    const IndexDef *index; // chosen access; NULL = scan
    uint32_t keys;
    Expr **key;
    Expr *low, *high;
    bool point, range, low_open, high_open;
    double share; // of the table's rows that the index gives
    ZoneBound *zone;
    uint32_t zones;
    // VALUES: row_count × columns; PROJECT: one per column
    Expr **expr;
    uint32_t row_count;
    const SystemTable *system; // SYSTEM
    Str *argument;
    uint32_t arguments;
    JoinKind join; // JOIN
    JoinMethod method;
    bool lateral;                 // the right side may read the left one's columns: it runs for each left row
    Expr **left_key, **right_key; // METHOD_HASH and METHOD_INDEX, `keys` of them
    // AGGREGATE: output is the group columns, the calls, the groupings; DISTINCT: groups > 0: ON these
    uint32_t groups;
    Expr **group;
    uint32_t calls;
    AggregateCall *call;
    uint32_t sets; // AGGREGATE with several grouping sets, else 0
    bool *in_set;  // sets × groups: is the key part of the set?
    uint32_t groupings;
    int32_t *grouping; // groupings × sets: the value of GROUPING(…)
    RelWindow *window; // WINDOW
    // SORT; LIMIT … WITH TIES: rows alike in these with the last one pass, too
    uint32_t sort_keys; // SORT
    SortKey *sort;
    uint64_t top;
    Expr *limit, *offset; // LIMIT
    Rel *planned; // what the rules made of this subquery's tree, which several copies of an expression may
                  // hold
    uint32_t
        functions; // FUNCTION, see PlanFunction; output: the child's columns, if there is one, then made[0 …]
    PlanFunctionCall *function;
    uint32_t mades;
    ColumnId *made;
    bool ordinality, outer;
    PlanLockTable *lock; // LOCK, `groups` of them
    bool one_by_one;
    SetKind set; // SET: columns of both children match by place
    bool all;
    RelWrite *write; // WRITE
    RelSpool *spool; // SPOOL, WORK
};

// ---- making ----

Rel *rel_new(Planner *p, RelKind kind); // NULL past REL_NODES_MAX
ColumnId rel_column_new(Planner *p, Str name, Type type);
Expr *rel_slot(Planner *p, ColumnId id, int64_t at);
Expr *rel_constant(Planner *p, Value value, int64_t at);
Expr *rel_true(Planner *p);
// Flattens ANDs into the list and leaves out plain TRUE.
void rel_conjuncts_add(Planner *p, ExprList *list, Expr *e);
void rel_list_add(Planner *p, ExprList *list, Expr *e);
Expr *rel_conjunction(Planner *p, const ExprList *list); // NULL when the list is empty
// child itself when there is nothing to filter.
Rel *rel_filter(Planner *p, Rel *child, Expr *condition);
Rel *rel_project(Planner *p, Rel *child, uint32_t count, ColumnId *id, Expr **expr);
// Just these columns of child, in this order.
Rel *rel_choose(Planner *p, Rel *child, uint32_t count, const ColumnId *id);
Rel *rel_window(Planner *p, Rel *child, RelWindow *window);
Rel *rel_join(Planner *p, JoinKind join, Rel *left, Rel *right, Expr *condition);
// FUNCTION over child (NULL = none), which makes the columns `made`.
Rel *rel_functions(Planner *p, Rel *child, uint32_t count, PlanFunctionCall *call, uint32_t mades,
                   ColumnId *made);
// The functions of r run for each row of child: what they read of it is no longer borrowed.
void rel_function_under(Planner *p, Rel *r, Rel *child);
Rel *rel_over(Planner *p, RelKind kind, Rel *child); // DISTINCT, SORT, LIMIT: same columns as child
// Recomputes the columns of nodes that follow their children, from the leaves up.
void rel_refresh(Planner *p, Rel *r);
static inline bool join_left_only(JoinKind j)
{
    return j == JOIN_SEMI || j == JOIN_ANTI || j == JOIN_ANTI_NULL;
}

// ---- looking ----

// A set of ColumnIds.
typedef struct IdSet {
    uint64_t *word;
    uint32_t words;
} IdSet;
IdSet rel_set_new(Planner *p);
void rel_set_add(IdSet *s, ColumnId id);
bool rel_set_has(const IdSet *s, ColumnId id);
bool rel_set_meets(const IdSet *a, const IdSet *b);
bool rel_set_within(const IdSet *a, const IdSet *b); // all of a in b
bool rel_set_empty(const IdSet *s);
void rel_set_union(IdSet *into, const IdSet *from);
IdSet rel_output(Planner *p, const Rel *r);
bool rel_has(const Rel *r, ColumnId id);
// Ids that e reads, those that its subqueries take from outside included.
void rel_expr_ids(Planner *p, const Expr *e, IdSet *into);
// Ids that the tree uses but does not make (correlation).
void rel_free_ids(Planner *p, const Rel *r, IdSet *into);
// Calls visit for each expression place of this node only.
typedef void (*RelExprVisit)(Planner *p, Expr **place, void *arg);
void rel_exprs(Planner *p, Rel *r, RelExprVisit visit, void *arg);
// A copy of e in which every slot that map knows is replaced (map returns NULL to keep it); goes into
// subqueries' trees in place. Parts without a replaced slot are shared, not copied.
typedef Expr *(*RelMap)(const Expr *slot, void *arg);
Expr *rel_replace(Planner *p, Expr *e, RelMap map, void *arg);
void rel_replace_tree(Planner *p, Rel *r, RelMap map, void *arg);
bool rel_has_subquery(const Expr *e);
bool rel_is_volatile(const Expr *e);
bool rel_tree_is_volatile(Planner *p, Rel *r); // or writes
// e can be moved, repeated or left out without being noticed: not volatile, no subquery.
bool rel_is_movable(const Expr *e);
// Is e `a = b` with a over `left` only and b over `right` only (turned round when needed)?
bool rel_equality(Planner *p, const Expr *e, const IdSet *left, const IdSet *right, Expr **left_key,
                  Expr **right_key);
// "=", "<" … when e is a comparison of two operands, else "".
Str rel_comparison(const Expr *e);

// ---- rules, cost, lowering ----

typedef struct Rule {
    const char *name;
    Rel *(*apply)(Planner *p, Rel *root); // NULL with *p->err set
} Rule;
extern const Rule rule_inline, rule_in_list, rule_fold, rule_decorrelate, rule_pushdown, rule_join_order,
    rule_prune, rule_topn, rule_index, rule_zone, rule_join_method;
// Applies the rules in their order to the tree and to every subquery's tree.
Rel *rule_apply_all(Planner *p, Rel *root);
void rule_apply_spool(Planner *p, RelSpool *s); // once

// Estimated rows of the tree; remembered in each node.
double cost_rows(Planner *p, Rel *r);
double cost_selectivity(Planner *p, const Expr *e);
double cost_distinct(Planner *p, const Expr *e, double rows); // different values of e among rows
// Share of the rows that pass all of these conditions; those about the same tables may depend on each other
// and count less and less. Sorts them.
typedef struct CostShare {
    uint64_t about;
    double share;
} CostShare;
double cost_conjunction(CostShare *share, uint32_t count);
bool cost_bounds(Planner *p, ColumnId id, Value *min, Value *max);

// The physical tree of r, with columns in the order of r->id.
PlanNode *lower_rel(Planner *p, const Rel *r);
PlanSpoolBody *lower_spool_body(Planner *p, RelSpool *s); // of one that nobody may have read
// An expression over the batch that has these columns.
Expr *lower_expr(Planner *p, const Expr *e, const ColumnId *layout, uint32_t columns);

#endif
