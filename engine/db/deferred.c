// Deferred: see deferred.h. The lists live as long as the transaction.
#include "engine/db/deferred.h"

#include "engine/db/ddl_alter_in.h"

static const DeferredMode *mode_of(const Deferred *d, Str name)
{
    for (const DeferredMode *m = d->mode; m; m = m->next)
        if (!m->name.at || str_equal(m->name, name)) return m; // the last one said counts
    return NULL;
}

bool deferred_note(void *session, uint64_t table, const ForeignKeyDef *key)
{
    Session *s = session;
    Deferred *d = &s->deferred;
    if (!key->deferrable) return false;
    const DeferredMode *m = mode_of(d, key->name);
    if (!(m ? m->later : key->deferred)) return false;
    for (const DeferredKey *k = d->key; k; k = k->next)
        if (k->table == table && str_equal(k->name, key->name)) return true;
    DeferredKey *k = arena_new(&d->mem, DeferredKey);
    *k = (DeferredKey){.table = table, .name = arena_copy(&d->mem, key->name), .next = d->key};
    d->key = k;
    return true;
}

static bool check_key(Run *run, const DeferredKey *k, Err *err)
{
    Table *table = transaction_table_by_id(run->session->transaction, k->table);
    if (!table) return true; // dropped meanwhile
    const TableDef *def = schema_copy(table_def(table), run->mem);
    for (uint16_t i = 0; i < def->foreign_key_count; i++)
        if (str_equal(def->foreign_key[i].name, k->name))
            return alter_check_parents(run, def, &def->foreign_key[i], err);
    return true;
}

// Those that are not to wait any longer; all: at the transaction's end.
static bool check_keys(Session *s, bool all, Err *err)
{
    Arena mem = {0};
    Run run = {.session = s, .mem = &mem, .tag = "COMMIT"};
    Deferred *d = &s->deferred;
    DeferredKey *waiting = NULL;
    bool ok = true;
    for (DeferredKey *k = d->key, *next; ok && k; k = next) {
        next = k->next;
        const DeferredMode *m = mode_of(d, k->name);
        if (!all && (!m || m->later)) {
            k->next = waiting;
            waiting = k;
            continue;
        }
        ok = check_key(&run, k, err);
    }
    if (ok) d->key = waiting;
    arena_done(&mem);
    return ok;
}

bool deferred_check(Session *s, Err *err)
{
    if (!s->deferred.key) return true;
    transaction_statement_begin(s->transaction);
    return check_keys(s, true, err);
}

static bool is_deferrable(Run *run, const AstPath *path, Err *err)
{
    const TableDef **def;
    Str name = ast_path_name(path);
    size_t n = transaction_tables(run->session->transaction, session_database(run->session), run->mem, &def);
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        for (uint16_t k = 0; k < def[i]->foreign_key_count; k++) {
            if (!str_equal(def[i]->foreign_key[k].name, name)) continue;
            if (def[i]->foreign_key[k].deferrable) return true;
            found = true;
        }
        for (uint16_t k = 0; k < def[i]->index_count; k++)
            found |= def[i]->index[k].constraint && str_equal(def[i]->index[k].name, name);
    }
    if (found)
        return err_set_at(err, "42809", path->at, "constraint \"%.*s\" is not deferrable", STR_ARG(name));
    return err_set_at(err, "42704", path->at, "constraint \"%.*s\" does not exist", STR_ARG(name));
}

bool deferred_set(Run *run, const AstSet *set, Err *err)
{
    Session *s = run->session;
    Deferred *d = &s->deferred;
    bool later = str_equal(set->value.at[0]->text, STR("deferred"));
    if (!s->open && !s->block) {
        statement_notice(run, "SET CONSTRAINTS can only be used in transaction blocks");
        return true;
    }
    for (uint32_t i = 0; i < set->constraints.count; i++)
        if (!is_deferrable(run, &set->constraints.at[i], err)) return false;
    for (uint32_t i = 0; i < set->constraints.count || i == 0; i++) {
        DeferredMode *m = arena_new(&d->mem, DeferredMode);
        Str name =
            set->constraints.count ? arena_copy(&d->mem, ast_path_name(&set->constraints.at[i])) : STR_NONE;
        *m = (DeferredMode){.name = name, .later = later, .next = d->mode};
        d->mode = m;
    }
    return later || check_keys(s, false, err);
}

void deferred_forget(Session *s)
{
    arena_done(&s->deferred.mem);
    s->deferred = (Deferred){0};
}
