// Window: keeps all rows, sorts their numbers once for each order that the windows need (one whose keys begin
// another's uses that one's), and works each call out partition by partition. Results lie beside the rows;
// both are handed out in the order of the first window, as PostgreSQL does.
#include "engine/exec/sort.h"
#include "engine/exec/window.h"

#include <string.h>

// Where an expression's values are kept: a column of the child's rows, or one of those worked out here.
typedef struct Place {
    EvalNode *node; // NULL: the child's
    uint32_t column;
} Place;

typedef struct WindowSort {
    uint32_t keys, partitions;
    Place *key; // partition keys, then order keys
    SortOrder *order;
    uint32_t same; // the window whose sort is used
    uint32_t *row; // sorted row numbers
} WindowSort;

typedef struct WindowRun {
    Place *arg, filter, from_bound, to_bound, key;
    EvalNode *from_offset, *to_offset;
} WindowRun;

typedef struct OpWindow {
    Operator op;
    const Expr **extra; // expressions that are worked out
    EvalNode **node;
    uint32_t extras, extra_max;
    WindowSort *sort;
    WindowRun *run;
    Vector *cells;
    Rows rows, own, results;
    WindowMap map;
    uint32_t *map_room;
    uint32_t map_rows, next;
    uint32_t shown; // the window in whose order rows are handed out
    Arena *result_mem;
    size_t result_counted;
} OpWindow;

enum { MAP_ARRAYS = 7 };

// ---- making ----

static bool place_of(OpWindow *w, Place *out, const Expr *e, Err *err)
{
    *out = (Place){0};
    if (e->kind == EXPR_SLOT) {
        out->column = e->slot;
        return true;
    }
    for (uint32_t i = 0; i < w->extras; i++) {
        if (!expr_equal(w->extra[i], e)) continue;
        *out = (Place){w->node[i], i};
        return true;
    }
    if (w->extras == w->extra_max)
        return err_set(err, SQLSTATE_INTERNAL, "a window has more expressions than it counted");
    if (!eval_compile(&w->node[w->extras], e, &w->op.eval, err)) return false;
    w->extra[w->extras] = e;
    *out = (Place){w->node[w->extras], w->extras};
    w->extras++;
    return true;
}

static bool sort_make(OpWindow *w, WindowSort *s, const WindowDef *def, Err *err)
{
    Arena *mem = &w->op.exec->mem;
    s->partitions = def->partitions;
    s->keys = def->partitions + def->order_keys;
    s->key = arena_array(mem, Place, s->keys + 1);
    s->order = arena_array(mem, SortOrder, s->keys + 1);
    for (uint32_t i = 0; i < s->keys; i++) {
        const SortKey *k = i < def->partitions ? NULL : &def->order[i - def->partitions];
        if (!place_of(w, &s->key[i], k ? k->expr : def->partition[i], err)) return false;
        if (k) s->order[i] = (SortOrder){k->descending, k->nulls_first};
    }
    return true;
}

static bool begins(const WindowSort *a, const WindowSort *b)
{
    if (a->keys > b->keys) return false;
    for (uint32_t i = 0; i < a->keys; i++) {
        const Place *x = &a->key[i], *y = &b->key[i];
        if (x->node != y->node || x->column != y->column ||
            a->order[i].descending != b->order[i].descending ||
            a->order[i].nulls_first != b->order[i].nulls_first)
            return false;
    }
    return true;
}

static void share_sorts(OpWindow *w, uint32_t windows)
{
    for (uint32_t i = 0; i < windows; i++) {
        uint32_t best = i;
        for (uint32_t k = 0; k < windows; k++)
            if (begins(&w->sort[i], &w->sort[k]) && w->sort[k].keys > w->sort[best].keys) best = k;
        for (uint32_t k = 0; k < best; k++) // of equal ones the first
            if (w->sort[k].keys == w->sort[best].keys && begins(&w->sort[best], &w->sort[k])) best = k;
        w->sort[i].same = best;
    }
}

