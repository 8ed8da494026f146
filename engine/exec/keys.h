// Keys: numbers distinct key tuples 0, 1, 2 … in order of arrival: the one hash table behind GROUP BY,
// DISTINCT, set operations, hash joins, IN lists and remembered subqueries. NULLs are equal here; char(n)
// ignores trailing blanks, 1.0 equals 1.00, NaN equals NaN. Relies on rows.
#ifndef ENGINE_EXEC_KEYS_H
#define ENGINE_EXEC_KEYS_H

#include "engine/exec/rows.h"

#define KEYS_NONE UINT32_MAX

typedef struct KeysSlot {
    uint64_t tag;   // the key itself when it is one number of at most 8 bytes, else its hash
    uint32_t group; // number + 1; 0 = free
} KeysSlot;

typedef struct Keys {
    Rows rows;      // the tuples; row number = group number
    KeysSlot *slot; // open addressing, linear probing, at most half full
    uint32_t slots;
    bool single; // the tag says it all
    uint32_t null_group;
    uint64_t *hash;   // of the batch at work
    uint32_t *direct; // keys_close on a small range: number + 1 of key `low + i`
    uint64_t low;
    uint32_t range;
    uint16_t *fresh;
} Keys;

MUST_CHECK bool keys_init(Keys *k, Memory *memory, const Type *type, uint32_t columns, Err *err);
void keys_done(Keys *k);
void keys_clear(Keys *k);
static inline uint32_t keys_count(const Keys *k) { return k->rows.count; }
// Numbers the chosen rows (sel NULL = 0 … count-1): group[i] belongs to the i-th chosen row. New tuples get
// the next numbers in row order, so a row is the first of its kind when its number reaches the count seen
// before plus one.
MUST_CHECK bool keys_insert(Keys *k, const Vector *key, const uint16_t *sel, uint32_t count, uint32_t *group,
                            Err *err);
// No more keys will come. Whole numbers of a small range are then found by their place in an array.
MUST_CHECK bool keys_close(Keys *k, Err *err);
// The same without inserting: KEYS_NONE for unknown tuples.
void keys_find(Keys *k, const Vector *key, const uint16_t *sel, uint32_t count, uint32_t *group);
// Hashes of the chosen rows' tuples, into k->hash; the calls above leave them there, too.
void keys_hash(Keys *k, const Vector *key, const uint16_t *sel, uint32_t count);

#endif
