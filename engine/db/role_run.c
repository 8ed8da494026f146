// Role: CREATE, ALTER, DROP ROLE and their like, memberships, REASSIGN and DROP OWNED. A role that signs in
// is a user of User_Profile, under its rules for passwords and answers: CREATE USER … PASSWORD '…' QUESTION
// '…' ANSWER '…'. All others are objects.
#include "engine/db/access.h"

#include "engine/db/ddl_object.h"
#include "engine/sql/ast_role.h"

static const AstOption *option_find(const AstRole *r, const char *name)
{
    for (uint32_t i = 0; i < r->options.count; i++)
        if (str_equal(r->options.at[i].name.text, str_of(name))) return &r->options.at[i];
    return NULL;
}

static bool may_make_roles(Run *run, const char *sentence, Err *err)
{
    Session *s = run->session;
    return role_is_administrator(s) || role_current(s)->makes_roles || err_set(err, "42501", "%s", sentence);
}

static bool reserved(const AstName *name, Err *err)
{
    Str n = name->text;
    if (str_equal(n, ROLE_PUBLIC) || str_equal(n, STR("none")) || str_equal(n, STR("current_user")) ||
        str_equal(n, STR("session_user")) || str_equal(n, STR("current_role")))
        return err_set_at(err, "42939", name->at, "role name \"%.*s\" is reserved", STR_ARG(n));
    if (!str_starts(n, STR("pg_")) && n.len < ROLE_KEY_SIZE - 1) return true;
    if (n.len >= ROLE_KEY_SIZE - 1)
        return err_set_at(err, "42622", name->at, "a role's name has at most %d bytes", ROLE_KEY_SIZE - 2);
    err_set_at(err, "42939", name->at, "role name \"%.*s\" is reserved", STR_ARG(n));
    return err_note(err, "Role names starting with \"pg_\" are reserved.");
}

static void told(Run *run, const char *kind, Str name)
{
    journal_event(run->session->engine->journal, kind, "user %s: %s %.*s", run->session->user, run->tag,
                  STR_ARG(name));
}

// ---- members ----

// The object of a group; made for one that has none yet (users, built-in roles).
static bool group_of(Run *run, Str key, ObjectDef **out, Err *err)
{
    const ObjectDef *o = role_object(run->session, key, run->mem);
    if (o) {
        *out = object_copy(o, run->mem);
        return true;
    }
    ObjectDef def = {.kind = OBJECT_ROLE, .database = SCHEMA_SHARED, .name = key, .owner = key};
    object_set_field(&def, run->mem, "key", key);
    if (!transaction_object_create(run->session->transaction, &def, NULL, err)) return false;
    *out = object_copy(role_object(run->session, key, run->mem), run->mem);
    return true;
}

static bool is_admin_of(Run *run, Str key, const ObjectDef *group)
{
    Session *s = run->session;
    if (role_is_administrator(s)) return true;
    const RoleSet *set = role_current(s);
    if (set->makes_roles && !str_equal(key, ROLE_ADMINISTRATOR)) return true;
    for (uint32_t i = 0; group && i < group->field_count; i++) {
        const ObjectField *f = &group->field[i];
        if (str_starts(f->name, STR("member ")) && str_ends(f->value, STR(" admin")) &&
            role_has(set, str_slice(f->name, 7, SIZE_MAX)))
            return true;
    }
    return false;
}

