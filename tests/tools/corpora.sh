#!/bin/sh
# Runs a folder of foreign scripts (sqllogictest form). Usage: corpora.sh DIR [NAMES]
# Prints each file that is not whole with its share of records, and one line for all. With NAMES, a list of files (paths
# from DIR) that are expected to be whole: exit 1 when one of them is not; otherwise shares are only told.
set -u
dir=${1:?usage: corpora.sh DIR [NAMES]}
names=${2:-}
runner=build/${MODE:-release}/tests/tools/tool_sqltest
out=$(mktemp "${TMPDIR:-/tmp}/d2db-corpora.XXXXXX") || exit 1
trap 'rm -f "$out" "$out.bad"' EXIT INT TERM
find "$dir" -name '*.test' -type f | LC_ALL=C sort | xargs -n 64 "$runner" -j "${JOBS:-2}" > "$out" 2>&1
awk -v dir="$dir/" -v bad="$out.bad" '
function close_file() {
    if (file == "") return
    files++; total += records; good += records - failed
    if (whole) sound++
    else { printf "%6.2f%%  %d of %d  %s\n", records ? 100 * (records - failed) / records : 0, records - failed, records, file
           print file > bad }
    file = ""
}
/^(not )?ok [0-9]+ - / {
    close_file()
    whole = ($1 == "ok")
    file = $0; sub(/^(not )?ok [0-9]+ - /, "", file)
    records = file; sub(/.*\(/, "", records); sub(/ records\)$/, "", records); records += 0
    sub(/ \([0-9]+ records\)$/, "", file)
    if (index(file, dir) == 1) file = substr(file, length(dir) + 1)
    failed = 0
    next
}
/^# and [0-9]+ more$/ { failed += $3; next }
/^# / { failed++ }
END {
    close_file()
    printf "%d of %d files whole, %d of %d records (%.2f%%)\n", sound, files, good, total, total ? 100 * good / total : 0
}' "$out"
touch "$out.bad"
[ -n "$names" ] || exit 0
status=0
while read -r file; do
    case $file in '' | '#'*) continue ;; esac
    [ -e "$dir/$file" ] || continue
    if grep -qxF -- "$file" "$out.bad" || ! grep -qF -- "$dir/$file" "$out"; then
        echo "was whole, and is not any more: $file"
        status=1
    fi
done < "$names"
exit $status