static bool run_make(OpWindow *w, WindowRun *r, const WindowCall *c, Err *err)
{
    const AggregateCall *a = &c->call;
    const WindowFrame *f = &c->frame;
    Eval *ev = &w->op.eval;
    r->arg = arena_array(&w->op.exec->mem, Place, a->args + 1);
    for (uint32_t i = 0; i < a->args; i++)
        if (!place_of(w, &r->arg[i], a->arg[i], err)) return false;
    if (a->filter && !place_of(w, &r->filter, a->filter, err)) return false;
    if (f->from_bound && !place_of(w, &r->from_bound, f->from_bound, err)) return false;
    if (f->to_bound && !place_of(w, &r->to_bound, f->to_bound, err)) return false;
    if (f->key && !place_of(w, &r->key, f->key, err)) return false;
    if (f->from_offset && !eval_compile(&r->from_offset, f->from_offset, ev, err)) return false;
    return !f->to_offset || eval_compile(&r->to_offset, f->to_offset, ev, err);
}

static uint32_t count_extras(const PlanWindow *p)
{
    uint32_t n = 1;
    for (uint32_t i = 0; i < p->windows; i++) n += p->window[i].partitions + p->window[i].order_keys;
    for (uint32_t i = 0; i < p->calls; i++) n += p->call[i].call.args + 4;
    return n;
}

static bool window_make(Operator *op, Err *err)
{
    OpWindow *w = (OpWindow *)op;
    const PlanWindow *p = plan_as(PlanWindow, op->plan);
    Arena *mem = &op->exec->mem;
    operator_output(op, true);
    w->extra_max = count_extras(p);
    w->extra = arena_array(mem, const Expr *, w->extra_max);
    w->node = arena_array(mem, EvalNode *, w->extra_max);
    w->cells = arena_array(mem, Vector, w->extra_max);
    w->sort = arena_array(mem, WindowSort, p->windows + 1);
    w->run = arena_array(mem, WindowRun, p->calls + 1);
    for (uint32_t i = 0; i < p->windows; i++)
        if (!sort_make(w, &w->sort[i], &p->window[i], err)) return false;
    for (uint32_t i = 0; i < p->calls; i++)
        if (!run_make(w, &w->run[i], &p->call[i], err)) return false;
    share_sorts(w, p->windows);
    w->shown = w->sort[0].same;
    return true;
}

// ---- the rows ----

static uint32_t child_columns(const OpWindow *w) { return w->op.child[0]->plan->columns; }

static void rows_make(OpWindow *w)
{
    const PlanWindow *p = plan_as(PlanWindow, w->op.plan);
    uint32_t columns = child_columns(w), most = columns + w->extras + p->calls + 1;
    Type *type = arena_array(&w->op.mem, Type, most);
    for (uint32_t i = 0; i < columns; i++) type[i] = w->op.plan->column[i].type;
    rows_init(&w->rows, &w->op.memory, type, columns);
    w->rows.borrow = w->op.child[0]->rows_stay;
    for (uint32_t i = 0; i < w->extras; i++) type[i] = w->extra[i]->type;
    rows_init(&w->own, &w->op.memory, type, w->extras);
    for (uint32_t i = 0; i < p->calls; i++) type[i] = w->op.plan->column[columns + i].type;
    rows_init(&w->results, &w->op.memory, type, p->calls);
}

static bool rows_take(OpWindow *w, Err *err)
{
    Operator *op = &w->op;
    for (Batch *b;;) {
        if (!operator_next(op->child[0], &b, err)) return false;
        if (!b) return true;
        eval_begin(&op->eval, b, err);
        for (uint32_t i = 0; i < w->extras; i++) {
            const Vector *v;
            if (!eval_run(w->node[i], &op->eval, b->sel, b->sel_len, &v)) return false;
            w->cells[i] = *v;
        }
        if (!rows_append(&w->rows, b->vector, b->sel, b->sel_len, err) ||
            !rows_append(&w->own, w->cells, b->sel, b->sel_len, err))
            return false;
    }
}

static const RowsColumn *column_of(const OpWindow *w, const Place *p)
{
    return p->node ? &w->own.column[p->column] : &w->rows.column[p->column];
}

