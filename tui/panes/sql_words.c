// SqlWords: what the editor offers to complete: tables and columns of the chosen database (read beside the
// person's connection) and keywords. After "name." only the columns of that table, or of the table that name
// stands for in the statement. Relies on sql_editor.
#include "tui/panes/sql_editor.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

enum { STATEMENT_SPANS_MAX = 4096, WORD_TABLE = 0, WORD_COLUMN = 1, WORD_TYPE = 2, WORD_COLUMNS = 3 };

static const char *const keywords[] = {
    "ALTER TABLE",
    "AND",
    "AS",
    "ASC",
    "BEGIN",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "CHECK",
    "COMMIT",
    "COUNT QUERIES",
    "COUNT UPDATE",
    "CREATE DATABASE",
    "CREATE INDEX",
    "CREATE TABLE",
    "CROSS JOIN",
    "DEFAULT",
    "DELETE FROM",
    "DESC",
    "DESCRIBE",
    "DISTINCT",
    "DROP DATABASE",
    "DROP TABLE",
    "ELSE",
    "END",
    "EXISTS",
    "EXPLAIN",
    "FALSE",
    "FOREIGN KEY",
    "FROM",
    "GROUP BY",
    "HAVING",
    "IN",
    "INSERT INTO",
    "INTERSECT",
    "INNER JOIN",
    "IS NOT NULL",
    "IS NULL",
    "JOIN",
    "LEFT JOIN",
    "LIKE",
    "LIMIT",
    "NOT NULL",
    "NULL",
    "OFFSET",
    "ON",
    "ON DELETE CASCADE",
    "OR",
    "ORDER BY",
    "PRIMARY KEY",
    "REFERENCES",
    "ROLLBACK",
    "SELECT",
    "SET",
    "SHOW DATABASES",
    "SHOW TABLES",
    "THEN",
    "TRUE",
    "UNION",
    "UNION ALL",
    "UNIQUE",
    "UPDATE",
    "USE",
    "USING",
    "VALUES",
    "WHEN",
    "WHERE",
    "avg(",
    "coalesce(",
    "count(*)",
    "current_date",
    "extract(",
    "length(",
    "lower(",
    "max(",
    "min(",
    "now()",
    "round(",
    "substring(",
    "sum(",
    "upper(",
};

static void read_words(Job *j, void *context)
{
    Collected *t = arena_new(&j->mem, Collected);
    // The side connection follows the person's choice of database.
    Str database = *(const Str *)j->data;
    Bytes text;
    bytes_init(&text, 4096);
    bytes_put(&text, STR("SELECT table_name, column_name, data_type FROM information_schema.columns WHERE "
                         "table_schema = 'public' AND table_catalog = "));
    source_quote_text(&text, database);
    bytes_put(&text, STR(" ORDER BY table_name, ordinal_position"));
    if (source_collect(context, bytes_str(&text), &j->mem, t, &j->err) && t->columns != WORD_COLUMNS)
        t->rows = 0;
    bytes_done(&text);
    j->data = t;
}

void sql_editor_words(Pane *p)
{
    Desk *d = desk_of(p->app);
    pane_state(p, SqlEditor)->words_wanted = false;
    if (desk_database(d).len == 0) return;
    Job *j = desk_side_job(p, DESK_OWN, read_words);
    Str *database = arena_new(&j->mem, Str);
    *database = arena_copy(&j->mem, desk_database(d));
    j->data = database;
    desk_side_start(d, j);
}

static Str word_of(const SqlEditor *e, size_t row, unsigned what)
{
    return e->words.cell[row * WORD_COLUMNS + what];
}

static bool is_table(const SqlEditor *e, Str name)
{
    for (size_t i = 0; i < e->words.rows; i++)
        if (str_equal(word_of(e, i, WORD_TABLE), name)) return true;
    return false;
}

static Str unquoted(Str s) { return s.len >= 2 && s.at[0] == '"' ? str_slice(s, 1, s.len - 2) : s; }

// The table that `name` stands for in the statement: "FROM student s" and "JOIN course AS c".
static Str table_of(const SqlEditor *e, Source *source, Str statement, Str name)
{
    Span *span = size_alloc(STATEMENT_SPANS_MAX, sizeof *span);
    if (!span || is_table(e, name)) {
        free(span);
        return name;
    }
    Str before = STR_NONE, found = name;
    size_t n = source_spans(source, statement, span, STATEMENT_SPANS_MAX);
    for (size_t i = 0; i < n; i++) {
        Str word = str_slice(statement, span[i].at, span[i].len);
        if (span[i].kind == SPAN_SPACE || span[i].kind == SPAN_COMMENT || str_equal_fold(word, STR("as")))
            continue;
        bool is_name = span[i].kind == SPAN_NAME || span[i].kind == SPAN_QUOTED_NAME;
        if (is_name && before.len && str_equal_fold(unquoted(word), name)) found = before;
        before = is_name && is_table(e, unquoted(word)) ? unquoted(word) : STR_NONE;
    }
    free(span);
    return found;
}

static void offer_columns(SqlEditor *e, Str table, Str typed)
{
    for (size_t i = 0; i < e->words.rows; i++)
        if (table.len == 0 || str_equal(word_of(e, i, WORD_TABLE), table))
            complete_offer(&e->complete, typed, word_of(e, i, WORD_COLUMN),
                           table.len ? word_of(e, i, WORD_TYPE) : word_of(e, i, WORD_TABLE), STYLE_NAME);
}

static void offer_tables(SqlEditor *e, Str typed)
{
    for (size_t i = 0; i < e->words.rows; i++)
        if (i == 0 || !str_equal(word_of(e, i, WORD_TABLE), word_of(e, i - 1, WORD_TABLE)))
            complete_offer(&e->complete, typed, word_of(e, i, WORD_TABLE), STR("table"), STYLE_ACCENT);
}

void sql_editor_offer(Pane *p)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    SqlTab *t = e->tab[e->at];
    Source *source = desk_of(p->app)->source;
    size_t from = edit_word_start(&t->edit, t->edit.cursor);
    Str text = buffer_slice(&t->edit.text, 0, buffer_len(&t->edit.text));
    Str typed = str_slice(text, from, t->edit.cursor - from);
    complete_begin(&e->complete, from);
    if (from > 0 && text.at[from - 1] == '.') {
        size_t owner = edit_word_start(&t->edit, from - 1), start = 0, len = text.len;
        sql_editor_statement(source, text, from, &start, &len);
        offer_columns(
            e, table_of(e, source, str_slice(text, start, len), str_slice(text, owner, from - 1 - owner)),
            typed);
    } else {
        offer_tables(e, typed);
        offer_columns(e, STR_NONE, typed);
        for (size_t i = 0; i < COUNT_OF(keywords); i++)
            complete_offer(&e->complete, typed, str_of(keywords[i]), STR("keyword"), STYLE_KEYWORD);
    }
    complete_end(&e->complete);
}

void sql_editor_accept(Pane *p)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    const CompleteItem *item = complete_chosen(&e->complete);
    if (!item) return;
    SqlTab *t = e->tab[e->at];
    Bytes word;
    bytes_init(&word, 4096);
    if (item->style == STYLE_KEYWORD)
        bytes_put(&word, item->word);
    else
        source_quote_name(&word, item->word);
    Err err = {0};
    if (!edit_replace(&t->edit, e->complete.from, t->edit.cursor - e->complete.from, bytes_str(&word), &err))
        app_notice_err(p->app, &err);
    bytes_done(&word);
    complete_hide(&e->complete);
}
