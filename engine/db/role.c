// Role: keys, names, and which privileges a role has through its memberships. A membership is a field of the
// group's object: "member KEY" with the grantor's key and, behind a blank, "admin". Sets are kept by the
// session until a definition moves.
#include "engine/db/role.h"

#include "engine/sql/ast_role.h"
#include <stdio.h>
#include <string.h>

static const char *const built_in[] = {"administrator", "user", "reader", "auditor"};

static bool is_built_in(Str key)
{
    for (size_t i = 0; i < COUNT_OF(built_in); i++)
        if (str_equal(key, str_of(built_in[i]))) return true;
    return false;
}

static Str key_of_object(const ObjectDef *o, Arena *mem)
{
    Str key = object_field(o, "key");
    return key.at ? arena_copy(mem, key) : arena_printf(mem, "r%llu", (unsigned long long)o->id);
}

const ObjectDef *role_object(Session *s, Str key, Arena *mem)
{
    uint64_t id;
    if (!s->transaction) return NULL;
    if (key.len > 1 && key.at[0] == 'r' && str_to_uint64(str_slice(key, 1, key.len), &id)) {
        const ObjectDef *o = transaction_object_by_id(s->transaction, id, mem);
        return o && o->kind == OBJECT_ROLE ? o : NULL;
    }
    return transaction_object_find(s->transaction, OBJECT_ROLE, SCHEMA_SHARED, STR(""), 0, key, mem);
}

bool role_find(Session *s, Str name, Arena *mem, Str *key)
{
    char hash[ROLE_KEY_SIZE];
    ProfileRole role;
    *key = arena_copy(mem, name);
    if (is_built_in(name)) return true;
    const ObjectDef *o = s->transaction ? transaction_object_find(s->transaction, OBJECT_ROLE, SCHEMA_SHARED,
                                                                  STR(""), 0, name, mem)
                                        : NULL;
    if (o) {
        *key = key_of_object(o, mem);
        return true;
    }
    if (profile_role_of(s->engine->profile, name, &role)) return true; // the hash itself
    if (!profile_known(s->engine->profile, name, hash)) return false;
    *key = arena_copy(mem, str_of(hash));
    return true;
}

bool role_key(Session *s, const AstName *name, bool public, Arena *mem, Str *out, Err *err)
{
    Str n = name->text;
    if (str_equal(n, STR("current_user")) || str_equal(n, STR("current_role")))
        *out = role_current_key(s);
    else if (str_equal(n, STR("session_user")))
        *out = role_session_key(s);
    else if (public && str_equal(n, ROLE_PUBLIC))
        *out = ROLE_PUBLIC;
    else if (!role_find(s, n, mem, out))
        return err_set_at(err, "42704", name->at, "role \"%.*s\" does not exist", STR_ARG(n));
    return true;
}

Str role_name(Session *s, Str key, Arena *mem)
{
    if (str_equal(key, str_of(s->user_hash))) return arena_copy(mem, str_of(s->user));
    const ObjectDef *o = is_built_in(key) ? NULL : role_object(s, key, mem);
    return o ? o->name : arena_copy(mem, key);
}

// ---- the session's roles ----

void role_forget(Session *s)
{
    s->role_sets = NULL;
    arena_done(&s->role_mem);
}

static void look(Session *s)
{
    uint64_t definitions = atomic_load(&s->engine->definitions);
    const char *text = setting_value(&s->settings, SETTING_ROLE),
               *as_text = setting_value(&s->settings, SETTING_AUTHORIZATION);
    if (s->role_looked && s->role_definitions == definitions && strcmp(text, s->role_text) == 0 &&
        strcmp(as_text, s->role_as) == 0)
        return;
    s->role_sets = NULL;
    arena_reset(&s->role_mem);
    s->role_looked = s->transaction != NULL; // without one nothing is known of own roles
    memcpy(s->role_text, text, strlen(text) + 1);
    memcpy(s->role_as, as_text, strlen(as_text) + 1);
    s->role_definitions = definitions;
    Str as = str_of(s->role_as), role = str_of(s->role_text);
    s->role_session = str_of(s->user_hash);
    if (as.len && !role_find(s, as, &s->role_mem, &s->role_session)) s->role_session = STR("-");
    s->role_current = s->role_session;
    if (!str_equal(role, STR("none")) && !role_find(s, role, &s->role_mem, &s->role_current))
        s->role_current = STR("-"); // it is gone, and may nothing
}

