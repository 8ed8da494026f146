// Transactions of a session: the implicit one around a statement, BEGIN … COMMIT, the failed state. After an
// error inside BEGIN … COMMIT only ROLLBACK (or COMMIT, which then rolls back) is accepted: 25P02.
#include "engine/db/deferred.h"
#include "engine/db/temporary.h"
#include "engine/base/clock.h"
#include "engine/db/line.h"
#include "engine/db/notify.h"
#include "engine/db/portal.h"
#include "engine/db/savepoint_run.h"
#include "engine/db/watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static IsolationLevel isolation_of(Str word)
{
    if (str_equal(word, STR("serializable"))) return ISOLATION_SERIALIZABLE;
    return str_equal(word, STR("repeatable read")) ? ISOLATION_REPEATABLE_READ : ISOLATION_READ_COMMITTED;
}

static bool begin(Session *s, IsolationLevel isolation, bool read_only, Err *err)
{
    TransactionOptions o = {
        .isolation = isolation,
        .read_only = read_only,
        .asynchronous = !setting_on(&s->settings, SETTING_SYNCHRONOUS),
        .user = str_of(s->user),
        .session = s->number,
        .cancel = &s->cancel,
    };
    s->isolation = isolation;
    s->read_only = read_only;
    s->transaction_us = s->cast.when.now_us = clock_wall_us();
    return transaction_begin(&s->transaction, s->engine->store, &o, err);
}

static bool begin_default(Session *s, Err *err)
{
    return begin(s, isolation_of(str_of(setting_value(&s->settings, SETTING_ISOLATION))),
                 setting_on(&s->settings, SETTING_READ_ONLY), err);
}

static void forget(Session *s)
{
    // others may now see its definitions, or nobody any more
    if (s->defines) atomic_fetch_add(&s->engine->definitions, 1);
    s->defines = s->queried = false;
    s->transaction = NULL;
    deferred_forget(s);
    mutex_lock(&s->shared);
    s->open = s->failed = false;
    s->pending = s->transaction_number = 0;
    mutex_unlock(&s->shared);
}

static void set_failed(Session *s)
{
    mutex_lock(&s->shared);
    s->failed = true;
    mutex_unlock(&s->shared);
}

static void rollback(Session *s)
{
    portal_end_transaction(s);
    if (s->transaction) {
        transaction_rollback(s->transaction);
    }
    savepoint_end(s, false);
    forget(s);
    notify_end(s, false);
}

static bool commit(Session *s, Err *err)
{
    Transaction *t = s->transaction;
    if ((s->portal && !portal_settle_held(s, err)) || (s->on_commits && !temporary_commit(s, err))) {
        rollback(s);
        return false;
    }
    if (!deferred_check(s, err)) {
        rollback(s);
        return false;
    }
    portal_end_transaction(s);
    bool changed = transaction_pending(t) > 0;
    s->transaction = NULL;
    bool good = transaction_commit(t, err);
    if (good && changed) atomic_fetch_add(&s->engine->changes, 1);
    savepoint_end(s, good);
    forget(s);
    notify_end(s, good);
    return good;
}

void transaction_run_abandon(Session *s)
{
    if (!s->transaction) return;
    uint64_t number = transaction_number(s->transaction);
    bool open = s->open;
    rollback(s);
    if (open) line_transaction(s, "rollback", number, "rolled back: the session ended");
}

void transaction_run_mark(Session *s)
{
    if (s->transaction) transaction_statement_mark(s->transaction);
}

bool transaction_run_enter(Session *s, Err *err)
{
    if (s->portal && !portal_settle_all(s, err)) return false;
    if (!s->transaction && !begin_default(s, err)) return false;
    transaction_lock_timeout(s->transaction, setting_time_us(&s->settings, SETTING_LOCK_TIMEOUT));
    transaction_statement_begin(s->transaction);
    int64_t us = setting_time_us(&s->settings, SETTING_STATEMENT_TIMEOUT);
    if (s->watching) watch_clear(s->engine->watch, s);
    s->watching = us > 0;
    return watch_set(s->engine->watch, s, false, us, err);
}

void transaction_run_query(Session *s)
{
    if (s->queried || !s->transaction) return;
    s->queried = true;
    transaction_set_isolation(s->transaction, s->isolation);
}

