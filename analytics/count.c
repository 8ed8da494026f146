// Count: see count.h. Columns are found by name, so that an engine may add some.
#include "analytics/count.h"

#include "engine/data/collect.h"
#include <inttypes.h>

enum { QUERY_MAX = 1 << 16 };

// The first of several names that the result has.
static int column_named(const Collected *c, const char *const *names)
{
    for (; *names; names++) {
        int at = collected_column(c, *names);
        if (at >= 0) return at;
    }
    return -1;
}

static uint64_t count_cell(const Collected *c, uint64_t row, int column)
{
    int64_t value = collected_int(c, row, column, 0);
    return value > 0 ? (uint64_t)value : 0;
}

bool count_queries(QueryCounts *out, Source *s, Arena *mem, Err *err)
{
    static const char *const user[] = {"user_name", "user", NULL},
                             *const database[] = {"database_name", "database", NULL},
                             *const node[] = {"node", "node_name", NULL}, *const valid[] = {"valid", NULL},
                             *const invalid[] = {"invalid", NULL};
    *out = (QueryCounts){0};
    Collected c;
    if (!source_collect(s, STR("COUNT QUERIES"), mem, &c, err)) return false;
    int at[] = {column_named(&c, user), column_named(&c, database), column_named(&c, node),
                column_named(&c, valid), column_named(&c, invalid)};
    for (size_t i = 0; i < COUNT_OF(at); i++)
        if (at[i] < 0)
            return err_set(err, SQLSTATE_INTERNAL,
                           "COUNT QUERIES gave no column number %zu of the five known", i + 1);
    out->count = c.rows;
    out->at = arena_array(mem, QueryCount, c.rows + 1);
    for (uint64_t i = 0; i < c.rows; i++) {
        out->at[i] = (QueryCount){.user = collected_cell(&c, i, at[0]),
                                  .database = collected_cell(&c, i, at[1]),
                                  .node = collected_cell(&c, i, at[2]),
                                  .valid = count_cell(&c, i, at[3]),
                                  .invalid = count_cell(&c, i, at[4])};
        out->valid += out->at[i].valid;
        out->invalid += out->at[i].invalid;
    }
    return true;
}

bool count_updates(UpdateCounts *out, Source *s, Str database, Arena *mem, Err *err)
{
    static const char *const table[] = {"table_name", "table", NULL}, *const updates[] = {"updates", "count",
                                                                                          NULL};
    *out = (UpdateCounts){.database = arena_copy(mem, database)};
    Bytes query;
    bytes_init(&query, QUERY_MAX);
    bytes_put(&query, STR("COUNT UPDATE "));
    source_quote_name(&query, database);
    Collected c;
    bool ok = source_collect(s, bytes_str(&query), mem, &c, err);
    bytes_done(&query);
    if (!ok) return false;
    int name = column_named(&c, table), count = column_named(&c, updates);
    if (name < 0 || count < 0)
        return err_set(err, SQLSTATE_INTERNAL, "COUNT UPDATE gave no columns table_name and updates");
    out->count = c.rows;
    out->at = arena_array(mem, UpdateCount, c.rows + 1);
    for (uint64_t i = 0; i < c.rows; i++) {
        out->at[i] = (UpdateCount){collected_cell(&c, i, name), count_cell(&c, i, count)};
        out->updates += out->at[i].updates;
    }
    return true;
}

// vm1 → "Virtual Machine 1"
static void put_node(Str node, Bytes *out)
{
    uint64_t number;
    if (node.len > 2 && str_equal_fold(str_slice(node, 0, 2), STR("vm")) &&
        str_to_uint64(str_slice(node, 2, node.len), &number))
        bytes_printf(out, "Virtual Machine %" PRIu64, number);
    else
        bytes_put(out, node);
}

void count_query_sentence(const QueryCount *c, Bytes *out)
{
    uint64_t all = c->valid + c->invalid;
    bytes_put(out, STR("user "));
    bytes_put(out, c->user);
    bytes_printf(out, " submitted %" PRIu64 " %s for ", all, all == 1 ? "query" : "queries");
    bytes_put(out, c->database.len ? c->database : STR("no database"));
    bytes_put(out, STR(" running on "));
    put_node(c->node, out);
}

void count_update_sentence(const UpdateCount *c, Bytes *out)
{
    bytes_printf(out, "Total %" PRIu64 " Update operations are performed on ", c->updates);
    bytes_put(out, c->table);
}
