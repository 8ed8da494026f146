// Keyword: one sorted table and a binary search in it.
#include "engine/sql/keyword.h"

#include <string.h>

typedef struct Entry {
    const char *text;
    KeywordClass class;
    bool label;
    KeywordColour colour;
} Entry;

static const Entry entries[KEYWORD_TOTAL] = {
    {"", KEYWORD_CLASS_PLAIN, true, KEYWORD_COLOUR_NAME},
#define X(name, text, class, label, colour) {text, KEYWORD_CLASS_##class, label, KEYWORD_COLOUR_##colour},
#include "engine/sql/keyword_list.h"
#undef X
};

// Sorted.
static const char *const type_names[] = {
    "bigserial", "blob",        "bool",    "bytea",     "cidr",    "clob",        "date",
    "datetime",  "double",      "float4",  "float8",    "inet",    "int2",        "int4",
    "int8",      "json",        "jsonb",   "mediumint", "money",   "name",        "nvarchar",
    "oid",       "serial",      "serial2", "serial4",   "serial8", "smallserial", "string",
    "text",      "timestamptz", "timetz",  "tinyint",   "uuid",    "varbinary",   "xml",
};

enum { WORD_MAX = 24 }; // longer than any word of the tables

static bool lower(Str word, char *out)
{
    if (word.len >= WORD_MAX) return false;
    for (size_t i = 0; i < word.len; i++) {
        char c = word.at[i];
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
    }
    out[word.len] = 0;
    return true;
}

Keyword keyword_find(Str word)
{
    char text[WORD_MAX];
    if (!lower(word, text)) return KEYWORD_ABSENT;
    size_t low = 1, high = KEYWORD_TOTAL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(text, entries[middle].text);
        if (order == 0) return (Keyword)middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return KEYWORD_ABSENT;
}

const char *keyword_text(Keyword k) { return entries[k].text; }
KeywordClass keyword_class(Keyword k) { return entries[k].class; }
bool keyword_is_bare_label(Keyword k) { return entries[k].label; }

KeywordColour keyword_colour(Str word)
{
    char text[WORD_MAX];
    if (!lower(word, text)) return KEYWORD_COLOUR_NAME;
    for (size_t i = 0; i < COUNT_OF(type_names); i++)
        if (strcmp(text, type_names[i]) == 0) return KEYWORD_COLOUR_TYPE;
    return entries[keyword_find(word)].colour;
}
