#!/bin/sh
# The command line: forms, exit statuses, what goes where, no secrets, errors that say what to do.
. "${D2DB_ROOT:-$PWD}/tests/cli/kit.inc"
cd "$work" || exit 1

status "--version" 0 d2db --version
has "gives name and version" "d2db " out
status "--help" 0 d2db --help
for command in sql import export erd report user check; do
    has "--help lists $command" "  $command " out
done
for command in sql import export erd report user check; do
    status "$command --help" 0 d2db $command --help
    has "shows its usage" "usage: d2db $command" out
    status "$command refuses an unknown option" 2 d2db $command --no-such-option
done
cp /dev/null out
status "an unknown command is usage" 2 d2db frobnicate
status "export without a database is usage" 2 d2db export
status "an unknown format is usage" 2 d2db sql --format xml -c 'SELECT 1'
status "an unknown dialect is usage" 2 d2db export x --dialect oracle

status "the first user registers" 0 d2db user add alice
status "the name is then taken" 1 d2db user add alice
status "signing in works" 0 d2db sql -c 'SELECT 1'
D2DB_PASSWORD=wrong status "a wrong password is 3" 3 env D2DB_PASSWORD=wrong "$D2DB_BIN" sql -c 'SELECT 1'
status "a wrong answer is 3" 3 env D2DB_ANSWER=wrong "$D2DB_BIN" sql -c 'SELECT 1'
status "an unknown user is 3" 3 d2db sql --user nobody -c 'SELECT 1'
status "no secret and no terminal is 3" 3 env -u D2DB_PASSWORD setsid "$D2DB_BIN" sql -c 'SELECT 1'
mkdir -p config/d2db
printf 'user: alice\npasswordcommand: "echo Corr3ct horse battery"\n' >config/d2db/profile.yaml
status "passwordcommand of the profile signs in" 0 env -u D2DB_PASSWORD -u D2DB_USER setsid "$D2DB_BIN" sql -c 'SELECT 1'
printf 'user: alice\npasswort: x\n' >config/d2db/profile.yaml
status "a broken profile is 3" 3 d2db sql -c 'SELECT 1'
has "with its line" "profile.yaml:2" err
rm -r config

status "a directory that cannot be made is 3" 3 d2db sql --data /proc/no/such -c 'SELECT 1'
is "csv" "$(d2db sql --format csv -c "SELECT 1 AS a, 'x,y' AS b, NULL AS c, '' AS d")" 'a,b,c,d
1,"x,y",,""'
is "json" "$(d2db sql --format json -c "SELECT 1 AS a, TRUE AS b")" '[
{"a":1,"b":true}
]'
is "statements from standard input" "$(echo 'SELECT 40 + 2 AS n' | d2db sql --format csv -n)" 42
echo 'SELECT 7 AS n' >seven.sql
is "statements from a file" "$(d2db sql -f seven.sql --format csv -n)" 7
d2db sql -q -c 'CREATE DATABASE shop'
status "an error is 1" 1 d2db sql -d shop -c 'SELECT 1; SELECT * FROM missing; SELECT 2'
has "it is named" "missing" err
has "with its SQLSTATE" "42P01" err
has "what ran before it is there" "1" out
status "a file that is not there is 1" 1 d2db sql -f nothing.sql
status "results go into a file" 0 d2db sql -o result.csv --format csv -c 'SELECT 5 AS five'
is "which is whole" "$(cat result.csv)" 'five
5'
status "a failed run leaves no file" 1 d2db sql -o broken.csv --format csv -c 'SELECT 1/0'
is "really" "$(ls broken.csv 2>/dev/null)" ""

printf 'CREATE TABLE item (id integer PRIMARY KEY, name text);\nINSERT INTO item VALUES (1, $$a$$);\nINSERT INTO item VALUES (1, $$b$$);\n' >bad.sql
status "an import stops at the first error" 1 d2db import -d shop bad.sql
has "with file and line" "bad.sql:3:" err
is "what was done stays" "$(d2db sql -d shop --format csv -n -c 'SELECT * FROM item')" '1,a'
sed 's/item/thing/' bad.sql >worse.sql
status "one transaction for all" 1 d2db import -1 -d shop worse.sql
status "leaves nothing" 1 d2db sql -d shop -c 'SELECT * FROM thing'
printf 'name,id\n"zwei ""2""",2\n,3\n"",4\n' >items.csv
status "a csv is loaded" 0 d2db import -d shop -t item items.csv
is "by its header" "$(d2db sql -d shop --format csv -n -c 'SELECT * FROM item ORDER BY id')" '1,a
2,"zwei ""2"""
3,
4,""'
status "UPDATE for the report" 0 d2db sql -q -d shop -c "UPDATE item SET name = 'x' WHERE id = 1"
status "report updates" 0 d2db report updates shop
has "in the words of the assignment" "Total 1 Update operations are performed on item" out
status "report queries" 0 d2db report queries
has "in the words of the assignment" "user alice submitted " out
is "reports are files" "$(ls data/reports | wc -l | tr -d ' ')" 2
status "erd as text" 0 d2db erd shop
has "names the table" "TABLE item" out
for format in drawing mermaid dot dbml; do status "erd as $format" 0 d2db erd shop --format $format; done
status "an unknown database is 1" 1 d2db export nothing
status "an unknown database is 1" 1 d2db erd nothing
status "export to a closed directory is 1" 1 d2db export shop -o /proc/x.sql

esc=$(printf '\033')
d2db sql -q -d shop -c "INSERT INTO item VALUES (66, E'\\x1b[2Jboo')"
d2db sql -d shop -c 'SELECT name FROM item WHERE id = 66' >shown.txt
lacks "an escape in a value does not reach the table" "$esc" shown.txt
has "but is shown" "␛[2Jboo" shown.txt
status "an escape in an error is shown" 1 d2db sql -d shop -c "SELECT * FROM \"x${esc}[2J\""
lacks "not sent" "$esc" err

status "a second user registers" 0 env D2DB_PASSWORD='An0ther long one' "$D2DB_BIN" user add bob
status "but not as administrator" 3 env -u D2DB_ADMIN_PASSWORD D2DB_PASSWORD='An0ther long one' setsid "$D2DB_BIN" user add eve --role administrator
status "bob may not list users" 1 env D2DB_PASSWORD='An0ther long one' "$D2DB_BIN" user list --user bob
status "alice may" 0 d2db user list
lacks "names are hashed" "alice" out
status "alice disables bob" 0 d2db user disable bob
status "bob cannot sign in" 3 env D2DB_PASSWORD='An0ther long one' "$D2DB_BIN" sql --user bob -c 'SELECT 1'
status "check finds no damage" 0 d2db check
has "and says so" "no damage" out
first=$(ls data/databases/shop/*.d2t | head -n 1)
printf 'X' | dd of="$first" bs=1 seek=$(($(stat -c %s "$first") - 60)) conv=notrunc 2>/dev/null
status "check finds a changed byte" 1 d2db check
grep -rqs 'Corr3ct horse\|An0ther long' data && fail "no password in any file" || pass "no password in any file"
done_testing
