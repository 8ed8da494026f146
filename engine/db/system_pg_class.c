// System: relations as pg_catalog shows them: pg_class, pg_attribute, pg_attrdef, pg_index, pg_namespace.
#include "engine/db/ddl.h"
#include "engine/db/system_pg.h"

// ---- pg_class ----

#define CLASS(C)                                                                                             \
    C(oid, OID)                                                                                              \
    C(relname, WORD)                                                                                         \
    C(relnamespace, OID)                                                                                     \
    C(reltype, OID)                                                                                          \
    C(reloftype, OID)                                                                                        \
    C(relowner, OID)                                                                                         \
    C(relam, OID)                                                                                            \
    C(relfilenode, OID)                                                                                      \
    C(reltablespace, OID)                                                                                    \
    C(relpages, INT4)                                                                                        \
    C(reltuples, REAL)                                                                                       \
    C(relallvisible, INT4)                                                                                   \
    C(reltoastrelid, OID)                                                                                    \
    C(relhasindex, BOOL)                                                                                     \
    C(relisshared, BOOL)                                                                                     \
    C(relpersistence, TEXT)                                                                                  \
    C(relkind, TEXT)                                                                                         \
    C(relnatts, INT2)                                                                                        \
    C(relchecks, INT2)                                                                                       \
    C(relhasrules, BOOL)                                                                                     \
    C(relhastriggers, BOOL)                                                                                  \
    C(relhassubclass, BOOL)                                                                                  \
    C(relrowsecurity, BOOL)                                                                                  \
    C(relforcerowsecurity, BOOL)                                                                             \
    C(relispopulated, BOOL)                                                                                  \
    C(relreplident, TEXT)                                                                                    \
    C(relispartition, BOOL)                                                                                  \
    C(relrewrite, OID)                                                                                       \
    C(relfrozenxid, OID)                                                                                     \
    C(relminmxid, OID)                                                                                       \
    C(relacl, TEXTS)                                                                                         \
    C(reloptions, TEXTS)                                                                                     \
    C(relpartbound, TEXT)

static uint16_t shown_indexes(const TableDef *def)
{
    uint16_t n = 0;
    for (uint16_t i = 0; i < def->index_count; i++) n += look_is_shown_index(def, &def->index[i]);
    return n;
}

static void put_options(SystemFind *x, const LookRelation *r)
{
    Str check = r->object && r->kind == 'v' ? object_field(r->object, "check") : STR_NONE;
    Str option = str_equal(check, STR("local")) ? STR("check_option=local") : STR("check_option=cascaded");
    if (check.at)
        system_texts(x, &option, 1);
    else
        system_null(&x->f);
}

// As in PostgreSQL foreign keys count on both their sides.
static bool has_triggers(SystemFind *x, const TableDef *def)
{
    const TableDef **child;
    const ObjectDef **o;
    if (def->foreign_key_count || transaction_children(x->l.s->transaction, def->id, x->f.mem, &child))
        return true;
    size_t n = transaction_object_dependents(x->l.s->transaction, def->id, x->f.mem, &o);
    for (size_t i = 0; i < n; i++)
        if (o[i]->kind == OBJECT_TRIGGER) return true;
    return false;
}

static void put_class_state(SystemFind *x, const LookRelation *r)
{
    SystemFill *f = &x->f;
    const TableDef *table = r->index ? NULL : r->def;
    Table *t = table ? transaction_table_by_id(x->l.s->transaction, table->id) : NULL;
    bool filled = r->kind != 'm' || (r->object && object_field(r->object, "filled").at);
    bool temporary = (r->def && r->def->temporary) || (r->object && r->object->temporary);
    system_int(f, 0);
    system_int(f, t ? (int64_t)table_rows_estimate(t) : r->index ? 0 : -1);
    system_int(f, 0);
    system_oid(f, 0);
    system_bool(f, table && shown_indexes(table));
    system_bool(f, false);
    system_char(f, temporary ? 't' : 'p');
    system_char(f, r->kind);
    const ColumnDef *column;
    system_int(f, !r->system || !r->system->query ? look_columns(&x->l, r, &column) : 0);
    system_int(f, table ? table->check_count : 0);
    system_bool(f, r->kind == 'v' || r->kind == 'm');
    system_bool(f, table && has_triggers(x, table));
    system_bool(f, false);
    system_bool(f, false);
    system_bool(f, false);
    system_bool(f, filled);
    system_char(f, r->kind == 'r' || r->kind == 'm' ? (r->system ? 'n' : 'd') : 'n');
}

