// Expr: walking, comparing, copying and printing bound expressions. The one idea: every kind keeps its
// operands in arg[], so that nothing here but the printer needs to know the kinds. Relies on expr.h.
#include "engine/plan/expr.h"

typedef struct ConstantCheck {
    bool constant;
} ConstantCheck;

static bool constant_visit(Expr *e, void *arg)
{
    ConstantCheck *check = arg;
    switch (e->kind) {
    case EXPR_SLOT:
    case EXPR_OUTER:
    case EXPR_PARAM:
    case EXPR_SUBQUERY: check->constant = false; break;
    case EXPR_CALL:
        if (e->function->flags & (FUNCTION_VOLATILE | FUNCTION_STABLE)) check->constant = false;
        break;
    default: break;
    }
    return check->constant;
}

bool expr_is_constant(const Expr *e)
{
    ConstantCheck check = {true};
    expr_walk((Expr *)(uintptr_t)e, constant_visit, &check);
    return check.constant;
}

static bool value_same(const Value *a, const Value *b)
{
    if (!type_equal(a->type, b->type) || a->null != b->null) return false;
    return a->null || value_equal(a, b);
}

static bool head_equal(const Expr *a, const Expr *b)
{
    if (a->kind != b->kind || a->args != b->args || !type_equal(a->type, b->type)) return false;
    if (a->negated != b->negated || a->fold != b->fold) return false;
    switch (a->kind) {
    case EXPR_CONSTANT: return value_same(&a->value, &b->value);
    case EXPR_SLOT:
    case EXPR_PARAM: return a->slot == b->slot;
    case EXPR_OUTER: return a->slot == b->slot && a->level == b->level;
    case EXPR_CALL: return a->function == b->function && !(a->function->flags & FUNCTION_VOLATILE);
    case EXPR_CAST: return a->how == b->how;
    case EXPR_ANY_ARRAY: return a->function == b->function;
    case EXPR_IS_TRUE: return a->value.boolean == b->value.boolean;
    case EXPR_SUBQUERY: return false;
    default: return true;
    }
}

bool expr_equal(const Expr *a, const Expr *b)
{
    if (a == b) return true;
    if (!a || !b || !head_equal(a, b)) return false;
    for (uint32_t i = 0; i < a->args; i++)
        if (!expr_equal(a->arg[i], b->arg[i])) return false;
    return true;
}

void expr_walk(Expr *e, bool (*visit)(Expr *e, void *arg), void *arg)
{
    if (!e || !visit(e, arg)) return;
    for (uint32_t i = 0; i < e->args; i++) expr_walk(e->arg[i], visit, arg);
}

static bool slots_visit(Expr *e, void *arg)
{
    uint32_t *slots = arg;
    if (e->kind == EXPR_SLOT && e->slot + 1 > *slots) *slots = e->slot + 1;
    return true;
}

uint32_t expr_slots(const Expr *e)
{
    uint32_t slots = 0;
    expr_walk((Expr *)(uintptr_t)e, slots_visit, &slots);
    return slots;
}

Expr *expr_copy(const Expr *e, Arena *mem)
{
    if (!e) return NULL;
    Expr *copy = arena_new(mem, Expr);
    *copy = *e;
    copy->value = value_copy(mem, &e->value);
    if (e->args) copy->arg = arena_array(mem, Expr *, e->args);
    for (uint32_t i = 0; i < e->args; i++) copy->arg[i] = expr_copy(e->arg[i], mem);
    return copy;
}

// ---- text ----

typedef struct Printer {
    const Str *names;
    uint32_t name_count;
    Bytes *out;
} Printer;

static void print(Printer *p, const Expr *e);

static void print_list(Printer *p, const Expr *e, uint32_t from, const char *between)
{
    for (uint32_t i = from; i < e->args; i++) {
        if (i > from) bytes_put(p->out, str_of(between));
        print(p, e->arg[i]);
    }
}

static void print_constant(Printer *p, const Expr *e)
{
    if (e->value.null) {
        bytes_put(p->out, STR("NULL"));
        return;
    }
    bool bare = type_is_number(e->type.id) || e->type.id == TYPE_BOOLEAN;
    if (e->type.id == TYPE_BOOLEAN) {
        bytes_put(p->out, e->value.boolean ? STR("true") : STR("false"));
    } else {
        if (!bare) bytes_put_byte(p->out, '\'');
        value_to_text(&e->value, p->out);
        if (!bare) bytes_put_byte(p->out, '\'');
    }
}

static void print_call(Printer *p, const Expr *e)
{
    Str name = str_of(e->function->name);
    if (!(e->function->flags & FUNCTION_OPERATOR)) {
        bytes_put(p->out, name);
        bytes_put_byte(p->out, '(');
        print_list(p, e, 0, ", ");
        bytes_put_byte(p->out, ')');
        return;
    }
    bytes_put_byte(p->out, '(');
    if (e->args == 1) {
        bytes_put(p->out, name);
        bytes_put_byte(p->out, ' ');
        print(p, e->arg[0]);
    } else {
        print(p, e->arg[0]);
        bytes_printf(p->out, " %s ", e->function->name);
        print(p, e->arg[1]);
    }
    bytes_put_byte(p->out, ')');
}

