// Bind: FROM: tables, derived tables, WITH queries, and joins with ON, USING and NATURAL. Each item puts its
// names into a scope; a join binds its two sides into scopes of their own and then joins those too. Relies on
// bind_in.h.
#include "engine/plan/bind_in.h"

static bool bind_item(Scope *s, const AstTable *t, Scope *into, Rel **rel);

// ---- tables by name ----

void bind_table_note(Planner *p, Table *t)
{
    for (uint32_t i = 0; i < p->tables; i++)
        if (p->table[i] == t) return;
    if (p->tables == p->table_cap) {
        p->table_cap = p->table_cap ? p->table_cap * 2 : 8;
        Table **grown = arena_array(p->mem, Table *, p->table_cap);
        for (uint32_t i = 0; i < p->tables; i++) grown[i] = p->table[i];
        p->table = grown;
    }
    p->table[p->tables++] = t;
}

static const SystemTable *system_find(const Planner *p, Str schema, Str name)
{
    for (const SystemTable *const *t = p->request->system; t && *t; t++) {
        if (!str_equal(str_of((*t)->name), name)) continue;
        Str in = str_of((*t)->schema);
        bool searched = str_equal(in, STR("pg_catalog")) || str_equal(in, STR("d2db"));
        if (schema.len ? str_equal(in, schema) : searched) return *t;
    }
    return NULL;
}

static bool table_unknown(Planner *p, const AstPath *path)
{
    Str q = ast_path_qualifier(path), name = ast_path_name(path);
    if (q.len)
        return err_set_at(p->err, SQLSTATE_UNDEFINED_TABLE, path->at, "relation \"%.*s.%.*s\" does not exist",
                          STR_ARG(q), STR_ARG(name));
    err_set_at(p->err, SQLSTATE_UNDEFINED_TABLE, path->at, "relation \"%.*s\" does not exist", STR_ARG(name));
    const TableDef **def = NULL;
    size_t count = transaction_tables(p->search.transaction, p->search.database, p->mem, &def);
    Str *names = arena_array(p->mem, Str, count + 1);
    for (size_t i = 0; i < count; i++) names[i] = def[i]->name;
    Str near = bind_name_nearest(name, names, (uint32_t)count);
    if (near.len) err_hint(p->err, "Perhaps you meant the table \"%.*s\".", STR_ARG(near));
    return false;
}

bool bind_relation_find(Planner *p, const AstPath *path, BindFound *out)
{
    Str name = ast_path_name(path), q = path->parts > 1 ? path->part[path->parts - 2].text : STR("");
    SearchFound found = {0};
    *out = (BindFound){0};
    if (p->search.transaction && search_relation(&p->search, path, p->mem, &found)) {
        out->table = found.table;
        out->object = found.object;
        if (found.table) bind_table_note(p, found.table);
        return true;
    }
    out->system = system_find(p, q, name);
    if (out->system) return true;
    if (!p->search.database.len && path->parts < 3 && (!q.len || str_equal(q, SCHEMA_PUBLIC))) {
        err_set_at(p->err, "3D000", path->at, "no database is chosen, so there is no table \"%.*s\"",
                   STR_ARG(name));
        return err_hint(p->err, "Choose one with USE name.");
    }
    return table_unknown(p, path);
}

// ---- ranges ----

static bool range_rename(Planner *p, ScopeRange *r, const AstTable *t)
{
    if (t->alias.text.len) {
        r->alias = bind_copy(p, t->alias.text);
        r->schema = STR("");
    }
    if (t->columns.count > r->columns)
        return err_set_at(p->err, "42P10", t->at,
                          "table \"%.*s\" has %u columns available but %u columns specified",
                          STR_ARG(r->alias), (unsigned)r->columns, (unsigned)t->columns.count);
    if (!t->columns.count) return true;
    Str *names = arena_array(p->mem, Str, r->columns);
    for (uint32_t i = 0; i < r->columns; i++)
        names[i] = i < t->columns.count ? bind_copy(p, t->columns.at[i].text) : r->name[i];
    r->name = names;
    return true;
}

bool bind_range_enter(Scope *into, ScopeRange *r, const AstTable *t)
{
    Planner *p = into->p;
    if (!range_rename(p, r, t) || !bind_range_add(into, r, t->at)) return false;
    for (uint32_t i = 0; i < r->columns; i++) {
        if (!p->column[r->id[i]].table.len) p->column[r->id[i]].table = r->alias;
        bind_scope_column_add(into, r->name[i], r->id[i]);
    }
    return true;
}

