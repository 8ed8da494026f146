// System: what the tables of pg_catalog share: lists of columns as macros, keys, a walk over relations.
// Nouns: system
#ifndef ENGINE_DB_SYSTEM_PG_H
#define ENGINE_DB_SYSTEM_PG_H

#include "engine/db/look.h"
#include "engine/db/system.h"

// A table's columns are a macro LIST(C) of C(name, KIND); SYSTEM_PG makes the table of it. "char" is text
// here, a vector an array from 0, and what PostgreSQL keeps as a node tree is SQL text.
#define SYSTEM_NAME(name, kind)  #name,
#define SYSTEM_KIND(name, kind)  SYSTEM_##kind,
#define SYSTEM_PLACE(name, kind) AT_##name,
#define SYSTEM_OID                                                                                           \
    {                                                                                                        \
        .id = TYPE_OID                                                                                       \
    }
#define SYSTEM_WORD                                                                                          \
    {                                                                                                        \
        .id = TYPE_NAME                                                                                      \
    }
#define SYSTEM_TEXT                                                                                          \
    {                                                                                                        \
        .id = TYPE_TEXT                                                                                      \
    }
#define SYSTEM_BOOL                                                                                          \
    {                                                                                                        \
        .id = TYPE_BOOLEAN                                                                                   \
    }
#define SYSTEM_INT2                                                                                          \
    {                                                                                                        \
        .id = TYPE_SMALLINT                                                                                  \
    }
#define SYSTEM_INT4                                                                                          \
    {                                                                                                        \
        .id = TYPE_INTEGER                                                                                   \
    }
#define SYSTEM_INT8                                                                                          \
    {                                                                                                        \
        .id = TYPE_BIGINT                                                                                    \
    }
#define SYSTEM_REAL                                                                                          \
    {                                                                                                        \
        .id = TYPE_REAL                                                                                      \
    }
#define SYSTEM_MOMENT                                                                                        \
    {                                                                                                        \
        .id = TYPE_TIMESTAMPTZ                                                                               \
    }
#define SYSTEM_SPAN                                                                                          \
    {                                                                                                        \
        .id = TYPE_INTERVAL                                                                                  \
    }
#define SYSTEM_REGPROC                                                                                       \
    {                                                                                                        \
        .id = TYPE_REGPROC                                                                                   \
    }
#define SYSTEM_REGTYPE                                                                                       \
    {                                                                                                        \
        .id = TYPE_REGTYPE                                                                                   \
    }
#define SYSTEM_TEXTS                                                                                         \
    {                                                                                                        \
        .id = TYPE_ARRAY, .of = TYPE_TEXT                                                                    \
    }
#define SYSTEM_OIDS                                                                                          \
    {                                                                                                        \
        .id = TYPE_ARRAY, .of = TYPE_OID                                                                     \
    }
#define SYSTEM_INT2S                                                                                         \
    {                                                                                                        \
        .id = TYPE_ARRAY, .of = TYPE_SMALLINT                                                                \
    }

#define SYSTEM_PG(variable, table, number, LIST, function)                                                   \
    static const char *const variable##_names[] = {LIST(SYSTEM_NAME)};                                       \
    static const Type variable##_types[] = {LIST(SYSTEM_KIND)};                                              \
    const SystemTable system_##variable = {.schema = "pg_catalog",                                           \
                                           .name = table,                                                    \
                                           .columns = COUNT_OF(variable##_names),                            \
                                           .column_name = variable##_names,                                  \
                                           .column_type = variable##_types,                                  \
                                           .find = function,                                                 \
                                           .oid = number}

// A run of a table's find.
typedef struct SystemFind {
    SystemFill f;
    Look l;
    const SystemKey *key;
    uint32_t keys;
} SystemFind;
#define SYSTEM_FIND(name)                                                                                    \
    static bool name(void *db, const SystemKey *key, uint32_t keys,                                          \
                     bool (*emit)(void *self, const Value *row), void *self, Arena *mem, Err *err)
SystemFind system_find_begin(Session *s, const SystemKey *key, uint32_t keys,
                             bool (*emit)(void *self, const Value *row), void *self, Arena *mem, Err *err);
