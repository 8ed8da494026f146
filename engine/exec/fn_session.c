// Functions that tell of the session: who, where, which version.
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
TELL(session_schema, STR("public"))
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
