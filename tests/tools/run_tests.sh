#!/bin/sh
# Runs every test program and script, several at once, and adds up their TAP lines.
# Usage: [MODE=release] run_tests.sh [WORD]     WORD: only tests whose path contains it
# Last line: "N passed, N failed, N skipped". Exit 1 when something failed or a skip was not expected (CI=true).
set -u
mode=${MODE:-release}
word=${1:-}
bin=build/$mode
out=$(mktemp -d "${TMPDIR:-/tmp}/d2db-check.XXXXXX") || exit 1
trap 'rm -rf "$out"' EXIT INT TERM
export CMOCKA_MESSAGE_OUTPUT=TAP D2DB_BIN="$PWD/$bin/d2db" D2DB_TOOLS="$PWD/$bin/tests/tools" D2DB_ROOT="$PWD"
export TMPDIR="$out/tmp" LC_ALL=C.UTF-8
export XDG_CONFIG_HOME="$out/config"
unset D2DB_DATA D2DB_USER D2DB_PASSWORD D2DB_ANSWER D2DB_QUESTION D2DB_THEMES NO_COLOR
# The samples of the team's shared folder are used where they are; the tests do not depend on them.
if [ -z "${D2DB_CORPORA:-}" ] && [ -d ../shared/corpora ]; then D2DB_CORPORA=$(cd ../shared/corpora && pwd); fi
export D2DB_CORPORA="${D2DB_CORPORA:-}"
mkdir -p "$TMPDIR" "$XDG_CONFIG_HOME"
# Servers that tests start run as another user below this directory.
chmod 711 "$out" && chmod 1777 "$TMPDIR"

{
    find "$bin/tests/unit" "$bin/tests/crash" "$bin/tests/tui" "$bin/tests/net" -name 'test_*' -type f -perm -u+x 2>/dev/null |
        while read -r program; do
            [ -e "${program#"$bin"/}.c" ] && echo "$program"
        done
    find tests/cli tests/net tests/sql -name '*.sh' 2>/dev/null
} | LC_ALL=C sort | { [ -n "$word" ] && grep -F -- "$word" || cat; } > "$out/list"

# Programs leave TAP on standard output (cmocka: standard error); a program that dies without a failing line counts as one.
cat > "$out/one" <<'ONE'
#!/bin/sh
test=$1; log=$2/$(echo "$test" | tr / _).tap
began=$(date +%s%N)
case $test in
*.sh) timeout -k 5 600 sh "$test" > "$log" 2>&1 ;;
*) timeout -k 5 600 "$test" > "$log" 2>&1 ;;
esac
status=$?
took=$((($(date +%s%N) - began) / 1000000))
# A skipped test is "ok … # SKIP"; cmocka writes "not ok … # SKIP".
skipped=$(grep -ciE '^(not )?ok.*# *skip' "$log")
failed=$(grep -E '^not ok' "$log" | grep -civE '# *skip')
passed=$(grep -E '^ok' "$log" | grep -civE '# *skip')
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    echo "not ok - $test ended with status $status" >> "$log"
    failed=1
fi
if [ "$status" -eq 0 ] && [ "$((failed + passed + skipped))" -eq 0 ]; then
    echo "not ok - $test ran nothing" >> "$log"
    failed=1
fi
echo "$passed $failed $skipped $took $test" >> "$2/sums"
[ "$failed" -eq 0 ] && mark=ok || mark=FAILED
printf '%-7s %6d ms  %4d passed %s%s\n' "$mark" "$took" "$passed" "$test" \
    "$([ "$skipped" -gt 0 ] && echo "  ($skipped skipped)")"
if [ "$failed" -gt 0 ]; then sed 's/^/    /' "$log" | grep -vE '^    ok' | tail -n 40; fi
ONE
chmod +x "$out/one"
xargs -r -P "${JOBS:-2}" -I{} "$out/one" {} "$out" < "$out/list"

# SQL scripts have one runner for all files; it prints TAP by itself.
if [ -x "$bin/tests/tools/tool_sqltest" ]; then
    scripts=$(find tests/sql -name '*.test' | LC_ALL=C sort | { [ -n "$word" ] && grep -F -- "$word" || cat; })
    if [ -n "$scripts" ]; then
        # shellcheck disable=SC2086  # one word per script is meant
        "$bin/tests/tools/tool_sqltest" -j 2 $scripts > "$out/sql.tap" 2>&1
        status=$?
        failed=$(grep -c '^not ok' "$out/sql.tap")
        passed=$(grep -c '^ok' "$out/sql.tap")
        skipped=$(grep -ciE '^ok.*# *skip' "$out/sql.tap")
        [ "$status" -ne 0 ] && [ "$failed" -eq 0 ] && failed=1
        echo "$((passed - skipped)) $failed $skipped 0 tests/sql" >> "$out/sums"
        [ "$failed" -eq 0 ] || grep -vE '^ok' "$out/sql.tap" | head -n 80
        echo "SQL scripts: $passed passed, $failed failed"
    fi
fi

# So have the interleavings of sessions.
if [ -x "$bin/tests/tools/tool_isolation" ]; then
    specs=$(find tests/isolation -name '*.spec' | LC_ALL=C sort | { [ -n "$word" ] && grep -F -- "$word" || cat; })
    if [ -n "$specs" ]; then
        # shellcheck disable=SC2086  # one word per file is meant
        "$bin/tests/tools/tool_isolation" $specs > "$out/isolation.tap" 2>&1
        status=$?
        failed=$(grep -c '^not ok' "$out/isolation.tap")
        passed=$(grep -c '^ok' "$out/isolation.tap")
        [ "$status" -ne 0 ] && [ "$failed" -eq 0 ] && failed=1
        echo "$passed $failed 0 0 tests/isolation" >> "$out/sums"
        [ "$failed" -eq 0 ] || grep -vE '^ok' "$out/isolation.tap" | head -n 80
        echo "Interleavings: $passed passed, $failed failed"
    fi
fi

if grep -qiE '# *skip' "$out"/*.tap 2>/dev/null; then
    echo "Skipped:"
    grep -hiE '^(not )?ok.*# *skip' "$out"/*.tap | sed 's/^/    /'
fi
[ -e "$out/sums" ] || { echo "no test is called like $word" >&2; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
awk -v ci="${CI:-}" '{ passed += $1; failed += $2; skipped += $3 }
     END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 || (ci == "true" && skipped > 0) }' "$out/sums"
