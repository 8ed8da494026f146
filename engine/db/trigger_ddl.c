// Triggers: CREATE, DROP, and switching them on and off.
#include "engine/sql/ast_routine.h"
#include "engine/db/access.h"
#include "engine/db/triggers.h"

#include "engine/db/ddl.h"
#include "engine/db/ddl_object.h"
#include "engine/sql/parser.h"

static bool may_be(const AstCreateTrigger *t, Err *err)
{
    int64_t at = t->name.at;
    if (t->constraint) return ddl_unsupported(at, "CREATE CONSTRAINT TRIGGER", err);
    if (t->old_table.text.at || t->new_table.text.at)
        return ddl_unsupported(at, "REFERENCING OLD TABLE, NEW TABLE of a trigger", err);
    if (str_equal(t->timing, STR("instead"))) return ddl_unsupported(at, "CREATE TRIGGER INSTEAD OF", err);
    if (t->arguments) return ddl_unsupported(at, "an argument of a trigger's function", err);
    if (t->events & AST_EVENT_TRUNCATE && t->row)
        return err_set_at(err, SQLSTATE_UNSUPPORTED, at, "TRUNCATE FOR EACH ROW triggers are not supported");
    return true;
}

static void put_events(Run *run, ObjectDef *o, unsigned events)
{
    static const char *const word[] = {"insert", "update", "delete", "truncate"};
    Str text = STR("");
    for (unsigned i = 0; i < COUNT_OF(word); i++)
        if (events >> i & 1)
            text = arena_printf(run->mem, "%.*s%s%s", STR_ARG(text), text.len ? " " : "", word[i]);
    object_set_field(o, run->mem, "events", text);
}

static bool put_columns(Run *run, ObjectDef *o, const AstCreateTrigger *t, const TableDef *def, Err *err)
{
    Str text = STR(" ");
    for (uint32_t i = 0; i < t->columns.count; i++) {
        int c = schema_column(def, t->columns.at[i].text);
        if (c < 0)
            return err_set_at(err, SQLSTATE_UNDEFINED_COLUMN, t->columns.at[i].at,
                              "column \"%.*s\" of relation \"%.*s\" does not exist",
                              STR_ARG(t->columns.at[i].text), STR_ARG(def->name));
        text = arena_printf(run->mem, "%.*s%u ", STR_ARG(text), (unsigned)schema_slot(def, (uint16_t)c));
    }
    if (t->columns.count) object_set_field(o, run->mem, "columns", text);
    return true;
}

static bool put_function(Run *run, ObjectDef *o, const AstCreateTrigger *t, Err *err)
{
    Routine r;
    const AstRoutineName name = {.name = t->function, .given = true};
    if (!routines_named(run, &name, AST_ROUTINE_FUNCTION, &r, err)) return false;
    if (r.result != ROUTINE_TRIGGER)
        return err_set_at(err, "42P17", t->function.at, "function %.*s must return type trigger",
                          STR_ARG(r.name));
    object_set_field(o, run->mem, "function", arena_printf(run->mem, "%llu", (unsigned long long)r.id));
    object_add_dependency(o, run->mem, r.id);
    return true;
}

// ---- what the body may do ----

static bool returns_row(const AstStep *s)
{
    const AstExpr *e = s->statement->query->targets.at[0].expr;
    return e->kind == AST_COLUMN && e->path->parts == 1 &&
           (str_equal(e->path->part[0].text, STR("new")) || str_equal(e->path->part[0].text, STR("old")));
}

static bool set_check(const AstStep *s, const AstCreateTrigger *t, const TableDef *def, Err *err)
{
    bool before =
        str_equal(t->timing, STR("before")) && t->row && t->events & (AST_EVENT_INSERT | AST_EVENT_UPDATE);
    if (!before)
        return err_set_at(err, "42P17", t->name.at,
                          "only a BEFORE trigger FOR EACH ROW of INSERT or UPDATE can SET NEW");
    for (uint32_t i = 0; i < s->columns.count; i++) {
        Str name = s->columns.at[i].text;
        int c = schema_column(def, name);
        if (c < 0)
            return err_set_at(err, SQLSTATE_UNDEFINED_COLUMN, t->name.at,
                              "record \"new\" has no field \"%.*s\"", STR_ARG(name));
        if (def->column[c].generated.at)
            return err_set_at(err, "428C9", t->name.at, "column \"%.*s\" can only be updated to DEFAULT",
                              STR_ARG(name));
    }
    return true;
}

