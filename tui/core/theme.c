// Theme: reading a theme file, finding it, and what becomes of a colour on a terminal that has fewer.
// Relies on theme.h, base/yaml, base/io.
#include "tui/core/theme.h"
#include "engine/base/yaml.h"
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THEME_FILE_MAX = 64 << 10, THEME_DIR_MAX = 4, THEME_PATH_MAX = 1024 };

// --- reading
// -------------------------------------------------------------------------------------------------

typedef struct Reading {
    const char *file;
    Err *err;
} Reading;

static bool complain(const Reading *r, const Yaml *at, const char *expected)
{
    return err_set(r->err, "F0000", "%s:%u:%u: %.*s: expected %s", r->file, at->line, at->column,
                   STR_ARG(at->text), expected);
}

static bool read_color(const Reading *r, const Yaml *y, int32_t *out)
{
    static const char *const names[] = {
        "black",        "red",           "green",       "yellow",         "blue",
        "magenta",      "cyan",          "white",       "bright-black",   "bright-red",
        "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
        "bright-white"};
    static const char expected[] = "a colour: \"#rrggbb\", default, or a name such as red or bright-blue";
    if (y->kind != YAML_SCALAR) return complain(r, y, expected);
    if (str_equal(y->text, STR("default"))) {
        *out = -1;
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_equal(y->text, str_of(names[i]))) {
            *out = THEME_PALETTE + (int32_t)i;
            return true;
        }
    uint64_t rgb;
    if (y->text.len != 7 || y->text.at[0] != '#' || !str_to_hex64(str_slice(y->text, 1, 6), &rgb))
        return complain(r, y, expected);
    *out = (int32_t)rgb;
    return true;
}

static bool read_attributes(const Reading *r, const Yaml *y, uint8_t *out)
{
    static const char *const names[] = {"bold", "dim", "italic", "underline", "reverse"};
    static const char expected[] = "a list of bold, dim, italic, underline, reverse";
    if (y->kind != YAML_LIST) return complain(r, y, expected);
    *out = 0;
    for (const Yaml *item = y->child; item; item = item->next) {
        size_t i = 0;
        while (i < COUNT_OF(names) && !str_equal(item->text, str_of(names[i]))) i++;
        if (item->kind != YAML_SCALAR || i == COUNT_OF(names)) return complain(r, item, expected);
        *out |= (uint8_t)(1u << i);
    }
    return true;
}

static bool read_look(const Reading *r, const Yaml *y, Theme *t, Style style)
{
    static const char *const known[] = {"foreground", "background", "attributes", "plain", NULL};
    if (y->kind != YAML_MAP)
        return complain(r, y, "{foreground: …, background: …, attributes: […], plain: […]}");
    if (!yaml_only_keys(y, r->file, known, r->err)) return false;
    Look *look = &t->look[style];
    const Yaml *member = yaml_member(y, "foreground");
    if (member && !read_color(r, member, &look->foreground)) return false;
    member = yaml_member(y, "background");
    if (member && !read_color(r, member, &look->background)) return false;
    member = yaml_member(y, "attributes");
    if (member && !read_attributes(r, member, &look->attributes)) return false;
    member = yaml_member(y, "plain");
    return !member || read_attributes(r, member, &t->plain[style]);
}

// A style that says nothing of its background has the text's; one that is not named at all looks like text.
static void inherit(Theme *t, const bool *set)
{
    for (unsigned s = 0; s < STYLE_COUNT; s++) {
        if (!set[s]) t->look[s] = t->look[STYLE_TEXT];
        if (t->look[s].background == INT32_MIN) t->look[s].background = t->look[STYLE_TEXT].background;
        if (t->look[s].foreground == INT32_MIN) t->look[s].foreground = t->look[STYLE_TEXT].foreground;
    }
}

static bool read_styles(const Reading *r, const Yaml *styles, Theme *t, bool *set)
{
    const char *known[STYLE_COUNT + 1];
    for (unsigned s = 0; s < STYLE_COUNT; s++) known[s] = style_name((Style)s);
    known[STYLE_COUNT] = NULL;
    if (styles->kind != YAML_MAP) return complain(r, styles, "a mapping from styles to looks");
    if (!yaml_only_keys(styles, r->file, known, r->err)) return false;
    for (const Yaml *y = styles->child; y; y = y->next) {
        Style style;
        if (!style_find(y->key, &style)) return complain(r, y, "a style");
        if (!set[style]) t->look[style] = (Look){INT32_MIN, INT32_MIN, 0};
        set[style] = true;
        if (!read_look(r, y, t, style)) return false;
    }
    return true;
}

