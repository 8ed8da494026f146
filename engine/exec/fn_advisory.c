// Functions that lock numbers: pg_advisory_lock and its family. What a number stands for is the application's
// business. A session's locks outlive its transactions and are counted; a transaction's (xact) end with it.
#include "engine/exec/exec.h"
#include "engine/exec/fn.h"

typedef struct Advice {
    LockMode mode;
    bool session, only_try;
} Advice;

static LockTag tag_of(const Vector *arg, uint32_t args, uint32_t r)
{
    if (args == 1) return (LockTag){LOCK_ADVISORY, (uint64_t)FN_CELL(int64_t, 0, r), 0};
    uint64_t high = (uint32_t)FN_CELL(int32_t, 0, r), low = (uint32_t)FN_CELL(int32_t, 1, r);
    return (LockTag){LOCK_ADVISORY, high << 32 | low, 1}; // two int4 are another space than one int8
}

static bool owner_of(KernelContext *ctx, const Advice *a, LockOwner **out)
{
    ExecContext *x = ctx->exec;
    *out = !x || !x->transaction ? NULL : a->session ? x->session_locks : transaction_locks(x->transaction);
    return *out || err_set(ctx->err, SQLSTATE_UNSUPPORTED, "advisory locks cannot be used here");
}

static bool advise(const Vector *arg, uint32_t args, const uint16_t *sel, uint32_t count, Vector *out,
                   KernelContext *ctx, const Advice *a)
{
    LockOwner *o;
    if (!owner_of(ctx, a, &o)) return false;
    Transaction *t = ctx->exec->transaction;
    LockTable *locks = store_locks(transaction_store(t));
    const LockWait wait = transaction_lock_wait(t, a->only_try ? LOCK_NOWAIT : LOCK_WAIT);
    FN_ROWS(r, {
        LockResult result = lock_acquire(locks, o, tag_of(arg, args, r), a->mode, &wait, ctx->err);
        if (result == LOCK_FAILED) return false;
        if (a->only_try)
            FN_OUT(uint8_t)[r] = result != LOCK_REFUSED;
        else if (!fn_put(out, r, STR(""), ctx)) // void
            return false;
    });
    return true;
}

#define ADVISE(name, ...)                                                                                    \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        static const Advice a = {__VA_ARGS__};                                                               \
        return advise(arg, args, sel, count, out, ctx, &a);                                                  \
    }
ADVISE(kernel_lock, LOCK_EXCLUSIVE, true, false)
ADVISE(kernel_lock_shared, LOCK_SHARE, true, false)
ADVISE(kernel_try, LOCK_EXCLUSIVE, true, true)
ADVISE(kernel_try_shared, LOCK_SHARE, true, true)
ADVISE(kernel_xact, LOCK_EXCLUSIVE, false, false)
ADVISE(kernel_xact_shared, LOCK_SHARE, false, false)
ADVISE(kernel_try_xact, LOCK_EXCLUSIVE, false, true)
ADVISE(kernel_try_xact_shared, LOCK_SHARE, false, true)

static bool let_go(const Vector *arg, uint32_t args, const uint16_t *sel, uint32_t count, Vector *out,
                   KernelContext *ctx, LockMode mode)
{
    static const Advice session = {.session = true};
    LockOwner *o;
    if (!owner_of(ctx, &session, &o)) return false;
    LockTable *locks = store_locks(transaction_store(ctx->exec->transaction));
    FN_ROWS(r, { FN_OUT(uint8_t)[r] = lock_release(locks, o, tag_of(arg, args, r), mode); });
    return true;
}

FN_KERNEL(kernel_unlock) { return let_go(arg, args, sel, count, out, ctx, LOCK_EXCLUSIVE); }
FN_KERNEL(kernel_unlock_shared) { return let_go(arg, args, sel, count, out, ctx, LOCK_SHARE); }

FN_KERNEL(kernel_unlock_all)
{
    static const Advice session = {.session = true};
    LockOwner *o;
    (void)arg, (void)args;
    if (!owner_of(ctx, &session, &o)) return false;
    bool ok = true;
    lock_release_kind(store_locks(transaction_store(ctx->exec->transaction)), o, LOCK_ADVISORY);
    FN_ROWS(r, { ok = ok && fn_put(out, r, STR(""), ctx); });
    return ok;
}

FN_KERNEL(kernel_pid)
{
    (void)arg, (void)args;
    FN_ROWS(r, {
        FN_OUT(int32_t)
        [r] = ctx->exec && ctx->exec->session_locks ? (int32_t)ctx->exec->session_locks->session : 0;
    });
    return true;
}

#define F (FUNCTION_STRICT | FUNCTION_VOLATILE)
#define BOTH(name, type, kernel)                                                                             \
    {name, 1, F, {TYPE_BIGINT}, type, kernel}, { name, 2, F, {TYPE_INTEGER, TYPE_INTEGER}, type, kernel }
const Function fn_advisory[] = {
    BOTH("pg_advisory_lock", TYPE_TEXT, kernel_lock),
    BOTH("pg_advisory_lock_shared", TYPE_TEXT, kernel_lock_shared),
    BOTH("pg_try_advisory_lock", TYPE_BOOLEAN, kernel_try),
    BOTH("pg_try_advisory_lock_shared", TYPE_BOOLEAN, kernel_try_shared),
    BOTH("pg_advisory_xact_lock", TYPE_TEXT, kernel_xact),
    BOTH("pg_advisory_xact_lock_shared", TYPE_TEXT, kernel_xact_shared),
    BOTH("pg_try_advisory_xact_lock", TYPE_BOOLEAN, kernel_try_xact),
    BOTH("pg_try_advisory_xact_lock_shared", TYPE_BOOLEAN, kernel_try_xact_shared),
    BOTH("pg_advisory_unlock", TYPE_BOOLEAN, kernel_unlock),
    BOTH("pg_advisory_unlock_shared", TYPE_BOOLEAN, kernel_unlock_shared),
    {"pg_advisory_unlock_all", 0, F, {0}, TYPE_TEXT, kernel_unlock_all},
    {"pg_backend_pid", 0, FUNCTION_STRICT | FUNCTION_STABLE, {0}, TYPE_INTEGER, kernel_pid},
    {0},
};
