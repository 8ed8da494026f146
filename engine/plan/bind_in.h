// Bind: from the syntax tree to the logical tree: names to column numbers, operators and functions to entries
// of the FunctionList, types settled as PostgreSQL settles them; private to this room. Functions return NULL
// or false with p->err set. Relies on rel_in.h, engine/sql.
#ifndef ENGINE_PLAN_BIND_IN_H
#define ENGINE_PLAN_BIND_IN_H

#include "engine/plan/rel_in.h"
#include "engine/data/array.h"
#include "engine/sql/ast.h"

// What stands in FROM under one name.
typedef struct ScopeRange {
    Str schema, alias;
    uint32_t columns;
    ColumnId *id;
    Str *name;
    Rel *table;       // REL_TABLE, NULL = derived
    int64_t oid;      // what tableoid says of its rows; 0 = there is no such column
    PermitNeed *need; // of a relation of the dictionary; NULL: nobody asks
} ScopeRange;

// What a bare name can mean; USING merges two into one.
typedef struct ScopeColumn {
    Str name;
    ColumnId id;
} ScopeColumn;

// How a name of WITH is seen from where it is used.
typedef enum CteView {
    CTE_OUTSIDE,
    CTE_BASE,   // from its own first term: refused
    CTE_STEP,   // from its recursive term: the rows of the step before
    CTE_NO_FORM // from itself, and it is no UNION: refused
} CteView;

// A WITH query. before: the next one in the search for a name; sees: what its own body can name. Without a
// spool it is bound anew at each reference.
typedef struct ScopeCte {
    const AstCte *ast;
    const struct ScopeCte *before, *sees;
    struct Scope *outer;
    CteView view;
    RelSpool *spool;
    uint32_t columns;
    Str *name;
    const Type *type;
} ScopeCte;

// Where an expression stands: what it may hold, and how errors call the place.
typedef enum BindClause {
    CLAUSE_NONE,
    CLAUSE_SELECT,
    CLAUSE_WHERE,
    CLAUSE_ON,
    CLAUSE_GROUP,
    CLAUSE_HAVING,
    CLAUSE_ORDER,
    CLAUSE_LIMIT,
    CLAUSE_OFFSET,
    CLAUSE_VALUES,
    CLAUSE_FILTER,
    CLAUSE_SET,
    CLAUSE_CHECK,
    CLAUSE_DEFAULT,
    CLAUSE_FUNCTION, // the arguments of a function in FROM
    CLAUSE_RETURNING,
    CLAUSE_FRAME, // offsets of a window's frame
    CLAUSE_KINDS
} BindClause;

// Aggregate calls met in SELECT, HAVING and ORDER BY of one query; call[i] becomes column id[i].
typedef struct ScopeAggregates {
    uint32_t count, cap;
    AggregateCall *call;
    ColumnId *id;
} ScopeAggregates;

// Functions met in the output list, ORDER BY or GROUP BY that give rows. Those of one level run side by side,
// over what the levels below made.
typedef struct ScopeSet {
    PlanFunctionCall call;
    ColumnId id;
    uint32_t level;
    bool placed; // stands below the grouping
} ScopeSet;
typedef struct ScopeSets {
    uint32_t count, cap;
    ScopeSet *at;
} ScopeSets;

// GROUPING(…) calls of one query, which become columns of its aggregation.
typedef struct BindGroupingCall {
    ExprList arg;
    ColumnId id;
    int64_t at;
} BindGroupingCall;
typedef struct ScopeGroupings {
    uint32_t count, cap;
    BindGroupingCall *call;
} ScopeGroupings;

// Window calls of one query's output and ORDER BY; they become a REL_WINDOW above its grouping.
typedef struct ScopeWindows {
    const AstWindows *named; // WINDOW name AS (…)
    bool inside;             // a window call or a window's definition is being bound
    uint32_t windows, window_cap;
    WindowDef *window;
    uint32_t calls, call_cap;
    WindowCall *call;
    ColumnId *id;
} ScopeWindows;

