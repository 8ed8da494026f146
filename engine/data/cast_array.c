// Cast, arrays: an array of one type to an array of another, element by element.
#include "engine/data/array.h"
#include "engine/data/cast_in.h"

bool cast_array(Text *out, const Text *in, Type to, CastHow how, Arena *mem, Err *err)
{
    Array a;
    Type element = type_element(to);
    if (!array_open(&a, in)) return err_set(err, SQLSTATE_CORRUPT, "an array is damaged");
    if (type_equal(a.element, element)) { // nor is there a length to hold the elements to
        *out = text_copy(mem, *in);
        return true;
    }
    Arena work = {0};
    size_t size = phys_size(type_phys(element.id));
    char *cells = arena_try(&work, (size_t)a.count + 1, size);
    uint64_t *nulls = arena_try(&work, a.count / 64 + 1, sizeof *nulls);
    bool fine = (cells && nulls) ||
                err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for an array of %u elements", a.count);
    for (uint32_t i = 0; fine && i < a.count; i++) {
        Value v = array_value(&a, i, &work);
        if (v.null) {
            nulls[i >> 6] |= UINT64_C(1) << (i & 63);
            continue;
        }
        fine = cast_value(&v, &v, element, how, &work, err);
        if (fine) memcpy(cells + i * size, &v.boolean, size);
    }
    fine = fine && array_make(out, element, a.dim, a.dims, cells, nulls, a.count, mem, err);
    arena_done(&work);
    return fine;
}
