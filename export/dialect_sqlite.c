// The dialect of SQLite 3. Every type keeps its exact values: numerics of more than 15 digits are declared
// with text affinity; a double whose decimal SQLite 3.40 would read one bit off is written as a product of
// exact powers of two; texts with NUL or a carriage return go through hex, as the shell cuts or changes them.
// Foreign keys are checked at COMMIT.
#include "export/dialect.h"

#include "engine/data/cast.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SQLITE_EXACT_DIGITS = 15 };

static void sqlite_type(OutFile *out, const CatalogTable *t, uint32_t column)
{
    static const char *const names[TYPE_COUNT] = {
        [TYPE_NULL] = "TEXT",         [TYPE_BOOLEAN] = "BOOLEAN", [TYPE_SMALLINT] = "INTEGER",
        [TYPE_INTEGER] = "INTEGER",   [TYPE_BIGINT] = "INTEGER",  [TYPE_REAL] = "REAL",
        [TYPE_DOUBLE] = "REAL",       [TYPE_TEXT] = "TEXT",       [TYPE_BYTEA] = "BLOB",
        [TYPE_DATE] = "DATE",         [TYPE_TIME] = "TIME",       [TYPE_TIMESTAMP] = "TIMESTAMP",
        [TYPE_TIMESTAMPTZ] = "TEXT",  [TYPE_INTERVAL] = "TEXT",   [TYPE_UUID] = "TEXT",
        [TYPE_JSON] = "TEXT",         [TYPE_JSONB] = "TEXT",      [TYPE_OID] = "INTEGER",
        [TYPE_REGCLASS] = "TEXT",     [TYPE_REGTYPE] = "TEXT",    [TYPE_REGPROC] = "TEXT",
        [TYPE_REGNAMESPACE] = "TEXT", [TYPE_NAME] = "TEXT",       [TYPE_ENUM] = "TEXT",
        [TYPE_ARRAY] = "TEXT"};
    const CatalogColumn *c = &t->column[column];
    bool short_numeric = c->type.length > 0 && c->type.length <= SQLITE_EXACT_DIGITS;
    if (names[c->type.id])
        out_put(out, str_of(names[c->type.id]));
    else if (c->type.id == TYPE_NUMERIC && short_numeric)
        out_printf(out, "NUMERIC(%d,%d)", c->type.length, c->type.scale);
    else if (c->type.id == TYPE_NUMERIC && c->type.length > 0)
        out_printf(out, "DECIMAL_TEXT(%d,%d)", c->type.length, c->type.scale);
    else if (c->type.id == TYPE_NUMERIC)
        out_put(out, STR("DECIMAL_TEXT"));
    else
        out_put(out, c->type_text);
}

static bool sqlite_put_text(OutFile *out, DumpCell *c)
{
    if (str_find_byte(c->text, '\0', 0) == SIZE_MAX && str_find_byte(c->text, '\r', 0) == SIZE_MAX)
        return dialect_put_string(out, c);
    out_put(out, STR("CAST(X'"));
    dialect_put_hex(out, c->text);
    out_put(out, STR("' AS TEXT)"));
    return true;
}

// Short ones are numbers; the others strings for their text affinity.
static bool sqlite_put_numeric(OutFile *out, DumpCell *c)
{
    Type type = c->vector->type;
    bool digits_only =
        c->text.len && (c->text.at[c->text.len - 1] >= '0' && c->text.at[c->text.len - 1] <= '9');
    if (type.length > 0 && type.length <= SQLITE_EXACT_DIGITS && digits_only)
        return dialect_put_plain(out, c);
    return dialect_put_string(out, c);
}

// Does a reader that computes digits * 10^e or digits / 10^e in one step, in `long double` or in `double`,
// get x?
static bool decimal_is_exact(Str text, double x)
{
    uint64_t digits = 0;
    int exponent = 0, seen = 0;
    bool point = false;
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];
        if (byte == '-') continue;
        if (byte == '.') {
            point = true;
            continue;
        }
        if (byte < '0' || byte > '9' || ++seen > 17) return false;
        digits = digits * 10 + (uint64_t)(byte - '0');
        exponent -= point;
    }
    if (digits >= UINT64_C(1) << 53 || exponent < -22) return false;
    long double wide = (long double)digits;
    double narrow = (double)digits, power = 1;
    for (int i = exponent; i < 0; i++) power *= 10;
    return (double)(wide / (long double)power) == fabs(x) && narrow / power == fabs(x);
}

