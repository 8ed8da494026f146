// Kit: drawings compared with text files of runes and styles side by side: tests/tui/golden/NAME.txt.
// UPDATE=1 writes them.
#ifndef TESTS_TUI_KIT_GOLDEN_H
#define TESTS_TUI_KIT_GOLDEN_H

#include "tui/core/canvas.h"

// Fails the running test with the first line that differs.
void kit_golden_check(const Surface *s, const char *name);

#endif
