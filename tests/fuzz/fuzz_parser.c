// Fuzz: any bytes through the parser: a tree or an error with a place; what is printed of a query parses
// again and prints the same.
#include "engine/sql/parser.h"
#include "engine/sql/print.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PRINTED_MAX = 16 << 20, TREE_MAX = 256 << 20 };

static bool changes_inside(const AstQuery *q)
{
    for (uint32_t i = 0; q->with && i < q->with->count; i++) {
        const Statement *s = q->with->cte[i].body;
        if (s->kind != STATEMENT_SELECT || changes_inside(s->query)) return true;
    }
    return q->kind == AST_QUERY_SET && (changes_inside(q->left) || changes_inside(q->right));
}

static void print_again(const AstQuery *q, Arena *mem)
{
    Bytes first, second;
    Statement *s;
    Err err = {.at = -1};
    size_t pos = 0;
    bytes_init(&first, PRINTED_MAX);
    bytes_init(&second, PRINTED_MAX);
    print_query(&first, q);
    // a tree near the limits may not come back; a changing WITH inside an expression is named only
    if (!first.failed && parser_statement(&s, bytes_str(&first), &pos, mem, &err) && s &&
        s->kind == STATEMENT_SELECT) {
        print_query(&second, s->query);
        if (!second.failed && !str_equal(bytes_str(&first), bytes_str(&second))) abort();
    } else if (!first.failed && err_is(&err, SQLSTATE_SYNTAX) &&
               str_find(bytes_str(&first), STR("(INSERT)"), 0) == SIZE_MAX &&
               str_find(bytes_str(&first), STR("(UPDATE)"), 0) == SIZE_MAX &&
               str_find(bytes_str(&first), STR("(DELETE)"), 0) == SIZE_MAX)
        abort();
    bytes_done(&first);
    bytes_done(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Str text = {(const char *)data, size};
    Arena mem;
    arena_init(&mem, TREE_MAX);
    size_t pos = 0;
    while (pos < size) {
        size_t before = pos;
        Statement *s;
        Err err = {.at = -1};
        bool good = parser_statement(&s, text, &pos, &mem, &err);
        if (good == err_any(&err) || pos <= before) abort();
        if (!good && !err_is(&err, SQLSTATE_OUT_OF_MEMORY) && (err.at < 0 || (size_t)err.at > size)) abort();
        if (!good) continue;
        if (!s) break;
        if (s->at < 0 || (size_t)s->at + s->len > size) abort();
        if (s->kind == STATEMENT_SELECT && !changes_inside(s->query)) print_again(s->query, &mem);
    }
    arena_done(&mem);
    return 0;
}
