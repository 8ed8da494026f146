// Object: looking things up in an object's definition, putting one together, copying it. Linear: objects have
// few fields and depend on few others.
#include "engine/store/schema.h"

#include <string.h>

static const char *const kind_name[OBJECT_KINDS] = {
    "any",  "schema", "view",     "materialized-view", "sequence",
    "enum", "domain", "function", "trigger",           "comment",
    "role", "access", "policy",   "statistics",
};

const char *object_kind_name(ObjectKind kind) { return kind_name[kind]; }

bool object_kind_is_relation(ObjectKind kind) { return kind == OBJECT_VIEW || kind == OBJECT_SEQUENCE; }

bool object_same_space(ObjectKind a, ObjectKind b)
{
    return a == b || (object_kind_is_relation(a) && object_kind_is_relation(b)) ||
           ((a == OBJECT_ENUM || a == OBJECT_DOMAIN) && (b == OBJECT_ENUM || b == OBJECT_DOMAIN));
}

Str object_field(const ObjectDef *o, const char *name)
{
    for (uint32_t i = 0; i < o->field_count; i++)
        if (str_equal(o->field[i].name, str_of(name))) return o->field[i].value;
    return STR_NONE;
}

bool object_depends(const ObjectDef *o, uint64_t id)
{
    for (uint32_t i = 0; i < o->dependency_count; i++)
        if (o->dependency[i] == id) return true;
    return false;
}

void object_set_field(ObjectDef *o, Arena *mem, const char *name, Str value)
{
    uint32_t at = 0;
    while (at < o->field_count && !str_equal(o->field[at].name, str_of(name))) at++;
    if (!value.at) {
        if (at == o->field_count) return;
        memmove(o->field + at, o->field + at + 1, (o->field_count - at - 1) * sizeof *o->field);
        o->field_count--;
        return;
    }
    if (at == o->field_count) {
        ObjectField *field = arena_array(mem, ObjectField, o->field_count + 1);
        if (o->field_count) memcpy(field, o->field, o->field_count * sizeof *field);
        o->field = field;
        field[o->field_count++].name = arena_copy(mem, str_of(name));
    }
    o->field[at].value = arena_copy(mem, value);
}

void object_add_dependency(ObjectDef *o, Arena *mem, uint64_t id)
{
    if (id == 0 || object_depends(o, id)) return;
    uint64_t *all = arena_array(mem, uint64_t, o->dependency_count + 1);
    if (o->dependency_count) memcpy(all, o->dependency, o->dependency_count * sizeof *all);
    all[o->dependency_count++] = id;
    o->dependency = all;
}

ObjectDef *object_copy(const ObjectDef *o, Arena *mem)
{
    ObjectDef *copy = arena_new(mem, ObjectDef);
    *copy = *o;
    copy->database = arena_copy(mem, o->database);
    copy->schema = arena_copy(mem, o->schema);
    copy->name = arena_copy(mem, o->name);
    copy->owner = arena_copy(mem, o->owner);
    copy->field = arena_array(mem, ObjectField, o->field_count + 1);
    for (uint32_t i = 0; i < o->field_count; i++) {
        copy->field[i].name = arena_copy(mem, o->field[i].name);
        copy->field[i].value = arena_copy(mem, o->field[i].value);
    }
    copy->dependency = arena_array(mem, uint64_t, o->dependency_count + 1);
    if (o->dependency_count)
        memcpy(copy->dependency, o->dependency, o->dependency_count * sizeof *copy->dependency);
    return copy;
}
