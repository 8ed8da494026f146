// Scroll: keeping the cursor in range and in sight. Relies on scroll.h.
#include "tui/widget/scroll.h"

static uint64_t page_of(const Scroll *s) { return s->height > 1 ? (uint64_t)s->height : 1; }

static void into_sight(Scroll *s)
{
    uint64_t page = page_of(s), last_first = s->count > page ? s->count - page : 0;
    if (s->at < s->first) s->first = s->at;
    if (s->at >= s->first + page) s->first = s->at - page + 1;
    if (s->first > last_first) s->first = last_first;
}

void scroll_set(Scroll *s, uint64_t count, int height)
{
    s->count = count;
    s->height = height > 0 ? height : 1;
    scroll_to(s, s->at);
}

void scroll_to(Scroll *s, uint64_t row)
{
    s->at = s->count == 0 ? 0 : row < s->count ? row : s->count - 1;
    into_sight(s);
}

bool scroll_act(Scroll *s, Action a)
{
    uint64_t page = page_of(s), end = UINT64_MAX;
    switch (a) {
    case ACTION_UP: scroll_to(s, s->at > 0 ? s->at - 1 : 0); return true;
    case ACTION_DOWN: scroll_to(s, s->at + 1); return true;
    case ACTION_PAGE_UP:
        s->first = s->first > page ? s->first - page : 0;
        scroll_to(s, s->at > page ? s->at - page : 0);
        return true;
    case ACTION_PAGE_DOWN:
        s->first += page;
        scroll_to(s, s->at < end - page ? s->at + page : end);
        return true;
    case ACTION_TOP: scroll_to(s, 0); return true;
    case ACTION_BOTTOM: scroll_to(s, end); return true;
    default: return false;
    }
}

void scroll_by(Scroll *s, int64_t rows)
{
    uint64_t page = page_of(s), last_first = s->count > page ? s->count - page : 0;
    uint64_t by = (uint64_t)(rows < 0 ? -rows : rows);
    if (rows < 0)
        s->first = s->first > by ? s->first - by : 0;
    else
        s->first = last_first - s->first > by ? s->first + by : last_first;
    if (s->at < s->first) s->at = s->first;
    if (s->at >= s->first + page) s->at = s->first + page - 1;
}
