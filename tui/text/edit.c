// Edit: moves and changes. Every change goes through undo; every place is a byte on a grapheme's border.
// Relies on edit.h, base/utf8.
#include "tui/text/edit.h"
#include "engine/base/utf8.h"
#include <string.h>

enum { BRACKET_REACH = 64 << 10, CELL_BYTES_MAX = 64 };

void edit_init(Edit *e)
{
    *e = (Edit){.goal = -1};
    buffer_init(&e->text);
    undo_init(&e->undo);
}

void edit_done(Edit *e)
{
    buffer_done(&e->text);
    undo_done(&e->undo);
}

bool edit_load(Edit *e, Str text, Err *err)
{
    Edit fresh;
    edit_init(&fresh);
    if (!buffer_insert(&fresh.text, 0, text, err)) {
        edit_done(&fresh);
        return false;
    }
    edit_done(e);
    *e = fresh;
    return true;
}

// --- places
// --------------------------------------------------------------------------------------------------

int edit_cells(const Edit *e, size_t at, size_t next, int cell)
{
    char first = buffer_byte(&e->text, at);
    if (first == '\t') return EDIT_TAB - cell % EDIT_TAB;
    if (first >= 0x20 && first < 0x7F && next == at + 1) return 1;
    char text[CELL_BYTES_MAX];
    size_t len = next - at < sizeof text ? next - at : sizeof text;
    for (size_t i = 0; i < len; i++) text[i] = buffer_byte(&e->text, at + i);
    int cells = (int)utf8_width((Str){text, len});
    return cells > 0 ? cells : 1;
}

void edit_place(const Edit *e, size_t at, size_t *line, int *cell)
{
    *line = buffer_line_of(&e->text, at);
    int cells = 0;
    for (size_t pos = buffer_line_start(&e->text, *line); pos < at;) {
        size_t next = buffer_next(&e->text, pos);
        cells += edit_cells(e, pos, next, cells);
        pos = next;
    }
    *cell = cells;
}

