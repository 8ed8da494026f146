// Look: types by the numbers of PostgreSQL's pg_type; enums and domains by their own.
#include "engine/db/look.h"
#include "engine/plan/search.h"
#include "engine/sql/lexer.h"
#include "engine/sql/parser.h"

#include <string.h>

// by: passed by value; C, D …: typcategory; p: preferred in its category.
typedef struct TypeEntry {
    const char *name;
    int32_t oid, array;
    int16_t length;
    char category, align, storage;
    bool by_value, preferred;
    const char *formal; // NULL: as search_type_name writes it, or the name
} TypeEntry;

static const TypeEntry known[TYPE_COUNT] = {
    [TYPE_NULL] = {"unknown", 705, 0, -2, 'X', 'c', 'p', false, false, "unknown"},
    [TYPE_BOOLEAN] = {"bool", 16, 1000, 1, 'B', 'c', 'p', true, true, NULL},
    [TYPE_SMALLINT] = {"int2", 21, 1005, 2, 'N', 's', 'p', true, false, NULL},
    [TYPE_INTEGER] = {"int4", 23, 1007, 4, 'N', 'i', 'p', true, false, NULL},
    [TYPE_BIGINT] = {"int8", 20, 1016, 8, 'N', 'd', 'p', true, false, NULL},
    [TYPE_NUMERIC] = {"numeric", 1700, 1231, -1, 'N', 'i', 'm', false, false, NULL},
    [TYPE_REAL] = {"float4", 700, 1021, 4, 'N', 'i', 'p', true, false, NULL},
    [TYPE_DOUBLE] = {"float8", 701, 1022, 8, 'N', 'd', 'p', true, true, NULL},
    [TYPE_CHAR] = {"bpchar", 1042, 1014, -1, 'S', 'i', 'x', false, false, NULL},
    [TYPE_VARCHAR] = {"varchar", 1043, 1015, -1, 'S', 'i', 'x', false, false, NULL},
    [TYPE_TEXT] = {"text", 25, 1009, -1, 'S', 'i', 'x', false, true, NULL},
    [TYPE_BYTEA] = {"bytea", 17, 1001, -1, 'U', 'i', 'x', false, false, NULL},
    [TYPE_DATE] = {"date", 1082, 1182, 4, 'D', 'i', 'p', true, false, NULL},
    [TYPE_TIME] = {"time", 1083, 1183, 8, 'D', 'd', 'p', true, false, NULL},
    [TYPE_TIMESTAMP] = {"timestamp", 1114, 1115, 8, 'D', 'd', 'p', true, false, NULL},
    [TYPE_TIMESTAMPTZ] = {"timestamptz", 1184, 1185, 8, 'D', 'd', 'p', true, true, NULL},
    [TYPE_INTERVAL] = {"interval", 1186, 1187, 16, 'T', 'd', 'p', false, true, NULL},
    [TYPE_UUID] = {"uuid", 2950, 2951, 16, 'U', 'c', 'p', false, false, NULL},
    [TYPE_JSON] = {"json", 114, 199, -1, 'U', 'i', 'x', false, false, NULL},
    [TYPE_JSONB] = {"jsonb", 3802, 3807, -1, 'U', 'i', 'x', false, false, NULL},
    [TYPE_OID] = {"oid", 26, 1028, 4, 'N', 'i', 'p', true, true, NULL},
    [TYPE_REGCLASS] = {"regclass", 2205, 2210, 4, 'N', 'i', 'p', true, false, NULL},
    [TYPE_REGTYPE] = {"regtype", 2206, 2211, 4, 'N', 'i', 'p', true, false, NULL},
    [TYPE_REGPROC] = {"regproc", 24, 1008, 4, 'N', 'i', 'p', true, false, NULL},
    [TYPE_REGNAMESPACE] = {"regnamespace", 4089, 4090, 4, 'N', 'i', 'p', true, false, NULL},
    [TYPE_NAME] = {"name", 19, 1003, 64, 'S', 'c', 'p', false, false, NULL},
    [TYPE_ENUM] = {"anyenum", 3500, 0, 4, 'P', 'i', 'p', true, false, "anyenum"},
    [TYPE_ARRAY] = {"anyarray", 2277, 0, -1, 'P', 'd', 'x', false, false, "anyarray"},
};
// Types that no column here has, but that catalogs speak of.
static const TypeEntry other[] = {
    {"char", 18, 1002, 1, 'Z', 'c', 'p', true, false, "\"char\""},
    {"int2vector", 22, 1006, -1, 'A', 'i', 'p', false, false, "int2vector"},
    {"oidvector", 30, 1013, -1, 'A', 'i', 'p', false, false, "oidvector"},
    {"regprocedure", 2202, 2207, 4, 'N', 'i', 'p', true, false, "regprocedure"},
    {"regrole", 4096, 4097, 4, 'N', 'i', 'p', true, false, "regrole"},
    {"pg_node_tree", 194, 0, -1, 'Z', 'i', 'x', false, false, "pg_node_tree"},
    {"aclitem", 1033, 1034, 12, 'U', 'i', 'p', false, false, "aclitem"},
    {"xid", 28, 1011, 4, 'U', 'i', 'p', true, false, "xid"},
    {"record", 2249, 2287, -1, 'P', 'd', 'x', false, false, "record"},
    {"void", 2278, 0, 4, 'P', 'i', 'p', true, false, "void"},
    {"trigger", 2279, 0, 4, 'P', 'i', 'p', true, false, "trigger"},
    {"anyelement", 2283, 0, 4, 'P', 'i', 'p', true, false, "anyelement"},
    {"any", 2276, 0, 4, 'P', 'i', 'p', true, false, "\"any\""},
};

