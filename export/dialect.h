// Dialect: what differs between the systems a dump is written for, as one const struct each, and the pieces
// they share. A room's own header: others use dump.h. Relies on catalog, out_file.
// Nouns: postgres, expression
#ifndef EXPORT_DIALECT_H
#define EXPORT_DIALECT_H

#include "engine/data/batch.h"
#include "export/catalog.h"
#include "export/dump.h"

// One value on its way out.
typedef struct DumpCell {
    const Vector *vector;
    uint32_t row;
    Str text;        // as value_to_text prints it
    const char *why; // set when it cannot be written: "MySQL has no infinite dates"
} DumpCell;

// Writes a value that is not NULL as a literal; false with c->why.
typedef bool (*DumpPut)(OutFile *out, DumpCell *c);

struct DumpDialect {
    const char *name, *title;
    char quote;                      // around names
    bool objects;                    // schemas, sequences, views and comments are written as our own SQL
    const char *prologue, *epilogue; // statements around everything
    const char *values_begin, *values_end; // around the INSERTs
    void (*type)(OutFile *out, const CatalogTable *t, uint32_t column);
    DumpPut put[TYPE_COUNT];
    const char *identity;         // behind the type of an identity column; NULL = only as `identity_primary`
    const char *identity_primary; // NULL, or the words for an identity column that alone is the primary key
    bool translate;               // DEFAULT and CHECK expressions go through expression_translate
    bool alter_foreign;           // foreign keys can be added by ALTER TABLE (else all stand in CREATE TABLE)
    bool key_names_shared;        // keys and indexes share their names with tables, all over the database
    bool index_names_shared;      // indexes do
    bool index_method;            // USING hash is understood
    // The counter of an identity column goes on with `next`; NULL = it follows the rows by itself.
    void (*restart)(OutFile *out, const CatalogTable *t, uint32_t column, int64_t next);
};

extern const DumpDialect dialect_d2db, dialect_postgres, dialect_mysql, dialect_sqlite;

// An identifier in the dialect's quotes.
void dialect_put_name(OutFile *out, const DumpDialect *d, Str name);
// With its schema where the dialect has schemas.
void dialect_put_table(OutFile *out, const DumpDialect *d, const CatalogTable *t);
// s between `quote`s, each inside doubled; nothing else is touched.
void dialect_put_quoted(OutFile *out, char quote, Str s);
void dialect_put_hex(OutFile *out, Str bytes);

// Shared by the dialects that follow PostgreSQL.
void postgres_type(OutFile *out, const CatalogTable *t, uint32_t column);
void postgres_restart(OutFile *out, const CatalogTable *t, uint32_t column, int64_t next);
bool postgres_put_number(OutFile *out,
                         DumpCell *c); // numbers that are words (NaN) or could lose digits are quoted
bool postgres_put_text(OutFile *out, DumpCell *c);
bool postgres_put_boolean(OutFile *out, DumpCell *c);
bool dialect_put_plain(OutFile *out, DumpCell *c);   // the text as it is
bool dialect_put_string(OutFile *out, DumpCell *c);  // in single quotes, for dates, times and bytea
bool dialect_put_bytea_x(OutFile *out, DumpCell *c); // X'00ff'

// Rewrites a DEFAULT or CHECK expression of ours for another system: casts dropped, names requoted, the
// clock's functions renamed. false (and *why names the word) when it uses what is not known to exist there.
bool expression_translate(Str sql, const DumpDialect *d, Bytes *out, Str *why);

#endif