size_t edit_at(const Edit *e, size_t line, int cell)
{
    size_t pos = buffer_line_start(&e->text, line), end = buffer_line_end(&e->text, line);
    int cells = 0;
    while (pos < end) {
        size_t next = buffer_next(&e->text, pos);
        cells += edit_cells(e, pos, next, cells);
        if (cells > cell) break;
        pos = next;
    }
    return pos;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

size_t edit_word_start(const Edit *e, size_t at)
{
    while (at > 0 && is_word(buffer_byte(&e->text, at - 1))) at--;
    return at;
}

static size_t word_left(const Edit *e, size_t at)
{
    while (at > 0 && !is_word(buffer_byte(&e->text, at - 1))) at--;
    return edit_word_start(e, at);
}

static size_t word_right(const Edit *e, size_t at)
{
    size_t len = buffer_len(&e->text);
    while (at < len && is_word(buffer_byte(&e->text, at))) at++;
    while (at < len && !is_word(buffer_byte(&e->text, at))) at++;
    return at;
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static size_t line_indent(const Edit *e, size_t line)
{
    size_t at = buffer_line_start(&e->text, line), end = buffer_line_end(&e->text, line);
    while (at < end && is_blank(buffer_byte(&e->text, at))) at++;
    return at;
}

size_t edit_bracket(const Edit *e, size_t at)
{
    static const char open[] = "([{", close[] = ")]}";
    for (size_t back = 0; back < 2 && back <= at; back++) {
        size_t from = at - back;
        char c = buffer_byte(&e->text, from);
        const char *o = c ? strchr(open, c) : NULL, *k = c ? strchr(close, c) : NULL;
        if (!o && !k) continue;
        char other = o ? close[o - open] : open[k - close];
        size_t depth = 0, len = buffer_len(&e->text);
        for (size_t i = 0; i < BRACKET_REACH; i++) {
            if (o ? from + i >= len : i > from) break;
            size_t pos = o ? from + i : from - i;
            char here = buffer_byte(&e->text, pos);
            if (here == c) depth++;
            if (here == other && --depth == 0) return pos;
        }
        return SIZE_MAX;
    }
    return SIZE_MAX;
}

// --- moving
// --------------------------------------------------------------------------------------------------

static void put_cursor(Edit *e, size_t at, bool extend)
{
    e->cursor = at;
    if (!extend && !e->marking) e->anchor = at;
    undo_break(&e->undo);
}

static void move_lines(Edit *e, bool down, size_t count, bool extend)
{
    size_t line, last = buffer_lines(&e->text) - 1;
    int cell;
    edit_place(e, e->cursor, &line, &cell);
    if (e->goal < 0) e->goal = cell;
    int goal = e->goal;
    size_t at;
    if (down)
        at =
            line == last ? buffer_len(&e->text) : edit_at(e, last - line < count ? last : line + count, goal);
    else
        at = line == 0 ? 0 : edit_at(e, line < count ? 0 : line - count, goal);
    put_cursor(e, at, extend);
    e->goal = goal;
}

void edit_move(Edit *e, EditMove move, bool extend, size_t page)
{
    size_t from, len, line = buffer_line_of(&e->text, e->cursor), indent;
    bool leaves = !extend && !e->marking && edit_selection(e, &from, &len);
    switch (move) {
    case EDIT_UP: move_lines(e, false, 1, extend); return;
    case EDIT_DOWN: move_lines(e, true, 1, extend); return;
    case EDIT_PAGE_UP: move_lines(e, false, page, extend); return;
    case EDIT_PAGE_DOWN: move_lines(e, true, page, extend); return;
    case EDIT_LEFT: put_cursor(e, leaves ? from : buffer_prev(&e->text, e->cursor), extend); break;
    case EDIT_RIGHT: put_cursor(e, leaves ? from + len : buffer_next(&e->text, e->cursor), extend); break;
    case EDIT_WORD_LEFT: put_cursor(e, word_left(e, e->cursor), extend); break;
    case EDIT_WORD_RIGHT: put_cursor(e, word_right(e, e->cursor), extend); break;
    case EDIT_LINE_START:
        indent = line_indent(e, line);
        put_cursor(e, e->cursor == indent ? buffer_line_start(&e->text, line) : indent, extend);
        break;
    case EDIT_LINE_END: put_cursor(e, buffer_line_end(&e->text, line), extend); break;
    case EDIT_TOP: put_cursor(e, 0, extend); break;
    case EDIT_BOTTOM: put_cursor(e, buffer_len(&e->text), extend); break;
    }
    e->goal = -1;
}

void edit_goto(Edit *e, size_t at, bool extend)
{
    size_t len = buffer_len(&e->text);
    if (at > len) at = len;
    while (at > 0 && at < len && ((unsigned char)buffer_byte(&e->text, at) & 0xC0) == 0x80) at--;
    put_cursor(e, at, extend);
    e->goal = -1;
}

void edit_goto_line(Edit *e, size_t line)
{
    size_t lines = buffer_lines(&e->text);
    edit_goto(e, buffer_line_start(&e->text, line < lines ? line : lines - 1), false);
}

void edit_select_all(Edit *e)
{
    e->anchor = 0;
    put_cursor(e, buffer_len(&e->text), true);
}

bool edit_selection(const Edit *e, size_t *from, size_t *len)
{
    *from = e->cursor < e->anchor ? e->cursor : e->anchor;
    *len = e->cursor < e->anchor ? e->anchor - e->cursor : e->cursor - e->anchor;
    return *len > 0;
}

// --- changing
// ------------------------------------------------------------------------------------------------

static void settle(Edit *e, size_t at)
{
    e->cursor = e->anchor = at;
    e->marking = false;
    e->goal = -1;
}

static bool delete_range(Edit *e, size_t from, size_t len, Err *err)
{
    if (!undo_delete(&e->undo, &e->text, from, len, err)) return false;
    settle(e, from);
    return true;
}

bool edit_replace(Edit *e, size_t from, size_t len, Str text, Err *err)
{
    undo_begin(&e->undo);
    bool ok = delete_range(e, from, len, err) && undo_insert(&e->undo, &e->text, from, text, err);
    if (ok) settle(e, from + text.len);
    undo_end(&e->undo);
    return ok;
}

bool edit_type(Edit *e, Str text, Err *err)
{
    size_t from, len;
    if (edit_selection(e, &from, &len)) return edit_replace(e, from, len, text, err);
    if (!undo_insert(&e->undo, &e->text, e->cursor, text, err)) return false;
    settle(e, e->cursor + text.len);
    return true;
}

bool edit_paste(Edit *e, Str text, Err *err)
{
    Bytes clean;
    bytes_init(&clean, BUFFER_BYTES_MAX);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '\r') {
            bytes_put_byte(&clean, '\n');
            if (i + 1 < text.len && text.at[i + 1] == '\n') i++;
        } else if ((unsigned char)c >= 0x20 ? c != 0x7F : c == '\n' || c == '\t') {
            bytes_put_byte(&clean, c);
        }
    }
    size_t from, len;
    edit_selection(e, &from, &len);
    bool ok = clean.failed ? err_set(err, SQLSTATE_LIMIT, "what was pasted is larger than %d MiB",
                                     BUFFER_BYTES_MAX >> 20)
                           : edit_replace(e, from, len, bytes_str(&clean), err);
    bytes_done(&clean);
    return ok;
}

