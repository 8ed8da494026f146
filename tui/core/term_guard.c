// Term, the guard: endwin() and exit() are not safe in a signal handler, so the bytes that undo every mode
// are prepared beforehand and a handler only calls write, tcsetattr and raise. Relies on term_in.h.
#include "tui/core/term_in.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GUARD_STACK = 64 << 10 };

static const int guard_fatal[] = {SIGSEGV, SIGBUS, SIGFPE,  SIGILL,  SIGABRT,
                                  SIGQUIT, SIGSYS, SIGTRAP, SIGXCPU, SIGXFSZ};
static const int guard_asking[] = {SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};

// The one mutable thing at file scope: a signal handler has no other way to its data. names.sh: guard
static struct {
    volatile sig_atomic_t armed, paused, asked;
    struct termios saved;
    char reset[TERM_RESET_MAX];
    size_t reset_len;
    int held_fd, real_fd; // standard error: where it goes, where it came from
    int pipe[2];
    void *stack;
    bool at_exit;
    struct sigaction old_fatal[COUNT_OF(guard_fatal)], old_asking[COUNT_OF(guard_asking)], old_pipe;
} guard = {.held_fd = -1, .real_fd = -1, .pipe = {-1, -1}};

static void write_all(int fd, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        at += n;
        len -= (size_t)n;
    }
}

// What was written to standard error meanwhile; it may quote data, so nothing in it may drive the terminal.
static void show_held(void)
{
    if (guard.held_fd < 0 || guard.real_fd < 0) return;
    char part[1024];
    off_t size = lseek(guard.held_fd, 0, SEEK_CUR), at = 0; // the file is sealed at TERM_STDERR_MAX bytes
    while (at < size) {
        ssize_t n = pread(guard.held_fd, part, sizeof part, at);
        if (n <= 0) break;
        for (ssize_t i = 0; i < n; i++) {
            unsigned char c = (unsigned char)part[i];
            if ((c < 32 && c != '\n' && c != '\t') || c == 127) part[i] = '?';
        }
        write_all(guard.real_fd, part, (size_t)n);
        at += n;
    }
}

static void restore(void)
{
    if (!guard.armed || guard.paused) return;
    guard.armed = 0;
    write_all(STDOUT_FILENO, guard.reset, guard.reset_len);
    tcsetattr(STDIN_FILENO, TCSANOW, &guard.saved);
    show_held();
}

static void on_fatal(int number)
{
    int kept = errno;
    restore();
    errno = kept;
    raise(number); // SA_RESETHAND: the default ends the process, with a core where that is wanted
}

static void on_asking(int number)
{
    int kept = errno;
    bool ends = number == SIGHUP || number == SIGINT || number == SIGTERM;
    if (ends && guard.asked++) { // the first request was not heard
        restore();
        signal(number, SIG_DFL);
        raise(number);
    }
    char what = number == SIGHUP    ? TERM_ASK_HUP
                : number == SIGINT  ? TERM_ASK_INT
                : number == SIGTERM ? TERM_ASK_TERM
                : number == SIGTSTP ? TERM_ASK_STOP
                                    : TERM_ASK_SIZE;
    write_all(guard.pipe[1], &what, 1);
    errno = kept;
}

static void catch_signals(void)
{
    struct sigaction fatal = {.sa_handler = on_fatal, .sa_flags = SA_RESETHAND | SA_NODEFER | SA_ONSTACK};
    struct sigaction asking = {.sa_handler = on_asking, .sa_flags = SA_ONSTACK};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    for (size_t i = 0; i < COUNT_OF(guard_fatal); i++) sigaction(guard_fatal[i], &fatal, &guard.old_fatal[i]);
    for (size_t i = 0; i < COUNT_OF(guard_asking); i++)
        sigaction(guard_asking[i], &asking, &guard.old_asking[i]);
    sigaction(SIGPIPE, &ignore, &guard.old_pipe);
}

bool term_guard_arm(const struct termios *saved, Str reset, int stderr_fd, int real_stderr, Err *err)
{
    if (reset.len > sizeof guard.reset) return err_set(err, "58000", "the terminal's reset text is too long");
    if (pipe2(guard.pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return err_set_errno(err, errno, "cannot make the signal pipe");
    guard.saved = *saved;
    memcpy(guard.reset, reset.at, reset.len);
    guard.reset_len = reset.len;
    guard.held_fd = stderr_fd;
    guard.real_fd = real_stderr;
    guard.asked = guard.paused = 0;
    guard.stack = malloc(GUARD_STACK); // a stack overflow leaves no other place to stand on
    if (guard.stack) sigaltstack(&(stack_t){.ss_sp = guard.stack, .ss_size = GUARD_STACK}, NULL);
    if (!guard.at_exit) guard.at_exit = atexit(restore) == 0;
    guard.armed = 1;
    catch_signals();
    return true;
}

int term_guard_fd(void) { return guard.pipe[0]; }

void term_guard_pause(bool paused) { guard.paused = paused; }

void term_guard_disarm(void)
{
    if (guard.pipe[0] < 0) return;
    guard.armed = 0;
    show_held();
    for (size_t i = 0; i < COUNT_OF(guard_fatal); i++) sigaction(guard_fatal[i], &guard.old_fatal[i], NULL);
    for (size_t i = 0; i < COUNT_OF(guard_asking); i++)
        sigaction(guard_asking[i], &guard.old_asking[i], NULL);
    sigaction(SIGPIPE, &guard.old_pipe, NULL);
    sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    free(guard.stack);
    guard.stack = NULL;
    close(guard.pipe[0]);
    close(guard.pipe[1]);
    guard.pipe[0] = guard.pipe[1] = -1;
    guard.held_fd = guard.real_fd = -1;
}
