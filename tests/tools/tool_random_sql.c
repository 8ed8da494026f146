// tool_random_sql SEED QUERIES: a psql script: a random schema in a schema of its own, then queries, with a
// line
// "--- N" before each answer. The same seed gives the same script.
#include "tests/unit/kit_random_sql.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: tool_random_sql SEED QUERIES\n", stderr);
        return 2;
    }
    RandomSql r;
    Bytes out;
    bytes_init(&out, (size_t)1 << 30);
    bytes_printf(&out, "CREATE SCHEMA s%s;\nSET search_path = s%s;\n", argv[1], argv[1]);
    random_sql_schema(&r, strtoull(argv[1], NULL, 10), &out);
    for (long i = 1, count = strtol(argv[2], NULL, 10); i <= count; i++) {
        bytes_printf(&out, "\\echo --- %ld\n", i);
        random_sql_query(&r, &out);
        bytes_put(&out, STR(";\n"));
    }
    bool ok = !out.failed && fwrite(out.at, 1, out.len, stdout) == out.len;
    bytes_done(&out);
    return ok ? 0 : 1;
}
