// Parse: what the files of the parser share: the state with two tokens of look-ahead, and one function per
// rule of the grammar. An error is noted once, and the current token becomes the end of the text: every loop
// then stops by itself, so the rules need no branch after each call. What they return is never NULL but may
// be a blank node.
#ifndef ENGINE_SQL_PARSE_IN_H
#define ENGINE_SQL_PARSE_IN_H

#include "engine/sql/ast_routine.h"
#include "engine/base/buf.h"
#include "engine/sql/ast.h"
#include "engine/sql/lexer.h"

enum { PARSE_SPARE_SIZE = 2048 };

typedef struct Parser {
    Lexer lexer; // stands behind `next`
    Token tok, next;
    size_t end; // behind the last token taken
    Arena *mem;
    Err *err;
    bool failed;
    bool restricted;        // no AND, OR, NOT, IN, LIKE, BETWEEN at the top: DEFAULT's expression
    uint32_t depth, height; // open rules above; height of the tree below (an upper bound)
    uint32_t params;        // highest $n
    Bytes stack;            // members of lists that are not complete
    _Alignas(16) char spare[PARSE_SPARE_SIZE]; // stands for nodes when memory is out
} Parser;

// Which words may stand as a name.
typedef enum NameKind { NAME_COLUMN, NAME_FUNCTION, NAME_LABEL, NAME_BARE_LABEL } NameKind;

#define OP1(a)             ((uint32_t)(a))
#define OP2(a, b)          ((uint32_t)(a) << 8 | (uint32_t)(b))
#define PARSE_NEW(p, Type) ((Type *)parse_new((p), sizeof(Type)))
// Ends a list begun at `mark`: (list)->at and ->count are set.
#define PARSE_TAKE(p, mark, list) ((list)->at = parse_take((p), (mark), sizeof *(list)->at, &(list)->count))

// ---- tokens (parser.c) ----

void parse_advance(Parser *p);
bool parse_is(const Parser *p, Keyword k);
bool parse_next_is(const Parser *p, Keyword k);
bool parse_is_op(const Parser *p, uint32_t op);
bool parse_next_is_op(const Parser *p, uint32_t op);
bool parse_accept(Parser *p, Keyword k);
bool parse_accept_two(Parser *p, Keyword a, Keyword b); // both or none
bool parse_accept_op(Parser *p, uint32_t op);
void parse_expect(Parser *p, Keyword k);
void parse_expect_op(Parser *p, uint32_t op);
bool parse_is_word(const Parser *p, const char *lower); // a word that is no keyword of the table
bool parse_accept_word(Parser *p, const char *lower);
bool parse_ends(const Parser *p); // semicolon or end of text
void parse_syntax(Parser *p);     // syntax error at or near the current token
void parse_fail(Parser *p, const char *state, int64_t at, const char *sentence);
bool parse_enter(Parser *p); // one rule deeper: 54001
void parse_leave(Parser *p);
void parse_grow(Parser *p); // one node higher: 54001
void *parse_new(Parser *p, size_t size);
size_t parse_mark(const Parser *p);
void parse_push(Parser *p, const void *item, size_t size);
void *parse_take(Parser *p, size_t mark, size_t size, uint32_t *count);
Str parse_words_from(Parser *p, size_t from); // the text since `from`, as written

// ---- names, strings, types (parse_name.c, parse_type.c) ----

bool parse_is_name(const Parser *p, NameKind kind);
AstName parse_name(Parser *p, NameKind kind);
AstName parse_optional_name(Parser *p, NameKind kind);
AstName parse_token_name(Parser *p); // the current word or quoted name, whatever it is
AstNames parse_name_list(Parser *p); // ( a, b )
AstNames parse_optional_name_list(Parser *p);
AstNames parse_bare_name_list(Parser *p); // a, b
AstPath parse_path(Parser *p, NameKind first);
AstPaths parse_path_list(Parser *p);
AstPath *parse_path_node(Parser *p, const AstPath *path);
Str parse_string(Parser *p); // one string literal, continued ones joined
AstType *parse_type(Parser *p);
bool parse_is_type_keyword(Keyword k);
Str parse_interval_fields(Parser *p); // "", "day to second" …

// ---- expressions (parse_expr.c, parse_primary.c, parse_call.c) ----

