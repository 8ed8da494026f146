// Routine: between the dictionary's object and what binder and session work with.
#include "engine/plan/routine.h"

#include <inttypes.h>

static const char *const results[] = {"value", "void", "trigger", "record"};
static const char *const modes[] = {"in", "out", "inout", "variadic", "table"};

static const char *field_name(Arena *mem, const char *what, uint32_t i)
{
    Str s = arena_printf(mem, "arg %u%s", (unsigned)i, what);
    return arena_cstr(mem, s);
}

// "0 0 0 0 integer": length, scale, element, domain, name.
static Str type_put(Type t, Arena *mem)
{
    return arena_printf(mem, "%" PRId32 " %" PRId32 " %" PRIu32 " %" PRIu32 " %s", t.length, t.scale, t.of,
                        t.domain, type_name(t.id));
}

static bool number_take(Str *rest, int64_t *out)
{
    size_t space = str_find_byte(*rest, ' ', 0);
    if (space == SIZE_MAX || !str_to_int64(str_slice(*rest, 0, space), out)) return false;
    *rest = str_slice(*rest, space + 1, rest->len);
    return *out >= INT32_MIN && *out <= UINT32_MAX;
}

static bool type_get(Str text, Type *out)
{
    int64_t n[4];
    for (size_t i = 0; i < 4; i++)
        if (!number_take(&text, &n[i])) return false;
    *out = (Type){
        .length = (int32_t)n[0], .scale = (int32_t)n[1], .of = (uint32_t)n[2], .domain = (uint32_t)n[3]};
    for (int id = TYPE_BOOLEAN; id < TYPE_COUNT; id++)
        if (str_equal(text, str_of(type_name((TypeId)id)))) out->id = (TypeId)id;
    return out->id != TYPE_NULL;
}

// ---- reading ----

static bool arg_read(Routine *r, const ObjectDef *o, uint32_t i, Arena *mem)
{
    RoutineArg *a = &r->arg[i];
    Str text = object_field(o, field_name(mem, "", i));
    size_t space = str_find_byte(text, ' ', 0);
    if (space == SIZE_MAX || !type_get(str_slice(text, space + 1, text.len), &a->type)) return false;
    for (size_t k = 0; k < COUNT_OF(modes); k++)
        if (str_equal(str_slice(text, 0, space), str_of(modes[k]))) a->mode = (RoutineMode)k;
    a->name = object_field(o, field_name(mem, " name", i));
    a->value = object_field(o, field_name(mem, " default", i));
    if (routine_is_input(a->mode)) r->input[r->inputs++] = (uint16_t)i;
    if (routine_is_out(a->mode)) r->out[r->outs++] = (uint16_t)i;
    r->variadic = r->variadic || a->mode == ROUTINE_VARIADIC;
    return true;
}

static void path_read(Routine *r, Str path, Arena *mem)
{
    uint32_t most = 1;
    for (size_t i = 0; i < path.len; i++) most += path.at[i] == '\n';
    r->path = arena_array(mem, Str, most);
    while (path.len) {
        size_t end = str_find_byte(path, '\n', 0);
        if (end == SIZE_MAX) end = path.len;
        r->path[r->paths++] = str_slice(path, 0, end);
        path = str_slice(path, end < path.len ? end + 1 : end, path.len);
    }
}

static bool result_read(Routine *r, Str returns)
{
    for (size_t i = 1; i < COUNT_OF(results); i++)
        if (str_equal(returns, str_of(results[i]))) {
            r->result = (RoutineResult)i;
            return true;
        }
    return type_get(returns, &r->type);
}

bool routine_read(Routine *out, const ObjectDef *o, Arena *mem, Err *err)
{
    Str volatility = object_field(o, "volatility");
    *out = (Routine){.id = o->id,
                     .database = o->database,
                     .schema = o->schema,
                     .signature = o->name,
                     .name = object_field(o, "name"),
                     .procedure = str_equal(object_field(o, "kind"), STR("procedure")),
                     .set = object_field(o, "set").at != NULL,
                     .strict = object_field(o, "strict").at != NULL,
                     .volatility = volatility.len ? volatility.at[0] : 'v',
                     .form = object_field(o, "form"),
                     .body = object_field(o, "body")};
    while (out->args < ROUTINE_ARGS_MAX && object_field(o, field_name(mem, "", out->args)).at) out->args++;
    out->arg = arena_array(mem, RoutineArg, out->args + 1);
    out->input = arena_array(mem, uint16_t, out->args + 1);
    out->out = arena_array(mem, uint16_t, out->args + 1);
    bool good = result_read(out, object_field(o, "returns")) && out->name.at && out->body.at;
    for (uint32_t i = 0; good && i < out->args; i++) good = arg_read(out, o, i, mem);
    path_read(out, object_field(o, "path"), mem);
    return good ||
           err_set(err, SQLSTATE_CORRUPT, "function %.*s: its definition cannot be read", STR_ARG(o->name));
}

