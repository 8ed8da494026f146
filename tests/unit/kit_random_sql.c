// Kit: the generator. A scope is the list of columns that an expression may use; each query makes its own and
// may look at the enclosing one.
#include "tests/unit/kit_random_sql.h"

#include <stdio.h>
#include <string.h>

enum { SCOPE_MAX = 64, NAME_SIZE = 24, DEPTH_MAX = 3, ROWS_MAX = 40 };

typedef struct Column {
    char name[NAME_SIZE];
    RandomSqlType type;
} Column;

typedef struct Scope {
    const struct Scope *outer;
    uint32_t count;
    Column column[SCOPE_MAX];
} Scope;

static uint32_t below(RandomSql *r, uint32_t n) { return (uint32_t)random_below(&r->random, n); }
static bool chance(RandomSql *r, uint32_t percent) { return below(r, 100) < percent; }
static void put(RandomSql *r, const char *text) { bytes_put(r->out, str_of(text)); }

static const char *pick(RandomSql *r, const char *const *list)
{
    uint32_t n = 0;
    while (list[n]) n++;
    return list[below(r, n)];
}
#define PICK(r, ...) pick(r, (const char *const[]){__VA_ARGS__, NULL})

static RandomSqlType any_type(RandomSql *r)
{
    static const RandomSqlType often[] = {RANDOM_SQL_INT,     RANDOM_SQL_INT,  RANDOM_SQL_INT,
                                          RANDOM_SQL_NUMERIC, RANDOM_SQL_TEXT, RANDOM_SQL_TEXT,
                                          RANDOM_SQL_BOOL,    RANDOM_SQL_DATE};
    return often[below(r, COUNT_OF(often))];
}

// ---- constants and rows ----

static void put_constant(RandomSql *r, RandomSqlType type)
{
    switch (type) {
    case RANDOM_SQL_INT: bytes_printf(r->out, "%d", (int)below(r, 12) - 3); break;
    case RANDOM_SQL_NUMERIC: bytes_printf(r->out, "%d.%02u", (int)below(r, 9) - 3, below(r, 4) * 25); break;
    case RANDOM_SQL_TEXT:
        put(r, PICK(r, "'a'", "'b'", "'ab'", "''", "'B'", "'a_c'", "'ünï'", "'zz%'"));
        break;
    case RANDOM_SQL_BOOL: put(r, chance(r, 50) ? "true" : "false"); break;
    default: bytes_printf(r->out, "date '2024-0%u-%02u'", below(r, 3) + 1, below(r, 5) + 24); break;
    }
}

static void put_cell(RandomSql *r, RandomSqlType type)
{
    if (chance(r, 15))
        put(r, "NULL");
    else if (type == RANDOM_SQL_DATE)
        bytes_printf(r->out, "'2024-0%u-%02u'", below(r, 3) + 1, below(r, 28) + 1);
    else
        put_constant(r, type);
}

static void put_rows(RandomSql *r, uint32_t table)
{
    uint32_t rows = chance(r, 10) ? 0 : below(r, ROWS_MAX);
    for (uint32_t i = 0; i < rows; i++) {
        bytes_printf(r->out, "%s(%u", i ? ", " : "", i + 1);
        for (uint32_t c = 1; c < r->columns[table]; c++) {
            put(r, ", ");
            put_cell(r, r->type[table][c]);
        }
        put(r, ")");
    }
}

void random_sql_schema(RandomSql *r, uint64_t seed, Bytes *out)
{
    static const char *const type[] = {"integer", "numeric(8,2)", "text", "boolean", "date"};
    *r = (RandomSql){.out = out};
    random_seed(&r->random, seed);
    for (uint32_t t = 0; t < RANDOM_SQL_TABLES; t++) {
        r->columns[t] = 2 + below(r, RANDOM_SQL_COLUMNS - 1);
        r->type[t][0] = RANDOM_SQL_INT;
        bytes_printf(out, "CREATE TABLE t%u (c0 integer %s", t, chance(r, 70) ? "PRIMARY KEY" : "NOT NULL");
        for (uint32_t c = 1; c < r->columns[t]; c++) {
            r->type[t][c] = any_type(r);
            bytes_printf(out, ", c%u %s", c, type[r->type[t][c]]);
        }
        put(r, ");\n");
        for (uint32_t i = below(r, 3); i > 0; i--)
            bytes_printf(out, "CREATE INDEX i%llu_%u ON t%u (c%u);\n", (unsigned long long)seed, r->aliases++,
                         t, below(r, r->columns[t]));
        size_t before = out->len;
        bytes_printf(out, "INSERT INTO t%u VALUES ", t);
        size_t head = out->len;
        put_rows(r, t);
        if (out->len == head)
            out->len = before;
        else
            put(r, ";\n");
        if (chance(r, 30)) bytes_printf(out, "DELETE FROM t%u WHERE c0 %% 5 = %u;\n", t, below(r, 5));
        if (chance(r, 30))
            bytes_printf(out, "UPDATE t%u SET c%u = NULL WHERE c0 %% 7 = %u;\n", t,
                         1 + below(r, r->columns[t] - 1), below(r, 7));
    }
}

