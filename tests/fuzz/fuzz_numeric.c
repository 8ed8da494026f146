// Fuzz numeric: two texts and an operation; what is read must print and read back as itself, and results must
// obey laws that hold for every value.
#include "engine/data/numeric.h"

#include <stdlib.h>
#include <string.h>

static void require(bool holds)
{
    if (!holds) abort();
}

static void round_trip(const Numeric *n, Arena *mem)
{
    char text[NUMERIC_TEXT_MAX];
    size_t len = numeric_to_text(n, text, sizeof text);
    require(len > 0);
    Numeric back;
    Err err = {.at = -1};
    require(numeric_from_text(&back, (Str){text, len}, mem, &err));
    require(numeric_compare(n, &back) == 0 && back.scale == n->scale);
    require(numeric_hash(n) == numeric_hash(&back));
}

static void laws(const Numeric *a, const Numeric *b, Arena *mem)
{
    Err err = {.at = -1}, other = {.at = -1};
    Numeric x, y;
    require(numeric_compare(a, b) == -numeric_compare(b, a));
    if (numeric_add(&x, a, b, mem, &err)) {
        require(numeric_add(&y, b, a, mem, &other) && numeric_compare(&x, &y) == 0);
        round_trip(&x, mem);
        if (numeric_sub(&y, &x, b, mem, &other) && a->kind <= NUMERIC_BIG && b->kind <= NUMERIC_BIG)
            require(numeric_compare(&y, a) == 0);
    }
    Err product = {.at = -1}, quotient = {.at = -1}, rest = {.at = -1};
    if (numeric_mul(&x, a, b, mem, &product)) round_trip(&x, mem);
    if (numeric_div(&x, a, b, mem, &quotient)) round_trip(&x, mem);
    if (numeric_mod(&x, a, b, mem, &rest)) {
        round_trip(&x, mem);
        if (a->kind <= NUMERIC_BIG && b->kind <= NUMERIC_BIG) {
            Numeric p = numeric_sign(&x) < 0 ? numeric_negate(&x, mem) : x;
            Numeric q = numeric_sign(b) < 0 ? numeric_negate(b, mem) : *b;
            require(numeric_compare(&p, &q) < 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size) return 0;
    Str rest = {(const char *)data + 1, size - 1};
    Str first = str_cut(&rest, '|');
    Arena mem = {0};
    Err err = {.at = -1};
    Numeric a, b, x;
    if (numeric_from_text(&a, first, &mem, &err)) {
        round_trip(&a, &mem);
        Err round = {.at = -1}, fit = {.at = -1};
        if (numeric_round(&x, &a, (int)data[0] - 128, &mem, &round)) round_trip(&x, &mem);
        if (numeric_fit(&x, &a, data[0] + 1, data[0] / 3, &mem, &fit)) round_trip(&x, &mem);
        int64_t whole;
        (void)numeric_to_int64(&a, &whole);
        (void)numeric_to_double(&a);
        Err second = {.at = -1};
        if (numeric_from_text(&b, rest, &mem, &second)) laws(&a, &b, &mem);
    } else {
        require(err_any(&err));
    }
    arena_done(&mem);
    return 0;
}