// ---- writing ----

static void flag_write(ObjectDef *def, Arena *mem, const char *name, bool set)
{
    object_set_field(def, mem, name, set ? STR("") : STR_NONE);
}

void routine_write(const Routine *r, ObjectDef *def, Arena *mem)
{
    const char *volatility = r->volatility == 'i'   ? "immutable"
                             : r->volatility == 's' ? "stable"
                                                    : "volatile";
    def->name = r->signature;
    object_set_field(def, mem, "kind", r->procedure ? STR("procedure") : STR("function"));
    object_set_field(def, mem, "name", r->name);
    object_set_field(def, mem, "language", STR("sql"));
    object_set_field(def, mem, "returns", r->result ? str_of(results[r->result]) : type_put(r->type, mem));
    flag_write(def, mem, "set", r->set);
    flag_write(def, mem, "strict", r->strict);
    object_set_field(def, mem, "volatility", str_of(volatility));
    object_set_field(def, mem, "form", r->form);
    object_set_field(def, mem, "body", r->body);
    for (uint32_t i = 0; i < r->args; i++) {
        const RoutineArg *a = &r->arg[i];
        Str type = type_put(a->type, mem);
        object_set_field(def, mem, field_name(mem, "", i),
                         arena_printf(mem, "%s %.*s", modes[a->mode], STR_ARG(type)));
        if (a->name.len) object_set_field(def, mem, field_name(mem, " name", i), a->name);
        if (a->value.at) object_set_field(def, mem, field_name(mem, " default", i), a->value);
    }
    Str path = STR("");
    for (uint32_t i = 0; i < r->paths; i++)
        path = arena_printf(mem, "%.*s%s%.*s", STR_ARG(path), i ? "\n" : "", STR_ARG(r->path[i]));
    object_set_field(def, mem, "path", path);
}

// ---- finding ----

static bool same_inputs(const Routine *a, const Routine *b)
{
    bool same = a->inputs == b->inputs;
    for (uint32_t i = 0; same && i < a->inputs; i++)
        same = type_equal(type_bare(a->arg[a->input[i]].type), type_bare(b->arg[b->input[i]].type));
    return same;
}

static bool hidden(const Routine *found, uint32_t count, const Routine *r)
{
    for (uint32_t i = 0; i < count; i++)
        if (same_inputs(&found[i], r)) return true;
    return false;
}

bool routine_find(const SearchPath *s, const AstPath *path, Arena *mem, Routine **out, uint32_t *count,
                  Err *err)
{
    SearchPlace place[SEARCH_PLACES_MAX];
    const ObjectDef **o = NULL;
    *out = NULL;
    *count = 0;
    uint32_t places = s->transaction ? search_places(s, path, place) : 0;
    size_t n =
        places ? transaction_object_list(s->transaction, OBJECT_FUNCTION, place[0].database, mem, &o) : 0;
    if (!n) return true;
    *out = arena_array(mem, Routine, n);
    for (uint32_t i = 0; i < places; i++)
        for (size_t k = 0; k < n; k++) {
            if (!str_equal(o[k]->schema, place[i].schema) ||
                !str_equal(object_field(o[k], "name"), ast_path_name(path)))
                continue;
            Routine *r = &(*out)[*count];
            if (!routine_read(r, o[k], mem, err)) return false;
            if (!hidden(*out, *count, r)) ++*count;
        }
    return true;
}

void routine_search(const Routine *r, const SearchPath *around, SearchPath *out)
{
    *out = *around;
    out->database = r->database;
    out->schema = r->path;
    out->schemas = r->paths;
}

uint32_t routine_columns(const Routine *r) { return r->result == ROUTINE_RECORD ? r->outs : 1; }

Str routine_column_name(const Routine *r, uint32_t column)
{
    if (r->outs <= column) return STR_NONE;
    Str name = r->arg[r->out[column]].name;
    return name.len ? name : str_of("column");
}

Type routine_column_type(const Routine *r, uint32_t column)
{
    if (r->result == ROUTINE_RECORD) return type_bare(r->arg[r->out[column]].type);
    return r->result == ROUTINE_VALUE ? type_bare(r->type) : type_of(TYPE_TEXT);
}

Str routine_signature(const SearchPath *s, Str name, const Type *type, uint32_t count, Arena *mem)
{
    Str text = arena_printf(mem, "%.*s(", STR_ARG(name));
    for (uint32_t i = 0; i < count; i++)
        text = arena_printf(mem, "%.*s%s%.*s", STR_ARG(text), i ? ", " : "",
                            STR_ARG(search_type_name(s, type[i], mem)));
    return arena_printf(mem, "%.*s)", STR_ARG(text));
}
