// Parser: tokens, errors, lists, limits, and the table that sends each statement to its rule.
#include "engine/sql/ast_routine.h"
#include "engine/sql/parser.h"

#include "engine/sql/parse_in.h"
#include <string.h>

enum { LIST_STACK_MAX = 1 << 30, SYNTAX_SHOWN = 60 };

// ---- errors and limits ----

void parse_fail(Parser *p, const char *state, int64_t at, const char *sentence)
{
    if (!p->failed) (void)err_set_at(p->err, state, at, "%s", sentence);
    p->failed = true;
    p->tok = p->next = (Token){.kind = TOKEN_END, .at = p->lexer.text.len};
    p->lexer.at = p->lexer.text.len;
}

static Str shown(const Parser *p)
{
    Str s = str_slice(p->lexer.text, p->tok.at, p->tok.len);
    if (s.len <= SYNTAX_SHOWN) return s;
    size_t len = SYNTAX_SHOWN;
    while (len && ((unsigned char)s.at[len] & 0xc0) == 0x80) len--;
    return str_slice(s, 0, len);
}

void parse_syntax(Parser *p)
{
    if (p->failed) return;
    if (p->tok.kind == TOKEN_BAD)
        (void)lexer_fault(&p->lexer, &p->tok, p->err);
    else if (p->tok.kind == TOKEN_END)
        (void)err_set_at(p->err, SQLSTATE_SYNTAX, (int64_t)p->end, "syntax error at end of input");
    else {
        Str s = shown(p);
        (void)err_set_at(p->err, SQLSTATE_SYNTAX, (int64_t)p->tok.at, "syntax error at or near \"%.*s\"",
                         STR_ARG(s));
    }
    parse_fail(p, SQLSTATE_SYNTAX, 0, "");
}

static void too_deep(Parser *p)
{
    if (p->failed) return;
    (void)err_set_at(p->err, SQLSTATE_TOO_COMPLEX, (int64_t)p->tok.at,
                     "the statement is nested more than %d levels deep", AST_DEPTH_MAX);
    (void)err_hint(p->err,
                   "Split the expression, or use a list (IN, VALUES) instead of a chain of operators.");
    p->failed = true;
    parse_fail(p, SQLSTATE_TOO_COMPLEX, 0, "");
}

bool parse_enter(Parser *p)
{
    if (++p->depth > AST_DEPTH_MAX) too_deep(p);
    return !p->failed;
}

void parse_leave(Parser *p) { p->depth--; }

void parse_grow(Parser *p)
{
    if (++p->height > AST_DEPTH_MAX) too_deep(p);
}

void *parse_new(Parser *p, size_t size)
{
    void *node = arena_try(p->mem, 1, size);
    if (node) return node;
    parse_fail(p, SQLSTATE_OUT_OF_MEMORY, (int64_t)p->tok.at,
               "the statement's tree does not fit into its memory");
    memset(p->spare, 0, sizeof p->spare);
    return p->spare;
}

size_t parse_mark(const Parser *p) { return p->stack.len; }

void parse_push(Parser *p, const void *item, size_t size)
{
    if (p->failed) return;
    bytes_put(&p->stack, (Str){item, size});
    if (p->stack.failed)
        parse_fail(p, SQLSTATE_LIMIT, (int64_t)p->tok.at, "the statement's lists are too long");
}

void *parse_take(Parser *p, size_t mark, size_t size, uint32_t *count)
{
    *count = 0;
    if (p->failed || p->stack.len == mark) return NULL;
    size_t n = (p->stack.len - mark) / size;
    void *list = n > AST_LIST_MAX ? NULL : arena_try(p->mem, n, size);
    if (!list) {
        bool long_list = n > AST_LIST_MAX;
        parse_fail(p, long_list ? SQLSTATE_LIMIT : SQLSTATE_OUT_OF_MEMORY, (int64_t)p->tok.at,
                   long_list ? "a list of the statement has more than 1048576 members"
                             : "a list of the statement does not fit into its memory");
        return NULL;
    }
    memcpy(list, p->stack.at + mark, n * size);
    p->stack.len = mark;
    *count = (uint32_t)n;
    return list;
}

// ---- tokens ----

void parse_advance(Parser *p)
{
    if (p->failed) return;
    p->end = p->tok.at + p->tok.len;
    p->tok = p->next;
    p->next = p->tok.kind == TOKEN_END ? p->tok : lexer_next_word(&p->lexer);
    if (p->tok.kind == TOKEN_BAD) parse_syntax(p);
}

