# Keeps files and functions small: a file has at most 800 lines and begins with a comment that says what it is for; a
# function has at most 70 lines; a line at most 130 characters. Usage: awk -f budget.awk FILE…
function complain(line, text) { printf "%s:%d: %s\n", FILENAME, line, text; bad = 1 }
FNR == 1 {
    if (last) check_length()
    last = FILENAME; depth = 0; began = 0
    if ($0 !~ /^\/\//) complain(1, "the first line is not a comment that says what the file is for")
}
function check_length() { if (lines > 800) { printf "%s:%d: %d lines; the budget is 800\n", last, lines, lines; bad = 1 } }
{
    lines = FNR
    if (length($0) > 130) complain(FNR, "line of " length($0) " characters; the budget is 130")
}
# clang-format puts a function's braces alone in the first column.
/^\{/ { began = FNR }
/^\}/ { if (began && FNR - began > 71) complain(began, "function of " FNR - began - 1 " lines; the budget is 70"); began = 0 }
END { if (last) check_length(); exit bad }
