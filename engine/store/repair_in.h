// Repair: what opening, replay and the loading of tables do with damage when the store is opened to be
// repaired: they tell what is lost, keep a copy of the damaged file in DATA/damaged, and go on with what is
// whole. Relies on store.
#ifndef ENGINE_STORE_REPAIR_IN_H
#define ENGINE_STORE_REPAIR_IN_H

#include "engine/store/table_file_in.h"

enum { REPAIR_NAME_SIZE = 300 };

static inline bool repair_wanted(const Store *s) { return s->options.lost != NULL; }
void repair_tell(const Store *s, const char *file, const char *format, ...) PRINTF_LIKE(3, 4);
// Copies a file to DATA/damaged, under a name that is not taken there.
MUST_CHECK bool repair_keep(Store *s, const IoDir *from, const char *name, const char *prefix, Err *err);
// Takes the blocks that cannot be read out of a generation that was just opened.
MUST_CHECK bool repair_blocks(Store *s, Relation *r, Generation *g, const IoDir *d, Err *err);
// Nothing of the file can be read: an empty table takes its place; *out: its rows.
MUST_CHECK bool repair_table(Store *s, Relation *r, const IoDir *d, const Err *why, Generation **out,
                             Err *err);
// Segments from this one on go to DATA/damaged; `cut`: what comes before that byte of the first one stays.
MUST_CHECK bool repair_log(Store *s, uint64_t segment, size_t cut, uint64_t seq, const Err *why, Err *err);

#endif
