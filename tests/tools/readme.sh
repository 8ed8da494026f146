#!/bin/sh
# Each room's README.md names every .c file of the room (by its stem) and no file that is gone.
set -u
bad=0
for room in engine/base engine/data engine/journal engine/auth engine/txn engine/store engine/sql engine/plan engine/exec \
    engine/db net/wire net/pg net export analytics tui/core tui/text tui/widget tui/panes tui; do
    [ -d "$room" ] || continue
    readme=$room/README.md
    [ -e "$readme" ] || { echo "$room: no README.md"; bad=1; continue; }
    for heading in 'For what' 'Words' 'Files in reading order' 'Always true' 'How to add one'; do
        grep -qi "^## *$heading" "$readme" || { echo "$readme: no heading '$heading'"; bad=1; }
    done
    for file in "$room"/*.c; do
        [ -e "$file" ] || continue
        stem=$(basename "$file" .c)
        grep -qE "(^|[^a-z_])$stem([^a-z_]|$)" "$readme" || { echo "$readme: does not name $stem.c"; bad=1; }
    done
    for named in $(grep -oE '[a-z][a-z0-9_]*\.[ch]([^a-z]|$)' "$readme" | sed 's/[^a-z]$//' | LC_ALL=C sort -u); do
        [ -e "$room/$named" ] || git ls-files "*/$named" | grep -q . || { echo "$readme: names $named, which is gone"; bad=1; }
    done
done
exit $bad
