// Bind: ON CONFLICT: which unique keys decide, and what DO UPDATE makes of the row that is there. Relies on
// bind_in.h.
#include "engine/plan/bind_in.h"
#include "engine/sql/print.h"

static bool has_column(const IndexDef *x, uint16_t column)
{
    for (uint16_t i = 0; i < x->column_count; i++)
        if (x->column[i] == column) return true;
    return false;
}

static void decides(PlanConflict *c, const IndexDef *x) { c->index_id[c->indexes++] = x->id; }

static bool by_constraint(Planner *p, const AstInsert *a, const TableDef *def, PlanConflict *c)
{
    for (uint16_t i = 0; i < def->index_count; i++) {
        if (!def->index[i].constraint || !str_equal(def->index[i].name, a->conflict_constraint.text))
            continue;
        decides(c, &def->index[i]);
        return true;
    }
    return err_set_at(p->err, "42704", a->conflict_constraint.at,
                      "constraint \"%.*s\" for table \"%.*s\" does not exist",
                      STR_ARG(a->conflict_constraint.text), STR_ARG(def->name));
}

static bool is_printed(Planner *p, const AstExpr *e, Str text)
{
    (void)p;
    Bytes out;
    bytes_init(&out, SCHEMA_TEXT_MAX);
    print_expr(&out, e);
    bool same = !out.failed && str_equal(bytes_str(&out), text);
    bytes_done(&out);
    return same;
}

// A partial index decides only when the target says its condition.
static bool is_wanted(Planner *p, const AstInsert *a, const TableDef *def, const IndexDef *x)
{
    if (!x->predicate) return true;
    return a->conflict_where && is_printed(p, a->conflict_where, def->column[x->predicate - 1].generated);
}

// A hidden column that has just this expression.
static bool target_expression(Planner *p, const TableDef *def, const AstExpr *e, int *found)
{
    for (uint16_t c = def->column_count; c < schema_stored(def); c++)
        if (is_printed(p, e, def->column[c].generated)) {
            *found = c;
            return true;
        }
    return err_set(p->err, "42P10",
                   "there is no unique or exclusion constraint matching the ON CONFLICT specification");
}

// The columns named, each once; the order does not matter.
static bool target_columns(Planner *p, const AstInsert *a, const TableDef *def, uint16_t *column,
                           uint16_t *count)
{
    for (uint32_t i = 0; i < a->conflict_target.count; i++) {
        const AstExpr *e = a->conflict_target.at[i].expr;
        uint16_t at = 0;
        bool plain = e->kind == AST_COLUMN && e->path->parts == 1;
        AstName name = {plain ? e->path->part[0].text : STR_NONE, e->at};
        int found = plain ? schema_column(def, name.text) : -1;
        if (!plain && !target_expression(p, def, e, &found)) return false;
        if (found < 0)
            return err_set_at(p->err, SQLSTATE_UNDEFINED_COLUMN, e->at, "column \"%.*s\" does not exist",
                              STR_ARG(name.text));
        while (at < *count && column[at] != (uint16_t)found) at++;
        if (at == *count && *count < SCHEMA_KEY_COLUMNS_MAX) column[(*count)++] = (uint16_t)found;
    }
    return true;
}

static bool by_columns(Planner *p, const AstInsert *a, const TableDef *def, PlanConflict *c)
{
    uint16_t column[SCHEMA_KEY_COLUMNS_MAX], count = 0;
    if (!target_columns(p, a, def, column, &count)) return false;
    for (uint16_t i = 0; i < def->index_count; i++) {
        const IndexDef *x = &def->index[i];
        bool same = x->unique && x->column_count == count && is_wanted(p, a, def, x);
        for (uint16_t k = 0; k < count && same; k++) same = has_column(x, column[k]);
        if (same) decides(c, x);
    }
    if (c->indexes) return true;
    return err_set(p->err, "42P10",
                   "there is no unique or exclusion constraint matching the ON CONFLICT specification");
}

// ---- DO UPDATE ----

static bool moves_keys(const TableDef *def, const bool *set)
{
    if (def->hidden_count) return true; // a key may be made of any column
    for (uint16_t i = 0; i < def->index_count; i++)
        for (uint16_t k = 0; def->index[i].unique && k < def->index[i].column_count; k++)
            if (set[def->index[i].column[k]]) return true;
    return false;
}

static Scope rows_scope(Scope *s, const AstInsert *a, const TableDef *def, RelWrite *w, PermitNeed *need)
{
    Planner *p = s->p;
    Scope both = {.p = p, .cte = s->cte, .clause = CLAUSE_SET};
    uint32_t n = def->column_count;
    w->layout_columns = n * 2;
    w->layout = arena_array(p->mem, ColumnId, n * 2 + 1);
    for (uint32_t i = 0; i < n * 2; i++) {
        const ColumnDef *c = &def->column[i % n];
        w->layout[i] = rel_column_new(p, bind_copy(p, c->name), c->type);
    }
    ScopeRange *there = bind_range_of(p, def, a->alias.text, w->layout);
    ScopeRange *excluded = bind_range_of(p, def, STR("excluded"), w->layout + n);
    there->need = excluded->need = need;
    if (!bind_range_add(&both, there, a->table.at) || !bind_range_add(&both, excluded, a->table.at))
        return both;
    // A bare name is ambiguous in SET and WHERE, as in PostgreSQL.
    for (uint32_t i = 0; i < n * 2; i++) bind_scope_column_add(&both, there->name[i % n], w->layout[i]);
    return both;
}

static bool do_update(Scope *s, const AstInsert *a, RelWrite *w, PermitNeed *need)
{
    Planner *p = s->p;
    const TableDef *def = table_def(w->table);
    PlanConflict *c = w->conflict;
    uint32_t n = def->column_count;
    Scope both = rows_scope(s, a, def, w, need);
    if (err_any(p->err)) return false;
    c->set = arena_array(p->mem, Expr *, n + 1);
    BindSet set = {&both, def, c->set, arena_array(p->mem, bool, n + 1), arena_array(p->mem, bool, n + 1),
                   NULL};
    for (uint32_t i = 0; i < a->conflict_set.count; i++)
        if (!bind_set_item(&set, &a->conflict_set.at[i])) return false;
    if (need) need->rights |= RIGHT_UPDATE;
    for (uint16_t i = 0; i < n; i++)
        if (set.set[i]) bind_permit_write(need, false, i);
    for (uint32_t i = 0; i < n; i++)
        if (!c->set[i]) c->set[i] = rel_slot(p, w->layout[i], -1);
    c->moves_keys = moves_keys(def, set.set);
    if (!a->conflict_condition) return true;
    c->condition = bind_condition(&both, a->conflict_condition, CLAUSE_WHERE);
    return c->condition != NULL;
}

bool bind_conflict(Scope *s, const AstInsert *a, RelWrite *w, PermitNeed *need)
{
    Planner *p = s->p;
    const TableDef *def = table_def(w->table);
    PlanConflict *c = arena_new(p->mem, PlanConflict);
    w->conflict = c;
    c->update = a->conflict == AST_CONFLICT_UPDATE;
    c->index_id = arena_array(p->mem, uint64_t, def->index_count + 1);
    if (a->conflict_constraint.text.len) {
        if (!by_constraint(p, a, def, c)) return false;
    } else if (a->conflict_target.count) {
        if (!by_columns(p, a, def, c)) return false;
    } else if (c->update) {
        return err_set_at(p->err, SQLSTATE_SYNTAX, a->table.at,
                          "ON CONFLICT DO UPDATE requires inference specification or constraint name");
    }
    return !c->update || do_update(s, a, w, need);
}
