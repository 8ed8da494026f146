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

bool sql_editor_statement(Source *s, Str text, size_t at, size_t *from, size_t *len)
{
    enum { CHUNK = 4096 };
    Span *span = size_alloc(CHUNK, sizeof *span);
    if (!span) return false;
    bool found = false;
    size_t start = 0, first_word = SIZE_MAX, done = 0, last_end = 0;
    bool over = false;
    while (!over && done < text.len) {
        // A chunk ends between two words, so the lexer can go on behind it.
        size_t n = source_spans(s, str_slice(text, done, text.len - done), span, CHUNK);
        if (n == 0) break;
        for (size_t i = 0; i < n && !over; i++) {
            size_t word = done + span[i].at;
            if (span[i].kind == SPAN_SPACE || span[i].kind == SPAN_COMMENT) continue;
            if (span[i].kind != SPAN_SEMICOLON) {
                // Nothing but blanks stood between the cursor and the next statement, and one came before:
                // take that.
                if (first_word == SIZE_MAX && found && word > at && at <= *from + *len + 1) over = true;
                if (first_word == SIZE_MAX) first_word = start = word;
                last_end = word + span[i].len;
            } else if (first_word != SIZE_MAX) {
                *from = start;
                *len = last_end - start;
                found = true;
                first_word = SIZE_MAX;
                over = word >= at;
            }
        }
        done += span[n - 1].at + span[n - 1].len;
    }
    if (!over && first_word != SIZE_MAX) {
        *from = start;
        *len = last_end - start;
        found = true;
    }
    free(span);
    return found;
}
