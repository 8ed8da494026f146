// Parser: SQL text to a tree, by recursive descent. PostgreSQL's dialect, what the assignment names (USE,
// SHOW TABLES, DESCRIBE, COUNT QUERIES, COUNT UPDATE), and what dumps of others write where it means only one
// thing. What parses but is not carried out is refused by who meets it (0A000). Relies on base, lexer, ast.
#ifndef ENGINE_SQL_PARSER_H
#define ENGINE_SQL_PARSER_H

#include "engine/sql/ast_routine.h"
#include "engine/base/arena.h"
#include "engine/base/err.h"
#include "engine/sql/ast.h"

// The next statement of text at or after *pos (moved behind its semicolon). *out = NULL at the end of the
// text. Offsets in the tree and in *err count from the beginning of text. On an error *pos stands behind the
// faulty statement, so that a caller may go on. 42601 syntax, 42622 long name, 22021 broken UTF-8 or NUL,
// 54000/54001 limits, 53200 memory of mem. The tree borrows nothing from text.
MUST_CHECK bool parser_statement(Statement **out, Str text, size_t *pos, Arena *mem, Err *err);
// The whole text as one expression or one type: DEFAULT and CHECK texts out of the dictionary.
MUST_CHECK bool parser_expr(AstExpr **out, Str text, Arena *mem, Err *err);
MUST_CHECK bool parser_type(AstType **out, Str text, Arena *mem, Err *err);

// The steps of a routine's or trigger's body, each but the last with a semicolon behind it.
MUST_CHECK bool parser_steps(AstSteps *out, Str text, Arena *mem, Err *err);

#endif