static Vector vector_of(const OpWindow *w, const Place *p)
{
    const RowsColumn *c = column_of(w, p);
    return (Vector){.type = c->type, .data = c->data, .nulls = c->nulls};
}

static size_t bitmap_bytes(uint32_t rows) { return ((size_t)rows + 63) / 64 * sizeof(uint64_t); }

// Results are written in place: room, and bitmaps that rows_done gives back.
static bool results_room(OpWindow *w, Err *err)
{
    if (!rows_room(&w->results, w->rows.count, err)) return false;
    for (uint32_t i = 0; i < w->results.columns; i++) {
        RowsColumn *c = &w->results.column[i];
        void *nulls = NULL;
        if (!memory_grow(w->results.memory, &nulls, 0, bitmap_bytes(w->results.cap), err)) return false;
        c->nulls = memset(nulls, 0, bitmap_bytes(w->results.cap));
        memset(c->data, 0, (size_t)w->results.cap * c->cell);
    }
    w->results.count = w->rows.count;
    return true;
}

static bool map_make(OpWindow *w, Err *err)
{
    const uint32_t n = w->rows.count + 1;
    void *room = NULL;
    if (!memory_grow(&w->op.memory, &room, 0, (size_t)n * MAP_ARRAYS * sizeof(uint32_t), err)) return false;
    uint32_t *a = w->map_room = room;
    w->map_rows = n;
    w->map = (WindowMap){NULL,
                         a,
                         a + n,
                         a + 2 * (size_t)n,
                         a + 3 * (size_t)n,
                         a + 4 * (size_t)n,
                         a + 5 * (size_t)n,
                         a + 6 * (size_t)n};
    return true;
}

// ---- sorting, partitions, peers ----

static bool sort_run(OpWindow *w, WindowSort *s, Err *err)
{
    const uint32_t n = w->rows.count;
    Rows keys = {.memory = &w->op.memory, .columns = s->keys, .count = n, .cap = n};
    void *room = NULL;
    keys.column = arena_array(&w->op.mem, RowsColumn, s->keys + 1);
    for (uint32_t i = 0; i < s->keys; i++) keys.column[i] = *column_of(w, &s->key[i]);
    if (!memory_grow(&w->op.memory, &room, 0, ((size_t)n + 1) * sizeof(uint32_t), err)) return false;
    s->row = room;
    for (uint32_t i = 0; i < n; i++) s->row[i] = i;
    return !s->keys || sort_rows(s->row, n, &keys, s->order, w->op.exec->ctx->cancel, err);
}

typedef struct Same {
    Vector *key;
    uint32_t from, to;
} Same;

static bool same_keys(const Same *s, uint32_t a, uint32_t b)
{
    for (uint32_t i = s->from; i < s->to; i++)
        if (!order_same(&s->key[i], a, &s->key[i], b)) return false;
    return true;
}

static void find_peers(OpWindow *w, WindowPart *part, const Same *order)
{
    const WindowMap *m = &w->map;
    part->groups = 0;
    for (uint32_t from = part->from, to; from < part->to; from = to) {
        for (to = from + 1; to < part->to && same_keys(order, m->row[to - 1], m->row[to]);) to++;
        m->group_from[part->from + part->groups] = from;
        for (uint32_t i = from; i < to; i++) {
            m->peer_from[i] = from;
            m->peer_to[i] = to;
            m->group[i] = part->groups;
        }
        part->groups++;
    }
}

// ---- calls ----

