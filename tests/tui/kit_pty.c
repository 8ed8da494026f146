// Kit: the pseudo-terminal driver. Two processes: a session leader that plays the shell, and the program as
// its job.
#include "tests/tui/kit_pty.h"
#include "tui/core/event.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>
#include <wchar.h>

enum { LAST_WORDS_MS = 60 };

struct KitPty {
    int master, slave, news, orders; // news: from the shell; orders: to it
    pid_t shell, program;
    VTerm *vterm;
    VTermScreen *screen;
    int width, height;
    char *log;
    size_t log_len, log_cap;
    struct termios before;
    bool stopped, ended, cursor_shown;
    int status;
};
typedef struct News {
    char what;
    int value;
} News; // 'P' pid, 'S' stopped, 'X' exit status

static void die(const char *what)
{
    fprintf(stderr, "kit_pty: %s: %s\n", what, strerror(errno));
    abort();
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// --- the shell and its job
// -----------------------------------------------------------------------------------

static void tell(int fd, char what, int value)
{
    News n = {what, value};
    if (write(fd, &n, sizeof n) != (ssize_t)sizeof n) _exit(99);
}

static void run_program(const char *const *argv, int tty, sigset_t *mask)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); // a test that failed leaves nothing behind
    setpgid(0, 0);
    tcsetpgrp(tty, getpid());
    for (int fd = 0; fd < 3; fd++) dup2(tty, fd);
    for (int n = 1; n < 32; n++) signal(n, SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void be_shell(const char *const *argv, const char *tty_name, int news, int orders)
{
    sigset_t none;
    sigemptyset(&none);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid();
    signal(SIGTTOU, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    int tty = open(tty_name, O_RDWR | O_CLOEXEC);
    if (tty < 0 || ioctl(tty, TIOCSCTTY, 0) != 0) _exit(98);
    pid_t pid = fork();
    if (pid == 0) run_program(argv, tty, &none);
    setpgid(pid, pid);
    tcsetpgrp(tty, pid);
    tell(news, 'P', pid);
    for (;;) {
        int status;
        if (waitpid(pid, &status, WUNTRACED) != pid) {
            if (errno == EINTR) continue;
            _exit(97);
        }
        if (!WIFSTOPPED(status)) {
            tell(news, 'X', status);
            char wait_for_end;
            while (read(orders, &wait_for_end, 1) > 0) {}
            _exit(0);
        }
        tcsetpgrp(tty, getpgrp());
        tell(news, 'S', 0);
        char order;
        if (read(orders, &order, 1) != 1) {
            kill(-pid, SIGKILL);
            _exit(0);
        }
        tcsetpgrp(tty, pid);
        kill(-pid, SIGCONT);
    }
}

static void put_environment(const char *const *environment)
{
    setenv("TERM", "xterm-256color", 1);
    for (; environment && *environment; environment++) {
        char name[128];
        const char *equals = strchr(*environment, '=');
        if (!equals) {
            unsetenv(*environment);
            continue;
        }
        snprintf(name, sizeof name, "%.*s", (int)(equals - *environment), *environment);
        setenv(name, equals + 1, 1);
    }
}

static int on_cursor(VTermProp prop, VTermValue *value, void *self)
{
    if (prop == VTERM_PROP_CURSORVISIBLE) ((KitPty *)self)->cursor_shown = value->boolean;
    return 1;
}
static const VTermScreenCallbacks screen_callbacks = {.settermprop = on_cursor};

KitPty *kit_pty_start(const char *const *argv, const char *const *environment, int width, int height)
{
    KitPty *p = calloc(1, sizeof *p);
    int news[2], orders[2];
    if (!p || pipe2(news, O_CLOEXEC) || pipe2(orders, O_CLOEXEC)) die("pipe");
    p->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (p->master < 0 || grantpt(p->master) || unlockpt(p->master)) die("posix_openpt");
    const char *name = ptsname(p->master);
    p->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC); // kept open: the modes can be read when all is over
    if (p->slave < 0 || tcgetattr(p->slave, &p->before)) die("slave");
    p->width = width;
    p->height = height;
    struct winsize size = {(unsigned short)height, (unsigned short)width, 0, 0};
    ioctl(p->master, TIOCSWINSZ, &size);
    p->shell = fork();
    if (p->shell == 0) {
        put_environment(environment);
        close(news[0]);
        close(orders[1]);
        be_shell(argv, name, news[1], orders[0]);
    }
    close(news[1]);
    close(orders[0]);
    p->news = news[0];
    p->orders = orders[1];
    News first;
    if (read(p->news, &first, sizeof first) != (ssize_t)sizeof first || first.what != 'P')
        die("the program did not start");
    p->program = first.value;
    fcntl(p->master, F_SETFL, O_NONBLOCK);
    fcntl(p->news, F_SETFL, O_NONBLOCK);
    p->vterm = vterm_new(height, width);
    vterm_set_utf8(p->vterm, 1);
    p->screen = vterm_obtain_screen(p->vterm);
    p->cursor_shown = true;
    vterm_screen_set_callbacks(p->screen, &screen_callbacks, p);
    vterm_screen_enable_altscreen(p->screen, 1);
    vterm_screen_reset(p->screen, 1);
    return p;
}

void kit_pty_free(KitPty *p)
{
    if (!p) return;
    if (!p->ended) kill(p->program, SIGKILL);
    close(p->orders);
    kill(p->shell, SIGKILL);
    waitpid(p->shell, NULL, 0);
    close(p->news);
    close(p->master);
    close(p->slave);
    vterm_free(p->vterm);
    free(p->log);
    free(p);
}

pid_t kit_pty_pid(const KitPty *p) { return p->program; }
int kit_pty_height(const KitPty *p) { return p->height; }

// --- reading
// -------------------------------------------------------------------------------------------------

static void keep(KitPty *p, const char *at, size_t len)
{
    if (p->log_len + len > p->log_cap) {
        p->log_cap = (p->log_len + len) * 2;
        p->log = realloc(p->log, p->log_cap);
        if (!p->log) die("memory");
    }
    memcpy(p->log + p->log_len, at, len);
    p->log_len += len;
}

static void hear(KitPty *p)
{
    News n;
    while (read(p->news, &n, sizeof n) == (ssize_t)sizeof n) {
        if (n.what == 'S') p->stopped = true;
        if (n.what == 'X') {
            p->ended = true;
            p->status = n.value;
        }
    }
}

// Takes what is there, waiting at most so long for the first of it; true when something came.
static bool pump(KitPty *p, int timeout_ms)
{
    struct pollfd fds[2] = {{p->master, POLLIN, 0}, {p->news, p->ended ? 0 : POLLIN, 0}};
    if (poll(fds, 2, timeout_ms) <= 0) return false;
    char part[8192];
    ssize_t n;
    bool any = false;
    while ((n = read(p->master, part, sizeof part)) > 0) {
        keep(p, part, (size_t)n);
        vterm_input_write(p->vterm, part, (size_t)n);
        any = true;
    }
    char answer[256];
    size_t len;
    while ((len = vterm_output_read(p->vterm, answer, sizeof answer)) > 0) kit_pty_send(p, answer, len);
    hear(p);
    return any || p->ended || p->stopped;
}

static bool wait_until(KitPty *p, bool (*is)(KitPty *p, const void *arg), const void *arg, int timeout_ms)
{
    int64_t end = now_ms() + timeout_ms;
    for (;;) {
        if (is(p, arg)) return true;
        int64_t left = end - now_ms();
        if (left <= 0) return false;
        pump(p, left < 50 ? (int)left : 50);
    }
}

static bool is_shown(KitPty *p, const void *text) { return kit_pty_has(p, text); }
static bool is_gone(KitPty *p, const void *text) { return !kit_pty_has(p, text); }
static bool is_ended(KitPty *p, const void *unused)
{
    (void)unused;
    return p->ended;
}
static bool is_stopped(KitPty *p, const void *unused)
{
    (void)unused;
    return p->stopped;
}

bool kit_pty_wait_text(KitPty *p, const char *text, int timeout_ms)
{
    return wait_until(p, is_shown, text, timeout_ms);
}
bool kit_pty_wait_no_text(KitPty *p, const char *text, int timeout_ms)
{
    return wait_until(p, is_gone, text, timeout_ms);
}
bool kit_pty_wait_stopped(KitPty *p, int timeout_ms) { return wait_until(p, is_stopped, NULL, timeout_ms); }

bool kit_pty_wait_exit(KitPty *p, int timeout_ms, int *status)
{
    bool ended = wait_until(p, is_ended, NULL, timeout_ms);
    // The kernel carries a terminal's last words over by itself, on a loaded machine some time after the end.
    while (ended && pump(p, LAST_WORDS_MS) && !p->stopped) {
        struct pollfd fd = {p->master, POLLIN, 0};
        if (poll(&fd, 1, LAST_WORDS_MS) <= 0) break;
    }
    if (status) *status = p->status;
    return ended;
}

bool kit_pty_wait_quiet(KitPty *p, int quiet_ms, int timeout_ms)
{
    int64_t end = now_ms() + timeout_ms, last = now_ms();
    size_t seen = p->log_len;
    while (now_ms() < end) {
        pump(p, quiet_ms < 20 ? quiet_ms : 20);
        if (p->log_len != seen) last = now_ms();
        seen = p->log_len;
        if (now_ms() - last >= quiet_ms) return true;
    }
    return false;
}

void kit_pty_foreground(KitPty *p)
{
    p->stopped = false;
    if (write(p->orders, "c", 1) != 1) die("orders");
}

// --- writing
// -------------------------------------------------------------------------------------------------

void kit_pty_send(KitPty *p, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t n = write(p->master, at, len);
        if (n < 0 && errno != EAGAIN && errno != EINTR) return; // the program is gone
        if (n < 0) {
            pump(p, 5);
            continue;
        }
        at += n;
        len -= (size_t)n;
    }
}