// Tables whose row policies are being bound, one inside the other.
struct BindPolicy {
    uint64_t table;
    const struct BindPolicy *around;
};

typedef struct Scope Scope;
struct Scope {
    Planner *p;
    Scope *outer; // the enclosing query's, NULL at the top
    const ScopeCte *cte;
    uint32_t ranges, range_cap;
    ScopeRange **range;
    uint32_t columns, column_cap;
    ScopeColumn *column;
    BindClause clause;
    bool in_aggregate;
    ScopeAggregates aggregates;
    ScopeSets sets;
    const char *no_sets;    // inside what a function that gives rows cannot stand ("CASE"), NULL = nothing
    const AstExpr *set_top; // the call that is the item of FROM itself
    Scope *lateral;         // what LATERAL and functions in FROM see: the items to the left, else NULL
    ScopeGroupings groupings;
    ScopeWindows windows;
};

// A bound query: rel's columns are id[0 … columns-1] in this order.
typedef struct Bound {
    Rel *rel;
    uint32_t columns;
    ColumnId *id;
    Str *name;
    Rel *
        project; // the node that makes the columns, when untyped literals may still be typed there; else NULL
} Bound;

// ---- names (bind_name.c) ----

Expr *bind_column(Scope *s, const AstPath *path, int64_t at);
// The column a bare name means in this scope only; COLUMN_NONE when none; *ambiguous when several.
ColumnId bind_name_find(const Scope *s, Str name, bool *ambiguous);
ScopeRange *bind_range_find(Scope *s, const AstPath *path, uint32_t parts);
bool bind_range_add(Scope *s, ScopeRange *range, int64_t at); // 42712 when the alias is taken
void bind_scope_column_add(Scope *s, Str name, ColumnId id);
// The nearest of the names by edit distance, "" when none is near.
Str bind_name_nearest(Str name, const Str *names, uint32_t count);
bool bind_unsupported(Planner *p, int64_t at, const char *feature); // 0A000; returns false
Str bind_copy(Planner *p, Str s);

// ---- types (bind_type.c) ----

// Lets a value of the base type pass the rules of the domain `to`. 42704.
Expr *bind_domain(Planner *p, Expr *e, Type to);
Expr *bind_coerce(Planner *p, Expr *e, Type to,
                  CastHow how); // 42804/42846; e itself when nothing is to be done
bool bind_can_coerce(const Expr *e, TypeId to, CastHow how);
bool bind_is_unknown(const Expr *e); // untyped literal, NULL or parameter
// The type in which several expressions meet (CASE, COALESCE, UNION …); all unknown: text.
bool bind_common_type(Planner *p, Expr *const *e, uint32_t count, const char *where, Type *out);
bool bind_coerce_all(Planner *p, Expr **e, uint32_t count, const char *where, Type *out);
Expr *bind_boolean(Planner *p, Expr *e, const char *where); // 42804 unless boolean
Expr *bind_settle(Planner *p, Expr *e);                     // unknown becomes text
bool bind_type(Planner *p, const AstType *ast, Type *out);
Expr *bind_new(Planner *p, ExprKind kind, Type type, uint32_t args, int64_t at);
Expr *bind_not(Planner *p, Expr *e, int64_t at);
// What both sides of a comparison are brought to.
bool bind_compare_types(Planner *p, const Expr *a, const Expr *b, const char *op, int64_t at, Type *out);

// ---- functions (bind_function.c) ----

Expr *bind_operator(Planner *p, Str op, Expr *left, Expr *right, int64_t at); // left NULL: prefix
Expr *bind_function(Planner *p, Str name, Expr **arg, uint32_t args, int64_t at);
// 42883 for a call that nothing fits.
void bind_not_found(Planner *p, Str name, Expr **arg, uint32_t args, int64_t at);

// ---- aggregates (bind_aggregate.c) ----

