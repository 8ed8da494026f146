// Rewriting of statements: names in double quotes, strings with their value, other systems' hex literals;
// `public.` and ONLY of pg_dump go. Where the new text differs in length a spot is kept, so that an error's
// place is found in the file.
#include "export/import_in.h"

#include "engine/base/size.h"
#include <stdlib.h>

void import_rewrite_done(ImportRewrite *r)
{
    free(r->spot);
    r->spot = NULL;
    r->spots = r->spot_room = 0;
}

void import_put_spot(ImportRewrite *r, size_t from)
{
    if (r->spots == r->spot_room) {
        size_t room = r->spot_room ? r->spot_room * 2 : 64;
        if (room > IMPORT_SPOTS_MAX) return; // places get coarse, never wrong statements
        ImportSpot *grown = size_realloc(r->spot, room, sizeof *grown);
        if (!grown) return;
        r->spot = grown;
        r->spot_room = room;
    }
    r->spot[r->spots++] = (ImportSpot){.to = r->out->len, .from = from};
}

size_t import_origin(const ImportRewrite *r, size_t at)
{
    size_t from = at;
    for (size_t i = 0; i < r->spots && r->spot[i].to <= at; i++)
        from = r->spot[i].from + (at - r->spot[i].to);
    return from < r->text.len ? from : r->text.len;
}

// ---- strings ----

