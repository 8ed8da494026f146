// Look: constraints, indexes and views as the clauses and statements that would make them, in PostgreSQL's
// words, and comments.
#include "engine/db/ddl.h"
#include "engine/db/look.h"

#include "engine/base/hash.h"
#include "engine/sql/print.h"

enum { LOOK_TEXT_MAX = 4 << 20 };

static Str done(Look *l, Bytes *text)
{
    Str out = text->failed ? STR("") : arena_copy(l->mem, bytes_str(text));
    bytes_done(text);
    return out;
}

// ---- constraints ----

// A number that stays as long as the name does; names that meet in one step aside.
static unsigned part_of(const LookConstraint *list, size_t count, uint64_t table, Str name)
{
    unsigned part = (unsigned)(hash_bytes(name.at, name.len, 0) % 0x7fe);
    for (bool taken = true; taken;) {
        taken = false;
        for (size_t i = 0; i < count && !taken; i++) taken = list[i].oid == look_part(table, part);
        if (taken) part = (part + 1) % 0x7fe;
    }
    return part;
}

size_t look_constraints(Look *l, const TableDef *def, LookConstraint **out)
{
    size_t n = 0;
    LookConstraint *list = arena_array(l->mem, LookConstraint,
                                       def->index_count + def->foreign_key_count + def->check_count + 1u);
    for (uint16_t i = 0; i < def->index_count; i++) {
        const IndexDef *x = &def->index[i];
        if (x->constraint)
            list[n++] = (LookConstraint){.oid = look_oid(x->id),
                                         .type = x->primary ? 'p' : 'u',
                                         .name = x->name,
                                         .def = def,
                                         .index = x};
    }
    for (uint16_t i = 0; i < def->foreign_key_count; i++) {
        LookConstraint c = {.type = 'f', .name = def->foreign_key[i].name, .def = def};
        c.key = &def->foreign_key[i];
        c.oid = look_part(def->id, part_of(list, n, def->id, c.name));
        list[n++] = c;
    }
    for (uint16_t i = 0; i < def->check_count; i++) {
        LookConstraint c = {.type = 'c', .name = def->check[i].name, .def = def};
        c.check = &def->check[i];
        c.oid = look_part(def->id, part_of(list, n, def->id, c.name));
        list[n++] = c;
    }
    *out = list;
    return n;
}

size_t look_domain_constraints(Look *l, const ObjectDef *domain, LookConstraint **out)
{
    size_t n = 0;
    LookConstraint *list = arena_array(l->mem, LookConstraint, domain->field_count + 1);
    for (uint32_t i = 0; i < domain->field_count; i++) {
        const ObjectField *f = &domain->field[i];
        if (!str_starts(f->name, STR("check "))) continue;
        CheckDef *check = arena_new(l->mem, CheckDef);
        *check = (CheckDef){.name = str_slice(f->name, 6, f->name.len), .text = f->value};
        LookConstraint c = {.type = 'c', .name = check->name, .domain = domain, .check = check};
        c.oid = look_part(domain->id, part_of(list, n, domain->id, c.name));
        list[n++] = c;
    }
    *out = list;
    return n;
}

static bool among(const LookConstraint *list, size_t n, int64_t oid, LookConstraint *out)
{
    for (size_t i = 0; i < n; i++) {
        *out = list[i];
        if (out->oid == oid) return true;
    }
    return false;
}

bool look_constraint(Look *l, int64_t oid, LookConstraint *out)
{
    LookConstraint *list = NULL;
    LookRelation r;
    uint64_t table = look_part_table(oid);
    Table *t = table ? transaction_table_by_id(l->s->transaction, table) : NULL;
    if (t) return among(list, look_constraints(l, table_def(t), &list), oid, out);
    if (table) {
        const ObjectDef *o = transaction_object_by_id(l->s->transaction, table, l->mem);
        return o && o->kind == OBJECT_DOMAIN && among(list, look_domain_constraints(l, o, &list), oid, out);
    }
    if (!look_relation(l, oid, &r) || !r.index) return false;
    return among(list, look_constraints(l, r.def, &list), oid, out);
}

static void put_columns(Bytes *out, const TableDef *def, const uint16_t *column, uint16_t count)
{
    bytes_put_byte(out, '(');
    for (uint16_t i = 0; i < count; i++) {
        if (i) bytes_put(out, STR(", "));
        print_name(out, def->column[column[i]].name);
    }
    bytes_put_byte(out, ')');
}

