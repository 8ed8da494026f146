// Tokens of foreign SQL: only as fine as finding statements, names and strings needs.
#include "export/import_in.h"

#include <string.h>

static bool name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static char byte_at(Str s, size_t at) { return at < s.len ? s.at[at] : '\0'; }

static ImportToken token_of(ImportTokenKind kind, Str text, size_t at, size_t end)
{
    bool open = end > text.len;
    return (ImportToken){.kind = kind, .at = at, .len = (open ? text.len : end) - at, .open = open};
}

// Behind the closing quote; text.len + 1 when there is none. Doubled quotes stay inside, and what follows a
// backslash.
static size_t quoted_end(Str text, size_t at, char quote, bool backslash)
{
    for (size_t i = at; i < text.len; i++) {
        if (backslash && text.at[i] == '\\')
            i++;
        else if (text.at[i] == quote && byte_at(text, i + 1) == quote)
            i++;
        else if (text.at[i] == quote)
            return i + 1;
    }
    return text.len + 1;
}

static size_t block_comment_end(Str text, size_t at, bool nested)
{
    unsigned depth = 0;
    for (size_t i = at; i + 1 < text.len; i++) {
        if (text.at[i] == '/' && text.at[i + 1] == '*' && (nested || !depth)) {
            depth++;
            i++;
        } else if (text.at[i] == '*' && text.at[i + 1] == '/') {
            i++;
            if (!--depth) return i + 1;
        }
    }
    return text.len + 1;
}

static size_t line_end(Str text, size_t at)
{
    size_t end = str_find_byte(text, '\n', at);
    return end == SIZE_MAX ? text.len : end;
}

// $tag$ … $tag$; returns `at` when no such string begins here.
static size_t dollar_end(Str text, size_t at)
{
    size_t tag = at + 1;
    while (tag < text.len && name_byte(text.at[tag])) tag++;
    if (tag >= text.len) return text.len + 1;
    if (text.at[tag] != '$' || (byte_at(text, at + 1) >= '0' && byte_at(text, at + 1) <= '9')) return at;
    Str mark = str_slice(text, at, tag + 1 - at);
    size_t end = str_find(text, mark, tag + 1);
    return end == SIZE_MAX ? text.len + 1 : end + mark.len;
}

static size_t word_end(Str text, size_t at)
{
    while (at < text.len && (name_byte(text.at[at]) || text.at[at] == '$')) at++;
    return at;
}

static size_t number_end(Str text, size_t at)
{
    for (; at < text.len; at++) {
        char c = text.at[at], before = text.at[at ? at - 1 : 0];
        bool sign = (c == '+' || c == '-') && (before == 'e' || before == 'E');
        if (!name_byte(c) && c != '.' && !sign) break;
    }
    return at;
}

// E'…', N'…', X'…' and MySQL's _charset'…': the word is a part of the string.
static bool string_prefix(Str word, ImportDialect dialect)
{
    if (word.len == 1) return memchr("eEnNbBxX", word.at[0], 8) != NULL;
    return dialect == IMPORT_MYSQL && word.at[0] == '_';
}

static ImportToken word_token(Str text, size_t at, ImportDialect dialect)
{
    size_t end = word_end(text, at);
    Str word = str_slice(text, at, end - at);
    if (byte_at(text, end) != '\'' || !string_prefix(word, dialect))
        return token_of(IMPORT_WORD, text, at, end);
    bool backslash = dialect == IMPORT_MYSQL || word.at[0] == 'e' || word.at[0] == 'E';
    return token_of(IMPORT_STRING, text, at, quoted_end(text, end + 1, '\'', backslash));
}

static ImportToken quote_token(Str text, size_t at, ImportDialect dialect)
{
    bool mysql = dialect == IMPORT_MYSQL;
    char c = text.at[at];
    bool string = c == '\'' || (c == '"' && mysql);
    return token_of(string ? IMPORT_STRING : IMPORT_NAME, text, at,
                    quoted_end(text, at + 1, c, mysql && string));
}

static bool bracket_name(Str text, size_t at, ImportDialect dialect)
{
    char next = byte_at(text, at + 1);
    return dialect == IMPORT_SQLITE && name_byte(next) && !(next >= '0' && next <= '9');
}

