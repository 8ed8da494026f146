// What of a statement may be shown: a small scanner of its own, because a statement that the real lexer
// refuses is written to the log too, and a secret in it must not be. Where quoting is doubtful it hides more.
// Relies on buf.
#include "engine/journal/journal.h"

#include <string.h>

typedef enum TokenKind {
    TOKEN_SPACE,
    TOKEN_WORD,
    TOKEN_NUMBER,
    TOKEN_STRING,
    TOKEN_QUOTED,
    TOKEN_COMMENT,
    TOKEN_OTHER
} TokenKind;
typedef struct Token {
    TokenKind kind;
    Str text;
} Token;

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == 0; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static char byte_at(Str s, size_t i) { return i < s.len ? s.at[i] : 0; }

// Behind the closing quote of what opens at s[0]; an unclosed one goes to the end.
static size_t quoted_length(Str s, bool backslashes)
{
    char quote = s.at[0];
    for (size_t i = 1; i < s.len; i++) {
        if (backslashes && s.at[i] == '\\') {
            i++;
        } else if (s.at[i] == quote) {
            if (byte_at(s, i + 1) != quote) return i + 1;
            i++;
        }
    }
    return s.len;
}

// Length of $tag$ … $tag$ at the front, 0 when it is no dollar quote.
static size_t dollar_length(Str s)
{
    size_t tag = 1;
    while (tag < s.len && (is_letter(s.at[tag]) || (tag > 1 && is_digit(s.at[tag])))) tag++;
    if (byte_at(s, tag) != '$') return 0;
    size_t end = str_find(s, str_slice(s, 0, tag + 1), tag + 1);
    return end == SIZE_MAX ? s.len : end + tag + 1;
}

static size_t comment_length(Str s)
{
    if (str_starts(s, STR("--"))) {
        size_t end = str_find_byte(s, '\n', 0);
        return end == SIZE_MAX ? s.len : end;
    }
    if (!str_starts(s, STR("/*"))) return 0;
    size_t depth = 0, i = 0;
    while (i < s.len) {
        Str rest = str_slice(s, i, 2);
        bool opens = str_equal(rest, STR("/*")), closes = str_equal(rest, STR("*/"));
        i += opens || closes ? 2 : 1;
        depth += opens;
        if (closes && --depth == 0) break;
    }
    return i;
}

static Token cut_token(Str s, TokenKind kind, size_t len) { return (Token){kind, str_slice(s, 0, len)}; }

static Token next_token(Str s)
{
    char c = s.at[0];
    size_t len = 1;
    if (is_space(c)) {
        while (len < s.len && is_space(s.at[len])) len++;
        return cut_token(s, TOKEN_SPACE, len);
    }
    if ((len = comment_length(s)) != 0) return cut_token(s, TOKEN_COMMENT, len);
    if (c == '$' && (len = dollar_length(s)) != 0) return cut_token(s, TOKEN_STRING, len);
    if (c == '\'') return cut_token(s, TOKEN_STRING, quoted_length(s, false));
    if (c == '"' || c == '`') return cut_token(s, TOKEN_QUOTED, quoted_length(s, false));
    bool escapes = c == 'e' || c == 'E';
    if (byte_at(s, 1) == '\'' && (escapes || memchr("bBxXnN", c, 6)))
        return cut_token(s, TOKEN_STRING, 1 + quoted_length(str_slice(s, 1, SIZE_MAX), escapes));
    len = 1;
    bool word = is_letter(c);
    if (!word && !is_digit(c)) return cut_token(s, TOKEN_OTHER, 1);
    while (len < s.len &&
           (is_letter(s.at[len]) || is_digit(s.at[len]) || s.at[len] == '$' || (!word && s.at[len] == '.')))
        len++;
    return cut_token(s, word ? TOKEN_WORD : TOKEN_NUMBER, len);
}

static bool has_word(Str s, Str lower)
{
    for (size_t i = 0; i + lower.len <= s.len; i++)
        if (str_equal_fold(str_slice(s, i, lower.len), lower)) return true;
    return false;
}

// After such a word literals are secrets. Names of columns count as well: user_password, "Password".
static bool announces(Str word)
{
    return has_word(word, STR("password")) || has_word(word, STR("passwd")) ||
           str_equal_fold(word, STR("answer")) || str_equal_fold(word, STR("\"answer\"")) ||
           str_equal_fold(word, STR("identified"));
}

static bool is_one_of(Str word, const char *const *list)
{
    for (; *list; list++)
        if (str_equal_fold(word, str_of(*list))) return true;
    return false;
}

// Words of user administration that may stay readable behind PASSWORD.
static bool is_harmless(Str word)
{
    static const char *const list[] = {
        "password", "identified", "by",   "answer", "question", "for",   "to",        "set",           "role",
        "user",     "with",       "null", "valid",  "until",    "reset", "encrypted", "administrator", NULL};
    return is_one_of(word, list);
}

typedef struct Hider {
    Bytes *out;
    unsigned words; // of the present statement
    bool verb, administers, armed;
} Hider;

// CREATE USER …, ALTER ROLE …, SET PASSWORD …: a bare word behind PASSWORD is a password that somebody forgot
// to quote.
static void note_word(Hider *h, Str word)
{
    static const char *const verbs[] = {"create", "alter", "set", "reset", "grant", NULL};
    static const char *const objects[] = {"user", "role", "password", NULL};
    if (h->words == 0) h->verb = is_one_of(word, verbs);
    if (h->words == 1) h->administers = h->verb && is_one_of(word, objects);
    h->words++;
    if (announces(word)) h->armed = true;
}

static void show(Hider *h, Token t)
{
    bool secret = false;
    switch (t.kind) {
    case TOKEN_STRING: secret = h->armed; break;
    case TOKEN_QUOTED:
        secret = h->armed && (h->administers || t.text.at[0] == '"');
        if (announces(t.text)) h->armed = true;
        break;
    case TOKEN_COMMENT: // may hold a statement that was put aside
        if (h->armed || has_word(t.text, STR("password")) || has_word(t.text, STR("answer")) ||
            has_word(t.text, STR("identified"))) {
            bytes_put(h->out, STR("/***/"));
            return;
        }
        break;
    case TOKEN_WORD: secret = h->armed && h->administers && !is_harmless(t.text); break;
    case TOKEN_NUMBER: secret = h->armed && h->administers; break;
    case TOKEN_OTHER:
        if (t.text.at[0] == ';') *h = (Hider){.out = h->out};
        break;
    case TOKEN_SPACE: break;
    }
    bytes_put(h->out, secret ? STR("'***'") : t.text);
    if (t.kind == TOKEN_WORD) note_word(h, t.text);
}

void journal_hide_secrets(Bytes *out, Str statement)
{
    Hider h = {.out = out};
    while (statement.len) {
        Token t = next_token(statement);
        show(&h, t);
        statement = str_slice(statement, t.text.len, SIZE_MAX);
    }
}
