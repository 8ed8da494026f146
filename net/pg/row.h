// Row: RowDescription and DataRow: the cells of a batch as text or in PostgreSQL's binary forms. Relies on
// oid, message. Nouns: pg
#ifndef NET_PG_ROW_H
#define NET_PG_ROW_H

#include "net/pg/message.h"

enum { PG_COLUMNS_MAX = 32767 };

typedef enum PgFormat { PG_TEXT = 0, PG_BINARY = 1 } PgFormat;

// Appends one cell that is not NULL, without its length.
typedef void (*PgPutCell)(Bytes *out, const void *cell);
// NULL when the type has no such form.
PgPutCell pg_put_cell(TypeId id, PgFormat format);

// format: one per column, or NULL = all text.
void pg_row_description(Bytes *out, const ResultColumn *column, uint32_t columns, const uint8_t *format);
// The DataRows of a batch's chosen rows [from, to).
void pg_row_put(Bytes *out, const Batch *b, uint32_t from, uint32_t to, const PgPutCell *put);

#endif
