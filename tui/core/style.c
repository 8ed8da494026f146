// Style: the names of the styles, from the one list. Relies on style.h.
#include "tui/core/style.h"

static const char *const style_names[STYLE_COUNT] = {
#define X(id, name) [STYLE_##id] = name,
    STYLE_LIST(X)
#undef X
};

const char *style_name(Style s) { return style_names[s < STYLE_COUNT ? s : STYLE_TEXT]; }

bool style_is_ground(Style s)
{
    switch (s) {
    case STYLE_SELECTION:
    case STYLE_SELECTION_IDLE:
    case STYLE_RANGE:
    case STYLE_CURSOR:
    case STYLE_LINE:
    case STYLE_MATCH:
    case STYLE_HEADER:
    case STYLE_STATUS:
    case STYLE_STATUS_KEY:
    case STYLE_STATUS_ALERT:
    case STYLE_MENU:
    case STYLE_MENU_SELECTED:
    case STYLE_MENU_KEY:
    case STYLE_MENU_DISABLED:
    case STYLE_POPUP:
    case STYLE_POPUP_BORDER:
    case STYLE_POPUP_TITLE:
    case STYLE_BUTTON:
    case STYLE_BUTTON_FOCUS:
    case STYLE_FIELD:
    case STYLE_FIELD_FOCUS: return true;
    default: return false;
    }
}

bool style_find(Str name, Style *out)
{
    for (unsigned i = 0; i < STYLE_COUNT; i++) {
        if (!str_equal(name, str_of(style_names[i]))) continue;
        *out = (Style)i;
        return true;
    }
    return false;
}
