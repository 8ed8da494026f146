// Definition text: see FORMAT.md "Definitions". Every number that comes from the text is bounded before it is
// used.
#include "engine/store/definition_in.h"

#include "engine/store/file_name_in.h"

#include <inttypes.h>
#include <string.h>

enum { DEFINITION_PARTS_MAX = 1000 };
static const char *const action_name[] = {"no-action", "restrict", "cascade", "set-null", "set-default"};

bool line_next(Str *rest, Line *out, Arena *mem)
{
    const char *at = rest->at, *end = rest->at + rest->len;
    if (rest->len == 0 || !memchr(at, '\n', rest->len)) return false;
    *out = (Line){0};
    for (bool more = true; more;) {
        const char *next;
        bool escaped;
        Str field = codec_field(at, end, &next, &escaped);
        if (out->count == LINE_FIELDS_MAX) return false;
        out->null[out->count] = escaped && codec_is_null(field);
        if (escaped && !out->null[out->count]) {
            char *room = arena_try(mem, field.len, 1);
            if (!room || !codec_unescape(field, room, &field.len)) return false;
            field.at = room;
        }
        out->field[out->count++] = field;
        more = next[-1] == '\t';
        at = next;
    }
    *rest = (Str){at, (size_t)(end - at)};
    return true;
}

bool line_is(const Line *l, const char *word, unsigned fields)
{
    return l->count == fields && str_equal(l->field[0], str_of(word));
}

bool line_uint(const Line *l, unsigned field, uint64_t max, uint64_t *out)
{
    return field < l->count && str_to_uint64(l->field[field], out) && *out <= max;
}

bool line_int(const Line *l, unsigned field, int64_t *out)
{
    return field < l->count && str_to_int64(l->field[field], out);
}

void line_put(Bytes *out, Str field)
{
    bytes_put_byte(out, '\t');
    codec_put_text(out, field, false);
}

static void put_columns(Bytes *out, const uint16_t *column, uint16_t count)
{
    for (uint16_t i = 0; i < count; i++) bytes_printf(out, "%c%u", i ? ',' : '\t', column[i]);
}

static void put_column(Bytes *out, const ColumnDef *c)
{
    bytes_put(out, STR("column"));
    line_put(out, c->name);
    bytes_put_byte(out, '\t');
    codec_put_type(out, c->type);
    bytes_printf(out, "\t%" PRId32 "\t%" PRId32 "\t%s%s", c->type.length, c->type.scale,
                 c->not_null ? "n" : "-",
                 c->identity                         ? "i"
                 : c->numbering == COLUMN_ALWAYS     ? "a"
                 : c->numbering == COLUMN_BY_DEFAULT ? "d"
                                                     : "-");
    if (c->default_text.at) {
        line_put(out, c->default_text);
    } else {
        bytes_put_byte(out, '\t');
        codec_put_null(out);
    }
    bytes_put_byte(out, '\n');
}

// Only where the slot is not the column's position, or older rows hold a value.
static void put_slot(Bytes *out, const TableDef *def, uint16_t column)
{
    const ColumnDef *c = &def->column[column];
    if (schema_slot(def, column) == column && !c->missing.at) return;
    bytes_printf(out, "slot\t%u", schema_slot(def, column));
    if (c->missing.at) {
        line_put(out, c->missing);
    } else {
        bytes_put_byte(out, '\t');
        codec_put_null(out);
    }
    bytes_put_byte(out, '\n');
}

// What the line before it has beside its own fields; nothing when that is nothing.
static void put_option(Bytes *out, const char *word, Str text)
{
    if (!text.at) return;
    bytes_put(out, str_of(word));
    line_put(out, text);
    bytes_put_byte(out, '\n');
}

static void put_number(Bytes *out, const char *word, uint32_t number)
{
    if (number) bytes_printf(out, "%s\t%" PRIu32 "\n", word, number);
}

static void put_index(Bytes *out, const IndexDef *x)
{
    bytes_printf(out, "index\t%" PRIu64, x->id);
    line_put(out, x->name);
    bytes_printf(out, "\t%s\t%s%s%s", x->kind == INDEX_HASH ? "hash" : "sorted", x->unique ? "u" : "-",
                 x->primary ? "p" : "-", x->constraint ? "c" : "-");
    put_columns(out, x->column, x->column_count);
    bytes_put_byte(out, '\n');
    if (!x->descending && !x->nulls_first && !x->predicate && !x->include_count) return;
    bytes_printf(out, "index-option\t%" PRIu32 "\t%" PRIu32 "\t%u", x->descending, x->nulls_first,
                 x->predicate);
    if (x->include_count)
        put_columns(out, x->include, x->include_count);
    else
        bytes_put(out, STR("\t-"));
    bytes_put_byte(out, '\n');
}

