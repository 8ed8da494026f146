#!/bin/sh
# Drivers beside libpq's own programs: psycopg2 (its server-side cursors, COPY, notifications).
. "${D2DB_ROOT:-$PWD}/tests/cli/steps.inc"
/usr/bin/python3 -c 'import psycopg2' 2> /dev/null || { echo 'ok - psycopg2 # SKIP it is not installed'; exit 0; }
register
db user service ada
sql 'CREATE DATABASE shop'
: > "$work/served"
"$D2DB_BIN" serve --socket "$work/sockets" > "$work/served" 2>&1 &
node=$!
until grep -q ready "$work/served" || ! kill -0 $node 2> /dev/null; do :; done
cat > "$work/steps.py" <<'PY'
import datetime, decimal, io, os, psycopg2, psycopg2.errors
c = psycopg2.connect(host=os.environ['SOCKETS'], user='ada', password=os.environ['D2DB_PASSWORD'], dbname='shop')
k = c.cursor()
k.execute('CREATE TABLE item (id integer PRIMARY KEY, name text, price numeric(8,2), made timestamp, on_sale boolean)')
k.executemany('INSERT INTO item VALUES (%s, %s, %s, %s, %s)',
              [(i, "na'me %d" % i, decimal.Decimal('1.50') * i, datetime.datetime(2026, 1, 1, 12), i % 2 == 0) for i in range(100)])
c.commit()
k.execute('SELECT * FROM item WHERE id = %s', (7,))
assert k.fetchone() == (7, "na'me 7", decimal.Decimal('10.50'), datetime.datetime(2026, 1, 1, 12), False)
assert k.description[0].type_code == 23 and k.description[2].type_code == 1700
s = c.cursor('server_side')
s.itersize = 10
s.execute('SELECT id FROM item ORDER BY id')
assert [r[0] for r in s] == list(range(100))
s.close()
k.copy_expert('COPY item (id, name) FROM STDIN', io.StringIO('1000\tcopied\n'))
out = io.StringIO()
k.copy_expert('COPY (SELECT name FROM item WHERE id = 1000) TO STDOUT', out)
assert out.getvalue() == 'copied\n'
c.commit()
try:
    k.execute('INSERT INTO item (id) VALUES (1)')
    assert False
except psycopg2.errors.UniqueViolation as e:
    assert e.pgcode == '23505'
c.rollback()
c.autocommit = True
k.execute('LISTEN news')
k.execute("NOTIFY news, 'word'")
c.poll()
assert [n.payload for n in c.notifies] == ['word']
k.execute('SHOW transaction_isolation')
assert k.fetchone() == ('read committed',)
print('done')
PY
export SOCKETS="$work/sockets"
run /usr/bin/python3 "$work/steps.py"
prints "psycopg2: types, cursors, COPY, errors, notifications" done
kill $node
wait $node
status=$?
ends "the node ends" 0
done_testing
