// Search: the names of types: built-in ones, enums and domains.
#include "engine/plan/search.h"

// The fields of a domain's object that say what its values are.
static uint32_t field_number(const ObjectDef *o, const char *name)
{
    uint64_t v = 0;
    return str_to_uint64(object_field(o, name), &v) && v <= UINT32_MAX ? (uint32_t)v : 0;
}

static int32_t field_signed(const ObjectDef *o, const char *name)
{
    int64_t v = 0;
    return str_to_int64(object_field(o, name), &v) && v >= INT32_MIN && v <= INT32_MAX ? (int32_t)v : 0;
}

Type search_type_of(const ObjectDef *o)
{
    if (o->kind == OBJECT_ENUM) return type_of_enum((uint32_t)o->id);
    Type t = {.length = field_signed(o, "length"),
              .scale = field_signed(o, "scale"),
              .of = field_number(o, "of"),
              .domain = (uint32_t)o->id};
    Str name = object_field(o, "type");
    for (int id = TYPE_BOOLEAN; id < TYPE_COUNT; id++)
        if (str_equal(name, str_of(type_name((TypeId)id)))) t.id = (TypeId)id;
    return t;
}

static const ObjectDef *find(const SearchPath *s, const AstType *t, Arena *mem)
{
    AstPath path = {.parts = 1, .at = t->at};
    if (!s || !s->transaction) return NULL;
    if (t->schema.text.len) path.part[path.parts++ - 1] = t->schema;
    path.part[path.parts - 1] = (AstName){.text = t->name, .at = t->at};
    const ObjectDef *o = search_object(s, OBJECT_ENUM, &path, mem);
    return o ? o : search_object(s, OBJECT_DOMAIN, &path, mem);
}

// Without its dimensions.
static bool search_element(const SearchPath *s, const AstType *t, const int64_t *mods, size_t count,
                           Arena *mem, Type *out, Err *err)
{
    bool catalog = str_equal(t->schema.text, STR("pg_catalog"));
    bool plain = !t->schema.text.len || catalog;
    Err none = {.at = -1};
    if (plain && !t->quoted && type_from_name(out, t->name, mods, count, &none)) return true;
    const ObjectDef *o = catalog ? NULL : find(s, t, mem);
    if (o && o->id <= TYPE_NUMBER_MAX) {
        *out = search_type_of(o);
        if (!count) return true;
        return err_set_at(err, "42601", t->at, "type modifier is not allowed for type \"%.*s\"",
                          STR_ARG(t->name));
    }
    if (o)
        return err_set_at(err, SQLSTATE_LIMIT, t->at, "type \"%.*s\" has too high a number",
                          STR_ARG(t->name));
    bool known = plain && type_from_name(out, t->name, mods, count, err);
    if (!plain)
        err_set(err, "42704", "type \"%.*s.%.*s\" does not exist", STR_ARG(t->schema.text), STR_ARG(t->name));
    if (!known && err->at < 0) err->at = t->at;
    return known;
}

bool search_type(const SearchPath *s, const AstType *t, const int64_t *mods, size_t count, Arena *mem,
                 Type *out, Err *err)
{
    if (!search_element(s, t, mods, count, mem, out, err)) return false;
    if (!t->dimensions) return true;
    if (out->id == TYPE_ENUM || out->domain)
        return err_set_at(err, SQLSTATE_UNSUPPORTED, t->at,
                          "an array of an enum or a domain is not supported");
    *out = type_of_array(*out);
    return true;
}

Str search_type_name(const SearchPath *s, Type t, Arena *mem)
{
    static const char *const formal[TYPE_COUNT] = {
        [TYPE_CHAR] = "character",
        [TYPE_VARCHAR] = "character varying",
        [TYPE_TIME] = "time without time zone",
        [TYPE_TIMESTAMP] = "timestamp without time zone",
        [TYPE_TIMESTAMPTZ] = "timestamp with time zone",
    };
    uint32_t number = t.domain ? t.domain : t.id == TYPE_ENUM ? type_number(t) : 0;
    if (number && s && s->transaction) {
        const ObjectDef *o = transaction_object_by_id(s->transaction, number, mem);
        if (o) return o->name;
    }
    if (t.id == TYPE_ARRAY) {
        Str element = search_type_name(s, type_element(t), mem);
        return arena_printf(mem, "%.*s[]", STR_ARG(element));
    }
    return str_of(formal[t.id] ? formal[t.id] : type_name(t.id));
}
