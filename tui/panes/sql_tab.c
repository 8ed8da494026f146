// SqlTab: the editor's tabs: made, named, opened from and saved to files. Relies on sql_editor.
#include "tui/panes/sql_editor.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

SqlTab *sql_tab_new(SqlEditor *e)
{
    if (e->tabs == SQL_TABS_MAX) return NULL;
    SqlTab *t = size_alloc_zero(1, sizeof *t);
    if (!t) return NULL;
    edit_init(&t->edit);
    bytes_init(&t->path, 4096);
    t->number = ++e->made;
    t->error_at = SIZE_MAX;
    e->at = e->tabs;
    e->tab[e->tabs++] = t;
    return t;
}

void sql_tab_free(SqlTab *t)
{
    edit_done(&t->edit);
    bytes_done(&t->path);
    free(t);
}

void sql_tab_title(const SqlTab *t, Bytes *out)
{
    Str path = bytes_str(&t->path);
    if (path.len) {
        size_t slash = 0;
        for (size_t at = 0; (at = str_find_byte(path, '/', at)) != SIZE_MAX; at++) slash = at + 1;
        bytes_put(out, str_slice(path, slash, path.len));
    } else {
        bytes_printf(out, "sql %u", t->number);
    }
    if (undo_changed(&t->edit.undo)) bytes_put(out, STR(" ●"));
}

// What is known while walking over the words.
typedef struct Walk {
    size_t from, end; // of the statement that goes on; from == SIZE_MAX: none has begun
    size_t last_from, last_end;
    bool any; // last_* hold a statement that is over
} Walk;

// The cursor stands behind the statement that is over, on the line of its end.
static bool on_its_line(const Walk *w, Str text, size_t at)
{
    if (!w->any || at < w->last_end) return false;
    size_t newline = str_find_byte(text, '\n', w->last_end);
    return newline == SIZE_MAX || at <= newline;
}

// One word; true when the statement is found: it is then the one that is over.
static bool walk_word(Walk *w, Str text, size_t at, size_t word, const Span *span)
{
    if (span->kind == SPAN_SPACE || span->kind == SPAN_COMMENT) return false;
    if (span->kind != SPAN_SEMICOLON) {
        if (w->from == SIZE_MAX) {
            if (word > at && on_its_line(w, text, at)) return true;
            w->from = word;
        }
        w->end = word + span->len;
        return false;
    }
    if (w->from == SIZE_MAX) return false; // an empty one
    w->last_from = w->from;
    w->last_end = w->end;
    w->any = true;
    w->from = SIZE_MAX;
    return word >= at;
}

bool sql_editor_statement(Source *s, Str text, size_t at, size_t *from, size_t *len)
{
    enum { CHUNK = 4096 };
    Span *span = size_alloc(CHUNK, sizeof *span);
    if (!span) return false;
    Walk w = {.from = SIZE_MAX};
    bool over = false;
    for (size_t done = 0, n; !over && done < text.len; done += span[n - 1].at + span[n - 1].len) {
        // A chunk ends between two words, so the lexer can go on behind it.
        n = source_spans(s, str_slice(text, done, text.len - done), span, CHUNK);
        if (n == 0) break;
        for (size_t i = 0; i < n && !over; i++) over = walk_word(&w, text, at, done + span[i].at, &span[i]);
    }
    free(span);
    if (!over && w.from != SIZE_MAX && !(w.any && w.from > at && on_its_line(&w, text, at))) {
        w.last_from = w.from;
        w.last_end = w.end;
        w.any = true;
    }
    *from = w.last_from;
    *len = w.last_end - w.last_from;
    return w.any;
}
