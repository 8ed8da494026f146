// The data model for Graphviz: one table node per table with a port per column, so that edges end at columns.
#include "export/erd_formats.h"

static void put_html(OutFile *out, Str s)
{
    for (size_t i = 0, from = 0; i <= s.len; i++) {
        const char *entity = NULL;
        if (i < s.len && s.at[i] == '<') entity = "&lt;";
        if (i < s.len && s.at[i] == '>') entity = "&gt;";
        if (i < s.len && s.at[i] == '&') entity = "&amp;";
        if (i < s.len && s.at[i] == '"') entity = "&quot;";
        if (i < s.len && !entity) continue;
        out_safe(out, str_slice(s, from, i - from));
        if (entity) out_put(out, str_of(entity));
        from = i + 1;
    }
}

static void put_table(OutFile *out, const CatalogTable *t, uint32_t table)
{
    out_printf(
        out, "  t%u [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\"><tr><td colspan=\"2\"><b>",
        table);
    put_html(out, t->name);
    out_put(out, STR("</b></td></tr>"));
    for (uint32_t i = 0; i < t->columns; i++) {
        out_printf(out, "<tr><td port=\"l%u\" align=\"left\">", i);
        out_put(out, catalog_in_primary(t, i) ? STR("◆ ") : catalog_in_foreign(t, i) ? STR("↗ ") : STR(""));
        put_html(out, t->column[i].name);
        out_printf(out, "</td><td port=\"r%u\" align=\"left\">", i);
        put_html(out, t->column[i].type_text);
        out_put(out, STR("</td></tr>"));
    }
    out_put(out, STR("</table>>];\n"));
}

bool erd_write_dot(const Erd *e, OutFile *out, Err *err)
{
    (void)err;
    out_put(out, STR("digraph model {\n  rankdir=LR;\n  node [shape=plaintext];\n  edge [dir=both];\n"));
    for (uint32_t i = 0; i < e->catalog.tables; i++) put_table(out, &e->catalog.table[i], i);
    for (uint32_t i = 0; i < e->relations; i++) {
        const ErdRelation *r = &e->relation[i];
        out_printf(out, "  t%u:r%u -> t%u:l%u [arrowtail=%s, arrowhead=%s];\n", r->parent,
                   r->key->parent_column[0], r->child, r->key->column[0], r->optional ? "teeodot" : "teetee",
                   r->single ? "teeodot" : "crowodot");
    }
    out_put(out, STR("}\n"));
    return true;
}
