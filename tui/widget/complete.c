// Complete: keeping what fits, best first, and drawing it beside the cursor. Relies on complete.h, palette.
#include "tui/widget/complete.h"
#include "tui/widget/palette.h"
#include <stdlib.h>
#include <string.h>

enum { COMPLETE_WIDTH_MAX = 48 };

static uint64_t item_count(void *self) { return ((const Complete *)self)->count; }

static void item_row(void *self, uint64_t i, ListRow *out)
{
    const CompleteItem *item = &((const Complete *)self)->item[i];
    *out = (ListRow){.label = item->word, .detail = item->detail, .style = item->style};
}

void complete_init(Complete *c) { *c = (Complete){0}; }

void complete_done(Complete *c)
{
    arena_done(&c->mem);
    *c = (Complete){0};
}

void complete_begin(Complete *c, size_t from)
{
    arena_reset(&c->mem);
    c->item = arena_array(&c->mem, CompleteItem, COMPLETE_MAX);
    c->count = 0;
    c->shown = false;
    c->from = from;
}

void complete_offer(Complete *c, Str typed, Str word, Str detail, Style style)
{
    int score = typed.len ? palette_score(typed, word) : 1;
    if (score <= 0 || c->count == COMPLETE_MAX || word.len == 0) return;
    for (size_t i = 0; i < c->count; i++)
        if (str_equal_fold(c->item[i].word, word)) return;
    c->item[c->count++] =
        (CompleteItem){arena_copy(&c->mem, word), arena_copy(&c->mem, detail), style, score};
}

static int by_score(const void *a, const void *b)
{
    const CompleteItem *one = a, *other = b;
    if (one->score != other->score) return one->score < other->score ? 1 : -1;
    return str_compare(one->word, other->word);
}

void complete_end(Complete *c)
{
    if (c->count > 0) qsort(c->item, c->count, sizeof *c->item, by_score);
    c->shown = c->count > 0;
    list_init(&c->list, (ListRows){c, item_count, item_row}, STYLE_POPUP);
    list_place(&c->list, COMPLETE_WIDTH_MAX, c->count < COMPLETE_HEIGHT ? (int)c->count : COMPLETE_HEIGHT);
}

void complete_hide(Complete *c) { c->shown = false; }

bool complete_act(Complete *c, Action a)
{
    if (!c->shown) return false;
    if (a != ACTION_UP && a != ACTION_DOWN && a != ACTION_PAGE_UP && a != ACTION_PAGE_DOWN) return false;
    return list_act(&c->list, a);
}

const CompleteItem *complete_chosen(const Complete *c)
{
    return c->shown && c->list.scroll.at < c->count ? &c->item[c->list.scroll.at] : NULL;
}

void complete_draw(const Complete *c, Canvas *canvas, int x, int y)
{
    if (!c->shown) return;
    int width = 0, height = c->list.scroll.height;
    for (size_t i = 0; i < c->count; i++) {
        int cells = canvas_text_width(c->item[i].word, COMPLETE_WIDTH_MAX) + 3;
        if (c->item[i].detail.len) cells += canvas_text_width(c->item[i].detail, COMPLETE_WIDTH_MAX) + 1;
        if (cells > width) width = cells;
    }
    if (width > COMPLETE_WIDTH_MAX) width = COMPLETE_WIDTH_MAX;
    if (width > canvas->width) width = canvas->width;
    int top = y + 1 + height <= canvas->height ? y + 1 : y - height;
    if (top < 0) top = 0;
    if (x + width > canvas->width) x = canvas->width - width;
    int cursor_x = canvas->surface->cursor_x, cursor_y = canvas->surface->cursor_y;
    bool shown = canvas->surface->cursor_shown;
    Canvas box = canvas_sub(canvas, (Rect){x, top, width, height});
    list_draw(&c->list, &box, true);
    canvas->surface->cursor_x = cursor_x; // the cursor stays in the text
    canvas->surface->cursor_y = cursor_y;
    canvas->surface->cursor_shown = shown;
}