ImportToken import_token(Str text, size_t at, ImportDialect dialect)
{
    char c = text.at[at], next = byte_at(text, at + 1);
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
        size_t end = at;
        while (end < text.len && (text.at[end] == ' ' || (text.at[end] >= '\t' && text.at[end] <= '\r')))
            end++;
        return token_of(IMPORT_SPACE, text, at, end);
    }
    if ((c == '-' && next == '-') || (c == '#' && dialect == IMPORT_MYSQL))
        return token_of(IMPORT_COMMENT, text, at, line_end(text, at));
    if (c == '/' && next == '*')
        return token_of(IMPORT_COMMENT, text, at, block_comment_end(text, at, dialect == IMPORT_POSTGRES));
    if (c == '\'' || c == '"' || c == '`') return quote_token(text, at, dialect);
    if (c == '[' && bracket_name(text, at, dialect)) {
        size_t end = str_find_byte(text, ']', at);
        return token_of(IMPORT_NAME, text, at, end == SIZE_MAX ? text.len + 1 : end + 1);
    }
    if (c == '$' && dialect == IMPORT_POSTGRES) {
        size_t end = dollar_end(text, at);
        if (end > at) return token_of(IMPORT_STRING, text, at, end);
    }
    if (c >= '0' && c <= '9') return token_of(IMPORT_NUMBER, text, at, number_end(text, at));
    if (name_byte(c)) return word_token(text, at, dialect);
    return token_of(IMPORT_SYMBOL, text, at, at + 1);
}

bool import_next_word(Str text, size_t *at, ImportDialect dialect, ImportToken *out)
{
    while (*at < text.len) {
        *out = import_token(text, *at, dialect);
        *at = out->at + out->len;
        if (out->kind != IMPORT_SPACE && out->kind != IMPORT_COMMENT) return true;
    }
    return false;
}

bool import_is_word(Str text, const ImportToken *t, const char *word)
{
    return t->kind == IMPORT_WORD && str_equal_fold(import_token_text(text, t), str_of(word));
}

void import_put_name_value(Bytes *out, Str text, const ImportToken *t)
{
    Str s = import_token_text(text, t);
    if (t->kind == IMPORT_WORD) {
        for (size_t i = 0; i < s.len; i++) {
            char c = s.at[i];
            bytes_put_byte(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
        }
        return;
    }
    char quote = s.len && s.at[0] == '[' ? ']' : s.len ? s.at[0] : 0;
    for (size_t i = 1; i + 1 < s.len; i++) {
        if (s.at[i] == quote && i + 2 < s.len && s.at[i + 1] == quote) i++;
        bytes_put_byte(out, s.at[i]);
    }
}

// Words that only one family has decide; else the kind of the first quoted name; else it is standard enough.
ImportDialect import_guess(Str beginning)
{
    static const struct {
        const char *word;
        char next; // the byte that must follow; 0 = any
        ImportDialect dialect;
    } telling[] = {{"ENGINE", '=', IMPORT_MYSQL},
                   {"AUTO_INCREMENT", 0, IMPORT_MYSQL},
                   {"AUTOINCREMENT", 0, IMPORT_SQLITE},
                   {"PRAGMA", 0, IMPORT_SQLITE}};
    if (str_find(beginning, STR("MySQL dump"), 0) != SIZE_MAX ||
        str_find(beginning, STR("MariaDB dump"), 0) != SIZE_MAX)
        return IMPORT_MYSQL;
    ImportDialect quoted = 0;
    for (size_t at = 0; at < beginning.len;) {
        ImportToken t = import_token(beginning, at, IMPORT_SQLITE);
        at += t.len;
        for (size_t i = 0; t.kind == IMPORT_WORD && i < COUNT_OF(telling); i++)
            if (import_is_word(beginning, &t, telling[i].word) &&
                (!telling[i].next || byte_at(beginning, at) == telling[i].next))
                return telling[i].dialect;
        if (t.kind != IMPORT_NAME || quoted) continue;
        if (beginning.at[t.at] == '`') quoted = IMPORT_MYSQL;
        if (beginning.at[t.at] == '[') quoted = IMPORT_SQLITE;
    }
    return quoted ? quoted : IMPORT_POSTGRES;
}
