// Oid: see oid.h. The numbers are those of PostgreSQL's pg_type.
#include "net/pg/oid.h"

static const PgType types[TYPE_COUNT] = {
    [TYPE_NULL] = {25, -1, 1009},
    [TYPE_BOOLEAN] = {16, 1, 1000},
    [TYPE_SMALLINT] = {21, 2, 1005},
    [TYPE_INTEGER] = {23, 4, 1007},
    [TYPE_BIGINT] = {20, 8, 1016},
    [TYPE_NUMERIC] = {1700, -1, 1231},
    [TYPE_REAL] = {700, 4, 1021},
    [TYPE_DOUBLE] = {701, 8, 1022},
    [TYPE_CHAR] = {1042, -1, 1014},
    [TYPE_VARCHAR] = {1043, -1, 1015},
    [TYPE_TEXT] = {25, -1, 1009},
    [TYPE_BYTEA] = {17, -1, 1001},
    [TYPE_DATE] = {1082, 4, 1182},
    [TYPE_TIME] = {1083, 8, 1183},
    [TYPE_TIMESTAMP] = {1114, 8, 1115},
    [TYPE_TIMESTAMPTZ] = {1184, 8, 1185},
    [TYPE_INTERVAL] = {1186, 16, 1187},
    [TYPE_UUID] = {2950, 16, 2951},
    [TYPE_JSON] = {114, -1, 199},
    [TYPE_JSONB] = {3802, -1, 3807},
    [TYPE_OID] = {26, 4, 1028},
    [TYPE_REGCLASS] = {2205, 4, 2210},
    [TYPE_REGTYPE] = {2206, 4, 2211},
    [TYPE_REGPROC] = {24, 4, 1008},
    [TYPE_REGNAMESPACE] = {4089, 4, 4090},
    [TYPE_NAME] = {19, 64, 1003},
    [TYPE_ENUM] = {25, -1, 1009}, // its labels, as text
    [TYPE_ARRAY] = {1009, -1, 1009},
    [TYPE_RECORD] = {2249, -1, 2287},
};

// Types of PostgreSQL that clients name for parameters and that are one of ours under another name.
static const struct {
    uint32_t oid;
    TypeId id;
} others[] = {
    {0, TYPE_NULL},    {705, TYPE_NULL}, // unknown
    {18, TYPE_CHAR},                     // "char"
    {19, TYPE_TEXT},                     // name
    {26, TYPE_BIGINT},                   // oid
};

const PgType *pg_type(TypeId id) { return &types[id]; }

uint32_t pg_type_oid(Type t)
{
    return t.id == TYPE_ARRAY ? types[type_element(t).id].array : types[t.id].oid;
}

int32_t pg_type_modifier(Type t)
{
    switch (t.id) {
    case TYPE_NUMERIC: return t.length ? ((t.length << 16) | (t.scale & 0x7ff)) + 4 : -1;
    case TYPE_CHAR:
    case TYPE_VARCHAR: return t.length ? t.length + 4 : -1;
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ: return t.scale ? TYPE_FRACTION_MAX - t.scale : -1;
    default: return -1;
    }
}

bool pg_type_of_oid(uint32_t oid, Type *out)
{
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (others[i].oid == oid) {
            *out = type_of(others[i].id);
            return true;
        }
    for (int id = TYPE_BOOLEAN; id < TYPE_COUNT; id++)
        if (types[id].oid == oid && id != TYPE_ENUM && id != TYPE_ARRAY && id != TYPE_RECORD) {
            *out = type_of((TypeId)id);
            return true;
        }
    return false;
}
