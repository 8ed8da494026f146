// Project: one expression per output column; a plain column is handed on as it is.
#include "engine/exec/operator.h"

typedef struct OpProject {
    Operator op;
    EvalNode **node;
} OpProject;

static bool project_make(Operator *op, Err *err)
{
    const PlanProject *p = plan_as(PlanProject, op->plan);
    OpProject *o = (OpProject *)op;
    operator_output(op, false);
    op->rows_stay = op->child[0] && op->child[0]->rows_stay;
    for (uint32_t c = 0; c < p->node.columns; c++) {
        Phys phys = type_phys(p->expr[c]->type.id);
        if (p->expr[c]->kind != EXPR_SLOT && phys_is_long(phys)) op->rows_stay = false;
    }
    return eval_compile_all(&o->node, p->expr, p->node.columns, &op->eval, err);
}

static bool project_open(Operator *op, Err *err)
{
    (void)op;
    (void)err;
    return true;
}

static bool project_next(Operator *op, Batch **out, Err *err)
{
    OpProject *p = (OpProject *)op;
    Batch *in;
    *out = NULL;
    if (!operator_next(op->child[0], &in, err)) return false;
    if (!in) return true;
    eval_begin(&op->eval, in, err);
    for (uint32_t c = 0; c < op->out.columns; c++) {
        const Vector *v;
        if (!eval_run(p->node[c], &op->eval, in->sel, in->sel_len, &v)) return false;
        op->out.vector[c] = *v;
        op->out.vector[c].type = op->plan->column[c].type;
    }
    op->out.rows = in->rows;
    op->out.sel = in->sel;
    op->out.sel_len = in->sel_len;
    *out = &op->out;
    return true;
}

static void project_close(Operator *op) { (void)op; }

const OperatorKind op_project = {sizeof(OpProject), project_make, project_open, project_next, project_close};