static bool join(Run *run, Str group, Str member, const AstGrant *g, Err *err)
{
    Session *s = run->session;
    ObjectDef *o;
    if (str_equal(group, ROLE_ADMINISTRATOR)) {
        err_set(err, SQLSTATE_UNSUPPORTED, "membership in administrator is not supported");
        return err_hint(err, "ALTER USER … SUPERUSER makes an administrator.");
    }
    if (str_equal(group, member) || role_has(role_set(s, group), member))
        return err_set(err, "0LP01", "role \"%.*s\" is a member of role \"%.*s\"",
                       STR_ARG(role_name(s, group, run->mem)), STR_ARG(role_name(s, member, run->mem)));
    if (!group_of(run, group, &o, err)) return false;
    Str field = arena_printf(run->mem, "member %.*s", STR_ARG(member));
    Str old = object_field(o, arena_cstr(run->mem, field));
    if (old.at && !g->with_option) {
        statement_notice(run, "role \"%.*s\" is already a member of role \"%.*s\"",
                         STR_ARG(role_name(s, member, run->mem)), STR_ARG(role_name(s, group, run->mem)));
        return true;
    }
    Str value =
        arena_printf(run->mem, "%.*s%s", STR_ARG(role_current_key(s)), g->with_option ? " admin" : "");
    object_set_field(o, run->mem, arena_cstr(run->mem, field), value);
    ddl_changed(run);
    return transaction_object_replace(s->transaction, o, false, err);
}

static bool part(Run *run, Str group, Str member, bool option_only, Err *err)
{
    Session *s = run->session;
    const ObjectDef *was = role_object(s, group, run->mem);
    Str field = arena_printf(run->mem, "member %.*s", STR_ARG(member));
    const char *name = arena_cstr(run->mem, field);
    if (!was || !object_field(was, name).at) {
        statement_notice(run, "role \"%.*s\" is not a member of role \"%.*s\"",
                         STR_ARG(role_name(s, member, run->mem)), STR_ARG(role_name(s, group, run->mem)));
        return true;
    }
    ObjectDef *o = object_copy(was, run->mem);
    Str value = object_field(o, name);
    if (option_only && str_ends(value, STR(" admin"))) value = str_slice(value, 0, value.len - 6);
    object_set_field(o, run->mem, name, option_only ? value : STR_NONE);
    ddl_changed(run);
    return transaction_object_replace(s->transaction, o, false, err);
}

bool role_grant(Run *run, const AstGrant *g, Err *err)
{
    Session *s = run->session;
    for (uint32_t i = 0; i < g->privileges; i++) {
        Str group, member;
        const AstName *name = &g->privilege[i].name;
        if (!role_key(s, name, false, run->mem, &group, err)) return false;
        if (!is_admin_of(run, group, role_object(s, group, run->mem)))
            return err_set_at(err, "42501", name->at, "must have admin option on role \"%.*s\"",
                              STR_ARG(name->text));
        for (uint32_t k = 0; k < g->to.count; k++) {
            if (!role_key(s, &g->to.at[k], false, run->mem, &member, err) ||
                !(g->revoke ? part(run, group, member, g->option_only, err)
                            : join(run, group, member, g, err)))
                return false;
            journal_event(s->engine->journal, g->revoke ? "revoke" : "grant", "user %s: %.*s", s->user,
                          STR_ARG(run->text));
        }
    }
    return true;
}

// IN ROLE, ROLE, ADMIN of CREATE ROLE; ALTER GROUP.
static bool option_members(Run *run, const AstRole *r, Str key, bool take, Err *err)
{
    for (uint32_t i = 0; i < r->options.count; i++) {
        const AstOption *o = &r->options.at[i];
        bool in = str_equal(o->name.text, STR("in role")), admin = str_equal(o->name.text, STR("admin"));
        if (!o->value || o->value->kind != AST_ROW) continue;
        for (uint32_t k = 0; k < o->value->list.count; k++) {
            AstName name = {o->value->list.at[k]->text, o->value->list.at[k]->at};
            AstGrant g = {.with_option = admin};
            Str other;
            if (!role_key(run->session, &name, false, run->mem, &other, err)) return false;
            if (!(take ? part(run, key, other, false, err)
                       : join(run, in ? other : key, in ? key : other, &g, err)))
                return false;
        }
    }
    return true;
}

// ---- users ----

static bool password_of(const AstRole *r, Str *out)
{
    const AstOption *o = option_find(r, "password");
    *out = o && o->value && o->value->kind == AST_STRING ? o->value->text : STR_NONE;
    return out->at != NULL;
}

