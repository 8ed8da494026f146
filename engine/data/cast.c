// Cast: which casts there are, and the way from a value or a vector to the kernel of its pair of types.
// NULLs, constant vectors and modifiers are dealt with here, so that a kernel sees only values.
#include "engine/data/cast.h"

#include "engine/data/cast_in.h"
#include "engine/data/cell_text.h"

// Rows: from; columns: to; in the order of TypeId. i implicit, a assignment, e explicit, - none: PostgreSQL
// 15's pg_cast, and its rule that any type is assigned to a string and explicitly read from one.
// clang-format off
static const char cast_strength[TYPE_COUNT][TYPE_COUNT + 1] = {
    //              NbsiBnrdCVTydtSZIUjJocypsmEAR
    [TYPE_NULL] = "iiiiiiiiiiiiiiiiiiiiiiiiiiii-",
    [TYPE_BOOLEAN] = "ii-e----aaa--------------a---",
    [TYPE_SMALLINT] = "i-iiiiiiaaa---------iiiiia---",
    [TYPE_INTEGER] = "ieaiiiiiaaa---------iiiiia---",
    [TYPE_BIGINT] = "i-aaiiiiaaa---------iiiiia---",
    [TYPE_NUMERIC] = "i-aaaiiiaaa--------------a---",
    [TYPE_REAL] = "i-aaaaiiaaa--------------a---",
    [TYPE_DOUBLE] = "i-aaaaaiaaa--------------a---",
    [TYPE_CHAR] = "ieeeeeeeiiieeeeeeeeeeeeeeiee-",
    [TYPE_VARCHAR] = "ieeeeeeeiiieeeeeeeeeeieeeiee-",
    [TYPE_TEXT] = "ieeeeeeeiiieeeeeeeeeeieeeiee-",
    [TYPE_BYTEA] = "i-------aaai-------------a---",
    [TYPE_DATE] = "i-------aaa-i-ii---------a---",
    [TYPE_TIME] = "i-------aaa--i--i--------a---",
    [TYPE_TIMESTAMP] = "i-------aaa-aaii---------a---",
    [TYPE_TIMESTAMPTZ] = "i-------aaa-aaai---------a---",
    [TYPE_INTERVAL] = "i-------aaa--a--i--------a---",
    [TYPE_UUID] = "i-------aaa------i-------a---",
    [TYPE_JSON] = "i-------aaa-------ia-----a---",
    [TYPE_JSONB] = "ieeeeeeeaaa-------ai-----a---",
    [TYPE_OID] = "i--aa---aaa---------iiiiia---",
    [TYPE_REGCLASS] = "i--aa---aaa---------ii---a---",
    [TYPE_REGTYPE] = "i--aa---aaa---------i-i--a---",
    [TYPE_REGPROC] = "i--aa---aaa---------i--i-a---",
    [TYPE_REGNAMESPACE] = "i--aa---aaa---------i---ia---",
    [TYPE_NAME] = "ieeeeeeeaaieeeeeeeeeeeeeeiee-",
    [TYPE_ENUM] = "i-------aaa--------------ai--",
    [TYPE_ARRAY] = "i-------aaa--------------a-i-",
    [TYPE_RECORD] = "i-------aaa--------------a--i",
};
// clang-format on

bool cast_exists(TypeId from, TypeId to, CastHow how)
{
    if (to == TYPE_NULL && from != TYPE_NULL) return false;
    switch (cast_strength[from][to]) {
    case 'i': return true;
    case 'a': return how >= CAST_ASSIGNMENT;
    case 'e': return how >= CAST_EXPLICIT;
    default: return false;
    }
}

static bool kernel_bytes(const CastJob *job)
{
    CAST_ROWS(job, Text, Text, { *d = job->copy ? text_copy(job->mem, x) : x; });
    return true;
}

static bool kernel_array(const CastJob *job)
{
    const Text *source = job->in->data;
    Text *target = job->out->data;
    for (uint32_t i = 0; i < job->count; i++) {
        uint32_t row = job_row(job, i);
        if (!cast_array(&target[row], &source[row], job->to, job->how, job->mem, job->err)) return false;
    }
    return true;
}

static CastKernel kernel_of(TypeId from, TypeId to)
{
    if (from == TYPE_ARRAY && to == TYPE_ARRAY) return kernel_array;
    if (from == TYPE_RECORD) return to == from ? kernel_bytes : cast_kernel_from_record;
    if ((from == TYPE_JSON || from == TYPE_JSONB) && to == from) return kernel_bytes;
    if (from == TYPE_JSONB && to == TYPE_JSON) return kernel_bytes;
    if (from == TYPE_JSONB && (to == TYPE_BOOLEAN || type_is_number(to))) return cast_kernel_from_document;
    if (from == TYPE_JSON && to == TYPE_JSONB) return cast_kernel_from_string;
    if (from == TYPE_NULL) return type_is_string(to) ? cast_kernel_literal : cast_kernel_from_string;
    if (type_is_string(from)) return type_is_string(to) ? cast_kernel_string : cast_kernel_from_string;
    if (type_is_string(to)) return cast_kernel_to_string;
    if (from == to && type_phys(from) == PHYS_TEXT) return kernel_bytes;
    return cast_number_kernel(from, to);
}

