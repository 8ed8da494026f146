// Objects in transactions: created, replaced and dropped like definitions of tables. Who changes an object
// must see its newest version, and nobody else may be changing it.
#include "engine/store/object_in.h"

#include <string.h>

static bool def_ok(const ObjectDef *def, Err *err)
{
    const char *kind = object_kind_name(def->kind);
    bool nameless = def->kind == OBJECT_COMMENT || def->kind == OBJECT_MATERIALIZED_VIEW ||
                    def->kind == OBJECT_ACCESS || def->kind == OBJECT_STATISTICS;
    size_t max = def->kind == OBJECT_FUNCTION ? OBJECT_NAME_MAX : SCHEMA_NAME_MAX;
    if (def->name.len == 0 && !nameless) return err_set(err, "42602", "a %s needs a name", kind);
    if (def->name.len > max || def->schema.len > SCHEMA_NAME_MAX)
        return err_set(err, "42622", "the name of a %s is longer than %zu bytes", kind, max);
    if (def->name.len && memchr(def->name.at, 0, def->name.len))
        return err_set(err, "42602", "the name of a %s holds a NUL byte", kind);
    if (def->field_count > OBJECT_FIELDS_MAX || def->dependency_count > OBJECT_DEPENDENCIES_MAX)
        return err_set(err, SQLSTATE_LIMIT, "%s %.*s has more than %d parts or dependencies", kind,
                       STR_ARG(def->name), OBJECT_FIELDS_MAX);
    for (uint32_t i = 0; i < def->field_count; i++)
        if (def->field[i].value.len > SCHEMA_TEXT_MAX)
            return err_set(err, SQLSTATE_LIMIT, "the definition of %s %.*s is longer than %d bytes", kind,
                           STR_ARG(def->name), SCHEMA_TEXT_MAX);
    return true;
}

static bool absent(uint64_t id, Err *err)
{
    return err_set(err, "42704", "object %llu does not exist", (unsigned long long)id);
}

// The newest version, for this transaction alone to replace. Latch held for writing.
static bool open_version(Transaction *t, uint64_t id, ObjectVersion **out, Err *err)
{
    const Object *o = objects_find(t->store, id);
    ObjectVersion *seen = o ? objects_version(o, &t->snapshot) : NULL;
    if (!seen) return absent(id, err);
    ObjectVersion *newest = o->version;
    while (newest && atomic_load(&newest->begin) == STAMP_NEVER) newest = newest->older;
    if (newest == seen && atomic_load(&seen->end) == STAMP_NEVER) {
        *out = seen;
        return true;
    }
    err_set(err, SQLSTATE_SERIALIZATION, "another transaction has changed %s \"%.*s\"",
            object_kind_name(seen->def->kind), STR_ARG(seen->def->name));
    return err_hint(err, "try again when it has ended");
}

static bool push(Transaction *t, ObjectVersion *began, ObjectVersion *ended, Err *err)
{
    const Change c = {.kind = CHANGE_OBJECT, .count = 1, .object_began = began, .object_ended = ended};
    if (!transaction_push(t, &c, err)) {
        if (began) atomic_store(&began->begin, STAMP_NEVER);
        return false;
    }
    if (ended) atomic_store(&ended->end, stamp_of_txn(t->number));
    return true;
}

static bool create_locked(Transaction *t, const ObjectDef *def, Err *err)
{
    Store *s = t->store;
    Database *d = catalog_database(s, def->database);
    if (!d) return err_set(err, "3D000", "database \"%.*s\" does not exist", STR_ARG(def->database));
    if (s->object_count >= OBJECT_COUNT_MAX)
        return err_set(err, SQLSTATE_LIMIT, "there are %d objects already", OBJECT_COUNT_MAX);
    Object *o;
    ObjectVersion *began;
    if (!objects_name_free(t, def, NULL, err) || !objects_add(s, d, def, &o, err)) return false;
    if (!objects_define(s, o, def, false, stamp_of_txn(t->number), &began, err)) {
        objects_remove(s, o);
        return false;
    }
    return push(t, began, NULL, err);
}

bool transaction_object_create(Transaction *t, const ObjectDef *def, uint64_t *id, Err *err)
{
    if (!transaction_may_change(t, err) || !def_ok(def, err)) return false;
    ObjectDef own = *def;
    own.id = atomic_fetch_add(&t->store->next_id, 1);
    own.version = 1;
    latch_write(&t->store->catalog);
    bool ok = create_locked(t, &own, err);
    latch_unlock(&t->store->catalog);
    if (ok && id) *id = own.id;
    return ok;
}

static bool replace_locked(Transaction *t, const ObjectDef *def, bool restart, Err *err)
{
    ObjectVersion *old, *began;
    if (!open_version(t, def->id, &old, err)) return false;
    ObjectDef own = *def;
    own.kind = old->def->kind;
    own.database = old->def->database;
    own.version = old->def->version + 1;
    own.temporary = old->def->temporary;
    return objects_name_free(t, &own, old->object, err) &&
           objects_define(t->store, old->object, &own, restart, stamp_of_txn(t->number), &began, err) &&
           push(t, began, old, err);
}

bool transaction_object_replace(Transaction *t, const ObjectDef *def, bool restart, Err *err)
{
    if (!transaction_may_change(t, err) || !def_ok(def, err)) return false;
    latch_write(&t->store->catalog);
    bool ok = replace_locked(t, def, restart, err);
    latch_unlock(&t->store->catalog);
    return ok;
}

bool transaction_object_drop(Transaction *t, uint64_t id, Err *err)
{
    ObjectVersion *old;
    if (!transaction_may_change(t, err)) return false;
    latch_write(&t->store->catalog);
    bool ok = open_version(t, id, &old, err) && push(t, NULL, old, err);
    latch_unlock(&t->store->catalog);
    return ok;
}
