// Catalog: which databases, relations and definitions there are in memory. Definitions carry stamps like
// rows, so what a name means depends on who asks; names map to all definitions that ever had them and may
// still be seen.
#include "engine/base/size.h"
#include "engine/store/file_name_in.h"
#include "engine/store/object_in.h"

#include <stdlib.h>
#include <string.h>

static Str key_of(char room[CATALOG_KEY_MAX], Str database, Str schema, Str name)
{
    const Str part[] = {database, schema, name};
    size_t len = 0;
    for (size_t i = 0; i < COUNT_OF(part); i++) {
        if (part[i].len > SCHEMA_NAME_MAX) return STR_NONE;
        if (i) room[len++] = 0;
        if (part[i].len) memcpy(room + len, part[i].at, part[i].len);
        len += part[i].len;
    }
    return (Str){room, len};
}

Database *catalog_database(const Store *s, Str name) { return map_get(&s->bases, name); }

bool catalog_add_database(Store *s, Str name, uint64_t id, Str directory, Database **out, Err *err)
{
    Database *d = size_alloc_zero(1, sizeof *d);
    if (!d) return store_out_of_memory(err);
    d->id = id;
    d->name = arena_copy(&d->mem, name);
    d->directory = arena_copy(&d->mem, directory);
    map_set(&s->bases, d->name, d);
    *out = d;
    return true;
}

void catalog_remove_database(Store *s, Database *d)
{
    while (d->relations) catalog_remove_relation(s, d->relations);
    while (d->objects) objects_remove(s, d->objects);
    map_remove(&s->bases, d->name);
    arena_done(&d->mem);
    free(d);
}

static Str file_key(char room[CATALOG_KEY_MAX + 64], Str directory, Str file)
{
    size_t len = 0;
    memcpy(room, directory.at, directory.len);
    len = directory.len;
    room[len++] = '/';
    memcpy(room + len, file.at, file.len);
    return (Str){room, len + file.len};
}

bool catalog_file_name(Store *s, const Database *d, Str table, uint64_t id, Arena *mem, Str *out, Err *err)
{
    char name[FILE_NAME_SIZE], room[CATALOG_KEY_MAX + 64];
    if (!file_name_encode(name, table, ".d2t", err)) return false;
    if (map_get(&s->files, file_key(room, d->directory, str_of(name))) &&
        !file_name_numbered(name, table, id, ".d2t", err))
        return false;
    *out = arena_copy(mem, str_of(name));
    return true;
}

bool catalog_add_relation(Store *s, Database *d, const TableDef *def, Str file, Relation **out, Err *err)
{
    Relation *r = size_alloc_zero(1, sizeof *r);
    if (!r) return store_out_of_memory(err);
    mutex_init(&r->door);
    cond_init(&r->opened);
    mutex_init(&r->write);
    r->id = def->id;
    r->database = d;
    r->file = arena_copy(&r->mem, file);
    if (!slots_cover(&r->slots, def, err)) {
        slots_done(&r->slots);
        arena_done(&r->mem);
        free(r);
        return false;
    }
    r->sibling = d->relations;
    d->relations = r;
    char room[CATALOG_KEY_MAX + 64];
    map_set(&s->ids, (Str){(const char *)&r->id, sizeof r->id}, r);
    map_set(&s->files, file_key(room, d->directory, r->file), r);
    s->table_count++;
    *out = r;
    return true;
}

Relation *catalog_relation(const Store *s, uint64_t id)
{
    return map_get(&s->ids, (Str){(const char *)&id, sizeof id});
}

Definition *catalog_list(const Store *s, Str database, Str schema, Str name)
{
    char room[CATALOG_KEY_MAX];
    Str key = key_of(room, database, schema, name);
    return key.len ? map_get(&s->names, key) : NULL;
}

