// Keys: the hash table over key tuples. One idea: hash a batch column by column, find or reserve slots in one
// loop that looks at 64-bit tags only, then check the candidates column by column in typed loops; a tag that
// lied (two tuples with one hash) is settled row by row afterwards.
#include "engine/exec/keys.h"

#include "engine/base/hash.h"
#include "engine/base/size.h"
#include "engine/exec/order.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_FIRST_SLOTS = 256, KEYS_FAR_SLOTS = 1 << 14, KEYS_AHEAD = 12 };
#define KEYS_NULL_HASH UINT64_C(0x9ae16a3b2f90404f)

bool keys_init(Keys *k, Memory *memory, const Type *type, uint32_t columns, Err *err)
{
    *k = (Keys){.null_group = KEYS_NONE};
    rows_init(&k->rows, memory, type, columns);
    k->single = columns == 1 && k->rows.column[0].cell <= 8;
    void *slot = NULL;
    if (!memory_grow(memory, &slot, 0, KEYS_FIRST_SLOTS * sizeof(KeysSlot), err)) return false;
    k->slot = memset(slot, 0, KEYS_FIRST_SLOTS * sizeof(KeysSlot));
    k->slots = KEYS_FIRST_SLOTS;
    k->hash = size_alloc(BATCH_ROWS, sizeof(uint64_t) + sizeof(uint16_t));
    if (!k->hash) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for a hash table");
    k->fresh = (uint16_t *)(void *)(k->hash + BATCH_ROWS);
    return true;
}

void keys_done(Keys *k)
{
    if (!k->rows.memory) return;
    memory_free(k->rows.memory, k->slot, k->slots * sizeof(KeysSlot));
    memory_free(k->rows.memory, k->direct, k->range * sizeof(uint32_t));
    free(k->hash);
    rows_done(&k->rows);
    *k = (Keys){0};
}

void keys_clear(Keys *k)
{
    memory_free(k->rows.memory, k->direct, k->range * sizeof(uint32_t));
    k->direct = NULL;
    k->range = 0;
    memset(k->slot, 0, k->slots * sizeof(KeysSlot));
    rows_clear(&k->rows);
    k->null_group = KEYS_NONE;
}

static inline uint64_t key_of_float(double d)
{
    uint64_t u;
    if (d == 0) d = 0; // -0 equals 0
    if (isnan(d)) return UINT64_C(0x7ff8000000000000);
    memcpy(&u, &d, sizeof u);
    return u;
}

// One loop per physical type: word[i] gets what stands for the cell of the i-th chosen row.
#define KEYS_WORDS(T, VALUE)                                                                                 \
    do {                                                                                                     \
        const T *x = v->data;                                                                                \
        if (v->constant)                                                                                     \
            for (uint32_t i = 0; i < count; i++) word[i] = VALUE(x[0]);                                      \
        else if (sel)                                                                                        \
            for (uint32_t i = 0; i < count; i++) word[i] = VALUE(x[sel[i]]);                                 \
        else                                                                                                 \
            for (uint32_t i = 0; i < count; i++) word[i] = VALUE(x[i]);                                      \
    } while (0)
#define KEYS_INT(x)      ((uint64_t)(int64_t)(x))
#define KEYS_FLOAT(x)    key_of_float((double)(x))
#define KEYS_TEXT(x)     text_hash(&(x))
#define KEYS_NUMERIC(x)  numeric_hash(&(x))
#define KEYS_INTERVAL(x) interval_hash(&(x))
#define KEYS_UUID(x)     uuid_hash(&(x))
#define KEYS_ARRAY(x)    array_hash(&(x))
#define KEYS_JSONB(x)    document_hash(&(x))

static inline uint64_t char_hash(Text t)
{
    Text trimmed = order_char_trim(&t);
    return text_hash(&trimmed);
}
#define KEYS_CHAR(x) char_hash(x)

static void keys_words(const Vector *v, const uint16_t *sel, uint32_t count, uint64_t *word)
{
    if (v->type.id == TYPE_CHAR) {
        KEYS_WORDS(Text, KEYS_CHAR);
        return;
    }
    switch (type_phys(v->type.id)) {
    case PHYS_BOOL: KEYS_WORDS(uint8_t, KEYS_INT); break;
    case PHYS_I16: KEYS_WORDS(int16_t, KEYS_INT); break;
    case PHYS_I32: KEYS_WORDS(int32_t, KEYS_INT); break;
    case PHYS_I64: KEYS_WORDS(int64_t, KEYS_INT); break;
    case PHYS_F32: KEYS_WORDS(float, KEYS_FLOAT); break;
    case PHYS_F64: KEYS_WORDS(double, KEYS_FLOAT); break;
    case PHYS_NUMERIC: KEYS_WORDS(Numeric, KEYS_NUMERIC); break;
    case PHYS_INTERVAL: KEYS_WORDS(Interval, KEYS_INTERVAL); break;
    case PHYS_UUID: KEYS_WORDS(Uuid, KEYS_UUID); break;
    case PHYS_ARRAY: KEYS_WORDS(Text, KEYS_ARRAY); break;
    case PHYS_JSONB: KEYS_WORDS(Text, KEYS_JSONB); break;
    case PHYS_TEXT:
    case PHYS_COUNT: KEYS_WORDS(Text, KEYS_TEXT); break;
    }
}

