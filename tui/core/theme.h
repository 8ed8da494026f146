// Theme: colours and attributes of each style, read from a YAML file; what a terminal lacks is replaced by
// the nearest it has (24 bit → 256 → 16 → 8 → attributes alone). Relies on base/yaml, base/io, style.
#ifndef TUI_CORE_THEME_H
#define TUI_CORE_THEME_H

#include "engine/base/arena.h"
#include "engine/base/err.h"
#include "engine/base/io.h"
#include "tui/core/style.h"

enum { LOOK_BOLD = 1, LOOK_DIM = 2, LOOK_ITALIC = 4, LOOK_UNDERLINE = 8, LOOK_REVERSE = 16 };
// Colours: -1 = the terminal's default, 0xRRGGBB, or THEME_PALETTE + 0 … 15 = the terminal's own palette.
enum { THEME_PALETTE = 0x1000000 };
typedef struct Look {
    int32_t foreground, background;
    uint8_t attributes;
} Look;
typedef struct Theme {
    char name[32];
    Look look[STYLE_COUNT];
    uint8_t plain[STYLE_COUNT]; // attributes that keep the difference where there is no colour
} Theme;

// The built-in ones, compiled from themes/*.yaml: "dark", "light", "high-contrast", "mono", "terminal". NULL
// past the last.
const char *theme_builtin_name(size_t i);
bool theme_builtin(Theme *out, Str name);
// YAML: `name: dark`, optional `base: NAME` (a built-in), then `styles:` with one entry per style:
// `keyword: {foreground: "#7aa2f7", background: default, attributes: [bold]}`. `file` is for the sentence
// only: "themes/dark.yaml:7:3: unknown style keywrd; did you mean keyword?" (F0000); *out is then unchanged.
MUST_CHECK bool theme_read(Theme *out, Str text, const char *file, Arena *mem, Err *err);
// Looks for NAME.yaml in $D2DB_THEMES, share/d2db/themes beside the executable's bin, ./themes, then built
// in. A broken file: *out is the built-in of that name (or dark), false and *err says where and what.
bool theme_load(Theme *out, Str name, Io io, Err *err);
// Names of all themes that theme_load would find, sorted, built-in ones first; strings in mem.
void theme_names(Arena *mem, Io io, Str **names, size_t *count);

// The terminal's index of the colour nearest to `color` when it has `colors` (8, 16, 256; more = 24 bit); -1
// for -1.
int theme_nearest(int32_t color, int colors);
// The look of a style on a ground when the terminal has `colors` (0 = none): without colours, difference is
// kept by attributes.
Look theme_look(const Theme *t, Style s, Style ground, int colors);
// "light" when $COLORFGBG tells of a light background, else "dark".
const char *theme_default_name(void);
// WCAG contrast ratio of two colours, times 100 (2100 = black on white).
int theme_contrast(int32_t a, int32_t b);

#endif
