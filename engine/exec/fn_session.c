// Functions that tell of the session: who, where, which version.
#include "engine/exec/exec.h"
#include "engine/exec/fn.h"

#include <string.h>

#define TELL(name, EXPR)                                                                                     \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        bool ok = true;                                                                                      \
        FN_ROWS(r, { ok = ok && fn_put(out, r, EXPR, ctx); });                                               \
        return ok;                                                                                           \
    }
TELL(session_user, str_of(ctx->user))
TELL(session_role, str_of(ctx->exec && ctx->exec->role ? ctx->exec->role : ctx->user))
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
TELL(session_version, STR("PostgreSQL 15.0 (d2db 0.1)"))

FN_KERNEL(session_client)
{
    FN_UNUSED;
    FN_ROWS(r, { FN_OUT(int32_t)[r] = ctx->exec ? (int32_t)ctx->exec->client : 0; });
    return true;
}

static bool setting(KernelContext *ctx, Str name, const Str *value, bool local, Str *out)
{
    const ExecContext *x = ctx->exec;
    if (!x || !x->setting) return err_set(ctx->err, SQLSTATE_UNSUPPORTED, "there are no settings here");
    return x->setting(x->db, name, value, local, ctx->mem, out, ctx->err);
}

FN_KERNEL(session_setting)
{
    bool ok = true;
    FN_ROWS(r, {
        Str value;
        Str name = fn_str(arg, 0, r);
        bool missing_ok = args > 1 && FN_CELL(uint8_t, 1, r);
        if (!setting(ctx, name, NULL, false, &value)) return false;
        if (!value.at && !missing_ok)
            return err_set(ctx->err, "42704", "unrecognized configuration parameter \"%.*s\"", STR_ARG(name));
        if (value.at)
            ok = ok && fn_put(out, r, value, ctx);
        else
            vector_set_null(out, r);
    });
    return ok;
}

FN_KERNEL(session_set_config)
{
    (void)args;
    bool ok = true;
    FN_ROWS(r, {
        Str given = fn_str(arg, 1, r), value;
        if (!setting(ctx, fn_str(arg, 0, r), &given, FN_CELL(uint8_t, 2, r), &value)) return false;
        ok = ok && fn_put(out, r, value, ctx);
    });
    return ok;
}

// Rows that may not pass: the SQLSTATE and the sentence come with the condition.
FN_KERNEL(require)
{
    (void)args;
    FN_ROWS(r, {
        if (vector_is_null(&arg[0], r) || !FN_CELL(bool, 0, r)) {
            char state[6] = {0};
            Str code = fn_str(arg, 1, r);
            memcpy(state, code.at, code.len < 5 ? code.len : 5);
            return err_set(ctx->err, state, "%.*s", STR_ARG(fn_str(arg, 2, r)));
        }
        FN_OUT(bool)[r] = true;
    });
    return true;
}

#define F (FUNCTION_STRICT | FUNCTION_STABLE)
#define T TYPE_TEXT
const Function fn_session[] = {
    {"require", 3, FUNCTION_INTERNAL | FUNCTION_VOLATILE, {TYPE_BOOLEAN, T, T}, TYPE_BOOLEAN, require},
    {"current_user", 0, F, {0}, T, session_role},
    {"session_user", 0, F, {0}, T, session_user},
    {"user", 0, F, {0}, T, session_role},
    {"current_role", 0, F, {0}, T, session_role},
    {"current_database", 0, F, {0}, T, session_database},
    {"current_catalog", 0, F, {0}, T, session_database},
    {"current_schema", 0, F, {0}, T, session_schema},
    {"version", 0, F, {0}, T, session_version},
    {"pg_backend_pid", 0, F, {0}, TYPE_INTEGER, session_client},
    {"current_setting", 1, F, {T}, T, session_setting},
    {"current_setting", 2, F, {T, TYPE_BOOLEAN}, T, session_setting},
    {"set_config", 3, FUNCTION_STRICT | FUNCTION_VOLATILE, {T, T, TYPE_BOOLEAN}, T, session_set_config},
    {0},
};
