// Param: see param.h. The counterparts of row.c's binary forms.
#include "net/pg/param.h"

#include "engine/base/utf8.h"
#include "engine/data/datetime.h"
#include "net/pg/oid.h"

#include <string.h>

enum {
    EPOCH_DAYS = 10957,
    WIRE_NEGATIVE = 0x4000,
    WIRE_NAN = 0xC000,
    WIRE_INFINITY = 0xD000,
    WIRE_NEGATIVE_INFINITY = 0xF000,
    WIRE_DIGITS_MAX = 2000
};
#define EPOCH_US (INT64_C(10957) * 86400 * 1000000)

static bool bad(Err *err, Type wanted)
{
    return err_set(err, "22P03", "incorrect binary data format in a parameter of type %s",
                   type_name(wanted.id));
}

static bool is_text(Str s) { return utf8_check(s) == SIZE_MAX && (!s.len || !memchr(s.at, 0, s.len)); }

bool pg_param_text(Value *out, Str bytes, Err *err)
{
    *out = (Value){.type = type_of(TYPE_NULL), .text = text_of(bytes)};
    return is_text(bytes) ||
           err_set(err, SQLSTATE_BAD_UTF8, "invalid byte sequence for encoding \"UTF8\" in a parameter");
}

// ---- numeric ----

typedef struct WireNumeric {
    uint16_t digits, sign, scale;
    int16_t weight;
} WireNumeric;

static void put_digit(Bytes *out, unsigned value, unsigned count)
{
    char text[4];
    for (int i = 3; i >= 0; i--, value /= 10) text[i] = (char)('0' + value % 10);
    bytes_put(out, (Str){text, count});
}

// As decimal text, which the engine reads exactly.
static bool put_numeric(Bytes *out, const WireNumeric *n, Frame *f)
{
    uint16_t digit[WIRE_DIGITS_MAX];
    if (n->digits > WIRE_DIGITS_MAX || n->scale > 0x3fff || n->weight > WIRE_DIGITS_MAX ||
        n->weight < -WIRE_DIGITS_MAX)
        return false;
    for (unsigned i = 0; i < n->digits; i++)
        if ((digit[i] = frame_u16(f)) > 9999) return false;
    if (!frame_whole(f)) return false;
    if (n->sign == WIRE_NEGATIVE) bytes_put_byte(out, '-');
    bytes_put_byte(out, '0');
    for (int i = 0; i <= n->weight; i++) put_digit(out, i < n->digits ? digit[i] : 0, 4);
    if (n->scale) bytes_put_byte(out, '.');
    for (unsigned at = 0; at < n->scale; at += 4) {
        int i = n->weight + 1 + (int)(at / 4);
        put_digit(out, i >= 0 && i < n->digits ? digit[i] : 0, n->scale - at < 4 ? n->scale - at : 4);
    }
    return !out->failed;
}

static bool read_numeric(Value *out, Str bytes, Arena *mem, Err *err)
{
    Frame f = frame_of(bytes);
    WireNumeric n = {.digits = frame_u16(&f)};
    n.weight = (int16_t)frame_u16(&f);
    n.sign = frame_u16(&f);
    n.scale = frame_u16(&f);
    Bytes text;
    bytes_init(&text, 64 << 10);
    bool good = !f.bad;
    if (n.sign == WIRE_NAN)
        bytes_put(&text, STR("NaN"));
    else if (n.sign == WIRE_INFINITY || n.sign == WIRE_NEGATIVE_INFINITY)
        bytes_put(&text, n.sign == WIRE_INFINITY ? STR("Infinity") : STR("-Infinity"));
    else
        good = good && (n.sign == 0 || n.sign == WIRE_NEGATIVE) && put_numeric(&text, &n, &f);
    if (!good) (void)bad(err, type_of(TYPE_NUMERIC));
    good = good && numeric_from_text(&out->numeric, bytes_str(&text), mem, err);
    bytes_done(&text);
    return good;
}

// ---- the rest ----

static int32_t date_from_wire(int32_t d)
{
    int64_t days = (int64_t)d + EPOCH_DAYS;
    return d == DATE_INFINITY || d == DATE_NEG_INFINITY ? d
           : days > INT32_MAX                           ? DATE_INFINITY
                                                        : (int32_t)days;
}

static int64_t timestamp_from_wire(int64_t t)
{
    int64_t us;
    if (t == TIMESTAMP_INFINITY || t == TIMESTAMP_NEG_INFINITY) return t;
    return __builtin_add_overflow(t, EPOCH_US, &us) ? TIMESTAMP_INFINITY : us;
}

static bool read_fixed(Value *out, Type wanted, Frame *f)
{
    switch (wanted.id) {
    case TYPE_BOOLEAN: out->boolean = frame_u8(f) != 0; break;
    case TYPE_SMALLINT: out->i16 = (int16_t)frame_u16(f); break;
    case TYPE_REAL:
    case TYPE_INTEGER: out->i32 = (int32_t)frame_u32(f); break;
    case TYPE_DATE: out->i32 = date_from_wire((int32_t)frame_u32(f)); break;
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ: out->i64 = timestamp_from_wire((int64_t)frame_u64(f)); break;
    case TYPE_TIME:
        out->i64 = (int64_t)frame_u64(f);
        return frame_whole(f) && out->i64 >= 0 && out->i64 <= INT64_C(86400000000);
    case TYPE_OID:
    case TYPE_REGCLASS:
    case TYPE_REGTYPE:
    case TYPE_REGPROC:
    case TYPE_REGNAMESPACE: out->i64 = frame_u32(f); break;
    case TYPE_INTERVAL:
        out->interval.us = (int64_t)frame_u64(f);
        out->interval.days = (int32_t)frame_u32(f);
        out->interval.months = (int32_t)frame_u32(f);
        break;
    case TYPE_UUID: {
        Str bytes = frame_bytes(f, sizeof out->uuid);
        if (bytes.at) memcpy(&out->uuid, bytes.at, sizeof out->uuid);
        break;
    }
    case TYPE_DOUBLE:
    case TYPE_BIGINT: out->i64 = (int64_t)frame_u64(f); break;
    default: return false;
    }
    return frame_whole(f);
}

bool pg_param_binary(Value *out, Type wanted, Str bytes, Arena *mem, Err *err)
{
    Frame f = frame_of(bytes);
    if (wanted.id == TYPE_NULL) return pg_param_text(out, bytes, err);
    *out = (Value){.type = type_of(wanted.id)};
    if (wanted.id == TYPE_BYTEA) {
        out->text = text_of(bytes);
        return true;
    }
    if (wanted.id == TYPE_JSON || wanted.id == TYPE_JSONB || wanted.id == TYPE_ENUM) {
        if (wanted.id == TYPE_JSONB && frame_u8(&f) != 1) return bad(err, wanted);
        return pg_param_text(out, (Str){f.at, f.left}, err);
    }
    if (type_is_string(wanted.id)) {
        out->text = text_of(bytes);
        return is_text(bytes) ||
               err_set(err, SQLSTATE_BAD_UTF8, "invalid byte sequence for encoding \"UTF8\" in a parameter");
    }
    if (wanted.id == TYPE_NUMERIC) return read_numeric(out, bytes, mem, err);
    return read_fixed(out, wanted, &f) || bad(err, wanted);
}
