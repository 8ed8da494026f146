// Print: names, strings, types, and expressions. An expression's operand is put in parentheses when it binds
// no tighter than its place asks for; casts are written CAST(… AS …), which needs none.
#include "engine/sql/print_in.h"

#include "engine/sql/keyword.h"
#include <string.h>

void print_word(Bytes *out, const char *text) { bytes_put(out, str_of(text)); }

static bool is_plain_name(Str name)
{
    if (!name.len || !(name.at[0] == '_' || (name.at[0] >= 'a' && name.at[0] <= 'z'))) return false;
    for (size_t i = 1; i < name.len; i++) {
        char c = name.at[i];
        if (c != '_' && c != '$' && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) return false;
    }
    Keyword k = keyword_find(name);
    return k == KEYWORD_ABSENT || keyword_class(k) == KEYWORD_CLASS_PLAIN;
}

static void print_quoted(Bytes *out, Str text, char quote)
{
    bytes_put_byte(out, quote);
    for (size_t from = 0; from < text.len;) {
        size_t at = str_find_byte(text, quote, from);
        size_t end = at == SIZE_MAX ? text.len : at + 1;
        bytes_put(out, str_slice(text, from, end - from));
        if (at != SIZE_MAX) bytes_put_byte(out, quote);
        from = end;
    }
    bytes_put_byte(out, quote);
}

void print_name(Bytes *out, Str name)
{
    if (is_plain_name(name))
        bytes_put(out, name);
    else
        print_quoted(out, name, '"');
}

void print_string(Bytes *out, Str text) { print_quoted(out, text, '\''); }

void print_path(Bytes *out, const AstPath *p)
{
    for (uint32_t i = 0; i < p->parts; i++) {
        if (i) bytes_put_byte(out, '.');
        print_name(out, p->part[i].text);
    }
}

void print_names(Bytes *out, const AstNames *names)
{
    bytes_put_byte(out, '(');
    for (uint32_t i = 0; i < names->count; i++) {
        if (i) print_word(out, ", ");
        print_name(out, names->at[i].text);
    }
    bytes_put_byte(out, ')');
}

void print_exprs(Bytes *out, const AstExprs *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (i) print_word(out, ", ");
        print_expr(out, list->at[i]);
    }
}

// ---- types ----

static void print_mods(Bytes *out, const AstType *t)
{
    if (!t->mods.count) return;
    bytes_put_byte(out, '(');
    print_exprs(out, &t->mods);
    bytes_put_byte(out, ')');
}

static bool is_built_in(const AstType *t)
{
    if (t->quoted || t->schema.text.at) return false;
    size_t blank = str_find_byte(t->name, ' ', 0);
    if (blank != SIZE_MAX || str_find_byte(t->name, '%', 0) != SIZE_MAX) return true;
    return keyword_colour(t->name) == KEYWORD_COLOUR_TYPE;
}

static void print_type_name(Bytes *out, const AstType *t)
{
    if (!is_built_in(t)) {
        if (t->schema.text.at) {
            print_name(out, t->schema.text);
            bytes_put_byte(out, '.');
        }
        if (t->quoted)
            print_quoted(out, t->name, '"');
        else
            print_name(out, t->name);
        print_mods(out, t);
        return;
    }
    size_t with = str_find(t->name, STR(" with"), 0); // time (3) with time zone
    bytes_put(out, str_slice(t->name, 0, with));
    print_mods(out, t);
    if (with != SIZE_MAX) bytes_put(out, str_slice(t->name, with, t->name.len));
}

void print_type(Bytes *out, const AstType *t)
{
    if (t->set_of) print_word(out, "SETOF ");
    print_type_name(out, t);
    for (uint32_t i = 0; i < t->dimensions; i++) print_word(out, "[]");
}

// ---- expressions ----

