// Look: expressions as PostgreSQL's ruleutils prints them: with the types that binding gave, so that texts of
// defaults, checks and indexes read the same in both. What does not bind any more is given as it is kept.
#include "engine/db/look.h"
#include "engine/sql/parser.h"
#include "engine/sql/print.h"

#include <string.h>

enum { EXPR_TEXT_MAX = 4 << 20 };

typedef struct Writer {
    Look *l;
    const TableDef *table;
    bool pretty;
    Bytes *out;
} Writer;

// What stands around a node decides whether it needs parentheses in the pretty form.
typedef enum Around { AROUND_NOTHING, AROUND_LOGIC, AROUND_OPERATOR, AROUND_CAST } Around;

static void put_expr(Writer *w, const Expr *e, const Expr *parent, Around around);

static void put(Writer *w, const char *text) { bytes_put(w->out, str_of(text)); }
static void put_type(Writer *w, Type t)
{
    t.domain = 0;
    bytes_put(w->out, look_type_text(w->l, look_type_oid(t), look_type_modifier(t)));
}

// ---- constants ----

static void put_quoted(Writer *w, const Value *v)
{
    Value text = *v;
    Err ignored = {.at = -1};
    if (cast_value_in(&w->l->s->cast, &text, v, type_of(TYPE_TEXT), CAST_EXPLICIT, w->l->mem, &ignored))
        print_string(w->out, text_str(&text.text));
}

static void put_constant(Writer *w, const Expr *e, bool in_cast)
{
    const Value *v = &e->value;
    Bytes text;
    if (v->null) {
        put(w, "NULL::");
        put_type(w, e->type.id == TYPE_NULL ? type_of(TYPE_TEXT) : type_bare(e->type));
        return;
    }
    if (v->type.id == TYPE_BOOLEAN) {
        put(w, v->boolean ? "true" : "false");
        return;
    }
    bytes_init(&text, EXPR_TEXT_MAX);
    value_to_text(v, &text);
    Str s = bytes_str(&text);
    bool negative = s.len && s.at[0] == '-', whole = true;
    for (size_t i = 0; i < s.len; i++) whole &= s.at[i] >= '0' && s.at[i] <= '9';
    bool small =
        type_is_integer(e->type.id) && !negative && (e->type.id != TYPE_BIGINT || v->i64 <= INT32_MAX);
    bool fraction = e->type.id == TYPE_NUMERIC && !negative && !whole && s.at[0] != 'N';
    bool cast_number = type_is_number(e->type.id) && !type_is_integer(e->type.id) && whole;
    if (small || fraction) {
        bytes_put(w->out, s);
    } else {
        if (cast_number && !w->pretty) bytes_put_byte(w->out, '(');
        if (cast_number)
            bytes_put(w->out, s);
        else
            put_quoted(w, v);
        if (cast_number && !w->pretty) bytes_put_byte(w->out, ')');
        if (!in_cast) put(w, "::");
        if (!in_cast) put_type(w, type_bare(e->type));
    }
    bytes_done(&text);
}

// ---- calls ----

static bool is_operator(const Expr *e)
{
    return (e->kind == EXPR_CALL && (e->function->flags & FUNCTION_OPERATOR)) || e->kind == EXPR_LIKE ||
           e->kind == EXPR_ANY_ARRAY || e->kind == EXPR_IN_LIST || e->kind == EXPR_IS_DISTINCT;
}

// 2: * / %, 1: + -, 0: any other
static int strength(const Expr *e)
{
    if (e->kind != EXPR_CALL || !(e->function->flags & FUNCTION_OPERATOR) || e->args != 2) return 0;
    const char *name = e->function->name;
    if (name[1]) return 0;
    return strchr("*/%", name[0]) ? 2 : strchr("+-", name[0]) ? 1 : 0;
}