static void put_foreign(Bytes *out, const ForeignKeyDef *k)
{
    bytes_put(out, STR("foreign"));
    line_put(out, k->name);
    bytes_printf(out, "\t%" PRIu64, k->parent_id);
    put_columns(out, k->column, k->column_count);
    put_columns(out, k->parent_column, k->column_count);
    bytes_printf(out, "\t%s\t%s\n", action_name[k->on_delete], action_name[k->on_update]);
    if (!k->not_valid && !k->deferrable && !k->match_full && !k->set_count) return;
    bytes_printf(out, "foreign-option\t%s%s\t%s%s", k->not_valid ? "v" : "-", k->deferrable ? "d" : "-",
                 k->deferred ? "i" : "-", k->match_full ? "f" : "-");
    if (k->set_count)
        put_columns(out, k->set_column, k->set_count);
    else
        bytes_put(out, STR("\t-"));
    bytes_put_byte(out, '\n');
}

void definition_put(Bytes *out, const TableDef *def, Str file)
{
    bytes_printf(out, "table\t%" PRIu64 "\t%" PRIu64, def->id, def->version);
    line_put(out, def->database);
    line_put(out, def->name);
    line_put(out, file);
    line_put(out, def->schema);
    bytes_printf(out, "\t%s\n", def->materialized ? "m" : "-");
    if (def->slots != schema_stored(def)) bytes_printf(out, "slots\t%u\n", def->slots);
    for (uint16_t i = 0; i < schema_stored(def); i++) {
        put_column(out, &def->column[i]);
        put_slot(out, def, i);
        put_option(out, "generated", def->column[i].generated);
        if (i >= def->column_count) bytes_put(out, STR("hidden\n"));
        if (type_number(def->column[i].type)) put_number(out, "of", def->column[i].type.of);
        put_number(out, "domain", def->column[i].type.domain);
    }
    for (uint16_t i = 0; i < def->index_count; i++) put_index(out, &def->index[i]);
    for (uint16_t i = 0; i < def->foreign_key_count; i++) put_foreign(out, &def->foreign_key[i]);
    for (uint16_t i = 0; i < def->check_count; i++) {
        bytes_put(out, STR("check"));
        line_put(out, def->check[i].name);
        line_put(out, def->check[i].text);
        bytes_put_byte(out, '\n');
        if (def->check[i].not_valid) bytes_put(out, STR("check-option\tv\n"));
    }
    bytes_put(out, STR("end\n"));
}

// ---- reading ----

static bool get_columns(Str list, uint16_t columns, uint16_t *out, uint16_t *count)
{
    *count = 0;
    while (list.len) {
        uint64_t v;
        if (*count == SCHEMA_KEY_COLUMNS_MAX || !str_to_uint64(str_cut(&list, ','), &v) || v >= columns)
            return false;
        out[(*count)++] = (uint16_t)v;
    }
    return *count > 0;
}

static bool get_flags(Str s, const char *letters, bool *a, bool *b, bool *c)
{
    bool *flag[] = {a, b, c};
    if (s.len != strlen(letters)) return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] != letters[i] && s.at[i] != '-') return false;
        *flag[i] = s.at[i] != '-';
    }
    return true;
}

static bool get_column_flags(Str s, ColumnDef *c)
{
    if (s.len != 2 || (s.at[0] != 'n' && s.at[0] != '-')) return false;
    c->not_null = s.at[0] == 'n';
    c->identity = s.at[1] == 'i';
    c->numbering = s.at[1] == 'a' ? COLUMN_ALWAYS : s.at[1] == 'd' ? COLUMN_BY_DEFAULT : COLUMN_GIVEN;
    return c->identity || c->numbering || s.at[1] == '-';
}

static bool get_column(const Line *l, ColumnDef *c)
{
    int64_t length, scale;
    *c = (ColumnDef){.name = l->field[1]};
    if (!codec_get_type(&c->type, l->field[2]) || !line_int(l, 3, &length) || !line_int(l, 4, &scale) ||
        length < INT32_MIN || length > INT32_MAX || scale < INT32_MIN || scale > INT32_MAX ||
        !get_column_flags(l->field[5], c))
        return false;
    c->type.length = (int32_t)length;
    c->type.scale = (int32_t)scale;
    if (!l->null[6]) c->default_text = l->field[6].at ? l->field[6] : STR("");
    return l->field[6].len <= SCHEMA_TEXT_MAX && c->name.len && c->name.len <= SCHEMA_NAME_MAX;
}

