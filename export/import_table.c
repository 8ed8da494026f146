// CREATE TABLE of MySQL and SQLite, item by item: types by a table, secondary keys become indexes behind the
// rows, and foreign keys wait for the end of the file, as these systems let a table refer to one that comes
// later.
#include "export/import_in.h"

#include <string.h>

typedef struct TypeRule {
    const char *word; // upper case
    unsigned dialects;
    const char *ours;
    bool keep_mods; // (10,2) stays
} TypeRule;

enum { MY = IMPORT_MYSQL, LITE = IMPORT_SQLITE };

static const TypeRule types[] = {
    {"TINYINT", MY, "smallint", false},
    {"MEDIUMINT", MY, "integer", false},
    {"INT", MY, "integer", false},
    {"INTEGER", MY, "integer", false},
    {"SMALLINT", MY, "smallint", false},
    {"BIGINT", MY, "bigint", false},
    {"YEAR", MY, "smallint", false},
    {"DOUBLE", MY, "double precision", false},
    {"FLOAT", MY, "real", false},
    {"DATETIME", MY | LITE, "timestamp", false},
    {"TIMESTAMP", MY | LITE, "timestamp", false},
    {"TIME", MY | LITE, "time", false},
    {"TINYTEXT", MY, "text", false},
    {"MEDIUMTEXT", MY, "text", false},
    {"LONGTEXT", MY, "text", false},
    {"TEXT", MY | LITE, "text", false},
    {"TINYBLOB", MY, "bytea", false},
    {"MEDIUMBLOB", MY, "bytea", false},
    {"LONGBLOB", MY, "bytea", false},
    {"BLOB", MY | LITE, "bytea", false},
    {"BINARY", MY, "bytea", false},
    {"VARBINARY", MY, "bytea", false},
    {"ENUM", MY, "text", false},
    {"SET", MY, "text", false},
    {"JSON", MY, "text", false},
    {"INTEGER", LITE, "bigint", false},
    {"INT", LITE, "bigint", false},
    {"TINYINT", LITE, "bigint", false},
    {"SMALLINT", LITE, "bigint", false},
    {"BIGINT", LITE, "bigint", false},
    {"REAL", LITE, "double precision", false},
    {"DOUBLE", LITE, "double precision", false},
    {"FLOAT", LITE, "double precision", false},
    {"DECIMAL_TEXT", LITE, "numeric", true},
};

// The statement being taken apart.
typedef struct TableRewrite {
    ImportRewrite *r;
    Bytes name;  // of the table, quoted for us
    Bytes plain; // its value
    size_t at;
    ImportToken t; // current
    bool more;
    size_t behind; // where the token that was copied last ended in the text
} TableRewrite;

static void step(TableRewrite *w)
{
    w->more = import_next_word(w->r->text, &w->at, w->r->dialect, &w->t);
    while (w->more && import_is_qualifier(w->r, &w->t)) {
        w->at++; // the point
        w->more = import_next_word(w->r->text, &w->at, w->r->dialect, &w->t);
    }
}
static bool is(const TableRewrite *w, const char *word)
{
    return w->more && import_is_word(w->r->text, &w->t, word);
}
static bool is_byte(const TableRewrite *w, char byte)
{
    return w->more && w->t.kind == IMPORT_SYMBOL && w->r->text.at[w->t.at] == byte;
}
static bool accept(TableRewrite *w, const char *word)
{
    bool yes = is(w, word);
    if (yes) step(w);
    return yes;
}

static void put(TableRewrite *w, const char *words)
{
    if (w->r->out->len && w->r->out->at[w->r->out->len - 1] != ' ' &&
        w->r->out->at[w->r->out->len - 1] != '(')
        bytes_put_byte(w->r->out, ' ');
    bytes_put(w->r->out, str_of(words));
}

// The current token, copied, with a blank before it; symbols that stood side by side stay one operator.
static void copy(TableRewrite *w)
{
    if (w->t.kind != IMPORT_SYMBOL || w->t.at != w->behind) put(w, "");
    w->behind = w->t.at + w->t.len;
    import_put_spot(w->r, w->t.at);
    import_put_token(w->r, &w->t);
    step(w);
}

// From ( to its ), copied or not.
static void parentheses(TableRewrite *w, bool keep)
{
    int depth = 0;
    do {
        if (is_byte(w, '(')) depth++;
        if (is_byte(w, ')')) depth--;
        if (keep)
            copy(w);
        else
            step(w);
    } while (w->more && depth > 0);
}

static bool item_ends(const TableRewrite *w) { return !w->more || is_byte(w, ',') || is_byte(w, ')'); }

// ---- what waits ----

// Runs `fill` with the output turned to the statements of the end.
static void later(TableRewrite *w, void (*fill)(TableRewrite *w))
{
    Bytes *out = w->r->out;
    size_t spots = w->r->spots;
    w->r->out = w->r->later;
    fill(w);
    bytes_put_byte(w->r->later, '\0');
    w->r->out = out;
    w->r->spots = spots;
}