static bool needs_parentheses(const Writer *w, const Expr *e, const Expr *parent, Around around)
{
    bool logic = e->kind == EXPR_AND || e->kind == EXPR_OR || e->kind == EXPR_NOT ||
                 e->kind == EXPR_IS_NULL || e->kind == EXPR_IS_TRUE;
    if (!is_operator(e) && !logic) return false;
    if (!w->pretty) return true;
    switch (around) {
    case AROUND_NOTHING: return false;
    case AROUND_LOGIC:
        if (parent->kind == EXPR_NOT) return e->kind == EXPR_AND || e->kind == EXPR_OR;
        return e->kind == EXPR_OR && parent->kind == EXPR_AND;
    case AROUND_OPERATOR:
        if (!strength(e) || !strength(parent)) return true;
        return strength(e) < strength(parent) || (strength(e) == strength(parent) && parent->arg[0] != e);
    case AROUND_CAST: return true;
    }
    return true;
}

static void put_list(Writer *w, Expr *const *arg, uint32_t args)
{
    for (uint32_t i = 0; i < args; i++) {
        if (i) put(w, ", ");
        put_expr(w, arg[i], NULL, AROUND_NOTHING);
    }
}

static void put_call(Writer *w, const Expr *e)
{
    static const char *const clock[] = {"current_date", "current_timestamp", "current_time",
                                        "localtime",    "localtimestamp",    "current_user",
                                        "session_user", "current_role"};
    const char *name = e->function->name;
    if (e->function->flags & FUNCTION_OPERATOR) {
        if (e->args == 2) put_expr(w, e->arg[0], e, AROUND_OPERATOR);
        if (e->args == 2) bytes_put_byte(w->out, ' ');
        put(w, name);
        if (e->args == 2 || name[0] != '-') bytes_put_byte(w->out, ' ');
        put_expr(w, e->arg[e->args - 1], e, AROUND_OPERATOR);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(clock); i++) {
        if (strcmp(name, clock[i]) != 0 || e->args) continue;
        for (const char *c = name; *c; c++) bytes_put_byte(w->out, *c == '_' ? '_' : (char)(*c - 'a' + 'A'));
        return;
    }
    print_name(w->out, str_of(name));
    bytes_put_byte(w->out, '(');
    put_list(w, e->arg, e->args);
    bytes_put_byte(w->out, ')');
}

// ---- the rest ----

static void put_logic(Writer *w, const Expr *e)
{
    if (e->kind == EXPR_NOT) {
        put(w, "NOT ");
        put_expr(w, e->arg[0], e, AROUND_LOGIC);
        return;
    }
    for (uint32_t i = 0; i < e->args; i++) {
        if (i) put(w, e->kind == EXPR_AND ? " AND " : " OR ");
        put_expr(w, e->arg[i], e, AROUND_LOGIC);
    }
}

// Does the cast change only what PostgreSQL has operators across types for?
static bool is_hidden(const Expr *e)
{
    Type from = e->arg[0]->type, to = e->type;
    if (e->how == CAST_EXPLICIT) return from.domain && from.id == to.id;
    if (type_is_integer(from.id) && type_is_integer(to.id)) return true;
    if (from.id == TYPE_REAL && to.id == TYPE_DOUBLE) return true;
    return type_is_when(from.id) && type_is_when(to.id);
}

static void put_cast(Writer *w, const Expr *e, const Expr *parent, Around around)
{
    const Expr *inner = e->arg[0];
    if (is_hidden(e)) {
        put_expr(w, inner, parent, around);
        return;
    }
    bool bare = w->pretty && !is_operator(inner);
    if (!bare) bytes_put_byte(w->out, '(');
    put_expr(w, inner, e, bare ? AROUND_CAST : AROUND_NOTHING);
    if (!bare) bytes_put_byte(w->out, ')');
    put(w, "::");
    put_type(w, e->type);
}

