// Access: owners, grants, and the questions. A grant is a field of the access object: "grant COLUMN GRANTEE
// GRANTOR", its value the letters of the rights, each with a * behind it when it may be passed on. The field
// "list" tells that what holds without any GRANT is written down there, too.
#include "engine/db/access.h"

#include "engine/db/ddl.h"
#include <stdio.h>
#include <string.h>

static const ObjectDef *record_of(Session *s, Str database, uint64_t id, Str name, Arena *mem)
{
    return transaction_object_find(s->transaction, OBJECT_ACCESS, database, STR(""), id, name, mem);
}

void access_of_table(Session *s, const TableDef *def, Arena *mem, AccessThing *out)
{
    *out = (AccessThing){.kind = ACCESS_TABLE,
                         .id = def->id,
                         .database = def->database,
                         .schema = def->schema,
                         .name = def->name,
                         .temporary = def->temporary,
                         .materialized = def->materialized};
    out->record = record_of(s, def->database, def->id, STR(""), mem);
    out->owner = def->temporary ? role_current_key(s) : out->record ? out->record->owner : ROLE_USER;
}

void access_of_object(Session *s, const ObjectDef *o, Arena *mem, AccessThing *out)
{
    *out = (AccessThing){.kind = o->kind == OBJECT_VIEW       ? ACCESS_VIEW
                                 : o->kind == OBJECT_SEQUENCE ? ACCESS_SEQUENCE
                                 : o->kind == OBJECT_SCHEMA   ? ACCESS_SCHEMA
                                 : o->kind == OBJECT_FUNCTION ? ACCESS_FUNCTION
                                                              : ACCESS_TYPE,
                         .id = o->id,
                         .database = o->database,
                         .schema = o->schema,
                         .name = o->name,
                         .owner = o->owner,
                         .temporary = o->temporary,
                         .object = o};
    out->record = record_of(s, o->database, o->id, STR(""), mem);
    // a column's own sequence goes with its table
    if (o->kind != OBJECT_SEQUENCE || !o->dependency_count || !object_field(o, "column").at) return;
    Table *table = transaction_table_by_id(s->transaction, o->dependency[0]);
    AccessThing of;
    if (!table) return;
    access_of_table(s, table_def(table), mem, &of);
    out->owner = of.owner;
}

void access_of_database(Session *s, Str database, Arena *mem, AccessThing *out)
{
    *out = (AccessThing){.kind = ACCESS_DATABASE, .database = SCHEMA_SHARED, .name = database};
    out->record = record_of(s, SCHEMA_SHARED, 0, database, mem);
    out->owner = out->record ? out->record->owner : ROLE_USER;
}

bool access_of_schema(Session *s, Str database, Str schema, Arena *mem, AccessThing *out)
{
    if (!str_equal(schema, SCHEMA_PUBLIC)) {
        const ObjectDef *o =
            transaction_object_find(s->transaction, OBJECT_SCHEMA, database, STR(""), 0, schema, mem);
        if (o) access_of_object(s, o, mem, out);
        return o != NULL;
    }
    AccessThing of;
    access_of_database(s, database, mem, &of);
    *out = (AccessThing){.kind = ACCESS_SCHEMA, .database = database, .name = schema, .owner = of.owner};
    out->record = record_of(s, database, 0, schema, mem);
    if (out->record && out->record->owner.len) out->owner = out->record->owner;
    return true;
}

unsigned access_all(AccessKind kind)
{
    static const unsigned all[ACCESS_KINDS] = {
        [ACCESS_TABLE] = 127,
        [ACCESS_VIEW] = 127,
        [ACCESS_SEQUENCE] = RIGHT_SELECT | RIGHT_UPDATE | RIGHT_USAGE,
        [ACCESS_SCHEMA] = RIGHT_USAGE | RIGHT_CREATE,
        [ACCESS_DATABASE] = RIGHT_CREATE | RIGHT_TEMPORARY | RIGHT_CONNECT,
        [ACCESS_TYPE] = RIGHT_USAGE,
        [ACCESS_FUNCTION] = RIGHT_EXECUTE,
    };
    return all[kind];
}

const char *access_kind_name(const AccessThing *t)
{
    static const char *const names[ACCESS_KINDS] = {"table",    "view", "sequence", "schema",
                                                    "database", "type", "function"};
    return t->materialized ? "materialized view" : names[t->kind];
}