bool bind_is_aggregate(const Planner *p, Str name);
// An aggregate's call becomes a column of the aggregation of the query that it belongs to.
Expr *bind_aggregate(Scope *s, const AstExpr *e);
// The call itself: arguments, order, filter, function and type; 42809, 42883, 42P10.
bool bind_aggregate_parts(Scope *s, const AstExpr *e, AggregateCall *out); // with OVER too
// The query whose columns the expressions use: the innermost of them.
Scope *bind_owner(Scope *s, const ExprList *list);
bool bind_aggregates_allowed(Scope *s, const char *what, int64_t at);
// 42809 when a plain function's call has what only aggregates take: *, DISTINCT, ORDER BY, FILTER.
bool bind_no_aggregate(Planner *p, const AstExpr *e);

// ---- expressions (bind_expr.c, bind_test.c, bind_call.c, bind_subquery.c) ----

Expr *bind_expr(Scope *s, const AstExpr *e);
Expr *bind_condition(Scope *s, const AstExpr *e, BindClause clause); // boolean
const char *bind_clause_name(BindClause clause);
Expr *bind_call(Scope *s, const AstExpr *e);
Expr *bind_case(Scope *s, const AstExpr *e);
Expr *bind_in_list(Scope *s, const AstExpr *e);
Expr *bind_between(Scope *s, const AstExpr *e);
Expr *bind_is(Scope *s, const AstExpr *e);
Expr *bind_is_distinct(Scope *s, const AstExpr *e);
Expr *bind_like(Scope *s, const AstExpr *e);
Expr *bind_row_compare(Scope *s, const AstExpr *e);
Expr *bind_subquery(Scope *s, const AstExpr *e);

// ---- queries (bind_select.c, bind_from.c, bind_group.c, bind_set.c) ----

// outer: what correlated names may mean. keep_unknown: untyped literals in the output are left for the
// caller.
bool bind_query(Planner *p, const AstQuery *q, Scope *outer, const ScopeCte *cte, bool keep_unknown,
                Bound *out);
bool bind_select(Planner *p, const AstQuery *q, Scope *outer, const ScopeCte *cte, bool keep_unknown,
                 Bound *out);
bool bind_values(Planner *p, const AstQuery *q, Scope *outer, const ScopeCte *cte, bool keep_unknown,
                 Bound *out);
bool bind_set(Planner *p, const AstQuery *q, Scope *outer, const ScopeCte *cte, Bound *out);
bool bind_with(Planner *p, const AstWith *with, Scope *outer, const ScopeCte **cte);
// A name of WITH in FROM: *out's columns belong to a node of their own.
bool bind_cte(Scope *s, const ScopeCte *c, int64_t at, Bound *out);
// The types in which the columns of both sides meet.
bool bind_set_types(Planner *p, const AstQuery *q, const Bound *a, const Bound *b, const char *name,
                    Type *out);
// Brings column i of a bound query to a type; the query's id[i] may change.
bool bind_bound_coerce(Planner *p, Bound *b, const Type *type, CastHow how);
// FROM's list into s; *rel NULL when there is none.
bool bind_from(Scope *s, const AstTables *from, Rel **rel);
bool bind_from_table(Scope *s, const AstTable *t, Rel **rel); // one name; the REL_TABLE has all columns
bool bind_order_limit(Scope *s, const AstQuery *q, Bound *b); // of set operations and VALUES
bool bind_limit(Scope *s, const AstQuery *q, Rel **rel);
// A number with any minus signs in front: they belong to it before it has a type (-2147483648 is an integer).
// NULL: e is something else.
const AstExpr *bind_signed_number(const AstExpr *e, bool *minus);
bool bind_position(Planner *p, const AstExpr *e, uint32_t count, const char *clause, uint32_t *position,
                   bool *is);
bool bind_order_operator(Planner *p, const AstOrder *o); // USING: < and > only, else 42809
SortKey bind_sort_key(const AstOrder *o, Expr *e);

