// Io, contents: whole reads and writes, replacing a file so that a crash leaves the old or the new, nameless
// files, and the lock that ends with its process. Relies on err, buf, arena.
#include "engine/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 16, STEM_MAX = 200, HOLDER_MAX = 256, READ_STEP = 64 << 10 };

bool io_write(IoFile *f, const void *at, size_t len, int64_t offset, Err *err)
{
    const char *p = at;
    while (len) {
        ssize_t n = f->io.ops->write(f->io.self, f->fd, p, len, (off_t)offset);
        if (n == -EINTR) continue;
        if (n <= 0) return err_set_errno(err, n ? (int)-n : EIO, "cannot write %zu bytes", len);
        p += n;
        len -= (size_t)n;
        if (offset >= 0) offset += n;
    }
    return true;
}

bool io_read(IoFile *f, void *at, size_t len, int64_t offset, size_t *got, Err *err)
{
    char *p = at;
    *got = 0;
    while (*got < len) {
        ssize_t n = f->io.ops->read(f->io.self, f->fd, p + *got, len - *got, (off_t)offset);
        if (n == -EINTR) continue;
        if (n < 0) return err_set_errno(err, (int)-n, "cannot read");
        if (n == 0) break;
        *got += (size_t)n;
        if (offset >= 0) offset += n;
    }
    return true;
}

bool io_sync(IoFile *f, Err *err)
{
    int result = f->io.ops->sync(f->io.self, f->fd, true);
    return result == 0 || err_set_errno(err, -result, "cannot sync a file to its disk");
}

bool io_truncate(IoFile *f, int64_t size, Err *err)
{
    int result = f->io.ops->truncate(f->io.self, f->fd, (off_t)size);
    return result == 0 || err_set_errno(err, -result, "cannot set the size of a file");
}

bool io_allocate(IoFile *f, int64_t size, Err *err)
{
    int result = f->io.ops->allocate(f->io.self, f->fd, (off_t)size);
    return result == 0 ||
           err_set_errno(err, -result, "cannot reserve %lld bytes for a file", (long long)size);
}

bool io_size(const IoFile *f, int64_t *size, Err *err)
{
    struct stat st;
    if (fstat(f->fd, &st) < 0) return err_set_errno(err, errno, "cannot ask for the size of a file");
    *size = st.st_size;
    return true;
}

bool io_mode(const IoFile *f, mode_t *mode, Err *err)
{
    struct stat st;
    if (fstat(f->fd, &st) < 0) return err_set_errno(err, errno, "cannot ask for the mode of a file");
    *mode = st.st_mode & 07777;
    return true;
}

