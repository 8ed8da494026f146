// Kit: recording calls. Every call goes to the real disk under one mutex and leaves an event, so the order of
// events is the order in which the disk was asked. Rebuilding is in kit_power_state.c.
#include "tests/crash/kit_power_in.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void *power_memory(void *old, size_t count, size_t size)
{
    void *at = size_realloc(old, count, size);
    if (!at) size_exhausted(count);
    return at;
}

static PowerEvent *event_add(PowerIo *p, PowerEventKind kind, uint32_t node)
{
    if (p->events == p->event_cap) {
        p->event_cap = p->event_cap ? p->event_cap * 2 : 1024;
        p->event = power_memory(p->event, p->event_cap, sizeof *p->event);
    }
    PowerEvent *e = &p->event[p->events++];
    *e = (PowerEvent){.kind = kind, .node = node, .other = POWER_NO_NODE};
    return e;
}

static uint32_t node_new(PowerIo *p, ino_t number)
{
    if (p->nodes == p->node_cap) {
        p->node_cap = p->node_cap ? p->node_cap * 2 : 256;
        p->number = power_memory(p->number, p->node_cap, sizeof *p->number);
    }
    p->number[p->nodes] = number;
    return p->nodes++;
}

// The newest node with this inode number: a removed file's number may have been given again.
static uint32_t node_of(const PowerIo *p, ino_t number)
{
    for (uint32_t i = p->nodes; i-- > 0;)
        if (p->number[i] == number) return i;
    return POWER_NO_NODE;
}

static uint32_t node_of_fd(const PowerIo *p, int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? node_of(p, st.st_ino) : POWER_NO_NODE;
}

static uint32_t node_at(const PowerIo *p, int dir_fd, const char *name)
{
    struct stat st;
    return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? node_of(p, st.st_ino) : POWER_NO_NODE;
}

// The directory that a name is in, and the name's last part; POWER_NO_NODE outside of the root.
static uint32_t directory_of(const PowerIo *p, int dir_fd, const char *name, const char **last)
{
    const char *slash = strrchr(name, '/');
    *last = slash ? slash + 1 : name;
    if (!slash) return dir_fd == AT_FDCWD ? POWER_NO_NODE : node_of_fd(p, dir_fd);
    char path[512];
    snprintf(path, sizeof path, "%.*s", (int)(slash - name), name);
    return node_at(p, dir_fd, path);
}

static char *copy_of(const char *text) { return strcpy(power_memory(NULL, strlen(text) + 1, 1), text); }

static void entry_event(PowerIo *p, uint32_t dir, const char *name, uint32_t node)
{
    PowerEvent *e = event_add(p, POWER_ENTRY, dir);
    e->name = copy_of(name);
    e->other = node;
}

static int record_open(void *self, int dir_fd, const char *name, int flags, mode_t mode)
{
    PowerIo *p = self;
    Io real = io_posix();
    mutex_lock(&p->mutex);
    struct stat st;
    bool was = fstatat(dir_fd, name, &st, 0) == 0;
    int fd = real.ops->open(real.self, dir_fd, name, flags, mode);
    const char *last;
    uint32_t dir = directory_of(p, dir_fd, name, &last);
    bool named = (flags & O_TMPFILE) != O_TMPFILE;
    if (fd >= 0 && named && dir != POWER_NO_NODE && fstat(fd, &st) == 0) {
        if (!was) entry_event(p, dir, last, node_new(p, st.st_ino));
        if (was && (flags & O_TRUNC) && node_of(p, st.st_ino) != POWER_NO_NODE)
            event_add(p, POWER_TRUNCATE, node_of(p, st.st_ino));
    }
    mutex_unlock(&p->mutex);
    return fd;
}

static int record_close(void *self, int fd)
{
    (void)self;
    Io real = io_posix();
    return real.ops->close(real.self, fd);
}

static ssize_t record_read(void *self, int fd, void *at, size_t len, off_t offset)
{
    (void)self;
    Io real = io_posix();
    return real.ops->read(real.self, fd, at, len, offset);
}

static ssize_t record_write(void *self, int fd, const void *at, size_t len, off_t offset)
{
    PowerIo *p = self;
    Io real = io_posix();
    mutex_lock(&p->mutex);
    off_t from = offset;
    if (from < 0) from = lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
    ssize_t done = real.ops->write(real.self, fd, at, len, offset);
    uint32_t node = node_of_fd(p, fd);
    if (done > 0 && node != POWER_NO_NODE) {
        PowerEvent *e = event_add(p, POWER_WRITE, node);
        e->from = (size_t)from;
        e->len = (size_t)done;
        e->data = memcpy(power_memory(NULL, (size_t)done, 1), at, (size_t)done);
    }
    mutex_unlock(&p->mutex);
    return done;
}

static int record_sync(void *self, int fd, bool data_only)
{
    PowerIo *p = self;
    (void)data_only; // the real disk is not asked: the record says what is durable
    mutex_lock(&p->mutex);
    uint32_t node = node_of_fd(p, fd);
    if (node != POWER_NO_NODE) event_add(p, POWER_SYNC, node);
    mutex_unlock(&p->mutex);
    return 0;
}

