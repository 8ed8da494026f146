// Oid: PostgreSQL's numbers for types, and the modifiers that go with them; one table for all of net/pg.
// Nouns: pg
#ifndef NET_PG_OID_H
#define NET_PG_OID_H

#include "engine/data/type.h"

typedef struct PgType {
    uint32_t oid;
    int16_t size;   // of a value in PostgreSQL; -1 = varies
    uint32_t array; // oid of arrays of it; 0 = none
} PgType;

const PgType *pg_type(TypeId id);
uint32_t pg_type_oid(Type t);     // of an array that of its element's array
int32_t pg_type_modifier(Type t); // -1 = none
// TYPE_NULL (the type is left to the statement) for 0 and 705 (unknown); false for an oid that is not known.
bool pg_type_of_oid(uint32_t oid, Type *out);

#endif
