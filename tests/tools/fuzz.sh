#!/bin/sh
# Builds libFuzzer targets (tests/fuzz/fuzz_NAME.c) and runs each for SECONDS with a corpus that lives only as long.
# Usage: tests/tools/fuzz.sh NAME|all [SECONDS]          a finding stays in build/fuzz/NAME-crash-…
set -u
name=${1:-all}
seconds=${2:-60}
case $name in # `make fuzz` without FUZZ gives only the seconds
*[!0-9]*) ;;
*) seconds=$name name=all ;;
esac
case $name in
all | '') names=$(ls tests/fuzz/fuzz_*.c | sed 's|.*/fuzz_||; s|\.c$||') ;;
*) names=$name ;;
esac
command -v clang >/dev/null || { echo "fuzz: clang is needed (apt-get install clang)"; exit 1; }
make --no-print-directory -s MODE=fuzz build/fuzz/libd2db.a || exit 1
packages="ncursesw panelw libssl libcrypto yaml-0.1 libutf8proc"
failed=0
corpus=
trap '[ -z "$corpus" ] || rm -rf "$corpus"' EXIT
trap 'exit 130' INT TERM
for n in $names; do
    source=tests/fuzz/fuzz_$n.c
    program=build/fuzz/fuzz_$n
    [ -f "$source" ] || { echo "fuzz: there is no $source"; exit 1; }
    # shellcheck disable=SC2046
    clang -I. -D_GNU_SOURCE -std=c17 -O1 -g -pthread -Wall -Wextra -Werror -fsanitize=fuzzer,address,undefined \
        -fno-sanitize-recover=undefined $(pkg-config --cflags $packages) -o "$program" "$source" build/fuzz/libd2db.a \
        $(pkg-config --libs $packages) -lm || exit 1
    corpus=$(mktemp -d "${TMPDIR:-/tmp}/d2db-corpus-XXXXXX")
    if [ -d "tests/fuzz/seeds_$n" ]; then cp "tests/fuzz/seeds_$n"/* "$corpus"; fi
    if "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/$n-" "$corpus" >"build/fuzz/$n.log" 2>&1; then
        echo "fuzz $n: $(awk '/stat::number_of_executed_units/ { print $2 }' "build/fuzz/$n.log") runs, nothing found"
    else
        echo "fuzz $n: FOUND SOMETHING, see build/fuzz/$n.log"
        tail -n 25 "build/fuzz/$n.log"
        failed=1
    fi
    rm -rf "$corpus"
done
exit $failed