static int resize(PowerIo *p, int fd, off_t size, bool grow)
{
    Io real = io_posix();
    mutex_lock(&p->mutex);
    int result = grow ? real.ops->allocate(real.self, fd, size) : real.ops->truncate(real.self, fd, size);
    uint32_t node = node_of_fd(p, fd);
    if (result == 0 && node != POWER_NO_NODE)
        event_add(p, grow ? POWER_GROW : POWER_TRUNCATE, node)->from = (size_t)size;
    mutex_unlock(&p->mutex);
    return result;
}

static int record_truncate(void *self, int fd, off_t size) { return resize(self, fd, size, false); }
static int record_allocate(void *self, int fd, off_t size) { return resize(self, fd, size, true); }

static int record_rename(void *self, int dir_fd, const char *from, int to_dir_fd, const char *to)
{
    PowerIo *p = self;
    Io real = io_posix();
    mutex_lock(&p->mutex);
    const char *last, *new_last;
    uint32_t node = node_at(p, dir_fd, from);
    uint32_t dir = directory_of(p, dir_fd, from, &last), new_dir = directory_of(p, to_dir_fd, to, &new_last);
    int result = real.ops->rename(real.self, dir_fd, from, to_dir_fd, to);
    if (result == 0 && node != POWER_NO_NODE && dir != POWER_NO_NODE && new_dir != POWER_NO_NODE) {
        if (dir != new_dir) fprintf(stderr, "kit_power: a rename between directories\n"), abort();
        PowerEvent *e = event_add(p, POWER_RENAME, dir);
        e->name = copy_of(last);
        e->new_name = copy_of(new_last);
        e->other = node;
    }
    mutex_unlock(&p->mutex);
    return result;
}

static int record_unlink(void *self, int dir_fd, const char *name, bool is_dir)
{
    PowerIo *p = self;
    Io real = io_posix();
    mutex_lock(&p->mutex);
    int result = real.ops->unlink(real.self, dir_fd, name, is_dir);
    const char *last;
    uint32_t dir = directory_of(p, dir_fd, name, &last);
    if (result == 0 && dir != POWER_NO_NODE) entry_event(p, dir, last, POWER_NO_NODE);
    mutex_unlock(&p->mutex);
    return result;
}

static int record_mkdir(void *self, int dir_fd, const char *name, mode_t mode)
{
    PowerIo *p = self;
    Io real = io_posix();
    mutex_lock(&p->mutex);
    const char *last;
    uint32_t dir = directory_of(p, dir_fd, name, &last);
    int result = real.ops->mkdir(real.self, dir_fd, name, mode);
    struct stat st;
    if (result == 0 && dir != POWER_NO_NODE && fstatat(dir_fd, name, &st, 0) == 0) {
        uint32_t node = node_new(p, st.st_ino);
        event_add(p, POWER_DIRECTORY, node);
        entry_event(p, dir, last, node);
    }
    mutex_unlock(&p->mutex);
    return result;
}

Io power_io(PowerIo *p)
{
    static const IoOps ops = {
        .open = record_open,
        .close = record_close,
        .read = record_read,
        .write = record_write,
        .sync = record_sync,
        .truncate = record_truncate,
        .allocate = record_allocate,
        .rename = record_rename,
        .unlink = record_unlink,
        .mkdir = record_mkdir,
    };
    return (Io){&ops, p};
}

// What is below the root already is on the disk for good.
static void adopt(PowerIo *p, uint32_t node, const char *path)
{
    DIR *d = opendir(path);
    if (!d) perror(path), abort();
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        char below[1024];
        struct stat st;
        snprintf(below, sizeof below, "%s/%s", path, e->d_name);
        if (stat(below, &st) != 0) perror(below), abort();
        uint32_t child = node_new(p, st.st_ino);
        entry_event(p, node, e->d_name, child);
        if (S_ISDIR(st.st_mode)) {
            event_add(p, POWER_DIRECTORY, child);
            adopt(p, child, below);
            continue;
        }
        PowerEvent *w = event_add(p, POWER_WRITE, child);
        w->len = (size_t)st.st_size;
        w->data = power_memory(NULL, w->len + 1, 1);
        int fd = open(below, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || pread(fd, w->data, w->len, 0) != st.st_size) perror(below), abort();
        close(fd);
        event_add(p, POWER_SYNC, child);
    }
    closedir(d);
    event_add(p, POWER_SYNC, node);
}

PowerIo *power_new(const char *root)
{
    PowerIo *p = power_memory(NULL, 1, sizeof *p);
    *p = (PowerIo){0};
    mutex_init(&p->mutex);
    struct stat st;
    if (stat(root, &st) != 0) fprintf(stderr, "kit_power: no directory %s\n", root), abort();
    event_add(p, POWER_DIRECTORY, node_new(p, st.st_ino));
    adopt(p, 0, root);
    p->first = p->events;
    return p;
}

void power_free(PowerIo *p)
{
    power_state_done(p);
    for (size_t i = 0; i < p->events; i++) {
        free(p->event[i].data);
        free(p->event[i].name);
        free(p->event[i].new_name);
    }
    free(p->event);
    free(p->number);
    mutex_done(&p->mutex);
    free(p);
}

void power_mark(PowerIo *p, unsigned who, int64_t value)
{
    mutex_lock(&p->mutex);
    PowerEvent *e = event_add(p, POWER_MARK, who);
    e->value = value;
    mutex_unlock(&p->mutex);
}

size_t power_first(const PowerIo *p) { return p->first; }
size_t power_calls(const PowerIo *p) { return p->events; }
