// Input: one line of text under the cursor. Relies on input.h, base/utf8.
#include "tui/widget/input.h"
#include "engine/base/utf8.h"
#include <string.h>

void input_init(Input *in, bool secret, size_t max_bytes)
{
    *in = (Input){.secret = secret, .max = max_bytes ? max_bytes : INPUT_BYTES_DEFAULT};
    bytes_init(&in->text, in->max * 2 + 64);
    // Room for all of it at once: a secret never leaves copies behind in freed memory.
    if (secret && bytes_reserve(&in->text, in->max)) bytes_reserve_done(&in->text, 0);
}

static void wipe(Input *in)
{
    if (in->text.at) explicit_bzero(in->text.at, in->text.cap);
}

void input_done(Input *in)
{
    if (in->secret) wipe(in);
    bytes_done(&in->text);
}

Str input_text(const Input *in) { return bytes_str(&in->text); }

void input_set(Input *in, Str text)
{
    if (in->secret) wipe(in);
    bytes_clear(&in->text);
    in->cursor = in->anchor = 0;
    input_type(in, text);
}

static bool selection(const Input *in, size_t *from, size_t *len)
{
    *from = in->cursor < in->anchor ? in->cursor : in->anchor;
    *len = in->cursor < in->anchor ? in->anchor - in->cursor : in->cursor - in->anchor;
    return *len > 0;
}

static void cut(Input *in, size_t from, size_t len)
{
    if (len == 0) return;
    memmove(in->text.at + from, in->text.at + from + len, in->text.len - from - len);
    in->text.len -= len;
    in->text.at[in->text.len] = 0;
    in->cursor = in->anchor = from;
}

static void insert(Input *in, const char *at, size_t len)
{
    if (in->text.len + len > in->max) return;
    size_t old = in->text.len;
    char *room = bytes_reserve(&in->text, len);
    if (!room) return;
    bytes_reserve_done(&in->text, len);
    memmove(in->text.at + in->cursor + len, in->text.at + in->cursor, old - in->cursor);
    memcpy(in->text.at + in->cursor, at, len);
    in->cursor += len;
    in->anchor = in->cursor;
}

void input_type(Input *in, Str text)
{
    size_t from, len, pos = 0;
    if (selection(in, &from, &len)) cut(in, from, len);
    while (pos < text.len) {
        size_t start = pos;
        uint32_t rune = utf8_next(text, &pos);
        if (rune == '\r' && pos < text.len && text.at[pos] == '\n') continue;
        if (rune == '\n' || rune == '\r' || rune == '\t')
            insert(in, " ", 1);
        else if (rune >= 32 && rune != 127 && !(rune >= 0x80 && rune < 0xA0) && rune != UTF8_BAD)
            insert(in, text.at + start, pos - start);
    }
}

static bool is_blank(char c) { return c == ' '; }

static size_t word_left(const Input *in, size_t at)
{
    while (at > 0 && is_blank(in->text.at[at - 1])) at--;
    while (at > 0 && !is_blank(in->text.at[at - 1])) at--;
    return at;
}

static size_t word_right(const Input *in, size_t at)
{
    while (at < in->text.len && !is_blank(in->text.at[at])) at++;
    while (at < in->text.len && is_blank(in->text.at[at])) at++;
    return at;
}

static size_t next_of(const Input *in) { return utf8_grapheme_next(input_text(in), in->cursor); }
static size_t prev_of(const Input *in)
{
    return in->cursor ? utf8_grapheme_prev(input_text(in), in->cursor) : 0;
}

static void go(Input *in, size_t at, bool extend)
{
    in->cursor = at;
    if (!extend) in->anchor = at;
}

static void erase(Input *in, size_t from, size_t to)
{
    size_t start, len;
    if (selection(in, &start, &len))
        cut(in, start, len);
    else
        cut(in, from, to - from);
}

