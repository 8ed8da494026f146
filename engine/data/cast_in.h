// Inside cast: what a kernel gets, and the kernels' tables. Private to cast*.c.
#ifndef ENGINE_DATA_CAST_IN_H
#define ENGINE_DATA_CAST_IN_H

#include "engine/data/cast.h"

// Rows are chosen, not NULL, and `in` is not constant: cast_vector has seen to that.
typedef struct CastJob {
    const Vector *in;
    Vector *out;
    const uint16_t *sel; // NULL = 0 … count-1
    uint32_t count;
    const CastContext *context; // may be NULL
    Type to;
    CastHow how;
    bool copy; // texts that stay as they are must be copied, too
    Arena *mem;
    Err *err;
} CastJob;
typedef bool (*CastKernel)(const CastJob *job);

static inline uint32_t job_row(const CastJob *job, uint32_t i) { return job->sel ? job->sel[i] : i; }

// Runs the statements for each chosen row with x = the source cell and d = the place of the result; once
// without and once with a selection, so that the plain loop can be vectorised.
#define CAST_ROWS(job, S, D, ...)                                                                            \
    do {                                                                                                     \
        const S *source_ = (job)->in->data;                                                                  \
        D *target_ = (job)->out->data;                                                                       \
        const uint32_t count_ = (job)->count;                                                                \
        const uint16_t *sel_ = (job)->sel;                                                                   \
        if (!sel_)                                                                                           \
            for (uint32_t row_ = 0; row_ < count_; row_++) {                                                 \
                const S x = source_[row_];                                                                   \
                D *d = target_ + row_;                                                                       \
                __VA_ARGS__                                                                                  \
            }                                                                                                \
        else                                                                                                 \
            for (uint32_t i_ = 0; i_ < count_; i_++) {                                                       \
                const S x = source_[sel_[i_]];                                                               \
                D *d = target_ + sel_[i_];                                                                   \
                __VA_ARGS__                                                                                  \
            }                                                                                                \
    } while (0)

// cast_number.c: [from][to] for boolean … double precision and dates among themselves; NULL where there is
// none.
CastKernel cast_number_kernel(TypeId from, TypeId to);

// cast_when.c: likewise for moments, intervals, oids, uuids and enums.
CastKernel cast_when_kernel(TypeId from, TypeId to);
// Gives up the digits of the second that time(p), timestamp(p) and interval(p) do not show.
int64_t cast_round_fraction(int64_t us, const CastJob *job);
// And the fields that the interval's type does not keep.
void cast_round_interval(Interval *v, const CastJob *job);
// cast_array.c: element by element; the same bytes when the types agree.
MUST_CHECK bool cast_array(Text *out, const Text *in, Type to, CastHow how, Arena *mem, Err *err);

// cast_document.c: jsonb → boolean and numbers.
bool cast_kernel_from_document(const CastJob *job);

// cast_record.c: record → string.
bool cast_kernel_from_record(const CastJob *job);

// cast_text.c
bool cast_kernel_to_string(const CastJob *job);   // anything but a string → string
bool cast_kernel_from_string(const CastJob *job); // string or untyped literal → anything but a string
bool cast_kernel_string(const CastJob *job);      // string → string
bool cast_kernel_literal(const CastJob *job);     // untyped literal → string: checked
// One cell from text.
bool cast_read_cell(void *cell, Str s, const CastJob *job, bool checked);
MUST_CHECK bool cast_text_to_float(Str s, float *out, Err *err);

#endif
