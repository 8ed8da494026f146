// Undo: a list of steps with their bytes in one heap, in order of time; what is taken back stays until
// something new comes. Relies on undo.h, base/size.
#include "tui/text/undo.h"
#include "engine/base/size.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_FIRST = 64 };

void undo_init(Undo *u)
{
    *u = (Undo){0};
    bytes_init(&u->bytes, UNDO_BYTES_MAX);
}

void undo_done(Undo *u)
{
    free(u->step);
    bytes_done(&u->bytes);
    *u = (Undo){0};
}

void undo_begin(Undo *u)
{
    if (u->nesting++ > 0) return;
    u->group++;
    u->joining = false;
}

void undo_end(Undo *u)
{
    assert(u->nesting > 0);
    u->nesting--;
    u->joining = false;
}

void undo_break(Undo *u)
{
    if (u->nesting == 0) u->joining = false;
}

void undo_saved(Undo *u)
{
    u->saved = u->done;
    u->joining = false;
}

bool undo_changed(const Undo *u) { return u->saved != u->done; }

// --- remembering
// ---------------------------------------------------------------------------------------------

static void forget_redo(Undo *u)
{
    if (u->done == u->count) return;
    u->bytes.len = u->step[u->done].from;
    u->count = u->done;
    if (u->saved != SIZE_MAX && u->saved > u->done) u->saved = SIZE_MAX;
}

// Drops whole groups from the old end until `len` bytes more fit.
static void forget_oldest(Undo *u, size_t len)
{
    size_t drop = 0;
    while (drop < u->count && u->bytes.len - u->step[drop].from + len > UNDO_BYTES_MAX) {
        uint32_t group = u->step[drop].group;
        while (drop < u->count && u->step[drop].group == group) drop++;
    }
    if (drop == 0) return;
    size_t bytes = drop < u->count ? u->step[drop].from : u->bytes.len;
    bytes_remove_front(&u->bytes, bytes);
    memmove(u->step, u->step + drop, (u->count - drop) * sizeof *u->step);
    u->count -= drop;
    u->done = u->count;
    for (size_t i = 0; i < u->count; i++) u->step[i].from -= bytes;
    u->saved = u->saved == SIZE_MAX || u->saved < drop ? SIZE_MAX : u->saved - drop;
}

static bool joins(const Undo *u, bool inserted, size_t at, Str text)
{
    if (!u->joining || u->count == 0 || text.len > 8 || memchr(text.at, '\n', text.len)) return false;
    const UndoStep *last = &u->step[u->count - 1];
    if (last->inserted != inserted) return false;
    if (inserted) return at == last->at + last->len;
    return at == last->at || at + text.len == last->at;
}

// Remembering is a convenience: when there is no memory for it, the change happens all the same and the past
// is gone.
static void remember(Undo *u, bool inserted, size_t at, Str text)
{
    forget_redo(u);
    forget_oldest(u, text.len);
    bool joined = joins(u, inserted, at, text);
    if (u->nesting == 0 && !joined) u->group++;
    if (u->count == u->cap) {
        size_t cap = u->cap ? u->cap * 2 : STEPS_FIRST;
        UndoStep *step = size_realloc(u->step, cap, sizeof *step);
        if (step) {
            u->step = step;
            u->cap = cap;
        }
    }
    size_t from = u->bytes.len;
    bool fits = u->count < u->cap && text.len <= UNDO_BYTES_MAX - from;
    if (fits) bytes_put(&u->bytes, text);
    if (!fits || u->bytes.failed) {
        bytes_done(&u->bytes);
        bytes_init(&u->bytes, UNDO_BYTES_MAX);
        u->count = u->done = 0;
        u->saved = SIZE_MAX;
        u->joining = false;
        return;
    }
    if (joined && inserted) {
        u->step[u->count - 1].len += text.len;
    } else {
        u->step[u->count++] = (UndoStep){at, text.len, from, u->group, inserted};
        u->done = u->count;
    }
    u->joining = u->nesting == 0 && !memchr(text.at, '\n', text.len);
}

bool undo_insert(Undo *u, Buffer *b, size_t at, Str text, Err *err)
{
    if (text.len == 0) return true;
    if (!buffer_insert(b, at, text, err)) return false;
    remember(u, true, at, text);
    return true;
}

bool undo_delete(Undo *u, Buffer *b, size_t at, size_t len, Err *err)
{
    (void)err;
    Str text = buffer_slice(b, at, len);
    if (text.len == 0) return true;
    remember(u, false, at, text);
    buffer_delete(b, at, text.len);
    return true;
}

// --- taking back
// ---------------------------------------------------------------------------------------------

static bool apply(const Undo *u, Buffer *b, const UndoStep *s, bool insert, size_t *at)
{
    Err err = {0};
    *at = s->at;
    if (!insert) {
        buffer_delete(b, s->at, s->len);
        return true;
    }
    if (!buffer_insert(b, s->at, str_slice(bytes_str(&u->bytes), s->from, s->len), &err)) return false;
    *at = s->at + s->len;
    return true;
}

bool undo_back(Undo *u, Buffer *b, size_t *at)
{
    u->joining = false;
    if (u->done == 0) return false;
    uint32_t group = u->step[u->done - 1].group;
    while (u->done > 0 && u->step[u->done - 1].group == group) {
        const UndoStep *s = &u->step[u->done - 1];
        if (!apply(u, b, s, !s->inserted, at)) return false;
        u->done--;
    }
    return true;
}

bool undo_again(Undo *u, Buffer *b, size_t *at)
{
    u->joining = false;
    if (u->done == u->count) return false;
    uint32_t group = u->step[u->done].group;
    while (u->done < u->count && u->step[u->done].group == group) {
        const UndoStep *s = &u->step[u->done];
        if (!apply(u, b, s, s->inserted, at)) return false;
        u->done++;
    }
    return true;
}