// ---- expressions ----

static void put_expr(RandomSql *r, const Scope *s, RandomSqlType type, uint32_t depth);
static void put_predicate(RandomSql *r, const Scope *s, uint32_t depth);
static void put_from(RandomSql *r, Scope *s, uint32_t depth);
static void put_select(RandomSql *r, const Scope *outer, const RandomSqlType *type, uint32_t columns,
                       uint32_t depth);

static bool put_column(RandomSql *r, const Scope *s, RandomSqlType type)
{
    const Column *found[SCOPE_MAX * 2];
    uint32_t count = 0;
    for (const Scope *level = s; level && count < SCOPE_MAX; level = level->outer)
        for (uint32_t i = 0; i < level->count && count < SCOPE_MAX * 2; i++)
            if (level->column[i].type == type) found[count++] = &level->column[i];
    if (!count) return false;
    put(r, found[below(r, count)]->name);
    return true;
}

static void put_atom(RandomSql *r, const Scope *s, RandomSqlType type)
{
    if (chance(r, 80) && put_column(r, s, type)) return;
    if (chance(r, 6)) {
        static const char *const null[] = {"CAST(NULL AS integer)", "CAST(NULL AS numeric)",
                                           "CAST(NULL AS text)", "CAST(NULL AS boolean)",
                                           "CAST(NULL AS date)"};
        put(r, null[type]);
        return;
    }
    put_constant(r, type);
}

static void put_call(RandomSql *r, const Scope *s, const char *before, RandomSqlType type,
                     const char *between, RandomSqlType second, const char *after, uint32_t depth)
{
    put(r, before);
    put_expr(r, s, type, depth + 1);
    put(r, between);
    put_expr(r, s, second, depth + 1);
    put(r, after);
}

static void put_case(RandomSql *r, const Scope *s, RandomSqlType type, uint32_t depth)
{
    put(r, "CASE WHEN ");
    put_predicate(r, s, depth + 1);
    put_call(r, s, " THEN ", type, " ELSE ", type, " END", depth);
}

static void put_int(RandomSql *r, const Scope *s, uint32_t depth)
{
    switch (below(r, 9)) {
    case 0: put_call(r, s, "(", RANDOM_SQL_INT, " + ", RANDOM_SQL_INT, ")", depth); break;
    case 1: put_call(r, s, "(", RANDOM_SQL_INT, " - ", RANDOM_SQL_INT, ")", depth); break;
    case 2:
        put(r, "(");
        put_expr(r, s, RANDOM_SQL_INT, depth + 1);
        bytes_printf(r->out, " %s %u)", PICK(r, "%", "/", "*"), 2 + below(r, 4));
        break;
    case 3: put_call(r, s, "coalesce(", RANDOM_SQL_INT, ", ", RANDOM_SQL_INT, ")", depth); break;
    case 4: put_call(r, s, "nullif(", RANDOM_SQL_INT, ", ", RANDOM_SQL_INT, ")", depth); break;
    case 5: put_call(r, s, "greatest(", RANDOM_SQL_INT, ", ", RANDOM_SQL_INT, ")", depth); break;
    case 6:
        put(r, "abs(");
        put_expr(r, s, RANDOM_SQL_INT, depth + 1);
        put(r, ")");
        break;
    case 7:
        put(r, "length(");
        put_expr(r, s, RANDOM_SQL_TEXT, depth + 1);
        put(r, ")");
        break;
    default: put_call(r, s, "(", RANDOM_SQL_DATE, " - ", RANDOM_SQL_DATE, ")", depth); break;
    }
}