bool parse_is(const Parser *p, Keyword k) { return p->tok.kind == TOKEN_WORD && p->tok.keyword == k; }
bool parse_next_is(const Parser *p, Keyword k) { return p->next.kind == TOKEN_WORD && p->next.keyword == k; }
bool parse_is_op(const Parser *p, uint32_t op) { return p->tok.kind == TOKEN_OPERATOR && p->tok.op == op; }
bool parse_next_is_op(const Parser *p, uint32_t op)
{
    return p->next.kind == TOKEN_OPERATOR && p->next.op == op;
}
bool parse_ends(const Parser *p) { return p->tok.kind == TOKEN_END || p->tok.kind == TOKEN_SEMICOLON; }

bool parse_accept(Parser *p, Keyword k)
{
    if (!parse_is(p, k)) return false;
    parse_advance(p);
    return true;
}

bool parse_accept_two(Parser *p, Keyword a, Keyword b)
{
    if (!parse_is(p, a) || !parse_next_is(p, b)) return false;
    parse_advance(p);
    parse_advance(p);
    return true;
}

bool parse_accept_op(Parser *p, uint32_t op)
{
    if (!parse_is_op(p, op)) return false;
    parse_advance(p);
    return true;
}

void parse_expect(Parser *p, Keyword k)
{
    if (!parse_accept(p, k)) parse_syntax(p);
}

void parse_expect_op(Parser *p, uint32_t op)
{
    if (!parse_accept_op(p, op)) parse_syntax(p);
}

bool parse_is_word(const Parser *p, const char *lower)
{
    return p->tok.kind == TOKEN_WORD &&
           str_equal_fold(str_slice(p->lexer.text, p->tok.at, p->tok.len), str_of(lower));
}

bool parse_accept_word(Parser *p, const char *lower)
{
    if (!parse_is_word(p, lower)) return false;
    parse_advance(p);
    return true;
}

Str parse_words_from(Parser *p, size_t from)
{
    Str s = str_slice(p->lexer.text, from, p->end > from ? p->end - from : 0);
    char *copy = parse_new(p, s.len + 1);
    if (p->failed) return STR_NONE;
    if (s.len) memcpy(copy, s.at, s.len);
    return (Str){copy, s.len};
}

// ---- statements ----

// A statement that is known but not carried out: all of it is skipped.
void parse_skip(Parser *p, Statement *s, Str name)
{
    s->kind = STATEMENT_OUTSIDE;
    s->words = name;
    size_t pos = (size_t)s->at, at, len;
    if (p->failed || !lexer_statement(p->lexer.text, &pos, &at, &len)) return;
    while (!p->failed && p->tok.kind != TOKEN_END && p->tok.at < at + len) parse_advance(p);
}

void parse_outside(Parser *p, Statement *s, size_t from, unsigned words)
{
    Bytes name;
    bytes_init(&name, 256);
    Lexer l;
    lexer_init(&l, p->lexer.text, from);
    for (unsigned i = 0; i < words; i++) {
        Token t = lexer_next_word(&l);
        if (t.kind != TOKEN_WORD || t.len > AST_NAME_MAX) break;
        if (i) bytes_put_byte(&name, ' ');
        for (size_t k = 0; k < t.len; k++) {
            char c = p->lexer.text.at[t.at + k];
            bytes_put_byte(&name, c >= 'a' && c <= 'z' ? (char)(c & ~32) : c);
        }
    }
    parse_skip(p, s, arena_copy(p->mem, name.failed ? STR("statement") : bytes_str(&name)));
    bytes_done(&name);
}

typedef struct OutsideWord {
    Keyword word;
    unsigned words;
} OutsideWord;

// Statements of PostgreSQL that the engine does not carry out, by their first word; how many words name them.
static const OutsideWord outside[] = {
    {KEYWORD_LISTEN, 1},  {KEYWORD_NOTIFY, 1}, {KEYWORD_UNLISTEN, 1}, {KEYWORD_DO, 1},     {KEYWORD_MERGE, 1},
    {KEYWORD_CLUSTER, 1}, {KEYWORD_LOAD, 1},   {KEYWORD_SECURITY, 2}, {KEYWORD_IMPORT, 3},
};

static bool parse_outside_word(Parser *p, Statement *s)
{
    for (size_t i = 0; i < COUNT_OF(outside); i++)
        if (parse_is(p, outside[i].word)) {
            size_t from = p->tok.at;
            parse_advance(p);
            if (parse_ends(p) && outside[i].word != KEYWORD_CLUSTER) parse_syntax(p);
            parse_outside(p, s, from, outside[i].words);
            return true;
        }
    return false;
}

static void parse_changing(Parser *p, Statement *s, AstWith *with)
{
    if (parse_is(p, KEYWORD_INSERT))
        parse_insert(p, s, with);
    else if (parse_is(p, KEYWORD_UPDATE))
        parse_update(p, s, with);
    else if (parse_is(p, KEYWORD_DELETE))
        parse_delete(p, s, with);
    else {
        s->kind = STATEMENT_SELECT;
        s->query = parse_query_with(p, with);
    }
}

