// Look: answers to the functions of exec/fn_catalog.c. One function per question, one table of them.
#include "engine/base/clock.h"
#include "engine/base/size.h"
#include "engine/data/array.h"
#include "engine/db/look.h"
#include "engine/db/setting_run.h"
#include "engine/sql/print.h"

#include <stdlib.h>
#include <string.h>

typedef struct Question {
    Look *l;
    const Value *arg;
    uint32_t args;
    Value *out;
    Err *err;
} Question;
typedef bool (*Answer)(const Question *q);

static Str text_arg(const Question *q, uint32_t i) { return text_str(&q->arg[i].text); }
static bool is_pretty(const Question *q, uint32_t i)
{
    if (q->args <= i) return false;
    return q->arg[i].type.id != TYPE_BOOLEAN || q->arg[i].boolean;
}

static bool give_text(const Question *q, Str s)
{
    q->out->null = s.at == NULL;
    if (s.at) q->out->text = text_of(arena_copy(q->l->mem, s));
    return true;
}
static bool give_bool(const Question *q, bool value)
{
    q->out->null = false;
    q->out->boolean = value;
    return true;
}
static bool give_number(const Question *q, int64_t value)
{
    q->out->null = false;
    if (q->out->type.id == TYPE_INTEGER)
        q->out->i32 = (int32_t)value;
    else
        q->out->i64 = value;
    return true;
}

// ---- texts ----

static bool tell_format_type(const Question *q)
{
    if (q->arg[0].null) return true;
    return give_text(
        q, look_type_text(q->l, q->arg[0].i64, q->arg[1].null ? LOOK_MODIFIER_NONE : q->arg[1].i32));
}

static bool tell_expr(const Question *q)
{
    LookRelation r;
    LookSchema none;
    (void)none;
    Str text = text_arg(q, 0);
    if (!look_relation(q->l, q->arg[1].i64, &r) || !r.def) return give_text(q, text);
    // the texts of defaults carry their column's type in front, for literals
    size_t tab = str_find(text, STR("\t"), 0);
    Type target = type_of(TYPE_NULL);
    uint64_t column;
    if (tab != SIZE_MAX && str_to_uint64(str_slice(text, 0, tab), &column) && column < r.def->column_count) {
        target = r.def->column[column].type;
        text = str_slice(text, tab + 1, text.len);
    }
    return give_text(q, look_expr_text(q->l, text, r.def, target, is_pretty(q, 2)));
}

static bool tell_index(const Question *q)
{
    LookRelation r;
    if (!look_relation(q->l, q->arg[0].i64, &r) || !r.index) return true;
    return give_text(q, look_index_text(q->l, &r, q->args > 1 ? q->arg[1].i32 : 0, is_pretty(q, 2)));
}

static bool tell_constraint(const Question *q)
{
    LookConstraint c;
    if (!look_constraint(q->l, q->arg[0].i64, &c)) return true;
    Str text = look_constraint_text(q->l, &c, is_pretty(q, 1));
    return give_text(q, text);
}

static bool tell_view(const Question *q)
{
    LookRelation r;
    if (!look_relation(q->l, q->arg[0].i64, &r)) return true;
    return give_text(q, look_view_text(q->l, &r, is_pretty(q, 1)));
}

static bool tell_view_name(const Question *q)
{
    int64_t oid;
    LookRelation r;
    AstPath path;
    if (!search_parse(text_arg(q, 0), &path, q->l->mem, q->err)) return false;
    if (!look_relation_named(q->l, &path, &r))
        return err_set(q->err, SQLSTATE_UNDEFINED_TABLE, "relation \"%.*s\" does not exist",
                       STR_ARG(text_arg(q, 0)));
    oid = r.oid;
    (void)oid;
    return give_text(q, look_view_text(q->l, &r, is_pretty(q, 1)));
}

static bool tell_nothing(const Question *q)
{
    (void)q;
    return true;
}

