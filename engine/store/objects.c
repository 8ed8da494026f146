// Objects in memory: which there are, under which names, in which versions. Names map to all versions that
// ever had them and may still be seen, as tables' do.
#include "engine/base/size.h"
#include "engine/store/label_in.h"
#include "engine/store/object_in.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = OBJECT_NAME_MAX + 2 * SCHEMA_NAME_MAX + 32 };

// The first kind of a space stands for it.
static ObjectKind space_of(ObjectKind kind)
{
    ObjectKind first = OBJECT_SCHEMA;
    while (!object_same_space(first, kind)) first++;
    return first;
}

static size_t put(char *room, size_t at, Str s)
{
    if (s.len) memcpy(room + at, s.at, s.len);
    room[at + s.len] = 0;
    return at + s.len + 1;
}

static Str key_of(char room[KEY_MAX], ObjectKind kind, Str database, Str schema, uint64_t parent, Str name)
{
    if (database.len > SCHEMA_NAME_MAX || schema.len > SCHEMA_NAME_MAX || name.len > OBJECT_NAME_MAX)
        return STR_NONE;
    room[0] = (char)space_of(kind);
    memcpy(room + 1, &parent, sizeof parent);
    size_t at = put(room, 1 + sizeof parent, database);
    at = put(room, at, schema);
    return (Str){room, put(room, at, name)};
}

static Str key_of_def(char room[KEY_MAX], const ObjectDef *d)
{
    return key_of(room, d->kind, d->database, d->schema, d->parent, d->name);
}

Object *objects_find(const Store *s, uint64_t id)
{
    return map_get(&s->object_ids, (Str){(const char *)&id, sizeof id});
}

bool objects_add(Store *s, Database *d, const ObjectDef *def, Object **out, Err *err)
{
    Object *o = size_alloc_zero(1, sizeof *o);
    if (!o) return store_out_of_memory(err);
    mutex_init(&o->mutex);
    o->id = def->id;
    o->database = d;
    o->sibling = d->objects;
    d->objects = o;
    map_set(&s->object_ids, (Str){(const char *)&o->id, sizeof o->id}, o);
    s->object_count++;
    *out = o;
    return true;
}

static int64_t number_of(const ObjectDef *def, const char *field, int64_t otherwise)
{
    int64_t v;
    Str text = object_field(def, field);
    return text.at && str_to_int64(text, &v) ? v : otherwise;
}

static CounterRule rule_of(const ObjectDef *def)
{
    CounterRule r = {.increment = number_of(def, "increment", 1)};
    r.min = number_of(def, "min", r.increment > 0 ? 1 : INT64_MIN);
    r.max = number_of(def, "max", r.increment > 0 ? INT64_MAX : -1);
    r.start = number_of(def, "start", r.increment > 0 ? r.min : r.max);
    r.cycle = object_field(def, "cycle").at != NULL;
    return r;
}

static bool open_counter(ObjectVersion *v, bool restart, Err *err)
{
    Object *o = v->object;
    v->rule = rule_of(v->def);
    if (v->older && !restart) {
        v->counter = v->older->counter;
        return true;
    }
    Counter *c = size_alloc_zero(1, sizeof *c);
    if (!c) return store_out_of_memory(err);
    c->epoch = v->def->version;
    c->last = number_of(v->def, "restart", v->rule.start);
    mutex_lock(&o->mutex);
    c->older = o->counter;
    o->counter = v->counter = c;
    mutex_unlock(&o->mutex);
    return true;
}

bool objects_define(Store *s, Object *o, const ObjectDef *def, bool restart, Stamp begin, ObjectVersion **out,
                    Err *err)
{
    labels_learn(s, def);
    ObjectVersion *v = size_alloc_zero(1, sizeof *v);
    if (!v) return store_out_of_memory(err);
    v->def = object_copy(def, &v->mem);
    v->object = o;
    v->older = o->version;
    atomic_init(&v->begin, begin);
    atomic_init(&v->end, STAMP_NEVER);
    if (def->kind == OBJECT_SEQUENCE && !open_counter(v, restart, err)) {
        arena_done(&v->mem);
        free(v);
        return false;
    }
    o->version = v;
    char room[KEY_MAX];
    Str key = key_of_def(room, v->def);
    v->named = map_get(&s->objects, key);
    map_set(&s->objects, key, v);
    *out = v;
    return true;
}

