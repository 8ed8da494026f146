// Kit: random schemas, rows and queries whose answers do not depend on chance: every query orders its rows by
// all of its columns, nothing overflows, nothing divides by zero. The same seed gives the same text. After
// Rigger, Su: "Testing Database Engines via Pivoted Query Synthesis" (OSDI 2020), "Ternary Logic
// Partitioning" (OOPSLA 2020), "Non-Optimizing Reference Engine Construction" (FSE 2020). Nouns: random_sql
#ifndef TESTS_UNIT_KIT_RANDOM_SQL_H
#define TESTS_UNIT_KIT_RANDOM_SQL_H

#include "engine/base/buf.h"
#include "engine/base/random.h"

enum { RANDOM_SQL_TABLES = 5, RANDOM_SQL_COLUMNS = 6 };

typedef enum RandomSqlType {
    RANDOM_SQL_INT,
    RANDOM_SQL_NUMERIC,
    RANDOM_SQL_TEXT,
    RANDOM_SQL_BOOL,
    RANDOM_SQL_DATE,
    RANDOM_SQL_TYPES
} RandomSqlType;

typedef struct RandomSql {
    Random random;
    Bytes *out;
    uint32_t aliases; // given so far
    uint32_t columns[RANDOM_SQL_TABLES];
    RandomSqlType type[RANDOM_SQL_TABLES][RANDOM_SQL_COLUMNS];
} RandomSql;

// Appends CREATE TABLE, CREATE INDEX and INSERT statements, each ended by ";\n".
void random_sql_schema(RandomSql *r, uint64_t seed, Bytes *out);
// One query without a semicolon.
void random_sql_query(RandomSql *r, Bytes *out);
// Three-valued logic: *whole is a query over some rows, *parts the same rows put together from those where a
// predicate is true, false and unknown. Both must give the same rows.
void random_sql_partition(RandomSql *r, Bytes *whole, Bytes *parts);
// Two counts of the rows for which a predicate holds: one that indexes and rules can speed up, and one that
// has to look at each row.
void random_sql_counts(RandomSql *r, Bytes *fast, Bytes *slow);

#endif
