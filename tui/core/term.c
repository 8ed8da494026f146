// Term: curses, and nothing else of the program knows it. One thread; one doupdate per frame; only cells that
// changed are handed over; input is drained before the next frame. Relies on term_in.h, term_key.h. Sources:
// ncurses(3X), XTerm Control Sequences (mouse 1002/1006, paste 2004, OSC 52).
#define NCURSES_WIDECHAR 1
#include "tui/core/term.h"
#include "engine/base/clock.h"
#include "engine/base/size.h"
#include "engine/base/utf8.h"
#include "tui/core/term_in.h"
#include "tui/core/term_key.h"
#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <term.h>
#include <unistd.h>

enum {
    DOUBLE_CLICK_US = 400000,
    PASTE_GAP_MS = 500,
    WAIT_FDS_MAX = 8,
    FRAME_US = 33000,
    EVENTS_AT_ONCE = 4096,
    CELL_RUNES = 5
};

typedef struct Paint {
    attr_t attributes;
    short pair;
    bool known;
} Paint;

struct Term {
    SCREEN *screen;
    struct termios saved;
    int real_stderr, held_stderr;
    bool xterm; // knows xterm's private modes
    bool mouse, rgb, no_color;
    int colors;
    Charset charset;
    Theme theme;
    Paint paint[STYLE_COUNT][STYLE_COUNT]; // by style and ground, made when first seen
    Surface last;                          // what curses was told
    bool all;                              // tell it every cell again
    bool cursor_shown;
    Bytes paste;
    int64_t press_us; // for double clicks
    int press_x, press_y;
    bool resumed;
    wint_t ahead; // a character that was read too early
    char note[128];
};

// --- which terminal
// ------------------------------------------------------------------------------------------

static bool can_place_cursor(const char *name)
{
    int status = 0;
    if (setupterm((NCURSES_CONST char *)name, STDOUT_FILENO, &status) != OK) return false;
    const char *cup = tigetstr("cup");
    bool can = cup && cup != (const char *)-1;
    del_curterm(cur_term);
    return can;
}

static bool has_word(const char *name, const char *const *words)
{
    for (; *words; words++)
        if (strstr(name, *words)) return true;
    return false;
}

// The name to give to newterm: TERM, or the nearest that the terminfo database here knows.
static const char *choose_name(Term *t, const char *wanted)
{
    static const char *const modern[] = {"256color", "kitty", "ghostty", "alacritty", "foot",
                                         "wezterm",  "tmux",  "screen",  "rxvt",      "vte",
                                         "konsole",  "iterm", "st-",     "contour",   NULL};
    static const char *const rich[] = {
        "xterm-256color", "screen-256color", "xterm", "linux", "vt100", "ansi", NULL};
    if (can_place_cursor(wanted)) return wanted;
    if (strcmp(wanted, "dumb") == 0) return NULL;
    bool is_modern = has_word(wanted, modern) || getenv("COLORTERM");
    for (const char *const *name = rich + (is_modern ? 0 : 2); *name; name++) {
        if (!can_place_cursor(*name)) continue;
        snprintf(t->note, sizeof t->note, "TERM=%.40s is not known here: using %s", wanted, *name);
        return *name;
    }
    return NULL;
}

static Charset choose_charset(const char *name)
{
    setlocale(LC_CTYPE, "");
    const char *codes = nl_langinfo(CODESET);
    if (!codes || (strcmp(codes, "UTF-8") != 0 && strcmp(codes, "utf8") != 0)) {
        setlocale(LC_CTYPE, "C.UTF-8"); // so that widths are right; what is sent stays ASCII
        return CHARSET_ASCII;
    }
    static const char *const plain[] = {"linux", "vt1", "vt2", "ansi", "cons", NULL};
    return has_word(name, plain) ? CHARSET_BLOCKS : CHARSET_FULL;
}

// --- the modes
// -----------------------------------------------------------------------------------------------

static void put_raw(const char *text)
{
    size_t len = strlen(text);
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, text, len);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n <= 0) return;
        text += n;
        len -= (size_t)n;
    }
}

static void modes_on(const Term *t)
{
    if (!t->xterm) return;
    put_raw("\033[?2004h");
    if (t->mouse) put_raw("\033[?1002h\033[?1006h");
}

