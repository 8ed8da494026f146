// Archive: the command runs in a shell with the segment's path and name as $1 and $2, so that no name is ever
// part of the shell's text.
#include "engine/db/archive.h"

#include <errno.h>
#include <spawn.h>
#include <sys/wait.h>

// %p and %f become "$1" and "$2", %% a percent sign.
static void expand(Bytes *out, Str command)
{
    for (size_t i = 0; i < command.len; i++) {
        char next = i + 1 < command.len ? command.at[i + 1] : 0;
        if (command.at[i] != '%' || (next != 'p' && next != 'f' && next != '%')) {
            bytes_put_byte(out, command.at[i]);
            continue;
        }
        bytes_put(out, next == 'p' ? STR("\"$1\"") : next == 'f' ? STR("\"$2\"") : STR("%"));
        i++;
    }
}

static bool run(char *const argv[], int *status, Err *err)
{
    extern char **environ;
    pid_t pid;
    int failed = posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ);
    if (failed) return err_set_errno(err, failed, "cannot run the log_archive command");
    while (waitpid(pid, status, 0) < 0)
        if (errno != EINTR) return err_set_errno(err, errno, "cannot wait for the log_archive command");
    return true;
}

bool archive_segment(void *self, const char *name, Err *err)
{
    Engine *e = self;
    Bytes command, path;
    int status = 0;
    bytes_init(&command, 4 * CONFIG_COMMAND_MAX + 1);
    bytes_init(&path, 1 << 16);
    expand(&command, str_of(e->config.log_archive));
    bytes_printf(&path, "%.*s/log/%s", STR_ARG(e->path), name);
    bool ok = (!command.failed && !path.failed) ||
              err_set(err, SQLSTATE_LIMIT, "the log_archive command is too long");
    if (ok) {
        char *const argv[] = {
            (char *)"sh", (char *)"-c", command.at, (char *)"d2db", path.at, (char *)(uintptr_t)name, NULL};
        ok = run(argv, &status, err) &&
             (status == 0 || err_set(err, "38000", "the log_archive command ended with status %d",
                                     WIFEXITED(status) ? WEXITSTATUS(status) : -1));
    }
    bytes_done(&command);
    bytes_done(&path);
    return ok;
}
