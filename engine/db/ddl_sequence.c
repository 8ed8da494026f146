// DDL: sequences: their options, those that serial and identity columns bring, and their names in defaults.
#include "engine/db/access.h"
#include "engine/db/ddl_object.h"

#include "engine/sql/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct Options {
    Type type;
    int64_t increment, min, max, start, cache, restart;
    bool cycle, restarts, restart_given, start_given, min_given, max_given, owned_given;
    const AstExpr *owner; // NULL with owned_given: OWNED BY NONE
} Options;

static void limits(TypeId id, int64_t *min, int64_t *max)
{
    *min = id == TYPE_SMALLINT ? INT16_MIN : id == TYPE_INTEGER ? INT32_MIN : INT64_MIN;
    *max = id == TYPE_SMALLINT ? INT16_MAX : id == TYPE_INTEGER ? INT32_MAX : INT64_MAX;
}

// ---- reading ----

static bool number(const AstOption *o, int64_t *out, Err *err)
{
    const AstExpr *e = o->value;
    bool negative = e && e->kind == AST_OPERATOR && !e->a && str_equal(e->text, STR("-"));
    if (negative) e = e->b;
    Str text = e && e->kind == AST_NUMBER ? e->text : STR("");
    char room[64];
    snprintf(room, sizeof room, "%s%.*s", negative ? "-" : "", STR_ARG(str_slice(text, 0, 40)));
    return str_to_int64(str_of(room), out) ||
           err_set_at(err, SQLSTATE_OUT_OF_RANGE, o->name.at, "value \"%s\" is out of range for type bigint",
                      room);
}

static bool type_option(Options *x, const AstOption *o, Err *err)
{
    if (!search_type(NULL, o->value->type, NULL, 0, NULL, &x->type, err)) return false;
    return type_is_integer(x->type.id) ||
           err_set_at(err, "22023", o->name.at, "sequence type must be smallint, integer, or bigint");
}

static bool owned_option(Options *x, const AstOption *o, Err *err)
{
    const AstPath *path = o->value->path;
    x->owned_given = true;
    bool none = path->parts == 1 && str_equal(path->part[0].text, STR("none"));
    x->owner = none ? NULL : o->value;
    if (none || path->parts > 1) return true;
    err_set_at(err, SQLSTATE_SYNTAX, o->name.at, "invalid OWNED BY option");
    return err_hint(err, "Specify OWNED BY table.column or OWNED BY NONE.");
}

static bool one_option(Options *x, const AstOption *o, Err *err)
{
    Str n = o->name.text;
    if (str_equal(n, STR("as"))) return type_option(x, o, err);
    if (str_equal(n, STR("increment"))) return number(o, &x->increment, err);
    if (str_equal(n, STR("minvalue"))) return (x->min_given = number(o, &x->min, err));
    if (str_equal(n, STR("maxvalue"))) return (x->max_given = number(o, &x->max, err));
    if (str_equal(n, STR("start"))) return (x->start_given = number(o, &x->start, err));
    if (str_equal(n, STR("cache"))) return number(o, &x->cache, err);
    if (str_equal(n, STR("cycle"))) x->cycle = true;
    if (str_equal(n, STR("no cycle"))) x->cycle = false;
    if (str_equal(n, STR("no minvalue"))) x->min_given = false;
    if (str_equal(n, STR("no maxvalue"))) x->max_given = false;
    if (str_equal(n, STR("owned by"))) return owned_option(x, o, err);
    if (!str_equal(n, STR("restart"))) return true;
    x->restarts = true;
    x->restart_given = o->value != NULL;
    return !o->value || number(o, &x->restart, err);
}

static bool read_options(Options *x, const AstOptions *list, Err *err)
{
    for (uint32_t i = 0; i < list->count; i++) {
        for (uint32_t k = 0; k < i; k++)
            if (str_equal(list->at[i].name.text, list->at[k].name.text))
                return err_set_at(err, SQLSTATE_SYNTAX, list->at[i].name.at,
                                  "conflicting or redundant options");
        if (!one_option(x, &list->at[i], err)) return false;
    }
    return true;
}

