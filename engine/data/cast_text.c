// Cast, to and from text: one reader per type in a table; the length rules of char(n) and varchar(n) in one
// place.
#include "engine/base/utf8.h"
#include "engine/data/array.h"
#include "engine/data/cast_in.h"
#include "engine/data/cell_text.h"
#include "engine/data/datetime.h"
#include "engine/data/document.h"

enum { SHOWN_MAX = 100 }; // bytes of an offending value in a sentence

static int shown(Str s) { return (int)(s.len > SHOWN_MAX ? SHOWN_MAX : s.len); }
static const char *shown_at(Str s) { return s.at ? s.at : ""; }

static bool syntax_error(Str s, const CastJob *job)
{
    return err_set(job->err, SQLSTATE_BAD_TEXT, "invalid input syntax for type %s: \"%.*s\"",
                   type_name(job->to.id), shown(s), shown_at(s));
}

// ---- strings ----

// Bytes from outside become text only when they are UTF-8 without NUL.
static bool check_text(Str s, Err *err)
{
    size_t bad = utf8_check(s);
    size_t nul = str_find_byte(s, 0, 0);
    if (nul < bad) bad = nul;
    if (bad == SIZE_MAX) return true;
    err_set(err, SQLSTATE_BAD_UTF8, "invalid byte sequence for encoding \"UTF8\": 0x%02x",
            (unsigned)(unsigned char)s.at[bad]);
    return err_hint(err, "the byte is number %zu of the value", bad + 1);
}

static bool put_text_cell(Text *d, Str s, bool copy, const CastJob *job)
{
    if (s.len > TYPE_VALUE_BYTES_MAX)
        return err_set(job->err, SQLSTATE_LIMIT,
                       "a value of %zu bytes is longer than the %d that one value may have", s.len,
                       TYPE_VALUE_BYTES_MAX);
    if (copy && s.len > TEXT_INLINE) {
        char *at = arena_try(job->mem, s.len, 1);
        if (!at)
            return err_set(job->err, SQLSTATE_OUT_OF_MEMORY, "no memory for a value of %zu bytes", s.len);
        memcpy(at, s.at, s.len);
        s.at = at;
    }
    *d = text_of(s);
    return true;
}

static Str without_blanks(Str s)
{
    while (s.len && s.at[s.len - 1] == ' ') s.len--;
    return s;
}

static bool put_padded(Text *d, Str s, size_t blanks, const CastJob *job)
{
    size_t len = s.len + blanks;
    char *at = arena_try(job->mem, len ? len : 1, 1);
    if (!at) return err_set(job->err, SQLSTATE_OUT_OF_MEMORY, "no memory for a value of %zu bytes", len);
    if (s.len) memcpy(at, s.at, s.len);
    memset(at + s.len, ' ', blanks);
    *d = text_of((Str){at, len});
    return true;
}

// A name is cut to the bytes it may have, between characters.
static Str name_cut(Str s)
{
    if (s.len <= TYPE_NAME_MAX) return s;
    s.len = TYPE_NAME_MAX;
    while (s.len && ((unsigned char)s.at[s.len] & 0xc0) == 0x80) s.len--;
    return s;
}

// Applies the target's length (in characters). See CastHow in cast.h for what each strength does.
static bool fit_string(Text *d, Str s, bool copy, const CastJob *job)
{
    if (job->to.id == TYPE_NAME) return put_text_cell(d, name_cut(s), copy, job);
    size_t max = (size_t)(job->to.id == TYPE_TEXT ? 0 : job->to.length);
    bool padded = job->to.id == TYPE_CHAR;
    if (padded && (!max || job->how == CAST_IMPLICIT)) s = without_blanks(s);
    if (!max || (!padded && s.len <= max)) return put_text_cell(d, s, copy, job);
    size_t length = utf8_length(s);
    if (padded && length < max) return put_padded(d, s, max - length, job);
    if (length <= max || job->how == CAST_IMPLICIT) return put_text_cell(d, s, copy, job);
    size_t cut = utf8_offset(s, max);
    if (job->how == CAST_ASSIGNMENT && without_blanks(s).len > cut) {
        err_set(job->err, SQLSTATE_TOO_LONG, "value too long for type %s(%d): \"%.*s\"",
                type_name(job->to.id), job->to.length, shown(s), shown_at(s));
        return err_hint(job->err, "it has %zu characters", length);
    }
    return put_text_cell(d, str_slice(s, 0, cut), copy, job);
}

static bool read_string(void *cell, Str s, const CastJob *job) { return fit_string(cell, s, job->copy, job); }

// ---- one reader per type ----