// NULL with *err when the cast does not exist at that strength.
static CastKernel find_kernel(TypeId from, TypeId to, CastHow how, Err *err)
{
    if (cast_exists(from, to, how)) return kernel_of(from, to);
    bool stronger = cast_exists(from, to, CAST_EXPLICIT);
    err_set(err, "42846", "cannot cast type %s to %s%s", type_name(from), type_name(to),
            stronger ? " without saying so" : "");
    if (stronger) err_hint(err, "write CAST(… AS %s)", type_name(to));
    return NULL;
}

bool cast_value_in(const CastContext *c, Value *out, const Value *in, Type to, CastHow how, Arena *mem,
                   Err *err)
{
    CastKernel kernel = find_kernel(in->type.id, to.id, how, err);
    if (!kernel) return false;
    Value result = value_null(to);
    if (!in->null) {
        uint64_t nulls = 0;
        Value source = *in; // out may be in
        Vector from = {.type = in->type, .data = &source.boolean};
        Vector target = {.type = to, .data = &result.boolean, .nulls = &nulls};
        const CastJob job = {.in = &from,
                             .out = &target,
                             .count = 1,
                             .context = c,
                             .to = to,
                             .how = how,
                             .copy = true,
                             .mem = mem,
                             .err = err};
        if (!kernel(&job)) return false;
        result.null = nulls != 0;
    }
    *out = result;
    return true;
}

// A constant is cast once and spread over the chosen rows.
static bool cast_constant(const CastContext *c, Vector *out, const Vector *in, const uint16_t *sel,
                          uint32_t count, Type to, CastHow how, Arena *mem, Err *err)
{
    Value value = vector_value(in, 0);
    if (!cast_value_in(c, &value, &value, to, how, mem, err)) return false;
    if (value.null && !out->nulls) out->nulls = arena_array(mem, uint64_t, BATCH_NULL_WORDS);
    if (out->constant) {
        vector_set_value(out, 0, &value);
        return true;
    }
    for (uint32_t i = 0; i < count; i++) vector_set_value(out, sel ? sel[i] : i, &value);
    return true;
}

// Writes the chosen rows' null bits and zero cells, and gathers the other rows in `live`; returns how many.
static uint32_t split_nulls(Vector *out, const Vector *in, const uint16_t *sel, uint32_t count,
                            uint16_t *live)
{
    size_t size = phys_size(type_phys(out->type.id));
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        uint64_t bit = UINT64_C(1) << (row & 63);
        if (in->nulls[row >> 6] & bit) {
            out->nulls[row >> 6] |= bit;
            memset((char *)out->data + size * row, 0, size);
        } else {
            out->nulls[row >> 6] &= ~bit;
            live[n++] = (uint16_t)row;
        }
    }
    return n;
}

bool cast_vector_in(const CastContext *c, Vector *out, const Vector *in, const uint16_t *sel, uint32_t count,
                    Type to, CastHow how, Arena *mem, Err *err)
{
    CastKernel kernel = find_kernel(in->type.id, to.id, how, err);
    if (!kernel) return false;
    out->type = to;
    if (!count) return true;
    if (in->constant) return cast_constant(c, out, in, sel, count, to, how, mem, err);
    CastJob job = {.in = in,
                   .out = out,
                   .sel = sel,
                   .count = count,
                   .context = c,
                   .to = to,
                   .how = how,
                   .mem = mem,
                   .err = err};
    uint16_t live[BATCH_ROWS];
    if (in->nulls) {
        if (!out->nulls) out->nulls = arena_array(mem, uint64_t, BATCH_NULL_WORDS);
        uint32_t n = split_nulls(out, in, sel, count, live);
        if (n < count) {
            job.sel = live;
            job.count = n;
        }
    } else if (out->nulls) {
        for (uint32_t i = 0; i < count; i++) {
            uint32_t row = sel ? sel[i] : i;
            out->nulls[row >> 6] &= ~(UINT64_C(1) << (row & 63));
        }
    }
    return kernel(&job);
}

bool cast_value(Value *out, const Value *in, Type to, CastHow how, Arena *mem, Err *err)
{
    return cast_value_in(NULL, out, in, to, how, mem, err);
}

bool cast_vector(Vector *out, const Vector *in, const uint16_t *sel, uint32_t count, Type to, CastHow how,
                 Arena *mem, Err *err)
{
    return cast_vector_in(NULL, out, in, sel, count, to, how, mem, err);
}

bool cast_needs_context(TypeId id)
{
    return id == TYPE_TIMESTAMPTZ || id == TYPE_ENUM || id == TYPE_RECORD ||
           (type_is_oid(id) && id != TYPE_OID);
}

void cast_cell_to_text(const Vector *v, uint32_t row, Bytes *out)
{
    if (vector_is_null(v, row)) return;
    size_t size = phys_size(type_phys(v->type.id));
    cell_put_text(out, v->type.id, (const char *)v->data + size * vector_slot(v, row));
}

bool cast_text_to_value(Value *out, Str text, Type to, Arena *mem, Err *err)
{
    const CastJob job = {.to = to, .how = CAST_ASSIGNMENT, .copy = true, .mem = mem, .err = err};
    *out = (Value){.type = to};
    return cast_read_cell(&out->boolean, text, &job, true);
}
