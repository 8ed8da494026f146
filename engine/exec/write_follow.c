// What happens to children when parent rows go or change their key: NO ACTION and RESTRICT refuse, CASCADE,
// SET NULL and SET DEFAULT write the children and go on from there. A row that is gone is not found again, so
// cycles end; the depth is bounded as well. A child's own rules hold for what an action makes of it: NOT
// NULL, CHECK and unique keys at once, its other parents when all actions are through, for they may follow
// yet.
#include "engine/exec/write.h"

#include "engine/exec/keys.h"
#include "engine/exec/order.h"
#include <stdlib.h>
#include <string.h>

// A table that actions have changed, with its rules and what its rows became.
typedef struct Child {
    Write write;
    PlanWrite plan;
    Rows rows;
    bool *due; // per foreign key: its columns have changed
    struct Child *next;
} Child;

// What the actions of one statement share.
typedef struct Actions {
    Child *child;
} Actions;

// One foreign key of one child table, and the rows that lose their parent.
typedef struct Follow {
    const WriteParent *p;
    Actions *actions;
    Table *table;
    const TableDef *def;
    const ForeignKeyDef *key;
    KeyAction action;
    RowList found;    // child rows
    uint32_t *parent; // which parent row each belongs to
    size_t parents_cap;
} Follow;

static const IndexDef *child_index(const TableDef *def, const ForeignKeyDef *k)
{
    for (uint16_t i = 0; i < def->index_count; i++) {
        const IndexDef *x = &def->index[i];
        uint16_t same = 0;
        if (x->predicate || x->column_count < k->column_count ||
            (x->kind == INDEX_HASH && x->column_count != k->column_count))
            continue;
        for (uint16_t c = 0; c < k->column_count; c++)
            for (uint16_t d = 0; d < k->column_count; d++) same += x->column[c] == k->column[d];
        if (same == k->column_count) return x;
    }
    return NULL;
}

static bool key_changed(const Follow *f, uint32_t row)
{
    const WriteParent *p = f->p;
    if (!p->new_rows) return true;
    for (uint16_t i = 0; i < f->key->column_count; i++) {
        Vector a = rows_vector(p->old_rows, f->key->parent_column[i]);
        Vector b = rows_vector(p->new_rows, f->key->parent_column[i]);
        if (!order_same(&a, row, &b, row)) return true;
    }
    return false;
}

// The old key as the child's columns hold it; false when it cannot be there (a NULL, or a value the type
// cannot hold).
static bool old_key(const Follow *f, uint32_t row, Value *key, Arena *mem)
{
    Err unused = {.at = -1};
    for (uint16_t i = 0; i < f->key->column_count; i++) {
        Value v = rows_value(f->p->old_rows, f->key->parent_column[i], row);
        Type to = f->def->column[f->key->column[i]].type;
        if (v.null) return false;
        key[i] = v;
        if (v.type.id != to.id && !cast_value(&key[i], &v, to, CAST_EXPLICIT, mem, &unused)) return false;
    }
    return true;
}

static bool note_parents(Follow *f, uint32_t row, Err *err)
{
    if (f->found.count > f->parents_cap) {
        size_t cap = f->parents_cap ? f->parents_cap * 2 : 64;
        while (cap < f->found.count) cap *= 2;
        void *at = f->parent;
        if (!memory_grow(f->p->exec->memory, &at, f->parents_cap * sizeof(uint32_t), cap * sizeof(uint32_t),
                         err))
            return false;
        f->parent = at;
        memset(f->parent + f->parents_cap, 0xff, (cap - f->parents_cap) * sizeof(uint32_t));
        f->parents_cap = cap;
    }
    for (size_t i = f->found.count; i > 0 && f->parent[i - 1] == UINT32_MAX; i--) f->parent[i - 1] = row;
    return true;
}

