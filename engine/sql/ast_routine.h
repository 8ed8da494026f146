// Ast, continued: bodies of routines and triggers, and the statements that make and drop them. Relies on
// ast.h.
//
// Nouns: AstArg, AstRoutine, AstComment, AstStep, AstCreateRoutine, AstDropRoutine, AstAlterRoutine,
// AstCreateTrigger, AstDropTrigger
#ifndef ENGINE_SQL_AST_ROUTINE_H
#define ENGINE_SQL_AST_ROUTINE_H

#include "engine/sql/ast.h"

typedef enum AstRoutineKind { AST_ROUTINE_FUNCTION, AST_ROUTINE_PROCEDURE, AST_ROUTINE_ANY } AstRoutineKind;
typedef enum AstArgMode {
    AST_ARG_IN,
    AST_ARG_OUT,
    AST_ARG_INOUT,
    AST_ARG_VARIADIC,
    AST_ARG_TABLE // a column of RETURNS TABLE (…)
} AstArgMode;
typedef struct AstRoutineArg {
    AstArgMode mode;
    AstName name; // may be missing
    AstType *type;
    AstExpr *value; // DEFAULT; NULL = none
    Str value_text; // as written
} AstRoutineArg;
// A routine by its name and, when `given`, the types of its arguments: DROP, ALTER, COMMENT.
typedef struct AstRoutineName {
    AstPath name;
    bool given;
    AstRoutineArg *arg;
    uint32_t args;
} AstRoutineName;
// One step of a body. What a step works out is `statement`, a SELECT: the values of SET, the message of
// SIGNAL; it takes place when that gives a row.
typedef enum AstStepKind {
    AST_STEP_STATEMENT,
    AST_STEP_RETURN, // RETURN expr
    AST_STEP_SET,    // SET NEW.a = expr, …: columns
    AST_STEP_SIGNAL, // SIGNAL SQLSTATE 'state' SET MESSAGE_TEXT = expr [WHEN condition]
    AST_STEP_SKIP    // RETURN NULL [WHEN condition]: nothing becomes of the row
} AstStepKind;
typedef struct AstStep {
    AstStepKind kind;
    Statement *statement;
    AstNames columns;
    Str state;
} AstStep;
typedef struct AstSteps {
    AstStep *at;
    uint32_t count;
} AstSteps;
struct AstCreateRoutine {
    AstRoutineKind kind;
    bool or_replace;
    AstRoutineName name;
    AstType *returns; // NULL: not given
    bool returns_set, returns_table;
    AstName language; // not given: sql when the body is one of the standard's
    Str volatility;   // "immutable", "stable", "volatile"; empty = not given
    bool strict, strict_given;
    Str form;    // of the body: "text" (quoted), "return", "atomic"; empty = none
    Str body;    // its words
    int64_t at;  // of the body
    Str support; // words of an option that is refused; empty = none
};
struct AstDropRoutine {
    AstRoutineKind kind;
    AstRoutineName *name;
    uint32_t names;
    bool if_exists, cascade;
};
struct AstAlterRoutine {
    AstRoutineKind kind;
    AstRoutineName name;
    AstName new_name, schema, owner; // one of them, or the options
    Str volatility;
    bool strict, strict_given;
};
enum { AST_EVENT_INSERT = 1, AST_EVENT_UPDATE = 2, AST_EVENT_DELETE = 4, AST_EVENT_TRUNCATE = 8 };
struct AstCreateTrigger {
    AstName name;
    AstPath table;
    bool or_replace, if_not_exists, row, constraint;
    Str timing; // "before", "after", "instead"
    unsigned events;
    AstNames columns; // UPDATE OF
    AstName old_table, new_table;
    Str when; // the condition as written; empty = none
    AstExpr *condition;
    Str body; // of BEGIN … END; at NULL: EXECUTE FUNCTION
    int64_t body_at;
    AstPath function;
    uint32_t arguments;
};
struct AstDropTrigger {
    AstName name;
    AstPath table; // parts 0: not given
    bool if_exists, cascade;
};

struct AstComment {
    AstObject object;
    AstRoutineName *routine; // FUNCTION, PROCEDURE, ROUTINE: instead of name
    AstRoutineKind routine_kind;
    AstPath name;
    AstPath on;
    bool null;
    Str text;
    Str words;
};

#endif