static bool in_type(const Options *x, int64_t v, const char *word, Err *err)
{
    int64_t low, high;
    limits(x->type.id, &low, &high);
    return (v >= low && v <= high) ||
           err_set(err, "22023", "%s (%" PRId64 ") is out of range for sequence data type %s", word, v,
                   type_name(x->type.id));
}

// What PostgreSQL checks, in its order.
static bool settle(Options *x, Err *err)
{
    int64_t low, high;
    limits(x->type.id, &low, &high);
    if (x->increment == 0) return err_set(err, "22023", "INCREMENT must not be zero");
    if (!x->max_given) x->max = x->increment > 0 ? high : -1;
    if (!x->min_given) x->min = x->increment > 0 ? 1 : low;
    if (!in_type(x, x->max, "MAXVALUE", err) || !in_type(x, x->min, "MINVALUE", err)) return false;
    if (x->min >= x->max)
        return err_set(err, "22023", "MINVALUE (%" PRId64 ") must be less than MAXVALUE (%" PRId64 ")",
                       x->min, x->max);
    if (!x->start_given) x->start = x->increment > 0 ? x->min : x->max;
    if (x->start < x->min)
        return err_set(err, "22023", "START value (%" PRId64 ") cannot be less than MINVALUE (%" PRId64 ")",
                       x->start, x->min);
    if (x->start > x->max)
        return err_set(err, "22023",
                       "START value (%" PRId64 ") cannot be greater than MAXVALUE (%" PRId64 ")", x->start,
                       x->max);
    if (!x->restart_given) x->restart = x->start;
    if (x->restart < x->min)
        return err_set(err, "22023", "RESTART value (%" PRId64 ") cannot be less than MINVALUE (%" PRId64 ")",
                       x->restart, x->min);
    if (x->restart > x->max)
        return err_set(err, "22023",
                       "RESTART value (%" PRId64 ") cannot be greater than MAXVALUE (%" PRId64 ")",
                       x->restart, x->max);
    return x->cache > 0 || err_set(err, "22023", "CACHE (%" PRId64 ") must be greater than zero", x->cache);
}

static void put_number(ObjectDef *def, Arena *mem, const char *field, int64_t v)
{
    object_set_field(def, mem, field, arena_printf(mem, "%" PRId64, v));
}

static void put_fields(const Options *x, ObjectDef *def, Arena *mem)
{
    object_set_field(def, mem, "type", str_of(type_name(x->type.id)));
    put_number(def, mem, "increment", x->increment);
    put_number(def, mem, "min", x->min);
    put_number(def, mem, "max", x->max);
    put_number(def, mem, "start", x->start);
    put_number(def, mem, "cache", x->cache);
    object_set_field(def, mem, "cycle", x->cycle ? STR("") : STR_NONE);
    object_set_field(def, mem, "restart", STR_NONE);
    if (x->restarts) put_number(def, mem, "restart", x->restart);
}

static int64_t get_number(const ObjectDef *def, const char *field)
{
    int64_t v = 0;
    (void)str_to_int64(object_field(def, field), &v);
    return v;
}

static void get_fields(Options *x, const ObjectDef *def)
{
    *x = (Options){.type = type_of(TYPE_BIGINT)};
    Str type = object_field(def, "type");
    if (str_equal(type, STR("integer"))) x->type = type_of(TYPE_INTEGER);
    if (str_equal(type, STR("smallint"))) x->type = type_of(TYPE_SMALLINT);
    x->increment = get_number(def, "increment");
    x->min = get_number(def, "min");
    x->max = get_number(def, "max");
    x->start = get_number(def, "start");
    x->cache = get_number(def, "cache");
    x->cycle = object_field(def, "cycle").at != NULL;
    x->min_given = x->max_given = x->start_given = true;
}

