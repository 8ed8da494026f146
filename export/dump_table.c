// The structure part of a dump: CREATE TABLE with its constraints, indexes, and the foreign keys that have to
// wait.
#include "export/dump_in.h"

enum { EXPRESSION_MAX = 4 << 20 };

static void put_name(DumpRun *d, Str name) { dialect_put_name(d->out, d->dialect, name); }

static void put_table(DumpRun *d, const CatalogTable *t) { dialect_put_table(d->out, d->dialect, t); }

static void put_columns(DumpRun *d, const CatalogTable *t, const uint32_t *column, uint32_t columns)
{
    out_byte(d->out, '(');
    for (uint32_t i = 0; i < columns; i++) {
        if (i) out_put(d->out, STR(", "));
        put_name(d, t->column[column[i]].name);
    }
    out_byte(d->out, ')');
}

bool dump_take_name(DumpRun *d, Str name)
{
    char folded[256];
    size_t len = name.len < sizeof folded ? name.len : sizeof folded;
    for (size_t k = 0; k < len; k++) {
        char byte = name.at[k];
        folded[k] = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
    }
    Str key = {folded, len};
    if (map_get(&d->names, key)) return false;
    map_set(&d->names, key, d);
    return true;
}

// The name when it is free, else one with the table's name and a number.
static Str free_name(DumpRun *d, const CatalogTable *t, Str name)
{
    Str candidate = name;
    for (unsigned i = 1; !dump_take_name(d, candidate); i++)
        candidate = i == 1 ? arena_printf(d->mem, "%.*s_%.*s", STR_ARG(t->name), STR_ARG(name))
                           : arena_printf(d->mem, "%.*s_%.*s_%u", STR_ARG(t->name), STR_ARG(name), i);
    return candidate;
}

// The expression in the dialect's words; false (with a comment in the dump) when it has to be left out.
static bool put_expression(DumpRun *d, Str what, Str sql, Bytes *text)
{
    Str why = STR_NONE;
    bytes_clear(text);
    if (!d->dialect->translate) {
        bytes_put(text, sql);
        return true;
    }
    if (expression_translate(sql, d->dialect, text, &why)) return true;
    out_put(d->out, STR("-- left out, as it has no sure translation ("));
    out_safe(d->out, why);
    out_put(d->out, STR("): "));
    out_safe(d->out, what);
    out_byte(d->out, ' ');
    out_safe(d->out, sql);
    out_byte(d->out, '\n');
    return false;
}

// Does the dialect write this identity column as "… PRIMARY KEY …" in one?
static bool identity_is_primary(const DumpRun *d, const CatalogTable *t, uint32_t column)
{
    const CatalogKey *key = catalog_primary(t);
    return d->dialect->identity_primary && t->column[column].identity && key && key->columns == 1 &&
           key->column[0] == column;
}

typedef struct DumpDefault {
    Str text; // at == NULL: none
} DumpDefault;

// Comments about what is left out stand before the statement, so all expressions are translated first.
static DumpDefault *translate_defaults(DumpRun *d, const CatalogTable *t)
{
    DumpDefault *list = arena_array(d->mem, DumpDefault, t->columns + 1);
    Bytes text;
    bytes_init(&text, EXPRESSION_MAX);
    for (uint32_t i = 0; i < t->columns; i++) {
        const CatalogColumn *c = &t->column[i];
        Str sql = c->generated.len ? c->generated : c->default_text;
        if (!sql.len || c->identity) continue;
        Str what = arena_printf(d->mem, "default of %.*s.%.*s", STR_ARG(t->name), STR_ARG(c->name));
        if (put_expression(d, what, sql, &text)) list[i].text = arena_copy(d->mem, bytes_str(&text));
    }
    bytes_done(&text);
    return list;
}

static DumpDefault *translate_checks(DumpRun *d, const CatalogTable *t)
{
    DumpDefault *list = arena_array(d->mem, DumpDefault, t->checks + 1);
    Bytes text;
    bytes_init(&text, EXPRESSION_MAX);
    for (uint32_t i = 0; i < t->checks; i++) {
        Str what = arena_printf(d->mem, "check %.*s of %.*s", STR_ARG(t->check[i].name), STR_ARG(t->name));
        if (put_expression(d, what, t->check[i].text, &text))
            list[i].text = arena_copy(d->mem, bytes_str(&text));
    }
    bytes_done(&text);
    return list;
}

static void put_column(DumpRun *d, const CatalogTable *t, uint32_t column, Str default_text)
{
    const CatalogColumn *c = &t->column[column];
    out_put(d->out, STR("    "));
    put_name(d, c->name);
    out_byte(d->out, ' ');
    d->dialect->type(d->out, t, column);
    if (identity_is_primary(d, t, column)) {
        out_put(d->out, str_of(d->dialect->identity_primary));
        return;
    }
    if (!c->nullable) out_put(d->out, STR(" NOT NULL"));
    if (c->identity && d->dialect->identity) out_put(d->out, str_of(d->dialect->identity));
    if (!default_text.at) return;
    if (c->generated.len) {
        out_put(d->out, STR(" GENERATED ALWAYS AS ("));
        out_put(d->out, default_text);
        out_put(d->out, STR(") STORED"));
        return;
    }
    out_put(d->out, STR(" DEFAULT "));
    out_put(d->out, d->dialect->translate ? STR("(") : STR(""));
    out_put(d->out, default_text);
    out_put(d->out, d->dialect->translate ? STR(")") : STR(""));
}

