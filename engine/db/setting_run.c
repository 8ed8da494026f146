// Setting: statements. SET LOCAL is a SET here: it does not end with the transaction, which a notice says.
#include "engine/db/deferred.h"
#include "engine/db/savepoint_run.h"
#include "engine/db/setting_run.h"

#include "engine/db/casts.h"
#include "engine/db/role.h"
#include "engine/db/system.h"
#include "engine/sql/print.h"

static bool unknown(const AstPath *name, Err *err)
{
    Str text = ast_path_name(name);
    err_set_at(err, "42704", name->at, "unrecognized configuration parameter \"%.*s\"", STR_ARG(text));
    return err_hint(err, "SHOW ALL lists the known ones.");
}

// names: a list of schemas, of which each is quoted where it must be
static void put_value(Bytes *out, const AstExprs *value, bool names)
{
    for (uint32_t i = 0; i < value->count; i++) {
        if (i) bytes_put(out, STR(", "));
        if (names)
            print_name(out, value->at[i]->text);
        else
            bytes_put(out, value->at[i]->text);
    }
}

bool setting_run_assign(Session *s, size_t i, Str value, Err *err)
{
    bool as = i == SETTING_AUTHORIZATION;
    if ((as || (i == SETTING_ROLE && !str_equal(value, STR("none")))) && value.len &&
        !role_may_become(s, value, as, err))
        return false;
    if (as) setting_reset(&s->settings, SETTING_ROLE);
    return i == setting_find(STR("timezone")) ? casts_set_zone(s, value, err)
                                              : setting_set(&s->settings, i, value, err);
}

static bool set_value(Run *run, size_t i, const AstSet *set, Err *err)
{
    Bytes text;
    bytes_init(&text, SETTING_TEXT_MAX);
    put_value(&text, &set->value, i == SETTING_SEARCH_PATH);
    Str value = bytes_str(&text);
    bool good = text.failed ? err_set_at(err, "22023", set->name.at, "the value is longer than %d bytes",
                                         SETTING_TEXT_MAX)
                            : setting_run_assign(run->session, i, value, err);
    bytes_done(&text);
    return good;
}

void setting_run_reset_all(Session *s)
{
    for (size_t i = 0; i < setting_count(); i++) setting_reset(&s->settings, i);
    casts_reset_zone(s);
}

// Names that are no settings of ours: those with a meaning of their own, and those that mean nothing bad.
static bool without_effect(Run *run, const AstSet *set, bool *known, Err *err)
{
    Str name = ast_path_name(&set->name);
    *known = true;
    if (str_equal(name, STR("constraints"))) {
        run->tag = "SET CONSTRAINTS";
        return deferred_set(run, set, err);
    }
    if (set->name.parts > 1) return true; // a.b: kept by nobody, as an extension's setting would be
    *known = false;
    return true;
}

// transaction_isolation, transaction_read_only: of the open transaction.
static bool set_of_transaction(Run *run, const AstSet *set, Str name, bool *known, Err *err)
{
    static const char *const level[] = {[AST_ISOLATION_READ_UNCOMMITTED] = "read uncommitted",
                                        [AST_ISOLATION_READ_COMMITTED] = "read committed",
                                        [AST_ISOLATION_REPEATABLE_READ] = "repeatable read",
                                        [AST_ISOLATION_SERIALIZABLE] = "serializable"};
    bool isolation = str_equal(name, STR("transaction_isolation")),
         access = str_equal(name, STR("transaction_read_only"));
    AstTransaction t = {.kind = AST_SET_TRANSACTION};
    *known = isolation || access;
    if (!*known || set->reset) return true;
    Settings check;
    setting_init(&check);
    Bytes text;
    bytes_init(&text, SETTING_TEXT_MAX);
    put_value(&text, &set->value, false);
    bool good = !text.failed &&
                setting_set(&check, isolation ? SETTING_ISOLATION : SETTING_READ_ONLY, bytes_str(&text), err);
    bytes_done(&text);
    if (!good) return false;
    for (int i = AST_ISOLATION_READ_UNCOMMITTED; isolation && i <= AST_ISOLATION_SERIALIZABLE; i++)
        if (str_equal(str_of(level[i]), str_of(setting_value(&check, SETTING_ISOLATION))))
            t.isolation = (AstIsolation)i;
    t.access_given = access;
    t.read_only = access && setting_on(&check, SETTING_READ_ONLY);
    return !run->session->open || transaction_run_characteristics(run, &t, err);
}

