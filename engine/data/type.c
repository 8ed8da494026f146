// Type: one table with a row per type id, one table of spellings. The tables are the only place that knows
// the list.
#include "engine/data/type.h"

typedef enum TypeFamily {
    FAMILY_NONE,
    FAMILY_BOOLEAN,
    FAMILY_NUMBER,
    FAMILY_STRING,
    FAMILY_BYTES,
    FAMILY_WHEN,
    FAMILY_SPAN,
    FAMILY_UUID,
    FAMILY_JSON,
    FAMILY_JSONB,
    FAMILY_OID,
    FAMILY_ENUM,
    FAMILY_ARRAY,
    FAMILY_RECORD,
} TypeFamily;

typedef struct TypeRow {
    const char *name;
    Phys phys;
    TypeFamily family;
} TypeRow;

static const TypeRow type_row[TYPE_COUNT] = {
    [TYPE_NULL] = {"unknown", PHYS_TEXT, FAMILY_NONE},
    [TYPE_BOOLEAN] = {"boolean", PHYS_BOOL, FAMILY_BOOLEAN},
    [TYPE_SMALLINT] = {"smallint", PHYS_I16, FAMILY_NUMBER},
    [TYPE_INTEGER] = {"integer", PHYS_I32, FAMILY_NUMBER},
    [TYPE_BIGINT] = {"bigint", PHYS_I64, FAMILY_NUMBER},
    [TYPE_NUMERIC] = {"numeric", PHYS_NUMERIC, FAMILY_NUMBER},
    [TYPE_REAL] = {"real", PHYS_F32, FAMILY_NUMBER},
    [TYPE_DOUBLE] = {"double precision", PHYS_F64, FAMILY_NUMBER},
    [TYPE_CHAR] = {"char", PHYS_TEXT, FAMILY_STRING},
    [TYPE_VARCHAR] = {"varchar", PHYS_TEXT, FAMILY_STRING},
    [TYPE_TEXT] = {"text", PHYS_TEXT, FAMILY_STRING},
    [TYPE_BYTEA] = {"bytea", PHYS_TEXT, FAMILY_BYTES},
    [TYPE_DATE] = {"date", PHYS_I32, FAMILY_WHEN},
    [TYPE_TIME] = {"time", PHYS_I64, FAMILY_WHEN},
    [TYPE_TIMESTAMP] = {"timestamp", PHYS_I64, FAMILY_WHEN},
    [TYPE_TIMESTAMPTZ] = {"timestamptz", PHYS_I64, FAMILY_WHEN},
    [TYPE_INTERVAL] = {"interval", PHYS_INTERVAL, FAMILY_SPAN},
    [TYPE_UUID] = {"uuid", PHYS_UUID, FAMILY_UUID},
    [TYPE_JSON] = {"json", PHYS_TEXT, FAMILY_JSON},
    [TYPE_JSONB] = {"jsonb", PHYS_JSONB, FAMILY_JSONB},
    [TYPE_OID] = {"oid", PHYS_I64, FAMILY_OID},
    [TYPE_REGCLASS] = {"regclass", PHYS_I64, FAMILY_OID},
    [TYPE_REGTYPE] = {"regtype", PHYS_I64, FAMILY_OID},
    [TYPE_REGPROC] = {"regproc", PHYS_I64, FAMILY_OID},
    [TYPE_REGNAMESPACE] = {"regnamespace", PHYS_I64, FAMILY_OID},
    [TYPE_NAME] = {"name", PHYS_TEXT, FAMILY_STRING},
    [TYPE_ENUM] = {"enum", PHYS_I64, FAMILY_ENUM},
    [TYPE_ARRAY] = {"array", PHYS_ARRAY, FAMILY_ARRAY},
    [TYPE_RECORD] = {"record", PHYS_ARRAY, FAMILY_RECORD},
};

