// Dialog: popups that ask. Confirm and message are a text over buttons; choose is a filter over a list;
// prompt and form are a form; text is a text view. Relies on dialog.h, list, textview.
#include "tui/widget/dialog.h"
#include "engine/base/utf8.h"
#include "tui/widget/list.h"
#include "tui/widget/palette.h"
#include "tui/widget/textview.h"
#include <stdio.h>
#include <string.h>

enum {
    BUTTON_MAX = 6,
    DIALOG_WIDTH_MAX = 72,
    DIALOG_LINES_MAX = 200,
    DIALOG_TEXT_MAX = 64 << 20,
    BUTTON_SIZE = 64
};

static void put_title(Bytes *out, Str title) { bytes_put(out, title); }

// --- message and confirm
// -------------------------------------------------------------------------------------

typedef struct AskArg {
    Str title, text;
    const char *const *button;
    size_t at;
    NoticeKind kind;
} AskArg;
typedef struct AskState {
    Str title;
    Str line[DIALOG_LINES_MAX]; // the text, broken into lines
    size_t lines;
    const char *button[BUTTON_MAX];
    size_t buttons, at, first;
    NoticeKind kind;
} AskState;

// Breaks at blanks so that no line is wider than `width`; a longer word is cut.
static size_t wrap(Str text, int width, Str *line, size_t max)
{
    size_t count = 0;
    while (text.len > 0 && count < max) {
        Str rest = str_cut(&text, '\n');
        do {
            size_t end = 0, blank = 0;
            int cells = 0;
            while (end < rest.len) {
                size_t next = utf8_grapheme_next(rest, end);
                cells += canvas_text_width(str_slice(rest, end, next - end), 16);
                if (cells > width) break;
                if (rest.at[end] == ' ') blank = end;
                end = next;
            }
            if (end < rest.len && blank > 0) end = blank;
            if (end == 0 && rest.len > 0) end = utf8_grapheme_next(rest, 0);
            line[count++] = str_slice(rest, 0, end);
            while (end < rest.len && rest.at[end] == ' ') end++;
            rest = str_slice(rest, end, rest.len);
        } while (rest.len > 0 && count < max);
    }
    return count;
}

static int text_width(const App *a)
{
    int room = app_width(a) - 4;
    return room < 1 ? 1 : room < DIALOG_WIDTH_MAX ? room : DIALOG_WIDTH_MAX;
}

static void ask_open(Pane *p, const void *arg)
{
    const AskArg *a = arg;
    AskState *s = pane_state(p, AskState);
    s->title = arena_copy(&p->mem, a->title);
    s->lines = wrap(arena_copy(&p->mem, a->text), text_width(p->app), s->line, DIALOG_LINES_MAX);
    while (s->buttons < BUTTON_MAX && a->button[s->buttons]) {
        s->button[s->buttons] = arena_cstr(&p->mem, str_of(a->button[s->buttons]));
        s->buttons++;
    }
    s->at = a->at < s->buttons ? a->at : 0;
    s->kind = a->kind;
}

static const char *plain_button(const char *button, char *out)
{
    size_t len = 0;
    for (; *button && len + 1 < BUTTON_SIZE; button++)
        if (*button != '&') out[len++] = *button;
    out[len] = 0;
    return out;
}

static int buttons_width(const AskState *s)
{
    int width = 0;
    char text[BUTTON_SIZE];
    for (size_t i = 0; i < s->buttons; i++)
        width += canvas_text_width(str_of(plain_button(s->button[i], text)), BUTTON_SIZE) + 6;
    return width - 2;
}

static Rect button_rect(const AskState *s, size_t i, int width, int height)
{
    int x = (width - buttons_width(s)) / 2;
    char text[BUTTON_SIZE];
    for (size_t k = 0;; k++) {
        int cells = canvas_text_width(str_of(plain_button(s->button[k], text)), BUTTON_SIZE) + 4;
        if (k == i) return (Rect){x, height - 1, cells, 1};
        x += cells + 2;
    }
}

