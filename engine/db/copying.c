// Copying: options, columns, and who may copy where.
#include "engine/db/copying.h"

#include "engine/db/role.h"

#include <string.h>

// ---- options ----

static bool option_bool(const AstOption *o, bool *out, Err *err)
{
    static const char *const yes[] = {"true", "on", "1", NULL}, *const no[] = {"false", "off", "0", NULL};
    *out = true;
    if (!o->value) return true;
    for (size_t i = 0; yes[i]; i++) {
        if (str_equal_fold(o->value->text, str_of(yes[i]))) return true;
        *out = false;
        if (str_equal_fold(o->value->text, str_of(no[i]))) return true;
        *out = true;
    }
    return err_set_at(err, SQLSTATE_SYNTAX, o->name.at, "%.*s requires a Boolean value",
                      STR_ARG(o->name.text));
}

static bool option_byte(const AstOption *o, char *out, Err *err)
{
    Str text = o->value ? o->value->text : STR_NONE;
    if (text.len != 1)
        return err_set_at(err, SQLSTATE_UNSUPPORTED, o->name.at,
                          "COPY %.*s must be a single one-byte character", STR_ARG(o->name.text));
    *out = text.at[0];
    return true;
}

static bool option_header(const AstOption *o, CopyOptions *out, Err *err)
{
    out->match = o->value && str_equal_fold(o->value->text, STR("match"));
    out->header = out->match;
    if (out->match) return true;
    return option_bool(o, &out->header, err) ||
           (err_clear(err),
            err_set_at(err, SQLSTATE_SYNTAX, o->name.at, "header requires a Boolean value or \"match\""));
}

static bool option_encoding(const AstOption *o, Err *err)
{
    Str text = o->value ? o->value->text : STR_NONE;
    if (str_equal_fold(text, STR("utf8")) || str_equal_fold(text, STR("utf-8")) ||
        str_equal_fold(text, STR("unicode")))
        return true;
    return err_set_at(err, SQLSTATE_UNSUPPORTED, o->name.at,
                      "encoding \"%.*s\" is not supported; data is UTF8", STR_ARG(text));
}

static bool option_format(const AstOption *o, bool *csv, Err *err)
{
    Str text = o->value ? o->value->text : STR_NONE;
    *csv = str_equal(text, STR("csv"));
    if (*csv || str_equal(text, STR("text"))) return true;
    if (str_equal(text, STR("binary")))
        return err_set_at(err, SQLSTATE_UNSUPPORTED, o->name.at, "COPY in binary format is not supported");
    return err_set_at(err, "22023", o->name.at, "COPY format \"%.*s\" not recognized", STR_ARG(text));
}

// One option after format is known.
static bool take_option(const AstOption *o, CopyOptions *out, bool *quote, bool *escape, Err *err)
{
    Str name = o->name.text;
    bool ignored;
    if (str_equal(name, STR("format"))) return true;
    if (str_equal(name, STR("freeze"))) return option_bool(o, &ignored, err);
    if (str_equal(name, STR("delimiter"))) return option_byte(o, &out->format.delimiter, err);
    if (str_equal(name, STR("quote"))) return *quote = true, option_byte(o, &out->format.quote, err);
    if (str_equal(name, STR("escape"))) return *escape = true, option_byte(o, &out->format.escape, err);
    if (str_equal(name, STR("header"))) return option_header(o, out, err);
    if (str_equal(name, STR("encoding"))) return option_encoding(o, err);
    if (str_equal(name, STR("null"))) {
        out->format.null = o->value ? o->value->text : STR_NONE;
        if (!out->format.null.at) out->format.null = STR("");
    } else if (str_equal(name, STR("force_quote")))
        out->force_quote = o->value;
    else if (str_equal(name, STR("force_not_null")))
        out->force_not_null = o->value;
    else if (str_equal(name, STR("force_null")))
        out->force_null = o->value;
    else
        return err_set_at(err, SQLSTATE_SYNTAX, o->name.at, "option \"%.*s\" not recognized", STR_ARG(name));
    return true;
}

static bool only_csv(const char *what, Err *err)
{
    return err_set(err, SQLSTATE_UNSUPPORTED, "COPY %s available only in CSV mode", what);
}

static bool check_bytes(const CopyFormat *f, Err *err)
{
    char d = f->delimiter;
    if (d == '\n' || d == '\r')
        return err_set(err, "22023", "COPY delimiter cannot be newline or carriage return");
    if (str_find_byte(f->null, '\n', 0) != SIZE_MAX || str_find_byte(f->null, '\r', 0) != SIZE_MAX)
        return err_set(err, "22023", "COPY null representation cannot use newline or carriage return");
    if (!f->csv && d && strchr("\\.abcdefghijklmnopqrstuvwxyz0123456789", d))
        return err_set(err, "22023", "COPY delimiter cannot be \"%c\"", d);
    if (str_find_byte(f->null, d, 0) != SIZE_MAX)
        return err_set(err, "22023", "COPY delimiter must not appear in the NULL specification");
    if (f->csv && d == f->quote) return err_set(err, "22023", "COPY delimiter and quote must be different");
    if (f->csv && str_find_byte(f->null, f->quote, 0) != SIZE_MAX)
        return err_set(err, "22023", "CSV quote character must not appear in the NULL specification");
    return true;
}

