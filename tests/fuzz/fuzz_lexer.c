// Fuzz: any bytes through the lexer: tokens cover the text without gaps, values are made or refused,
// statements end.
#include "engine/sql/lexer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void values(Str text, Arena *mem)
{
    Lexer l;
    size_t at = 0;
    lexer_init(&l, text, 0);
    for (;;) {
        Token t = lexer_next(&l);
        if (t.kind == TOKEN_END) break;
        Err err = {.at = -1};
        Str value;
        if (t.at != at || !t.len) abort();
        at += t.len;
        bool good = lexer_value(&l, &t, mem, &value, &err);
        if (good == err_any(&err)) abort();
        if (!good && (err.at < 0 || (size_t)err.at > text.len) && !err_is(&err, SQLSTATE_OUT_OF_MEMORY))
            abort();
    }
    if (at != text.len) abort();
}

static void statements(Str text)
{
    size_t pos = 0, at, len, last = 0;
    while (lexer_statement(text, &pos, &at, &len)) {
        if (at < last || at + len > pos || pos > text.len) abort();
        last = pos;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Str text = {(const char *)data, size};
    Arena mem;
    arena_init(&mem, 64 << 20);
    values(text, &mem);
    statements(text);
    arena_done(&mem);
    return 0;
}
