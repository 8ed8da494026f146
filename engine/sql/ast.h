// Ast: the syntax tree of one statement, as the text says it: names are not looked up, types not known. All
// of it lives in one Arena; strings are decoded (quotes gone, unquoted names folded to lower case) and live
// there too. Every node has `at`, the byte offset in the text given to the parser (the whole text, not the
// statement's part). Lists are arrays with a count; a pointer that may be NULL says so. No node is deeper
// than AST_DEPTH_MAX below its statement, so that a walk may recurse. Relies on base.
#ifndef ENGINE_SQL_AST_H
#define ENGINE_SQL_AST_H

#include "engine/base/arena.h"
#include "engine/base/err.h"

enum {
    AST_DEPTH_MAX = 1000,         // nested expressions, queries, joins: 54001
    AST_NAME_MAX = 128,           // bytes of an identifier: 42622
    AST_LIST_MAX = 1 << 20,       // members of one list (values of an IN, rows of a VALUES …): 54000
    AST_STATEMENT_MAX = 64 << 20, // bytes of one statement: 54000
    AST_PATH_MAX = 4,             // parts of a dotted name
};

typedef struct AstExpr AstExpr;
typedef struct AstQuery AstQuery;
typedef struct AstTable AstTable;
typedef struct AstWindow AstWindow;
typedef struct Statement Statement;
typedef struct AstRole AstRole;                   // ast_role.h
typedef struct AstCreateRoutine AstCreateRoutine; // ast_routine.h
typedef struct AstDropRoutine AstDropRoutine;
typedef struct AstAlterRoutine AstAlterRoutine;
typedef struct AstCreateTrigger AstCreateTrigger;
typedef struct AstDropTrigger AstDropTrigger;
typedef struct AstComment AstComment;
typedef struct AstGrant AstGrant;
typedef struct AstPolicy AstPolicy;

typedef struct AstName {
    Str text; // at == NULL: not given
    int64_t at;
} AstName;
typedef struct AstNames {
    AstName *at;
    uint32_t count;
} AstNames;
typedef struct AstExprs {
    AstExpr **at;
    uint32_t count;
} AstExprs;
// a, a.b, a.b.c: part[parts - 1] is the thing itself.
typedef struct AstPath {
    AstName part[AST_PATH_MAX];
    uint32_t parts;
    int64_t at;
} AstPath;
typedef struct AstPaths {
    AstPath *at;
    uint32_t count;
} AstPaths;

// A type as written: words in lower case with one blank between ("double precision", "timestamp with time
// zone"); aliases are not replaced. `interval` keeps its fields in name ("interval day to second").
typedef struct AstType {
    AstName schema; // not given in most
    Str name;
    AstExprs mods;       // of numeric(10,2), varchar(20)
    uint32_t dimensions; // 0 = no array
    bool set_of;
    bool quoted; // the name was quoted: never an alias
    int64_t at;
} AstType;

// ---- expressions ----

typedef enum AstExprKind {
    AST_NULL,
    AST_BOOLEAN, // flag
    AST_NUMBER,  // text as written: "12", "1.5e3"
    AST_STRING,  // text decoded
    AST_BITS,    // B'…' or X'…': text with the leading b or x
    AST_PARAM,   // $number
    AST_COLUMN,  // path
    AST_STAR,    // * or path.*
    AST_DEFAULT, // the word DEFAULT in VALUES, SET
    AST_CALL, // call: every function, also coalesce, nullif, greatest, extract, substring, trim (btrim …)
    AST_OPERATOR,    // text: "+", "||", "<>" (also for !=), "~*" …; a (NULL = prefix), b; path with
                     // OPERATOR(s.+)
    AST_AND,         // list, 2 and more
    AST_OR,          // list, 2 and more
    AST_NOT,         // a
    AST_IS,          // a IS [NOT] test
    AST_IS_DISTINCT, // a IS [NOT] DISTINCT FROM b
    AST_BETWEEN,     // a [NOT] BETWEEN [SYMMETRIC = flag] b AND c
    AST_IN_LIST,     // a [NOT] IN (list)
    AST_IN_QUERY,    // a [NOT] IN (query)
    AST_LIKE,        // a [NOT] LIKE/ILIKE/SIMILAR TO b [ESCAPE c]; text: "like", "ilike", "similar to"
    AST_QUANTIFIED, // a text ANY|ALL (query, or array b); flag = ALL; text may be "like", "not like", "ilike"
                    // …
    AST_EXISTS,     // query
    AST_SUBQUERY,   // scalar (or row, in a row comparison)
    AST_CASE,       // a = operand or NULL; list: when, then, when, then …; b = else or NULL
    AST_CAST,       // a to type; CAST(…), ::, and typed literals (DATE '…': a is the AST_STRING)
    AST_COLLATE,    // a, path
    AST_AT_TIME_ZONE, // a, b
    AST_ROW,          // list: ROW(…) or (a, b)
    AST_ARRAY,        // list; nested ones for more dimensions
    AST_ARRAY_QUERY,  // query
    AST_SUBSCRIPT,    // a[b], or a[b:c] when flag (b, c may be NULL)
    AST_FIELD,        // (a).path[0], or (a).* when flag
    AST_EXPR_KINDS
} AstExprKind;