bool io_same_file(const IoFile *a, const IoFile *b)
{
    struct stat one, other;
    return fstat(a->fd, &one) == 0 && fstat(b->fd, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

static bool too_large(const Bytes *out, const char *name, Err *err)
{
    return err_set(err, "53400", "%s is larger than the %zu bytes that are allowed here", name, out->max);
}

// The size is only a first guess: pipes have none, and a file may grow while it is read.
static bool read_whole(IoFile *f, const char *name, Bytes *out, Err *err)
{
    int64_t size = 0;
    if (!io_size(f, &size, err)) return false;
    if (size > 0 && (uint64_t)size > out->max - out->len) return too_large(out, name, err);
    size_t step = size > 0 ? (size_t)size + 1 : READ_STEP;
    for (;;) {
        size_t room = out->max - out->len, got = 0;
        char past_end;
        if (step > room) step = room;
        if (step == 0) {
            if (!io_read(f, &past_end, 1, -1, &got, err)) return false;
            return got == 0 || too_large(out, name, err);
        }
        char *at = bytes_reserve(out, step);
        if (!at) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while reading %s", name);
        if (!io_read(f, at, step, -1, &got, err)) return false;
        bytes_reserve_done(out, got);
        if (got < step) return true;
        step = READ_STEP;
    }
}

static bool read_and_close(IoFile *f, const char *name, Bytes *out, Err *err)
{
    if (!out->at && !out->failed) bytes_put(out, STR_NONE); // an empty file gives "", not NULL
    bool ok = read_whole(f, name, out, err);
    io_close(f);
    return ok || err_note(err, "while reading %s", name);
}

bool io_read_all(const IoDir *d, const char *name, Bytes *out, Err *err)
{
    IoFile f;
    return io_open(&f, d, name, IO_READ, err) && read_and_close(&f, name, out, err);
}

bool io_read_path(Io io, const char *path, Bytes *out, Err *err)
{
    IoFile f;
    return io_open_path(&f, io, path, IO_READ, err) && read_and_close(&f, path, out, err);
}

static bool make_temporary_name(char *out, size_t size, const char *stem, Err *err)
{
    uint32_t salt;
    if (getrandom(&salt, sizeof salt, 0) != (ssize_t)sizeof salt)
        return err_set_errno(err, errno, "cannot get random bytes");
    int len = snprintf(out, size, "%.*s" IO_TEMPORARY "%08x", STEM_MAX, stem, (unsigned)salt);
    return (len > 0 && (size_t)len < size) || err_set(err, "42602", "the name %.80s is too long", stem);
}

bool io_is_temporary(Str name)
{
    const size_t mark = sizeof IO_TEMPORARY - 1;
    uint64_t salt;
    return name.len >= mark + 8 && str_equal(str_slice(name, name.len - 8 - mark, mark), STR(IO_TEMPORARY)) &&
           str_to_hex64(str_slice(name, name.len - 8, 8), &salt);
}

static bool open_temporary(IoFile *f, const IoDir *d, const char *stem, char *name, size_t size, Err *err)
{
    for (int i = 0; i < TRIES; i++) {
        Err now = {0};
        if (!make_temporary_name(name, size, stem, err)) return false;
        if (io_open(f, d, name, IO_WRITE | IO_NEW, &now)) return true;
        if (!err_is(&now, "58P02") || i == TRIES - 1) {
            *err = now;
            return false;
        }
    }
    return false;
}

// keep_mode: permissions of the file that is replaced; 0 = 0600.
static bool replace(const IoDir *d, const char *name, Str content, mode_t keep_mode, Err *err)
{
    char temporary[STEM_MAX + sizeof IO_TEMPORARY + 8];
    IoFile f;
    if (!open_temporary(&f, d, name, temporary, sizeof temporary, err))
        return err_note(err, "while writing %s", name);
    bool ok = io_write(&f, content.at, content.len, -1, err);
    if (ok && keep_mode && fchmod(f.fd, keep_mode) < 0) ok = err_set_errno(err, errno, "cannot set the mode");
    ok = ok && io_sync(&f, err);
    io_close(&f);
    ok = ok && io_rename(d, temporary, name, err);
    if (!ok) {
        d->io.ops->unlink(d->io.self, d->fd, temporary, false);
        return err_note(err, "while writing %s", name);
    }
    return io_dir_sync(d, err) || err_note(err, "while writing %s", name);
}

bool io_replace(const IoDir *d, const char *name, Str content, Err *err)
{
    IoFile none;
    if (strchr(name, '/') || !*name || !strcmp(name, ".") || !strcmp(name, ".."))
        return io_open(&none, d, name, IO_READ, err); // says what is wrong with the name
    return replace(d, name, content, 0, err);
}

// A device or pipe cannot be replaced: /dev/stdout and its like are written to.
static bool write_through(Io io, const char *path, Str content, Err *err)
{
    IoFile f;
    if (!io_open_path(&f, io, path, IO_WRITE, err)) return false;
    bool ok = io_write(&f, content.at, content.len, -1, err);
    io_close(&f);
    return ok || err_note(err, "while writing %s", path);
}

bool io_replace_path(Io io, const char *path, Str content, Err *err)
{
    Arena mem = {0};
    IoDir d = IO_DIR_NONE;
    const char *name = NULL;
    struct stat st;
    bool there = stat(path, &st) == 0;
    if (there && !S_ISREG(st.st_mode)) return write_through(io, path, content, err);
    char *real = there ? realpath(path, NULL) : NULL;
    mode_t mode = there ? st.st_mode & 0777 : 0;
    bool ok =
        io_open_parent(&d, io, real ? real : path, &mem, &name, err) && replace(&d, name, content, mode, err);
    io_dir_close(&d);
    free(real);
    arena_done(&mem);
    return ok;
}

bool io_open_unnamed(IoFile *out, Io io, Err *err)
{
    const char *where = getenv("TMPDIR");
    if (!where || !*where) where = "/tmp";
    *out = (IoFile){io, -1};
    int fd = io.ops->open(io.self, AT_FDCWD, where, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) {
        out->fd = fd;
        return true;
    }
    if (fd != -EOPNOTSUPP && fd != -EISDIR && fd != -ENOENT)
        return err_set_errno(err, -fd, "cannot make a temporary file in %s", where);
    IoDir d; // a file system without O_TMPFILE: a name that is removed at once
    char name[STEM_MAX + sizeof IO_TEMPORARY + 8];
    if (!io_dir_open(&d, io, where, false, err)) return false;
    bool ok = open_temporary(out, &d, "d2db", name, sizeof name, err);
    if (ok) d.io.ops->unlink(d.io.self, d.fd, name, false);
    io_dir_close(&d);
    return ok;
}

bool io_lock(IoFile *f, Str self, Bytes *holder, Err *err)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(f->fd, F_OFD_SETLK, &lock) == 0)
        return io_truncate(f, 0, err) && io_write(f, self.at, self.len, 0, err);
    if (errno != EAGAIN && errno != EACCES) return err_set_errno(err, errno, "cannot lock a file");
    char text[HOLDER_MAX];
    size_t got = 0;
    Err unread = {0};
    if (!io_read(f, text, sizeof text, 0, &got, &unread)) got = 0; // it only makes the sentence better
    Str who = str_trim((Str){text, got});
    bytes_put(holder, who);
    return err_set(err, "55006", "it is in use by %.*s", STR_ARG(who.len ? who : STR("another process")));
}
