// Map: linear probing in an array of a power of two, at most three quarters full; removing shifts the run
// back, so that there are no graves. Relies on hash, size.
#include "engine/base/map.h"
#include "engine/base/hash.h"
#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

enum { CAP_MIN = 16 };
#define SEED 0x6432646221u

void map_done(Map *m)
{
    for (size_t i = 0; i < m->cap; i++) free((char *)m->slot[i].key.at);
    free(m->slot);
    *m = (Map){0};
}

// The key's slot, or the free one where it belongs. There is always a free one.
static MapEntry *find(const Map *m, Str key, uint64_t hash)
{
    size_t mask = m->cap - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        MapEntry *e = &m->slot[i];
        if (!e->key.at || (e->hash == hash && str_equal(e->key, key))) return e;
    }
}

static void grow(Map *m)
{
    size_t cap = m->cap ? m->cap * 2 : CAP_MIN;
    Map bigger = {.slot = size_alloc_zero(cap, sizeof(MapEntry)), .count = m->count, .cap = cap};
    if (!bigger.slot) size_exhausted(cap * sizeof(MapEntry));
    for (size_t i = 0; i < m->cap; i++)
        if (m->slot[i].key.at) *find(&bigger, m->slot[i].key, m->slot[i].hash) = m->slot[i];
    free(m->slot);
    *m = bigger;
}

void map_set(Map *m, Str key, void *value)
{
    if (m->count + 1 > m->cap / 4 * 3) grow(m);
    uint64_t hash = hash_bytes(key.at, key.len, SEED);
    MapEntry *e = find(m, key, hash);
    if (!e->key.at) {
        char *copy = size_alloc(key.len + 1, 1);
        if (!copy) size_exhausted(key.len + 1);
        if (key.len) memcpy(copy, key.at, key.len);
        copy[key.len] = 0;
        *e = (MapEntry){.key = {copy, key.len}, .hash = hash};
        m->count++;
    }
    e->value = value;
}

void *map_get(const Map *m, Str key)
{
    if (m->count == 0) return NULL;
    const MapEntry *e = find(m, key, hash_bytes(key.at, key.len, SEED));
    return e->key.at ? e->value : NULL;
}

bool map_remove(Map *m, Str key)
{
    if (m->count == 0) return false;
    MapEntry *e = find(m, key, hash_bytes(key.at, key.len, SEED));
    if (!e->key.at) return false;
    free((char *)e->key.at);
    size_t mask = m->cap - 1, hole = (size_t)(e - m->slot);
    for (size_t i = (hole + 1) & mask; m->slot[i].key.at; i = (i + 1) & mask) {
        size_t home = m->slot[i].hash & mask;
        if (((i - home) & mask) < ((i - hole) & mask)) continue; // the hole lies before its home: it stays
        m->slot[hole] = m->slot[i];
        hole = i;
    }
    m->slot[hole] = (MapEntry){0};
    m->count--;
    return true;
}

const MapEntry *map_next(const Map *m, size_t *cursor)
{
    while (*cursor < m->cap) {
        const MapEntry *e = &m->slot[(*cursor)++];
        if (e->key.at) return e;
    }
    return NULL;
}
