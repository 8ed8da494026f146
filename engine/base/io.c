// Io, directories and opening: names are checked, everything is opened below a directory that is already
// open, and links are not followed. Reading, writing and replacing are in io_file.c. Relies on err, arena,
// size.
#include "engine/base/io.h"
#include "engine/base/size.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_LEN_MAX = 255, LIST_MAX = 1 << 20 };
#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

static bool check_name(const char *name, Err *err)
{
    size_t len = strlen(name);
    if (len > 0 && len <= NAME_LEN_MAX && !strchr(name, '/') && strcmp(name, ".") != 0 &&
        strcmp(name, "..") != 0)
        return true;
    err_set(err, "42602", "\"%.80s\" cannot be the name of a file", name);
    return err_hint(err, "a file name has 1 to 255 bytes and no '/', and is not \".\" or \"..\"");
}

static bool made_durable(Io io, int fd, const char *name, Err *err)
{
    int result = io.ops->sync(io.self, fd, false);
    return result == 0 || err_set_errno(err, -result, "cannot sync the directory above %s", name);
}

// A new directory counts only once its parent is synced.
static bool sync_above(Io io, int fd, const char *path, Err *err)
{
    int parent = io.ops->open(io.self, fd, "..", DIR_FLAGS, 0);
    if (parent < 0) return err_set_errno(err, -parent, "cannot open the directory above %s", path);
    bool ok = made_durable(io, parent, path, err);
    io.ops->close(io.self, parent);
    return ok;
}

bool io_dir_open(IoDir *out, Io io, const char *path, bool create, Err *err)
{
    *out = (IoDir){io, -1};
    int made = create ? io.ops->mkdir(io.self, AT_FDCWD, path, 0700) : -EEXIST;
    if (made < 0 && made != -EEXIST) return err_set_errno(err, -made, "cannot make directory %s", path);
    int fd = io.ops->open(io.self, AT_FDCWD, path, DIR_FLAGS, 0);
    if (fd < 0) return err_set_errno(err, -fd, "cannot open directory %s", path);
    out->fd = fd;
    if (made == 0 && !sync_above(io, fd, path, err)) {
        io_dir_close(out);
        return false;
    }
    return true;
}

bool io_dir_open_at(IoDir *out, const IoDir *parent, const char *name, bool create, Err *err)
{
    Io io = parent->io;
    *out = (IoDir){io, -1};
    if (!check_name(name, err)) return false;
    int made = create ? io.ops->mkdir(io.self, parent->fd, name, 0700) : -EEXIST;
    if (made < 0 && made != -EEXIST) return err_set_errno(err, -made, "cannot make directory %s", name);
    if (made == 0 && !made_durable(io, parent->fd, name, err)) return false;
    int fd = io.ops->open(io.self, parent->fd, name, DIR_FLAGS | O_NOFOLLOW, 0);
    if (fd < 0) return err_set_errno(err, -fd, "cannot open directory %s", name);
    out->fd = fd;
    return true;
}

void io_dir_close(IoDir *d)
{
    if (d->fd >= 0) d->io.ops->close(d->io.self, d->fd);
    d->fd = -1;
}

bool io_dir_sync(const IoDir *d, Err *err)
{
    int result = d->io.ops->sync(d->io.self, d->fd, false);
    return result == 0 || err_set_errno(err, -result, "cannot sync a directory");
}

static int compare_names(const void *a, const void *b)
{
    return str_compare(*(const Str *)a, *(const Str *)b);
}

typedef struct NameList {
    Str *at;
    size_t count, cap;
} NameList;

static bool list_add(NameList *list, Str name, Err *err)
{
    if (list->count == LIST_MAX)
        return err_set(err, SQLSTATE_LIMIT, "a directory holds more than %d files", LIST_MAX);
    if (list->count == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 64;
        Str *at = size_realloc(list->at, cap, sizeof *at);
        if (!at) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while listing a directory");
        list->at = at;
        list->cap = cap;
    }
    list->at[list->count++] = name;
    return true;
}

static bool read_names(DIR *dir, NameList *list, Arena *mem, Err *err)
{
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry) return errno == 0 || err_set_errno(err, errno, "cannot list a directory");
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (!list_add(list, arena_copy(mem, str_of(entry->d_name)), err)) return false;
    }
}