static bool read_base(const Reading *r, const Yaml *root, Theme *t, bool *set)
{
    const Yaml *base = yaml_member(root, "base");
    if (!base) return true;
    const char *known;
    for (size_t i = 0; (known = theme_builtin_name(i)) != NULL; i++)
        if (base->kind == YAML_SCALAR && str_equal(base->text, str_of(known)) &&
            !str_equal(base->text, str_of(r->file))) {
            for (unsigned s = 0; s < STYLE_COUNT; s++) set[s] = true;
            return theme_builtin(t, base->text);
        }
    return complain(r, base, "dark, light, high-contrast, mono or terminal");
}

bool theme_read(Theme *out, Str text, const char *file, Arena *mem, Err *err)
{
    static const char *const known[] = {"name", "base", "styles", NULL};
    Reading r = {file, err};
    Yaml *root;
    if (!yaml_read(&root, text, file, mem, err)) return false;
    if (!root || root->kind != YAML_MAP)
        return err_set(err, "F0000", "%s:1:1: expected name, base and styles", file);
    if (!yaml_only_keys(root, file, known, err)) return false;
    Theme t = {.look[STYLE_TEXT] = {-1, -1, 0}};
    bool set[STYLE_COUNT] = {[STYLE_TEXT] = true};
    if (!read_base(&r, root, &t, set)) return false;
    const Yaml *name = yaml_member(root, "name"), *styles = yaml_member(root, "styles");
    if (name && name->kind != YAML_SCALAR) return complain(&r, name, "a name");
    if (styles && !read_styles(&r, styles, &t, set)) return false;
    inherit(&t, set);
    snprintf(t.name, sizeof t.name, "%.*s", STR_ARG(name ? name->text : str_of(file)));
    *out = t;
    return true;
}

// --- finding
// -------------------------------------------------------------------------------------------------

static bool name_is_plain(Str name)
{
    if (name.len == 0 || name.len >= sizeof((Theme *)0)->name) return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')) return false;
    }
    return true;
}

typedef struct ThemeDir {
    char path[THEME_PATH_MAX];
} ThemeDir;

static size_t theme_dirs(ThemeDir *dir)
{
    size_t count = 0;
    const char *own = getenv("D2DB_THEMES");
    if (own && *own) snprintf(dir[count++].path, THEME_PATH_MAX, "%s", own);
    char program[THEME_PATH_MAX - 32];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    if (len > 0) {
        program[len] = 0;
        char *slash = strrchr(program, '/');
        if (slash) *slash = 0;
        snprintf(dir[count++].path, THEME_PATH_MAX, "%s/../share/d2db/themes", program);
    }
    snprintf(dir[count++].path, THEME_PATH_MAX, "themes");
    return count;
}

// True when a file was found; *ok tells whether it was good.
static bool load_from(const char *path, Str name, Theme *out, Io io, bool *ok, Err *err)
{
    IoDir dir = IO_DIR_NONE;
    Err quiet = {0};
    char file[64];
    snprintf(file, sizeof file, "%.*s.yaml", STR_ARG(name));
    if (!io_dir_open(&dir, io, path, false, &quiet)) return false;
    bool found = io_exists(&dir, file);
    if (found) {
        Bytes text;
        Arena mem = {0};
        char shown[THEME_PATH_MAX + sizeof file + 1];
        bytes_init(&text, THEME_FILE_MAX);
        snprintf(shown, sizeof shown, "%.*s/%s", THEME_PATH_MAX, path, file);
        *ok = io_read_all(&dir, file, &text, err) && theme_read(out, bytes_str(&text), shown, &mem, err);
        bytes_done(&text);
        arena_done(&mem);
    }
    io_dir_close(&dir);
    return found;
}

bool theme_load(Theme *out, Str name, Io io, Err *err)
{
    ThemeDir dir[THEME_DIR_MAX];
    bool ok = false;
    if (name_is_plain(name)) {
        size_t count = theme_dirs(dir);
        for (size_t i = 0; i < count; i++) {
            if (!load_from(dir[i].path, name, out, io, &ok, err)) continue;
            if (ok) return true;
            if (!theme_builtin(out, name)) theme_builtin(out, STR("dark"));
            return false;
        }
    }
    if (theme_builtin(out, name)) return true;
    theme_builtin(out, STR("dark"));
    err_set(err, "F0000", "there is no theme %.*s", STR_ARG(name));
    return err_hint(err, "themes are files NAME.yaml in the directory that D2DB_THEMES names");
}

static void add_name(Arena *mem, Str *names, size_t *count, size_t max, Str name)
{
    for (size_t i = 0; i < *count; i++)
        if (str_equal(names[i], name)) return;
    if (*count < max) names[(*count)++] = arena_copy(mem, name);
}

