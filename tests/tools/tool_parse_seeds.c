// tool_parse_seeds [-m] FILE…: how far our parser and PostgreSQL's agree. A seed file holds statements ended
// by NUL bytes, each with + (accepted) or - (refused) before it. Prints the share per file; -m also the
// statements judged otherwise, with our error.
#include "engine/base/io.h"
#include "engine/sql/parser.h"
#include <stdio.h>
#include <string.h>

enum { SEED_FILE_MAX = 256 << 20, SEED_SHOWN = 160, SEED_TREE_MAX = 256 << 20 };

typedef struct Tally {
    uint64_t seeds, agreed, wrongly_refused, wrongly_accepted;
} Tally;

static bool accepts(Str text, Arena *mem, Err *err)
{
    size_t pos = 0;
    for (;;) {
        Statement *s;
        // other states (unsupported, limits) come after PostgreSQL's grammar
        if (!parser_statement(&s, text, &pos, mem, err))
            return !err_is(err, SQLSTATE_SYNTAX) && !err_is(err, SQLSTATE_BAD_UTF8);
        if (!s) return true;
    }
}

static void show(char label, Str text, const Err *err)
{
    Str shown = str_slice(text, 0, SEED_SHOWN);
    printf("  %c ", label);
    for (size_t i = 0; i < shown.len; i++) putchar((unsigned char)shown.at[i] < ' ' ? ' ' : shown.at[i]);
    if (err_any(err)) printf("\n      %s %s (at %lld)", err->state, err->text, (long long)err->at);
    putchar('\n');
}

static void judge(Str seed, Tally *t, bool mismatches)
{
    Arena mem;
    arena_init(&mem, SEED_TREE_MAX);
    Err err = {.at = -1};
    Str text = str_slice(seed, 1, seed.len - 1);
    bool expected = seed.at[0] == '+', accepted = accepts(text, &mem, &err);
    t->seeds++;
    if (accepted == expected)
        t->agreed++;
    else {
        if (expected)
            t->wrongly_refused++;
        else
            t->wrongly_accepted++;
        if (mismatches) show(seed.at[0], text, &err);
    }
    arena_done(&mem);
}

static bool run(const char *path, bool mismatches)
{
    Bytes content;
    bytes_init(&content, SEED_FILE_MAX);
    Err err = {.at = -1};
    if (!io_read_path(io_posix(), path, &content, &err)) {
        fprintf(stderr, "%s: %s\n", path, err.text);
        return false;
    }
    Tally t = {0};
    for (Str rest = bytes_str(&content); rest.len;) {
        Str seed = str_cut(&rest, 0);
        if (seed.len > 1) judge(seed, &t, mismatches);
    }
    printf("%s: %llu seeds, %.2f %% alike, %llu refused that PostgreSQL takes, %llu taken that it refuses\n",
           path, (unsigned long long)t.seeds, t.seeds ? 100.0 * (double)t.agreed / (double)t.seeds : 0.0,
           (unsigned long long)t.wrongly_refused, (unsigned long long)t.wrongly_accepted);
    bytes_done(&content);
    return true;
}

int main(int argc, char **argv)
{
    bool mismatches = argc > 1 && strcmp(argv[1], "-m") == 0, good = argc > (mismatches ? 2 : 1);
    if (!good) fprintf(stderr, "usage: tool_parse_seeds [-m] FILE…\n");
    for (int i = mismatches ? 2 : 1; i < argc; i++) good &= run(argv[i], mismatches);
    return good ? 0 : 1;
}
