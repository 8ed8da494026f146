// SignIn: the door: sign-in in two steps (user and password, then the security question) and registration.
// The first start ever begins with registration and offers a sample database. Nothing else is reachable from
// here. Relies on desk (the host only), form.
#include "tui/panes/panes.h"

#include "engine/base/utf8.h"
#include "tui/panes/desk.h"
#include "tui/widget/form.h"

#include <string.h>

typedef enum DoorStep { DOOR_SIGN_IN, DOOR_ANSWER, DOOR_REGISTER } DoorStep;
enum { DOOR_ASKED = DESK_OWN, DOOR_ANSWERED, DOOR_ENROLLED };
enum { FIELD_USER, FIELD_PASSWORD, FIELD_AGAIN, FIELD_QUESTION, FIELD_ANSWER, FIELD_SAMPLE, REGISTER_FIELDS };
enum { DOOR_WIDTH = 64, USER_MAX = 64, SECRET_MAX = 1024 };

typedef struct DoorState {
    Form form;
    bool formed;
    DoorStep step;
    JobWorker *worker;
    uint64_t job; // what is being asked of the host; 0 = nothing
    Arena mem;    // question and user of the sign-in under way
    Str user, question;
    Bytes said; // last refusal or greeting
    bool refused;
} DoorState;

static const FieldSpec sign_in_fields[] = {
    {.label = "User", .max = USER_MAX, .required = true},
    {.label = "Password", .max = SECRET_MAX, .secret = true, .required = true},
};
static const FieldSpec answer_fields[] = {
    {.label = "Answer",
     .max = SECRET_MAX,
     .secret = true,
     .required = true,
     .hint = "Case and blanks do not matter"},
};
static const char *const samples[] = {"school", "library", "none", NULL};
static const FieldSpec register_fields[REGISTER_FIELDS] = {
    [FIELD_USER] = {.label = "User", .max = USER_MAX, .required = true, .hint = "1 to 64 characters"},
    [FIELD_PASSWORD] = {.label = "Password",
                        .max = SECRET_MAX,
                        .secret = true,
                        .required = true,
                        .hint = "At least 8 characters; long is better than odd"},
    [FIELD_AGAIN] = {.label = "Password again", .max = SECRET_MAX, .secret = true, .required = true},
    [FIELD_QUESTION] = {.label = "Security question",
                        .max = 256,
                        .required = true,
                        .hint = "Asked at every sign-in, after the password"},
    [FIELD_ANSWER] = {.label = "Its answer",
                      .max = SECRET_MAX,
                      .secret = true,
                      .required = true,
                      .hint = "Kept as a salted hash; case and blanks do not matter"},
    [FIELD_SAMPLE] = {.label = "Sample database",
                      .choice = samples,
                      .hint = "Loaded after the first sign-in; Left and Right choose"},
};

static bool first_start(const Pane *p)
{
    Host *h = desk_of(p->app)->host;
    return h->kind->user_count(h) == 0;
}

static void say(DoorState *s, bool refused, Str sentence)
{
    bytes_clear(&s->said);
    bytes_put(&s->said, sentence);
    s->refused = refused;
}

// Lines above the form: the node; or the user and the question.
static int form_top(const DoorState *s)
{
    return s->step == DOOR_REGISTER ? 1 : s->step == DOOR_SIGN_IN ? 2 : 3;
}

// Inside the box: what stands above, the form, and the line that tells what happened.
static Rect door_rect(const Pane *p)
{
    const DoorState *s = pane_state(p, DoorState);
    int height = 2 + form_top(s) + form_height(&s->form) + 1;
    return rect_center((Rect){0, 0, p->width, p->height}, DOOR_WIDTH, height);
}

static void place(Pane *p)
{
    DoorState *s = pane_state(p, DoorState);
    Rect r = door_rect(p);
    int width = r.width - 4, height = r.height - 2 - form_top(s) - 1;
    form_place(&s->form, width > 4 ? width : 4, height > 1 ? height : 1);
}