void kit_pty_type(KitPty *p, const char *text) { kit_pty_send(p, text, strlen(text)); }

static size_t key_bytes(Key k, char *out, size_t size)
{
    static const struct {
        uint32_t code;
        const char *plain, *word;
        char final;
    } named[] = {
        {KEYCODE_UP, "\033OA", "1", 'A'},       {KEYCODE_DOWN, "\033OB", "1", 'B'},
        {KEYCODE_RIGHT, "\033OC", "1", 'C'},    {KEYCODE_LEFT, "\033OD", "1", 'D'},
        {KEYCODE_HOME, "\033OH", "1", 'H'},     {KEYCODE_END, "\033OF", "1", 'F'},
        {KEYCODE_F1, "\033OP", "1", 'P'},       {KEYCODE_F2, "\033OQ", "1", 'Q'},
        {KEYCODE_F3, "\033OR", "1", 'R'},       {KEYCODE_F4, "\033OS", "1", 'S'},
        {KEYCODE_F5, "\033[15~", "15", '~'},    {KEYCODE_F6, "\033[17~", "17", '~'},
        {KEYCODE_F7, "\033[18~", "18", '~'},    {KEYCODE_F8, "\033[19~", "19", '~'},
        {KEYCODE_F9, "\033[20~", "20", '~'},    {KEYCODE_F10, "\033[21~", "21", '~'},
        {KEYCODE_F11, "\033[23~", "23", '~'},   {KEYCODE_F12, "\033[24~", "24", '~'},
        {KEYCODE_INSERT, "\033[2~", "2", '~'},  {KEYCODE_DELETE, "\033[3~", "3", '~'},
        {KEYCODE_PAGE_UP, "\033[5~", "5", '~'}, {KEYCODE_PAGE_DOWN, "\033[6~", "6", '~'},
    };
    int mods = 1 + (k.mods & KEY_SHIFT ? 1 : 0) + (k.mods & KEY_META ? 2 : 0) + (k.mods & KEY_CTRL ? 4 : 0);
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        if (named[i].code != k.code) continue;
        if (mods == 1) return (size_t)snprintf(out, size, "%s", named[i].plain);
        return (size_t)snprintf(out, size, "\033[%s;%d%c", named[i].word, mods, named[i].final);
    }
    const char *alt = k.mods & KEY_META ? "\033" : "";
    if (k.code == KEYCODE_TAB && k.mods & KEY_SHIFT) return (size_t)snprintf(out, size, "\033[Z");
    char c = (char)k.code;
    if (k.code == KEYCODE_ENTER)
        c = '\r';
    else if (k.code == KEYCODE_ESC)
        c = 27;
    else if (k.code == KEYCODE_TAB)
        c = '\t';
    else if (k.code == KEYCODE_BACKSPACE)
        c = 127;
    else if (k.mods & KEY_CTRL)
        c = (char)(k.code & 31);
    return (size_t)snprintf(out, size, "%s%c", alt, c);
}

