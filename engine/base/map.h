// Map: byte-string keys to pointers, open addressing; keys are copied. Relies on str, hash.
#ifndef ENGINE_BASE_MAP_H
#define ENGINE_BASE_MAP_H

#include "engine/base/str.h"

typedef struct MapEntry {
    Str key; // owned by the map; key.at == NULL = free slot
    uint64_t hash;
    void *value;
} MapEntry;

// A zeroed Map is ready for use. Fold: ASCII case is ignored.
typedef struct Map {
    MapEntry *slot;
    size_t count, cap;
} Map;

void map_done(Map *m); // frees keys and slots, not what the values point to
// Sets or replaces; ends the program when memory is out (maps hold names, not user data).
void map_set(Map *m, Str key, void *value);
void *map_get(const Map *m, Str key); // NULL if absent
bool map_remove(Map *m, Str key);
// for (size_t i = 0; (e = map_next(m, &i)) != NULL;) …  order is not defined
const MapEntry *map_next(const Map *m, size_t *cursor);

#endif
