#!/bin/sh
# The walk of test_walk without a screen: every command of the command line on a directory of its own.
. "${D2DB_ROOT:-$PWD}/tests/cli/steps.inc"

# ---- users ----
run env D2DB_PASSWORD=short "$D2DB_BIN" user add ada
ends "a short password is refused" 1
register
db sql -c 'SELECT 1'
ends "the first user signs in" 0
run env D2DB_PASSWORD='another passphrase' D2DB_QUESTION="why so?" D2DB_ANSWER=aa "$D2DB_BIN" user add ben
ends "a second user registers" 0
run env D2DB_PASSWORD='another passphrase' D2DB_QUESTION="why so?" D2DB_ANSWER=aa "$D2DB_BIN" user add ada
ends "a taken name is refused" 1
db user list
ends "user list" 0
holds "user list has two lines" [ "$(wc -l < "$out")" -eq 2 ]
holds "one is the administrator" [ "$(grep -c administrator "$out")" -eq 1 ]
lets "no name stands in it" grep -qw 'ada\|ben' "$out"

run env D2DB_PASSWORD='not the password' "$D2DB_BIN" sql -c 'SELECT 1'
ends "a wrong password cannot sign in" 3
cp "$err" "$work/wrong"
db sql --user nobody -c 'SELECT 1'
ends "an unknown user cannot sign in" 3
holds "both get the same sentence" cmp -s "$err" "$work/wrong"
run env D2DB_ANSWER=Trumpet "$D2DB_BIN" sql -c 'SELECT 1'
ends "a wrong answer cannot sign in" 3
holds "nothing was printed" [ ! -s "$out" ]
run env D2DB_ANSWER='  xyloPHON   4711' "$D2DB_BIN" sql -c 'SELECT 1'
ends "case and blanks of the answer do not matter" 0