ScopeRange *bind_range_new(Planner *p, Str alias, uint32_t columns)
{
    ScopeRange *r = arena_new(p->mem, ScopeRange);
    r->alias = bind_copy(p, alias);
    r->columns = columns;
    r->id = arena_array(p->mem, ColumnId, columns + 1);
    r->name = arena_array(p->mem, Str, columns + 1);
    return r;
}

// A materialized view has its text beside it, which knows whether it was filled.
static bool is_populated(Planner *p, const AstTable *t, const TableDef *def)
{
    if (!def->materialized || p->request->refreshes || p->names) return true;
    const ObjectDef *o = transaction_object_find(p->search.transaction, OBJECT_MATERIALIZED_VIEW,
                                                 def->database, STR(""), def->id, STR(""), p->mem);
    if (!o || object_field(o, "filled").at) return true;
    err_set_at(p->err, "55000", t->at, "materialized view \"%.*s\" has not been populated",
               STR_ARG(def->name));
    return err_hint(p->err, "Use the REFRESH MATERIALIZED VIEW command.");
}

// rights: what the table is named for; with SELECT its row policies say what is seen.
static bool item_stored(Scope *into, const AstTable *t, Table *table, unsigned rights, Rel **rel)
{
    Planner *p = into->p;
    const TableDef *def = table_def(table);
    if (!is_populated(p, t, def)) return false;
    Rel *n = rel_new(p, REL_TABLE);
    if (!n) return false;
    ScopeRange *r = bind_range_new(p, def->name, def->column_count);
    r->schema = bind_copy(p, def->schema);
    r->table = n;
    r->oid = (int64_t)(PLAN_OID_FIRST + def->id);
    n->table = table;
    n->columns = def->column_count;
    n->id = r->id;
    n->position = arena_array(p->mem, uint16_t, def->column_count + 1);
    for (uint16_t i = 0; i < def->column_count; i++) {
        r->name[i] = bind_copy(p, def->column[i].name);
        r->id[i] = rel_column_new(p, r->name[i], def->column[i].type);
        p->column[r->id[i]].stored = table;
        p->column[r->id[i]].position = i;
        n->position[i] = i;
    }
    *rel = n;
    (void)bind_permit_range(p, r, def, NULL, rights, t->at);
    if (err_any(p->err) || !bind_range_enter(into, r, t)) return false;
    n->alias = r->alias;
    bind_names_relation(p, t, def->id, def->database, def->schema, def->name, n);
    return !(rights & RIGHT_SELECT) || bind_policy_filter(p, r, def, RIGHT_SELECT, rel, t->at);
}

static bool item_system(Scope *into, const AstTable *t, const SystemTable *system, Rel **rel)
{
    Planner *p = into->p;
    Rel *n = rel_new(p, REL_SYSTEM);
    if (!n) return false;
    p->volatile_used = true;
    ScopeRange *r = bind_range_new(p, str_of(system->name), system->columns);
    r->schema = str_of(system->schema);
    r->oid = system->oid;
    n->system = system;
    n->columns = system->columns;
    n->id = r->id;
    n->position = arena_array(p->mem, uint16_t, system->columns + 1);
    for (uint32_t i = 0; i < system->columns; i++) {
        n->position[i] = (uint16_t)i;
        r->name[i] = str_of(system->column_name[i]);
        r->id[i] = rel_column_new(p, r->name[i], system->column_type[i]);
    }
    *rel = n;
    bind_names_relation(p, t, 0, STR(""), r->schema, r->alias, NULL);
    return !err_any(p->err) && bind_range_enter(into, r, t);
}

static bool item_bound(Scope *into, const AstTable *t, Str alias, const ObjectDef *view, const Bound *b,
                       Rel **rel)
{
    ScopeRange *r = bind_range_new(into->p, alias, b->columns);
    for (uint32_t i = 0; i < b->columns; i++) {
        r->id[i] = b->id[i];
        r->name[i] = b->name[i];
    }
    if (view) (void)bind_permit_range(into->p, r, NULL, view, RIGHT_SELECT, t->at);
    *rel = b->rel;
    return bind_range_enter(into, r, t);
}

static bool item_system_view(Scope *into, const AstTable *t, const SystemTable *system, Rel **rel)
{
    Planner *p = into->p;
    ObjectField query = {STR("query"), str_of(system->query)};
    const ObjectDef view = {.kind = OBJECT_VIEW,
                            .database = p->search.database,
                            .schema = str_of(system->schema),
                            .name = str_of(system->name),
                            .field = &query,
                            .field_count = 1};
    Bound b;
    if (!bind_view(p, t, &view, &b)) return false;
    ScopeRange *r = bind_range_new(p, view.name, b.columns);
    r->schema = view.schema;
    r->oid = system->oid;
    for (uint32_t i = 0; i < b.columns; i++) {
        r->id[i] = b.id[i];
        r->name[i] = b.name[i];
    }
    *rel = b.rel;
    return bind_range_enter(into, r, t);
}

