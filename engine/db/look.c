// Look: relations, schemas, roles and databases by their numbers.
#include "engine/db/look.h"

#include "engine/base/hash.h"
#include "engine/db/ddl.h"
#include "engine/db/system.h"
#include "engine/sql/print.h"

#include <inttypes.h>
#include <string.h>

enum { LOOK_TEXT_MAX = 8 * SCHEMA_NAME_MAX };

Look look_at(Session *s, Arena *mem, Err *err)
{
    Look l = {.s = s, .mem = mem, .err = err};
    session_search(s, &l.search);
    return l;
}

// ---- schemas ----

static const LookSchema always[] = {
    {LOOK_CATALOG, {"pg_catalog", 10}, NULL},
    {LOOK_PUBLIC, {"public", 6}, NULL},
    {LOOK_SCHEMA_STANDARD, {"information_schema", 18}, NULL},
    {LOOK_SCHEMA_D2DB, {"d2db", 4}, NULL},
};

// The session's schema of temporary tables is nobody's object.
static int64_t temporary_oid(const Session *s) { return look_part(s->number, 0x7ff); }

size_t look_schemas(Look *l, LookSchema **out)
{
    const ObjectDef **o = NULL;
    size_t n = l->search.database.len
                   ? transaction_object_list(l->s->transaction, OBJECT_SCHEMA, l->search.database, l->mem, &o)
                   : 0,
           count = 0;
    *out = arena_array(l->mem, LookSchema, n + COUNT_OF(always) + 1);
    for (size_t i = 0; i < COUNT_OF(always); i++) (*out)[count++] = always[i];
    for (size_t i = 0; i < n; i++) (*out)[count++] = (LookSchema){look_oid(o[i]->id), o[i]->name, o[i]};
    if (l->search.temporary.len)
        (*out)[count++] = (LookSchema){temporary_oid(l->s), l->search.temporary, NULL};
    return count;
}

int64_t look_schema_oid(Look *l, Str name)
{
    for (size_t i = 0; i < COUNT_OF(always); i++)
        if (str_equal(always[i].name, name)) return always[i].oid;
    if (l->search.temporary.len && str_equal(name, l->search.temporary)) return temporary_oid(l->s);
    const ObjectDef *o = transaction_object_find(l->s->transaction, OBJECT_SCHEMA, l->search.database,
                                                 STR(""), 0, name, l->mem);
    return o ? look_oid(o->id) : 0;
}

bool look_schema(Look *l, int64_t oid, LookSchema *out)
{
    LookSchema *s;
    size_t n = look_schemas(l, &s);
    for (size_t i = 0; i < n; i++) {
        *out = s[i];
        if (out->oid == oid) return true;
    }
    return false;
}

// ---- relations ----

int64_t look_system_oid(const SystemTable *t)
{
    if (t->oid) return t->oid;
    int64_t at = LOOK_SYSTEM_FIRST;
    for (const SystemTable *const *i = system_tables(); *i && *i != t; i++) at++;
    return at;
}

static LookRelation of_system(Look *l, const SystemTable *t)
{
    Str schema = str_of(t->schema);
    bool table = t->find && str_equal(schema, STR("pg_catalog")) && t->oid && t->oid < 12000;
    return (LookRelation){.oid = look_system_oid(t),
                          .schema_oid = look_schema_oid(l, schema),
                          .kind = table ? 'r' : 'v',
                          .schema = schema,
                          .name = str_of(t->name),
                          .system = t};
}

static LookRelation of_table(Look *l, const TableDef *def)
{
    LookRelation r = {.oid = look_oid(def->id),
                      .schema_oid = look_schema_oid(l, def->schema),
                      .kind = def->materialized ? 'm' : 'r',
                      .schema = def->schema,
                      .name = def->name,
                      .def = def};
    if (def->materialized)
        r.object = transaction_object_find(l->s->transaction, OBJECT_MATERIALIZED_VIEW, def->database,
                                           STR(""), def->id, STR(""), l->mem);
    return r;
}

static LookRelation of_index(LookRelation table, const IndexDef *x)
{
    table.oid = look_oid(x->id);
    table.kind = 'i';
    table.name = x->name;
    table.index = x;
    table.object = NULL;
    return table;
}

