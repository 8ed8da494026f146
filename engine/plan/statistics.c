// Statistics: text to numbers and back, and shares of rows from most common values and the histogram.
#include "engine/plan/statistics.h"

#include "engine/store/codec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool statistics_keeps(Type type)
{
    if (type.id == TYPE_ENUM) return false;
    switch (type_phys(type.id)) {
    case PHYS_BOOL:
    case PHYS_I16:
    case PHYS_I32:
    case PHYS_I64:
    case PHYS_F32:
    case PHYS_F64:
    case PHYS_NUMERIC:
    case PHYS_TEXT: return true;
    default: return false;
    }
}

const char *statistics_field(char out[STATISTICS_FIELD_MAX], unsigned slot)
{
    snprintf(out, STATISTICS_FIELD_MAX, "column %u", slot);
    return out;
}

// ---- text ----

static void put_value(Bytes *out, const Value *v)
{
    codec_put(out, v->type.id, &v->i64);
    bytes_put_byte(out, '\n');
}

void statistics_put(Bytes *out, const Statistics *s)
{
    bytes_printf(out, "nulls\t%.6g\ndistinct\t%.6g\n", s->nulls, s->distinct);
    for (uint32_t i = 0; i < s->commons; i++) {
        bytes_printf(out, "common\t%.6g\t", s->share[i]);
        put_value(out, &s->common[i]);
    }
    for (uint32_t i = 0; i < s->bounds; i++) {
        bytes_put(out, STR("bound\t"));
        put_value(out, &s->bound[i]);
    }
}

static char *room(void *mem, size_t size) { return arena_try(mem, size, 1); }

static bool get_value(Value *out, Type type, Str text, Arena *mem)
{
    const CodecMemory codec = {room, mem, mem};
    *out = (Value){.type = type};
    return codec_get(&out->i64, type, text, memchr(text.at, '\\', text.len) != NULL, &codec);
}

static bool get_number(double *out, Str text)
{
    char copy[40], *end;
    if (!text.len || text.len >= sizeof copy) return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = 0;
    *out = strtod(copy, &end);
    return *end == 0 && *out >= 0 && *out < 1e30;
}

bool statistics_get(Statistics *out, Type type, Str text, Arena *mem)
{
    *out = (Statistics){0};
    text = arena_copy(mem, text);
    while (text.len) {
        Str line = str_cut(&text, '\n'), word = str_cut(&line, '\t');
        bool ok;
        if (str_equal(word, STR("nulls"))) {
            ok = get_number(&out->nulls, line);
        } else if (str_equal(word, STR("distinct"))) {
            ok = get_number(&out->distinct, line);
        } else if (str_equal(word, STR("common")) && out->commons < STATISTICS_COMMON_MAX) {
            Str share = str_cut(&line, '\t');
            ok = get_number(&out->share[out->commons], share) &&
                 get_value(&out->common[out->commons], type, line, mem);
            out->commons += ok;
        } else {
            ok = str_equal(word, STR("bound")) && out->bounds < STATISTICS_BOUNDS_MAX &&
                 get_value(&out->bound[out->bounds], type, line, mem);
            out->bounds += ok;
        }
        if (!ok) return false;
    }
    return true;
}

// ---- shares ----

static double common_share(const Statistics *s)
{
    double all = 0;
    for (uint32_t i = 0; i < s->commons; i++) all += s->share[i];
    return all;
}

double statistics_equal(const Statistics *s, const Value *v)
{
    for (uint32_t i = 0; i < s->commons; i++)
        if (value_compare(&s->common[i], v) == 0) return s->share[i];
    double rest = 1 - s->nulls - common_share(s), others = s->distinct - s->commons;
    if (rest <= 0) return 0;
    if (others < 1) others = 1;
    double each = rest / others, least = s->commons ? s->share[s->commons - 1] : 1;
    return each < least ? each : least;
}

// Where between its neighbours a number lies; 0.5 where that cannot be said.
static double between(const Value *low, const Value *high, const Value *v)
{
    double a, b, x;
    switch (type_phys(v->type.id)) {
    case PHYS_I16: a = low->i16, b = high->i16, x = v->i16; break;
    case PHYS_I32: a = low->i32, b = high->i32, x = v->i32; break;
    case PHYS_I64: a = (double)low->i64, b = (double)high->i64, x = (double)v->i64; break;
    case PHYS_F32: a = low->f32, b = high->f32, x = v->f32; break;
    case PHYS_F64: a = low->f64, b = high->f64, x = v->f64; break;
    case PHYS_NUMERIC:
        a = numeric_to_double(&low->numeric), b = numeric_to_double(&high->numeric);
        x = numeric_to_double(&v->numeric);
        break;
    default: return 0.5;
    }
    return b > a && x >= a && x <= b ? (x - a) / (b - a) : 0.5;
}

double statistics_below(const Statistics *s, const Value *v)
{
    double below = 0, rest = 1 - s->nulls - common_share(s);
    for (uint32_t i = 0; i < s->commons; i++)
        if (value_compare(&s->common[i], v) < 0) below += s->share[i];
    if (s->bounds < 2 || rest <= 0) return below;
    uint32_t at = 0;
    while (at < s->bounds && value_compare(&s->bound[at], v) < 0) at++;
    if (!at) return below;
    if (at == s->bounds) return below + rest;
    double steps = at - 1 + between(&s->bound[at - 1], &s->bound[at], v);
    return below + rest * steps / (s->bounds - 1);
}