static bool read_boolean(void *cell, Str s, const CastJob *job)
{
    static const struct {
        const char *word;
        uint8_t shortest, value;
    } words[] = {{"true", 1, 1}, {"false", 1, 0}, {"yes", 1, 1}, {"no", 1, 0},
                 {"on", 2, 1},   {"off", 2, 0},   {"1", 1, 1},   {"0", 1, 0}};
    Str word = str_trim(s);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (word.len < words[i].shortest) continue;
        Str whole = str_of(words[i].word);
        if (word.len > whole.len || !str_equal_fold(word, str_slice(whole, 0, word.len))) continue;
        *(uint8_t *)cell = words[i].value;
        return true;
    }
    return syntax_error(s, job);
}

static bool all_digits(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < '0' || s.at[i] > '9') return false;
    return s.len != 0;
}

static bool read_int64(Str text, int64_t min, int64_t max, int64_t *out, const CastJob *job)
{
    Str s = str_trim(text);
    bool negative = s.len && s.at[0] == '-';
    if (s.len && (s.at[0] == '-' || s.at[0] == '+')) s = str_slice(s, 1, s.len - 1);
    if (!all_digits(s)) return syntax_error(text, job);
    int64_t v = 0;
    bool fits = true;
    for (size_t i = 0; i < s.len && fits; i++) // downwards: INT64_MIN has no positive twin
        fits = !__builtin_mul_overflow(v, 10, &v) && !__builtin_sub_overflow(v, s.at[i] - '0', &v);
    if (fits && !negative) fits = !__builtin_sub_overflow((int64_t)0, v, &v);
    if (!fits || v < min || v > max)
        return err_set(job->err, SQLSTATE_OUT_OF_RANGE, "value \"%.*s\" is out of range for type %s",
                       shown(text), shown_at(text), type_name(job->to.id));
    *out = v;
    return true;
}

static bool read_smallint(void *cell, Str s, const CastJob *job)
{
    int64_t v;
    if (!read_int64(s, INT16_MIN, INT16_MAX, &v, job)) return false;
    *(int16_t *)cell = (int16_t)v;
    return true;
}

static bool read_integer(void *cell, Str s, const CastJob *job)
{
    int64_t v;
    if (!read_int64(s, INT32_MIN, INT32_MAX, &v, job)) return false;
    *(int32_t *)cell = (int32_t)v;
    return true;
}

static bool read_bigint(void *cell, Str s, const CastJob *job)
{
    return read_int64(s, INT64_MIN, INT64_MAX, cell, job);
}

static bool read_numeric(void *cell, Str s, const CastJob *job)
{
    Numeric *d = cell;
    if (!numeric_from_text(d, s, job->mem, job->err)) return false;
    if (!job->to.length || job->how == CAST_IMPLICIT) return true;
    return numeric_fit(d, d, job->to.length, job->to.scale, job->mem, job->err);
}

static bool read_real(void *cell, Str s, const CastJob *job) { return cast_text_to_float(s, cell, job->err); }
static bool read_double(void *cell, Str s, const CastJob *job)
{
    return cast_text_to_double(s, cell, job->err);
}
static const ZoneContext *when_of(const CastJob *job) { return job->context ? &job->context->when : NULL; }

static bool read_date(void *cell, Str s, const CastJob *job)
{
    return date_from_text(cell, s, when_of(job), job->err);
}

// The digits that time(p) gives up are rounded by the kernel of the same type.
static bool round_when(int64_t *cell, const CastJob *job)
{
    if (!job->to.scale) return true;
    Vector one = {.type = job->to, .data = cell};
    CastJob again = {.in = &one,
                     .out = &one,
                     .count = 1,
                     .to = job->to,
                     .how = job->how,
                     .context = job->context,
                     .mem = job->mem,
                     .err = job->err};
    return cast_number_kernel(job->to.id, job->to.id)(&again);
}

static bool read_time(void *cell, Str s, const CastJob *job)
{
    return time_from_text(cell, s, when_of(job), job->err) && round_when(cell, job);
}

static bool read_timestamp(void *cell, Str s, const CastJob *job)
{
    return timestamp_from_text(cell, s, when_of(job), job->err) && round_when(cell, job);
}

static bool read_oid(void *cell, Str s, const CastJob *job)
{
    int64_t v;
    if (!read_int64(s, INT32_MIN, UINT32_MAX, &v, job)) return false;
    *(int64_t *)cell = v < 0 ? v + INT64_C(0x100000000) : v;
    return true;
}

static bool read_timestamptz(void *cell, Str s, const CastJob *job)
{
    return timestamptz_from_text(cell, s, when_of(job), job->err) && round_when(cell, job);
}