static Str text_of_option(const AstRole *r, const char *name)
{
    const AstOption *o = option_find(r, name);
    return o && o->value && o->value->kind == AST_STRING ? o->value->text : STR("");
}

static bool create_user(Run *run, const AstRole *r, Str *key, Err *err)
{
    Session *s = run->session;
    Str password, name = r->names.at[0].text;
    if (!role_is_administrator(s)) return err_set(err, "42501", "only an administrator may register a user");
    if (!password_of(r, &password) || !option_find(r, "question") || !option_find(r, "answer")) {
        err_set_at(err, "22023", r->names.at[0].at,
                   "a role that signs in needs PASSWORD '…' QUESTION '…' ANSWER '…'");
        return err_hint(err, "A role without sign-in is made with CREATE ROLE name.");
    }
    ProfileRegistration p = {.user = name,
                             .password = password,
                             .question = text_of_option(r, "question"),
                             .answer = text_of_option(r, "answer"),
                             .role = option_find(r, "superuser") ? STR("administrator") : STR("user"),
                             .by_administrator = true};
    if (!profile_register(s->engine->profile, &p, err)) return false;
    char hash[ROLE_KEY_SIZE];
    if (!profile_known(s->engine->profile, name, hash))
        return err_set(err, SQLSTATE_INTERNAL, "the new user is not there");
    *key = arena_copy(run->mem, str_of(hash));
    return true;
}

// ---- attributes ----

static bool option_known(Str name)
{
    static const char *const known[] = {
        "superuser", "nosuperuser", "createdb",   "nocreatedb", "createrole",  "nocreaterole",
        "inherit",   "noinherit",   "login",      "nologin",    "replication", "noreplication",
        "bypassrls", "nobypassrls", "connection", "password",   "valid",       "question",
        "answer",    "sysid",       "in role",    "role",       "admin"};
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_equal(name, str_of(known[i]))) return true;
    return false;
}

static bool refuse_options(const AstRole *r, Err *err)
{
    static const char *const outside[] = {"replication", "bypassrls", "connection", "valid"};
    for (uint32_t i = 0; i < r->options.count; i++) {
        const AstName *name = &r->options.at[i].name;
        if (!option_known(name->text))
            return err_set_at(err, SQLSTATE_SYNTAX, name->at, "unrecognized role option \"%.*s\"",
                              STR_ARG(name->text));
        for (size_t k = 0; k < COUNT_OF(outside); k++)
            if (str_equal(name->text, str_of(outside[k])))
                return err_set_at(err, SQLSTATE_UNSUPPORTED, name->at, "%s of a role is not supported",
                                  outside[k]);
    }
    return true;
}

static void set_switch(ObjectDef *o, Arena *mem, const AstRole *r, const char *on, const char *off,
                       const char *field, bool inverted)
{
    if (option_find(r, on)) object_set_field(o, mem, field, inverted ? STR_NONE : STR(""));
    if (option_find(r, off)) object_set_field(o, mem, field, inverted ? STR("") : STR_NONE);
}

static bool set_attributes(Run *run, const AstRole *r, ObjectDef *o, Err *err)
{
    bool super = option_find(r, "superuser") || option_find(r, "nosuperuser");
    if (super && !role_is_administrator(run->session))
        return err_set(err, "42501",
                       r->what == AST_ROLE_CREATE
                           ? "must be superuser to create superusers"
                           : "must be superuser to alter superuser roles or change superuser attribute");
    set_switch(o, run->mem, r, "superuser", "nosuperuser", "superuser", false);
    set_switch(o, run->mem, r, "createdb", "nocreatedb", "createdb", false);
    set_switch(o, run->mem, r, "createrole", "nocreaterole", "createrole", false);
    set_switch(o, run->mem, r, "inherit", "noinherit", "noinherit", true);
    return true;
}

// ---- statements ----