static void modes_off(const Term *t)
{
    if (!t->xterm) return;
    put_raw("\033[?1006l\033[?1002l\033[?2004l");
}

// terminfo strings may ask for pauses, "$<5>", which a handler cannot make.
static void put_capability(Bytes *out, const char *name)
{
    const char *text = tigetstr((NCURSES_CONST char *)name);
    if (!text || text == (const char *)-1) return;
    for (const char *c = text; *c; c++) {
        if (c[0] == '$' && c[1] == '<') {
            const char *end = strchr(c, '>');
            if (!end) return;
            c = end;
            continue;
        }
        bytes_put_byte(out, *c);
    }
}

static void make_reset(const Term *t, Bytes *out)
{
    bytes_init(out, TERM_RESET_MAX);
    if (t->xterm) bytes_put(out, STR("\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?1004l\033[?2004l"));
    put_capability(out, "op");
    put_capability(out, "sgr0");
    put_capability(out, "rmkx");
    put_capability(out, "cnorm");
    put_capability(out, "rmcup");
    bytes_put(out, STR("\r"));
}

static void define_keys(void)
{
    char sequence[TERM_KEY_SEQUENCE_MAX];
    int number;
    for (size_t i = 0; (number = term_key_sequence(i, sequence)) != 0; i++) define_key(sequence, number);
}