void kit_pty_keys(KitPty *p, const char *names)
{
    Str rest = str_of(names);
    while (rest.len) {
        Str name = str_cut(&rest, ' ');
        Key k;
        char bytes[32];
        if (name.len == 0) continue;
        if (!key_from_text(name, &k)) {
            errno = EINVAL;
            die(names);
        }
        kit_pty_send(p, bytes, key_bytes(k, bytes, sizeof bytes));
    }
}

void kit_pty_paste(KitPty *p, const char *text)
{
    kit_pty_type(p, "\033[200~");
    kit_pty_type(p, text);
    kit_pty_type(p, "\033[201~");
}

void kit_pty_resize(KitPty *p, int width, int height)
{
    p->width = width;
    p->height = height;
    vterm_set_size(p->vterm, height, width);
    struct winsize size = {(unsigned short)height, (unsigned short)width, 0, 0};
    ioctl(p->master, TIOCSWINSZ, &size);
}

void kit_pty_signal(KitPty *p, int number) { kill(p->program, number); }

// --- the screen
// ----------------------------------------------------------------------------------------------

const char *kit_pty_row(KitPty *p, int y, char *out, size_t size)
{
    size_t len = 0, kept = 0;
    for (int x = 0; x < p->width;) {
        VTermScreenCell cell;
        VTermPos at = {y, x};
        if (!vterm_screen_get_cell(p->screen, at, &cell)) break;
        if (cell.chars[0] == 0 && len + 1 < size) out[len++] = ' ';
        for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++) {
            if (cell.chars[i] == (uint32_t)-1) break;
            uint32_t c = cell.chars[i];
            size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
            if (len + n + 1 > size) break;
            for (size_t k = n; k-- > 1; c >>= 6) out[len + k] = (char)(0x80 | (c & 0x3F));
            out[len] = (char)(lead[n] | c);
            len += n;
            if (cell.chars[0] != ' ') kept = len;
        }
        x += cell.width > 0 ? cell.width : 1;
    }
    out[kept] = 0;
    return out;
}