// PostgreSQL's words, with the body where it has a function alone.
static bool tell_trigger(const Question *q)
{
    static const char *const word[] = {"insert", "delete", "update", "truncate"}, *const upper[] = {
                                                                                      "INSERT", "DELETE",
                                                                                      "UPDATE", "TRUNCATE"};
    LookRelation r;
    uint64_t id = 0;
    const ObjectDef *o = transaction_object_by_id(q->l->s->transaction, look_id(q->arg[0].i64), q->l->mem);
    if (!o || o->kind != OBJECT_TRIGGER || !look_relation(q->l, look_oid(o->parent), &r)) return true;
    Str timing = object_field(o, "timing"), events = object_field(o, "events"),
        when = object_field(o, "when");
    bool any = false, row = object_field(o, "row").at != NULL;
    Bytes out;
    bytes_init(&out, SCHEMA_TEXT_MAX);
    bytes_put(&out, STR("CREATE TRIGGER "));
    print_name(&out, o->name);
    bytes_put(&out, str_equal(timing, STR("after")) ? STR(" AFTER ") : STR(" BEFORE "));
    for (size_t i = 0; i < COUNT_OF(word); i++) {
        if (str_find(events, str_of(word[i]), 0) == SIZE_MAX) continue;
        if (any) bytes_put(&out, STR(" OR "));
        bytes_put(&out, str_of(upper[i]));
        any = true;
    }
    Str table = is_pretty(q, 1) ? look_relation_text(q->l, &r)
                                : arena_printf(q->l->mem, "%.*s.%.*s", STR_ARG(r.schema), STR_ARG(r.name));
    bytes_printf(&out, " ON %.*s FOR EACH %s ", STR_ARG(table), row ? "ROW" : "STATEMENT");
    if (when.at) bytes_printf(&out, "WHEN (%.*s) ", STR_ARG(when));
    const ObjectDef *f = str_to_uint64(object_field(o, "function"), &id)
                             ? transaction_object_by_id(q->l->s->transaction, id, q->l->mem)
                             : NULL;
    if (f)
        bytes_printf(&out, "EXECUTE FUNCTION %.*s", STR_ARG(f->name));
    else
        bytes_put(&out, object_field(o, "body"));
    bool good = out.failed
                    ? err_set(q->err, SQLSTATE_LIMIT, "the definition of %.*s is too long", STR_ARG(o->name))
                    : give_text(q, bytes_str(&out));
    bytes_done(&out);
    return good;
}

static const LookFunction *function_arg(const Question *q)
{
    LookFunction *f;
    size_t n = look_functions(q->l, &f);
    for (size_t i = 0; i < n; i++)
        if (f[i].oid == q->arg[0].i64) return &f[i];
    return NULL;
}

static bool tell_arguments(const Question *q)
{
    const LookFunction *f = function_arg(q);
    return !f || give_text(q, look_function_arguments(q->l, f));
}

static bool tell_result(const Question *q)
{
    const LookFunction *f = function_arg(q);
    return !f || give_text(q, look_function_result(q->l, f));
}

static bool tell_user(const Question *q) { return give_text(q, look_role_name(q->l, q->arg[0].i64)); }

// ---- visibility, comments ----

static bool tell_table_visible(const Question *q)
{
    LookRelation r;
    return !look_relation(q->l, q->arg[0].i64, &r) || give_bool(q, look_relation_visible(q->l, &r));
}

static bool tell_type_visible(const Question *q)
{
    LookType t;
    if (!look_type(q->l, q->arg[0].i64, &t)) return true;
    bool visible = !t.object;
    for (uint32_t i = 0; t.object && i < q->l->search.schemas; i++)
        visible |= str_equal(q->l->search.schema[i], t.object->schema);
    return give_bool(q, visible);
}

static bool tell_function_visible(const Question *q) { return give_bool(q, true); }

