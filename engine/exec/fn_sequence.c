// Functions that count: nextval, currval, lastval, setval, pg_get_serial_sequence. Names are looked up when
// they run, as PostgreSQL does for a name given as text; what a session was given last is the session's.
#include "engine/exec/exec.h"
#include "engine/exec/fn.h"
#include "engine/base/size.h"

#include <stdlib.h>

void sequence_memory_done(SequenceMemory *m)
{
    free(m->at);
    *m = (SequenceMemory){0};
}

static SequenceGiven *given(SequenceMemory *m, uint64_t id)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->at[i].id == id) return &m->at[i];
    return NULL;
}

static bool remember(KernelContext *ctx, uint64_t id, int64_t value, bool last)
{
    SequenceMemory *m = ctx->exec->sequences;
    if (!m) return true;
    SequenceGiven *g = given(m, id);
    if (!g && m->count == m->cap) {
        size_t cap = m->cap ? m->cap * 2 : 8;
        SequenceGiven *grown = size_realloc(m->at, cap, sizeof *grown);
        if (!grown) return err_set(ctx->err, SQLSTATE_OUT_OF_MEMORY, "out of memory");
        m->at = grown;
        m->cap = cap;
    }
    if (!g) *(g = &m->at[m->count++]) = (SequenceGiven){.id = id};
    g->last = value;
    if (last) m->last_id = id;
    return true;
}

static const ObjectDef *find(KernelContext *ctx, Str name, unsigned any)
{
    AstPath path;
    SearchFound found;
    const SearchPath *search = ctx->exec ? ctx->exec->search : NULL;
    if (!search) {
        err_set(ctx->err, SQLSTATE_UNSUPPORTED, "sequences cannot be used here");
        return NULL;
    }
    if (!search_parse(name, &path, ctx->mem, ctx->err)) return NULL;
    if (!search_relation(search, &path, ctx->mem, &found)) {
        err_set(ctx->err, SQLSTATE_UNDEFINED_TABLE, "relation \"%.*s\" does not exist", STR_ARG(name));
        return NULL;
    }
    bool is = found.object && found.object->kind == OBJECT_SEQUENCE;
    if (is && ctx->exec->sequence && !ctx->exec->sequence(ctx->exec->db, found.object, any, ctx->err))
        return NULL;
    if (is) return found.object;
    err_set(ctx->err, "42809", "\"%.*s\" is not a sequence", STR_ARG(ast_path_name(&path)));
    return NULL;
}

// The sequence of a row's name: rows in a row mostly name the same one.
typedef struct Cached {
    Str name;
    const ObjectDef *sequence;
} Cached;

static const ObjectDef *find_cached(KernelContext *ctx, Cached *c, Str name, unsigned any)
{
    if (c->sequence && str_equal(c->name, name)) return c->sequence;
    c->name = name;
    return c->sequence = find(ctx, name, any);
}

FN_KERNEL(kernel_nextval)
{
    (void)args;
    Cached c = {0};
    FN_ROWS(r, {
        const ObjectDef *s = find_cached(ctx, &c, fn_str(arg, 0, r), RIGHT_USAGE | RIGHT_UPDATE);
        if (!s || !sequence_next(ctx->exec->transaction, s->id, &FN_OUT(int64_t)[r], ctx->err) ||
            !remember(ctx, s->id, FN_OUT(int64_t)[r], true))
            return false;
    });
    return true;
}

FN_KERNEL(kernel_currval)
{
    (void)args;
    Cached c = {0};
    FN_ROWS(r, {
        const ObjectDef *s = find_cached(ctx, &c, fn_str(arg, 0, r), RIGHT_USAGE | RIGHT_SELECT);
        if (!s) return false;
        const SequenceGiven *g = ctx->exec->sequences ? given(ctx->exec->sequences, s->id) : NULL;
        if (!g)
            return err_set(ctx->err, "55000",
                           "currval of sequence \"%.*s\" is not yet defined in this session",
                           STR_ARG(s->name));
        FN_OUT(int64_t)[r] = g->last;
    });
    return true;
}