static void input_modes(void)
{
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    meta(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    idlok(stdscr, TRUE);
    scrollok(stdscr, FALSE);
    leaveok(stdscr, FALSE);
}

// --- colours
// -------------------------------------------------------------------------------------------------

static attr_t attributes_of(uint8_t look)
{
    return (look & LOOK_BOLD ? A_BOLD : 0) | (look & LOOK_DIM ? A_DIM : 0) |
           (look & LOOK_ITALIC ? A_ITALIC : 0) | (look & LOOK_UNDERLINE ? A_UNDERLINE : 0) |
           (look & LOOK_REVERSE ? A_REVERSE : 0);
}

static const Paint *paint_of(Term *t, unsigned style, unsigned ground)
{
    Paint *p = &t->paint[style][ground];
    if (p->known) return p;
    int colors = t->no_color ? 0 : t->colors, pair = 0;
    Look look = theme_look(&t->theme, (Style)style, (Style)ground, colors);
    if (colors >= 8 && (look.foreground >= 0 || look.background >= 0))
        pair = alloc_pair(look.foreground, look.background);
    *p = (Paint){attributes_of(look.attributes), pair > 0 ? (short)pair : 0, true};
    return p;
}

void term_theme(Term *t, const Theme *theme)
{
    t->theme = *theme;
    memset(t->paint, 0, sizeof t->paint);
    const Paint *text = paint_of(t, STYLE_TEXT, STYLE_TEXT);
    cchar_t ground;
    setcchar(&ground, L" ", text->attributes, text->pair, NULL);
    bkgrndset(&ground);
    t->all = true;
}

static void start_colors(Term *t, const TermOptions *options)
{
    const char *no_color = getenv("NO_COLOR");
    t->no_color = no_color && *no_color && !options->theme_chosen;
    if (t->no_color || !has_colors() || start_color() == ERR) return;
    use_default_colors();
    t->colors = COLORS;
}

// --- opening and closing
// -------------------------------------------------------------------------------------

// Sealed at its full size: whatever happens, standard error cannot eat the memory.
static int make_held_stderr(void)
{
    int fd = memfd_create("d2db stderr", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return -1;
    static const char zero[4096];
    for (int i = 0; i < TERM_STDERR_MAX; i += (int)sizeof zero)
        if (write(fd, zero, sizeof zero) < 0) break;
    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static void hold_stderr(Term *t)
{
    t->real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    t->held_stderr = t->real_stderr < 0 || !isatty(STDERR_FILENO) ? -1 : make_held_stderr();
    if (t->held_stderr >= 0) dup2(t->held_stderr, STDERR_FILENO);
}

static void release_stderr(const Term *t)
{
    if (t->held_stderr >= 0) dup2(t->real_stderr, STDERR_FILENO);
}

static bool term_start(Term *t, const TermOptions *options, Err *err)
{
    const char *wanted = getenv("TERM");
    if (!wanted || !*wanted) wanted = "unknown";
    const char *name = choose_name(t, wanted);
    if (!name) {
        err_set(err, "58000", "the terminal %.40s cannot place its cursor, so there is no room for panes",
                wanted);
        return err_hint(err, "use `d2db sql` here, or set TERM to what the terminal is");
    }
    static const char *const bare[] = {"linux", "vt", "ansi", "cons", NULL};
    t->charset = choose_charset(name);
    t->xterm = !has_word(name, bare) || strstr(name, "vte");
    use_env(FALSE);
    use_tioctl(TRUE);
    if (!getenv("ESCDELAY"))
        set_escdelay(options->esc_delay_ms > 0 ? options->esc_delay_ms : TERM_ESC_DELAY_MS);
    t->screen = newterm((NCURSES_CONST char *)name, stdout, stdin);
    if (!t->screen) return err_set(err, "58000", "curses cannot start on the terminal %.40s", name);
    set_term(t->screen);
    return true;
}

bool term_open(Term **out, const TermOptions *options, Err *err)
{
    struct termios saved;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &saved) != 0) {
        err_set(err, "58000", "standard input and output are no terminal");
        return err_hint(err, "use `d2db sql` in scripts and pipes");
    }
    Term *t = size_alloc_zero(1, sizeof *t);
    if (!t) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for the terminal");
    t->saved = saved;
    t->mouse = options->mouse;
    if (!term_start(t, options, err)) {
        free(t);
        return false;
    }
    Bytes reset;
    make_reset(t, &reset);
    hold_stderr(t);
    bool armed = term_guard_arm(&saved, bytes_str(&reset), t->held_stderr, t->real_stderr, err);
    bytes_done(&reset);
    surface_init(&t->last, COLS, LINES, t->charset);
    bytes_init(&t->paste, EVENT_TEXT_MAX);
    *out = t;
    if (!armed) {
        term_close(t);
        return false;
    }
    input_modes();
    define_keys();
    start_colors(t, options);
    term_theme(t, options->theme);
    curs_set(0);
    modes_on(t);
    return true;
}

void term_close(Term *t)
{
    if (!t) return;
    modes_off(t);
    curs_set(1);
    endwin();
    tcsetattr(STDIN_FILENO, TCSADRAIN, &t->saved);
    release_stderr(t);
    term_guard_disarm();
    delscreen(t->screen);
    if (t->held_stderr >= 0) close(t->held_stderr);
    if (t->real_stderr >= 0) close(t->real_stderr);
    surface_done(&t->last);
    bytes_done(&t->paste);
    free(t);
}

_Noreturn void term_die(Term *t, int number)
{
    term_close(t);
    signal(number, SIG_DFL);
    raise(number);
    _exit(128 + number);
}

const char *term_note(const Term *t) { return t->note; }
int term_width(const Term *t) { return t->screen ? COLS : 0; }
int term_height(const Term *t) { return t->screen ? LINES : 0; }
int term_colors(const Term *t) { return t->no_color ? 0 : t->colors; }
Charset term_charset(const Term *t) { return t->charset; }

void term_mouse(Term *t, bool on)
{
    modes_off(t);
    t->mouse = on;
    modes_on(t);
}

void term_repaint(Term *t)
{
    t->all = true;
    clearok(stdscr, TRUE);
}

void term_suspend(Term *t)
{
    modes_off(t);
    def_prog_mode();
    endwin();
    tcsetattr(STDIN_FILENO, TCSADRAIN, &t->saved);
    release_stderr(t);
    term_guard_pause(true);
    struct sigaction ours, plain = {.sa_handler = SIG_DFL};
    sigaction(SIGTSTP, &plain, &ours);
    kill(0, SIGTSTP); // the whole job, as the terminal would
    sigaction(SIGTSTP, &ours, NULL);
    term_guard_pause(false);
    if (t->held_stderr >= 0) dup2(t->held_stderr, STDERR_FILENO);
    reset_prog_mode();
    input_modes();
    curs_set(t->cursor_shown ? 1 : 0);
    modes_on(t);
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) resizeterm(size.ws_row, size.ws_col);
    term_repaint(t);
    t->resumed = true;
}

// --- painting
// ------------------------------------------------------------------------------------------------

