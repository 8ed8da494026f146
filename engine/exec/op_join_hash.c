// Hash join: the right side goes into Keys (numbers of distinct key tuples) with its rows sorted by that
// number, so that the matches of a key lie side by side. Rows with a NULL key match nothing. When all keys
// differ, the key's number is the row's, and left batches pass through uncopied.
#include "engine/exec/join.h"
#include "engine/exec/keys.h"

#include <string.h>

enum { BUILD_LOOK_ROWS = 65536 }; // between two looks at the cancel flag

typedef struct HashJoin {
    Join join;
    EvalNode **left_key, **right_key;
    Eval right_eval;
    Vector *key;
    Keys keys;
    bool keys_ready, null_key, identity;
    uint32_t *group; // per build row, then reused as `order`
    uint32_t groups_cap;
    uint32_t *start, *order; // matches of group g: order[start[g] … start[g + 1]-1]
    uint32_t rows_sorted, starts;
    // the left batch at work
    uint16_t sel[BATCH_ROWS];
    uint32_t found[BATCH_ROWS];
    uint32_t n, at, step;
} HashJoin;

static bool hash_start(Join *j, Err *err);
static bool hash_pairs(Join *j, bool *more, Err *err);

static bool hash_make(Operator *op, Err *err)
{
    HashJoin *h = (HashJoin *)op;
    const PlanJoin *p = plan_as(PlanJoin, op->plan);
    h->join.right_columns = op->plan->child[1]->columns;
    h->join.start = hash_start;
    h->join.pairs = hash_pairs;
    h->join.right_cells = join_build_cells;
    op->rows_stay = op->child[0]->rows_stay && op->child[1]->rows_stay;
    eval_init(&h->right_eval, op->exec, op->scope);
    h->key = arena_array(&op->exec->mem, Vector, p->keys + 1);
    return join_make(&h->join, err) && eval_compile_all(&h->left_key, p->left_key, p->keys, &op->eval, err) &&
           eval_compile_all(&h->right_key, p->right_key, p->keys, &h->right_eval, err);
}

// Evaluates the keys of b and leaves the rows without a NULL key in sel; returns how many through *n.
static bool batch_keys(HashJoin *h, EvalNode **node, Eval *ev, const Batch *b, uint16_t *sel, uint32_t *n,
                       Err *err)
{
    const uint16_t *in = b->sel;
    *n = b->sel_len;
    eval_begin(ev, b, err);
    for (uint32_t k = 0; k < h->join.plan->keys; k++) {
        const Vector *v;
        if (!eval_run(node[k], ev, b->sel, b->sel_len, &v)) return false;
        h->key[k] = *v;
    }
    for (uint32_t k = 0; k < h->join.plan->keys; k++) {
        if (!h->key[k].nulls) continue;
        *n = eval_not_null(&h->key[k], in, *n, sel);
        in = sel;
    }
    if (!in)
        eval_all_rows(sel, *n);
    else if (in != sel)
        memcpy(sel, in, *n * sizeof(uint16_t));
    return true;
}

static bool build_room(HashJoin *h, uint32_t rows, Err *err)
{
    if (rows <= h->groups_cap) return true;
    uint32_t cap = h->groups_cap ? h->groups_cap : BATCH_ROWS;
    while (cap < rows) cap *= 2;
    void *at = h->group;
    if (!memory_grow(h->join.build.memory, &at, h->groups_cap * sizeof(uint32_t), cap * sizeof(uint32_t),
                     err))
        return false;
    h->group = at;
    h->groups_cap = cap;
    return true;
}

static bool build_batch(HashJoin *h, const Batch *b, Err *err)
{
    Join *j = &h->join;
    uint16_t sel[BATCH_ROWS];
    uint32_t group[BATCH_ROWS], n, base = j->build.count;
    if (!batch_keys(h, h->right_key, &h->right_eval, b, sel, &n, err)) return false;
    bool nulls = n != b->sel_len;
    h->null_key |= nulls;
    bool keep_nulls = j->kind == JOIN_RIGHT || j->kind == JOIN_FULL;
    const uint16_t *rows = nulls && !keep_nulls ? sel : b->sel;
    uint32_t count = nulls && !keep_nulls ? n : b->sel_len;
    if (!keys_insert(&h->keys, h->key, sel, n, group, err)) return false;
    if (!rows_append(&j->build, b->vector, rows, count, err) || !build_room(h, j->build.count, err))
        return false;
    if (count == n) {
        if (n) memcpy(h->group + base, group, n * sizeof(uint32_t));
        return true;
    }
    for (uint32_t i = 0, k = 0; i < count; i++) {
        bool keyed = k < n && sel[k] == (rows ? rows[i] : i);
        h->group[base + i] = keyed ? group[k] : KEYS_NONE;
        k += keyed;
    }
    return true;
}

// Sorts row numbers by group (counting sort).
static bool build_sort(HashJoin *h, Err *err)
{
    Join *j = &h->join;
    uint32_t groups = keys_count(&h->keys), rows = j->build.count;
    h->identity = groups == rows;
    if (h->identity) return true;
    void *start = NULL, *order = NULL;
    if (!memory_grow(j->build.memory, &start, 0, (groups + 2) * sizeof(uint32_t), err)) return false;
    h->start = memset(start, 0, (groups + 2) * sizeof(uint32_t));
    h->starts = groups + 2;
    if (!memory_grow(j->build.memory, &order, 0, (rows + 1) * sizeof(uint32_t), err)) return false;
    h->order = order;
    h->rows_sorted = rows + 1;
    for (uint32_t r = 0; r < rows; r++) {
        if (r % BUILD_LOOK_ROWS == 0 && !exec_go_on(j->op.exec, err)) return false;
        if (h->group[r] != KEYS_NONE) h->start[h->group[r] + 2]++;
    }
    for (uint32_t g = 1; g < groups + 2; g++) h->start[g] += h->start[g - 1];
    for (uint32_t r = 0; r < rows; r++) {
        if (r % BUILD_LOOK_ROWS == 0 && !exec_go_on(j->op.exec, err)) return false;
        if (h->group[r] != KEYS_NONE) h->order[h->start[h->group[r] + 1]++] = r;
    }
    return true;
}

