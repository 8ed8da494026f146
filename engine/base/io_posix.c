// Io's bottom: the table of real system calls. Every call that may be interrupted is tried again here;
// nothing else is decided. Relies on nothing.
#include "engine/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define RETRY(result, call)                                                                                  \
    do result = (call);                                                                                      \
    while (result < 0 && errno == EINTR)

static int posix_open(void *self, int dir_fd, const char *name, int flags, mode_t mode)
{
    (void)self;
    int fd;
    RETRY(fd, openat(dir_fd, name, flags, mode));
    return fd < 0 ? -errno : fd;
}

static int posix_close(void *self, int fd)
{
    (void)self;
    return close(fd) < 0 && errno != EINTR ? -errno : 0; // Linux frees the descriptor even when interrupted
}

static ssize_t posix_read(void *self, int fd, void *at, size_t len, off_t offset)
{
    (void)self;
    ssize_t n;
    RETRY(n, offset < 0 ? read(fd, at, len) : pread(fd, at, len, offset));
    return n < 0 ? -errno : n;
}

static ssize_t posix_write(void *self, int fd, const void *at, size_t len, off_t offset)
{
    (void)self;
    ssize_t n;
    RETRY(n, offset < 0 ? write(fd, at, len) : pwrite(fd, at, len, offset));
    return n < 0 ? -errno : n;
}

static int posix_sync(void *self, int fd, bool data_only)
{
    (void)self;
    int result;
    RETRY(result, data_only ? fdatasync(fd) : fsync(fd));
    return result < 0 ? -errno : 0;
}

static int posix_truncate(void *self, int fd, off_t size)
{
    (void)self;
    int result;
    RETRY(result, ftruncate(fd, size));
    return result < 0 ? -errno : 0;
}

static int posix_allocate(void *self, int fd, off_t size)
{
    (void)self;
    int result;
    do result = posix_fallocate(fd, 0, size);
    while (result == EINTR);
    return -result;
}

static int posix_rename(void *self, int dir_fd, const char *from, int to_dir_fd, const char *to)
{
    (void)self;
    return renameat(dir_fd, from, to_dir_fd, to) < 0 ? -errno : 0;
}

static int posix_unlink(void *self, int dir_fd, const char *name, bool is_dir)
{
    (void)self;
    return unlinkat(dir_fd, name, is_dir ? AT_REMOVEDIR : 0) < 0 ? -errno : 0;
}

static int posix_mkdir(void *self, int dir_fd, const char *name, mode_t mode)
{
    (void)self;
    return mkdirat(dir_fd, name, mode) < 0 ? -errno : 0;
}

Io io_posix(void)
{
    static const IoOps ops = {
        .open = posix_open,
        .close = posix_close,
        .read = posix_read,
        .write = posix_write,
        .sync = posix_sync,
        .truncate = posix_truncate,
        .allocate = posix_allocate,
        .rename = posix_rename,
        .unlink = posix_unlink,
        .mkdir = posix_mkdir,
    };
    return (Io){&ops, NULL};
}
