// The door: registration, sign-in in two steps, refusals; nothing else is reachable from there.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_stage.h"

#include <string.h>

static void registered(Stage *s)
{
    s->host.users = 1;
    strcpy(s->host.user, "alice");
    strcpy(s->host.password, "correct horse");
    strcpy(s->host.question, "First pet?");
    strcpy(s->host.answer, "rex");
    commands_door(s->app);
}

static void registers_and_signs_in(void **state)
{
    (void)state;
    Stage s;
    stage_open(&s, 110, 30);
    stage_school(&s);
    stage_golden(&s, "door_register");
    stage_type(&s, "alice\ncorrect horse\ncorrect house\nFirst pet?\nrex\n");
    stage_keys(&s, "Right Enter");
    assert_true(stage_has(&s, "The two passwords are not the same"));
    stage_golden(&s, "door_two_passwords");
    stage_keys(&s, "Backspace Backspace Backspace Backspace Backspace");
    stage_type(&s, "horse");
    stage_keys(&s, "F5");
    stage_wait(&s, "Registered.");
    stage_golden(&s, "door_sign_in");
    assert_string_equal(s.host.password, "correct horse");
    stage_type(&s, "correct horse\n");
    stage_wait(&s, "First pet?");
    stage_golden(&s, "door_answer");
    stage_type(&s, "rex\n");
    stage_wait(&s, "Analytics");
    assert_true(desk_is_open(&s.desk));
    assert_int_equal(s.desk.sample, 2); // the library was chosen
    stage_close(&s);
}

static void refusals_begin_anew(void **state)
{
    (void)state;
    Stage s;
    stage_open(&s, 80, 24);
    registered(&s);
    stage_type(&s, "alice\nwrong\n");
    stage_wait(&s, "user or password is wrong");
    stage_golden(&s, "door_refused");
    stage_type(&s, "correct horse\n"); // user and cursor are where they should be
    stage_wait(&s, "First pet?");
    stage_type(&s, "cat\n");
    stage_wait(&s, "the answer is wrong");
    assert_true(stage_has(&s, "Password"));
    assert_false(desk_is_open(&s.desk));
    stage_close(&s);
}

// No key opens anything before somebody has signed in, and no secret is on the screen.
static void nothing_is_reachable(void **state)
{
    (void)state;
    Stage s;
    stage_open(&s, 80, 24);
    registered(&s);
    stage_type(&s, "alice\nsecret word");
    assert_null(strstr(stage_look(&s), "secret"));
    for (Action a = ACTION_FILE_NEW; a < ACTION_COUNT; a++) {
        if (a == ACTION_FILE_QUIT || a == ACTION_INTERRUPT) continue;
        stage_do(&s, a);
        while (app_popup_count(s.app)) stage_keys(&s, "Esc");
        assert_false(desk_is_open(&s.desk));
        assert_false(stage_has(&s, "Analytics"));
    }
    // A message of nobody's job does not sign anybody in.
    desk_tell(&s.desk, SLOT_SIGN_IN, DESK_CHANGED, 0, STR_NONE);
    assert_false(s.entering);
    assert_false(app_quitting(s.app));
    stage_keys(&s, "C-q");
    assert_true(app_quitting(s.app));
    stage_close(&s);
}

static void small_windows_keep_the_form(void **state)
{
    (void)state;
    Stage s;
    stage_open(&s, 60, 24);
    stage_golden(&s, "door_60x24");
    stage_resize(&s, 40, 12);
    stage_look(&s);
    stage_keys(&s, "Tab Tab Tab Tab");
    assert_true(stage_has(&s, "Its answer"));
    stage_resize(&s, 16, 5);
    stage_look(&s);
    stage_resize(&s, 1, 1);
    stage_look(&s);
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_and_signs_in),
        cmocka_unit_test(refusals_begin_anew),
        cmocka_unit_test(nothing_is_reachable),
        cmocka_unit_test(small_windows_keep_the_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