static bool visit_class(void *self, const LookRelation *r)
{
    SystemFind *x = self;
    SystemFill *f = &x->f;
    bool heap = r->kind == 'r' || r->kind == 'm';
    if (!system_key_is_text(x, 1, r->name) || !system_key_is_oid(x, 2, r->schema_oid)) return true;
    system_oid(f, r->oid);
    system_word(f, r->name);
    system_oid(f, r->schema_oid);
    system_oid(f, 0);
    system_oid(f, 0);
    system_oid(f, look_owner(&x->l, r));
    system_oid(f, heap                                                ? LOOK_HEAP
                  : !r->index                                         ? 0
                  : r->index->kind == INDEX_HASH && !r->index->unique ? LOOK_HASH
                                                                      : LOOK_BTREE);
    system_oid(f, r->kind == 'v' ? 0 : r->oid);
    system_oid(f, 0);
    put_class_state(x, r);
    system_bool(f, false);
    system_oid(f, 0);
    system_oid(f, 0);
    system_oid(f, 0);
    system_null(f);
    put_options(x, r);
    system_null(f);
    return system_done(f);
}

SYSTEM_FIND(find_class)
{
    SYSTEM_FIND_BEGIN(x);
    return system_each_relation(&x, 0, visit_class);
}
SYSTEM_PG(class, "pg_class", 1259, CLASS, find_class);

// ---- pg_namespace ----

#define NAMESPACE(C) C(oid, OID) C(nspname, WORD) C(nspowner, OID) C(nspacl, TEXTS)

SYSTEM_FIND(find_namespace)
{
    SYSTEM_FIND_BEGIN(x);
    LookSchema *s;
    size_t n = look_schemas(&x.l, &s);
    for (size_t i = 0; i < n; i++) {
        if (!system_key_is_oid(&x, 0, s[i].oid) || !system_key_is_text(&x, 1, s[i].name)) continue;
        system_oid(&x.f, s[i].oid);
        system_word(&x.f, s[i].name);
        system_oid(&x.f, s[i].object               ? look_role_oid(&x.l, s[i].object->owner)
                         : s[i].oid == LOOK_PUBLIC ? LOOK_DATABASE_OWNER
                                                   : LOOK_ENGINE);
        system_null(&x.f);
        if (!system_done(&x.f)) return false;
    }
    return true;
}
SYSTEM_PG(namespace, "pg_namespace", 2615, NAMESPACE, find_namespace);

// ---- pg_attribute ----

#define ATTRIBUTE(C)                                                                                         \
    C(attrelid, OID)                                                                                         \
    C(attname, WORD)                                                                                         \
    C(atttypid, OID)                                                                                         \
    C(attstattarget, INT4)                                                                                   \
    C(attlen, INT2)                                                                                          \
    C(attnum, INT2)                                                                                          \
    C(attndims, INT4)                                                                                        \
    C(attcacheoff, INT4)                                                                                     \
    C(atttypmod, INT4)                                                                                       \
    C(attbyval, BOOL)                                                                                        \
    C(attalign, TEXT)                                                                                        \
    C(attstorage, TEXT)                                                                                      \
    C(attcompression, TEXT)                                                                                  \
    C(attnotnull, BOOL)                                                                                      \
    C(atthasdef, BOOL)                                                                                       \
    C(atthasmissing, BOOL)                                                                                   \
    C(attidentity, TEXT)                                                                                     \
    C(attgenerated, TEXT)                                                                                    \
    C(attisdropped, BOOL)                                                                                    \
    C(attislocal, BOOL)                                                                                      \
    C(attinhcount, INT4)                                                                                     \
    C(attcollation, OID)                                                                                     \
    C(attacl, TEXTS)                                                                                         \
    C(attoptions, TEXTS)                                                                                     \
    C(attfdwoptions, TEXTS)                                                                                  \
    C(attmissingval, TEXT)

