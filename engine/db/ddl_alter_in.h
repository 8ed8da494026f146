// DDL: ALTER TABLE while it is being worked out, shared by its files. Relies on ddl.
//
// Nouns: alter
#ifndef ENGINE_DB_DDL_ALTER_IN_H
#define ENGINE_DB_DDL_ALTER_IN_H

#include "engine/db/ddl.h"

// One statement: all of its actions work on one new definition, pass by pass in PostgreSQL's order; then the
// rows are brought to it and looked at once.
typedef struct Alter {
    Draft d; // d.old: as it was
    Table *table;
    Str *value;     // per column of d.def: SQL over the old columns that fills it; at == NULL: none
    bool *not_null; // per column: the rows must be looked at for NULLs
    bool *old_gone; // per column of d.old: dropped, or converted
    bool all_keys;  // a column was converted: what refers to it is looked at again
    bool refill;    // generated and hidden columns are worked out anew
    bool positions; // columns have moved
} Alter;

typedef enum AlterPass { // as PostgreSQL's tablecmds.c orders them
    ALTER_PASS_DROP,
    ALTER_PASS_TYPE,
    ALTER_PASS_COLUMN,
    ALTER_PASS_ATTRIBUTE,
    ALTER_PASS_INDEX,
    ALTER_PASS_CHECK,
    ALTER_PASS_FOREIGN,
    ALTER_PASS_MISC,
    ALTER_PASSES
} AlterPass;

// ---- ddl_alter_column.c ----
MUST_CHECK bool alter_add_column(Alter *a, const AstAlterAction *action, AlterPass pass, Err *err);
MUST_CHECK bool alter_drop_column(Alter *a, const AstAlterAction *action, Err *err);
MUST_CHECK bool alter_column_type(Alter *a, const AstAlterAction *action, Err *err);
// Position of a column, 42703 naming the table.
MUST_CHECK bool alter_find_column(const Alter *a, const AstName *name, int *out, Err *err);
bool alter_mentions(Str text, Str column, Arena *mem); // does the expression's text name the column?

// ---- ddl_alter_rename.c ----
MUST_CHECK bool alter_rename_column(Alter *a, const AstAlterAction *action, Err *err);
MUST_CHECK bool alter_rename_constraint(Alter *a, const AstAlterAction *action, Err *err);

// ---- ddl_alter_constraint.c ----
MUST_CHECK bool alter_add_constraint(Alter *a, const AstConstraint *c, int column, AlterPass pass, Err *err);
MUST_CHECK bool alter_drop_constraint(Alter *a, const AstAlterAction *action, Err *err);
MUST_CHECK bool alter_validate(Alter *a, const AstAlterAction *action, Err *err);
// A foreign key of another table goes, with the index that it brought.
MUST_CHECK bool alter_cut_foreign_key(Run *run, const TableDef *child, Str name, Err *err);
void alter_take_foreign_key(TableDef *def, uint16_t at, Arena *mem);

// ---- ddl_alter_check.c: 23502, 23514, 23503 when a row of the table fails ----
MUST_CHECK bool alter_check_rows(Run *run, const TableDef *def, const CheckDef *check, Err *err);
MUST_CHECK bool alter_check_not_null(Run *run, const TableDef *def, const ColumnDef *column, Err *err);
MUST_CHECK bool alter_check_parents(Run *run, const TableDef *def, const ForeignKeyDef *key, Err *err);

#endif