static bool is_plain(const Session *s)
{
    return !*setting_value(&s->settings, SETTING_AUTHORIZATION) &&
           strcmp(setting_value(&s->settings, SETTING_ROLE), "none") == 0;
}

Str role_current_key(Session *s)
{
    if (is_plain(s)) return str_of(s->user_hash);
    look(s);
    return s->role_current;
}

Str role_session_key(Session *s)
{
    if (is_plain(s)) return str_of(s->user_hash);
    look(s);
    return s->role_session;
}

bool role_is_administrator(Session *s)
{
    return is_plain(s) ? s->administrator : role_current(s)->administrator;
}

// ---- sets ----

static void add(RoleSet *set, Arena *mem, Str key)
{
    if (role_has(set, key) || set->count >= ROLE_DEPTH_MAX) return;
    if ((set->count & (set->count - 1)) == 0) {
        Str *grown = arena_array(mem, Str, set->count * 2 + 1);
        if (set->count) memcpy(grown, set->member, set->count * sizeof *grown);
        set->member = grown;
    }
    set->member[set->count++] = arena_copy(mem, key);
}

bool role_has(const RoleSet *set, Str key)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (str_equal(set->member[i], key)) return true;
    return false;
}

static bool is_member(const ObjectDef *group, Str key)
{
    for (uint32_t i = 0; i < group->field_count; i++)
        if (str_starts(group->field[i].name, STR("member ")) &&
            str_equal(str_slice(group->field[i].name, 7, SIZE_MAX), key))
            return true;
    return false;
}

static bool inherits(Session *s, Str key, Arena *mem)
{
    const ObjectDef *o = role_object(s, key, mem);
    return !o || !object_field(o, "noinherit").at;
}

// Groups of groups, until nothing is added.
static void close(Session *s, RoleSet *set, bool all, Arena *mem)
{
    const ObjectDef **o;
    size_t n = transaction_object_list(s->transaction, OBJECT_ROLE, SCHEMA_SHARED, mem, &o);
    for (uint32_t i = 0; i < set->count; i++) {
        if (!all && !inherits(s, set->member[i], mem)) continue;
        for (size_t k = 0; k < n; k++)
            if (is_member(o[k], set->member[i])) add(set, mem, key_of_object(o[k], mem));
    }
}

static void attributes(Session *s, RoleSet *set, Arena *mem)
{
    ProfileRole role;
    if (profile_role_of(s->engine->profile, set->key, &role)) add(set, mem, str_of(profile_role_name(role)));
    const ObjectDef *o = role_object(s, set->key, mem);
    if (o && object_field(o, "superuser").at) add(set, mem, ROLE_ADMINISTRATOR);
    set->administrator = role_has(set, ROLE_ADMINISTRATOR);
    set->makes_databases =
        set->administrator || role_has(set, ROLE_USER) || (o && object_field(o, "createdb").at);
    set->makes_roles = set->administrator || (o && object_field(o, "createrole").at);
}

static RoleSet *make(Session *s, Str key, bool all, Arena *mem)
{
    RoleSet *set = arena_new(mem, RoleSet);
    set->key = arena_copy(mem, key);
    add(set, mem, key);
    attributes(s, set, mem);
    if (s->transaction) close(s, set, all, mem);
    set->reader = role_has(set, ROLE_READER);
    set->auditor = set->administrator || role_has(set, ROLE_AUDITOR);
    return set;
}

const RoleSet *role_set(Session *s, Str key)
{
    look(s);
    for (RoleSet *r = s->role_sets; r; r = r->next)
        if (str_equal(r->key, key)) return r;
    RoleSet *set = make(s, key, false, &s->role_mem);
    set->next = s->role_sets;
    return s->role_sets = set;
}

const RoleSet *role_current(Session *s)
{
    look(s);
    return role_set(s, s->role_current);
}

bool role_may_become(Session *s, Str name, bool authorization, Err *err)
{
    Arena mem = {0};
    Str key;
    bool good = role_find(s, name, &mem, &key);
    if (!good) {
        err_set(err, authorization ? "22023" : "22023", "role \"%.*s\" does not exist", STR_ARG(name));
    } else if (authorization) {
        good = s->administrator || str_equal(key, str_of(s->user_hash)) ||
               err_set(err, "42501", "permission denied to set session authorization");
    } else {
        const RoleSet *set = make(s, role_session_key(s), true, &mem);
        good = set->administrator || role_has(set, key) ||
               err_set(err, "42501", "permission denied to set role \"%.*s\"", STR_ARG(name));
    }
    arena_done(&mem);
    return good;
}