static void ask_draw(const Pane *p, Canvas *c)
{
    const AskState *s = pane_state(p, AskState);
    Style style = s->kind == NOTICE_ERROR     ? STYLE_ERROR
                  : s->kind == NOTICE_WARNING ? STYLE_WARNING
                                              : STYLE_POPUP;
    int rows = c->height - 2;
    for (int y = 0; y < rows && s->first + (size_t)y < s->lines; y++)
        canvas_text(c, 1, y, s->first + (size_t)y == 0 ? style : STYLE_POPUP, s->line[s->first + (size_t)y]);
    canvas_scrollbar(c, c->width - 1, 0, rows, s->first, (uint64_t)rows, s->lines, STYLE_DIM);
    for (size_t i = 0; i < s->buttons; i++) {
        Rect r = button_rect(s, i, c->width, c->height);
        char text[BUTTON_SIZE];
        plain_button(s->button[i], text);
        canvas_text_in(c, r.x, r.y, r.width, ALIGN_CENTER, i == s->at ? STYLE_BUTTON_FOCUS : STYLE_BUTTON,
                       str_of(text));
        if (i == s->at) canvas_park(c, r.x, r.y);
    }
}

static void ask_answer(Pane *p, size_t choice)
{
    app_popup_answer(p->app, p, &(Answer){.ok = true, .choice = choice});
}

static bool ask_act(Pane *p, Action a)
{
    AskState *s = pane_state(p, AskState);
    size_t rows = p->height > 2 ? (size_t)p->height - 2 : 1, last = s->lines > rows ? s->lines - rows : 0;
    switch (a) {
    case ACTION_LEFT:
    case ACTION_PREV: s->at = (s->at + s->buttons - 1) % s->buttons; return true;
    case ACTION_RIGHT:
    case ACTION_NEXT: s->at = (s->at + 1) % s->buttons; return true;
    case ACTION_UP: s->first -= s->first > 0; return true;
    case ACTION_DOWN: s->first += s->first < last; return true;
    case ACTION_ENTER: ask_answer(p, s->at); return true;
    default: return false;
    }
}

static bool ask_key(Pane *p, Key k)
{
    const AskState *s = pane_state(p, AskState);
    if (k.code >= 0x80 || k.code <= ' ' || k.mods & KEY_CTRL) return false;
    char letter = (char)k.code;
    for (size_t i = 0; i < s->buttons; i++) {
        const char *mark = strchr(s->button[i], '&');
        if (!mark || !str_equal_fold((Str){mark + 1, 1}, (Str){&letter, 1})) continue;
        ask_answer(p, i);
        return true;
    }
    return false;
}

static bool ask_mouse(Pane *p, const Mouse *m)
{
    AskState *s = pane_state(p, AskState);
    for (size_t i = 0; m->kind == MOUSE_PRESS && i < s->buttons; i++)
        if (rect_has(button_rect(s, i, p->width, p->height), m->x, m->y)) {
            ask_answer(p, i);
            return true;
        }
    return true;
}

static void ask_title(const Pane *p, Bytes *out) { put_title(out, pane_state(p, AskState)->title); }

static const PaneKind ask_kind = {.name = "question",
                                  .state_size = sizeof(AskState),
                                  .open = ask_open,
                                  .draw = ask_draw,
                                  .act = ask_act,
                                  .key = ask_key,
                                  .mouse = ask_mouse,
                                  .title = ask_title};

static void ask(App *a, const Pane *owner, int question, const AskArg *arg)
{
    Str line[DIALOG_LINES_MAX];
    size_t lines = wrap(arg->text, text_width(a), line, DIALOG_LINES_MAX);
    AskState buttons = {0};
    while (buttons.buttons < BUTTON_MAX && arg->button[buttons.buttons]) {
        buttons.button[buttons.buttons] = arg->button[buttons.buttons];
        buttons.buttons++;
    }
    int width = buttons_width(&buttons), title = canvas_text_width(arg->title, DIALOG_WIDTH_MAX) + 4;
    if (title > width) width = title;
    for (size_t i = 0; i < lines; i++) {
        int cells = canvas_text_width(line[i], DIALOG_WIDTH_MAX);
        if (cells > width) width = cells;
    }
    app_popup(a, &ask_kind, arg,
              &(PopupSpec){.place = POPUP_CENTER,
                           .width = width + 2,
                           .height = (int)lines + 2,
                           .owner = owner,
                           .question = question});
}

void dialog_confirm(App *a, const Pane *owner, int question, const char *title, Str text,
                    const char *const *button, size_t safe)
{
    ask(a, owner, question, &(AskArg){str_of(title), text, button, safe, NOTICE_NONE});
}

void dialog_message(App *a, NoticeKind kind, const char *title, Str text)
{
    static const char *const ok[] = {"&OK", NULL};
    ask(a, NULL, -1, &(AskArg){str_of(title), text, ok, 0, kind});
}