static bool find_by_index(Follow *f, const IndexDef *index, Err *err)
{
    Transaction *t = f->p->exec->ctx->transaction;
    Arena mem = {0};
    bool ok = true;
    for (uint32_t r = 0; ok && r < f->p->old_rows->count; r++) {
        Value key[SCHEMA_KEY_COLUMNS_MAX], ordered[SCHEMA_KEY_COLUMNS_MAX];
        if (r % BATCH_ROWS == 0 && !exec_go_on(f->p->exec, err)) ok = false;
        if (!ok || !key_changed(f, r) || !old_key(f, r, key, &mem)) continue;
        for (uint16_t i = 0; i < f->key->column_count; i++)
            for (uint16_t d = 0; d < f->key->column_count; d++)
                if (index->column[i] == f->key->column[d]) ordered[i] = key[d];
        ok = index_lookup(t, f->table, index, ordered, f->key->column_count, &f->found, err) &&
             note_parents(f, r, err);
    }
    arena_done(&mem);
    return ok;
}

static bool found_add(Follow *f, RowPos pos, uint32_t row, Err *err)
{
    if (f->found.count == f->found.cap) {
        size_t cap = f->found.cap ? f->found.cap * 2 : 64;
        RowPos *bigger = realloc(f->found.pos, cap * sizeof(RowPos));
        if (!bigger)
            return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for the rows of a foreign key");
        f->found.pos = bigger;
        f->found.cap = cap;
    }
    f->found.pos[f->found.count++] = pos;
    return note_parents(f, row, err);
}

// No index on the child's columns: the old keys go into Keys, the child table is scanned once.
static bool find_by_scan(Follow *f, Err *err)
{
    Exec *exec = f->p->exec;
    Arena mem = {0};
    Keys gone;
    TableScan *scan = NULL;
    uint16_t n = f->key->column_count;
    uint32_t *parent = arena_try(&mem, (size_t)f->p->old_rows->count + 1, sizeof(uint32_t)),
             group[BATCH_ROWS];
    Type type[SCHEMA_KEY_COLUMNS_MAX];
    for (uint16_t i = 0; i < n; i++) type[i] = f->def->column[f->key->column[i]].type;
    bool ok = keys_init(&gone, exec->memory, type, n, err);
    if (!parent) ok = err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for the rows of a foreign key");
    for (uint32_t r = 0; ok && r < f->p->old_rows->count; r++) {
        Value key[SCHEMA_KEY_COLUMNS_MAX];
        Vector cell[SCHEMA_KEY_COLUMNS_MAX];
        if (!key_changed(f, r) || !old_key(f, r, key, &mem)) continue;
        for (uint16_t i = 0; i < n; i++) cell[i] = vector_constant(&mem, &key[i]);
        ok = keys_insert(&gone, cell, NULL, 1, group, err);
        if (ok) parent[group[0]] = r;
    }
    Batch b = {.columns = n, .vector = arena_array(&mem, Vector, n)};
    ok = ok && table_scan_begin(&scan, exec->ctx->transaction, f->table, f->key->column, n, NULL, 0, 0,
                                UINT32_MAX, &mem, err);
    while (ok && keys_count(&gone)) {
        RowPos first;
        bool end = false;
        ok = exec_go_on(exec, err) && table_scan_next(scan, &b, &first, &end, err);
        if (!ok || end) break;
        keys_find(&gone, b.vector, b.sel, b.sel_len, group);
        for (uint32_t i = 0; ok && i < b.sel_len; i++)
            if (group[i] != KEYS_NONE) ok = found_add(f, first + batch_row(&b, i), parent[group[i]], err);
    }
    if (scan) table_scan_end(scan);
    keys_done(&gone);
    arena_done(&mem);
    return ok;
}

static bool refuse(const Follow *f, Err *err)
{
    const ForeignKeyDef *k = f->key;
    Value key[SCHEMA_KEY_COLUMNS_MAX];
    for (uint16_t i = 0; i < k->column_count; i++)
        key[i] = rows_value(f->p->old_rows, k->parent_column[i], f->parent[0]);
    err_set(err, SQLSTATE_FOREIGN_KEY,
            "update or delete on table \"%.*s\" violates foreign key constraint \"%.*s\" on table \"%.*s\"",
            STR_ARG(f->p->def->name), STR_ARG(k->name), STR_ARG(f->def->name));
    write_note_key(err, f->p->def, k->parent_column, k->column_count, key, "is still referenced from table",
                   f->def->name);
    return false;
}

