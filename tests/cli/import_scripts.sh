#!/bin/sh
# The sample databases of others load whole: Chinook as written for PostgreSQL, MySQL and SQLite, seven scripts.
. "${D2DB_ROOT:-$PWD}/tests/cli/kit.inc"
cd "$work" || exit 1
chinook=$D2DB_CORPORA/samples/chinook
if [ ! -d "$chinook" ]; then
    skip "Chinook" "the corpus is not here"
    done_testing
    exit
fi
d2db user add alice 2>/dev/null
sums() { # rows and the sum of invoices, whatever the names are called
    d2db sql -d "$1" --format csv -n -c "SELECT count(*) FROM $2; SELECT count(*), sum($4) FROM $3" | tr '\n' ' '
}
for script in PostgreSql PostgreSql_AutoIncrementPKs PostgreSql_SerialPKs MySql MySql_AutoIncrementPKs; do
    ok "Chinook_$script.sql" d2db import -q "$chinook/Chinook_$script.sql"
done
for script in Sqlite Sqlite_AutoIncrementPKs; do
    ok "Chinook_$script.sql" d2db import -q -C -d "lite_$script" "$chinook/Chinook_$script.sql"
done
expected="8715 412,2328.60 "
for db in chinook chinook_auto_increment chinook_serial; do
    is "$db is whole" "$(sums $db playlist_track invoice total)" "$expected"
done
for db in Chinook Chinook_AutoIncrement lite_Sqlite lite_Sqlite_AutoIncrementPKs; do
    is "$db is whole" "$(sums $db '"PlaylistTrack"' '"Invoice"' '"Total"')" "$expected"
    is "$db has its foreign keys" \
        "$(d2db sql -d $db --format csv -n -c "SELECT count(*) FROM d2db.foreign_keys WHERE database = '$db'")" 11
done
status "a child without a parent is refused there too" 1 d2db sql -d lite_Sqlite -c 'INSERT INTO "Album" VALUES (9999, $$x$$, 99999)'
has "by the key's state" 23503 err
done_testing
