// Expression: DEFAULT and CHECK texts for other systems. Word by word: what is known to mean the same there
// is kept, casts are dropped, anything else makes the whole expression left out (and the dump says so), never
// half right.
#include "export/dialect.h"

static bool word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || (unsigned char)c >= 0x80;
}

// Words that are operators or values everywhere.
static const char *const expression_words[] = {"and",  "or",   "not",  "in",    "between", "like",
                                               "is",   "null", "true", "false", "case",    "when",
                                               "then", "else", "end",  "escape"};
// Functions of the same name and meaning in SQLite and MySQL.
static const char *const expression_calls[] = {"length", "lower",   "upper", "abs",   "coalesce", "nullif",
                                               "round",  "replace", "trim",  "ltrim", "rtrim"};
// Dropped before a string, where they only name its type.
static const char *const expression_types[] = {"date", "time", "timestamp", "numeric", "integer", "text"};
static const char *const expression_clocks[][2] = {{"now", "CURRENT_TIMESTAMP"},
                                                   {"current_timestamp", "CURRENT_TIMESTAMP"},
                                                   {"localtimestamp", "CURRENT_TIMESTAMP"},
                                                   {"current_date", "CURRENT_DATE"},
                                                   {"current_time", "CURRENT_TIME"}};

typedef struct Translation {
    Str sql;
    size_t at;
    const DumpDialect *dialect;
    Bytes *out;
    Str why;
} Translation;

static bool word_among(Str word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal_fold(word, str_of(list[i]))) return true;
    return false;
}

static void skip_space(Translation *t)
{
    while (t->at < t->sql.len &&
           (t->sql.at[t->at] == ' ' || t->sql.at[t->at] == '\n' || t->sql.at[t->at] == '\t'))
        t->at++;
}

// The next byte that is no blank; blanks before it are passed over only when it is the one.
static bool next_is(Translation *t, char byte)
{
    size_t before = t->at;
    skip_space(t);
    if (t->at < t->sql.len && t->sql.at[t->at] == byte) return true;
    t->at = before;
    return false;
}

static Str take_word(Translation *t)
{
    size_t from = t->at;
    while (t->at < t->sql.len && word_byte(t->sql.at[t->at])) t->at++;
    return str_slice(t->sql, from, t->at - from);
}

// From an opening quote to behind the closing one, doubled quotes inside.
static Str take_quoted(Translation *t, char quote)
{
    size_t from = t->at++;
    for (; t->at < t->sql.len; t->at++) {
        if (t->sql.at[t->at] != quote) continue;
        if (t->at + 1 < t->sql.len && t->sql.at[t->at + 1] == quote)
            t->at++;
        else
            break;
    }
    if (t->at < t->sql.len) t->at++;
    return str_slice(t->sql, from, t->at - from);
}

static void put_name(Translation *t, Str quoted)
{
    char quote = t->dialect->quote;
    bytes_put_byte(t->out, quote);
    for (size_t i = 1; i + 1 < quoted.len; i++) {
        if (quoted.at[i] == '"') i++; // the doubled one
        if (quoted.at[i] == quote) bytes_put_byte(t->out, quote);
        bytes_put_byte(t->out, quoted.at[i]);
    }
    bytes_put_byte(t->out, quote);
}

// ::type and its (n,m)
static void skip_cast(Translation *t)
{
    t->at += 2;
    skip_space(t);
    (void)(next_is(t, '"') ? take_quoted(t, '"') : take_word(t));
    for (;;) { // double precision, character varying, timestamp without time zone
        size_t before = t->at;
        skip_space(t);
        Str word = take_word(t);
        static const char *const more[] = {"precision", "varying", "without", "time", "zone"};
        if (word_among(word, more, COUNT_OF(more))) continue;
        t->at = before;
        break;
    }
    if (next_is(t, '('))
        while (t->at < t->sql.len && t->sql.at[t->at++] != ')') {}
}

static bool put_clock(Translation *t, Str word)
{
    for (size_t i = 0; i < COUNT_OF(expression_clocks); i++) {
        if (!str_equal_fold(word, str_of(expression_clocks[i][0]))) continue;
        if (next_is(t, '(')) {
            t->at++;
            if (next_is(t, ')')) t->at++;
        }
        bytes_put(t->out, str_of(expression_clocks[i][1]));
        return true;
    }
    return false;
}

static bool translate_word(Translation *t)
{
    Str word = take_word(t);
    if (word_among(word, expression_words, COUNT_OF(expression_words)) ||
        (word.at[0] >= '0' && word.at[0] <= '9')) {
        bytes_put(t->out, word);
        return true;
    }
    if (put_clock(t, word)) return true;
    if (next_is(t, '\'') && word_among(word, expression_types, COUNT_OF(expression_types))) return true;
    if (next_is(t, '(') || next_is(t, '\'')) {
        t->why = word;
        if (!word_among(word, expression_calls, COUNT_OF(expression_calls))) return false;
        bytes_put(t->out, word);
        return true;
    }
    static const char *const refused[] = {"ilike",    "similar", "any",     "all",      "array",
                                          "exists",   "select",  "cast",    "distinct", "collate",
                                          "interval", "at",      "overlaps"};
    t->why = word;
    if (word_among(word, refused, COUNT_OF(refused))) return false;
    bytes_put_byte(t->out, t->dialect->quote); // an unquoted column: its name is as it stands
    bytes_put(t->out, word);
    bytes_put_byte(t->out, t->dialect->quote);
    return true;
}

static bool translate_operator(Translation *t)
{
    static const char *const known[] = {"<>", "!=", "<=", ">=", "||", "=", "<", ">",
                                        "+",  "-",  "*",  "/",  "%",  "(", ")", ","};
    Str rest = str_slice(t->sql, t->at, t->sql.len);
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (!str_starts(rest, str_of(known[i]))) continue;
        bytes_put(t->out, str_of(known[i]));
        t->at += str_of(known[i]).len;
        return true;
    }
    t->why = str_slice(rest, 0, 1);
    return false;
}

static bool translate_string(Translation *t)
{
    Str literal = take_quoted(t, '\'');
    bool backslash = str_find_byte(literal, '\\', 0) != SIZE_MAX;
    t->why = literal;
    if (backslash && t->dialect->quote == '`') return false; // means something else there
    bytes_put(t->out, literal);
    return true;
}

bool expression_translate(Str sql, const DumpDialect *d, Bytes *out, Str *why)
{
    Translation t = {.sql = sql, .dialect = d, .out = out};
    bool ok = true;
    while (ok) {
        size_t before = t.at;
        skip_space(&t);
        if (t.at >= sql.len) break;
        if (t.at > before) bytes_put_byte(out, ' ');
        char byte = sql.at[t.at];
        if (byte == '\'')
            ok = translate_string(&t);
        else if (byte == '"')
            put_name(&t, take_quoted(&t, '"'));
        else if (str_starts(str_slice(sql, t.at, 2), STR("::")))
            skip_cast(&t);
        else
            ok = word_byte(byte) ? translate_word(&t) : translate_operator(&t);
    }
    *why = t.why;
    return ok;
}