static void parse_kind(Parser *p, Statement *s)
{
    switch (p->tok.kind == TOKEN_WORD ? p->tok.keyword : KEYWORD_ABSENT) {
    case KEYWORD_WITH: parse_changing(p, s, parse_with(p)); return;
    case KEYWORD_SELECT:
    case KEYWORD_VALUES:
    case KEYWORD_TABLE:
    case KEYWORD_INSERT:
    case KEYWORD_UPDATE:
    case KEYWORD_DELETE: parse_changing(p, s, NULL); return;
    case KEYWORD_TRUNCATE: parse_truncate(p, s); return;
    case KEYWORD_COPY: parse_copy(p, s); return;
    case KEYWORD_CREATE: parse_create(p, s); return;
    case KEYWORD_DROP: parse_drop(p, s); return;
    case KEYWORD_ALTER: parse_alter(p, s); return;
    case KEYWORD_COMMENT: parse_comment(p, s); return;
    case KEYWORD_CALL: parse_call_statement(p, s); return;
    default:
        if (parse_is_op(p, '(')) {
            s->kind = STATEMENT_SELECT;
            s->query = parse_query(p);
        } else if (!parse_session(p, s) && !parse_grant(p, s) && !parse_outside_word(p, s))
            parse_syntax(p);
    }
}

Statement *parse_statement(Parser *p)
{
    Statement *s = PARSE_NEW(p, Statement);
    s->at = (int64_t)p->tok.at;
    if (parse_enter(p)) parse_kind(p, s);
    parse_leave(p);
    s->len = p->end > (size_t)s->at ? p->end - (size_t)s->at : 0;
    return s;
}

// ---- entries ----

static void parser_init(Parser *p, Str text, size_t from, Arena *mem, Err *err)
{
    *p = (Parser){.mem = mem, .err = err, .end = from};
    lexer_init(&p->lexer, text, from);
    bytes_init(&p->stack, LIST_STACK_MAX);
    p->next = lexer_next_word(&p->lexer);
    parse_advance(p);
    p->end = from;
}

static bool statement_size(Str text, size_t from, Err *err)
{
    if (text.len - from <= AST_STATEMENT_MAX) return true;
    size_t pos = from, at, len;
    if (!lexer_statement(text, &pos, &at, &len) || len <= AST_STATEMENT_MAX) return true;
    return err_set_at(err, SQLSTATE_LIMIT, (int64_t)at, "the statement has %zu bytes; at most %d are allowed",
                      len, AST_STATEMENT_MAX);
}

static void skip_statement(Str text, size_t *pos)
{
    size_t at, len;
    (void)lexer_statement(text, pos, &at, &len);
}

bool parser_statement(Statement **out, Str text, size_t *pos, Arena *mem, Err *err)
{
    *out = NULL;
    if (!statement_size(text, *pos, err)) {
        skip_statement(text, pos);
        return false;
    }
    Parser p;
    parser_init(&p, text, *pos, mem, err);
    while (p.tok.kind == TOKEN_SEMICOLON) parse_advance(&p);
    size_t start = p.tok.at;
    if (p.tok.kind != TOKEN_END) {
        Statement *s = parse_statement(&p);
        s->params = p.params;
        if (!parse_ends(&p)) parse_syntax(&p);
        *out = s;
    }
    bytes_done(&p.stack);
    if (!p.failed) {
        *pos = p.tok.kind == TOKEN_SEMICOLON ? p.tok.at + p.tok.len : text.len;
        return true;
    }
    *out = NULL;
    if (start < text.len) *pos = start;
    skip_statement(text, pos);
    return false;
}

bool parser_expr(AstExpr **out, Str text, Arena *mem, Err *err)
{
    Parser p;
    parser_init(&p, text, 0, mem, err);
    *out = parse_expr(&p);
    if (p.tok.kind != TOKEN_END) parse_syntax(&p);
    bytes_done(&p.stack);
    return !p.failed;
}

bool parser_type(AstType **out, Str text, Arena *mem, Err *err)
{
    Parser p;
    parser_init(&p, text, 0, mem, err);
    *out = parse_type(&p);
    if (p.tok.kind != TOKEN_END) parse_syntax(&p);
    bytes_done(&p.stack);
    return !p.failed;
}

bool parser_steps(AstSteps *out, Str text, Arena *mem, Err *err)
{
    Parser p;
    size_t from, to;
    parser_init(&p, text, 0, mem, err);
    *out = parse_steps(&p, &from, &to);
    if (p.tok.kind != TOKEN_END) parse_syntax(&p);
    for (uint32_t i = 0; i < out->count; i++) out->at[i].statement->params = p.params;
    bytes_done(&p.stack);
    return !p.failed;
}
