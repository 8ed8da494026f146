// Style: what a cell means (a number, an error, the selection …). Drawing speaks of meanings only; a theme
// gives each its colours and attributes. One list makes the enum and the names that themes/*.yaml use. Relies
// on str.
#ifndef TUI_CORE_STYLE_H
#define TUI_CORE_STYLE_H

#include "engine/base/str.h"

#define STYLE_LIST(X)                                                                                        \
    X(TEXT, "text")                                                                                          \
    X(DIM, "dim")                                                                                            \
    X(ACCENT, "accent")                                                                                      \
    X(STRONG, "strong")                                                                                      \
    X(BORDER, "border")                                                                                      \
    X(BORDER_FOCUS, "border focused")                                                                        \
    X(TITLE, "title")                                                                                        \
    X(TITLE_FOCUS, "title focused")                                                                          \
    X(TAB, "tab")                                                                                            \
    X(TAB_ACTIVE, "tab active")                                                                              \
    X(SELECTION, "selection")                                                                                \
    X(SELECTION_IDLE, "selection idle") /* the selection of a pane without the focus */                      \
    X(RANGE, "range")                   /* cells or text marked for copying */                               \
    X(CURSOR, "cursor")                                                                                      \
    X(LINE, "current line")                                                                                  \
    X(MATCH, "match")                                                                                        \
    X(HEADER, "header")                                                                                      \
    X(KEY_GLYPH, "key glyph") /* primary and foreign key signs */                                            \
    X(STATUS, "status")                                                                                      \
    X(STATUS_KEY, "status key")                                                                              \
    X(STATUS_ALERT, "status alert") /* an open transaction */                                                \
    X(MENU, "menu")                                                                                          \
    X(MENU_SELECTED, "menu selected")                                                                        \
    X(MENU_KEY, "menu key")                                                                                  \
    X(MENU_DISABLED, "menu disabled")                                                                        \
    X(POPUP, "popup")                                                                                        \
    X(POPUP_BORDER, "popup border")                                                                          \
    X(POPUP_TITLE, "popup title")                                                                            \
    X(BUTTON, "button")                                                                                      \
    X(BUTTON_FOCUS, "button focused")                                                                        \
    X(FIELD, "field")                                                                                        \
    X(FIELD_FOCUS, "field focused")                                                                          \
    X(ERROR, "error")                                                                                        \
    X(WARNING, "warning")                                                                                    \
    X(OK, "ok")                                                                                              \
    X(NULL, "null")                                                                                          \
    X(NUMBER, "number")                                                                                      \
    X(STRING, "string")                                                                                      \
    X(KEYWORD, "keyword")                                                                                    \
    X(TYPE, "type")                                                                                          \
    X(COMMENT, "comment")                                                                                    \
    X(OPERATOR, "operator")                                                                                  \
    X(NAME, "name")                                                                                          \
    X(PARAMETER, "parameter")                                                                                \
    X(CHART1, "chart1")                                                                                      \
    X(CHART2, "chart2")                                                                                      \
    X(CHART3, "chart3")                                                                                      \
    X(CHART4, "chart4")                                                                                      \
    X(CHART5, "chart5")                                                                                      \
    X(CHART6, "chart6")                                                                                      \
    X(AXIS, "axis")                                                                                          \
    X(ADDED, "added")                                                                                        \
    X(REMOVED, "removed")                                                                                    \
    X(CHANGED, "changed")

typedef enum Style {
#define X(id, name) STYLE_##id,
    STYLE_LIST(X)
#undef X
        STYLE_COUNT
} Style;

const char *style_name(Style s);
// Styles that bring their own ground (selection, fields, bars, popups …). The others are drawn on the ground
// that is there already: a number in a popup stands on the popup's ground.
bool style_is_ground(Style s);
// False when there is no such style.
bool style_find(Str name, Style *out);

#endif