int64_t look_type_oid(Type t)
{
    if (t.domain) return look_oid(t.domain);
    if (t.id == TYPE_ENUM && type_number(t)) return look_oid(type_number(t));
    if (t.id == TYPE_ARRAY && t.of) return known[type_element(t).id].array;
    return known[t.id].oid;
}

int32_t look_type_modifier(Type t)
{
    const bool precise = t.scale != 0;
    if (t.domain) return LOOK_MODIFIER_NONE;
    switch (t.id == TYPE_ARRAY ? type_element(t).id : t.id) {
    case TYPE_NUMERIC: return t.length ? ((t.length << 16) | (t.scale & 0x7ff)) + 4 : LOOK_MODIFIER_NONE;
    case TYPE_CHAR:
    case TYPE_VARCHAR: return t.length ? t.length + 4 : LOOK_MODIFIER_NONE;
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ: return precise ? TYPE_FRACTION_MAX - t.scale : LOOK_MODIFIER_NONE;
    default: return LOOK_MODIFIER_NONE;
    }
}

static bool has_collation(TypeId id) { return type_is_string(id); }

static LookType from_entry(const TypeEntry *e, TypeId id)
{
    Type is = type_of(id);
    bool pseudo = e->category == 'P' || e->category == 'X';
    return (LookType){.oid = e->oid,
                      .schema_oid = LOOK_CATALOG,
                      .array = e->array,
                      .collation = id == TYPE_NAME     ? LOOK_COLLATION_C
                                   : has_collation(id) ? LOOK_COLLATION
                                                       : 0,
                      .element = e->oid == 22   ? 21
                                 : e->oid == 30 ? 26
                                 : e->oid == 19 ? 18
                                                : 0,
                      .name = str_of(e->name),
                      .length = e->length,
                      .by_value = e->by_value,
                      .preferred = e->preferred,
                      .type = pseudo ? 'p' : 'b',
                      .category = e->category,
                      .align = e->align,
                      .storage = e->storage,
                      .is = is,
                      .modifier = LOOK_MODIFIER_NONE,
                      .formal = str_of(e->formal ? e->formal : "")};
}