// ---- what children become ----

static bool default_value(const Follow *f, uint16_t column, Value *out, Arena *mem, Err *err)
{
    const ColumnDef *c = &f->def->column[column];
    Expr *e;
    *out = value_null(c->type);
    if (!c->default_text.at) return true;
    ExecContext *ctx = f->p->exec->ctx;
    return plan_bind_text(&e, c->default_text, f->def, c->type, &ctx->names, mem, err) &&
           exec_constant(e, ctx, out, mem, err);
}

static bool child_values(const Follow *f, uint32_t parent, Value *value, Arena *mem, Err *err)
{
    const ForeignKeyDef *k = f->key;
    for (uint16_t i = 0; i < k->column_count; i++) {
        Type to = f->def->column[k->column[i]].type;
        if (f->action == KEY_SET_NULL) {
            value[i] = value_null(to);
        } else if (f->action == KEY_SET_DEFAULT) {
            if (!default_value(f, k->column[i], &value[i], mem, err)) return false;
        } else {
            Value v = rows_value(f->p->new_rows, k->parent_column[i], parent);
            if (v.null)
                value[i] = value_null(to);
            else if (!cast_value(&value[i], &v, to, CAST_ASSIGNMENT, mem, err))
                return false;
        }
    }
    return true;
}

// ON DELETE SET NULL (a, b) leaves the other columns of the key alone.
static bool sets(const Follow *f, uint16_t column)
{
    const ForeignKeyDef *k = f->key;
    bool some =
        k->set_count && !f->p->new_rows && (f->action == KEY_SET_NULL || f->action == KEY_SET_DEFAULT);
    for (uint16_t i = 0; some && i < k->set_count; i++)
        if (k->set_column[i] == column) return true;
    return !some;
}

// The children as they were, with the key's columns changed.
static bool changed_rows(const Follow *f, const Rows *old, Rows *out, Arena *mem, Err *err)
{
    Vector *v = arena_array(mem, Vector, old->columns + 1);
    static const uint16_t first = 0;
    for (uint32_t r = 0; r < old->count; r++) {
        Value value[SCHEMA_KEY_COLUMNS_MAX];
        if (!child_values(f, f->parent[r], value, mem, err)) return false;
        for (uint32_t c = 0; c < old->columns; c++) {
            Value cell = rows_value(old, c, r);
            for (uint16_t i = 0; i < f->key->column_count; i++)
                if (f->key->column[i] == c && sets(f, (uint16_t)c)) cell = value[i];
            cell.type = old->column[c].type;
            v[c] = vector_constant(mem, &cell);
            v[c].type = old->column[c].type;
        }
        if (!rows_append(out, v, &first, 1, err)) return false;
    }
    return true;
}

// ---- the children's own rules ----

static bool child_checks(WriteRules *r, const TableDef *def, const Exec *exec, Arena *mem, Err *err)
{
    r->check = arena_array(mem, Expr *, def->check_count + 1);
    r->check_name = arena_array(mem, Str, def->check_count + 1);
    for (uint16_t i = 0; i < def->check_count; i++) {
        if (!plan_bind_text(&r->check[i], def->check[i].text, def, type_of(TYPE_BOOLEAN), &exec->ctx->names,
                            mem, err)) {
            err->at = -1;
            return err_note(err, "in constraint %.*s", STR_ARG(def->check[i].name));
        }
        r->check_name[r->checks++] = def->check[i].name;
    }
    return true;
}

