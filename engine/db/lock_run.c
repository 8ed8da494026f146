// Locks of whole tables: what a plan reads and writes, what DDL changes, LOCK TABLE. A definition that has
// moved while somebody else had the table is looked at again before anything is done.
#include "engine/db/access.h"
#include "engine/db/ddl.h"
#include "engine/db/statement.h"

static bool lock_by_id(Session *s, uint64_t id, uint64_t version, LockMode mode, bool *stale, Err *err)
{
    bool waited = false;
    Table *table = transaction_table_by_id(s->transaction, id);
    if (!table) {
        *stale = true;
        return true;
    }
    if (!table_lock(s->transaction, table, mode, LOCK_WAIT, &waited, err)) return false;
    if (waited) transaction_statement_refresh(s->transaction);
    if (waited && !table_renew(s->transaction, table)) *stale = true;
    if (table_def(table)->version != version) *stale = true;
    return true;
}

bool query_lock_tables(Session *s, const Plan *plan, bool *stale, Err *err)
{
    *stale = false;
    for (uint32_t i = 0; i < plan->tables && !*stale; i++) {
        bool written = plan->write && plan_as(PlanWrite, plan->write)->table.id == plan->table_id[i];
        LockMode mode = written ? LOCK_ROW_EXCLUSIVE : LOCK_ACCESS_SHARE;
        if (!lock_by_id(s, plan->table_id[i], plan->table_version[i], mode, stale, err)) return false;
    }
    return true;
}

bool ddl_lock(Run *run, Table *table, LockMode mode, bool *again, Err *err)
{
    Transaction *t = run->session->transaction;
    *again = false;
    if (!mode || !t) return true;
    if (!table_lock(t, table, mode, LOCK_WAIT, again, err)) return false;
    if (*again) transaction_statement_refresh(t);
    return true;
}

bool lock_run(Run *run, const AstLockTable *l, Err *err)
{
    Session *s = run->session;
    if (!s->open) return err_set(err, "25P01", "LOCK TABLE can only be used in transaction blocks");
    for (uint32_t i = 0; i < l->tables.count; i++) {
        Table *table;
        if (!ddl_table(run, &l->tables.at[i], false, &table, err)) return false;
        AccessThing of;
        access_of_table(s, table_def(table), run->mem, &of);
        unsigned write = RIGHT_UPDATE | RIGHT_DELETE | RIGHT_TRUNCATE;
        unsigned has = access_rights(&of, role_current(s), 0);
        if (!(has & (l->mode == LOCK_ACCESS_SHARE    ? write | RIGHT_SELECT
                     : l->mode == LOCK_ROW_EXCLUSIVE ? write | RIGHT_INSERT
                                                     : write)))
            return access_need(s, &of, RIGHT_UPDATE, err);
        if (s->read_only && l->mode > LOCK_ROW_EXCLUSIVE)
            return err_set(err, "25006", "cannot execute LOCK TABLE in a read-only transaction");
        if (!table_lock(s->transaction, table, (LockMode)l->mode, l->nowait ? LOCK_NOWAIT : LOCK_WAIT, NULL,
                        err))
            return false;
    }
    return true;
}
