#!/bin/sh
# Exports load into PostgreSQL, SQLite and back into d2db without an error, and the values there are equal, not only the text.
. "${D2DB_ROOT:-$PWD}/tests/cli/kit.inc"
cd "$work" || exit 1

d2db user add alice 2>/dev/null
cp "$D2DB_ROOT/tests/cli/edge.sql" "$D2DB_ROOT"/tui/samples/*.sql .
[ ! -e "$D2DB_CORPORA/samples/chinook" ] || cp "$D2DB_CORPORA/samples/chinook/Chinook_PostgreSql.sql" chinook.sql
start_postgres && have_postgres=1 || have_postgres=

tables_of() { d2db sql -d "$1" --format csv -n -c "SELECT table_name FROM information_schema.tables WHERE table_catalog = '$1' AND table_schema = 'public' ORDER BY 1"; }
quoted() { printf '"%s"' "$(printf %s "$1" | sed 's/"/""/g')"; }
# A table's rows as both systems print them, sorted: csv with NULL as ~, so that it differs from empty.
ours() { d2db sql -q -d "$1" --format tsv -n -c "SELECT * FROM $(quoted "$2")" </dev/null | LC_ALL=C sort; }
theirs() { postgres -d "$1" -c "COPY (SELECT * FROM $(quoted "$2")) TO STDOUT" </dev/null | sed 's/\\v/\v/g; s/\\b/\x08/g; s/\\f/\f/g' | LC_ALL=C sort; }

equal_in_postgres() {
    tables_of "$1" >tables.txt # one process at a time has the directory
    while read -r table; do
        ours "$1" "$table" >ours.txt
        theirs "$1" "$table" >theirs.txt
        cmp -s ours.txt theirs.txt || { echo "table $table"; diff ours.txt theirs.txt | head -n 10; return 1; }
    done <tables.txt
}
equal_in_sqlite() {
    tables_of "$1" >tables.txt
    while read -r table; do
        d2db sql -q -d "$1" --format json -c "SELECT * FROM $(quoted "$table") ORDER BY 1, 2" >ours.json 2>/dev/null ||
            d2db sql -q -d "$1" --format json -c "SELECT * FROM $(quoted "$table") ORDER BY 1" >ours.json
        python3 "$D2DB_ROOT/tests/cli/sqlite_rows.py" "$1.db" "$table" ours.json || { echo "table $table"; return 1; }
    done <tables.txt
}
footer() { sed -n '/^-- end of dump/,$p' "$1" | LC_ALL=C sort; }

for db in edge school library chinook; do
    [ -e $db.sql ] || { skip "$db" "the corpus is not here"; continue; }
    case $db in
    chinook) ok "$db is imported" d2db import -q $db.sql ;;
    *) ok "$db is imported" d2db import -q -C -d $db $db.sql ;;
    esac

    ok "$db is exported for d2db" d2db export $db -o $db.d2db.sql
    ok "$db comes back" d2db import -q -C -d again_$db $db.d2db.sql
    d2db export again_$db -o again.sql 2>/dev/null
    is "$db has the same rows and checksums again" "$(footer again.sql)" "$(footer $db.d2db.sql)"
    is "$db's second dump has the same bytes but for the date" "$(tail -n +4 again.sql | cksum)" "$(tail -n +4 $db.d2db.sql | cksum)"

    ok "$db is exported for SQLite" d2db export $db -o $db.sqlite.sql --dialect sqlite
    ok "sqlite3 -bail loads $db" sh -c "sqlite3 -bail $db.db <$db.sqlite.sql"
    ok "$db has equal values in SQLite" equal_in_sqlite $db
    is "$db's foreign keys hold in SQLite" "$(sqlite3 $db.db 'PRAGMA foreign_key_check')" ""

    if [ -n "$have_postgres" ]; then
        ok "$db is exported for PostgreSQL" d2db export $db -o $db.postgres.sql --dialect postgres
        postgres -c "CREATE DATABASE $db"
        ok "psql loads $db" postgres -d $db -f $db.postgres.sql
        ok "$db has equal values in PostgreSQL" equal_in_postgres $db
    else
        skip "$db in PostgreSQL" "no PostgreSQL here"
    fi
done

if [ -n "$have_postgres" ]; then
    is "the counter of an identity column goes on" \
        "$(postgres -d edge -Atc "INSERT INTO \"Order\" (\"a\"\"b\") VALUES ('new') RETURNING \"select\"")" 10
    as_postgres "pg_dump -h '$work/pg' -U postgres --inserts school" >pg_inserts.sql
    as_postgres "pg_dump -h '$work/pg' -U postgres school" >pg_copy.sql
    ok "pg_dump's INSERTs come back" d2db import -q -C -d from_inserts pg_inserts.sql
    ok "pg_dump's COPY comes back" d2db import -q -C -d from_copy pg_copy.sql
    for db in from_inserts from_copy; do
        d2db export $db -a -o $db.sql 2>/dev/null
        is "$db holds school's rows" "$(footer $db.sql)" "$(footer school.d2db.sql)"
    done
fi
sqlite3 school.db .dump >sqlite_dump.sql
ok "sqlite3's .dump comes back" d2db import -q -C -d from_sqlite sqlite_dump.sql
is "with all rows" "$(d2db sql -d from_sqlite --format csv -n -c 'SELECT count(*) FROM registration')" 1500

is "checks of one name stay with their tables" "$(grep -c 'CONSTRAINT "twice" CHECK' edge.d2db.sql)" 2
d2db export edge --dialect mysql >/dev/null 2>err.txt
is "what MySQL cannot hold is refused" "$?" 1
case $(cat err.txt) in *22P05*) pass "and named" ;; *) fail "and named" "$(cat err.txt)" ;; esac
done_testing