static bool child_generated(WriteRules *r, const TableDef *def, const Exec *exec, Arena *mem, Err *err)
{
    r->generate = arena_array(mem, Expr *, def->column_count + 1);
    r->generated_column = arena_array(mem, uint16_t, def->column_count + 1);
    for (uint16_t c = 0; c < def->column_count; c++) {
        const ColumnDef *column = &def->column[c];
        if (!column->generated.at) continue;
        if (!plan_bind_text(&r->generate[r->generated], column->generated, def, column->type,
                            &exec->ctx->names, mem, err)) {
            err->at = -1;
            return err_note(err, "in generated column %.*s", STR_ARG(column->name));
        }
        r->generated_column[r->generated++] = c;
    }
    return true;
}

static void child_parents(WriteRules *r, const TableDef *def, Transaction *t, Arena *mem)
{
    r->foreign_key = arena_array(mem, ForeignKeyCheck, def->foreign_key_count + 1);
    for (uint16_t i = 0; i < def->foreign_key_count; i++) {
        const ForeignKeyDef *key = &def->foreign_key[i];
        Table *parent = transaction_table_by_id(t, key->parent_id);
        r->foreign_key[r->foreign_keys++] = (ForeignKeyCheck){
            key, key->parent_id,
            parent ? schema_unique_on(table_def(parent), key->parent_column, key->column_count) : NULL};
    }
}

static Child *child_of(const Follow *f, Err *err)
{
    Exec *exec = f->p->exec;
    Arena *mem = &exec->mem;
    const TableDef *def = table_def(f->table); // of the transaction: f->def goes with the list of children
    for (Child *c = f->actions->child; c; c = c->next)
        if (c->write.table == f->table) return c;
    Child *c = arena_new(mem, Child);
    WriteRules *rules = arena_new(mem, WriteRules);
    c->plan.rules = rules;
    c->due = arena_array(mem, bool, def->foreign_key_count + 1);
    c->write = (Write){
        .exec = exec, .transaction = exec->ctx->transaction, .table = f->table, .def = def, .plan = &c->plan};
    eval_init(&c->write.eval, exec, NULL);
    write_rows_init(&c->rows, exec, def);
    c->next = f->actions->child;
    f->actions->child = c;
    child_parents(rules, def, c->write.transaction, mem);
    if (!child_generated(rules, def, exec, mem, err) || !child_checks(rules, def, exec, mem, err))
        return NULL;
    return eval_compile_all(&c->write.check, rules->check, rules->checks, &c->write.eval, err) &&
                   eval_compile_all(&c->write.generate, rules->generate, rules->generated, &c->write.eval,
                                    err)
               ? c
               : NULL;
}

static bool shares_column(const ForeignKeyDef *a, const ForeignKeyDef *b)
{
    for (uint16_t i = 0; i < a->column_count; i++)
        for (uint16_t k = 0; k < b->column_count; k++)
            if (a->column[i] == b->column[k]) return true;
    return false;
}

// NOT NULL and CHECK of what children become; foreign keys are noted for later.
static bool child_check(const Follow *f, Rows *changed, Err *err)
{
    Child *c = child_of(f, err);
    if (!c || !write_generate(&c->write, changed, err)) return false;
    Vector *v = arena_array(&f->p->exec->mem, Vector, changed->columns + 1);
    bool later = false;
    for (uint16_t i = 0; i < f->def->foreign_key_count; i++) {
        bool due = shares_column(&f->def->foreign_key[i], f->key);
        c->due[i] |= due;
        later |= due;
    }
    for (uint32_t from = 0; from < changed->count; from += BATCH_ROWS) {
        Batch b;
        rows_window(changed, from, &b, v);
        if (!exec_go_on(f->p->exec, err) || !write_check(&c->write, &b, err)) return false;
        if (later && !rows_append(&c->rows, b.vector, b.sel, b.sel_len, err)) return false;
    }
    return true;
}

static bool follow_all(const WriteParent *p, Actions *actions, Err *err);

