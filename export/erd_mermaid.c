// The data model as a Mermaid erDiagram. Mermaid's words are letters, digits and '_' only: other characters
// become '_', and a table's own name is given as its label in quotes.
#include "export/erd_formats.h"

static bool word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void put_word(OutFile *out, Str s)
{
    if (!s.len || (s.at[0] >= '0' && s.at[0] <= '9')) out_byte(out, '_');
    for (size_t i = 0; i < s.len; i++) out_byte(out, word_byte(s.at[i]) ? s.at[i] : '_');
}

static bool is_word(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!word_byte(s.at[i])) return false;
    return s.len && !(s.at[0] >= '0' && s.at[0] <= '9');
}

// In double quotes; Mermaid has no escape for the quote itself.
static void put_label(OutFile *out, Str s)
{
    out_byte(out, '"');
    for (size_t at = 0, next; at <= s.len; at = next + 1) {
        next = str_find_byte(s, '"', at);
        if (next == SIZE_MAX) next = s.len;
        out_safe(out, str_slice(s, at, next - at));
        if (next < s.len) out_byte(out, '\'');
    }
    out_byte(out, '"');
}

// Tables are told apart by number when cleaning made their names alike.
static void put_entity(OutFile *out, const Erd *e, uint32_t table)
{
    Str name = e->catalog.table[table].name;
    put_word(out, name);
    if (!is_word(name)) out_printf(out, "_%u", table);
}

bool erd_write_mermaid(const Erd *e, OutFile *out, Err *err)
{
    (void)err;
    out_put(out, STR("erDiagram\n"));
    for (uint32_t i = 0; i < e->catalog.tables; i++) {
        const CatalogTable *t = &e->catalog.table[i];
        out_put(out, STR("    "));
        put_entity(out, e, i);
        if (!is_word(t->name)) {
            out_byte(out, '[');
            put_label(out, t->name);
            out_byte(out, ']');
        }
        out_put(out, STR(" {\n"));
        for (uint32_t k = 0; k < t->columns; k++) {
            bool pk = catalog_in_primary(t, k), fk = catalog_in_foreign(t, k);
            out_put(out, STR("        "));
            put_word(out, t->column[k].type_text);
            out_byte(out, ' ');
            put_word(out, t->column[k].name);
            out_put(out, pk && fk ? STR(" PK, FK\n") : pk ? STR(" PK\n") : fk ? STR(" FK\n") : STR("\n"));
        }
        out_put(out, STR("    }\n"));
    }
    for (uint32_t i = 0; i < e->relations; i++) {
        const ErdRelation *r = &e->relation[i];
        out_put(out, STR("    "));
        put_entity(out, e, r->parent);
        out_put(out, r->optional ? STR(" |o--") : STR(" ||--"));
        out_put(out, r->single ? STR("o| ") : STR("o{ "));
        put_entity(out, e, r->child);
        out_put(out, STR(" : "));
        put_label(out, r->key->name);
        out_byte(out, '\n');
    }
    return true;
}