AstExpr *parse_expr(Parser *p);
AstExpr *parse_expr_restricted(Parser *p);
AstExpr *parse_expr_from(Parser *p, AstExpr *left); // goes on behind a primary
AstExpr *parse_node(Parser *p, AstExprKind kind, int64_t at);
AstExpr *parse_primary(Parser *p);
Str parse_operator(Parser *p); // + or OPERATOR(s.+)
AstExpr *parse_postfix(Parser *p, AstExpr *e);
AstExpr *parse_paren(Parser *p);
AstExpr *parse_case(Parser *p);
AstExpr *parse_array(Parser *p);
AstExpr *parse_call_special(Parser *p); // NULL = the current word begins none
AstExpr *parse_call(Parser *p, const AstPath *name, int64_t at);
AstExprs parse_expr_list(Parser *p);       // a, b
AstExprs parse_expr_list_paren(Parser *p); // ( a, b )
AstExprs parse_call_list(Parser *p);       // ( ) or ( a, b )
AstExpr *parse_string_node(Parser *p);
AstWindow *parse_window(Parser *p);  // ( … )
AstOrders parse_order_by(Parser *p); // [ORDER BY …]
AstOrders parse_order_list(Parser *p);

// ---- queries (parse_select.c, parse_table.c) ----

bool parse_is_query(const Parser *p);      // SELECT, VALUES (, WITH, TABLE
bool parse_is_query_rest(const Parser *p); // UNION …, ORDER BY, LIMIT …
AstQuery *parse_query(Parser *p);
AstQuery *parse_query_from(Parser *p, AstQuery *left); // goes on behind a query in parentheses
AstQuery *parse_query_paren(Parser *p);                // ( query )
AstWith *parse_with(Parser *p);                        // NULL if there is none
AstQuery *parse_query_with(Parser *p, AstWith *with);
AstTables parse_from(Parser *p, Keyword word); // [word table, table …]
AstTable *parse_relation(Parser *p, bool bare_alias, bool set_follows);
AstTargets parse_targets(Parser *p);
AstTargets parse_returning(Parser *p);
AstExpr *parse_where(Parser *p); // NULL if there is none

// ---- statements ----

Statement *parse_statement(Parser *p);
void parse_insert(Parser *p, Statement *s, AstWith *with);
void parse_update(Parser *p, Statement *s, AstWith *with);
void parse_delete(Parser *p, Statement *s, AstWith *with);
void parse_truncate(Parser *p, Statement *s);
void parse_copy(Parser *p, Statement *s);
void parse_create(Parser *p, Statement *s);
void parse_create_table(Parser *p, Statement *s);
AstConstraint *parse_constraint(Parser *p, bool of_column); // NULL = none begins here
AstColumnDef parse_column(Parser *p);
AstOptions parse_options_paren(Parser *p);    // ( name [=] value, … )
AstOptions parse_sequence_options(Parser *p); // START WITH 1 INCREMENT BY 2 …
bool parse_if_not_exists(Parser *p);
bool parse_if_exists(Parser *p);
bool parse_cascade(Parser *p);
void parse_drop(Parser *p, Statement *s);
void parse_alter(Parser *p, Statement *s);
bool parse_alter_outside(Parser *p, Statement *s);
// parse_routine.c, parse_trigger.c
bool parse_create_routine(Parser *p, Statement *s, bool or_replace); // false = the current word begins none
bool parse_drop_routine(Parser *p, Statement *s);
bool parse_alter_routine(Parser *p, Statement *s);
bool parse_routine_kind(Parser *p, AstRoutineKind *out); // FUNCTION, PROCEDURE, ROUTINE: taken
AstRoutineName parse_routine_name(Parser *p);            // with argument types or without
void parse_call_statement(Parser *p, Statement *s);
AstSteps parse_steps(Parser *p, size_t *from, size_t *to); // up to END or the end of the text; where they are
bool parse_create_trigger(Parser *p, Statement *s, bool or_replace);
bool parse_drop_trigger(Parser *p, Statement *s);
void parse_comment(Parser *p, Statement *s);
// parse_role.c: false = the current word begins none of them. verb: CREATE, ALTER or DROP, taken already.
bool parse_role(Parser *p, Statement *s, Keyword verb);
bool parse_grant(Parser *p, Statement *s);              // GRANT, REVOKE, REASSIGN
bool parse_default_privileges(Parser *p, Statement *s); // ALTER was taken
bool parse_session(Parser *p, Statement *s);            // false = the current word begins none
void parse_outside(Parser *p, Statement *s, size_t from, unsigned words); // named by its first words
void parse_skip(Parser *p, Statement *s, Str name);
AstExpr *parse_option_value(Parser *p);
AstExpr *parse_signed_number(Parser *p);
AstOrders parse_index_keys(Parser *p); // ( a DESC, lower(b) … )
AstObject parse_object(
    Parser *p); // TABLE, MATERIALIZED VIEW …: taken; AST_OBJECT_OTHER = none of them, nothing taken

#endif
