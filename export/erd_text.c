// The data model as a text file (tables, columns, keys, relationships with declared and measured
// cardinality), as a drawing with its sentences, and the list of all formats.
#include "export/erd.h"

#include "engine/base/utf8.h"
#include "export/erd_formats.h"
#include <inttypes.h>

enum { DRAWING_WIDTH = 160, SENTENCE_MAX = 64 << 10 };

static void put_padded(OutFile *out, Str s, size_t width)
{
    size_t used = utf8_width(s);
    out_safe(out, s);
    if (used < width) out_repeat(out, STR(" "), width - used);
}

static void put_columns(OutFile *out, const CatalogTable *t, const uint32_t *column, uint32_t columns)
{
    out_byte(out, '(');
    for (uint32_t i = 0; i < columns; i++) {
        if (i) out_put(out, STR(", "));
        out_safe(out, t->column[column[i]].name);
    }
    out_byte(out, ')');
}

static void put_table_columns(OutFile *out, const CatalogTable *t)
{
    size_t name = 0, type = 0;
    for (uint32_t i = 0; i < t->columns; i++) {
        size_t n = utf8_width(t->column[i].name), y = utf8_width(t->column[i].type_text);
        if (n > name) name = n;
        if (y > type) type = y;
    }
    for (uint32_t i = 0; i < t->columns; i++) {
        const CatalogColumn *c = &t->column[i];
        out_put(out, catalog_in_primary(t, i)   ? STR("  ◆ ")
                     : catalog_in_foreign(t, i) ? STR("  ↗ ")
                                                : STR("    "));
        put_padded(out, c->name, name + 2);
        bool more = !c->nullable || c->identity || c->default_text.len;
        put_padded(out, c->type_text, more ? type : 0);
        if (!c->nullable) out_put(out, STR("  not null"));
        if (c->identity) out_put(out, STR("  identity"));
        if (c->default_text.len) {
            out_put(out, STR("  default "));
            out_safe(out, c->default_text);
        }
        out_byte(out, '\n');
    }
}

static void put_foreign(OutFile *out, const Erd *e, const CatalogTable *t, const CatalogForeignKey *key)
{
    const CatalogTable *parent = &e->catalog.table[key->parent];
    out_put(out, STR("    foreign key "));
    out_safe(out, key->name);
    out_byte(out, ' ');
    put_columns(out, t, key->column, key->columns);
    out_put(out, STR(" -> "));
    out_safe(out, parent->name);
    out_byte(out, ' ');
    put_columns(out, parent, key->parent_column, key->columns);
    if (key->on_delete != CATALOG_NO_ACTION)
        out_printf(out, " on delete %s", catalog_action_text(key->on_delete));
    if (key->on_update != CATALOG_NO_ACTION)
        out_printf(out, " on update %s", catalog_action_text(key->on_update));
    out_byte(out, '\n');
}

static void put_table(OutFile *out, const Erd *e, const CatalogTable *t)
{
    out_put(out, STR("\nTABLE "));
    out_safe(out, t->name);
    if (t->rows >= 0) out_printf(out, "  (%" PRId64 " rows)", t->rows);
    out_byte(out, '\n');
    put_table_columns(out, t);
    for (uint32_t i = 0; i < t->keys; i++) {
        out_put(out, t->key[i].primary ? STR("    primary key ") : STR("    unique "));
        out_safe(out, t->key[i].name);
        out_byte(out, ' ');
        put_columns(out, t, t->key[i].column, t->key[i].columns);
        out_byte(out, '\n');
    }
    for (uint32_t i = 0; i < t->foreigns; i++) put_foreign(out, e, t, &t->foreign[i]);
    for (uint32_t i = 0; i < t->checks; i++) {
        out_put(out, STR("    check "));
        out_safe(out, t->check[i].name);
        out_put(out, STR(" ("));
        out_safe(out, t->check[i].text);
        out_put(out, STR(")\n"));
    }
    for (uint32_t i = 0; i < t->indexes; i++) {
        out_put(out, t->index[i].unique ? STR("    unique index ") : STR("    index "));
        out_safe(out, t->index[i].name);
        out_byte(out, ' ');
        put_columns(out, t, t->index[i].column, t->index[i].columns);
        out_byte(out, '\n');
    }
}