typedef enum Bind {
    BIND_OR = 1,
    BIND_AND,
    BIND_NOT,
    BIND_IS,
    BIND_COMPARE,
    BIND_RANGE,
    BIND_OPERATOR,
    BIND_ADD,
    BIND_MULTIPLY,
    BIND_POWER,
    BIND_ZONE,
    BIND_COLLATE,
    BIND_SIGN,
    BIND_ATOM,
} Bind;

static bool text_is(Str s, const char *const *list)
{
    for (; *list; list++)
        if (str_equal(s, str_of(*list))) return true;
    return false;
}

static Bind operator_bind(const AstExpr *e)
{
    static const char *const compare[] = {"<", ">", "=", "<=", ">=", "<>", NULL},
                             *const add[] = {"+", "-", NULL}, *const multiply[] = {"*", "/", "%", NULL},
                             *const power[] = {"^", NULL};
    if (e->kind == AST_OPERATOR && e->path) return BIND_OPERATOR;
    if (text_is(e->text, compare)) return BIND_COMPARE;
    if (text_is(e->text, add)) return e->a ? BIND_ADD : BIND_SIGN;
    if (text_is(e->text, multiply)) return BIND_MULTIPLY;
    return text_is(e->text, power) ? BIND_POWER : BIND_OPERATOR;
}

static Bind bind(const AstExpr *e)
{
    switch (e->kind) {
    case AST_OR: return BIND_OR;
    case AST_AND: return BIND_AND;
    case AST_NOT: return BIND_NOT;
    case AST_IS:
    case AST_IS_DISTINCT: return BIND_IS;
    case AST_BETWEEN:
    case AST_IN_LIST:
    case AST_IN_QUERY:
    case AST_LIKE: return BIND_RANGE;
    case AST_QUANTIFIED: return e->text.len && (e->text.at[0] | 32) >= 'a' ? BIND_RANGE : operator_bind(e);
    case AST_OPERATOR: return operator_bind(e);
    case AST_AT_TIME_ZONE: return BIND_ZONE;
    case AST_COLLATE: return BIND_COLLATE;
    default: return BIND_ATOM;
    }
}

static void operand(Bytes *out, const AstExpr *e, Bind min)
{
    bool paren = bind(e) < min;
    if (paren) bytes_put_byte(out, '(');
    print_expr(out, e);
    if (paren) bytes_put_byte(out, ')');
}

static void print_operator(Bytes *out, const AstExpr *e)
{
    Bind own = operator_bind(e);
    if (e->a) {
        operand(out, e->a, own == BIND_COMPARE ? own + 1 : own);
        bytes_put_byte(out, ' ');
    }
    if (e->path) {
        print_word(out, "OPERATOR(");
        for (uint32_t i = 0; i + 1 < e->path->parts; i++) {
            print_name(out, e->path->part[i].text);
            bytes_put_byte(out, '.');
        }
        bytes_put(out, e->text);
        print_word(out, ") ");
    } else {
        bytes_put(out, e->text);
        if (e->a || own != BIND_SIGN) bytes_put_byte(out, ' ');
    }
    operand(out, e->b, e->a ? own + 1 : BIND_ATOM);
}

static void print_chain(Bytes *out, const AstExpr *e, const char *word, Bind own)
{
    for (uint32_t i = 0; i < e->list.count; i++) {
        if (i) print_word(out, word);
        operand(out, e->list.at[i], own + 1);
    }
}

static void print_is(Bytes *out, const AstExpr *e)
{
    static const char *const tests[] = {
        [AST_TEST_NULL] = "NULL",         [AST_TEST_TRUE] = "TRUE",
        [AST_TEST_FALSE] = "FALSE",       [AST_TEST_UNKNOWN] = "UNKNOWN",
        [AST_TEST_DOCUMENT] = "DOCUMENT", [AST_TEST_NORMALIZED] = "NORMALIZED",
    };
    operand(out, e->a, BIND_COMPARE);
    print_word(out, e->negated ? " IS NOT " : " IS ");
    if (e->test == AST_TEST_NORMALIZED && e->text.len) {
        bytes_put(out, e->text);
        bytes_put_byte(out, ' ');
    }
    print_word(out, tests[e->test]);
}

