// Form: labels at the left, fields at the right, hint or error below, a button last. Relies on form.h.
#include "tui/widget/form.h"
#include "engine/base/utf8.h"
#include <stdio.h>
#include <string.h>

enum { FIELD_WIDTH_DEFAULT = 32, LABEL_GAP = 2 };

static bool is_choice(const Form *f, size_t i) { return f->spec[i].choice != NULL; }

static size_t choice_count(const FieldSpec *spec)
{
    size_t n = 0;
    while (spec->choice[n]) n++;
    return n;
}

static size_t next_free(const Form *f, size_t from, int step)
{
    size_t stops = f->count + 1, at = from;
    for (size_t tries = 0; tries < stops; tries++) {
        at = (at + stops + (size_t)(step + (int)stops)) % stops;
        if (at == f->count || !f->spec[at].fixed) return at;
    }
    return f->count;
}

void form_init(Form *f, const FieldSpec *spec, size_t count, const Str *initial, const char *send, Arena *mem)
{
    if (count > FORM_FIELD_MAX) count = FORM_FIELD_MAX;
    *f = (Form){.spec = spec, .count = count, .send = send, .width = 60, .height = 20};
    f->input = arena_array(mem, Input, count ? count : 1);
    f->choice = arena_array(mem, size_t, count ? count : 1);
    for (size_t i = 0; i < count; i++) {
        input_init(&f->input[i], spec[i].secret, spec[i].max);
        if (initial) input_set(&f->input[i], initial[i]);
        for (size_t k = 0; is_choice(f, i) && spec[i].choice[k]; k++)
            if (initial && str_equal(initial[i], str_of(spec[i].choice[k]))) f->choice[i] = k;
    }
    f->at = next_free(f, f->count, 1);
}

void form_done(Form *f)
{
    for (size_t i = 0; i < f->count; i++) input_done(&f->input[i]);
    f->count = 0;
}

Str form_value(const Form *f, size_t i)
{
    if (i >= f->count) return STR_NONE;
    return is_choice(f, i) ? str_of(f->spec[i].choice[f->choice[i]]) : input_text(&f->input[i]);
}

static int label_width(const Form *f)
{
    int most = 0;
    for (size_t i = 0; i < f->count; i++) {
        int width = canvas_text_width(str_of(f->spec[i].label), 60);
        if (width > most) most = width;
    }
    return most;
}

int form_height(const Form *f) { return (int)f->count + 3; } // a line for hint or error, a blank, the button

int form_width(const Form *f)
{
    int most = 0;
    for (size_t i = 0; i < f->count; i++) {
        int width = f->spec[i].width ? f->spec[i].width : FIELD_WIDTH_DEFAULT;
        if (width > most) most = width;
    }
    int needed = label_width(f) + LABEL_GAP + most;
    for (size_t i = 0; i < f->count; i++) {
        int hint = f->spec[i].hint ? canvas_text_width(str_of(f->spec[i].hint), 76) : 0;
        if (hint > needed) needed = hint;
    }
    return needed;
}

static int rows_shown(const Form *f) { return f->height > 3 ? f->height - 3 : 1; }

static void into_sight(Form *f)
{
    size_t rows = (size_t)rows_shown(f), at = f->at < f->count ? f->at : f->count - (f->count > 0);
    if (at < f->first) f->first = at;
    if (at >= f->first + rows) f->first = at - rows + 1;
}

void form_place(Form *f, int width, int height)
{
    f->width = width;
    f->height = height;
    f->first = 0;
    into_sight(f);
}

static Rect field_rect(const Form *f, size_t i)
{
    int x = label_width(f) + LABEL_GAP, room = f->width - x;
    int width = f->spec[i].width && f->spec[i].width < room ? f->spec[i].width : room;
    if (!f->spec[i].width && width > FIELD_WIDTH_DEFAULT * 2) width = FIELD_WIDTH_DEFAULT * 2;
    return (Rect){x, (int)(i - f->first), width, 1};
}

static int below(const Form *f)
{
    int rows = rows_shown(f);
    return (size_t)rows < f->count ? rows : (int)f->count;
}

static Rect button_rect(const Form *f)
{
    int width = canvas_text_width(str_of(f->send), 40) + 4;
    return (Rect){label_width(f) + LABEL_GAP, below(f) + 2, width, 1};
}

static void draw_field(const Form *f, size_t i, Canvas *c, Style background, bool focused)
{
    Rect r = field_rect(f, i);
    const FieldSpec *spec = &f->spec[i];
    bool here = focused && f->at == i;
    canvas_text_in(c, 0, r.y, r.x - LABEL_GAP, ALIGN_LEFT, here ? STYLE_ACCENT : background,
                   str_of(spec->label));
    if (here) canvas_restyle(c, (Rect){0, r.y, r.x - LABEL_GAP, 1}, STYLE_POPUP_TITLE);
    if (spec->fixed) {
        canvas_text_in(c, r.x, r.y, r.width, ALIGN_LEFT, STYLE_DIM, form_value(f, i));
    } else if (is_choice(f, i)) {
        Style style = here ? STYLE_FIELD_FOCUS : STYLE_FIELD;
        canvas_text_in(c, r.x, r.y, r.width, ALIGN_CENTER, style, form_value(f, i));
        canvas_cstr(c, r.x, r.y, style, "◂");
        canvas_cstr(c, r.x + r.width - 1, r.y, style, "▸");
        if (here) canvas_cursor(c, r.x, r.y);
    } else {
        input_draw(&f->input[i], c, r.x, r.y, r.width, here, STR_NONE);
    }
}

