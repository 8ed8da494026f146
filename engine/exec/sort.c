// Sort: radix on 8-byte prefixes, then down into runs of equals.
#include "engine/exec/sort.h"

#include "engine/base/size.h"
#include <stdlib.h>
#include <string.h>

enum { SORT_SMALL = 48, SORT_BYTES = 8, SORT_LOOK_ROWS = 8192 };

typedef struct SortEntry {
    uint64_t prefix;
    uint32_t row;
} SortEntry;

typedef struct Sorter {
    const Rows *keys;
    const SortOrder *order;
    SortEntry *a, *b; // room for all rows
    uint32_t *other;
    OrderCompare *compare; // per key
    const atomic_bool *cancel;
    bool canceled;  // the rest of the work is passed over
    uint32_t steps; // since the flag was looked at
} Sorter;

// Looks at the cancel flag every SORT_LOOK_ROWS rows. False: stop.
static inline bool go_on(Sorter *s, uint32_t rows)
{
    s->steps += rows;
    if (s->steps < SORT_LOOK_ROWS) return !s->canceled;
    s->steps = 0;
    s->canceled |= s->cancel && atomic_load_explicit(s->cancel, memory_order_relaxed);
    return !s->canceled;
}

static bool canceled(Err *err)
{
    return err_set(err, SQLSTATE_CANCELED, "canceling statement due to user request");
}

static int compare_rows(const Sorter *s, uint32_t key, uint32_t x, uint32_t y)
{
    for (; key < s->keys->columns; key++) {
        const RowsColumn *c = &s->keys->column[key];
        bool x_null = rows_is_null(c, x), y_null = rows_is_null(c, y);
        if (x_null || y_null) {
            if (x_null == y_null) continue;
            return x_null == s->order[key].nulls_first ? -1 : 1;
        }
        int d = s->compare[key](c->data + (size_t)x * c->cell, c->data + (size_t)y * c->cell);
        if (d) return s->order[key].descending ? -d : d;
    }
    return 0;
}

// Merge sort from short insertion-sorted pieces; other has room for count.
static void sort_by_comparing(Sorter *s, uint32_t key, uint32_t *row, uint32_t count, uint32_t *other)
{
    enum { PIECE = 12 };
    for (uint32_t from = 0; from < count && go_on(s, PIECE); from += PIECE) {
        uint32_t to = from + PIECE < count ? from + PIECE : count;
        for (uint32_t i = from + 1; i < to; i++) {
            uint32_t x = row[i], k = i;
            for (; k > from && compare_rows(s, key, row[k - 1], x) > 0; k--) row[k] = row[k - 1];
            row[k] = x;
        }
    }
    uint32_t *in = row, *out = other;
    for (uint64_t width = PIECE; width < count && !s->canceled; width *= 2) {
        for (uint64_t from = 0; from < count; from += 2 * width) {
            uint64_t mid = from + width < count ? from + width : count;
            uint64_t to = from + 2 * width < count ? from + 2 * width : count;
            uint64_t i = from, k = mid, o = from;
            while (i < mid && k < to && go_on(s, 1))
                out[o++] = compare_rows(s, key, in[i], in[k]) <= 0 ? in[i++] : in[k++];
            while (i < mid) out[o++] = in[i++];
            while (k < to) out[o++] = in[k++];
        }
        uint32_t *swap = in;
        in = out;
        out = swap;
    }
    if (in != row) memcpy(row, in, count * sizeof(uint32_t));
}

// Least significant byte first; bytes that all rows share are passed over. The result may end in either
// array.
static SortEntry *radix(Sorter *s, uint32_t count)
{
    SortEntry *a = s->a, *b = s->b;
    uint32_t(*seen)[256] = size_alloc_zero(SORT_BYTES, sizeof(*seen));
    if (!seen) return NULL;
    for (uint32_t i = 0; i < count; i++)
        for (int byte = 0; byte < SORT_BYTES; byte++) seen[byte][(a[i].prefix >> (8 * byte)) & 255]++;
    for (int byte = 0; byte < SORT_BYTES && go_on(s, count); byte++) {
        uint32_t *n = seen[byte], at = 0;
        if (n[(a[0].prefix >> (8 * byte)) & 255] == count) continue;
        for (int v = 0; v < 256; v++) {
            uint32_t here = n[v];
            n[v] = at;
            at += here;
        }
        for (uint32_t i = 0; i < count; i++) b[n[(a[i].prefix >> (8 * byte)) & 255]++] = a[i];
        SortEntry *swap = a;
        a = b;
        b = swap;
    }
    free(seen);
    return a;
}

static bool sort_key(Sorter *s, uint32_t key, uint32_t *row, uint32_t count, Err *err);
static bool sort_known(Sorter *s, uint32_t key, uint32_t skip, uint32_t *row, uint32_t count, Err *err);

// How far the prefixes of a key tell its order.
typedef struct Told {
    bool exact; // all
    bool text;  // 8 bytes from `skip`; more can follow
    uint32_t skip;
} Told;

