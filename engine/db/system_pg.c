// System: what the tables of pg_catalog share.
#include "engine/db/system_pg.h"

#include "engine/data/array.h"

SystemFind system_find_begin(Session *s, const SystemKey *key, uint32_t keys,
                             bool (*emit)(void *self, const Value *row), void *self, Arena *mem, Err *err)
{
    return (SystemFind){
        .f = {.emit = emit, .self = self, .mem = mem}, .l = look_at(s, mem, err), .key = key, .keys = keys};
}

const Value *system_key(const SystemFind *x, uint16_t column)
{
    for (uint32_t i = 0; i < x->keys; i++)
        if (x->key[i].column == column) return &x->key[i].value;
    return NULL;
}

bool system_key_is_oid(const SystemFind *x, uint16_t column, int64_t oid)
{
    const Value *v = system_key(x, column);
    return !v || v->i64 == oid;
}

bool system_key_is_text(const SystemFind *x, uint16_t column, Str text)
{
    const Value *v = system_key(x, column);
    return !v || str_equal(text_str(&v->text), text);
}

bool system_each_relation(SystemFind *x, uint16_t column, LookVisit visit)
{
    const Value *v = system_key(x, column);
    LookRelation r;
    if (!v) return look_each_relation(&x->l, visit, x);
    return !look_relation(&x->l, v->i64, &r) || visit(x, &r);
}

static Value *cell_of(SystemFill *f, Type type)
{
    Value *v = &f->cell[f->cells < SYSTEM_COLUMNS_MAX - 1 ? f->cells++ : f->cells];
    *v = (Value){.type = type};
    return v;
}

void system_oid(SystemFill *f, int64_t oid) { cell_of(f, type_of(TYPE_OID))->i64 = oid; }
void system_word(SystemFill *f, Str name) { cell_of(f, type_of(TYPE_NAME))->text = text_of(name); }
void system_char(SystemFill *f, char c)
{
    char *at = arena_get(f->mem, 1);
    *at = c;
    cell_of(f, type_of(TYPE_TEXT))->text = text_of((Str){at, c ? 1 : 0});
}
void system_moment(SystemFill *f, int64_t us)
{
    if (us)
        cell_of(f, type_of(TYPE_TIMESTAMPTZ))->i64 = us;
    else
        system_null(f);
}

static void put_array(SystemFind *x, Type element, const void *cell, uint32_t count, bool vector)
{
    Value *v = cell_of(&x->f, type_of_array(element));
    v->null = vector ? !array_make_vector(&v->text, element, cell, count, x->f.mem, x->l.err)
                     : !array_make_list(&v->text, element, cell, NULL, count, x->f.mem, x->l.err);
}

void system_int2s(SystemFind *x, const int16_t *cell, uint32_t count, bool vector)
{
    put_array(x, type_of(TYPE_SMALLINT), cell, count, vector);
}
void system_oids(SystemFind *x, const int64_t *cell, uint32_t count, bool vector)
{
    put_array(x, type_of(TYPE_OID), cell, count, vector);
}
void system_texts(SystemFind *x, const Str *cell, uint32_t count)
{
    Text *text = arena_array(x->f.mem, Text, count + 1);
    for (uint32_t i = 0; i < count; i++) text[i] = text_of(cell[i]);
    put_array(x, type_of(TYPE_TEXT), text, count, false);
}