// ---- OWNED BY ----

static bool own(Run *run, const Options *x, ObjectDef *def, Err *err)
{
    if (!x->owned_given) return true;
    def->parent = 0;
    object_set_field(def, run->mem, "column", STR_NONE);
    if (!x->owner) return true;
    AstPath path = *x->owner->path;
    Str column = path.part[--path.parts].text;
    Table *table;
    if (!ddl_table(run, &path, false, &table, err)) return false;
    if (schema_column(table_def(table), column) < 0)
        return err_set_at(err, SQLSTATE_UNDEFINED_COLUMN, path.at,
                          "column \"%.*s\" of relation \"%.*s\" does not exist", STR_ARG(column),
                          STR_ARG(table_def(table)->name));
    if (!str_equal(table_def(table)->schema, def->schema))
        return err_set_at(err, "55000", path.at, "sequence must be in same schema as table it is linked to");
    def->dependency_count = 0;
    object_add_dependency(def, run->mem, table_def(table)->id);
    object_set_field(def, run->mem, "column", column);
    return true;
}

// ---- CREATE, ALTER ----

static bool create(Run *run, const AstSequence *q, Err *err)
{
    SearchPlace place;
    bool taken;
    Options x = {.type = type_of(TYPE_BIGINT), .increment = 1, .cache = 1};
    if (q->temporary ? !ddl_temporary_place(run, &place, err) : !ddl_new_place(run, &q->name, &place, err))
        return false;
    if (!ddl_name_taken(run, &place, &q->name, q->if_not_exists, &taken, err)) return false;
    if (taken) return true;
    if (!read_options(&x, &q->options, err) || !settle(&x, err)) return false;
    ObjectDef def = {.kind = OBJECT_SEQUENCE,
                     .database = place.database,
                     .schema = place.schema,
                     .name = ast_path_name(&q->name),
                     .owner = role_current_key(run->session),
                     .temporary = str_starts(place.schema, STR("pg_temp"))};
    put_fields(&x, &def, run->mem);
    uint64_t id;
    Transaction *t = run->session->transaction;
    return own(run, &x, &def, err) && transaction_object_create(t, &def, &id, err) &&
           access_own_object(run, transaction_object_by_id(t, id, run->mem), err);
}

static bool alter(Run *run, const AstSequence *q, Err *err)
{
    SearchFound found;
    Options x;
    if (!ddl_relation(run, &q->name, &found)) {
        if (!q->if_exists)
            return err_set_at(err, SQLSTATE_UNDEFINED_TABLE, q->name.at, "relation \"%.*s\" does not exist",
                              STR_ARG(ddl_path_text(run, &q->name)));
        statement_notice(run, "relation \"%.*s\" does not exist, skipping", STR_ARG(ast_path_name(&q->name)));
        return true;
    }
    if (!found.object || found.object->kind != OBJECT_SEQUENCE)
        return err_set_at(err, "42809", q->name.at, "\"%.*s\" is not a sequence",
                          STR_ARG(ast_path_name(&q->name)));
    AccessThing of;
    access_of_object(run->session, found.object, run->mem, &of);
    if (!access_owner(run, &of, false, err)) return false;
    get_fields(&x, found.object);
    TypeId before = x.type.id;
    int64_t low, high;
    limits(before, &low, &high);
    bool default_max = x.max == high, default_min = x.min == low;
    if (!read_options(&x, &q->options, err)) return false;
    if (x.type.id != before && default_max && x.max == high) limits(x.type.id, &low, &x.max);
    if (x.type.id != before && default_min && x.min == low) limits(x.type.id, &x.min, &high);
    if (!settle(&x, err)) return false;
    ObjectDef *def = object_copy(found.object, run->mem);
    put_fields(&x, def, run->mem);
    return own(run, &x, def, err) &&
           transaction_object_replace(run->session->transaction, def, x.restarts, err);
}