static bool create_role(Run *run, const AstRole *r, Err *err)
{
    Session *s = run->session;
    const AstName *name = &r->names.at[0];
    Str key;
    if (!may_make_roles(run, "permission denied to create role", err) || !reserved(name, err) ||
        !refuse_options(r, err))
        return false;
    if (role_find(s, name->text, run->mem, &key))
        return err_set_at(err, "42710", name->at, "role \"%.*s\" already exists", STR_ARG(name->text));
    bool login = option_find(r, "password") != NULL;
    if (login) {
        if (!create_user(run, r, &key, err)) return false;
        told(run, "role", key);
        ddl_changed(run);
        return option_members(run, r, key, false, err);
    }
    if (option_find(r, "login") || r->login)
        statement_notice(run, "role \"%.*s\" has no password: nobody can sign in as it", STR_ARG(name->text));
    ObjectDef def = {
        .kind = OBJECT_ROLE, .database = SCHEMA_SHARED, .name = name->text, .owner = role_current_key(s)};
    uint64_t id;
    if (!set_attributes(run, r, &def, err) || !transaction_object_create(s->transaction, &def, &id, err))
        return false;
    ddl_changed(run);
    told(run, "role", name->text);
    return option_members(run, r, arena_printf(run->mem, "r%llu", (unsigned long long)id), false, err);
}

static bool is_user(Session *s, Str key)
{
    ProfileRole role;
    return profile_role_of(s->engine->profile, key, &role);
}

static bool alter_user(Run *run, const AstRole *r, Str key, Err *err)
{
    Session *s = run->session;
    bool super = option_find(r, "superuser"), plain = option_find(r, "nosuperuser");
    Str password;
    if ((super || plain) && !role_is_administrator(s))
        return err_set(err, "42501",
                       "must be superuser to alter superuser roles or change superuser attribute");
    if ((super || plain) && !profile_set_role(s->engine->profile, str_of(s->user), key,
                                              super ? PROFILE_ADMINISTRATOR : PROFILE_USER, err))
        return false;
    bool own = str_equal(key, str_of(s->user_hash));
    if (password_of(r, &password)) {
        if (!own && !role_is_administrator(s)) return err_set(err, "42501", "permission denied");
        if (!profile_set_password(s->engine->profile, str_of(s->user), key, password, err)) return false;
    }
    return true;
}

static bool alter_role(Run *run, const AstRole *r, Err *err)
{
    Session *s = run->session;
    const AstName *name = &r->names.at[0];
    Str key, password;
    if (!role_key(s, name, false, run->mem, &key, err) || !refuse_options(r, err)) return false;
    bool own_password =
        str_equal(key, str_of(s->user_hash)) && r->options.count == 1 && password_of(r, &password);
    if (!own_password && !may_make_roles(run, "permission denied", err)) return false;
    if (role_set(s, key)->administrator && !role_is_administrator(s))
        return err_set(err, "42501",
                       "must be superuser to alter superuser roles or change superuser attribute");
    told(run, "role", key);
    ddl_changed(run);
    if (is_user(s, key)) {
        if (!alter_user(run, r, key, err)) return false;
        if (own_password) return true;
    } else if (password_of(r, &password))
        return err_set_at(err, SQLSTATE_UNSUPPORTED, name->at,
                          "a password for a role that is no user is not supported");
    ObjectDef *o;
    if (!group_of(run, key, &o, err)) return false;
    if (r->what == AST_ROLE_RENAME) {
        Str other;
        if (object_field(o, "key").at)
            return err_set_at(err, SQLSTATE_UNSUPPORTED, name->at,
                              "renaming a user or a built-in role is not supported");
        if (!reserved(&r->new_name, err)) return false;
        if (role_find(s, r->new_name.text, run->mem, &other))
            return err_set_at(err, "42710", r->new_name.at, "role \"%.*s\" already exists",
                              STR_ARG(r->new_name.text));
        o->name = r->new_name.text;
    } else if (r->what != AST_ROLE_ALTER)
        return option_members(run, r, key, r->what == AST_ROLE_TAKE, err);
    else if (!is_user(s, key) && !set_attributes(run, r, o, err))
        return false;
    else {
        set_switch(o, run->mem, r, "createdb", "nocreatedb", "createdb", false);
        set_switch(o, run->mem, r, "createrole", "nocreaterole", "createrole", false);
        set_switch(o, run->mem, r, "inherit", "noinherit", "noinherit", true);
    }
    return transaction_object_replace(s->transaction, o, false, err);
}

