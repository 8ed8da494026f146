// System: pg_type, pg_enum, pg_constraint, pg_sequence, pg_depend, pg_description, pg_rewrite.
#include "engine/db/system_pg.h"

#include <inttypes.h>

// ---- pg_type ----

#define TYPES(C)                                                                                             \
    C(oid, OID)                                                                                              \
    C(typname, WORD)                                                                                         \
    C(typnamespace, OID)                                                                                     \
    C(typowner, OID)                                                                                         \
    C(typlen, INT2)                                                                                          \
    C(typbyval, BOOL)                                                                                        \
    C(typtype, TEXT)                                                                                         \
    C(typcategory, TEXT)                                                                                     \
    C(typispreferred, BOOL)                                                                                  \
    C(typisdefined, BOOL)                                                                                    \
    C(typdelim, TEXT)                                                                                        \
    C(typrelid, OID)                                                                                         \
    C(typsubscript, REGPROC)                                                                                 \
    C(typelem, OID)                                                                                          \
    C(typarray, OID)                                                                                         \
    C(typinput, TEXT)                                                                                        \
    C(typoutput, TEXT)                                                                                       \
    C(typreceive, TEXT)                                                                                      \
    C(typsend, TEXT)                                                                                         \
    C(typmodin, TEXT)                                                                                        \
    C(typmodout, TEXT)                                                                                       \
    C(typanalyze, TEXT)                                                                                      \
    C(typalign, TEXT)                                                                                        \
    C(typstorage, TEXT)                                                                                      \
    C(typnotnull, BOOL)                                                                                      \
    C(typbasetype, OID)                                                                                      \
    C(typtypmod, INT4)                                                                                       \
    C(typndims, INT4)                                                                                        \
    C(typcollation, OID)                                                                                     \
    C(typdefaultbin, TEXT)                                                                                   \
    C(typdefault, TEXT)                                                                                      \
    C(typacl, TEXTS)

// The names of a type's functions: int4in, array_in, enum_in, domain_in, date_in.
static void put_functions(SystemFind *x, const LookType *t)
{
    static const char *const what[] = {"in", "out", "recv", "send"};
    bool array = t->category == 'A' && t->oid != 22 && t->oid != 30;
    Str stem = array ? STR("array") : t->type == 'e' ? STR("enum") : t->type == 'd' ? STR("domain") : t->name;
    bool bar = array || t->type == 'e' || t->type == 'd' || t->is.id == TYPE_DATE || t->is.id == TYPE_TIME ||
               t->is.id == TYPE_TIMESTAMP || t->is.id == TYPE_NUMERIC || t->is.id == TYPE_UUID ||
               t->is.id == TYPE_JSON || t->is.id == TYPE_JSONB || t->is.id == TYPE_INTERVAL ||
               t->is.id == TYPE_TIMESTAMPTZ;
    for (size_t i = 0; i < COUNT_OF(what); i++)
        system_text(&x->f, arena_printf(x->f.mem, "%.*s%s%s", STR_ARG(stem), bar ? "_" : "", what[i]));
    for (int i = 0; i < 3; i++) system_text(&x->f, STR("-"));
}

static bool put_type(SystemFind *x, const LookType *t)
{
    SystemFill *f = &x->f;
    system_oid(f, t->oid);
    system_word(f, t->name);
    system_oid(f, t->schema_oid);
    system_oid(f, t->object ? look_role_oid(&x->l, t->object->owner) : 10);
    system_int(f, t->length);
    system_bool(f, t->by_value);
    system_char(f, t->type);
    system_char(f, t->category);
    system_bool(f, t->preferred);
    system_bool(f, true);
    system_char(f, ',');
    system_oid(f, 0);
    system_oid(f, 0);
    system_oid(f, t->element);
    system_oid(f, t->array);
    put_functions(x, t);
    system_char(f, t->align);
    system_char(f, t->storage);
    system_bool(f, t->not_null);
    system_oid(f, t->base);
    system_int(f, t->modifier);
    system_int(f, 0);
    system_oid(f, t->collation);
    Str start = t->type == 'd' ? object_field(t->object, "default") : STR_NONE;
    Type base = t->is;
    base.domain = 0;
    system_optional(f, start);
    system_optional(f, start.at ? look_expr_text(&x->l, start, NULL, base, false) : STR_NONE);
    system_null(f);
    return system_done(f);
}