bool edit_newline(Edit *e, Err *err)
{
    size_t from, len;
    edit_selection(e, &from, &len);
    size_t line = buffer_line_of(&e->text, from), start = buffer_line_start(&e->text, line),
           indent = line_indent(e, line);
    if (indent > from) indent = from;
    Bytes text;
    bytes_init(&text, BUFFER_BYTES_MAX);
    bytes_put_byte(&text, '\n');
    buffer_copy(&e->text, start, indent - start, &text);
    bool ok = edit_replace(e, from, len, bytes_str(&text), err);
    bytes_done(&text);
    return ok;
}

bool edit_backspace(Edit *e, bool word, Err *err)
{
    size_t from, len;
    if (edit_selection(e, &from, &len)) return edit_replace(e, from, len, STR_NONE, err);
    size_t to = e->cursor;
    from = word ? word_left(e, to) : buffer_prev(&e->text, to);
    return from == to || delete_range(e, from, to - from, err);
}

bool edit_delete(Edit *e, bool word, Err *err)
{
    size_t from, len;
    if (edit_selection(e, &from, &len)) return edit_replace(e, from, len, STR_NONE, err);
    from = e->cursor;
    size_t to = word ? word_right(e, from) : buffer_next(&e->text, from);
    return from == to || delete_range(e, from, to - from, err);
}

bool edit_delete_line(Edit *e, Err *err)
{
    size_t line = buffer_line_of(&e->text, e->cursor), from = buffer_line_start(&e->text, line);
    return edit_replace(e, from, buffer_line_start(&e->text, line + 1) - from, STR_NONE, err);
}

// --- lines
// ---------------------------------------------------------------------------------------------------

typedef struct LineRange {
    size_t first, last;
} LineRange;

// A selection that ends at a line's start does not mean that line.
static LineRange selected_lines(const Edit *e)
{
    size_t from, len;
    bool any = edit_selection(e, &from, &len);
    LineRange r = {buffer_line_of(&e->text, from), buffer_line_of(&e->text, from + len)};
    if (any && r.last > r.first && buffer_line_start(&e->text, r.last) == from + len) r.last--;
    return r;
}

// Changes each line at its start, from below so that the starts above stay; selects them all afterwards.
static bool change_lines(Edit *e, LineRange r, size_t (*remove)(const Edit *e, size_t line, Str mark),
                         Str put, Str mark, Err *err)
{
    bool ok = true;
    undo_begin(&e->undo);
    for (size_t line = r.last + 1; ok && line-- > r.first;) {
        size_t start = buffer_line_start(&e->text, line), end = buffer_line_end(&e->text, line);
        size_t at = mark.len ? line_indent(e, line) : start;
        if (start == end) continue;
        size_t len = remove ? remove(e, line, mark) : 0;
        ok = undo_delete(&e->undo, &e->text, at, len, err) && undo_insert(&e->undo, &e->text, at, put, err);
    }
    undo_end(&e->undo);
    e->anchor = buffer_line_start(&e->text, r.first);
    e->cursor = buffer_line_end(&e->text, r.last);
    e->goal = -1;
    return ok;
}