// ---- what a role has ----

typedef bool (*OwnedVisit)(Run *run, const AccessThing *t, const TableDef *table, void *arg, Err *err);

static bool each_thing(Run *run, Str database, OwnedVisit visit, void *arg, Err *err)
{
    Session *s = run->session;
    const TableDef **def;
    const ObjectDef **o;
    AccessThing t;
    size_t n = transaction_tables(s->transaction, database, run->mem, &def);
    for (size_t i = 0; i < n; i++) {
        access_of_table(s, def[i], run->mem, &t);
        if (!def[i]->temporary && !visit(run, &t, def[i], arg, err)) return false;
    }
    n = transaction_object_list(s->transaction, OBJECT_ANY, database, run->mem, &o);
    for (size_t i = 0; i < n; i++) {
        ObjectKind k = o[i]->kind;
        if (o[i]->temporary || k == OBJECT_COMMENT || k == OBJECT_ACCESS || k == OBJECT_POLICY ||
            k == OBJECT_MATERIALIZED_VIEW || k == OBJECT_TRIGGER || k == OBJECT_ROLE ||
            (k == OBJECT_SEQUENCE && object_field(o[i], "column").at))
            continue;
        access_of_object(s, o[i], run->mem, &t);
        if (!visit(run, &t, NULL, arg, err)) return false;
    }
    return !access_of_schema(s, database, SCHEMA_PUBLIC, run->mem, &t) || visit(run, &t, NULL, arg, err);
}

static bool names_role(Run *run, const AccessThing *t, const TableDef *table, void *arg, Err *err)
{
    (void)table;
    AccessEntry *e;
    uint32_t n = access_entries(t, run->mem, &e);
    bool public_schema = t->kind == ACCESS_SCHEMA && !t->id;
    const Str *key = arg;
    bool owner = str_equal(t->owner, *key) && !(public_schema && !(t->record && t->record->owner.len));
    for (uint32_t i = 0; i < n && !owner; i++)
        if (str_equal(e[i].grantee, *key))
            return err_set(err, "2BP01", "privileges for %s %.*s", access_kind_name(t), STR_ARG(t->name));
    return !owner || err_set(err, "2BP01", "owner of %s %.*s", access_kind_name(t), STR_ARG(t->name));
}

// 2BP01 as long as something names the role.
static bool is_unused(Run *run, const AstName *name, Str key, Err *err)
{
    Str *database;
    Err why = {0};
    size_t n = store_databases(run->session->engine->store, run->mem, &database);
    bool good = true;
    for (size_t i = 0; good && i < n; i++) {
        AccessThing t;
        access_of_database(run->session, database[i], run->mem, &t);
        good = names_role(run, &t, NULL, &key, &why) && each_thing(run, database[i], names_role, &key, &why);
    }
    if (good) return true;
    err_set_at(err, "2BP01", name->at, "role \"%.*s\" cannot be dropped because some objects depend on it",
               STR_ARG(name->text));
    err_note(err, "%s", why.text);
    return false;
}

static bool forget_member(Run *run, Str key, Err *err)
{
    const ObjectDef **o;
    Transaction *t = run->session->transaction;
    Str field = arena_printf(run->mem, "member %.*s", STR_ARG(key));
    const char *name = arena_cstr(run->mem, field);
    size_t n = transaction_object_list(t, OBJECT_ROLE, SCHEMA_SHARED, run->mem, &o);
    for (size_t i = 0; i < n; i++) {
        if (!object_field(o[i], name).at) continue;
        ObjectDef *own = object_copy(o[i], run->mem);
        object_set_field(own, run->mem, name, STR_NONE);
        if (!transaction_object_replace(t, own, false, err)) return false;
    }
    return true;
}