static void put_text(RandomSql *r, const Scope *s, uint32_t depth)
{
    switch (below(r, 5)) {
    case 0: put_call(r, s, "(", RANDOM_SQL_TEXT, " || ", RANDOM_SQL_TEXT, ")", depth); break;
    case 1:
        put(r, PICK(r, "upper(", "lower(", "trim(", "reverse("));
        put_expr(r, s, RANDOM_SQL_TEXT, depth + 1);
        put(r, ")");
        break;
    case 2: put_call(r, s, "coalesce(", RANDOM_SQL_TEXT, ", ", RANDOM_SQL_TEXT, ")", depth); break;
    case 3:
        put(r, "substr(");
        put_expr(r, s, RANDOM_SQL_TEXT, depth + 1);
        bytes_printf(r->out, ", %u, %u)", 1 + below(r, 3), below(r, 3));
        break;
    default:
        put(r, "CAST(");
        put_expr(r, s, RANDOM_SQL_INT, depth + 1);
        put(r, " AS text)");
        break;
    }
}

// An aggregate without GROUP BY always gives one row.
static void put_scalar(RandomSql *r, const Scope *s, RandomSqlType type, uint32_t depth)
{
    Scope inner = {.outer = s};
    Bytes *out = r->out, from;
    bytes_init(&from, 1 << 20);
    r->out = &from;
    put_from(r, &inner, depth + 1);
    r->out = out;
    put(r, type == RANDOM_SQL_INT && chance(r, 40) ? "(SELECT CAST(count("
                                                   : PICK(r, "(SELECT max(", "(SELECT min("));
    bool count = str_ends(bytes_str(out), STR("count("));
    Scope own = inner;
    own.outer = NULL; // else it would be an aggregate of the enclosing query
    put_expr(r, &own, type, depth + 2);
    put(r, count ? ") AS integer) FROM " : ") FROM ");
    bytes_put(out, bytes_str(&from));
    if (chance(r, 70)) {
        put(r, " WHERE ");
        put_predicate(r, &inner, depth + 2);
    }
    put(r, ")");
    bytes_done(&from);
}

static void put_expr(RandomSql *r, const Scope *s, RandomSqlType type, uint32_t depth)
{
    if (depth >= DEPTH_MAX || chance(r, 45)) {
        put_atom(r, s, type);
    } else if (type != RANDOM_SQL_BOOL && chance(r, 12)) {
        put_scalar(r, s, type, depth);
    } else if (chance(r, 15)) {
        put_case(r, s, type, depth);
    } else if (type == RANDOM_SQL_INT) {
        put_int(r, s, depth);
    } else if (type == RANDOM_SQL_TEXT) {
        put_text(r, s, depth);
    } else if (type == RANDOM_SQL_NUMERIC) {
        put_call(r, s, "(", RANDOM_SQL_NUMERIC, PICK(r, " + ", " - "),
                 chance(r, 50) ? RANDOM_SQL_NUMERIC : RANDOM_SQL_INT, ")", depth);
    } else if (type == RANDOM_SQL_DATE) {
        put_call(r, s, "(", RANDOM_SQL_DATE, " + ", RANDOM_SQL_INT, ")", depth);
    } else {
        put(r, "(");
        put_predicate(r, s, depth + 1);
        put(r, ")");
    }
}

static void put_subquery_test(RandomSql *r, const Scope *s, uint32_t depth)
{
    RandomSqlType type = any_type(r);
    uint32_t kind = below(r, 4);
    if (kind == 0) {
        put(r, chance(r, 40) ? "NOT EXISTS (" : "EXISTS (");
        put_select(r, s, &type, 1, depth + 1);
    } else if (kind == 1) {
        put_expr(r, s, type, depth + 1);
        put(r, chance(r, 40) ? " NOT IN (" : " IN (");
        put_select(r, s, &type, 1, depth + 1);
    } else {
        put_expr(r, s, type, depth + 1);
        bytes_printf(r->out, " %s %s (", PICK(r, "=", "<>", "<", ">=", ">"), PICK(r, "ANY", "ALL"));
        put_select(r, s, &type, 1, depth + 1);
    }
    put(r, ")");
}

static void put_comparison(RandomSql *r, const Scope *s, uint32_t depth)
{
    RandomSqlType type = any_type(r);
    put_expr(r, s, type, depth + 1);
    bytes_printf(r->out, " %s ",
                 PICK(r, "=", "=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"));
    put_expr(r, s, type, depth + 1);
}

