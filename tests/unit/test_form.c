// Form: fields, choices, checks, secrets.
#include "tests/tui/kit_golden.h"
#include "tui/widget/form.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static bool long_enough(Str value, Err *err)
{
    return value.len >= 8 ||
           err_set(err, "22023", "a password has at least 8 characters; this one has %zu", value.len);
}

static const char *const roles[] = {"user", "administrator", "auditor", NULL};
static const FieldSpec spec[] = {
    {.label = "User id", .hint = "letters and digits", .width = 20, .required = true},
    {.label = "Password", .width = 20, .secret = true, .required = true, .check = long_enough},
    {.label = "Role", .width = 17, .choice = roles},
    {.label = "Node", .fixed = true},
};

static void filling_in(void **state)
{
    (void)state;
    Form f;
    Arena mem = {0};
    Surface s;
    const Str initial[] = {STR_NONE, STR_NONE, STR("administrator"), STR("vm1")};
    surface_init(&s, 60, 9, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    form_init(&f, spec, COUNT_OF(spec), initial, "Register", &mem);
    form_place(&f, 60, form_height(&f));
    assert_int_equal(form_act(&f, ACTION_QUERY_RUN), FORM_TAKEN); // the user id is missing
    assert_non_null(strstr(f.err.text, "User id"));
    form_type(&f, STR("ali\nce")); // newlines become blanks
    assert_true(str_equal(form_value(&f, 0), STR("ali ce")));
    assert_int_equal(form_act(&f, ACTION_ENTER), FORM_TAKEN);
    form_type(&f, STR("secret"));
    assert_int_equal(form_act(&f, ACTION_NEXT), FORM_TAKEN);
    assert_non_null(strstr(f.err.text, "at least 8"));
    form_draw(&f, &c, STYLE_POPUP, true);
    kit_golden_check(&s, "form");
    Bytes dump;
    bytes_init(&dump, 1 << 20);
    surface_dump(&s, false, &dump);
    assert_true(str_find(bytes_str(&dump), STR("secret"), 0) == SIZE_MAX);
    bytes_done(&dump);
    form_act(&f, ACTION_PREV);
    form_type(&f, STR("-and-long"));
    form_act(&f, ACTION_NEXT);
    form_type(&f, STR("aud"));
    assert_true(str_equal(form_value(&f, 2), STR("user")) || str_equal(form_value(&f, 2), STR("auditor")));
    form_act(&f, ACTION_RIGHT);
    assert_int_equal(form_act(&f, ACTION_NEXT), FORM_TAKEN); // over the fixed one to the button
    assert_int_equal(f.at, COUNT_OF(spec));
    assert_int_equal(form_act(&f, ACTION_ENTER), FORM_SENT);
    assert_true(str_equal(form_value(&f, 3), STR("vm1")));
    form_done(&f);
    surface_done(&s);
    arena_done(&mem);
}

static void small(void **state)
{
    (void)state;
    Form f;
    Arena mem = {0};
    Surface s;
    form_init(&f, spec, COUNT_OF(spec), NULL, "OK", &mem);
    for (int height = 1; height < 12; height++) {
        surface_init(&s, 12, height, CHARSET_FULL);
        Canvas c = canvas_of(&s);
        form_place(&f, 12, height);
        form_act(&f, ACTION_NEXT);
        form_draw(&f, &c, STYLE_POPUP, true);
        surface_done(&s);
    }
    form_done(&f);
    arena_done(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(filling_in), cmocka_unit_test(small)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
