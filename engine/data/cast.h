// Cast: from any type to any other, for one value and for a vector. Relies on base, value, batch, datetime.
#ifndef ENGINE_DATA_CAST_H
#define ENGINE_DATA_CAST_H

#include "engine/data/batch.h"
#include "engine/data/zone.h"

typedef enum CastHow {
    CAST_IMPLICIT,   // in any expression (integer to bigint, untyped literal to anything)
    CAST_ASSIGNMENT, // storing into a column (numeric to integer, timestamp to date); too long text is 22001
    CAST_EXPLICIT,   // CAST(x AS t), x::t; too long text is cut
} CastHow;
// Modifiers: ASSIGNMENT and EXPLICIT round to numeric(p,s) and timestamp(p) and hold texts to n characters;
// char(n) is padded with blanks. IMPLICIT serves comparisons and arithmetic: it never cuts, rounds or refuses
// by a modifier, and brings text to char(n) without or with padding as n asks, so that chars of one length
// compare as bytes. char loses its trailing blanks on the way to varchar and text, as in PostgreSQL.

// What casts must know of the session and the dictionary. Functions that are NULL refuse with 0A000; a zeroed
// context (or NULL) means UTC.
typedef struct CastContext {
    ZoneContext when;
    void *self;
    // The label of an enum's value, and back (22P02); the label lives as long as the statement.
    bool (*enum_label)(void *self, uint32_t number, int64_t place, Str *label, Err *err);
    bool (*enum_place)(void *self, uint32_t number, Str label, int64_t *place, Err *err);
    // A name to the oid of what regclass, regtype … call so (42P01, 42704 …), and back ("-" for 0).
    bool (*name_to_oid)(void *self, TypeId type, Str name, int64_t *oid, Err *err);
    bool (*oid_to_name)(void *self, TypeId type, int64_t oid, Bytes *out, Err *err);
} CastContext;

// Is there a cast of at most this strength? Same table that PostgreSQL's pg_cast shows for these types.
bool cast_exists(TypeId from, TypeId to, CastHow how);
// 22P02 bad text, 22003 out of range, 22001 too long, 22021 not UTF-8, 42846 no such cast; 22007/22008 dates,
// 22023 hexadecimal bytes, 54000 longer than TYPE_VALUE_BYTES_MAX. Long cells are copied to mem. out may be
// in.
MUST_CHECK bool cast_value(Value *out, const Value *in, Type to, CastHow how, Arena *mem, Err *err);
// The same where the session matters: timestamptz, regclass, enums … (c may be NULL).
MUST_CHECK bool cast_value_in(const CastContext *c, Value *out, const Value *in, Type to, CastHow how,
                              Arena *mem, Err *err);
// Chosen rows only (sel NULL = 0…count-1); out has room (a null bitmap is made in mem when needed and absent)
// and gets the type `to`; an error names the offending value. Long cells made by the cast go to mem, texts
// and numerics that stay as they are borrow what `in` points to.
MUST_CHECK bool cast_vector(Vector *out, const Vector *in, const uint16_t *sel, uint32_t count, Type to,
                            CastHow how, Arena *mem, Err *err);
MUST_CHECK bool cast_vector_in(const CastContext *c, Vector *out, const Vector *in, const uint16_t *sel,
                               uint32_t count, Type to, CastHow how, Arena *mem, Err *err);
// Does the text of such values depend on the session or the dictionary?
bool cast_needs_context(TypeId id);
// Text of any cell, as value_to_text; appended without making a Value.
void cast_cell_to_text(const Vector *v, uint32_t row, Bytes *out);
// Text to cell of `to`, assignment strength; the reader of table files, logs, CSV and dumps.
MUST_CHECK bool cast_text_to_value(Value *out, Str text, Type to, Arena *mem, Err *err);
// Shortest text that reads back as the same double / float ("0.1", "1e+100", "NaN", "-Infinity"); returns the
// length.
size_t cast_double_to_text(double value, char *out); // out: 32 bytes
size_t cast_float_to_text(float value, char *out);
MUST_CHECK bool cast_text_to_double(Str s, double *out, Err *err);

#endif