void objects_forget(Store *s, ObjectVersion *v)
{
    ObjectVersion **at = &v->object->version;
    while (*at != v) at = &(*at)->older;
    *at = v->older;
    char room[KEY_MAX];
    Str key = key_of_def(room, v->def);
    ObjectVersion *list = map_get(&s->objects, key);
    if (list == v && v->named) {
        map_set(&s->objects, key, v->named);
    } else if (list == v) {
        map_remove(&s->objects, key);
    } else {
        while (list->named != v) list = list->named;
        list->named = v->named;
    }
    arena_done(&v->mem);
    free(v);
}

void objects_remove(Store *s, Object *o)
{
    while (o->version) objects_forget(s, o->version);
    Object **at = &o->database->objects;
    while (*at != o) at = &(*at)->sibling;
    *at = o->sibling;
    map_remove(&s->object_ids, (Str){(const char *)&o->id, sizeof o->id});
    s->object_count--;
    while (o->counter) {
        Counter *c = o->counter;
        o->counter = c->older;
        free(c);
    }
    mutex_done(&o->mutex);
    free(o);
}

ObjectVersion *objects_version(const Object *o, const Snapshot *see)
{
    for (ObjectVersion *v = o->version; v; v = v->older)
        if (snapshot_sees(see, atomic_load(&v->begin), atomic_load(&v->end))) return v;
    return NULL;
}

void objects_reap(Store *s, Database *d, Stamp oldest)
{
    for (Object *o = d->objects, *next; o; o = next) {
        next = o->sibling;
        if (atomic_load(&o->users)) continue;
        for (ObjectVersion *v = o->version, *older; v; v = older) {
            older = v->older;
            Stamp begin = atomic_load(&v->begin), end = atomic_load(&v->end);
            if (begin == STAMP_NEVER || (!stamp_is_txn(end) && end <= oldest)) objects_forget(s, v);
        }
        if (!o->version) objects_remove(s, o);
    }
}

static bool taken(const ObjectDef *def, Err *err)
{
    switch (def->kind) {
    case OBJECT_SCHEMA: return err_set(err, "42P06", "schema \"%.*s\" already exists", STR_ARG(def->name));
    case OBJECT_VIEW:
    case OBJECT_SEQUENCE:
        return err_set(err, SQLSTATE_DUPLICATE_TABLE, "relation \"%.*s\" already exists", STR_ARG(def->name));
    case OBJECT_FUNCTION:
        return err_set(err, "42723", "function \"%.*s\" already exists with same argument types",
                       STR_ARG(def->name));
    case OBJECT_ENUM:
    case OBJECT_DOMAIN: return err_set(err, "42710", "type \"%.*s\" already exists", STR_ARG(def->name));
    default:
        return err_set(err, "42710", "%s \"%.*s\" already exists", object_kind_name(def->kind),
                       STR_ARG(def->name));
    }
}

// May the name be used although something with these stamps has it? found: it may not, or not yet.
static bool is_free(const Transaction *t, Stamp begin, Stamp end, bool *found)
{
    *found = false;
    if (begin == STAMP_NEVER || end == stamp_of_txn(t->number)) return true;
    bool being_made = stamp_is_txn(begin) && begin != stamp_of_txn(t->number);
    *found = !being_made && end == STAMP_NEVER;
    return !being_made && end != STAMP_NEVER && !stamp_is_txn(end);
}

static bool busy(Str name, Err *err)
{
    return err_set(err, SQLSTATE_SERIALIZATION, "another transaction is creating or dropping \"%.*s\"",
                   STR_ARG(name));
}

bool objects_name_free(const Transaction *t, const ObjectDef *def, const Object *but, Err *err)
{
    char room[KEY_MAX];
    bool found;
    for (const ObjectVersion *v = map_get(&t->store->objects, key_of_def(room, def)); v; v = v->named) {
        if (v->object == but || is_free(t, atomic_load(&v->begin), atomic_load(&v->end), &found)) continue;
        return found ? taken(def, err) : busy(def->name, err);
    }
    if (!object_kind_is_relation(def->kind)) return true;
    for (const Definition *d = catalog_list(t->store, def->database, def->schema, def->name); d; d = d->named)
        if (!is_free(t, atomic_load(&d->begin), atomic_load(&d->end), &found))
            return found ? taken(def, err) : busy(def->name, err);
    return true;
}