static void put_simple_test(RandomSql *r, const Scope *s, uint32_t depth)
{
    RandomSqlType type = any_type(r);
    switch (below(r, 5)) {
    case 0:
        put_expr(r, s, type, depth + 1);
        put(r, PICK(r, " IS NULL", " IS NOT NULL"));
        break;
    case 1:
        put_expr(r, s, type, depth + 1);
        put(r, PICK(r, " BETWEEN ", " NOT BETWEEN "));
        put_call(r, s, "", type, " AND ", type, "", depth);
        break;
    case 2:
        put_expr(r, s, type, depth + 1);
        put(r, PICK(r, " IN (", " NOT IN ("));
        put_call(r, s, "", type, ", ", type, ")", depth);
        break;
    case 3:
        put_expr(r, s, RANDOM_SQL_TEXT, depth + 1);
        bytes_printf(r->out, "%s '%s'", PICK(r, " LIKE", " NOT LIKE", " ILIKE"),
                     PICK(r, "a%", "%b", "_", "%", "a\\_c", "%ü%"));
        break;
    default:
        put_expr(r, s, RANDOM_SQL_BOOL, depth + 1);
        put(r, PICK(r, " IS TRUE", " IS NOT TRUE", " IS FALSE", " IS UNKNOWN", " IS NOT UNKNOWN"));
        break;
    }
}

static void put_predicate(RandomSql *r, const Scope *s, uint32_t depth)
{
    uint32_t kind = depth >= DEPTH_MAX ? 4 + below(r, 6) : below(r, 10);
    if (kind <= 2) {
        put(r, kind == 2 ? "NOT (" : "(");
        put_predicate(r, s, depth + 1);
        if (kind != 2) {
            put(r, kind ? " AND " : " OR ");
            put_predicate(r, s, depth + 1);
        }
        put(r, ")");
    } else if (kind == 3) {
        put(r, "(");
        put_subquery_test(r, s, depth);
        put(r, ")");
    } else {
        put(r, "(");
        if (kind < 7)
            put_comparison(r, s, depth);
        else
            put_simple_test(r, s, depth);
        put(r, ")");
    }
}

// ---- FROM ----

static void scope_add(Scope *s, const char *alias, const char *column, RandomSqlType type)
{
    if (s->count == SCOPE_MAX) return;
    Column *c = &s->column[s->count++];
    snprintf(c->name, sizeof c->name, "%.10s.%.10s", alias, column);
    c->type = type;
}

static void put_item(RandomSql *r, Scope *s, uint32_t depth)
{
    char alias[NAME_SIZE], column[NAME_SIZE];
    snprintf(alias, sizeof alias, "x%u", r->aliases++);
    if (depth >= DEPTH_MAX || chance(r, 75)) {
        uint32_t t = below(r, RANDOM_SQL_TABLES);
        bytes_printf(r->out, "t%u %s", t, alias);
        for (uint32_t c = 0; c < r->columns[t]; c++) {
            snprintf(column, sizeof column, "c%u", c);
            scope_add(s, alias, column, r->type[t][c]);
        }
        return;
    }
    RandomSqlType type[3] = {RANDOM_SQL_INT};
    uint32_t columns = 1 + below(r, 3);
    for (uint32_t i = 0; i < columns; i++) type[i] = any_type(r);
    put(r, "(");
    put_select(r, NULL, type, columns, depth + 1);
    bytes_printf(r->out, ") %s(", alias);
    for (uint32_t i = 0; i < columns; i++) {
        snprintf(column, sizeof column, "d%u", i);
        bytes_printf(r->out, "%s%s", i ? ", " : "", column);
        scope_add(s, alias, column, type[i]);
    }
    put(r, ")");
}

// An equality that a hash join can use, most of the time: FULL JOIN takes no other in PostgreSQL.
static void put_join_condition(RandomSql *r, const Scope *left, const Scope *right, const Scope *both,
                               bool full)
{
    for (uint32_t tries = 0; tries < 20; tries++) {
        const Column *a = &left->column[below(r, left->count)], *b = &right->column[below(r, right->count)];
        if (a->type != b->type) continue;
        bytes_printf(r->out, "%s = %s", a->name, b->name);
        if (!full && chance(r, 30)) {
            put(r, " AND ");
            put_predicate(r, both, DEPTH_MAX - 1);
        }
        return;
    }
    put(r, full ? "true" : "");
    if (!full) put_predicate(r, both, DEPTH_MAX - 1);
}