bool transaction_run_awake(Session *s, Err *err)
{
    if (s->watching) watch_clear(s->engine->watch, s);
    s->watching = false;
    if (!s->idle_ended) return true;
    s->idle_ended = false;
    err_set(err, "25P03", "terminating connection due to idle-in-transaction timeout");
    return err_hint(err, "the transaction was rolled back; begin it again");
}

// The statement is over: no end for it any more, but for a transaction that now lies idle.
static void rest(Session *s, Err *err)
{
    int64_t us = s->open ? setting_time_us(&s->settings, SETTING_IDLE_TIMEOUT) : 0;
    Err unused = {.at = -1};
    if (s->watching) watch_clear(s->engine->watch, s);
    s->watching = us > 0 && watch_set(s->engine->watch, s, true, us, &unused);
    if (atomic_exchange(&s->timed_out, false) && err && err_is(err, SQLSTATE_CANCELED)) {
        int64_t at = err->at;
        atomic_store(&s->cancel, false);
        err_clear(err);
        err_set_at(err, SQLSTATE_CANCELED, at, "canceling statement due to statement timeout");
    }
}

void transaction_run_idle_end(Session *s)
{
    uint64_t number = transaction_number(s->transaction);
    rollback(s);
    s->idle_ended = true;
    line_transaction(s, "rollback", number, "rolled back: it lay idle longer than it may");
}

static bool leave(Run *run, bool good, Err *err)
{
    Session *s = run->session;
    if (!s->transaction) return good;
    if (s->open || (s->block && good)) {
        if (!good) {
            transaction_fail(s->transaction); // its locks go at once, as in PostgreSQL
            if (s->defines) atomic_fetch_add(&s->engine->definitions, 1);
            set_failed(s);
        } else
            line_change(run);
        transaction_statement_end(s->transaction);
        session_publish(s);
        return good;
    }
    if (good) line_change(run);
    if (good) return commit(s, err);
    rollback(s);
    return false;
}

bool transaction_run_leave(Run *run, bool good, Err *err)
{
    bool done = leave(run, good, err);
    rest(run->session, done ? NULL : err);
    return done;
}

bool transaction_run_block_end(Session *s, Err *err)
{
    s->block = false;
    return !s->transaction || s->open || commit(s, err);
}

// ---- statements ----

static const IsolationLevel levels[] = {
    [AST_ISOLATION_READ_UNCOMMITTED] = ISOLATION_READ_COMMITTED,
    [AST_ISOLATION_READ_COMMITTED] = ISOLATION_READ_COMMITTED,
    [AST_ISOLATION_REPEATABLE_READ] = ISOLATION_REPEATABLE_READ,
    [AST_ISOLATION_SERIALIZABLE] = ISOLATION_SERIALIZABLE,
};

bool transaction_run_characteristics(Run *run, const AstTransaction *t, Err *err)
{
    Session *s = run->session;
    bool deeper = s->queried || transaction_savepoints(s->transaction);
    if (t->isolation && levels[t->isolation] != s->isolation) {
        if (s->queried)
            return err_set(err, "25001", "SET TRANSACTION ISOLATION LEVEL must be called before any query");
        if (deeper)
            return err_set(err, "25001",
                           "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction");
        s->isolation = levels[t->isolation];
        transaction_set_isolation(s->transaction, s->isolation);
    }
    if (!t->access_given || t->read_only == s->read_only) return true;
    if (!t->read_only && deeper)
        return err_set(err, "25001", "transaction read-write mode must be set before any query");
    s->read_only = t->read_only;
    transaction_set_read_only(s->transaction, t->read_only);
    return true;
}

// A transaction with the same characteristics follows (AND CHAIN), or one as BEGIN says.
static bool open_block(Session *s, IsolationLevel isolation, bool read_only, Err *err)
{
    if (!s->transaction && !begin(s, isolation, read_only, err)) return false;
    mutex_lock(&s->shared);
    s->open = true;
    s->began_us = clock_wall_us();
    mutex_unlock(&s->shared);
    session_publish(s);
    line_transaction(s, "begin", transaction_number(s->transaction), "begun");
    return true;
}

static bool run_begin(Run *run, const AstTransaction *t, Err *err)
{
    Session *s = run->session;
    if (s->open) {
        statement_warn(run, "25001", "there is already a transaction in progress");
        return transaction_run_characteristics(run, t, err);
    }
    IsolationLevel isolation = t->isolation
                                   ? levels[t->isolation]
                                   : isolation_of(str_of(setting_value(&s->settings, SETTING_ISOLATION)));
    bool read_only = t->access_given ? t->read_only : setting_on(&s->settings, SETTING_READ_ONLY);
    // Statements of a block before it belong to it too.
    return open_block(s, isolation, read_only, err);
}

