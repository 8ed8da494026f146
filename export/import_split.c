// Splitter: finds statements in a stream that is still being read. It works token by token; a token that
// touches the end of what was read is looked at again when there is more.
#include "export/import_in.h"

#include <string.h>

void import_splitter_init(ImportSplitter *s, ImportDialect dialect)
{
    *s = (ImportSplitter){.dialect = dialect, .first = SIZE_MAX};
}

static void splitter_restart(ImportSplitter *s)
{
    s->at = 0;
    s->first = SIZE_MAX;
    s->trigger = s->after_end = s->routine = false;
    s->words = s->blocks = 0;
}

// A line that its client would keep for itself: \c of psql, .mode of sqlite3, DELIMITER and SOURCE of mysql.
// Only where no statement has begun.
static bool command_begins(const ImportSplitter *s, Str text, const ImportToken *t)
{
    if (s->first != SIZE_MAX) return false;
    char c = text.at[t->at];
    if (s->dialect == IMPORT_POSTGRES) return c == '\\';
    if (s->dialect == IMPORT_SQLITE) return c == '.';
    return c == '\\' || import_is_word(text, t, "DELIMITER") || import_is_word(text, t, "SOURCE");
}

static void take_delimiter(ImportSplitter *s, Str line)
{
    str_cut(&line, ' ');
    line = str_trim(line);
    if (!line.len || line.len >= sizeof s->delimiter || str_equal(line, STR(";"))) line.len = 0;
    if (line.len) memcpy(s->delimiter, line.at, line.len);
    s->delimiter[line.len] = '\0';
}

static bool take_command(ImportSplitter *s, Str text, size_t at, bool last, ImportPiece *out)
{
    size_t end = str_find_byte(text, '\n', at);
    if (end == SIZE_MAX && !last) {
        s->at = at;
        return false;
    }
    if (end == SIZE_MAX) end = text.len;
    *out = (ImportPiece){
        .kind = IMPORT_COMMAND, .at = at, .len = end - at, .end = end < text.len ? end + 1 : end};
    size_t position = at;
    ImportToken t;
    if (import_next_word(text, &position, s->dialect, &t) && import_is_word(text, &t, "DELIMITER"))
        take_delimiter(s, str_slice(text, at, end - at));
    splitter_restart(s);
    return true;
}

// PostgreSQL's bodies of the standard, and ours: BEGIN … END with CASE … END inside.
static void look_at_block(ImportSplitter *s, Str text, const ImportToken *t)
{
    if (s->dialect != IMPORT_POSTGRES) return;
    if (s->words && s->words < 5 &&
        (import_is_word(text, t, "FUNCTION") || import_is_word(text, t, "PROCEDURE") ||
         import_is_word(text, t, "TRIGGER")))
        s->routine = s->creates;
    if (!s->words) s->creates = import_is_word(text, t, "CREATE");
    if (!s->routine) return;
    if (import_is_word(text, t, "BEGIN") || (s->blocks && import_is_word(text, t, "CASE"))) s->blocks++;
    if (s->blocks && import_is_word(text, t, "END")) s->blocks--;
}

static void look_at_word(ImportSplitter *s, Str text, const ImportToken *t)
{
    if (s->first == SIZE_MAX) s->first = t->at;
    s->after_end = import_is_word(text, t, "END");
    look_at_block(s, text, t);
    if (s->words >= 5) return;
    if (s->dialect == IMPORT_SQLITE && s->words && s->words < 3 && import_is_word(text, t, "TRIGGER"))
        s->trigger = true;
    s->words++;
}

// Does the statement end at this token? Gives the length of the delimiter.
static size_t ends_here(const ImportSplitter *s, Str text, const ImportToken *t)
{
    if (s->delimiter[0]) {
        Str mark = str_of(s->delimiter);
        return str_starts(str_slice(text, t->at, mark.len), mark) ? mark.len : 0;
    }
    bool semicolon = t->kind == IMPORT_SYMBOL && text.at[t->at] == ';';
    return semicolon && !s->blocks && (!s->trigger || s->after_end);
}

bool import_split(ImportSplitter *s, Str text, bool last, ImportPiece *out)
{
    while (s->at < text.len) {
        ImportToken t = import_token(text, s->at, s->dialect);
        size_t end = t.at + t.len;
        bool plain = t.kind == IMPORT_SPACE || t.kind == IMPORT_COMMENT;
        // A delimiter of several bytes might be cut too; 16 more bytes decide everything.
        if (!last && end + (plain ? 0 : sizeof s->delimiter) >= text.len) return false;
        if (plain) {
            s->at = end;
            continue;
        }
        if (command_begins(s, text, &t)) return take_command(s, text, t.at, last, out);
        size_t mark = ends_here(s, text, &t);
        if (!mark) {
            look_at_word(s, text, &t);
            s->at = end;
            continue;
        }
        if (s->first == SIZE_MAX) { // nothing between two semicolons
            s->at = t.at + mark;
            continue;
        }
        *out = (ImportPiece){.at = s->first, .len = t.at - s->first, .end = t.at + mark};
        splitter_restart(s);
        return true;
    }
    if (!last || s->first == SIZE_MAX) return false;
    *out = (ImportPiece){.at = s->first, .len = text.len - s->first, .end = text.len};
    splitter_restart(s);
    return true;
}
