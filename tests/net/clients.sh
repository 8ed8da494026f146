#!/bin/sh
# The node as its clients see it: psql, pgbench, pg_dump's output restored; sign-in, ANSWER, cancel, COPY, LISTEN, the end.
. "${D2DB_ROOT:-$PWD}/tests/cli/steps.inc"
command -v psql > /dev/null || { echo 'ok - clients of the node # SKIP psql is not installed'; exit 0; }
sockets=$work/sockets
node_start() {
    : > "$work/served"
    "$D2DB_BIN" serve --socket "$sockets" "$@" > "$work/served" 2>&1 &
    node=$!
    until grep -q ready "$work/served" || ! kill -0 $node 2> /dev/null; do :; done
}
# psql that stops at the first error; asks NAME SQL TEXT: prints exactly that.
export PGPASSWORD="$D2DB_PASSWORD" PGHOST="$sockets" PGUSER=robot PGDATABASE=shop PSQLRC=/dev/null PGCONNECT_TIMEOUT=20
pq() { run psql -X -v ON_ERROR_STOP=1 -q -At "$@"; }
asks() {
    pq -c "$2"
    prints "$1" "$3"
}
refuses() { # NAME SQLSTATE SQL
    pq -v VERBOSITY=sqlstate -c "$3"
    says "$1" "$2"
}

register
db user add robot
ends "a second user" 0
db user service robot
ends "the administrator makes it a program's account" 0
sql 'CREATE DATABASE shop; USE shop; GRANT CREATE ON SCHEMA public TO robot'
ends "a database in which the program may make tables" 0
node_start --listen 127.0.0.1:0 --init-tls
holds "the node is ready" grep -q ready "$work/served"
db sql -c 'SELECT 1'
ends "the directory has an owner" 3
says "who says where it serves" "$sockets/.s.PGSQL.5432"

# ---- sign-in ----
asks "a program's account just works" "SELECT current_user || ' ' || current_database()" 'robot shop'
PGPASSWORD=wrong pq -c 'SELECT 1'
says "a wrong password" 'password authentication failed for user "robot"'
PGUSER=nobody pq -c 'SELECT 1'
says "an unknown user hears the same" 'password authentication failed for user "nobody"'
PGDATABASE=nowhere pq -c 'SELECT 1'
says "an unknown database" 'database "nowhere" does not exist'
PGUSER=ada pq -c 'SELECT 1'
says "a person is asked the question first" 'What did you play first?'
PGUSER=ada pq -c "ANSWER 'Klavier'"
says "a wrong answer" 'the answer is wrong'
PGUSER=ada pq -c "ANSWER '$D2DB_ANSWER'" -c 'SELECT 7'
prints "the right one opens the session" 7

# ---- TLS ----
port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' "$work/served" | head -n 1)
run psql -X -At "host=localhost port=$port sslmode=verify-full sslrootcert=$data/tls/server.crt channel_binding=require" -c 'SELECT 8'
prints "TLS with a checked certificate and SCRAM bound to the channel" 8
run psql -X -At "host=127.0.0.1 port=$port sslmode=disable" -c 'SELECT 9'
prints "plain TCP on loopback" 9

# ---- statements ----
pq -c 'CREATE TABLE item (id integer PRIMARY KEY, name text NOT NULL, price numeric(8,2), made date)'
ends "a table" 0
pq -c "INSERT INTO item VALUES (1, 'Kanne', 12.50, '2026-02-28'), (2, E'a\tb\\\\c', NULL, NULL)"
ends "rows" 0
asks "rows come back" 'SELECT * FROM item ORDER BY id' '1|Kanne|12.50|2026-02-28
2|a	b\c||'
refuses "an error has its SQLSTATE" 23505 'INSERT INTO item VALUES (1, $$x$$)'
asks "several statements are one transaction: the error takes all back" 'SELECT count(*) FROM item' 2
pq -c "INSERT INTO item VALUES (3, 'x'); SELECT 1/0"
says "a division" 'division by zero'
asks "nothing stayed of them" 'SELECT count(*) FROM item' 2
pq -c "INSERT INTO item VALUES (3, 'x'); BEGIN; COMMIT; SELECT 1/0"
asks "what was committed inside stayed" 'SELECT count(*) FROM item' 3
pq -c 'SELECT 1; SELEKT 2'
holds "a syntax error anywhere stops the whole text" [ ! -s "$out" ]
pq -v FETCH_COUNT=7 -c 'SELECT g FROM generate_series(1, 20) AS g'
holds "psql fetches by a cursor" [ "$(wc -l < "$out")" = 20 ]