// Rows that follow meet the triggers of their table; one that is to stay as it is would break the key.
static bool act_before(Follow *f, Rows *old, Rows *changed, Arena *mem, Err *err)
{
    Exec *x = f->p->exec;
    ExecEvent event = changed ? EXEC_UPDATE : EXEC_DELETE;
    if (!write_fires_rows(x, f->def, event, NULL, true)) return true;
    uint32_t kept = 0, *keep = arena_try(mem, (size_t)old->count + 1, sizeof *keep), rows = old->count;
    const WriteBefore b = {.event = event, .old_rows = old, .new_rows = changed, .keep = keep, .kept = &kept};
    if (!keep) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "too many rows for one statement");
    if (!write_fire_before(x, f->def, &b, err)) return false;
    return kept == rows ||
           err_set(err, SQLSTATE_FOREIGN_KEY,
                   "a trigger of table \"%.*s\" leaves rows out that foreign key \"%.*s\" changes",
                   STR_ARG(f->def->name), STR_ARG(f->key->name));
}

static bool act_after(const Follow *f, const Rows *old, const Rows *changed, Err *err)
{
    const Exec *x = f->p->exec;
    ExecEvent event = changed ? EXEC_UPDATE : EXEC_DELETE;
    return !write_fires_rows(x, f->def, event, NULL, false) ||
           write_fire_after(x, f->def, event, NULL, old, changed, err);
}

static bool act(Follow *f, Err *err)
{
    Exec *exec = f->p->exec;
    Transaction *t = exec->ctx->transaction;
    Rows old = {0}, changed = {0};
    Arena mem = {0};
    const bool goes = f->action == KEY_CASCADE && !f->p->new_rows;
    WriteParent next = {.exec = exec, .def = f->def, .old_rows = &old, .depth = f->p->depth + 1};
    write_rows_init(&old, exec, f->def);
    write_rows_init(&changed, exec, f->def);
    bool ok = write_fetch(t, f->table, f->found.pos, f->found.count, &old, err);
    if (goes) {
        ok = ok && act_before(f, &old, NULL, &mem, err) &&
             table_delete(t, f->table, f->found.pos, f->found.count, err);
    } else {
        next.new_rows = &changed;
        ok = ok && changed_rows(f, &old, &changed, &mem, err) && act_before(f, &old, &changed, &mem, err) &&
             child_check(f, &changed, err) && write_update_rows(exec, f->table, f->found.pos, &changed, err);
    }
    ok = ok && follow_all(&next, f->actions, err) && act_after(f, &old, goes ? NULL : &changed, err);
    rows_done(&old);
    rows_done(&changed);
    arena_done(&mem);
    return ok;
}

static void find_done(Follow *f)
{
    free(f->found.pos);
    memory_free(f->p->exec->memory, f->parent, f->parents_cap * sizeof(uint32_t));
}

static bool find_by_any(Follow *f, Err *err)
{
    const IndexDef *index = child_index(f->def, f->key);
    return index ? find_by_index(f, index, err) : find_by_scan(f, err);
}

// Children as they are now: one that was committed since the statement's snapshot counts.
static bool find_children(Follow *f, Err *err)
{
    Transaction *t = f->p->exec->ctx->transaction;
    Stamp before = transaction_snapshot_latest(t);
    bool ok = find_by_any(f, err);
    transaction_snapshot_restore(t, before);
    return ok;
}

// A transaction whose snapshot must not move cannot change a child that it does not see. To be refused for
// one is right under REPEATABLE READ; under SERIALIZABLE it is not, for a key that had no children when it
// read.
static bool may_meet_children(const Follow *f, bool refuses, Err *err)
{
    Transaction *t = f->p->exec->ctx->transaction;
    IsolationLevel level = transaction_isolation(t);
    if (level == ISOLATION_READ_COMMITTED || (refuses && level != ISOLATION_SERIALIZABLE)) return true;
    for (size_t i = 0; i < f->found.count; i++)
        if (!table_row_is_seen(t, f->table, f->found.pos[i])) {
            err_set(err, SQLSTATE_SERIALIZATION, "could not serialize access due to concurrent update");
            return err_hint(err, "roll back and run the transaction again");
        }
    return true;
}