static bool step_check(Run *run, RoutineBody *b, uint32_t i, const AstCreateTrigger *t, const TableDef *def,
                       Err *err)
{
    const AstStep *s = &b->steps.at[i];
    if (i < b->steps.count && s->kind == AST_STEP_RETURN)
        return returns_row(s) ||
               ddl_unsupported(t->name.at, "RETURN of anything but NEW, OLD or NULL in a trigger", err);
    if (s->kind == AST_STEP_SET && !set_check(s, t, def, err)) return false;
    if (s->statement->kind > STATEMENT_DELETE)
        return err_set_at(err, SQLSTATE_UNSUPPORTED, t->name.at,
                          "%s in the body of a trigger is not supported", ast_statement_name(s->statement));
    if (routines_step_plan(run->session, b, i, err)) return true;
    err->at = t->name.at;
    return err_note(err, "trigger \"%.*s\"", STR_ARG(t->name.text));
}

static bool body_check(Run *run, uint64_t id, const AstCreateTrigger *t, const TableDef *def, Err *err)
{
    RoutineBody *b;
    if (!triggers_body(&b, run->session, def, id, err)) {
        err->at = t->body.at ? t->body_at : t->name.at;
        return false;
    }
    bool good = true;
    for (uint32_t i = 0; good && i < b->steps.count + b->condition; i++)
        good = step_check(run, b, i, t, def, err);
    if (good && b->condition && b->plan[b->steps.count]->root->column[0].type.id != TYPE_BOOLEAN)
        good = err_set_at(err, SQLSTATE_TYPE_MISMATCH, t->condition->at,
                          "argument of WHEN must be type boolean, not type %s",
                          type_name(b->plan[b->steps.count]->root->column[0].type.id));
    routines_body_drop(run->session, b);
    return good;
}

// ---- CREATE ----

static bool put(Run *run, ObjectDef *o, const AstCreateTrigger *t, bool *skipped, Err *err)
{
    Transaction *x = run->session->transaction;
    const ObjectDef *old =
        transaction_object_find(x, OBJECT_TRIGGER, o->database, o->schema, o->parent, o->name, run->mem);
    *skipped = old && t->if_not_exists;
    if (*skipped) {
        statement_notice(run, "trigger \"%.*s\" already exists, skipping", STR_ARG(o->name));
        return true;
    }
    if (!old) return transaction_object_create(x, o, &o->id, err);
    if (!t->or_replace)
        return err_set_at(err, "42710", t->name.at, "trigger \"%.*s\" for relation \"%.*s\" already exists",
                          STR_ARG(o->name), STR_ARG(ast_path_name(&t->table)));
    o->id = old->id;
    return transaction_object_replace(x, o, false, err);
}

bool triggers_create(Run *run, const AstCreateTrigger *t, Err *err)
{
    SearchFound found;
    Table *table;
    bool skipped;
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute CREATE TRIGGER in a read-only transaction");
    if (ddl_relation(run, &t->table, &found) && found.object && !str_equal(t->timing, STR("instead"))) {
        err_set_at(err, "42809", t->table.at, "\"%.*s\" is a view", STR_ARG(found.object->name));
        return err_note(err, "Views cannot have row-level BEFORE or AFTER triggers.");
    }
    if (!may_be(t, err) || !ddl_table(run, &t->table, false, &table, err)) return false;
    const TableDef *def = table_def(table);
    AccessThing of;
    access_of_table(run->session, def, run->mem, &of);
    if (!access_need(run->session, &of, RIGHT_TRIGGER, err)) return false;
    ObjectDef o = {.kind = OBJECT_TRIGGER,
                   .database = def->database,
                   .schema = def->schema,
                   .name = t->name.text,
                   .parent = def->id,
                   .temporary = str_starts(def->schema, STR("pg_temp")),
                   .owner = role_current_key(run->session)};
    object_set_field(&o, run->mem, "timing", t->timing);
    put_events(run, &o, t->events);
    if (!put_columns(run, &o, t, def, err)) return false;
    if (t->row || t->body.at) object_set_field(&o, run->mem, "row", t->row ? STR("") : STR_NONE);
    if (t->when.at) object_set_field(&o, run->mem, "when", t->when);
    if (t->body.at)
        object_set_field(&o, run->mem, "body", t->body);
    else if (!put_function(run, &o, t, err))
        return false;
    if (!put(run, &o, t, &skipped, err)) return false;
    ddl_changed(run);
    return skipped || body_check(run, o.id, t, def, err);
}