// What a spelling does with its numbers in parentheses.
typedef enum TypeMods {
    MODS_NONE,
    MODS_IGNORED, // a display width or a maximum that means nothing here: blob(100), int(11)
    MODS_LENGTH,
    MODS_LENGTH_ONE, // char means char(1)
    MODS_PRECISION,  // numeric(p), numeric(p,s)
    MODS_BITS,       // float(24) is real, float(25) double precision
    MODS_FRACTION,   // timestamp(3)
    MODS_REFUSED,    // a type people know that is not built
} TypeMods;

typedef struct TypeAlias {
    const char *name;
    TypeId id;
    TypeMods mods;
} TypeAlias;

static const TypeAlias type_alias[] = {
    {"boolean", TYPE_BOOLEAN, MODS_NONE},
    {"bool", TYPE_BOOLEAN, MODS_NONE},
    {"smallint", TYPE_SMALLINT, MODS_IGNORED},
    {"int2", TYPE_SMALLINT, MODS_NONE},
    {"tinyint", TYPE_SMALLINT, MODS_IGNORED},
    {"integer", TYPE_INTEGER, MODS_IGNORED},
    {"int", TYPE_INTEGER, MODS_IGNORED},
    {"int4", TYPE_INTEGER, MODS_NONE},
    {"mediumint", TYPE_INTEGER, MODS_IGNORED},
    {"bigint", TYPE_BIGINT, MODS_IGNORED},
    {"int8", TYPE_BIGINT, MODS_NONE},
    {"numeric", TYPE_NUMERIC, MODS_PRECISION},
    {"decimal", TYPE_NUMERIC, MODS_PRECISION},
    {"dec", TYPE_NUMERIC, MODS_PRECISION},
    {"number", TYPE_NUMERIC, MODS_PRECISION},
    {"real", TYPE_REAL, MODS_NONE},
    {"float4", TYPE_REAL, MODS_NONE},
    {"float", TYPE_DOUBLE, MODS_BITS},
    {"double precision", TYPE_DOUBLE, MODS_NONE},
    {"double", TYPE_DOUBLE, MODS_IGNORED},
    {"float8", TYPE_DOUBLE, MODS_NONE},
    {"char", TYPE_CHAR, MODS_LENGTH_ONE},
    {"character", TYPE_CHAR, MODS_LENGTH_ONE},
    {"nchar", TYPE_CHAR, MODS_LENGTH_ONE},
    {"national char", TYPE_CHAR, MODS_LENGTH_ONE},
    {"national character", TYPE_CHAR, MODS_LENGTH_ONE},
    {"bpchar", TYPE_CHAR, MODS_LENGTH},
    {"varchar", TYPE_VARCHAR, MODS_LENGTH},
    {"character varying", TYPE_VARCHAR, MODS_LENGTH},
    {"char varying", TYPE_VARCHAR, MODS_LENGTH},
    {"nvarchar", TYPE_VARCHAR, MODS_LENGTH},
    {"national varchar", TYPE_VARCHAR, MODS_LENGTH},
    {"national character varying", TYPE_VARCHAR, MODS_LENGTH},
    {"national char varying", TYPE_VARCHAR, MODS_LENGTH},
    {"varchar2", TYPE_VARCHAR, MODS_LENGTH},
    {"text", TYPE_TEXT, MODS_IGNORED},
    {"string", TYPE_TEXT, MODS_IGNORED},
    {"clob", TYPE_TEXT, MODS_IGNORED},
    {"nclob", TYPE_TEXT, MODS_IGNORED},
    {"tinytext", TYPE_TEXT, MODS_NONE},
    {"mediumtext", TYPE_TEXT, MODS_NONE},
    {"longtext", TYPE_TEXT, MODS_NONE},
    {"ntext", TYPE_TEXT, MODS_NONE},
    {"bytea", TYPE_BYTEA, MODS_NONE},
    {"blob", TYPE_BYTEA, MODS_IGNORED},
    {"tinyblob", TYPE_BYTEA, MODS_NONE},
    {"mediumblob", TYPE_BYTEA, MODS_NONE},
    {"longblob", TYPE_BYTEA, MODS_NONE},
    {"binary", TYPE_BYTEA, MODS_IGNORED},
    {"varbinary", TYPE_BYTEA, MODS_IGNORED},
    {"binary varying", TYPE_BYTEA, MODS_IGNORED},
    {"binary large object", TYPE_BYTEA, MODS_IGNORED},
    {"date", TYPE_DATE, MODS_NONE},
    {"time", TYPE_TIME, MODS_FRACTION},
    {"time without time zone", TYPE_TIME, MODS_FRACTION},
    {"timestamp", TYPE_TIMESTAMP, MODS_FRACTION},
    {"timestamp without time zone", TYPE_TIMESTAMP, MODS_FRACTION},
    {"datetime", TYPE_TIMESTAMP, MODS_FRACTION},
    {"unknown", TYPE_NULL, MODS_NONE},
    {"timestamptz", TYPE_TIMESTAMPTZ, MODS_FRACTION},
    {"timestamp with time zone", TYPE_TIMESTAMPTZ, MODS_FRACTION},
    {"timetz", TYPE_NULL, MODS_REFUSED},
    {"time with time zone", TYPE_NULL, MODS_REFUSED},
    {"interval", TYPE_INTERVAL, MODS_FRACTION},
    {"json", TYPE_JSON, MODS_NONE},
    {"jsonb", TYPE_JSONB, MODS_NONE},
    {"uuid", TYPE_UUID, MODS_NONE},
    {"oid", TYPE_OID, MODS_NONE},
    {"regclass", TYPE_REGCLASS, MODS_NONE},
    {"regtype", TYPE_REGTYPE, MODS_NONE},
    {"regproc", TYPE_REGPROC, MODS_NONE},
    {"regnamespace", TYPE_REGNAMESPACE, MODS_NONE},
    {"name", TYPE_NAME, MODS_NONE},
    {"xml", TYPE_NULL, MODS_REFUSED},
    {"money", TYPE_NULL, MODS_REFUSED},
    {"bit", TYPE_NULL, MODS_REFUSED},
    {"bit varying", TYPE_NULL, MODS_REFUSED},
    {"inet", TYPE_NULL, MODS_REFUSED},
    {"cidr", TYPE_NULL, MODS_REFUSED},
};

