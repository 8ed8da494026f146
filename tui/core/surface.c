// Surface: the cells themselves, and their dump as text for tests. Relies on canvas.h, base/size.
#include "engine/base/size.h"
#include "tui/core/canvas.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DUMP_LETTERS = 26 + 26 };

void surface_init(Surface *s, int width, int height, Charset charset)
{
    *s = (Surface){.charset = charset};
    surface_resize(s, width, height);
}

void surface_done(Surface *s)
{
    free(s->cell);
    *s = (Surface){0};
}

static int side(int n) { return n < 1 ? 1 : n > SURFACE_SIDE_MAX ? SURFACE_SIDE_MAX : n; }

void surface_resize(Surface *s, int width, int height)
{
    width = side(width);
    height = side(height);
    if (!s->cell || width != s->width || height != s->height) {
        Cell *cell = size_alloc((size_t)width * (size_t)height, sizeof *cell);
        if (!cell) {
            fputs("d2db: out of memory for the screen\n", stderr);
            abort();
        }
        free(s->cell);
        s->cell = cell;
        s->width = width;
        s->height = height;
    }
    surface_clear(s);
}

void surface_clear(Surface *s)
{
    size_t count = (size_t)s->width * (size_t)s->height;
    for (size_t i = 0; i < count; i++)
        s->cell[i] = (Cell){.text = " ", .len = 1, .width = 1, .style = STYLE_TEXT, .ground = STYLE_TEXT};
    s->cursor_shown = false;
    s->cursor_x = s->cursor_y = 0;
}

const Cell *surface_cell(const Surface *s, int x, int y)
{
    if (x < 0 || y < 0 || x >= s->width || y >= s->height) return NULL;
    return &s->cell[(size_t)y * (size_t)s->width + (size_t)x];
}

static void dump_runes(const Surface *s, int y, bool pad, Bytes *out)
{
    size_t blanks = 0;
    for (int x = 0; x < s->width; x++) {
        const Cell *cell = surface_cell(s, x, y);
        if (cell->width == 0) continue;
        if (cell->len == 1 && cell->text[0] == ' ') {
            blanks++;
            continue;
        }
        bytes_put_repeat(out, ' ', blanks);
        blanks = 0;
        bytes_put(out, (Str){cell->text, cell->len});
    }
    if (pad) bytes_put_repeat(out, ' ', blanks);
}

static char dump_letter(const uint8_t *letter_of, unsigned style)
{
    unsigned n = letter_of[style];
    return n == 0 ? '.' : (char)(n <= 26 ? 'a' + (int)n - 1 : 'A' + (int)n - 27);
}

static void dump_styles(const Surface *s, int y, uint8_t *letter_of, unsigned *letters, Bytes *out)
{
    int last = s->width - 1;
    while (last >= 0 && surface_cell(s, last, y)->style == STYLE_TEXT) last--;
    for (int x = 0; x <= last; x++) {
        unsigned style = surface_cell(s, x, y)->style;
        if (style != STYLE_TEXT && letter_of[style] == 0 && *letters < DUMP_LETTERS)
            letter_of[style] = (uint8_t)++ * letters;
        bytes_put_byte(out, dump_letter(letter_of, style));
    }
}

void surface_dump(const Surface *s, bool styles, Bytes *out)
{
    uint8_t letter_of[STYLE_COUNT] = {0};
    unsigned letters = 0;
    for (int y = 0; y < s->height; y++) {
        dump_runes(s, y, styles, out);
        if (styles) {
            bytes_put(out, STR(" | "));
            dump_styles(s, y, letter_of, &letters, out);
            while (out->len && out->at[out->len - 1] == ' ') out->at[--out->len] = 0;
        }
        bytes_put_byte(out, '\n');
    }
    for (unsigned n = 1; n <= letters; n++)
        for (unsigned i = 0; i < STYLE_COUNT; i++)
            if (letter_of[i] == n)
                bytes_printf(out, "%c = %s\n", dump_letter(letter_of, i), style_name((Style)i));
    if (styles && s->cursor_shown) bytes_printf(out, "cursor %d,%d\n", s->cursor_x, s->cursor_y);
}
