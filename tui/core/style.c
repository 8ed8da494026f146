// Style: the names of the styles, from the one list. Relies on style.h.
#include "tui/core/style.h"

static const char *const style_names[STYLE_COUNT] = {
#define X(id, name) [STYLE_##id] = name,
    STYLE_LIST(X)
#undef X
};

const char *style_name(Style s) { return style_names[s < STYLE_COUNT ? s : STYLE_TEXT]; }

bool style_find(Str name, Style *out)
{
    for (unsigned i = 0; i < STYLE_COUNT; i++) {
        if (!str_equal(name, str_of(style_names[i]))) continue;
        *out = (Style)i;
        return true;
    }
    return false;
}
