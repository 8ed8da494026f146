// The parts of the import reader: tokens of three families of SQL, the splitter that finds statements in a
// stream, rules that say what to do with each, and the rewriting of what only others write. A room's own
// header. Relies on import.
#ifndef EXPORT_IMPORT_IN_H
#define EXPORT_IMPORT_IN_H

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "export/import.h"

typedef enum ImportDialect { IMPORT_POSTGRES = 1, IMPORT_MYSQL = 2, IMPORT_SQLITE = 4 } ImportDialect;

// ---- import_token.c ----

typedef enum ImportTokenKind {
    IMPORT_SPACE,
    IMPORT_COMMENT,
    IMPORT_WORD,
    IMPORT_NAME,   // "a", `a`, [a]
    IMPORT_STRING, // '…', $x$…$x$, MySQL's "…"; a letter before the quote belongs to it (E'…', N'…',
                   // _utf8'…')
    IMPORT_NUMBER,
    IMPORT_SYMBOL, // one byte
} ImportTokenKind;

typedef struct ImportToken {
    ImportTokenKind kind;
    size_t at, len;
    bool open; // not ended: the text stops inside
} ImportToken;

// The token at `at` < text.len.
ImportToken import_token(Str text, size_t at, ImportDialect dialect);
// The next one from *at on that is neither space nor comment; false at the end. Moves *at behind it.
bool import_next_word(Str text, size_t *at, ImportDialect dialect, ImportToken *out);
static inline Str import_token_text(Str text, const ImportToken *t) { return (Str){text.at + t->at, t->len}; }
// Is it this word (upper case given), unquoted?
bool import_is_word(Str text, const ImportToken *t, const char *word);
// Value of a name without its quotes, or of a word as it stands; appended.
void import_put_name_value(Bytes *out, Str text, const ImportToken *t);
// Whose script is this? From its first bytes.
ImportDialect import_guess(Str beginning);

// ---- import_split.c ----

typedef enum ImportPieceKind {
    IMPORT_STATEMENT, // without its semicolon
    IMPORT_COMMAND,   // a line for psql, mysql or sqlite3, not for the server
} ImportPieceKind;

typedef struct ImportPiece {
    ImportPieceKind kind;
    size_t at, len;
    size_t end; // behind it all: what may be dropped from the front
} ImportPiece;

typedef struct ImportSplitter {
    ImportDialect dialect;
    size_t at;             // scanned so far
    size_t first;          // where the statement begins; SIZE_MAX = not begun
    bool trigger;          // SQLite's CREATE TRIGGER … BEGIN …; END
    unsigned words;        // seen in the statement, at most 5 counted
    bool creates, routine; // CREATE …; of a function, procedure or trigger
    unsigned blocks;       // BEGIN and CASE that are open in it
    bool after_end;        // the last word was END
    char delimiter[16];    // MySQL's DELIMITER; "" = ;
} ImportSplitter;

void import_splitter_init(ImportSplitter *s, ImportDialect dialect);
// Looks for the next piece in text, whose front is where the last piece ended. false: more text is needed,
// or, when `last` (text holds the rest), nothing is left. After true, drop piece.end bytes from the front of
// text.
bool import_split(ImportSplitter *s, Str text, bool last, ImportPiece *out);

// ---- import_rewrite.c ----

// A place from which on bytes of the new text came from these bytes of the old.
typedef struct ImportSpot {
    size_t to, from;
} ImportSpot;

enum { IMPORT_SPOTS_MAX = 1 << 16 };

// A statement on its way; what has to wait for the end of the file is collected in `later`.
typedef struct ImportRewrite {
    ImportDialect dialect;
    Str text;
    Bytes *out;
    ImportSpot *spot;
    size_t spots, spot_room;
    Bytes *later; // statements, each ended by a NUL
} ImportRewrite;

// The text as our engine reads it.
void import_rewrite(ImportRewrite *r);
// Byte of the old text that byte `at` of the new one came from.
size_t import_origin(const ImportRewrite *r, size_t at);
void import_put_spot(ImportRewrite *r, size_t from);
// One token that is not special in CREATE TABLE.
void import_put_token(ImportRewrite *r, const ImportToken *t);
// Is it the `db` of MySQL's `db`.`table`? Scripts name the database that they have chosen.
bool import_is_qualifier(const ImportRewrite *r, const ImportToken *t);
void import_rewrite_done(ImportRewrite *r);

// ---- import_table.c ----

// CREATE TABLE of MySQL and SQLite; false when the text is none.
bool import_rewrite_table(ImportRewrite *r);

// ---- import_rules.c ----

typedef enum ImportAction {
    IMPORT_RUN,
    IMPORT_SKIP,   // has no meaning here; `why` says what it is
    IMPORT_QUIET,  // skipped without a word (SET, LOCK …)
    IMPORT_REFUSE, // would lose something: 0A000
    IMPORT_COPY,   // COPY … FROM stdin: data lines follow
    IMPORT_BEGIN,  // a transaction's begin or end, left out when the whole import is one
} ImportAction;

ImportAction import_action(Str statement, ImportDialect dialect, const char **why);

// ---- import_rows.c ----

// Rows of texts (COPY, CSV) as multi-row INSERTs.
typedef struct ImportRows {
    Bytes head; // INSERT INTO t (a, b) VALUES
    Bytes text;
    uint32_t rows, fields;
    uint32_t width; // fields of a row; 0 = as the first row
} ImportRows;

enum { IMPORT_ROWS_MAX = 500, IMPORT_ROWS_BYTES = 256 << 10 };

void import_rows_init(ImportRows *r);
void import_rows_done(ImportRows *r);
void import_rows_field(ImportRows *r, Str value, bool null);
// false: the row has not `width` fields.
bool import_rows_end(ImportRows *r);
bool import_rows_full(const ImportRows *r);
Str import_rows_take(ImportRows *r); // the statement; import_rows_clear before the next
void import_rows_clear(ImportRows *r);

// ---- import_reader.c ----

// A file read from the front, with the line and column of the front.
typedef struct ImportReader {
    const char *path;
    IoFile file;
    Bytes buffer;
    size_t front;        // bytes of buffer that are used up
    bool end;            // nothing more to read
    uint64_t size, done; // bytes
    uint32_t line, column;
} ImportReader;

MUST_CHECK bool import_reader_open(ImportReader *r, Io io, const char *path, Err *err);
void import_reader_close(ImportReader *r);
static inline Str import_reader_text(const ImportReader *r)
{
    return (Str){r->buffer.at + r->front, r->buffer.len - r->front};
}
// Reads on; 54000 when more than IMPORT_STATEMENT_MAX is waiting. At the end r->end is set.
MUST_CHECK bool import_reader_more(ImportReader *r, Err *err);
void import_reader_drop(ImportReader *r, size_t count);
// Puts FILE:LINE:COLUMN of byte `at` behind the front before err's text; returns false.
bool import_reader_locate(const ImportReader *r, size_t at, Err *err);
// The next line without its end (borrowed until more is read); *found false at the end. Drop line.len +
// *ending.
MUST_CHECK bool import_reader_line(ImportReader *r, Str *line, size_t *ending, bool *found, Err *err);

#endif
