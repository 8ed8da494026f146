// Cell text: how a cell of each type is printed. A table by type, so that loops choose the function once per
// vector.
#include "engine/data/cell_text.h"

#include "engine/data/array.h"
#include "engine/data/cast.h"
#include "engine/data/datetime.h"
#include "engine/data/interval.h"

static void put_boolean(Bytes *out, const void *cell)
{
    bytes_put_byte(out, *(const uint8_t *)cell ? 't' : 'f');
}
static void put_smallint(Bytes *out, const void *cell) { bytes_put_int64(out, *(const int16_t *)cell); }
static void put_integer(Bytes *out, const void *cell) { bytes_put_int64(out, *(const int32_t *)cell); }
static void put_bigint(Bytes *out, const void *cell) { bytes_put_int64(out, *(const int64_t *)cell); }

static void put_numeric(Bytes *out, const void *cell)
{
    const Numeric *n = cell;
    char text[NUMERIC_TEXT_MAX];
    size_t len = numeric_to_text(n, text, sizeof text);
    bytes_put(out, (Str){text, len});
}

static void put_real(Bytes *out, const void *cell)
{
    char text[32];
    size_t len = cast_float_to_text(*(const float *)cell, text);
    bytes_put(out, (Str){text, len});
}

static void put_double(Bytes *out, const void *cell)
{
    char text[32];
    size_t len = cast_double_to_text(*(const double *)cell, text);
    bytes_put(out, (Str){text, len});
}

static void put_text(Bytes *out, const void *cell) { bytes_put(out, text_str(cell)); }

void cell_put_bytea(Bytes *out, Str bytes)
{
    static const char digit[] = "0123456789abcdef";
    char *p = bytes_reserve(out, 2 * bytes.len + 2);
    if (!p) return;
    *p++ = '\\';
    *p++ = 'x';
    for (size_t i = 0; i < bytes.len; i++) {
        *p++ = digit[(unsigned char)bytes.at[i] >> 4];
        *p++ = digit[(unsigned char)bytes.at[i] & 15];
    }
    bytes_reserve_done(out, 2 * bytes.len + 2);
}

static void put_bytea(Bytes *out, const void *cell) { cell_put_bytea(out, text_str(cell)); }

static void put_date(Bytes *out, const void *cell)
{
    char text[DATETIME_TEXT_SIZE];
    size_t len = date_to_text(*(const int32_t *)cell, text);
    bytes_put(out, (Str){text, len});
}

static void put_time(Bytes *out, const void *cell)
{
    char text[DATETIME_TEXT_SIZE];
    size_t len = time_to_text(*(const int64_t *)cell, text);
    bytes_put(out, (Str){text, len});
}

static void put_timestamp(Bytes *out, const void *cell)
{
    char text[DATETIME_TEXT_SIZE];
    size_t len = timestamp_to_text(*(const int64_t *)cell, text);
    bytes_put(out, (Str){text, len});
}

// In UTC: who knows the session's zone casts to text (see cast.h).
static void put_timestamptz(Bytes *out, const void *cell)
{
    char text[DATETIME_TEXT_SIZE];
    size_t len = timestamptz_to_text(*(const int64_t *)cell, NULL, text);
    bytes_put(out, (Str){text, len});
}

static void put_interval(Bytes *out, const void *cell)
{
    char text[INTERVAL_TEXT_SIZE];
    size_t len = interval_to_text(cell, text);
    bytes_put(out, (Str){text, len});
}

static void put_uuid(Bytes *out, const void *cell)
{
    char text[UUID_TEXT_SIZE];
    uuid_to_text(cell, text);
    bytes_put(out, (Str){text, sizeof text});
}

static void put_array(Bytes *out, const void *cell) { array_to_text(out, cell); }

// Without a session: moments are in UTC.
static void put_record(Bytes *out, const void *cell)
{
    Value v = {.type = type_of(TYPE_RECORD), .text = *(const Text *)cell};
    Arena mem = {0};
    Err none = {0};
    if (cast_value(&v, &v, type_of(TYPE_TEXT), CAST_EXPLICIT, &mem, &none)) bytes_put(out, text_str(&v.text));
    arena_done(&mem);
}

CellTextPut cell_text_put(TypeId id)
{
    static const CellTextPut put[TYPE_COUNT] = {
        [TYPE_NULL] = put_text,           [TYPE_BOOLEAN] = put_boolean,
        [TYPE_SMALLINT] = put_smallint,   [TYPE_INTEGER] = put_integer,
        [TYPE_BIGINT] = put_bigint,       [TYPE_NUMERIC] = put_numeric,
        [TYPE_REAL] = put_real,           [TYPE_DOUBLE] = put_double,
        [TYPE_CHAR] = put_text,           [TYPE_VARCHAR] = put_text,
        [TYPE_TEXT] = put_text,           [TYPE_BYTEA] = put_bytea,
        [TYPE_DATE] = put_date,           [TYPE_TIME] = put_time,
        [TYPE_TIMESTAMP] = put_timestamp, [TYPE_TIMESTAMPTZ] = put_timestamptz,
        [TYPE_INTERVAL] = put_interval,   [TYPE_UUID] = put_uuid,
        [TYPE_JSON] = put_text,           [TYPE_JSONB] = put_text,
        [TYPE_OID] = put_bigint,          [TYPE_REGCLASS] = put_bigint,
        [TYPE_REGTYPE] = put_bigint,      [TYPE_REGPROC] = put_bigint,
        [TYPE_REGNAMESPACE] = put_bigint, [TYPE_NAME] = put_text,
        [TYPE_ENUM] = put_bigint,         [TYPE_ARRAY] = put_array,
        [TYPE_RECORD] = put_record,
    };
    return put[id];
}
