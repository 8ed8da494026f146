#!/bin/sh
# Random schemas, rows and queries: the same answers from a node and from a PostgreSQL server that this test starts.
# D2DB_SEED: the first seed. 400 queries, 10,000 with D2DB_FULL.
. "${D2DB_ROOT:-$PWD}/tests/cli/steps.inc"
if ! start_postgres; then
    skip "differential test" "no PostgreSQL server here"
    done_testing
    exit
fi
seed=${D2DB_SEED:-$(date +%s)}
schemas=8
[ -z "${D2DB_FULL:-}" ] || schemas=200
echo "# seed $seed (D2DB_SEED)"

register
db user service ada
ends "an account for programs" 0
sql 'CREATE DATABASE random'
ends "a database" 0
"$D2DB_BIN" serve > "$work/served" 2>&1 &
node=$!
until [ -S "$data/run/.s.PGSQL.5432" ] || ! kill -0 $node 2>/dev/null; do :; done

# ask HOST USER DATABASE: the answers to $work/script
ask() {
    PGPASSWORD=$D2DB_PASSWORD PGOPTIONS='' timeout 300 psql -X -q -A -t -h "$1" -U "$2" -d "$3" -v VERBOSITY=sqlstate -P null='\N' \
        -f "$work/script" 2>&1
}
same() {
    "$D2DB_TOOLS/tool_random_sql" "$1" 50 > "$work/script"
    ask "$data/run" ada random | sed 's/^psql:[^:]*:[0-9]*: //' > "$work/ours"
    ask "$work/pg" postgres random | sed 's/^psql:[^:]*:[0-9]*: //' > "$work/theirs"
    cmp -s "$work/ours" "$work/theirs" && return 0
    # The first block that differs, with its query.
    number=$(diff "$work/ours" "$work/theirs" | head -1 | sed 's/[^0-9].*//')
    block=$(head -n "${number:-1}" "$work/ours" | grep -c '^--- ')
    echo "seed $1 query $block (- ours, + PostgreSQL's):"
    sed -n "/^.echo --- $block\$/,/;\$/p" "$work/script" | tail -n +2
    diff -u "$work/ours" "$work/theirs" | tail -n +4 | head -n 12
    return 1
}
postgres -c 'CREATE DATABASE random' > /dev/null 2>&1 ||
    PGPASSWORD=$D2DB_PASSWORD psql -X -q -h "$data/run" -U ada -c 'CREATE DATABASE random' > "$work/made" 2>&1
postgres -c 'CREATE DATABASE random' > /dev/null
wrong=0
i=0
while [ $i -lt $schemas ]; do
    same $((seed + i)) > "$work/difference" || { wrong=$((wrong + 1)); fail "seed $((seed + i))" "$(cat "$work/difference")"; }
    i=$((i + 1))
done
is "$((schemas * 50)) queries have PostgreSQL's answers" "$wrong" 0
kill $node
wait $node
done_testing