// a = ANY (ARRAY[…]); varchar is compared as text, the list keeps the column's own type.
static void put_in_list(Writer *w, const Expr *e)
{
    const Expr *left = e->arg[0];
    bool cast =
             left->kind == EXPR_CAST && left->arg[0]->type.id == TYPE_VARCHAR && left->type.id == TYPE_TEXT,
         varchar = cast || left->type.id == TYPE_VARCHAR;
    if (varchar && !cast && !w->pretty) bytes_put_byte(w->out, '(');
    put_expr(w, left, e, varchar && !cast && !w->pretty ? AROUND_NOTHING : AROUND_OPERATOR);
    if (varchar && !cast && !w->pretty) bytes_put_byte(w->out, ')');
    if (varchar && !cast) put(w, "::text");
    put(w, e->negated ? " <> ALL (" : " = ANY (");
    if (varchar && !w->pretty) bytes_put_byte(w->out, '(');
    put(w, "ARRAY[");
    for (uint32_t i = 1; i < e->args; i++) {
        if (i > 1) put(w, ", ");
        Expr item = *e->arg[i];
        if (varchar && item.kind == EXPR_CONSTANT) item.type = type_of(TYPE_VARCHAR);
        put_expr(w, &item, NULL, AROUND_NOTHING);
    }
    put(w, "]");
    if (varchar && !w->pretty) bytes_put_byte(w->out, ')');
    put(w, varchar ? "::text[])" : ")");
}

static void put_any(Writer *w, const Expr *e)
{
    put_expr(w, e->arg[0], e, AROUND_OPERATOR);
    bytes_put_byte(w->out, ' ');
    put(w, e->function->name);
    put(w, e->negated ? " ALL (" : " ANY (");
    put_expr(w, e->arg[1], NULL, AROUND_NOTHING);
    put(w, ")");
}

static void put_case(Writer *w, const Expr *e)
{
    put(w, "CASE");
    uint32_t i = 0;
    for (; i + 1 < e->args; i += 2) {
        put(w, " WHEN ");
        put_expr(w, e->arg[i], NULL, AROUND_NOTHING);
        put(w, " THEN ");
        put_expr(w, e->arg[i + 1], NULL, AROUND_NOTHING);
    }
    put(w, " ELSE ");
    if (i < e->args) {
        put_expr(w, e->arg[i], NULL, AROUND_NOTHING);
    } else {
        put(w, "NULL::");
        put_type(w, type_bare(e->type));
    }
    put(w, " END");
}

