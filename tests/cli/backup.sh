#!/bin/sh
# Backup and restore on the command line: beside a process that has the directory open, to a moment, and with an archive.
. "${D2DB_ROOT:-$PWD}/tests/cli/steps.inc"

register
sql "CREATE DATABASE shop; USE shop; CREATE TABLE item (id integer PRIMARY KEY, name text); INSERT INTO item VALUES (1, 'one')"
ends "a first row" 0
db backup "$work/backup"
ends "a backup" 0
says "it has a number" "snapshot 1"

# A node holds the directory while the backup is made.
"$D2DB_BIN" serve > "$work/served" 2>&1 &
node=$!
until [ -S "$data/run/.s.PGSQL.5432" ] || ! kill -0 $node 2>/dev/null; do :; done
PGPASSWORD=$D2DB_PASSWORD run psql -X -q -h "$data/run" -U ada -d shop -c "ANSWER '$D2DB_ANSWER'" -c "INSERT INTO item VALUES (2, 'two')"
ends "a row through the node" 0
db sql -c 'SELECT 1'
ends "the directory is in use" 3
db backup "$work/backup"
ends "a backup beside it" 0
says "the second snapshot" "snapshot 2"
kill $node
wait $node

db restore --data "$work/again" "$work/backup"
ends "restored" 0
value "both rows are back, and the user too" 'SELECT id, name FROM item ORDER BY id' '1	one
2	two' -d shop --data "$work/again"
db check --data "$work/again"
ends "the restored directory is whole" 0
db restore --data "$work/again" "$work/backup"
ends "a directory that holds something is left alone" 1
says "it says why" "not empty"
db restore --data "$work/none" "$work/nothing"
ends "no backup, no directory" 1

# ---- to a moment, through archived log ----
mkdir "$work/archive"
printf 'log_archive: test ! -e %s/%%f && cp %%p %s/%%f\n' "$work/archive" "$work/archive" >> "$data/node.yaml"
for i in 3 4 5; do
    sql "INSERT INTO item VALUES ($i, 'later')" -d shop
    [ $i = 4 ] && moment=$(date -u +%Y-%m-%dT%H:%M:%S.999Z)
    [ $i = 4 ] && until [ "$(date -u +%Y-%m-%dT%H:%M:%S.999Z)" != "$moment" ]; do :; done
done
holds "segments were kept" [ "$(ls "$work/archive" | wc -l)" -ge 3 ]
db restore --data "$work/until" --archive "$work/archive" --until "$moment" "$work/backup"
ends "restored to a moment" 0
says "it says what was left out" "left out"
value "rows up to that moment" 'SELECT max(id) FROM item' 4 -d shop --data "$work/until"
db restore --data "$work/all" --archive "$work/archive" "$work/backup"
value "rows up to the archive's end" 'SELECT max(id) FROM item' 5 -d shop --data "$work/all"
db restore --data "$work/bad" --until yesterday "$work/backup"
ends "a time that is none" 2

# ---- an archive that is full ----
sed -i '/^log_archive/d' "$data/node.yaml"
echo 'log_archive: exit 3' >> "$data/node.yaml"
sql "INSERT INTO item VALUES (6, 'kept')" -d shop
ends "work goes on when the archive fails" 0
lets "the segment stays" [ "$(ls "$data/log" | wc -l)" -eq 0 ]
holds "the event log tells it" grep -q archive-failed "$data/journal/event.jsonl"
done_testing