// Belongs to the column before it.
static bool get_slot(const Line *l, ColumnDef *c)
{
    uint64_t slot;
    if (!line_uint(l, 1, SCHEMA_SLOTS_MAX - 1, &slot)) return false;
    c->slot = (uint16_t)(slot + 1);
    if (!l->null[2]) c->missing = l->field[2].at ? l->field[2] : STR("");
    return true;
}

// Each column has a slot of its own, below the count.
static bool slots_ok(const TableDef *t)
{
    bool seen[SCHEMA_SLOTS_MAX] = {0};
    for (uint16_t c = 0; c < schema_stored(t); c++) {
        uint16_t slot = schema_slot(t, c);
        if (slot >= t->slots || seen[slot]) return false;
        seen[slot] = true;
    }
    return true;
}

static bool get_index(const Line *l, uint16_t columns, IndexDef *x)
{
    *x = (IndexDef){.name = l->field[2]};
    if (str_equal(l->field[3], STR("sorted")))
        x->kind = INDEX_SORTED;
    else if (!str_equal(l->field[3], STR("hash")))
        return false;
    return line_uint(l, 1, INT64_MAX, &x->id) &&
           get_flags(l->field[4], "upc", &x->unique, &x->primary, &x->constraint) &&
           get_columns(l->field[5], columns, x->column, &x->column_count);
}

static bool get_action(Str s, KeyAction *out)
{
    for (size_t i = 0; i < COUNT_OF(action_name); i++) {
        if (!str_equal(s, str_of(action_name[i]))) continue;
        *out = (KeyAction)i;
        return true;
    }
    return false;
}

static bool get_foreign(const Line *l, uint16_t columns, ForeignKeyDef *k)
{
    uint16_t count;
    *k = (ForeignKeyDef){.name = l->field[1]};
    return line_uint(l, 2, INT64_MAX, &k->parent_id) &&
           get_columns(l->field[3], columns, k->column, &k->column_count) &&
           get_columns(l->field[4], SCHEMA_COLUMNS_MAX, k->parent_column, &count) &&
           count == k->column_count && get_action(l->field[5], &k->on_delete) &&
           get_action(l->field[6], &k->on_update);
}

// How many lines of each kind stand before "end".
static bool count_parts(Str rest, TableDef *out)
{
    size_t columns = 0, indexes = 0, keys = 0, checks = 0;
    for (;;) {
        if (!memchr(rest.at ? rest.at : "", '\n', rest.len)) return false;
        Str line = str_cut(&rest, '\n'), word = str_cut(&line, '\t');
        if (str_equal(word, STR("end"))) break;
        columns += str_equal(word, STR("column"));
        indexes += str_equal(word, STR("index"));
        keys += str_equal(word, STR("foreign"));
        checks += str_equal(word, STR("check"));
    }
    if (columns > SCHEMA_COLUMNS_MAX || indexes > DEFINITION_PARTS_MAX || keys > DEFINITION_PARTS_MAX ||
        checks > DEFINITION_PARTS_MAX)
        return false;
    out->column_count = out->slots = (uint16_t)columns;
    out->index_count = (uint16_t)indexes;
    out->foreign_key_count = (uint16_t)keys;
    out->check_count = (uint16_t)checks;
    return true;
}

// A line that belongs to the column, foreign key or check before it.
static bool get_index_option(const Line *l, uint16_t columns, IndexDef *x)
{
    uint64_t descending, nulls_first, predicate;
    if (!line_uint(l, 1, UINT32_MAX, &descending) || !line_uint(l, 2, UINT32_MAX, &nulls_first) ||
        !line_uint(l, 3, columns, &predicate))
        return false;
    x->descending = (uint32_t)descending;
    x->nulls_first = (uint32_t)nulls_first;
    x->predicate = (uint16_t)predicate;
    return str_equal(l->field[4], STR("-")) ||
           get_columns(l->field[4], columns, x->include, &x->include_count);
}

static bool get_foreign_option(const Line *l, uint16_t columns, ForeignKeyDef *k)
{
    return get_flags(l->field[1], "vd", &k->not_valid, &k->deferrable, NULL) &&
           get_flags(l->field[2], "if", &k->deferred, &k->match_full, NULL) &&
           (str_equal(l->field[3], STR("-")) ||
            get_columns(l->field[3], columns, k->set_column, &k->set_count));
}