typedef struct BindTarget {
    Expr *expr;
    Str name;
    int64_t at;
} BindTarget;
typedef struct BindTargets {
    BindTarget *at;
    uint32_t count, cap;
} BindTargets;
void bind_target_add(Planner *p, BindTargets *t, BindTarget target);
bool bind_targets(Scope *s, const AstTargets *list, BindTargets *out);   // SELECT's and RETURNING's list
bool bind_star_targets(Scope *s, const AstExpr *star, BindTargets *out); // *, t.*, (row).*
bool bind_field_star(Scope *s, const AstExpr *e, BindTargets *out);

// ---- views, and what names meant (bind_view.c) ----

// The query of a view: its text names everything in full.
bool bind_view(Planner *p, const AstTable *t, const ObjectDef *view, Bound *out);
void bind_names_relation(Planner *p, const AstTable *t, uint64_t id, Str database, Str schema, Str name,
                         const Rel *table);
void bind_names_column(Planner *p, const AstExpr *e, const Expr *found);
void bind_names_query(Planner *p, const AstQuery *q);
void bind_names_star(const Scope *s, const AstExpr *star, const ScopeRange *range);

void bind_names_routine(Planner *p, const AstExpr *e, uint64_t id, Str database, Str schema, Str name);

// ---- routines (bind_routine.c) ----

struct Routine;
// What such a call's `function` points to.
typedef struct BindRoutine {
    TableFunction table; // first
    const struct Routine *routine;
} BindRoutine;
// The value behind a name, or $n, of an argument; NULL without an error: no argument is called so.
Expr *bind_frame_name(Planner *p, const AstPath *path, int64_t at);
Expr *bind_frame_number(Planner *p, uint32_t number, int64_t at);
// The users' functions of this name, when it is a plain call.
bool bind_has_routine(Planner *p, const AstCall *c, struct Routine **out, uint32_t *count);
// False: a built-in function is meant. *out NULL with an error otherwise.
bool bind_routine_call(Scope *s, const AstExpr *e, const struct Routine *r, uint32_t count, Expr **arg,
                       Expr **out);
// The body of a call in FROM as a query; false: it is to be called.
bool bind_routine_rows(Planner *p, const Expr *call, Bound *out);
// ---- what has to be allowed (bind_permit.c) ----

// A relation that the text names. *range knows its columns then; rights: beside reading.
PermitNeed *bind_permit_range(Planner *p, ScopeRange *range, const TableDef *table, const ObjectDef *object,
                              unsigned rights, int64_t at);
// The text reads this column, as the scope (or those around it) shows it.
void bind_permit_read(Scope *s, ColumnId id);
void bind_permit_read_range(Scope *s, ScopeRange *range); // all of it
void bind_permit_write(PermitNeed *need, bool inserted, uint16_t column);
bool bind_permit_ask(Planner *p);
// Row policies: *rel shows what may be seen (SELECT) or changed (UPDATE, DELETE); range has its columns.
bool bind_policy_filter(Planner *p, ScopeRange *range, const TableDef *def, unsigned commands, Rel **rel,
                        int64_t at);
// Rows on their way into a table: 42501 where a policy does not hold. id: of the columns in the table's
// order.
bool bind_policy_check(Planner *p, const TableDef *def, Str as, Right command, const ColumnId *id, Rel **rel);
// 0A000 with the feature's name when there are policies for this command.
bool bind_policy_none(Planner *p, const TableDef *def, Right command, const char *feature);
// A condition that each row of *rel must meet: state and sentence otherwise.
bool bind_require(Planner *p, Rel **rel, Expr *condition, const char *state, Str sentence);

// ---- arrays (bind_array.c) ----