Phys type_phys(TypeId id) { return type_row[id].phys; }

size_t phys_size(Phys p)
{
    static const uint8_t size[PHYS_COUNT] = {
        [PHYS_BOOL] = 1,      [PHYS_I16] = 2,   [PHYS_I32] = 4,    [PHYS_I64] = 8,
        [PHYS_F32] = 4,       [PHYS_F64] = 8,   [PHYS_TEXT] = 16,  [PHYS_NUMERIC] = 16,
        [PHYS_INTERVAL] = 16, [PHYS_UUID] = 16, [PHYS_ARRAY] = 16, [PHYS_JSONB] = 16,
    };
    return size[p];
}

bool phys_is_text(Phys p) { return p == PHYS_TEXT || p == PHYS_ARRAY || p == PHYS_JSONB; }
bool phys_is_long(Phys p) { return phys_is_text(p) || p == PHYS_NUMERIC; }
bool phys_is_plain(Phys p) { return p <= PHYS_F64; }

bool type_equal(Type a, Type b)
{
    return a.id == b.id && a.length == b.length && a.scale == b.scale && a.of == b.of && a.domain == b.domain;
}
bool type_is_oid(TypeId id) { return type_row[id].family == FAMILY_OID; }
bool type_is_number(TypeId id) { return type_row[id].family == FAMILY_NUMBER; }
bool type_is_integer(TypeId id) { return id == TYPE_SMALLINT || id == TYPE_INTEGER || id == TYPE_BIGINT; }
bool type_is_string(TypeId id) { return type_row[id].family == FAMILY_STRING; }
bool type_is_when(TypeId id) { return type_row[id].family == FAMILY_WHEN; }
const char *type_name(TypeId id) { return type_row[id].name; }

// The bits of TypeIntervalField in their order.
static const char *const interval_field[] = {"year", "month", "day", "hour", "minute", "second"};

