// Kit: golden drawings. The files are found below $D2DB_ROOT, else below the directory the test was started
// in.
#include "tests/tui/kit_golden.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void fail_at(Str have, Str want, const char *name)
{
    for (int line = 1; have.len || want.len; line++) {
        Str h = str_cut(&have, '\n'), w = str_cut(&want, '\n');
        if (str_equal(h, w)) continue;
        print_error("%s line %d\n  drawn: %.*s\n  file:  %.*s\n", name, line, STR_ARG(h), STR_ARG(w));
        break;
    }
    fail_msg("%s differs; UPDATE=1 writes what is drawn now: look at it before you keep it", name);
}

void kit_golden_check(const Surface *s, const char *name)
{
    char path[600];
    const char *root = getenv("D2DB_ROOT"), *update = getenv("UPDATE");
    snprintf(path, sizeof path, "%s/tests/tui/golden/%s.txt", root ? root : ".", name);
    Bytes drawn;
    bytes_init(&drawn, 4 << 20);
    surface_dump(s, true, &drawn);
    if (update && *update == '1') {
        FILE *f = fopen(path, "w");
        if (!f) fail_msg("cannot write %s", path);
        fwrite(drawn.at, 1, drawn.len, f);
        fclose(f);
    }
    FILE *f = fopen(path, "r");
    if (!f) fail_msg("there is no %s", path);
    char *text = calloc(1, 4 << 20);
    size_t len = fread(text, 1, (4 << 20) - 1, f);
    fclose(f);
    if (!str_equal(bytes_str(&drawn), (Str){text, len})) fail_at(bytes_str(&drawn), (Str){text, len}, name);
    free(text);
    bytes_done(&drawn);
}
