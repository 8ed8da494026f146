// Kit: see kit_stage.h.
#include "tests/unit/kit_stage.h"

#include "engine/base/clock.h"
#include "tests/tui/kit_golden.h"
#include "tests/unit/kit_cmocka.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATIENCE_US = 20000000, SCREEN_MAX = 1 << 20 };

static Stage *of(App *a) { return (Stage *)app_self(a); }

static void entered(Desk *d) { ((Stage *)d)->entering = true; }
static void leave(Desk *d) { ((Stage *)d)->leaving = true; }

// What the composition root does between two events.
static int hook_tick(App *a, int64_t now_us)
{
    (void)now_us;
    Stage *s = of(a);
    Err err = {0};
    if (s->entering) {
        s->entering = false;
        assert_ok(desk_open(&s->desk, a, &s->host.host, &err), &err);
        commands_screen(a);
    }
    if (s->leaving) {
        s->leaving = false;
        commands_door(a);
        desk_close(&s->desk);
        s->host.host.kind->sign_out(&s->host.host);
    }
    return -1;
}

void stage_open(Stage *s, int width, int height)
{
    Err err = {0};
    setenv("TZ", "UTC", 1);
    tzset();
    memset(s, 0, sizeof *s);
    fake_host_init(&s->host);
    kit_dir_path(&s->host.dir, "state", s->home);
    setenv("XDG_STATE_HOME", s->home, 1);
    assert_ok(job_box_new(&s->box, &err), &err);
    keymap_default(&s->keymap);
    AppHooks hooks = {.self = s,
                      .act = commands_act,
                      .message = commands_message,
                      .answer = commands_answer,
                      .enabled = commands_enabled,
                      .tick = hook_tick};
    s->app = app_new(&hooks, &s->keymap, s->box);
    s->desk.app = s->app;
    s->desk.host = &s->host.host;
    s->desk.entered = entered;
    s->desk.leave = leave;
    surface_init(&s->surface, width, height, CHARSET_FULL);
    bytes_init(&s->text, SCREEN_MAX);
    app_resize(s->app, width, height);
    commands_door(s->app);
}

void stage_close(Stage *s)
{
    fake_host_release(&s->host);
    app_free(s->app);
    desk_close(&s->desk);
    job_box_free(s->box);
    surface_done(&s->surface);
    bytes_done(&s->text);
    fake_host_done(&s->host);
}

void stage_resize(Stage *s, int width, int height)
{
    app_event(s->app, &(Event){.kind = EVENT_RESIZE, .width = width, .height = height});
}

void stage_school(Stage *s)
{
    FakeSource *f = s->host.script;
    fake_answer(f, "SELECT database FROM d2db.show_databases", "database:text", "library\nschool\n");
    fake_answer(f, "SELECT table_name, row_estimate", "table_name:text row_estimate:bigint",
                "course|420\ndepartment|12\noffering|1800\nregistration|151000\nstudent|30000\n");
    fake_answer(f, "SELECT c.column_name",
                "column_name:text column_type:text in_primary:boolean in_foreign:boolean",
                "student_id|integer|t|f\nfull_name|text|f|f\ndepartment_id|integer|f|t\n");
    fake_answer(f, "SELECT table_name, column_name, data_type FROM",
                "table_name:text column_name:text data_type:text",
                "course|course_id|integer\ncourse|credits|integer\nstudent|student_id|integer\n"
                "student|full_name|text\n");
    fake_answer(f, "SELECT table_name FROM information_schema", "table_name:text", "course\nstudent\n");
    fake_answer(f, "SELECT s.student_id", "student_id:integer full_name:text courses:integer load:integer",
                "20117|Adaeze Okafor|9|31\n10442|Ivan Petrović|8|29\n27090|María José García|8|28\n"
                "30001|李小龙|7|27\n30002||7|~\n");
}

void stage_enter(Stage *s)
{
    FakeHost *h = &s->host;
    h->users = 1;
    snprintf(h->user, sizeof h->user, "alice");
    h->signed_in = true;
    entered(&s->desk);
    app_tick(s->app, clock_mono_us());
    stage_wait(s, "student");
}

