// DDL: objects: schemas, views, sequences, comments, and what goes with a thing that is dropped. Relies on
// ddl.
//
// Nouns: ddl, depend, view
#ifndef ENGINE_DB_DDL_OBJECT_H
#define ENGINE_DB_DDL_OBJECT_H

#include "engine/sql/ast_routine.h"
#include "engine/db/ddl.h"

MUST_CHECK bool ddl_create_schema(Run *run, const AstCreateSchema *c, Err *err);
MUST_CHECK bool ddl_alter_schema(Run *run, const AstAlterTable *a, Err *err);
MUST_CHECK bool ddl_create_view(Run *run, const AstCreateView *v, Err *err);
MUST_CHECK bool ddl_refresh(Run *run, const AstMaintain *m, Err *err);
MUST_CHECK bool ddl_sequence(Run *run, const AstSequence *q, Err *err); // CREATE and ALTER
MUST_CHECK bool ddl_comment(Run *run, const AstComment *c, Err *err);
// ALTER of a view or sequence, or of a table by way of them: RENAME, SET SCHEMA, OWNER.
MUST_CHECK bool ddl_alter_object(Run *run, const AstAlterTable *a, Err *err);

// ---- what depends on what (depend.c) ----

// Things that are to go: what the user named, and what cannot be without it.
typedef struct DependThing {
    uint64_t id;
    const TableDef *table; // one of the two
    const ObjectDef *object;
    bool asked; // named by the user
    bool part;  // of something that goes: no word is said of it
} DependThing;
typedef struct DependList {
    DependThing *at;
    uint32_t count, cap;
} DependList;
bool depend_add_table(Run *run, DependList *l, const TableDef *def, bool asked, bool part);
bool depend_add_object(Run *run, DependList *l, const ObjectDef *def, bool asked, bool part);
// Drops all of it. Without cascade 2BP01 when something else depends on it; with it notices tell what went
// too.
MUST_CHECK bool depend_drop(Run *run, DependList *l, bool cascade, int64_t at, Err *err);
// "view s.v": with its schema when the bare name would not lead there.
Str depend_text(Run *run, const DependThing *t);
// 2BP01 when a view uses the column; with cascade the views are dropped. For ALTER TABLE … DROP COLUMN, TYPE
// (word: "drop column", "alter type of a column used by a view or rule" is its own sentence).
MUST_CHECK bool depend_on_column(Run *run, const TableDef *def, uint16_t column, bool cascade, int64_t at,
                                 Err *err);

// "view v" that uses the column, if one does: its type stays.
Str depend_view_of(Run *run, const TableDef *def, uint16_t column);

// ---- texts that follow renames (view_text.c) ----

// A view's text with what its names mean, read before something is renamed and written anew after it.
typedef struct ViewText ViewText;
typedef struct ViewTexts {
    ViewText *first;
} ViewTexts;
// Of the query that a new view has: everything named in full, stars written out. The names tell what it uses.
MUST_CHECK bool view_text_new(Run *run, AstQuery *q, Str database, const PlanNames *names, Str *out,
                              Err *err);
// Puts what the names use into the definition: dependencies and columns.
void view_text_depend(Run *run, ObjectDef *view, const PlanNames *names);
// Reads the texts of all that depend on this table or view.
MUST_CHECK bool view_texts_hold(Run *run, ViewTexts *out, uint64_t id, Err *err);
MUST_CHECK bool view_texts_write(Run *run, const ViewTexts *held, Err *err);

// ---- sequences of columns (ddl_sequence.c) ----

// The sequence that serial and identity columns of a new table get: "t_c_seq". Its id goes to *id; the
// column's default is set for serial. The owner is known when the table has been created: ddl_sequence_own.
MUST_CHECK bool ddl_sequence_of_column(Draft *d, int column, const AstOptions *options, Err *err);
MUST_CHECK bool ddl_sequences_own(Run *run, const TableDef *def, Err *err);
// "nextval('s.q'::regclass)", as it stands in defaults.
Str ddl_sequence_call(Arena *mem, const ObjectDef *sequence);
// Writes the defaults anew that count with a sequence which was renamed.
MUST_CHECK bool ddl_sequence_moved(Run *run, const ObjectDef *was, const ObjectDef *now, Err *err);
MUST_CHECK bool ddl_sequences_restart(Run *run, const TableDef *def, Err *err); // those that the table owns
MUST_CHECK bool ddl_drop_index(Run *run, const AstDrop *drop, const AstPath *path, Err *err);
// LIKE: room for what it brings; its columns where they stand; constraints and indexes when all columns are
// known.
uint32_t ddl_like_width(Run *run, const AstCreateTable *t, uint32_t *constraints);
MUST_CHECK bool ddl_like_columns(Draft *d, const AstLike *like, Err *err);
MUST_CHECK bool ddl_like_rest(Draft *d, const AstLike *like, Err *err);
bool ddl_find_index(Run *run, Str database, Str name, Table **table, const IndexDef **out);
// The session's own schema, made when there is none yet.
MUST_CHECK bool ddl_temporary_place(Run *run, SearchPlace *out, Err *err);
// Writes the names of sequences in an expression in full: nextval('q') becomes nextval('s.q'::regclass).
void ddl_sequence_names(Run *run, AstExpr *e);
void ddl_cut_foreign_keys(Draft *d, uint64_t parent); // takes those that refer to the parent out of the draft

#endif