SYSTEM_FIND(find_type)
{
    SYSTEM_FIND_BEGIN(x);
    LookType *t, one;
    const Value *oid = system_key(&x, 0);
    if (oid) return !look_type(&x.l, oid->i64, &one) || put_type(&x, &one);
    size_t n = look_types(&x.l, &t);
    for (size_t i = 0; i < n; i++)
        if (system_key_is_text(&x, 1, t[i].name) && !put_type(&x, &t[i])) return false;
    return true;
}
SYSTEM_PG(type, "pg_type", 1247, TYPES, find_type);

// ---- pg_enum ----

#define ENUM(C) C(oid, OID) C(enumtypid, OID) C(enumsortorder, REAL) C(enumlabel, WORD)

typedef struct Label {
    int64_t place;
    Str text;
} Label;

// Labels by their places; fields stand in the order in which they came.
static uint32_t sorted_labels(SystemFind *x, const ObjectDef *o, Label **out)
{
    Label *label = arena_array(x->f.mem, Label, o->field_count + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->field_count; i++) {
        int64_t place;
        if (!str_to_int64(o->field[i].name, &place)) continue;
        uint32_t at = n++;
        for (; at && label[at - 1].place > place; at--) label[at] = label[at - 1];
        label[at] = (Label){place, o->field[i].value};
    }
    *out = label;
    return n;
}

SYSTEM_FIND(find_enum)
{
    SYSTEM_FIND_BEGIN(x);
    const ObjectDef **o;
    Label *label;
    size_t n = x.l.search.database.len
                   ? transaction_object_list(x.l.s->transaction, OBJECT_ENUM, x.l.search.database, mem, &o)
                   : 0;
    for (size_t i = 0; i < n; i++) {
        if (!system_key_is_oid(&x, 1, look_oid(o[i]->id))) continue;
        uint32_t labels = sorted_labels(&x, o[i], &label);
        for (uint32_t k = 0; k < labels; k++) {
            system_oid(&x.f, look_part(o[i]->id, k));
            system_oid(&x.f, look_oid(o[i]->id));
            system_int(&x.f, k + 1);
            system_word(&x.f, label[k].text);
            if (!system_done(&x.f)) return false;
        }
    }
    return true;
}
SYSTEM_PG(enum, "pg_enum", 3501, ENUM, find_enum);

// ---- pg_constraint ----

#define CONSTRAINT(C)                                                                                        \
    C(oid, OID)                                                                                              \
    C(conname, WORD)                                                                                         \
    C(connamespace, OID)                                                                                     \
    C(contype, TEXT)                                                                                         \
    C(condeferrable, BOOL)                                                                                   \
    C(condeferred, BOOL)                                                                                     \
    C(convalidated, BOOL)                                                                                    \
    C(conrelid, OID)                                                                                         \
    C(contypid, OID)                                                                                         \
    C(conindid, OID)                                                                                         \
    C(conparentid, OID)                                                                                      \
    C(confrelid, OID)                                                                                        \
    C(confupdtype, TEXT)                                                                                     \
    C(confdeltype, TEXT)                                                                                     \
    C(confmatchtype, TEXT)                                                                                   \
    C(conislocal, BOOL)                                                                                      \
    C(coninhcount, INT4)                                                                                     \
    C(connoinherit, BOOL)                                                                                    \
    C(conkey, INT2S)                                                                                         \
    C(confkey, INT2S)                                                                                        \
    C(conpfeqop, OIDS)                                                                                       \
    C(conppeqop, OIDS)                                                                                       \
    C(conffeqop, OIDS)                                                                                       \
    C(confdelsetcols, INT2S)                                                                                 \
    C(conexclop, OIDS)                                                                                       \
    C(conbin, TEXT)

static void put_numbers(SystemFind *x, const uint16_t *column, uint16_t count)
{
    int16_t number[SCHEMA_KEY_COLUMNS_MAX];
    for (uint16_t i = 0; i < count; i++) number[i] = (int16_t)(column[i] + 1);
    if (count)
        system_int2s(x, number, count, false);
    else
        system_null(&x->f);
}

typedef struct Used {
    uint16_t columns, column[SCHEMA_KEY_COLUMNS_MAX], n;
} Used;