static void make_cell(Term *t, const Cell *cell, cchar_t *out)
{
    wchar_t text[CELL_RUNES + 1];
    size_t count = 0, pos = 0;
    Str s = {cell->text, cell->len};
    while (pos < s.len && count < CELL_RUNES) {
        uint32_t rune = term_glyph(utf8_next(s, &pos), t->charset);
        if (count > 0 && t->charset == CHARSET_ASCII) break;
        text[count++] = (wchar_t)rune;
    }
    text[count] = 0;
    const Paint *p = paint_of(t, cell->style, cell->ground);
    if (count == 0 || setcchar(out, text, p->attributes, p->pair, NULL) == ERR)
        setcchar(out, L"?", p->attributes, p->pair, NULL);
}

static bool cell_equal(const Cell *a, const Cell *b)
{
    return a->len == b->len && a->width == b->width && a->style == b->style &&
           memcmp(a->text, b->text, a->len) == 0;
}

// Cells [from, to) of a row. A wide one that curses would draw as '?' in ASCII fills both its cells.
static void paint_span(Term *t, const Surface *s, int y, int from, int to)
{
    for (int x = from; x < to; x++) {
        const Cell *cell = surface_cell(s, x, y);
        if (cell->width == 0) continue;
        cchar_t one;
        make_cell(t, cell, &one);
        mvadd_wchnstr(y, x, &one, 1);
        if (cell->width == 2 && t->charset == CHARSET_ASCII && x + 1 < to) mvadd_wchnstr(y, x + 1, &one, 1);
    }
}

static void paint_row(Term *t, const Surface *s, int y)
{
    int from = 0, to = s->width;
    if (!t->all) {
        while (from < to && cell_equal(surface_cell(s, from, y), surface_cell(&t->last, from, y))) from++;
        while (to > from && cell_equal(surface_cell(s, to - 1, y), surface_cell(&t->last, to - 1, y))) to--;
        while (from > 0 && from < to && surface_cell(s, from, y)->width == 0) from--;
    }
    if (from >= to) return;
    paint_span(t, s, y, from, to);
    memcpy(&t->last.cell[(size_t)y * (size_t)t->last.width + (size_t)from], surface_cell(s, from, y),
           (size_t)(to - from) * sizeof(Cell));
}

void term_show(Term *t, const Surface *s)
{
    if (s->width != t->last.width || s->height != t->last.height) {
        surface_resize(&t->last, s->width, s->height);
        t->all = true;
    }
    for (int y = 0; y < s->height && y < LINES; y++) paint_row(t, s, y);
    t->all = false;
    if (s->cursor_shown != t->cursor_shown) curs_set(s->cursor_shown ? 1 : 0);
    t->cursor_shown = s->cursor_shown;
    move(s->cursor_y < LINES ? s->cursor_y : 0, s->cursor_x < COLS ? s->cursor_x : 0);
    wnoutrefresh(stdscr);
    doupdate();
}

// --- input
// ---------------------------------------------------------------------------------------------------

void term_wait(Term *t, const int *fds, size_t count, int timeout_ms)
{
    struct pollfd poll_fd[WAIT_FDS_MAX + 2] = {{STDIN_FILENO, POLLIN, 0}, {term_guard_fd(), POLLIN, 0}};
    if (count > WAIT_FDS_MAX) count = WAIT_FDS_MAX;
    for (size_t i = 0; i < count; i++) poll_fd[2 + i] = (struct pollfd){fds[i], POLLIN, 0};
    if (t->resumed || t->ahead) return;
    poll(poll_fd, 2 + count, timeout_ms);
}

static bool ask_event(Term *t, Event *e)
{
    char what;
    if (read(term_guard_fd(), &what, 1) != 1) return false;
    struct winsize size;
    switch ((TermAsk)what) {
    case TERM_ASK_HUP: *e = (Event){.kind = EVENT_HANGUP, .signal = SIGHUP}; return true;
    case TERM_ASK_INT: *e = (Event){.kind = EVENT_HANGUP, .signal = SIGINT}; return true;
    case TERM_ASK_TERM: *e = (Event){.kind = EVENT_HANGUP, .signal = SIGTERM}; return true;
    case TERM_ASK_STOP: term_suspend(t); break;
    case TERM_ASK_SIZE:
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) break;
        resizeterm(size.ws_row, size.ws_col);
        *e = (Event){.kind = EVENT_RESIZE, .width = COLS, .height = LINES};
        return true;
    }
    return false;
}