static Str interval_text(Type t, Arena *mem)
{
    int first = -1, last = -1;
    for (int i = 0; i < (int)COUNT_OF(interval_field); i++) {
        if (!(t.length >> i & 1)) continue;
        if (first < 0) first = i;
        last = i;
    }
    Str s = STR("interval");
    if (first >= 0) s = arena_printf(mem, "interval %s", interval_field[first]);
    if (last > first) s = arena_printf(mem, "%.*s to %s", STR_ARG(s), interval_field[last]);
    return t.scale ? arena_printf(mem, "%.*s(%d)", STR_ARG(s), TYPE_FRACTION_MAX - t.scale) : s;
}

Str type_text(Type t, Arena *mem)
{
    const char *name = type_row[t.id].name;
    switch (t.id) {
    case TYPE_CHAR:
        if (!t.length) return STR("bpchar");
        return arena_printf(mem, "%s(%d)", name, t.length);
    case TYPE_VARCHAR: return t.length ? arena_printf(mem, "%s(%d)", name, t.length) : str_of(name);
    case TYPE_NUMERIC:
        return t.length ? arena_printf(mem, "%s(%d,%d)", name, t.length, t.scale) : str_of(name);
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        return t.scale ? arena_printf(mem, "%s(%d)", name, TYPE_FRACTION_MAX - t.scale) : str_of(name);
    case TYPE_INTERVAL: return interval_text(t, mem);
    default: return str_of(name);
    }
}

static bool mods_length(Type *out, Str name, const int64_t *mods, size_t count, bool one, Err *err)
{
    if (count > 1) return err_set(err, "22023", "type %.*s takes one length", STR_ARG(name));
    if (!count) {
        out->length = one ? 1 : 0;
        return true;
    }
    if (mods[0] < 1) return err_set(err, "22023", "length for type %.*s must be at least 1", STR_ARG(name));
    if (mods[0] > TYPE_TEXT_LENGTH_MAX)
        return err_set(err, "22023", "length for type %.*s cannot exceed %d", STR_ARG(name),
                       TYPE_TEXT_LENGTH_MAX);
    out->length = (int32_t)mods[0];
    return true;
}

static bool mods_precision(Type *out, Str name, const int64_t *mods, size_t count, Err *err)
{
    const int64_t max = TYPE_NUMERIC_PRECISION_MAX;
    if (count > 2) return err_set(err, "22023", "type %.*s takes a precision and a scale", STR_ARG(name));
    if (count && (mods[0] < 1 || mods[0] > max))
        return err_set(err, "22023", "NUMERIC precision %lld must be between 1 and %lld", (long long)mods[0],
                       (long long)max);
    if (count > 1 && (mods[1] < -max || mods[1] > max))
        return err_set(err, "22023", "NUMERIC scale %lld must be between -%lld and %lld", (long long)mods[1],
                       (long long)max, (long long)max);
    out->length = count ? (int32_t)mods[0] : 0;
    out->scale = count > 1 ? (int32_t)mods[1] : 0;
    return true;
}

static bool mods_bits(Type *out, const int64_t *mods, size_t count, Err *err)
{
    if (!count) return true;
    if (count == 1 && mods[0] < 1)
        return err_set(err, "22023", "precision for type float must be at least 1 bit");
    if (count == 1 && mods[0] > 53)
        return err_set(err, "22023", "precision for type float must be less than 54 bits");
    if (count == 1 && mods[0] <= 24) out->id = TYPE_REAL; // float(m,d) is another dialect's double
    return true;
}

static bool mods_fraction(Type *out, Str name, const int64_t *mods, size_t count, Err *err)
{
    if (!count) return true;
    if (count > 1 || mods[0] < 0 || mods[0] > TYPE_FRACTION_MAX)
        return err_set(err, "22023", "precision of type %.*s must be between 0 and %d", STR_ARG(name),
                       TYPE_FRACTION_MAX);
    out->scale = TYPE_FRACTION_MAX - (int32_t)mods[0];
    return true;
}

