// Fuzz: any bytes as the inside of dictionary.local (the checksum is put right, so that the parser is
// reached).
#include "engine/base/crc32c.h"
#include "engine/store/dictionary_in.h"

#include <inttypes.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static bool database(void *self, uint64_t id, Str name, Str directory, Err *err)
{
    (void)self, (void)id, (void)directory, (void)err;
    if (name.len == 0 || name.len > SCHEMA_NAME_MAX) abort();
    return true;
}

static bool table(void *self, const TableDef *def, Str file, Err *err)
{
    (void)self, (void)file, (void)err;
    for (uint16_t i = 0; i < def->index_count; i++)
        for (uint16_t k = 0; k < def->index[i].column_count; k++)
            if (def->index[i].column[k] >= def->column_count) abort();
    Arena mem = {0};
    schema_copy(def, &mem);
    arena_done(&mem);
    return true;
}

static bool table_state(void *self, const DictionaryState *state, Err *err)
{
    (void)self, (void)err;
    if (state->file_at >= STAMP_NEVER) abort();
    return true;
}

static bool object(void *self, const ObjectDef *def, Err *err)
{
    (void)self, (void)err;
    if (def->kind == OBJECT_ANY || def->kind >= OBJECT_KINDS) abort();
    Arena mem = {0};
    object_copy(def, &mem);
    arena_done(&mem);
    return true;
}

static bool counter(void *self, const CounterLine *line, Err *err)
{
    (void)self, (void)line, (void)err;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    Bytes text;
    DictionaryHead head = {0};
    Err err = {0};
    const DictionaryVisit visit = {NULL, database, table, table_state, object, counter};
    bytes_init(&text, 1 << 20);
    bytes_put(&text, (Str){(const char *)at, len});
    if (!text.failed && text.len) bytes_printf(&text, "crc %08" PRIx32 "\n", crc32c(0, text.at, text.len));
    bool ok = dictionary_read(bytes_str(&text), &head, &visit, &err);
    if (!ok && !err_any(&err)) abort(); // a refusal has a sentence
    bytes_done(&text);
    return 0;
}