bool copying_options(const AstCopy *c, CopyOptions *out, Err *err)
{
    bool csv = false, quote = false, escape = false;
    for (uint32_t i = 0; i < c->options.count; i++) {
        const AstOption *o = &c->options.at[i];
        for (uint32_t k = 0; k < i; k++)
            if (str_equal(o->name.text, c->options.at[k].name.text))
                return err_set_at(err, SQLSTATE_SYNTAX, o->name.at, "conflicting or redundant options");
        if (str_equal(o->name.text, STR("format")) && !option_format(o, &csv, err)) return false;
    }
    *out = (CopyOptions){.format = copy_format(csv)};
    for (uint32_t i = 0; i < c->options.count; i++)
        if (!take_option(&c->options.at[i], out, &quote, &escape, err)) return false;
    if (csv && quote && !escape) out->format.escape = out->format.quote;
    if (!csv && quote) return only_csv("quote", err);
    if (!csv && escape) return only_csv("escape", err);
    if (!csv && out->force_quote) return only_csv("force quote", err);
    if (!csv && out->force_not_null) return only_csv("force not null", err);
    if (!csv && out->force_null) return only_csv("force null", err);
    if (out->force_quote && c->from)
        return err_set(err, SQLSTATE_UNSUPPORTED, "COPY force quote only available using COPY TO");
    if ((out->force_not_null || out->force_null) && !c->from)
        return err_set(err, SQLSTATE_UNSUPPORTED,
                       "COPY force not null and force null only available using COPY FROM");
    if (out->match && !c->from) return err_set(err, "22023", "cannot use \"match\" with HEADER in COPY TO");
    return check_bytes(&out->format, err);
}

bool copying_marks(const AstExpr *option, const ResultColumn *column, uint32_t columns, const char *word,
                   bool *marks, Err *err)
{
    bool all = option && option->kind == AST_STAR;
    for (uint32_t c = 0; c < columns; c++) marks[c] = all;
    if (!option || all) return true;
    uint32_t count = option->kind == AST_ROW ? option->list.count : 1;
    for (uint32_t i = 0; i < count; i++) {
        const AstExpr *e = option->kind == AST_ROW ? option->list.at[i] : option;
        bool found = false;
        for (uint32_t c = 0; c < columns && !found; c++)
            found = marks[c] = str_equal(column[c].name, e->text) || marks[c];
        if (!found)
            return err_set_at(err, "42P10", e->at, "%s column \"%.*s\" not referenced by COPY", word,
                              STR_ARG(e->text));
    }
    return true;
}

bool copying_may_file(const Run *run, const AstCopy *c, Err *err)
{
    if (c->standard) return true;
    if (c->program) return err_set(err, SQLSTATE_UNSUPPORTED, "COPY to and from a program is not supported");
    if (role_is_administrator(run->session)) return true;
    err_set(err, "42501", "only an administrator may COPY to or from a file of the server");
    return err_hint(err,
                    "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.");
}

// ---- columns ----

static bool add_column(const TableDef *def, const AstName *name, ResultColumn *out, uint32_t *columns,
                       Err *err)
{
    for (uint32_t i = 0; i < *columns; i++)
        if (str_equal(out[i].name, name->text))
            return err_set_at(err, "42701", name->at, "column \"%.*s\" specified more than once",
                              STR_ARG(name->text));
    for (uint16_t i = 0; i < def->column_count; i++) {
        if (!str_equal(def->column[i].name, name->text)) continue;
        if (def->column[i].generated.at)
            return err_set_at(err, "42P10", name->at, "column \"%.*s\" is a generated column",
                              STR_ARG(name->text));
        out[(*columns)++] = (ResultColumn){def->column[i].name, def->column[i].type};
        return true;
    }
    return err_set_at(err, SQLSTATE_UNDEFINED_COLUMN, name->at,
                      "column \"%.*s\" of relation \"%.*s\" does not exist", STR_ARG(name->text),
                      STR_ARG(def->name));
}

bool copying_columns(Run *run, const AstCopy *c, const TableDef *def, ResultColumn **out, uint32_t *columns,
                     Err *err)
{
    *out = arena_array(run->mem, ResultColumn, def->column_count + 1);
    *columns = 0;
    for (uint32_t i = 0; i < c->columns.count; i++)
        if (!add_column(def, &c->columns.at[i], *out, columns, err)) return false;
    for (uint16_t i = 0; !c->columns.count && i < def->column_count; i++)
        if (!def->column[i].generated.at)
            (*out)[(*columns)++] = (ResultColumn){def->column[i].name, def->column[i].type};
    return true;
}

bool copying_run(Run *run, const AstCopy *c, Err *err)
{
    CopyOptions o;
    run->tag = "COPY";
    if (!copying_options(c, &o, err) || !copying_may_file(run, c, err)) return false;
    return c->from ? copying_in(run, c, &o, err) : copying_out(run, c, &o, err);
}