static void print_case(Printer *p, const Expr *e)
{
    bytes_put(p->out, STR("CASE"));
    uint32_t i = 0;
    for (; i + 1 < e->args; i += 2) {
        bytes_put(p->out, STR(" WHEN "));
        print(p, e->arg[i]);
        bytes_put(p->out, STR(" THEN "));
        print(p, e->arg[i + 1]);
    }
    if (i < e->args) {
        bytes_put(p->out, STR(" ELSE "));
        print(p, e->arg[i]);
    }
    bytes_put(p->out, STR(" END"));
}

static void print_subquery(Printer *p, const Expr *e)
{
    static const char *const word[] = {"", "EXISTS ", " IN ", " ANY ", " ALL "};
    if (e->negated) bytes_put(p->out, STR("NOT "));
    bool pair = e->subquery != SUBQUERY_SCALAR && e->subquery != SUBQUERY_EXISTS;
    if (pair) print_list(p, e, 0, ", ");
    if (e->function && pair && e->subquery != SUBQUERY_IN) bytes_printf(p->out, " %s", e->function->name);
    bytes_put(p->out, str_of(word[e->subquery]));
    bytes_put(p->out, e->correlated ? STR("(correlated subquery)") : STR("(subquery)"));
}

static void print_slot(Printer *p, const Expr *e)
{
    if (p->names && e->slot < p->name_count && p->names[e->slot].len)
        bytes_put(p->out, p->names[e->slot]);
    else
        bytes_printf(p->out, "#%u", (unsigned)e->slot);
}

static void print_joined(Printer *p, const Expr *e, const char *word)
{
    bytes_put_byte(p->out, '(');
    print_list(p, e, 0, word);
    bytes_put_byte(p->out, ')');
}

static void print_test(Printer *p, const Expr *e, const char *plain, const char *negated)
{
    bytes_put_byte(p->out, '(');
    print(p, e->arg[0]);
    bytes_put(p->out, str_of(e->negated ? negated : plain));
    switch (e->kind) {
    case EXPR_IS_TRUE: bytes_put(p->out, e->value.boolean ? STR("TRUE") : STR("FALSE")); break;
    case EXPR_IS_DISTINCT: print(p, e->arg[1]); break;
    case EXPR_IN_LIST:
        print_list(p, e, 1, ", ");
        bytes_put_byte(p->out, ')');
        break;
    case EXPR_LIKE:
        print(p, e->arg[1]);
        if (e->args > 2) {
            bytes_put(p->out, STR(" ESCAPE "));
            print(p, e->arg[2]);
        }
        break;
    default: break;
    }
    bytes_put_byte(p->out, ')');
}

static void print_cast(Printer *p, const Expr *e)
{
    print(p, e->arg[0]);
    if (e->how == CAST_IMPLICIT && e->arg[0]->kind != EXPR_CONSTANT) return;
    Arena mem = {0};
    Str name = type_text(e->type, &mem);
    bytes_put(p->out, STR("::"));
    bytes_put(p->out, name);
    arena_done(&mem);
}

static void print(Printer *p, const Expr *e)
{
    switch (e->kind) {
    case EXPR_CONSTANT: print_constant(p, e); break;
    case EXPR_SLOT: print_slot(p, e); break;
    case EXPR_OUTER: bytes_printf(p->out, "outer%u#%u", (unsigned)e->level, (unsigned)e->slot); break;
    case EXPR_PARAM: bytes_printf(p->out, "$%u", (unsigned)e->slot + 1); break;
    case EXPR_CALL: print_call(p, e); break;
    case EXPR_DOMAIN:
    case EXPR_CAST: print_cast(p, e); break;
    case EXPR_AND: print_joined(p, e, " AND "); break;
    case EXPR_OR: print_joined(p, e, " OR "); break;
    case EXPR_NOT:
        bytes_put(p->out, STR("(NOT "));
        print(p, e->arg[0]);
        bytes_put_byte(p->out, ')');
        break;
    case EXPR_IS_NULL: print_test(p, e, " IS NULL", " IS NOT NULL"); break;
    case EXPR_IS_TRUE: print_test(p, e, " IS ", " IS NOT "); break;
    case EXPR_IS_DISTINCT: print_test(p, e, " IS DISTINCT FROM ", " IS NOT DISTINCT FROM "); break;
    case EXPR_CASE: print_case(p, e); break;
    case EXPR_COALESCE:
        bytes_put(p->out, STR("COALESCE"));
        print_joined(p, e, ", ");
        break;
    case EXPR_IN_LIST: print_test(p, e, " IN (", " NOT IN ("); break;
    case EXPR_LIKE:
        print_test(p, e, e->fold ? " ILIKE " : " LIKE ", e->fold ? " NOT ILIKE " : " NOT LIKE ");
        break;
    case EXPR_ANY_ARRAY:
        bytes_put_byte(p->out, '(');
        print(p, e->arg[0]);
        bytes_printf(p->out, " %s %s (", e->function->name, e->negated ? "ALL" : "ANY");
        print(p, e->arg[1]);
        bytes_put(p->out, STR("))"));
        break;
    case EXPR_SUBQUERY: print_subquery(p, e); break;
    }
}

void expr_text(const Expr *e, const Str *names, uint32_t name_count, Bytes *out)
{
    Printer p = {names, name_count, out};
    print(&p, e);
}