void dialog_error(App *a, const char *title, const Err *err)
{
    Bytes text;
    bytes_init(&text, sizeof(Err) * 4);
    bytes_printf(&text, "%s\n\nState %s", err->text, err->state);
    if (err->line) bytes_printf(&text, ", line %u, column %u", err->line, err->column);
    if (err->hint[0]) bytes_printf(&text, "\n\n%s", err->hint);
    if (err->notes[0]) bytes_printf(&text, "\n\n%s", err->notes);
    dialog_message(a, NOTICE_ERROR, title, bytes_str(&text));
    bytes_done(&text);
}

// --- choose
// --------------------------------------------------------------------------------------------------

typedef struct ChooseArg {
    Str title;
    const Str *item, *detail;
    size_t count, at;
} ChooseArg;
typedef struct ChooseState {
    Str title;
    Str *item, *detail;
    size_t *fit;
    size_t count, fits;
    Input typed;
    List list;
} ChooseState;

static uint64_t choose_count(void *self) { return ((const ChooseState *)self)->fits; }

static void choose_row(void *self, uint64_t i, ListRow *out)
{
    const ChooseState *s = self;
    *out = (ListRow){.label = s->item[s->fit[i]], .detail = s->detail[s->fit[i]], .indent = 1};
}

static void choose_filter(ChooseState *s)
{
    s->fits = 0;
    Str typed = input_text(&s->typed);
    for (size_t i = 0; i < s->count; i++)
        if (typed.len == 0 || palette_score(typed, s->item[i]) > 0) s->fit[s->fits++] = i;
    s->list.scroll.at = s->list.scroll.first = 0;
    scroll_set(&s->list.scroll, s->fits, s->list.scroll.height);
}

static void choose_open(Pane *p, const void *arg)
{
    const ChooseArg *a = arg;
    ChooseState *s = pane_state(p, ChooseState);
    size_t room = a->count ? a->count : 1;
    *s = (ChooseState){.title = arena_copy(&p->mem, a->title), .count = a->count};
    s->item = arena_array(&p->mem, Str, room);
    s->detail = arena_array(&p->mem, Str, room);
    s->fit = arena_array(&p->mem, size_t, room);
    for (size_t i = 0; i < a->count; i++) {
        s->item[i] = arena_copy(&p->mem, a->item[i]);
        if (a->detail) s->detail[i] = arena_copy(&p->mem, a->detail[i]);
    }
    input_init(&s->typed, false, 200);
    list_init(&s->list, (ListRows){s, choose_count, choose_row}, STYLE_POPUP);
    choose_filter(s);
    s->list.scroll.at = a->at;
    p->takes_text = true;
}

static void choose_close(Pane *p) { input_done(&pane_state(p, ChooseState)->typed); }
static void choose_place(Pane *p) { list_place(&pane_state(p, ChooseState)->list, p->width, p->height - 1); }
static void choose_title(const Pane *p, Bytes *out) { put_title(out, pane_state(p, ChooseState)->title); }

static void choose_draw(const Pane *p, Canvas *c)
{
    const ChooseState *s = pane_state(p, ChooseState);
    Canvas rows = canvas_sub(c, (Rect){0, 1, c->width, c->height - 1});
    list_draw(&s->list, &rows, true);
    if (s->fits == 0)
        canvas_cstr(&rows, 1, 0, STYLE_DIM, s->count ? "nothing fits" : "there is nothing to choose");
    input_draw(&s->typed, c, 1, 0, c->width - 2, true, STR_NONE);
}

static void choose_text(Pane *p, Str text)
{
    ChooseState *s = pane_state(p, ChooseState);
    input_type(&s->typed, text);
    choose_filter(s);
}

static void choose_answer(Pane *p)
{
    const ChooseState *s = pane_state(p, ChooseState);
    if (s->fits > 0) ask_answer(p, s->fit[s->list.scroll.at]);
}

static bool choose_act(Pane *p, Action a)
{
    ChooseState *s = pane_state(p, ChooseState);
    if (a == ACTION_ENTER) {
        choose_answer(p);
        return true;
    }
    if (a != ACTION_HOME && a != ACTION_END && list_act(&s->list, a)) return true;
    if (!input_act(&s->typed, a)) return false;
    choose_filter(s);
    return true;
}

static bool choose_mouse(Pane *p, const Mouse *m)
{
    Mouse inside = *m;
    bool chosen;
    inside.y--;
    bool taken = list_mouse(&pane_state(p, ChooseState)->list, &inside, &chosen);
    if (chosen) choose_answer(p);
    return taken;
}

