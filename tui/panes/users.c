// Users: administration: who is registered, disabling, enabling and resetting. Names are kept hashed, so
// users are listed by the beginning of their hash; who acts on one types the name. Relies on desk (the host),
// list, dialog.
#include "tui/panes/panes.h"

#include "engine/base/clock.h"
#include "tui/panes/commands.h"
#include "tui/panes/desk.h"
#include "tui/widget/dialog.h"
#include "tui/widget/list.h"

#include <stdio.h>

enum { USERS_READ = DESK_OWN, USER_CHANGED, ASK_DISABLE = 1, ASK_ENABLE, ASK_RESET, HASH_SHOWN = 12 };

typedef struct UsersState {
    Arena mem; // of user
    HostUser *user;
    size_t count;
    List list;
    char label[160], detail[64]; // of the row drawn last
    bool known;
} UsersState;

typedef struct UserJob {
    Host *host;
    HostRegistration r;
    bool disable;
    HostUser *user;
    size_t count;
} UserJob;

static void read_users(Job *j, void *context)
{
    (void)context;
    UserJob *u = j->data;
    if (!u->host->kind->users(u->host, &j->mem, &u->user, &u->count, &j->err)) u->count = 0;
}

static void set_disabled(Job *j, void *context)
{
    (void)context;
    UserJob *u = j->data;
    if (!u->host->kind->user_disable(u->host, u->r.user, u->disable, &j->err))
        err_note(&j->err, "nothing was changed");
}

static void reset_user(Job *j, void *context)
{
    (void)context;
    UserJob *u = j->data;
    if (!u->host->kind->user_reset(u->host, &u->r, &j->err)) err_note(&j->err, "nothing was changed");
}

static UserJob *new_job(Pane *p, uint32_t what, void (*work)(Job *j, void *context), Job **out)
{
    Job *j = desk_side_job(p, what, work);
    UserJob *u = arena_new(&j->mem, UserJob);
    u->host = desk_of(p->app)->host;
    j->data = u;
    *out = j;
    return u;
}

static void refresh(Pane *p)
{
    Job *j;
    new_job(p, USERS_READ, read_users, &j);
    desk_side_start(desk_of(p->app), j);
}

static uint64_t user_count(void *self) { return ((UsersState *)self)->count; }

static void user_row(void *self, uint64_t i, ListRow *out)
{
    UsersState *s = self;
    const HostUser *u = &s->user[i];
    char since[CLOCK_TEXT_SIZE];
    clock_text_utc(since, u->created_us);
    snprintf(s->label, sizeof s->label, "%-*.*s  %-14.*s %s", HASH_SHOWN, HASH_SHOWN,
             u->name_hash.at ? u->name_hash.at : "", STR_ARG(u->role), u->disabled ? "disabled" : "");
    snprintf(s->detail, sizeof s->detail, "since %.16s", since);
    out->label = str_of(s->label);
    out->detail = str_of(s->detail);
    out->style = u->disabled ? STYLE_DIM : STYLE_TEXT;
    out->detail_style = STYLE_DIM;
}

static void users_open(Pane *p, const void *arg)
{
    (void)arg;
    UsersState *s = pane_state(p, UsersState);
    list_init(&s->list, (ListRows){s, user_count, user_row}, STYLE_TEXT);
    refresh(p);
}

static void users_close(Pane *p) { arena_done(&pane_state(p, UsersState)->mem); }

static void users_place(Pane *p)
{
    list_place(&pane_state(p, UsersState)->list, p->width, p->height - 2 > 1 ? p->height - 2 : 1);
}

static void users_message(Pane *p, Msg *m)
{
    UsersState *s = pane_state(p, UsersState);
    if (err_any(&m->err)) {
        dialog_error(p->app, "Users", &m->err);
        return;
    }
    if (m->what == USER_CHANGED) {
        app_notice(p->app, NOTICE_OK, "Done");
        refresh(p);
    } else if (m->what == USERS_READ) {
        arena_done(&s->mem);
        s->mem = m->mem;
        m->mem = (Arena){0};
        s->user = ((UserJob *)m->data)->user;
        s->count = ((UserJob *)m->data)->count;
        s->known = true;
        users_place(p);
    }
}