void keys_hash(Keys *k, const Vector *key, const uint16_t *sel, uint32_t count)
{
    uint64_t word[BATCH_ROWS];
    keys_words(&key[0], sel, count, k->hash);
    if (k->single) return;
    for (uint32_t c = 0; c < k->rows.columns; c++) {
        const Vector *v = &key[c];
        uint64_t *w = c ? word : k->hash;
        if (c) keys_words(v, sel, count, word);
        if (v->nulls)
            for (uint32_t i = 0; i < count; i++)
                if (vector_is_null(v, sel ? sel[i] : i)) w[i] = KEYS_NULL_HASH;
        // The first word is spread too: small numbers of either sign would meet in the mixture.
        if (c)
            for (uint32_t i = 0; i < count; i++) k->hash[i] = hash_mix(k->hash[i], word[i]);
        else
            for (uint32_t i = 0; i < count; i++) w[i] = hash_u64(w[i]);
    }
}

static inline uint32_t keys_slot_of(const Keys *k, uint64_t tag)
{
    return (uint32_t)((k->single ? hash_u64(tag) : tag) >> 20) & (k->slots - 1);
}

static bool keys_room(Keys *k, uint32_t more, Err *err)
{
    uint64_t need = ((uint64_t)k->rows.count + more) * 2;
    if (need <= k->slots) return true;
    uint64_t slots = k->slots;
    while (slots < need) slots *= 2;
    if (slots > UINT32_C(1) << 31) return err_set(err, SQLSTATE_LIMIT, "the statement makes too many groups");
    void *bigger = NULL;
    if (!memory_grow(k->rows.memory, &bigger, 0, slots * sizeof(KeysSlot), err)) return false;
    memset(bigger, 0, slots * sizeof(KeysSlot));
    KeysSlot *old = k->slot;
    uint32_t old_slots = k->slots;
    k->slot = bigger;
    k->slots = (uint32_t)slots;
    for (uint32_t i = 0; i < old_slots; i++) {
        if (!old[i].group) continue;
        uint32_t at = keys_slot_of(k, old[i].tag);
        while (k->slot[at].group) at = (at + 1) & (k->slots - 1);
        k->slot[at] = old[i];
    }
    memory_free(k->rows.memory, old, old_slots * sizeof(KeysSlot));
    return true;
}

// First pass: by tags only. insert: reserves numbers for tags not seen; fresh lists their rows.
static uint32_t keys_candidates(Keys *k, const Vector *key, const uint16_t *sel, uint32_t count,
                                uint32_t *group, bool insert)
{
    uint32_t fresh = 0, next = k->rows.count, mask = k->slots - 1;
    const bool nulls = k->single && key[0].nulls, far = k->slots > KEYS_FAR_SLOTS;
    for (uint32_t i = 0; i < count; i++) {
        if (far && i + KEYS_AHEAD < count) // past the cache: ask for the slot before it is needed
            __builtin_prefetch(&k->slot[keys_slot_of(k, k->hash[i + KEYS_AHEAD])]);
        uint32_t row = sel ? sel[i] : i;
        if (nulls && vector_is_null(&key[0], row)) {
            if (k->null_group == KEYS_NONE && insert) {
                k->null_group = next++;
                k->fresh[fresh++] = (uint16_t)row;
            }
            group[i] = k->null_group;
            continue;
        }
        uint64_t tag = k->hash[i];
        uint32_t at = keys_slot_of(k, tag);
        while (k->slot[at].group && k->slot[at].tag != tag) at = (at + 1) & mask;
        if (!k->slot[at].group && insert) {
            k->slot[at] = (KeysSlot){tag, ++next};
            k->fresh[fresh++] = (uint16_t)row;
        }
        group[i] = k->slot[at].group - 1;
    }
    return fresh;
}

// Walks on behind the first candidate, comparing whole tuples: for tags that lied.
static bool keys_settle(Keys *k, const Vector *key, uint32_t row, uint64_t tag, bool insert, uint32_t *group,
                        Err *err)
{
    uint32_t mask = k->slots - 1, at = keys_slot_of(k, tag);
    for (; k->slot[at].group; at = (at + 1) & mask) {
        if (k->slot[at].tag != tag) continue;
        bool same = true;
        for (uint32_t c = 0; same && c < k->rows.columns; c++) {
            Vector kept = rows_vector(&k->rows, c);
            same = order_same(&key[c], row, &kept, k->slot[at].group - 1);
        }
        if (same) {
            *group = k->slot[at].group - 1;
            return true;
        }
    }
    *group = KEYS_NONE;
    if (!insert) return true;
    uint16_t one = (uint16_t)row;
    *group = k->rows.count;
    k->slot[at] = (KeysSlot){tag, k->rows.count + 1};
    return rows_append(&k->rows, key, &one, 1, err);
}