static const PaneKind choose_kind = {.name = "choice",
                                     .state_size = sizeof(ChooseState),
                                     .open = choose_open,
                                     .close = choose_close,
                                     .place = choose_place,
                                     .draw = choose_draw,
                                     .act = choose_act,
                                     .text = choose_text,
                                     .paste = choose_text,
                                     .mouse = choose_mouse,
                                     .title = choose_title};

void dialog_choose(App *a, const Pane *owner, int question, const char *title, const Str *item,
                   const Str *detail, size_t count, size_t at)
{
    int width = 30, height = count < 16 ? (int)count : 16;
    for (size_t i = 0; i < count; i++) {
        int cells = canvas_text_width(item[i], DIALOG_WIDTH_MAX) + 3;
        if (detail) cells += canvas_text_width(detail[i], DIALOG_WIDTH_MAX / 2) + 2;
        if (cells > width) width = cells < DIALOG_WIDTH_MAX ? cells : DIALOG_WIDTH_MAX;
    }
    app_popup(a, &choose_kind, &(ChooseArg){str_of(title), item, detail, count, at},
              &(PopupSpec){.place = POPUP_CENTER,
                           .width = width,
                           .height = (height ? height : 1) + 1,
                           .owner = owner,
                           .question = question});
}

// --- form and prompt
// -----------------------------------------------------------------------------------------

typedef struct FormArg {
    Str title;
    const FieldSpec *spec;
    size_t count;
    const Str *initial;
    const char *send;
} FormArg;
typedef struct FormState {
    Str title;
    Form form;
    FieldSpec own;
} FormState;

static void form_open(Pane *p, const void *arg)
{
    const FormArg *a = arg;
    FormState *s = pane_state(p, FormState);
    const FieldSpec *spec = a->spec;
    if (a->count == 1) { // a prompt's one field is made on the way: keep it
        s->own = a->spec[0];
        s->own.label = arena_cstr(&p->mem, str_of(a->spec[0].label));
        spec = &s->own;
    }
    s->title = arena_copy(&p->mem, a->title);
    form_init(&s->form, spec, a->count, a->initial, arena_cstr(&p->mem, str_of(a->send)), &p->mem);
    p->takes_text = true;
}

static void form_close(Pane *p) { form_done(&pane_state(p, FormState)->form); }
static void form_popup_place(Pane *p)
{
    form_place(&pane_state(p, FormState)->form, p->width - 2, p->height);
}
static void form_title(const Pane *p, Bytes *out) { put_title(out, pane_state(p, FormState)->title); }

static void form_popup_draw(const Pane *p, Canvas *c)
{
    Canvas inside = canvas_sub(c, (Rect){1, 0, c->width - 2, c->height});
    form_draw(&pane_state(p, FormState)->form, &inside, STYLE_POPUP, true);
}

static void form_text(Pane *p, Str text) { form_type(&pane_state(p, FormState)->form, text); }

static bool form_result(Pane *p, FormResult result)
{
    const Form *f = &pane_state(p, FormState)->form;
    if (result != FORM_SENT) return result == FORM_TAKEN;
    Str value[FORM_FIELD_MAX];
    for (size_t i = 0; i < f->count; i++) value[i] = form_value(f, i);
    app_popup_answer(p->app, p, &(Answer){.ok = true, .field = value, .fields = f->count});
    return true;
}

static bool form_popup_act(Pane *p, Action a)
{
    return form_result(p, form_act(&pane_state(p, FormState)->form, a));
}

static bool form_popup_mouse(Pane *p, const Mouse *m)
{
    Mouse inside = *m;
    inside.x--;
    return form_result(p, form_mouse(&pane_state(p, FormState)->form, &inside));
}

static const PaneKind form_kind = {.name = "form",
                                   .state_size = sizeof(FormState),
                                   .open = form_open,
                                   .close = form_close,
                                   .place = form_popup_place,
                                   .draw = form_popup_draw,
                                   .act = form_popup_act,
                                   .text = form_text,
                                   .paste = form_text,
                                   .mouse = form_popup_mouse,
                                   .title = form_title};

void dialog_form(App *a, const Pane *owner, int question, const char *title, const FieldSpec *spec,
                 size_t count, const Str *initial, const char *send)
{
    Form size = {.spec = spec, .count = count};
    int width = form_width(&size) + 2, title_width = canvas_text_width(str_of(title), DIALOG_WIDTH_MAX) + 6;
    app_popup(a, &form_kind, &(FormArg){str_of(title), spec, count, initial, send},
              &(PopupSpec){.place = POPUP_CENTER,
                           .width = width > title_width ? width : title_width,
                           .height = form_height(&size),
                           .owner = owner,
                           .question = question});
}

