// Cell: one switch over the physical types per question. Floats order by their bits with the sign folded in,
// so that a rank is one unsigned compare; text ranks by its first eight bytes.
#include "engine/store/cell_in.h"

#include "engine/base/hash.h"
#include "engine/data/array.h"
#include "engine/data/document.h"

#include <math.h>

static uint64_t rank_of_int(int64_t v) { return (uint64_t)v ^ (UINT64_C(1) << 63); }

static uint64_t rank_of_double(double v)
{
    if (isnan(v)) return UINT64_MAX;
    if (v == 0) v = 0; // -0 = 0
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double double_of_rank(uint64_t rank)
{
    if (rank == UINT64_MAX) return NAN;
    uint64_t bits = rank >> 63 ? rank & ~(UINT64_C(1) << 63) : ~rank;
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static uint64_t rank_of_text(const Text *t)
{
    unsigned char head[8] = {0};
    memcpy(head, text_at(t), t->len < 8 ? t->len : 8);
    uint64_t rank = 0;
    for (int i = 0; i < 8; i++) rank = rank << 8 | head[i];
    return rank;
}

bool cell_int(Phys p, const void *cell, int64_t *out)
{
    switch (p) {
    case PHYS_BOOL: *out = *(const uint8_t *)cell; return true;
    case PHYS_I16: *out = *(const int16_t *)cell; return true;
    case PHYS_I32: *out = *(const int32_t *)cell; return true;
    case PHYS_I64: *out = *(const int64_t *)cell; return true;
    default: return false;
    }
}

uint64_t cell_rank(Phys p, const void *cell)
{
    int64_t v = 0;
    if (cell_int(p, cell, &v)) return rank_of_int(v);
    switch (p) {
    case PHYS_F32: return rank_of_double((double)*(const float *)cell);
    case PHYS_F64: return rank_of_double(*(const double *)cell);
    case PHYS_TEXT: return rank_of_text(cell);
    case PHYS_NUMERIC: return rank_of_double(numeric_to_double(cell));
    case PHYS_INTERVAL: return interval_rank(cell);
    case PHYS_UUID: return uuid_rank(cell);
    case PHYS_ARRAY: return array_rank(cell);
    case PHYS_JSONB: return document_rank(cell);
    default: return 0;
    }
}

bool cell_rank_exact(Phys p) { return phys_is_plain(p); }

int cell_compare(Phys p, const void *a, const void *b)
{
    if (p == PHYS_TEXT) return text_compare(a, b);
    if (p == PHYS_NUMERIC) return numeric_compare(a, b);
    if (p == PHYS_INTERVAL) return interval_compare(a, b);
    if (p == PHYS_UUID) return uuid_compare(a, b);
    if (p == PHYS_ARRAY) return array_compare(a, b);
    if (p == PHYS_JSONB) return document_compare(a, b);
    uint64_t ra = cell_rank(p, a), rb = cell_rank(p, b);
    return (ra > rb) - (ra < rb);
}

uint64_t cell_hash(Phys p, const void *cell)
{
    if (p == PHYS_TEXT) return text_hash(cell);
    if (p == PHYS_NUMERIC) return numeric_hash(cell);
    if (p == PHYS_INTERVAL) return interval_hash(cell);
    if (p == PHYS_UUID) return uuid_hash(cell);
    if (p == PHYS_ARRAY) return array_hash(cell);
    if (p == PHYS_JSONB) return document_hash(cell);
    return hash_u64(cell_rank(p, cell));
}

const void *cell_of_value(Phys p, const Value *v, Value *room)
{
    int64_t wide = 0;
    if (type_phys(v->type.id) == p || !cell_int(type_phys(v->type.id), &v->boolean, &wide))
        return &v->boolean;
    *room = *v;
    switch (p) {
    case PHYS_I16: room->i16 = (int16_t)wide; return &room->i16;
    case PHYS_I32: room->i32 = (int32_t)wide; return &room->i32;
    case PHYS_I64: room->i64 = wide; return &room->i64;
    default: return &v->boolean;
    }
}

bool cell_zone(Phys p, const void *cell, int64_t *out)
{
    if (!phys_is_plain(p)) return false;
    *out = (int64_t)(cell_rank(p, cell) ^ (UINT64_C(1) << 63));
    return true;
}

void cell_unzone(Phys p, int64_t zone, Value *out)
{
    out->null = false;
    switch (p) {
    case PHYS_BOOL: out->boolean = (uint8_t)zone; break;
    case PHYS_I16: out->i16 = (int16_t)zone; break;
    case PHYS_I32: out->i32 = (int32_t)zone; break;
    case PHYS_I64: out->i64 = zone; break;
    case PHYS_F32: out->f32 = (float)double_of_rank((uint64_t)zone ^ (UINT64_C(1) << 63)); break;
    case PHYS_F64: out->f64 = double_of_rank((uint64_t)zone ^ (UINT64_C(1) << 63)); break;
    default: out->null = true;
    }
}
