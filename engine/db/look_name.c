// Look: names and numbers for regclass, regtype, regproc and regnamespace: what CastContext asks.
#include "engine/db/look.h"
#include "engine/base/size.h"

#include <inttypes.h>

static bool class_oid(Look *l, Str name, int64_t *oid, Err *err)
{
    AstPath path;
    LookRelation r;
    if (!search_parse(name, &path, l->mem, err)) return false;
    if (look_relation_named(l, &path, &r)) {
        *oid = r.oid;
        return true;
    }
    Bytes text;
    bytes_init(&text, 4096);
    for (uint32_t i = 0; i < path.parts; i++) {
        if (i) bytes_put_byte(&text, '.');
        bytes_put(&text, path.part[i].text);
    }
    (void)err_set(err, SQLSTATE_UNDEFINED_TABLE, "relation \"%.*s\" does not exist",
                  STR_ARG(bytes_str(&text)));
    bytes_done(&text);
    return false;
}

static bool schema_oid(Look *l, Str name, int64_t *oid, Err *err)
{
    AstPath path;
    if (!search_parse(name, &path, l->mem, err)) return false;
    if (path.parts == 1 && (*oid = look_schema_oid(l, path.part[0].text)) != 0) return true;
    return err_set(err, "3F000", "schema \"%.*s\" does not exist", STR_ARG(ast_path_name(&path)));
}

// "name" or "name(type, type)"; a bare name must be alone.
static bool function_oid(Look *l, Str name, int64_t *oid, Err *err)
{
    AstPath path;
    LookFunction *f;
    size_t open = str_find(name, STR("("), 0), n = look_functions(l, &f), found = 0;
    Str word = open == SIZE_MAX ? name : str_slice(name, 0, open), args = STR_NONE;
    if (open != SIZE_MAX && name.at[name.len - 1] == ')') args = str_slice(name, open + 1, name.len - 1);
    if (!search_parse(word, &path, l->mem, err)) return false;
    for (size_t i = 0; i < n; i++) {
        if (!str_equal(f[i].name, ast_path_name(&path))) continue;
        if (args.at && !str_equal(args, look_function_arguments(l, &f[i]))) continue;
        *oid = f[i].oid;
        found++;
    }
    if (found == 1 || (found && args.at)) return true;
    if (found)
        return err_set(err, "42725", "more than one function named \"%.*s\"", STR_ARG(ast_path_name(&path)));
    return err_set(err, SQLSTATE_UNDEFINED_FUNCTION, "function \"%.*s\" does not exist", STR_ARG(name));
}

static bool find(Look *l, TypeId type, Str name, int64_t *oid, Err *err)
{
    switch (type) {
    case TYPE_REGTYPE: return look_type_named(l, name, oid, err);
    case TYPE_REGPROC: return function_oid(l, name, oid, err);
    case TYPE_REGNAMESPACE: return schema_oid(l, name, oid, err);
    default: return class_oid(l, name, oid, err);
    }
}

bool look_name_to_oid(void *self, TypeId type, Str name, int64_t *oid, Err *err)
{
    Session *s = self;
    Arena mem = {0};
    if (!s->transaction)
        return err_set(err, SQLSTATE_UNSUPPORTED, "names cannot be cast to type %s here", type_name(type));
    mutex_lock(&s->enum_lock);
    Look l = look_at(s, &mem, err);
    bool good = find(&l, type, name, oid, err);
    mutex_unlock(&s->enum_lock);
    arena_done(&mem);
    return good;
}

static bool put_name(Look *l, TypeId type, int64_t oid, Bytes *out)
{
    LookRelation r;
    LookType t;
    LookSchema s;
    LookFunction *f;
    size_t n;
    switch (type) {
    case TYPE_REGCLASS:
        if (!look_relation(l, oid, &r)) return false;
        bytes_put(out, look_relation_text(l, &r));
        return true;
    case TYPE_REGTYPE:
        if (!look_type(l, oid, &t)) return false;
        bytes_put(out, look_type_text(l, oid, LOOK_MODIFIER_NONE));
        return true;
    case TYPE_REGNAMESPACE:
        if (!look_schema(l, oid, &s)) return false;
        bytes_put(out, look_name_text(s.name, l->mem));
        return true;
    default:
        n = look_functions(l, &f);
        for (size_t i = 0; i < n; i++)
            if (f[i].oid == oid) {
                bytes_put(out, look_name_text(f[i].name, l->mem));
                return true;
            }
        return false;
    }
}

bool look_oid_to_name(void *self, TypeId type, int64_t oid, Bytes *out, Err *err)
{
    Session *s = self;
    Arena mem = {0};
    bool known = false;
    if (oid == 0) {
        bytes_put_byte(out, '-');
        return true;
    }
    if (s->transaction) {
        mutex_lock(&s->enum_lock);
        Look l = look_at(s, &mem, err);
        known = put_name(&l, type, oid, out);
        mutex_unlock(&s->enum_lock);
    }
    if (!known) bytes_put_int64(out, oid);
    arena_done(&mem);
    return !err_any(err);
}
