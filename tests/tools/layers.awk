# Checks that no #include points up in layers.txt, that private headers (*_in.h) stay in their room, and that the
# system headers with one owner are included by that owner only.
# Usage: awk -f layers.awk layers.txt FILE…        exit 1 and file:line for every arrow that points up
function room_of(path,    best, r) {
    best = ""
    for (r in may) if ((index(path, r "/") == 1) && length(r) > length(best)) best = r
    return best
}
function complain(text) { printf "%s:%d: %s\n", FILENAME, FNR, text; bad = 1 }
function owner(header, pattern) {
    if ($0 ~ "^#include <" header && FILENAME !~ pattern) complain("<" header "> is included by " pattern " only")
}
NR == FNR {
    if ($0 ~ /^#/ || NF == 0) next
    room = $1; sub(/:$/, "", room)
    if (room in may) complain("room " room " is listed twice")
    may[room] = " "
    for (i = 2; i <= NF; i++) {
        if ($i != "*" && !($i in may)) complain("room " room " names " $i ", which is not above it")
        may[room] = may[room] $i " "
    }
    next
}
FNR == 1 { here = room_of(FILENAME); if (here == "") complain("no room in layers.txt holds this file") }
/^#include "/ {
    split($0, part, "\""); target = room_of(part[2])
    if (target == "") complain("include of unknown room: " part[2])
    else if (target != here && may[here] !~ / \* / && index(may[here], " " target " ") == 0)
        complain(here " may not include " target " (" part[2] ")")
    if (part[2] ~ /_in\.h$/ && target != here && here != "tests") complain("private header of " target ": " part[2])
}
/^#include </ && FILENAME !~ /^tests\// {
    owner("(curses|ncurses|panel)", "^tui/core/term")
    owner("pthread", "^(engine/base/thread|tui/core/job)")
    owner("sys/socket", "^net/wire/(socket|link)")
    owner("openssl", "^(engine/auth/|engine/base/random|net/wire/)")
    owner("yaml", "^engine/base/yaml")
}
/[^_a-z>.](open|openat|creat|pwrite|fsync|fdatasync|rename|renameat|unlink|unlinkat|mkdir|mkdirat|fopen|ftruncate) ?\(/ &&
    FILENAME ~ /\.c$/ && FILENAME !~ /^(engine\/base\/io|net\/wire\/socket|tests\/)/ && $0 !~ /^ *(\/\/|\*)/ && $0 !~ /[>.](open|rename|unlink) ?\(/ {
    complain("only engine/base/io opens, writes, syncs, renames or removes files")
}
END { exit bad }
