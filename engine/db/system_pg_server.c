// System: what pg_catalog tells of the server: functions, databases, roles, settings, sessions, access
// methods.
#include "engine/base/clock.h"
#include "engine/db/system_pg.h"

// ---- pg_proc ----

#define PROC(C)                                                                                              \
    C(oid, OID)                                                                                              \
    C(proname, WORD)                                                                                         \
    C(pronamespace, OID)                                                                                     \
    C(proowner, OID)                                                                                         \
    C(prolang, OID)                                                                                          \
    C(procost, REAL)                                                                                         \
    C(prorows, REAL)                                                                                         \
    C(provariadic, OID)                                                                                      \
    C(prosupport, TEXT)                                                                                      \
    C(prokind, TEXT)                                                                                         \
    C(prosecdef, BOOL)                                                                                       \
    C(proleakproof, BOOL)                                                                                    \
    C(proisstrict, BOOL)                                                                                     \
    C(proretset, BOOL)                                                                                       \
    C(provolatile, TEXT)                                                                                     \
    C(proparallel, TEXT)                                                                                     \
    C(pronargs, INT2)                                                                                        \
    C(pronargdefaults, INT2)                                                                                 \
    C(prorettype, OID)                                                                                       \
    C(proargtypes, OIDS)                                                                                     \
    C(proallargtypes, OIDS)                                                                                  \
    C(proargmodes, TEXTS)                                                                                    \
    C(proargnames, TEXTS)                                                                                    \
    C(proargdefaults, TEXT)                                                                                  \
    C(protrftypes, OIDS)                                                                                     \
    C(prosrc, TEXT)                                                                                          \
    C(probin, TEXT)                                                                                          \
    C(prosqlbody, TEXT)                                                                                      \
    C(proconfig, TEXTS)                                                                                      \
    C(proacl, TEXTS)

static int64_t type_number_of(TypeId id)
{
    TypeId base = (TypeId)((unsigned)id & 0xff), element = (TypeId)((unsigned)id >> 8);
    if (id == TYPE_NULL) return 2283;
    if (base == TYPE_ARRAY && element) return look_type_oid(type_of_array(type_of(element)));
    return look_type_oid(type_of(base));
}

static void put_arguments(SystemFind *x, const LookFunction *p)
{
    const TypeId *arg = p->call ? p->call->arg : p->aggregate ? p->aggregate->arg : p->window->arg;
    uint32_t args = p->call ? p->call->args : p->aggregate ? p->aggregate->args : p->window->args;
    TypeId result = p->call ? p->call->result : p->aggregate ? p->aggregate->result : p->window->result;
    int64_t oid[FUNCTION_ARGS_MAX + 1];
    for (uint32_t i = 0; i < args; i++) oid[i] = type_number_of(arg[i]);
    system_int(&x->f, args);
    system_int(&x->f, 0);
    system_oid(&x->f, p->set && result == TYPE_NULL ? 2249 : type_number_of(result));
    system_oids(x, oid, args, true);
}

static bool put_proc(SystemFind *x, const LookFunction *p)
{
    SystemFill *f = &x->f;
    unsigned flags = p->call ? p->call->flags : 0;
    system_oid(f, p->oid);
    system_word(f, p->name);
    system_oid(f, LOOK_CATALOG);
    system_oid(f, 10);
    system_oid(f, 12);
    system_int(f, 1);
    system_int(f, p->set ? 1000 : 0);
    system_oid(f, flags & FUNCTION_VARIADIC ? 2283 : 0);
    system_text(f, STR("-"));
    system_char(f, p->call ? 'f' : p->aggregate ? 'a' : 'w');
    system_bool(f, false);
    system_bool(f, false);
    system_bool(f, (flags & FUNCTION_STRICT) != 0);
    system_bool(f, p->set);
    system_char(f, flags & FUNCTION_VOLATILE ? 'v' : flags & FUNCTION_STABLE ? 's' : 'i');
    system_char(f, 's');
    put_arguments(x, p);
    for (int i = 0; i < 5; i++) system_null(f);
    system_text(f, p->name);
    for (int i = 0; i < 4; i++) system_null(f);
    return system_done(f);
}