static bool note_column(Expr *e, void *arg)
{
    Used *u = arg;
    if (e->kind != EXPR_SLOT || e->slot >= u->columns || u->n == SCHEMA_KEY_COLUMNS_MAX) return true;
    for (uint16_t i = 0; i < u->n; i++)
        if (u->column[i] == e->slot) return true;
    u->column[u->n++] = (uint16_t)e->slot;
    return true;
}

// The columns that a check's text names, in the order in which it does.
static void put_check_columns(SystemFind *x, const LookConstraint *c)
{
    Expr *e = NULL;
    Err ignored = {.at = -1};
    PlanContext context = {exec_functions(), &x->l.search, &x->l.s->cast};
    Used used = {.columns = c->def ? c->def->column_count : 0};
    if (c->def &&
        plan_bind_text(&e, c->check->text, c->def, type_of(TYPE_BOOLEAN), &context, x->f.mem, &ignored))
        expr_walk(e, note_column, &used);
    put_numbers(x, used.column, used.n);
}

static void put_constraint_keys(SystemFind *x, const LookConstraint *c)
{
    if (c->index)
        put_numbers(x, c->index->column, c->index->column_count);
    else if (c->key)
        put_numbers(x, c->key->column, c->key->column_count);
    else
        put_check_columns(x, c);
    if (c->key)
        put_numbers(x, c->key->parent_column, c->key->column_count);
    else
        system_null(&x->f);
    for (int i = 0; i < 3; i++) system_null(&x->f);
    if (c->key && c->key->set_count)
        put_numbers(x, c->key->set_column, c->key->set_count);
    else
        system_null(&x->f);
    system_null(&x->f);
    system_optional(&x->f, c->check ? c->check->text : STR_NONE);
}

static int64_t parent_index_oid(SystemFind *x, const ForeignKeyDef *key)
{
    Table *parent = transaction_table_by_id(x->l.s->transaction, key->parent_id);
    const IndexDef *i =
        parent ? schema_unique_on(table_def(parent), key->parent_column, key->column_count) : NULL;
    return i ? look_oid(i->id) : 0;
}

static bool put_constraint(SystemFind *x, const LookConstraint *c, int64_t schema)
{
    static const char action[] = {[KEY_NO_ACTION] = 'a',
                                  [KEY_RESTRICT] = 'r',
                                  [KEY_CASCADE] = 'c',
                                  [KEY_SET_NULL] = 'n',
                                  [KEY_SET_DEFAULT] = 'd'};
    SystemFill *f = &x->f;
    const ForeignKeyDef *k = c->key;
    if (!system_key_is_oid(x, 0, c->oid) || !system_key_is_text(x, 1, c->name)) return true;
    system_oid(f, c->oid);
    system_word(f, c->name);
    system_oid(f, schema);
    system_char(f, c->type);
    system_bool(f, k && k->deferrable);
    system_bool(f, k && k->deferred);
    system_bool(f, !(k && k->not_valid) && !(c->check && c->check->not_valid));
    system_oid(f, c->def ? look_oid(c->def->id) : 0);
    system_oid(f, c->domain ? look_oid(c->domain->id) : 0);
    system_oid(f, c->index ? look_oid(c->index->id) : k ? parent_index_oid(x, k) : 0);
    system_oid(f, 0);
    system_oid(f, k ? look_oid(k->parent_id) : 0);
    system_char(f, k ? action[k->on_update] : ' ');
    system_char(f, k ? action[k->on_delete] : ' ');
    system_char(f, !k ? ' ' : k->match_full ? 'f' : 's');
    system_bool(f, true);
    system_int(f, 0);
    system_bool(f, c->type != 'c');
    put_constraint_keys(x, c);
    return system_done(f);
}

static bool visit_constraints(void *self, const LookRelation *r)
{
    SystemFind *x = self;
    LookConstraint *c;
    if (!r->def || r->index) return true;
    const Value *parent = system_key(x, 11);
    size_t n = look_constraints(&x->l, r->def, &c);
    for (size_t i = 0; i < n; i++) {
        if (parent && (!c[i].key || look_oid(c[i].key->parent_id) != parent->i64)) continue;
        if (!put_constraint(x, &c[i], r->schema_oid)) return false;
    }
    return true;
}

