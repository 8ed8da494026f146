// Frame: see frame.h. Relies on buf.
#include "net/wire/frame.h"

#include <string.h>

static const unsigned char *take(Frame *f, size_t len)
{
    if (f->bad || f->left < len) {
        f->bad = true;
        return NULL;
    }
    const char *at = f->at;
    f->at += len;
    f->left -= len;
    return (const unsigned char *)at;
}

uint8_t frame_u8(Frame *f)
{
    const unsigned char *p = take(f, 1);
    return p ? *p : 0;
}

uint16_t frame_u16(Frame *f)
{
    const unsigned char *p = take(f, 2);
    return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

uint32_t frame_u32(Frame *f)
{
    const unsigned char *p = take(f, 4);
    return p ? frame_load_u32((const char *)p) : 0;
}

uint64_t frame_u64(Frame *f)
{
    uint64_t high = frame_u32(f);
    return high << 32 | frame_u32(f);
}

Str frame_string(Frame *f)
{
    const char *end = f->bad || !f->left ? NULL : memchr(f->at, 0, f->left);
    if (!end) {
        f->bad = true;
        return STR_NONE;
    }
    Str s = {f->at, (size_t)(end - f->at)};
    f->left -= s.len + 1;
    f->at = end + 1;
    return s;
}

Str frame_bytes(Frame *f, size_t len)
{
    const unsigned char *p = take(f, len);
    return p ? (Str){(const char *)p, len} : STR_NONE;
}

void frame_put_u16(Bytes *out, uint16_t value)
{
    char at[2];
    frame_store_u16(at, value);
    bytes_put(out, (Str){at, sizeof at});
}

void frame_put_u32(Bytes *out, uint32_t value)
{
    char at[4];
    frame_store_u32(at, value);
    bytes_put(out, (Str){at, sizeof at});
}

void frame_put_u64(Bytes *out, uint64_t value)
{
    char at[8];
    frame_store_u64(at, value);
    bytes_put(out, (Str){at, sizeof at});
}

void frame_put_string(Bytes *out, Str text)
{
    size_t end = str_find_byte(text, 0, 0);
    bytes_put(out, str_slice(text, 0, end));
    bytes_put_byte(out, 0);
}
