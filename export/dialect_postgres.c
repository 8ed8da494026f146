// The dialects of PostgreSQL 15 and of d2db itself, which follows it. Identity columns are BY DEFAULT, so
// that INSERTs give their values; the counter is set behind the rows.
#include "export/dialect.h"

#include <inttypes.h>

void postgres_type(OutFile *out, const CatalogTable *t, uint32_t column)
{
    out_put(out, t->column[column].type_text);
}

void postgres_restart(OutFile *out, const CatalogTable *t, uint32_t column, int64_t next)
{
    out_put(out, STR("ALTER TABLE "));
    dialect_put_table(out, &dialect_postgres, t);
    out_put(out, STR(" ALTER COLUMN "));
    dialect_put_quoted(out, '"', t->column[column].name);
    out_printf(out, " RESTART WITH %" PRId64 ";\n", next);
}

static void put_string(OutFile *out, Str text) { dialect_put_quoted(out, '\'', text); }

static void d2db_restart(OutFile *out, const CatalogTable *t, uint32_t column, int64_t next)
{
    Bytes name;
    bytes_init(&name, 1 << 16);
    if (t->schema.len) source_quote_name(&name, t->schema);
    if (t->schema.len) bytes_put_byte(&name, '.');
    source_quote_name(&name, t->local.at ? t->local : t->name);
    out_put(out, STR("SELECT setval(pg_get_serial_sequence("));
    put_string(out, bytes_str(&name));
    out_put(out, STR(", "));
    put_string(out, t->column[column].name);
    out_printf(out, "), %" PRId64 ", false);\n", next);
    bytes_done(&name);
}

bool postgres_put_boolean(OutFile *out, DumpCell *c)
{
    out_put(out, str_equal(c->text, STR("t")) ? STR("TRUE") : STR("FALSE"));
    return true;
}

// Plain decimals of up to 15 digits are exact in any reader; a string goes to the type's own reader, which is
// exact too, knows NaN and Infinity, and keeps the sign of -0.
bool postgres_put_number(OutFile *out, DumpCell *c)
{
    enum { SAFE_DIGITS = 15 };
    size_t digits = 0;
    bool plain = !str_equal(c->text, STR("-0"));
    for (size_t i = 0; i < c->text.len && plain; i++) {
        char byte = c->text.at[i];
        bool digit = byte >= '0' && byte <= '9';
        digits += digit;
        plain = digit || byte == '.' || byte == '-';
    }
    bool exact = c->vector->type.id == TYPE_NUMERIC || digits <= SAFE_DIGITS;
    return plain && exact ? dialect_put_plain(out, c) : dialect_put_string(out, c);
}

static void put_escaped(OutFile *out, Str s)
{
    out_put(out, STR("E'"));
    for (size_t i = 0; i < s.len; i++) {
        unsigned char byte = (unsigned char)s.at[i];
        if (byte == '\'' || byte == '\\') {
            out_byte(out, (char)byte);
            out_byte(out, (char)byte);
        } else if (byte == '\r') {
            out_put(out, STR("\\r"));
        } else if ((byte < ' ' && byte != '\n' && byte != '\t') || byte == 0x7f) {
            out_printf(out, "\\%03o", byte);
        } else {
            out_byte(out, (char)byte);
        }
    }
    out_byte(out, '\'');
}

// Control characters are escaped: clients on the way may change a carriage return, and a person reads the
// file.
bool postgres_put_text(OutFile *out, DumpCell *c)
{
    bool escape = false;
    for (size_t i = 0; i < c->text.len; i++) {
        unsigned char byte = (unsigned char)c->text.at[i];
        if (byte == 0) {
            c->why = "a text with a NUL character cannot be written as an SQL string";
            return false;
        }
        escape |= (byte < ' ' && byte != '\n' && byte != '\t') || byte == 0x7f;
    }
    if (escape)
        put_escaped(out, c->text);
    else
        dialect_put_quoted(out, '\'', c->text);
    return true;
}

#define POSTGRES_PUT                                                                                         \
    {                                                                                                        \
        [TYPE_NULL] = postgres_put_text, [TYPE_BOOLEAN] = postgres_put_boolean,                              \
        [TYPE_SMALLINT] = dialect_put_plain, [TYPE_INTEGER] = dialect_put_plain,                             \
        [TYPE_BIGINT] = dialect_put_plain, [TYPE_NUMERIC] = postgres_put_number,                             \
        [TYPE_REAL] = postgres_put_number, [TYPE_DOUBLE] = postgres_put_number,                              \
        [TYPE_CHAR] = postgres_put_text, [TYPE_VARCHAR] = postgres_put_text,                                 \
        [TYPE_TEXT] = postgres_put_text, [TYPE_BYTEA] = dialect_put_string,                                  \
        [TYPE_DATE] = dialect_put_string, [TYPE_TIME] = dialect_put_string,                                  \
        [TYPE_TIMESTAMP] = dialect_put_string, [TYPE_TIMESTAMPTZ] = dialect_put_string,                      \
        [TYPE_INTERVAL] = dialect_put_string, [TYPE_UUID] = dialect_put_string,                              \
        [TYPE_JSON] = postgres_put_text, [TYPE_JSONB] = postgres_put_text, [TYPE_OID] = dialect_put_plain,   \
        [TYPE_REGCLASS] = dialect_put_string, [TYPE_REGTYPE] = dialect_put_string,                           \
        [TYPE_REGPROC] = dialect_put_string, [TYPE_REGNAMESPACE] = dialect_put_string,                       \
        [TYPE_NAME] = postgres_put_text, [TYPE_ENUM] = postgres_put_text, [TYPE_ARRAY] = postgres_put_text   \
    }

const DumpDialect dialect_d2db = {
    .name = "d2db",
    .title = "d2db",
    .quote = '"',
    .prologue = "",
    .epilogue = "",
    .values_begin = "",
    .values_end = "",
    .type = postgres_type,
    .put = POSTGRES_PUT,
    .identity = " GENERATED BY DEFAULT AS IDENTITY",
    .alter_foreign = true,
    .index_method = true,
    .objects = true,
    .restart = d2db_restart,
};

const DumpDialect dialect_postgres = {
    .name = "postgres",
    .title = "PostgreSQL",
    .quote = '"',
    .prologue = "SET client_encoding = 'UTF8';\n"
                "SET standard_conforming_strings = on;\n"
                "SET datestyle = 'ISO, MDY';\n"
                "SET client_min_messages = warning;\n"
                "BEGIN;\n\n",
    .epilogue = "COMMIT;\n",
    .values_begin = "",
    .values_end = "",
    .type = postgres_type,
    .put = POSTGRES_PUT,
    .identity = " GENERATED BY DEFAULT AS IDENTITY",
    .alter_foreign = true,
    .key_names_shared = true,
    .index_names_shared = true,
    .objects = true,
    .restart = postgres_restart,
};