bool setting_run_set(Run *run, const AstSet *set, Err *err)
{
    Session *s = run->session;
    run->tag = set->reset && !set->value.count ? "RESET" : "SET";
    Str name = ast_path_name(&set->name);
    if (!savepoint_keep_settings(s, set->local, err)) return false;
    if (set->reset && str_equal(name, STR("all"))) {
        setting_run_reset_all(s);
        return true;
    }
    bool known;
    if (!set_of_transaction(run, set, name, &known, err)) return false;
    if (known) return true;
    if (!without_effect(run, set, &known, err)) return false;
    if (known) return true;
    if (str_equal(name, STR("session authorization"))) name = STR("session_authorization");
    size_t i = setting_find(name);
    if (i == SIZE_MAX) return unknown(&set->name, err);
    if (set->reset) {
        if (i == SETTING_AUTHORIZATION) setting_reset(&s->settings, SETTING_ROLE);
        setting_reset(&s->settings, i);
        if (!set->local) savepoint_set_outside(s, i);
        if (i == setting_find(STR("timezone"))) casts_reset_zone(s);
        return true;
    }
    if (!set_value(run, i, set, err)) return false;
    if (!set->local) savepoint_set_outside(s, i);
    return true;
}

static bool show_one(Run *run, const char *name, Str value, Err *err)
{
    static const Type type[] = {{.id = TYPE_TEXT}};
    SystemRows out;
    if (!system_rows_begin(&out, run, &name, type, 1, err)) return false;
    system_put_text(&out, value);
    (void)system_row_done(&out);
    return system_rows_end(&out, err);
}

static const char *isolation_text(IsolationLevel level)
{
    return level == ISOLATION_SERIALIZABLE      ? "serializable"
           : level == ISOLATION_REPEATABLE_READ ? "repeatable read"
                                                : "read committed";
}

bool setting_run_show(Run *run, const AstPath *path, Err *err)
{
    Session *s = run->session;
    Str name = ast_path_name(path);
    if (str_equal(name, STR("transaction_isolation")))
        return show_one(run, "transaction_isolation", str_of(isolation_text(s->isolation)), err);
    if (str_equal(name, STR("transaction_read_only")))
        return show_one(run, "transaction_read_only", s->read_only ? STR("on") : STR("off"), err);
    if (str_equal(name, STR("transaction_deferrable")) ||
        str_equal(name, STR("default_transaction_deferrable")))
        return show_one(run, arena_cstr(run->mem, name), STR("off"), err);
    if (str_equal(name, STR("session authorization")))
        return show_one(run, "session_authorization", role_name(s, role_session_key(s), run->mem), err);
    size_t i = setting_find(name);
    if (i == SIZE_MAX) return unknown(path, err);
    return show_one(run, arena_cstr(run->mem, name), str_of(setting_value(&s->settings, i)), err);
}

bool setting_run_config(void *db, Str name, const Str *value, bool local, Arena *mem, Str *out, Err *err)
{
    Session *s = db;
    size_t i = setting_find(name);
    *out = STR_NONE;
    if (i == SIZE_MAX && str_find_byte(name, '.', 0) != SIZE_MAX && value) *out = arena_copy(mem, *value);
    if (i == SIZE_MAX && value && !out->at)
        return err_set(err, "42704", "unrecognized configuration parameter \"%.*s\"", STR_ARG(name));
    if (i == SIZE_MAX) return true;
    if (value) {
        if (!savepoint_keep_settings(s, local, err) || !setting_run_assign(s, i, *value, err)) return false;
        if (!local) savepoint_set_outside(s, i);
    }
    *out = arena_copy(mem, str_of(setting_value(&s->settings, i)));
    return true;
}
