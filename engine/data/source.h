// Source: a database that a person can talk to: query text in, results out. Our engine is one; PostgreSQL,
// MySQL and SQLite connectors are others. Panes, exporters, ERD and analytics see databases through this
// only. Relies on base, batch.
#ifndef ENGINE_DATA_SOURCE_H
#define ENGINE_DATA_SOURCE_H

#include "engine/data/batch.h"

typedef struct ResultColumn {
    Str name;
    Type type;
} ResultColumn;

// Where the results of a run go. Called on the thread that runs; each may be NULL. One text may hold several
// statements: for each, begin … (columns, rows*)? … done or error. An error ends the run.
typedef struct ResultSink {
    void *self;
    // Statement `index` (from 0) starts; its text begins at byte `at` of what was given to source_run.
    void (*begin)(void *self, unsigned index, size_t at, size_t len);
    // The statement gives rows. Borrowed until done.
    bool (*columns)(void *self, const ResultColumn *column, uint32_t count);
    // Borrowed for the call only. false = the reader has enough: the statement ends well.
    bool (*rows)(void *self, const Batch *batch);
    void (*notice)(void *self, Str sentence);
    // The same with a SQLSTATE, more to be heeded; NULL: it comes as a notice.
    void (*warning)(void *self, const char *state, Str sentence);
    // tag: "SELECT", "INSERT", "CREATE TABLE" …; rows: returned or changed.
    void (*done)(void *self, Str tag, int64_t rows, int64_t duration_us);
    void (*error)(void *self, const Err *err);
    // COPY … FROM STDIN: data for `columns` columns is wanted; then copy_read gives it piece by piece
    // (borrowed until the next), *end with the last. COPY … TO STDOUT: lines come. NULL: COPY to and from the
    // client is refused.
    bool (*copy_in)(void *self, uint32_t columns);
    bool (*copy_read)(void *self, Str *data, bool *end, Err *err);
    bool (*copy_out)(void *self, uint32_t columns);
    bool (*copy_line)(void *self, Str line);
} ResultSink;

typedef struct SourceState {
    char user[64], node[64], database[64];
    char kind[24]; // "d2db", "postgres" …
    bool in_transaction;
    bool failed_transaction; // only ROLLBACK helps
    uint64_t transaction;    // its number
    int64_t began_us;        // wall time of BEGIN
    uint64_t pending;        // changed rows not yet committed
} SourceState;

typedef struct SourceProgress {
    bool running;
    int64_t started_mono_us;
    uint64_t done, expected; // rows; expected 0 = not known
} SourceProgress;

// Kinds of words for colouring and for finding statements; made by the source's own lexer.
typedef enum SpanKind {
    SPAN_SPACE,
    SPAN_COMMENT,
    SPAN_KEYWORD,
    SPAN_TYPE,
    SPAN_NAME,
    SPAN_QUOTED_NAME,
    SPAN_STRING,
    SPAN_NUMBER,
    SPAN_OPERATOR,
    SPAN_SEMICOLON,
    SPAN_PARAMETER,
    SPAN_BAD
} SpanKind;
typedef struct Span {
    size_t at, len;
    SpanKind kind;
} Span;

typedef struct Source Source;
typedef struct SourceKind {
    const char *name;
    bool (*run)(Source *s, Str text, const ResultSink *sink, Err *err);
    void (*cancel)(Source *s);
    void (*state)(Source *s, SourceState *out);
    void (*progress)(Source *s, SourceProgress *out);
    // Splits text from *state on; writes at most max spans that cover it without gaps and returns how many.
    size_t (*spans)(Source *s, Str text, Span *out, size_t max);
    void (*close)(Source *s);
} SourceKind;
struct Source {
    const SourceKind *kind;
}; // first member of each implementation

// Runs the statements of text one after the other. true when all went well; false with *err (position inside
// text) at the first that did not. One thread at a time; cancel, state and progress may come from any thread.
MUST_CHECK bool source_run(Source *s, Str text, const ResultSink *sink, Err *err);
void source_cancel(Source *s);
void source_state(Source *s, SourceState *out);
void source_progress(Source *s, SourceProgress *out);
size_t source_spans(Source *s, Str text, Span *out, size_t max);
void source_close(Source *s);

// An identifier and a string as this dialect writes them (PostgreSQL's rules: "na""me", 'it''s'); appended.
void source_quote_name(Bytes *out, Str name);
void source_quote_text(Bytes *out, Str text);

#endif
