// Buf and Bytes. A Bytes doubles and never passes its maximum; after a failure it stays empty and failed, so
// that a caller checks once, at the end. Relies on size.
#include "engine/base/buf.h"
#include "engine/base/size.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAP_MIN = 64 };

Buf *buf_new(size_t size)
{
    size_t total;
    if (!size_add(&total, sizeof(Buf), size)) return NULL;
    Buf *b = calloc(1, total); // malloc's alignment is 16 on every 64-bit Linux
    if (!b) return NULL;
    atomic_init(&b->refs, 1);
    b->size = size;
    return b;
}

Buf *buf_keep(Buf *b)
{
    if (b) atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    return b;
}

void buf_drop(Buf *b)
{
    if (b && atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1) free(b);
}

void bytes_init(Bytes *b, size_t max) { *b = (Bytes){.max = max}; }

void bytes_done(Bytes *b)
{
    free(b->at);
    *b = (Bytes){.max = b->max};
}

void bytes_clear(Bytes *b)
{
    b->len = 0;
    b->failed = false;
    if (b->at) b->at[0] = 0;
}

static void fail(Bytes *b)
{
    free(b->at);
    *b = (Bytes){.max = b->max, .failed = true};
}

// Room for `size` more bytes and the closing NUL.
static bool grow(Bytes *b, size_t size)
{
    if (b->failed) return false;
    if (size > b->max || b->len > b->max - size) {
        fail(b);
        return false;
    }
    size_t wanted;
    if (!size_add(&wanted, b->len + size, 1)) {
        fail(b);
        return false;
    }
    if (wanted <= b->cap) return true;
    size_t cap = b->cap > SIZE_MAX / 2 ? wanted : b->cap * 2;
    if (cap < CAP_MIN) cap = CAP_MIN;
    if (cap < wanted) cap = wanted;
    if (b->max < cap - 1) cap = b->max + 1;
    char *at = size_realloc(b->at, cap, 1);
    if (!at) {
        fail(b);
        return false;
    }
    b->at = at;
    b->cap = cap;
    return true;
}

static bool fits(Bytes *b, size_t size) { return (size < b->cap - b->len && b->cap) || grow(b, size); }

void bytes_put(Bytes *b, Str s)
{
    if (!fits(b, s.len)) return;
    if (s.len) memcpy(b->at + b->len, s.at, s.len);
    b->len += s.len;
    b->at[b->len] = 0;
}

void bytes_put_byte(Bytes *b, char byte)
{
    if (!fits(b, 1)) return;
    b->at[b->len++] = byte;
    b->at[b->len] = 0;
}

void bytes_put_repeat(Bytes *b, char byte, size_t count)
{
    if (!fits(b, count)) return;
    memset(b->at + b->len, byte, count);
    b->len += count;
    b->at[b->len] = 0;
}

void bytes_printf(Bytes *b, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    if (grow(b, 0)) {
        size_t room = b->cap - b->len;
        int len = vsnprintf(b->at + b->len, room, format, list);
        if (len < 0) {
            fail(b);
        } else if ((size_t)len < room) {
            b->len += (size_t)len;
        } else if (grow(b, (size_t)len)) {
            vsnprintf(b->at + b->len, (size_t)len + 1, format, again);
            b->len += (size_t)len;
        }
    }
    va_end(again);
    va_end(list);
}

void bytes_put_uint64(Bytes *b, uint64_t value)
{
    char text[20];
    size_t at = sizeof text;
    do text[--at] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    bytes_put(b, (Str){text + at, sizeof text - at});
}

void bytes_put_int64(Bytes *b, int64_t value)
{
    if (value < 0) bytes_put_byte(b, '-');
    bytes_put_uint64(b, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void bytes_put_hex64(Bytes *b, uint64_t value, unsigned digits)
{
    char text[16];
    size_t at = sizeof text;
    if (digits > sizeof text) digits = sizeof text;
    do text[--at] = "0123456789abcdef"[value & 15];
    while ((value >>= 4) != 0);
    while (sizeof text - at < digits) text[--at] = '0';
    bytes_put(b, (Str){text + at, sizeof text - at});
}

char *bytes_reserve(Bytes *b, size_t size) { return grow(b, size) ? b->at + b->len : NULL; }

void bytes_reserve_done(Bytes *b, size_t written)
{
    if (b->failed || !b->at) return;
    b->len += written;
    b->at[b->len] = 0;
}

void bytes_remove_front(Bytes *b, size_t count)
{
    if (count > b->len) count = b->len;
    if (count == 0) return;
    memmove(b->at, b->at + count, b->len - count);
    b->len -= count;
    b->at[b->len] = 0;
}
