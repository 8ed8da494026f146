// Enums. An enum's object has a field per label: the name is the label's place, a number that orders as the
// labels do and never changes; places are far apart, so that labels can come between.
#include "engine/db/access.h"
#include "engine/db/enums.h"

#include "engine/db/ddl.h"
#include "engine/plan/search.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PLACE_STEP (INT64_C(1) << 32)

// ---- what casts ask for ----

typedef struct KnownEnum {
    const ObjectDef *def;
    Map places; // label → field
    int64_t *place;
    struct KnownEnum *next;
    uint32_t number;
} KnownEnum;

void enums_forget(Session *s)
{
    for (KnownEnum *k = s->enums; k; k = k->next) map_done(&k->places);
    s->enums = NULL;
    arena_reset(&s->enum_mem);
}

void enums_done(Session *s)
{
    enums_forget(s);
    arena_done(&s->enum_mem);
}

// The mutex is held.
static KnownEnum *known(Session *s, uint32_t number)
{
    for (KnownEnum *k = s->enums; k; k = k->next)
        if (k->number == number) return k;
    if (!s->transaction) return NULL;
    const ObjectDef *def = transaction_object_by_id(s->transaction, number, &s->enum_mem);
    if (!def || def->kind != OBJECT_ENUM) return NULL;
    KnownEnum *k = arena_new(&s->enum_mem, KnownEnum);
    *k = (KnownEnum){.def = def, .number = number, .next = s->enums};
    k->place = arena_array(&s->enum_mem, int64_t, def->field_count + 1);
    for (uint32_t i = 0; i < def->field_count; i++) {
        if (!str_to_int64(def->field[i].name, &k->place[i])) return NULL;
        map_set(&k->places, def->field[i].value, &k->place[i]);
    }
    s->enums = k;
    return k;
}

bool enums_label(void *self, uint32_t number, int64_t place, Str *label, Err *err)
{
    Session *s = self;
    bool found = false;
    mutex_lock(&s->enum_lock);
    const KnownEnum *k = known(s, number);
    uint32_t low = 0, high = k ? k->def->field_count : 0;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (k->place[mid] < place)
            low = mid + 1;
        else
            high = mid;
    }
    if (k && low < k->def->field_count && k->place[low] == place) {
        *label = k->def->field[low].value;
        found = true;
    }
    mutex_unlock(&s->enum_lock);
    return found || err_set(err, "22P03", "invalid internal value for enum: %" PRId64, place);
}

bool enums_place(void *self, uint32_t number, Str label, int64_t *place, Err *err)
{
    Session *s = self;
    mutex_lock(&s->enum_lock);
    KnownEnum *k = known(s, number);
    const int64_t *at = k ? map_get(&k->places, label) : NULL;
    if (at) *place = *at;
    if (!k)
        err_set(err, "42704", "the enum type %u does not exist", number);
    else if (!at)
        err_set(err, "22P02", "invalid input value for enum %.*s: \"%.*s\"", STR_ARG(k->def->name),
                (int)(label.len > 100 ? 100 : label.len), label.at ? label.at : "");
    mutex_unlock(&s->enum_lock);
    return at != NULL;
}

// ---- CREATE TYPE ----

static bool label_ok(Str label, Err *err)
{
    if (label.len <= ENUM_LABEL_MAX && label.len) return true;
    err_set(err, "42602", "invalid enum label \"%.*s\"", (int)(label.len > 100 ? 100 : label.len),
            label.at ? label.at : "");
    return err_hint(err, "Labels must be %d bytes or less.", ENUM_LABEL_MAX);
}