static bool wait_input(int timeout_ms)
{
    struct pollfd in = {STDIN_FILENO, POLLIN, 0};
    return poll(&in, 1, timeout_ms) > 0;
}

// The rest of "CSI < code ; x ; y M" (or m for a release): curses would join quick presses and releases into
// clicks, so its own mouse is never switched on. Cells are counted from 1.
static bool mouse_numbers(int number[3], bool *released)
{
    int i = 0;
    number[0] = number[1] = number[2] = 0;
    for (int length = 0; length < 24; length++) {
        wint_t c;
        if (get_wch(&c) == ERR && (!wait_input(PASTE_GAP_MS) || get_wch(&c) == ERR)) return false;
        if (c >= '0' && c <= '9' && number[i] < 100000)
            number[i] = number[i] * 10 + (int)(c - '0');
        else if (c == ';' && i < 2)
            i++;
        else {
            *released = c == 'm';
            return i == 2 && (c == 'M' || c == 'm');
        }
    }
    return false;
}

static bool mouse_event(Term *t, Event *e)
{
    int number[3];
    bool released;
    if (!mouse_numbers(number, &released)) return false;
    int code = number[0], x = number[1] - 1, y = number[2] - 1, button = (code & 3) + 1;
    Mouse *out = &e->mouse;
    e->kind = EVENT_MOUSE;
    *out = (Mouse){.kind = MOUSE_DRAG, .x = x, .y = y, .button = button};
    out->mods = (code & 4 ? KEY_SHIFT : 0) | (code & 8 ? KEY_META : 0) | (code & 16 ? KEY_CTRL : 0);
    if (code & 64)
        out->kind = code & 1 ? MOUSE_WHEEL_DOWN : MOUSE_WHEEL_UP;
    else if (released)
        out->kind = MOUSE_RELEASE;
    else if (!(code & 32)) {
        int64_t now = clock_mono_us();
        out->kind = MOUSE_PRESS;
        out->twice = now - t->press_us < DOUBLE_CLICK_US && t->press_x == x && t->press_y == y;
        t->press_us = out->twice ? 0 : now;
        t->press_x = x;
        t->press_y = y;
    }
    return x >= 0 && y >= 0;
}

// Everything up to the closing sequence is text, whatever it looks like. A paste that does not end is cut
// off.
static bool paste_event(Term *t, Event *e)
{
    bytes_clear(&t->paste);
    for (;;) {
        wint_t c;
        int got = get_wch(&c);
        if (got == ERR) {
            if (!wait_input(PASTE_GAP_MS)) break;
            continue;
        }
        if (got == KEY_CODE_YES) {
            if (c == TERM_KEY_PASTE_END) break;
            continue;
        }
        char text[4];
        if (c == '\r') c = '\n';
        bytes_put(&t->paste, (Str){text, utf8_encode((uint32_t)c, text)});
    }
    if (t->paste.failed) {
        bytes_done(&t->paste);
        bytes_init(&t->paste, EVENT_TEXT_MAX);
        return false;
    }
    *e = (Event){.kind = EVENT_PASTE, .text = bytes_str(&t->paste)};
    return true;
}