static bool sort_runs(Sorter *s, uint32_t key, Told told, uint32_t *row, uint32_t count,
                      const uint64_t *prefix, Err *err)
{
    if (told.exact && key + 1 == s->keys->columns) return true;
    for (uint32_t from = 0; from < count;) {
        uint32_t to = from + 1;
        while (to < count && prefix[to] == prefix[from]) to++;
        uint32_t n = to - from;
        bool ok = true;
        if (n > 1 && (n <= SORT_SMALL || (!told.exact && !told.text)))
            sort_by_comparing(s, told.exact ? key + 1 : key, row + from, n, s->other);
        else if (n > 1)
            ok = told.exact ? sort_key(s, key + 1, row + from, n, err)
                            : sort_known(s, key, told.skip, row + from, n, err);
        if (!ok) return false;
        if (!go_on(s, n)) return canceled(err);
        from = to;
    }
    return true;
}

// NULLs go to their end; the rest is sorted by prefix.
static uint32_t part_nulls(Sorter *s, uint32_t key, uint32_t *row, uint32_t count)
{
    const RowsColumn *c = &s->keys->column[key];
    uint32_t known = 0, nulls = 0;
    if (!c->nulls) return 0;
    for (uint32_t i = 0; i < count; i++) {
        if (rows_is_null(c, row[i]))
            s->other[nulls++] = row[i];
        else
            row[known++] = row[i];
    }
    if (s->order[key].nulls_first) {
        memmove(row + nulls, row, known * sizeof(uint32_t));
        memcpy(row, s->other, nulls * sizeof(uint32_t));
    } else {
        memcpy(row + known, s->other, nulls * sizeof(uint32_t));
    }
    return nulls;
}

// Rows whose texts differ only in zero bytes at the end look alike to prefixes: they are compared.
static bool prefixes(Sorter *s, uint32_t key, uint32_t skip, const uint32_t *row, uint32_t count,
                     uint64_t *out, Told *told)
{
    Vector v = rows_vector(s->keys, key);
    *told = (Told){.text = v.type.id != TYPE_CHAR && type_phys(v.type.id) == PHYS_TEXT, .skip = skip};
    if (!told->text) {
        order_prefixes(&v, row, count, s->order[key].descending, out, &told->exact);
        return true;
    }
    order_text_prefixes(v.data, row, count, s->order[key].descending, out, &told->skip, &told->exact);
    bool all_ended = out[0] == (s->order[key].descending ? UINT64_MAX : 0);
    for (uint32_t i = 1; all_ended && i < count; i++) all_ended = out[i] == out[0];
    return told->exact || !all_ended;
}

static bool sort_known(Sorter *s, uint32_t key, uint32_t skip, uint32_t *row, uint32_t count, Err *err)
{
    Told told;
    uint64_t *prefix = size_alloc(count ? count : 1, sizeof(uint64_t));
    if (!prefix) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while sorting %u rows", count);
    if (!prefixes(s, key, skip, row, count, prefix, &told)) {
        free(prefix);
        sort_by_comparing(s, key, row, count, s->other);
        return true;
    }
    for (uint32_t i = 0; i < count; i++) s->a[i] = (SortEntry){prefix[i], row[i]};
    SortEntry *sorted = radix(s, count);
    bool ok = sorted != NULL;
    if (!ok) err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while sorting %u rows", count);
    for (uint32_t i = 0; ok && i < count; i++) {
        prefix[i] = sorted[i].prefix;
        row[i] = sorted[i].row;
    }
    told.skip += SORT_BYTES;
    if (ok && s->canceled) ok = canceled(err);
    ok = ok && sort_runs(s, key, told, row, count, prefix, err);
    free(prefix);
    return ok;
}

static bool sort_key(Sorter *s, uint32_t key, uint32_t *row, uint32_t count, Err *err)
{
    if (count < 2 || key >= s->keys->columns) return true;
    if (count <= SORT_SMALL) {
        sort_by_comparing(s, key, row, count, s->other);
        return true;
    }
    uint32_t nulls = part_nulls(s, key, row, count), known = count - nulls;
    uint32_t *first = s->order[key].nulls_first ? row + nulls : row;
    uint32_t *none = s->order[key].nulls_first ? row : row + known;
    if (known > 1 && !sort_known(s, key, 0, first, known, err)) return false;
    return sort_key(s, key + 1, none, nulls, err);
}

bool sort_rows(uint32_t *row, uint32_t count, const Rows *keys, const SortOrder *order,
               const atomic_bool *cancel, Err *err)
{
    Sorter s = {.keys = keys, .order = order, .cancel = cancel};
    size_t size =
        (size_t)count * (2 * sizeof(SortEntry) + sizeof(uint32_t)) + keys->columns * sizeof(OrderCompare);
    void *room = NULL;
    if (count < 2) return true;
    if (!memory_grow(keys->memory, &room, 0, size, err)) return false;
    s.compare = room;
    for (uint32_t k = 0; k < keys->columns; k++) s.compare[k] = order_compare(keys->column[k].type.id);
    s.a = (SortEntry *)(void *)(s.compare + keys->columns);
    s.b = s.a + count;
    s.other = (uint32_t *)(void *)(s.b + count);
    bool ok = sort_key(&s, 0, row, count, err);
    if (ok && s.canceled) ok = canceled(err);
    memory_free(keys->memory, room, size);
    return ok;
}
