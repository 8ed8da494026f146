// Parse: names, dotted names, lists of them, and string literals.
#include "engine/sql/parse_in.h"

#include <string.h>

bool parse_is_name(const Parser *p, NameKind kind)
{
    if (p->tok.kind == TOKEN_QUOTED) return true;
    if (p->tok.kind != TOKEN_WORD) return false;
    KeywordClass class =
        p->tok.keyword == KEYWORD_ABSENT ? KEYWORD_CLASS_PLAIN : keyword_class(p->tok.keyword);
    switch (kind) {
    case NAME_COLUMN: return class == KEYWORD_CLASS_PLAIN || class == KEYWORD_CLASS_COLUMN;
    case NAME_FUNCTION: return class == KEYWORD_CLASS_PLAIN || class == KEYWORD_CLASS_FUNCTION;
    case NAME_LABEL: return true;
    case NAME_BARE_LABEL: return p->tok.keyword == KEYWORD_ABSENT || keyword_is_bare_label(p->tok.keyword);
    }
    return false;
}

// The character behind UESCAPE, when that follows the current U& token; the token is then the one behind it.
static bool unicode_value(Parser *p, Str *text)
{
    Token t = p->tok;
    char escape = '\\';
    parse_advance(p);
    if (parse_is(p, KEYWORD_UESCAPE)) {
        parse_advance(p);
        bool good = p->tok.kind == TOKEN_STRING && p->tok.len == 3 &&
                    !strchr("+'\" \t0123456789abcdefABCDEF", p->lexer.text.at[p->tok.at + 1]);
        if (!good) {
            parse_fail(p, SQLSTATE_SYNTAX, (int64_t)p->tok.at, "invalid Unicode escape character");
            return false;
        }
        escape = p->lexer.text.at[p->tok.at + 1];
        parse_advance(p);
    }
    return lexer_unicode_value(&p->lexer, &t, escape, p->mem, text, p->err);
}

static Str token_value(Parser *p)
{
    Str text = STR_NONE;
    if (p->failed) return text;
    bool good;
    if (lexer_is_unicode(&p->lexer, &p->tok))
        good = unicode_value(p, &text);
    else {
        good = lexer_value(&p->lexer, &p->tok, p->mem, &text, p->err);
        if (good) parse_advance(p);
    }
    if (!good) {
        p->failed = true;
        parse_fail(p, SQLSTATE_SYNTAX, 0, "");
    }
    return text;
}

AstName parse_token_name(Parser *p)
{
    AstName name = {.at = (int64_t)p->tok.at};
    if (p->tok.kind == TOKEN_WORD || p->tok.kind == TOKEN_QUOTED)
        name.text = token_value(p);
    else
        parse_syntax(p);
    return name;
}

AstName parse_name(Parser *p, NameKind kind)
{
    if (parse_is_name(p, kind)) return parse_token_name(p);
    parse_syntax(p);
    return (AstName){.at = (int64_t)p->tok.at};
}

AstName parse_optional_name(Parser *p, NameKind kind)
{
    if (parse_is_name(p, kind)) return parse_token_name(p);
    return (AstName){.at = -1};
}

AstNames parse_bare_name_list(Parser *p)
{
    AstNames names;
    size_t mark = parse_mark(p);
    do {
        AstName name = parse_name(p, NAME_COLUMN);
        parse_push(p, &name, sizeof name);
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &names);
    return names;
}

AstNames parse_name_list(Parser *p)
{
    parse_expect_op(p, '(');
    AstNames names = parse_bare_name_list(p);
    parse_expect_op(p, ')');
    return names;
}

AstNames parse_optional_name_list(Parser *p)
{
    if (parse_is_op(p, '(')) return parse_name_list(p);
    return (AstNames){0};
}

AstPath parse_path(Parser *p, NameKind first)
{
    AstPath path = {.at = (int64_t)p->tok.at, .parts = 1};
    path.part[0] = parse_name(p, first);
    while (parse_is_op(p, '.') && !parse_next_is_op(p, '*')) {
        parse_advance(p);
        if (path.parts == AST_PATH_MAX) {
            parse_fail(p, SQLSTATE_SYNTAX, path.at, "improper qualified name (too many dotted names)");
            break;
        }
        path.part[path.parts++] = parse_name(p, NAME_LABEL);
    }
    return path;
}

AstPaths parse_path_list(Parser *p)
{
    AstPaths paths;
    size_t mark = parse_mark(p);
    do {
        AstPath path = parse_path(p, NAME_COLUMN);
        parse_push(p, &path, sizeof path);
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &paths);
    return paths;
}

AstPath *parse_path_node(Parser *p, const AstPath *path)
{
    AstPath *node = PARSE_NEW(p, AstPath);
    *node = *path;
    return node;
}

// Whether the current string goes on the one before it: plain, and after a line end.
static bool string_continues(const Parser *p)
{
    return p->tok.kind == TOKEN_STRING && p->tok.line_before && p->lexer.text.at[p->tok.at] == '\'';
}

Str parse_string(Parser *p)
{
    if (p->tok.kind != TOKEN_STRING) {
        parse_syntax(p);
        return STR_NONE;
    }
    Str text = token_value(p);
    while (string_continues(p)) {
        Str more = token_value(p);
        char *both = parse_new(p, text.len + more.len + 1);
        if (p->failed) return STR_NONE;
        if (text.len) memcpy(both, text.at, text.len);
        if (more.len) memcpy(both + text.len, more.at, more.len);
        text = (Str){both, text.len + more.len};
    }
    if (!text.at) text.at = "";
    return text;
}
