// Fn: the families of functions: const tables, one file each. An entry's kernel runs over a batch; the file
// says in its comment which rule of PostgreSQL 15 it follows. Relies on plan (Function), order.
#ifndef ENGINE_EXEC_FN_H
#define ENGINE_EXEC_FN_H

#include "engine/exec/order.h"
#include "engine/plan/function.h"

// Each ends with an entry whose name is NULL.
extern const Function fn_compare[];
extern const Function fn_arithmetic[];
extern const Function fn_number[];
extern const Function fn_text[];
extern const Function fn_string[];
extern const Function fn_text_format[];
extern const Function fn_date[];
extern const Function fn_part[];
extern const Function fn_interval[];
extern const Function fn_uuid[];
extern const Function fn_format[];
extern const Function fn_session[], fn_advisory[];
extern const Function fn_catalog[];
extern const Function fn_catalog_plain[];
extern const TableFunction fn_catalog_rows[];
extern const Function fn_bytes[];
extern const Function fn_sequence[];
extern const Function fn_regex[];
extern const Function fn_array[];
extern const Function fn_array_text[];
extern const Function fn_json[];
extern const Function fn_json_build[];
extern const Function fn_record[];
extern const Function fn_json_change[];
extern const TableFunction fn_json_rows[];
extern const TableFunction fn_array_rows[];
extern const Aggregate fn_array_aggregate[];
extern const TableFunction fn_series[];
extern const TableFunction fn_regex_rows[];
extern const Aggregate fn_aggregate[];
extern const Aggregate fn_aggregate_text[];
extern const Aggregate fn_statistics[];
extern const Aggregate fn_regression[];
extern const Aggregate fn_ordered_set[];

// Those that users made (FunctionList.routine, routine_rows).
bool fn_routine(const Vector *arg, uint32_t args, const uint16_t *sel, uint32_t count, Vector *out,
                KernelContext *ctx);
extern const TableFunction fn_routine_rows;

// Runs body for each chosen row.
#define FN_ROWS(row, ...)                                                                                    \
    do {                                                                                                     \
        if (sel)                                                                                             \
            for (uint32_t k_ = 0; k_ < count; k_++) {                                                        \
                const uint32_t row = sel[k_];                                                                \
                __VA_ARGS__                                                                                  \
            }                                                                                                \
        else                                                                                                 \
            for (uint32_t row = 0; row < count; row++) {                                                     \
                __VA_ARGS__                                                                                  \
            }                                                                                                \
    } while (0)
// A moment moved by an interval in a zone (fn_interval.c). False: out of range.
bool fn_moment_add(int64_t *out, int64_t us, const Interval *by, const Zone *zone);
// make_timestamp's six arguments of a row (fn_date.c). 22008.
bool fn_make_timestamp(const Vector *arg, uint32_t row, int64_t *us, KernelContext *ctx);
// The session's zone; NULL = UTC.
static inline const Zone *fn_zone(const KernelContext *ctx)
{
    return ctx->cast ? ctx->cast->when.zone : NULL;
}

// The cell of argument i for a row.
#define FN_CELL(T, i, row) (((const T *)arg[i].data)[arg[i].constant ? 0 : (row)])
#define FN_OUT(T)          ((T *)out->data)
#define FN_KERNEL(name)                                                                                      \
    static bool name(const Vector *arg, uint32_t args, const uint16_t *sel, uint32_t count, Vector *out,     \
                     KernelContext *ctx)
#define FN_UNUSED (void)args, (void)ctx, (void)arg

// Str of a text argument.
static inline Str fn_str(const Vector *arg, uint32_t i, uint32_t row)
{
    return text_str(&((const Text *)arg[i].data)[arg[i].constant ? 0 : row]);
}
// Memory for a result of len bytes (bounded by TYPE_VALUE_BYTES_MAX: 54000); NULL with ctx->err set.
char *fn_room(KernelContext *ctx, size_t len);
// As a literal and as a name of SQL, quoted where needed; appended.
void fn_quote_literal(Bytes *b, Str s);
void fn_quote_ident(Bytes *b, Str s);
// A result that copies s.
bool fn_put(Vector *out, uint32_t row, Str s, KernelContext *ctx);

#endif
