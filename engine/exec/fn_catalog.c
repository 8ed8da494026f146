// Functions that tell of the dictionary and the session: their answers come from db (catalog.h). Names,
// argument types and results are those of PostgreSQL 15's pg_proc.
#include "engine/exec/catalog.h"
#include "engine/exec/exec.h"
#include "engine/exec/fn.h"

static bool tell(CatalogAsk ask, const Vector *arg, uint32_t args, const uint16_t *sel, uint32_t count,
                 Vector *out, KernelContext *ctx)
{
    Value value[FUNCTION_ARGS_MAX];
    if (!ctx->exec || !ctx->exec->tell)
        return err_set(ctx->err, SQLSTATE_UNSUPPORTED, "the catalog cannot be asked here");
    FN_ROWS(r, {
        Value answer = value_null(out->type);
        for (uint32_t i = 0; i < args; i++) value[i] = vector_value(&arg[i], r);
        if (!ctx->exec->tell(ctx->exec->db, ask, value, args, &answer, ctx->mem, ctx->err)) return false;
        if (answer.null)
            vector_set_null(out, r);
        else
            vector_set_value(out, r, &answer);
    });
    return true;
}

#define ASK(name, ask)                                                                                       \
    FN_KERNEL(name) { return tell(ask, arg, args, sel, count, out, ctx); }
ASK(format_type, CATALOG_FORMAT_TYPE)
ASK(get_expr, CATALOG_EXPR)
ASK(get_index, CATALOG_INDEX)
ASK(get_constraint, CATALOG_CONSTRAINT)
ASK(get_view, CATALOG_VIEW)
ASK(get_view_name, CATALOG_VIEW_NAME)
ASK(get_trigger, CATALOG_TRIGGER)
ASK(get_function, CATALOG_FUNCTION)
ASK(get_arguments, CATALOG_FUNCTION_ARGUMENTS)
ASK(get_identity, CATALOG_FUNCTION_IDENTITY)
ASK(get_result, CATALOG_FUNCTION_RESULT)
ASK(get_rule, CATALOG_RULE)
ASK(get_user, CATALOG_USER)
ASK(table_visible, CATALOG_TABLE_VISIBLE)
ASK(type_visible, CATALOG_TYPE_VISIBLE)
ASK(function_visible, CATALOG_FUNCTION_VISIBLE)
ASK(comment, CATALOG_COMMENT)
ASK(comment_column, CATALOG_COMMENT_COLUMN)
ASK(comment_shared, CATALOG_COMMENT_SHARED)
ASK(schemas, CATALOG_SCHEMAS)
ASK(has_table, CATALOG_HAS_TABLE)
ASK(has_database, CATALOG_HAS_DATABASE)
ASK(has_role, CATALOG_HAS_ROLE)
ASK(started, CATALOG_STARTED)
ASK(size, CATALOG_SIZE)
ASK(size_indexes, CATALOG_SIZE_INDEXES)
ASK(size_database, CATALOG_SIZE_DATABASE)
ASK(size_database_of, CATALOG_SIZE_DATABASE_OF)
ASK(type_of_value, CATALOG_TYPE_OF)
ASK(transaction, CATALOG_TRANSACTION)
ASK(cancel, CATALOG_CANCEL)
ASK(terminate, CATALOG_TERMINATE)
ASK(publishable, CATALOG_PUBLISHABLE)
ASK(sequence_last, CATALOG_SEQUENCE_LAST)
ASK(index_column, CATALOG_INDEX_COLUMN)

// to_regclass and the like: NULL where a cast would fail. The kind goes in front of the text.
static bool find(TypeId kind, const Vector *arg, const uint16_t *sel, uint32_t count, Vector *out,
                 KernelContext *ctx)
{
    const Value word = {.type = type_of(TYPE_INTEGER), .i32 = (int32_t)kind};
    const Vector pair[2] = {vector_constant(ctx->mem, &word), arg[0]};
    return tell(CATALOG_FIND, pair, 2, sel, count, out, ctx);
}
#define FIND(name, kind)                                                                                     \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        (void)args;                                                                                          \
        return find(kind, arg, sel, count, out, ctx);                                                        \
    }
FIND(to_class, TYPE_REGCLASS)
FIND(to_type, TYPE_REGTYPE)
FIND(to_function, TYPE_REGPROC)
FIND(to_namespace, TYPE_REGNAMESPACE)

#define S  (FUNCTION_STRICT | FUNCTION_STABLE)
#define N  FUNCTION_STABLE
#define V  (FUNCTION_STRICT | FUNCTION_VOLATILE)
#define T  TYPE_TEXT
#define O  TYPE_OID
#define C  TYPE_REGCLASS
#define B  TYPE_BOOLEAN
#define I  TYPE_INTEGER
#define L  TYPE_BIGINT
#define TZ TYPE_TIMESTAMPTZ