static bool curses_key(int code, Key *out)
{
    static const struct {
        int code;
        Key key;
    } keys[] = {
        {KEY_UP, {KEYCODE_UP, 0}},
        {KEY_DOWN, {KEYCODE_DOWN, 0}},
        {KEY_LEFT, {KEYCODE_LEFT, 0}},
        {KEY_RIGHT, {KEYCODE_RIGHT, 0}},
        {KEY_HOME, {KEYCODE_HOME, 0}},
        {KEY_END, {KEYCODE_END, 0}},
        {KEY_PPAGE, {KEYCODE_PAGE_UP, 0}},
        {KEY_NPAGE, {KEYCODE_PAGE_DOWN, 0}},
        {KEY_IC, {KEYCODE_INSERT, 0}},
        {KEY_DC, {KEYCODE_DELETE, 0}},
        {KEY_BACKSPACE, {KEYCODE_BACKSPACE, 0}},
        {KEY_ENTER, {KEYCODE_ENTER, 0}},
        {KEY_BTAB, {KEYCODE_TAB, KEY_SHIFT}},
        {KEY_SR, {KEYCODE_UP, KEY_SHIFT}},
        {KEY_SF, {KEYCODE_DOWN, KEY_SHIFT}},
        {KEY_SLEFT, {KEYCODE_LEFT, KEY_SHIFT}},
        {KEY_SRIGHT, {KEYCODE_RIGHT, KEY_SHIFT}},
        {KEY_A1, {KEYCODE_HOME, 0}},
        {KEY_C1, {KEYCODE_END, 0}},
        {KEY_A3, {KEYCODE_PAGE_UP, 0}},
        {KEY_C3, {KEYCODE_PAGE_DOWN, 0}},
        {KEY_SHOME, {KEYCODE_HOME, KEY_SHIFT}},
        {KEY_SEND, {KEYCODE_END, KEY_SHIFT}},
        {KEY_SDC, {KEYCODE_DELETE, KEY_SHIFT}},
        {KEY_SIC, {KEYCODE_INSERT, KEY_SHIFT}},
        {KEY_SPREVIOUS, {KEYCODE_PAGE_UP, KEY_SHIFT}},
        {KEY_SNEXT, {KEYCODE_PAGE_DOWN, KEY_SHIFT}},
    };
    if (term_key_of_number(code, out)) return true;
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (keys[i].code == code) {
            *out = keys[i].key;
            return true;
        }
    if (code < KEY_F(1) || code > KEY_F(60)) return false;
    int n = code - KEY_F(1); // F13 … F24 are Shift, F25 … F36 Ctrl
    static const uint8_t mods[5] = {0, KEY_SHIFT, KEY_CTRL, KEY_CTRL | KEY_SHIFT, KEY_META};
    *out = (Key){KEYCODE_F1 + (uint32_t)(n % 12), mods[n / 12]};
    return true;
}

static Key character_key(wint_t c, uint8_t mods)
{
    if (c == '\r' || c == '\n')
        return (Key){c == '\r' ? KEYCODE_ENTER : 'j', c == '\r' ? mods : mods | KEY_CTRL};
    if (c == '\t') return (Key){KEYCODE_TAB, mods};
    if (c == 27) return (Key){KEYCODE_ESC, mods};
    if (c == 127 || c == 8) return (Key){KEYCODE_BACKSPACE, mods};
    if (c == 0) return (Key){' ', mods | KEY_CTRL};
    if (c < 27) return (Key){(uint32_t)c + 'a' - 1, mods | KEY_CTRL};
    if (c < 32) return (Key){(uint32_t)c + '@', mods | KEY_CTRL};
    return (Key){(uint32_t)c, mods};
}

// ESC and a character that is there at once are one key with Alt.
static bool escape_event(Term *t, Event *e)
{
    wint_t c;
    int got = get_wch(&c);
    e->kind = EVENT_KEY;
    e->key = (Key){KEYCODE_ESC, 0};
    if (got == ERR || c == 27) {
        if (got != ERR) t->ahead = c;
        return true;
    }
    Key k;
    if (got == OK)
        e->key = character_key(c, KEY_META);
    else if (curses_key((int)c, &k))
        e->key = (Key){k.code, k.mods | KEY_META};
    return true;
}

static bool code_event(Term *t, int code, Event *e)
{
    switch (code) {
    case KEY_RESIZE: *e = (Event){.kind = EVENT_RESIZE, .width = COLS, .height = LINES}; return true;
    case TERM_KEY_MOUSE: return mouse_event(t, e);
    case TERM_KEY_PASTE_BEGIN: return paste_event(t, e);
    case TERM_KEY_FOCUS: e->kind = EVENT_FOCUS; return true;
    case TERM_KEY_BLUR: e->kind = EVENT_BLUR; return true;
    default: e->kind = EVENT_KEY; return curses_key(code, &e->key);
    }
}

bool term_next(Term *t, Event *e)
{
    *e = (Event){0};
    if (t->resumed) {
        t->resumed = false;
        *e = (Event){.kind = EVENT_RESIZE, .width = COLS, .height = LINES};
        return true;
    }
    if (ask_event(t, e)) return true;
    for (;;) {
        wint_t c = t->ahead;
        int got = c ? OK : get_wch(&c);
        t->ahead = 0;
        if (got == ERR) return false;
        if (got == KEY_CODE_YES) {
            if (code_event(t, (int)c, e)) return true;
            continue; // nobody knows what it means
        }
        if (c == 27) return escape_event(t, e);
        e->kind = EVENT_KEY;
        e->key = character_key(c, 0);
        return true;
    }
}