void theme_names(Arena *mem, Io io, Str **names, size_t *count)
{
    enum { NAMES_MAX = 200 };
    ThemeDir dirs_at[THEME_DIR_MAX];
    *names = arena_array(mem, Str, NAMES_MAX);
    *count = 0;
    const char *known;
    for (size_t i = 0; (known = theme_builtin_name(i)) != NULL; i++)
        add_name(mem, *names, count, NAMES_MAX, str_of(known));
    size_t dirs = theme_dirs(dirs_at);
    for (size_t d = 0; d < dirs; d++) {
        IoDir dir = IO_DIR_NONE;
        Err quiet = {0};
        Str *file;
        size_t files = 0;
        if (!io_dir_open(&dir, io, dirs_at[d].path, false, &quiet)) continue;
        if (!io_dir_list(&dir, mem, &file, &files, &quiet)) files = 0;
        for (size_t i = 0; i < files; i++) {
            Str stem = str_slice(file[i], 0, file[i].len > 5 ? file[i].len - 5 : 0);
            if (str_ends(file[i], STR(".yaml")) && name_is_plain(stem))
                add_name(mem, *names, count, NAMES_MAX, stem);
        }
        io_dir_close(&dir);
    }
}

// --- fewer colours
// -------------------------------------------------------------------------------------------

static const int32_t ansi_rgb[16] = {0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD,
                                     0x00CDCD, 0xE5E5E5, 0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00,
                                     0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF};

static int32_t rgb_of(int32_t color) { return color >= THEME_PALETTE ? ansi_rgb[color & 15] : color; }

static int distance(int32_t a, int32_t b)
{
    int red = (a >> 16 & 255) - (b >> 16 & 255), green = (a >> 8 & 255) - (b >> 8 & 255),
        blue = (a & 255) - (b & 255);
    return 3 * red * red + 6 * green * green + blue * blue;
}

// Colours 16 … 231 of the 256 are a cube of 6 levels, the last 24 are greys.
static int32_t rgb_of_256(int i)
{
    static const uint8_t level[6] = {0, 95, 135, 175, 215, 255};
    if (i >= 232) return (8 + (i - 232) * 10) * 0x010101;
    int n = i - 16;
    return level[n / 36 % 6] << 16 | level[n / 6 % 6] << 8 | level[n % 6];
}

static int nearest_of_256(int32_t rgb)
{
    int best = 16, best_distance = INT_MAX;
    for (int i = 16; i < 256; i++) {
        int d = distance(rgb, rgb_of_256(i));
        if (d < best_distance) {
            best = i;
            best_distance = d;
        }
    }
    return best;
}

static int nearest_of_ansi(int32_t rgb, int count)
{
    int best = 0;
    for (int i = 1; i < count; i++)
        if (distance(rgb, ansi_rgb[i]) < distance(rgb, ansi_rgb[best])) best = i;
    return best;
}

int theme_nearest(int32_t color, int colors)
{
    if (color < 0 || colors < 8) return -1;
    if (color >= THEME_PALETTE) return colors < 16 ? color & 7 : color & 15;
    if (colors > 256) return color < 8 ? 8 : color; // in direct mode 0 … 7 are the palette's
    if (colors == 256) return nearest_of_256(color);
    return nearest_of_ansi(color, colors >= 16 ? 16 : 8);
}

static double channel(int32_t rgb, int shift)
{
    double c = (double)(rgb >> shift & 255) / 255.0;
    return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(int32_t color)
{
    int32_t rgb = rgb_of(color);
    return 0.2126 * channel(rgb, 16) + 0.7152 * channel(rgb, 8) + 0.0722 * channel(rgb, 0);
}

int theme_contrast(int32_t a, int32_t b)
{
    double la = luminance(a), lb = luminance(b);
    return (int)(((la > lb ? la : lb) + 0.05) / ((la > lb ? lb : la) + 0.05) * 100.0 + 0.5);
}

Look theme_look(const Theme *t, Style s, Style ground, int colors)
{
    if (style_is_ground(s)) ground = s;
    Look look = t->look[s];
    int32_t under = t->look[ground].background;
    if (colors < 8) return (Look){-1, -1, t->plain[s] | t->plain[ground]};
    int foreground = theme_nearest(look.foreground, colors), background = theme_nearest(under, colors);
    if (colors <= 16 && foreground >= 0 &&
        foreground == background) // two that were told apart have become one
        foreground = luminance(under) > 0.18 ? 0 : 7;
    return (Look){foreground, background, look.attributes};
}