static bool hash_open(Operator *op, Err *err)
{
    HashJoin *h = (HashJoin *)op;
    Join *j = &h->join;
    Type type[SCHEMA_KEY_COLUMNS_MAX], *cells;
    Batch *b;
    if (j->plan->keys > SCHEMA_KEY_COLUMNS_MAX)
        return err_set(err, SQLSTATE_LIMIT, "a join compares too many columns");
    for (uint32_t k = 0; k < j->plan->keys; k++) type[k] = j->plan->right_key[k]->type;
    uint32_t columns = join_needs_right(j) ? j->right_columns : 0;
    cells = arena_array(&op->mem, Type, columns + 1);
    for (uint32_t c = 0; c < columns; c++) cells[c] = op->plan->child[1]->column[c].type;
    rows_init(&j->build, op->exec->memory, cells, columns);
    j->build.borrow = op->child[1]->rows_stay;
    h->keys_ready = true;
    h->null_key = false;
    if (!join_open(j, err) || !keys_init(&h->keys, op->exec->memory, type, j->plan->keys, err)) return false;
    for (;;) {
        if (!operator_next(op->child[1], &b, err)) return false;
        if (!b) break;
        if (!build_batch(h, b, err)) return false;
    }
    if (!keys_close(&h->keys, err) || !exec_go_on(op->exec, err) || !build_sort(h, err) ||
        !join_build_done(j, err))
        return false;
    j->one_match = h->identity;
    if (!j->build.count && !h->null_key &&
        (j->kind == JOIN_INNER || j->kind == JOIN_SEMI || j->kind == JOIN_RIGHT))
        j->left_done = true;
    return true;
}

static void hash_close(Operator *op)
{
    HashJoin *h = (HashJoin *)op;
    Memory *m = op->exec->memory;
    memory_free(m, h->group, h->groups_cap * sizeof(uint32_t));
    memory_free(m, h->start, h->starts * sizeof(uint32_t));
    memory_free(m, h->order, h->rows_sorted * sizeof(uint32_t));
    h->group = h->start = h->order = NULL;
    h->groups_cap = h->starts = h->rows_sorted = 0;
    if (h->keys_ready) keys_done(&h->keys);
    h->keys_ready = false;
    eval_done(&h->right_eval);
    join_close(op);
}

static bool hash_start(Join *j, Err *err)
{
    HashJoin *h = (HashJoin *)j;
    if (!batch_keys(h, h->left_key, &j->op.eval, j->probe, h->sel, &h->n, err)) return false;
    keys_find(&h->keys, h->key, h->sel, h->n, h->found);
    h->at = h->step = 0;
    bool three = (j->kind == JOIN_MARK || j->kind == JOIN_ANTI_NULL) && (j->build.count || h->null_key);
    if (!three || (h->n == j->probe->sel_len && !h->null_key)) return true;
    memset(j->unknown, 1, j->probe->rows); // rows with a NULL key, and all when the right side holds one
    for (uint32_t i = 0; !h->null_key && i < h->n; i++) j->unknown[h->sel[i]] = 0;
    return true;
}

// Unique keys: one candidate per left row; an outer join without a filter says NULL in the same breath.
static void pairs_unique(HashJoin *h)
{
    Join *j = &h->join;
    bool outer = !j->filter && h->n == j->probe->sel_len &&
                 (j->kind == JOIN_LEFT || j->kind == JOIN_FULL || j->kind == JOIN_SINGLE);
    uint32_t n = 0;
    if (outer) {
        memcpy(j->left_row, h->sel, h->n * sizeof(uint16_t));
        memcpy(j->right_row, h->found, h->n * sizeof(uint32_t)); // KEYS_NONE is ROWS_NONE
        j->count = h->n;
        return;
    }
    for (uint32_t i = 0; i < h->n; i++) {
        j->left_row[n] = h->sel[i];
        j->right_row[n] = h->found[i];
        n += h->found[i] != KEYS_NONE;
    }
    j->count = n;
}

static bool hash_pairs(Join *j, bool *more, Err *err)
{
    HashJoin *h = (HashJoin *)j;
    (void)err;
    *more = false;
    if (h->identity) {
        pairs_unique(h);
        return true;
    }
    const bool first_only = !j->filter && !join_needs_right(j);
    for (; h->at < h->n; h->at++, h->step = 0) {
        uint32_t g = h->found[h->at];
        if (g == KEYS_NONE) continue;
        uint32_t from = h->start[g], to = first_only ? from + 1 : h->start[g + 1];
        for (uint32_t r = from + h->step; r < to; r++, h->step++) {
            if (j->count == BATCH_ROWS) {
                *more = true;
                return true;
            }
            j->left_row[j->count] = h->sel[h->at];
            j->right_row[j->count++] = h->order[r];
        }
    }
    return true;
}

const OperatorKind op_join_hash = {sizeof(HashJoin), hash_make, hash_open, join_next, hash_close};