SYSTEM_FIND(find_proc)
{
    SYSTEM_FIND_BEGIN(x);
    LookFunction *p;
    if (!system_key_is_oid(&x, 2, LOOK_CATALOG)) return true;
    size_t n = look_functions(&x.l, &p);
    for (size_t i = 0; i < n; i++) {
        if (!system_key_is_oid(&x, 0, p[i].oid) || !system_key_is_text(&x, 1, p[i].name)) continue;
        if (!put_proc(&x, &p[i])) return false;
    }
    return true;
}
SYSTEM_PG(proc, "pg_proc", 1255, PROC, find_proc);

// ---- pg_database ----

#define DATABASE(C)                                                                                          \
    C(oid, OID)                                                                                              \
    C(datname, WORD)                                                                                         \
    C(datdba, OID)                                                                                           \
    C(encoding, INT4)                                                                                        \
    C(datlocprovider, TEXT)                                                                                  \
    C(datistemplate, BOOL)                                                                                   \
    C(datallowconn, BOOL)                                                                                    \
    C(datconnlimit, INT4)                                                                                    \
    C(datfrozenxid, OID)                                                                                     \
    C(datminmxid, OID)                                                                                       \
    C(dattablespace, OID)                                                                                    \
    C(datcollate, TEXT)                                                                                      \
    C(datctype, TEXT)                                                                                        \
    C(daticulocale, TEXT)                                                                                    \
    C(datcollversion, TEXT)                                                                                  \
    C(datacl, TEXTS)

SYSTEM_FIND(find_database)
{
    SYSTEM_FIND_BEGIN(x);
    SystemFill *f = &x.f;
    Str *name;
    size_t n = store_databases(x.l.s->engine->store, mem, &name);
    for (size_t i = 0; i < n; i++) {
        int64_t oid = look_database_oid(&x.l, name[i]);
        if (!system_key_is_oid(&x, 0, oid) || !system_key_is_text(&x, 1, name[i])) continue;
        system_oid(f, oid);
        system_word(f, name[i]);
        system_oid(f, look_role_oid(&x.l, str_of(x.l.s->user_hash)));
        system_int(f, 6);
        system_char(f, 'c');
        system_bool(f, false);
        system_bool(f, true);
        system_int(f, -1);
        system_oid(f, 0);
        system_oid(f, 0);
        system_oid(f, LOOK_TABLESPACE);
        system_text(f, STR("C.UTF-8"));
        system_text(f, STR("C.UTF-8"));
        for (int k = 0; k < 3; k++) system_null(f);
        if (!system_done(f)) return false;
    }
    return true;
}
SYSTEM_PG(database, "pg_database", 1262, DATABASE, find_database);

// ---- pg_roles ----

#define ROLES(C)                                                                                             \
    C(rolname, WORD)                                                                                         \
    C(rolsuper, BOOL)                                                                                        \
    C(rolinherit, BOOL)                                                                                      \
    C(rolcreaterole, BOOL)                                                                                   \
    C(rolcreatedb, BOOL)                                                                                     \
    C(rolcanlogin, BOOL)                                                                                     \
    C(rolreplication, BOOL)                                                                                  \
    C(rolconnlimit, INT4)                                                                                    \
    C(rolpassword, TEXT)                                                                                     \
    C(rolvaliduntil, MOMENT)                                                                                 \
    C(rolbypassrls, BOOL)                                                                                    \
    C(rolconfig, TEXTS)                                                                                      \
    C(oid, OID)

SYSTEM_FIND(find_roles)
{
    SYSTEM_FIND_BEGIN(x);
    LookRole *r;
    size_t n = look_roles(&x.l, &r);
    for (size_t i = 0; i < n; i++) {
        if (!system_key_is_oid(&x, 12, r[i].oid) || !system_key_is_text(&x, 0, r[i].name)) continue;
        system_word(&x.f, r[i].name);
        system_bool(&x.f, r[i].administrator);
        system_bool(&x.f, true);
        system_bool(&x.f, r[i].administrator);
        system_bool(&x.f, true);
        system_bool(&x.f, !r[i].disabled);
        system_bool(&x.f, false);
        system_int(&x.f, -1);
        system_text(&x.f, STR("********"));
        system_null(&x.f);
        system_bool(&x.f, r[i].administrator);
        system_null(&x.f);
        system_oid(&x.f, r[i].oid);
        if (!system_done(&x.f)) return false;
    }
    return true;
}
SYSTEM_PG(roles, "pg_roles", 12001, ROLES, find_roles);

// ---- pg_settings ----

