// Routines: CALL: a procedure with its arguments; what it gives out is one row.
#include "engine/db/routines.h"

#include "engine/db/casts.h"
#include "engine/sql/parser.h"

// SELECT * FROM p(…): planned like a function in FROM, where the binder is told that procedures may stand.
bool routines_call(Run *run, const AstExpr *call, Err *err)
{
    AstTable from = {.kind = AST_TABLE_FUNCTION, .at = call->at, .alias.at = -1};
    AstExpr *calls[1] = {(AstExpr *)(uintptr_t)call};
    AstTable *list[1] = {&from};
    AstExpr star = {.kind = AST_STAR, .at = -1};
    AstTarget target = {.expr = &star, .alias.at = -1};
    from.call = (AstExprs){calls, 1};
    AstQuery q = {.kind = AST_QUERY_SELECT, .at = call->at, .targets = {&target, 1}, .from = {list, 1}};
    Statement select = {.kind = STATEMENT_SELECT, .at = call->at, .query = &q};
    Plan *plan;
    run->calls = true;
    bool good = query_plan(&plan, run, &select, err);
    run->calls = false;
    if (!good) return false;
    bool shown = plan->root->columns > 1 || plan->root->column[0].name.len;
    const ResultSink *sink = run->sink;
    if (!shown) run->sink = NULL;
    good = query_run_plan(run, plan, NULL, 0, err);
    run->sink = sink;
    run->rows = 0;
    run->tag = "CALL";
    plan_free(plan);
    return good;
}
