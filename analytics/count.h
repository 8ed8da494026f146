// Count: the two counts of the assignment (queries by user, database and node; updates by table), asked
// through a Source and told in its words. Relies on base, data.
#ifndef ANALYTICS_COUNT_H
#define ANALYTICS_COUNT_H

#include "engine/data/source.h"

typedef struct QueryCount {
    Str user, database, node; // database may be empty: none was chosen
    uint64_t valid, invalid;
} QueryCount;
typedef struct QueryCounts {
    QueryCount *at;
    size_t count;
    uint64_t valid, invalid; // totals
} QueryCounts;

typedef struct UpdateCount {
    Str table;
    uint64_t updates; // successful UPDATE statements, committed
} UpdateCount;
typedef struct UpdateCounts {
    Str database;
    UpdateCount *at;
    size_t count;
    uint64_t updates; // total
} UpdateCounts;

// COUNT QUERIES and COUNT UPDATE database.
MUST_CHECK bool count_queries(QueryCounts *out, Source *s, Arena *mem, Err *err);
MUST_CHECK bool count_updates(UpdateCounts *out, Source *s, Str database, Arena *mem, Err *err);
// "user SDEY submitted 10 queries for DB1 running on Virtual Machine 1" (vm1 is written so; another node by
// its name)
void count_query_sentence(const QueryCount *c, Bytes *out);
// "Total 9 Update operations are performed on Employee"
void count_update_sentence(const UpdateCount *c, Bytes *out);

#endif
