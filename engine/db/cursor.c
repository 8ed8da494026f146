// Cursors: DECLARE, FETCH, MOVE, CLOSE. A cursor is a portal with a name of its own. One declared with SCROLL
// keeps all of its rows from the start; others go forward only and read as they are asked.
#include "engine/base/size.h"
#include "engine/db/portal.h"

#include <string.h>

bool portal_declare(Run *run, const Statement *st, Err *err)
{
    Session *s = run->session;
    const AstCursor *c = st->cursor;
    Prepared *prepared;
    Portal *p;
    if (!s->open && !s->block && !c->hold) {
        err_set(err, "25P01", "DECLARE CURSOR can only be used in transaction blocks");
        return false;
    }
    if (c->binary) return err_set(err, SQLSTATE_UNSUPPORTED, "binary cursors are not supported");
    if (!c->name.text.len) return err_set(err, "34000", "invalid cursor name \"\"");
    if (!prepared_new(&prepared, str_slice(run->source, (size_t)st->at, st->len), NULL, 0, err)) return false;
    // Its tree is the DECLARE again; what runs is the query in it.
    Statement *query = arena_new(&prepared->mem, Statement);
    *query = *prepared->tree;
    query->kind = STATEMENT_SELECT;
    query->query = prepared->tree->cursor->query;
    prepared->tree = query;
    bool good = portal_new(&p, s, c->name.text, prepared, NULL, 0, err);
    prepared_drop(prepared);
    if (!good) {
        if (err->at >= 0) err->at += st->at;
        return false;
    }
    p->cursor = true;
    p->scroll = c->scroll;
    p->hold = c->hold;
    run->tag = "DECLARE CURSOR";
    good = portal_open(s, p, err) && (!p->scroll || portal_settle(s, p, err));
    if (!good) portal_free(s, p);
    return good;
}

// ---- fetching ----

typedef struct Move {
    enum { MOVE_FORWARD, MOVE_BACKWARD, MOVE_ABSOLUTE, MOVE_RELATIVE } how;
    int64_t count; // INT64_MAX = all
} Move;

static bool read_move(Run *run, const AstFetch *f, Move *out, Err *err)
{
    static const struct {
        const char *word;
        Move move;
        bool counted;
    } words[] = {
        {"next", {MOVE_FORWARD, 1}, true},         {"prior", {MOVE_BACKWARD, 1}, false},
        {"first", {MOVE_ABSOLUTE, 1}, false},      {"last", {MOVE_ABSOLUTE, -1}, false},
        {"all", {MOVE_FORWARD, INT64_MAX}, false}, {"absolute", {MOVE_ABSOLUTE, 0}, true},
        {"relative", {MOVE_RELATIVE, 0}, true},    {"forward", {MOVE_FORWARD, 1}, true},
        {"backward", {MOVE_BACKWARD, 1}, true},    {"backward all", {MOVE_BACKWARD, INT64_MAX}, false},
    };
    *out = (Move){MOVE_FORWARD, 1};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_equal(f->direction, str_of(words[i].word))) *out = words[i].move;
    if (!f->count) return true;
    Value v;
    if (!query_constant(run, f->count, type_of(TYPE_BIGINT), &v, err)) return false;
    out->count = v.null ? 0 : v.i64;
    if (out->how <= MOVE_BACKWARD && out->count < 0) {
        out->how = out->how == MOVE_FORWARD ? MOVE_BACKWARD : MOVE_FORWARD;
        out->count = out->count == INT64_MIN ? INT64_MAX : -out->count;
    }
    return true;
}

static bool only_forward(Err *err)
{
    err_set(err, "55000", "cursor can only scan forward");
    return err_hint(err, "Declare it with SCROLL option to enable backward scan.");
}

// Rows [from, to) of a scroll cursor's kept rows, one step at a time in either direction.
static bool give_kept(Run *run, Portal *p, int64_t from, int64_t to, int64_t step, Err *err)
{
    const ResultSink *sink = run->sink;
    if (!sink || !sink->rows) return true;
    Vector *room = arena_array(run->mem, Vector, p->kept->columns + 1);
    for (int64_t at = from; at != to; at += step) {
        Batch window;
        uint16_t sel = (uint16_t)(at % 64);
        rows_window(p->kept, (uint32_t)(at - at % 64), &window, room);
        window.sel = &sel;
        window.sel_len = 1;
        if (!portal_show(p, &window, sink, err) && err_any(err)) return false;
    }
    return true;
}

