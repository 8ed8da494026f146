// DDL: statements that change definitions, through the store's transactions. Constraint names are made as
// PostgreSQL makes them. Relies on statement.
#ifndef ENGINE_DB_DDL_H
#define ENGINE_DB_DDL_H

#include "engine/db/statement.h"

MUST_CHECK bool ddl_create_database(Run *run, const AstDatabase *d, Err *err);
MUST_CHECK bool ddl_drop_database(Run *run, const AstDatabase *d, Err *err);
// CONNECT on the database: 42501. Outside of a statement's transaction.
MUST_CHECK bool ddl_may_connect(Run *run, Str name, Err *err);
MUST_CHECK bool ddl_use(Run *run, const AstDatabase *d, Err *err);
// 42P16 for a column that would keep rows without a type of their own.
MUST_CHECK bool ddl_is_kept(Str column, Type type, int64_t at, Err *err);
MUST_CHECK bool ddl_create_table(Run *run, const AstCreateTable *t, Err *err);
MUST_CHECK bool ddl_create_index(Run *run, const AstCreateIndex *i, Err *err);
MUST_CHECK bool ddl_drop(Run *run, const AstDrop *d, Err *err);
MUST_CHECK bool ddl_alter(Run *run, const AstAlterTable *a, Err *err);
MUST_CHECK bool ddl_truncate(Run *run, const AstTruncate *t, Err *err);

// ---- shared by the files of DDL ----

// The type that the text names; *serial (may be NULL) tells serial, bigserial, smallserial. 42704, 22023,
// 0A000.
MUST_CHECK bool ddl_type(Run *run, Type *out, const AstType *t, bool *serial, Err *err);
// The chosen database, or the one that the path names; 3D000.
MUST_CHECK bool ddl_database(Run *run, const AstPath *path, Str *out, Err *err);
// Where a new thing of this name goes: 3D000, 3F000.
MUST_CHECK bool ddl_new_place(Run *run, const AstPath *path, SearchPlace *out, Err *err);
// Is there a table, view or sequence of that name? 42P07, or a notice with if_not_exists.
MUST_CHECK bool ddl_name_taken(Run *run, const SearchPlace *place, const AstPath *path, bool if_not_exists,
                               bool *taken, Err *err);
bool ddl_relation(Run *run, const AstPath *path, SearchFound *out);
// 42809 for a thing of another kind: "view", "sequence" … were wanted; returns false.
bool ddl_wrong_kind(const AstPath *path, const SearchFound *found, const char *wanted, Err *err);
Str ddl_path_text(Run *run, const AstPath *path);    // a.b as written
void ddl_put_table(Bytes *sql, const TableDef *def); // database.schema.table, for the engine's own statements
// 42P01 with the position. *out = NULL only with if_exists (a notice is given).
// *again: others had the table; its name has to be looked up again.
MUST_CHECK bool ddl_lock(Run *run, Table *table, LockMode mode, bool *again, Err *err);
MUST_CHECK bool ddl_table(Run *run, const AstPath *path, bool if_exists, Table **out, Err *err);
// 0A000 for a thing that parses but is not carried out.
bool ddl_unsupported(int64_t at, const char *what, Err *err);

// A definition that is being made: arrays with room for more.
typedef struct Draft {
    Run *run;
    TableDef *def;
    const TableDef *old; // NULL = a new table
} Draft;
MUST_CHECK bool ddl_draft_new(Draft *d, Run *run, const SearchPlace *place, Str name, uint32_t columns,
                              uint32_t constraints, Err *err);
// A copy of an existing definition with room for `constraints` more.
void ddl_draft_of(Draft *d, Run *run, const TableDef *def, uint32_t constraints);
// The next column, without its constraints; 42701 when the name is there already.
MUST_CHECK bool ddl_column(Draft *d, const AstColumnDef *c, Err *err);
// One constraint of a table, or of its column (-1 = of the table). NOT NULL, DEFAULT and IDENTITY too.
MUST_CHECK bool ddl_constraint(Draft *d, const AstConstraint *c, int column, Err *err);
// "t_a_b_key", made different from all names that the table has.
Str ddl_constraint_name(const Draft *d, const uint16_t *column, uint16_t count, const char *suffix);
Str ddl_constraint_name_of(const Draft *d, Str middle, const char *suffix); // t + middle + _suffix
// The expression as the dictionary keeps it.
MUST_CHECK bool ddl_expr_text(Run *run, const AstExpr *e, Str *out, Err *err);
// Every row gets its generated columns anew; nothing is checked.
MUST_CHECK bool ddl_refill(Run *run, Table *table, Err *err);
bool ddl_constraint_exists(const TableDef *def, Str name);
// The index that a foreign key has for speed: "t.NAME". Not shown as the user's own.
Str ddl_foreign_index_name(const TableDef *def, const ForeignKeyDef *key, Arena *mem);
bool ddl_is_foreign_index(const TableDef *def, const IndexDef *index);
void ddl_changed(const Run *run); // plans made before are void

#endif