static bool read_interval(void *cell, Str s, const CastJob *job)
{
    int32_t fields = job->how == CAST_IMPLICIT ? 0 : job->to.length;
    if (!interval_from_text(cell, s, fields, job->err)) return false;
    cast_round_interval(cell, job);
    return true;
}

static bool read_enum(void *cell, Str s, const CastJob *job)
{
    const CastContext *c = job->context;
    if (c && c->enum_place) return c->enum_place(c->self, type_number(job->to), s, cell, job->err);
    return err_set(job->err, SQLSTATE_UNSUPPORTED, "the values of an enum are not known here");
}

static bool read_regname(void *cell, Str s, const CastJob *job)
{
    const CastContext *c = job->context;
    if (all_digits(s)) return read_oid(cell, s, job);
    if (str_equal(s, STR("-"))) {
        *(int64_t *)cell = 0;
        return true;
    }
    if (c && c->name_to_oid) return c->name_to_oid(c->self, job->to.id, s, cell, job->err);
    return err_set(job->err, SQLSTATE_UNSUPPORTED, "names cannot be cast to type %s here",
                   type_name(job->to.id));
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// "\xDE AD BE EF": blanks may stand between the bytes.
static bool read_hex(char *at, size_t *len, Str s, const CastJob *job)
{
    for (size_t i = 2; i < s.len; i++) {
        char c = s.at[i];
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r') continue;
        int high = hex_digit(c), low = i + 1 < s.len ? hex_digit(s.at[i + 1]) : -1;
        if (high >= 0 && i + 1 == s.len)
            return err_set(job->err, "22023", "invalid hexadecimal data: odd number of digits");
        if (high < 0 || low < 0)
            return err_set(job->err, "22023", "invalid hexadecimal digit: \"%c\"",
                           high < 0 ? c : s.at[i + 1]);
        at[(*len)++] = (char)(high << 4 | low);
        i++;
    }
    return true;
}

// The older form: bytes as they are, "\\" for a backslash, "\ooo" for any byte.
static bool read_escaped(char *at, size_t *len, Str s, const CastJob *job)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] != '\\') {
            at[(*len)++] = s.at[i];
            continue;
        }
        const char *o = s.at + i + 1;
        size_t left = s.len - i - 1;
        if (left >= 1 && o[0] == '\\') {
            at[(*len)++] = '\\';
            i++;
        } else if (left >= 3 && o[0] >= '0' && o[0] <= '3' && o[1] >= '0' && o[1] <= '7' && o[2] >= '0' &&
                   o[2] <= '7') {
            at[(*len)++] = (char)((o[0] - '0') << 6 | (o[1] - '0') << 3 | (o[2] - '0'));
            i += 3;
        } else {
            return err_set(job->err, SQLSTATE_BAD_TEXT, "invalid input syntax for type bytea");
        }
    }
    return true;
}

static bool read_bytea(void *cell, Str s, const CastJob *job)
{
    char *at = arena_try(job->mem, s.len ? s.len : 1, 1);
    if (!at) return err_set(job->err, SQLSTATE_OUT_OF_MEMORY, "no memory for a value of %zu bytes", s.len);
    size_t len = 0;
    bool hex = s.len >= 2 && s.at[0] == '\\' && s.at[1] == 'x';
    if (!(hex ? read_hex(at, &len, s, job) : read_escaped(at, &len, s, job))) return false;
    return put_text_cell(cell, (Str){at, len}, false, job);
}

static bool read_array(void *cell, Str s, const CastJob *job)
{
    return array_from_text(cell, s, job->to, job->mem, job->err);
}

static bool read_json(void *cell, Str s, const CastJob *job)
{
    return document_check(s, job->err) && put_text_cell(cell, s, job->copy, job);
}

static bool read_jsonb(void *cell, Str s, const CastJob *job)
{
    return document_normal(cell, s, job->mem, job->err);
}

static bool read_uuid(void *cell, Str s, const CastJob *job) { return uuid_from_text(cell, s, job->err); }

typedef bool (*CellRead)(void *cell, Str s, const CastJob *job);
static const CellRead cell_read[TYPE_COUNT] = {
    [TYPE_NULL] = read_string,
    [TYPE_BOOLEAN] = read_boolean,
    [TYPE_SMALLINT] = read_smallint,
    [TYPE_INTEGER] = read_integer,
    [TYPE_BIGINT] = read_bigint,
    [TYPE_NUMERIC] = read_numeric,
    [TYPE_REAL] = read_real,
    [TYPE_DOUBLE] = read_double,
    [TYPE_CHAR] = read_string,
    [TYPE_VARCHAR] = read_string,
    [TYPE_TEXT] = read_string,
    [TYPE_BYTEA] = read_bytea,
    [TYPE_DATE] = read_date,
    [TYPE_TIME] = read_time,
    [TYPE_TIMESTAMP] = read_timestamp,
    [TYPE_TIMESTAMPTZ] = read_timestamptz,
    [TYPE_INTERVAL] = read_interval,
    [TYPE_UUID] = read_uuid,
    [TYPE_JSON] = read_json,
    [TYPE_JSONB] = read_jsonb,
    [TYPE_OID] = read_oid,
    [TYPE_REGCLASS] = read_regname,
    [TYPE_REGTYPE] = read_regname,
    [TYPE_REGPROC] = read_regname,
    [TYPE_REGNAMESPACE] = read_regname,
    [TYPE_NAME] = read_string,
    [TYPE_ENUM] = read_enum,
    [TYPE_ARRAY] = read_array,
};