static void print_between(Bytes *out, const AstExpr *e)
{
    operand(out, e->a, BIND_OPERATOR);
    print_word(out, e->negated ? " NOT BETWEEN " : " BETWEEN ");
    if (e->flag) print_word(out, "SYMMETRIC ");
    operand(out, e->b, BIND_OPERATOR);
    print_word(out, " AND ");
    operand(out, e->c, BIND_OPERATOR);
}

static void print_in(Bytes *out, const AstExpr *e)
{
    operand(out, e->a, BIND_OPERATOR);
    print_word(out, e->negated ? " NOT IN (" : " IN (");
    if (e->kind == AST_IN_QUERY)
        print_query(out, e->query);
    else
        print_exprs(out, &e->list);
    bytes_put_byte(out, ')');
}

static void print_upper(Bytes *out, Str word)
{
    for (size_t i = 0; i < word.len; i++)
        bytes_put_byte(out, word.at[i] >= 'a' && word.at[i] <= 'z' ? (char)(word.at[i] & ~32) : word.at[i]);
}

static void print_like(Bytes *out, const AstExpr *e)
{
    operand(out, e->a, BIND_OPERATOR);
    print_word(out, e->negated ? " NOT " : " ");
    print_upper(out, e->text);
    bytes_put_byte(out, ' ');
    operand(out, e->b, BIND_OPERATOR);
    if (!e->c) return;
    print_word(out, " ESCAPE ");
    operand(out, e->c, BIND_OPERATOR);
}

static void print_quantified(Bytes *out, const AstExpr *e)
{
    Bind own = bind(e);
    operand(out, e->a, own == BIND_COMPARE || own == BIND_RANGE ? own + 1 : own);
    bytes_put_byte(out, ' ');
    print_upper(out, e->text);
    print_word(out, e->flag ? " ALL (" : " ANY (");
    if (e->query)
        print_query(out, e->query);
    else
        print_expr(out, e->b);
    bytes_put_byte(out, ')');
}

static void print_case(Bytes *out, const AstExpr *e)
{
    print_word(out, "CASE");
    if (e->a) {
        bytes_put_byte(out, ' ');
        print_expr(out, e->a);
    }
    for (uint32_t i = 0; i + 1 < e->list.count; i += 2) {
        print_word(out, " WHEN ");
        print_expr(out, e->list.at[i]);
        print_word(out, " THEN ");
        print_expr(out, e->list.at[i + 1]);
    }
    if (e->b) {
        print_word(out, " ELSE ");
        print_expr(out, e->b);
    }
    print_word(out, " END");
}

static void print_array(Bytes *out, const AstExpr *e, bool word)
{
    print_word(out, word ? "ARRAY[" : "[");
    for (uint32_t i = 0; i < e->list.count; i++) {
        if (i) print_word(out, ", ");
        if (e->list.at[i]->kind == AST_ARRAY)
            print_array(out, e->list.at[i], false);
        else
            print_expr(out, e->list.at[i]);
    }
    bytes_put_byte(out, ']');
}

// What a subscript or field hangs on: columns and parameters bare, all else in parentheses.
static void print_base(Bytes *out, const AstExpr *e, bool column_bare)
{
    bool bare = e->kind == AST_PARAM || e->kind == AST_SUBSCRIPT || (column_bare && e->kind == AST_COLUMN);
    if (!bare) bytes_put_byte(out, '(');
    print_expr(out, e);
    if (!bare) bytes_put_byte(out, ')');
}

static void print_subscript(Bytes *out, const AstExpr *e)
{
    print_base(out, e->a, true);
    bytes_put_byte(out, '[');
    if (e->b) print_expr(out, e->b);
    if (e->flag) bytes_put_byte(out, ':');
    if (e->c) print_expr(out, e->c);
    bytes_put_byte(out, ']');
}