// --- clipboard
// -----------------------------------------------------------------------------------------------

static void put_base64(Bytes *out, Str s)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < s.len; i += 3) {
        uint32_t n = (uint32_t)(unsigned char)s.at[i] << 16;
        if (i + 1 < s.len) n |= (uint32_t)(unsigned char)s.at[i + 1] << 8;
        if (i + 2 < s.len) n |= (unsigned char)s.at[i + 2];
        bytes_put_byte(out, digit[n >> 18]);
        bytes_put_byte(out, digit[n >> 12 & 63]);
        bytes_put_byte(out, i + 1 < s.len ? digit[n >> 6 & 63] : '=');
        bytes_put_byte(out, i + 2 < s.len ? digit[n & 63] : '=');
    }
}

bool term_copy(Term *t, Str text, Io io, char *route, size_t size, Err *err)
{
    if (t->xterm && text.len <= TERM_CLIPBOARD_MAX) {
        Bytes out;
        bytes_init(&out, TERM_CLIPBOARD_MAX * 2);
        bytes_put(&out, STR("\033]52;c;"));
        put_base64(&out, text);
        bytes_put(&out, STR("\a"));
        if (!out.failed) put_raw(out.at);
        bytes_done(&out);
        snprintf(route, size, "%zu bytes sent to the terminal's clipboard", text.len);
        return true;
    }
    const char *dir = getenv("XDG_RUNTIME_DIR");
    if (!dir || !*dir) dir = getenv("TMPDIR");
    char path[512];
    int len =
        snprintf(path, sizeof path, "%s/d2db-copied-%ld.txt", dir && *dir ? dir : "/tmp", (long)getpid());
    if (len < 0 || (size_t)len >= sizeof path)
        return err_set(err, "22023", "the path for the copied text is too long");
    if (!io_replace_path(io, path, text, err))
        return err_note(err, "while writing what was copied to a file");
    snprintf(route, size, "%zu bytes written to %s", text.len, path);
    return true;
}

// --- the loop
// ------------------------------------------------------------------------------------------------

static void grant(Term *t, App *a)
{
    switch (app_wish_take(a)) {
    case APP_WISH_NONE: break;
    case APP_WISH_REPAINT:
        term_repaint(t);
        app_touch(a);
        break;
    case APP_WISH_SUSPEND: term_suspend(t); break;
    }
}

// Everything that is there already; returns a signal that ends the program.
static int drain(Term *t, App *a, bool *typed)
{
    Event e;
    for (int i = 0; i < EVENTS_AT_ONCE && !app_quitting(a) && term_next(t, &e); i++) {
        *typed = true;
        app_event(a, &e);
        if (e.kind == EVENT_HANGUP) return e.signal;
        grant(t, a);
    }
    return 0;
}

int term_run(Term *t, App *a)
{
    Surface surface;
    surface_init(&surface, term_width(t), term_height(t), t->charset);
    app_resize(a, term_width(t), term_height(t));
    int64_t painted_us = 0;
    int box_fd = job_box_fd(app_box(a)), ended = 0;
    bool typed = true;
    while (!app_quitting(a) && ended == 0) {
        int64_t now_us = clock_mono_us();
        int wait_ms = app_tick(a, now_us);
        if (app_dirty(a) && (typed || now_us - painted_us >= FRAME_US)) {
            app_drawn(a);
            app_draw(a, &surface);
            term_show(t, &surface);
            painted_us = now_us;
        } else if (app_dirty(a)) { // answers that come thick and fast share a frame
            int rest_ms = (int)((FRAME_US - (now_us - painted_us)) / 1000) + 1;
            wait_ms = wait_ms < 0 || rest_ms < wait_ms ? rest_ms : wait_ms;
        }
        typed = false;
        term_wait(t, &box_fd, 1, wait_ms);
        app_messages(a);
        ended = drain(t, a, &typed);
    }
    surface_done(&surface);
    return ended;
}
