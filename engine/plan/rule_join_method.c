// Rule: how each join is carried out: by hash on its equalities, by an index of the right table when the left
// side is small, else by comparing all pairs. Not optional: FULL and NOT IN need the hash join. Relies on
// rel_in.h.
#include "engine/plan/rel_in.h"

#define INDEX_ROW_COST 4.0 // of one look-up, beside scanning one row
#define HASH_ROW_COST  1.5

typedef struct Keys {
    uint32_t count;
    Expr **left, **right;
    ExprList rest;
} Keys;

static Keys split(Planner *p, Rel *r)
{
    IdSet left = rel_output(p, r->child[0]), right = rel_output(p, r->child[1]);
    Keys k = {.left = arena_array(p->mem, Expr *, r->where.count + 1),
              .right = arena_array(p->mem, Expr *, r->where.count + 1)};
    for (uint32_t i = 0; i < r->where.count; i++) {
        if (rel_equality(p, r->where.at[i], &left, &right, &k.left[k.count], &k.right[k.count]))
            k.count++;
        else
            rel_list_add(p, &k.rest, r->where.at[i]);
    }
    return k;
}

static void take_hash(Rel *r, const Keys *k)
{
    r->method = METHOD_HASH;
    r->keys = k->count;
    r->left_key = k->left;
    r->right_key = k->right;
    r->where = k->rest;
    r->rows = -1;
}

// FULL JOIN without any equality: every row meets every row under one key.
static void take_hash_on_nothing(Planner *p, Rel *r, Keys *k)
{
    k->left[0] = rel_true(p);
    k->right[0] = rel_true(p);
    k->count = 1;
    take_hash(r, k);
}

static uint32_t key_on(const Keys *k, const Rel *table, uint16_t position)
{
    for (uint32_t i = 0; i < k->count; i++) {
        const Expr *e = k->right[i];
        for (uint32_t c = 0; e->kind == EXPR_SLOT && c < table->columns; c++)
            if (table->id[c] == e->slot && table->position[c] == position && e->type.id != TYPE_CHAR &&
                k->left[i]->type.id == e->type.id)
                return i;
    }
    return UINT32_MAX;
}

// The index of the right table whose columns are all join keys.
static const IndexDef *index_for(const Keys *k, const Rel *table)
{
    const TableDef *def = table_def(table->table);
    const IndexDef *best = NULL;
    for (uint16_t i = 0; i < def->index_count; i++) {
        const IndexDef *index = &def->index[i];
        bool all = !index->predicate;
        for (uint16_t c = 0; c < index->column_count && all; c++)
            all = key_on(k, table, index->column[c]) != UINT32_MAX;
        if (all && (!best || (index->unique && !best->unique))) best = index;
    }
    return best;
}

static bool index_pays(Planner *p, Rel *r, const Rel *table)
{
    double left = cost_rows(p, r->child[0]), inner = (double)table_rows_estimate(table->table);
    return left * INDEX_ROW_COST < inner * HASH_ROW_COST;
}

static bool try_index(Planner *p, Rel *r, const Keys *k)
{
    Rel *table = r->child[1];
    bool kind = r->join == JOIN_INNER || r->join == JOIN_LEFT || r->join == JOIN_SEMI || r->join == JOIN_ANTI;
    if (!kind || table->kind != REL_TABLE || table->index || table->row_position || !k->count) return false;
    const IndexDef *index = index_for(k, table);
    if (!index || !index_pays(p, r, table)) return false;
    bool *used = arena_array(p->mem, bool, k->count + 1);
    r->left_key = arena_array(p->mem, Expr *, index->column_count + 1);
    r->keys = index->column_count;
    for (uint16_t c = 0; c < index->column_count; c++) {
        uint32_t i = key_on(k, table, index->column[c]);
        used[i] = true;
        r->left_key[c] = k->left[i];
    }
    ExprList rest = {0};
    IdSet left = rel_output(p, r->child[0]), right = rel_output(p, table);
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->where.count; i++) {
        Expr *a, *b;
        bool is_key = rel_equality(p, r->where.at[i], &left, &right, &a, &b);
        if (!is_key || !used[n]) rel_list_add(p, &rest, r->where.at[i]);
        n += is_key;
    }
    r->where = rest;
    r->method = METHOD_INDEX;
    table->index = index;
    table->zones = 0;
    r->rows = -1;
    return true;
}

static void turn(Planner *p, Rel *r)
{
    Rel *left = r->child[0];
    r->child[0] = r->child[1];
    r->child[1] = left;
    rel_refresh(p, r);
}

// The same with the sides changed: the small side may stand on the right.
static bool try_index_turned(Planner *p, Rel *r)
{
    turn(p, r);
    Keys k = split(p, r);
    if (try_index(p, r, &k)) return true;
    turn(p, r);
    return false;
}

static bool reads_left(Planner *p, const Rel *r)
{
    IdSet left = rel_output(p, r->child[0]), borrowed = rel_set_new(p);
    rel_free_ids(p, r->child[1], &borrowed);
    return rel_set_meets(&borrowed, &left);
}

static void choose(Planner *p, Rel *r)
{
    if (r->method != METHOD_LOOP) return;
    if (r->lateral && reads_left(p, r)) {
        r->method = METHOD_APPLY;
        return;
    }
    bool must_hash =
        r->join == JOIN_FULL || r->join == JOIN_ANTI_NULL || r->join == JOIN_SINGLE || r->join == JOIN_MARK;
    if (p->request->no_optimise && !must_hash) return;
    Keys k = split(p, r);
    if (must_hash && !k.count) {
        if (r->join == JOIN_FULL && k.rest.count) {
            err_set(p->err, SQLSTATE_UNSUPPORTED,
                    "FULL JOIN is only supported with merge-joinable or hash-joinable join conditions");
            err_hint(p->err, "Write an equality between the two sides into the condition.");
            return;
        }
        take_hash_on_nothing(p, r, &k);
        return;
    }
    if (!must_hash && try_index(p, r, &k)) return;
    if (r->join == JOIN_INNER && try_index_turned(p, r)) return;
    if (k.count) take_hash(r, &k);
}

static void visit(Planner *p, Rel *r)
{
    for (uint32_t i = 0; i < r->children; i++) visit(p, r->child[i]);
    if (r->kind == REL_JOIN && !err_any(p->err)) choose(p, r);
}

static Rel *apply(Planner *p, Rel *root)
{
    visit(p, root);
    if (err_any(p->err)) return NULL;
    rel_refresh(p, root);
    return root;
}

const Rule rule_join_method = {"join method", apply};
