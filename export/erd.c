// Erd: relationships from the catalog's foreign keys, and their measured cardinality by one GROUP BY each.
#include "export/erd.h"

#include "engine/data/collect.h"
#include <inttypes.h>

enum { ERD_QUERY_MAX = 4 << 20 };

static bool any_nullable(const CatalogTable *t, const CatalogForeignKey *key)
{
    for (uint32_t i = 0; i < key->columns; i++)
        if (t->column[key->column[i]].nullable) return true;
    return false;
}

void erd_of_catalog(Erd *out, const Catalog *c, Arena *mem)
{
    *out = (Erd){.catalog = *c};
    for (uint32_t i = 0; i < c->tables; i++) out->relations += c->table[i].foreigns;
    out->relation = arena_array(mem, ErdRelation, out->relations + 1);
    uint32_t at = 0;
    for (uint32_t i = 0; i < c->tables; i++) {
        const CatalogTable *t = &c->table[i];
        for (uint32_t k = 0; k < t->foreigns; k++)
            out->relation[at++] =
                (ErdRelation){.child = i,
                              .parent = t->foreign[k].parent,
                              .key = &t->foreign[k],
                              .optional = any_nullable(t, &t->foreign[k]),
                              .single = catalog_unique_on(t, t->foreign[k].column, t->foreign[k].columns)};
    }
}

static void put_key_columns(Bytes *text, const CatalogTable *t, const uint32_t *column, uint32_t columns,
                            Str between, Str behind)
{
    for (uint32_t i = 0; i < columns; i++) {
        if (i) bytes_put(text, between);
        source_quote_name(text, t->column[column[i]].name);
        bytes_put(text, behind);
    }
}

// SELECT count(*) FROM table WHERE the columns are not NULL [GROUP BY them]
static void put_count(Bytes *text, const CatalogTable *t, const uint32_t *column, uint32_t columns,
                      bool group)
{
    bytes_clear(text);
    bytes_put(text, STR("SELECT count(*) FROM "));
    catalog_quote_table(text, t);
    bytes_put(text, STR(" WHERE "));
    put_key_columns(text, t, column, columns, STR(" AND "), STR(" IS NOT NULL"));
    if (!group) return;
    bytes_put(text, STR(" GROUP BY "));
    put_key_columns(text, t, column, columns, STR(", "), STR(""));
}

typedef struct GroupCount {
    uint64_t groups, total, most;
} GroupCount;

static bool add_groups(void *self, const Batch *b)
{
    GroupCount *g = self;
    for (uint32_t i = 0; i < b->sel_len; i++) {
        Value v = vector_value(&b->vector[0], batch_row(b, i));
        uint64_t count = v.null || v.i64 < 0 ? 0 : (uint64_t)v.i64;
        g->groups++;
        g->total += count;
        if (count > g->most) g->most = count;
    }
    return true;
}

static bool measure_relation(const Erd *e, ErdRelation *r, Source *s, Bytes *text, Arena *mem, Err *err)
{
    const CatalogTable *child = &e->catalog.table[r->child], *parent = &e->catalog.table[r->parent];
    Collected one;
    put_count(text, parent, r->key->parent_column, r->key->columns, false);
    if (!source_collect(s, bytes_str(text), mem, &one, err)) return false;
    r->parents = (uint64_t)collected_int(&one, 0, 0, 0);
    GroupCount g = {0};
    ResultSink sink = {.self = &g, .rows = add_groups};
    put_count(text, child, r->key->column, r->key->columns, true);
    if (!source_run(s, bytes_str(text), &sink, err)) return false;
    r->measured = true;
    r->children = g.total;
    r->children_max = g.most;
    r->parents_childless = r->parents > g.groups ? r->parents - g.groups : 0;
    if (child->rows >= 0 && (uint64_t)child->rows > g.total)
        r->children_orphan = (uint64_t)child->rows - g.total;
    return true;
}

static bool measure(Erd *e, Source *s, const atomic_bool *stop, Err *err)
{
    Bytes text;
    Arena mem = {0};
    bytes_init(&text, ERD_QUERY_MAX);
    bool ok = true;
    for (uint32_t i = 0; i < e->relations && ok; i++) {
        arena_reset(&mem);
        ok = measure_relation(e, &e->relation[i], s, &text, &mem, err);
        if (ok && stop && *stop)
            ok = err_set(err, SQLSTATE_CANCELED, "the data model was stopped while it was measured");
    }
    arena_done(&mem);
    bytes_done(&text);
    return ok;
}

bool erd_read(Erd *out, Source *s, Str database, bool measured, const atomic_bool *stop, Arena *mem, Err *err)
{
    Catalog c;
    *out = (Erd){0};
    if (!catalog_use(s, database, err) || !catalog_read(&c, s, database, measured, mem, err)) return false;
    erd_of_catalog(out, &c, mem);
    return !measured || measure(out, s, stop, err);
}

const char *erd_children_text(const ErdRelation *r) { return r->single ? "0..1" : "0..n"; }
const char *erd_parents_text(const ErdRelation *r) { return r->optional ? "0..1" : "1"; }

void erd_relation_sentence(const Erd *e, const ErdRelation *r, Bytes *out)
{
    Str child = e->catalog.table[r->child].name, parent = e->catalog.table[r->parent].name;
    bytes_put(out, STR("one "));
    bytes_put(out, parent);
    bytes_put(out, r->single ? STR(" has 0..1 ") : STR(" has 0..n "));
    bytes_put(out, child);
    bytes_put(out, r->single ? STR(" row") : STR(" rows"));
    if (!r->measured) return;
    if (!r->parents) {
        bytes_put(out, STR(" (no parent rows)"));
        return;
    }
    bytes_printf(out, " (%.1f on average, %" PRIu64 " at most; ", (double)r->children / (double)r->parents,
                 r->children_max);
    if (!r->parents_childless)
        bytes_put(out, STR("none is without)"));
    else
        bytes_printf(out, "%" PRIu64 " of %" PRIu64 " without)", r->parents_childless, r->parents);
}