static void put_action(Bytes *out, const char *on, KeyAction a)
{
    static const char *const word[] = {[KEY_RESTRICT] = "RESTRICT",
                                       [KEY_CASCADE] = "CASCADE",
                                       [KEY_SET_NULL] = "SET NULL",
                                       [KEY_SET_DEFAULT] = "SET DEFAULT"};
    if (a == KEY_NO_ACTION) return;
    bytes_put(out, str_of(on));
    bytes_put(out, str_of(word[a]));
}

static void put_foreign(Look *l, Bytes *out, const LookConstraint *c)
{
    const ForeignKeyDef *k = c->key;
    LookRelation parent;
    bytes_put(out, STR("FOREIGN KEY "));
    put_columns(out, c->def, k->column, k->column_count);
    bytes_put(out, STR(" REFERENCES "));
    if (look_relation(l, look_oid(k->parent_id), &parent)) {
        bytes_put(out, look_relation_text(l, &parent));
        put_columns(out, parent.def, k->parent_column, k->column_count);
    }
    if (k->match_full) bytes_put(out, STR(" MATCH FULL"));
    put_action(out, " ON UPDATE ", k->on_update);
    put_action(out, " ON DELETE ", k->on_delete);
    if (k->set_count) bytes_put_byte(out, ' ');
    if (k->set_count) put_columns(out, c->def, k->set_column, k->set_count);
    if (k->deferrable) bytes_put(out, STR(" DEFERRABLE"));
    if (k->deferred) bytes_put(out, STR(" INITIALLY DEFERRED"));
    if (k->not_valid) bytes_put(out, STR(" NOT VALID"));
}

static Str check_text(Look *l, const LookConstraint *c, bool pretty)
{
    const Type boolean = type_of(TYPE_BOOLEAN);
    if (c->def) return look_expr_text(l, c->check->text, c->def, boolean, pretty);
    ColumnDef value = {.name = STR("value"), .type = search_type_of(c->domain), .slot = 1};
    value.type.domain = 0;
    const TableDef table = {.column = &value, .column_count = 1, .slots = 1};
    return look_expr_text(l, c->check->text, &table, boolean, pretty);
}

Str look_constraint_text(Look *l, const LookConstraint *c, bool pretty)
{
    Bytes text;
    bytes_init(&text, LOOK_TEXT_MAX);
    if (c->index) {
        bytes_put(&text, c->index->primary ? STR("PRIMARY KEY ") : STR("UNIQUE "));
        put_columns(&text, c->def, c->index->column, c->index->column_count);
        if (c->index->include_count) bytes_put(&text, STR(" INCLUDE "));
        if (c->index->include_count) put_columns(&text, c->def, c->index->include, c->index->include_count);
    } else if (c->key) {
        put_foreign(l, &text, c);
    } else {
        bytes_put(&text, STR("CHECK ("));
        bytes_put(&text, check_text(l, c, pretty));
        bytes_put(&text, c->check->not_valid ? STR(") NOT VALID") : STR(")"));
    }
    return done(l, &text);
}

// ---- indexes ----

static bool looks_like_call(Str s)
{
    size_t at = 0;
    while (at < s.len && ((s.at[at] >= 'a' && s.at[at] <= 'z') || (s.at[at] >= 'A' && s.at[at] <= 'Z') ||
                          s.at[at] == '_' || (s.at[at] >= '0' && s.at[at] <= '9')))
        at++;
    if (!at || at == s.len || s.at[at] != '(') return false;
    int depth = 0;
    for (; at < s.len; at++) {
        depth += s.at[at] == '(' ? 1 : s.at[at] == ')' ? -1 : 0;
        if (!depth) return at + 1 == s.len;
    }
    return false;
}

static void put_key(Look *l, Bytes *out, const LookRelation *r, uint16_t i, bool pretty)
{
    const TableDef *def = r->def;
    uint16_t at = r->index->column[i];
    if (at < def->column_count) {
        print_name(out, def->column[at].name);
        return;
    }
    Str expr = look_expr_text(l, def->column[at].generated, def, def->column[at].type, pretty);
    bool call = looks_like_call(expr);
    if (!call) bytes_put_byte(out, '(');
    bytes_put(out, expr);
    if (!call) bytes_put_byte(out, ')');
}

static void put_order(Bytes *out, const IndexDef *x, uint16_t i)
{
    bool down = x->descending >> i & 1, first = x->nulls_first >> i & 1;
    if (down) bytes_put(out, STR(" DESC"));
    if (down && !first) bytes_put(out, STR(" NULLS LAST"));
    if (!down && first) bytes_put(out, STR(" NULLS FIRST"));
}

