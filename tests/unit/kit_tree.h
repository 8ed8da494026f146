// Kit: a tree of expressions written out with all its brackets, independent of engine/sql/print.
#ifndef TESTS_UNIT_KIT_TREE_H
#define TESTS_UNIT_KIT_TREE_H

#include "engine/base/buf.h"
#include "engine/sql/ast.h"

void kit_tree_expr(Bytes *out, const AstExpr *e);
void kit_tree_query(Bytes *out, const AstQuery *q);

#endif