static bool follow_key(const WriteParent *p, const TableDef *child, const ForeignKeyDef *key,
                       Actions *actions, Err *err)
{
    Follow f = {.p = p,
                .actions = actions,
                .def = child,
                .key = key,
                .action = p->new_rows ? key->on_update : key->on_delete};
    f.table = transaction_table_by_id(p->exec->ctx->transaction, child->id);
    if (!f.table) return true;
    const bool refuses = f.action == KEY_NO_ACTION || f.action == KEY_RESTRICT;
    const bool defers = f.action == KEY_NO_ACTION && write_defers(p->exec, child, key);
    for (;;) {
        bool ok = find_children(&f, err);
        if (ok && f.found.count && !defers)
            ok = may_meet_children(&f, refuses, err) && (refuses ? refuse(&f, err) : act(&f, err));
        bool changed =
            !ok && err_is(err, SQLSTATE_SERIALIZATION) && transaction_met_change(p->exec->ctx->transaction);
        find_done(&f);
        if (!changed) return ok;
        err_clear(err); // somebody has changed children meanwhile: look for them again
        f.found = (RowList){0};
        f.parent = NULL;
        f.parents_cap = 0;
    }
}

static bool follow_all(const WriteParent *p, Actions *actions, Err *err)
{
    const TableDef **child;
    Arena mem = {0};
    bool ok = true;
    if (!p->old_rows->count) return true;
    if (p->depth > WRITE_CASCADE_MAX)
        return err_set(err, SQLSTATE_TOO_COMPLEX, "foreign keys cascade through more than %d steps",
                       WRITE_CASCADE_MAX);
    size_t n = transaction_children(p->exec->ctx->transaction, p->def->id, &mem, &child);
    for (int refusing = 1; ok && refusing >= 0;
         refusing--) // those who act go first: they may settle what others refuse
        for (size_t i = 0; ok && i < n; i++)
            for (uint16_t k = 0; ok && k < child[i]->foreign_key_count; k++) {
                const ForeignKeyDef *key = &child[i]->foreign_key[k];
                KeyAction action = p->new_rows ? key->on_update : key->on_delete;
                bool acts = action != KEY_NO_ACTION && action != KEY_RESTRICT;
                if (key->parent_id == p->def->id && acts == (refusing == 1))
                    ok = follow_key(p, child[i], key, actions, err);
            }
    arena_done(&mem);
    return ok;
}

// Rows whose parent is missing count only where they are still there: a later action may have changed them
// again or taken them away.
static bool child_settle_key(Child *c, const ForeignKeyCheck *check, Err *err)
{
    Exec *exec = c->write.exec;
    const ForeignKeyDef *key = check->key;
    Rows lost = {0};
    write_rows_init(&lost, exec, c->write.def);
    lost.borrow = true;
    bool ok = write_lost_rows(&c->write, check, &c->rows, &lost, err);
    if (ok && lost.count) {
        ForeignKeyDef self = *key; // the rows are looked for by their own columns
        memcpy(self.parent_column, key->column, sizeof self.parent_column);
        const WriteParent p = {.exec = exec, .def = c->write.def, .old_rows = &lost};
        Follow f = {.p = &p, .table = c->write.table, .def = c->write.def, .key = &self};
        ok = find_children(&f, err);
        if (ok && f.found.count && !write_defers(exec, c->write.def, key))
            ok = write_no_parent(&c->write, check, &lost, f.parent[0], err);
        find_done(&f);
    }
    rows_done(&lost);
    return ok;
}

bool write_follow(const WriteParent *p, Err *err)
{
    Actions actions = {0};
    bool ok = follow_all(p, &actions, err);
    for (Child *c = actions.child; c; c = c->next) {
        const WriteRules *r = c->plan.rules;
        for (uint32_t i = 0; ok && i < r->foreign_keys; i++)
            if (c->due[i]) ok = child_settle_key(c, &r->foreign_key[i], err);
        rows_done(&c->rows);
        write_close(&c->write);
    }
    return ok;
}