bool kit_pty_find(KitPty *p, const char *text, int *x, int *y)
{
    char row[8192];
    for (int line = 0; line < p->height; line++) {
        const char *hit = strstr(kit_pty_row(p, line, row, sizeof row), text);
        if (!hit) continue;
        *x = 0;
        for (const char *c = row; c < hit; c++)
            *x += ((unsigned char)*c & 0xC0) != 0x80; // wide ones before it count as one
        *y = line;
        return true;
    }
    return false;
}

bool kit_pty_has(KitPty *p, const char *text)
{
    int x, y;
    return kit_pty_find(p, text, &x, &y);
}

KitPtyCell kit_pty_cell(KitPty *p, int x, int y)
{
    KitPtyCell out = {0};
    VTermScreenCell cell;
    VTermPos at = {y, x};
    if (!vterm_screen_get_cell(p->screen, at, &cell)) return out;
    out.width = cell.width;
    out.bold = cell.attrs.bold;
    out.reverse = cell.attrs.reverse;
    out.underline = cell.attrs.underline != 0;
    out.coloured = !VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) || !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg);
    snprintf(out.text, sizeof out.text, "%lc", (wint_t)(cell.chars[0] ? cell.chars[0] : ' '));
    return out;
}

void kit_pty_cursor(KitPty *p, int *x, int *y, bool *shown)
{
    VTermPos at;
    vterm_state_get_cursorpos(vterm_obtain_state(p->vterm), &at);
    *x = at.col;
    *y = at.row;
    *shown = p->cursor_shown;
}

char *kit_pty_screen(KitPty *p)
{
    size_t size = (size_t)p->height * 4096 + 1, len = 0;
    char *out = calloc(1, size);
    for (int y = 0; out && y < p->height; y++) {
        kit_pty_row(p, y, out + len, 4095);
        len += strlen(out + len);
        out[len++] = '\n';
    }
    return out;
}

// --- what was written
// ----------------------------------------------------------------------------------------

size_t kit_pty_bytes(const KitPty *p) { return p->log_len; }

bool kit_pty_wrote(const KitPty *p, const char *at, size_t len)
{
    return p->log && memmem(p->log, p->log_len, at, len) != NULL;
}

bool kit_pty_mode(const KitPty *p, int mode)
{
    bool on = mode == 25; // the cursor is seen until somebody hides it
    for (size_t i = 0; i + 3 < p->log_len; i++) {
        if (memcmp(p->log + i, "\033[?", 3) != 0) continue;
        size_t k = i + 3;
        bool named = false;
        for (int n = 0; k < p->log_len; k++) {
            char c = p->log[k];
            if (c >= '0' && c <= '9')
                n = n * 10 + (c - '0');
            else {
                named = named || n == mode;
                n = 0;
                if (c != ';') break;
            }
        }
        if (k < p->log_len && named && (p->log[k] == 'h' || p->log[k] == 'l')) on = p->log[k] == 'h';
    }
    return on;
}

bool kit_pty_termios_restored(const KitPty *p)
{
    struct termios now;
    if (tcgetattr(p->slave, &now)) return false;
    return now.c_iflag == p->before.c_iflag && now.c_oflag == p->before.c_oflag &&
           now.c_cflag == p->before.c_cflag && now.c_lflag == p->before.c_lflag &&
           memcmp(now.c_cc, p->before.c_cc, sizeof now.c_cc) == 0;
}
