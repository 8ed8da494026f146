// Fuzz: any line through the reader; what it took is written again and read to the same members. Also hiding
// secrets and base64, which read the same kind of hostile text.
#include "engine/base/base64.h"
#include "engine/base/json.h"
#include "engine/base/utf8.h"
#include "engine/journal/journal.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMBERS = 64 };

static void write_again(const JsonMember *m, size_t count, Bytes *out)
{
    Json j;
    json_init(&j, out);
    json_begin(&j, '{');
    for (size_t i = 0; i < count; i++) {
        json_key_str(&j, m[i].key);
        if (m[i].kind == 's')
            json_str(&j, m[i].value);
        else
            json_raw(&j, m[i].value);
    }
    json_end(&j, '}');
}

static void check_reader(Str line)
{
    Arena mem = {0};
    JsonMember m[MEMBERS], again[MEMBERS];
    size_t count, count_again;
    if (json_read_object(line, m, MEMBERS, &count, &mem)) {
        Bytes out;
        bytes_init(&out, 1 << 20);
        write_again(m, count, &out);
        assert(!out.failed && json_read_object(bytes_str(&out), again, MEMBERS, &count_again, &mem));
        assert(count == count_again);
        for (size_t i = 0; i < count; i++) {
            assert(m[i].kind == again[i].kind);
            bool text = utf8_check(m[i].value) == SIZE_MAX;
            if (text) assert(str_equal(m[i].value, again[i].value));
        }
        bytes_done(&out);
    }
    arena_done(&mem);
}

static void check_others(Str s)
{
    Bytes out;
    size_t len;
    uint8_t raw[4096];
    bytes_init(&out, 1 << 20);
    journal_hide_secrets(&out, s);
    assert(!out.failed);
    bytes_clear(&out);
    if (base64_read(s, raw, sizeof raw, &len)) {
        base64_put(&out, raw, len);
        assert(str_equal(bytes_str(&out), s));
    }
    bytes_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 4096) return 0;
    Str s = {(const char *)data, size};
    check_reader(s);
    check_others(s);
    return 0;
}