static void put_test(Writer *w, const Expr *e)
{
    put_expr(w, e->arg[0], e, AROUND_OPERATOR);
    if (e->kind == EXPR_IS_NULL)
        put(w, e->negated ? " IS NOT NULL" : " IS NULL");
    else if (e->kind == EXPR_IS_TRUE) {
        put(w, e->negated ? " IS NOT " : " IS ");
        put(w, e->value.boolean ? "TRUE" : "FALSE");
    } else {
        put(w, e->negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
        put_expr(w, e->arg[1], e, AROUND_OPERATOR);
    }
}

static void put_like(Writer *w, const Expr *e)
{
    put_expr(w, e->arg[0], e, AROUND_OPERATOR);
    put(w, e->negated ? " !~~" : " ~~");
    put(w, e->fold ? "* " : " ");
    if (e->args == 3) put(w, "like_escape(");
    put_expr(w, e->arg[1], e, AROUND_OPERATOR);
    if (e->args < 3) return;
    put(w, ", ");
    put_expr(w, e->arg[2], NULL, AROUND_NOTHING);
    put(w, ")");
}

static void put_bare(Writer *w, const Expr *e, const Expr *parent, Around around)
{
    switch (e->kind) {
    case EXPR_CONSTANT: put_constant(w, e, false); return;
    case EXPR_SLOT:
        if (e->slot < schema_stored(w->table)) {
            Str name = w->table->column[e->slot].name;
            if (w->table->id)
                print_name(w->out, name);
            else
                put(w, "VALUE"); // of a domain
        }
        return;
    case EXPR_CALL: put_call(w, e); return;
    case EXPR_CAST: put_cast(w, e, parent, around); return;
    case EXPR_AND:
    case EXPR_OR:
    case EXPR_NOT: put_logic(w, e); return;
    case EXPR_IS_NULL:
    case EXPR_IS_TRUE:
    case EXPR_IS_DISTINCT: put_test(w, e); return;
    case EXPR_CASE: put_case(w, e); return;
    case EXPR_COALESCE:
        put(w, "COALESCE(");
        put_list(w, e->arg, e->args);
        put(w, ")");
        return;
    case EXPR_IN_LIST: put_in_list(w, e); return;
    case EXPR_ANY_ARRAY: put_any(w, e); return;
    case EXPR_LIKE: put_like(w, e); return;
    case EXPR_DOMAIN: put_expr(w, e->arg[0], parent, around); return;
    default: w->out->failed = true; return;
    }
}

static void put_expr(Writer *w, const Expr *e, const Expr *parent, Around around)
{
    bool parentheses = needs_parentheses(w, e, parent, around);
    if (parentheses) bytes_put_byte(w->out, '(');
    put_bare(w, e, parent, around);
    if (parentheses) bytes_put_byte(w->out, ')');
}

static bool calls_inside(Expr *e, void *arg)
{
    bool *inside = arg;
    *inside |= (e->kind == EXPR_CALL && (e->function->flags & FUNCTION_INTERNAL)) || e->kind == EXPR_SUBQUERY;
    return true;
}

// nextval('schema.name'::regclass): the name as short as it may be.
static Str nextval_text(Look *l, Str text)
{
    AstExpr *ast = NULL;
    AstPath path;
    LookRelation r;
    Err ignored = {.at = -1};
    if (!parser_expr(&ast, text, l->mem, &ignored) || ast->kind != AST_CALL || ast->call->args.count != 1)
        return text;
    const AstExpr *name = ast->call->args.at[0];
    if (name->kind == AST_CAST) name = name->a;
    if (name->kind != AST_STRING || !search_parse(name->text, &path, l->mem, &ignored) ||
        !look_relation_named(l, &path, &r))
        return text;
    Bytes out;
    bytes_init(&out, EXPR_TEXT_MAX);
    bytes_put(&out, STR("nextval("));
    print_string(&out, look_relation_text(l, &r));
    bytes_put(&out, STR("::regclass)"));
    Str done = arena_copy(l->mem, bytes_str(&out));
    bytes_done(&out);
    return done;
}

Str look_expr_text(Look *l, Str text, const TableDef *table, Type target, bool pretty)
{
    AstExpr *ast = NULL;
    Expr *e = NULL;
    Err ignored = {.at = -1};
    PlanContext context = {exec_functions(), &l->search, &l->s->cast};
    if (!text.at) return text;
    if (str_starts(text, STR("nextval('"))) return nextval_text(l, text);
    if (!parser_expr(&ast, text, l->mem, &ignored)) return text;
    bool literal = ast->kind == AST_STRING || ast->kind == AST_NULL;
    if (!plan_bind_expr(&e, ast, table, literal ? type_bare(target) : type_of(TYPE_NULL), &context, l->mem,
                        &ignored))
        return text;
    bool inside = false;
    expr_walk(e, calls_inside, &inside);
    if (inside) return text;
    Bytes out;
    bytes_init(&out, EXPR_TEXT_MAX);
    Writer w = {.l = l, .table = table, .pretty = pretty, .out = &out};
    // a cast to the column's type that is not written leaves parentheses around an operator
    bool cast = target.id != TYPE_NULL && target.id != TYPE_BOOLEAN && !type_equal(e->type, target);
    put_expr(&w, e, NULL, cast ? AROUND_CAST : AROUND_NOTHING);
    Str done = out.failed ? text : arena_copy(l->mem, bytes_str(&out));
    bytes_done(&out);
    return done;
}
