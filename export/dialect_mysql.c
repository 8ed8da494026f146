// The dialect of MySQL 8 and MariaDB. What these do not have (NaN, infinities, dates before 1) is refused
// with its name, never changed. The session's sql_mode is fixed first: backslashes escape, || joins, a zero
// stays zero.
#include "export/dialect.h"

enum { MYSQL_KEY_TEXT = 512, MYSQL_DECIMAL_DIGITS = 65, MYSQL_DECIMAL_SCALE = 30 };

static bool column_in_keys(const CatalogTable *t, uint32_t column)
{
    for (uint32_t i = 0; i < t->keys; i++)
        for (uint32_t k = 0; k < t->key[i].columns; k++)
            if (t->key[i].column[k] == column) return true;
    for (uint32_t i = 0; i < t->indexes; i++)
        for (uint32_t k = 0; k < t->index[i].columns; k++)
            if (t->index[i].column[k] == column) return true;
    return catalog_in_foreign(t, column);
}

// Keys need columns of bounded length there; a longer value is then an error when it is loaded, not a cut.
static void mysql_string_type(OutFile *out, const CatalogTable *t, uint32_t column, const char *bounded,
                              const char *free)
{
    if (column_in_keys(t, column))
        out_printf(out, "%s(%d)", bounded, MYSQL_KEY_TEXT);
    else
        out_put(out, str_of(free));
}

static void mysql_numeric_type(OutFile *out, Type type)
{
    if (type.length > 0)
        out_printf(out, "DECIMAL(%d,%d)",
                   type.length < MYSQL_DECIMAL_DIGITS ? type.length : MYSQL_DECIMAL_DIGITS,
                   type.scale < MYSQL_DECIMAL_SCALE ? type.scale : MYSQL_DECIMAL_SCALE);
    else
        out_printf(out, "DECIMAL(%d,%d)", MYSQL_DECIMAL_DIGITS, MYSQL_DECIMAL_SCALE);
}

static void mysql_type(OutFile *out, const CatalogTable *t, uint32_t column)
{
    static const char *const names[TYPE_COUNT] = {[TYPE_BOOLEAN] = "BOOLEAN",
                                                  [TYPE_SMALLINT] = "SMALLINT",
                                                  [TYPE_INTEGER] = "INT",
                                                  [TYPE_BIGINT] = "BIGINT",
                                                  [TYPE_REAL] = "FLOAT",
                                                  [TYPE_DOUBLE] = "DOUBLE",
                                                  [TYPE_DATE] = "DATE",
                                                  [TYPE_TIME] = "TIME(6)",
                                                  [TYPE_TIMESTAMP] = "DATETIME(6)",
                                                  [TYPE_TIMESTAMPTZ] = "TIMESTAMP(6)",
                                                  [TYPE_INTERVAL] = "VARCHAR(100)",
                                                  [TYPE_UUID] = "CHAR(36)",
                                                  [TYPE_JSON] = "JSON",
                                                  [TYPE_JSONB] = "JSON",
                                                  [TYPE_OID] = "BIGINT",
                                                  [TYPE_REGCLASS] = "VARCHAR(255)",
                                                  [TYPE_REGTYPE] = "VARCHAR(255)",
                                                  [TYPE_REGPROC] = "VARCHAR(255)",
                                                  [TYPE_REGNAMESPACE] = "VARCHAR(255)",
                                                  [TYPE_NAME] = "VARCHAR(64)",
                                                  [TYPE_ENUM] = "VARCHAR(255)"};
    Type type = t->column[column].type;
    if (names[type.id])
        out_put(out, str_of(names[type.id]));
    else if (type.id == TYPE_NUMERIC)
        mysql_numeric_type(out, type);
    else if (type.id == TYPE_BYTEA)
        mysql_string_type(out, t, column, "VARBINARY", "LONGBLOB");
    else if (type.id == TYPE_VARCHAR && type.length > 0 && type.length <= 16383)
        out_printf(out, "VARCHAR(%d)", type.length);
    else if (type.id == TYPE_CHAR && type.length > 0 && type.length <= 255)
        out_printf(out, "CHAR(%d)", type.length);
    else
        mysql_string_type(out, t, column, "VARCHAR", "LONGTEXT");
}