typedef enum AstTest {
    AST_TEST_NULL,
    AST_TEST_TRUE,
    AST_TEST_FALSE,
    AST_TEST_UNKNOWN,
    AST_TEST_DOCUMENT,
    AST_TEST_NORMALIZED
} AstTest;

typedef struct AstOrder {
    AstExpr *expr;
    bool descending;
    bool nulls_given, nulls_first; // not given: last when ascending, first when descending
    Str using_operator;            // ORDER BY x USING <; empty = none
} AstOrder;
typedef struct AstOrders {
    AstOrder *at;
    uint32_t count;
} AstOrders;

typedef struct AstCall {
    AstPath name;
    AstExprs args;
    AstName *arg_name; // f(a => 1): as many as args; NULL = none has a name
    bool star;         // count(*)
    bool bare;         // no parentheses: current_date, current_user …
    bool distinct, variadic;
    AstOrders order;   // inside the parentheses
    bool within_group; // order stands in WITHIN GROUP (…)
    AstExpr *filter;   // NULL = none
    AstWindow *over;   // NULL = none
} AstCall;

typedef enum AstFrameUnit { AST_FRAME_RANGE, AST_FRAME_ROWS, AST_FRAME_GROUPS } AstFrameUnit;
typedef enum AstBoundKind {
    AST_BOUND_UNBOUNDED_PRECEDING,
    AST_BOUND_PRECEDING,
    AST_BOUND_CURRENT,
    AST_BOUND_FOLLOWING,
    AST_BOUND_UNBOUNDED_FOLLOWING
} AstBoundKind;
typedef struct AstBound {
    AstBoundKind kind;
    AstExpr *offset;
} AstBound;
typedef enum AstExclude {
    AST_EXCLUDE_NONE,
    AST_EXCLUDE_CURRENT,
    AST_EXCLUDE_GROUP,
    AST_EXCLUDE_TIES
} AstExclude;
// A window's definition: OVER (…), or a member of WINDOW name AS (…). OVER name alone: base given, `named`.
struct AstWindow {
    AstName name; // in a WINDOW clause
    AstName base; // the window it starts from
    bool named;   // OVER base, without parentheses
    AstExprs partition;
    AstOrders order;
    bool frame; // the rest is given
    AstFrameUnit unit;
    AstBound from, to;
    AstExclude exclude;
    int64_t at;
};
typedef struct AstWindows {
    AstWindow **at;
    uint32_t count;
} AstWindows;

struct AstExpr {
    AstExprKind kind;
    AstTest test; // IS
    bool negated; // IS, IS_DISTINCT, BETWEEN, IN, LIKE
    bool flag;
    int64_t at;
    uint32_t number; // PARAM
    Str text;
    AstExpr *a, *b, *c;
    AstExprs list;
    union {
        AstPath *path; // COLUMN, STAR (NULL for a bare *), COLLATE, FIELD (name in part[0]); OPERATOR (NULL =
                       // plain)
        AstCall *call; // CALL
        AstType *type; // CAST
        AstQuery *query; // IN_QUERY, QUANTIFIED (NULL = array in b), EXISTS, SUBQUERY, ARRAY_QUERY
    };
};

// ---- queries ----

typedef struct AstTarget {
    AstExpr *expr; // AST_STAR among them
    AstName alias; // not given: the binder names it
} AstTarget;
typedef struct AstTargets {
    AstTarget *at;
    uint32_t count;
} AstTargets;

