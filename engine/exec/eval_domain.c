// Eval: values of domains: the domain's rules are run over the value as the only column of a batch.
#include "engine/exec/eval.h"

typedef struct EvalDomain {
    Eval over;
    EvalNode **check;
    Vector value;
} EvalDomain;

static void domain_done(void *arg) { eval_done(&((EvalDomain *)arg)->over); }

static bool domain_nulls(const DomainRule *rule, const Vector *v, const uint16_t *sel, uint32_t count,
                         Err *err)
{
    for (uint32_t i = 0; rule->not_null && v->nulls && i < count; i++)
        if (vector_is_null(v, sel ? sel[i] : i))
            return err_set(err, "23502", "domain %.*s does not allow null values", STR_ARG(rule->name));
    return true;
}

static bool domain_checks(EvalDomain *d, const DomainRule *rule, const Batch *b, Err *err)
{
    eval_begin(&d->over, b, err);
    for (uint32_t c = 0; c < rule->checks; c++) {
        const Vector *v;
        if (!eval_run(d->check[c], &d->over, b->sel, b->sel_len, &v)) return false;
        for (uint32_t i = 0; i < b->sel_len; i++) {
            const uint32_t row = batch_row(b, i);
            if (vector_is_null(v, row) || ((const uint8_t *)v->data)[vector_slot(v, row)]) continue;
            return err_set(err, "23514", "value for domain %.*s violates check constraint \"%.*s\"",
                           STR_ARG(rule->name), STR_ARG(rule->check_name[c]));
        }
    }
    return true;
}

static bool run_domain(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    EvalDomain *d = n->state;
    const DomainRule *rule = n->expr->domain;
    const Vector *v;
    if (!eval_run(n->arg[0], ev, sel, count, &v)) return false;
    d->value = *v;
    d->value.type = n->expr->type;
    *out = &d->value;
    if (!count) return true;
    Vector column = d->value;
    Batch b = {.rows = ev->in && ev->in->rows ? ev->in->rows : 1,
               .sel = sel,
               .sel_len = count,
               .columns = 1,
               .vector = &column};
    if (v->constant) {
        b.rows = b.sel_len = 1;
        b.sel = NULL;
    }
    if (domain_nulls(rule, v, b.sel, b.sel_len, ev->kernel.err) && domain_checks(d, rule, &b, ev->kernel.err))
        return true;
    if (ev->kernel.err->at < 0) ev->kernel.err->at = n->expr->at;
    return false;
}

bool eval_make_domain(EvalNode *n, Eval *ev, Err *err)
{
    EvalDomain *d = arena_new(&ev->exec->mem, EvalDomain);
    const DomainRule *rule = n->expr->domain;
    eval_init(&d->over, ev->exec, NULL);
    exec_at_end(ev->exec, domain_done, d);
    n->state = d;
    n->run = run_domain;
    return eval_compile_all(&d->check, rule->check, rule->checks, &d->over, err);
}