bool ddl_sequence(Run *run, const AstSequence *q, Err *err)
{
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute %s in a read-only transaction", run->tag);
    run->tag = q->alter ? "ALTER SEQUENCE" : "CREATE SEQUENCE";
    if (!(q->alter ? alter : create)(run, q, err)) {
        if (err->at < 0) err->at = q->name.at;
        return false;
    }
    ddl_changed(run);
    return true;
}

// ---- of columns ----

Str ddl_sequence_call(Arena *mem, const ObjectDef *sequence)
{
    Bytes name, call;
    bytes_init(&name, 8 * SCHEMA_NAME_MAX);
    bytes_init(&call, 32 * SCHEMA_NAME_MAX);
    print_name(&name, sequence->schema);
    bytes_put_byte(&name, '.');
    print_name(&name, sequence->name);
    bytes_put(&call, STR("nextval("));
    print_string(&call, bytes_str(&name));
    bytes_put(&call, STR("::regclass)"));
    Str text = arena_copy(mem, bytes_str(&call));
    bytes_done(&name);
    bytes_done(&call);
    return text;
}

// "t_c_seq", with a number when that is taken.
static Str free_name(const Draft *d, Str column)
{
    Transaction *t = d->run->session->transaction;
    Arena *mem = d->run->mem;
    Str base = d->def->name, name = STR_NONE;
    for (unsigned n = 0; n < 100000; n++) {
        char tail[32];
        snprintf(tail, sizeof tail, n ? "_seq%u" : "_seq", n);
        Str both = arena_printf(mem, "%.*s_%.*s", STR_ARG(base), STR_ARG(column));
        size_t room = AST_NAME_MAX - strlen(tail), keep = both.len < room ? both.len : room;
        while (keep && keep < both.len && ((unsigned char)both.at[keep] & 0xc0) == 0x80) keep--;
        name = arena_printf(mem, "%.*s%s", (int)keep, both.at, tail);
        if (!transaction_table_in(t, d->def->database, d->def->schema, name) &&
            !transaction_object_find(t, OBJECT_SEQUENCE, d->def->database, d->def->schema, 0, name, mem))
            break;
    }
    return name;
}

bool ddl_sequence_of_column(Draft *d, int column, const AstOptions *options, Err *err)
{
    ColumnDef *c = &d->def->column[column];
    Options x = {.type = type_of(c->type.id), .increment = 1, .cache = 1};
    if ((options && !read_options(&x, options, err)) || !settle(&x, err)) return false;
    ObjectDef def = {.kind = OBJECT_SEQUENCE,
                     .database = d->def->database,
                     .schema = d->def->schema,
                     .name = free_name(d, c->name),
                     .owner = role_current_key(d->run->session),
                     .temporary = d->def->temporary};
    put_fields(&x, &def, d->run->mem);
    object_set_field(&def, d->run->mem, "column", c->name);
    object_set_field(&def, d->run->mem, "internal", c->numbering ? STR("") : STR_NONE);
    if (d->old) object_add_dependency(&def, d->run->mem, d->old->id);
    if (!transaction_object_create(d->run->session->transaction, &def, NULL, err)) return false;
    c->default_text = ddl_sequence_call(d->run->mem, &def);
    return true;
}

static const ObjectDef *of_default(Run *run, const TableDef *def, Str text)
{
    const ObjectDef **o;
    size_t n =
        transaction_object_list(run->session->transaction, OBJECT_SEQUENCE, def->database, run->mem, &o);
    for (size_t i = 0; i < n; i++)
        if (o[i]->dependency_count == 0 && object_field(o[i], "column").at &&
            str_equal(ddl_sequence_call(run->mem, o[i]), text))
            return o[i];
    return NULL;
}