typedef struct AstCte {
    AstName name;
    AstNames columns;
    bool materialized_given, materialized;
    Statement *body; // a SELECT, or INSERT/UPDATE/DELETE … RETURNING
} AstCte;
typedef struct AstWith {
    bool recursive;
    AstCte *cte;
    uint32_t count;
    int64_t at;
} AstWith;

typedef enum AstTableKind {
    AST_TABLE_NAME,
    AST_TABLE_QUERY,    // derived table, also (VALUES …)
    AST_TABLE_FUNCTION, // call, [WITH ORDINALITY]; ROWS FROM (…) has several
    AST_TABLE_JOIN,
} AstTableKind;
typedef enum AstJoinKind {
    AST_JOIN_INNER,
    AST_JOIN_LEFT,
    AST_JOIN_RIGHT,
    AST_JOIN_FULL,
    AST_JOIN_CROSS
} AstJoinKind;
typedef struct AstColumnDef AstColumnDef;

struct AstTable {
    AstTableKind kind;
    int64_t at;
    AstName alias;    // of a join too: (a JOIN b …) AS x
    AstNames columns; // alias (a, b, c)
    bool lateral;
    AstPath path; // NAME
    bool only;
    AstExpr *sample; // TABLESAMPLE method(…): the call; NULL = none
    AstQuery *query; // QUERY
    AstExprs call;   // FUNCTION: AST_CALL each (an AST_CAST or so may stand there too)
    bool ordinality, rows_from;
    AstColumnDef *definition; // f() AS t(a int, b text); NULL = none
    uint32_t definitions;
    AstJoinKind join; // JOIN
    bool natural;
    AstTable *left, *right;
    AstNames join_using; // USING (…)
    AstName using_alias;
    AstExpr *on; // NULL = none
};
typedef struct AstTables {
    AstTable **at;
    uint32_t count;
} AstTables;

typedef enum AstQueryKind { AST_QUERY_SELECT, AST_QUERY_VALUES, AST_QUERY_SET } AstQueryKind;
typedef enum AstSetKind { AST_SET_UNION, AST_SET_INTERSECT, AST_SET_EXCEPT } AstSetKind;
typedef enum AstGroupKind {
    AST_GROUP_EXPR,
    AST_GROUP_EMPTY,
    AST_GROUP_ROLLUP,
    AST_GROUP_CUBE,
    AST_GROUP_SETS
} AstGroupKind;
typedef struct AstGroup AstGroup;
struct AstGroup {
    AstGroupKind kind;
    AstExpr *expr; // EXPR
    AstExprs list; // ROLLUP, CUBE: an AST_ROW member is a group of columns
    AstGroup *set; // SETS
    uint32_t sets;
    int64_t at;
};
typedef enum AstLockKind {
    AST_LOCK_NONE,
    AST_LOCK_UPDATE,
    AST_LOCK_NO_KEY_UPDATE,
    AST_LOCK_SHARE,
    AST_LOCK_KEY_SHARE
} AstLockKind;
typedef enum AstLockWait { AST_LOCK_WAIT, AST_LOCK_NOWAIT, AST_LOCK_SKIP } AstLockWait;
typedef struct AstLock {
    AstLockKind kind;
    AstPaths of;
    AstLockWait wait;
    int64_t at;
} AstLock;

// TABLE t is parsed as SELECT * FROM t.
struct AstQuery {
    AstQueryKind kind;
    int64_t at;
    AstWith *with; // NULL = none
    // SELECT
    bool distinct;
    AstExprs distinct_on; // count > 0: DISTINCT ON (…)
    AstTargets targets;   // may be empty, as in PostgreSQL
    AstPath *into;        // SELECT … INTO t; NULL = none
    AstTables from;       // comma list
    AstExpr *where;
    AstGroup *group;
    uint32_t groups;
    bool group_distinct;
    AstExpr *having;
    AstWindows windows;
    // VALUES
    AstExprs *row;
    uint32_t rows;
    // SET
    AstSetKind set;
    bool all;
    AstQuery *left, *right;
    // of each kind
    AstOrders order;
    AstExpr *limit, *offset; // NULL = none (LIMIT ALL, LIMIT NULL too)
    bool with_ties;
    AstLock *lock;
    uint32_t locks;
};

// ---- statements that change rows ----