// Takes back what the first pass put in since there were `base` tuples. Nothing came behind these, so no
// other chain of slots leads over them.
static void keys_take_back(Keys *k, uint32_t count, const uint32_t *group, uint32_t base)
{
    uint32_t slot[BATCH_ROWS], slots = 0, mask = k->slots - 1;
    for (uint32_t i = 0; i < count; i++) {
        if (group[i] == KEYS_NONE || group[i] < base) continue;
        uint32_t at = keys_slot_of(k, k->hash[i]);
        while (k->slot[at].group != group[i] + 1) at = (at + 1) & mask;
        slot[slots++] = at;
    }
    for (uint32_t i = 0; i < slots; i++) k->slot[slot[i]] = (KeysSlot){0};
    rows_cut(&k->rows, base);
}

// Second pass: are the candidates the same tuples? Wrong ones are settled one by one; where new tuples are
// numbered, all of the batch are, so that the numbers follow the rows.
static bool keys_verify(Keys *k, const Vector *key, const uint16_t *sel, uint32_t count, uint32_t *group,
                        bool insert, uint32_t base, Err *err)
{
    uint16_t wrong[BATCH_ROWS];
    uint32_t wrongs = 0;
    uint8_t bad[BATCH_ROWS];
    memset(bad, 0, count);
    for (uint32_t c = 0; c < k->rows.columns; c++) {
        Vector kept = rows_vector(&k->rows, c);
        order_mark_different(&key[c], sel, count, &kept, group, bad);
    }
    for (uint32_t i = 0; i < count; i++) {
        wrong[wrongs] = (uint16_t)i;
        wrongs += bad[i];
    }
    if (!wrongs) return true;
    if (insert) keys_take_back(k, count, group, base);
    for (uint32_t w = 0; w < (insert ? count : wrongs); w++) {
        uint32_t i = insert ? w : wrong[w];
        if (!keys_settle(k, key, sel ? sel[i] : i, k->hash[i], insert, &group[i], err)) return false;
    }
    return true;
}

bool keys_insert(Keys *k, const Vector *key, const uint16_t *sel, uint32_t count, uint32_t *group, Err *err)
{
    if (!keys_room(k, count, err)) return false;
    keys_hash(k, key, sel, count);
    const uint32_t base = k->rows.count;
    uint32_t fresh = keys_candidates(k, key, sel, count, group, true);
    if (fresh && !rows_append(&k->rows, key, k->fresh, fresh, err)) return false;
    return k->single || keys_verify(k, key, sel, count, group, true, base, err);
}

// A range of at most so many places per key is worth an array.
enum { KEYS_PLACES = 8, KEYS_RANGE_MIN = 1 << 12, KEYS_RANGE_MAX = 1 << 26 };

bool keys_close(Keys *k, Err *err)
{
    const TypeId type = k->rows.column[0].type.id;
    if (!k->single || type == TYPE_REAL || type == TYPE_DOUBLE || !keys_count(k)) return true;
    int64_t low = INT64_MAX, high = INT64_MIN;
    for (uint32_t i = 0; i < k->slots; i++) {
        if (!k->slot[i].group) continue;
        int64_t key = (int64_t)k->slot[i].tag;
        low = key < low ? key : low;
        high = key > high ? key : high;
    }
    uint64_t range = (uint64_t)high - (uint64_t)low + 1,
             most = (uint64_t)keys_count(k) * KEYS_PLACES + KEYS_RANGE_MIN;
    if (low > high || !range || range > most || range > KEYS_RANGE_MAX) return true;
    void *direct = NULL;
    if (!memory_grow(k->rows.memory, &direct, 0, range * sizeof(uint32_t), err)) return false;
    k->direct = memset(direct, 0, range * sizeof(uint32_t));
    k->low = (uint64_t)low;
    k->range = (uint32_t)range;
    for (uint32_t i = 0; i < k->slots; i++)
        if (k->slot[i].group) k->direct[k->slot[i].tag - k->low] = k->slot[i].group;
    return true;
}

static void find_direct(const Keys *k, const Vector *key, const uint16_t *sel, uint32_t count,
                        uint32_t *group)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t at = k->hash[i] - k->low;
        group[i] = at < k->range ? k->direct[at] - 1 : KEYS_NONE;
    }
    for (uint32_t i = 0; key->nulls && i < count; i++)
        if (vector_is_null(key, sel ? sel[i] : i)) group[i] = k->null_group;
}

void keys_find(Keys *k, const Vector *key, const uint16_t *sel, uint32_t count, uint32_t *group)
{
    Err unused = {0};
    keys_hash(k, key, sel, count);
    if (k->direct) {
        find_direct(k, key, sel, count, group);
        return;
    }
    keys_candidates(k, key, sel, count, group, false);
    if (!k->single && !keys_verify(k, key, sel, count, group, false, 0, &unused)) return;
}