static size_t one_level(const Edit *e, size_t line, Str mark)
{
    (void)mark;
    size_t start = buffer_line_start(&e->text, line), len = 0;
    if (buffer_byte(&e->text, start) == '\t') return 1;
    while (len < EDIT_TAB && buffer_byte(&e->text, start + len) == ' ') len++;
    return len;
}

bool edit_indent(Edit *e, Err *err)
{
    size_t from, len, line;
    int cell;
    if (edit_selection(e, &from, &len))
        return change_lines(e, selected_lines(e), NULL, STR("    "), STR_NONE, err);
    edit_place(e, e->cursor, &line, &cell);
    return edit_type(e, str_slice(STR("    "), 0, (size_t)(EDIT_TAB - cell % EDIT_TAB)), err);
}

bool edit_outdent(Edit *e, Err *err)
{
    size_t from, len;
    if (edit_selection(e, &from, &len))
        return change_lines(e, selected_lines(e), one_level, STR_NONE, STR_NONE, err);
    size_t line = buffer_line_of(&e->text, e->cursor), start = buffer_line_start(&e->text, line);
    size_t less = one_level(e, line, STR_NONE), cursor = e->cursor;
    if (less == 0) return true;
    if (!edit_replace(e, start, less, STR_NONE, err)) return false;
    settle(e, cursor > start + less ? cursor - less : start);
    return true;
}

static size_t mark_length(const Edit *e, size_t line, Str mark)
{
    size_t at = line_indent(e, line);
    for (size_t i = 0; i < mark.len; i++)
        if (buffer_byte(&e->text, at + i) != mark.at[i]) return 0;
    return mark.len;
}

bool edit_comment(Edit *e, Str mark, Err *err)
{
    LineRange r = selected_lines(e);
    bool all = true;
    for (size_t line = r.first; line <= r.last; line++)
        if (line_indent(e, line) < buffer_line_end(&e->text, line) && mark_length(e, line, mark) == 0)
            all = false;
    return change_lines(e, r, all ? mark_length : NULL, all ? STR_NONE : mark, mark, err);
}

// --- finding
// -------------------------------------------------------------------------------------------------

bool edit_find(Edit *e, Str needle, bool backwards, bool fold)
{
    size_t from, len;
    edit_selection(e, &from, &len);
    size_t at = buffer_find(&e->text, needle, backwards ? from : from + len, backwards, fold);
    if (at == SIZE_MAX)
        at = buffer_find(&e->text, needle, backwards ? buffer_len(&e->text) : 0, backwards, fold);
    if (at == SIZE_MAX) return false;
    e->marking = false;
    put_cursor(e, at, false);
    put_cursor(e, at + needle.len, true);
    e->goal = -1;
    return true;
}

bool edit_replace_all(Edit *e, Str needle, Str text, bool fold, size_t *count, Err *err)
{
    bool ok = true;
    *count = 0;
    undo_begin(&e->undo);
    for (size_t at = 0; ok && (at = buffer_find(&e->text, needle, at, false, fold)) != SIZE_MAX;
         at += text.len) {
        ok = undo_delete(&e->undo, &e->text, at, needle.len, err) &&
             undo_insert(&e->undo, &e->text, at, text, err);
        if (ok) ++*count;
    }
    undo_end(&e->undo);
    size_t len = buffer_len(&e->text);
    settle(e, e->cursor < len ? e->cursor : len);
    return ok;
}

bool edit_undo(Edit *e)
{
    size_t at = e->cursor;
    bool any = undo_back(&e->undo, &e->text, &at);
    if (any) settle(e, at);
    return any;
}

bool edit_redo(Edit *e)
{
    size_t at = e->cursor;
    bool any = undo_again(&e->undo, &e->text, &at);
    if (any) settle(e, at);
    return any;
}
