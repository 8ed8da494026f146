// Lexer: cutting. One class per byte chooses the function that finds the token's end; values are made in
// lexer_value.c, so colouring and splitting never copy anything.
#include "engine/sql/lexer.h"

#include "engine/base/utf8.h"
#include <string.h>

typedef enum ByteClass {
    BYTE_BAD,
    BYTE_SPACE,
    BYTE_LETTER,
    BYTE_DIGIT,
    BYTE_SELF,
    BYTE_OPERATOR,
    BYTE_QUOTE,
    BYTE_OTHER
} ByteClass;

// clang-format off
static const unsigned char classes[256] = {
    ['\t'] = BYTE_SPACE, ['\n'] = BYTE_SPACE, ['\v'] = BYTE_SPACE, ['\f'] = BYTE_SPACE, ['\r'] = BYTE_SPACE, [' '] = BYTE_SPACE,
    ['a' ... 'z'] = BYTE_LETTER, ['A' ... 'Z'] = BYTE_LETTER, ['_'] = BYTE_LETTER, [0x80 ... 0xff] = BYTE_LETTER,
    ['0' ... '9'] = BYTE_DIGIT,
    ['('] = BYTE_SELF, [')'] = BYTE_SELF, [']'] = BYTE_SELF, [','] = BYTE_SELF, [';'] = BYTE_SELF,
    ['+'] = BYTE_OPERATOR, ['-'] = BYTE_OPERATOR, ['*'] = BYTE_OPERATOR, ['/'] = BYTE_OPERATOR, ['<'] = BYTE_OPERATOR,
    ['>'] = BYTE_OPERATOR, ['='] = BYTE_OPERATOR, ['~'] = BYTE_OPERATOR, ['!'] = BYTE_OPERATOR, ['@'] = BYTE_OPERATOR,
    ['#'] = BYTE_OPERATOR, ['%'] = BYTE_OPERATOR, ['^'] = BYTE_OPERATOR, ['&'] = BYTE_OPERATOR, ['|'] = BYTE_OPERATOR,
    ['?'] = BYTE_OPERATOR,
    ['\''] = BYTE_QUOTE, ['"'] = BYTE_QUOTE, ['`'] = BYTE_QUOTE,
    ['.'] = BYTE_OTHER, [':'] = BYTE_OTHER, ['$'] = BYTE_OTHER, ['['] = BYTE_OTHER,
};
// clang-format on

static unsigned char byte_at(const Lexer *l, size_t at)
{
    return at < l->text.len ? (unsigned char)l->text.at[at] : 0;
}
static ByteClass class_at(const Lexer *l, size_t at) { return (ByteClass)classes[byte_at(l, at)]; }
static bool is_name_byte(unsigned char c)
{
    return classes[c] == BYTE_LETTER || classes[c] == BYTE_DIGIT || c == '$';
}

void lexer_init(Lexer *l, Str text, size_t from) { *l = (Lexer){.text = text, .at = from}; }

static size_t skip_name(const Lexer *l, size_t at)
{
    while (at < l->text.len && is_name_byte(byte_at(l, at))) at++;
    return at;
}

// Every function below is given the token with `at` set, and returns the byte behind its end.

static size_t cut_space(const Lexer *l, Token *t)
{
    size_t at = t->at;
    while (at < l->text.len && class_at(l, at) == BYTE_SPACE) at++;
    t->kind = TOKEN_SPACE;
    return at;
}

static size_t cut_line_comment(const Lexer *l, Token *t)
{
    size_t at = t->at;
    while (at < l->text.len && byte_at(l, at) != '\n' && byte_at(l, at) != '\r') at++;
    t->kind = TOKEN_COMMENT;
    return at;
}

static size_t cut_block_comment(const Lexer *l, Token *t)
{
    size_t at = t->at + 2, depth = 1;
    t->kind = TOKEN_COMMENT;
    while (at < l->text.len && depth) {
        if (byte_at(l, at) == '*' && byte_at(l, at + 1) == '/')
            depth--, at += 2;
        else if (byte_at(l, at) == '/' && byte_at(l, at + 1) == '*')
            depth++, at += 2;
        else
            at++;
    }
    if (depth) t->kind = TOKEN_BAD, t->fault = FAULT_COMMENT;
    return at;
}