static void put_measured(OutFile *out, const ErdRelation *r)
{
    if (!r->measured) return;
    double average = r->parents ? (double)r->children / (double)r->parents : 0;
    double share = r->parents ? 100.0 * (double)r->parents_childless / (double)r->parents : 0;
    out_printf(out,
               "    measured: %" PRIu64 " children of %" PRIu64 " parents; %.1f on average, %" PRIu64
               " at most; %" PRIu64 " parents without any (%.1f %%)",
               r->children, r->parents, average, r->children_max, r->parents_childless, share);
    if (r->optional) out_printf(out, "; %" PRIu64 " rows without a parent", r->children_orphan);
    out_byte(out, '\n');
}

static void put_relation(OutFile *out, const Erd *e, const ErdRelation *r)
{
    const CatalogTable *parent = &e->catalog.table[r->parent], *child = &e->catalog.table[r->child];
    out_put(out, STR("\n  "));
    out_safe(out, parent->name);
    out_byte(out, ' ');
    put_columns(out, parent, r->key->parent_column, r->key->columns);
    out_put(out, r->optional ? STR(" ─┤○") : STR(" ─┤├"));
    out_put(out, r->single ? STR("──○┤ ") : STR("──○< "));
    out_safe(out, child->name);
    out_byte(out, ' ');
    put_columns(out, child, r->key->column, r->key->columns);
    out_printf(out, "\n    declared: one parent has %s children, one child has %s parent\n",
               erd_children_text(r), erd_parents_text(r));
    put_measured(out, r);
}

static void put_heading(OutFile *out, const Erd *e)
{
    out_put(out, STR("Data model of database "));
    out_safe(out, e->catalog.database);
    if (e->catalog.node.len) {
        out_put(out, STR(" on node "));
        out_safe(out, e->catalog.node);
    }
    out_printf(out, "\n%u tables, %u relationships\n", e->catalog.tables, e->relations);
}

static bool write_text(const Erd *e, OutFile *out, Err *err)
{
    (void)err;
    put_heading(out, e);
    out_put(out, STR("◆ primary key   ↗ foreign key   ┤├ exactly one   ┤○ none or one   ○< none to many   ○┤ "
                     "none or one\n"));
    for (uint32_t i = 0; i < e->catalog.tables; i++) put_table(out, e, &e->catalog.table[i]);
    out_put(out, STR("\nRELATIONSHIPS\n"));
    for (uint32_t i = 0; i < e->relations; i++) put_relation(out, e, &e->relation[i]);
    return true;
}

static bool write_drawing(const Erd *e, OutFile *out, Err *err)
{
    Arena mem = {0};
    ErdGrid grid;
    put_heading(out, e);
    out_byte(out, '\n');
    bool ok = erd_draw(&grid, e, ERD_ALL_COLUMNS, DRAWING_WIDTH, &mem, err);
    if (ok) erd_grid_write(&grid, out);
    out_byte(out, '\n');
    Bytes sentence;
    bytes_init(&sentence, SENTENCE_MAX);
    for (uint32_t i = 0; ok && i < e->relations; i++) {
        bytes_clear(&sentence);
        erd_relation_sentence(e, &e->relation[i], &sentence);
        out_safe(out, bytes_str(&sentence));
        out_byte(out, '\n');
    }
    bytes_done(&sentence);
    arena_done(&mem);
    return ok;
}

static const ErdFormat formats[] = {{"text", write_text},
                                    {"drawing", write_drawing},
                                    {"mermaid", erd_write_mermaid},
                                    {"dot", erd_write_dot},
                                    {"dbml", erd_write_dbml}};
static const char *const format_names[] = {"text", "drawing", "mermaid", "dot", "dbml", NULL};
_Static_assert(COUNT_OF(format_names) == COUNT_OF(formats) + 1, "each format has its name in the list");

const char *const *erd_format_names(void) { return format_names; }

const ErdFormat *erd_format(Str name)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (str_equal(name, str_of(formats[i].name))) return &formats[i];
    return NULL;
}
