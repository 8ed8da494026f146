// Binding of an expression that the dictionary keeps as text. Relies on sql, plan.
#include "engine/plan/plan.h"

#include "engine/sql/parser.h"

bool plan_bind_text(Expr **out, Str text, const TableDef *table, Type target, const PlanContext *context,
                    Arena *mem, Err *err)
{
    AstExpr *ast;
    return parser_expr(&ast, text, mem, err) && plan_bind_expr(out, ast, table, target, context, mem, err);
}
