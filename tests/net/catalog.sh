#!/bin/sh
# psql's \d family against a node: what PostgreSQL 15 prints for the same schema (catalog_schema.sql), command by command
# (catalog_psql.txt), stands in catalog_psql.expected.
. "${D2DB_ROOT:-$PWD}/tests/cli/kit.inc"
command -v psql > /dev/null || { echo 'ok - the catalogs as psql shows them # SKIP psql is not installed'; exit 0; }
here=${D2DB_ROOT:-$PWD}/tests/net
d2db user add alice > /dev/null 2>&1 && d2db user service alice > /dev/null 2>&1 && d2db sql -c 'CREATE DATABASE db' > /dev/null  2>&1
sockets=$work/sockets
"$D2DB_BIN" serve --socket "$sockets" > "$work/served" 2>&1 &
node=$!
until grep -q ready "$work/served" || ! kill -0 $node 2> /dev/null; do :; done
export PGPASSWORD="$D2DB_PASSWORD" PGHOST="$sockets" PGUSER=alice PGDATABASE=db PSQLRC=/dev/null
ok "the schema is made" psql -X -q -v ON_ERROR_STOP=1 -f "$here/catalog_schema.sql"
while IFS= read -r command; do
    # the part of the expected file between this command's line and the next one
    command="-- $command" awk '$0 == ENVIRON["command"] { on = 1; next } /^-- \\/ { on = 0 } on' \
        "$here/catalog_psql.expected" > "$work/expected"
    psql -X -c "$command" > "$work/shown" 2>&1
    if cmp -s "$work/expected" "$work/shown"; then pass "$command"
    else fail "$command" "$(diff "$work/expected" "$work/shown")"; fi
done < "$here/catalog_psql.txt"
kill -TERM $node
wait $node
done_testing