// From the opening quote at `at` to behind the closing one; a doubled quote stays inside. escapes: \' too.
static size_t skip_quoted(const Lexer *l, size_t at, bool escapes, bool *closed)
{
    char quote = l->text.at[at++];
    *closed = false;
    while (at < l->text.len) {
        char c = l->text.at[at];
        if (c == '\\' && escapes)
            at += at + 1 < l->text.len ? 2 : 1;
        else if (c != quote)
            at++;
        else if (byte_at(l, at + 1) == (unsigned char)quote)
            at += 2;
        else {
            *closed = true;
            return at + 1;
        }
    }
    return at;
}

static size_t cut_string(const Lexer *l, Token *t, size_t quote_at, bool escapes)
{
    bool closed;
    size_t end = skip_quoted(l, quote_at, escapes, &closed);
    t->kind = closed ? TOKEN_STRING : TOKEN_BAD;
    if (!closed) t->fault = FAULT_STRING;
    return end;
}

static size_t cut_bits(const Lexer *l, Token *t)
{
    bool closed;
    size_t end = skip_quoted(l, t->at + 1, false, &closed);
    t->kind = closed ? TOKEN_BITS : TOKEN_BAD;
    if (!closed) t->fault = FAULT_BITS;
    return end;
}

static size_t cut_quoted_name(const Lexer *l, Token *t, size_t quote_at)
{
    bool closed;
    size_t end = skip_quoted(l, quote_at, false, &closed);
    t->kind = closed && end - quote_at > 2 ? TOKEN_QUOTED : TOKEN_BAD;
    if (!closed)
        t->fault = FAULT_NAME;
    else if (t->kind == TOKEN_BAD)
        t->fault = FAULT_NAME_EMPTY;
    return end;
}

static size_t cut_word(const Lexer *l, Token *t)
{
    unsigned char first = byte_at(l, t->at) | 32, second = byte_at(l, t->at + 1);
    if (second == '\'') {
        if (first == 'e') return cut_string(l, t, t->at + 1, true);
        if (first == 'n') return cut_string(l, t, t->at + 1, false);
        if (first == 'b' || first == 'x') return cut_bits(l, t);
    }
    if (first == 'u' && second == '&') {
        if (byte_at(l, t->at + 2) == '\'') return cut_string(l, t, t->at + 2, false);
        if (byte_at(l, t->at + 2) == '"') return cut_quoted_name(l, t, t->at + 2);
    }
    size_t end = skip_name(l, t->at);
    t->kind = TOKEN_WORD;
    t->keyword = keyword_find(str_slice(l->text, t->at, end - t->at));
    return end;
}

static size_t skip_digits(const Lexer *l, size_t at)
{
    while (class_at(l, at) == BYTE_DIGIT) at++;
    return at;
}

static size_t cut_number(const Lexer *l, Token *t)
{
    size_t at = skip_digits(l, t->at);
    t->kind = TOKEN_NUMBER;
    if (byte_at(l, at) == '.' && byte_at(l, at + 1) != '.') at = skip_digits(l, at + 1);
    if ((byte_at(l, at) | 32) == 'e') {
        size_t exponent = at + 1;
        if (byte_at(l, exponent) == '+' || byte_at(l, exponent) == '-') exponent++;
        if (class_at(l, exponent) == BYTE_DIGIT) at = skip_digits(l, exponent);
    }
    if (class_at(l, at) == BYTE_LETTER) {
        t->kind = TOKEN_BAD, t->fault = FAULT_NUMBER;
        at = skip_name(l, at);
    }
    return at;
}

static size_t cut_param(const Lexer *l, Token *t)
{
    size_t at = skip_digits(l, t->at + 1);
    bool good = class_at(l, at) != BYTE_LETTER;
    t->kind = good ? TOKEN_PARAM : TOKEN_BAD;
    if (!good) t->fault = FAULT_PARAM, at = skip_name(l, at);
    return at;
}

