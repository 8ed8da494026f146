// Theme, the built-in ones: the files of themes/ as they were when the program was built, so that there is
// one copy of each and a lost or broken file never leaves a person without colours. Relies on theme.h.
#include "tui/core/theme.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define THEME_DATA(id, path)                                                                                 \
    __asm__(".pushsection .rodata\n"                                                                         \
            "theme_data_" #id ":\n.incbin \"" path "\"\n"                                                    \
            "theme_data_" #id "_end:\n.byte 0\n.popsection\n");                                              \
    extern const char theme_data_##id[], theme_data_##id##_end[];

THEME_DATA(dark, "themes/dark.yaml")
THEME_DATA(light, "themes/light.yaml")
THEME_DATA(high_contrast, "themes/high-contrast.yaml")
THEME_DATA(mono, "themes/mono.yaml")
THEME_DATA(terminal, "themes/terminal.yaml")

typedef struct Builtin {
    const char *name, *from, *to;
} Builtin;
static const Builtin builtins[] = {
    {"dark", theme_data_dark, theme_data_dark_end},
    {"light", theme_data_light, theme_data_light_end},
    {"high-contrast", theme_data_high_contrast, theme_data_high_contrast_end},
    {"mono", theme_data_mono, theme_data_mono_end},
    {"terminal", theme_data_terminal, theme_data_terminal_end},
};

const char *theme_builtin_name(size_t i) { return i < COUNT_OF(builtins) ? builtins[i].name : NULL; }

bool theme_builtin(Theme *out, Str name)
{
    for (size_t i = 0; i < COUNT_OF(builtins); i++) {
        const Builtin *b = &builtins[i];
        if (!str_equal(name, str_of(b->name))) continue;
        Arena mem = {0};
        Err err = {0};
        bool ok = theme_read(out, (Str){b->from, (size_t)(b->to - b->from)}, b->name, &mem, &err);
        if (!ok) fprintf(stderr, "d2db: built-in theme: %s\n", err.text);
        arena_done(&mem);
        assert(ok);
        return ok;
    }
    return false;
}

const char *theme_default_name(void)
{
    Str text = str_of(getenv("COLORFGBG")), last = text;
    while (text.len) last = str_cut(&text, ';');
    return str_equal(last, STR("7")) || str_equal(last, STR("15")) ? "light" : "dark";
}
