// Kit: the disk at a moment, and what is left of it without power.
#include "tests/crash/kit_power_in.h"

#include "engine/base/hash.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void power_state_done(PowerIo *p)
{
    for (uint32_t i = 0; i < p->state_nodes; i++) {
        free(p->node[i].data);
        free(p->node[i].entry);
        free(p->node[i].pending);
    }
    free(p->node);
    p->node = NULL;
    p->state_nodes = 0;
    p->at = 0;
}

static void file_resize(PowerNode *n, size_t size)
{
    if (size > n->cap) {
        n->cap = size + size / 2;
        n->data = power_memory(n->data, n->cap, 1);
    }
    if (size > n->size) memset(n->data + n->size, 0, size - n->size);
    n->size = size;
}

static void write_part(PowerNode *n, const PowerEvent *e, size_t from, size_t to)
{
    if (to == from) return;
    if (to > n->size) file_resize(n, to);
    memcpy(n->data + from, e->data + (from - e->from), to - from);
}

static void entry_set(PowerNode *n, const char *name, uint32_t node)
{
    size_t i = 0;
    while (i < n->entries && strcmp(n->entry[i].name, name) != 0) i++;
    if (node == POWER_NO_NODE) {
        if (i < n->entries) n->entry[i] = n->entry[--n->entries];
        return;
    }
    if (i == n->entries) {
        if (n->entries == n->entry_cap) {
            n->entry_cap = n->entry_cap ? n->entry_cap * 2 : 16;
            n->entry = power_memory(n->entry, n->entry_cap, sizeof *n->entry);
        }
        n->entries++;
    }
    n->entry[i] = (PowerEntry){name, node};
}

static void apply(PowerNode *n, const PowerEvent *e)
{
    switch (e->kind) {
    case POWER_WRITE: write_part(n, e, e->from, e->from + e->len); break;
    case POWER_TRUNCATE: file_resize(n, e->from); break;
    case POWER_GROW:
        if (e->from > n->size) file_resize(n, e->from);
        break;
    case POWER_RENAME:
        entry_set(n, e->name, POWER_NO_NODE);
        entry_set(n, e->new_name, e->other);
        break;
    case POWER_ENTRY: entry_set(n, e->name, e->other); break;
    default: break;
    }
}

static void step(PowerIo *p, size_t at)
{
    const PowerEvent *e = &p->event[at];
    if (e->kind == POWER_MARK) {
        p->mark[e->node] = e->value;
        return;
    }
    PowerNode *n = &p->node[e->node];
    if (e->kind == POWER_DIRECTORY) {
        n->directory = true;
    } else if (e->kind == POWER_SYNC) {
        for (size_t i = 0; i < n->pendings; i++) apply(n, &p->event[n->pending[i]]);
        n->pendings = 0;
    } else {
        if (n->pendings == n->pending_cap) {
            n->pending_cap = n->pending_cap ? n->pending_cap * 2 : 16;
            n->pending = power_memory(n->pending, n->pending_cap, sizeof *n->pending);
        }
        n->pending[n->pendings++] = at;
    }
}

void power_seek(PowerIo *p, size_t at, int64_t marks[POWER_MARKERS])
{
    if (!p->node) {
        p->node = power_memory(NULL, p->nodes, sizeof *p->node);
        memset(p->node, 0, p->nodes * sizeof *p->node);
        p->state_nodes = p->nodes;
        memset(p->mark, 0, sizeof p->mark);
    }
    while (p->at < at) step(p, p->at++);
    memcpy(marks, p->mark, sizeof p->mark);
}

size_t power_pending(const PowerIo *p)
{
    size_t count = 0;
    for (uint32_t i = 0; i < p->state_nodes; i++) count += p->node[i].pendings;
    return count;
}

typedef struct Build {
    PowerIo *p;
    PowerLoss loss;
    uint64_t dice, hash;
    size_t cut; // PREFIX: events from here on are lost
} Build;

static uint64_t roll(const Build *b, uint64_t a, uint64_t c)
{
    uint64_t key[3] = {b->dice, a, c};
    return hash_bytes(key, sizeof key, 0);
}

static bool event_kept(const Build *b, size_t event)
{
    switch (b->loss) {
    case POWER_KEEP: return true;
    case POWER_DROP: return false;
    case POWER_PREFIX: return event < b->cut;
    default: return roll(b, event, 1) & 1;
    }
}

// Of one sector some version is on the disk: with all writes before and up to one of those that touch it.
static size_t sector_version(const Build *b, const PowerNode *n, const size_t *touching, size_t count,
                             size_t sector)
{
    if (b->loss == POWER_TEAR) return (size_t)(roll(b, (uint64_t)(n - b->p->node), sector) % (count + 1));
    while (count && !event_kept(b, touching[count - 1])) count--;
    return count;
}

