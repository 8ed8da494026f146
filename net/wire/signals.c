// Signals: see signals.h.
#include "net/wire/signals.h"

#include "engine/base/size.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct Signals {
    int fd;
    void (*on_signal)(void *arg, int number);
    void *arg;
};

static void fill(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
}

bool signals_block(Err *err)
{
    sigset_t set;
    fill(&set);
    signal(SIGPIPE, SIG_IGN);
    return sigprocmask(SIG_BLOCK, &set, NULL) == 0 || err_set_errno(err, errno, "signals cannot be blocked");
}

static LoopWant ready(void *arg, bool hung_up)
{
    Signals *s = arg;
    struct signalfd_siginfo info;
    (void)hung_up;
    while (read(s->fd, &info, sizeof info) == (ssize_t)sizeof info) s->on_signal(s->arg, (int)info.ssi_signo);
    return LOOP_READ;
}

bool signals_watch(Signals **out, Loop *loop, void (*on_signal)(void *arg, int number), void *arg, Err *err)
{
    sigset_t set;
    LoopHandle handle;
    fill(&set);
    Signals *s = size_alloc_zero(1, sizeof *s);
    if (!s) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory to watch signals");
    *s = (Signals){signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), on_signal, arg};
    *out = s;
    if (s->fd < 0) return err_set_errno(err, errno, "signals cannot be watched");
    return loop_add(loop, s->fd, ready, s, &handle, err);
}

void signals_free(Signals *s)
{
    if (!s) return;
    if (s->fd >= 0) close(s->fd);
    free(s);
}
