// Event: the names of keys. Relies on event.h, base/utf8.
#include "tui/core/event.h"
#include "engine/base/utf8.h"
#include <stdio.h>

typedef struct KeyName {
    uint32_t code;
    const char *name;
} KeyName;

// The first name of a code is the one that key_text writes.
static const KeyName key_names[] = {
#define X(id, name) {KEYCODE_##id, name},
    KEY_LIST(X)
#undef X
        {' ', "Space"},
    {KEYCODE_ENTER, "Return"},
    {KEYCODE_ESC, "Escape"},
    {KEYCODE_DELETE, "Delete"},
    {KEYCODE_INSERT, "Insert"},
    {KEYCODE_PAGE_UP, "PageUp"},
    {KEYCODE_PAGE_DOWN, "PageDown"},
};

static uint32_t code_of_name(Str name)
{
    for (size_t i = 0; i < COUNT_OF(key_names); i++)
        if (str_equal_fold(name, str_of(key_names[i].name))) return key_names[i].code;
    size_t pos = 0;
    uint32_t rune = utf8_next(name, &pos);
    bool one = name.len > 0 && pos == name.len && rune != UTF8_BAD && rune >= 32 && rune != 127;
    return one ? rune : 0;
}

bool key_from_text(Str text, Key *out)
{
    Key k = {0};
    Str rest = str_trim(text);
    while (rest.len > 2 && rest.at[1] == '-') {
        uint8_t mod = rest.at[0] == 'C'   ? KEY_CTRL
                      : rest.at[0] == 'M' ? KEY_META
                      : rest.at[0] == 'S' ? KEY_SHIFT
                                          : 0;
        if (!mod || (k.mods & mod)) return false;
        k.mods |= mod;
        rest = str_slice(rest, 2, rest.len);
    }
    k.code = code_of_name(rest);
    if (!k.code) return false;
    if (k.code < KEYCODE_FIRST && (k.mods & KEY_SHIFT)) return false; // terminals send the shifted character
    if ((k.mods & KEY_CTRL) && k.code >= 'A' && k.code <= 'Z') k.code += 'a' - 'A';
    *out = k;
    return true;
}

const char *key_text(char *out, Key k)
{
    char name[8] = "";
    const char *shown = name;
    for (size_t i = 0; i < COUNT_OF(key_names) && shown == name; i++)
        if (key_names[i].code == k.code) shown = key_names[i].name;
    if (shown == name && k.code < KEYCODE_FIRST) name[utf8_encode(k.code, name)] = 0;
    snprintf(out, KEY_TEXT_SIZE, "%s%s%s%s", k.mods & KEY_CTRL ? "C-" : "", k.mods & KEY_META ? "M-" : "",
             k.mods & KEY_SHIFT ? "S-" : "", shown);
    return out;
}
