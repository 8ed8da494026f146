// Type: the SQL types, their physical forms and names. Relies on base.
// Nouns: phys
#ifndef ENGINE_DATA_TYPE_H
#define ENGINE_DATA_TYPE_H

#include "engine/base/arena.h"
#include "engine/base/err.h"

// The order inside a family is the order of implicit promotion.
typedef enum TypeId {
    TYPE_NULL, // the type of a bare NULL or of an untyped quoted literal until binding settles it
    TYPE_BOOLEAN,
    TYPE_SMALLINT,
    TYPE_INTEGER,
    TYPE_BIGINT,
    TYPE_NUMERIC,
    TYPE_REAL,
    TYPE_DOUBLE,
    TYPE_CHAR,
    TYPE_VARCHAR,
    TYPE_TEXT,
    TYPE_BYTEA,
    TYPE_DATE,
    TYPE_TIME,
    TYPE_TIMESTAMP,
    TYPE_COUNT
} TypeId;

// length: n of char(n)/varchar(n), precision of numeric(p,s); 0 = none given. scale: s of numeric(p,s); for
// time(p) and timestamp(p) the digits given up, 6 - p, so that 0 is the plain type. char without length (SQL
// "bpchar") is the form in which chars of different lengths compare: without trailing blanks.
typedef struct Type {
    TypeId id;
    int32_t length;
    int32_t scale;
} Type;

// How a value lies in a vector.
typedef enum Phys {
    PHYS_BOOL, // uint8_t 0 or 1
    PHYS_I16,
    PHYS_I32, // integer; date = days since 1970-01-01
    PHYS_I64, // bigint; time = microseconds of the day; timestamp = microseconds since 1970-01-01, no zone
    PHYS_F32,
    PHYS_F64,
    PHYS_TEXT,    // Text: char, varchar, text, bytea, null type
    PHYS_NUMERIC, // Numeric
    PHYS_COUNT
} Phys;

enum {
    TYPE_NUMERIC_PRECISION_MAX = 1000,
    TYPE_FRACTION_MAX = 6,            // digits of a second
    TYPE_TEXT_LENGTH_MAX = 10485760,  // n of varchar(n)
    TYPE_VALUE_BYTES_MAX = 256 << 20, // one text or bytea value
};

static inline Type type_of(TypeId id) { return (Type){.id = id}; }
Phys type_phys(TypeId id);
size_t phys_size(Phys p); // bytes of one cell: 1, 2, 4, 8 or 16
bool type_equal(Type a, Type b);
bool type_is_number(TypeId id); // smallint … double
bool type_is_integer(TypeId id);
bool type_is_string(TypeId id); // char, varchar, text
bool type_is_when(TypeId id);   // date, time, timestamp
// The SQL spelling, as DESCRIBE shows it: "numeric(10,2)", "character varying(20)" is written "varchar(20)".
Str type_text(Type t, Arena *mem);
const char *type_name(TypeId id); // without modifiers
// From the words of the text (already lower case, one blank between words: "double precision"), with up to
// two numbers. Knows the common aliases: int, int4, int8, decimal, dec, float, float(p), bool, character
// varying, string, nvarchar, datetime, blob, timestamp without time zone …; 42704 for an unknown one, 22023
// for a bad modifier, 0A000 for a well-known type that is not built (interval, json, timestamp with time zone
// …).
MUST_CHECK bool type_from_name(Type *out, Str name, const int64_t *mods, size_t mod_count, Err *err);
// The type in which values of a and b compare and combine (promotion); false if there is none. Modifiers that
// differ are dropped, so that nothing is cut or rounded; beside an untyped literal only char keeps its length
// (the cast pads the literal: see cast.h).
bool type_common(Type a, Type b, Type *out);

#endif