static void write_sectors(const Build *b, const PowerNode *n, PowerNode *to, const size_t *event,
                          size_t events)
{
    size_t low = SIZE_MAX, high = 0;
    for (size_t i = 0; i < events; i++) {
        const PowerEvent *e = &b->p->event[event[i]];
        if (e->from < low) low = e->from;
        if (e->from + e->len > high) high = e->from + e->len;
    }
    size_t *touching = power_memory(NULL, events + 1, sizeof *touching);
    for (size_t s = low / POWER_SECTOR; low < high && s * POWER_SECTOR < high; s++) {
        size_t from = s * POWER_SECTOR, end = from + POWER_SECTOR, count = 0;
        for (size_t i = 0; i < events; i++) {
            const PowerEvent *e = &b->p->event[event[i]];
            if (e->from < end && e->from + e->len > from) touching[count++] = event[i];
        }
        count = sector_version(b, n, touching, count, s);
        for (size_t i = 0; i < count; i++) {
            const PowerEvent *e = &b->p->event[touching[i]];
            size_t first = e->from > from ? e->from : from,
                   last = e->from + e->len < end ? e->from + e->len : end;
            write_part(to, e, first, last);
        }
    }
    // The size may be on the disk before the data: then there are zeroes.
    if (b->loss == POWER_TEAR && high > to->size && (roll(b, (uint64_t)(n - b->p->node), UINT64_MAX) & 1))
        file_resize(to, high);
    free(touching);
}

// A change of size is on the disk only with all changes of size before it, and later writes only with it.
static void build_file(const Build *b, const PowerNode *n, PowerNode *to)
{
    file_resize(to, n->size);
    if (n->size) memcpy(to->data, n->data, n->size);
    size_t from = 0;
    for (size_t i = 0; i <= n->pendings; i++) {
        if (i < n->pendings && b->p->event[n->pending[i]].kind == POWER_WRITE) continue;
        if (i > from) write_sectors(b, n, to, n->pending + from, i - from);
        if (i == n->pendings || !event_kept(b, n->pending[i])) break;
        apply(to, &b->p->event[n->pending[i]]);
        from = i + 1;
    }
}

static void put_file(const char *path, const PowerNode *n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    for (size_t done = 0; fd >= 0 && done < n->size;) {
        ssize_t count = write(fd, n->data + done, n->size - done);
        if (count <= 0) break;
        done += (size_t)count;
        if (done == n->size) close(fd), fd = -2;
    }
    if (fd >= 0 && n->size == 0) close(fd), fd = -2;
    if (fd != -2) perror(path), abort();
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const PowerEntry *)a)->name, ((const PowerEntry *)b)->name);
}

static void build_directory(Build *b, uint32_t node, const char *path)
{
    const PowerNode *n = &b->p->node[node];
    PowerNode now = {0};
    for (size_t i = 0; i < n->entries; i++) entry_set(&now, n->entry[i].name, n->entry[i].node);
    for (size_t i = 0; i < n->pendings; i++)
        if (event_kept(b, n->pending[i])) apply(&now, &b->p->event[n->pending[i]]);
    if (now.entries) qsort(now.entry, now.entries, sizeof *now.entry, compare_entries);
    for (size_t i = 0; i < now.entries; i++) {
        char below[1024];
        const PowerEntry *e = &now.entry[i];
        snprintf(below, sizeof below, "%s/%s", path, e->name);
        b->hash = hash_mix(b->hash, hash_bytes(e->name, strlen(e->name), 0));
        if (b->p->node[e->node].directory) {
            if (mkdir(below, 0700) != 0) perror(below), abort();
            build_directory(b, e->node, below);
        } else {
            PowerNode file = {0};
            build_file(b, &b->p->node[e->node], &file);
            put_file(below, &file);
            b->hash = hash_mix(b->hash, hash_bytes(file.size ? (const void *)file.data : "", file.size, 0));
            free(file.data);
        }
    }
    b->hash = hash_mix(b->hash, now.entries);
    free(now.entry);
}

uint64_t power_build(PowerIo *p, PowerLoss loss, uint64_t dice, const char *to)
{
    Build b = {.p = p, .loss = loss, .dice = dice};
    if (loss == POWER_PREFIX) {
        // Some pending event, counted from the oldest one.
        size_t oldest = p->at;
        for (uint32_t i = 0; i < p->state_nodes; i++)
            if (p->node[i].pendings && p->node[i].pending[0] < oldest) oldest = p->node[i].pending[0];
        b.cut = oldest + (size_t)(roll(&b, 0, 0) % (p->at - oldest + 1));
    }
    build_directory(&b, 0, to);
    return b.hash;
}