# ---- statements and formats ----
sql "CREATE DATABASE shop; USE shop; CREATE TABLE item (id integer PRIMARY KEY, name text NOT NULL, price numeric(8,2), note text);
     INSERT INTO item VALUES (1, 'Räucher, \"fein\"', 2.50, NULL), (2, 'tab	and
line', 10, ''), (3, 'plain', NULL, 'x');"
ends "a script" 0
sql 'SELECT id, name, price, note FROM item ORDER BY id' -d shop --format csv
printf '%s\n' 'id,name,price,note' '1,"Räucher, ""fein""",2.50,' '2,"tab	and' 'line",10.00,""' '3,plain,,x' > "$work/want"
tr -d '\r' < "$out" > "$work/lf"
holds "csv" cmp -s "$work/lf" "$work/want"
sql 'SELECT id, note FROM item ORDER BY id' -d shop --format tsv
ends "tsv" 0
holds "tsv has a line for the names and one per row" [ "$(wc -l < "$out")" -eq 4 ]
sql 'SELECT id, name, price, note FROM item ORDER BY id' -d shop --format json
holds "json is JSON and tells NULL from empty" python3 -c '
import json, sys
rows = json.load(open(sys.argv[1]))
assert [r["id"] for r in rows] == [1, 2, 3], rows
assert rows[0]["note"] is None and rows[1]["note"] == "", rows
assert rows[0]["name"] == "Räucher, \"fein\"" and rows[1]["name"] == "tab\tand\nline", rows
assert float(rows[0]["price"]) == 2.5 and rows[2]["price"] is None, rows' "$out"
sql 'SELECT id, name, price, note FROM item ORDER BY id' -d shop --format sql --table copy_of_item
ends "sql" 0
cp "$out" "$work/copy.sql"
sql 'CREATE TABLE copy_of_item (id integer, name text, price numeric(8,2), note text)' -d shop
db sql -d shop -f "$work/copy.sql"
ends "the INSERTs of --format sql run" 0
value "and give the same rows" 'SELECT count(*) FROM item i JOIN copy_of_item c ON c.id = i.id AND c.name = i.name AND c.price IS NOT DISTINCT FROM i.price AND c.note IS NOT DISTINCT FROM i.note' 3 -d shop
sql 'SELECT id, note FROM item ORDER BY id' -d shop
says "the table format shows NULL" '~'
printf 'SELECT 6 * 7 AS answer;' > "$work/q.sql"
timeout 60 "$D2DB_BIN" sql --format csv < "$work/q.sql" > "$out" 2> "$err"
prints "statements from standard input" "answer
42"

# ---- errors ----
sql 'SELECT nothing FROM item' -d shop
ends "a wrong statement fails" 1
says "with its SQLSTATE" 42703
says "and its place" 'line 1'
sql 'INSERT INTO item VALUES (4, NULL, 0, NULL)' -d shop
says "NOT NULL holds" 23502
sql "INSERT INTO item VALUES (5, 'five', 0, NULL), (1, 'one again', 0, NULL)" -d shop
says "a key is unique" 23505
value "and nothing is half done" 'SELECT count(*) FROM item' 3 -d shop
sql "BEGIN; UPDATE item SET price = 99; SELECT 1 / 0; COMMIT" -d shop
says "an error ends the transaction" 22012
value "an unfinished transaction is rolled back" 'SELECT count(*) FROM item WHERE price = 99' 0 -d shop
sql "BEGIN; UPDATE item SET price = 7 WHERE id = 3; COMMIT" -d shop
value "a committed one is there" 'SELECT price FROM item WHERE id = 3' 7.00 -d shop
sql 'SELECT 1' -d nowhere
ends "a database that is not there" 1

# ---- import, export and back ----
own_script
db import "$work/library.sql"
ends "import" 0
value "its rows are there" 'SELECT count(*) FROM borrow_records' 400 -d library
printf 'id,name,price,note\n10,from csv,3.25,\n11,"quoted, twice",4,"""x"""\n' > "$work/item.csv"
db import -d shop --table item "$work/item.csv"
ends "import of a csv" 0
value "its rows, too" 'SELECT name, price, note FROM item WHERE id = 11' 'quoted, twice	4.00	"x"' -d shop
printf 'id,name\n12,good\nthirteen,bad\n' > "$work/bad.csv"
db import -d shop --table item "$work/bad.csv"
ends "a bad csv is refused" 1
says "with its place" bad.csv:
db import "$work/nothing.sql"
ends "a file that is not there" 1

for dialect in d2db postgres mysql sqlite; do
    db export library -o "$work/library.$dialect.sql" --dialect $dialect
    ends "export for $dialect" 0
done
holds "the dump holds INSERTs" grep -q '^INSERT INTO' "$work/library.d2db.sql"
db export nowhere -o "$work/nowhere.sql"
ends "export of a database that is not there" 1
lets "leaves no file" [ -e "$work/nowhere.sql" ]
sum='SELECT count(*), sum(record_id * user_id), min(borrowed_on), max(due_on), sum(fine), count(returned_on) FROM borrow_records'
sql "$sum" -d library --format tsv --no-header
cp "$out" "$work/sum"
for dialect in d2db postgres mysql sqlite; do
    db import --create -d "back_$dialect" "$work/library.$dialect.sql"
    ends "the dump for $dialect comes back" 0
    sql "$sum" -d "back_$dialect" --format tsv --no-header
    holds "with the same values" cmp -s "$out" "$work/sum"
done
if command -v sqlite3 > /dev/null; then
    run sqlite3 -bail -separator '	' "$work/other.db" ".read $work/library.sqlite.sql" "SELECT count(*), sum(record_id * user_id) FROM borrow_records; PRAGMA foreign_key_check;"
    ends "sqlite3 -bail takes the dump" 0
    cut -f 1-2 "$work/sum" > "$work/want"
    holds "with the same values there" cmp -s "$out" "$work/want"
else
    fail "sqlite3 is here to take the dump"
fi

# ---- model and counts ----
db erd library
ends "erd" 0
says "it lists tables" 'TABLE books'
says "with their rows" '(100 rows)'
says "and measures relationships" 'on average'
for format in drawing mermaid dot dbml; do
    db erd library --format $format -o "$work/library.$format"
    ends "erd as $format" 0
    holds "$format names a table" grep -q borrow_records "$work/library.$format"
done
holds "the drawing has crow's feet" grep -q '○<\|>○' "$work/library.drawing"
sql "UPDATE books SET copies = copies + 1 WHERE book_id <= 3; UPDATE books SET copies = copies; BEGIN; UPDATE books SET copies = 0; ROLLBACK; SELEC" -d library
db report queries
ends "report queries" 0
says "in the assignment's words" 'user ada submitted '
says "by database" 'queries for library running on Virtual Machine 1'
says "invalid ones apart" invalid
db report updates library
ends "report updates" 0
says "what was rolled back is not counted" 'Total 2 Update operations are performed on books'
holds "reports are kept" [ "$(ls "$data"/reports/queries-*.txt "$data"/reports/updates-*.txt | wc -l)" -eq 2 ]
sql 'COUNT UPDATE library' --format tsv
says "COUNT UPDATE as a statement" books
sql 'COUNT QUERIES' --format tsv
says "COUNT QUERIES as a statement" ada

# ---- one owner ----
"$D2DB_BIN" sql -d library -c 'SELECT count(*) FROM borrow_records a, borrow_records b, borrow_records c,
    borrow_records d WHERE a.fine + b.fine + c.fine + d.fine < 0' > "$work/held" 2>&1 &
holder=$!
# It has signed in when INT, TERM and USR1 wait for a thread of its own.
takes_signals() { grep -q 'SigBlk:.0*4202$' "/proc/$1/status" 2> /dev/null; }
tries=0
until takes_signals $holder || [ $tries -ge 2000 ]; do
    tries=$((tries + 1))
done
sql 'SELECT 1'
ends "a second program on the same directory cannot open it" 3
says "it gets 55006" 55006
says "and who holds it" "in use by pid $holder"
kill -TERM $holder
wait $holder 2> /dev/null
status=$?
ends "a signal stops the first one's statement" 1
cp "$work/held" "$err"
says "which says so" 57014
value "and the directory is free" 'SELECT 1' 1

# ---- check ----
db check
ends "check" 0
says "finds no damage" 'no damage'
db check --data "$work/nowhere"
ends "check of nothing" 3
done_testing