bool io_dir_list(const IoDir *d, Arena *mem, Str **names, size_t *count, Err *err)
{
    *names = NULL;
    *count = 0;
    int fd = d->io.ops->open(d->io.self, d->fd, ".", DIR_FLAGS, 0);
    if (fd < 0) return err_set_errno(err, -fd, "cannot list a directory");
    DIR *dir = fdopendir(fd);
    if (!dir) {
        d->io.ops->close(d->io.self, fd);
        return err_set_errno(err, errno, "cannot list a directory");
    }
    NameList list = {0};
    bool ok = read_names(dir, &list, mem, err);
    closedir(dir);
    if (ok && list.count) {
        *names = arena_try(mem, list.count, sizeof(Str));
        ok = *names || err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while listing a directory");
    }
    if (ok && list.count) {
        memcpy(*names, list.at, list.count * sizeof(Str));
        qsort(*names, list.count, sizeof(Str), compare_names);
        *count = list.count;
    }
    free(list.at);
    return ok;
}

bool io_exists(const IoDir *d, const char *name)
{
    struct stat st;
    Err ignored = {0};
    return check_name(name, &ignored) && fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool io_rename(const IoDir *d, const char *from, const char *to, Err *err)
{
    return io_rename_between(d, from, d, to, err);
}

bool io_rename_between(const IoDir *from_dir, const char *from, const IoDir *to_dir, const char *to, Err *err)
{
    if (!check_name(from, err) || !check_name(to, err)) return false;
    int result = from_dir->io.ops->rename(from_dir->io.self, from_dir->fd, from, to_dir->fd, to);
    return result == 0 || err_set_errno(err, -result, "cannot rename %s to %s", from, to);
}

static bool remove_name(const IoDir *d, const char *name, bool is_dir, Err *err)
{
    if (!check_name(name, err)) return false;
    int result = d->io.ops->unlink(d->io.self, d->fd, name, is_dir);
    return result == 0 || err_set_errno(err, -result, "cannot remove %s", name);
}

bool io_remove(const IoDir *d, const char *name, Err *err) { return remove_name(d, name, false, err); }
bool io_remove_dir(const IoDir *d, const char *name, Err *err) { return remove_name(d, name, true, err); }

static int open_flags(int mode)
{
    int flags = O_CLOEXEC | O_NOCTTY | (mode & IO_WRITE ? O_RDWR : O_RDONLY);
    if (mode & IO_CREATE) flags |= O_CREAT;
    if (mode & IO_NEW) flags |= O_CREAT | O_EXCL;
    if (mode & IO_APPEND) flags |= O_APPEND;
    if (mode & IO_TRUNCATE) flags |= O_TRUNC;
    return flags;
}

static const char *verb(int mode)
{
    return mode & (IO_CREATE | IO_NEW) ? "make" : mode & IO_WRITE ? "write" : "read";
}

bool io_open(IoFile *out, const IoDir *d, const char *name, int mode, Err *err)
{
    Io io = d->io;
    *out = (IoFile){io, -1};
    if (!check_name(name, err)) return false;
    // O_NONBLOCK: a pipe that somebody put there must not hang us; it is refused below.
    int fd = io.ops->open(io.self, d->fd, name, open_flags(mode) | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd == -ELOOP) return err_set(err, "42501", "%s is a symbolic link, which is not followed here", name);
    if (fd < 0) return err_set_errno(err, -fd, "cannot %s %s", verb(mode), name);
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        io.ops->close(io.self, fd);
        return err_set(err, SQLSTATE_IO, "%s is not a regular file", name);
    }
    out->fd = fd;
    return true;
}

bool io_open_path(IoFile *out, Io io, const char *path, int mode, Err *err)
{
    *out = (IoFile){io, -1};
    int fd = io.ops->open(io.self, AT_FDCWD, path, open_flags(mode), 0600);
    if (fd < 0) return err_set_errno(err, -fd, "cannot %s %s", verb(mode), path);
    struct stat st;
    if (fstat(fd, &st) < 0 || S_ISDIR(st.st_mode)) {
        io.ops->close(io.self, fd);
        return err_set(err, SQLSTATE_IO, "%s is a directory", path);
    }
    out->fd = fd;
    return true;
}

void io_close(IoFile *f)
{
    if (f->fd >= 0) f->io.ops->close(f->io.self, f->fd);
    f->fd = -1;
}

bool io_open_parent(IoDir *out, Io io, const char *path, Arena *mem, const char **name, Err *err)
{
    *out = (IoDir){io, -1};
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    if (!check_name(last, err)) return false;
    const char *above = ".";
    if (slash == path)
        above = "/";
    else if (slash)
        above = arena_cstr(mem, (Str){path, (size_t)(slash - path)});
    *name = arena_cstr(mem, str_of(last));
    return io_dir_open(out, io, above, false, err);
}