// Arguments and filter of an aggregate in sorted order.
static bool fold_args(OpWindow *w, WindowFold *f, const WindowRun *r, Arena *mem, Err *err)
{
    const uint32_t n = w->rows.count;
    uint32_t columns = f->call->args + (f->call->filter ? 1 : 0);
    size_t bytes = 0;
    f->in = arena_array(mem, Vector, columns + 1);
    for (uint32_t i = 0; i < columns; i++) {
        Vector v = vector_of(w, i < f->call->args ? &r->arg[i] : &r->filter);
        const RowsColumn c = {.type = v.type,
                              .cell = (uint32_t)phys_size(type_phys(v.type.id)),
                              .data = v.data,
                              .nulls = v.nulls};
        const Rows one = {.columns = 1, .column = (RowsColumn *)(uintptr_t)&c, .count = n};
        const size_t size = ((size_t)n + 64) * c.cell + bitmap_bytes(n) + 64;
        unsigned char *room = memory_take(&w->op.memory, size, err) ? arena_try(mem, size, 1) : NULL;
        if (!room)
            return err_any(err) ? false : err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for a window");
        bytes += size;
        uint64_t *nulls = memset(room, 0, bitmap_bytes(n) + 16);
        f->in[i] = (Vector){.type = v.type, .data = room + (bitmap_bytes(n) + 15) / 16 * 16, .nulls = nulls};
        rows_gather(&one, 0, w->map.row, n, NULL, &f->in[i]);
        if (!v.nulls) f->in[i].nulls = NULL;
    }
    memory_give(&w->op.memory, bytes);
    if (!f->call->filter) return true;
    uint64_t *pass = arena_try(mem, n / 64 + 1, sizeof(uint64_t));
    if (!pass) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for a window");
    memset(pass, 0, (n / 64 + 1) * sizeof(uint64_t));
    const Vector *v = &f->in[f->call->args];
    for (uint32_t i = 0; i < n; i++)
        if (((const uint8_t *)v->data)[i] && !vector_is_null(v, i)) pass[i >> 6] |= UINT64_C(1) << (i & 63);
    f->pass = pass;
    return true;
}

static bool fold_begin(OpWindow *w, WindowFold *f, const WindowCall *c, const WindowRun *r, Arena *mem,
                       Err *err)
{
    enum { ALIGN = 16 };
    *f = (WindowFold){.call = &c->call, .exec = w->op.exec, .results = w->result_mem};
    f->stride = ((size_t)c->call.function->state_size + ALIGN - 1) / ALIGN * ALIGN;
    if (!f->stride) f->stride = ALIGN;
    f->state = arena_get(mem, f->stride);
    return fold_args(w, f, r, mem, err);
}

static bool edges_begin(OpWindow *w, WindowEdges *e, const WindowCall *c, const WindowRun *r, Err *err)
{
    const WindowDef *def = &plan_as(PlanWindow, w->op.plan)->window[c->window];
    const WindowSort *s = &w->sort[c->window];
    *e = (WindowEdges){.frame = &c->frame, .has_key = def->order_keys > 0};
    if (e->has_key) {
        e->descending = def->order[0].descending;
        e->key = vector_of(w, c->frame.key ? &r->key : &s->key[s->partitions]);
    }
    if (c->frame.from_bound) e->from_bound = vector_of(w, &r->from_bound);
    if (c->frame.to_bound) e->to_bound = vector_of(w, &r->to_bound);
    if (r->from_offset && !eval_value(r->from_offset, &w->op.eval, &e->from_offset, &w->op.mem, err))
        return false;
    if (r->to_offset && !eval_value(r->to_offset, &w->op.eval, &e->to_offset, &w->op.mem, err)) return false;
    return window_edges_check(e, err);
}

static bool count_results(OpWindow *w, Err *err)
{
    const size_t used = w->result_mem->used;
    const size_t more = used > w->result_counted ? used - w->result_counted : 0;
    if (!memory_take(&w->op.memory, more, err)) return false;
    w->result_counted += more;
    return true;
}

static bool call_parts(OpWindow *w, const WindowCall *c, WindowPart *part, const WindowEdges *e,
                       WindowFold *f, Err *err)
{
    const WindowSort *s = &w->sort[c->window];
    Vector *key = arena_array(&w->op.mem, Vector, s->keys + 1);
    for (uint32_t i = 0; i < s->keys; i++) key[i] = vector_of(w, &s->key[i]);
    const Same partition = {key, 0, s->partitions}, order = {key, s->partitions, s->keys};
    const bool framed = !c->function || c->function->framed;
    for (uint32_t from = 0, n = w->rows.count; from < n; from = part->to) {
        part->from = from;
        for (part->to = from + 1; part->to < n; part->to++)
            if (!same_keys(&partition, w->map.row[part->to - 1], w->map.row[part->to])) break;
        if (!exec_go_on(w->op.exec, err)) return false;
        find_peers(w, part, &order);
        if (framed && !window_frames(part, e, err)) return false;
        if (c->function ? !c->function->run(part, err) : !window_fold(f, part, err)) return false;
        if (!count_results(w, err)) return false;
    }
    return true;
}