#define SETTINGS(C)                                                                                          \
    C(name, TEXT)                                                                                            \
    C(setting, TEXT)                                                                                         \
    C(unit, TEXT)                                                                                            \
    C(category, TEXT)                                                                                        \
    C(short_desc, TEXT)                                                                                      \
    C(extra_desc, TEXT)                                                                                      \
    C(context, TEXT)                                                                                         \
    C(vartype, TEXT)                                                                                         \
    C(source, TEXT)                                                                                          \
    C(min_val, TEXT)                                                                                         \
    C(max_val, TEXT)                                                                                         \
    C(enumvals, TEXTS)                                                                                       \
    C(boot_val, TEXT)                                                                                        \
    C(reset_val, TEXT)                                                                                       \
    C(sourcefile, TEXT)                                                                                      \
    C(sourceline, INT4)                                                                                      \
    C(pending_restart, BOOL)

static void put_words(SystemFind *x, const SettingEntry *e)
{
    Str word[16];
    uint32_t n = 0;
    for (; e->words && e->words[n] && n < COUNT_OF(word); n++) word[n] = str_of(e->words[n]);
    if (n)
        system_texts(x, word, n);
    else
        system_null(&x->f);
}

SYSTEM_FIND(find_settings)
{
    static const char *const type[] = {[SETTING_KIND_SWITCH] = "bool",
                                       [SETTING_KIND_NUMBER] = "integer",
                                       [SETTING_KIND_WORD] = "enum",
                                       [SETTING_KIND_TEXT] = "string",
                                       [SETTING_KIND_TIME] = "integer"};
    SYSTEM_FIND_BEGIN(x);
    SystemFill *f = &x.f;
    for (size_t i = 0; i < setting_count(); i++) {
        const SettingEntry *e = setting_at(i);
        Str value = str_of(setting_value(&x.l.s->settings, i));
        if (!system_key_is_text(&x, 0, str_of(e->name))) continue;
        system_text(f, str_of(e->name));
        system_text(f, value);
        system_optional(f, e->kind == SETTING_KIND_TIME ? STR("ms") : STR_NONE);
        system_text(f, STR("Client Connection Defaults"));
        system_text(f, str_of(e->about));
        system_null(f);
        system_text(f, e->fixed ? STR("internal") : STR("user"));
        system_text(f, str_of(type[e->kind]));
        system_text(f, str_equal(value, str_of(e->start)) ? STR("default") : STR("session"));
        system_null(f);
        system_null(f);
        put_words(&x, e);
        system_text(f, str_of(e->start));
        system_text(f, str_of(e->start));
        system_null(f);
        system_null(f);
        system_bool(f, false);
        if (!system_done(f)) return false;
    }
    return true;
}
SYSTEM_PG(pg_settings, "pg_settings", 12002, SETTINGS, find_settings);

// ---- pg_stat_activity ----

#define ACTIVITY(C)                                                                                          \
    C(datid, OID)                                                                                            \
    C(datname, WORD)                                                                                         \
    C(pid, INT4)                                                                                             \
    C(leader_pid, INT4)                                                                                      \
    C(usesysid, OID)                                                                                         \
    C(usename, WORD)                                                                                         \
    C(application_name, TEXT)                                                                                \
    C(client_addr, TEXT)                                                                                     \
    C(client_hostname, TEXT)                                                                                 \
    C(client_port, INT4)                                                                                     \
    C(backend_start, MOMENT)                                                                                 \
    C(xact_start, MOMENT)                                                                                    \
    C(query_start, MOMENT)                                                                                   \
    C(state_change, MOMENT)                                                                                  \
    C(wait_event_type, TEXT)                                                                                 \
    C(wait_event, TEXT)                                                                                      \
    C(state, TEXT)                                                                                           \
    C(backend_xid, OID)                                                                                      \
    C(backend_xmin, OID)                                                                                     \
    C(query_id, INT8)                                                                                        \
    C(query, TEXT)                                                                                           \
    C(backend_type, TEXT)

typedef struct Active {
    SourceState state;
    uint64_t number;
    Str hash;
    bool busy;
} Active;

static size_t sessions(Session *by, Arena *mem, Active **out)
{
    Engine *e = by->engine;
    size_t count = 0, at = 0;
    mutex_lock(&e->lock);
    for (const Session *s = e->session; s; s = s->next) count++;
    *out = arena_array(mem, Active, count + 1);
    for (Session *s = e->session; s; s = s->next) {
        if (!by->administrator && !str_equal(str_of(s->user_hash), str_of(by->user_hash))) continue;
        Active *a = &(*out)[at++];
        source_state(&s->source, &a->state);
        a->number = s->number;
        a->hash = arena_copy(mem, str_of(s->user_hash));
        a->busy = atomic_load(&s->busy);
    }
    mutex_unlock(&e->lock);
    return at;
}

