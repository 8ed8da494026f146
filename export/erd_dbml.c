// The data model as DBML, which keeps keys down to the column, composite ones too.
#include "export/erd_formats.h"

static void put_name(OutFile *out, Str s)
{
    out_byte(out, '"');
    for (size_t i = 0, from = 0; i <= s.len; i++) {
        bool special = i < s.len && (s.at[i] == '"' || s.at[i] == '\\');
        if (i < s.len && !special) continue;
        out_safe(out, str_slice(s, from, i - from));
        if (special) out_byte(out, '\\'), out_byte(out, s.at[i]);
        from = i + 1;
    }
    out_byte(out, '"');
}

static void put_columns(OutFile *out, const CatalogTable *t, const uint32_t *column, uint32_t columns)
{
    out_byte(out, '(');
    for (uint32_t i = 0; i < columns; i++) {
        if (i) out_put(out, STR(", "));
        put_name(out, t->column[column[i]].name);
    }
    out_byte(out, ')');
}

static void put_table(OutFile *out, const CatalogTable *t)
{
    out_put(out, STR("Table "));
    put_name(out, t->name);
    out_put(out, STR(" {\n"));
    for (uint32_t i = 0; i < t->columns; i++) {
        const CatalogColumn *c = &t->column[i];
        out_put(out, STR("  "));
        put_name(out, c->name);
        out_byte(out, ' ');
        put_name(out, c->type_text);
        if (!c->nullable || c->identity) {
            out_put(out, c->nullable ? STR(" [") : STR(" [not null"));
            if (c->identity) out_put(out, c->nullable ? STR("increment") : STR(", increment"));
            out_byte(out, ']');
        }
        out_byte(out, '\n');
    }
    if (t->keys) out_put(out, STR("  indexes {\n"));
    for (uint32_t i = 0; i < t->keys; i++) {
        out_put(out, STR("    "));
        put_columns(out, t, t->key[i].column, t->key[i].columns);
        out_put(out, t->key[i].primary ? STR(" [pk]\n") : STR(" [unique]\n"));
    }
    if (t->keys) out_put(out, STR("  }\n"));
    out_put(out, STR("}\n\n"));
}

bool erd_write_dbml(const Erd *e, OutFile *out, Err *err)
{
    (void)err;
    for (uint32_t i = 0; i < e->catalog.tables; i++) put_table(out, &e->catalog.table[i]);
    for (uint32_t i = 0; i < e->relations; i++) {
        const ErdRelation *r = &e->relation[i];
        const CatalogTable *child = &e->catalog.table[r->child], *parent = &e->catalog.table[r->parent];
        out_put(out, STR("Ref "));
        put_name(out, r->key->name);
        out_put(out, STR(": "));
        put_name(out, child->name);
        out_byte(out, '.');
        put_columns(out, child, r->key->column, r->key->columns);
        out_put(out, r->single ? STR(" - ") : STR(" > "));
        put_name(out, parent->name);
        out_byte(out, '.');
        put_columns(out, parent, r->key->parent_column, r->key->columns);
        out_byte(out, '\n');
    }
    return true;
}
