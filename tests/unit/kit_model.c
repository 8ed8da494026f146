// Catalogs for tests: see kit_model.h.
#include "tests/unit/kit_model.h"

#include <assert.h>

enum { MODEL_KEYS_MAX = 16 };

static void add_foreign(CatalogTable *child, uint32_t column, uint32_t parent, uint32_t parent_column,
                        Arena *mem)
{
    if (!child->foreign) child->foreign = arena_array(mem, CatalogForeignKey, MODEL_KEYS_MAX);
    assert(child->foreigns < MODEL_KEYS_MAX);
    CatalogForeignKey *key = &child->foreign[child->foreigns++];
    key->name = arena_printf(mem, "fk_%.*s_%u", STR_ARG(child->name), child->foreigns);
    key->parent = parent;
    key->columns = 1;
    key->column = arena_array(mem, uint32_t, 1);
    key->parent_column = arena_array(mem, uint32_t, 1);
    key->column[0] = column;
    key->parent_column[0] = parent_column;
}

static void add_key(CatalogTable *t, uint32_t column, bool primary, Arena *mem)
{
    if (!t->key) t->key = arena_array(mem, CatalogKey, MODEL_KEYS_MAX);
    assert(t->keys < MODEL_KEYS_MAX);
    if (primary && t->keys) {
        t->key[0].column[t->key[0].columns++] = column;
        return;
    }
    CatalogKey *key = &t->key[t->keys++];
    *key =
        (CatalogKey){.name = arena_printf(mem, "key_%.*s_%u", STR_ARG(t->name), t->keys), .primary = primary};
    key->column = arena_array(mem, uint32_t, MODEL_KEYS_MAX);
    key->column[key->columns++] = column;
}

void model_random(Catalog *out, Random *r, uint32_t tables, uint32_t foreigns, Arena *mem)
{
    *out = (Catalog){.database = STR("random"), .node = STR("vm1"), .tables = tables};
    out->table = arena_array(mem, CatalogTable, tables);
    for (uint32_t i = 0; i < tables; i++) {
        CatalogTable *t = &out->table[i];
        t->name = arena_printf(mem, "t%03u_%.*s", i, (int)random_below(r, 12), "abcdefghijkl");
        t->columns = 1 + (uint32_t)random_below(r, 9);
        t->column = arena_array(mem, CatalogColumn, t->columns);
        t->rows = (int64_t)random_below(r, 1000000) - 1;
        for (uint32_t k = 0; k < t->columns; k++)
            t->column[k] = (CatalogColumn){
                .name = arena_printf(mem, "c%u_%.*s", k, (int)random_below(r, 9), "xxxxyyyyz"),
                .type_text = random_below(r, 2) ? STR("integer") : STR("varchar(20)"),
                .type = type_of(TYPE_INTEGER),
                .nullable = random_below(r, 2)};
        add_key(t, 0, true, mem);
    }
    for (uint32_t i = 0; i < foreigns; i++) {
        uint32_t child = (uint32_t)random_below(r, tables), parent = (uint32_t)random_below(r, tables);
        CatalogTable *t = &out->table[child];
        if (t->foreigns == MODEL_KEYS_MAX) continue;
        uint32_t parent_column =
            random_below(r, 4) ? 0 : (uint32_t)random_below(r, out->table[parent].columns);
        add_foreign(t, (uint32_t)random_below(r, t->columns), parent, parent_column, mem);
    }
}

static Str next_word(Str *rest)
{
    *rest = str_trim(*rest);
    return str_cut(rest, ' ');
}

static void read_table(Catalog *c, Str text, bool keys, uint32_t table, Arena *mem)
{
    CatalogTable *t = &c->table[table];
    Str name = next_word(&text);
    if (!keys) *t = (CatalogTable){.name = name, .rows = -1, .column = arena_array(mem, CatalogColumn, 64)};
    for (uint32_t i = 0; (text = str_trim(text)).len; i++) {
        Str target = next_word(&text), word = str_cut(&target, '>');
        bool nullable = str_ends(word, STR("?")), primary = str_ends(word, STR("!")),
             unique = str_ends(word, STR("*"));
        if (nullable || primary || unique) word.len--;
        if (!keys) {
            t->column[t->columns++] = (CatalogColumn){.name = word,
                                                      .type_text = STR("integer"),
                                                      .type = type_of(TYPE_INTEGER),
                                                      .nullable = nullable};
            if (primary || unique) add_key(t, i, primary, mem);
        } else if (target.len) {
            const CatalogTable *parent = catalog_table(c, str_cut(&target, '.'));
            assert(parent);
            add_foreign(t, i, (uint32_t)(parent - c->table), (uint32_t)catalog_column(parent, target), mem);
        }
    }
}

void model_text(Catalog *out, const char *text, Arena *mem)
{
    *out =
        (Catalog){.database = STR("model"), .node = STR("vm1"), .table = arena_array(mem, CatalogTable, 256)};
    for (int keys = 0; keys < 2; keys++) {
        Str rest = str_of(text);
        for (uint32_t i = 0; rest.len; i++) {
            Str one = str_trim(str_cut(&rest, ';'));
            if (!one.len) continue;
            read_table(out, one, keys, i, mem);
            if (!keys) out->tables++;
        }
    }
}
