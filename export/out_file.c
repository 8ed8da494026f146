// OutFile: see out_file.h. One buffer of 64 KiB before the descriptor; memory files grow a Bytes instead. The
// temporary file's name is ".NAME.d2db-XXXXXXXX" in the directory of the target, so that the rename never
// crosses a file system.
#include "export/out_file.h"

#include "engine/base/random.h"
#include "engine/base/size.h"
#include "engine/base/utf8.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUT_BUFFER = 64 << 10, OUT_TRIES = 16, OUT_SAFE_MAX = 64 << 20 };

struct OutFile {
    Arena mem; // the names
    IoDir dir; // of the target; closed unless a temporary file is written
    const char *name, *temporary;
    IoFile file;
    bool in_memory, owns_file;
    Bytes buffer;
    uint64_t size;
    Err err;
};

static OutFile *out_file_make(size_t max, Err *err)
{
    OutFile *o = size_alloc_zero(1, sizeof *o);
    if (!o) {
        err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for an output file");
        return NULL;
    }
    o->dir = IO_DIR_NONE;
    o->file = IO_FILE_NONE;
    bytes_init(&o->buffer, max);
    return o;
}

static void out_file_free(OutFile *o)
{
    if (o->owns_file) io_close(&o->file);
    if (o->dir.fd >= 0) io_dir_close(&o->dir);
    bytes_done(&o->buffer);
    arena_done(&o->mem);
    free(o);
}

static bool out_file_open_temporary(OutFile *o, Io io, const char *path, Err *err)
{
    if (!io_open_parent(&o->dir, io, path, &o->mem, &o->name, err)) return false;
    for (int i = 0; i < OUT_TRIES; i++) {
        uint32_t salt;
        if (!random_secret(&salt, sizeof salt, err)) return false;
        o->temporary = arena_printf(&o->mem, ".%s.d2db-%08x", o->name, (unsigned)salt).at;
        if (io_exists(&o->dir, o->temporary)) continue;
        o->owns_file = io_open(&o->file, &o->dir, o->temporary, IO_WRITE | IO_CREATE | IO_NEW, err);
        if (!o->owns_file) o->temporary = NULL;
        return o->owns_file;
    }
    o->temporary = NULL;
    return err_set(err, SQLSTATE_IO, "cannot find a free name for a temporary file beside %s", path);
}

// A symbolic link is written through; what is no regular file (device, pipe) is written in place.
static bool out_file_open_path(OutFile *o, Io io, const char *path, Err *err)
{
    struct stat st;
    bool there = stat(path, &st) == 0;
    if (there && S_ISDIR(st.st_mode)) return err_set(err, SQLSTATE_IO, "%s is a directory", path);
    if (there && !S_ISREG(st.st_mode)) return o->owns_file = io_open_path(&o->file, io, path, IO_WRITE, err);
    char *real = there ? realpath(path, NULL) : NULL;
    bool ok = out_file_open_temporary(o, io, real ? real : path, err);
    free(real);
    return ok;
}

bool out_file_open(OutFile **out, Io io, const char *path, Err *err)
{
    OutFile *o = *out = out_file_make(OUT_BUFFER * 2, err);
    if (!o) return false;
    if (!path || strcmp(path, "-") == 0) {
        o->file = (IoFile){.io = io, .fd = STDOUT_FILENO};
        return true;
    }
    if (out_file_open_path(o, io, path, err)) return true;
    out_file_free(o);
    *out = NULL;
    return false;
}

bool out_file_memory(OutFile **out, size_t max, Err *err)
{
    *out = out_file_make(max, err);
    if (!*out) return false;
    (*out)->in_memory = true;
    return true;
}

static void out_flush(OutFile *o)
{
    if (o->in_memory || err_any(&o->err) || !o->buffer.len) return;
    if (!io_write(&o->file, o->buffer.at, o->buffer.len, -1, &o->err))
        err_note(&o->err, "while writing %s", o->name ? o->name : "the output");
    bytes_clear(&o->buffer);
}

void out_put(OutFile *o, Str s)
{
    if (err_any(&o->err)) return;
    o->size += s.len;
    while (!o->in_memory && o->buffer.len + s.len > OUT_BUFFER) {
        Str part = str_slice(s, 0, OUT_BUFFER - o->buffer.len);
        bytes_put(&o->buffer, part);
        out_flush(o);
        if (err_any(&o->err)) return;
        s = str_slice(s, part.len, s.len);
    }
    bytes_put(&o->buffer, s);
    if (o->buffer.failed)
        err_set(&o->err, SQLSTATE_OUT_OF_MEMORY, "the output exceeds %zu bytes", o->buffer.max);
}

void out_byte(OutFile *o, char byte) { out_put(o, (Str){&byte, 1}); }

void out_repeat(OutFile *o, Str s, size_t count)
{
    for (size_t i = 0; i < count; i++) out_put(o, s);
}

void out_printf(OutFile *o, const char *format, ...)
{
    char small[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (len < 0) return;
    if ((size_t)len < sizeof small) {
        out_put(o, (Str){small, (size_t)len});
        return;
    }
    char *large = size_alloc((size_t)len + 1, 1);
    if (!large) {
        err_set(&o->err, SQLSTATE_OUT_OF_MEMORY, "no memory for a line of %d bytes", len);
        return;
    }
    va_start(args, format);
    vsnprintf(large, (size_t)len + 1, format, args);
    va_end(args);
    out_put(o, (Str){large, (size_t)len});
    free(large);
}

void out_safe(OutFile *o, Str s)
{
    Bytes safe;
    bytes_init(&safe, OUT_SAFE_MAX);
    utf8_safe(&safe, s, false);
    out_put(o, bytes_str(&safe));
    if (safe.failed) err_set(&o->err, SQLSTATE_LIMIT, "a name of %zu bytes is too long to be shown", s.len);
    bytes_done(&safe);
}

bool out_failed(const OutFile *o) { return err_any(&o->err); }
uint64_t out_size(const OutFile *o) { return o->size; }
Str out_text(const OutFile *o) { return o->in_memory ? bytes_str(&o->buffer) : STR_NONE; }

static bool out_file_publish(OutFile *o, Err *err)
{
    if (!o->temporary) return true;
    if (!io_sync(&o->file, err)) return false;
    if (!io_rename(&o->dir, o->temporary, o->name, err)) return false;
    o->temporary = NULL;
    return io_dir_sync(&o->dir, err);
}

bool out_file_finish(OutFile *o, Err *err)
{
    out_flush(o);
    bool ok = !err_any(&o->err);
    if (!ok) *err = o->err;
    ok = ok && out_file_publish(o, err);
    out_file_abandon(o);
    return ok;
}

void out_file_abandon(OutFile *o)
{
    if (!o) return;
    Err ignored = {0};
    if (o->temporary && !io_remove(&o->dir, o->temporary, &ignored)) err_clear(&ignored);
    out_file_free(o);
}
