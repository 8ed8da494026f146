#!/bin/sh
# Damaged files, refused disks, hostile text: each is answered with a clear error, and nothing else is lost by it.
. "${D2DB_ROOT:-$PWD}/tests/cli/steps.inc"

# ---- tools ----
# flip FILE OFFSET: one bit of the byte there.
flip() { python3 -c 'import sys; f = open(sys.argv[1], "r+b"); f.seek(int(sys.argv[2])); b = f.read(1); f.seek(-1, 1); f.write(bytes([b[0] ^ 1]))' "$1" "$2"; }
keep() { rm -rf "${work:?}/$1" && cp -rp "$data" "$work/$1"; }
bring() { rm -rf "$data" && cp -rp "$work/$1" "$data"; }
# refused NAME STATUS WORDS…: the last command ended so (not by a signal) and said each of the words.
refused() {
    case_of=$1
    ends "$case_of: status $2" "$2"
    shift 2
    for word; do says "$case_of: says $word" "$word"; done
}
# As somebody whom permissions stop: root is not.
plainly=
[ "$(id -u)" -ne 0 ] || plainly='setpriv --reuid=65534 --regid=65534 --clear-groups'

register
own_script
db import "$work/library.sql"
ends "a database to be damaged" 0
keep whole
books=$data/databases/library/books.d2t
size=$(wc -c < "$books")

# ---- table files ----
damaged_table() {
    cp "$books" "$work/damaged"
    db check
    refused "$1, check" 1 library/books.d2t
    value "$1: other tables are there" 'SELECT count(*) FROM users' 60 -d library
    sql 'SELECT sum(copies), max(title), max(isbn), sum(price), max(year), max(author_id + section_id + book_id) FROM books' -d library
    refused "$1, read" 1 XX001 books
    sql "UPDATE users SET role = 'admin' WHERE user_id = 1" -d library
    ends "$1: other tables can be changed" 0
    sql 'CHECKPOINT'
    holds "$1: the file is kept as it is" cmp -s "$books" "$work/damaged"
}
head -c $((size / 2)) "$work/whole/databases/library/books.d2t" > "$books"
damaged_table "half a table file"
bring whole
: > "$books"
damaged_table "an empty table file"
for part in 3 5 7; do
    bring whole
    flip "$books" $((size * part / 10))
    damaged_table "a flipped bit at $part tenths"
done
bring whole
sed '1s/^d2t	[0-9]*/d2t	9/' "$work/whole/databases/library/books.d2t" > "$books"
damaged_table "a table file of version 9"
bring whole
rm "$books"
db check
refused "a table file that is gone, check" 1 books
sql 'SELECT * FROM books' -d library
refused "a table file that is gone, read" 1 books

# ---- dictionary, users, configuration ----
not_opened() {
    cp "$data/$2" "$work/damaged"
    sql 'SELECT 1'
    refused "$1" 3 "$(basename "$2")"
    holds "$1: the file is kept as it is" cmp -s "$data/$2" "$work/damaged"
}
bring whole
flip "$data/dictionary.local" 300
not_opened "a damaged dictionary" dictionary.local
db check
refused "a damaged dictionary, check" 1 dictionary.local
bring whole
sed -i "1s/	[0-9]*	/	9	/" "$data/dictionary.local"
not_opened "a dictionary of version 9" dictionary.local
bring whole
flip "$data/User_Profile" 150
not_opened "a damaged User_Profile" User_Profile
bring whole
chmod 644 "$data/User_Profile"
not_opened "a User_Profile that others may read" User_Profile
bring whole
printf 'node: vm1\nlimits:\n  journal_mb: 7\n' > "$data/node.yaml"
not_opened "a wrong word in node.yaml" node.yaml
says "with line and column" 'node.yaml:3:3'
bring whole
rm "$data/dictionary.global"
value "the global dictionary is made anew" 'SELECT count(*) FROM users' 60 -d library

