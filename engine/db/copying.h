// Copying: COPY … FROM and TO: rows as text or CSV between a table and the client or a file of the server.
// Relies on statement, data/copy.
#ifndef ENGINE_DB_COPYING_H
#define ENGINE_DB_COPYING_H

#include "engine/data/copy.h"
#include "engine/db/statement.h"

typedef struct CopyOptions {
    CopyFormat format;
    bool header, match; // match: the first line must name the columns
    const AstExpr *force_quote, *force_not_null, *force_null;
} CopyOptions;

// PostgreSQL's options with its checks and sentences; binary is 0A000.
MUST_CHECK bool copying_options(const AstCopy *c, CopyOptions *out, Err *err);
// Which of the columns (by name) the option names: *, or a list; false for a name that is none of them.
MUST_CHECK bool copying_marks(const AstExpr *option, const ResultColumn *column, uint32_t columns,
                              const char *word, bool *marks, Err *err);
// PROGRAM is 0A000, a file is for administrators (42501); nothing for STDIN and STDOUT.
MUST_CHECK bool copying_may_file(const Run *run, const AstCopy *c, Err *err);
MUST_CHECK bool copying_run(Run *run, const AstCopy *c, Err *err);
// ---- copying_in.c, copying_out.c ----
MUST_CHECK bool copying_in(Run *run, const AstCopy *c, const CopyOptions *o, Err *err);
MUST_CHECK bool copying_out(Run *run, const AstCopy *c, const CopyOptions *o, Err *err);
// The columns that are copied: those named, or all that are not generated. In run's memory.
MUST_CHECK bool copying_columns(Run *run, const AstCopy *c, const TableDef *def, ResultColumn **out,
                                uint32_t *columns, Err *err);

#endif