// SELECT … FROM a sequence: one row that says where it stands.
static bool item_sequence(Scope *into, const AstTable *t, const ObjectDef *sequence, Rel **rel)
{
    static const char *const name[] = {"last_value", "log_cnt", "is_called"};
    static const TypeId type[] = {TYPE_BIGINT, TYPE_BIGINT, TYPE_BOOLEAN};
    Planner *p = into->p;
    SequenceState state;
    Rel *n = rel_new(p, REL_VALUES);
    if (!n || !sequence_state(p->search.transaction, sequence->id, &state, p->err)) return false;
    p->volatile_used = true;
    ScopeRange *r = bind_range_new(p, sequence->name, COUNT_OF(name));
    n->columns = COUNT_OF(name);
    n->row_count = 1;
    n->id = r->id;
    n->expr = arena_array(p->mem, Expr *, COUNT_OF(name));
    for (uint32_t i = 0; i < COUNT_OF(name); i++) {
        Value v = {.type = type_of(type[i])};
        if (i == 0) v.i64 = state.last;
        if (i == 2) v.boolean = state.called;
        r->name[i] = str_of(name[i]);
        r->id[i] = rel_column_new(p, r->name[i], v.type);
        n->expr[i] = rel_constant(p, v, -1);
    }
    *rel = n;
    (void)bind_permit_range(p, r, NULL, sequence, RIGHT_SELECT, t->at);
    return !err_any(p->err) && bind_range_enter(into, r, t);
}

static const ScopeCte *cte_find(const ScopeCte *c, const AstPath *path)
{
    if (path->parts != 1) return NULL;
    while (c && !str_equal(c->ast->name.text, path->part[0].text)) c = c->before;
    return c;
}

static bool item_cte(Scope *s, const AstTable *t, const ScopeCte *c, Scope *into, Rel **rel)
{
    Bound b;
    return bind_cte(s, c, t->at, &b) && item_bound(into, t, c->ast->name.text, NULL, &b, rel);
}

static bool item_name(Scope *s, const AstTable *t, Scope *into, Rel **rel)
{
    Planner *p = s->p;
    if (t->sample) return bind_unsupported(p, t->at, "TABLESAMPLE");
    const ScopeCte *c = cte_find(s->cte, &t->path);
    if (c) return item_cte(s, t, c, into, rel);
    BindFound found;
    if (!bind_relation_find(p, &t->path, &found)) return false;
    if (found.table) return item_stored(into, t, found.table, RIGHT_SELECT, rel);
    if (found.system && found.system->query) return item_system_view(into, t, found.system, rel);
    if (found.system) return item_system(into, t, found.system, rel);
    if (found.object->kind == OBJECT_SEQUENCE) return item_sequence(into, t, found.object, rel);
    Bound b;
    return bind_view(p, t, found.object, &b) &&
           item_bound(into, t, found.object->name, found.object, &b, rel);
}

bool bind_from_table(Scope *s, const AstTable *t, Rel **rel)
{
    Planner *p = s->p;
    BindFound found;
    if (!bind_relation_find(p, &t->path, &found)) return false;
    Table *table = found.table;
    if (found.object && found.object->kind == OBJECT_VIEW)
        return bind_unsupported(p, t->at, "changing rows through a view");
    if (found.object)
        return err_set_at(p->err, "42809", t->at, "cannot change sequence \"%.*s\"",
                          STR_ARG(found.object->name));
    if (!table)
        return err_set_at(p->err, "42809", t->at, "\"%.*s\" is a system table and cannot be changed",
                          STR_ARG(ast_path_name(&t->path)));
    return item_stored(s, t, table, 0, rel);
}

static bool item_query(Scope *s, const AstTable *t, Scope *into, Rel **rel)
{
    Bound b;
    Scope *outer = t->lateral && s->lateral ? s->lateral : s->outer;
    if (!bind_query(s->p, t->query, outer, s->cte, false, &b)) return false;
    return item_bound(into, t, STR(""), NULL, &b, rel);
}

// ---- joins ----

