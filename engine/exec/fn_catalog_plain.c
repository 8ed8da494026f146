// Functions of PostgreSQL's catalog that need no dictionary: sizes as people read them, encodings, the
// server's addresses, pg_sleep.
#include "engine/base/clock.h"
#include "engine/exec/exec.h"
#include "engine/exec/fn.h"
#include "engine/exec/scope.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

// Past 10 of the next unit the number is halved up ten bits at a time, as PostgreSQL does.
static bool put_size(Vector *out, uint32_t row, int64_t size, KernelContext *ctx)
{
    static const char *const unit[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
    char text[48];
    const bool negative = size < 0;
    uint64_t n = negative ? 0 - (uint64_t)size : (uint64_t)size;
    size_t u = 0;
    uint64_t half = n; // twice the size in the unit that is tried, to round at the end
    if (n >= 10240) {
        for (half = n >> 9, u = 1; u < COUNT_OF(unit) - 1 && half >= UINT64_C(20480) - 1; u++) half >>= 10;
        n = (half + 1) / 2;
    }
    int len = snprintf(text, sizeof text, "%s%" PRIu64 " %s", negative ? "-" : "", n, unit[u]);
    return fn_put(out, row, (Str){text, (size_t)len}, ctx);
}

FN_KERNEL(size_pretty)
{
    (void)args;
    FN_ROWS(r, {
        if (!put_size(out, r, FN_CELL(int64_t, 0, r), ctx)) return false;
    });
    return true;
}

static const char *const encoding[] = {[0] = "SQL_ASCII", [6] = "UTF8", [8] = "LATIN1"};

FN_KERNEL(encoding_name)
{
    (void)args;
    FN_ROWS(r, {
        int32_t n = FN_CELL(int32_t, 0, r);
        const char *name = n >= 0 && (size_t)n < COUNT_OF(encoding) && encoding[n] ? encoding[n] : "";
        if (!fn_put(out, r, str_of(name), ctx)) return false;
    });
    return true;
}

FN_KERNEL(encoding_number)
{
    (void)args, (void)ctx;
    FN_ROWS(r, {
        Str name = fn_str(arg, 0, r);
        FN_OUT(int32_t)[r] = str_equal_fold(name, STR("UTF-8")) ? 6 : -1;
        for (size_t i = 0; i < COUNT_OF(encoding); i++)
            if (encoding[i] && str_equal_fold(name, str_of(encoding[i]))) FN_OUT(int32_t)[r] = (int32_t)i;
    });
    return true;
}

FN_KERNEL(always_null)
{
    FN_UNUSED;
    FN_ROWS(r, { vector_set_null(out, r); });
    return true;
}

FN_KERNEL(always_false)
{
    FN_UNUSED;
    FN_ROWS(r, { FN_OUT(uint8_t)[r] = 0; });
    return true;
}

// This user may do with it what the statement itself would be let do: nothing is held back by kind.
FN_KERNEL(always_true)
{
    FN_UNUSED;
    FN_ROWS(r, { FN_OUT(uint8_t)[r] = 1; });
    return true;
}

FN_KERNEL(quote_nullable)
{
    (void)args;
    FN_ROWS(r, {
        if (vector_is_null(&arg[0], r)) {
            if (!fn_put(out, r, STR("NULL"), ctx)) return false;
            continue;
        }
        Str s = fn_str(arg, 0, r);
        Bytes text;
        bool slash = false;
        bytes_init(&text, TYPE_VALUE_BYTES_MAX);
        for (size_t i = 0; i < s.len; i++) slash |= s.at[i] == '\\';
        bytes_put(&text, slash ? STR(" E'") : STR("'"));
        for (size_t i = 0; i < s.len; i++) {
            if (s.at[i] == '\'' || s.at[i] == '\\') bytes_put_byte(&text, s.at[i]);
            bytes_put_byte(&text, s.at[i]);
        }
        bytes_put_byte(&text, '\'');
        Str done = bytes_str(&text);
        bool good = text.failed ? err_set(ctx->err, SQLSTATE_LIMIT, "the quoted text is too long")
                                : fn_put(out, r, slash ? str_slice(done, 1, done.len) : done, ctx);
        bytes_done(&text);
        if (!good) return false;
    });
    return true;
}

enum { SLEEP_STEP_US = 10000 };

// In steps, so that a cancelled statement ends at once.
static bool sleep_for(double seconds, KernelContext *ctx)
{
    if (!(seconds > 0)) return true;
    const double max = 1e9;
    const int64_t until = clock_mono_us() + (int64_t)(fmin(seconds, max) * 1e6);
    const Exec here = {.ctx = ctx->exec};
    for (;;) {
        if (ctx->exec && !exec_go_on(&here, ctx->err)) return false;
        int64_t left = until - clock_mono_us();
        if (left <= 0) return true;
        int64_t step = left < SLEEP_STEP_US ? left : SLEEP_STEP_US;
        const struct timespec t = {0, (long)step * 1000};
        (void)nanosleep(&t, NULL);
    }
}

FN_KERNEL(kernel_sleep)
{
    (void)args;
    FN_ROWS(r, {
        if (!sleep_for(FN_CELL(double, 0, r), ctx) || !fn_put(out, r, STR(""), ctx)) return false;
    });
    return true;
}

// ---- functions that give rows ----

// Of tables without partitions: none.
static bool nothing_open(void *state, const Value *arg, uint32_t args, KernelContext *ctx)
{
    (void)state, (void)arg, (void)args, (void)ctx;
    return true;
}
static bool nothing_next(void *state, Vector *out, uint32_t to, uint32_t room, uint32_t *made,
                         KernelContext *ctx)
{
    (void)state, (void)out, (void)to, (void)room, (void)ctx;
    *made = 0;
    return true;
}

#define S (FUNCTION_STRICT | FUNCTION_STABLE)
#define T TYPE_TEXT
#define O TYPE_OID
#define I TYPE_INTEGER
#define B TYPE_BOOLEAN
#define C TYPE_REGCLASS

const Function fn_catalog_plain[] = {
    {"pg_size_pretty", 1, S, {TYPE_BIGINT}, T, size_pretty},
    {"pg_encoding_to_char", 1, S, {I}, TYPE_NAME, encoding_name},
    {"pg_char_to_encoding", 1, S, {TYPE_NAME}, I, encoding_number},
    {"inet_server_addr", 0, FUNCTION_STABLE, {0}, T, always_null},
    {"inet_server_port", 0, FUNCTION_STABLE, {0}, I, always_null},
    {"inet_client_addr", 0, FUNCTION_STABLE, {0}, T, always_null},
    {"inet_client_port", 0, FUNCTION_STABLE, {0}, I, always_null},
    {"pg_is_in_recovery", 0, S, {0}, B, always_false},
    {"pg_is_wal_replay_paused", 0, S, {0}, B, always_false},
    {"pg_is_other_temp_schema", 1, S, {O}, B, always_false},
    {"pg_tablespace_location", 1, S, {O}, T, always_null},
    {"pg_get_partkeydef", 1, S, {O}, T, always_null},
    {"pg_get_partition_constraintdef", 1, S, {O}, T, always_null},
    {"pg_get_statisticsobjdef_columns", 1, S, {O}, T, always_null},
    {"pg_get_statisticsobjdef", 1, S, {O}, T, always_null},
    {"pg_get_function_arg_default", 2, S, {O, I}, T, always_null},
    {"pg_get_function_sqlbody", 1, S, {O}, T, always_null},
    {"has_schema_privilege", 2, S, {T, T}, B, always_true},
    {"has_schema_privilege", 2, S, {O, T}, B, always_true},
    {"has_schema_privilege", 3, S, {TYPE_NAME, T, T}, B, always_true},
    {"has_schema_privilege", 3, S, {TYPE_NAME, O, T}, B, always_true},
    {"has_column_privilege", 3, S, {T, T, T}, B, always_true},
    {"has_column_privilege", 3, S, {O, T, T}, B, always_true},
    {"has_column_privilege", 3, S, {O, TYPE_SMALLINT, T}, B, always_true},
    {"has_function_privilege", 2, S, {T, T}, B, always_true},
    {"has_function_privilege", 2, S, {O, T}, B, always_true},
    {"has_type_privilege", 2, S, {T, T}, B, always_true},
    {"has_type_privilege", 2, S, {O, T}, B, always_true},
    {"has_language_privilege", 2, S, {T, T}, B, always_true},
    {"has_tablespace_privilege", 2, S, {T, T}, B, always_true},
    {"row_security_active", 1, S, {C}, B, always_false},
    {"quote_nullable", 1, FUNCTION_STABLE, {T}, T, quote_nullable},
    {"pg_sleep", 1, FUNCTION_STRICT | FUNCTION_VOLATILE, {TYPE_DOUBLE}, T, kernel_sleep},
    {0},
};

#define SET(n, from, name, type)                                                                             \
    {                                                                                                        \
        .call = {n, 1, S | FUNCTION_SET, {from}, type, NULL}, .columns = 1, .column = {{name, type}},        \
        .open = nothing_open, .next = nothing_next                                                           \
    }
const TableFunction fn_catalog_rows[] = {
    SET("pg_partition_ancestors", C, "relid", C),
    SET("pg_partition_tree", C, "relid", C),
    {.call = {.name = NULL}},
};