bool input_act(Input *in, Action a)
{
    size_t at = in->cursor, end = in->text.len;
    switch (a) {
    case ACTION_LEFT: go(in, prev_of(in), false); return true;
    case ACTION_RIGHT: go(in, at < end ? next_of(in) : end, false); return true;
    case ACTION_HOME: go(in, 0, false); return true;
    case ACTION_END: go(in, end, false); return true;
    case ACTION_WORD_LEFT: go(in, word_left(in, at), false); return true;
    case ACTION_WORD_RIGHT: go(in, word_right(in, at), false); return true;
    case ACTION_SELECT_LEFT: go(in, prev_of(in), true); return true;
    case ACTION_SELECT_RIGHT: go(in, at < end ? next_of(in) : end, true); return true;
    case ACTION_SELECT_HOME: go(in, 0, true); return true;
    case ACTION_SELECT_END: go(in, end, true); return true;
    case ACTION_EDIT_SELECT_ALL:
        in->anchor = 0;
        in->cursor = end;
        return true;
    case ACTION_BACKSPACE: erase(in, prev_of(in), at); return true;
    case ACTION_DELETE: erase(in, at, at < end ? next_of(in) : end); return true;
    case ACTION_BACKSPACE_WORD: erase(in, word_left(in, at), at); return true;
    case ACTION_DELETE_WORD: erase(in, at, word_right(in, at)); return true;
    case ACTION_DELETE_LINE: erase(in, at, end); return true;
    default: return false;
    }
}

// First byte shown, so that the cursor is inside a field of `width` cells.
static size_t first_shown(const Input *in, int width)
{
    Str text = input_text(in);
    size_t first = 0;
    if (in->secret) {
        size_t before = utf8_length(str_slice(text, 0, in->cursor));
        return before >= (size_t)width ? utf8_offset(text, before - (size_t)width + 1) : 0;
    }
    while (first < in->cursor &&
           canvas_text_width(str_slice(text, first, in->cursor - first), width + 1) >= width)
        first = utf8_grapheme_next(text, first);
    return first;
}

static int cells_between(const Input *in, size_t from, size_t to)
{
    Str part = str_slice(input_text(in), from, to - from);
    return in->secret ? (int)utf8_length(part) : canvas_text_width(part, SURFACE_SIDE_MAX);
}

void input_draw(const Input *in, Canvas *c, int x, int y, int width, bool focused, Str placeholder)
{
    if (width < 1) return;
    Style style = focused ? STYLE_FIELD_FOCUS : STYLE_FIELD;
    Canvas field = canvas_sub(c, (Rect){x, y, width, 1});
    canvas_fill(&field, (Rect){0, 0, width, 1}, style);
    Str text = input_text(in);
    size_t first = first_shown(in, width), from, len;
    if (text.len == 0 && !focused)
        canvas_text(&field, 0, 0, STYLE_DIM, placeholder);
    else if (!in->secret)
        canvas_text(&field, 0, 0, style, str_slice(text, first, text.len - first));
    else
        for (int i = 0, n = cells_between(in, first, text.len); i < n && i < width; i++)
            canvas_cstr(&field, i, 0, style, "•");
    if (!focused) return;
    if (selection(in, &from, &len)) {
        int left = from > first ? cells_between(in, first, from) : 0,
            right = cells_between(in, first, from + len);
        canvas_restyle(&field, (Rect){left, 0, right - left, 1}, STYLE_RANGE);
    }
    canvas_cursor(&field, cells_between(in, first, in->cursor), 0);
}

void input_mouse(Input *in, int x, int width)
{
    Str text = input_text(in);
    size_t at = first_shown(in, width);
    for (int cells = 0; at < text.len;) {
        size_t next = utf8_grapheme_next(text, at);
        cells += in->secret ? 1 : canvas_text_width(str_slice(text, at, next - at), 8);
        if (cells > x) break;
        at = next;
    }
    go(in, at, false);
}