static bool using_column(const Scope *side, Str name, const char *which, int64_t at, ColumnId *id)
{
    bool ambiguous;
    *id = bind_name_find(side, name, &ambiguous);
    if (ambiguous)
        return err_set_at(side->p->err, "42702", at,
                          "common column name \"%.*s\" appears more than once in %s table", STR_ARG(name),
                          which);
    if (*id != COLUMN_NONE) return true;
    return err_set_at(side->p->err, SQLSTATE_UNDEFINED_COLUMN, at,
                      "column \"%.*s\" specified in USING clause does not exist in %s table", STR_ARG(name),
                      which);
}

typedef struct Merge { // one column of USING
    Str name;
    ColumnId left, right, merged;
    Expr *expr; // what makes merged; NULL = it is one of the two
} Merge;
typedef struct Join {
    Scope *s, *left, *right;
    const AstTable *ast;
    uint32_t merges;
    Merge *merge;
    Expr *on;
} Join;

static bool names_natural(Join *j)
{
    Planner *p = j->s->p;
    j->merge = arena_array(p->mem, Merge, j->left->columns + 1);
    for (uint32_t i = 0; i < j->left->columns; i++) {
        bool ambiguous;
        Str name = j->left->column[i].name;
        if (bind_name_find(j->right, name, &ambiguous) == COLUMN_NONE) continue;
        j->merge[j->merges++].name = name;
    }
    return true;
}

static void names_using(Join *j)
{
    const AstNames *list = &j->ast->join_using;
    j->merge = arena_array(j->s->p->mem, Merge, list->count + 1);
    for (uint32_t i = 0; i < list->count; i++)
        j->merge[j->merges++].name = bind_copy(j->s->p, list->at[i].text);
}

static bool merge_column(Join *j, Merge *m, ExprList *on)
{
    Planner *p = j->s->p;
    int64_t at = j->ast->at;
    if (!using_column(j->left, m->name, "left", at, &m->left)) return false;
    if (!using_column(j->right, m->name, "right", at, &m->right)) return false;
    Expr *both[2] = {rel_slot(p, m->left, at), rel_slot(p, m->right, at)};
    bind_permit_read(j->left, m->left);
    bind_permit_read(j->right, m->right);
    Expr *equal = bind_operator(p, STR("="), both[0], both[1], at);
    if (!equal) return false;
    rel_list_add(p, on, equal);
    Type type;
    if (!bind_coerce_all(p, both, 2, "JOIN/USING", &type)) return false;
    bool right = j->ast->join == AST_JOIN_RIGHT;
    m->merged = right ? m->right : m->left;
    if (j->ast->join == AST_JOIN_FULL) {
        m->expr = bind_new(p, EXPR_COALESCE, type, 2, at);
        m->expr->arg[0] = both[0];
        m->expr->arg[1] = both[1];
    } else if (both[right]->kind != EXPR_SLOT) {
        m->expr = both[right];
    }
    if (m->expr) m->merged = rel_column_new(p, m->name, type);
    return true;
}

static bool is_merged(const Join *j, Str name)
{
    for (uint32_t i = 0; i < j->merges; i++)
        if (str_equal(j->merge[i].name, name)) return true;
    return false;
}

static bool scope_join(const Join *j, Scope *into)
{
    const Scope *side[2] = {j->left, j->right};
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; i < side[k]->ranges; i++)
            if (!bind_range_add(into, side[k]->range[i], j->ast->at)) return false;
    for (uint32_t i = 0; i < j->merges; i++)
        bind_scope_column_add(into, j->merge[i].name, j->merge[i].merged);
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; i < side[k]->columns; i++)
            if (!is_merged(j, side[k]->column[i].name))
                bind_scope_column_add(into, side[k]->column[i].name, side[k]->column[i].id);
    return true;
}

// JOIN … USING (…) AS x: x has the merged columns.
static bool using_range(const Join *j, Scope *into)
{
    if (!j->ast->using_alias.text.len) return true;
    ScopeRange *r = bind_range_new(j->s->p, j->ast->using_alias.text, j->merges);
    for (uint32_t i = 0; i < j->merges; i++) {
        r->id[i] = j->merge[i].merged;
        r->name[i] = j->merge[i].name;
    }
    return bind_range_add(into, r, j->ast->at);
}

// Merged columns that are neither side's own are worked out above the join.
static Rel *merged_project(Join *j, Rel *rel)
{
    Planner *p = j->s->p;
    uint32_t extra = 0;
    for (uint32_t i = 0; i < j->merges; i++) extra += j->merge[i].expr != NULL;
    if (!extra || !rel) return rel;
    ColumnId *id = arena_array(p->mem, ColumnId, rel->columns + extra);
    Expr **expr = arena_array(p->mem, Expr *, rel->columns + extra);
    uint32_t n = 0;
    for (; n < rel->columns; n++) {
        id[n] = rel->id[n];
        expr[n] = rel_slot(p, id[n], -1);
    }
    for (uint32_t i = 0; i < j->merges; i++) {
        if (!j->merge[i].expr) continue;
        id[n] = j->merge[i].merged;
        expr[n++] = j->merge[i].expr;
    }
    return rel_project(p, rel, n, id, expr);
}