bool enums_create(Run *run, const AstCreateEnum *e, Err *err)
{
    SearchPlace place;
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute CREATE TYPE in a read-only transaction");
    if (!ddl_new_place(run, &e->name, &place, err)) return false;
    if (e->labels > ENUM_LABELS_MAX)
        return err_set(err, SQLSTATE_LIMIT, "an enum may have at most %d labels", ENUM_LABELS_MAX);
    ObjectDef def = {.kind = OBJECT_ENUM,
                     .database = place.database,
                     .schema = place.schema,
                     .name = ast_path_name(&e->name),
                     .owner = role_current_key(run->session)};
    Type taken;
    Err none = {.at = -1};
    if (type_from_name(&taken, def.name, NULL, 0, &none))
        return err_set_at(err, "42710", e->name.at, "type \"%.*s\" already exists", STR_ARG(def.name));
    for (uint32_t i = 0; i < e->labels; i++) {
        if (!label_ok(e->label[i], err)) return false;
        for (uint32_t k = 0; k < i; k++)
            if (str_equal(e->label[k], e->label[i]))
                return err_set(
                    err, "23505",
                    "duplicate key value violates unique constraint \"pg_enum_typid_label_index\"");
        Str name = arena_printf(run->mem, "%" PRId64, (i + 1) * PLACE_STEP);
        object_set_field(&def, run->mem, arena_cstr(run->mem, name), e->label[i]);
    }
    uint64_t id;
    if (!transaction_object_create(run->session->transaction, &def, &id, err)) {
        if (err->at < 0) err->at = e->name.at;
        return false;
    }
    if (id > TYPE_NUMBER_MAX)
        return err_set(err, SQLSTATE_LIMIT, "the dictionary has no numbers left for types");
    ddl_changed(run);
    return true;
}

// ---- DROP TYPE, DROP DOMAIN ----

// A table whose column has the type, NULL if there is none.
static const TableDef *user_of(Run *run, const ObjectDef *o, Str *column)
{
    const TableDef **table;
    size_t n = transaction_tables(run->session->transaction, o->database, run->mem, &table);
    for (size_t i = 0; i < n; i++)
        for (uint16_t c = 0; c < table[i]->column_count; c++) {
            Type t = table[i]->column[c].type;
            if (t.domain != o->id && (o->kind != OBJECT_ENUM || type_number(t) != o->id)) continue;
            *column = table[i]->column[c].name;
            return table[i];
        }
    return NULL;
}

static bool drop_one(Run *run, const AstDrop *d, const AstPath *path, Err *err)
{
    SearchPath search;
    session_search(run->session, &search);
    bool domain = d->object == AST_OBJECT_DOMAIN;
    Str name = ast_path_name(path), column = STR_NONE;
    const ObjectDef *o = search_object(&search, domain ? OBJECT_DOMAIN : OBJECT_ENUM, path, run->mem);
    if (!o && !domain) o = search_object(&search, OBJECT_DOMAIN, path, run->mem);
    if (!o && d->if_exists) {
        statement_notice(run, "type \"%.*s\" does not exist, skipping", STR_ARG(name));
        return true;
    }
    if (!o) return err_set_at(err, "42704", path->at, "type \"%.*s\" does not exist", STR_ARG(name));
    if (domain && o->kind != OBJECT_DOMAIN)
        return err_set_at(err, "42809", path->at, "\"%.*s\" is not a domain", STR_ARG(name));
    AccessThing of;
    access_of_object(run->session, o, run->mem, &of);
    if (!access_owner(run, &of, true, err)) return false;
    const TableDef *user = user_of(run, o, &column);
    const ObjectDef **other;
    size_t others = transaction_object_dependents(run->session->transaction, o->id, run->mem, &other);
    if (user && d->cascade)
        return err_set_at(
            err, SQLSTATE_UNSUPPORTED, path->at,
            "DROP … CASCADE of a type that column \"%.*s\" of table \"%.*s\" uses is not supported",
            STR_ARG(column), STR_ARG(user->name));
    if (user || others) {
        err_set_at(err, "2BP01", path->at, "cannot drop type %.*s because other objects depend on it",
                   STR_ARG(name));
        if (user)
            err_note(err, "column %.*s of table %.*s depends on type %.*s", STR_ARG(column),
                     STR_ARG(user->name), STR_ARG(name));
        return err_hint(err, "Use DROP ... CASCADE to drop the dependent objects too.");
    }
    if (!transaction_object_drop(run->session->transaction, o->id, err)) return false;
    ddl_changed(run);
    return true;
}

bool enums_drop(Run *run, const AstDrop *d, Err *err)
{
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute %s in a read-only transaction", run->tag);
    for (uint32_t i = 0; i < d->names.count; i++)
        if (!drop_one(run, d, &d->names.at[i], err)) return false;
    return true;
}