static void put_constraint_name(DumpRun *d, Str name)
{
    out_put(d->out, STR(",\n    "));
    if (!name.len) return;
    out_put(d->out, STR("CONSTRAINT "));
    put_name(d, name);
    out_byte(d->out, ' ');
}

static void put_key(DumpRun *d, const CatalogTable *t, const CatalogKey *key)
{
    if (key->primary && identity_is_primary(d, t, key->column[0])) return;
    bool taken = d->dialect->key_names_shared && !dump_take_name(d, key->name);
    put_constraint_name(d, taken ? STR_NONE : key->name);
    out_put(d->out, key->primary ? STR("PRIMARY KEY ") : STR("UNIQUE "));
    put_columns(d, t, key->column, key->columns);
}

static void put_foreign(DumpRun *d, const CatalogTable *t, const CatalogForeignKey *key)
{
    const CatalogTable *parent = &d->catalog.table[key->parent];
    out_put(d->out, STR("FOREIGN KEY "));
    put_columns(d, t, key->column, key->columns);
    out_put(d->out, STR(" REFERENCES "));
    put_table(d, parent);
    out_byte(d->out, ' ');
    put_columns(d, parent, key->parent_column, key->columns);
    if (key->on_delete != CATALOG_NO_ACTION)
        out_printf(d->out, " ON DELETE %s", catalog_action_text(key->on_delete));
    if (key->on_update != CATALOG_NO_ACTION)
        out_printf(d->out, " ON UPDATE %s", catalog_action_text(key->on_update));
}

void dump_create_table(DumpRun *d, uint32_t table)
{
    const CatalogTable *t = &d->catalog.table[table];
    DumpDefault *defaults = translate_defaults(d, t), *checks = translate_checks(d, t);
    out_put(d->out, STR("CREATE TABLE "));
    put_table(d, t);
    out_put(d->out, STR(" (\n"));
    for (uint32_t i = 0; i < t->columns; i++) {
        if (i) out_put(d->out, STR(",\n"));
        put_column(d, t, i, defaults[i].text);
    }
    for (uint32_t i = 0; i < t->keys; i++) put_key(d, t, &t->key[i]);
    for (uint32_t i = 0; i < t->checks; i++) {
        if (!checks[i].text.at) continue;
        put_constraint_name(d, t->check[i].name);
        out_put(d->out, STR("CHECK ("));
        out_put(d->out, checks[i].text);
        out_byte(d->out, ')');
    }
    for (uint32_t i = 0; i < t->foreigns; i++) {
        if (!dump_foreign_early(d, table, &t->foreign[i])) continue;
        put_constraint_name(d, t->foreign[i].name);
        put_foreign(d, t, &t->foreign[i]);
    }
    out_put(d->out, STR("\n);\n\n"));
}

void dump_indexes(DumpRun *d, uint32_t table, bool unique)
{
    const CatalogTable *t = &d->catalog.table[table];
    for (uint32_t i = 0; i < t->indexes; i++) {
        const CatalogIndex *index = &t->index[i];
        if (index->unique != unique) continue;
        if (index->special.len && d->dialect->translate) {
            out_put(d->out, STR("-- left out: index "));
            out_safe(d->out, index->name);
            out_byte(d->out, ' ');
            out_safe(d->out, index->special);
            out_byte(d->out, '\n');
            continue;
        }
        out_put(d->out, unique ? STR("CREATE UNIQUE INDEX ") : STR("CREATE INDEX "));
        put_name(d, d->dialect->index_names_shared ? free_name(d, t, index->name) : index->name);
        out_put(d->out, STR(" ON "));
        put_table(d, t);
        if (d->dialect->index_method && str_equal(index->method, STR("hash")))
            out_put(d->out, STR(" USING hash"));
        out_byte(d->out, ' ');
        if (index->special.len)
            out_put(d->out, index->special);
        else
            put_columns(d, t, index->column, index->columns);
        out_put(d->out, STR(";\n"));
    }
}

void dump_late_foreign_keys(DumpRun *d, uint32_t table)
{
    const CatalogTable *t = &d->catalog.table[table];
    for (uint32_t i = 0; i < t->foreigns; i++) {
        if (dump_foreign_early(d, table, &t->foreign[i])) continue;
        out_put(d->out, STR("ALTER TABLE "));
        put_table(d, t);
        out_put(d->out, STR(" ADD "));
        if (t->foreign[i].name.len) {
            out_put(d->out, STR("CONSTRAINT "));
            put_name(d, t->foreign[i].name);
            out_byte(d->out, ' ');
        }
        put_foreign(d, t, &t->foreign[i]);
        out_put(d->out, STR(";\n"));
    }
}
