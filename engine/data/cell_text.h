// The text of one cell, made without a Value: for value.c, cast*.c, rowset.c and those who send rows.
// Nouns: cell
#ifndef ENGINE_DATA_CELL_TEXT_H
#define ENGINE_DATA_CELL_TEXT_H

#include "engine/base/buf.h"
#include "engine/data/type.h"

// Appends what PostgreSQL prints for a cell of that type (not NULL).
typedef void (*CellTextPut)(Bytes *out, const void *cell);
CellTextPut cell_text_put(TypeId id);
static inline void cell_put_text(Bytes *out, TypeId id, const void *cell) { cell_text_put(id)(out, cell); }
// '\x' and the bytes in hexadecimal.
void cell_put_bytea(Bytes *out, Str bytes);

#endif
