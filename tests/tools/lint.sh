#!/bin/sh
# make lint: what a machine can see of the house rules. Prints one line per check; exit 1 when one failed.
set -u
failed=0
files=$(git ls-files '*.c' '*.h' | while read -r f; do [ -e "$f" ] && echo "$f"; done)
product=$(echo "$files" | grep -vE '^tests/')
say() {
    if [ "$2" -eq 0 ]; then echo "ok      $1"; else echo "FAILED  $1"; failed=1; fi
}

out=$(mktemp "${TMPDIR:-/tmp}/d2db-lint.XXXXXX") || exit 1
trap 'rm -f "$out"' EXIT INT TERM
run() {
    name=$1
    shift
    "$@" > "$out" 2>&1
    status=$?
    [ $status -eq 0 ] || head -n 60 "$out"
    say "$name" $status
}

# shellcheck disable=SC2086  # one word per file is meant, here and below
run "layers: no #include points up" awk -f tests/tools/layers.awk tests/tools/layers.txt $files
run "budgets: files, functions, lines" awk -f tests/tools/budget.awk $product
run "words: banned functions, promises" awk -f tests/tools/words.awk $product
run "READMEs name what is there" sh tests/tools/readme.sh
run "format (clang-format)" clang-format --dry-run --Werror $files
run "gcc: warnings are errors" make -j2 all tests CC=gcc
run "names: exported symbols, no mutable globals" sh tests/tools/names.sh build/release
clang_build() {
    flags="$(pkg-config --cflags ncursesw panelw libssl libcrypto yaml-0.1 libutf8proc libpcre2-8 cmocka vterm sqlite3 libpq) -I. -D_GNU_SOURCE -std=c17 -pthread"
    echo "$files" | grep '\.c$' | grep -v '^tests/fuzz/' | xargs -P 2 -n 8 sh -c '
        for f; do clang '"$flags"' -DD2DB_PREFIX="\"/usr/local\"" -DD2DB_VERSION="\"0\"" -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wvla -Wformat=2 -Werror -fsyntax-only "$f" || exit 255; done' sh
}
run "clang: warnings are errors" clang_build
headers() {
    echo "$files" | grep '\.h$' | grep -v '_list\.h$' | xargs -P 2 -n 16 sh -c '
        for f; do echo "#include \"$f\"" | cc -fsyntax-only -I. -D_GNU_SOURCE -std=c17 -Wall -Wextra -Werror $(pkg-config --cflags cmocka vterm) -x c - || {
            echo "$f does not stand alone"; exit 255; }; done' sh
}
run "headers stand alone" headers
run "cppcheck" cppcheck --quiet --std=c11 --language=c --error-exitcode=1 --inline-suppr -j 2 -I. \
    --enable=warning,portability --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
    --suppressions-list=tests/tools/cppcheck.txt $(echo "$product" | grep '\.c$')
exit $failed