SYSTEM_FIND(find_constraint)
{
    SYSTEM_FIND_BEGIN(x);
    const ObjectDef **o;
    if (!system_each_relation(&x, 7, visit_constraints)) return false;
    const Value *table = system_key(&x, 7);
    bool none = (table && table->i64) || !x.l.search.database.len;
    size_t n =
        none ? 0 : transaction_object_list(x.l.s->transaction, OBJECT_DOMAIN, x.l.search.database, mem, &o);
    for (size_t i = 0; i < n; i++) {
        LookConstraint *c;
        if (!system_key_is_oid(&x, 8, look_oid(o[i]->id))) continue;
        size_t checks = look_domain_constraints(&x.l, o[i], &c);
        for (size_t k = 0; k < checks; k++)
            if (!put_constraint(&x, &c[k], look_schema_oid(&x.l, o[i]->schema))) return false;
    }
    return true;
}
SYSTEM_PG(constraint, "pg_constraint", 2606, CONSTRAINT, find_constraint);

// ---- pg_sequence ----

#define SEQUENCE(C)                                                                                          \
    C(seqrelid, OID)                                                                                         \
    C(seqtypid, OID)                                                                                         \
    C(seqstart, INT8)                                                                                        \
    C(seqincrement, INT8)                                                                                    \
    C(seqmax, INT8)                                                                                          \
    C(seqmin, INT8)                                                                                          \
    C(seqcache, INT8)                                                                                        \
    C(seqcycle, BOOL)

static bool visit_sequence(void *self, const LookRelation *r)
{
    static const char *const field[] = {"start", "increment", "max", "min", "cache"};
    SystemFind *x = self;
    if (r->kind != 'S') return true;
    Str type = object_field(r->object, "type");
    TypeId id = str_equal(type, STR("smallint"))  ? TYPE_SMALLINT
                : str_equal(type, STR("integer")) ? TYPE_INTEGER
                                                  : TYPE_BIGINT;
    system_oid(&x->f, r->oid);
    system_oid(&x->f, look_type_oid(type_of(id)));
    for (size_t i = 0; i < COUNT_OF(field); i++) {
        int64_t n = 1;
        (void)str_to_int64(object_field(r->object, field[i]), &n);
        system_int(&x->f, n);
    }
    system_bool(&x->f, object_field(r->object, "cycle").at != NULL);
    return system_done(&x->f);
}

SYSTEM_FIND(find_sequence)
{
    SYSTEM_FIND_BEGIN(x);
    return system_each_relation(&x, 0, visit_sequence);
}
SYSTEM_PG(sequence, "pg_sequence", 2224, SEQUENCE, find_sequence);

// ---- pg_depend: sequences of columns, what views read ----

#define DEPEND(C)                                                                                            \
    C(classid, OID)                                                                                          \
    C(objid, OID)                                                                                            \
    C(objsubid, INT4)                                                                                        \
    C(refclassid, OID)                                                                                       \
    C(refobjid, OID)                                                                                         \
    C(refobjsubid, INT4)                                                                                     \
    C(deptype, TEXT)

static bool put_depend(SystemFind *x, int64_t catalog, int64_t oid, uint64_t on, int column, char how)
{
    LookRelation r;
    bool relation = look_relation(&x->l, look_oid(on), &r);
    if (!system_key_is_oid(x, 4, look_oid(on))) return true;
    system_oid(&x->f, catalog);
    system_oid(&x->f, oid);
    system_int(&x->f, 0);
    system_oid(&x->f, relation ? LOOK_PG_CLASS : LOOK_PG_TYPE);
    system_oid(&x->f, look_oid(on));
    system_int(&x->f, column);
    system_char(&x->f, how);
    return system_done(&x->f);
}

static bool owned_sequence(SystemFind *x, const LookRelation *r)
{
    Str column = object_field(r->object, "column");
    if (!column.at) return true;
    for (uint32_t i = 0; i < r->object->dependency_count; i++) {
        Table *t = transaction_table_by_id(x->l.s->transaction, r->object->dependency[i]);
        int at = t ? schema_column(table_def(t), column) : -1;
        char how = object_field(r->object, "internal").at ? 'i' : 'a';
        if (at >= 0) return put_depend(x, LOOK_PG_CLASS, r->oid, table_def(t)->id, at + 1, how);
    }
    return true;
}

