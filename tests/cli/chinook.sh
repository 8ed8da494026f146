#!/bin/sh
# Scripts that others wrote load whole: Chinook for PostgreSQL, MySQL and SQLite, seven files, table by table against the
# row counts that PostgreSQL gives. Without the corpus the same is asked of the program's own samples in four dialects.
. "${D2DB_ROOT:-$PWD}/tests/cli/steps.inc"
register
# counts DATABASE: "table rows" per line, names as one system writes them like the others.
counts() {
    sql "SELECT table_name FROM information_schema.tables WHERE table_catalog = '$1' AND table_schema = 'public'" --format tsv --no-header
    cp "$out" "$work/tables"
    : > "$work/all.sql"
    while read -r table; do
        echo "SELECT '$table' AS name, count(*) AS rows FROM \"$table\";" >> "$work/all.sql"
    done < "$work/tables"
    db sql -d "$1" -f "$work/all.sql" --format tsv --no-header
    tr -d '_' < "$out" | tr '[:upper:]	' '[:lower:] ' | LC_ALL=C sort > "$work/counts"
}
chinook=$D2DB_CORPORA/samples/chinook
if [ -n "$D2DB_CORPORA" ] && [ -d "$chinook" ]; then
    python3 -c '
import json, sys
tables = json.load(open(sys.argv[1]))["chinook"]["tables"]
for name, (rows, _) in tables.items():
    print(name.split(".")[1].replace("_", ""), rows)' "$D2DB_CORPORA/samples/ref.json" | LC_ALL=C sort > "$work/expected"
    holds "eleven tables are expected" [ "$(wc -l < "$work/expected")" -eq 11 ]
    for script in PostgreSql PostgreSql_AutoIncrementPKs PostgreSql_SerialPKs MySql MySql_AutoIncrementPKs; do
        db import -q "$chinook/Chinook_$script.sql"
        ends "Chinook_$script.sql" 0
    done
    for script in Sqlite Sqlite_AutoIncrementPKs; do
        db import -q -C -d "lite_$script" "$chinook/Chinook_$script.sql"
        ends "Chinook_$script.sql" 0
    done
    for database in chinook chinook_auto_increment chinook_serial Chinook Chinook_AutoIncrement lite_Sqlite lite_Sqlite_AutoIncrementPKs; do
        counts $database
        holds "$database has every row of every table" cmp -s "$work/counts" "$work/expected"
    done
    value "and the sum of all invoices" 'SELECT count(*), sum(total) FROM invoice' '412	2328.60' -d chinook
    value "and foreign keys, all of them everywhere" "SELECT count(*), min(n), max(n) FROM (SELECT database, count(*) AS n FROM d2db.foreign_keys GROUP BY database) k" '7	11	11'
    value "the sum is the same as SQLite's script tells it" 'SELECT count(*), sum("Total") FROM "Invoice"' '412	2328.60' -d lite_Sqlite_AutoIncrementPKs
    sql 'INSERT INTO "Album" VALUES (9999, $$x$$, 99999)' -d lite_Sqlite
    says "that hold" 23503
fi
for sample in library school; do
    db import -q -C -d $sample "$D2DB_ROOT/tui/samples/$sample.sql"
    ends "$sample.sql" 0
    awk '/^INSERT INTO/ { t = $3 } /^  \(/ { c[t]++ } END { for (t in c) print t, c[t] }' "$D2DB_ROOT/tui/samples/$sample.sql" |
        tr -d '_' | LC_ALL=C sort > "$work/expected"
    counts $sample
    holds "$sample has every row of every table" cmp -s "$work/counts" "$work/expected"
    for dialect in d2db postgres mysql sqlite; do
        db export $sample -o "$work/$sample.$dialect.sql" --dialect $dialect
        db import -q -C -d "${sample}_$dialect" "$work/$sample.$dialect.sql"
        ends "$sample by way of $dialect" 0
        counts "${sample}_$dialect"
        holds "has every row, too" cmp -s "$work/counts" "$work/expected"
    done
done
done_testing
