// DDL: the texts of views: every name in full and every star written out when the view is made; when a table,
// column or schema is renamed, the text is read before and written anew after, so that it means the same.
#include "engine/db/ddl_object.h"

#include "engine/sql/parser.h"
#include "engine/sql/print.h"

#include <inttypes.h>
#include <string.h>

struct ViewText {
    ViewText *next;
    const ObjectDef *view;
    Statement *statement;
    PlanNames names;
};

// ---- putting names into the tree ----

// The relation's present name, which is that of the text unless something was renamed since.
static void present_name(Run *run, const PlanName *n, SearchPlace *place, Str *name)
{
    Transaction *t = run->session->transaction;
    *place = (SearchPlace){n->database, n->schema};
    *name = n->name;
    if (!n->id) return;
    Table *table = transaction_table_by_id(t, n->id);
    const ObjectDef *o = table ? NULL : transaction_object_by_id(t, n->id, run->mem);
    if (table) {
        *place = (SearchPlace){table_def(table)->database, table_def(table)->schema};
        *name = table_def(table)->name;
    } else if (o) {
        *place = (SearchPlace){o->database, o->schema};
        *name = o->name;
    }
}

static void put_relation(Run *run, const PlanName *n, Str database)
{
    AstTable *t = (AstTable *)(uintptr_t)n->node;
    SearchPlace place;
    Str name;
    present_name(run, n, &place, &name);
    if (!t->alias.text.at && !str_equal(name, n->name)) t->alias = (AstName){n->name, -1};
    AstPath path = {.at = t->path.at};
    if (place.database.len && !str_equal(place.database, database))
        path.part[path.parts++] = (AstName){place.database, -1};
    path.part[path.parts++] = (AstName){place.schema, -1};
    path.part[path.parts++] = (AstName){name, -1};
    t->path = path;
}

static Str column_name(Run *run, const PlanName *n)
{
    Table *table = transaction_table_by_id(run->session->transaction, n->id);
    const TableDef *def = table ? table_def(table) : NULL;
    return def && n->column < def->column_count ? def->column[n->column].name : STR_NONE;
}

static void put_column(Run *run, const PlanName *n)
{
    AstExpr *e = (AstExpr *)(uintptr_t)n->node;
    if (!e) return;
    if (e->path->parts > 2) {
        e->path->part[0] = e->path->part[e->path->parts - 2];
        e->path->part[1] = e->path->part[e->path->parts - 1];
        e->path->parts = 2;
    }
    Str name = column_name(run, n);
    if (name.at) e->path->part[e->path->parts - 1].text = name;
}

static void put_routine(Run *run, const PlanName *n, Str database)
{
    AstExpr *e = (AstExpr *)(uintptr_t)n->node;
    const ObjectDef *o = transaction_object_by_id(run->session->transaction, n->id, run->mem);
    AstPath path = {.at = e->call->name.at};
    if (!str_equal(n->database, database)) path.part[path.parts++] = (AstName){n->database, -1};
    path.part[path.parts++] = (AstName){o ? o->schema : n->schema, -1};
    path.part[path.parts++] = (AstName){o ? object_field(o, "name") : n->name, -1};
    e->call->name = path;
}

static const PlanName *star_of(const PlanNames *names, const AstExpr *e)
{
    for (uint32_t i = 0; i < names->count; i++)
        if (names->at[i].kind == PLAN_NAME_STAR && names->at[i].node == e) return &names->at[i];
    return NULL;
}

static AstTarget star_column(Run *run, const PlanName *star, uint32_t i)
{
    AstExpr *e = arena_new(run->mem, AstExpr);
    e->kind = AST_COLUMN;
    e->at = -1;
    e->path = arena_new(run->mem, AstPath);
    e->path->at = -1;
    if (star->alias[i].len) e->path->part[e->path->parts++] = (AstName){star->alias[i], -1};
    e->path->part[e->path->parts++] = (AstName){star->column_name[i], -1};
    return (AstTarget){.expr = e, .alias = {.at = -1}};
}