const Function fn_catalog[] = {
    {"format_type", 2, N, {O, I}, T, format_type},
    {"pg_get_expr", 2, S, {T, O}, T, get_expr},
    {"pg_get_expr", 3, S, {T, O, B}, T, get_expr},
    {"pg_get_indexdef", 1, S, {O}, T, get_index},
    {"pg_get_indexdef", 3, S, {O, I, B}, T, get_index},
    {"pg_get_constraintdef", 1, S, {O}, T, get_constraint},
    {"pg_get_constraintdef", 2, S, {O, B}, T, get_constraint},
    {"pg_get_viewdef", 1, S, {O}, T, get_view},
    {"pg_get_viewdef", 2, S, {O, B}, T, get_view},
    {"pg_get_viewdef", 2, S, {O, I}, T, get_view},
    {"pg_get_viewdef", 1, S, {T}, T, get_view_name},
    {"pg_get_viewdef", 2, S, {T, B}, T, get_view_name},
    {"pg_get_triggerdef", 1, S, {O}, T, get_trigger},
    {"pg_get_triggerdef", 2, S, {O, B}, T, get_trigger},
    {"pg_get_functiondef", 1, S, {O}, T, get_function},
    {"pg_get_function_arguments", 1, S, {O}, T, get_arguments},
    {"pg_get_function_identity_arguments", 1, S, {O}, T, get_identity},
    {"pg_get_function_result", 1, S, {O}, T, get_result},
    {"pg_get_ruledef", 1, S, {O}, T, get_rule},
    {"pg_get_ruledef", 2, S, {O, B}, T, get_rule},
    {"pg_get_userbyid", 1, S, {O}, TYPE_NAME, get_user},
    {"pg_table_is_visible", 1, S, {O}, B, table_visible},
    {"pg_type_is_visible", 1, S, {O}, B, type_visible},
    {"pg_function_is_visible", 1, S, {O}, B, function_visible},
    {"pg_operator_is_visible", 1, S, {O}, B, function_visible},
    {"pg_collation_is_visible", 1, S, {O}, B, function_visible},
    {"pg_conversion_is_visible", 1, S, {O}, B, function_visible},
    {"pg_opclass_is_visible", 1, S, {O}, B, function_visible},
    {"pg_opfamily_is_visible", 1, S, {O}, B, function_visible},
    {"pg_statistics_obj_is_visible", 1, S, {O}, B, function_visible},
    {"pg_ts_config_is_visible", 1, S, {O}, B, function_visible},
    {"pg_ts_dict_is_visible", 1, S, {O}, B, function_visible},
    {"pg_ts_parser_is_visible", 1, S, {O}, B, function_visible},
    {"pg_ts_template_is_visible", 1, S, {O}, B, function_visible},
    {"obj_description", 1, S, {O}, T, comment},
    {"obj_description", 2, S, {O, TYPE_NAME}, T, comment},
    {"col_description", 2, S, {O, I}, T, comment_column},
    {"shobj_description", 2, S, {O, TYPE_NAME}, T, comment_shared},
    {"current_schemas", 1, S, {B}, FUNCTION_ARRAY_OF(TYPE_NAME), schemas},
    {"pg_postmaster_start_time", 0, S, {0}, TZ, started},
    {"pg_conf_load_time", 0, S, {0}, TZ, started},
    {"pg_relation_size", 1, V, {C}, L, size},
    {"pg_relation_size", 2, V, {C, T}, L, size},
    {"pg_table_size", 1, V, {C}, L, size},
    {"pg_indexes_size", 1, V, {C}, L, size_indexes},
    {"pg_total_relation_size", 1, V, {C}, L, size},
    {"pg_database_size", 1, V, {O}, L, size_database},
    {"pg_database_size", 1, V, {TYPE_NAME}, L, size_database_of},
    {"pg_typeof", 1, N, {TYPE_NULL}, TYPE_REGTYPE, type_of_value},
    {"txid_current", 0, FUNCTION_VOLATILE, {0}, L, transaction},
    {"txid_current_if_assigned", 0, FUNCTION_VOLATILE, {0}, L, transaction},
    {"pg_cancel_backend", 1, V, {I}, B, cancel},
    {"pg_terminate_backend", 1, V, {I}, B, terminate},
    {"pg_terminate_backend", 2, V, {I, L}, B, terminate},
    {"pg_relation_is_publishable", 1, S, {C}, B, publishable},
    {"pg_sequence_last_value", 1, V, {C}, L, sequence_last},
    {"pg_index_column_has_property", 3, S, {C, I, T}, B, index_column},
    {"to_regclass", 1, S, {T}, C, to_class},
    {"to_regtype", 1, S, {T}, TYPE_REGTYPE, to_type},
    {"to_regproc", 1, S, {T}, TYPE_REGPROC, to_function},
    {"to_regprocedure", 1, S, {T}, TYPE_REGPROC, to_function},
    {"to_regnamespace", 1, S, {T}, TYPE_REGNAMESPACE, to_namespace},
    {"has_database_privilege", 2, S, {T, T}, B, has_database},
    {"has_database_privilege", 2, S, {O, T}, B, has_database},
    {"has_database_privilege", 3, S, {TYPE_NAME, T, T}, B, has_database},
    {"pg_has_role", 2, S, {TYPE_NAME, T}, B, has_role},
    {"pg_has_role", 2, S, {O, T}, B, has_role},
    {"pg_has_role", 3, S, {TYPE_NAME, TYPE_NAME, T}, B, has_role},
    {"pg_has_role", 3, S, {TYPE_NAME, O, T}, B, has_role},
    {"has_table_privilege", 2, S, {T, T}, B, has_table},
    {"has_table_privilege", 2, S, {O, T}, B, has_table},
    {"has_table_privilege", 3, S, {TYPE_NAME, T, T}, B, has_table},
    {"has_table_privilege", 3, S, {TYPE_NAME, O, T}, B, has_table},
    {"has_any_column_privilege", 2, S, {T, T}, B, has_table},
    {"has_any_column_privilege", 2, S, {O, T}, B, has_table},
    {"has_sequence_privilege", 2, S, {T, T}, B, has_table},
    {"has_sequence_privilege", 2, S, {O, T}, B, has_table},
    {0},
};
