// Yaml: configuration and themes. A document of nested mappings, lists and scalars read through libyaml's
// events with own limits (1 MiB, depth 16, no anchors, tags or duplicate keys), every node with its line and
// column. Relies on arena, err.
#ifndef ENGINE_BASE_YAML_H
#define ENGINE_BASE_YAML_H

#include "engine/base/arena.h"
#include "engine/base/err.h"

typedef enum YamlKind { YAML_SCALAR, YAML_MAP, YAML_LIST } YamlKind;
typedef struct Yaml Yaml;
struct Yaml {
    YamlKind kind;
    Str key;                       // inside a map
    Str text;                      // of a scalar
    bool quoted;                   // the scalar was quoted: always a string
    uint32_t line, column;         // 1-based, of the value
    uint32_t key_line, key_column; // inside a map: of its key
    Yaml *child, *next;            // members of a map or list, in order
};

// file: only for messages ("themes/dark.yaml:7:3: …"). Err has line and column too (state F0000).
MUST_CHECK bool yaml_read(Yaml **root, Str text, const char *file, Arena *mem, Err *err);
const Yaml *yaml_member(const Yaml *map, const char *key); // NULL if absent
// Typed looks with a sentence that says what was expected and found.
MUST_CHECK bool yaml_int(const Yaml *y, const char *file, int64_t min, int64_t max, int64_t *out, Err *err);
MUST_CHECK bool yaml_bool(const Yaml *y, const char *file, bool *out, Err *err);
// Refuses keys of `map` that are not in the NULL-terminated list, naming the nearest known key.
MUST_CHECK bool yaml_only_keys(const Yaml *map, const char *file, const char *const *known, Err *err);

#endif
