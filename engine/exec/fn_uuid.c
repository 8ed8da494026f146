// Functions of uuid.
#include "engine/exec/fn.h"

#include "engine/base/random.h"

FN_KERNEL(uuid_random)
{
    FN_UNUSED;
    FN_ROWS(r, {
        Uuid *u = &FN_OUT(Uuid)[r];
        if (!random_secret(u->byte, sizeof u->byte, ctx->err)) return false;
        u->byte[6] = (u->byte[6] & 0x0f) | 0x40; // version 4 (RFC 4122)
        u->byte[8] = (u->byte[8] & 0x3f) | 0x80;
    });
    return true;
}

const Function fn_uuid[] = {
    {"gen_random_uuid", 0, FUNCTION_STRICT | FUNCTION_VOLATILE, {0}, TYPE_UUID, uuid_random},
    {0},
};