static int64_t catalog_oid(Str name)
{
    static const struct {
        const char *name;
        int64_t oid;
    } list[] = {{"pg_class", LOOK_PG_CLASS},         {"pg_constraint", LOOK_PG_CONSTRAINT},
                {"pg_namespace", LOOK_PG_NAMESPACE}, {"pg_type", LOOK_PG_TYPE},
                {"pg_proc", LOOK_PG_PROC},           {"pg_trigger", LOOK_PG_TRIGGER},
                {"pg_database", LOOK_PG_DATABASE}};
    for (size_t i = 0; i < COUNT_OF(list); i++)
        if (str_equal(name, str_of(list[i].name))) return list[i].oid;
    return -1;
}

static bool tell_comment(const Question *q)
{
    return give_text(q, look_comment_of(q->l, q->arg[0].i64, q->args > 1 ? catalog_oid(text_arg(q, 1)) : 0));
}

static bool tell_comment_column(const Question *q)
{
    LookRelation r;
    const ColumnDef *column;
    if (!look_relation(q->l, q->arg[0].i64, &r) || r.system || r.index) return true;
    uint32_t n = r.def ? r.def->column_count : look_columns(q->l, &r, &column);
    if (r.def) column = r.def->column;
    int32_t at = q->arg[1].i32;
    if (at < 1 || (uint32_t)at > n) return true;
    return give_text(q, look_comment(q->l, r.schema, look_id(r.oid), column[at - 1].name));
}

static bool tell_comment_shared(const Question *q)
{
    Str *name;
    size_t n = store_databases(q->l->s->engine->store, q->l->mem, &name);
    if (catalog_oid(text_arg(q, 1)) != LOOK_PG_DATABASE) return true;
    for (size_t i = 0; i < n; i++) {
        if (look_database_oid(q->l, name[i]) != q->arg[0].i64) continue;
        Look there = *q->l;
        there.search.database = name[i];
        return give_text(q, look_comment(&there, STR(""), 0, STR("database")));
    }
    return true;
}

static bool tell_schemas(const Question *q)
{
    const SearchPath *p = &q->l->search;
    Text *name = arena_array(q->l->mem, Text, p->schemas + 3);
    uint32_t n = 0;
    bool implicit = q->arg[0].boolean;
    if (implicit && p->temporary.len) name[n++] = text_of(p->temporary);
    bool named = false;
    for (uint32_t i = 0; i < p->schemas; i++) named |= str_equal(p->schema[i], STR("pg_catalog"));
    if (implicit && !named) name[n++] = text_of(STR("pg_catalog"));
    for (uint32_t i = 0; i < p->schemas; i++)
        if (look_schema_oid(q->l, p->schema[i])) name[n++] = text_of(p->schema[i]);
    q->out->null = false;
    return array_make_list(&q->out->text, type_of(TYPE_NAME), name, NULL, n, q->l->mem, q->err);
}

static bool tell_find(const Question *q)
{
    Err missing = {.at = -1};
    int64_t oid;
    Str name = text_arg(q, 1);
    bool digits = name.len > 0;
    for (size_t i = 0; i < name.len; i++) digits &= name.at[i] >= '0' && name.at[i] <= '9';
    if (digits && str_to_int64(name, &oid)) return give_number(q, oid);
    if (!look_name_to_oid(q->l->s, (TypeId)q->arg[0].i32, name, &oid, &missing)) return true;
    return give_number(q, oid);
}

// ---- privileges: every user may do everything with what there is ----

static bool tell_has_table(const Question *q)
{
    LookRelation r;
    const Value *which = &q->arg[q->args - 2];
    AstPath path;
    if (which->type.id == TYPE_OID) {
        if (!look_relation(q->l, which->i64, &r)) return true;
    } else {
        if (!search_parse(text_str(&which->text), &path, q->l->mem, q->err)) return false;
        if (!look_relation_named(q->l, &path, &r))
            return err_set(q->err, SQLSTATE_UNDEFINED_TABLE, "relation \"%.*s\" does not exist",
                           STR_ARG(text_str(&which->text)));
    }
    Str what = text_arg(q, q->args - 1);
    return give_bool(q, !r.system || str_equal_fold(what, STR("select")));
}

