// Kit: the fault-injecting Io. Each call asks `strikes` first; only a write that is cut still reaches the
// disk.
#include "tests/unit/kit_fault_io.h"

#include <errno.h>
#include <fcntl.h>

void fault_io_init(FaultIo *f)
{
    *f = (FaultIo){.under = io_posix(), .watched = FAULT_CHANGES};
    atomic_init(&f->space, -1);
}

static int index_of(unsigned kind) { return __builtin_ctz(kind); }

long fault_io_count(const FaultIo *f, FaultCall kind) { return atomic_load(&f->count[index_of(kind)]); }

// Counts a call; true when it has to fail. kinds: one bit, or FAULT_OPEN|FAULT_MAKE.
static bool strikes(FaultIo *f, unsigned kinds)
{
    for (unsigned rest = kinds; rest; rest &= rest - 1) atomic_fetch_add(&f->count[index_of(rest)], 1);
    if (!(f->watched & kinds)) return false;
    long number = atomic_fetch_add(&f->seen, 1) + 1;
    if (f->fail_at == 0 || number < f->fail_at || (number > f->fail_at && !f->forever)) return false;
    atomic_fetch_add(&f->failed, 1);
    return true;
}

static int reason(const FaultIo *f) { return f->error ? -f->error : -EIO; }

static int fault_open(void *self, int dir_fd, const char *name, int flags, mode_t mode)
{
    FaultIo *f = self;
    bool makes = (flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE;
    if (strikes(f, makes ? FAULT_OPEN | FAULT_MAKE : FAULT_OPEN)) return reason(f);
    return f->under.ops->open(f->under.self, dir_fd, name, flags, mode);
}

static int fault_close(void *self, int fd)
{
    FaultIo *f = self;
    bool fails = strikes(f, FAULT_CLOSE);
    int result = f->under.ops->close(f->under.self, fd); // a failing close still closes
    return fails ? reason(f) : result;
}

static ssize_t fault_read(void *self, int fd, void *at, size_t len, off_t offset)
{
    FaultIo *f = self;
    if (strikes(f, FAULT_READ)) return reason(f);
    if (f->short_max && len > f->short_max) len = f->short_max;
    return f->under.ops->read(f->under.self, fd, at, len, offset);
}

// What of `len` bytes still fits; -1 when nothing does.
static ssize_t take_space(FaultIo *f, size_t len)
{
    long long space = atomic_load(&f->space);
    while (space >= 0) {
        long long taken = (long long)len < space ? (long long)len : space;
        if (taken == 0 && len) return -1;
        if (atomic_compare_exchange_weak(&f->space, &space, space - taken)) return (ssize_t)taken;
    }
    return (ssize_t)len;
}

static ssize_t fault_write(void *self, int fd, const void *at, size_t len, off_t offset)
{
    FaultIo *f = self;
    const IoOps *ops = f->under.ops;
    if (strikes(f, FAULT_WRITE)) {
        size_t cut = f->cut < len ? f->cut : len;
        if (cut) {
            ssize_t done = ops->write(f->under.self, fd, at, cut, offset);
            (void)done; // what stands on the disk is the test's business, the caller sees the error
        }
        return reason(f);
    }
    if (f->short_max && len > f->short_max) len = f->short_max;
    ssize_t fits = take_space(f, len);
    if (fits < 0) {
        atomic_fetch_add(&f->failed, 1);
        return -ENOSPC;
    }
    return ops->write(f->under.self, fd, at, (size_t)fits, offset);
}

static int fault_sync(void *self, int fd, bool data_only)
{
    FaultIo *f = self;
    return strikes(f, FAULT_SYNC) ? reason(f) : f->under.ops->sync(f->under.self, fd, data_only);
}

static int fault_truncate(void *self, int fd, off_t size)
{
    FaultIo *f = self;
    return strikes(f, FAULT_TRUNCATE) ? reason(f) : f->under.ops->truncate(f->under.self, fd, size);
}

static int fault_allocate(void *self, int fd, off_t size)
{
    FaultIo *f = self;
    return strikes(f, FAULT_ALLOCATE) ? reason(f) : f->under.ops->allocate(f->under.self, fd, size);
}

static int fault_rename(void *self, int dir_fd, const char *from, int to_dir_fd, const char *to)
{
    FaultIo *f = self;
    return strikes(f, FAULT_RENAME) ? reason(f)
                                    : f->under.ops->rename(f->under.self, dir_fd, from, to_dir_fd, to);
}

static int fault_unlink(void *self, int dir_fd, const char *name, bool is_dir)
{
    FaultIo *f = self;
    return strikes(f, FAULT_UNLINK) ? reason(f) : f->under.ops->unlink(f->under.self, dir_fd, name, is_dir);
}

static int fault_mkdir(void *self, int dir_fd, const char *name, mode_t mode)
{
    FaultIo *f = self;
    return strikes(f, FAULT_MKDIR) ? reason(f) : f->under.ops->mkdir(f->under.self, dir_fd, name, mode);
}

Io fault_io(FaultIo *f)
{
    static const IoOps ops = {
        .open = fault_open,
        .close = fault_close,
        .read = fault_read,
        .write = fault_write,
        .sync = fault_sync,
        .truncate = fault_truncate,
        .allocate = fault_allocate,
        .rename = fault_rename,
        .unlink = fault_unlink,
        .mkdir = fault_mkdir,
    };
    return (Io){&ops, f};
}