static bool drop_role(Run *run, const AstRole *r, Err *err)
{
    Session *s = run->session;
    if (!may_make_roles(run, "permission denied to drop role", err)) return false;
    for (uint32_t i = 0; i < r->names.count; i++) {
        const AstName *name = &r->names.at[i];
        Str key;
        if (!role_find(s, name->text, run->mem, &key)) {
            if (!r->if_exists)
                return err_set_at(err, "42704", name->at, "role \"%.*s\" does not exist",
                                  STR_ARG(name->text));
            statement_notice(run, "role \"%.*s\" does not exist, skipping", STR_ARG(name->text));
            continue;
        }
        const ObjectDef *o = role_object(s, key, run->mem);
        if (is_user(s, key) || !o || object_field(o, "key").at)
            return err_set_at(err, SQLSTATE_UNSUPPORTED, name->at,
                              "dropping a user or a built-in role is not supported");
        if (str_equal(key, role_current_key(s)))
            return err_set_at(err, "55006", name->at, "current user cannot be dropped");
        if (str_equal(key, role_session_key(s)))
            return err_set_at(err, "55006", name->at, "session user cannot be dropped");
        if (role_set(s, key)->administrator && !role_is_administrator(s))
            return err_set(err, "42501", "must be superuser to drop superusers");
        if (!is_unused(run, name, key, err) || !forget_member(run, key, err) ||
            !transaction_object_drop(s->transaction, o->id, err))
            return false;
        told(run, "role", name->text);
        ddl_changed(run);
    }
    return true;
}

// ---- REASSIGN OWNED, DROP OWNED ----

typedef struct Owned {
    Str from;
    const AstName *to;
    DependList drops;
} Owned;

static bool reassign(Run *run, const AccessThing *t, const TableDef *table, void *arg, Err *err)
{
    (void)table;
    const Owned *o = arg;
    if (!str_equal(t->owner, o->from) || (t->kind == ACCESS_SCHEMA && !t->id)) return true;
    return access_set_owner(run, t, o->to, err);
}

static bool drop_owned(Run *run, const AccessThing *t, const TableDef *table, void *arg, Err *err)
{
    Owned *o = arg;
    if (str_equal(t->owner, o->from) && (table || t->object)) {
        if (table)
            depend_add_table(run, &o->drops, table, true, false);
        else
            depend_add_object(run, &o->drops, t->object, true, false);
        return true;
    }
    AccessEntry *e;
    uint32_t n = access_entries(t, run->mem, &e), kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (!str_equal(e[i].grantee, o->from)) e[kept++] = e[i];
    return kept == n || access_write(run, t, t->owner, e, kept, err);
}

static bool owned_by(Run *run, const AstRole *r, Err *err)
{
    Session *s = run->session;
    Str database;
    AstPath none = {.part = {{.at = -1}}, .parts = 1, .at = -1};
    if (!ddl_database(run, &none, &database, err)) return false;
    bool gives = r->what == AST_ROLE_REASSIGN;
    for (uint32_t i = 0; i < r->names.count; i++) {
        Owned o = {.to = &r->new_name};
        if (!role_key(s, &r->names.at[i], false, run->mem, &o.from, err)) return false;
        if (!role_is_administrator(s) && !role_has(role_current(s), o.from))
            return err_set(err, "42501", "permission denied to %s objects", gives ? "reassign" : "drop");
        if (!each_thing(run, database, gives ? reassign : drop_owned, &o, err)) return false;
        if (o.drops.count && !depend_drop(run, &o.drops, r->cascade, r->names.at[i].at, err)) return false;
    }
    told(run, "role", r->names.at[0].text);
    return true;
}

bool role_run(Run *run, const AstRole *r, Err *err)
{
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute %s in a read-only transaction", run->tag);
    switch (r->what) {
    case AST_ROLE_CREATE: return create_role(run, r, err);
    case AST_ROLE_DROP: return drop_role(run, r, err);
    case AST_ROLE_REASSIGN:
    case AST_ROLE_DROP_OWNED: return owned_by(run, r, err);
    default: return alter_role(run, r, err);
    }
}
