// SystemWalk: what system tables about the dictionary share: a walk over all tables of all databases, as the
// statement's own transaction sees them, and the putting of cells into a row. Relies on session. Nouns:
// system_walk
#ifndef ENGINE_DB_SYSTEM_WALK_H
#define ENGINE_DB_SYSTEM_WALK_H

#include "engine/db/session.h"

enum { SYSTEM_COLUMNS_MAX = 20 };

typedef bool (*SystemEmit)(void *self, const Value *row);
typedef struct SystemWalk {
    Session *session;
    SystemEmit emit;
    void *self;
    Arena *mem;
    Str node, database;
    const TableDef *table;
    Value row[SYSTEM_COLUMNS_MAX];
    uint32_t at; // next cell of row
} SystemWalk;

SystemWalk system_walk_of(void *db, SystemEmit emit, void *self, Arena *mem);
// Calls row for every table; stops when it gives false (the reader has enough: no error).
void system_walk_tables(SystemWalk *w, bool (*row)(SystemWalk *w));
// The table with that id; NULL when there is none.
const TableDef *system_walk_table(const SystemWalk *w, uint64_t id);

void system_walk_text(SystemWalk *w, Str s); // at == NULL: NULL
void system_walk_null(SystemWalk *w, TypeId type);
void system_walk_bigint(SystemWalk *w, int64_t v);
void system_walk_integer(SystemWalk *w, int32_t v);
void system_walk_yes(SystemWalk *w, bool yes); // the standard's YES and NO
void system_walk_bool(SystemWalk *w, bool v);
bool system_walk_row(SystemWalk *w); // the row is whole; false: the reader has enough

// The fill of a table that is one row function over all tables.
#define SYSTEM_WALK_FILL(name, row_function)                                                                 \
    static bool name(void *db, const Str *args, uint32_t arg_count, SystemEmit emit, void *self, Arena *mem, \
                     Err *err)                                                                               \
    {                                                                                                        \
        (void)args;                                                                                          \
        (void)arg_count;                                                                                     \
        (void)err;                                                                                           \
        SystemWalk w = system_walk_of(db, emit, self, mem);                                                  \
        system_walk_tables(&w, row_function);                                                                \
        return true;                                                                                         \
    }
// A SystemTable from two arrays, names and types of its columns.
#define SYSTEM_WALK_TABLE(id, schema_text, name_text, names, types, function)                                \
    static const SystemTable id = {schema_text, name_text, COUNT_OF(names), names, types, function};         \
    _Static_assert(COUNT_OF(names) == COUNT_OF(types) && COUNT_OF(names) <= SYSTEM_COLUMNS_MAX, name_text)

#define SYSTEM_TEXT                                                                                          \
    {                                                                                                        \
        TYPE_TEXT, 0, 0                                                                                      \
    }
#define SYSTEM_INTEGER                                                                                       \
    {                                                                                                        \
        TYPE_INTEGER, 0, 0                                                                                   \
    }
#define SYSTEM_BIGINT                                                                                        \
    {                                                                                                        \
        TYPE_BIGINT, 0, 0                                                                                    \
    }
#define SYSTEM_BOOLEAN                                                                                       \
    {                                                                                                        \
        TYPE_BOOLEAN, 0, 0                                                                                   \
    }

#endif
