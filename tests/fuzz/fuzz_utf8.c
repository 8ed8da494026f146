// Fuzz: whatever bytes come, utf8_safe gives well-formed text without controls, positions move on, folding is
// idempotent.
#include "engine/base/utf8.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_safe(Str s)
{
    Bytes out, again;
    bytes_init(&out, 16 * s.len + 16);
    bytes_init(&again, 16 * s.len + 16);
    utf8_safe(&out, s, false);
    assert(!out.failed && utf8_check(bytes_str(&out)) == SIZE_MAX);
    for (size_t i = 0; i < out.len; i++) assert((unsigned char)out.at[i] >= 0x20 && out.at[i] != 0x7F);
    utf8_safe(&again, bytes_str(&out), false);
    assert(str_equal(bytes_str(&out), bytes_str(&again))); // what is safe stays as it is
    (void)utf8_width(s);
    bytes_done(&out);
    bytes_done(&again);
}

static void check_positions(Str s)
{
    size_t bad = utf8_check(s), pos = 0, count = 0;
    while (pos < s.len) {
        size_t before = pos;
        utf8_next(s, &pos);
        assert(pos > before && pos <= s.len);
        count++;
    }
    assert(utf8_length(s) == count && utf8_offset(s, count) == s.len);
    assert(bad == SIZE_MAX || bad < s.len);
    for (pos = 0; pos < s.len;) {
        size_t next = utf8_grapheme_next(s, pos);
        assert(next > pos && next <= s.len);
        assert(utf8_grapheme_prev(s, next) < next);
        pos = next;
    }
}

static void check_fold(Str s)
{
    Bytes once, twice;
    bytes_init(&once, 1 << 20);
    bytes_init(&twice, 1 << 20);
    bool ok = utf8_fold(&once, s);
    assert(ok == (utf8_check(s) == SIZE_MAX));
    if (ok) assert(utf8_check(bytes_str(&once)) == SIZE_MAX && utf8_nfkc(&twice, s));
    bytes_done(&once);
    bytes_done(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 4096) return 0;
    Str s = {(const char *)data, size};
    check_safe(s);
    check_positions(s);
    check_fold(s);
    return 0;
}