static LookRelation of_object(Look *l, const ObjectDef *o)
{
    return (LookRelation){.oid = look_oid(o->id),
                          .schema_oid = look_schema_oid(l, o->schema),
                          .kind = o->kind == OBJECT_VIEW ? 'v' : 'S',
                          .schema = o->schema,
                          .name = o->name,
                          .object = o};
}

bool look_is_shown_index(const TableDef *def, const IndexDef *x)
{
    return x->constraint || !ddl_is_foreign_index(def, x);
}

static bool is_other_temporary(const Look *l, bool temporary, Str schema)
{
    return temporary && !str_equal(schema, l->search.temporary);
}

static bool each_table(Look *l, LookVisit visit, void *self)
{
    const TableDef **def;
    size_t n = transaction_tables(l->s->transaction, l->search.database, l->mem, &def);
    for (size_t i = 0; i < n; i++) {
        if (is_other_temporary(l, def[i]->temporary, def[i]->schema)) continue;
        LookRelation r = of_table(l, def[i]);
        if (!visit(self, &r)) return false;
        for (uint16_t k = 0; k < def[i]->index_count; k++) {
            if (!look_is_shown_index(def[i], &def[i]->index[k])) continue;
            LookRelation x = of_index(r, &def[i]->index[k]);
            if (!visit(self, &x)) return false;
        }
    }
    return true;
}

bool look_each_relation(Look *l, LookVisit visit, void *self)
{
    static const ObjectKind kind[] = {OBJECT_VIEW, OBJECT_SEQUENCE};
    if (l->search.database.len && !each_table(l, visit, self)) return false;
    for (size_t k = 0; l->search.database.len && k < COUNT_OF(kind); k++) {
        const ObjectDef **o;
        size_t n = transaction_object_list(l->s->transaction, kind[k], l->search.database, l->mem, &o);
        for (size_t i = 0; i < n; i++) {
            if (is_other_temporary(l, o[i]->temporary, o[i]->schema)) continue;
            LookRelation r = of_object(l, o[i]);
            if (!visit(self, &r)) return false;
        }
    }
    for (const SystemTable *const *t = system_tables(); *t; t++) {
        LookRelation r = of_system(l, *t);
        if (!visit(self, &r)) return false;
    }
    return true;
}

static bool system_relation(Look *l, int64_t oid, LookRelation *out)
{
    for (const SystemTable *const *t = system_tables(); *t; t++) {
        if (look_system_oid(*t) != oid) continue;
        *out = of_system(l, *t);
        return true;
    }
    return false;
}

static bool index_relation(Look *l, uint64_t id, LookRelation *out)
{
    const TableDef **def;
    size_t n = transaction_tables(l->s->transaction, l->search.database, l->mem, &def);
    for (size_t i = 0; i < n; i++)
        for (uint16_t k = 0; k < def[i]->index_count; k++) {
            if (def[i]->index[k].id != id) continue;
            *out = of_index(of_table(l, def[i]), &def[i]->index[k]);
            return look_is_shown_index(def[i], out->index);
        }
    return false;
}

bool look_relation(Look *l, int64_t oid, LookRelation *out)
{
    if (oid < LOOK_FIRST) return system_relation(l, oid, out);
    uint64_t id = look_id(oid);
    if (!id || !l->search.database.len) return false;
    Table *t = transaction_table_by_id(l->s->transaction, id);
    if (t) {
        const TableDef *def = table_def(t);
        *out = of_table(l, def);
        return str_equal(def->database, l->search.database) &&
               !is_other_temporary(l, def->temporary, def->schema);
    }
    const ObjectDef *o = transaction_object_by_id(l->s->transaction, id, l->mem);
    if (!o) return index_relation(l, id, out);
    if (o->kind != OBJECT_VIEW && o->kind != OBJECT_SEQUENCE) return false;
    *out = of_object(l, o);
    return str_equal(o->database, l->search.database);
}

// An index has its table's schema; there is one of a name in a database.
static bool index_named(Look *l, const AstPath *path, LookRelation *out)
{
    const TableDef **def;
    Str name = ast_path_name(path);
    SearchPlace place[SEARCH_PLACES_MAX];
    uint32_t places = search_places(&l->search, path, place);
    size_t n = places ? transaction_tables(l->s->transaction, place[0].database, l->mem, &def) : 0;
    for (size_t i = 0; i < n; i++)
        for (uint16_t k = 0; k < def[i]->index_count; k++) {
            const IndexDef *x = &def[i]->index[k];
            if (!str_equal(x->name, name) || !look_is_shown_index(def[i], x)) continue;
            for (uint32_t p = 0; p < places; p++)
                if (str_equal(place[p].schema, def[i]->schema)) {
                    *out = of_index(of_table(l, def[i]), x);
                    return true;
                }
        }
    return false;
}

