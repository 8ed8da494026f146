// DDL: ALTER TABLE … RENAME: columns, also where the table's own expressions name them, and constraints.
#include "engine/db/ddl_alter_in.h"

#include "engine/sql/parser.h"
#include "engine/sql/print.h"

typedef struct Rename {
    Str from, to;
    bool any;
} Rename;

static bool rename_in(const AstExpr *e, void *arg)
{
    Rename *r = arg;
    if (e->kind != AST_COLUMN || !str_equal(ast_path_name(e->path), r->from)) return true;
    ((AstPath *)(uintptr_t)e->path)->part[e->path->parts - 1].text = r->to;
    r->any = true;
    return true;
}

// The expression's text with the new name.
static bool rename_text(Str *text, Rename *r, Arena *mem, Err *err)
{
    AstExpr *e;
    if (!text->at) return true;
    r->any = false;
    if (!parser_expr(&e, *text, mem, err)) return false;
    ast_expr_walk(e, rename_in, r);
    if (!r->any) return true;
    Bytes out;
    bytes_init(&out, SCHEMA_TEXT_MAX);
    print_expr(&out, e);
    bool good = !out.failed ||
                err_set(err, SQLSTATE_LIMIT, "the expression is longer than %d bytes", SCHEMA_TEXT_MAX);
    if (good) *text = arena_copy(mem, bytes_str(&out));
    bytes_done(&out);
    return good;
}

bool alter_rename_column(Alter *a, const AstAlterAction *action, Err *err)
{
    TableDef *def = a->d.def;
    Arena *mem = a->d.run->mem;
    int at;
    if (!alter_find_column(a, &action->name, &at, err)) return false;
    if (schema_column(def, action->new_name.text) >= 0)
        return err_set_at(err, "42701", action->new_name.at,
                          "column \"%.*s\" of relation \"%.*s\" already exists",
                          STR_ARG(action->new_name.text), STR_ARG(def->name));
    Rename r = {.from = action->name.text, .to = action->new_name.text};
    for (uint16_t i = 0; i < def->check_count; i++)
        if (!rename_text(&def->check[i].text, &r, mem, err)) return false;
    for (uint16_t i = 0; i < schema_stored(def); i++)
        if (!rename_text(&def->column[i].generated, &r, mem, err)) return false;
    def->column[at].name = action->new_name.text;
    return true;
}

bool alter_rename_constraint(Alter *a, const AstAlterAction *action, Err *err)
{
    TableDef *def = a->d.def;
    if (ddl_constraint_exists(def, action->new_name.text))
        return err_set_at(err, "42710", action->new_name.at,
                          "constraint \"%.*s\" for relation \"%.*s\" already exists",
                          STR_ARG(action->new_name.text), STR_ARG(def->name));
    Str *name = NULL;
    for (uint16_t i = 0; i < def->index_count; i++)
        if (def->index[i].constraint && str_equal(def->index[i].name, action->name.text))
            name = &def->index[i].name;
    for (uint16_t i = 0; i < def->check_count; i++)
        if (str_equal(def->check[i].name, action->name.text)) name = &def->check[i].name;
    for (uint16_t i = 0; i < def->foreign_key_count; i++)
        if (str_equal(def->foreign_key[i].name, action->name.text)) {
            Str index = ddl_foreign_index_name(def, &def->foreign_key[i], a->d.run->mem);
            name = &def->foreign_key[i].name;
            ForeignKeyDef renamed = {.name = action->new_name.text};
            for (uint16_t k = 0; k < def->index_count; k++)
                if (str_equal(def->index[k].name, index))
                    def->index[k].name = ddl_foreign_index_name(def, &renamed, a->d.run->mem);
        }
    if (!name)
        return err_set_at(err, "42704", action->name.at,
                          "constraint \"%.*s\" for table \"%.*s\" does not exist", STR_ARG(action->name.text),
                          STR_ARG(def->name));
    *name = action->new_name.text;
    return true;
}