static char mysql_escape(char c)
{
    switch (c) {
    case '0': return '\0';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'b': return '\b';
    case 'Z': return 0x1a;
    default: return c;
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static void put_bytea(ImportRewrite *r, Str bytes)
{
    bytes_put(r->out, STR("'\\x"));
    for (size_t i = 0; i < bytes.len; i++) bytes_put_hex64(r->out, (unsigned char)bytes.at[i], 2);
    bytes_put_byte(r->out, '\'');
}

// Value of MySQL's '…' or "…" (s has the quotes).
static void mysql_string_value(Str s, Bytes *value)
{
    char quote = s.at[0];
    for (size_t i = 1; i + 1 < s.len; i++) {
        char c = s.at[i];
        if (c == '\\' && i + 2 < s.len) {
            c = s.at[++i];
            if (c == '%' || c == '_') bytes_put_byte(value, '\\'); // stays for LIKE
            c = mysql_escape(c);
        } else if (c == quote && s.at[i + 1] == quote && i + 2 < s.len) {
            i++;
        }
        bytes_put_byte(value, c);
    }
}

static void put_mysql_string(ImportRewrite *r, Str s)
{
    Str prefix = STR_NONE;
    size_t quote = 0;
    while (quote < s.len && s.at[quote] != '\'' && s.at[quote] != '"') quote++;
    prefix = str_slice(s, 0, quote);
    s = str_slice(s, quote, s.len);
    bool hex = str_equal_fold(prefix, STR("x"));
    Bytes value;
    bytes_init(&value, IMPORT_STATEMENT_MAX);
    if (hex) {
        bytes_put(r->out, STR("'\\x"));
        bytes_put(r->out, str_slice(s, 1, s.len - 2));
        bytes_put_byte(r->out, '\'');
    } else {
        mysql_string_value(s, &value);
        if (str_equal_fold(prefix, STR("_binary")))
            put_bytea(r, bytes_str(&value));
        else
            source_quote_text(r->out, bytes_str(&value));
    }
    bytes_done(&value);
}

// X'…' of SQLite is a blob: our bytea string.
static void put_sqlite_string(ImportRewrite *r, Str s)
{
    if (s.len < 3 || (s.at[0] != 'x' && s.at[0] != 'X')) {
        bytes_put(r->out, s);
        return;
    }
    bytes_put(r->out, STR("'\\x"));
    bytes_put(r->out, str_slice(s, 2, s.len - 2));
}

// 0x4142 of MySQL is a string of bytes.
static bool put_mysql_number(ImportRewrite *r, Str s)
{
    if (s.len < 4 || s.at[0] != '0' || s.at[1] != 'x' || s.len % 2) return false;
    for (size_t i = 2; i < s.len; i++)
        if (hex_digit(s.at[i]) < 0) return false;
    bytes_put(r->out, STR("'\\x"));
    bytes_put(r->out, str_slice(s, 2, s.len));
    bytes_put_byte(r->out, '\'');
    return true;
}

// ---- tokens ----

static void put_name(ImportRewrite *r, const ImportToken *t)
{
    Bytes name;
    bytes_init(&name, IMPORT_STATEMENT_MAX);
    import_put_name_value(&name, r->text, t);
    source_quote_name(r->out, bytes_str(&name));
    bytes_done(&name);
}

void import_put_token(ImportRewrite *r, const ImportToken *t)
{
    Str s = import_token_text(r->text, t);
    size_t before = r->out->len;
    if (t->kind == IMPORT_COMMENT)
        bytes_put_byte(r->out, ' ');
    else if (t->kind == IMPORT_NAME && r->dialect != IMPORT_POSTGRES)
        put_name(r, t);
    else if (t->kind == IMPORT_STRING && r->dialect == IMPORT_MYSQL && !t->open)
        put_mysql_string(r, s);
    else if (t->kind == IMPORT_STRING && r->dialect == IMPORT_SQLITE && !t->open)
        put_sqlite_string(r, s);
    else if (t->kind != IMPORT_NUMBER || r->dialect != IMPORT_MYSQL || !put_mysql_number(r, s))
        bytes_put(r->out, s);
    if (r->out->len - before != t->len) import_put_spot(r, t->at + t->len);
}

static bool next_byte_is(Str text, size_t at, char byte) { return at < text.len && text.at[at] == byte; }

// pg_dump's public.name and ALTER TABLE ONLY name.
static bool left_out(const ImportRewrite *r, const ImportToken *t, bool alter)
{
    if (import_is_word(r->text, t, "PUBLIC")) return next_byte_is(r->text, t->at + t->len, '.');
    return alter && import_is_word(r->text, t, "ONLY");
}

static bool take_byte(Str text, size_t *at, char byte)
{
    ImportToken t;
    size_t next = *at;
    if (!import_next_word(text, &next, IMPORT_POSTGRES, &t) || t.kind != IMPORT_SYMBOL ||
        text.at[t.at] != byte)
        return false;
    *at = next;
    return true;
}

// ::type[] behind a parenthesis.
static void take_cast(Str text, size_t *at)
{
    if (!take_byte(text, at, ':')) return;
    take_byte(text, at, ':');
    ImportToken t;
    for (size_t next = *at; import_next_word(text, &next, IMPORT_POSTGRES, &t) && t.kind == IMPORT_WORD;)
        *at = next;
    if (take_byte(text, at, '[')) take_byte(text, at, ']');
}

// pg_dump writes x IN (a, b) as x = ANY (ARRAY[a, b]), with casts around. *at is behind ANY; gives what
// stands in the brackets and moves *at behind it all. False when it is something else.
static bool any_array(Str text, size_t *at, Str *inside)
{
    size_t next = *at;
    int open = 0, depth = 1;
    while (take_byte(text, &next, '(')) open++;
    ImportToken t;
    if (!open || !import_next_word(text, &next, IMPORT_POSTGRES, &t) || !import_is_word(text, &t, "ARRAY"))
        return false;
    if (!take_byte(text, &next, '[')) return false;
    size_t from = next;
    while (depth && import_next_word(text, &next, IMPORT_POSTGRES, &t)) {
        if (t.kind == IMPORT_SYMBOL && text.at[t.at] == '[') depth++;
        if (t.kind == IMPORT_SYMBOL && text.at[t.at] == ']') depth--;
    }
    if (depth) return false;
    *inside = str_slice(text, from, t.at - from);
    for (; open; open--) {
        take_cast(text, &next);
        if (!take_byte(text, &next, ')')) return false;
    }
    *at = next;
    return inside->len > 0;
}

// Cuts the = and blanks at the end of what was written.
static bool drop_equals(Bytes *out)
{
    size_t len = out->len;
    while (len && out->at[len - 1] == ' ') len--;
    if (!len || out->at[len - 1] != '=' || (len > 1 && (out->at[len - 2] == '<' || out->at[len - 2] == '>')))
        return false;
    out->len = len - 1;
    out->at[out->len] = '\0';
    return true;
}

static bool rewrite_any(ImportRewrite *r, size_t *at)
{
    Str inside;
    size_t next = *at;
    if (!any_array(r->text, &next, &inside) || !drop_equals(r->out)) return false;
    bytes_put(r->out, STR("IN ("));
    import_put_spot(r, (size_t)(inside.at - r->text.at));
    bytes_put(r->out, inside);
    bytes_put_byte(r->out, ')');
    import_put_spot(r, next);
    *at = next;
    return true;
}

// SEQUENCE NAME public.x inside ADD GENERATED … AS IDENTITY (…): our counters have no name.
static bool sequence_name(ImportRewrite *r, size_t *at)
{
    ImportToken t;
    size_t next = *at;
    if (!import_next_word(r->text, &next, r->dialect, &t) || !import_is_word(r->text, &t, "NAME"))
        return false;
    do {
        if (!import_next_word(r->text, &next, r->dialect, &t)) return false;
    } while (take_byte(r->text, &next, '.'));
    *at = next;
    import_put_spot(r, next);
    return true;
}

static void rewrite_postgres(ImportRewrite *r)
{
    bool alter = false;
    for (size_t at = 0, words = 0; at < r->text.len;) {
        ImportToken t = import_token(r->text, at, r->dialect);
        at += t.len;
        if (t.kind == IMPORT_WORD && words++ == 0) alter = import_is_word(r->text, &t, "ALTER");
        if (import_is_word(r->text, &t, "ANY") && rewrite_any(r, &at)) continue;
        if (import_is_word(r->text, &t, "SEQUENCE") && sequence_name(r, &at)) continue;
        if (t.kind == IMPORT_WORD && left_out(r, &t, alter)) {
            if (next_byte_is(r->text, at, '.')) at++;
            import_put_spot(r, at);
        } else {
            bytes_put(r->out, import_token_text(r->text, &t));
        }
    }
}

// ---- INSERT of SQLite ----

// A number that is a whole value of SQLite's INSERT goes as a string, which the column's own type reads:
// SQLite keeps TRUE as 1 and writes an infinite number as 1e999.
static void put_sqlite_number(ImportRewrite *r, const ImportToken *t, bool minus)
{
    Str s = import_token_text(r->text, t);
    bytes_put(r->out, minus ? STR("'-") : STR("'"));
    bytes_put(r->out, str_ends(s, STR("e999")) ? STR("Infinity") : s);
    bytes_put_byte(r->out, '\'');
    import_put_spot(r, t->at + t->len);
}

// At *at behind ( or , : a number and then , or ), with a minus perhaps.
static bool sqlite_number(ImportRewrite *r, size_t *at)
{
    size_t next = *at;
    bool minus = take_byte(r->text, &next, '-');
    ImportToken t;
    if (!import_next_word(r->text, &next, r->dialect, &t) || t.kind != IMPORT_NUMBER) return false;
    size_t end = next;
    if (!take_byte(r->text, &end, ',') && !take_byte(r->text, &end, ')')) return false;
    put_sqlite_number(r, &t, minus);
    *at = next;
    return true;
}

static void rewrite_sqlite_insert(ImportRewrite *r)
{
    bool values = false;
    for (size_t at = 0, depth = 0; at < r->text.len;) {
        ImportToken t = import_token(r->text, at, r->dialect);
        import_put_token(r, &t);
        at += t.len;
        values = values || import_is_word(r->text, &t, "VALUES");
        if (t.kind != IMPORT_SYMBOL) continue;
        char byte = r->text.at[t.at];
        if (byte == '(') depth++;
        if (byte == ')' && depth) depth--;
        if (values && depth == 1 && (byte == '(' || byte == ',')) sqlite_number(r, &at);
    }
}

// SQLite and MySQL drop a table that others refer to when checking is off, as it is in their scripts.
static bool drops_table(const ImportRewrite *r)
{
    ImportToken a, b;
    size_t at = 0;
    return import_next_word(r->text, &at, r->dialect, &a) && import_next_word(r->text, &at, r->dialect, &b) &&
           import_is_word(r->text, &a, "DROP") && import_is_word(r->text, &b, "TABLE");
}

// MySQL's _binary 'x' and _utf8mb4 'x', with a blank between: t becomes both.
static bool introduced_string(ImportRewrite *r, ImportToken *t)
{
    if (r->dialect != IMPORT_MYSQL || t->kind != IMPORT_WORD || r->text.at[t->at] != '_') return false;
    ImportToken string;
    size_t at = t->at + t->len;
    if (!import_next_word(r->text, &at, r->dialect, &string) || string.kind != IMPORT_STRING || string.open)
        return false;
    if (import_is_word(r->text, t, "_BINARY")) {
        Bytes value;
        bytes_init(&value, IMPORT_STATEMENT_MAX);
        mysql_string_value(import_token_text(r->text, &string), &value);
        put_bytea(r, bytes_str(&value));
        bytes_done(&value);
    } else {
        import_put_token(r, &string);
    }
    t->len = at - t->at;
    import_put_spot(r, at);
    return true;
}

bool import_is_qualifier(const ImportRewrite *r, const ImportToken *t)
{
    size_t end = t->at + t->len;
    return r->dialect == IMPORT_MYSQL && t->kind == IMPORT_NAME && next_byte_is(r->text, end, '.') &&
           next_byte_is(r->text, end + 1, '`');
}

// CREATE SCHEMA x DEFAULT CHARACTER SET y and DROP SCHEMA x are MySQL's for databases.
static bool rewrite_mysql_database(ImportRewrite *r)
{
    ImportToken t;
    size_t at = 0;
    if (r->dialect != IMPORT_MYSQL || !import_next_word(r->text, &at, r->dialect, &t)) return false;
    if (!import_is_word(r->text, &t, "CREATE") && !import_is_word(r->text, &t, "DROP")) return false;
    Str verb = import_token_text(r->text, &t);
    if (!import_next_word(r->text, &at, r->dialect, &t)) return false;
    if (!import_is_word(r->text, &t, "SCHEMA") && !import_is_word(r->text, &t, "DATABASE")) return false;
    bytes_put(r->out, verb);
    bytes_put(r->out, STR(" DATABASE"));
    while (import_next_word(r->text, &at, r->dialect, &t)) {
        bytes_put_byte(r->out, ' ');
        import_put_spot(r, t.at);
        import_put_token(r, &t);
        if (t.kind == IMPORT_NAME) break; // what follows is about character sets
        bool word = import_is_word(r->text, &t, "IF") || import_is_word(r->text, &t, "NOT") ||
                    import_is_word(r->text, &t, "EXISTS");
        if (!word) break;
    }
    return true;
}

// Are `db`.`table` in this statement names of tables (and not columns of one)?
static bool names_tables(const ImportRewrite *r)
{
    static const char *const verbs[] = {"CREATE", "ALTER", "DROP", "INSERT", "TRUNCATE"};
    ImportToken a, b;
    size_t at = 0;
    if (!import_next_word(r->text, &at, r->dialect, &a) || !import_next_word(r->text, &at, r->dialect, &b))
        return false;
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (import_is_word(r->text, &a, verbs[i])) return !import_is_word(r->text, &b, "VIEW");
    return false;
}

void import_rewrite(ImportRewrite *r)
{
    r->spots = 0;
    if (r->dialect == IMPORT_POSTGRES) {
        rewrite_postgres(r);
        return;
    }
    if (import_rewrite_table(r)) return;
    ImportToken first;
    size_t begin = 0;
    if (r->dialect == IMPORT_SQLITE && import_next_word(r->text, &begin, r->dialect, &first) &&
        import_is_word(r->text, &first, "INSERT")) {
        rewrite_sqlite_insert(r);
        return;
    }
    if (rewrite_mysql_database(r)) return;
    bool tables = names_tables(r);
    for (size_t at = 0; at < r->text.len;) {
        ImportToken t = import_token(r->text, at, r->dialect);
        bool dropped = tables && import_is_qualifier(r, &t);
        if (!dropped && !introduced_string(r, &t)) import_put_token(r, &t);
        at = t.at + t.len + dropped;
        if (dropped) import_put_spot(r, at);
    }
    if (drops_table(r) && str_find(r->text, STR("CASCADE"), 0) == SIZE_MAX)
        bytes_put(r->out, STR(" CASCADE"));
}
