// Term, glyphs: what to show where a terminal has no such character. Relies on term_in.h.
#include "tui/core/term_in.h"

typedef struct Glyph {
    uint32_t rune;
    char ascii;
    bool everywhere;
} Glyph; // everywhere: text consoles have it too

static const Glyph glyphs[] = {
    {0x2500, '-', true},  {0x2502, '|', true},  {0x250C, '+', true},  {0x2510, '+', true},
    {0x2514, '+', true},  {0x2518, '+', true},  {0x251C, '+', true},  {0x2524, '+', true},
    {0x252C, '+', true},  {0x2534, '+', true},  {0x253C, '+', true},  {0x2503, '|', false},
    {0x2588, '#', true},  {0x2592, ':', true},  {0x2591, '.', true},  {0x25CF, '*', false},
    {0x25CB, 'o', false}, {0x25BE, 'v', false}, {0x25B8, '>', false}, {0x25B4, '^', false},
    {0x25C2, '<', false}, {0x25C6, '#', true},  {0x00B7, '.', true},  {0x2197, '^', false},
    {0x2026, '.', false}, {0x258F, '|', false}, {0x2190, '<', false}, {0x2191, '^', false},
    {0x2192, '>', false}, {0x2193, 'v', false}, {0x2713, 'v', false}, {0x2717, 'x', false},
    {0x2022, '*', false}, {0x2205, '~', false}, {0x2302, '^', true},  {0x25A0, '#', true},
};

uint32_t term_glyph(uint32_t rune, Charset charset)
{
    if (rune < 0x7F || charset == CHARSET_FULL) return rune;
    for (size_t i = 0; i < COUNT_OF(glyphs); i++)
        if (glyphs[i].rune == rune)
            return charset == CHARSET_BLOCKS && glyphs[i].everywhere ? rune : (uint32_t)glyphs[i].ascii;
    if (rune >= 0x2800 && rune < 0x2900) return rune == 0x2800 ? ' ' : charset == CHARSET_BLOCKS ? 0xB7 : '*';
    if (rune >= 0x2580 && rune < 0x25A0 && charset == CHARSET_ASCII) return '#';
    if (rune >= 0x2400 && rune < 0x2440) return '?';
    return charset == CHARSET_ASCII ? '?' : rune;
}