static bool mysql_put_text(OutFile *out, DumpCell *c)
{
    out_byte(out, '\'');
    for (size_t i = 0; i < c->text.len; i++) {
        char byte = c->text.at[i];
        switch (byte) {
        case 0: out_put(out, STR("\\0")); break;
        case '\n': out_put(out, STR("\\n")); break;
        case '\r': out_put(out, STR("\\r")); break;
        case 0x1a: out_put(out, STR("\\Z")); break;
        case '\\': out_put(out, STR("\\\\")); break;
        case '\'': out_put(out, STR("''")); break;
        default: out_byte(out, byte);
        }
    }
    out_byte(out, '\'');
    return true;
}

static bool text_has_letter(Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char byte = s.at[i];
        if ((byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z' && byte != 'e')) return true;
    }
    return false;
}

static bool mysql_put_number(OutFile *out, DumpCell *c)
{
    if (text_has_letter(c->text)) {
        c->why = "MySQL has neither NaN nor infinite numbers";
        return false;
    }
    if (str_equal(c->text, STR("-0"))) c->text = STR("-0e0");
    return dialect_put_plain(out, c);
}

static bool mysql_put_when(OutFile *out, DumpCell *c)
{
    if (text_has_letter(c->text)) {
        c->why = "MySQL has neither infinite dates nor dates before the year 1";
        return false;
    }
    return dialect_put_string(out, c);
}

const DumpDialect dialect_mysql = {
    .name = "mysql",
    .title = "MySQL",
    .quote = '`',
    .prologue = "SET NAMES utf8mb4;\n"
                "SET time_zone = '+00:00';\n"
                "SET sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,PIPES_AS_CONCAT';\n"
                "SET foreign_key_checks = 1;\n\n",
    .epilogue = "",
    .values_begin = "START TRANSACTION;\n",
    .values_end = "COMMIT;\n",
    .type = mysql_type,
    .put = {[TYPE_NULL] = mysql_put_text,         [TYPE_BOOLEAN] = postgres_put_boolean,
            [TYPE_SMALLINT] = dialect_put_plain,  [TYPE_INTEGER] = dialect_put_plain,
            [TYPE_BIGINT] = dialect_put_plain,    [TYPE_NUMERIC] = mysql_put_number,
            [TYPE_REAL] = mysql_put_number,       [TYPE_DOUBLE] = mysql_put_number,
            [TYPE_CHAR] = mysql_put_text,         [TYPE_VARCHAR] = mysql_put_text,
            [TYPE_TEXT] = mysql_put_text,         [TYPE_BYTEA] = dialect_put_bytea_x,
            [TYPE_DATE] = mysql_put_when,         [TYPE_TIME] = mysql_put_when,
            [TYPE_TIMESTAMP] = mysql_put_when,    [TYPE_TIMESTAMPTZ] = mysql_put_when,
            [TYPE_INTERVAL] = mysql_put_text,     [TYPE_UUID] = mysql_put_text,
            [TYPE_JSON] = mysql_put_text,         [TYPE_JSONB] = mysql_put_text,
            [TYPE_OID] = dialect_put_plain,       [TYPE_REGCLASS] = mysql_put_text,
            [TYPE_REGTYPE] = mysql_put_text,      [TYPE_REGPROC] = mysql_put_text,
            [TYPE_REGNAMESPACE] = mysql_put_text, [TYPE_NAME] = mysql_put_text,
            [TYPE_ENUM] = mysql_put_text,         [TYPE_ARRAY] = mysql_put_text},
    .identity_primary = " NOT NULL AUTO_INCREMENT PRIMARY KEY",
    .translate = true,
    .alter_foreign = true,
};
