// Yaml: libyaml is asked for one event at a time, so that size, depth and count are refused before they cost
// anything (its own composer is quadratic on deep nesting and takes duplicate keys). Relies on arena, map,
// err.
#include "engine/base/yaml.h"
#include "engine/base/map.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

enum { SIZE_LIMIT = 1 << 20, DEPTH_LIMIT = 16, NODE_LIMIT = 1 << 16, SHOWN = 60 };

typedef struct Level {
    Yaml *node;
    Yaml **tail;    // where the next child goes
    Map keys;       // of a map, to find duplicates
    Str key;        // read, its value not yet
    Yaml *key_mark; // where it stands; NULL = the next scalar is a key
} Level;

typedef struct Loader {
    yaml_parser_t parser;
    yaml_event_t event;
    const char *file;
    Arena *mem;
    Err *err;
    Yaml *root;
    Level level[DEPTH_LIMIT];
    unsigned depth; // open maps and lists
    size_t nodes;
    bool ended;
    uint32_t documents;
} Loader;

static bool complain(const char *file, uint32_t line, uint32_t column, Err *err, const char *sentence)
{
    bool first = !err_any(err);
    err_set(err, "F0000", "%s:%" PRIu32 ":%" PRIu32 ": %s", file, line, column, sentence);
    if (first) {
        err->line = line;
        err->column = column;
    }
    return false;
}

PRINTF_LIKE(4, 5)
static bool refuse(const char *file, const Yaml *y, Err *err, const char *format, ...)
{
    char sentence[ERR_TEXT_MAX];
    va_list list;
    va_start(list, format);
    vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    return complain(file, y->line, y->column, err, sentence);
}

static Yaml position_of(const yaml_mark_t *mark)
{
    return (Yaml){.line = (uint32_t)mark->line + 1, .column = (uint32_t)mark->column + 1};
}

// At the event that was read last.
static bool refuse_here(Loader *l, const char *sentence)
{
    Yaml here = position_of(&l->event.start_mark);
    return complain(l->file, here.line, here.column, l->err, sentence);
}

static bool refuse_syntax(Loader *l)
{
    const yaml_parser_t *p = &l->parser;
    Yaml here = position_of(p->error == YAML_READER_ERROR ? &p->mark : &p->problem_mark);
    if (p->context && p->error != YAML_READER_ERROR)
        return refuse(l->file, &here, l->err, "%s (%s)", p->problem ? p->problem : "not YAML", p->context);
    return refuse(l->file, &here, l->err, "%s", p->problem ? p->problem : "not YAML");
}

static Str event_text(const yaml_event_t *e)
{
    return (Str){(const char *)e->data.scalar.value, e->data.scalar.length};
}

static bool is_extended(const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT: return e->data.scalar.anchor || e->data.scalar.tag;
    case YAML_MAPPING_START_EVENT: return e->data.mapping_start.anchor || e->data.mapping_start.tag;
    case YAML_SEQUENCE_START_EVENT: return e->data.sequence_start.anchor || e->data.sequence_start.tag;
    default: return e->type == YAML_ALIAS_EVENT;
    }
}

static bool take_key(Loader *l, Level *top)
{
    if (l->event.type != YAML_SCALAR_EVENT) return refuse_here(l, "expected a key, found a map or list");
    Str key = event_text(&l->event);
    Yaml here = position_of(&l->event.start_mark);
    void *seen = map_get(&top->keys, key);
    if (seen)
        return refuse(l->file, &here, l->err,
                      "key \"%.*s\" stands here a second time, first in line %" PRIu32,
                      (int)(key.len < SHOWN ? key.len : SHOWN), key.at ? key.at : "", ((Yaml *)seen)->line);
    Yaml *mark = arena_try(l->mem, 1, sizeof *mark);
    if (!mark) return err_set(l->err, SQLSTATE_OUT_OF_MEMORY, "out of memory while reading %s", l->file);
    *mark = here;
    map_set(&top->keys, key, mark);
    top->key = arena_copy(l->mem, key);
    top->key_mark = mark;
    return true;
}

static bool add_node(Loader *l, YamlKind kind, Yaml **made)
{
    if (++l->nodes > NODE_LIMIT) return refuse_here(l, "more than 65536 values in one file");
    Yaml *node = arena_try(l->mem, 1, sizeof *node);
    if (!node) return err_set(l->err, SQLSTATE_OUT_OF_MEMORY, "out of memory while reading %s", l->file);
    *node = position_of(&l->event.start_mark);
    node->kind = kind;
    if (l->depth == 0) {
        l->root = node;
    } else {
        Level *top = &l->level[l->depth - 1];
        node->key = top->key;
        if (top->key_mark) {
            node->key_line = top->key_mark->line;
            node->key_column = top->key_mark->column;
        }
        top->key = STR_NONE;
        top->key_mark = NULL;
        *top->tail = node;
        top->tail = &node->next;
    }
    *made = node;
    return true;
}

static bool open_node(Loader *l, YamlKind kind)
{
    Yaml *node;
    if (l->depth == DEPTH_LIMIT) return refuse_here(l, "nested deeper than 16 levels");
    if (!add_node(l, kind, &node)) return false;
    l->level[l->depth++] = (Level){.node = node, .tail = &node->child};
    return true;
}

static bool take_scalar(Loader *l)
{
    Yaml *node;
    if (!add_node(l, YAML_SCALAR, &node)) return false;
    node->text = arena_copy(l->mem, event_text(&l->event));
    node->quoted = l->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return true;
}

