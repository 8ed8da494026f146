// Functions that tell of the session: who, where, which version.
#include "engine/exec/exec.h"
#include "engine/exec/fn.h"

#define TELL(name, EXPR)                                                                                     \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        bool ok = true;                                                                                      \
        FN_ROWS(r, { ok = ok && fn_put(out, r, EXPR, ctx); });                                               \
        return ok;                                                                                           \
    }
TELL(session_user, str_of(ctx->user))
TELL(session_database, str_of(ctx->database))

// The first schema of the path that exists; NULL when there is none.
static Str first_schema(KernelContext *ctx)
{
    const SearchPath *s = ctx->exec ? ctx->exec->search : NULL;
    if (!s || !s->database.len) return STR("public");
    for (uint32_t i = 0; i < s->schemas; i++)
        if (search_has_schema(s, s->database, s->schema[i])) return s->schema[i];
    return STR_NONE;
}

FN_KERNEL(session_schema)
{
    FN_UNUSED;
    Str schema = first_schema(ctx);
    bool ok = true;
    FN_ROWS(r, {
        if (schema.at)
            ok = ok && fn_put(out, r, schema, ctx);
        else
            vector_set_null(out, r);
    });
    return ok;
}
TELL(session_version, STR("d2db 0.1 (PostgreSQL 15 dialect)"))

#define F (FUNCTION_STRICT | FUNCTION_STABLE)
#define T TYPE_TEXT
const Function fn_session[] = {
    {"current_user", 0, F, {0}, T, session_user},
    {"session_user", 0, F, {0}, T, session_user},
    {"user", 0, F, {0}, T, session_user},
    {"current_role", 0, F, {0}, T, session_user},
    {"current_database", 0, F, {0}, T, session_database},
    {"current_catalog", 0, F, {0}, T, session_database},
    {"current_schema", 0, F, {0}, T, session_schema},
    {"version", 0, F, {0}, T, session_version},
    {0},
};
