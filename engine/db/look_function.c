// Look: the built-in functions, as pg_proc shows them. Numbers go by their place in the list.
#include "engine/db/look.h"

static bool is_callable(const Function *f)
{
    for (const char *c = f->name; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_')) return false;
    return !(f->flags & (FUNCTION_OPERATOR | FUNCTION_INTERNAL));
}

static size_t room(const FunctionList *list)
{
    size_t n = 1;
    for (size_t i = 0; list->scalar[i]; i++)
        for (const Function *f = list->scalar[i]; f->name; f++) n++;
    for (size_t i = 0; list->aggregate[i]; i++)
        for (const Aggregate *a = list->aggregate[i]; a->name; a++) n++;
    for (size_t i = 0; list->table[i]; i++)
        for (const TableFunction *f = list->table[i]; f->call.name; f++) n++;
    for (const WindowFunction *f = list->window; f->name; f++) n++;
    return n;
}

size_t look_functions(Look *l, LookFunction **out)
{
    const FunctionList *list = exec_functions();
    LookFunction *at = arena_array(l->mem, LookFunction, room(list));
    size_t n = 0;
    int64_t oid = LOOK_FUNCTION_FIRST;
    for (size_t i = 0; list->scalar[i]; i++)
        for (const Function *f = list->scalar[i]; f->name; f++, oid++)
            if (is_callable(f)) at[n++] = (LookFunction){.oid = oid, .call = f, .name = str_of(f->name)};
    for (size_t i = 0; list->table[i]; i++)
        for (const TableFunction *f = list->table[i]; f->call.name; f++, oid++)
            if (is_callable(&f->call) || f->call.flags & FUNCTION_SET)
                at[n++] =
                    (LookFunction){.oid = oid, .call = &f->call, .name = str_of(f->call.name), .set = true};
    for (size_t i = 0; list->aggregate[i]; i++)
        for (const Aggregate *a = list->aggregate[i]; a->name; a++, oid++)
            at[n++] = (LookFunction){.oid = oid, .aggregate = a, .name = str_of(a->name)};
    for (const WindowFunction *f = list->window; f->name; f++, oid++)
        at[n++] = (LookFunction){.oid = oid, .window = f, .name = str_of(f->name)};
    *out = at;
    return n;
}

static void put_type(Look *l, Bytes *out, TypeId id)
{
    TypeId base = (TypeId)((unsigned)id & 0xff), element = (TypeId)((unsigned)id >> 8);
    if (id == TYPE_NULL)
        bytes_put(out, STR("anyelement"));
    else if (base == TYPE_ARRAY && !element)
        bytes_put(out, STR("anyarray"));
    else
        bytes_put(out,
                  look_type_text(
                      l, look_type_oid(base == TYPE_ARRAY ? type_of_array(type_of(element)) : type_of(base)),
                      LOOK_MODIFIER_NONE));
}

Str look_function_arguments(Look *l, const LookFunction *f)
{
    const TypeId *arg = f->call ? f->call->arg : f->aggregate ? f->aggregate->arg : f->window->arg;
    uint32_t args = f->call ? f->call->args : f->aggregate ? f->aggregate->args : f->window->args;
    bool variadic = f->call && (f->call->flags & FUNCTION_VARIADIC);
    Bytes text;
    bytes_init(&text, 4096);
    for (uint32_t i = 0; i < args; i++) {
        if (i) bytes_put(&text, STR(", "));
        if (variadic && i + 1 == args) bytes_put(&text, STR("VARIADIC "));
        put_type(l, &text, arg[i]);
    }
    Str out = arena_copy(l->mem, bytes_str(&text));
    bytes_done(&text);
    return out;
}

Str look_function_result(Look *l, const LookFunction *f)
{
    TypeId result = f->call ? f->call->result : f->aggregate ? f->aggregate->result : f->window->result;
    Bytes text;
    bytes_init(&text, 4096);
    if (f->set) bytes_put(&text, STR("SETOF "));
    if (f->set && result == TYPE_NULL)
        bytes_put(&text, STR("record"));
    else
        put_type(l, &text, result);
    Str out = arena_copy(l->mem, bytes_str(&text));
    bytes_done(&text);
    return out;
}