unsigned access_column(const TableDef *def, uint32_t column)
{
    return 1u + schema_slot(def, (uint16_t)column);
}

// ---- entries ----

static unsigned public_rights(const AccessThing *t)
{
    switch (t->kind) {
    case ACCESS_DATABASE: return RIGHT_CONNECT | RIGHT_TEMPORARY;
    case ACCESS_SCHEMA: return t->id ? 0 : RIGHT_USAGE;
    case ACCESS_TYPE: return RIGHT_USAGE;
    case ACCESS_FUNCTION: return RIGHT_EXECUTE;
    default: return 0;
    }
}

static void read_letters(Str text, AccessEntry *e)
{
    for (size_t i = 0; i < text.len; i++) {
        const char *at = strchr(ACCESS_LETTERS, text.at[i]);
        if (!at || !*at) continue;
        unsigned bit = 1u << (unsigned)(at - ACCESS_LETTERS);
        e->rights |= bit;
        if (i + 1 < text.len && text.at[i + 1] == '*') e->option |= bit;
    }
}

static bool read_entry(const ObjectField *f, AccessEntry *e)
{
    Str rest = f->name;
    uint64_t column;
    if (!str_starts(rest, STR("grant "))) return false;
    rest = str_slice(rest, 6, SIZE_MAX);
    *e = (AccessEntry){0};
    if (!str_to_uint64(str_cut(&rest, ' '), &column)) return false;
    e->column = (unsigned)column;
    e->grantee = str_cut(&rest, ' ');
    e->grantor = rest;
    read_letters(f->value, e);
    return true;
}

uint32_t access_entries(const AccessThing *t, Arena *mem, AccessEntry **out)
{
    const ObjectDef *r = t->record;
    uint32_t n = 0;
    AccessEntry *e = *out = arena_array(mem, AccessEntry, (r ? r->field_count : 0) + 3);
    if (!r || !object_field(r, "list").at) {
        e[n++] = (AccessEntry){t->owner, t->owner, 0, access_all(t->kind), 0};
        if (public_rights(t)) e[n++] = (AccessEntry){ROLE_PUBLIC, t->owner, 0, public_rights(t), 0};
    }
    for (uint32_t i = 0; r && i < r->field_count; i++)
        if (read_entry(&r->field[i], &e[n])) n++;
    return n;
}

static unsigned gather(const AccessThing *t, const RoleSet *set, unsigned column, bool option)
{
    Arena mem = {0};
    AccessEntry *e;
    uint32_t n = access_entries(t, &mem, &e);
    unsigned rights = 0;
    bool owner = role_has(set, t->owner);
    if (option && owner) rights = access_all(t->kind);
    for (uint32_t i = 0; i < n; i++) {
        if (e[i].column && e[i].column != column) continue;
        bool theirs = role_has(set, e[i].grantee) || (!option && str_equal(e[i].grantee, ROLE_PUBLIC));
        if (theirs) rights |= option ? e[i].option : e[i].rights;
    }
    arena_done(&mem);
    return rights;
}

unsigned access_rights(const AccessThing *t, const RoleSet *set, unsigned column)
{
    if (set->administrator || t->temporary) return access_all(t->kind);
    unsigned rights = gather(t, set, column, false);
    if (!set->reader) return rights;
    if (t->kind <= ACCESS_SEQUENCE) rights |= RIGHT_SELECT;
    if (t->kind == ACCESS_SCHEMA) rights |= RIGHT_USAGE;
    return rights;
}

unsigned access_options(const AccessThing *t, const RoleSet *set, unsigned column)
{
    return set->administrator ? access_all(t->kind) : gather(t, set, column, true);
}

// ---- questions ----

void access_told(Session *s, const Err *err)
{
    journal_event(s->engine->journal, "refused", "user %s: %s", s->user, err->text);
}

bool access_owns(Session *s, const AccessThing *t)
{
    if (t->temporary || role_is_administrator(s)) return true;
    const RoleSet *set = role_current(s);
    return set->administrator || role_has(set, t->owner);
}

bool access_owner(Run *run, const AccessThing *t, bool dropping, Err *err)
{
    AccessThing schema;
    Session *s = run->session;
    if (access_owns(s, t)) return true;
    if (dropping && t->schema.len && access_of_schema(s, t->database, t->schema, run->mem, &schema) &&
        access_owns(s, &schema))
        return true;
    return err_set(err, "42501", "must be owner of %s %.*s", access_kind_name(t), STR_ARG(t->name));
}