typedef struct AstAssignment {
    AstName column;     // SET column = expr; count of columns 1
    AstNames columns;   // SET (a, b) = expr (a row, or a subquery); count 0 = the single form
    AstExprs subscript; // SET a[1] = …
    AstName field;      // SET a.b = …
    AstExpr *expr;
    int64_t at;
} AstAssignment;
typedef struct AstAssignments {
    AstAssignment *at;
    uint32_t count;
} AstAssignments;

typedef enum AstConflictKind { AST_CONFLICT_NONE, AST_CONFLICT_NOTHING, AST_CONFLICT_UPDATE } AstConflictKind;
typedef struct AstInsert {
    AstWith *with;
    AstPath table;
    AstName alias;
    AstNames columns; // count 0 = all, in order
    bool default_values;
    AstQuery *query;                          // VALUES or any SELECT; NULL with default_values
    bool overriding_given, overriding_system; // OVERRIDING SYSTEM | USER VALUE
    AstConflictKind conflict;
    AstOrders conflict_target;   // columns or expressions
    AstExpr *conflict_where;     // of the target
    AstName conflict_constraint; // ON CONSTRAINT name
    AstAssignments conflict_set;
    AstExpr *conflict_condition; // WHERE of DO UPDATE
    AstTargets returning;
} AstInsert;

typedef struct AstUpdate {
    AstWith *with;
    AstTable *table; // AST_TABLE_NAME
    AstAssignments set;
    AstTables from;
    AstExpr *where;     // NULL = all rows
    AstName current_of; // WHERE CURRENT OF cursor
    AstTargets returning;
} AstUpdate;

typedef struct AstDelete {
    AstWith *with;
    AstTable *table;
    AstTables join_using;
    AstExpr *where;
    AstName current_of;
    AstTargets returning;
} AstDelete;

typedef struct AstTruncate {
    AstTables tables;
    bool restart_identity, cascade;
} AstTruncate;

// name value pairs: COPY's and others' options. value: NULL = the name alone.
typedef struct AstOption {
    AstName name;
    AstExpr *value;
} AstOption;
typedef struct AstOptions {
    AstOption *at;
    uint32_t count;
} AstOptions;
typedef struct AstCopy {
    AstPath table; // parts 0 when query
    AstNames columns;
    AstQuery *query;
    bool from;     // FROM, else TO
    bool standard; // STDIN / STDOUT
    bool program;
    Str file;
    AstOptions options; // format, delimiter, null, header, quote, escape, encoding …; names in lower case
    AstExpr *where;
} AstCopy;

// ---- definitions ----

typedef enum AstKeyAction {
    AST_KEY_NO_ACTION,
    AST_KEY_RESTRICT,
    AST_KEY_CASCADE,
    AST_KEY_SET_NULL,
    AST_KEY_SET_DEFAULT
} AstKeyAction;
typedef enum AstConstraintKind {
    AST_CONSTRAINT_NOT_NULL,  // column only
    AST_CONSTRAINT_NULL,      // column only
    AST_CONSTRAINT_DEFAULT,   // column only: expr
    AST_CONSTRAINT_IDENTITY,  // column only: GENERATED [always] AS IDENTITY, AUTO_INCREMENT (not always)
    AST_CONSTRAINT_GENERATED, // column only: GENERATED ALWAYS AS (expr) STORED
    AST_CONSTRAINT_PRIMARY,
    AST_CONSTRAINT_UNIQUE,
    AST_CONSTRAINT_CHECK,
    AST_CONSTRAINT_FOREIGN_KEY,
    AST_CONSTRAINT_EXCLUDE, // skipped over; refused later
} AstConstraintKind;
typedef struct AstConstraint {
    AstConstraintKind kind;
    AstName name; // CONSTRAINT name
    int64_t at;
    AstNames columns;       // PRIMARY, UNIQUE, FOREIGN_KEY of a table; a column's own have none
    AstNames include;       // INCLUDE (…)
    AstName index;          // ALTER TABLE … ADD PRIMARY KEY USING INDEX name
    AstExpr *expr;          // DEFAULT, CHECK, GENERATED
    bool always, generated; // IDENTITY; generated: written GENERATED …, not AUTO_INCREMENT
    AstOptions sequence;    // IDENTITY (START WITH 5 …)
    bool no_inherit, not_valid, nulls_not_distinct;
    AstPath parent;          // FOREIGN_KEY
    AstNames parent_columns; // count 0 = its primary key
    AstKeyAction on_delete, on_update;
    AstNames set_columns; // ON DELETE SET NULL (a, b); none = all
    bool match_full;
    bool deferrable, deferred; // DEFERRABLE, INITIALLY DEFERRED
} AstConstraint;

