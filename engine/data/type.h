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
    TYPE_TIMESTAMPTZ,
    TYPE_INTERVAL,
    TYPE_UUID,
    TYPE_JSON,
    TYPE_JSONB,
    TYPE_OID,
    TYPE_REGCLASS, // an oid that is written as the name of what it stands for
    TYPE_REGTYPE,
    TYPE_REGPROC,
    TYPE_REGNAMESPACE,
    TYPE_NAME,   // text of at most TYPE_NAME_MAX bytes, for catalogs
    TYPE_ENUM,   // `of` says which
    TYPE_ARRAY,  // `of` says of what
    TYPE_RECORD, // a row as a value; its fields are in it
    TYPE_COUNT
} TypeId;

// length: n of char(n)/varchar(n), precision of numeric(p,s); 0 = none given. scale: s of numeric(p,s); for
// time(p) and timestamp(p) the digits given up, 6 - p, so that 0 is the plain type. char without length (SQL
// "bpchar") is the form in which chars of different lengths compare: without trailing blanks.
// interval: length holds its fields (TypeIntervalField bits, 0 = all), scale as for time(p).
// of: of an enum its number (made by the dictionary, from 1), see type_of_enum; of an array the element, see
// type_element. domain: the number of the domain through which the value is seen, 0 = none; the other fields
// are then those of the domain's base type.
typedef struct Type {
    TypeId id;
    int32_t length;
    int32_t scale;
    uint32_t of;
    uint32_t domain;
} Type;

// How a value lies in a vector.
typedef enum Phys {
    PHYS_BOOL, // uint8_t 0 or 1
    PHYS_I16,
    PHYS_I32, // integer; date = days since 1970-01-01
    PHYS_I64, // bigint, oid, reg…; time = microseconds of the day; timestamp = microseconds since 1970-01-01,
              // no zone; timestamptz the same in UTC; enum = the label's place, which orders like the labels
    PHYS_F32,
    PHYS_F64,
    PHYS_TEXT,     // Text: char, varchar, text, name, bytea, json, null type
    PHYS_NUMERIC,  // Numeric
    PHYS_INTERVAL, // Interval
    PHYS_UUID,     // Uuid
    PHYS_ARRAY,    // Text that holds an Array (array.h) or a Record (record.h)
    PHYS_JSONB,    // Text in jsonb's normal form (document.h)
    PHYS_COUNT
} Phys;

enum {
    TYPE_NUMERIC_PRECISION_MAX = 1000,
    TYPE_FRACTION_MAX = 6,            // digits of a second
    TYPE_TEXT_LENGTH_MAX = 10485760,  // n of varchar(n)
    TYPE_VALUE_BYTES_MAX = 256 << 20, // one text or bytea value
    TYPE_NAME_MAX = 63,               // bytes of a name
    TYPE_NUMBER_MAX = (1 << 24) - 1,  // of an enum or domain
};

// What interval's field words keep: the bits of Type.length.
typedef enum TypeIntervalField {
    TYPE_INTERVAL_YEAR = 1,
    TYPE_INTERVAL_MONTH = 2,
    TYPE_INTERVAL_DAY = 4,
    TYPE_INTERVAL_HOUR = 8,
    TYPE_INTERVAL_MINUTE = 16,
    TYPE_INTERVAL_SECOND = 32,
} TypeIntervalField;

static inline Type type_of(TypeId id) { return (Type){.id = id}; }
// The same without modifiers and domain.
static inline Type type_bare(Type t) { return (Type){.id = t.id, .of = t.of}; }
// An enum by its number; the number of an enum or of an array's enum elements.
static inline Type type_of_enum(uint32_t number)
{
    return (Type){.id = TYPE_ENUM, .of = number << 8 | TYPE_ENUM};
}
static inline uint32_t type_number(Type t) { return t.of >> 8; }
// The array of an element type, and back. The array's length and scale are the elements'.
static inline Type type_of_array(Type element)
{
    return (Type){.id = TYPE_ARRAY,
                  .length = element.length,
                  .scale = element.scale,
                  .of = (element.of >> 8) << 8 | (uint32_t)element.id};
}
static inline Type type_element(Type array)
{
    TypeId id = (TypeId)(array.of & 0xff);
    return (Type){
        .id = id, .length = array.length, .scale = array.scale, .of = id == TYPE_ENUM ? array.of : 0};
}
Phys type_phys(TypeId id);
size_t phys_size(Phys p);   // bytes of one cell: 1, 2, 4, 8 or 16
bool phys_is_long(Phys p);  // cells may point to bytes elsewhere: text, array, jsonb and numeric
bool phys_is_text(Phys p);  // cells are Texts
bool phys_is_plain(Phys p); // a whole number or double in itself, for min/max notes and cost
bool type_equal(Type a, Type b);
bool type_is_number(TypeId id); // smallint … double
bool type_is_integer(TypeId id);
bool type_is_string(TypeId id); // char, varchar, text, name
bool type_is_when(TypeId id);   // date, time, timestamp, timestamptz
bool type_is_oid(TypeId id);    // oid, regclass …
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