Expr *bind_array(Scope *s, const AstExpr *e);
Expr *bind_array_as(Scope *s, const AstExpr *e, Type as); // ARRAY[…]::as
Expr *bind_subscript(Scope *s, const AstExpr *e);
Expr *bind_array_assign(Scope *s, Expr *old, const AstExprs *subscript, Expr *value, int64_t at);
Expr *bind_any_array(Scope *s, const AstExpr *e);
// A call of a FUNCTION_INTERNAL; its arguments are the caller's to fill.
Expr *bind_internal(Planner *p, const char *name, Type type, uint32_t args, int64_t at);
// Brings TYPE_ARRAY arguments to arrays of one element type, and, with `elements`, TYPE_NULL ones to that
// type; *element TYPE_NULL or arguments left alone where they do not meet (exact: where they are not the
// same). 42804 when no argument has a type.
bool bind_arrays_meet(Planner *p, const TypeId *want, bool elements, bool exact, Expr **arg, uint32_t args,
                      int64_t at, Type *element);

// ---- rows as values (bind_record.c) ----

Expr *bind_row(Scope *s, const AstExpr *e);
Expr *bind_whole_row(Planner *p, const ScopeRange *r, int64_t at);
Expr *bind_field(Scope *s, const AstExpr *e);
Expr *bind_row_null(Planner *p, Expr *row, bool negated, int64_t at);
// The columns of a subquery that gives one row.
bool bind_query_row(Scope *s, const AstQuery *q, uint32_t fields, Expr **out, int64_t at);

// ---- JSON (bind_json.c) ----

bool bind_is_json_aggregate(const AstExpr *e);
Expr *bind_json_aggregate(Scope *s, const AstExpr *e); // with OVER too
bool bind_is_json_records(const AstTable *t);          // json_to_record, json_to_recordset
// Like bind_from_function; args: the scope of the argument.
bool bind_json_records(Scope *args, const AstTable *t, Scope *into, Rel **rel);
Expr *bind_jsonb_assign(Scope *s, Expr *old, const AstExprs *subscript, Expr *value, int64_t at);

// ---- functions that give rows (bind_rows.c) ----

// A function in FROM, or ROWS FROM (…): *rel has no child; what it reads of the items to its left is free in
// it.
bool bind_from_function(Scope *s, const AstTable *t, Scope *into, Rel **rel);
// Puts the range of an item in FROM under its alias into the scope.
ScopeRange *bind_range_new(Planner *p, Str alias, uint32_t columns);
bool bind_range_enter(Scope *into, ScopeRange *r, const AstTable *t);
// Joins an item to those on its left; one that reads their columns (LATERAL) runs for each of their rows.
Rel *bind_join(Planner *p, JoinKind join, Rel *left, Rel *right, Expr *on, int64_t at);
// The call of a function that gives rows in an expression: it becomes a column (0A000 where none may stand).
Expr *bind_set_call(Scope *s, Expr *call);
// The functions that the keys of GROUP BY need, under the grouping; after it, all others.
bool bind_sets_below(Scope *s, Rel **rel, const ExprList *keys);
bool bind_sets_above(Scope *s, Rel **rel);

// ---- grouping (bind_group.c, bind_group_set.c) ----

enum { GROUP_SETS_MAX = 4096, GROUP_CUBE_MAX = 12 }; // past them 54001, 54011

// One grouping set: numbers of keys, ascending.
typedef struct BindGroupSet {
    uint32_t *key;
    uint32_t keys;
} BindGroupSet;
typedef struct BindGroups {
    ExprList keys;
    BindGroupSet *set; // one: a plain GROUP BY
    uint32_t sets;
} BindGroups;
bool bind_group_keys(Scope *s, const AstQuery *q, const BindTargets *targets, BindGroups *out);
// The number of a GROUP BY expression's key, which is added when it is new.
bool bind_group_key(Scope *s, const AstExpr *e, const BindTargets *targets, ExprList *keys, uint32_t *key);
// Puts the aggregation over *rel and rewrites what stands above it: targets and having.
bool bind_group(Scope *s, Rel **rel, const BindGroups *groups, BindTargets *targets, Expr **having);
Expr *bind_grouping_call(Scope *s, const AstExpr *e); // GROUPING(…)

// ---- windows (bind_window.c, bind_frame.c) ----