static void show(Pane *p, DoorStep step)
{
    DoorState *s = pane_state(p, DoorState);
    if (s->formed) form_done(&s->form);
    s->formed = true;
    s->step = step;
    if (step == DOOR_SIGN_IN) {
        Str initial[] = {s->user, STR_NONE};
        form_init(&s->form, sign_in_fields, COUNT_OF(sign_in_fields), initial, "Sign in", &p->mem);
        if (s->user.len) s->form.at = 1;
    } else if (step == DOOR_ANSWER) {
        form_init(&s->form, answer_fields, COUNT_OF(answer_fields), NULL, "Answer", &p->mem);
    } else {
        form_init(&s->form, register_fields, first_start(p) ? REGISTER_FIELDS : FIELD_SAMPLE, NULL,
                  "Register", &p->mem);
    }
    place(p);
}

// ---- asking the host, on a worker's thread ----

typedef struct DoorJob {
    HostRegistration r;
    Str question;
} DoorJob;

// Secrets do not lie about in the job's memory until somebody looks at its answer.
static void forget(Str secret)
{
    if (secret.len) explicit_bzero((void *)(uintptr_t)secret.at, secret.len);
}

static void ask_sign_in(Job *j, void *context)
{
    Host *h = context;
    DoorJob *d = j->data;
    if (!h->kind->sign_in(h, d->r.user, d->r.password, &j->cancelled, &d->question, &j->mem, &j->err))
        d->question = STR_NONE;
    forget(d->r.password);
}

static void ask_answer(Job *j, void *context)
{
    Host *h = context;
    DoorJob *d = j->data;
    bool ok = h->kind->answer(h, d->r.answer, &j->err);
    forget(d->r.answer);
    if (!ok) return; // the refusal is in j->err
}

static void ask_enroll(Job *j, void *context)
{
    Host *h = context;
    DoorJob *d = j->data;
    bool ok = h->kind->enroll(h, &d->r, &j->err);
    forget(d->r.password);
    forget(d->r.answer);
    if (!ok) return;
}

static void start(Pane *p, uint32_t what, void (*work)(Job *j, void *context))
{
    DoorState *s = pane_state(p, DoorState);
    Job *j = job_new(p->id, what, work);
    DoorJob *d = arena_new(&j->mem, DoorJob);
    Form *f = &s->form;
    if (s->step == DOOR_ANSWER) {
        d->r.answer = arena_copy(&j->mem, form_value(f, 0));
    } else {
        d->r.user = arena_copy(&j->mem, str_trim(form_value(f, FIELD_USER)));
        d->r.password = arena_copy(&j->mem, form_value(f, FIELD_PASSWORD));
    }
    if (s->step == DOOR_REGISTER) {
        d->r.question = arena_copy(&j->mem, str_trim(form_value(f, FIELD_QUESTION)));
        d->r.answer = arena_copy(&j->mem, form_value(f, FIELD_ANSWER));
    }
    j->data = d;
    if (s->step != DOOR_ANSWER) {
        arena_reset(&s->mem);
        s->user = arena_copy(&s->mem, d->r.user);
    }
    s->job = job_start(s->worker, j);
    bytes_clear(&s->said);
}

static void send(Pane *p)
{
    DoorState *s = pane_state(p, DoorState);
    if (s->step == DOOR_SIGN_IN) {
        start(p, DOOR_ASKED, ask_sign_in);
    } else if (s->step == DOOR_ANSWER) {
        start(p, DOOR_ANSWERED, ask_answer);
    } else if (!str_equal(form_value(&s->form, FIELD_PASSWORD), form_value(&s->form, FIELD_AGAIN))) {
        Err err = {0};
        err_set(&err, "22023", "The two passwords are not the same");
        form_fail(&s->form, FIELD_AGAIN, &err);
    } else {
        start(p, DOOR_ENROLLED, ask_enroll);
    }
}