// x = mantissa * 2^exponent, each factor an integer that any reader gets exactly.
static void put_power_product(OutFile *out, double x)
{
    enum { STEP = 62 };
    int exponent;
    double fraction = frexp(x, &exponent);
    exponent -= 53;
    out_printf(out, "(%.1f", ldexp(fraction, 53));
    for (; exponent >= STEP; exponent -= STEP) out_put(out, STR("*4611686018427387904.0"));
    for (; exponent <= -STEP; exponent += STEP) out_put(out, STR("/4611686018427387904.0"));
    if (exponent) out_printf(out, "%c%.1f", exponent > 0 ? '*' : '/', ldexp(1, abs(exponent)));
    out_byte(out, ')');
}

static bool sqlite_put_double(OutFile *out, DumpCell *c)
{
    uint32_t slot = vector_slot(c->vector, c->row);
    double x = c->vector->type.id == TYPE_REAL ? (double)((const float *)c->vector->data)[slot]
                                               : ((const double *)c->vector->data)[slot];
    char text[40];
    if (isnan(x)) return dialect_put_string(out, c);
    if (isinf(x)) {
        out_put(out, x > 0 ? STR("9e999") : STR("-9e999"));
        return true;
    }
    size_t len = cast_double_to_text(x, text);
    if (!decimal_is_exact((Str){text, len}, x)) {
        put_power_product(out, x);
        return true;
    }
    out_put(out, (Str){text, len});
    if (!memchr(text, '.', len)) out_put(out, STR(".0"));
    return true;
}

const DumpDialect dialect_sqlite = {
    .name = "sqlite",
    .title = "SQLite",
    .quote = '"',
    .prologue = "PRAGMA foreign_keys = ON;\nBEGIN;\nPRAGMA defer_foreign_keys = ON;\n\n",
    .epilogue = "COMMIT;\n",
    .values_begin = "",
    .values_end = "",
    .type = sqlite_type,
    .put = {[TYPE_NULL] = sqlite_put_text,         [TYPE_BOOLEAN] = postgres_put_boolean,
            [TYPE_SMALLINT] = dialect_put_plain,   [TYPE_INTEGER] = dialect_put_plain,
            [TYPE_BIGINT] = dialect_put_plain,     [TYPE_NUMERIC] = sqlite_put_numeric,
            [TYPE_REAL] = sqlite_put_double,       [TYPE_DOUBLE] = sqlite_put_double,
            [TYPE_CHAR] = sqlite_put_text,         [TYPE_VARCHAR] = sqlite_put_text,
            [TYPE_TEXT] = sqlite_put_text,         [TYPE_BYTEA] = dialect_put_bytea_x,
            [TYPE_DATE] = dialect_put_string,      [TYPE_TIME] = dialect_put_string,
            [TYPE_TIMESTAMP] = dialect_put_string, [TYPE_TIMESTAMPTZ] = dialect_put_string,
            [TYPE_INTERVAL] = dialect_put_string,  [TYPE_UUID] = dialect_put_string,
            [TYPE_JSON] = sqlite_put_text,         [TYPE_JSONB] = sqlite_put_text,
            [TYPE_OID] = dialect_put_plain,        [TYPE_REGCLASS] = sqlite_put_text,
            [TYPE_REGTYPE] = sqlite_put_text,      [TYPE_REGPROC] = sqlite_put_text,
            [TYPE_REGNAMESPACE] = sqlite_put_text, [TYPE_NAME] = sqlite_put_text,
            [TYPE_ENUM] = sqlite_put_text,         [TYPE_ARRAY] = sqlite_put_text},
    .identity_primary = " PRIMARY KEY AUTOINCREMENT NOT NULL",
    .translate = true,
    .index_names_shared = true,
};