bool access_table_owner(Run *run, const TableDef *def, Err *err)
{
    AccessThing t;
    if (role_is_administrator(run->session)) return true;
    access_of_table(run->session, def, run->mem, &t);
    return access_owner(run, &t, false, err);
}

static bool denied(const AccessThing *t, Err *err)
{
    return err_set(err, "42501", "permission denied for %s %.*s", access_kind_name(t), STR_ARG(t->name));
}

bool access_need(Session *s, const AccessThing *t, unsigned rights, Err *err)
{
    if (role_is_administrator(s)) return true;
    return (access_rights(t, role_current(s), 0) & rights) == rights || denied(t, err);
}

bool access_create_in(Run *run, const SearchPlace *place, Err *err)
{
    AccessThing t;
    Session *s = run->session;
    if (role_is_administrator(s) || str_starts(place->schema, STR("pg_temp"))) return true;
    return !access_of_schema(s, place->database, place->schema, run->mem, &t) ||
           access_need(s, &t, RIGHT_CREATE, err);
}

bool access_sequence(void *db, const ObjectDef *sequence, unsigned any, Err *err)
{
    Session *s = db;
    AccessThing t;
    Arena mem = {0};
    if (role_is_administrator(s) || object_field(sequence, "internal").at) return true;
    access_of_object(s, sequence, &mem, &t);
    bool good = access_rights(&t, role_current(s), 0) & any || denied(&t, err);
    arena_done(&mem);
    return good;
}

// ---- what the binder asks ----

static unsigned column_of(const PermitNeed *n, uint32_t i)
{
    return n->table ? access_column(n->table, i) : 1 + i;
}

static bool columns_ok(const PermitNeed *n, const AccessThing *t, const RoleSet *set, Right right,
                       const bool *flag)
{
    for (uint32_t i = 0; i < n->columns; i++)
        if (flag[i] && !(access_rights(t, set, column_of(n, i)) & right)) return false;
    return true;
}

static bool has_any(const bool *flag, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (flag[i]) return true;
    return false;
}

// A right that columns may have, too: for all that are flagged, or any one when none is.
static bool by_column(const PermitNeed *n, const AccessThing *t, const RoleSet *set, Right right,
                      const bool *flag)
{
    bool some = has_any(flag, n->columns);
    if (!some && !(n->rights & right)) return true;
    if (access_rights(t, set, 0) & right) return true;
    if (some) return columns_ok(n, t, set, right, flag);
    for (uint32_t i = 0; i < n->columns; i++)
        if (access_rights(t, set, column_of(n, i)) & right) return true;
    return false;
}

static bool may_use_schema(Session *s, const AccessThing *t, const PermitNeed *n, const RoleSet *set,
                           Arena *mem, Err *err)
{
    AccessThing schema;
    if (n->as.at || t->temporary || !access_of_schema(s, t->database, t->schema, mem, &schema)) return true;
    return access_rights(&schema, set, 0) & RIGHT_USAGE || denied(&schema, err);
}

static bool may(void *self, const PermitNeed *n, Err *err)
{
    Session *s = ((Run *)self)->session;
    if (!n->as.at && role_is_administrator(s)) return true;
    const RoleSet *set = n->as.at ? role_set(s, n->as) : role_current(s);
    if (set->administrator) return true;
    Arena mem = {0};
    AccessThing t;
    if (n->table)
        access_of_table(s, n->table, &mem, &t);
    else
        access_of_object(s, n->object, &mem, &t);
    unsigned whole = n->rights & ~(unsigned)(RIGHT_SELECT | RIGHT_INSERT | RIGHT_UPDATE);
    bool good = may_use_schema(s, &t, n, set, &mem, err);
    if (good &&
        !((access_rights(&t, set, 0) & whole) == whole && by_column(n, &t, set, RIGHT_SELECT, n->read) &&
          by_column(n, &t, set, RIGHT_INSERT, n->inserted) &&
          by_column(n, &t, set, RIGHT_UPDATE, n->updated)))
        good = denied(&t, err);
    arena_done(&mem);
    return good;
}

static bool policies(void *self, const TableDef *table, Str as, Right command, bool check, Arena *mem,
                     PermitPolicies *out, Err *err)
{
    return policy_list(((Run *)self)->session, table, as, command, check, mem, out, err);
}

const Permit *access_permit(Run *run)
{
    Permit *p = arena_new(run->mem, Permit);
    *p = (Permit){run, may, policies};
    return p;
}

