// Rule: a table whose conditions fix an index's columns, or bound the first column of a sorted one, is read
// through that index when few of its rows are wanted; a unique index with all columns fixed gives the point
// look-up. Relies on rel_in.h.
#include "engine/plan/rel_in.h"

#define INDEX_SHARE_MAX 0.15 // of the table's rows; above it a scan is cheaper
enum { INDEX_ROWS_SMALL = 1 };

// `column op value` with the value made without this table.
typedef struct Bounding {
    uint32_t where; // which conjunct
    uint16_t column;
    char op; // '=', '<', '>'
    bool open;
    Expr *value;
} Bounding;

// A key of the column's own type: text and varchar are alike, and char(n) is left to the scan.
static Expr *as_key(Planner *p, Expr *value, TypeId want)
{
    if (want == TYPE_CHAR) return NULL;
    if (value->type.id == want) return value;
    bool strings = type_is_string(value->type.id) && type_is_string(want) && value->type.id != TYPE_CHAR;
    if (!strings) return NULL;
    Expr *e = arena_new(p->mem, Expr);
    *e = *value;
    e->type = type_of(want);
    if (value->kind == EXPR_CONSTANT) {
        e->value.type = e->type;
        return e;
    }
    *e = (Expr){.kind = EXPR_CAST,
                .type = type_of(want),
                .at = value->at,
                .args = 1,
                .arg = arena_array(p->mem, Expr *, 1)};
    e->arg[0] = value;
    return e;
}

// The hidden columns' expressions over the table's ids; NULL where one reads a column that the query does
// not.
typedef struct Hidden {
    Expr **expr;
} Hidden;

typedef struct ColumnMap {
    const Rel *r;
    Planner *p;
    bool missing;
} ColumnMap;

static Expr *to_id(const Expr *slot, void *arg)
{
    ColumnMap *m = arg;
    uint32_t stored = m->r->columns - (m->r->row_position ? 1 : 0);
    for (uint32_t c = 0; c < stored; c++)
        if (m->r->position[c] == slot->slot) return rel_slot(m->p, m->r->id[c], slot->at);
    m->missing = true;
    return NULL;
}

static bool hidden_of(Planner *p, const Rel *r, Hidden *out)
{
    const TableDef *def = table_def(r->table);
    const PlanContext context = {p->request->functions, &p->search, p->request->cast};
    out->expr = arena_array(p->mem, Expr *, def->hidden_count + 1);
    for (uint16_t h = 0; h < def->hidden_count; h++) {
        const ColumnDef *c = &def->column[def->column_count + h];
        ColumnMap map = {.r = r, .p = p};
        Expr *e;
        if (!plan_bind_text(&e, c->generated, def, c->type, &context, p->mem, p->err)) return false;
        e = rel_replace(p, e, to_id, &map);
        out->expr[h] = map.missing ? NULL : e;
    }
    return true;
}

// Does a condition of the query say the same, or compare what must not be NULL?
static bool is_said(const Rel *r, const Expr *part)
{
    for (uint32_t i = 0; i < r->where.count; i++) {
        const Expr *e = r->where.at[i];
        if (expr_equal(e, part)) return true;
        bool wants_value = part->kind == EXPR_IS_NULL && part->negated && rel_comparison(e).len;
        if (wants_value && (expr_equal(e->arg[0], part->arg[0]) || expr_equal(e->arg[1], part->arg[0])))
            return true;
    }
    return false;
}

// Every row that the query wants is in the partial index.
static bool is_implied(const Rel *r, const Hidden *hidden, const IndexDef *index)
{
    if (!index->predicate) return true;
    const Expr *e = hidden->expr[index->predicate - 1 - table_def(r->table)->column_count];
    if (!e) return false;
    if (e->kind != EXPR_AND) return is_said(r, e);
    for (uint32_t i = 0; i < e->args; i++)
        if (!is_said(r, e->arg[i])) return false;
    return true;
}

// Which column of the table the expression is: one of its own, or a hidden one that has just this expression.
static bool column_of(const Rel *r, const Hidden *hidden, const Expr *e, uint16_t *out)
{
    uint32_t c = 0, stored = r->columns - (r->row_position ? 1 : 0);
    const TableDef *def = table_def(r->table);
    if (e->kind == EXPR_SLOT) {
        while (c < stored && r->id[c] != e->slot) c++;
        if (c < stored) *out = r->position[c];
        return c < stored;
    }
    for (uint16_t h = 0; h < def->hidden_count; h++)
        if (hidden->expr[h] && expr_equal(hidden->expr[h], e)) {
            *out = (uint16_t)(def->column_count + h);
            return true;
        }
    return false;
}