static void print_field(Bytes *out, const AstExpr *e)
{
    print_base(out, e->a, false);
    bytes_put_byte(out, '.');
    if (e->flag)
        bytes_put_byte(out, '*');
    else
        print_name(out, e->path->part[0].text);
}

// ---- calls ----

static void print_function_name(Bytes *out, const AstCall *c)
{
    static const char *const written_bare[] = {"coalesce", "greatest",  "least", "nullif", "grouping",
                                               "overlay",  "substring", "left",  "right",  NULL};
    if (c->name.parts == 1 && text_is(c->name.part[0].text, written_bare))
        bytes_put(out, c->name.part[0].text);
    else
        print_path(out, &c->name);
}

static void print_call_args(Bytes *out, const AstCall *c)
{
    if (c->star) bytes_put_byte(out, '*');
    if (c->distinct) print_word(out, "DISTINCT ");
    for (uint32_t i = 0; i < c->args.count; i++) {
        if (i) print_word(out, ", ");
        if (c->variadic && i + 1 == c->args.count) print_word(out, "VARIADIC ");
        if (c->arg_name && c->arg_name[i].text.at) {
            print_name(out, c->arg_name[i].text);
            print_word(out, " => ");
        }
        print_expr(out, c->args.at[i]);
    }
    if (!c->within_group) print_orders(out, &c->order);
}

static void print_over(Bytes *out, const AstWindow *w)
{
    print_word(out, " OVER ");
    if (w->named)
        print_name(out, w->base.text);
    else
        print_window(out, w);
}

static void print_call(Bytes *out, const AstCall *c)
{
    if (c->bare) {
        print_upper(out, ast_path_name(&c->name));
        if (!c->args.count) return;
    } else if (str_equal(ast_path_name(&c->name), STR("extract")) && c->name.parts == 1 &&
               c->args.count == 2 && c->args.at[0]->kind == AST_STRING) {
        print_word(out, "EXTRACT(");
        print_string(out, c->args.at[0]->text);
        print_word(out, " FROM ");
        print_expr(out, c->args.at[1]);
        bytes_put_byte(out, ')');
        return;
    } else
        print_function_name(out, c);
    bytes_put_byte(out, '(');
    print_call_args(out, c);
    bytes_put_byte(out, ')');
    if (c->within_group) {
        print_word(out, " WITHIN GROUP (");
        print_orders(out, &c->order);
        bytes_put_byte(out, ')');
    }
    if (c->filter) {
        print_word(out, " FILTER (WHERE ");
        print_expr(out, c->filter);
        bytes_put_byte(out, ')');
    }
    if (c->over) print_over(out, c->over);
}

static void print_cast(Bytes *out, const AstExpr *e)
{
    if (e->a->kind == AST_STRING && str_equal(e->type->name, STR("regclass"))) { // as defaults show it
        print_expr(out, e->a);
        print_word(out, "::");
        print_type(out, e->type);
        return;
    }
    print_word(out, "CAST(");
    print_expr(out, e->a);
    print_word(out, " AS ");
    print_type(out, e->type);
    bytes_put_byte(out, ')');
}

static void print_query_in(Bytes *out, const char *before, const AstQuery *q)
{
    print_word(out, before);
    bytes_put_byte(out, '(');
    print_query(out, q);
    bytes_put_byte(out, ')');
}

static void print_row(Bytes *out, const AstExpr *e)
{
    print_word(out, "ROW(");
    print_exprs(out, &e->list);
    bytes_put_byte(out, ')');
}

static void print_bits(Bytes *out, const AstExpr *e)
{
    bytes_put_byte(out, e->text.at[0]);
    print_quoted(out, str_slice(e->text, 1, e->text.len), '\'');
}

static void print_star(Bytes *out, const AstExpr *e)
{
    if (e->path) {
        print_path(out, e->path);
        bytes_put_byte(out, '.');
    }
    bytes_put_byte(out, '*');
}