static bool take_event(Loader *l)
{
    if (is_extended(&l->event)) return refuse_here(l, "anchors, aliases and tags are not allowed here");
    Level *top = l->depth ? &l->level[l->depth - 1] : NULL;
    yaml_event_type_t type = l->event.type;
    bool starts =
        type == YAML_SCALAR_EVENT || type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
    if (starts && top && top->node->kind == YAML_MAP && !top->key_mark) return take_key(l, top);
    switch (type) {
    case YAML_STREAM_END_EVENT: l->ended = true; return true;
    case YAML_DOCUMENT_START_EVENT:
        return ++l->documents == 1 || refuse_here(l, "a second document begins; one is expected");
    case YAML_SCALAR_EVENT: return take_scalar(l);
    case YAML_MAPPING_START_EVENT: return open_node(l, YAML_MAP);
    case YAML_SEQUENCE_START_EVENT: return open_node(l, YAML_LIST);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        map_done(&top->keys);
        l->depth--;
        return true;
    default: return true;
    }
}

static bool load(Loader *l)
{
    while (!l->ended) {
        if (!yaml_parser_parse(&l->parser, &l->event)) return refuse_syntax(l);
        bool ok = take_event(l);
        yaml_event_delete(&l->event);
        if (!ok) return false;
    }
    return true;
}

bool yaml_read(Yaml **root, Str text, const char *file, Arena *mem, Err *err)
{
    *root = NULL;
    if (text.len > SIZE_LIMIT) return complain(file, 1, 1, err, "the file is larger than 1 MiB");
    Loader l = {.file = file, .mem = mem, .err = err};
    if (!yaml_parser_initialize(&l.parser))
        return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while reading %s", file);
    yaml_parser_set_encoding(&l.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&l.parser, (const unsigned char *)(text.at ? text.at : ""), text.len);
    bool ok = load(&l);
    while (l.depth) map_done(&l.level[--l.depth].keys);
    yaml_parser_delete(&l.parser);
    if (!ok) return false;
    if (!l.root) { // an empty file says nothing, as an empty map does
        l.root = arena_new(mem, Yaml);
        *l.root = (Yaml){.kind = YAML_MAP, .line = 1, .column = 1};
    }
    *root = l.root;
    return true;
}

const Yaml *yaml_member(const Yaml *map, const char *key)
{
    if (!map || map->kind != YAML_MAP) return NULL;
    for (const Yaml *y = map->child; y; y = y->next)
        if (str_equal(y->key, str_of(key))) return y;
    return NULL;
}

// What stands there, for "expected …, found …".
static void describe(const Yaml *y, char *out, size_t size)
{
    static const char *const kinds[] = {"", "a map", "a list"};
    if (y->kind != YAML_SCALAR)
        snprintf(out, size, "%s", kinds[y->kind]);
    else if (y->text.len == 0)
        snprintf(out, size, "nothing");
    else
        snprintf(out, size, "\"%.*s\"", (int)(y->text.len < SHOWN ? y->text.len : SHOWN), y->text.at);
}

bool yaml_int(const Yaml *y, const char *file, int64_t min, int64_t max, int64_t *out, Err *err)
{
    int64_t value;
    if (y->kind == YAML_SCALAR && !y->quoted && str_to_int64(y->text, &value) && value >= min &&
        value <= max) {
        *out = value;
        return true;
    }
    char found[SHOWN + 8];
    describe(y, found, sizeof found);
    return refuse(file, y, err, "expected a whole number from %" PRId64 " to %" PRId64 ", found %s", min, max,
                  found);
}

bool yaml_bool(const Yaml *y, const char *file, bool *out, Err *err)
{
    if (y->kind == YAML_SCALAR && !y->quoted) {
        *out = str_equal(y->text, STR("true"));
        if (*out || str_equal(y->text, STR("false"))) return true;
    }
    char found[SHOWN + 8];
    describe(y, found, sizeof found);
    return refuse(file, y, err, "expected true or false, found %s", found);
}

static const char *nearest(Str key, const char *const *known)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (; *known; known++) {
        Str k = str_of(*known);
        size_t d = str_distance(key, k), longer = key.len > k.len ? key.len : k.len;
        if (d < best_distance && d <= longer / 2) { // further away is no help
            best = *known;
            best_distance = d;
        }
    }
    return best;
}

static bool is_known(Str key, const char *const *known)
{
    for (; *known; known++)
        if (str_equal(key, str_of(*known))) return true;
    return false;
}

bool yaml_only_keys(const Yaml *map, const char *file, const char *const *known, Err *err)
{
    char found[SHOWN + 8];
    if (map->kind != YAML_MAP) {
        describe(map, found, sizeof found);
        return refuse(file, map, err, "expected a map, found %s", found);
    }
    for (const Yaml *y = map->child; y; y = y->next) {
        if (is_known(y->key, known)) continue;
        const char *near = nearest(y->key, known);
        Str key = str_slice(y->key, 0, SHOWN);
        Yaml at = {.line = y->key_line, .column = y->key_column};
        if (near)
            return refuse(file, &at, err, "unknown key \"%.*s\"; did you mean \"%s\"?", STR_ARG(key), near);
        return refuse(file, &at, err, "unknown key \"%.*s\"", STR_ARG(key));
    }
    return true;
}