static bool run_rollback(Run *run, const AstTransaction *t, Err *err)
{
    Session *s = run->session;
    run->tag = "ROLLBACK";
    IsolationLevel isolation = s->isolation;
    bool read_only = s->read_only;
    if (!s->open && t->chain)
        return err_set(err, "25P01", "ROLLBACK AND CHAIN can only be used in transaction blocks");
    if (!s->open) {
        statement_warn(run, "25P01", "there is no transaction in progress");
        if (s->transaction) rollback(s);
        return true;
    }
    char sentence[96];
    uint64_t number = transaction_number(s->transaction), pending = transaction_pending(s->transaction);
    snprintf(sentence, sizeof sentence, "rolled back, %" PRIu64 " %s taken back", pending,
             pending == 1 ? "change" : "changes");
    rollback(s);
    line_transaction(s, "rollback", number, sentence);
    return !t->chain || open_block(s, isolation, read_only, err);
}

static bool run_commit(Run *run, const AstTransaction *t, Err *err)
{
    Session *s = run->session;
    if (s->failed) return run_rollback(run, t, err);
    IsolationLevel isolation = s->isolation;
    bool read_only = s->read_only;
    if (!s->open && t->chain)
        return err_set(err, "25P01", "COMMIT AND CHAIN can only be used in transaction blocks");
    if (!s->open) {
        statement_warn(run, "25P01", "there is no transaction in progress");
        return !s->transaction || commit(s, err);
    }
    char sentence[96];
    uint64_t number = transaction_number(s->transaction), pending = transaction_pending(s->transaction);
    if (!commit(s, err)) {
        line_transaction(s, "rollback", number, "rolled back: it could not be committed");
        return false;
    }
    bool durable = setting_on(&s->settings, SETTING_SYNCHRONOUS);
    snprintf(sentence, sizeof sentence, "committed, %" PRIu64 " %s %s", pending,
             pending == 1 ? "change" : "changes", durable ? "durable" : "on their way to the disk");
    line_transaction(s, "commit", number, sentence);
    return !t->chain || open_block(s, isolation, read_only, err);
}

static bool set_characteristics(Run *run, const AstTransaction *t, Err *err)
{
    static const char *const words[] = {
        [AST_ISOLATION_READ_UNCOMMITTED] = "read uncommitted",
        [AST_ISOLATION_READ_COMMITTED] = "read committed",
        [AST_ISOLATION_REPEATABLE_READ] = "repeatable read",
        [AST_ISOLATION_SERIALIZABLE] = "serializable",
    };
    Settings *settings = &run->session->settings;
    if (t->isolation && !setting_set(settings, SETTING_ISOLATION, str_of(words[t->isolation]), err))
        return false;
    return !t->access_given ||
           setting_set(settings, SETTING_READ_ONLY, t->read_only ? STR("on") : STR("off"), err);
}

static bool set_transaction(Run *run, const AstTransaction *t, Err *err)
{
    if (t->session) return set_characteristics(run, t, err);
    if (run->session->open) return transaction_run_characteristics(run, t, err);
    statement_warn(run, "25P01", "SET TRANSACTION can only be used in transaction blocks");
    return true;
}

static bool run_kind(Run *run, const AstTransaction *t, Err *err)
{
    switch (t->kind) {
    case AST_BEGIN: return run_begin(run, t, err);
    case AST_COMMIT: return run_commit(run, t, err);
    case AST_ROLLBACK: return run_rollback(run, t, err);
    case AST_SET_TRANSACTION: return set_transaction(run, t, err);
    case AST_SAVEPOINT:
    case AST_RELEASE:
    case AST_ROLLBACK_TO: return savepoint_run(run, t, err);
    default: return err_set(err, SQLSTATE_UNSUPPORTED, "%s is not supported", run->tag);
    }
}

bool transaction_run_statement(Run *run, const AstTransaction *t, Err *err)
{
    run->ends_transaction = t->kind == AST_COMMIT || t->kind == AST_ROLLBACK;
    bool good = run_kind(run, t, err);
    if (good) rest(run->session, NULL);
    return good;
}
