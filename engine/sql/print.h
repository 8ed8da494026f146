// Print: expressions, types and queries back as SQL text that parses to the same tree: stored DEFAULT and
// CHECK texts, messages. Keywords in upper case, names as short as they may be, parentheses only where
// needed. Relies on ast.
#ifndef ENGINE_SQL_PRINT_H
#define ENGINE_SQL_PRINT_H

#include "engine/base/buf.h"
#include "engine/sql/ast.h"

// All append; the caller looks at out->failed.
void print_query(Bytes *out, const AstQuery *q);
void print_expr(Bytes *out, const AstExpr *e);
void print_type(Bytes *out, const AstType *t);
// A name, quoted when it is not a plain lower-case word or is a reserved one.
void print_name(Bytes *out, Str name);
void print_path(Bytes *out, const AstPath *p);
void print_string(Bytes *out, Str text); // '…' with quotes doubled, E'…' never needed

#endif