void dialog_prompt(App *a, const Pane *owner, int question, const char *title, const char *label, Str initial)
{
    FieldSpec spec = {.label = label, .width = 48};
    dialog_form(a, owner, question, title, &spec, 1, &initial, "OK");
}

// --- text
// ----------------------------------------------------------------------------------------------------

typedef struct TextArg {
    Str title, text;
} TextArg;
typedef struct TextState {
    Str title;
    TextView view;
    Input typed;
    bool searching;
    bool missed;
} TextState;

static void text_open(Pane *p, const void *arg)
{
    const TextArg *a = arg;
    TextState *s = pane_state(p, TextState);
    char *copy = arena_try(&p->mem, a->text.len ? a->text.len : 1, 1);
    if (copy && a->text.len) memcpy(copy, a->text.at, a->text.len);
    Str text = copy ? (Str){copy, a->text.len} : STR("out of memory for this text");
    s->title = arena_copy(&p->mem, a->title);
    input_init(&s->typed, false, 200);
    textview_init(&s->view, textview_lines_of(text, &p->mem), STYLE_POPUP);
}

static void text_close(Pane *p)
{
    TextState *s = pane_state(p, TextState);
    textview_done(&s->view);
    input_done(&s->typed);
}

static void text_place(Pane *p)
{
    textview_place(&pane_state(p, TextState)->view, p->width - 2, p->height - 1);
}
static void text_title(const Pane *p, Bytes *out) { put_title(out, pane_state(p, TextState)->title); }

static void text_draw(const Pane *p, Canvas *c)
{
    const TextState *s = pane_state(p, TextState);
    Canvas inside = canvas_sub(c, (Rect){1, 0, c->width - 2, c->height - 1});
    textview_draw(&s->view, &inside, true);
    int y = c->height - 1;
    if (s->searching) {
        int x = canvas_cstr(c, 1, y, STYLE_DIM, "Find: ");
        input_draw(&s->typed, c, x, y, c->width - x - 1, true, STR_NONE);
    } else {
        canvas_cstr(c, 1, y, s->missed ? STYLE_WARNING : STYLE_DIM,
                    s->missed ? "not found" : "/ find  F3 next  Esc close");
    }
}

static void text_search(TextState *s)
{
    s->searching = false;
    s->missed = input_text(&s->typed).len > 0 && !textview_find(&s->view, input_text(&s->typed), false);
}

static bool text_act(Pane *p, Action a)
{
    TextState *s = pane_state(p, TextState);
    if (!s->searching && a == ACTION_EDIT_FIND) {
        s->searching = p->takes_text = true;
        return true;
    }
    if (!s->searching && a == ACTION_ENTER) a = ACTION_CANCEL;
    if (!s->searching && a == ACTION_CANCEL) {
        app_popup_answer(p->app, p, &(Answer){.ok = false});
        return true;
    }
    if (!s->searching) return textview_act(&s->view, a);
    if (a == ACTION_ENTER) text_search(s);
    if (a == ACTION_CANCEL) s->searching = false;
    p->takes_text = s->searching;
    return a == ACTION_ENTER || a == ACTION_CANCEL || input_act(&s->typed, a);
}

static bool text_key(Pane *p, Key k)
{
    return k.code == '/' && k.mods == 0 && !pane_state(p, TextState)->searching &&
           text_act(p, ACTION_EDIT_FIND);
}

static void text_typed(Pane *p, Str text) { input_type(&pane_state(p, TextState)->typed, text); }
static bool text_mouse(Pane *p, const Mouse *m) { return textview_mouse(&pane_state(p, TextState)->view, m); }

static const PaneKind text_kind = {.name = "text",
                                   .state_size = sizeof(TextState),
                                   .open = text_open,
                                   .close = text_close,
                                   .place = text_place,
                                   .draw = text_draw,
                                   .act = text_act,
                                   .key = text_key,
                                   .text = text_typed,
                                   .paste = text_typed,
                                   .mouse = text_mouse,
                                   .title = text_title};

void dialog_text(App *a, const char *title, Str text)
{
    text = str_slice(text, 0, DIALOG_TEXT_MAX);
    app_popup(a, &text_kind, &(TextArg){str_of(title), text},
              &(PopupSpec){.place = POPUP_CENTER, .width = app_width(a) - 8, .height = app_height(a) - 6});
}