static bool call_run(OpWindow *w, uint32_t number, Err *err)
{
    const WindowCall *c = &plan_as(PlanWindow, w->op.plan)->call[number];
    const WindowRun *r = &w->run[number];
    Arena mem = {0};
    WindowEdges e;
    WindowFold f = {0};
    w->map.row = w->sort[w->sort[c->window].same].row;
    Vector out = rows_vector(&w->results, number), *arg = arena_array(&mem, Vector, c->call.args + 1);
    for (uint32_t i = 0; i < c->call.args; i++) arg[i] = vector_of(w, &r->arg[i]);
    WindowPart part = {
        .map = &w->map, .exclude = c->frame.exclude, .arg = arg, .args = c->call.args, .out = &out};
    bool ok = edges_begin(w, &e, c, r, err);
    if (ok && !c->function) ok = fold_begin(w, &f, c, r, &mem, err);
    ok = ok && call_parts(w, c, &part, &e, &f, err);
    arena_done(&f.scratch);
    arena_done(&mem);
    return ok;
}

// ---- the operator ----

static bool window_open(Operator *op, Err *err)
{
    OpWindow *w = (OpWindow *)op;
    const PlanWindow *p = plan_as(PlanWindow, op->plan);
    w->next = 0;
    w->result_counted = 0;
    w->result_mem = arena_new(&op->mem, Arena);
    arena_init(w->result_mem, 0);
    rows_make(w);
    if (!rows_take(w, err)) return false;
    if (!w->rows.count) return true;
    if (!results_room(w, err) || !map_make(w, err)) return false;
    for (uint32_t i = 0; i < p->windows; i++) {
        if (w->sort[i].same != i) continue;
        if (!sort_run(w, &w->sort[i], err)) return false;
    }
    for (uint32_t i = 0; i < p->calls; i++)
        if (!call_run(w, i, err)) return false;
    return true;
}

static bool window_next(Operator *op, Batch **out, Err *err)
{
    OpWindow *w = (OpWindow *)op;
    const uint32_t left = w->rows.count - w->next, n = left < BATCH_ROWS ? left : BATCH_ROWS;
    const uint32_t columns = child_columns(w);
    (void)err;
    *out = NULL;
    if (!n) return true;
    const uint32_t *row = plan_as(PlanWindow, op->plan)->windows ? w->sort[w->shown].row + w->next : NULL;
    operator_output_clear(op);
    for (uint32_t c = 0; c < columns; c++) rows_gather(&w->rows, c, row, n, NULL, &op->out.vector[c]);
    for (uint32_t c = columns; c < op->out.columns; c++)
        rows_gather(&w->results, c - columns, row, n, NULL, &op->out.vector[c]);
    op->out.rows = op->out.sel_len = n;
    w->next += n;
    *out = &op->out;
    return true;
}

static void window_close(Operator *op)
{
    OpWindow *w = (OpWindow *)op;
    Memory *memory = &op->memory;
    for (uint32_t i = 0; i < plan_as(PlanWindow, op->plan)->windows; i++) {
        memory_free(memory, w->sort[i].row, ((size_t)w->rows.count + 1) * sizeof(uint32_t));
        w->sort[i].row = NULL;
    }
    memory_free(memory, w->map_room, (size_t)w->map_rows * MAP_ARRAYS * sizeof(uint32_t));
    w->map_room = NULL;
    memory_give(memory, w->result_counted);
    if (w->result_mem) arena_done(w->result_mem);
    w->result_mem = NULL;
    rows_done(&w->rows);
    rows_done(&w->own);
    rows_done(&w->results);
}

const OperatorKind op_window = {sizeof(OpWindow), window_make, window_open, window_next, window_close};
