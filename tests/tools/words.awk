# Words that have no place in the code: unbounded or hidden-state functions, promises for later.
# Usage: awk -f words.awk FILE…
function complain(text) { printf "%s:%d: %s\n", FILENAME, FNR, text; bad = 1 }
{
    code = $0
    sub(/\/\/.*/, "", code)
    gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
    if (match(code, /(^|[^_a-zA-Z0-9])(sprintf|vsprintf|strcpy|strcat|strncpy|atoi|atol|atof|gets|strtok|strdup|tmpnam|mktemp|system|rand|srand|asctime|ctime|localtime|gmtime|setjmp|longjmp|alloca) *\(/))
        complain("banned: " substr(code, RSTART, RLENGTH))
    if ($0 ~ /(^|[^A-Za-z0-9_])(TODO|FIXME|XXX|HACK)([^A-Za-z0-9_]|$)/ && $0 !~ /XXXXXX/ && $0 !~ /"XX[0-9]/) complain("a promise for later")
    if (tolower($0) ~ /not (yet )?implemented/) complain("a promise for later")
}
FNR == 1 {
    n = split(FILENAME, part, "/"); name = part[n]; sub(/\.[ch]$/, "", name)
    if (name ~ /^(util|utils|common|misc|helper|helpers|manager|stuff)$/) complain("file name says nothing")
    if (name !~ /^[a-z][a-z0-9_]*$/) complain("file names are lower_snake")
}
END { exit bad }
