// SystemWalk: see system_walk.h.
#include "engine/db/system_walk.h"

SystemWalk system_walk_of(void *db, SystemEmit emit, void *self, Arena *mem)
{
    Session *s = db;
    return (SystemWalk){.session = s, .emit = emit, .self = self, .mem = mem, .node = engine_node(s->engine)};
}

void system_walk_tables(SystemWalk *w, bool (*row)(SystemWalk *w))
{
    Str *database = NULL;
    size_t databases = store_databases(w->session->engine->store, w->mem, &database);
    for (size_t d = 0; d < databases; d++) {
        const TableDef **table = NULL;
        size_t tables = transaction_tables(w->session->transaction, database[d], w->mem, &table);
        w->database = database[d];
        for (size_t t = 0; t < tables; t++) {
            w->table = table[t];
            if (!row(w)) return;
        }
    }
}

const TableDef *system_walk_table(const SystemWalk *w, uint64_t id)
{
    Table *t = transaction_table_by_id(w->session->transaction, id);
    return t ? table_def(t) : NULL;
}

static void put(SystemWalk *w, Value v) { w->row[w->at++] = v; }

void system_walk_text(SystemWalk *w, Str s)
{
    if (s.at)
        put(w, (Value){.type = SYSTEM_TEXT, .text = text_of(s)});
    else
        system_walk_null(w, TYPE_TEXT);
}

void system_walk_null(SystemWalk *w, TypeId type) { put(w, value_null(type_of(type))); }
void system_walk_bigint(SystemWalk *w, int64_t v) { put(w, (Value){.type = SYSTEM_BIGINT, .i64 = v}); }
void system_walk_integer(SystemWalk *w, int32_t v) { put(w, (Value){.type = SYSTEM_INTEGER, .i32 = v}); }
void system_walk_yes(SystemWalk *w, bool yes) { system_walk_text(w, yes ? STR("YES") : STR("NO")); }
void system_walk_bool(SystemWalk *w, bool v) { put(w, (Value){.type = SYSTEM_BOOLEAN, .boolean = v}); }

bool system_walk_row(SystemWalk *w)
{
    w->at = 0;
    return w->emit(w->self, w->row);
}