static void enrolled(Pane *p)
{
    DoorState *s = pane_state(p, DoorState);
    Desk *d = desk_of(p->app);
    if (s->form.count == REGISTER_FIELDS) {
        size_t choice = s->form.choice[FIELD_SAMPLE];
        d->sample = choice + 1 < COUNT_OF(samples) - 1 ? (int)choice + 1 : 0;
    }
    show(p, DOOR_SIGN_IN);
    say(s, false, STR("Registered. Sign in with the password; the security question follows."));
}

static void door_message(Pane *p, Msg *m)
{
    DoorState *s = pane_state(p, DoorState);
    if (s->job == 0 || m->job != s->job) return;
    s->job = 0;
    if (err_any(&m->err)) {
        if (s->step != DOOR_REGISTER) show(p, DOOR_SIGN_IN); // begins anew, with an empty password
        Bytes text;
        bytes_init(&text, 2 * ERR_TEXT_MAX);
        bytes_put(&text, str_of(m->err.text));
        if (m->err.hint[0]) bytes_printf(&text, " (%s)", m->err.hint);
        say(s, true, bytes_str(&text));
        bytes_done(&text);
        return;
    }
    if (m->what == DOOR_ASKED) {
        s->question = arena_copy(&s->mem, ((DoorJob *)m->data)->question);
        show(p, DOOR_ANSWER);
    } else if (m->what == DOOR_ENROLLED) {
        enrolled(p);
    } else if (m->what == DOOR_ANSWERED) {
        desk_of(p->app)->entered(desk_of(p->app)); // closes this screen
    }
}

// ---- the pane ----

static void door_open(Pane *p, const void *arg)
{
    (void)arg;
    DoorState *s = pane_state(p, DoorState);
    Desk *d = desk_of(p->app);
    p->takes_text = true;
    bytes_init(&s->said, 4096);
    Err err = {0};
    if (!job_worker_new(&s->worker, app_box(p->app), d->host, NULL, &err)) app_notice_err(p->app, &err);
    show(p, first_start(p) ? DOOR_REGISTER : DOOR_SIGN_IN);
}

static void door_close(Pane *p)
{
    DoorState *s = pane_state(p, DoorState);
    if (s->worker) job_worker_free(s->worker);
    form_done(&s->form);
    bytes_done(&s->said);
    arena_done(&s->mem);
}

static const char *heading(const Pane *p, const DoorState *s)
{
    switch (s->step) {
    case DOOR_SIGN_IN: return "Sign in";
    case DOOR_ANSWER: return "One question more";
    default: return first_start(p) ? "Welcome. Register the first user: the administrator" : "Register";
    }
}

// There is no status line at the door: what the start has to tell (a broken theme, another terminal) stands
// in the last lines, folded.
static void draw_notice(const Pane *p, Canvas *c)
{
    Str rest = str_of(app_notice_text(p->app));
    Style style = app_notice_kind(p->app) == NOTICE_ERROR ? STYLE_ERROR : STYLE_WARNING;
    int width = c->width - 2, lines = ((int)utf8_width(rest) + width - 1) / (width > 0 ? width : 1);
    for (int y = c->height - lines; width > 0 && y < c->height && rest.len; y++) {
        size_t end = 0, next = 0;
        while (next < rest.len && (int)utf8_width(str_slice(rest, 0, next)) <= width) {
            end = next;
            next = utf8_grapheme_next(rest, next);
        }
        if ((int)utf8_width(str_slice(rest, 0, next)) <= width) end = next;
        canvas_text_in(c, 1, y, width, ALIGN_LEFT, style, str_slice(rest, 0, end));
        rest = str_slice(rest, end ? end : rest.len, rest.len);
    }
}