static void put_table_name(TableRewrite *w)
{
    bytes_put_byte(w->r->out, ' ');
    bytes_put(w->r->out, bytes_str(&w->name));
}

static void copy_item(TableRewrite *w)
{
    while (!item_ends(w)) {
        if (is_byte(w, '('))
            parentheses(w, true);
        else
            copy(w);
    }
}

static void fill_constraint(TableRewrite *w)
{
    put(w, "ALTER TABLE");
    put_table_name(w);
    bytes_put(w->r->out, STR(" ADD"));
    copy_item(w);
}

// (a, b(10) DESC) of an index: names only.
static void copy_key_columns(TableRewrite *w)
{
    put(w, "(");
    step(w);
    for (bool first = true; w->more && !is_byte(w, ')'); first = false) {
        if (!first) put(w, ",");
        copy(w);
        if (is_byte(w, '(')) parentheses(w, false);
        if (!accept(w, "ASC")) accept(w, "DESC");
        if (is_byte(w, ',')) step(w);
    }
    put(w, ")");
    if (w->more) step(w);
}

// An index's name is made one with its table's, as MySQL lets tables share them.
static void put_index_name(TableRewrite *w)
{
    if (is_byte(w, '(')) return;
    Bytes name;
    bytes_init(&name, IMPORT_STATEMENT_MAX);
    bytes_put(&name, bytes_str(&w->plain));
    bytes_put_byte(&name, '_');
    import_put_name_value(&name, w->r->text, &w->t);
    put(w, "");
    source_quote_name(w->r->out, bytes_str(&name));
    bytes_done(&name);
    step(w);
}

static void skip_to_item_end(TableRewrite *w)
{
    while (!item_ends(w)) {
        if (is_byte(w, '('))
            parentheses(w, false);
        else
            step(w);
    }
}

static void fill_index(TableRewrite *w)
{
    put(w, "CREATE INDEX");
    put_index_name(w);
    put(w, "ON");
    put_table_name(w);
    if (accept(w, "USING")) step(w);
    copy_key_columns(w);
    skip_to_item_end(w);
}

// ---- items ----

static void unique_item(TableRewrite *w)
{
    if (!accept(w, "KEY")) accept(w, "INDEX");
    if (!is_byte(w, '(')) {
        put(w, "CONSTRAINT");
        put_index_name(w);
    }
    put(w, "UNIQUE");
    if (accept(w, "USING")) step(w);
    copy_key_columns(w);
    skip_to_item_end(w);
}

// false: the item is gone (it waits, or has no meaning), so the comma before it goes too.
static bool table_item(TableRewrite *w)
{
    size_t at = w->at;
    ImportToken t = w->t;
    if (accept(w, "CONSTRAINT")) {
        if (!is(w, "FOREIGN") && !is(w, "UNIQUE") && !is(w, "PRIMARY") && !is(w, "CHECK")) step(w);
        bool foreign = is(w, "FOREIGN");
        w->at = at;
        w->t = t;
        if (foreign)
            later(w, fill_constraint);
        else
            copy_item(w);
        return !foreign;
    }
    if (is(w, "FOREIGN")) {
        later(w, fill_constraint);
        return false;
    }
    if (is(w, "FULLTEXT") || is(w, "SPATIAL")) {
        skip_to_item_end(w);
        return false;
    }
    if (accept(w, "KEY") || accept(w, "INDEX")) {
        later(w, fill_index);
        return false;
    }
    if (accept(w, "UNIQUE"))
        unique_item(w);
    else
        copy_item(w);
    return true;
}