struct AstColumnDef {
    AstName name;
    AstType *type; // NULL: not given (SQLite's style is refused; CREATE TABLE AS has none)
    AstName collation;
    Str comment;               // MySQL's COMMENT '…'
    AstConstraint *constraint; // in the order written
    uint32_t constraints;
    int64_t at;
};

typedef struct AstLike {
    AstPath table;
    AstNames include;
    int64_t at;
} AstLike; // LIKE t INCLUDING ALL
typedef struct AstCreateTable {
    AstPath name;
    bool if_not_exists, temporary, unlogged;
    AstColumnDef *column;
    uint32_t columns;
    AstConstraint *constraint; // of the table
    uint32_t constraints;
    AstLike *like;
    uint32_t likes;
    AstPaths inherits;
    Str partition;      // PARTITION BY … or PARTITION OF …: the words, refused later; empty = none
    AstOptions options; // WITH (…), and MySQL's ENGINE=… (understood, without effect)
    Str on_commit;      // "drop", "delete rows", "preserve rows"; empty = none
    // CREATE TABLE … AS
    AstQuery *query;
    Statement *execute; // AS EXECUTE …
    AstNames query_columns;
    bool with_no_data;
} AstCreateTable;

typedef struct AstCreateIndex {
    AstName name; // not given: the engine names it
    AstPath table;
    bool unique, if_not_exists, concurrently, nulls_not_distinct;
    AstName method; // USING btree | hash | sorted …
    AstOrders key;  // columns (AST_COLUMN of one part) or expressions
    AstNames include;
    AstExpr *where;
    AstOptions options;
} AstCreateIndex;

typedef enum AstObject {
    AST_OBJECT_TABLE,
    AST_OBJECT_INDEX,
    AST_OBJECT_VIEW,
    AST_OBJECT_MATERIALIZED_VIEW,
    AST_OBJECT_SEQUENCE,
    AST_OBJECT_SCHEMA,
    AST_OBJECT_DATABASE,
    AST_OBJECT_COLUMN,
    AST_OBJECT_CONSTRAINT,
    AST_OBJECT_TYPE,
    AST_OBJECT_DOMAIN,
    AST_OBJECT_ROUTINE, // COMMENT ON
    AST_OBJECT_TRIGGER,
    AST_OBJECT_OTHER
} AstObject;
typedef struct AstDrop {
    AstObject object;
    AstPaths names;
    bool if_exists, cascade, concurrently;
} AstDrop;

typedef struct AstCreateView {
    AstPath name;
    AstNames columns;
    bool or_replace, materialized, temporary, recursive, if_not_exists, with_no_data;
    AstOptions options;
    Str check_option; // "local", "cascaded"; empty = none
    AstQuery *query;
} AstCreateView;
typedef struct AstSequence {
    AstPath name;
    bool if_not_exists, temporary, alter, if_exists;
    AstOptions options;
} AstSequence; // CREATE, ALTER
typedef struct AstCreateSchema {
    AstName name;
    bool if_not_exists;
    AstName owner;
    Statement **element;
    uint32_t elements;
} AstCreateSchema;
typedef struct AstCreateEnum {
    AstPath name;
    Str *label;
    uint32_t labels;
} AstCreateEnum;
typedef struct AstCreateDomain {
    AstPath name;
    AstType *type;
    AstName collation;
    AstConstraint *constraint;
    uint32_t constraints;
} AstCreateDomain;

typedef enum AstAlterKind {
    AST_ALTER_ADD_COLUMN,
    AST_ALTER_DROP_COLUMN,
    AST_ALTER_ADD_CONSTRAINT,
    AST_ALTER_DROP_CONSTRAINT,
    AST_ALTER_SET_DEFAULT,
    AST_ALTER_DROP_DEFAULT,
    AST_ALTER_SET_NOT_NULL,
    AST_ALTER_DROP_NOT_NULL,
    AST_ALTER_TYPE,
    AST_ALTER_ADD_IDENTITY,
    AST_ALTER_DROP_IDENTITY,
    AST_ALTER_RENAME_TABLE,
    AST_ALTER_RENAME_COLUMN,
    AST_ALTER_RENAME_CONSTRAINT,
    AST_ALTER_SET_SCHEMA,
    AST_ALTER_OWNER,
    AST_ALTER_VALIDATE,
    AST_ALTER_TRIGGER, // ENABLE (`on`) or DISABLE TRIGGER name; without a name all
    AST_ALTER_OTHER,   // `words` says what: refused later, or without effect
} AstAlterKind;
typedef struct AstAlterAction {
    AstAlterKind kind;
    int64_t at;
    AstName name, new_name; // column or constraint
    bool if_exists, if_not_exists, cascade, on;
    AstColumnDef *column; // ADD COLUMN
    AstConstraint *constraint;
    AstType *type;
    AstExpr *expr; // SET DEFAULT, TYPE … USING
    Str words;
} AstAlterAction;
typedef struct AstAlterTable {
    AstObject object; // TABLE, INDEX, VIEW, SEQUENCE …
    AstPath name;
    bool if_exists, only;
    AstAlterAction *action;
    uint32_t actions;
} AstAlterTable;

