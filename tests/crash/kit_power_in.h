// Kit: the record of calls and the disk made from it, shared by the two files of kit_power.
// Nouns: power
#ifndef TESTS_CRASH_KIT_POWER_IN_H
#define TESTS_CRASH_KIT_POWER_IN_H

#include "engine/base/size.h"
#include "engine/base/thread.h"
#include "tests/crash/kit_power.h"

#define POWER_NO_NODE UINT32_MAX
enum { POWER_SECTOR = 512 };

typedef enum PowerEventKind {
    POWER_WRITE,     // node: data at from
    POWER_TRUNCATE,  // node: to `from` bytes
    POWER_GROW,      // node: at least `from` bytes
    POWER_SYNC,      // node, a file or a directory
    POWER_ENTRY,     // node (a directory): name now means `other`; POWER_NO_NODE: nothing
    POWER_RENAME,    // node (a directory): name becomes new_name, which means `other`
    POWER_DIRECTORY, // node is a new directory
    POWER_MARK,      // marker `node` has `value`
} PowerEventKind;

typedef struct PowerEvent {
    PowerEventKind kind;
    uint32_t node, other;
    size_t from, len;
    unsigned char *data;
    char *name, *new_name;
    int64_t value;
} PowerEvent;

typedef struct PowerEntry {
    const char *name;
    uint32_t node;
} PowerEntry;

// One file or directory: what is surely on the disk, and the events since the last sync.
typedef struct PowerNode {
    bool directory;
    unsigned char *data;
    size_t size, cap;
    PowerEntry *entry;
    size_t entries, entry_cap;
    size_t *pending; // events
    size_t pendings, pending_cap;
} PowerNode;

struct PowerIo {
    Mutex mutex;
    PowerEvent *event;
    size_t events, event_cap, first;
    ino_t *number; // inode number by node
    uint32_t nodes, node_cap;
    // The moment that power_seek went to.
    PowerNode *node;
    uint32_t state_nodes;
    size_t at;
    int64_t mark[POWER_MARKERS];
};

void *power_memory(void *old, size_t count, size_t size); // never NULL
void power_state_done(PowerIo *p);

#endif
