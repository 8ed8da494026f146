// Keyword: the words that mean something to the parser, with how free each is to be a name. Relies on str.
#ifndef ENGINE_SQL_KEYWORD_H
#define ENGINE_SQL_KEYWORD_H

#include "engine/base/str.h"

typedef enum Keyword {
    KEYWORD_ABSENT,
#define X(name, text, class, label, colour) KEYWORD_##name,
#include "engine/sql/keyword_list.h"
#undef X
    KEYWORD_TOTAL
} Keyword;

// PostgreSQL's four classes: what an unquoted keyword may still name.
typedef enum KeywordClass {
    KEYWORD_CLASS_PLAIN,    // anything
    KEYWORD_CLASS_COLUMN,   // a column or table, not a function or type
    KEYWORD_CLASS_FUNCTION, // a function or type, not a column or table
    KEYWORD_CLASS_RESERVED, // nothing (a label after AS only)
} KeywordClass;
typedef enum KeywordColour { KEYWORD_COLOUR_NAME, KEYWORD_COLOUR_WORD, KEYWORD_COLOUR_TYPE } KeywordColour;

// ASCII case does not matter.
Keyword keyword_find(Str word);
const char *keyword_text(Keyword k); // lower case
KeywordClass keyword_class(Keyword k);
bool keyword_is_bare_label(Keyword k);
// How an editor shows the word; names of types that are no keywords (date, uuid …) are known here too.
KeywordColour keyword_colour(Str word);

#endif
