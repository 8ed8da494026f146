// Inside zone: how a zone lies in memory, and the reading of a POSIX rule. Private to zone*.c.
// Nouns: zone
#ifndef ENGINE_DATA_ZONE_IN_H
#define ENGINE_DATA_ZONE_IN_H

#include "engine/data/zone.h"

enum { ZONE_WORD_MAX = 15, ZONE_KINDS_MAX = 256, ZONE_TRANSITIONS_MAX = 10000 };

typedef struct ZoneKind {
    int32_t east_s;
    char word[ZONE_WORD_MAX + 1];
} ZoneKind;

typedef enum ZoneDayKind { ZONE_DAY_JULIAN, ZONE_DAY_PLAIN, ZONE_DAY_WEEK } ZoneDayKind;
typedef struct ZoneDay {
    ZoneDayKind kind;
    int32_t month, week, day; // week 5 = the last
    int32_t time_s;
} ZoneDay;

// "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX.1-2017, 8.3, with RFC 8536's wider hours).
typedef struct ZoneRule {
    ZoneKind standard, summer;
    bool has_dst;
    ZoneDay begin, end;
} ZoneRule;

struct Zone {
    Zone *next;
    char name[ZONE_NAME_MAX + 1];
    size_t count;
    int64_t *at;    // count seconds, ascending
    uint8_t *index; // kind from at[i] on
    ZoneKind *kind; // kind[0] holds before the first
    bool has_rule;
    ZoneRule rule;
};

bool zone_rule_read(ZoneRule *out, Str s); // false: not a rule
// Fills all but next and name; memory in mem. False: not a TZif file.
bool zone_file_read(Zone *out, Str content, Arena *mem);

#endif
