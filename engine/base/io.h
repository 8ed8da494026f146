// Io: the one seam to the file system. Only this room opens, writes, syncs, renames or removes a file, so
// that tests can count, cut, fail and replay every one of these calls. Relies on err, buf, arena.
#ifndef ENGINE_BASE_IO_H
#define ENGINE_BASE_IO_H

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include <sys/types.h>

typedef enum IoMode {
    IO_READ = 1,
    IO_WRITE = 2,  // read and write
    IO_CREATE = 4, // made when absent (with IO_WRITE)
    IO_NEW = 8,    // must not exist yet
    IO_APPEND = 16,
    IO_TRUNCATE = 32,
} IoMode;

// The calls as a table; all return 0 or a count, or -errno. A test wraps io_posix() and puts its own faults
// between.
typedef struct IoOps {
    int (*open)(void *self, int dir_fd, const char *name, int flags,
                mode_t mode); // O_NOFOLLOW|O_CLOEXEC are in flags
    int (*close)(void *self, int fd);
    ssize_t (*read)(void *self, int fd, void *at, size_t len, off_t offset); // pread; offset -1 = read
    ssize_t (*write)(void *self, int fd, const void *at, size_t len,
                     off_t offset); // pwrite; offset -1 = write
    int (*sync)(void *self, int fd, bool data_only);
    int (*truncate)(void *self, int fd, off_t size);
    int (*allocate)(void *self, int fd, off_t size); // space for [0, size), zeroed, size of the file grows
    int (*rename)(void *self, int dir_fd, const char *from, int to_dir_fd, const char *to);
    int (*unlink)(void *self, int dir_fd, const char *name, bool is_dir);
    int (*mkdir)(void *self, int dir_fd, const char *name, mode_t mode);
} IoOps;
typedef struct Io {
    const IoOps *ops;
    void *self;
} Io;
Io io_posix(void);

typedef struct IoDir {
    Io io;
    int fd;
} IoDir; // an open directory; fd -1 = closed
typedef struct IoFile {
    Io io;
    int fd;
} IoFile; // an open file; fd -1 = closed
#define IO_DIR_NONE  ((IoDir){.fd = -1})
#define IO_FILE_NONE ((IoFile){.fd = -1})

// Names are single path components (no '/', not "." or "..": refused with 42602); everything is openat(2)
// below a directory that was opened once, links are never followed, files are made 0600 and directories 0700.
// io_dir_open takes a whole path and may make its last component.
MUST_CHECK bool io_dir_open(IoDir *out, Io io, const char *path, bool create, Err *err);
MUST_CHECK bool io_dir_open_at(IoDir *out, const IoDir *parent, const char *name, bool create, Err *err);
void io_dir_close(IoDir *d);
MUST_CHECK bool io_dir_sync(const IoDir *d, Err *err); // makes renames, new and removed names durable
// Names in the directory without "." and "..", sorted by bytes; strings in mem.
MUST_CHECK bool io_dir_list(const IoDir *d, Arena *mem, Str **names, size_t *count, Err *err);
bool io_exists(const IoDir *d, const char *name);
MUST_CHECK bool io_rename(const IoDir *d, const char *from, const char *to, Err *err);
MUST_CHECK bool io_rename_between(const IoDir *from_dir, const char *from, const IoDir *to_dir,
                                  const char *to, Err *err);
MUST_CHECK bool io_remove(const IoDir *d, const char *name, Err *err);     // a file; absent is an error
MUST_CHECK bool io_remove_dir(const IoDir *d, const char *name, Err *err); // an empty directory

MUST_CHECK bool io_open(IoFile *out, const IoDir *d, const char *name, int mode, Err *err);
// A whole path given by the user (import, export, editor files); links are followed here, mode 0600 when
// made.
MUST_CHECK bool io_open_path(IoFile *out, Io io, const char *path, int mode, Err *err);
void io_close(IoFile *f);
// All of it or an error; short reads and EINTR are handled here. offset -1 = current position / append.
MUST_CHECK bool io_write(IoFile *f, const void *at, size_t len, int64_t offset, Err *err);
// Up to len bytes; *got < len only at the end of the file.
MUST_CHECK bool io_read(IoFile *f, void *at, size_t len, int64_t offset, size_t *got, Err *err);
MUST_CHECK bool io_sync(IoFile *f, Err *err); // fdatasync
MUST_CHECK bool io_truncate(IoFile *f, int64_t size, Err *err);
MUST_CHECK bool io_allocate(IoFile *f, int64_t size, Err *err);
MUST_CHECK bool io_size(const IoFile *f, int64_t *size, Err *err);
// Whole small files, appended to out. Larger ones than out->max are refused (53400).
MUST_CHECK bool io_read_all(const IoDir *d, const char *name, Bytes *out, Err *err); // limit: out->max
MUST_CHECK bool io_read_path(Io io, const char *path, Bytes *out, Err *err);
// Temporary file beside it, fdatasync, rename, directory sync: the old or the new content, never a mixture.
MUST_CHECK bool io_replace(const IoDir *d, const char *name, Str content, Err *err);
// The temporary names end in IO_TEMPORARY and eight hexadecimal digits; what a crash left of them may be
// removed.
#define IO_TEMPORARY ".tmp-"
bool io_is_temporary(Str name);
// The same for a path given by the user: a link is followed, the mode of a file that was there is kept.
MUST_CHECK bool io_replace_path(Io io, const char *path, Str content, Err *err);
// A file that has no name and goes with its descriptor (spills, long results); in $TMPDIR or /tmp, 0600.
MUST_CHECK bool io_open_unnamed(IoFile *out, Io io, Err *err);
// Splits a path into its directory (opened) and its last component (in mem).
MUST_CHECK bool io_open_parent(IoDir *out, Io io, const char *path, Arena *mem, const char **name, Err *err);

// The same file behind two descriptors: how a reader notices that a name was given to another file.
bool io_same_file(const IoFile *a, const IoFile *b);

// A lock on a file that ends with the process, however it ends (fcntl OFD lock). When held by another: false,
// and *holder gets the text that the holder wrote ("pid 4711 since 2026-11-21T…"). state 55006.
MUST_CHECK bool io_lock(IoFile *f, Str self, Bytes *holder, Err *err);
// Mode bits of an open file; User_Profile readable by others is refused by its owner with this.
MUST_CHECK bool io_mode(const IoFile *f, mode_t *mode, Err *err);

#endif
