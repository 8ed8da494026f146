// Codec: digits by hand, two at a time; doubles of few digits as an integer over a power of ten, which is
// exact both ways (Clinger, "How to Read Floating Point Numbers Accurately", 1990, fast path), all others
// through data's cast.
#include "engine/store/codec.h"

#include "engine/data/array.h"
#include "engine/data/cast.h"
#include "engine/data/datetime.h"

#include <math.h>
#include <string.h>

#define EXACT_MAX 9007199254740992.0 // 2^53
static const double power_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
static const char digit_pairs[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546"
    "4748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293"
    "949596979899";

static char *put_uint(char *at, uint64_t v)
{
    char room[20], *from = room + sizeof room;
    while (v >= 100) {
        from -= 2;
        memcpy(from, digit_pairs + v % 100 * 2, 2);
        v /= 100;
    }
    if (v >= 10) {
        from -= 2;
        memcpy(from, digit_pairs + v * 2, 2);
    } else {
        *--from = (char)('0' + v);
    }
    size_t len = (size_t)(room + sizeof room - from);
    memcpy(at, from, len);
    return at + len;
}

static char *put_int(char *at, int64_t v)
{
    if (v < 0) *at++ = '-';
    return put_uint(at, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

// coefficient / 10^scale with all its digits behind the point
static char *put_decimal(char *at, bool negative, uint64_t coefficient, unsigned scale)
{
    char digits[24];
    size_t len = (size_t)(put_uint(digits, coefficient) - digits);
    if (negative) *at++ = '-';
    if (scale == 0) {
        memcpy(at, digits, len);
        return at + len;
    }
    size_t before = len > scale ? len - scale : 0;
    if (before == 0) *at++ = '0';
    memcpy(at, digits, before);
    at += before;
    *at++ = '.';
    for (size_t zeros = len < scale ? scale - len : 0; zeros; zeros--) *at++ = '0';
    memcpy(at, digits + before, len - before);
    return at + (len - before);
}

// Tries few digits behind the point; true when that reads back as the same number.
static bool put_short_double(char **at, double v, bool single)
{
    static const unsigned scales[] = {0, 1, 2, 3, 4, 6, 9};
    double size = fabs(v);
    if (!(size < 1e15) || (v == 0 && signbit(v))) return false;
    for (size_t i = 0; i < COUNT_OF(scales); i++) {
        double whole = rint(size * power_of_ten[scales[i]]);
        if (whole >= EXACT_MAX / 10) return false;
        double back = whole / power_of_ten[scales[i]];
        if (single ? (float)back != (float)size : back != size) continue;
        uint64_t digits = (uint64_t)whole;
        unsigned scale = scales[i];
        for (; scale && digits % 10 == 0; scale--) digits /= 10;
        *at = put_decimal(*at, v < 0, digits, scale);
        return true;
    }
    return false;
}

static char *put_two(char *at, int32_t v)
{
    memcpy(at, digit_pairs + v * 2, 2);
    return at + 2;
}

static char *put_date(char *at, int32_t days)
{
    DateParts p;
    if (days == DATE_INFINITY || days == DATE_NEG_INFINITY || (p = date_to_parts(days)).year < 0 ||
        p.year > 9999) {
        *at++ = '@';
        return put_int(at, days);
    }
    at = put_two(put_two(at, p.year / 100), p.year % 100);
    *at++ = '-';
    at = put_two(at, p.month);
    *at++ = '-';
    return put_two(at, p.day);
}

static char *put_time(char *at, int64_t us)
{
    if (us < 0 || us > DATETIME_US_PER_DAY) {
        *at++ = '@';
        return put_int(at, us);
    }
    int32_t seconds = (int32_t)(us / 1000000);
    at = put_two(at, seconds / 3600);
    *at++ = ':';
    at = put_two(at, seconds / 60 % 60);
    *at++ = ':';
    at = put_two(at, seconds % 60);
    int32_t rest = (int32_t)(us % 1000000);
    if (!rest) return at;
    *at++ = '.';
    return put_two(put_two(put_two(at, rest / 10000), rest / 100 % 100), rest % 100);
}

static char *put_timestamp(char *at, int64_t us)
{
    int64_t days = us / DATETIME_US_PER_DAY;
    if (us % DATETIME_US_PER_DAY < 0) days--;
    if (days < -719000 || days > 2932896) { // outside of years 1 … 9999
        *at++ = '@';
        return put_int(at, us);
    }
    at = put_date(at, (int32_t)days);
    *at++ = ' ';
    return put_time(at, us - days * DATETIME_US_PER_DAY);
}

// The moment in UTC, with Z behind it.
static char *put_timestamptz(char *at, int64_t us)
{
    char *end = put_timestamp(at, us);
    if (*at != '@') *end++ = 'Z';
    return end;
}

// Always all three parts: "14m -3d 04:05:06.5"; the hours may have any number of digits.
static char *put_interval(char *at, const Interval *v)
{
    at = put_int(at, v->months);
    *at++ = 'm';
    *at++ = ' ';
    at = put_int(at, v->days);
    *at++ = 'd';
    *at++ = ' ';
    uint64_t us = v->us < 0 ? 0 - (uint64_t)v->us : (uint64_t)v->us, seconds = us / 1000000;
    if (v->us < 0) *at++ = '-';
    if (seconds < 36000) *at++ = '0';
    at = put_uint(at, seconds / 3600);
    *at++ = ':';
    at = put_two(at, (int32_t)(seconds / 60 % 60));
    *at++ = ':';
    at = put_two(at, (int32_t)(seconds % 60));
    int32_t rest = (int32_t)(us % 1000000);
    if (!rest) return at;
    *at++ = '.';
    return put_two(put_two(put_two(at, rest / 10000), rest / 100 % 100), rest % 100);
}

static char *put_fixed(char *at, TypeId type, const void *cell)
{
    switch (type) {
    case TYPE_BOOLEAN: *at = *(const uint8_t *)cell ? 't' : 'f'; return at + 1;
    case TYPE_SMALLINT: return put_int(at, *(const int16_t *)cell);
    case TYPE_INTEGER: return put_int(at, *(const int32_t *)cell);
    case TYPE_BIGINT: return put_int(at, *(const int64_t *)cell);
    case TYPE_DATE: return put_date(at, *(const int32_t *)cell);
    case TYPE_TIME: return put_time(at, *(const int64_t *)cell);
    case TYPE_TIMESTAMP: return put_timestamp(at, *(const int64_t *)cell);
    case TYPE_TIMESTAMPTZ: return put_timestamptz(at, *(const int64_t *)cell);
    case TYPE_INTERVAL: return put_interval(at, cell);
    case TYPE_UUID: uuid_to_text(cell, at); return at + UUID_TEXT_SIZE;
    case TYPE_OID:
    case TYPE_REGCLASS:
    case TYPE_REGTYPE:
    case TYPE_REGPROC:
    case TYPE_REGNAMESPACE: return put_int(at, *(const int64_t *)cell);
    case TYPE_ENUM: *at++ = '#'; return put_int(at, *(const int64_t *)cell);
    case TYPE_REAL:
        if (put_short_double(&at, (double)*(const float *)cell, true)) return at;
        return at + cast_float_to_text(*(const float *)cell, at);
    case TYPE_DOUBLE:
        if (put_short_double(&at, *(const double *)cell, false)) return at;
        return at + cast_double_to_text(*(const double *)cell, at);
    default: return at;
    }
}

static void put_numeric(Bytes *out, const Numeric *n)
{
    bool small = n->kind == NUMERIC_SMALL;
    char *at = bytes_reserve(out, small ? CODEC_CELL_MAX : NUMERIC_TEXT_MAX);
    if (!at) return;
    uint64_t size = n->small < 0 ? 0 - (uint64_t)n->small : (uint64_t)n->small;
    if (small)
        bytes_reserve_done(out, (size_t)(put_decimal(at, n->small < 0, size, n->scale) - at));
    else
        bytes_reserve_done(out, numeric_to_text(n, at, NUMERIC_TEXT_MAX));
}

static bool must_escape(unsigned char c, bool binary)
{
    return c < 0x20 || c == '\\' || c == 0x7f || (binary && c >= 0x80);
}

static char *put_escape(char *at, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    *at++ = '\\';
    switch (c) {
    case '\\': *at++ = '\\'; break;
    case '\n': *at++ = 'n'; break;
    case '\t': *at++ = 't'; break;
    case '\r': *at++ = 'r'; break;
    default:
        *at++ = 'x';
        *at++ = hex[c >> 4];
        *at++ = hex[c & 15];
    }
    return at;
}

void codec_put_text(Bytes *out, Str s, bool binary)
{
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!must_escape((unsigned char)s.at[i], binary)) continue;
        bytes_put(out, str_slice(s, from, i - from));
        char *at = bytes_reserve(out, 4);
        if (at) bytes_reserve_done(out, (size_t)(put_escape(at, (unsigned char)s.at[i]) - at));
        from = i + 1;
    }
    bytes_put(out, str_slice(s, from, s.len - from));
}

void codec_put_null(Bytes *out) { bytes_put(out, STR("\\N")); }

static void put_array(Bytes *out, const Text *cell)
{
    Bytes text;
    bytes_init(&text, out->max);
    array_to_text(&text, cell);
    codec_put_text(out, bytes_str(&text), false);
    if (text.failed) out->failed = true;
    bytes_done(&text);
}

void codec_put(Bytes *out, TypeId type, const void *cell)
{
    switch (type_phys(type)) {
    case PHYS_TEXT: codec_put_text(out, text_str(cell), type == TYPE_BYTEA); return;
    case PHYS_NUMERIC: put_numeric(out, cell); return;
    case PHYS_JSONB: codec_put_text(out, text_str(cell), false); return;
    case PHYS_ARRAY: put_array(out, cell); return;
    default: {
        char *at = bytes_reserve(out, CODEC_CELL_MAX);
        if (at) bytes_reserve_done(out, (size_t)(put_fixed(at, type, cell) - at));
    }
    }
}

static bool is_null(const uint64_t *nulls, uint32_t i)
{
    return nulls && (__atomic_load_n(&nulls[i >> 6], __ATOMIC_RELAXED) >> (i & 63) & 1);
}

void codec_put_run(Bytes *out, TypeId type, const void *cells, const uint64_t *nulls, uint32_t first,
                   uint32_t count, char ending)
{
    Phys p = type_phys(type);
    size_t size = phys_size(p);
    for (uint32_t i = 0; i < count; i++) {
        const char *cell = (const char *)cells + i * size;
        bool null = is_null(nulls, first + i);
        if (phys_is_long(p) || null) {
            if (null)
                codec_put_null(out);
            else
                codec_put(out, type, cell);
            bytes_put_byte(out, ending);
            continue;
        }
        char *at = bytes_reserve(out, CODEC_CELL_MAX + 1);
        if (!at) return;
        char *end = put_fixed(at, type, cell);
        *end++ = ending;
        bytes_reserve_done(out, (size_t)(end - at));
    }
}

// ---- reading ----

static bool get_int(Str s, int64_t min, int64_t max, int64_t *out)
{
    bool negative = s.len && s.at[0] == '-';
    size_t i = negative;
    if (i == s.len || s.len > 20) return false;
    uint64_t v = 0;
    for (; i < s.len; i++) {
        unsigned d = (unsigned)(unsigned char)s.at[i] - '0';
        if (d > 9 || v > (UINT64_MAX - 9) / 10) return false;
        v = v * 10 + d;
    }
    if (v > (uint64_t)INT64_MAX + negative) return false;
    *out = negative ? (int64_t)(0 - v) : (int64_t)v;
    return *out >= min && *out <= max;
}

// Sign, at most 18 digits, point: coefficient and digits behind the point.
static bool get_decimal(Str s, int64_t *coefficient, unsigned *scale)
{
    size_t i = s.len && s.at[0] == '-';
    size_t digits = 0, point = SIZE_MAX;
    int64_t v = 0;
    for (; i < s.len; i++) {
        unsigned d = (unsigned)(unsigned char)s.at[i] - '0';
        if (d <= 9) {
            if (++digits > 18) return false;
            v = v * 10 + d;
        } else if (s.at[i] == '.' && point == SIZE_MAX && digits) {
            point = i;
        } else {
            return false;
        }
    }
    if (!digits || point == s.len - 1) return false;
    *coefficient = s.at[0] == '-' ? -v : v;
    *scale = point == SIZE_MAX ? 0 : (unsigned)(s.len - point - 1);
    return true;
}

static bool get_double(Str s, double *out)
{
    int64_t coefficient;
    unsigned scale;
    if (s.len == 0) return false;
    if (get_decimal(s, &coefficient, &scale) && coefficient < (int64_t)EXACT_MAX &&
        coefficient > -(int64_t)EXACT_MAX && !(coefficient == 0 && s.at[0] == '-')) {
        *out = (double)coefficient / power_of_ten[scale];
        return true;
    }
    Err err = {0};
    return cast_text_to_double(s, out, &err);
}

static bool get_two(const char *at, int32_t max, int32_t *out)
{
    unsigned a = (unsigned)(unsigned char)at[0] - '0', b = (unsigned)(unsigned char)at[1] - '0';
    *out = (int32_t)(a * 10 + b);
    return a <= 9 && b <= 9 && *out <= max;
}

static bool get_date(Str s, int32_t *out)
{
    int64_t days;
    int32_t high, low;
    DateParts p;
    if (s.len && s.at[0] == '@') {
        if (!get_int(str_slice(s, 1, s.len), INT32_MIN, INT32_MAX, &days)) return false;
        *out = (int32_t)days;
        return true;
    }
    if (s.len != 10 || s.at[4] != '-' || s.at[7] != '-' || !get_two(s.at, 99, &high) ||
        !get_two(s.at + 2, 99, &low) || !get_two(s.at + 5, 12, &p.month) || !get_two(s.at + 8, 31, &p.day))
        return false;
    p.year = high * 100 + low;
    if (!date_parts_valid(p)) return false;
    *out = date_from_parts(p);
    return true;
}

static bool get_time(Str s, int64_t *out)
{
    int32_t hour, minute, second, part[3] = {0};
    if (s.len && s.at[0] == '@') return get_int(str_slice(s, 1, s.len), INT64_MIN, INT64_MAX, out);
    if ((s.len != 8 && s.len != 15) || s.at[2] != ':' || s.at[5] != ':' || !get_two(s.at, 24, &hour) ||
        !get_two(s.at + 3, 59, &minute) || !get_two(s.at + 6, 59, &second))
        return false;
    if (s.len == 15) {
        if (s.at[8] != '.') return false;
        for (int i = 0; i < 3; i++)
            if (!get_two(s.at + 9 + i * 2, 99, &part[i])) return false;
    }
    *out =
        ((hour * INT64_C(60) + minute) * 60 + second) * 1000000 + part[0] * 10000 + part[1] * 100 + part[2];
    return true;
}

static bool get_timestamp(Str s, int64_t *out)
{
    int32_t days;
    int64_t time;
    if (s.len && s.at[0] == '@') return get_int(str_slice(s, 1, s.len), INT64_MIN, INT64_MAX, out);
    if (s.len < 19 || s.at[10] != ' ' || !get_date(str_slice(s, 0, 10), &days) ||
        !get_time(str_slice(s, 11, s.len), &time))
        return false;
    *out = days * DATETIME_US_PER_DAY + time;
    return true;
}

static bool get_timestamptz(Str s, int64_t *out)
{
    if (s.len && s.at[0] == '@') return get_timestamp(s, out);
    return s.len && s.at[s.len - 1] == 'Z' && get_timestamp(str_slice(s, 0, s.len - 1), out);
}

// The number up to `unit` and one blank behind it.
static bool get_part(Str *s, char unit, int32_t *out)
{
    size_t end = str_find_byte(*s, (uint8_t)unit, 0);
    int64_t v;
    if (end == SIZE_MAX || end + 1 >= s->len || s->at[end + 1] != ' ') return false;
    if (!get_int(str_slice(*s, 0, end), INT32_MIN, INT32_MAX, &v)) return false;
    *out = (int32_t)v;
    *s = str_slice(*s, end + 2, s->len);
    return true;
}

static bool get_interval(Str s, Interval *out)
{
    int64_t hours;
    int32_t minute, second, part[3] = {0};
    if (!get_part(&s, 'm', &out->months) || !get_part(&s, 'd', &out->days)) return false;
    bool negative = s.len && s.at[0] == '-';
    if (negative) s = str_slice(s, 1, s.len);
    size_t colon = str_find_byte(s, ':', 0);
    if (colon == SIZE_MAX || colon < 2 ||
        !get_int(str_slice(s, 0, colon), 0, INT64_MAX / INT64_C(3600000000) + 1, &hours))
        return false;
    s = str_slice(s, colon, s.len);
    if ((s.len != 6 && s.len != 13) || s.at[3] != ':' || !get_two(s.at + 1, 59, &minute) ||
        !get_two(s.at + 4, 59, &second) || (s.len == 13 && s.at[6] != '.'))
        return false;
    for (int i = 0; s.len == 13 && i < 3; i++)
        if (!get_two(s.at + 7 + i * 2, 99, &part[i])) return false;
    __int128 us =
        (((__int128)hours * 60 + minute) * 60 + second) * 1000000 + part[0] * 10000 + part[1] * 100 + part[2];
    if (negative) us = -us;
    out->us = (int64_t)us;
    return us == out->us;
}

// "label#place": the place says all.
static bool get_place(Str s, int64_t *out)
{
    size_t at = s.len;
    while (at && s.at[at - 1] != '#') at--;
    return at && get_int(str_slice(s, at, s.len), 0, INT64_MAX, out);
}

static bool get_uuid(Str s, Uuid *out)
{
    Err err = {0};
    char again[UUID_TEXT_SIZE];
    if (s.len != UUID_TEXT_SIZE || !uuid_from_text(out, s, &err)) return false;
    uuid_to_text(out, again);
    return memcmp(again, s.at, UUID_TEXT_SIZE) == 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool codec_unescape(Str field, char *out, size_t *len)
{
    char *to = out;
    for (size_t i = 0; i < field.len; i++) {
        if (field.at[i] != '\\') {
            *to++ = field.at[i];
            continue;
        }
        if (++i == field.len) return false;
        switch (field.at[i]) {
        case '\\': *to++ = '\\'; break;
        case 'n': *to++ = '\n'; break;
        case 't': *to++ = '\t'; break;
        case 'r': *to++ = '\r'; break;
        case 'x': {
            int high = i + 2 < field.len ? hex_digit(field.at[i + 1]) : -1;
            int low = high < 0 ? -1 : hex_digit(field.at[i + 2]);
            if (low < 0) return false;
            *to++ = (char)(high << 4 | low);
            i += 2;
            break;
        }
        default: return false;
        }
    }
    *len = (size_t)(to - out);
    return true;
}

static bool get_text(Text *cell, Str field, bool escaped, const CodecMemory *mem)
{
    if (field.len > TYPE_VALUE_BYTES_MAX * (size_t)4) return false;
    if (!escaped) {
        *cell = text_of(field);
        return true;
    }
    char room[TEXT_INLINE * 4], *at = field.len <= sizeof room ? room : mem->room(mem->self, field.len);
    size_t len;
    if (!at || !codec_unescape(field, at, &len)) return false;
    if (at == room && len > TEXT_INLINE) {
        if (!(at = mem->room(mem->self, len))) return false;
        memcpy(at, room, len);
    }
    *cell = text_of((Str){at, len});
    return true;
}

static bool get_numeric(Numeric *cell, Str field, const CodecMemory *mem)
{
    int64_t coefficient;
    unsigned scale;
    if (field.len && get_decimal(field, &coefficient, &scale)) {
        *cell = numeric_small(coefficient, scale);
        return true;
    }
    Err err = {0};
    return numeric_from_text(cell, field, mem->big, &err);
}

// The text is PostgreSQL's; the elements are read as their type's text.
static bool get_array(Text *cell, Type type, Str field, bool escaped, const CodecMemory *mem)
{
    Err err = {0};
    Arena work = {0};
    Text made;
    if (escaped) {
        char *plain = arena_try(&work, field.len + 1, 1);
        size_t len;
        if (!plain || !codec_unescape(field, plain, &len)) {
            arena_done(&work);
            return false;
        }
        field = (Str){plain, len};
    }
    bool fine = array_from_text(&made, field, type, &work, &err);
    Str s = fine ? text_str(&made) : STR_NONE;
    char *at = fine && s.len > TEXT_INLINE ? mem->room(mem->self, s.len) : NULL;
    if (at) {
        memcpy(at, s.at, s.len);
        s.at = at;
    }
    fine = fine && (at || s.len <= TEXT_INLINE);
    if (fine) *cell = text_of(s);
    arena_done(&work);
    return fine;
}

bool codec_get(void *cell, Type type, Str field, bool escaped, const CodecMemory *mem)
{
    int64_t v;
    double d;
    switch (type.id) {
    case TYPE_BOOLEAN:
        *(uint8_t *)cell = field.len == 1 && field.at[0] == 't';
        return field.len == 1 && (field.at[0] == 't' || field.at[0] == 'f');
    case TYPE_SMALLINT:
        if (!get_int(field, INT16_MIN, INT16_MAX, &v)) return false;
        *(int16_t *)cell = (int16_t)v;
        return true;
    case TYPE_INTEGER:
        if (!get_int(field, INT32_MIN, INT32_MAX, &v)) return false;
        *(int32_t *)cell = (int32_t)v;
        return true;
    case TYPE_BIGINT: return get_int(field, INT64_MIN, INT64_MAX, cell);
    case TYPE_REAL:
        if (!get_double(field, &d)) return false;
        *(float *)cell = (float)d;
        return true;
    case TYPE_DOUBLE: return get_double(field, cell);
    case TYPE_DATE: return get_date(field, cell);
    case TYPE_TIME: return get_time(field, cell);
    case TYPE_TIMESTAMP: return get_timestamp(field, cell);
    case TYPE_TIMESTAMPTZ: return get_timestamptz(field, cell);
    case TYPE_INTERVAL: return get_interval(field, cell);
    case TYPE_UUID: return get_uuid(field, cell);
    case TYPE_OID:
    case TYPE_REGCLASS:
    case TYPE_REGTYPE:
    case TYPE_REGPROC:
    case TYPE_REGNAMESPACE:
        if (!get_int(field, 0, UINT32_MAX, &v)) return false;
        *(int64_t *)cell = v;
        return true;
    case TYPE_ENUM: return get_place(field, cell);
    case TYPE_NUMERIC: return get_numeric(cell, field, mem);
    case TYPE_ARRAY: return get_array(cell, type, field, escaped, mem);
    default: return get_text(cell, field, escaped, mem);
    }
}

void codec_put_type(Bytes *out, Type type)
{
    bool array = type.id == TYPE_ARRAY;
    bytes_put(out, str_of(type_name(array ? type_element(type).id : type.id)));
    if (array) bytes_put(out, STR("[]"));
}

bool codec_get_type(Type *out, Str name)
{
    bool array = str_ends(name, STR("[]"));
    if (array) name = str_slice(name, 0, name.len - 2);
    for (int id = TYPE_BOOLEAN; id < TYPE_COUNT; id++) {
        if (id == TYPE_ARRAY || !str_equal(name, str_of(type_name((TypeId)id)))) continue;
        *out = array ? type_of_array(type_of((TypeId)id)) : type_of((TypeId)id);
        return true;
    }
    return false;
}