static void door_draw(const Pane *p, Canvas *c)
{
    const DoorState *s = pane_state(p, DoorState);
    Rect r = door_rect(p);
    draw_notice(p, c);
    if (r.y >= 3) {
        canvas_text_in(c, r.x, r.y - 3, r.width, ALIGN_CENTER, STYLE_ACCENT, STR("d 2 d b"));
        canvas_text_in(c, r.x, r.y - 2, r.width, ALIGN_CENTER, STYLE_DIM,
                       STR("one database, two machines, every screen a terminal"));
    }
    canvas_box(c, r, STYLE_BORDER_FOCUS, STYLE_TITLE_FOCUS, str_of(heading(p, s)));
    Canvas in = canvas_sub(c, (Rect){r.x + 2, r.y + 1, r.width - 4, r.height - 2});
    if (s->step == DOOR_ANSWER) {
        canvas_text_in(&in, 0, 0, in.width, ALIGN_LEFT, STYLE_TEXT, s->user);
        canvas_text_in(&in, 0, 1, in.width, ALIGN_LEFT, STYLE_STRONG, s->question);
    } else if (s->step == DOOR_SIGN_IN) {
        Host *h = desk_of(p->app)->host;
        canvas_printf(&in, 0, 0, STYLE_DIM, "node %.*s", STR_ARG(h->kind->node(h)));
    }
    Canvas form = canvas_sub(&in, (Rect){0, form_top(s), in.width, in.height - form_top(s) - 1});
    form_draw(&s->form, &form, STYLE_TEXT, p->focused && !s->job);
    Str said = s->job ? STR("Asking … (Esc gives up)") : bytes_str(&s->said);
    canvas_text_in(&in, 0, in.height - 1, in.width, ALIGN_LEFT,
                   s->job       ? STYLE_DIM
                   : s->refused ? STYLE_ERROR
                                : STYLE_OK,
                   said);
    Str keys = s->step == DOOR_SIGN_IN ? STR("F2 register   F1 help   C-q leave")
               : first_start(p)        ? STR("Tab next field   Enter go on   C-q leave")
                                       : STR("Tab next field   Enter go on   Esc back");
    canvas_text_in(c, r.x, r.y + r.height, r.width, ALIGN_CENTER, STYLE_DIM, keys);
}

static bool door_act(Pane *p, Action a)
{
    DoorState *s = pane_state(p, DoorState);
    if (a == ACTION_FILE_QUIT || a == ACTION_INTERRUPT || a == ACTION_SUSPEND || a == ACTION_VIEW_REDRAW ||
        a == ACTION_HELP_KEYS)
        return false;
    if (s->job) {
        if (a == ACTION_CANCEL) job_cancel(s->worker, s->job);
        return true;
    }
    if (a == ACTION_CANCEL && !first_start(p))
        show(p, DOOR_SIGN_IN);
    else if (a == ACTION_EDIT_COMPLETE && s->step == DOOR_SIGN_IN)
        show(p, DOOR_REGISTER);
    else if (form_act(&s->form, a) == FORM_SENT)
        send(p);
    return true; // nothing goes on from the door to the rest of the program
}

static void door_text(Pane *p, Str text)
{
    DoorState *s = pane_state(p, DoorState);
    if (!s->job) form_type(&s->form, text);
}

static bool door_mouse(Pane *p, const Mouse *m)
{
    DoorState *s = pane_state(p, DoorState);
    Rect r = door_rect(p);
    Mouse in = *m;
    in.x -= r.x + 2;
    in.y -= r.y + 1 + form_top(s);
    if (s->job) return true;
    if (form_mouse(&s->form, &in) == FORM_SENT) send(p);
    return true;
}

const PaneKind pane_sign_in = {
    .name = "sign in",
    .state_size = sizeof(DoorState),
    .open = door_open,
    .close = door_close,
    .place = place,
    .draw = door_draw,
    .act = door_act,
    .text = door_text,
    .paste = door_text,
    .mouse = door_mouse,
    .message = door_message,
    .bare = true,
};
