// Policy: CREATE, ALTER, DROP POLICY, and which of them a role meets. A policy is an object with its table as
// parent; that a table has row security is a field of its access object: "row security" ("forced" for its
// owner too).
#include "engine/db/access.h"

#include "engine/db/ddl.h"
#include "engine/sql/ast_role.h"
#include "engine/sql/lexer.h"

static bool policy_for(const ObjectDef *o, Right command)
{
    Str word = object_field(o, "command");
    return str_equal(word, STR("all")) || (str_equal(word, STR("select")) && command == RIGHT_SELECT) ||
           (str_equal(word, STR("insert")) && command == RIGHT_INSERT) ||
           (str_equal(word, STR("update")) && command == RIGHT_UPDATE) ||
           (str_equal(word, STR("delete")) && command == RIGHT_DELETE);
}

static bool policy_meets(const ObjectDef *o, const RoleSet *set)
{
    bool any = false;
    for (uint32_t i = 0; i < o->field_count; i++) {
        if (!str_starts(o->field[i].name, STR("to "))) continue;
        any = true;
        if (role_has(set, str_slice(o->field[i].name, 3, SIZE_MAX))) return true;
    }
    return !any;
}

bool policy_list(Session *s, const TableDef *table, Str as, Right command, bool check, Arena *mem,
                 PermitPolicies *out, Err *err)
{
    AccessThing t;
    *out = (PermitPolicies){0};
    if (!as.at && role_is_administrator(s)) return true;
    const RoleSet *set = as.at ? role_set(s, as) : role_current(s);
    access_of_table(s, table, mem, &t);
    Str security = t.record ? object_field(t.record, "row security") : STR_NONE;
    if (!security.at || set->administrator) return true;
    if (role_has(set, t.owner) && !str_equal(security, STR("forced"))) return true;
    if (!setting_on(&s->settings, setting_find(STR("row_security"))))
        return err_set(err, "42501",
                       "query would be affected by row-level security policy for table \"%.*s\"",
                       STR_ARG(table->name));
    const ObjectDef **o;
    size_t n = transaction_object_dependents(s->transaction, table->id, mem, &o);
    Str *permissive = arena_array(mem, Str, n + 1), *restrictive = arena_array(mem, Str, n + 1),
        *name = arena_array(mem, Str, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (o[i]->kind != OBJECT_POLICY || !policy_for(o[i], command) || !policy_meets(o[i], set)) continue;
        Str text = object_field(o[i], "using"), with = object_field(o[i], "check");
        if (check && command != RIGHT_SELECT && with.at) text = with;
        if (!text.at) text = STR("true");
        if (object_field(o[i], "restrictive").at) {
            name[out->restrictives] = o[i]->name;
            restrictive[out->restrictives++] = text;
        } else
            permissive[out->permissives++] = text;
    }
    out->applies = true;
    out->permissive = permissive;
    out->restrictive = restrictive;
    out->name = name;
    return true;
}

// ---- statements ----

static bool policy_text(Run *run, const TableDef *def, const AstExpr *e, ObjectDef *o, const char *field,
                        Err *err)
{
    Str text;
    if (!e) return true;
    if (!ddl_expr_text(run, e, &text, err)) return false;
    object_set_field(o, run->mem, field, text);
    (void)def;
    return true;
}

static bool policy_roles(Run *run, const AstNames *to, ObjectDef *o, Err *err)
{
    for (uint32_t i = 0; i < to->count; i++) {
        Str key;
        if (!role_key(run->session, &to->at[i], true, run->mem, &key, err)) return false;
        if (str_equal(key, ROLE_PUBLIC)) return true;
        Str name = arena_printf(run->mem, "to %.*s", STR_ARG(key));
        object_set_field(o, run->mem, arena_cstr(run->mem, name), STR(""));
    }
    return true;
}

// Only what the command can ask for.
static bool policy_parts(const AstPolicy *c, Str command, Err *err)
{
    if (c->expr && str_equal(command, STR("insert")))
        return err_set_at(err, SQLSTATE_SYNTAX, c->expr->at, "only WITH CHECK expression allowed for INSERT");
    if (c->check && (str_equal(command, STR("select")) || str_equal(command, STR("delete"))))
        return err_set_at(err, SQLSTATE_SYNTAX, c->check->at,
                          "WITH CHECK cannot be applied to SELECT or DELETE");
    return true;
}

// Reads with the policy once, so that a wrong one is refused now.
static bool policy_try(Run *run, const TableDef *def, const AstExpr *e, Err *err)
{
    if (!e) return true;
    AstTable from = {.kind = AST_TABLE_NAME, .at = -1, .alias.at = -1};
    from.path =
        (AstPath){.part = {{def->database, -1}, {def->schema, -1}, {def->name, -1}}, .parts = 3, .at = -1};
    AstTable *list[1] = {&from};
    AstQuery q = {.kind = AST_QUERY_SELECT, .at = -1, .from = {list, 1}, .where = (AstExpr *)(uintptr_t)e};
    Statement select = {.kind = STATEMENT_SELECT, .at = -1, .query = &q};
    Plan *plan;
    bool inner = run->own;
    run->own = true;
    bool good = query_plan(&plan, run, &select, err);
    run->own = inner;
    if (good) plan_free(plan);
    return good;
}

