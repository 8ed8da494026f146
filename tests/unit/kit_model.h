// Catalogs for tests: random schemas from a seed, and small ones written as text.
#ifndef TESTS_UNIT_KIT_MODEL_H
#define TESTS_UNIT_KIT_MODEL_H

#include "engine/base/random.h"
#include "export/catalog.h"

// Up to `tables` tables with random columns and foreign keys: chains, cycles, self references, several keys
// between the same tables, keys that share a column.
void model_random(Catalog *out, Random *r, uint32_t tables, uint32_t foreigns, Arena *mem);

// "customer id! name; invoice id! customer_id>customer.id total" : one table per ';', '!' primary key, '?'
// nullable,
// '*' unique, '>' foreign key. All columns are integers.
void model_text(Catalog *out, const char *text, Arena *mem);

#endif