SYSTEM_FIND(find_activity)
{
    SYSTEM_FIND_BEGIN(x);
    SystemFill *f = &x.f;
    Active *a;
    size_t n = sessions(x.l.s, mem, &a);
    for (size_t i = 0; i < n; i++) {
        Str database = str_of(a[i].state.database);
        system_oid(f, database.len ? look_database_oid(&x.l, database) : 0);
        system_word(f, database);
        system_int(f, (int64_t)a[i].number);
        system_null(f);
        system_oid(f, look_role_oid(&x.l, a[i].hash));
        system_word(f, str_of(a[i].state.user));
        system_text(f, STR(""));
        for (int k = 0; k < 4; k++) system_null(f);
        system_moment(f, a[i].state.in_transaction ? a[i].state.began_us : 0);
        for (int k = 0; k < 4; k++) system_null(f);
        system_text(f, a[i].busy                       ? STR("active")
                       : a[i].state.failed_transaction ? STR("idle in transaction (aborted)")
                       : a[i].state.in_transaction     ? STR("idle in transaction")
                                                       : STR("idle"));
        for (int k = 0; k < 3; k++) system_null(f);
        system_text(f, STR(""));
        system_text(f, STR("client backend"));
        if (!system_done(f)) return false;
    }
    return true;
}
SYSTEM_PG(activity, "pg_stat_activity", 12003, ACTIVITY, find_activity);

// ---- pg_stat_user_tables ----

#define STAT_TABLES(C)                                                                                       \
    C(relid, OID)                                                                                            \
    C(schemaname, WORD)                                                                                      \
    C(relname, WORD)                                                                                         \
    C(seq_scan, INT8)                                                                                        \
    C(seq_tup_read, INT8)                                                                                    \
    C(idx_scan, INT8)                                                                                        \
    C(idx_tup_fetch, INT8)                                                                                   \
    C(n_tup_ins, INT8)                                                                                       \
    C(n_tup_upd, INT8)                                                                                       \
    C(n_tup_del, INT8)                                                                                       \
    C(n_tup_hot_upd, INT8)                                                                                   \
    C(n_live_tup, INT8)                                                                                      \
    C(n_dead_tup, INT8)                                                                                      \
    C(n_mod_since_analyze, INT8)                                                                             \
    C(last_vacuum, MOMENT)                                                                                   \
    C(last_autovacuum, MOMENT)                                                                               \
    C(last_analyze, MOMENT)                                                                                  \
    C(last_autoanalyze, MOMENT)                                                                              \
    C(vacuum_count, INT8)                                                                                    \
    C(analyze_count, INT8)

// What is not counted here is NULL.
static bool visit_stat(void *self, const LookRelation *r)
{
    SystemFind *x = self;
    if (!r->def || r->index || !system_key_is_text(x, 2, r->name)) return true;
    Table *t = transaction_table_by_id(x->l.s->transaction, r->def->id);
    system_oid(&x->f, r->oid);
    system_word(&x->f, r->schema);
    system_word(&x->f, r->name);
    for (int i = 0; i < 8; i++) system_null(&x->f);
    system_int(&x->f, t ? (int64_t)table_rows_estimate(t) : 0);
    for (int i = 0; i < 8; i++) system_null(&x->f);
    return system_done(&x->f);
}

SYSTEM_FIND(find_stat)
{
    SYSTEM_FIND_BEGIN(x);
    return system_each_relation(&x, 0, visit_stat);
}
SYSTEM_PG(stat_tables, "pg_stat_user_tables", 12004, STAT_TABLES, find_stat);

// ---- pg_timezone_names ----

#define ZONES(C) C(name, TEXT) C(abbrev, TEXT) C(utc_offset, SPAN) C(is_dst, BOOL)

SYSTEM_FIND(find_zones)
{
    SYSTEM_FIND_BEGIN(x);
    const Zone *zone = x.l.s->cast.when.zone;
    (void)zone;
    system_text(&x.f, STR("UTC"));
    system_text(&x.f, STR("UTC"));
    system_text(&x.f, STR("00:00:00"));
    system_bool(&x.f, false);
    return system_done(&x.f);
}
SYSTEM_PG(zones, "pg_timezone_names", 12005, ZONES, find_zones);
