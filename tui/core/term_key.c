// Term, keys: one table of bases, multiplied by the modifiers. Relies on term_key.h.
#include "tui/core/term_key.h"
#include <stdio.h>

// form 'c': CSI A, SS3 A, CSI 1;m A.   form 't': CSI 5~, CSI 5;m~, rxvt's CSI 5^ (Ctrl) and CSI 5$ (Shift).
typedef struct KeyBase {
    uint32_t code;
    char form;
    const char *word;
} KeyBase;
static const KeyBase bases[] = {
    {KEYCODE_UP, 'c', "A"},        {KEYCODE_DOWN, 'c', "B"}, {KEYCODE_RIGHT, 'c', "C"},
    {KEYCODE_LEFT, 'c', "D"},      {KEYCODE_HOME, 'c', "H"}, {KEYCODE_END, 'c', "F"},
    {KEYCODE_F1, 'c', "P"},        {KEYCODE_F2, 'c', "Q"},   {KEYCODE_F3, 'c', "R"},
    {KEYCODE_F4, 'c', "S"},        {KEYCODE_HOME, 't', "1"}, {KEYCODE_INSERT, 't', "2"},
    {KEYCODE_DELETE, 't', "3"},    {KEYCODE_END, 't', "4"},  {KEYCODE_PAGE_UP, 't', "5"},
    {KEYCODE_PAGE_DOWN, 't', "6"}, {KEYCODE_HOME, 't', "7"}, {KEYCODE_END, 't', "8"},
    {KEYCODE_F1, 't', "11"},       {KEYCODE_F2, 't', "12"},  {KEYCODE_F3, 't', "13"},
    {KEYCODE_F4, 't', "14"},       {KEYCODE_F5, 't', "15"},  {KEYCODE_F6, 't', "17"},
    {KEYCODE_F7, 't', "18"},       {KEYCODE_F8, 't', "19"},  {KEYCODE_F9, 't', "20"},
    {KEYCODE_F10, 't', "21"},      {KEYCODE_F11, 't', "23"}, {KEYCODE_F12, 't', "24"},
};
typedef struct KeyOther {
    int number;
    uint32_t code;
    uint8_t mods;
    const char *sequence;
} KeyOther;
static const KeyOther others[] = {
    {TERM_KEY_PASTE_BEGIN, 0, 0, "\033[200~"},
    {TERM_KEY_PASTE_END, 0, 0, "\033[201~"},
    {TERM_KEY_FOCUS, 0, 0, "\033[I"},
    {TERM_KEY_BLUR, 0, 0, "\033[O"},
    {TERM_KEY_MOUSE, 0, 0, "\033[<"},
    {0, KEYCODE_TAB, KEY_SHIFT, "\033[Z"},
    {0, KEYCODE_F1, 0, "\033[[A"},
    {0, KEYCODE_F2, 0, "\033[[B"},
    {0, KEYCODE_F3, 0, "\033[[C"},
    {0, KEYCODE_F4, 0, "\033[[D"},
    {0, KEYCODE_F5, 0, "\033[[E"},
    {0, KEYCODE_UP, KEY_CTRL, "\033Oa"},
    {0, KEYCODE_DOWN, KEY_CTRL, "\033Ob"},
    {0, KEYCODE_RIGHT, KEY_CTRL, "\033Oc"},
    {0, KEYCODE_LEFT, KEY_CTRL, "\033Od"},
    {0, KEYCODE_UP, KEY_SHIFT, "\033[a"},
    {0, KEYCODE_DOWN, KEY_SHIFT, "\033[b"},
    {0, KEYCODE_RIGHT, KEY_SHIFT, "\033[c"},
    {0, KEYCODE_LEFT, KEY_SHIFT, "\033[d"},
    {0, KEYCODE_ENTER, 0, "\033OM"},
    {0, KEYCODE_F6, KEY_SHIFT, "\033[29~"},
    {0, KEYCODE_F3, KEY_SHIFT, "\033[25~"},
};

enum { VARIANTS = 10 }; // per base: two plain ones, xterm modifiers 2 … 8, rxvt's

int term_key_number(Key k) { return TERM_KEY_BASE + (int)(k.code - KEYCODE_FIRST) * 8 + k.mods; }

bool term_key_of_number(int number, Key *out)
{
    if (number < TERM_KEY_BASE) return false;
    *out = (Key){KEYCODE_FIRST + (uint32_t)(number - TERM_KEY_BASE) / 8,
                 (uint8_t)((number - TERM_KEY_BASE) % 8)};
    return out->code > KEYCODE_FIRST && out->code < KEYCODE_LAST;
}

// xterm counts 1 + Shift 1 + Alt 2 + Ctrl 4.
static uint8_t mods_of(int xterm)
{
    int bits = xterm - 1;
    return (uint8_t)((bits & 1 ? KEY_SHIFT : 0) | (bits & 2 ? KEY_META : 0) | (bits & 4 ? KEY_CTRL : 0));
}

static int base_sequence(const KeyBase *b, int variant, char *out)
{
    Key k = {b->code, 0};
    bool letter = b->form == 'c';
    size_t size = TERM_KEY_SEQUENCE_MAX;
    if (variant == 0) {
        snprintf(out, size, "\033[%s%s", b->word, letter ? "" : "~");
    } else if (variant == 1 && letter) {
        snprintf(out, size, "\033O%s", b->word);
    } else if (variant == 1) {
        snprintf(out, size, "\033[%s^", b->word);
        k.mods = KEY_CTRL;
    } else if (variant == 9) {
        snprintf(out, size, "%s\033[%s%s", letter ? "\033" : "", b->word, letter ? "" : "$");
        k.mods = letter ? KEY_META : KEY_SHIFT;
    } else {
        if (letter)
            snprintf(out, size, "\033[1;%d%s", variant, b->word);
        else
            snprintf(out, size, "\033[%s;%d~", b->word, variant);
        k.mods = mods_of(variant);
    }
    return term_key_number(k);
}

int term_key_sequence(size_t i, char *out)
{
    if (i < COUNT_OF(bases) * VARIANTS) return base_sequence(&bases[i / VARIANTS], (int)(i % VARIANTS), out);
    i -= COUNT_OF(bases) * VARIANTS;
    if (i >= COUNT_OF(others)) return 0;
    snprintf(out, TERM_KEY_SEQUENCE_MAX, "%s", others[i].sequence);
    return others[i].number ? others[i].number : term_key_number((Key){others[i].code, others[i].mods});
}
