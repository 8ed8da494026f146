#!/bin/sh
# Holds the linker's view against the house rules: every exported function begins with the stem of a header of its own
# room, and there is no mutable data at file scope. Usage: names.sh BUILD_DIR
set -u
build=$1
bad=0
for object in $(find "$build/engine" "$build/net" "$build/export" "$build/analytics" "$build/tui" -name '*.o' | LC_ALL=C sort); do
    file=${object#"$build"/}
    file=${file%.o}.c
    room=$(dirname "$file")
    [ -e "$file" ] || continue
    stems=$(ls "$room"/*.h 2>/dev/null | sed 's#.*/##; s#\.h$##; s#_in$##')
    # A header that speaks of several nouns lists them at the end of its comment: "Nouns: date, time, timestamp".
    stems="$stems $(awk '/^\/\/.*Nouns: / { on = 1; sub(/.*Nouns: /, "") } on && !/^\/\/|^[a-z]/ { on = 0 } on { gsub(/[\/,.]/, " "); print }' "$room"/*.h)"
    [ "$room" = engine/db ] && stems="$stems engine"
    for symbol in $(nm --defined-only -g "$object" | awk '$2 == "T" { print $3 }'); do
        [ "$symbol" = main ] && continue
        case $symbol in *.*) continue ;; esac
        ok=
        for stem in $stems; do
            case $symbol in "$stem"_* | "$stem") ok=1; break ;; esac
        done
        [ -n "$ok" ] || { echo "$file: $symbol does not begin with the stem of a header of $room"; bad=1; }
    done
    for symbol in $(nm --defined-only "$object" | awk '$2 ~ /^[bBdDC]$/ { print $3 }'); do
        case $symbol in *.* | _* | __*) continue ;; esac
        [ "$file" = tui/main.c ] && continue
        if grep -q "names.sh: $symbol" "$file"; then continue; fi
        # Const tables with pointers need relocation and lie in .data.rel.ro, which nm shows as d.
        section=$(objdump -t "$object" | awk -v s="$symbol" '$NF == s { for (i = 1; i <= NF; i++) if ($i ~ /^\./) print $i }' | head -n 1)
        case $section in .data.rel.ro* | .rodata*) continue ;; esac
        echo "$file: mutable data at file scope: $symbol"
        bad=1
    done
done
exit $bad