static bool bounding_of(Planner *p, const Rel *r, const Hidden *hidden, const Expr *e, Bounding *out)
{
    Str op = rel_comparison(e);
    if (!op.len || str_equal(op, STR("<>"))) return false;
    for (int side = 0; side < 2; side++) {
        const Expr *slot = e->arg[side];
        Expr *value = e->arg[1 - side];
        uint16_t column;
        if (!column_of(r, hidden, slot, &column) || !rel_is_movable(value)) continue;
        IdSet ids = rel_set_new(p), own = rel_output(p, r);
        rel_expr_ids(p, value, &ids);
        if (rel_set_meets(&ids, &own)) continue;
        if (!(value = as_key(p, value, slot->type.id))) continue;
        bool turned = side == 1;
        out->column = column;
        out->value = value;
        out->open = op.len == 1;
        out->op = op.at[0] == '=' ? '=' : (op.at[0] == '<') != turned ? '<' : '>';
        return true;
    }
    return false;
}

typedef struct Choice {
    const IndexDef *index;
    uint32_t keys;
    const Bounding *key[SCHEMA_KEY_COLUMNS_MAX];
    const Bounding *low, *high;
    double share; // of the table's rows
    bool point;
} Choice;

static const Bounding *find(const Bounding *b, uint32_t count, uint16_t column, char op)
{
    for (uint32_t i = 0; i < count; i++)
        if (b[i].column == column && b[i].op == op) return &b[i];
    return NULL;
}

static double share_of(Planner *p, const Rel *r, const Bounding *b)
{
    return cost_selectivity(p, r->where.at[b->where]);
}

static bool choice_of(Planner *p, const Rel *r, const IndexDef *index, const Bounding *b, uint32_t count,
                      Choice *out)
{
    *out = (Choice){.index = index, .share = 1};
    for (uint16_t i = 0; i < index->column_count; i++) {
        const Bounding *equal = find(b, count, index->column[i], '=');
        if (!equal) break;
        out->key[out->keys++] = equal;
        out->share *= share_of(p, r, equal);
    }
    bool all = out->keys == index->column_count;
    out->point = all && index->unique;
    if (all || (out->keys && index->kind == INDEX_SORTED)) return true;
    out->keys = 0;
    if (index->kind != INDEX_SORTED) return false;
    out->low = find(b, count, index->column[0], '>');
    out->high = find(b, count, index->column[0], '<');
    out->share = 1;
    if (out->low) out->share *= share_of(p, r, out->low);
    if (out->high) out->share *= share_of(p, r, out->high);
    return out->low || out->high;
}

static bool better(const Choice *a, const Choice *b)
{
    if (!b->index) return true;
    if (a->point != b->point) return a->point;
    if ((a->keys > 0) != (b->keys > 0)) return a->keys > 0;
    return a->share < b->share;
}

static void take(Planner *p, Rel *r, const Choice *c)
{
    bool *used = arena_array(p->mem, bool, r->where.count + 1);
    r->index = c->index;
    r->point = c->point;
    r->share = c->share;
    r->keys = c->keys;
    r->key = arena_array(p->mem, Expr *, c->keys + 1);
    for (uint32_t i = 0; i < c->keys; i++) {
        r->key[i] = c->key[i]->value;
        used[c->key[i]->where] = true;
    }
    if (!c->keys) {
        r->range = true;
        r->low = c->low ? c->low->value : NULL;
        r->high = c->high ? c->high->value : NULL;
        r->low_open = c->low && c->low->open;
        r->high_open = c->high && c->high->open;
        if (c->low) used[c->low->where] = true;
        if (c->high) used[c->high->where] = true;
    }
    ExprList rest = {0};
    for (uint32_t i = 0; i < r->where.count; i++)
        if (!used[i]) rel_list_add(p, &rest, r->where.at[i]);
    r->where = rest;
    r->rows = -1;
}

static void choose(Planner *p, Rel *r)
{
    const TableDef *def = table_def(r->table);
    if (r->index || !r->where.count || !def->index_count) return;
    Hidden hidden;
    if (!hidden_of(p, r, &hidden)) return;
    Bounding *b = arena_array(p->mem, Bounding, r->where.count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < r->where.count; i++) {
        b[count].where = i;
        if (bounding_of(p, r, &hidden, r->where.at[i], &b[count])) count++;
    }
    Choice best = {0}, next;
    for (uint16_t i = 0; count && i < def->index_count; i++)
        if (is_implied(r, &hidden, &def->index[i]) && choice_of(p, r, &def->index[i], b, count, &next) &&
            better(&next, &best))
            best = next;
    if (!best.index) return;
    double rows = (double)table_rows_estimate(r->table);
    if (best.point || best.share <= INDEX_SHARE_MAX || best.share * rows <= INDEX_ROWS_SMALL)
        take(p, r, &best);
}

static void visit(Planner *p, Rel *r)
{
    if (r->kind == REL_TABLE) choose(p, r);
    for (uint32_t i = 0; i < r->children; i++) visit(p, r->child[i]);
}

static Rel *apply(Planner *p, Rel *root)
{
    visit(p, root);
    return root;
}

const Rule rule_index = {"index", apply};
