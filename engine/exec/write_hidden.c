// Hidden columns: what indexes on expressions and partial indexes keep beside a row. Worked out by the
// expressions in the definition just before rows go to the store; compiled once per statement and table.
// Relies on write, eval.
#include "engine/exec/eval.h"
#include "engine/exec/write.h"

#include <string.h>

struct WriteHidden {
    uint64_t table, version;
    Eval eval;
    EvalNode **node;
    Vector *vector;
    struct WriteHidden *next;
};
typedef struct WriteHidden WriteHidden;

static void done(void *arg) { eval_done(arg); }

static WriteHidden *hidden_make(Exec *exec, const TableDef *def, Err *err)
{
    Arena *mem = &exec->mem;
    WriteHidden *h = arena_new(mem, WriteHidden);
    Expr **e = arena_array(mem, Expr *, def->hidden_count + 1);
    h->table = def->id;
    h->version = def->version;
    eval_init(&h->eval, exec, NULL);
    h->next = exec->hidden;
    exec->hidden = h;
    exec_at_end(exec, done, &h->eval);
    h->vector = arena_array(mem, Vector, schema_stored(def) + 1);
    for (uint16_t i = 0; i < def->hidden_count; i++) {
        const ColumnDef *c = &def->column[def->column_count + i];
        if (!plan_bind_text(&e[i], c->generated, def, c->type, &exec->ctx->names, mem, err)) {
            err->at = -1;
            err_note(err, "in an index of table %.*s", STR_ARG(def->name));
            return NULL;
        }
    }
    return eval_compile_all(&h->node, e, def->hidden_count, &h->eval, err) ? h : NULL;
}

bool write_hidden(Exec *exec, const TableDef *def, const Batch *rows, Batch *out, Err *err)
{
    *out = *rows;
    if (!def->hidden_count) return true;
    WriteHidden *h = exec->hidden;
    while (h && (h->table != def->id || h->version != def->version)) h = h->next;
    if (!h && !(h = hidden_make(exec, def, err))) return false;
    memcpy(h->vector, rows->vector, def->column_count * sizeof *h->vector);
    out->vector = h->vector;
    out->columns = schema_stored(def);
    eval_begin(&h->eval, rows, err);
    for (uint16_t i = 0; i < def->hidden_count; i++) {
        const Vector *v;
        if (!eval_run(h->node[i], &h->eval, rows->sel, rows->sel_len, &v)) return false;
        h->vector[def->column_count + i] = *v;
    }
    return true;
}