// ---- written ----

static void put_letters(Bytes *out, const AccessEntry *e)
{
    for (unsigned i = 0; i < RIGHT_KINDS; i++) {
        if (!(e->rights & 1u << i)) continue;
        bytes_put_byte(out, ACCESS_LETTERS[i]);
        if (e->option & 1u << i) bytes_put_byte(out, '*');
    }
}

static void add_entry(ObjectDef *def, Arena *mem, const AccessEntry *e)
{
    Bytes letters;
    bytes_init(&letters, 64);
    put_letters(&letters, e);
    Str name = arena_printf(mem, "grant %u %.*s %.*s", e->column, STR_ARG(e->grantee), STR_ARG(e->grantor));
    if (letters.len) object_set_field(def, mem, arena_cstr(mem, name), bytes_str(&letters));
    bytes_done(&letters);
}

// e NULL: the grants that are there stay.
bool access_write(Run *run, const AccessThing *t, Str owner, const AccessEntry *e, uint32_t count, Err *err)
{
    ObjectDef def = {.kind = OBJECT_ACCESS,
                     .database = t->database,
                     .name = t->id ? STR("") : t->name,
                     .parent = t->id,
                     .owner = owner};
    if (t->record) def.id = t->record->id;
    if (t->record) {
        const ObjectDef *old = object_copy(t->record, run->mem);
        def.field = old->field;
        for (uint32_t i = 0; i < old->field_count; i++)
            if (!e || !str_starts(old->field[i].name, STR("grant ")))
                def.field[def.field_count++] = old->field[i];
    }
    if (e) object_set_field(&def, run->mem, "list", STR(""));
    for (uint32_t i = 0; e && i < count; i++) add_entry(&def, run->mem, &e[i]);
    ddl_changed(run);
    return t->record ? transaction_object_replace(run->session->transaction, &def, false, err)
                     : transaction_object_create(run->session->transaction, &def, NULL, err);
}

bool access_own_table(Run *run, const TableDef *def, Err *err)
{
    AccessThing t;
    if (def->temporary) return true;
    access_of_table(run->session, def, run->mem, &t);
    t.owner = role_current_key(run->session);
    AccessEntry *e;
    uint32_t n = grant_defaults(run, &t, &e);
    return access_write(run, &t, t.owner, n ? e : NULL, n, err);
}

bool access_own_object(Run *run, const ObjectDef *o, Err *err)
{
    AccessThing t;
    AccessEntry *e;
    if (o->temporary) return true;
    access_of_object(run->session, o, run->mem, &t);
    uint32_t n = grant_defaults(run, &t, &e);
    return !n || access_write(run, &t, t.owner, e, n, err);
}

// The new owner takes the place of the old one in the grants.
static uint32_t moved_entries(const AccessThing *t, Str owner, Arena *mem, AccessEntry **out)
{
    if (!t->record || !object_field(t->record, "list").at) return 0;
    uint32_t n = access_entries(t, mem, out);
    for (uint32_t i = 0; i < n; i++) {
        if (str_equal((*out)[i].grantee, t->owner)) (*out)[i].grantee = owner;
        if (str_equal((*out)[i].grantor, t->owner)) (*out)[i].grantor = owner;
    }
    return n;
}

bool access_set_owner(Run *run, const AccessThing *t, const AstName *name, Err *err)
{
    Session *s = run->session;
    Str owner;
    AccessThing schema;
    if (!access_owner(run, t, false, err) || !role_key(s, name, false, run->mem, &owner, err)) return false;
    if (!role_is_administrator(s)) {
        if (!role_has(role_current(s), owner))
            return err_set_at(err, "42501", name->at, "must be member of role \"%.*s\"", STR_ARG(name->text));
        if (t->schema.len && access_of_schema(s, t->database, t->schema, run->mem, &schema) &&
            !(access_rights(&schema, role_set(s, owner), 0) & RIGHT_CREATE))
            return denied(&schema, err);
    }
    AccessEntry *e = NULL;
    uint32_t n = moved_entries(t, owner, run->mem, &e);
    if (t->object) {
        ObjectDef *own = object_copy(t->object, run->mem);
        own->owner = owner;
        if (!transaction_object_replace(s->transaction, own, false, err)) return false;
        ddl_changed(run);
        return !n || access_write(run, t, owner, e, n, err);
    }
    return access_write(run, t, owner, n ? e : NULL, n, err);
}
