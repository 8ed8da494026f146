// Source: the dispatch to a kind's functions, and names and strings as SQL writes them.
#include "engine/data/source.h"

#include <stdlib.h>

bool source_run(Source *s, Str text, const ResultSink *sink, Err *err)
{
    return s->kind->run(s, text, sink, err);
}
void source_cancel(Source *s) { s->kind->cancel(s); }

void source_state(Source *s, SourceState *out)
{
    *out = (SourceState){0};
    s->kind->state(s, out);
}

void source_progress(Source *s, SourceProgress *out)
{
    *out = (SourceProgress){0};
    s->kind->progress(s, out);
}

size_t source_spans(Source *s, Str text, Span *out, size_t max) { return s->kind->spans(s, text, out, max); }

void source_close(Source *s)
{
    if (s) s->kind->close(s);
}

// Sorted. Words that mean something in some place of the grammar; as in PostgreSQL, all but the unreserved
// keywords.
static const char *const reserved_word[] = {
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
};

static int word_compare(const void *key, const void *word)
{
    return str_compare(*(const Str *)key, str_of(*(const char *const *)word));
}

static bool name_is_plain(Str name)
{
    if (!name.len || (name.at[0] >= '0' && name.at[0] <= '9')) return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return !bsearch(&name, reserved_word, COUNT_OF(reserved_word), sizeof reserved_word[0], word_compare);
}

// Appends text between two quotes; a quote inside is doubled.
static void put_quoted(Bytes *out, Str text, char quote)
{
    bytes_put_byte(out, quote);
    Str rest = text;
    while (rest.len) {
        size_t at = str_find_byte(rest, quote, 0);
        if (at == SIZE_MAX) break;
        bytes_put(out, str_slice(rest, 0, at + 1));
        bytes_put_byte(out, quote);
        rest = str_slice(rest, at + 1, rest.len - at - 1);
    }
    bytes_put(out, rest);
    bytes_put_byte(out, quote);
}

void source_quote_name(Bytes *out, Str name)
{
    if (name_is_plain(name))
        bytes_put(out, name);
    else
        put_quoted(out, name, '"');
}

void source_quote_text(Bytes *out, Str text) { put_quoted(out, text, '\''); }