// $tag$ … $tag$
static size_t cut_dollar(const Lexer *l, Token *t)
{
    size_t at = t->at + 1;
    if (class_at(l, at) == BYTE_DIGIT) return cut_param(l, t);
    if (class_at(l, at) == BYTE_LETTER)
        while (class_at(l, at) == BYTE_LETTER || class_at(l, at) == BYTE_DIGIT) at++;
    if (byte_at(l, at) != '$') {
        t->kind = TOKEN_BAD, t->fault = FAULT_BYTE;
        return t->at + 1;
    }
    Str tag = str_slice(l->text, t->at, at + 1 - t->at);
    size_t end = str_find(l->text, tag, at + 1);
    t->kind = end == SIZE_MAX ? TOKEN_BAD : TOKEN_STRING;
    if (end == SIZE_MAX) {
        t->fault = FAULT_DOLLAR;
        return l->text.len;
    }
    return end + tag.len;
}

// Operators are the longest run of their characters, but end before a comment, and end with + or - only if
// they hold one of ~ ! @ # % ^ & | ? (PostgreSQL's manual, 4.1.3).
static size_t cut_operator(const Lexer *l, Token *t)
{
    size_t at = t->at;
    bool special = false;
    while (class_at(l, at) == BYTE_OPERATOR) {
        unsigned char c = byte_at(l, at), next = byte_at(l, at + 1);
        if (at > t->at && ((c == '-' && next == '-') || (c == '/' && next == '*'))) break;
        special |= strchr("~!@#%^&|?", c) != NULL;
        at++;
    }
    if (!special)
        while (at - t->at > 1 && (byte_at(l, at - 1) == '+' || byte_at(l, at - 1) == '-')) at--;
    t->kind = TOKEN_OPERATOR;
    return at;
}

// [name] of other dialects: not inside brackets, not behind an operand, and only with a name's bytes in it.
static size_t cut_bracket(const Lexer *l, Token *t)
{
    size_t at = t->at + 1;
    t->kind = TOKEN_OPERATOR;
    if (l->after_operand || l->brackets || class_at(l, at) != BYTE_LETTER) return at;
    while (at < l->text.len && (is_name_byte(byte_at(l, at)) || byte_at(l, at) == ' ')) at++;
    if (byte_at(l, at) != ']') return t->at + 1;
    t->kind = TOKEN_QUOTED;
    return at + 1;
}

static size_t cut_other(const Lexer *l, Token *t)
{
    unsigned char c = byte_at(l, t->at), next = byte_at(l, t->at + 1);
    switch (c) {
    case '.':
        if (class_at(l, t->at + 1) == BYTE_DIGIT) return cut_number(l, t);
        t->kind = TOKEN_OPERATOR;
        return t->at + (next == '.' ? 2 : 1);
    case ':': t->kind = TOKEN_OPERATOR; return t->at + (next == ':' || next == '=' ? 2 : 1);
    case '[': return cut_bracket(l, t);
    default: return cut_dollar(l, t);
    }
}

static size_t cut(const Lexer *l, Token *t)
{
    unsigned char c = byte_at(l, t->at), next = byte_at(l, t->at + 1);
    switch ((ByteClass)classes[c]) {
    case BYTE_SPACE: return cut_space(l, t);
    case BYTE_LETTER: return cut_word(l, t);
    case BYTE_DIGIT: return cut_number(l, t);
    case BYTE_SELF: t->kind = c == ';' ? TOKEN_SEMICOLON : TOKEN_OPERATOR; return t->at + 1;
    case BYTE_OPERATOR:
        if (c == '-' && next == '-') return cut_line_comment(l, t);
        if (c == '/' && next == '*') return cut_block_comment(l, t);
        return cut_operator(l, t);
    case BYTE_QUOTE: return c == '\'' ? cut_string(l, t, t->at, false) : cut_quoted_name(l, t, t->at);
    case BYTE_OTHER: return cut_other(l, t);
    case BYTE_BAD: break;
    }
    t->kind = TOKEN_BAD;
    t->fault = c ? FAULT_BYTE : FAULT_NUL;
    return t->at + 1;
}

static bool keyword_ends_operand(Keyword k)
{
    if (k == KEYWORD_ABSENT) return true;
    if (k == KEYWORD_UPDATE || k == KEYWORD_EXISTS) return false;
    return keyword_class(k) == KEYWORD_CLASS_PLAIN || keyword_class(k) == KEYWORD_CLASS_COLUMN;
}

