// Object text: see FORMAT.md "Objects". Every number that comes from the text is bounded before it is used.
#include "engine/store/object_in.h"

#include <inttypes.h>
#include <string.h>

enum { DEPENDS_PER_LINE = 100 };

void object_put(Bytes *out, const ObjectDef *def)
{
    bytes_printf(out, "object\t%" PRIu64 "\t%" PRIu64 "\t%s", def->id, def->version,
                 object_kind_name(def->kind));
    line_put(out, def->database);
    line_put(out, def->schema);
    line_put(out, def->name);
    line_put(out, def->owner);
    bytes_printf(out, "\t%" PRIu64 "\n", def->parent);
    for (uint32_t i = 0; i < def->dependency_count; i++) {
        bytes_put(out, i % DEPENDS_PER_LINE ? STR(",") : STR("depends\t"));
        bytes_put_uint64(out, def->dependency[i]);
        if ((i + 1) % DEPENDS_PER_LINE == 0 || i + 1 == def->dependency_count) bytes_put_byte(out, '\n');
    }
    for (uint32_t i = 0; i < def->field_count; i++) {
        bytes_put(out, STR("field"));
        line_put(out, def->field[i].name);
        line_put(out, def->field[i].value);
        bytes_put_byte(out, '\n');
    }
    bytes_put(out, STR("end\n"));
}

static bool get_depends(Str list, ObjectDef *out)
{
    while (list.len) {
        uint64_t id;
        if (out->dependency_count == OBJECT_DEPENDENCIES_MAX || !str_to_uint64(str_cut(&list, ','), &id) ||
            id > INT64_MAX)
            return false;
        out->dependency[out->dependency_count++] = id;
    }
    return true;
}

// How much room the lines before "end" need.
static bool count_parts(Str rest, size_t *fields, size_t *depends)
{
    *fields = *depends = 0;
    for (;;) {
        if (!memchr(rest.at ? rest.at : "", '\n', rest.len)) return false;
        Str line = str_cut(&rest, '\n'), word = str_cut(&line, '\t');
        if (str_equal(word, STR("end"))) break;
        *fields += str_equal(word, STR("field"));
        *depends += str_equal(word, STR("depends")) ? DEPENDS_PER_LINE : 0;
        if (*fields > OBJECT_FIELDS_MAX || *depends > OBJECT_DEPENDENCIES_MAX + DEPENDS_PER_LINE)
            return false;
    }
    return true;
}

static bool get_parts(Str *rest, ObjectDef *out, Arena *mem)
{
    size_t fields, depends;
    if (!count_parts(*rest, &fields, &depends)) return false;
    // A line of dependencies may hold more than we write; the list is bounded by the text then.
    out->field = arena_try(mem, fields + 1, sizeof *out->field);
    out->dependency = arena_try(mem, depends ? (size_t)OBJECT_DEPENDENCIES_MAX : 1, sizeof *out->dependency);
    if (!out->field || !out->dependency) return false;
    for (Line l; line_next(rest, &l, mem);) {
        if (line_is(&l, "end", 1)) return true;
        if (line_is(&l, "depends", 2)) {
            if (!get_depends(l.field[1], out)) return false;
        } else if (line_is(&l, "field", 3) && out->field_count < fields) {
            if (l.field[1].len == 0 || l.field[2].len > SCHEMA_TEXT_MAX || l.null[1] || l.null[2])
                return false;
            Str value = l.field[2].at ? l.field[2] : STR("");
            out->field[out->field_count++] = (ObjectField){l.field[1], value};
        } else {
            return false;
        }
    }
    return false;
}

bool object_get(const Line *first, Str *rest, ObjectDef *out, Arena *mem, Err *err)
{
    *out = (ObjectDef){0};
    bool ok = line_is(first, "object", 9) && line_uint(first, 1, INT64_MAX, &out->id) && out->id &&
              line_uint(first, 2, INT64_MAX, &out->version) && line_uint(first, 8, INT64_MAX, &out->parent);
    for (int k = OBJECT_SCHEMA; ok && k < OBJECT_KINDS; k++)
        if (str_equal(first->field[3], str_of(object_kind_name((ObjectKind)k)))) out->kind = (ObjectKind)k;
    ok = ok && out->kind != OBJECT_ANY && first->field[4].len <= SCHEMA_NAME_MAX &&
         first->field[5].len <= SCHEMA_NAME_MAX && first->field[6].len <= OBJECT_NAME_MAX;
    if (ok) {
        out->database = first->field[4];
        out->schema = first->field[5];
        out->name = first->field[6];
        out->owner = first->field[7];
        ok = get_parts(rest, out, mem);
    }
    return ok ||
           err_set(err, SQLSTATE_CORRUPT, "the definition of object %.*s cannot be read", STR_ARG(out->name));
}

void counter_put(Bytes *out, uint64_t object, const Counter *c)
{
    bytes_printf(out, "counter\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRId64 "\t%s\n", object, c->epoch,
                 c->serial, c->last, c->called ? "c" : "-");
}

bool counter_get(const Line *l, CounterLine *out)
{
    *out = (CounterLine){0};
    if (!line_is(l, "counter", 6) || !line_uint(l, 1, INT64_MAX, &out->object) ||
        !line_uint(l, 2, INT64_MAX, &out->epoch) || !line_uint(l, 3, INT64_MAX, &out->serial) ||
        !line_int(l, 4, &out->last) ||
        (!str_equal(l->field[5], STR("c")) && !str_equal(l->field[5], STR("-"))))
        return false;
    out->called = l->field[5].at[0] == 'c';
    return true;
}

void counter_apply(const Object *o, const CounterLine *line)
{
    Counter *c = o->counter;
    if (line->epoch < c->epoch || (line->epoch == c->epoch && line->serial < c->serial)) return;
    c->epoch = line->epoch;
    c->serial = line->serial;
    c->last = line->last;
    c->called = line->called;
}