bool look_relation_named(Look *l, const AstPath *path, LookRelation *out)
{
    Str name = ast_path_name(path), q = path->parts > 1 ? path->part[path->parts - 2].text : STR("");
    SearchFound found;
    if (search_relation(&l->search, path, l->mem, &found)) {
        *out = found.table ? of_table(l, table_def(found.table)) : of_object(l, found.object);
        return true;
    }
    for (const SystemTable *const *t = system_tables(); *t; t++) {
        Str in = str_of((*t)->schema);
        if (!str_equal(name, str_of((*t)->name)) || !str_equal(in, q.len ? q : STR("pg_catalog"))) continue;
        *out = of_system(l, *t);
        return true;
    }
    return index_named(l, path, out);
}

bool look_relation_visible(Look *l, const LookRelation *r)
{
    if (r->system) return r->schema_oid == LOOK_CATALOG;
    if (!r->index) return search_is_visible(&l->search, l->search.database, r->schema, r->name);
    if (l->search.temporary.len && str_equal(r->schema, l->search.temporary)) return true;
    for (uint32_t i = 0; i < l->search.schemas; i++)
        if (str_equal(l->search.schema[i], r->schema)) return true;
    return false;
}

Str look_name_text(Str name, Arena *mem)
{
    Bytes text;
    bytes_init(&text, 2 * OBJECT_NAME_MAX + 2);
    print_name(&text, name);
    Str out = arena_copy(mem, bytes_str(&text));
    bytes_done(&text);
    return out;
}

Str look_relation_text(Look *l, const LookRelation *r)
{
    Str name = look_name_text(r->name, l->mem);
    if (look_relation_visible(l, r)) return name;
    Str schema = look_name_text(r->schema, l->mem);
    return arena_printf(l->mem, "%.*s.%.*s", STR_ARG(schema), STR_ARG(name));
}

// ---- columns ----

static uint32_t system_columns(Look *l, const SystemTable *t, const ColumnDef **out)
{
    ColumnDef *column = arena_array(l->mem, ColumnDef, t->columns + 1);
    for (uint32_t i = 0; i < t->columns; i++)
        column[i] = (ColumnDef){.name = str_of(t->column_name[i]), .type = t->column_type[i]};
    *out = column;
    return t->columns;
}

// A view's columns have the types that its query gives now.
static uint32_t query_columns(Look *l, const LookRelation *r, const ColumnDef **out)
{
    Str name = look_name_text(r->name, l->mem), schema = look_name_text(r->schema, l->mem);
    Bytes text;
    bytes_init(&text, LOOK_TEXT_MAX);
    bytes_printf(&text, "SELECT * FROM %.*s.%.*s", STR_ARG(schema), STR_ARG(name));
    Run run = {.session = l->s, .mem = l->mem};
    Statement *statement = NULL;
    Plan *plan = NULL;
    Err ignored = {.at = -1};
    size_t pos = 0;
    Str sql = arena_copy(l->mem, bytes_str(&text));
    bytes_done(&text);
    if (!parser_statement(&statement, sql, &pos, l->mem, &ignored) ||
        !query_plan(&plan, &run, statement, &ignored))
        return 0;
    uint32_t n = plan->root->columns;
    ColumnDef *column = arena_array(l->mem, ColumnDef, n + 1);
    for (uint32_t i = 0; i < n; i++)
        column[i] = (ColumnDef){.name = arena_copy(l->mem, plan->root->column[i].name),
                                .type = plan->root->column[i].type};
    plan_free(plan);
    *out = column;
    return n;
}

// A call gives its name, anything else is expr; those that are there already get a number.
static Str expression_name(Look *l, const LookRelation *r, uint16_t at, const ColumnDef *before,
                           uint32_t count)
{
    Str text = r->def->column[at].generated;
    size_t open = str_find(text, STR("("), 0);
    bool call = open && open != SIZE_MAX;
    for (size_t i = 0; call && i < open; i++) {
        char c = text.at[i];
        call = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    Str stem = call ? str_slice(text, 0, open) : STR("expr"), name = stem;
    unsigned number = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!str_equal(before[i].name, name)) continue;
        name = arena_printf(l->mem, "%.*s%u", STR_ARG(stem), ++number);
        i = UINT32_MAX; // from the first again
    }
    return name;
}