// ---- session ----

typedef struct AstDatabase {
    AstName name;
    bool if_exists;
    AstOptions options;
} AstDatabase; // CREATE (IF NOT EXISTS), DROP, USE, COUNT UPDATE
typedef enum AstTransactionKind {
    AST_BEGIN,
    AST_COMMIT,
    AST_ROLLBACK,
    AST_SAVEPOINT,
    AST_RELEASE,
    AST_ROLLBACK_TO,
    AST_SET_TRANSACTION,
    AST_PREPARE_TRANSACTION,
    AST_COMMIT_PREPARED,
    AST_ROLLBACK_PREPARED
} AstTransactionKind;
typedef enum AstIsolation {
    AST_ISOLATION_NONE,
    AST_ISOLATION_READ_UNCOMMITTED,
    AST_ISOLATION_READ_COMMITTED,
    AST_ISOLATION_REPEATABLE_READ,
    AST_ISOLATION_SERIALIZABLE
} AstIsolation;
typedef struct AstTransaction {
    AstTransactionKind kind;
    AstIsolation isolation;
    bool access_given, read_only, deferrable;
    bool session; // SET SESSION CHARACTERISTICS AS TRANSACTION …
    bool chain;   // AND CHAIN
    AstName name; // savepoint
    Str gid;      // of the PREPARED ones
} AstTransaction;

typedef struct AstSet {
    AstPath name; // setting, lower case; "time zone", "names", "role" … are one part
    bool local;
    bool reset;           // RESET name, SET name TO DEFAULT; name "all": everything
    AstPaths constraints; // SET CONSTRAINTS; none = ALL
    AstExprs value;       // words stand as AST_STRING, numbers and strings as themselves
} AstSet;
typedef struct AstShow {
    enum {
        AST_SHOW_SETTING,
        AST_SHOW_DATABASES,
        AST_SHOW_TABLES,
        AST_SHOW_COLUMNS,
        AST_SHOW_INDEXES,
        AST_SHOW_CREATE_TABLE,
        AST_SHOW_ALL
    } what;
    AstPath name;  // setting; or table of COLUMNS, INDEXES, CREATE TABLE; database of TABLES (parts 0 = the
                   // current one)
    AstExpr *like; // AST_STRING: SHOW TABLES LIKE '…'
} AstShow;
typedef struct AstExplain {
    bool analyze;
    AstOptions options;
    Statement *statement;
} AstExplain;
typedef struct AstPrepare {
    AstName name;
    AstType **type;
    uint32_t types;
    Statement *statement;
} AstPrepare;
typedef struct AstExecute {
    AstName name;
    AstExprs args;
} AstExecute;
typedef struct AstDeallocate {
    AstName name;
} AstDeallocate; // not given: ALL
typedef struct AstMaintain {
    Str verb;
    AstPaths tables;
    AstOptions options;
    bool analyze; // VACUUM ANALYZE
} AstMaintain;    // "analyze", "vacuum", "checkpoint", "reindex"
// LOCK TABLE a, b IN mode MODE NOWAIT; mode 1 … 8 in the order of PostgreSQL's table of conflicts.
typedef struct AstLockTable {
    AstPaths tables;
    int mode;
    bool nowait;
} AstLockTable;
typedef struct AstCursor {
    AstName name;
    bool scroll, hold, binary;
    AstQuery *query;
} AstCursor; // DECLARE
typedef struct AstFetch {
    AstName cursor;
    Str direction;
    AstExpr *count;
    bool move;
} AstFetch; // direction: "next", "all", "forward" …
typedef struct AstClose {
    AstName cursor;
} AstClose; // not given: ALL