static bool policy_create(Run *run, const AstPolicy *c, const TableDef *def, const ObjectDef *old, Err *err)
{
    Transaction *t = run->session->transaction;
    if (old)
        return err_set_at(err, "42710", c->name.at, "policy \"%.*s\" for table \"%.*s\" already exists",
                          STR_ARG(c->name.text), STR_ARG(def->name));
    ObjectDef o = {.kind = OBJECT_POLICY,
                   .database = def->database,
                   .name = c->name.text,
                   .parent = def->id,
                   .owner = role_current_key(run->session)};
    object_set_field(&o, run->mem, "command", c->command);
    if (c->restrictive) object_set_field(&o, run->mem, "restrictive", STR(""));
    return policy_parts(c, c->command, err) && policy_try(run, def, c->expr, err) &&
           policy_try(run, def, c->check, err) && policy_text(run, def, c->expr, &o, "using", err) &&
           policy_text(run, def, c->check, &o, "check", err) && policy_roles(run, &c->to, &o, err) &&
           transaction_object_create(t, &o, NULL, err);
}

static void forget_roles(ObjectDef *o)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < o->field_count; i++)
        if (!str_starts(o->field[i].name, STR("to "))) o->field[kept++] = o->field[i];
    o->field_count = kept;
}

static bool policy_alter(Run *run, const AstPolicy *c, const TableDef *def, const ObjectDef *old, Err *err)
{
    ObjectDef *o = object_copy(old, run->mem);
    if (c->what == AST_POLICY_RENAME) {
        o->name = c->new_name.text;
    } else {
        if (c->to.count) forget_roles(o);
        if (!policy_parts(c, object_field(o, "command"), err) || !policy_try(run, def, c->expr, err) ||
            !policy_try(run, def, c->check, err) || !policy_text(run, def, c->expr, o, "using", err) ||
            !policy_text(run, def, c->check, o, "check", err) || !policy_roles(run, &c->to, o, err))
            return false;
    }
    return transaction_object_replace(run->session->transaction, o, false, err);
}

bool policy_run(Run *run, const AstPolicy *c, Err *err)
{
    Table *table;
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute %s in a read-only transaction", run->tag);
    if (!ddl_table(run, &c->table, c->if_exists, &table, err)) return false;
    if (!table) return true;
    const TableDef *def = table_def(table);
    Transaction *t = run->session->transaction;
    if (!access_table_owner(run, def, err)) return false;
    const ObjectDef *old =
        transaction_object_find(t, OBJECT_POLICY, def->database, STR(""), def->id, c->name.text, run->mem);
    ddl_changed(run);
    if (c->what == AST_POLICY_CREATE) return policy_create(run, c, def, old, err);
    if (!old && c->if_exists) {
        statement_notice(run, "policy \"%.*s\" for relation \"%.*s\" does not exist, skipping",
                         STR_ARG(c->name.text), STR_ARG(def->name));
        return true;
    }
    if (!old)
        return err_set_at(err, "42704", c->name.at, "policy \"%.*s\" for table \"%.*s\" does not exist",
                          STR_ARG(c->name.text), STR_ARG(def->name));
    if (c->what == AST_POLICY_DROP) return transaction_object_drop(t, old->id, err);
    return policy_alter(run, c, def, old, err);
}

bool policy_switch(Run *run, Table *table, Str words, bool *known, Err *err)
{
    static const struct {
        const char *words, *value; // NULL: off
    } forms[] = {{"enable row level security", "on"},
                 {"disable row level security", NULL},
                 {"force row level security", "forced"},
                 {"no force row level security", "on"}};
    const TableDef *def = table_def(table);
    AccessThing t;
    *known = false;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (!str_equal_fold(words, str_of(forms[i].words))) continue;
        *known = true;
        if (!access_table_owner(run, def, err)) return false;
        access_of_table(run->session, def, run->mem, &t);
        if (!t.record && !access_write(run, &t, t.owner, NULL, 0, err)) return false;
        access_of_table(run->session, def, run->mem, &t);
        ObjectDef *o = object_copy(t.record, run->mem);
        Str now = object_field(o, "row security");
        // forcing alone switches nothing on
        Str value = forms[i].value ? str_of(forms[i].value) : STR_NONE;
        if (i >= 2 && !now.at) return true;
        if (i == 0 && now.at) return true;
        object_set_field(o, run->mem, "row security", value);
        ddl_changed(run);
        return transaction_object_replace(run->session->transaction, o, false, err);
    }
    return true;
}