static bool is_table_item(const TableRewrite *w)
{
    static const char *const words[] = {"CONSTRAINT", "PRIMARY", "FOREIGN",  "UNIQUE", "CHECK",
                                        "KEY",        "INDEX",   "FULLTEXT", "SPATIAL"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (is(w, words[i])) return true;
    return false;
}

static bool column_word(const TableRewrite *w)
{
    static const char *const words[] = {"NOT",        "NULL",       "DEFAULT", "PRIMARY",   "UNIQUE", "CHECK",
                                        "REFERENCES", "CONSTRAINT", "COLLATE", "GENERATED", "AS"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (is(w, words[i])) return true;
    return false;
}

static void column_type(TableRewrite *w)
{
    if (item_ends(w) || column_word(w)) { // SQLite lets a column have none
        put(w, "text");
        return;
    }
    const TypeRule *rule = NULL;
    for (size_t i = 0; i < COUNT_OF(types) && !rule; i++)
        if ((types[i].dialects & w->r->dialect) && is(w, types[i].word)) rule = &types[i];
    if (!rule) {
        copy(w);
        if (is_byte(w, '(')) parentheses(w, true);
        return;
    }
    bool integer = strstr(rule->ours, "int") != NULL;
    const char *ours = rule->ours;
    step(w);
    if (strcmp(rule->ours, "double precision") == 0) accept(w, "PRECISION");
    size_t mods = w->at;
    ImportToken mods_at = w->t;
    if (is_byte(w, '(')) parentheses(w, false);
    if (accept(w, "UNSIGNED") && integer) ours = strcmp(ours, "bigint") == 0 ? "numeric(20,0)" : "bigint";
    accept(w, "ZEROFILL");
    put(w, ours);
    if (!rule->keep_mods || mods_at.kind != IMPORT_SYMBOL || w->r->text.at[mods_at.at] != '(') return;
    w->at = mods;
    w->t = mods_at;
    w->more = true;
    parentheses(w, true);
}

// column REFERENCES p (c) …: the same as a constraint of the table, which waits.
static void column_references(TableRewrite *w, Str column)
{
    Bytes *out = w->r->out;
    w->r->out = w->r->later;
    put(w, "ALTER TABLE");
    put_table_name(w);
    put(w, "ADD FOREIGN KEY (");
    source_quote_name(w->r->out, column);
    bytes_put(w->r->out, STR(")"));
    static const char *const stop[] = {"NOT", "NULL", "DEFAULT", "PRIMARY", "UNIQUE", "CHECK", "COLLATE"};
    for (bool action = false, stopped = false; !item_ends(w) && !stopped;) {
        action = is(w, "ON") || is(w, "DELETE") || is(w, "UPDATE") || is(w, "SET") || is(w, "NO");
        if (is_byte(w, '('))
            parentheses(w, true);
        else
            copy(w);
        for (size_t i = 0; i < COUNT_OF(stop) && !action; i++) stopped |= is(w, stop[i]);
    }
    bytes_put_byte(w->r->later, '\0');
    w->r->out = out;
}

static void column_options(TableRewrite *w, Str column)
{
    while (!item_ends(w)) {
        if (accept(w, "AUTO_INCREMENT") || accept(w, "AUTOINCREMENT")) {
            put(w, "GENERATED BY DEFAULT AS IDENTITY"); // its counter follows the rows
        } else if (is(w, "REFERENCES")) {
            column_references(w, column);
        } else if (accept(w, "CHARACTER")) {
            accept(w, "SET");
            step(w);
        } else if (accept(w, "CHARSET") || accept(w, "COLLATE") || accept(w, "COMMENT")) {
            step(w);
        } else if (accept(w, "UNIQUE")) {
            accept(w, "KEY");
            put(w, "UNIQUE");
        } else if (accept(w, "ON")) { // UPDATE CURRENT_TIMESTAMP(6): the engine has no such columns
            accept(w, "UPDATE");
            step(w);
            if (is_byte(w, '(')) parentheses(w, false);
        } else if (accept(w, "CURRENT_TIMESTAMP")) {
            put(w, "CURRENT_TIMESTAMP");
            if (is_byte(w, '(')) parentheses(w, false);
        } else if (is_byte(w, '(')) {
            parentheses(w, true);
        } else {
            copy(w);
        }
    }
}

static void column_item(TableRewrite *w)
{
    Bytes column;
    bytes_init(&column, IMPORT_STATEMENT_MAX);
    import_put_name_value(&column, w->r->text, &w->t);
    copy(w);
    column_type(w);
    column_options(w, bytes_str(&column));
    bytes_done(&column);
}

static void table_body(TableRewrite *w)
{
    put(w, "(");
    step(w);
    for (bool first = true; w->more && !is_byte(w, ')');) {
        size_t before = w->r->out->len;
        if (!first) bytes_put(w->r->out, STR(",\n "));
        if (!is_table_item(w)) {
            column_item(w);
            first = false;
        } else if (table_item(w)) {
            first = false;
        } else {
            w->r->out->len = before;
            if (w->r->out->at) w->r->out->at[before] = '\0';
        }
        if (is_byte(w, ','))
            step(w);
        else if (!is_byte(w, ')'))
            break;
    }
    put(w, ")");
}

// CREATE [TEMP] TABLE [IF NOT EXISTS] name: up to the name.
static bool table_head(TableRewrite *w)
{
    step(w);
    if (!is(w, "CREATE")) return false;
    copy(w);
    if (is(w, "TEMP") || is(w, "TEMPORARY")) copy(w);
    if (!is(w, "TABLE")) return false;
    copy(w);
    if (is(w, "IF")) {
        copy(w);
        while (is(w, "NOT") || is(w, "EXISTS")) copy(w);
    }
    if (!w->more || (w->t.kind != IMPORT_NAME && w->t.kind != IMPORT_WORD)) return false;
    import_put_name_value(&w->plain, w->r->text, &w->t);
    source_quote_name(&w->name, bytes_str(&w->plain));
    copy(w);
    return is_byte(w, '(');
}

bool import_rewrite_table(ImportRewrite *r)
{
    TableRewrite w = {.r = r};
    bytes_init(&w.name, IMPORT_STATEMENT_MAX);
    bytes_init(&w.plain, IMPORT_STATEMENT_MAX);
    bool yes = table_head(&w);
    if (yes)
        table_body(&w); // what stands behind it (ENGINE=, WITHOUT ROWID) has no meaning here
    else
        bytes_clear(r->out);
    if (!yes) r->spots = 0;
    bytes_done(&w.name);
    bytes_done(&w.plain);
    return yes;
}
