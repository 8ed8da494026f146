// System: pg_trigger.
#include "engine/db/system_pg.h"

#define TRIGGER(C)                                                                                           \
    C(oid, OID)                                                                                              \
    C(tgrelid, OID)                                                                                          \
    C(tgparentid, OID)                                                                                       \
    C(tgname, WORD)                                                                                          \
    C(tgfoid, OID)                                                                                           \
    C(tgtype, INT2)                                                                                          \
    C(tgenabled, TEXT)                                                                                       \
    C(tgisinternal, BOOL)                                                                                    \
    C(tgconstrrelid, OID)                                                                                    \
    C(tgconstrindid, OID)                                                                                    \
    C(tgconstraint, OID)                                                                                     \
    C(tgdeferrable, BOOL)                                                                                    \
    C(tginitdeferred, BOOL)                                                                                  \
    C(tgnargs, INT2)                                                                                         \
    C(tgattr, INT2S)                                                                                         \
    C(tgargs, TEXT)                                                                                          \
    C(tgqual, TEXT)                                                                                          \
    C(tgoldtable, WORD)                                                                                      \
    C(tgnewtable, WORD)

// The bits of PostgreSQL's tgtype.
static int type_bits(const ObjectDef *o)
{
    static const struct {
        const char *word;
        int bit;
    } event[] = {{"insert", 4}, {"delete", 8}, {"update", 16}, {"truncate", 32}};
    Str timing = object_field(o, "timing"), events = object_field(o, "events");
    int bits = object_field(o, "row").at ? 1 : 0;
    if (str_equal(timing, STR("before"))) bits |= 2;
    if (str_equal(timing, STR("instead"))) bits |= 64;
    for (size_t i = 0; i < COUNT_OF(event); i++)
        if (str_find(events, str_of(event[i].word), 0) != SIZE_MAX) bits |= event[i].bit;
    return bits;
}

// The columns of UPDATE OF are kept by slot.
static void put_columns(SystemFind *x, const ObjectDef *o, const TableDef *def)
{
    int16_t column[SCHEMA_COLUMNS_MAX];
    uint32_t n = 0;
    Str slots = object_field(o, "columns");
    for (uint16_t i = 0; slots.at && i < def->column_count; i++)
        if (str_find(slots, arena_printf(x->f.mem, " %u ", (unsigned)schema_slot(def, i)), 0) != SIZE_MAX)
            column[n++] = (int16_t)(i + 1);
    system_int2s(x, column, n, true);
}

static bool put_trigger(SystemFind *x, const ObjectDef *o)
{
    SystemFill *f = &x->f;
    Table *t = transaction_table_by_id(x->l.s->transaction, o->parent);
    uint64_t function = 0;
    if (!t || !system_key_is_oid(x, 0, look_oid(o->id)) || !system_key_is_oid(x, 1, look_oid(o->parent)))
        return true;
    bool named = str_to_uint64(object_field(o, "function"), &function);
    system_oid(f, look_oid(o->id));
    system_oid(f, look_oid(o->parent));
    system_oid(f, 0);
    system_word(f, o->name);
    system_oid(f, named ? look_oid(function) : 0);
    system_int(f, type_bits(o));
    system_char(f, object_field(o, "disabled").at ? 'D' : 'O');
    system_bool(f, false);
    for (int i = 0; i < 3; i++) system_oid(f, 0);
    system_bool(f, false);
    system_bool(f, false);
    system_int(f, 0);
    put_columns(x, o, table_def(t));
    system_text(f, STR(""));
    system_optional(f, object_field(o, "when"));
    system_null(f);
    system_null(f);
    return system_done(f);
}

SYSTEM_FIND(find_trigger)
{
    SYSTEM_FIND_BEGIN(x);
    const ObjectDef **o;
    const Value *table = system_key(&x, 1);
    size_t n = 0;
    if (table && look_id(table->i64))
        n = transaction_object_dependents(x.l.s->transaction, look_id(table->i64), mem, &o);
    else if (!table && x.l.search.database.len)
        n = transaction_object_list(x.l.s->transaction, OBJECT_TRIGGER, x.l.search.database, mem, &o);
    for (size_t i = 0; i < n; i++)
        if (o[i]->kind == OBJECT_TRIGGER && !put_trigger(&x, o[i])) return false;
    return true;
}
SYSTEM_PG(trigger, "pg_trigger", 2620, TRIGGER, find_trigger);