// ---- hands ----

static void settle(Stage *s)
{
    app_messages(s->app);
    app_tick(s->app, clock_mono_us());
}

static void press(Stage *s, Key k) { app_event(s->app, &(Event){.kind = EVENT_KEY, .key = k}); }

void stage_keys(Stage *s, const char *names)
{
    Str rest = str_of(names);
    while (rest.len) {
        Str name = str_cut(&rest, ' ');
        Key k;
        if (!key_from_text(name, &k)) fail_msg("no key is called %.*s", STR_ARG(name));
        press(s, k);
        settle(s);
    }
}

void stage_type(Stage *s, const char *text)
{
    for (; *text; text++)
        press(s, *text == '\n' ? (Key){.code = KEYCODE_ENTER} : (Key){.code = (unsigned char)*text});
    settle(s);
}

void stage_paste(Stage *s, const char *text)
{
    app_event(s->app, &(Event){.kind = EVENT_PASTE, .text = str_of(text)});
    settle(s);
}

void stage_press(Stage *s, int x, int y, int button)
{
    Mouse m = {.kind = MOUSE_PRESS, .x = x, .y = y, .button = button};
    app_event(s->app, &(Event){.kind = EVENT_MOUSE, .mouse = m});
    m.kind = MOUSE_RELEASE;
    app_event(s->app, &(Event){.kind = EVENT_MOUSE, .mouse = m});
    settle(s);
}

void stage_do(Stage *s, Action a)
{
    app_act(s->app, a);
    settle(s);
}

// ---- eyes ----

const char *stage_look(Stage *s)
{
    settle(s);
    s->desk.run_us = 14000; // screens are compared with files
    app_draw(s->app, &s->surface);
    bytes_clear(&s->text);
    surface_dump(&s->surface, false, &s->text);
    return s->text.at;
}

bool stage_has(Stage *s, const char *text) { return strstr(stage_look(s), text) != NULL; }

typedef bool (*Met)(Stage *s, const char *text);
static bool is_there(Stage *s, const char *text) { return stage_has(s, text); }
static bool is_gone(Stage *s, const char *text) { return !stage_has(s, text); }
static bool is_still(Stage *s, const char *text)
{
    (void)text;
    settle(s);
    return !desk_running(&s->desk);
}

void stage_pause(Stage *s)
{
    struct pollfd box = {.fd = job_box_fd(s->box), .events = POLLIN};
    poll(&box, 1, 20); // the tails of logs have no descriptor to wait for
}

static void wait_for(Stage *s, Met met, const char *text, const char *what)
{
    int64_t end_us = clock_mono_us() + PATIENCE_US;
    while (!met(s, text)) {
        if (clock_mono_us() > end_us) {
            fputs(stage_look(s), stderr);
            fail_msg("%s %s", what, text);
        }
        stage_pause(s);
    }
}

void stage_wait(Stage *s, const char *text) { wait_for(s, is_there, text, "there is no"); }
void stage_wait_gone(Stage *s, const char *text) { wait_for(s, is_gone, text, "there is still"); }
void stage_wait_run(Stage *s) { wait_for(s, is_still, "", "a statement runs"); }

// Cells, not bytes: text is compared with the cells' own from each place on.
void stage_find(Stage *s, const char *text, int *x, int *y)
{
    stage_look(s);
    for (*y = 0; *y < s->surface.height; ++*y)
        for (*x = 0; *x < s->surface.width; ++*x) {
            const char *rest = text;
            for (int i = *x; *rest && i < s->surface.width; i++) {
                const Cell *c = surface_cell(&s->surface, i, *y);
                if (c->width == 0) continue;
                if (strncmp(rest, c->text, c->len) != 0) break;
                rest += c->len;
            }
            if (!*rest) return;
        }
    fputs(s->text.at, stderr);
    fail_msg("there is no %s", text);
}

Style stage_style(Stage *s, const char *text)
{
    int x, y;
    stage_find(s, text, &x, &y);
    return (Style)surface_cell(&s->surface, x, y)->style;
}

void stage_golden(Stage *s, const char *name)
{
    stage_look(s);
    kit_golden_check(&s->surface, name);
}