bool cast_read_cell(void *cell, Str s, const CastJob *job, bool checked)
{
    if (checked && type_is_string(job->to.id) && !check_text(s, job->err)) return false;
    return cell_read[job->to.id](cell, s, job);
}

// ---- kernels ----

bool cast_kernel_from_string(const CastJob *job)
{
    CellRead read = cell_read[job->to.id];
    size_t size = phys_size(type_phys(job->to.id));
    const Text *source = job->in->data;
    for (uint32_t i = 0; i < job->count; i++) {
        uint32_t row = job_row(job, i);
        if (!read((char *)job->out->data + size * row, text_str(&source[row]), job)) return false;
    }
    return true;
}

// A string whose bytes are in the source cell itself must not be borrowed through a copy of that cell:
// text_of copies the short ones, so both vectors may be the same.
bool cast_kernel_string(const CastJob *job)
{
    bool padded = job->in->type.id == TYPE_CHAR && job->to.id != TYPE_CHAR;
    const Text *source = job->in->data;
    Text *target = job->out->data;
    for (uint32_t i = 0; i < job->count; i++) {
        uint32_t row = job_row(job, i);
        Text own = source[row];
        Str s = text_str(&own);
        if (!fit_string(&target[row], padded ? without_blanks(s) : s, job->copy, job)) return false;
    }
    return true;
}

bool cast_kernel_literal(const CastJob *job)
{
    const Text *source = job->in->data;
    for (uint32_t i = 0; i < job->count; i++)
        if (!check_text(text_str(&source[job_row(job, i)]), job->err)) return false;
    return cast_kernel_string(job);
}

// The text of a cell that only session and dictionary can tell.
static bool put_by_context(Bytes *out, const void *cell, const CastJob *job)
{
    const CastContext *c = job->context;
    const Type from = job->in->type;
    const int64_t v = *(const int64_t *)cell;
    if (from.id == TYPE_TIMESTAMPTZ) {
        char text[DATETIME_TEXT_SIZE];
        size_t len = timestamptz_to_text(v, c ? c->when.zone : NULL, text);
        bytes_put(out, (Str){text, len});
        return true;
    }
    if (from.id != TYPE_ENUM && c && c->oid_to_name)
        return c->oid_to_name(c->self, from.id, v, out, job->err);
    if (from.id != TYPE_ENUM) {
        bytes_put_int64(out, v);
        return true;
    }
    Str label;
    if (!c || !c->enum_label)
        return err_set(job->err, SQLSTATE_UNSUPPORTED, "the values of an enum are not known here");
    if (!c->enum_label(c->self, type_number(from), v, &label, job->err)) return false;
    bytes_put(out, label);
    return true;
}

bool cast_kernel_to_string(const CastJob *job)
{
    CellTextPut put = cell_text_put(job->in->type.id);
    const bool by_context = cast_needs_context(job->in->type.id);
    bool boolean = job->in->type.id == TYPE_BOOLEAN; // a cast spells it out, printing does not
    size_t size = phys_size(type_phys(job->in->type.id));
    Bytes text;
    bytes_init(&text, TYPE_VALUE_BYTES_MAX);
    bool went = true;
    for (uint32_t i = 0; went && i < job->count; i++) {
        uint32_t row = job_row(job, i);
        const char *cell = (const char *)job->in->data + size * row;
        bytes_clear(&text);
        if (boolean)
            bytes_put(&text, *cell ? STR("true") : STR("false"));
        else if (by_context)
            went = put_by_context(&text, cell, job);
        else
            put(&text, cell);
        if (!went) break;
        if (text.failed)
            went = err_set(job->err, SQLSTATE_LIMIT,
                           "a value is longer as text than the %d bytes that one value may have",
                           TYPE_VALUE_BYTES_MAX);
        else
            went = fit_string((Text *)job->out->data + row, bytes_str(&text), true, job);
    }
    bytes_done(&text);
    return went;
}
