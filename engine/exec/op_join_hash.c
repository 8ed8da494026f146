// Hash join: the right side goes into Keys (numbers of distinct key tuples) with its rows sorted by that
// number, so that the matches of a key lie side by side. Rows with a NULL key match nothing. When all keys
// differ, the key's number is the row's, and left batches pass through uncopied. When memory runs short both
// sides are shared out into parts by the hash of the keys, which are joined one after the other, and those
// too large shared out again (Grace hash join: Kitsuregawa, Tanaka, Moto-oka 1983).
#include "engine/exec/join.h"
#include "engine/exec/keys.h"
#include "engine/exec/spill.h"

#include "engine/base/size.h"
#include <stdlib.h>
#include <string.h>

enum { BUILD_LOOK_ROWS = 65536, BUILD_TIMES = 2 }; // between two looks at the cancel flag

// A part of both sides that waits for its turn.
typedef struct HashPart {
    Spill build, probe; // build: the keys, then the right columns that are needed
    unsigned level;
    struct HashPart *next;
} HashPart;

// What is shared out at the moment.
typedef struct HashSplit {
    SpillParts build, probe;
} HashSplit;

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
    // parts
    Type *build_type;
    bool *build_stay, *probe_stay;
    Type *probe_type;
    Vector *build_cells;
    HashSplit *split; // NULL = all is in memory
    HashPart *waiting, *part;
    SpillReader reader; // of part->probe
    unsigned level;
    bool any_build; // of all parts
    uint32_t build_columns;
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

// Of the *n rows in `in` (NULL = all) those without a NULL among the keys at hand, to sel.
static void keyed_rows(const HashJoin *h, const uint16_t *in, uint16_t *sel, uint32_t *n)
{
    for (uint32_t k = 0; k < h->join.plan->keys; k++) {
        if (!h->key[k].nulls) continue;
        *n = eval_not_null(&h->key[k], in, *n, sel);
        in = sel;
    }
    if (!in)
        eval_all_rows(sel, *n);
    else if (in != sel)
        memcpy(sel, in, *n * sizeof(uint16_t));
}