static void users_draw(const Pane *p, Canvas *c)
{
    const UsersState *s = pane_state(p, UsersState);
    canvas_printf(c, 1, 0, STYLE_HEADER, "%-*s  %-14s", HASH_SHOWN, "user (hash)", "role");
    Canvas list = canvas_sub(c, (Rect){0, 1, c->width, c->height - 2});
    list_draw(&s->list, &list, p->focused);
    canvas_cstr(c, 1, c->height - 1, STYLE_DIM,
                s->known ? "d disable   e enable   r reset   a add   Esc close" : "Reading …");
}

static const FieldSpec reset_fields[] = {
    {.label = "User", .required = true, .max = 64},
    {.label = "New password", .secret = true, .required = true, .max = 1024},
    {.label = "New password again", .secret = true, .required = true, .max = 1024},
    {.label = "Security question", .required = true, .max = 256},
    {.label = "Its answer", .secret = true, .required = true, .max = 1024},
};

static void users_answer(Pane *p, const Answer *a)
{
    if (!a->ok) return;
    Job *j;
    UserJob *u;
    if (a->question == ASK_RESET) {
        if (!str_equal(a->field[1], a->field[2])) {
            app_notice(p->app, NOTICE_ERROR, "The two passwords are not the same: nothing was changed");
            return;
        }
        u = new_job(p, USER_CHANGED, reset_user, &j);
        u->r =
            (HostRegistration){arena_copy(&j->mem, str_trim(a->field[0])), arena_copy(&j->mem, a->field[1]),
                               arena_copy(&j->mem, str_trim(a->field[3])), arena_copy(&j->mem, a->field[4])};
    } else {
        u = new_job(p, USER_CHANGED, set_disabled, &j);
        u->r.user = arena_copy(&j->mem, str_trim(a->field[0]));
        u->disable = a->question == ASK_DISABLE;
    }
    desk_side_start(desk_of(p->app), j);
}

static bool users_act(Pane *p, Action a)
{
    if (a == ACTION_CANCEL) {
        app_close(p->app, p);
        return true;
    }
    if (a == ACTION_DATA_REFRESH) {
        refresh(p);
        return true;
    }
    return list_act(&pane_state(p, UsersState)->list, a);
}

static bool users_key(Pane *p, Key k)
{
    if (k.mods) return false;
    switch (k.code) {
    case 'd': dialog_prompt(p->app, p, ASK_DISABLE, "Disable a user", "User", STR("")); return true;
    case 'e': dialog_prompt(p->app, p, ASK_ENABLE, "Enable a user", "User", STR("")); return true;
    case 'r':
        dialog_form(p->app, p, ASK_RESET, "Reset a user", reset_fields, COUNT_OF(reset_fields), NULL,
                    "Reset");
        return true;
    case 'a': return commands_act(p->app, ACTION_ADMIN_ADD_USER);
    case 'q': return users_act(p, ACTION_CANCEL);
    default: return false;
    }
}

static bool users_mouse(Pane *p, const Mouse *m)
{
    bool chosen = false;
    Mouse in = *m;
    in.y -= 1;
    return list_mouse(&pane_state(p, UsersState)->list, &in, &chosen);
}

static void users_title(const Pane *p, Bytes *out)
{
    (void)p;
    bytes_put(out, STR("Users"));
}

const PaneKind pane_users = {
    .name = "users",
    .state_size = sizeof(UsersState),
    .open = users_open,
    .close = users_close,
    .place = users_place,
    .draw = users_draw,
    .key = users_key,
    .act = users_act,
    .mouse = users_mouse,
    .message = users_message,
    .answer = users_answer,
    .title = users_title,
};