bool object_table_name_free(const Transaction *t, Str database, Str schema, Str name, Err *err)
{
    char room[KEY_MAX];
    bool found;
    Str key = key_of(room, OBJECT_VIEW, database, schema, 0, name);
    for (const ObjectVersion *v = map_get(&t->store->objects, key); v; v = v->named)
        if (!is_free(t, atomic_load(&v->begin), atomic_load(&v->end), &found))
            return found ? taken(v->def, err) : busy(name, err);
    return true;
}

const ObjectDef *transaction_object_find(Transaction *t, ObjectKind kind, Str database, Str schema,
                                         uint64_t parent, Str name, Arena *mem)
{
    char room[KEY_MAX];
    Str key = key_of(room, kind, database, schema, parent, name);
    const ObjectDef *found = NULL;
    if (!key.len) return NULL;
    latch_read(&t->store->catalog);
    for (const ObjectVersion *v = map_get(&t->store->objects, key); v && !found; v = v->named)
        if (snapshot_sees(&t->snapshot, atomic_load(&v->begin), atomic_load(&v->end)))
            found = object_copy(v->def, mem);
    latch_unlock(&t->store->catalog);
    return found;
}

const ObjectDef *transaction_object_by_id(Transaction *t, uint64_t id, Arena *mem)
{
    latch_read(&t->store->catalog);
    const Object *o = objects_find(t->store, id);
    const ObjectVersion *v = o ? objects_version(o, &t->snapshot) : NULL;
    const ObjectDef *found = v ? object_copy(v->def, mem) : NULL;
    latch_unlock(&t->store->catalog);
    return found;
}

static int compare_names(const void *a, const void *b)
{
    const ObjectDef *l = *(const ObjectDef *const *)a, *r = *(const ObjectDef *const *)b;
    int by = str_compare(l->schema, r->schema);
    if (!by) by = str_compare(l->name, r->name);
    return by ? by : (l->id > r->id) - (l->id < r->id);
}

static int compare_ids(const void *a, const void *b)
{
    const ObjectDef *l = *(const ObjectDef *const *)a, *r = *(const ObjectDef *const *)b;
    return (l->id > r->id) - (l->id < r->id);
}

typedef struct Wanted {
    ObjectKind kind;
    uint64_t about; // dependents of this one; 0: all
} Wanted;

static bool is_wanted(const ObjectDef *def, const Wanted *w)
{
    if (w->kind != OBJECT_ANY && def->kind != w->kind) return false;
    return w->about == 0 || def->parent == w->about || object_depends(def, w->about);
}

// The catalog's latch is held for reading.
static size_t collect(Transaction *t, const Database *d, const Wanted *w, Arena *mem, const ObjectDef ***out)
{
    size_t count = 0, cap = 0;
    for (const Object *o = d ? d->objects : NULL; o; o = o->sibling) {
        const ObjectVersion *v = objects_version(o, &t->snapshot);
        cap += v && is_wanted(v->def, w);
    }
    const ObjectDef **list = arena_array(mem, const ObjectDef *, cap + 1);
    for (const Object *o = d ? d->objects : NULL; o; o = o->sibling) {
        const ObjectVersion *v = objects_version(o, &t->snapshot);
        if (v && is_wanted(v->def, w)) list[count++] = object_copy(v->def, mem);
    }
    *out = list;
    return count;
}

size_t transaction_object_list(Transaction *t, ObjectKind kind, Str database, Arena *mem,
                               const ObjectDef ***out)
{
    latch_read(&t->store->catalog);
    Wanted w = {.kind = kind};
    size_t count = collect(t, catalog_database(t->store, database), &w, mem, out);
    latch_unlock(&t->store->catalog);
    qsort(*out, count, sizeof **out, compare_names);
    return count;
}

size_t transaction_object_dependents(Transaction *t, uint64_t id, Arena *mem, const ObjectDef ***out)
{
    latch_read(&t->store->catalog);
    const Relation *r = catalog_relation(t->store, id);
    const Object *o = objects_find(t->store, id);
    Wanted w = {.about = id};
    size_t count = collect(t, r ? r->database : o ? o->database : NULL, &w, mem, out);
    latch_unlock(&t->store->catalog);
    qsort(*out, count, sizeof **out, compare_ids);
    return count;
}
