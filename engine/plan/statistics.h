// Statistics: what ANALYZE found out about a column, and its text in the dictionary (FORMAT.md "Statistics").
// Estimates choose between plans and never decide an answer. Relies on base, data, codec.
#ifndef ENGINE_PLAN_STATISTICS_H
#define ENGINE_PLAN_STATISTICS_H

#include "engine/base/buf.h"
#include "engine/data/value.h"

enum {
    STATISTICS_COMMON_MAX = 100, // most common values kept
    STATISTICS_BOUNDS_MAX = 101, // of the histogram of the others
    STATISTICS_VALUE_MAX = 256,  // bytes of a value's text; longer ones are left out
};

typedef struct Statistics {
    double nulls;    // share of the rows
    double distinct; // different values among the others
    uint32_t commons, bounds;
    Value common[STATISTICS_COMMON_MAX];
    double share[STATISTICS_COMMON_MAX]; // of all rows
    Value bound[STATISTICS_BOUNDS_MAX];  // ascending; between two neighbours lie equally many rows
} Statistics;

// Are values of the type kept? Else only nulls and distinct are.
bool statistics_keeps(Type type);
void statistics_put(Bytes *out, const Statistics *s);
// Values and their bytes live in mem. False: the text is not as statistics_put writes it.
bool statistics_get(Statistics *out, Type type, Str text, Arena *mem);
// The field of the dictionary object that holds a column's text: "column 3" for the slot 3.
enum { STATISTICS_FIELD_MAX = 24 };
const char *statistics_field(char out[STATISTICS_FIELD_MAX], unsigned slot);

// Shares of all rows.
double statistics_equal(const Statistics *s, const Value *v);
double statistics_below(const Statistics *s, const Value *v); // < v

#endif