bool bind_is_window(const Planner *p, Str name);
Expr *bind_window_call(Scope *s, const AstExpr *e); // a call with OVER
bool bind_windows_check(Scope *s);                  // the WINDOW clause, used or not
// The expressions of all window calls as targets for bind_group, and back.
void bind_windows_expose(Scope *s, BindTargets *targets);
void bind_windows_take(Scope *s, const BindTargets *targets, uint32_t from);
bool bind_windows_above(Scope *s, Rel **rel);
bool bind_is_window_column(const Scope *s, ColumnId id);
// A frame over a window with these keys; w NULL: the frame of a window without one.
bool bind_frame(Scope *s, const AstWindow *w, const WindowDef *def, WindowFrame *out);

// ---- writes (bind_write.c, bind_rules.c) ----

// A bound INSERT, UPDATE or DELETE: a REL_WRITE, under a projection when there is RETURNING.
typedef struct BoundWrite {
    Bound bound; // 0 columns: no RETURNING
    bool main;   // the statement itself, not a part of WITH
} BoundWrite;
// cte: the WITH queries around, NULL at the top; out->main is the caller's.
bool bind_insert(Planner *p, const AstInsert *a, const ScopeCte *cte, BoundWrite *out);
bool bind_update(Planner *p, const AstUpdate *a, const ScopeCte *cte, BoundWrite *out);
bool bind_delete(Planner *p, const AstDelete *a, const ScopeCte *cte, BoundWrite *out);
// bind_returning.c: RETURNING over a REL_WRITE; s knows the write's columns by their names.
bool bind_returning(Scope *s, const AstTargets *list, Rel *write, Bound *out);
// bind_conflict.c: ON CONFLICT of an INSERT into the table of w.
bool bind_conflict(Scope *s, const AstInsert *a, RelWrite *w, PermitNeed *need);
// An assigned expression in its column's type: 42804 with the column's name.
Expr *bind_assign(Planner *p, Expr *e, const ColumnDef *c, int64_t at);
bool bind_column_find(Planner *p, const TableDef *def, const AstName *name, uint16_t *column); // 42703
// One SET item. row: per table column; set: which were set already; identity: DEFAULT of an identity column.
typedef struct BindSet {
    Scope *scope;
    const TableDef *def;
    Expr **row;
    bool *set, *identity;
    Rel **rel; // what SET works on, which a subquery for several columns is joined to; NULL: none can be
} BindSet;
bool bind_set_item(BindSet *x, const AstAssignment *a);
// A range of the table's columns under an alias (none: the table's own name).
ScopeRange *bind_range_of(Planner *p, const TableDef *def, Str alias, const ColumnId *id);
WriteRules *bind_rules(Planner *p, Table *table, PlanKind kind);
// 428C9 when a value is written to a generated column.
bool bind_not_generated(Planner *p, const ColumnDef *c, bool insert, int64_t at);
// What a name in FROM or behind INTO leads to: one of the three.
typedef struct BindFound {
    Table *table;
    const ObjectDef *object; // a view or a sequence
    const SystemTable *system;
} BindFound;
bool bind_relation_find(Planner *p, const AstPath *path, BindFound *out);
void bind_table_note(Planner *p, Table *t);
Expr *bind_default(Planner *p, const TableDef *def, uint32_t column); // NULL constant when it has none

// ---- bind_lock.c ----

enum { BIND_LOCKS_MAX = 64 };
typedef struct BindLock {
    Rel *rel;
    ColumnId position;
    PlanLockTable lock;
} BindLock;
typedef struct BindLocks {
    BindLock at[BIND_LOCKS_MAX];
    uint32_t count;
} BindLocks;
bool bind_lock_allowed(Planner *p, const AstQuery *q); // 0A000
// Tables of FROM that the query locks; each gets its row position as one more column. 42P01, 0A000
bool bind_locks(Planner *p, const AstQuery *q, Rel *from, BindLocks *out);
Rel *bind_lock_rows(Planner *p, Rel *child, const BindLocks *locks, bool limited);

#endif
