// Dialect: the pieces that several dialects share, and their list.
#include "export/dialect.h"

#include <string.h>

static const DumpDialect *const dialects[] = {&dialect_d2db, &dialect_postgres, &dialect_mysql,
                                              &dialect_sqlite};
static const char *const dialect_names[] = {"d2db", "postgres", "mysql", "sqlite", NULL};
_Static_assert(COUNT_OF(dialect_names) == COUNT_OF(dialects) + 1, "each dialect has its name in the list");

const char *const *dump_dialect_names(void) { return dialect_names; }

const DumpDialect *dump_dialect(Str name)
{
    for (size_t i = 0; i < COUNT_OF(dialects); i++)
        if (str_equal(name, str_of(dialects[i]->name))) return dialects[i];
    return NULL;
}

void dialect_put_quoted(OutFile *out, char quote, Str s)
{
    out_byte(out, quote);
    for (size_t at = 0; at < s.len;) {
        size_t next = str_find_byte(s, quote, at);
        if (next == SIZE_MAX) next = s.len;
        out_put(out, str_slice(s, at, next - at));
        if (next < s.len) {
            out_byte(out, quote);
            out_byte(out, quote);
        }
        at = next + 1;
    }
    out_byte(out, quote);
}

void dialect_put_name(OutFile *out, const DumpDialect *d, Str name)
{
    dialect_put_quoted(out, d->quote, name);
}

void dialect_put_table(OutFile *out, const DumpDialect *d, const CatalogTable *t)
{
    bool schema = d->objects && t->schema.len;
    if (schema) dialect_put_name(out, d, t->schema);
    if (schema) out_byte(out, '.');
    dialect_put_name(out, d, schema ? t->local : t->name);
}

void dialect_put_hex(OutFile *out, Str bytes)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        out_byte(out, digit[(unsigned char)bytes.at[i] >> 4]);
        out_byte(out, digit[(unsigned char)bytes.at[i] & 15]);
    }
}

bool dialect_put_plain(OutFile *out, DumpCell *c)
{
    out_put(out, c->text);
    return true;
}

bool dialect_put_string(OutFile *out, DumpCell *c)
{
    dialect_put_quoted(out, '\'', c->text);
    return true;
}

// The text of a bytea is \x and hex digits already.
bool dialect_put_bytea_x(OutFile *out, DumpCell *c)
{
    out_put(out, STR("X'"));
    out_put(out, str_slice(c->text, 2, c->text.len));
    out_byte(out, '\'');
    return true;
}