// Stars written out; outputs that were called as their column keep that name when the column gets another.
static void put_targets(Run *run, AstQuery *q, const PlanNames *names)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < q->targets.count; i++) {
        const PlanName *star = star_of(names, q->targets.at[i].expr);
        count += star ? star->columns : 1;
    }
    AstTarget *list = arena_array(run->mem, AstTarget, count + 1);
    count = 0;
    for (uint32_t i = 0; i < q->targets.count; i++) {
        AstTarget t = q->targets.at[i];
        const PlanName *star = star_of(names, t.expr);
        for (uint32_t k = 0; star && k < star->columns; k++) list[count++] = star_column(run, star, k);
        if (star) continue;
        if (t.expr->kind == AST_COLUMN && !t.alias.text.at)
            for (uint32_t k = 0; k < names->count; k++) {
                const PlanName *n = &names->at[k];
                if (n->kind != PLAN_NAME_COLUMN || n->node != t.expr) continue;
                Str now = column_name(run, n), was = ast_path_name(t.expr->path);
                if (now.at && !str_equal(now, was)) t.alias = (AstName){was, -1};
            }
        list[count++] = t;
    }
    q->targets = (AstTargets){list, count};
}

bool view_text_new(Run *run, AstQuery *q, Str database, const PlanNames *names, Str *out, Err *err)
{
    for (uint32_t i = 0; i < names->count; i++)
        if (names->at[i].kind == PLAN_NAME_QUERY)
            put_targets(run, (AstQuery *)(uintptr_t)names->at[i].node, names);
    for (uint32_t i = 0; i < names->count; i++) {
        if (names->at[i].kind == PLAN_NAME_RELATION) put_relation(run, &names->at[i], database);
        if (names->at[i].kind == PLAN_NAME_COLUMN) put_column(run, &names->at[i]);
        if (names->at[i].kind == PLAN_NAME_ROUTINE) put_routine(run, &names->at[i], database);
    }
    Bytes text;
    bytes_init(&text, SCHEMA_TEXT_MAX);
    print_query(&text, q);
    bool good = !text.failed ||
                err_set_at(err, SQLSTATE_LIMIT, q->at, "the query is longer than %d bytes", SCHEMA_TEXT_MAX);
    if (good) *out = arena_copy(run->mem, bytes_str(&text));
    bytes_done(&text);
    return good;
}

void view_text_depend(Run *run, ObjectDef *view, const PlanNames *names)
{
    for (uint32_t i = 0; i < names->count; i++) {
        const PlanName *n = &names->at[i];
        if ((n->kind == PLAN_NAME_RELATION || n->kind == PLAN_NAME_ROUTINE) && n->id)
            object_add_dependency(view, run->mem, n->id);
        if (n->kind != PLAN_NAME_COLUMN) continue;
        Table *table = transaction_table_by_id(run->session->transaction, n->id);
        if (!table || n->column >= table_def(table)->column_count) continue;
        Str field =
            arena_printf(run->mem, "uses %" PRIu64 " %u", n->id, schema_slot(table_def(table), n->column));
        object_set_field(view, run->mem, arena_cstr(run->mem, field), STR(""));
    }
}

// ---- around a rename ----

static bool hold(Run *run, ViewTexts *out, const ObjectDef *view, Err *err)
{
    ViewText *v = arena_new(run->mem, ViewText);
    *v = (ViewText){.next = out->first, .view = view, .names = {.mem = run->mem}};
    size_t pos = 0;
    Plan *plan;
    if (!parser_statement(&v->statement, object_field(view, "query"), &pos, run->mem, err)) return false;
    run->names = &v->names;
    run->home = view->database;
    bool good = query_plan(&plan, run, v->statement, err);
    run->names = NULL;
    run->home = STR_NONE;
    if (!good) return err_note(err, "in view %.*s", STR_ARG(view->name));
    plan_free(plan);
    out->first = v;
    return true;
}

bool view_texts_hold(Run *run, ViewTexts *out, uint64_t id, Err *err)
{
    const ObjectDef **o;
    size_t n = transaction_object_dependents(run->session->transaction, id, run->mem, &o);
    for (size_t i = 0; i < n; i++) {
        if (o[i]->kind != OBJECT_VIEW && o[i]->kind != OBJECT_MATERIALIZED_VIEW) continue;
        bool held = o[i]->parent == id;
        for (const ViewText *v = out->first; v && !held; v = v->next) held = v->view->id == o[i]->id;
        if (!held && !hold(run, out, o[i], err)) return false;
    }
    return true;
}

bool view_texts_write(Run *run, const ViewTexts *held, Err *err)
{
    for (ViewText *v = held->first; v; v = v->next) {
        const ObjectDef *now = transaction_object_by_id(run->session->transaction, v->view->id, run->mem);
        Str text;
        if (!now) continue;
        if (!view_text_new(run, v->statement->query, v->view->database, &v->names, &text, err)) return false;
        ObjectDef *own = object_copy(now, run->mem);
        object_set_field(own, run->mem, "query", text);
        if (!transaction_object_replace(run->session->transaction, own, false, err)) return false;
    }
    return true;
}