FN_KERNEL(kernel_lastval)
{
    FN_UNUSED;
    const SequenceMemory *m = ctx->exec ? ctx->exec->sequences : NULL;
    const SequenceGiven *g = m && m->last_id ? given((SequenceMemory *)(uintptr_t)m, m->last_id) : NULL;
    if (!g) return err_set(ctx->err, "55000", "lastval is not yet defined in this session");
    FN_ROWS(r, { FN_OUT(int64_t)[r] = g->last; });
    return true;
}

FN_KERNEL(kernel_setval)
{
    Cached c = {0};
    FN_ROWS(r, {
        const ObjectDef *s = find_cached(ctx, &c, fn_str(arg, 0, r), RIGHT_UPDATE);
        int64_t value = FN_CELL(int64_t, 1, r);
        bool called = args < 3 || FN_CELL(bool, 2, r);
        if (!s || !sequence_set(ctx->exec->transaction, s->id, value, called, ctx->err)) return false;
        if (called && !remember(ctx, s->id, value, false)) return false;
        FN_OUT(int64_t)[r] = value;
    });
    return true;
}

static void put_quoted(Bytes *out, Str name)
{
    bool plain = name.len && !(name.at[0] >= '0' && name.at[0] <= '9');
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        plain &= (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    if (!plain) bytes_put_byte(out, '"');
    bytes_put(out, name);
    if (!plain) bytes_put_byte(out, '"');
}

static bool serial_of(KernelContext *ctx, Str name, Str column, Vector *out, uint32_t row)
{
    AstPath path;
    SearchFound found;
    const SearchPath *search = ctx->exec ? ctx->exec->search : NULL;
    if (!search || !search_parse(name, &path, ctx->mem, ctx->err)) return false;
    if (!search_relation(search, &path, ctx->mem, &found) || !found.table)
        return err_set(ctx->err, SQLSTATE_UNDEFINED_TABLE, "relation \"%.*s\" does not exist", STR_ARG(name));
    const TableDef *def = table_def(found.table);
    if (schema_column(def, column) < 0)
        return err_set(ctx->err, SQLSTATE_UNDEFINED_COLUMN,
                       "column \"%.*s\" of relation \"%.*s\" does not exist", STR_ARG(column),
                       STR_ARG(def->name));
    const ObjectDef **o;
    size_t n = transaction_object_dependents(ctx->exec->transaction, def->id, ctx->mem, &o);
    for (size_t i = 0; i < n; i++) {
        if (o[i]->kind != OBJECT_SEQUENCE || !str_equal(object_field(o[i], "column"), column)) continue;
        Bytes text;
        bytes_init(&text, 4 * SCHEMA_NAME_MAX);
        put_quoted(&text, o[i]->schema);
        bytes_put_byte(&text, '.');
        put_quoted(&text, o[i]->name);
        bool good = fn_put(out, row, bytes_str(&text), ctx);
        bytes_done(&text);
        return good;
    }
    vector_set_null(out, row);
    return true;
}

FN_KERNEL(kernel_serial_sequence)
{
    (void)args;
    FN_ROWS(r, {
        if (!serial_of(ctx, fn_str(arg, 0, r), fn_str(arg, 1, r), out, r)) return false;
    });
    return true;
}

#define V (FUNCTION_STRICT | FUNCTION_VOLATILE)
#define T TYPE_TEXT
#define L TYPE_BIGINT
const Function fn_sequence[] = {
    {"nextval", 1, V, {T}, L, kernel_nextval},
    {"currval", 1, V, {T}, L, kernel_currval},
    {"lastval", 0, V, {0}, L, kernel_lastval},
    {"setval", 2, V, {T, L}, L, kernel_setval},
    {"setval", 3, V, {T, L, TYPE_BOOLEAN}, L, kernel_setval},
    {"pg_get_serial_sequence", 2, FUNCTION_STRICT | FUNCTION_STABLE, {T, T}, T, kernel_serial_sequence},
    {0},
};
