// Rows as values: making them, their fields, their NULL tests. Only the binder names these functions.
#include "engine/data/record.h"
#include "engine/exec/fn.h"

// The first argument holds the names.
FN_KERNEL(record_of)
{
    const uint32_t fields = args - 1;
    Value *field = arena_array(ctx->mem, Value, fields + 1);
    FN_ROWS(r, {
        for (uint32_t i = 0; i < fields; i++) field[i] = vector_value(&arg[i + 1], r);
        if (!record_make(&FN_OUT(Text)[r], field, fields, fn_str(arg, 0, r), ctx->mem, ctx->err))
            return false;
    });
    return true;
}

static bool open_row(Record *out, const Vector *v, uint32_t row, KernelContext *ctx)
{
    return record_open(out, &((const Text *)v->data)[vector_slot(v, row)]) ||
           err_set_at(ctx->err, SQLSTATE_CORRUPT, ctx->at, "a row value is damaged");
}

// IS NULL: the value or every field is; IS NOT NULL: no field is.
static bool null_test(const Vector *arg, const uint16_t *sel, uint32_t count, Vector *out, bool want,
                      KernelContext *ctx)
{
    FN_ROWS(r, {
        Record record = {0};
        bool none = vector_is_null(&arg[0], r);
        bool answer = want || !none;
        if (!none && !open_row(&record, &arg[0], r, ctx)) return false;
        for (uint32_t i = 0; answer && i < record.fields; i++)
            answer = record_value(&record, i, ctx->mem).null == want;
        FN_OUT(uint8_t)[r] = answer;
    });
    return true;
}
FN_KERNEL(record_is_null)
{
    (void)args;
    return null_test(arg, sel, count, out, true, ctx);
}
FN_KERNEL(record_is_filled)
{
    (void)args;
    return null_test(arg, sel, count, out, false, ctx);
}

const Function fn_record[] = {
    {"row make", 1, FUNCTION_VARIADIC | FUNCTION_INTERNAL, {TYPE_NULL}, TYPE_RECORD, record_of},
    {"row null", 1, FUNCTION_INTERNAL, {TYPE_RECORD}, TYPE_BOOLEAN, record_is_null},
    {"row filled", 1, FUNCTION_INTERNAL, {TYPE_RECORD}, TYPE_BOOLEAN, record_is_filled},
    {0},
};