static bool tell_has_database(const Question *q)
{
    const Value *which = &q->arg[q->args - 2];
    if (which->type.id == TYPE_OID) return give_bool(q, true);
    if (store_database_exists(q->l->s->engine->store, text_str(&which->text))) return give_bool(q, true);
    return err_set(q->err, "3D000", "database \"%.*s\" does not exist", STR_ARG(text_str(&which->text)));
}

// Of roles there are the users themselves, and administrators, who have all.
static bool tell_has_role(const Question *q)
{
    const Value *which = &q->arg[q->args - 2];
    Session *s = q->l->s;
    bool own = which->type.id == TYPE_OID ? which->i64 == look_role_oid(q->l, str_of(s->user_hash))
                                          : str_equal(text_str(&which->text), str_of(s->user));
    return give_bool(q, own || s->administrator);
}

// ---- the session, sizes ----

static bool tell_started(const Question *q) { return give_number(q, q->l->s->engine->opened_us); }
static bool tell_transaction(const Question *q)
{
    return give_number(q, (int64_t)transaction_number(q->l->s->transaction));
}

static bool tell_size(const Question *q)
{
    LookRelation r;
    int64_t bytes = 0;
    if (!look_relation(q->l, q->arg[0].i64, &r)) return true;
    if (r.def && !r.index && !store_table_bytes(q->l->s->engine->store, r.def->id, &bytes, q->err))
        return false;
    return give_number(q, bytes);
}

static bool tell_size_indexes(const Question *q) { return give_number(q, 0); }

static bool database_size(const Question *q, Str database)
{
    const TableDef **def;
    int64_t all = 0;
    size_t n = transaction_tables(q->l->s->transaction, database, q->l->mem, &def);
    for (size_t i = 0; i < n; i++) {
        int64_t bytes = 0;
        if (!store_table_bytes(q->l->s->engine->store, def[i]->id, &bytes, q->err)) return false;
        all += bytes;
    }
    return give_number(q, all);
}

static bool tell_size_database_of(const Question *q)
{
    if (store_database_exists(q->l->s->engine->store, text_arg(q, 0)))
        return database_size(q, text_arg(q, 0));
    return err_set(q->err, "3D000", "database \"%.*s\" does not exist", STR_ARG(text_arg(q, 0)));
}

static bool tell_size_database(const Question *q)
{
    Str *name;
    size_t n = store_databases(q->l->s->engine->store, q->l->mem, &name);
    for (size_t i = 0; i < n; i++)
        if (look_database_oid(q->l, name[i]) == q->arg[0].i64) return database_size(q, name[i]);
    return true;
}

static bool tell_type_of(const Question *q) { return give_number(q, look_type_oid(q->arg[0].type)); }

// Another session of the same user, or any for an administrator: 42501.
static bool stop(const Question *q, bool end)
{
    Session *by = q->l->s;
    Engine *e = by->engine;
    bool found = false, allowed = false;
    mutex_lock(&e->lock);
    for (Session *s = e->session; s && !found; s = s->next) {
        if ((int64_t)s->number != q->arg[0].i32) continue;
        found = true;
        allowed = by->administrator || str_equal(str_of(s->user_hash), str_of(by->user_hash));
        if (allowed) source_cancel(&s->source);
    }
    mutex_unlock(&e->lock);
    if (found && !allowed)
        return err_set(q->err, "42501", "must be the same user to stop a session's statement");
    if (found && end) return err_set(q->err, SQLSTATE_UNSUPPORTED, "pg_terminate_backend is not supported");
    return give_bool(q, found);
}
static bool tell_cancel(const Question *q) { return stop(q, false); }
static bool tell_terminate(const Question *q)
{
    return err_set(q->err, SQLSTATE_UNSUPPORTED, "pg_terminate_backend is not supported");
}

static bool tell_publishable(const Question *q)
{
    LookRelation r;
    if (!look_relation(q->l, q->arg[0].i64, &r)) return true;
    return give_bool(q, r.kind == 'r' && !r.system && !r.def->temporary);
}