Str look_index_text(Look *l, const LookRelation *r, int32_t column, bool pretty)
{
    const IndexDef *x = r->index;
    Bytes text;
    bytes_init(&text, LOOK_TEXT_MAX);
    if (column > 0) {
        if (column <= x->column_count) put_key(l, &text, r, (uint16_t)(column - 1), pretty);
        if (column > x->column_count && column <= x->column_count + x->include_count)
            print_name(&text, r->def->column[x->include[column - x->column_count - 1]].name);
        return done(l, &text);
    }
    LookRelation table = *r;
    table.index = NULL;
    table.name = r->def->name;
    bytes_put(&text, x->unique ? STR("CREATE UNIQUE INDEX ") : STR("CREATE INDEX "));
    print_name(&text, x->name);
    bytes_put(&text, STR(" ON "));
    if (!pretty) {
        print_name(&text, r->schema);
        bytes_put_byte(&text, '.');
        print_name(&text, table.name);
    } else {
        bytes_put(&text, look_relation_text(l, &table));
    }
    bytes_put(&text, x->kind == INDEX_HASH && !x->unique ? STR(" USING hash (") : STR(" USING btree ("));
    for (uint16_t i = 0; i < x->column_count; i++) {
        if (i) bytes_put(&text, STR(", "));
        put_key(l, &text, r, i, pretty);
        put_order(&text, x, i);
    }
    bytes_put_byte(&text, ')');
    if (x->include_count) bytes_put(&text, STR(" INCLUDE "));
    if (x->include_count) put_columns(&text, r->def, x->include, x->include_count);
    if (x->predicate) {
        bytes_put(&text, STR(" WHERE "));
        bytes_put(&text, look_expr_text(l, r->def->column[x->predicate - 1].generated, r->def,
                                        type_of(TYPE_BOOLEAN), pretty));
    }
    return done(l, &text);
}

// ---- views ----

Str look_view_text(Look *l, const LookRelation *r, bool pretty)
{
    (void)pretty;
    if (r->system && r->system->query) return arena_printf(l->mem, " %s;", r->system->query);
    if (!r->object || r->kind == 'S') return STR_NONE;
    Str query = object_field(r->object, "query");
    return query.at ? arena_printf(l->mem, " %.*s;", STR_ARG(query)) : STR_NONE;
}

// ---- comments ----

Str look_comment(Look *l, Str schema, uint64_t id, Str part)
{
    const ObjectDef *o = transaction_object_find(l->s->transaction, OBJECT_COMMENT, l->search.database,
                                                 schema, id, part, l->mem);
    return o ? object_field(o, "text") : STR_NONE;
}

static Str class_comment(Look *l, int64_t oid)
{
    LookRelation r;
    if (!look_relation(l, oid, &r) || r.system) return STR_NONE;
    if (!r.index) return look_comment(l, r.schema, look_id(oid), STR(""));
    return look_comment(l, r.schema, r.def->id, arena_printf(l->mem, "index %.*s", STR_ARG(r.name)));
}

static Str constraint_comment(Look *l, int64_t oid)
{
    LookConstraint c;
    if (!look_constraint(l, oid, &c) || !c.def) return STR_NONE;
    return look_comment(l, c.def->schema, c.def->id,
                        arena_printf(l->mem, "constraint %.*s", STR_ARG(c.name)));
}

Str look_comment_of(Look *l, int64_t oid, int64_t catalog)
{
    Str found = STR_NONE;
    if (!l->search.database.len) return found;
    if (oid == LOOK_PUBLIC && catalog == LOOK_PG_NAMESPACE) {
        found = look_comment(l, STR(""), 0, SCHEMA_PUBLIC);
        return found.at ? found : STR("standard public schema");
    }
    if (catalog == LOOK_PG_CLASS || !catalog) found = class_comment(l, oid);
    if (!found.at && (catalog == LOOK_PG_CONSTRAINT || !catalog)) found = constraint_comment(l, oid);
    bool own = catalog == LOOK_PG_NAMESPACE || catalog == LOOK_PG_TYPE || catalog == LOOK_PG_PROC ||
               catalog == LOOK_PG_TRIGGER;
    const ObjectDef *o = !found.at && own && look_id(oid)
                             ? transaction_object_by_id(l->s->transaction, look_id(oid), l->mem)
                             : NULL;
    return o ? look_comment(l, o->schema, o->id, STR("")) : found;
}
