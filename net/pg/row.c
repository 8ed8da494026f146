// Row: see row.h. Binary forms: numbers in network byte order, dates in days and times in microseconds since
// 2000-01-01, numeric as groups of four decimal digits.
#include "net/pg/row.h"

#include "engine/data/cell_text.h"
#include "engine/data/datetime.h"
#include "net/pg/oid.h"
#include <stdlib.h>
#include <string.h>

enum {
    POSTGRES_EPOCH_DAYS = 10957,
    WIRE_NEGATIVE = 0x4000,
    WIRE_NAN = 0xC000,
    WIRE_INFINITY = 0xD000,
    WIRE_NEGATIVE_INFINITY = 0xF000
};
#define POSTGRES_EPOCH_US (INT64_C(10957) * 86400 * 1000000)

static void put_bool(Bytes *out, const void *cell) { bytes_put_byte(out, (char)*(const uint8_t *)cell); }
static void put_i16(Bytes *out, const void *cell) { frame_put_u16(out, *(const uint16_t *)cell); }
static void put_i32(Bytes *out, const void *cell) { frame_put_u32(out, *(const uint32_t *)cell); }
static void put_i64(Bytes *out, const void *cell) { frame_put_u64(out, *(const uint64_t *)cell); }
static void put_text(Bytes *out, const void *cell) { bytes_put(out, text_str(cell)); }

static void put_oid(Bytes *out, const void *cell) { frame_put_u32(out, (uint32_t) * (const int64_t *)cell); }
static void put_uuid(Bytes *out, const void *cell) { bytes_put(out, (Str){cell, 16}); }

static void put_jsonb(Bytes *out, const void *cell)
{
    bytes_put_byte(out, 1); // version of the form
    bytes_put(out, text_str(cell));
}

static void put_interval(Bytes *out, const void *cell)
{
    const Interval *v = cell;
    frame_put_u64(out, (uint64_t)v->us);
    frame_put_u32(out, (uint32_t)v->days);
    frame_put_u32(out, (uint32_t)v->months);
}

// The ends of time stay what they are.
static void put_date(Bytes *out, const void *cell)
{
    int32_t d = *(const int32_t *)cell;
    frame_put_u32(out,
                  (uint32_t)(d == DATE_INFINITY || d == DATE_NEG_INFINITY ? d : d - POSTGRES_EPOCH_DAYS));
}

static void put_timestamp(Bytes *out, const void *cell)
{
    int64_t t = *(const int64_t *)cell;
    frame_put_u64(
        out, (uint64_t)(t == TIMESTAMP_INFINITY || t == TIMESTAMP_NEG_INFINITY ? t : t - POSTGRES_EPOCH_US));
}

// ---- numeric ----

// Digits of a decimal text in groups of four around the point.
static void put_groups(Bytes *out, Str whole, Str fraction, bool negative)
{
    while (whole.len && whole.at[0] == '0') whole = str_slice(whole, 1, SIZE_MAX);
    size_t lead = (4 - whole.len % 4) % 4, groups_whole = (whole.len + lead) / 4,
           groups = groups_whole + (fraction.len + 3) / 4;
    int weight = (int)groups_whole - 1;
    size_t head = out->len;
    frame_put_u64(out, 0);
    size_t written = 0, last = 0; // groups behind `last` are zero
    bool leading = true;
    for (size_t g = 0; g < groups; g++) {
        unsigned value = 0;
        for (size_t i = 0; i < 4; i++) {
            size_t at = g * 4 + i;
            char c = '0';
            if (at < groups_whole * 4)
                c = at >= lead ? whole.at[at - lead] : '0';
            else if (at - groups_whole * 4 < fraction.len)
                c = fraction.at[at - groups_whole * 4];
            value = value * 10 + (unsigned)(c - '0');
        }
        if (leading && !value) {
            weight--;
            continue;
        }
        leading = false;
        frame_put_u16(out, (uint16_t)value);
        written++;
        if (value) last = written;
    }
    if (out->failed) return;
    out->len = head + 8 + 2 * last;
    char *p = frame_store_u16(out->at + head, (uint16_t)last);
    p = frame_store_u16(p, (uint16_t)(last ? weight : 0));
    p = frame_store_u16(p, negative && last ? WIRE_NEGATIVE : 0);
    frame_store_u16(p, (uint16_t)fraction.len);
}