static bool tell_sequence_last(const Question *q)
{
    SequenceState state;
    LookRelation r;
    if (!look_relation(q->l, q->arg[0].i64, &r) || r.kind != 'S') return true;
    if (!sequence_state(q->l->s->transaction, r.object->id, &state, q->err)) return false;
    return !state.called || give_number(q, state.last);
}

static bool tell_index_column(const Question *q)
{
    LookRelation r;
    int32_t at = q->arg[1].i32 - 1;
    Str what = text_arg(q, 2);
    if (!look_relation(q->l, q->arg[0].i64, &r) || !r.index || at < 0 || at >= r.index->column_count)
        return true;
    bool down = r.index->descending >> at & 1, first = r.index->nulls_first >> at & 1;
    if (str_equal(what, STR("asc"))) return give_bool(q, !down);
    if (str_equal(what, STR("desc"))) return give_bool(q, down);
    if (str_equal(what, STR("nulls_first"))) return give_bool(q, first);
    if (str_equal(what, STR("nulls_last"))) return give_bool(q, !first);
    bool known = str_equal(what, STR("orderable")) || str_equal(what, STR("returnable")) ||
                 str_equal(what, STR("search_array")) || str_equal(what, STR("search_nulls"));
    return !known || give_bool(q, true);
}

bool look_tell(void *db, CatalogAsk ask, const Value *arg, uint32_t args, Value *out, Arena *mem, Err *err)
{
    static const Answer answer[CATALOG_ASKS] = {
        [CATALOG_FORMAT_TYPE] = tell_format_type,
        [CATALOG_EXPR] = tell_expr,
        [CATALOG_INDEX] = tell_index,
        [CATALOG_CONSTRAINT] = tell_constraint,
        [CATALOG_VIEW] = tell_view,
        [CATALOG_VIEW_NAME] = tell_view_name,
        [CATALOG_TRIGGER] = tell_trigger,
        [CATALOG_FUNCTION] = tell_nothing,
        [CATALOG_FUNCTION_ARGUMENTS] = tell_arguments,
        [CATALOG_FUNCTION_IDENTITY] = tell_arguments,
        [CATALOG_FUNCTION_RESULT] = tell_result,
        [CATALOG_RULE] = tell_nothing,
        [CATALOG_USER] = tell_user,
        [CATALOG_TABLE_VISIBLE] = tell_table_visible,
        [CATALOG_TYPE_VISIBLE] = tell_type_visible,
        [CATALOG_FUNCTION_VISIBLE] = tell_function_visible,
        [CATALOG_COMMENT] = tell_comment,
        [CATALOG_COMMENT_COLUMN] = tell_comment_column,
        [CATALOG_COMMENT_SHARED] = tell_comment_shared,
        [CATALOG_SCHEMAS] = tell_schemas,
        [CATALOG_FIND] = tell_find,
        [CATALOG_HAS_TABLE] = tell_has_table,
        [CATALOG_HAS_DATABASE] = tell_has_database,
        [CATALOG_HAS_ROLE] = tell_has_role,
        [CATALOG_STARTED] = tell_started,
        [CATALOG_SIZE] = tell_size,
        [CATALOG_SIZE_INDEXES] = tell_size_indexes,
        [CATALOG_SIZE_DATABASE] = tell_size_database,
        [CATALOG_SIZE_DATABASE_OF] = tell_size_database_of,
        [CATALOG_TYPE_OF] = tell_type_of,
        [CATALOG_TRANSACTION] = tell_transaction,
        [CATALOG_CANCEL] = tell_cancel,
        [CATALOG_TERMINATE] = tell_terminate,
        [CATALOG_PUBLISHABLE] = tell_publishable,
        [CATALOG_SEQUENCE_LAST] = tell_sequence_last,
        [CATALOG_INDEX_COLUMN] = tell_index_column,
    };
    Look l = look_at(db, mem, err);
    const Question q = {&l, arg, args, out, err};
    return answer[ask](&q);
}
