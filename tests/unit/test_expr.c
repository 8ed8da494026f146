// Expr: equality, constancy, copies and text of bound expressions.
#include "engine/plan/expr.h"
#include "tests/unit/kit_cmocka.h"

static const Function plus = {
    "+", 2, FUNCTION_STRICT | FUNCTION_OPERATOR, {TYPE_INTEGER, TYPE_INTEGER}, TYPE_INTEGER, NULL};
static const Function dice = {"random", 0, FUNCTION_VOLATILE, {TYPE_NULL}, TYPE_DOUBLE, NULL};

static Expr *node(Arena *mem, ExprKind kind, TypeId type, uint32_t args)
{
    Expr *e = arena_new(mem, Expr);
    e->kind = kind;
    e->type = type_of(type);
    e->args = args;
    e->at = -1;
    e->arg = arena_array(mem, Expr *, args + 1);
    return e;
}

static Expr *slot(Arena *mem, uint32_t n)
{
    Expr *e = node(mem, EXPR_SLOT, TYPE_INTEGER, 0);
    e->slot = n;
    return e;
}

static Expr *number(Arena *mem, int32_t n)
{
    Expr *e = node(mem, EXPR_CONSTANT, TYPE_INTEGER, 0);
    e->value = (Value){.type = type_of(TYPE_INTEGER), .i32 = n};
    return e;
}

static Expr *sum(Arena *mem, Expr *a, Expr *b)
{
    Expr *e = node(mem, EXPR_CALL, TYPE_INTEGER, 2);
    e->function = &plus;
    e->arg[0] = a;
    e->arg[1] = b;
    return e;
}

static void equality_looks_at_everything(void **state)
{
    (void)state;
    Arena mem = {0};
    assert_true(
        expr_equal(sum(&mem, slot(&mem, 1), number(&mem, 2)), sum(&mem, slot(&mem, 1), number(&mem, 2))));
    assert_false(
        expr_equal(sum(&mem, slot(&mem, 1), number(&mem, 2)), sum(&mem, slot(&mem, 2), number(&mem, 2))));
    assert_false(expr_equal(number(&mem, 1), number(&mem, 2)));
    Expr *null = node(&mem, EXPR_CONSTANT, TYPE_INTEGER, 0);
    null->value = value_null(type_of(TYPE_INTEGER));
    assert_false(expr_equal(null, number(&mem, 0)));
    Expr *a = node(&mem, EXPR_IS_NULL, TYPE_BOOLEAN, 1), *b = node(&mem, EXPR_IS_NULL, TYPE_BOOLEAN, 1);
    a->arg[0] = b->arg[0] = slot(&mem, 0);
    assert_true(expr_equal(a, b));
    b->negated = true;
    assert_false(expr_equal(a, b));
    arena_done(&mem);
}

static void two_dice_are_never_equal(void **state)
{
    (void)state;
    Arena mem = {0};
    Expr *a = node(&mem, EXPR_CALL, TYPE_DOUBLE, 0), *b = node(&mem, EXPR_CALL, TYPE_DOUBLE, 0);
    a->function = b->function = &dice;
    assert_false(expr_equal(a, b));
    assert_false(expr_is_constant(a));
    arena_done(&mem);
}

static void constants_depend_on_nothing(void **state)
{
    (void)state;
    Arena mem = {0};
    assert_true(expr_is_constant(sum(&mem, number(&mem, 1), number(&mem, 2))));
    assert_false(expr_is_constant(sum(&mem, number(&mem, 1), slot(&mem, 0))));
    assert_false(expr_is_constant(node(&mem, EXPR_PARAM, TYPE_INTEGER, 0)));
    arena_done(&mem);
}

static void a_copy_stands_alone(void **state)
{
    (void)state;
    Arena mem = {0};
    Expr *e = sum(&mem, slot(&mem, 3), number(&mem, 2)), *copy = expr_copy(e, &mem);
    assert_true(expr_equal(e, copy));
    copy->arg[0]->slot = 7;
    assert_int_equal(e->arg[0]->slot, 3);
    assert_int_equal(expr_slots(e), 4);
    assert_int_equal(expr_slots(copy), 8);
    arena_done(&mem);
}

static void text_is_readable(void **state)
{
    (void)state;
    Arena mem = {0};
    Bytes out;
    bytes_init(&out, 1000);
    const Str names[] = {STR("price")};
    Expr *in = node(&mem, EXPR_IN_LIST, TYPE_BOOLEAN, 3);
    in->negated = true;
    in->arg[0] = sum(&mem, slot(&mem, 0), slot(&mem, 1));
    in->arg[1] = number(&mem, 4);
    in->arg[2] = number(&mem, -5);
    expr_text(in, names, 1, &out);
    assert_string_equal(out.at, "((price + #1) NOT IN (4, -5))");
    bytes_done(&out);
    arena_done(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_looks_at_everything),
        cmocka_unit_test(two_dice_are_never_equal),
        cmocka_unit_test(constants_depend_on_nothing),
        cmocka_unit_test(a_copy_stands_alone),
        cmocka_unit_test(text_is_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