static bool visit_depend(void *self, const LookRelation *r)
{
    SystemFind *x = self;
    if (r->kind == 'S' && r->object) return owned_sequence(x, r);
    if (!r->object) return true;
    for (uint32_t i = 0; i < r->object->dependency_count; i++)
        if (!put_depend(x, LOOK_PG_REWRITE, r->oid, r->object->dependency[i], 0, 'n')) return false;
    return true;
}

SYSTEM_FIND(find_depend)
{
    SYSTEM_FIND_BEGIN(x);
    return system_each_relation(&x, 1, visit_depend);
}
SYSTEM_PG(depend, "pg_depend", 2608, DEPEND, find_depend);

// ---- pg_description ----

#define DESCRIPTION(C) C(objoid, OID) C(classoid, OID) C(objsubid, INT4) C(description, TEXT)

static bool put_description(SystemFind *x, int64_t oid, int64_t catalog, int column, Str text)
{
    if (!text.at || !system_key_is_oid(x, 1, catalog)) return true;
    system_oid(&x->f, oid);
    system_oid(&x->f, catalog);
    system_int(&x->f, column);
    system_text(&x->f, text);
    return system_done(&x->f);
}

static bool visit_description(void *self, const LookRelation *r)
{
    SystemFind *x = self;
    LookConstraint *c;
    const ColumnDef *column;
    if (r->system) return true;
    if (!put_description(x, r->oid, LOOK_PG_CLASS, 0, look_comment_of(&x->l, r->oid, LOOK_PG_CLASS)))
        return false;
    if (r->index) return true;
    uint32_t n = r->kind == 'S' ? 0 : look_columns(&x->l, r, &column);
    for (uint32_t i = 0; i < n; i++)
        if (!put_description(x, r->oid, LOOK_PG_CLASS, (int)i + 1,
                             look_comment(&x->l, r->schema, look_id(r->oid), column[i].name)))
            return false;
    size_t constraints = r->def ? look_constraints(&x->l, r->def, &c) : 0;
    for (size_t i = 0; i < constraints; i++)
        if (!put_description(x, c[i].oid, LOOK_PG_CONSTRAINT, 0,
                             look_comment_of(&x->l, c[i].oid, LOOK_PG_CONSTRAINT)))
            return false;
    return true;
}

SYSTEM_FIND(find_description)
{
    SYSTEM_FIND_BEGIN(x);
    LookSchema *s;
    size_t n = look_schemas(&x.l, &s);
    for (size_t i = 0; i < n; i++)
        if (!put_description(&x, s[i].oid, LOOK_PG_NAMESPACE, 0,
                             look_comment_of(&x.l, s[i].oid, LOOK_PG_NAMESPACE)))
            return false;
    return look_each_relation(&x.l, visit_description, &x);
}
SYSTEM_PG(description, "pg_description", 2609, DESCRIPTION, find_description);

// ---- pg_rewrite: the rules of views ----

#define REWRITE(C)                                                                                           \
    C(oid, OID)                                                                                              \
    C(rulename, WORD)                                                                                        \
    C(ev_class, OID)                                                                                         \
    C(ev_type, TEXT)                                                                                         \
    C(ev_enabled, TEXT)                                                                                      \
    C(is_instead, BOOL)                                                                                      \
    C(ev_qual, TEXT)                                                                                         \
    C(ev_action, TEXT)

static bool visit_rewrite(void *self, const LookRelation *r)
{
    SystemFind *x = self;
    if (!r->object || (r->kind != 'v' && r->kind != 'm')) return true;
    system_oid(&x->f, r->oid);
    system_word(&x->f, STR("_RETURN"));
    system_oid(&x->f, r->oid);
    system_char(&x->f, '1');
    system_char(&x->f, 'O');
    system_bool(&x->f, true);
    system_text(&x->f, STR("<>"));
    system_text(&x->f, object_field(r->object, "query"));
    return system_done(&x->f);
}

SYSTEM_FIND(find_rewrite)
{
    SYSTEM_FIND_BEGIN(x);
    return system_each_relation(&x, 2, visit_rewrite);
}
SYSTEM_PG(rewrite, "pg_rewrite", 2618, REWRITE, find_rewrite);
