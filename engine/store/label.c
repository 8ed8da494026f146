// Labels: one map for the store from (enum, place) to the label, with a mutex that nothing is waited for
// under.
#include "engine/store/label_in.h"

#include <string.h>

enum { KEY_BYTES = 16 };

static Str key_of(char room[KEY_BYTES], uint64_t number, int64_t place)
{
    memcpy(room, &number, 8);
    memcpy(room + 8, &place, 8);
    return (Str){room, KEY_BYTES};
}

void labels_learn(Store *s, const ObjectDef *def)
{
    char room[KEY_BYTES];
    int64_t place;
    if (def->kind != OBJECT_ENUM) return;
    mutex_lock(&s->label_lock);
    for (uint32_t i = 0; i < def->field_count; i++) {
        if (!str_to_int64(def->field[i].name, &place)) continue;
        Str key = key_of(room, def->id, place), *old = map_get(&s->labels, key);
        if (old && str_equal(*old, def->field[i].value)) continue;
        Str *label = arena_new(&s->label_mem, Str);
        *label = arena_copy(&s->label_mem, def->field[i].value);
        map_set(&s->labels, key, label);
    }
    mutex_unlock(&s->label_lock);
}

void label_put(Store *s, Bytes *out, Type type, const void *cell)
{
    char room[KEY_BYTES];
    if (type.id == TYPE_ENUM) {
        mutex_lock(&s->label_lock);
        const Str *label = map_get(&s->labels, key_of(room, type_number(type), *(const int64_t *)cell));
        if (label) codec_put_text(out, *label, false);
        mutex_unlock(&s->label_lock);
    }
    codec_put(out, type.id, cell);
}

void label_put_run(Store *s, Bytes *out, Type type, const void *cells, const uint64_t *nulls, uint32_t first,
                   uint32_t count, char ending)
{
    if (type.id != TYPE_ENUM) {
        codec_put_run(out, type.id, cells, nulls, first, count, ending);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t at = first + i;
        if (nulls && (__atomic_load_n(&nulls[at >> 6], __ATOMIC_RELAXED) >> (at & 63) & 1))
            codec_put_null(out);
        else
            label_put(s, out, type, (const int64_t *)cells + i);
        bytes_put_byte(out, ending);
    }
}