static LookType array_of(Look *l, const LookType *element)
{
    LookType t = *element;
    t.name = arena_printf(l->mem, "_%.*s", STR_ARG(element->name));
    t.formal = element->formal.len ? arena_printf(l->mem, "%.*s[]", STR_ARG(element->formal)) : STR("");
    t.oid = element->array;
    t.element = element->oid;
    t.array = 0;
    t.length = -1;
    t.by_value = t.preferred = false;
    t.category = 'A';
    t.align = element->align == 'd' ? 'd' : 'i';
    t.storage = 'x';
    if (element->is.id != TYPE_NULL) t.is = type_of_array(element->is);
    return t;
}

static LookType of_object(Look *l, const ObjectDef *o)
{
    LookType t = {.oid = look_oid(o->id),
                  .schema_oid = look_schema_oid(l, o->schema),
                  .name = o->name,
                  .length = 4,
                  .by_value = true,
                  .type = 'e',
                  .category = 'E',
                  .align = 'i',
                  .storage = 'p',
                  .is = search_type_of(o),
                  .object = o,
                  .modifier = LOOK_MODIFIER_NONE};
    if (o->kind == OBJECT_ENUM) return t;
    Type base = t.is;
    base.domain = 0;
    const TypeEntry *e = &known[base.id];
    t.type = 'd';
    t.base = look_type_oid(base);
    t.modifier = look_type_modifier(base);
    t.length = e->length;
    t.by_value = e->by_value;
    t.category = e->category;
    t.align = e->align;
    t.storage = e->storage;
    t.collation = has_collation(base.id) ? LOOK_COLLATION : 0;
    t.not_null = object_field(o, "not_null").at != NULL;
    return t;
}

static size_t add(Look *l, LookType *list, size_t n, LookType t)
{
    list[n++] = t;
    if (t.array) list[n++] = array_of(l, &t);
    return n;
}

size_t look_types(Look *l, LookType **out)
{
    static const ObjectKind kind[] = {OBJECT_ENUM, OBJECT_DOMAIN};
    const ObjectDef **o[COUNT_OF(kind)];
    size_t count[COUNT_OF(kind)] = {0}, n = 0, room = 2 * (TYPE_COUNT + COUNT_OF(other));
    for (size_t k = 0; k < COUNT_OF(kind); k++) {
        if (l->search.database.len)
            count[k] = transaction_object_list(l->s->transaction, kind[k], l->search.database, l->mem, &o[k]);
        room += 2 * count[k];
    }
    *out = arena_array(l->mem, LookType, room + 1);
    for (int id = 0; id < TYPE_COUNT; id++) n = add(l, *out, n, from_entry(&known[id], (TypeId)id));
    for (size_t i = 0; i < COUNT_OF(other); i++) n = add(l, *out, n, from_entry(&other[i], TYPE_NULL));
    for (size_t k = 0; k < COUNT_OF(kind); k++)
        for (size_t i = 0; i < count[k]; i++) n = add(l, *out, n, of_object(l, o[k][i]));
    return n;
}

static bool matches(Look *l, const TypeEntry *e, TypeId id, int64_t oid, LookType *out)
{
    if (e->oid != oid && (!e->array || e->array != oid)) return false;
    LookType t = from_entry(e, id);
    *out = e->oid == oid ? t : array_of(l, &t);
    return true;
}

bool look_type(Look *l, int64_t oid, LookType *out)
{
    if (oid <= 0) return false;
    for (int id = 0; id < TYPE_COUNT; id++)
        if (matches(l, &known[id], (TypeId)id, oid, out)) return true;
    for (size_t i = 0; i < COUNT_OF(other); i++)
        if (matches(l, &other[i], TYPE_NULL, oid, out)) return true;
    const ObjectDef *o = transaction_object_by_id(l->s->transaction, look_id(oid), l->mem);
    if (!o || (o->kind != OBJECT_ENUM && o->kind != OBJECT_DOMAIN)) return false;
    *out = of_object(l, o);
    return true;
}