static void print_not(Bytes *out, const AstExpr *e)
{
    print_word(out, "NOT ");
    operand(out, e->a, BIND_NOT);
}

static void print_distinct_from(Bytes *out, const AstExpr *e)
{
    operand(out, e->a, BIND_COMPARE);
    print_word(out, e->negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
    operand(out, e->b, BIND_COMPARE);
}

static void print_zone(Bytes *out, const AstExpr *e)
{
    operand(out, e->a, BIND_ZONE);
    print_word(out, " AT TIME ZONE ");
    operand(out, e->b, BIND_COLLATE);
}

static void print_collate(Bytes *out, const AstExpr *e)
{
    operand(out, e->a, BIND_COLLATE);
    print_word(out, " COLLATE ");
    print_path(out, e->path);
}

static void print_and(Bytes *out, const AstExpr *e) { print_chain(out, e, " AND ", BIND_AND); }
static void print_or(Bytes *out, const AstExpr *e) { print_chain(out, e, " OR ", BIND_OR); }
static void print_null(Bytes *out, const AstExpr *e) { print_word(out, e ? "NULL" : ""); }
static void print_boolean(Bytes *out, const AstExpr *e) { print_word(out, e->flag ? "TRUE" : "FALSE"); }
static void print_number(Bytes *out, const AstExpr *e) { bytes_put(out, e->text); }
static void print_text(Bytes *out, const AstExpr *e) { print_string(out, e->text); }
static void print_param(Bytes *out, const AstExpr *e) { bytes_printf(out, "$%u", e->number); }
static void print_column(Bytes *out, const AstExpr *e) { print_path(out, e->path); }
static void print_default(Bytes *out, const AstExpr *e) { print_word(out, e ? "DEFAULT" : ""); }
static void print_call_node(Bytes *out, const AstExpr *e) { print_call(out, e->call); }
static void print_exists(Bytes *out, const AstExpr *e) { print_query_in(out, "EXISTS ", e->query); }
static void print_subquery(Bytes *out, const AstExpr *e) { print_query_in(out, "", e->query); }
static void print_array_query(Bytes *out, const AstExpr *e) { print_query_in(out, "ARRAY", e->query); }
static void print_array_list(Bytes *out, const AstExpr *e) { print_array(out, e, true); }

static void (*const printers[AST_EXPR_KINDS])(Bytes *out, const AstExpr *e) = {
    [AST_NULL] = print_null,
    [AST_BOOLEAN] = print_boolean,
    [AST_NUMBER] = print_number,
    [AST_STRING] = print_text,
    [AST_BITS] = print_bits,
    [AST_PARAM] = print_param,
    [AST_COLUMN] = print_column,
    [AST_STAR] = print_star,
    [AST_DEFAULT] = print_default,
    [AST_CALL] = print_call_node,
    [AST_OPERATOR] = print_operator,
    [AST_AND] = print_and,
    [AST_OR] = print_or,
    [AST_NOT] = print_not,
    [AST_IS] = print_is,
    [AST_IS_DISTINCT] = print_distinct_from,
    [AST_BETWEEN] = print_between,
    [AST_IN_LIST] = print_in,
    [AST_IN_QUERY] = print_in,
    [AST_LIKE] = print_like,
    [AST_QUANTIFIED] = print_quantified,
    [AST_EXISTS] = print_exists,
    [AST_SUBQUERY] = print_subquery,
    [AST_CASE] = print_case,
    [AST_CAST] = print_cast,
    [AST_COLLATE] = print_collate,
    [AST_AT_TIME_ZONE] = print_zone,
    [AST_ROW] = print_row,
    [AST_ARRAY] = print_array_list,
    [AST_ARRAY_QUERY] = print_array_query,
    [AST_SUBSCRIPT] = print_subscript,
    [AST_FIELD] = print_field,
};

void print_expr(Bytes *out, const AstExpr *e) { printers[e->kind](out, e); }