static char identity_of(const ColumnDef *c)
{
    if (c->numbering == COLUMN_ALWAYS) return 'a';
    return c->identity || c->numbering == COLUMN_BY_DEFAULT ? 'd' : 0;
}

// Identity is no default, though it counts with one.
static bool has_default(Look *l, const ColumnDef *c)
{
    if (identity_of(c) || (!c->default_text.at && !c->generated.at)) return false;
    if (!c->type.domain || c->generated.at) return true;
    // a domain's own default is not the column's
    const ObjectDef *o = transaction_object_by_id(l->s->transaction, c->type.domain, l->mem);
    Str start = o ? object_field(o, "default") : STR_NONE;
    return !start.at || !str_equal(start, c->default_text);
}

static bool put_attribute(SystemFind *x, const LookRelation *r, const ColumnDef *c, uint32_t at)
{
    SystemFill *f = &x->f;
    LookType t = {0};
    bool table = r->def && !r->index;
    (void)look_type(&x->l, look_type_oid(c->type), &t);
    if (c->type.id == TYPE_NULL) (void)look_type(&x->l, look_type_oid(type_of(TYPE_TEXT)), &t);
    system_oid(f, r->oid);
    system_word(f, c->name);
    system_oid(f, t.oid);
    system_int(f, -1);
    system_int(f, t.length);
    system_int(f, at + 1);
    system_int(f, c->type.id == TYPE_ARRAY);
    system_int(f, -1);
    system_int(f, look_type_modifier(c->type));
    system_bool(f, t.by_value);
    system_char(f, t.align);
    system_char(f, t.storage);
    system_char(f, 0);
    system_bool(f, !r->index && c->not_null);
    system_bool(f, table && has_default(&x->l, c));
    system_bool(f, false);
    system_char(f, table ? identity_of(c) : 0);
    system_char(f, table && c->generated.at ? 's' : 0);
    system_bool(f, false);
    system_bool(f, true);
    system_int(f, 0);
    system_oid(f, t.collation);
    for (int i = 0; i < 4; i++) system_null(f);
    return system_done(f);
}

static bool visit_attributes(void *self, const LookRelation *r)
{
    SystemFind *x = self;
    const ColumnDef *column;
    const Value *number = system_key(x, 5);
    uint32_t n = look_columns(&x->l, r, &column);
    for (uint32_t i = 0; i < n; i++) {
        if ((number && number->i16 != (int64_t)i + 1) || !system_key_is_text(x, 1, column[i].name)) continue;
        if (!put_attribute(x, r, &column[i], i)) return false;
    }
    return true;
}

SYSTEM_FIND(find_attribute)
{
    SYSTEM_FIND_BEGIN(x);
    return system_each_relation(&x, 0, visit_attributes);
}
SYSTEM_PG(attribute, "pg_attribute", 1249, ATTRIBUTE, find_attribute);

// ---- pg_attrdef ----

#define ATTRDEF(C) C(oid, OID) C(adrelid, OID) C(adnum, INT2) C(adbin, TEXT)

// adbin begins with the column's place: pg_get_expr reads literals in its type.
static bool visit_defaults(void *self, const LookRelation *r)
{
    SystemFind *x = self;
    for (uint16_t i = 0; r->def && !r->index && i < r->def->column_count; i++) {
        const ColumnDef *c = &r->def->column[i];
        if (!has_default(&x->l, c)) continue;
        Str text = c->generated.at ? c->generated : c->default_text;
        system_oid(&x->f, look_part(r->def->id, i + 1u));
        system_oid(&x->f, r->oid);
        system_int(&x->f, i + 1);
        system_text(&x->f, arena_printf(x->f.mem, "%u\t%.*s", i, STR_ARG(text)));
        if (!system_done(&x->f)) return false;
    }
    return true;
}

SYSTEM_FIND(find_attrdef)
{
    SYSTEM_FIND_BEGIN(x);
    return system_each_relation(&x, 1, visit_defaults);
}
SYSTEM_PG(attrdef, "pg_attrdef", 2604, ATTRDEF, find_attrdef);

// ---- pg_index ----