void form_draw(const Form *f, Canvas *c, Style background, bool focused)
{
    canvas_fill(c, (Rect){0, 0, c->width, c->height}, background);
    int rows = below(f);
    for (int y = 0; y < rows; y++) draw_field(f, f->first + (size_t)y, c, background, focused);
    if (err_any(&f->err))
        canvas_text_in(c, 0, rows, c->width, ALIGN_LEFT, STYLE_ERROR, str_of(f->err.text));
    else if (f->at < f->count && f->spec[f->at].hint)
        canvas_text_in(c, 0, rows, c->width, ALIGN_LEFT, STYLE_DIM, str_of(f->spec[f->at].hint));
    Rect b = button_rect(f);
    bool here = focused && f->at == f->count;
    canvas_text_in(c, b.x, b.y, b.width, ALIGN_CENTER, here ? STYLE_BUTTON_FOCUS : STYLE_BUTTON,
                   str_of(f->send));
    if (here) canvas_park(c, b.x, b.y);
    canvas_scrollbar(c, c->width - 1, 0, rows, f->first, (uint64_t)rows, f->count, STYLE_DIM);
}

void form_fail(Form *f, size_t i, const Err *err)
{
    f->err = *err;
    f->err_at = i;
    f->at = i < f->count ? i : f->at;
    into_sight(f);
}

static bool check_field(Form *f, size_t i)
{
    Err err = {0};
    const FieldSpec *spec = &f->spec[i];
    Str value = form_value(f, i);
    bool ok = true;
    if (spec->required && value.len == 0)
        ok = err_set(&err, "22023", "%s: this is needed", spec->label);
    else if (spec->check && !spec->fixed)
        ok = spec->check(value, &err);
    if (ok) {
        if (f->err_at == i) err_clear(&f->err);
        return true;
    }
    form_fail(f, i, &err);
    return false;
}

static FormResult send(Form *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (!check_field(f, i)) return FORM_TAKEN;
    err_clear(&f->err);
    return FORM_SENT;
}

static void step(Form *f, int by)
{
    size_t left = f->at;
    f->at = next_free(f, f->at, by);
    // What is plainly wrong is said at once; an empty field is only missed when the form is sent.
    Err err = {0};
    if (left < f->count && f->err_at == left) err_clear(&f->err);
    if (left < f->count && form_value(f, left).len > 0 && f->spec[left].check &&
        !f->spec[left].check(form_value(f, left), &err)) {
        f->err = err;
        f->err_at = left;
    }
    into_sight(f);
}

static void turn(Form *f, int by)
{
    size_t n = choice_count(&f->spec[f->at]);
    f->choice[f->at] = (f->choice[f->at] + n + (size_t)(by + (int)n)) % n;
}

void form_type(Form *f, Str text)
{
    if (f->at >= f->count) return;
    if (!is_choice(f, f->at)) {
        if (f->err_at == f->at) err_clear(&f->err);
        input_type(&f->input[f->at], text);
        return;
    }
    size_t n = choice_count(&f->spec[f->at]);
    for (size_t k = 1; k <= n && text.len > 0; k++) {
        size_t i = (f->choice[f->at] + k) % n;
        if (text.at[0] != ' ' &&
            !str_equal_fold(str_slice(str_of(f->spec[f->at].choice[i]), 0, 1), str_slice(text, 0, 1)))
            continue;
        f->choice[f->at] = i;
        return;
    }
}

FormResult form_act(Form *f, Action a)
{
    bool field = f->at < f->count;
    switch (a) {
    case ACTION_NEXT:
    case ACTION_DOWN: step(f, 1); return FORM_TAKEN;
    case ACTION_PREV:
    case ACTION_UP: step(f, -1); return FORM_TAKEN;
    case ACTION_ENTER:
        if (!field || next_free(f, f->at, 1) == f->count) return send(f);
        step(f, 1);
        return FORM_TAKEN;
    case ACTION_QUERY_RUN: return send(f);
    default: break;
    }
    if (!field) return FORM_NOT_MINE;
    if (is_choice(f, f->at)) {
        if (a != ACTION_LEFT && a != ACTION_RIGHT) return FORM_NOT_MINE;
        turn(f, a == ACTION_LEFT ? -1 : 1);
        return FORM_TAKEN;
    }
    return input_act(&f->input[f->at], a) ? FORM_TAKEN : FORM_NOT_MINE;
}

FormResult form_mouse(Form *f, const Mouse *m)
{
    if (m->kind != MOUSE_PRESS) return FORM_NOT_MINE;
    if (rect_has(button_rect(f), m->x, m->y)) {
        f->at = f->count;
        return send(f);
    }
    for (int y = 0; y < below(f); y++) {
        size_t i = f->first + (size_t)y;
        Rect r = field_rect(f, i);
        if (m->y != r.y || f->spec[i].fixed) continue;
        f->at = i;
        if (m->x >= r.x && is_choice(f, i))
            turn(f, m->x == r.x ? -1 : 1);
        else if (m->x >= r.x)
            input_mouse(&f->input[i], m->x - r.x, r.width);
        return FORM_TAKEN;
    }
    return FORM_NOT_MINE;
}