static void note_operand(Lexer *l, const Token *t)
{
    switch (t->kind) {
    case TOKEN_SPACE:
    case TOKEN_COMMENT: return;
    case TOKEN_WORD:
        // ARRAY [ … ] is no name either
        l->after_operand = keyword_ends_operand(t->keyword) || t->keyword == KEYWORD_ARRAY;
        return;
    case TOKEN_OPERATOR:
        if (t->op == '[') l->brackets++;
        if (t->op == ']' && l->brackets) l->brackets--;
        l->after_operand = t->op == ')' || t->op == ']';
        return;
    case TOKEN_SEMICOLON:
        l->brackets = 0;
        l->after_operand = false;
        return;
    default: l->after_operand = true;
    }
}

static uint32_t pack(Str s)
{
    uint32_t op = 0;
    if (s.len > 4) return 0;
    for (size_t i = 0; i < s.len; i++) op = op << 8 | (unsigned char)s.at[i];
    return op;
}

Token lexer_next(Lexer *l)
{
    Token t = {.kind = TOKEN_END, .at = l->at};
    if (l->at >= l->text.len) return t;
    l->at = cut(l, &t);
    t.len = l->at - t.at;
    Str bytes = str_slice(l->text, t.at, t.len);
    if (t.kind == TOKEN_OPERATOR) t.op = pack(bytes);
    if (t.kind != TOKEN_BAD && t.kind != TOKEN_OPERATOR && t.kind != TOKEN_SPACE) {
        bool nul = t.kind != TOKEN_WORD && memchr(bytes.at, 0, bytes.len) != NULL;
        if (nul)
            t.kind = TOKEN_BAD, t.fault = FAULT_NUL;
        else if (utf8_check(bytes) != SIZE_MAX)
            t.kind = TOKEN_BAD, t.fault = FAULT_UTF8;
    }
    note_operand(l, &t);
    return t;
}

Token lexer_next_word(Lexer *l)
{
    bool line = false;
    for (;;) {
        Token t = lexer_next(l);
        if (t.kind != TOKEN_SPACE && t.kind != TOKEN_COMMENT) {
            t.line_before = line;
            return t;
        }
        Str bytes = str_slice(l->text, t.at, t.len);
        if (t.kind == TOKEN_SPACE)
            line |= str_find_byte(bytes, '\n', 0) != SIZE_MAX || str_find_byte(bytes, '\r', 0) != SIZE_MAX;
    }
}

// Tells where a routine's body BEGIN … END keeps its semicolons: only in CREATE … FUNCTION, PROCEDURE or
// TRIGGER.
typedef struct Split {
    uint32_t words, parens, blocks;
    bool create, routine;
} Split;

static void split_word(Split *s, Keyword k)
{
    s->words++;
    if (s->words == 1) s->create = k == KEYWORD_CREATE;
    if (s->create && s->words <= 5 &&
        (k == KEYWORD_FUNCTION || k == KEYWORD_PROCEDURE || k == KEYWORD_TRIGGER))
        s->routine = true;
    if (!s->routine) return;
    if (k == KEYWORD_BEGIN || (k == KEYWORD_CASE && s->blocks)) s->blocks++;
    if (k == KEYWORD_END && s->blocks) s->blocks--;
}

bool lexer_statement(Str text, size_t *pos, size_t *at, size_t *len)
{
    Lexer l;
    lexer_init(&l, text, *pos);
    Split split = {0};
    size_t end = *pos;
    bool found = false;
    for (;;) {
        Token t = lexer_next_word(&l);
        if (t.kind == TOKEN_END) break;
        if (t.kind == TOKEN_SEMICOLON && !split.parens && !split.blocks) {
            *pos = l.at;
            if (found) break;
            continue;
        }
        if (!found) *at = t.at;
        found = true;
        end = t.at + t.len;
        if (t.kind == TOKEN_WORD) split_word(&split, t.keyword);
        if (t.kind == TOKEN_OPERATOR && t.op == '(') split.parens++;
        if (t.kind == TOKEN_OPERATOR && t.op == ')' && split.parens) split.parens--;
        *pos = text.len;
    }
    if (!found) *pos = text.len;
    *len = found ? end - *at : 0;
    return found;
}