static bool get_option(const Line *l, TableDef *t, uint16_t columns, uint16_t keys, uint16_t checks)
{
    if (line_is(l, "generated", 2) && columns) {
        t->column[columns - 1].generated = l->field[1].at ? l->field[1] : STR("");
        return l->field[1].len <= SCHEMA_TEXT_MAX;
    }
    if (line_is(l, "hidden", 1) && columns) // the last ones; counted as columns until the end
        return ++t->hidden_count > 0;
    if ((line_is(l, "of", 2) || line_is(l, "domain", 2)) && columns) {
        uint64_t number;
        Type *type = &t->column[columns - 1].type;
        if (!line_uint(l, 1, UINT32_MAX, &number) || !number) return false;
        *(l->field[0].at[0] == 'o' ? &type->of : &type->domain) = (uint32_t)number;
        return true;
    }
    bool not_valid = l->count == 2 && str_equal(l->field[1], STR("v"));
    if (line_is(l, "foreign-option", 4) && keys)
        return get_foreign_option(l, t->column_count, &t->foreign_key[keys - 1]);
    if (not_valid && line_is(l, "check-option", 2) && checks)
        t->check[checks - 1].not_valid = true;
    else
        return false;
    return true;
}

static bool get_parts(Str *rest, TableDef *t, Arena *mem)
{
    uint16_t c = 0, x = 0, k = 0, h = 0;
    for (Line l; line_next(rest, &l, mem);) {
        if (line_is(&l, "end", 1)) {
            if (c != t->column_count || t->hidden_count > c) return false;
            t->column_count = (uint16_t)(c - t->hidden_count);
            return slots_ok(t);
        }
        bool ok = false;
        if (line_is(&l, "column", 7))
            ok = c < t->column_count && get_column(&l, &t->column[c]) &&
                 (t->column[c].slot = (uint16_t)(c + 1), ++c);
        else if (line_is(&l, "slot", 3))
            ok = c > 0 && get_slot(&l, &t->column[c - 1]);
        else if (line_is(&l, "slots", 2)) {
            uint64_t slots = 0;
            ok = line_uint(&l, 1, SCHEMA_SLOTS_MAX, &slots);
            t->slots = (uint16_t)slots;
        } else if (line_is(&l, "index", 6))
            ok = x < t->index_count && get_index(&l, t->column_count, &t->index[x++]);
        else if (line_is(&l, "foreign", 7))
            ok = k < t->foreign_key_count && get_foreign(&l, t->column_count, &t->foreign_key[k++]);
        else if (line_is(&l, "check", 3) && h < t->check_count) {
            t->check[h++] = (CheckDef){.name = l.field[1], .text = l.field[2]};
            ok = true;
        }
        bool index_option = !ok && x && line_is(&l, "index-option", 5);
        if (index_option) ok = get_index_option(&l, t->column_count, &t->index[x - 1]);
        if (!ok && !get_option(&l, t, c, k, h)) return false;
    }
    return false;
}

bool definition_begins(const Line *l) { return line_is(l, "table", 6) || line_is(l, "table", 8); }

bool definition_get(const Line *first, Str *rest, TableDef *out, Str *file, Arena *mem, Err *err)
{
    *out = (TableDef){0};
    bool old = line_is(first, "table", 6); // version 1 knew no schemas
    bool ok = (old || line_is(first, "table", 8)) && line_uint(first, 1, INT64_MAX, &out->id) &&
              line_uint(first, 2, INT64_MAX, &out->version) && first->field[3].len <= SCHEMA_NAME_MAX &&
              first->field[4].len && first->field[4].len <= SCHEMA_NAME_MAX &&
              file_name_ok(first->field[5]) && count_parts(*rest, out);
    if (ok) {
        out->database = first->field[3];
        out->name = first->field[4];
        out->schema = old ? SCHEMA_PUBLIC : first->field[6];
        ok = out->schema.len && out->schema.len <= SCHEMA_NAME_MAX &&
             (old || get_flags(first->field[7], "m", &out->materialized, NULL, NULL));
        *file = first->field[5];
        out->column = arena_try(mem, out->column_count + 1u, sizeof *out->column);
        out->index = arena_try(mem, out->index_count + 1u, sizeof *out->index);
        out->foreign_key = arena_try(mem, out->foreign_key_count + 1u, sizeof *out->foreign_key);
        out->check = arena_try(mem, out->check_count + 1u, sizeof *out->check);
        ok = ok && out->column && out->index && out->foreign_key && out->check && get_parts(rest, out, mem);
    }
    return ok ||
           err_set(err, SQLSTATE_CORRUPT, "the definition of table %.*s cannot be read", STR_ARG(out->name));
}