// ---- DROP, ENABLE, DISABLE ----

// Without ON a trigger of this name in the database, when it is the only one.
static bool find_alone(Run *run, Str name, const ObjectDef **out, size_t *count, Err *err)
{
    const ObjectDef **o;
    Str database;
    AstPath none = {.parts = 1, .at = -1};
    *count = 0;
    if (!ddl_database(run, &none, &database, err)) return false;
    size_t n = transaction_object_list(run->session->transaction, OBJECT_TRIGGER, database, run->mem, &o);
    for (size_t i = 0; i < n; i++) {
        if (!str_equal(o[i]->name, name)) continue;
        *out = o[i];
        ++*count;
    }
    return true;
}

bool triggers_drop(Run *run, const AstDropTrigger *d, Err *err)
{
    const ObjectDef *o = NULL;
    size_t count = 1;
    Table *table = NULL;
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute DROP TRIGGER in a read-only transaction");
    if (!d->table.parts && !find_alone(run, d->name.text, &o, &count, err)) return false;
    if (count > 1) {
        err_set_at(err, "42725", d->name.at, "trigger name \"%.*s\" is not unique", STR_ARG(d->name.text));
        return err_hint(err, "Name its table: DROP TRIGGER name ON table.");
    }
    if (d->table.parts) {
        if (!ddl_table(run, &d->table, d->if_exists, &table, err)) return false;
        if (!table) return true;
        const TableDef *def = table_def(table);
        o = transaction_object_find(run->session->transaction, OBJECT_TRIGGER, def->database, def->schema,
                                    def->id, d->name.text, run->mem);
    }
    if (o) {
        Table *of = transaction_table_by_id(run->session->transaction, o->parent);
        if (of && !access_table_owner(run, table_def(of), err)) return false;
        if (!transaction_object_drop(run->session->transaction, o->id, err)) return false;
        ddl_changed(run);
        return true;
    }
    Str on = table ? arena_printf(run->mem, " for relation \"%.*s\"", STR_ARG(table_def(table)->name))
                   : arena_printf(run->mem, "%s", "");
    Str also = table ? on : STR("");
    if (!d->if_exists)
        return err_set_at(err, "42704", d->name.at, "trigger \"%.*s\"%.*s does not exist",
                          STR_ARG(d->name.text), STR_ARG(also));
    statement_notice(run, "trigger \"%.*s\"%.*s does not exist, skipping", STR_ARG(d->name.text),
                     STR_ARG(also));
    return true;
}

bool triggers_switch(Run *run, const TableDef *def, Str name, bool on, int64_t at, Err *err)
{
    const ObjectDef **o;
    Transaction *t = run->session->transaction;
    size_t n = transaction_object_dependents(t, def->id, run->mem, &o), found = 0;
    for (size_t i = 0; i < n; i++) {
        if (o[i]->kind != OBJECT_TRIGGER || o[i]->parent != def->id ||
            (name.len && !str_equal(o[i]->name, name)))
            continue;
        ObjectDef *own = object_copy(o[i], run->mem);
        object_set_field(own, run->mem, "disabled", on ? STR_NONE : STR(""));
        if (!transaction_object_replace(t, own, false, err)) return false;
        found++;
    }
    ddl_changed(run);
    return found || !name.len ||
           err_set_at(err, "42704", at, "trigger \"%.*s\" for table \"%.*s\" does not exist", STR_ARG(name),
                      STR_ARG(def->name));
}