// Evaluates the keys of b and leaves the rows without a NULL key in sel; returns how many through *n.
static bool batch_keys(HashJoin *h, EvalNode **node, Eval *ev, const Batch *b, uint16_t *sel, uint32_t *n,
                       Err *err)
{
    *n = b->sel_len;
    eval_begin(ev, b, err);
    for (uint32_t k = 0; k < h->join.plan->keys; k++) {
        const Vector *v;
        if (!eval_run(node[k], ev, b->sel, b->sel_len, &v)) return false;
        h->key[k] = *v;
    }
    keyed_rows(h, b->sel, sel, n);
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

// Keys and right cells side by side, as a part keeps them.
static const Vector *build_row_cells(HashJoin *h, const Vector *key, const Vector *cells)
{
    uint32_t keys = h->join.plan->keys;
    memcpy(h->build_cells, key, keys * sizeof(Vector));
    if (h->build_columns) memcpy(h->build_cells + keys, cells, h->build_columns * sizeof(Vector));
    return h->build_cells;
}

static bool split_begin(HashJoin *h, Err *err);
static bool split_put(HashJoin *h, const Vector *cells, const uint16_t *rows, uint32_t count, Err *err);

// Rows whose keys are in h->key: `rows` (NULL = all) are kept, sel lists those of them without a NULL key.
static bool build_keep(HashJoin *h, const Vector *cells, const uint16_t *sel, uint32_t n,
                       const uint16_t *rows, uint32_t count, Err *err)
{
    Join *j = &h->join;
    uint32_t group[BATCH_ROWS], base = j->build.count;
    if (h->split) return split_put(h, cells, rows, count, err);
    if (!keys_insert(&h->keys, h->key, sel, n, group, err)) return false;
    if (!rows_append(&j->build, cells, rows, count, err) || !build_room(h, j->build.count, err)) return false;
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

static bool build_batch(HashJoin *h, const Batch *b, Err *err)
{
    Join *j = &h->join;
    uint16_t sel[BATCH_ROWS];
    uint32_t n;
    if (!split_begin(h, err) || !batch_keys(h, h->right_key, &h->right_eval, b, sel, &n, err)) return false;
    bool nulls = n != b->sel_len;
    h->null_key |= nulls;
    bool keep_nulls = j->kind == JOIN_RIGHT || j->kind == JOIN_FULL;
    if (nulls && !keep_nulls) return build_keep(h, b->vector, sel, n, sel, n, err);
    return build_keep(h, b->vector, sel, n, b->sel, b->sel_len, err);
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

// The right side is in memory: makes it ready for left batches.
static bool build_ready(HashJoin *h, Err *err)
{
    Join *j = &h->join;
    if (!keys_close(&h->keys, err) || !exec_go_on(j->op.exec, err) || !build_sort(h, err) ||
        !join_build_done(j, err))
        return false;
    j->one_match = h->identity;
    j->left_done = !j->build.count && !h->null_key && !h->any_build &&
                   (j->kind == JOIN_INNER || j->kind == JOIN_SEMI || j->kind == JOIN_RIGHT);
    return true;
}

static bool build_start(HashJoin *h, Err *err)
{
    Join *j = &h->join;
    rows_init(&j->build, &j->op.memory, h->build_type + j->plan->keys, h->build_columns);
    j->build.borrow = j->op.child[1]->rows_stay;
    h->keys_ready = true;
    return keys_init(&h->keys, &j->op.memory, h->build_type, j->plan->keys, err);
}

static void build_forget(HashJoin *h)
{
    Join *j = &h->join;
    Memory *m = &j->op.memory;
    memory_free(m, h->group, h->groups_cap * sizeof(uint32_t));
    memory_free(m, h->start, h->starts * sizeof(uint32_t));
    memory_free(m, h->order, h->rows_sorted * sizeof(uint32_t));
    memory_free(m, j->build_matched, j->build.count + 1);
    j->build_matched = NULL;
    h->group = h->start = h->order = NULL;
    h->groups_cap = h->starts = h->rows_sorted = 0;
    if (h->keys_ready) keys_done(&h->keys);
    h->keys_ready = false;
    rows_done(&j->build);
}

// ---- parts ----

static void part_done(HashPart *p)
{
    if (!p) return;
    spill_done(&p->build);
    spill_done(&p->probe);
    free(p);
}

static void split_done(HashJoin *h)
{
    if (!h->split) return;
    spill_parts_done(&h->split->build);
    spill_parts_done(&h->split->probe);
    free(h->split);
    h->split = NULL;
}

static bool split_put(HashJoin *h, const Vector *cells, const uint16_t *rows, uint32_t count, Err *err)
{
    keys_hash(&h->keys, h->key, rows, count);
    return spill_parts_add(&h->split->build, build_row_cells(h, h->key, cells), rows, h->keys.hash, count,
                           err);
}

// What is in memory goes to the parts.
static bool split_kept(HashJoin *h, Err *err)
{
    Join *j = &h->join;
    Arena mem = {0};
    Batch window;
    Vector *cells = arena_array(&mem, Vector, j->build.columns + 1), *key = h->key;
    bool ok = true;
    h->key = arena_array(&mem, Vector, j->plan->keys + 1);
    for (uint32_t k = 0; k < j->plan->keys; k++) h->key[k] = vector_new(&mem, h->build_type[k]);
    for (uint32_t from = 0; ok && from < j->build.count; from += BATCH_ROWS) {
        rows_window(&j->build, from, &window, cells);
        for (uint32_t k = 0; k < j->plan->keys; k++) {
            memset(h->key[k].nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
            rows_gather(&h->keys.rows, k, h->group + from, window.rows, NULL, &h->key[k]);
        }
        ok = split_put(h, cells, NULL, window.rows, err);
    }
    h->key = key;
    arena_done(&mem);
    return ok;
}

// Begins to share out when memory runs short.
static bool split_begin(HashJoin *h, Err *err)
{
    Operator *op = &h->join.op;
    if (h->split || h->level >= SPILL_LEVELS || !memory_crowded(&op->memory, BUILD_TIMES)) return true;
    if (!(h->split = size_alloc_zero(1, sizeof *h->split)))
        return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while joining");
    spill_parts_init(&h->split->build, op, h->build_type, h->build_stay,
                     h->join.plan->keys + h->build_columns, h->level);
    spill_parts_init(&h->split->probe, op, h->probe_type, h->probe_stay, h->join.left_columns, h->level);
    h->any_build = true;
    if (!split_kept(h, err)) return false;
    build_forget(h);
    return build_start(h, err);
}

// A left batch to the parts. Rows with a NULL key meet nothing, but some joins give them all the same.
static bool split_probe(HashJoin *h, const Batch *b, Err *err)
{
    const JoinKind kind = h->join.kind;
    uint16_t sel[BATCH_ROWS];
    uint32_t n;
    if (!batch_keys(h, h->left_key, &h->join.op.eval, b, sel, &n, err)) return false;
    const uint16_t *rows = b->sel;
    uint32_t count = b->sel_len;
    if (kind == JOIN_INNER || kind == JOIN_SEMI || kind == JOIN_RIGHT) {
        rows = sel;
        count = n;
    }
    keys_hash(&h->keys, h->key, rows, count);
    return spill_parts_add(&h->split->probe, b->vector, rows, h->keys.hash, count, err);
}

static bool part_matters(JoinKind kind, const Spill *build, const Spill *probe)
{
    switch (kind) {
    case JOIN_INNER:
    case JOIN_SEMI: return build->rows && probe->rows;
    case JOIN_RIGHT: return build->rows;
    case JOIN_FULL: return build->rows || probe->rows;
    default: return probe->rows;
    }
}

static bool split_push(HashJoin *h, Err *err)
{
    HashSplit *s = h->split;
    for (int i = 0; i < SPILL_PARTS; i++) {
        Spill *build = &s->build.part[i], *probe = &s->probe.part[i];
        if (!part_matters(h->join.kind, build, probe)) continue;
        HashPart *p = size_alloc_zero(1, sizeof *p);
        if (!p) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while joining");
        bool ok = spill_seal(build, err) && spill_seal(probe, err);
        *p = (HashPart){*build, *probe, h->level + 1, h->waiting};
        h->waiting = p;
        *build = *probe = (Spill){0};
        if (!ok) return false;
    }
    split_done(h);
    return true;
}

static bool part_build(HashJoin *h, Err *err)
{
    SpillReader r;
    Batch *b;
    bool ok;
    spill_read_begin(&r, &h->part->build);
    while ((ok = spill_read(&r, &b, err)) && b) {
        uint16_t sel[BATCH_ROWS];
        uint32_t n = b->rows;
        if (!(ok = split_begin(h, err))) break;
        memcpy(h->key, b->vector, h->join.plan->keys * sizeof(Vector));
        keyed_rows(h, NULL, sel, &n);
        if (!(ok = build_keep(h, b->vector + h->join.plan->keys, sel, n, NULL, b->rows, err))) break;
    }
    spill_read_done(&r);
    return ok;
}

// The part was too large and is shared out again.
static bool part_split(HashJoin *h, Err *err)
{
    Batch *b;
    for (;;) {
        if (!spill_read(&h->reader, &b, err)) return false;
        if (!b) return split_push(h, err);
        if (!split_probe(h, b, err)) return false;
    }
}

static bool hash_again(Join *j, bool *more, Err *err)
{
    HashJoin *h = (HashJoin *)j;
    while ((*more = h->waiting != NULL)) {
        spill_read_done(&h->reader);
        part_done(h->part);
        h->part = h->waiting;
        h->waiting = h->part->next;
        h->level = h->part->level;
        build_forget(h);
        if (!build_start(h, err) || !part_build(h, err)) return false;
        spill_read_begin(&h->reader, &h->part->probe);
        if (!h->split) return join_open(j, err) && build_ready(h, err);
        if (!part_split(h, err)) return false;
    }
    return true;
}

static bool hash_source(Join *j, Batch **out, Err *err)
{
    return spill_read(&((HashJoin *)j)->reader, out, err);
}

static bool hash_share_out(HashJoin *h, Err *err)
{
    Join *j = &h->join;
    Batch *b;
    bool more;
    for (;;) {
        if (!operator_next(j->op.child[0], &b, err)) return false;
        if (!b) break;
        if (!split_probe(h, b, err)) return false;
    }
    j->source = hash_source;
    j->again = hash_again;
    if (!split_push(h, err) || !hash_again(j, &more, err)) return false;
    if (!more) j->left_done = true;
    return true;
}

// ---- the operator ----

static void hash_types(HashJoin *h)
{
    const Operator *op = &h->join.op;
    const PlanJoin *p = h->join.plan;
    Arena *mem = &h->join.op.mem;
    h->build_columns = join_needs_right(&h->join) ? h->join.right_columns : 0;
    uint32_t all = p->keys + h->build_columns;
    h->build_type = arena_array(mem, Type, all + 1);
    h->build_stay = arena_array(mem, bool, all + 1);
    h->build_cells = arena_array(mem, Vector, all + 1);
    h->probe_type = arena_array(mem, Type, h->join.left_columns + 1);
    h->probe_stay = arena_array(mem, bool, h->join.left_columns + 1);
    for (uint32_t k = 0; k < p->keys; k++) h->build_type[k] = p->right_key[k]->type;
    for (uint32_t c = 0; c < h->build_columns; c++) {
        h->build_type[p->keys + c] = op->plan->child[1]->column[c].type;
        h->build_stay[p->keys + c] = op->child[1]->rows_stay;
    }
    for (uint32_t c = 0; c < h->join.left_columns; c++) {
        h->probe_type[c] = op->plan->child[0]->column[c].type;
        h->probe_stay[c] = op->child[0]->rows_stay;
    }
}

static bool hash_open(Operator *op, Err *err)
{
    HashJoin *h = (HashJoin *)op;
    Join *j = &h->join;
    Batch *b;
    if (j->plan->keys > SCHEMA_KEY_COLUMNS_MAX)
        return err_set(err, SQLSTATE_LIMIT, "a join compares too many columns");
    hash_types(h);
    h->null_key = h->any_build = false;
    h->level = 0;
    j->source = NULL;
    j->again = NULL;
    if (!join_open(j, err) || !build_start(h, err)) return false;
    for (;;) {
        if (!operator_next(op->child[1], &b, err)) return false;
        if (!b) break;
        if (!build_batch(h, b, err)) return false;
    }
    return h->split ? hash_share_out(h, err) : build_ready(h, err);
}

static void hash_close(Operator *op)
{
    HashJoin *h = (HashJoin *)op;
    build_forget(h);
    split_done(h);
    spill_read_done(&h->reader);
    part_done(h->part);
    h->part = NULL;
    while (h->waiting) {
        HashPart *next = h->waiting->next;
        part_done(h->waiting);
        h->waiting = next;
    }
    eval_done(&h->right_eval);
    join_close(op);
}

static bool hash_start(Join *j, Err *err)
{
    HashJoin *h = (HashJoin *)j;
    if (!batch_keys(h, h->left_key, &j->op.eval, j->probe, h->sel, &h->n, err)) return false;
    keys_find(&h->keys, h->key, h->sel, h->n, h->found);
    h->at = h->step = 0;
    bool three = (j->kind == JOIN_MARK || j->kind == JOIN_ANTI_NULL) &&
                 (j->build.count || h->any_build || h->null_key);
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