#define INDEX(C)                                                                                             \
    C(indexrelid, OID)                                                                                       \
    C(indrelid, OID)                                                                                         \
    C(indnatts, INT2)                                                                                        \
    C(indnkeyatts, INT2)                                                                                     \
    C(indisunique, BOOL)                                                                                     \
    C(indnullsnotdistinct, BOOL)                                                                             \
    C(indisprimary, BOOL)                                                                                    \
    C(indisexclusion, BOOL)                                                                                  \
    C(indimmediate, BOOL)                                                                                    \
    C(indisclustered, BOOL)                                                                                  \
    C(indisvalid, BOOL)                                                                                      \
    C(indcheckxmin, BOOL)                                                                                    \
    C(indisready, BOOL)                                                                                      \
    C(indislive, BOOL)                                                                                       \
    C(indisreplident, BOOL)                                                                                  \
    C(indkey, INT2S)                                                                                         \
    C(indcollation, OIDS)                                                                                    \
    C(indclass, OIDS)                                                                                        \
    C(indoption, INT2S)                                                                                      \
    C(indexprs, TEXT)                                                                                        \
    C(indpred, TEXT)

static void put_index_keys(SystemFind *x, const LookRelation *r)
{
    const IndexDef *i = r->index;
    uint32_t n = (uint32_t)i->column_count + i->include_count;
    int16_t key[2 * SCHEMA_KEY_COLUMNS_MAX], option[SCHEMA_KEY_COLUMNS_MAX];
    int64_t collation[SCHEMA_KEY_COLUMNS_MAX], class[SCHEMA_KEY_COLUMNS_MAX];
    Str expression = STR_NONE;
    for (uint32_t k = 0; k < n; k++) {
        uint16_t at = k < i->column_count ? i->column[k] : i->include[k - i->column_count];
        bool plain = at < r->def->column_count;
        key[k] = plain ? (int16_t)(at + 1) : 0;
        if (!plain && !expression.at) expression = r->def->column[at].generated;
        if (k >= i->column_count) continue;
        collation[k] = type_is_string(r->def->column[at].type.id) ? LOOK_COLLATION : 0;
        class[k] = 0;
        option[k] = (int16_t)((i->descending >> k & 1) | (i->nulls_first >> k & 1) << 1);
    }
    system_int2s(x, key, n, true);
    system_oids(x, collation, i->column_count, true);
    system_oids(x, class, i->column_count, true);
    system_int2s(x, option, i->column_count, true);
    system_optional(&x->f, expression);
    system_optional(&x->f, i->predicate ? r->def->column[i->predicate - 1].generated : STR_NONE);
}

static bool visit_index(void *self, const LookRelation *r)
{
    SystemFind *x = self;
    SystemFill *f = &x->f;
    if (!r->index || !system_key_is_oid(x, 1, look_oid(r->def->id))) return true;
    system_oid(f, r->oid);
    system_oid(f, look_oid(r->def->id));
    system_int(f, r->index->column_count + r->index->include_count);
    system_int(f, r->index->column_count);
    system_bool(f, r->index->unique);
    system_bool(f, false);
    system_bool(f, r->index->primary);
    system_bool(f, false);
    system_bool(f, true);
    system_bool(f, false);
    system_bool(f, true);
    system_bool(f, false);
    system_bool(f, true);
    system_bool(f, true);
    system_bool(f, false);
    put_index_keys(x, r);
    return system_done(f);
}

// The indexes of one table are found at once.
static bool indexes_of(SystemFind *x, int64_t oid)
{
    LookRelation r;
    if (!look_relation(&x->l, oid, &r) || !r.def || r.index) return true;
    for (uint16_t k = 0; k < r.def->index_count; k++) {
        LookRelation i = r;
        i.index = &r.def->index[k];
        i.oid = look_oid(i.index->id);
        i.name = i.index->name;
        if (look_is_shown_index(r.def, i.index) && !visit_index(x, &i)) return false;
    }
    return true;
}

SYSTEM_FIND(find_index)
{
    SYSTEM_FIND_BEGIN(x);
    const Value *table = system_key(&x, 1);
    if (table && !system_key(&x, 0)) return indexes_of(&x, table->i64);
    return system_each_relation(&x, 0, visit_index);
}
SYSTEM_PG(index, "pg_index", 2610, INDEX, find_index);