static void put_from(RandomSql *r, Scope *s, uint32_t depth)
{
    uint32_t items = depth >= DEPTH_MAX ? 1 : 1 + below(r, 3);
    put_item(r, s, depth);
    for (uint32_t i = 1; i < items; i++) {
        const char *join =
            PICK(r, " JOIN ", " JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ", " CROSS JOIN ");
        Scope right = {0}, left = *s;
        put(r, join);
        put_item(r, &right, depth + 1);
        for (uint32_t c = 0; c < right.count && s->count < SCOPE_MAX; c++)
            s->column[s->count++] = right.column[c];
        if (strstr(join, "CROSS")) continue;
        put(r, " ON ");
        // No outer columns in ON: some engines refuse them where others do not.
        Scope both = *s;
        both.outer = NULL;
        put_join_condition(r, &left, &right, &both, strstr(join, "FULL") != NULL);
    }
}

// ---- queries ----

static void put_aggregate(RandomSql *r, const Scope *scope, RandomSqlType type, uint32_t depth)
{
    Scope own = *scope, *s = &own;
    own.outer = NULL; // else it would be an aggregate of the enclosing query
    if (type == RANDOM_SQL_INT && chance(r, 60)) {
        bytes_printf(r->out, "CAST(%s(%s", PICK(r, "count", "sum", "count"),
                     chance(r, 25) ? "DISTINCT " : "");
        put_expr(r, s, RANDOM_SQL_INT, depth + 1);
        put(r, ")");
        if (chance(r, 25)) {
            put(r, " FILTER (WHERE ");
            put_predicate(r, s, depth + 2);
            put(r, ")");
        }
        put(r, " AS integer)");
        return;
    }
    put(r, type == RANDOM_SQL_BOOL ? PICK(r, "bool_and(", "bool_or(") : PICK(r, "min(", "max("));
    put_expr(r, s, type, depth + 1);
    put(r, ")");
}

// Ranks and sums whose value does not depend on how ties are ordered.
static void put_window(RandomSql *r, const Scope *s, uint32_t depth)
{
    put(r, "CAST(");
    const char *name = PICK(r, "rank()", "dense_rank()", "count(*)", "sum(");
    put(r, name);
    if (str_ends(str_of(name), STR("("))) {
        put_expr(r, s, RANDOM_SQL_INT, depth + 1);
        put(r, ")");
    }
    put(r, " OVER (");
    if (chance(r, 60)) {
        put(r, "PARTITION BY ");
        put_expr(r, s, any_type(r), depth + 1);
        put(r, " ");
    }
    put(r, "ORDER BY ");
    put_expr(r, s, any_type(r), depth + 1);
    put(r, PICK(r, "", " DESC", " NULLS FIRST"));
    put(r, ") AS integer)");
}

static void put_where(RandomSql *r, const Scope *s, uint32_t depth)
{
    if (chance(r, 30)) return;
    put(r, " WHERE ");
    put_predicate(r, s, depth);
}

static void put_grouped(RandomSql *r, const Scope *s, const char *from, const RandomSqlType *type,
                        uint32_t columns, uint32_t depth)
{
    char group[2][NAME_SIZE];
    RandomSqlType group_type[2];
    uint32_t groups = s->count ? below(r, 3) : 0;
    for (uint32_t i = 0; i < groups; i++) {
        const Column *c = &s->column[below(r, s->count)];
        memcpy(group[i], c->name, sizeof group[i]);
        group_type[i] = c->type;
    }
    for (uint32_t i = 0; i < columns; i++) {
        uint32_t g = 0;
        while (g < groups && group_type[g] != type[i]) g++;
        put(r, i ? ", " : "");
        if (g < groups && chance(r, 60))
            put(r, group[g]);
        else
            put_aggregate(r, s, type[i], depth);
    }
    bytes_printf(r->out, " FROM %s", from);
    put_where(r, s, depth);
    for (uint32_t i = 0; i < groups; i++) bytes_printf(r->out, "%s%s", i ? ", " : " GROUP BY ", group[i]);
    if (chance(r, 25)) {
        bytes_printf(r->out, " HAVING count(*) %s %u", PICK(r, ">", "<=", "<>"), below(r, 4));
    }
}

static void put_plain(RandomSql *r, const Scope *s, const char *from, const RandomSqlType *type,
                      uint32_t columns, uint32_t depth)
{
    if (chance(r, 20)) put(r, "DISTINCT ");
    for (uint32_t i = 0; i < columns; i++) {
        put(r, i ? ", " : "");
        if (type[i] == RANDOM_SQL_INT && depth == 0 && chance(r, 15))
            put_window(r, s, depth);
        else
            put_expr(r, s, type[i], depth);
    }
    bytes_printf(r->out, " FROM %s", from);
    put_where(r, s, depth);
}

