// Fuzz cast: a text becomes a value of any type, and that is cast to any other; nothing may crash, every
// refusal has a SQLSTATE, and a value's text reads back as the same value.
#include "engine/base/utf8.h"
#include "engine/data/cast.h"

#include <stdlib.h>

static void require(bool holds)
{
    if (!holds) abort();
}

static Type type_pick(uint8_t byte, uint8_t length)
{
    Type t = type_of((TypeId)(1 + byte % (TYPE_COUNT - 1)));
    if (t.id == TYPE_ARRAY) t = type_of_array(type_of((TypeId)(TYPE_BOOLEAN + length % TYPE_TIMESTAMP)));
    if (t.id == TYPE_CHAR || t.id == TYPE_VARCHAR) t.length = length % 20;
    if (t.id == TYPE_NUMERIC && length)
        t = (Type){.id = TYPE_NUMERIC, .length = length, .scale = (int32_t)length / 2 - 20};
    if (t.id == TYPE_TIMESTAMP || t.id == TYPE_TIME) t.scale = length % 7;
    return t;
}

static void check_text(const Value *v, Arena *mem)
{
    Bytes text;
    bytes_init(&text, 1 << 24);
    value_to_text(v, &text);
    if (!text.failed) {
        Value back;
        Err err = {.at = -1};
        require(cast_text_to_value(&back, bytes_str(&text), v->type, mem, &err));
        require(value_equal(&back, v));
        if (type_is_string(v->type.id)) require(utf8_check(bytes_str(&text)) == SIZE_MAX);
    }
    bytes_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 5) return 0;
    Arena mem = {0};
    Type from = type_pick(data[0], data[1]), to = type_pick(data[2], data[3]);
    CastHow how = (CastHow)(data[4] % 3);
    Value v, out;
    Err read = {.at = -1}, cast = {.at = -1};
    if (cast_text_to_value(&v, (Str){(const char *)data + 5, size - 5}, from, &mem, &read)) {
        check_text(&v, &mem);
        bool went = cast_value(&out, &v, to, how, &mem, &cast);
        require(went != err_any(&cast));
        if (went && !out.null && how != CAST_IMPLICIT) check_text(&out, &mem);
    } else {
        require(err_any(&read));
    }
    arena_done(&mem);
    return 0;
}
