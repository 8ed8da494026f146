// Search: names along the search path. Linear: a path has few schemas.
#include "engine/plan/search.h"

bool search_has_schema(const SearchPath *s, Str database, Str schema)
{
    if (str_equal(schema, SCHEMA_PUBLIC) || (s->temporary.len && str_equal(schema, s->temporary)))
        return true;
    Arena mem = {0};
    bool has = transaction_object_find(s->transaction, OBJECT_SCHEMA, database, STR(""), 0, schema, &mem);
    arena_done(&mem);
    return has;
}

static Str schema_of(const SearchPath *s, Str name)
{
    return str_equal(name, STR("pg_temp")) && s->temporary.len ? s->temporary : name;
}

static uint32_t along_path(const SearchPath *s, SearchPlace out[SEARCH_PLACES_MAX])
{
    uint32_t n = 0;
    if (!s->database.len) return 0;
    if (s->temporary.len) out[n++] = (SearchPlace){s->database, s->temporary};
    for (uint32_t i = 0; i < s->schemas && n < SEARCH_PLACES_MAX; i++)
        out[n++] = (SearchPlace){s->database, schema_of(s, s->schema[i])};
    return n;
}

uint32_t search_places(const SearchPath *s, const AstPath *path, SearchPlace out[SEARCH_PLACES_MAX])
{
    if (path->parts < 2) return along_path(s, out);
    Str q = schema_of(s, path->part[path->parts - 2].text);
    if (path->parts > 2) {
        out[0] = (SearchPlace){path->part[path->parts - 3].text, q};
        return 1;
    }
    if (s->database.len && search_has_schema(s, s->database, q)) {
        out[0] = (SearchPlace){s->database, q};
        return 1;
    }
    if (!store_database_exists(transaction_store(s->transaction), q)) return 0;
    out[0] = (SearchPlace){q, SCHEMA_PUBLIC};
    return 1;
}

static bool no_database(const AstPath *path, Err *err)
{
    err_set_at(err, "3D000", path->at, "no database is chosen");
    return err_hint(err, "Choose one with USE name.");
}

bool search_new_place(const SearchPath *s, const AstPath *path, SearchPlace *out, Err *err)
{
    if (path->parts > 1) {
        SearchPlace place[SEARCH_PLACES_MAX];
        Str q = path->part[path->parts - 2].text;
        if (path->parts == 2 && str_equal(q, SCHEMA_PUBLIC) && !s->database.len)
            return no_database(path, err);
        bool found = search_places(s, path, place) > 0;
        if (found && !store_database_exists(transaction_store(s->transaction), place[0].database))
            return err_set_at(err, "3D000", path->at, "database \"%.*s\" does not exist",
                              STR_ARG(place[0].database));
        *out = place[0];
        if (found && search_has_schema(s, out->database, out->schema)) return true;
        return err_set_at(err, "3F000", path->at, "schema \"%.*s\" does not exist", STR_ARG(q));
    }
    if (!s->database.len) return no_database(path, err);
    for (uint32_t i = 0; i < s->schemas; i++) {
        *out = (SearchPlace){s->database, schema_of(s, s->schema[i])};
        if (search_has_schema(s, s->database, out->schema)) return true;
    }
    return err_set_at(err, "3F000", path->at, "no schema has been selected to create in");
}

bool search_relation(const SearchPath *s, const AstPath *path, Arena *mem, SearchFound *out)
{
    SearchPlace place[SEARCH_PLACES_MAX];
    uint32_t n = search_places(s, path, place);
    Str name = ast_path_name(path);
    *out = (SearchFound){0};
    for (uint32_t i = 0; i < n; i++) {
        out->table = transaction_table_in(s->transaction, place[i].database, place[i].schema, name);
        if (out->table) return true;
        out->object = transaction_object_find(s->transaction, OBJECT_VIEW, place[i].database, place[i].schema,
                                              0, name, mem);
        if (out->object) return true;
    }
    return false;
}

const ObjectDef *search_object(const SearchPath *s, ObjectKind kind, const AstPath *path, Arena *mem)
{
    SearchPlace place[SEARCH_PLACES_MAX];
    uint32_t n = search_places(s, path, place);
    for (uint32_t i = 0; i < n; i++) {
        const ObjectDef *o = transaction_object_find(s->transaction, kind, place[i].database, place[i].schema,
                                                     0, ast_path_name(path), mem);
        if (o) return o;
    }
    return NULL;
}

// One part: "Quoted ""Name""" or a word, which is folded. Moves *rest behind it.
static bool parse_part(Str *rest, Str *out, Arena *mem)
{
    char *room = arena_get(mem, rest->len + 1);
    size_t len = 0, at = 0;
    bool quoted = rest->len && rest->at[0] == '"';
    for (at = quoted; at < rest->len; at++) {
        char c = rest->at[at];
        bool doubled = quoted && c == '"' && at + 1 < rest->len && rest->at[at + 1] == '"';
        if (doubled)
            at++;
        else if (quoted ? c == '"' : c == '.' || c == ' ')
            break;
        room[len++] = !quoted && c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
    }
    if (quoted && at++ >= rest->len) return false;
    *rest = str_slice(*rest, at, rest->len);
    *out = (Str){room, len};
    return len > 0;
}

bool search_parse(Str text, AstPath *out, Arena *mem, Err *err)
{
    Str rest = str_trim(text);
    *out = (AstPath){.at = -1};
    for (;;) {
        AstName *part = &out->part[out->parts];
        if (out->parts == AST_PATH_MAX || !parse_part(&rest, &part->text, mem)) break;
        part->at = -1;
        out->parts++;
        if (!rest.len) return true;
        if (rest.at[0] != '.') break;
        rest = str_slice(rest, 1, rest.len);
    }
    return err_set(err, "42602", "invalid name syntax");
}

bool search_is_visible(const SearchPath *s, Str database, Str schema, Str name)
{
    SearchPlace place[SEARCH_PLACES_MAX];
    uint32_t n = along_path(s, place);
    Arena mem = {0};
    bool visible = false, other = false;
    for (uint32_t i = 0; i < n && !visible && !other; i++) {
        visible = str_equal(place[i].database, database) && str_equal(place[i].schema, schema);
        other = !visible && (transaction_table_in(s->transaction, place[i].database, place[i].schema, name) ||
                             transaction_object_find(s->transaction, OBJECT_VIEW, place[i].database,
                                                     place[i].schema, 0, name, &mem));
    }
    arena_done(&mem);
    return visible;
}