// SELECT or a set operation without ORDER BY.
static void put_select(RandomSql *r, const Scope *outer, const RandomSqlType *type, uint32_t columns,
                       uint32_t depth)
{
    uint32_t parts = depth < 2 && chance(r, 12) ? 2 : 1;
    for (uint32_t i = 0; i < parts; i++) {
        Scope s = {.outer = outer};
        Bytes *out = r->out, from;
        bytes_init(&from, 1 << 20);
        r->out = &from;
        put_from(r, &s, depth);
        r->out = out;
        if (i)
            bytes_printf(out, " %s%s ", PICK(r, "UNION", "INTERSECT", "EXCEPT"), chance(r, 40) ? " ALL" : "");
        put(r, "SELECT ");
        bool grouped = chance(r, 25);
        if (grouped)
            put_grouped(r, &s, from.at, type, columns, depth);
        else
            put_plain(r, &s, from.at, type, columns, depth);
        bytes_done(&from);
    }
}

static void put_order(RandomSql *r, uint32_t columns)
{
    for (uint32_t i = 0; i < columns; i++)
        bytes_printf(r->out, "%s%u%s", i ? ", " : " ORDER BY ", i + 1,
                     PICK(r, "", "", " DESC", " NULLS FIRST", " DESC NULLS LAST"));
    if (chance(r, 25)) bytes_printf(r->out, " LIMIT %u", below(r, 8));
    if (chance(r, 15)) bytes_printf(r->out, " OFFSET %u", below(r, 5));
}

void random_sql_query(RandomSql *r, Bytes *out)
{
    RandomSqlType type[4] = {RANDOM_SQL_INT};
    uint32_t columns = 1 + below(r, 4);
    r->out = out;
    for (uint32_t i = 0; i < columns; i++) type[i] = any_type(r);
    if (chance(r, 12)) {
        // The same query read twice, by name.
        put(r, "WITH w(a, b) AS (");
        put_select(r, NULL, (const RandomSqlType[]){RANDOM_SQL_INT, RANDOM_SQL_TEXT}, 2, DEPTH_MAX);
        bytes_printf(out, ") SELECT p.a, q.b FROM w p %s w q ON p.a = q.a", PICK(r, "JOIN", "LEFT JOIN"));
        columns = 2;
    } else {
        put_select(r, NULL, type, columns, 0);
    }
    put_order(r, columns);
}

// ---- without an oracle ----

static void from_and_predicate(RandomSql *r, Bytes *from, Bytes *predicate, Scope *s)
{
    bytes_init(from, 1 << 20);
    bytes_init(predicate, 1 << 20);
    r->out = from;
    put_from(r, s, 0);
    r->out = predicate;
    put_predicate(r, s, 0);
}

void random_sql_partition(RandomSql *r, Bytes *whole, Bytes *parts)
{
    static const char *const third[] = {"%s", "NOT (%s)", "(%s) IS NULL"};
    Bytes from, predicate, list;
    Scope s = {0};
    from_and_predicate(r, &from, &predicate, &s);
    bytes_init(&list, 1 << 20);
    r->out = &list;
    for (uint32_t i = 0; i < 3; i++) {
        put(r, i ? ", " : "");
        put_expr(r, &s, any_type(r), 1);
    }
    bytes_printf(whole, "SELECT %s FROM %s ORDER BY 1, 2, 3", list.at, from.at);
    for (size_t i = 0; i < COUNT_OF(third); i++) {
        bytes_printf(parts, "%sSELECT %s FROM %s WHERE ", i ? " UNION ALL " : "", list.at, from.at);
        Str form = str_of(third[i]);
        size_t at = str_find(form, STR("%s"), 0);
        bytes_put(parts, str_slice(form, 0, at));
        bytes_put(parts, bytes_str(&predicate));
        bytes_put(parts, str_slice(form, at + 2, form.len));
    }
    bytes_put(parts, STR(" ORDER BY 1, 2, 3"));
    bytes_done(&from);
    bytes_done(&predicate);
    bytes_done(&list);
}

void random_sql_counts(RandomSql *r, Bytes *fast, Bytes *slow)
{
    Bytes from, predicate;
    Scope s = {0};
    from_and_predicate(r, &from, &predicate, &s);
    bytes_printf(fast, "SELECT count(*) FROM %s WHERE %s", from.at, predicate.at);
    bytes_printf(slow, "SELECT coalesce(sum(CASE WHEN %s THEN 1 ELSE 0 END), 0) FROM %s", predicate.at,
                 from.at);
    bytes_done(&from);
    bytes_done(&predicate);
}
