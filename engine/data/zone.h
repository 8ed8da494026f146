// Zone: time zones by name, from the system's tz database (TZif, RFC 8536), and fixed offsets. A zone never
// changes once it is read, so that any thread may use it; nothing here looks at the process's own TZ state.
// Relies on base.
// Nouns: zone, zones
#ifndef ENGINE_DATA_ZONE_H
#define ENGINE_DATA_ZONE_H

#include "engine/base/io.h"

enum { ZONE_NAME_MAX = 63, ZONE_OFFSET_MAX = 15 * 3600 + 59 * 60 + 59 };

typedef struct Zone Zone;
// The zones that were asked for so far; one per engine.
typedef struct Zones Zones;

// What reading and writing of moments needs to know. Zeroed: UTC and the clock of the machine.
typedef struct ZoneContext {
    const Zone *zone; // NULL = UTC
    Zones *zones;     // for names in texts; NULL = only abbreviations and offsets are known
    int64_t now_us;   // UTC; what 'now' and 'today' mean; 0 = ask the clock
} ZoneContext;

MUST_CHECK bool zones_new(Zones **out, Io io, Err *err);
void zones_free(Zones *z);
// A name of the database in any case ("europe/berlin"), an abbreviation ("CEST"), or a POSIX form
// ("UTC+3", "CET-1CEST,M3.5.0,M10.5.0"). Lives as long as z. 22023 for one that there is not. z may be NULL.
MUST_CHECK bool zones_find(Zones *z, Str name, const Zone **out, Err *err);
// As SET TIME ZONE reads it: as zones_find, but hours as a number ("-7", "5.5") first, and no abbreviations.
MUST_CHECK bool zones_find_setting(Zones *z, Str name, const Zone **out, Err *err);
MUST_CHECK bool zones_fixed(Zones *z, int32_t east_s, const Zone **out, Err *err);
// The machine's own: by /etc/timezone, else /etc/localtime, else UTC.
const Zone *zones_local(Zones *z);
// "cest" → 7200; false for a word that is none.
bool zone_abbreviation(Str word, int32_t *east_s);

const char *zone_name(const Zone *z); // NULL: "UTC"
// Seconds east of UTC at a moment. *word: its abbreviation (may be NULL).
int32_t zone_offset_at(const Zone *z, int64_t utc_us, const char **word);
// Seconds east of UTC at what the zone's clocks show. In a gap the offset before it, of two the later, as
// PostgreSQL decides.
int32_t zone_offset_of(const Zone *z, int64_t local_us);
// Both ways; infinities stay. False: out of the range of timestamps.
bool zone_to_local(const Zone *z, int64_t utc_us, int64_t *local_us);
bool zone_to_utc(const Zone *z, int64_t local_us, int64_t *utc_us);
int64_t zone_now_us(const ZoneContext *c); // UTC

#endif
