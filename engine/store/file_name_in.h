// File name: how a database's or table's name becomes a name on disk: percent-style for anything outside
// [a-z0-9_-], so that no name is a path, no two differ by case only, and none is too long. Relies on base.
#ifndef ENGINE_STORE_FILE_NAME_IN_H
#define ENGINE_STORE_FILE_NAME_IN_H

#include "engine/base/err.h"

enum { FILE_NAME_SIZE = 200, FILE_NAME_PLAIN_MAX = 120 };

// Long names are cut and end in a hash of the whole; 42602 for the empty name.
MUST_CHECK bool file_name_encode(char out[FILE_NAME_SIZE], Str name, const char *ending, Err *err);
// The same with ~ID before the ending, for when the plain one is taken.
MUST_CHECK bool file_name_numbered(char out[FILE_NAME_SIZE], Str name, uint64_t id, const char *ending,
                                   Err *err);
// Could this name on disk have come from us? (no '/', no leading dot, bounded)
bool file_name_ok(Str file);

#endif
