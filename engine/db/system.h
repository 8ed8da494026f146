// System: tables that the engine makes up: the standard's information_schema, d2db.*, and what SHOW, DESCRIBE
// and COUNT give. Each is a const table of columns and a function that fills it, so all of them can be
// selected from. Relies on statement. Nouns: system
#ifndef ENGINE_DB_SYSTEM_H
#define ENGINE_DB_SYSTEM_H

#include "engine/db/statement.h"

enum { SYSTEM_COLUMNS_MAX = 64 };

// All of them, ended by NULL.
const SystemTable *const *system_tables(void);

// How a fill function writes its rows: cells from the left, then system_row_done (false = stop).
typedef struct SystemFill {
    bool (*emit)(void *self, const Value *row);
    void *self;
    Arena *mem;
    uint32_t cells;
    Value cell[SYSTEM_COLUMNS_MAX];
} SystemFill;
void system_text(SystemFill *f, Str text);
void system_optional(SystemFill *f, Str text); // at == NULL: NULL
void system_null(SystemFill *f);
void system_int(SystemFill *f, int64_t value);
void system_bool(SystemFill *f, bool value);
void system_yes_no(SystemFill *f, bool value);    // 'YES', 'NO'
void system_time(SystemFill *f, int64_t wall_us); // a local timestamp; 0 = NULL
bool system_done(SystemFill *f);

// A result of the engine's own straight to the sink of a statement.
typedef struct SystemRows {
    Run *run;
    uint32_t columns;
    const Type *type;
    Batch *batch;
    Arena mem;
    SystemFill fill;
    bool more;
    Err *err;
} SystemRows;
MUST_CHECK bool system_rows_begin(SystemRows *r, Run *run, const char *const *name, const Type *type,
                                  uint32_t columns, Err *err);
void system_put_text(SystemRows *r, Str text);
bool system_row_done(SystemRows *r);
MUST_CHECK bool system_rows_end(SystemRows *r, Err *err);
// All rows of one of the tables, with its arguments: SHOW TABLES, DESCRIBE t …
MUST_CHECK bool system_show(Run *run, const char *name, const Str *args, uint32_t count, Err *err);

// The definitions that a fill function walks over: tables of all databases, or of args[0].
typedef bool (*SystemVisit)(SystemFill *f, Session *s, const TableDef *def);
MUST_CHECK bool system_each_table(SystemFill *f, Session *s, Str only, SystemVisit visit);
// The same for objects of a kind, in all databases.
typedef bool (*SystemVisitObject)(SystemFill *f, Session *s, const ObjectDef *def);
MUST_CHECK bool system_each_object(SystemFill *f, Session *s, ObjectKind kind, SystemVisitObject visit);
// "t", or "s.t" in a schema other than public.
Str system_table_name(Str schema, Str name, Arena *mem);
// "Virtual Machine 1" for vm1.
Str system_node_name(Str node, Arena *mem);

extern const SystemTable system_locks, system_snapshots;
extern const SystemTable system_views, system_sequences, system_definitions;
extern const SystemTable system_schemata, system_information_tables, system_information_columns,
    system_table_constraints, system_key_column_usage, system_referential_constraints,
    system_check_constraints, system_constraint_column_usage;
extern const SystemTable system_d2db_tables, system_d2db_columns, system_d2db_indexes,
    system_d2db_foreign_keys, system_d2db_checks, system_transactions, system_sessions, system_settings,
    system_count_queries, system_count_update, system_show_databases, system_show_tables, system_describe,
    system_show_indexes;

#endif