# ---- the log: left behind by a kill ----
bring whole
"$D2DB_BIN" sql -d library -c "CREATE TABLE kept (n integer PRIMARY KEY); INSERT INTO kept VALUES (1); INSERT INTO kept VALUES (2); INSERT INTO kept VALUES (3);
    SELECT count(*) FROM books a, books b, books c, books d, books e WHERE a.copies + b.copies + c.copies + d.copies + e.copies < 0" > /dev/null 2>&1 &
victim=$!
tries=0 # each look is a process of its own: that takes time enough
until [ "$(cat "$data"/log/*.d2l 2> /dev/null | grep -c '^commit ')" -ge 4 ] || [ $tries -ge 2000 ]; do tries=$((tries + 1)); done
kill -9 $victim
wait $victim 2> /dev/null
log=$(ls "$data"/log/*.d2l)
segment=log/$(basename "$log")
keep killed
value "after kill -9 every commit is there" 'SELECT count(*), sum(n) FROM kept' '3	6' -d library
holds "the event log tells of the recovery" grep -q '"kind":"recovery' "$data/journal/event.jsonl"
bring killed
last=$(grep -abo '^commit ' "$log" | tail -n 1 | cut -d : -f 1)
truncate -s $((last + 30)) "$log"
value "a record cut short was never whole" 'SELECT count(*), sum(n) FROM kept' '2	3' -d library
bring killed
truncate -s "$last" "$log"
value "a log that ends between records" 'SELECT count(*), sum(n) FROM kept' '2	3' -d library
bring killed
first=$(grep -abo '^commit ' "$log" | head -n 1 | cut -d : -f 1)
flip "$log" $((first + 100))
not_opened "a flipped bit in a record that others follow" "$segment"
db check
refused "a flipped bit in the log, check" 1 "$segment"
bring killed
sed -i "1s/^d2l [0-9]*/d2l 9/" "$log"
not_opened "a log of version 9" "$segment"

# ---- disks that refuse ----
bring whole
mkdir "$work/public" && chmod 711 "$work/public" "$work" # may be passed through, not read
cp "$D2DB_BIN" "$work/public/d2db" && cp -rp "$work/whole" "$work/public/data"
[ "$(id -u)" -ne 0 ] || chown -R 65534:65534 "$work/public"
chmod -R a-w "$work/public/data"
run $plainly "$work/public/d2db" sql --data "$work/public/data" -c 'SELECT 1'
refused "a read-only directory" 3 ermission public/data
chmod -R u+w "$work/public/data"
run $plainly "$work/public/d2db" sql --data "$work/public/data" -d library -c 'SELECT count(*) FROM users'
ends "which is unharmed" 0

grow='CREATE TABLE big (n integer PRIMARY KEY, t text);'
for n in 1 2 3 4 5 6 7 8 9; do
    grow="$grow INSERT INTO big SELECT b.book_id * 1000 + a.book_id + $n * 1000000, repeat(a.title, 20) FROM books a, books b;"
done
after_full_disk() {
    kept=$(grep -c '^INSERT' "$err")
    value "$1: what was acknowledged before is there" 'SELECT count(*) FROM big' $((kept * 10000)) -d library
    value "$1: and all the rest" 'SELECT count(*) FROM borrow_records' 400 -d library
    db check
    ends "$1: and whole" 0
    sql "INSERT INTO big VALUES (1, 'room again')" -d library
    ends "$1: with room it goes on" 0
}
# Files may grow to 40 kB only: nothing can be written.
run sh -c 'ulimit -f 80; exec "$0" "$@"' "$D2DB_BIN" sql -d library -c "$grow"
refused "no file may grow" 1 'oo large'
value "no file may grow: all is there" 'SELECT count(*) FROM borrow_records' 400 -d library
sql 'CREATE TABLE big (n integer PRIMARY KEY, t text)' -d library
ends "no file may grow: with room it goes on" 0
# Files may grow to 6 MB: the log can, the table's own file cannot.
bring whole
run sh -c 'ulimit -f 12000; exec "$0" "$@"' "$D2DB_BIN" sql -d library -c "$grow"
holds "a file that may not grow as large as the table: no signal" [ "$status" -le 3 ]
after_full_disk "a file that may not grow"
# A small disk, where a file system of our own may be mounted.
bring whole
mkdir "$work/disk"
cat > "$work/small_disk.sh" << 'SMALL'
mount -t tmpfs -o size=12m tmpfs "$1" || exit 77
cp -rp "$2" "$1/data"
shift 2
"$@"
ended=$?
cp -rp "$D2DB_DISK/data" "$D2DB_DISK.data"
exit $ended
SMALL
D2DB_DISK=$work/disk
export D2DB_DISK
run unshare -rm sh "$work/small_disk.sh" "$work/disk" "$data" "$D2DB_BIN" sql --data "$work/disk/data" -d library -c "$grow"
if [ -d "$work/disk.data" ]; then
    refused "a full disk" 1 53100
    rm -rf "$data" && mv "$work/disk.data" "$data"
    after_full_disk "a full disk"
fi

# ---- hostile text ----
bring whole
hostile() { # NAME SQLSTATE, the statement in $work/hostile.sql
    db sql -d library -f "$work/hostile.sql"
    refused "$1" 1 "$2"
}
python3 -c 'print("SELECT 1 AS " + "a" * 1000000)' > "$work/hostile.sql"
hostile "an identifier of 1 MB" 42622
python3 -c 'print("CREATE TABLE \"" + "b" * 1000000 + "\" (n integer)")' > "$work/hostile.sql"
hostile "a quoted identifier of 1 MB" 42622
printf "SELECT '\377\376'" > "$work/hostile.sql"
hostile "broken UTF-8" 22021
printf "SELECT 'a\\0b'" > "$work/hostile.sql"
hostile "a NUL in a string" 22021
printf "SELECT E'a\\\\000b'" > "$work/hostile.sql"
hostile "a NUL by its number" 22021
python3 -c 'print("SELECT " + "(" * 10000 + "1" + ")" * 10000)' > "$work/hostile.sql"
hostile "10,000 nested parentheses" 54001
python3 -c 'print("SELECT " + "CASE WHEN 1=1 THEN " * 10000 + "1" + " END" * 10000)' > "$work/hostile.sql"
hostile "10,000 nested CASEs" 54001
python3 -c 'print("SELECT 1" + " + 1" * 100000)' > "$work/hostile.sql"
db sql -d library -f "$work/hostile.sql"
lets "100,000 terms do not end it by a signal" [ "$status" -gt 3 ]
python3 -c 'import os, sys; sys.stdout.buffer.write(b"\xfe" + os.urandom(100000))' > "$work/hostile.sql"
hostile "random bytes" 22021
printf 'SELECT 1 AS "' > "$work/hostile.sql"
hostile "a quote that is not closed" 42601
value "and the rows are there still" 'SELECT count(*) FROM borrow_records' 400 -d library

# Names that would be paths: they stay names.
touch "$work/after" "$work/before"
find "$work" -path "$data" -prune -o -print | LC_ALL=C sort > "$work/before"
sql 'CREATE DATABASE "../x"; USE "../x"; CREATE TABLE "../../y" (n integer); INSERT INTO "../../y" VALUES (17); CREATE TABLE "/tmp/z" (n integer);
    CREATE TABLE "a.b/c d" (n integer); CREATE TABLE "." (n integer); CREATE TABLE ".." (n integer); CREATE TABLE "con" (n integer)'
ends "names such as ../x" 0
value "are names" 'SELECT n FROM "../../y"' 17 -d ../x
db export ../x -o "$work/paths.sql"
ends "for the export" 0
db erd ../x
says "and for the model" '../../y'
rm "$work/paths.sql"
find "$work" -path "$data" -prune -o -print | LC_ALL=C sort > "$work/after"
holds "no file outside of the data directory came" cmp -s "$work/before" "$work/after"
lets "none in /tmp" [ -e /tmp/z ]
run "$D2DB_BIN" user add ../../mallory
lets "a user's name is no path either" [ -e "$work/mallory" ]

# Terminal escapes stored in data: raw for files, shown for a screen.
sql "CREATE DATABASE esc; USE esc; CREATE TABLE t (c text); INSERT INTO t VALUES (E'x\\x1b]0;owned\\x07y\\x1b[2J')"
sql 'SELECT c FROM t' -d esc --format csv
holds "csv in a file is what it is" grep -q "$(printf '\033')" "$out"
on_screen() {
    python3 - "$D2DB_BIN" "$@" > "$out" << 'PYTHON'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
text = b""
while True:
    try:
        part = os.read(fd, 65536)
    except OSError:
        break
    if not part:
        break
    text += part
os.waitpid(pid, 0)
sys.stdout.buffer.write(text)
PYTHON
}
for format in table csv tsv json sql; do
    on_screen sql -d esc --format $format -c 'SELECT c FROM t'
    holds "$format on a screen shows the row" grep -q owned "$out"
    lets "$format on a screen holds no escape" grep -q "$(printf '[\033\007]')" "$out"
done

# ---- journals ----
# Secrets that were tried at the wrong door, or written into statements, are in no file.
run env D2DB_PASSWORD='Wr0ng Kaleidoskop' "$D2DB_BIN" sql -c 'SELECT 1'
run env D2DB_ANSWER='Wr0ng Marimba' "$D2DB_BIN" sql -c 'SELECT 1'
sql "ALTER USER ada PASSWORD 'Zq7 in a statement'"
run env D2DB_PASSWORD='Zq7 in a statement' "$D2DB_BIN" sql -c "ALTER USER ada PASSWORD '$D2DB_PASSWORD'"
ends "a password is changed there and back" 0
sql "CREATE USER eve WITH PASSWORD 'Zq7 in another' ANSWER 'Okapi'"
sql "CREATE USER eve WITH PASSWORD 'Zq7 not closed"
for secret in 'Zq7' 'nlikely' 'Xylophon' 'xylophon' 'Kaleidoskop' 'Marimba' 'marimba' 'Okapi'; do
    lets "no '$secret' in any file" grep -rqaF "$secret" "$data"
done
holds "every journal line is JSON with its time, node and kind" python3 -c '
import glob, json, sys
lines = 0
for name in glob.glob(sys.argv[1] + "/journal/*.jsonl"):
    for line in open(name, encoding="utf-8"):
        o = json.loads(line)
        assert list(o)[:3] == ["at", "node", "kind"], line
        lines += 1
assert lines > 50, lines' "$data"
lets "and holds no control character" grep -qP '[\x00-\x08\x0b-\x1f]' "$data"/journal/*.jsonl
holds "refused sign-ins are events" grep -q '"kind":"sign_in_refused"\|"kind":"sign_in_failed"\|"kind":"refused' "$data/journal/event.jsonl"

# A tail sees a line within 100 ms (and what a busy machine adds) of the statement's end, while the session goes on.
"$D2DB_BIN" sql -d library -c "SELECT 'lantern'; SELECT count(*) FROM books a, books b, books c, books d, books e WHERE a.copies + b.copies + c.copies + d.copies + e.copies < 0" \
    > /dev/null 2>&1 &
victim=$!
holds "a tail sees a line soon" python3 -c '
import datetime, sys, time
end = time.time() + 10
while time.time() < end:
    for line in open(sys.argv[1], encoding="utf-8"):
        if "lantern" not in line or not line.endswith("\n"):
            continue
        at = datetime.datetime.strptime(line.split("\"")[3], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
        late = time.time() - at.timestamp()
        assert late < 0.5, late
        sys.exit(0)
sys.exit("it never came")' "$data/journal/query.jsonl"
kill $victim
wait $victim 2> /dev/null

# Rotation by size; counts go on over it and over restarts.
sql 'COUNT QUERIES' --format csv --no-header
counted=$(grep '^ada,library,' "$out" | cut -d , -f 4)
sed -i 's/journal_mib:.*/journal_mib: 1/' "$data/node.yaml"
python3 -c 'print(("SELECT length($$" + "r" * 40000 + "$$);\n") * 40)' > "$work/long.sql"
db sql -d library -f "$work/long.sql"
ends "long statements" 0
holds "the query log is rotated" [ -s "$data/journal/query.1.jsonl" ]
sql 'COUNT QUERIES' --format csv --no-header
holds "and counted on" [ "$(grep '^ada,library,' "$out" | cut -d , -f 4)" -eq $((counted + 40)) ]
done_testing
