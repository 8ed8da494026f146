// Spill: rows put aside in the statement's one file without a name when memory runs short, and read back
// batch by batch in the order they went in. The file is gone when the statement ends, however it ends; its
// bytes are this machine's own and never outlive the process. Relies on operator, io.
//
// Nouns: spill, exec
#ifndef ENGINE_EXEC_SPILL_H
#define ENGINE_EXEC_SPILL_H

#include "engine/exec/operator.h"

enum {
    SPILL_BYTES = 32 << 10, // gathered before they are written; not counted as memory
    SPILL_PARTS = 16,
    SPILL_LEVELS = 5, // partitions of partitions; deeper ones are worked on whole or refused (53200)
};

typedef struct SpillExtent {
    int64_t at;
    size_t len;
} SpillExtent;

typedef struct Spill {
    Operator *op; // whose rows these are
    uint32_t columns;
    const Type *type;
    const bool *stay;   // per column: long cells outlive the statement's file, so their pointers are enough
    unsigned char *buf; // chunks not written yet
    size_t len, cap;
    SpillExtent *extent;
    uint32_t extents, extent_cap;
    uint64_t rows;
} Spill;

// type and stay must outlive it. A zeroed Spill may be done, too.
void spill_init(Spill *s, Operator *op, const Type *type, const bool *stay, uint32_t columns);
void spill_done(Spill *s);
// Appends the chosen rows (sel NULL = 0 … count-1; count <= BATCH_ROWS). 53100 when the disk is full.
MUST_CHECK bool spill_add(Spill *s, const Vector *v, const uint16_t *sel, uint32_t count, Err *err);

// No more rows for now: what was gathered is written and its buffer given back.
MUST_CHECK bool spill_seal(Spill *s, Err *err);

// Reading; several may read one Spill. A batch lives until the next call, or until done.
typedef struct SpillReader {
    Spill *spill;
    unsigned char *buf;
    size_t len, cap, at;
    uint32_t extent;
    bool last; // what was not written has been taken
    Batch out;
} SpillReader;
void spill_read_begin(SpillReader *r, Spill *s);
MUST_CHECK bool spill_read(SpillReader *r, Batch **out, Err *err); // *out NULL at the end
void spill_read_done(SpillReader *r);

// Rows shared out by the hash of a key: all of one key are in one part.
typedef struct SpillParts {
    Spill part[SPILL_PARTS];
    unsigned level;
} SpillParts;
void spill_parts_init(SpillParts *p, Operator *op, const Type *type, const bool *stay, uint32_t columns,
                      unsigned level);
void spill_parts_done(SpillParts *p);
// hash[i] is that of the i-th chosen row.
MUST_CHECK bool spill_parts_add(SpillParts *p, const Vector *v, const uint16_t *sel, const uint64_t *hash,
                                uint32_t count, Err *err);

// The statement's file.
void exec_spill_init(Exec *x);
void exec_spill_done(Exec *x);

#endif