static uint32_t index_columns(Look *l, const LookRelation *r, const ColumnDef **out)
{
    uint32_t n = (uint32_t)r->index->column_count + r->index->include_count;
    ColumnDef *column = arena_array(l->mem, ColumnDef, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        uint16_t at =
            i < r->index->column_count ? r->index->column[i] : r->index->include[i - r->index->column_count];
        column[i] = (ColumnDef){.name = r->def->column[at].name, .type = r->def->column[at].type};
        if (at >= r->def->column_count) column[i].name = expression_name(l, r, at, column, i);
    }
    *out = column;
    return n;
}

uint32_t look_columns(Look *l, const LookRelation *r, const ColumnDef **out)
{
    static const ColumnDef sequence[] = {
        {.name = {"last_value", 10}, .type = {.id = TYPE_BIGINT}, .not_null = true},
        {.name = {"log_cnt", 7}, .type = {.id = TYPE_BIGINT}, .not_null = true},
        {.name = {"is_called", 9}, .type = {.id = TYPE_BOOLEAN}, .not_null = true},
    };
    *out = NULL;
    if (r->index) return index_columns(l, r, out);
    if (r->def) {
        *out = r->def->column;
        return r->def->column_count;
    }
    if (r->kind == 'S') {
        *out = sequence;
        return COUNT_OF(sequence);
    }
    if (r->system && !r->system->query) return system_columns(l, r->system, out);
    return query_columns(l, r, out);
}

// ---- roles and databases ----

static int64_t hash_oid(Str hash)
{
    uint64_t n = hash_bytes(hash.at, hash.len, 0);
    return (int64_t)(UINT32_C(0x80000000) | (uint32_t)(n & 0x7fffffff));
}

int64_t look_role_oid(Look *l, Str user_hash)
{
    (void)l;
    return user_hash.len ? hash_oid(user_hash) : 10;
}

static Str signed_in_name(Look *l, Str hash)
{
    Str name = STR_NONE;
    Engine *e = l->s->engine;
    if (str_equal(hash, str_of(l->s->user_hash))) return str_of(l->s->user);
    mutex_lock(&e->lock);
    for (const Session *s = e->session; s && !name.at; s = s->next)
        if (str_equal(str_of(s->user_hash), hash)) name = arena_copy(l->mem, str_of(s->user));
    mutex_unlock(&e->lock);
    return name.at ? name : arena_printf(l->mem, "user_%.*s", 12, hash.at);
}

size_t look_roles(Look *l, LookRole **out)
{
    ProfileUser *user;
    size_t n = 0, count = 0;
    Err ignored = {.at = -1};
    bool listed = profile_list(l->s->engine->profile, l->mem, &user, &n, &ignored);
    if (!listed) n = 0;
    *out = arena_array(l->mem, LookRole, n + 1);
    for (size_t i = 0; i < n; i++) {
        bool own = str_equal(user[i].name_hash, str_of(l->s->user_hash));
        if (!own && !l->s->administrator) continue;
        (*out)[count++] = (LookRole){hash_oid(user[i].name_hash), signed_in_name(l, user[i].name_hash),
                                     user[i].role == PROFILE_ADMINISTRATOR, user[i].disabled};
    }
    return count;
}

Str look_role_name(Look *l, int64_t oid)
{
    LookRole *role;
    if (oid == LOOK_ENGINE) return STR("d2db");
    if (oid == LOOK_DATABASE_OWNER) return STR("pg_database_owner");
    if (oid == hash_oid(str_of(l->s->user_hash))) return str_of(l->s->user);
    size_t n = look_roles(l, &role);
    for (size_t i = 0; i < n; i++)
        if (role[i].oid == oid) return role[i].name;
    return arena_printf(l->mem, "unknown (OID=%" PRId64 ")", oid);
}

// Tables keep no owner: they are the session's user's, who may do everything with them.
int64_t look_owner(Look *l, const LookRelation *r)
{
    Str owner = r->object ? r->object->owner : STR("");
    if (r->system) return 10;
    return hash_oid(owner.len ? owner : str_of(l->s->user_hash));
}

int64_t look_database_oid(Look *l, Str name)
{
    return look_oid(store_database_id(l->s->engine->store, name));
}