Definition *catalog_define(Store *s, Relation *r, const TableDef *def, Stamp begin)
{
    Definition *d = size_alloc_zero(1, sizeof *d);
    if (!d) return NULL;
    d->def = schema_copy(def, &d->mem);
    d->relation = r;
    atomic_init(&d->begin, begin);
    atomic_init(&d->end, STAMP_NEVER);
    d->older = r->definition;
    r->definition = d;
    d->named = catalog_list(s, d->def->database, d->def->schema, d->def->name);
    char room[CATALOG_KEY_MAX];
    map_set(&s->names, key_of(room, d->def->database, d->def->schema, d->def->name), d);
    return d;
}

void catalog_forget(Store *s, Definition *d)
{
    Definition **at = &d->relation->definition;
    while (*at != d) at = &(*at)->older;
    *at = d->older;
    char room[CATALOG_KEY_MAX];
    Str key = key_of(room, d->def->database, d->def->schema, d->def->name);
    Definition *list = map_get(&s->names, key);
    if (list == d) {
        if (d->named)
            map_set(&s->names, key, d->named);
        else
            map_remove(&s->names, key);
    } else {
        while (list->named != d) list = list->named;
        list->named = d->named;
    }
    arena_done(&d->mem);
    free(d);
}

void catalog_remove_relation(Store *s, Relation *r)
{
    while (r->definition) catalog_forget(s, r->definition);
    Relation **at = &r->database->relations;
    while (*at != r) at = &(*at)->sibling;
    *at = r->sibling;
    char room[CATALOG_KEY_MAX + 64];
    Str file = file_key(room, r->database->directory, r->file);
    if (map_get(&s->files, file) == r) map_remove(&s->files, file);
    map_remove(&s->ids, (Str){(const char *)&r->id, sizeof r->id});
    s->table_count--;
    generation_free(atomic_load(&r->generation));
    slots_done(&r->slots);
    mutex_done(&r->door);
    cond_done(&r->opened);
    mutex_done(&r->write);
    arena_done(&r->mem);
    free(r);
}

Definition *relation_definition(const Relation *r, const Snapshot *see)
{
    for (Definition *d = r->definition; d; d = d->older)
        if (snapshot_sees(see, atomic_load(&d->begin), atomic_load(&d->end))) return d;
    return NULL;
}

Definition *catalog_find(const Store *s, Str database, Str schema, Str name, const Snapshot *see)
{
    for (Definition *d = catalog_list(s, database, schema, name); d; d = d->named)
        if (snapshot_sees(see, atomic_load(&d->begin), atomic_load(&d->end))) return d;
    return NULL;
}

// Nobody is in and nobody can come to see it: it never began, or ended before the oldest snapshot.
static bool is_past(const Definition *d, Stamp oldest)
{
    Stamp begin = atomic_load(&d->begin), end = atomic_load(&d->end);
    return begin == STAMP_NEVER || (!stamp_is_txn(end) && end <= oldest);
}

void catalog_reap(Store *s)
{
    Stamp oldest = store_oldest(s);
    size_t cursor = 0;
    for (const MapEntry *e; (e = map_next(&s->bases, &cursor)) != NULL;) {
        for (Relation *r = ((Database *)e->value)->relations, *next; r; r = next) {
            next = r->sibling;
            mutex_lock(&r->door);
            bool free_now = r->users == 0;
            mutex_unlock(&r->door);
            for (Definition *d = r->definition, *older; d && free_now; d = older) {
                older = d->older;
                if (is_past(d, oldest)) catalog_forget(s, d);
            }
            if (!r->definition) catalog_remove_relation(s, r);
        }
        objects_reap(s, e->value, oldest);
    }
}

void catalog_clear(Store *s)
{
    size_t cursor = 0;
    for (const MapEntry *e; (e = map_next(&s->bases, &cursor)) != NULL; cursor = 0)
        catalog_remove_database(s, e->value);
    map_done(&s->bases);
    map_done(&s->names);
    map_done(&s->ids);
    map_done(&s->files);
    map_done(&s->objects);
    map_done(&s->object_ids);
}