typedef enum StatementKind {
    STATEMENT_SELECT,
    STATEMENT_INSERT,
    STATEMENT_UPDATE,
    STATEMENT_DELETE,
    STATEMENT_TRUNCATE,
    STATEMENT_COPY,
    STATEMENT_CREATE_DATABASE,
    STATEMENT_DROP_DATABASE,
    STATEMENT_USE,
    STATEMENT_CREATE_TABLE,
    STATEMENT_CREATE_INDEX,
    STATEMENT_CREATE_VIEW,
    STATEMENT_CREATE_SEQUENCE,
    STATEMENT_CREATE_SCHEMA,
    STATEMENT_CREATE_ENUM,
    STATEMENT_CREATE_DOMAIN,
    STATEMENT_DROP,
    STATEMENT_ALTER_TABLE,
    STATEMENT_COMMENT,
    STATEMENT_TRANSACTION,
    STATEMENT_SET,
    STATEMENT_SHOW,
    STATEMENT_DESCRIBE,
    STATEMENT_COUNT_QUERIES,
    STATEMENT_COUNT_UPDATE,
    STATEMENT_EXPLAIN,
    STATEMENT_PREPARE,
    STATEMENT_EXECUTE,
    STATEMENT_DEALLOCATE,
    STATEMENT_MAINTAIN,
    STATEMENT_DECLARE,
    STATEMENT_FETCH,
    STATEMENT_CLOSE,
    STATEMENT_LOCK,
    STATEMENT_CREATE_ROUTINE,
    STATEMENT_DROP_ROUTINE,
    STATEMENT_ALTER_ROUTINE,
    STATEMENT_CALL,
    STATEMENT_CREATE_TRIGGER,
    STATEMENT_DROP_TRIGGER,
    STATEMENT_ROLE,    // CREATE ROLE and its like
    STATEMENT_GRANT,   // GRANT, REVOKE, ALTER DEFAULT PRIVILEGES
    STATEMENT_POLICY,  // CREATE POLICY …
    STATEMENT_OUTSIDE, // known by its first words (`words`: "CREATE ROLE"), skipped, refused with 0A000
    STATEMENT_KINDS
} StatementKind;

struct Statement {
    StatementKind kind;
    int64_t at;      // where it begins in the text
    size_t len;      // its bytes, without the semicolon and blanks around
    uint32_t params; // highest $n
    union {
        AstQuery *query; // SELECT, also VALUES and TABLE
        AstInsert *insert;
        AstUpdate *update;
        AstDelete *remove;
        AstTruncate *truncate;
        AstCopy *copy;
        AstDatabase *database; // CREATE_DATABASE, DROP_DATABASE, USE, COUNT_UPDATE (name)
        AstCreateTable *create_table;
        AstCreateIndex *create_index;
        AstCreateView *create_view;
        AstSequence *sequence;
        AstCreateSchema *schema;
        AstCreateEnum *create_enum;
        AstCreateDomain *domain;
        AstDrop *drop;
        AstAlterTable *alter;
        AstComment *comment;
        AstTransaction *transaction;
        AstSet *set;
        AstLockTable *lock;
        AstShow *show;
        AstPath *describe;
        AstExplain *explain;
        AstPrepare *prepare;
        AstExecute *execute;
        AstDeallocate *deallocate;
        AstMaintain *maintain;
        AstCursor *cursor;
        AstFetch *fetch;
        AstClose *close;
        AstCreateRoutine *create_routine;
        AstDropRoutine *drop_routine;
        AstAlterRoutine *alter_routine;
        AstExpr *call; // AST_CALL
        AstCreateTrigger *create_trigger;
        AstDropTrigger *drop_trigger;
        AstRole *role;
        AstGrant *grant;
        AstPolicy *policy;
        Str words; // OUTSIDE
    };
};

// "SELECT", "CREATE TABLE" …: how the statement is called in messages and tags.
const char *ast_statement_name(const Statement *s);
// The last part of a path, as text; and the part before it (empty if there is none).
Str ast_path_name(const AstPath *p);
Str ast_path_qualifier(const AstPath *p);
// Calls visit for e and every expression below it, parents first; not into subqueries. False from visit
// leaves out the children.
void ast_expr_walk(const AstExpr *e, bool (*visit)(const AstExpr *e, void *arg), void *arg);

#endif
