// Parse: type names: the many-word ones of the standard by a table, all others as a name with modifiers.
#include "engine/sql/parse_in.h"

#include <stdio.h>
#include <string.h>

bool parse_is_type_keyword(Keyword k)
{
    switch (k) {
    case KEYWORD_BIGINT:
    case KEYWORD_BIT:
    case KEYWORD_BOOLEAN:
    case KEYWORD_CHAR:
    case KEYWORD_CHARACTER:
    case KEYWORD_DEC:
    case KEYWORD_DECIMAL:
    case KEYWORD_FLOAT:
    case KEYWORD_INT:
    case KEYWORD_INTEGER:
    case KEYWORD_INTERVAL:
    case KEYWORD_NATIONAL:
    case KEYWORD_NCHAR:
    case KEYWORD_NUMERIC:
    case KEYWORD_REAL:
    case KEYWORD_SMALLINT:
    case KEYWORD_TIME:
    case KEYWORD_TIMESTAMP:
    case KEYWORD_VARCHAR: return true;
    default: return false;
    }
}

static void add_word(Parser *p, AstType *t, Keyword k)
{
    Str word = str_of(keyword_text(k));
    t->name = t->name.len ? arena_printf(p->mem, "%.*s %.*s", STR_ARG(t->name), STR_ARG(word)) : word;
}

static void take_word(Parser *p, AstType *t)
{
    add_word(p, t, p->tok.keyword);
    parse_advance(p);
}

static void type_mods(Parser *p, AstType *t)
{
    if (parse_is_op(p, '(')) t->mods = parse_expr_list_paren(p);
}

static void type_zone(Parser *p, AstType *t)
{
    type_mods(p, t);
    if (parse_is(p, KEYWORD_WITH) && !parse_next_is(p, KEYWORD_TIME)) return;
    if (!parse_is(p, KEYWORD_WITH) && !parse_is(p, KEYWORD_WITHOUT)) return;
    take_word(p, t);
    if (!parse_is(p, KEYWORD_TIME)) parse_syntax(p);
    take_word(p, t);
    if (!parse_is(p, KEYWORD_ZONE)) parse_syntax(p);
    take_word(p, t);
}

static bool is_interval_field(Keyword k)
{
    return k == KEYWORD_YEAR || k == KEYWORD_MONTH || k == KEYWORD_DAY || k == KEYWORD_HOUR ||
           k == KEYWORD_MINUTE || k == KEYWORD_SECOND;
}

Str parse_interval_fields(Parser *p)
{
    if (p->tok.kind != TOKEN_WORD || !is_interval_field(p->tok.keyword)) return STR_NONE;
    Keyword from = p->tok.keyword;
    parse_advance(p);
    if (!parse_accept(p, KEYWORD_TO)) return str_of(keyword_text(from));
    Keyword to = p->tok.kind == TOKEN_WORD ? p->tok.keyword : KEYWORD_ABSENT;
    if (!is_interval_field(to)) parse_syntax(p);
    parse_advance(p);
    return arena_printf(p->mem, "%s to %s", keyword_text(from), keyword_text(to));
}

static void type_interval(Parser *p, AstType *t)
{
    type_mods(p, t);
    Str fields = parse_interval_fields(p);
    if (!fields.len) return;
    t->name = arena_printf(p->mem, "interval %.*s", STR_ARG(fields));
    if (!t->mods.count) type_mods(p, t);
}

static void type_keyword(Parser *p, AstType *t)
{
    Keyword k = p->tok.keyword;
    take_word(p, t);
    switch (k) {
    case KEYWORD_NATIONAL:
        if (!parse_is(p, KEYWORD_CHAR) && !parse_is(p, KEYWORD_CHARACTER)) parse_syntax(p);
        take_word(p, t);
        // fall through
    case KEYWORD_CHAR:
    case KEYWORD_CHARACTER:
    case KEYWORD_NCHAR:
    case KEYWORD_BIT:
        if (parse_is(p, KEYWORD_VARYING)) take_word(p, t);
        type_mods(p, t);
        return;
    case KEYWORD_TIME:
    case KEYWORD_TIMESTAMP: type_zone(p, t); return;
    case KEYWORD_INTERVAL: type_interval(p, t); return;
    case KEYWORD_DEC:
    case KEYWORD_DECIMAL:
    case KEYWORD_NUMERIC:
    case KEYWORD_FLOAT:
    case KEYWORD_VARCHAR: type_mods(p, t); return;
    default: return;
    }
}

static void type_named(Parser *p, AstType *t)
{
    bool quoted = p->tok.kind == TOKEN_QUOTED;
    AstPath path = parse_path(p, NAME_FUNCTION);
    t->name = ast_path_name(&path);
    t->quoted = quoted;
    if (path.parts > 1) t->schema = path.part[path.parts - 2];
    if (parse_is_op(p, '%') && parse_next_is(p, KEYWORD_TYPE)) {
        parse_advance(p);
        parse_advance(p);
        t->name = arena_printf(p->mem, "%.*s%%type", STR_ARG(t->name));
        return;
    }
    type_mods(p, t);
}

static void type_dimensions(Parser *p, AstType *t)
{
    if (parse_accept(p, KEYWORD_ARRAY)) {
        t->dimensions = 1;
        if (!parse_accept_op(p, '[')) return;
        if (p->tok.kind == TOKEN_NUMBER) parse_advance(p);
        parse_expect_op(p, ']');
        return;
    }
    while (parse_is_op(p, '[') && !p->failed) {
        parse_advance(p);
        if (p->tok.kind == TOKEN_NUMBER) parse_advance(p);
        parse_expect_op(p, ']');
        t->dimensions++;
    }
}

AstType *parse_type(Parser *p)
{
    AstType *t = PARSE_NEW(p, AstType);
    t->at = (int64_t)p->tok.at;
    t->schema.at = -1;
    t->set_of = parse_accept(p, KEYWORD_SETOF);
    if (p->tok.kind == TOKEN_WORD && parse_is_type_keyword(p->tok.keyword))
        type_keyword(p, t);
    else if (parse_is(p, KEYWORD_DOUBLE) && parse_next_is(p, KEYWORD_PRECISION)) {
        take_word(p, t);
        take_word(p, t);
    } else
        type_named(p, t);
    type_dimensions(p, t);
    return t;
}