static int64_t clamp(int64_t at, int64_t low, int64_t high) { return at < low ? low : at > high ? high : at; }

static int64_t add_clamped(int64_t a, int64_t b, int64_t high)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? (b < 0 ? 0 : high) : clamp(sum, 0, high);
}

// place: 0 before the first row, n + 1 behind the last. Numbers rows from 1, the kept array from 0.
static bool fetch_scroll(Run *run, Portal *p, const Move *m, bool give, Err *err)
{
    int64_t n = p->kept->count, before = p->place, after, rows = 0;
    bool good = true;
    if (m->how == MOVE_FORWARD && m->count) {
        after = add_clamped(before, m->count, n + 1);
        int64_t last = clamp(after, 0, n);
        rows = last > before ? last - before : 0;
        if (give && rows) good = give_kept(run, p, before, last, 1, err);
    } else if (m->how == MOVE_BACKWARD && m->count) {
        after = add_clamped(before, m->count == INT64_MAX ? INT64_MIN + 1 : -m->count, n + 1);
        int64_t first = clamp(after, 1, n + 1), top = clamp(before, 1, n + 1);
        rows = top - first;
        if (give && rows > 0) good = give_kept(run, p, top - 2, first - 2, -1, err);
    } else {
        bool absolute = m->how == MOVE_ABSOLUTE;
        after = absolute ? clamp(m->count < 0 ? add_clamped(n + 1, m->count, n + 1) : m->count, 0, n + 1)
                         : add_clamped(before, m->how == MOVE_RELATIVE ? m->count : 0, n + 1);
        rows = after >= 1 && after <= n;
        if (give && rows) good = give_kept(run, p, after - 1, after, 1, err);
    }
    p->place = after;
    run->rows = rows;
    return good;
}

static bool fetch_forward(Run *run, Portal *p, const Move *m, bool give, int64_t *rows, Err *err)
{
    Session *s = run->session;
    int64_t skip = 0, count = m->count, dropped;
    if (m->how == MOVE_ABSOLUTE || m->how == MOVE_RELATIVE) {
        int64_t to = m->how == MOVE_ABSOLUTE ? m->count : (int64_t)p->given + m->count;
        if (m->count < 0 || to <= (int64_t)p->given) return only_forward(err);
        skip = to - (int64_t)p->given - 1;
        count = 1;
    } else if (m->how == MOVE_BACKWARD || m->count == 0)
        return only_forward(err);
    return portal_fetch(s, p, (uint64_t)skip, NULL, &dropped, err) &&
           portal_fetch(s, p, count == INT64_MAX ? UINT64_MAX : (uint64_t)count, give ? run->sink : NULL,
                        rows, err);
}

static bool no_cursor(const AstName *name, Err *err)
{
    return err_set_at(err, "34000", name->at, "cursor \"%.*s\" does not exist", STR_ARG(name->text));
}

bool portal_fetch_statement(Run *run, const AstFetch *f, Err *err)
{
    Move m;
    Portal *p = portal_find(run->session, f->cursor.text);
    run->tag = f->move ? "MOVE" : "FETCH";
    if (!p || !p->plan || !p->plan->returns) return no_cursor(&f->cursor, err);
    if (!read_move(run, f, &m, err)) return false;
    const PlanNode *root = p->plan->root;
    const ResultSink *sink = run->sink;
    if (!f->move && sink && sink->columns && !sink->columns(sink->self, root->column, root->columns))
        return true;
    if (p->scroll) return fetch_scroll(run, p, &m, !f->move, err);
    return fetch_forward(run, p, &m, !f->move, &run->rows, err);
}

void portal_close_all(Session *s)
{
    for (Portal *p = s->portal, *next; p; p = next) {
        next = p->next;
        if (p != s->running_portal) portal_free(s, p);
    }
}

bool portal_close_statement(Run *run, const AstClose *c, Err *err)
{
    Session *s = run->session;
    if (!c->cursor.text.at) {
        run->tag = "CLOSE CURSOR ALL";
        portal_close_all(s);
        return true;
    }
    run->tag = "CLOSE CURSOR";
    Portal *p = portal_find(s, c->cursor.text);
    if (!p || p == s->running_portal) return no_cursor(&c->cursor, err);
    portal_free(s, p);
    return true;
}