// Puts a modifier into a type as column definitions hold it.
static Type with_modifier(Type t, int32_t m)
{
    if (m < 0) return t;
    switch (t.id == TYPE_ARRAY ? type_element(t).id : t.id) {
    case TYPE_NUMERIC:
        t.length = (m - 4) >> 16 & 0xffff;
        t.scale = ((m - 4) & 0x7ff) ^ 0x400;
        t.scale -= 0x400; // eleven bits with a sign
        break;
    case TYPE_CHAR:
    case TYPE_VARCHAR: t.length = m - 4; break;
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ: t.scale = TYPE_FRACTION_MAX - m; break;
    default: break;
    }
    return t;
}

static Str modified_text(Look *l, Type t, Str name)
{
    switch (t.id) {
    case TYPE_NUMERIC: return t.length ? arena_printf(l->mem, "numeric(%d,%d)", t.length, t.scale) : name;
    case TYPE_CHAR: return t.length ? arena_printf(l->mem, "character(%d)", t.length) : STR("bpchar");
    case TYPE_VARCHAR: return t.length ? arena_printf(l->mem, "character varying(%d)", t.length) : name;
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        if (!t.scale) return name;
        return arena_printf(l->mem, "%s(%d) %s time zone", t.id == TYPE_TIME ? "time" : "timestamp",
                            TYPE_FRACTION_MAX - t.scale, t.id == TYPE_TIMESTAMPTZ ? "with" : "without");
    default: return name;
    }
}

static Str object_text(Look *l, const ObjectDef *o)
{
    Str name = look_name_text(o->name, l->mem);
    for (uint32_t i = 0; i < l->search.schemas; i++)
        if (str_equal(l->search.schema[i], o->schema)) return name;
    Str schema = look_name_text(o->schema, l->mem);
    return arena_printf(l->mem, "%.*s.%.*s", STR_ARG(schema), STR_ARG(name));
}

Str look_type_text(Look *l, int64_t oid, int32_t modifier)
{
    LookType t;
    if (oid == 0) return STR("-");
    if (!look_type(l, oid, &t)) return STR("???");
    if (t.object) return object_text(l, t.object);
    if (t.formal.len) return t.formal;
    Type is = with_modifier(t.is, modifier);
    if (is.id != TYPE_ARRAY) {
        Str name = search_type_name(&l->search, is, l->mem);
        if (is.id == TYPE_CHAR && modifier == 0) return name; // character without a length is asked for by 0
        return modified_text(l, is, name);
    }
    Type element = type_element(is);
    Str name = modified_text(l, element, search_type_name(&l->search, element, l->mem));
    return arena_printf(l->mem, "%.*s[]", STR_ARG(name));
}

bool look_type_named(Look *l, Str text, int64_t *oid, Err *err)
{
    AstType *type = NULL;
    Type t;
    int64_t mods[2] = {0};
    Err bad = {.at = -1};
    for (size_t i = 0; i < COUNT_OF(other); i++)
        if (str_equal(text, str_of(other[i].formal)) || str_equal(text, str_of(other[i].name))) {
            *oid = other[i].oid;
            return true;
        }
    if (!parser_type(&type, text, l->mem, &bad))
        return err_set(err, SQLSTATE_SYNTAX, "invalid type name \"%.*s\"", STR_ARG(text));
    for (uint32_t i = 0; i < type->mods.count && i < 2; i++)
        (void)str_to_int64(type->mods.at[i]->text, &mods[i]);
    uint32_t count = type->mods.count < 2 ? type->mods.count : 2;
    if (!search_type(&l->search, type, mods, count, l->mem, &t, err)) {
        err->at = -1;
        return false;
    }
    *oid = look_type_oid(t);
    return true;
}