# ---- COPY ----
pq -c "COPY item TO STDOUT" -c "COPY (SELECT id, name FROM item WHERE id < 3 ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER)"
prints "COPY TO" '1	Kanne	12.50	2026-02-28
2	a\tb\\c	\N	\N
3	x	\N	\N
id,name
1,Kanne
2,a	b\c'
printf '10\tzehn\t1.005\t\\N\n11\t\\N\n' > "$work/rows"
pq -c "\\copy item FROM '$work/rows'"
says "a short line is refused with its number" 'COPY item, line 2'
printf 'id,name,price\n10,"a ""b"", c",1.005\n11,,2\n' > "$work/rows.csv"
pq -c "\\copy item (id, name, price) FROM '$work/rows.csv' WITH (FORMAT csv, HEADER, FORCE_NOT_NULL (name))"
ends "COPY FROM a csv" 0
asks "its rows" 'SELECT id, name, price FROM item WHERE id > 9 ORDER BY id' '10|a "b", c|1.01
11||2.00'
pq -c 'DELETE FROM item WHERE id > 9'

# ---- cancel, timeouts ----
pq -c 'SET statement_timeout = 100' -c 'SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b'
says "a statement's time is up" 'canceling statement due to statement timeout'
timeout -s INT 1 psql -X -c 'SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b' > "$out" 2>&1
says "Ctrl-C cancels" 'canceling statement due to user request'

# ---- LISTEN ----
pq -c 'LISTEN news' -c "NOTIFY news, 'first'"
says "a notification to oneself" 'Asynchronous notification "news" with payload "first" received'
printf 'LISTEN news;\n\\! psql -X -q -c "NOTIFY news"\nSELECT 1;\n' > "$work/listen.sql"
run psql -X -q -At -f "$work/listen.sql"
says "one from another session" 'Asynchronous notification "news"'

# ---- pgbench ----
bench=$(ls /usr/lib/postgresql/*/bin/pgbench 2> /dev/null | tail -n 1)
if [ -n "$bench" ]; then
    run "$bench" -i -q
    ends "pgbench -i" 0
    for mode in simple extended prepared; do
        run "$bench" -n -S -M $mode -c 2 -t 50
        says "pgbench -S -M $mode" 'number of transactions actually processed: 100/100'
        run "$bench" -n -M $mode -c 1 -t 20
        says "pgbench TPC-B -M $mode" 'number of transactions actually processed: 20/20'
    done
    asks "TPC-B's sums agree" 'SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history)' t
    # More clients that wait for one another's rows than there are processors: somebody has to serve the one they wait for.
    run "$bench" -n -M prepared -c 12 -j 2 -t 20
    says "twelve clients on one branch row" 'number of transactions actually processed: 240/240'
    asks "and their sums agree" 'SELECT (SELECT sum(bbalance) FROM pgbench_branches) = (SELECT sum(delta) FROM pgbench_history)' t
    run "$bench" -t 1
    ends "pgbench that vacuums first" 0
else
    echo 'ok - pgbench # SKIP it is not installed'
fi

# ---- a dump of pg_dump's kind ----
cat > "$work/dump.sql" <<'SQL'
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.author (
    id integer NOT NULL,
    name character varying(40) NOT NULL,
    born date
);
CREATE TABLE public.book (
    id bigint NOT NULL,
    author_id integer,
    title text
);
COPY public.author (id, name, born) FROM stdin;
1	Anna	1815-12-10
2	Grace	\N
\.
COPY public.book (id, author_id, title) FROM stdin;
10	1	Notes\ton
\.
ALTER TABLE ONLY public.author
    ADD CONSTRAINT author_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.book
    ADD CONSTRAINT book_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.author(id);
SQL
pq -f "$work/dump.sql"
ends "a dump is restored through psql" 0
asks "its rows are there" 'SELECT a.name, b.title FROM public.author a JOIN public.book b ON b.author_id = a.id' 'Anna|Notes	on'

# ---- the end ----
kill -HUP $node
kill $node
wait $node
status=$?
ends "SIGTERM ends it well" 0
holds "the socket is gone" [ ! -e "$sockets/.s.PGSQL.5432" ]
db check
ends "the directory is whole" 0
node_start
asks "what was committed is there after a restart" 'SELECT count(*) FROM item' 3
kill -9 $node
wait $node 2> /dev/null
node_start
asks "and after a kill, with the old socket in the way" 'SELECT count(*) FROM item' 3
kill $node
wait $node
done_testing