// What an item sees of those to its left, as they are now.
static Scope *lateral_of(const Scope *left, Scope *outer)
{
    Scope *view = arena_new(left->p->mem, Scope);
    *view = (Scope){.p = left->p,
                    .outer = outer,
                    .cte = left->cte,
                    .ranges = left->ranges,
                    .range = left->range,
                    .columns = left->columns,
                    .column = left->column};
    return view;
}

static Rel *join_rel(Join *j, Rel *left, Rel *right)
{
    Planner *p = j->s->p;
    switch (j->ast->join) {
    case AST_JOIN_LEFT: return bind_join(p, JOIN_LEFT, left, right, j->on, j->ast->at);
    case AST_JOIN_RIGHT: return bind_join(p, JOIN_RIGHT, left, right, j->on, j->ast->at);
    case AST_JOIN_FULL: return bind_join(p, JOIN_FULL, left, right, j->on, j->ast->at);
    default: return bind_join(p, JOIN_INNER, left, right, j->on, j->ast->at);
    }
}

// (a JOIN b …) AS x: x is the one name that is left.
static bool join_alias(Scope *into, const AstTable *t)
{
    Scope inner = *into;
    into->ranges = into->columns = 0;
    into->range_cap = into->column_cap = 0;
    ScopeRange *r = bind_range_new(into->p, t->alias.text, inner.columns);
    for (uint32_t i = 0; i < inner.columns; i++) {
        r->name[i] = inner.column[i].name;
        r->id[i] = inner.column[i].id;
    }
    return bind_range_enter(into, r, t);
}

static bool item_join(Scope *s, const AstTable *t, Scope *into, Rel **rel)
{
    Planner *p = s->p;
    Scope side[2] = {{.p = p, .outer = s->outer, .cte = s->cte}, {.p = p, .outer = s->outer, .cte = s->cte}};
    Scope both = {.p = p, .outer = s->outer, .cte = s->cte};
    Join j = {.s = s, .left = &side[0], .right = &side[1], .ast = t};
    Rel *left, *right;
    if (!bind_item(s, t->left, &side[0], &left)) return false;
    Scope around = {.p = p, .outer = s->outer, .cte = s->cte};
    around.lateral = lateral_of(&side[0], s->lateral ? s->lateral : s->outer);
    if (!bind_item(&around, t->right, &side[1], &right)) return false;
    if (t->natural)
        names_natural(&j);
    else
        names_using(&j);
    ExprList on = {0};
    for (uint32_t i = 0; i < j.merges; i++)
        if (!merge_column(&j, &j.merge[i], &on)) return false;
    if (!scope_join(&j, &both) || !using_range(&j, &both)) return false;
    j.on = rel_conjunction(p, &on);
    if (t->on && !(j.on = bind_condition(&both, t->on, CLAUSE_ON))) return false;
    *rel = merged_project(&j, join_rel(&j, left, right));
    if (!*rel || (t->alias.text.len && !join_alias(&both, t))) return false;
    j = (Join){.s = s, .left = &both, .right = &(Scope){.p = p}, .ast = t};
    return scope_join(&j, into);
}

static bool bind_item(Scope *s, const AstTable *t, Scope *into, Rel **rel)
{
    switch (t->kind) {
    case AST_TABLE_NAME: return item_name(s, t, into, rel);
    case AST_TABLE_QUERY: return item_query(s, t, into, rel);
    case AST_TABLE_JOIN: return item_join(s, t, into, rel);
    case AST_TABLE_FUNCTION: return bind_from_function(s, t, into, rel);
    default: return bind_unsupported(s->p, t->at, "this item of FROM");
    }
}

bool bind_from(Scope *s, const AstTables *from, Rel **rel)
{
    for (uint32_t i = 0; i < from->count; i++) {
        Rel *item;
        Scope around = {.p = s->p, .outer = s->outer, .cte = s->cte, .lateral = lateral_of(s, s->outer)};
        if (!bind_item(&around, from->at[i], s, &item)) return false;
        *rel = *rel ? bind_join(s->p, JOIN_INNER, *rel, item, NULL, from->at[i]->at) : item;
        if (!*rel) return false;
    }
    return true;
}