#define SYSTEM_FIND_BEGIN(x) SystemFind x = system_find_begin(db, key, keys, emit, self, mem, err)
// The value that a column is asked for; NULL: any.
const Value *system_key(const SystemFind *x, uint16_t column);
bool system_key_is_oid(const SystemFind *x, uint16_t column, int64_t oid); // asked for this one, or for any
bool system_key_is_text(const SystemFind *x, uint16_t column, Str text);
// The relation that column asks for, or all; false when visit said so.
MUST_CHECK bool system_each_relation(SystemFind *x, uint16_t column, LookVisit visit);

void system_oid(SystemFill *f, int64_t oid);
void system_word(SystemFill *f, Str name);
void system_char(SystemFill *f, char c); // 0: the empty text
void system_moment(SystemFill *f, int64_t us);
// Vectors count from 0 (int2vector, oidvector), arrays from 1.
void system_int2s(SystemFind *x, const int16_t *cell, uint32_t count, bool vector);
void system_oids(SystemFind *x, const int64_t *cell, uint32_t count, bool vector);
void system_texts(SystemFind *x, const Str *cell, uint32_t count);

// Views over these tables and empty tables (system_pg_view.c).
#define SYSTEM_PG_VIEWS(V)                                                                                   \
    V(pg_tables)                                                                                             \
    V(pg_views)                                                                                              \
    V(pg_matviews)                                                                                           \
    V(pg_indexes)                                                                                            \
    V(pg_sequences)                                                                                          \
    V(pg_user)                                                                                               \
    V(pg_authid)                                                                                             \
    V(pg_am)                                                                                                 \
    V(pg_collation)                                                                                          \
    V(pg_tablespace)                                                                                         \
    V(pg_language)                                                                                           \
    V(pg_shdescription)                                                                                      \
    V(pg_auth_members)                                                                                       \
    V(pg_group)                                                                                              \
    V(pg_range)                                                                                              \
    V(pg_extension)                                                                                          \
    V(pg_available_extensions)                                                                               \
    V(pg_inherits)                                                                                           \
    V(pg_partitioned_table)                                                                                  \
    V(pg_policy)                                                                                             \
    V(pg_policies)                                                                                           \
    V(pg_publication)                                                                                        \
    V(pg_publication_rel)                                                                                    \
    V(pg_publication_namespace)                                                                              \
    V(pg_publication_tables)                                                                                 \
    V(pg_subscription)                                                                                       \
    V(pg_statistic_ext)                                                                                      \
    V(pg_stats)                                                                                              \
    V(pg_foreign_data_wrapper)                                                                               \
    V(pg_foreign_server)                                                                                     \
    V(pg_foreign_table)                                                                                      \
    V(pg_user_mapping)                                                                                       \
    V(pg_user_mappings)                                                                                      \
    V(pg_event_trigger)                                                                                      \
    V(pg_aggregate)                                                                                          \
    V(pg_operator)                                                                                           \
    V(pg_opclass)                                                                                            \
    V(pg_opfamily)                                                                                           \
    V(pg_amop)                                                                                               \
    V(pg_amproc)                                                                                             \
    V(pg_cast)                                                                                               \
    V(pg_conversion)                                                                                         \
    V(pg_default_acl)                                                                                        \
    V(pg_db_role_setting)                                                                                    \
    V(pg_seclabel)                                                                                           \
    V(pg_seclabels)                                                                                          \
    V(pg_shseclabel)                                                                                         \
    V(pg_init_privs)                                                                                         \
    V(pg_shdepend)                                                                                           \
    V(pg_transform)                                                                                          \
    V(pg_largeobject_metadata)                                                                               \
    V(pg_ts_config)                                                                                          \
    V(pg_ts_dict)                                                                                            \
    V(pg_ts_parser)                                                                                          \
    V(pg_ts_template)                                                                                        \
    V(pg_rules)                                                                                              \
    V(pg_locks)                                                                                              \
    V(pg_cursors)
#define SYSTEM_PG_VIEW_DECLARED(name) extern const SystemTable system_view_##name;
SYSTEM_PG_VIEWS(SYSTEM_PG_VIEW_DECLARED)

extern const SystemTable system_class, system_namespace, system_attribute, system_attrdef, system_type,
    system_index, system_constraint, system_proc, system_sequence, system_enum, system_database, system_roles,
    system_description, system_depend, system_pg_settings, system_activity, system_rewrite, system_zones,
    system_stat_tables, system_trigger;

#endif