bool ddl_sequences_own(Run *run, const TableDef *def, Err *err)
{
    for (uint16_t i = 0; i < def->column_count; i++) {
        const ColumnDef *c = &def->column[i];
        if (!c->default_text.at || !str_starts(c->default_text, STR("nextval("))) continue;
        const ObjectDef *o = of_default(run, def, c->default_text);
        if (!o) continue;
        ObjectDef *mine = object_copy(o, run->mem);
        object_add_dependency(mine, run->mem, def->id);
        if (!transaction_object_replace(run->session->transaction, mine, false, err)) return false;
    }
    return true;
}

static bool replace_text(Arena *mem, Str *text, Str from, Str to)
{
    size_t at = text->at ? str_find(*text, from, 0) : SIZE_MAX;
    if (at == SIZE_MAX) return false;
    *text = arena_printf(mem, "%.*s%.*s%.*s", (int)at, text->at, STR_ARG(to),
                         STR_ARG(str_slice(*text, at + from.len, text->len)));
    return true;
}

bool ddl_sequence_moved(Run *run, const ObjectDef *was, const ObjectDef *now, Err *err)
{
    Transaction *t = run->session->transaction;
    const TableDef **def;
    Str from = ddl_sequence_call(run->mem, was), to = ddl_sequence_call(run->mem, now);
    size_t n = transaction_tables(t, now->database, run->mem, &def);
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        TableDef *mine = schema_copy(def[i], run->mem);
        for (uint16_t c = 0; c < mine->column_count; c++)
            found |= replace_text(run->mem, &mine->column[c].default_text, from, to);
        Table *table = found ? transaction_table_by_id(t, mine->id) : NULL;
        if (table && !transaction_alter_table(t, table, mine, err)) return false;
    }
    return true;
}

static bool name_in_full(const AstExpr *e, void *arg)
{
    Run *run = arg;
    if (e->kind != AST_CALL || e->call->args.count != 1 ||
        !str_equal(ast_path_name(&e->call->name), STR("nextval")))
        return true;
    AstExpr **at = &e->call->args.at[0], *name = *at;
    if (name->kind == AST_CAST && str_equal(name->type->name, STR("regclass"))) name = name->a;
    SearchPath search;
    SearchFound found;
    AstPath path;
    Err err = {0};
    session_search(run->session, &search);
    if (name->kind != AST_STRING || !search_parse(name->text, &path, run->mem, &err) ||
        !search_relation(&search, &path, run->mem, &found) || !found.object)
        return true;
    Bytes text;
    bytes_init(&text, 8 * SCHEMA_NAME_MAX);
    print_name(&text, found.object->schema);
    bytes_put_byte(&text, '.');
    print_name(&text, found.object->name);
    AstExpr *string = arena_new(run->mem, AstExpr), *cast = arena_new(run->mem, AstExpr);
    *string = (AstExpr){.kind = AST_STRING, .at = name->at, .text = arena_copy(run->mem, bytes_str(&text))};
    bytes_done(&text);
    AstType *type = arena_new(run->mem, AstType);
    *type = (AstType){.schema.at = -1, .name = STR("regclass"), .at = name->at};
    *cast = (AstExpr){.kind = AST_CAST, .at = name->at, .a = string, .type = type};
    *at = cast;
    return true;
}

void ddl_sequence_names(Run *run, AstExpr *e) { ast_expr_walk(e, name_in_full, run); }

// ---- TRUNCATE … RESTART IDENTITY ----

bool ddl_sequences_restart(Run *run, const TableDef *def, Err *err)
{
    const ObjectDef **o;
    Transaction *t = run->session->transaction;
    size_t n = transaction_object_dependents(t, def->id, run->mem, &o);
    for (size_t i = 0; i < n; i++) {
        if (o[i]->kind != OBJECT_SEQUENCE || !object_field(o[i], "column").at) continue;
        ObjectDef *mine = object_copy(o[i], run->mem);
        object_set_field(mine, run->mem, "restart", STR_NONE);
        if (!transaction_object_replace(t, mine, true, err)) return false;
    }
    return true;
}