static void put_numeric_word(Bytes *out, unsigned sign)
{
    frame_put_u32(out, 0);
    frame_put_u16(out, (uint16_t)sign);
    frame_put_u16(out, sign == WIRE_NAN ? 0 : 32); // as PostgreSQL scales infinity
}

static void put_numeric(Bytes *out, const void *cell)
{
    char text[NUMERIC_TEXT_MAX];
    Str rest = {text, numeric_to_text(cell, text, sizeof text)};
    bool negative = rest.len && rest.at[0] == '-';
    if (negative) rest = str_slice(rest, 1, SIZE_MAX);
    if (rest.len && rest.at[0] == 'N') {
        put_numeric_word(out, WIRE_NAN);
    } else if (rest.len && rest.at[0] == 'I') {
        put_numeric_word(out, negative ? WIRE_NEGATIVE_INFINITY : WIRE_INFINITY);
    } else {
        Str whole = str_cut(&rest, '.');
        put_groups(out, whole, rest, negative);
    }
}

PgPutCell pg_put_cell(TypeId id, PgFormat format)
{
    static const PgPutCell binary[TYPE_COUNT] = {
        [TYPE_NULL] = put_text,
        [TYPE_BOOLEAN] = put_bool,
        [TYPE_SMALLINT] = put_i16,
        [TYPE_INTEGER] = put_i32,
        [TYPE_BIGINT] = put_i64,
        [TYPE_NUMERIC] = put_numeric,
        [TYPE_REAL] = put_i32,
        [TYPE_DOUBLE] = put_i64,
        [TYPE_CHAR] = put_text,
        [TYPE_VARCHAR] = put_text,
        [TYPE_TEXT] = put_text,
        [TYPE_BYTEA] = put_text,
        [TYPE_DATE] = put_date,
        [TYPE_TIME] = put_i64,
        [TYPE_TIMESTAMP] = put_timestamp,
        [TYPE_NAME] = put_text,
        [TYPE_TIMESTAMPTZ] = put_timestamp,
        [TYPE_INTERVAL] = put_interval,
        [TYPE_UUID] = put_uuid,
        [TYPE_JSON] = put_text,
        [TYPE_JSONB] = put_jsonb,
        [TYPE_OID] = put_oid,
        [TYPE_REGCLASS] = put_oid,
        [TYPE_REGTYPE] = put_oid,
        [TYPE_ENUM] = put_text,
        [TYPE_REGPROC] = put_oid,
        [TYPE_REGNAMESPACE] = put_oid,
    };
    return format == PG_BINARY ? binary[id] : cell_text_put(id);
}

// ---- messages ----

void pg_row_description(Bytes *out, const ResultColumn *column, uint32_t columns, const uint8_t *format)
{
    size_t m = pg_message_begin(out, 'T');
    frame_put_u16(out, (uint16_t)columns);
    for (uint32_t c = 0; c < columns; c++) {
        const PgType *t = pg_type(column[c].type.id);
        frame_put_string(out, column[c].name);
        frame_put_u32(out, 0); // no table is named
        frame_put_u16(out, 0);
        frame_put_u32(out, pg_type_oid(column[c].type));
        frame_put_u16(out, (uint16_t)t->size);
        frame_put_u32(out, (uint32_t)pg_type_modifier(column[c].type));
        frame_put_u16(out, format ? format[c] : PG_TEXT);
    }
    pg_message_end(out, m);
}

static void put_cell(Bytes *out, const Vector *v, uint32_t row, PgPutCell put)
{
    if (vector_is_null(v, row)) {
        frame_put_u32(out, UINT32_MAX);
        return;
    }
    size_t at = out->len;
    frame_put_u32(out, 0);
    put(out, (const char *)v->data + vector_slot(v, row) * phys_size(type_phys(v->type.id)));
    if (!out->failed) frame_store_u32(out->at + at, (uint32_t)(out->len - at - 4));
}

void pg_row_put(Bytes *out, const Batch *b, uint32_t from, uint32_t to, const PgPutCell *put)
{
    for (uint32_t i = from; i < to; i++) {
        uint32_t row = batch_row(b, i);
        size_t m = pg_message_begin(out, 'D');
        frame_put_u16(out, (uint16_t)b->columns);
        for (uint32_t c = 0; c < b->columns; c++) put_cell(out, &b->vector[c], row, put[c]);
        pg_message_end(out, m);
    }
}