// "interval day to second": the words behind it are a range of fields.
static bool interval_type(Type *out, Str name, const int64_t *mods, size_t count, Err *err)
{
    Str words = str_slice(name, 9, name.len);
    size_t to = str_find(words, STR(" to "), 0);
    Str first = str_slice(words, 0, to == SIZE_MAX ? words.len : to),
        last = to == SIZE_MAX ? first : str_slice(words, to + 4, words.len);
    int from_field = -1, to_field = -1;
    for (int i = 0; i < (int)COUNT_OF(interval_field); i++) {
        if (str_equal(first, str_of(interval_field[i]))) from_field = i;
        if (str_equal(last, str_of(interval_field[i]))) to_field = i;
    }
    bool across = from_field < 2 && to_field >= 2; // months and days do not mix
    if (from_field < 0 || to_field < from_field || across)
        return err_set(err, "42601", "invalid interval fields: %.*s", STR_ARG(words));
    if (count && to_field != 5) return err_set(err, "42601", "only seconds of an interval have a precision");
    *out = type_of(TYPE_INTERVAL);
    for (int i = from_field; i <= to_field; i++) out->length |= 1 << i;
    return mods_fraction(out, STR("interval"), mods, count, err);
}

bool type_from_name(Type *out, Str name, const int64_t *mods, size_t mod_count, Err *err)
{
    const TypeAlias *alias = NULL;
    for (size_t i = 0; i < COUNT_OF(type_alias) && !alias; i++)
        if (str_equal(str_of(type_alias[i].name), name)) alias = &type_alias[i];
    if (!alias && str_starts(name, STR("interval "))) return interval_type(out, name, mods, mod_count, err);
    if (!alias) return err_set(err, "42704", "type \"%.*s\" does not exist", STR_ARG(name));
    *out = type_of(alias->id);
    switch (alias->mods) {
    case MODS_NONE:
        if (mod_count) return err_set(err, "22023", "type %.*s takes no length or precision", STR_ARG(name));
        return true;
    case MODS_IGNORED: return true;
    case MODS_LENGTH: return mods_length(out, name, mods, mod_count, false, err);
    case MODS_LENGTH_ONE: return mods_length(out, name, mods, mod_count, true, err);
    case MODS_PRECISION: return mods_precision(out, name, mods, mod_count, err);
    case MODS_BITS: return mods_bits(out, mods, mod_count, err);
    case MODS_FRACTION: return mods_fraction(out, name, mods, mod_count, err);
    case MODS_REFUSED: break;
    }
    return err_set(err, SQLSTATE_UNSUPPORTED, "type %.*s is not supported", STR_ARG(name));
}

// The type of x when it meets an untyped literal: the literal must not be cut or rounded to x's column.
static Type beside_literal(Type x)
{
    if (x.id == TYPE_NULL) return type_of(TYPE_TEXT);
    x.domain = 0;
    return x.id == TYPE_CHAR ? x : type_bare(x);
}

bool type_common(Type a, Type b, Type *out)
{
    if (a.id == TYPE_NULL || b.id == TYPE_NULL) {
        *out = beside_literal(a.id == TYPE_NULL ? b : a);
        return true;
    }
    if (type_equal(a, b)) {
        *out = a;
        return true;
    }
    TypeFamily family = type_row[a.id].family;
    if (family != type_row[b.id].family) return false;
    TypeId high = a.id > b.id ? a.id : b.id;
    TypeId low = a.id > b.id ? b.id : a.id;
    if (family == FAMILY_WHEN && low != high && (low == TYPE_TIME || high == TYPE_TIME)) return false;
    if (high == TYPE_REAL && low != TYPE_REAL)
        high = TYPE_DOUBLE; // exact numbers meet real in double precision
    if ((high == TYPE_VARCHAR && low == TYPE_CHAR) || (high == TYPE_NAME && low != high)) high = TYPE_TEXT;
    if (family == FAMILY_OID && low != high) high = TYPE_OID;
    if ((family == FAMILY_ENUM || family == FAMILY_ARRAY) && a.of != b.of) return false;
    *out = type_of(high);
    if (family == FAMILY_ENUM || family == FAMILY_ARRAY) out->of = a.of;
    return true;
}
