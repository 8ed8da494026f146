// Kit: temporary directories. Plain C library calls on purpose: a test must not look through the code it
// tests.
#include "tests/unit/kit_dir.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void give_up(const char *what)
{
    perror(what);
    exit(99);
}

void kit_dir_make(KitDir *d)
{
    const char *where = getenv("TMPDIR");
    int len = snprintf(d->path, sizeof d->path, "%s/d2db-test-XXXXXX", where && *where ? where : "/tmp");
    if (len < 0 || (size_t)len >= sizeof d->path || !mkdtemp(d->path)) give_up("mkdtemp");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

void kit_dir_remove(const KitDir *d) { nftw(d->path, remove_one, 16, FTW_DEPTH | FTW_PHYS); }

const char *kit_dir_path(const KitDir *d, const char *name, char *out)
{
    int len = snprintf(out, KIT_PATH_MAX, "%s/%s", d->path, name);
    if (len < 0 || len >= KIT_PATH_MAX) give_up("path");
    return out;
}

char *kit_dir_read(const KitDir *d, const char *name, size_t *len)
{
    char path[KIT_PATH_MAX];
    FILE *f = fopen(kit_dir_path(d, name, path), "rb");
    if (!f) return NULL;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *at = malloc((size_t)size + 1);
    if (!at || fread(at, 1, (size_t)size, f) != (size_t)size) give_up(path);
    fclose(f);
    at[size] = 0;
    if (len) *len = (size_t)size;
    return at;
}

void kit_dir_write(const KitDir *d, const char *name, const char *at, size_t len)
{
    char path[KIT_PATH_MAX];
    FILE *f = fopen(kit_dir_path(d, name, path), "wb");
    if (!f || fwrite(at, 1, len, f) != len || fclose(f) != 0) give_up(path);
}
