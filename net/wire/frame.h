// Frame: numbers and strings in network byte order, read with every bound checked and written into a Bytes.
// Relies on buf.
#ifndef NET_WIRE_FRAME_H
#define NET_WIRE_FRAME_H

#include "engine/base/buf.h"

// Reads from front to back. What is not there sets `bad` and reads as 0 or "": callers look once at the end.
typedef struct Frame {
    const char *at;
    size_t left;
    bool bad;
} Frame;

static inline Frame frame_of(Str s) { return (Frame){s.at, s.len, false}; }
uint8_t frame_u8(Frame *f);
uint16_t frame_u16(Frame *f);
uint32_t frame_u32(Frame *f);
uint64_t frame_u64(Frame *f);
// Up to a zero byte, which is passed over.
Str frame_string(Frame *f);
Str frame_bytes(Frame *f, size_t len);
// All read and nothing was missing.
static inline bool frame_whole(const Frame *f) { return !f->bad && f->left == 0; }

void frame_put_u16(Bytes *out, uint16_t value);
void frame_put_u32(Bytes *out, uint32_t value);
void frame_put_u64(Bytes *out, uint64_t value);
void frame_put_string(Bytes *out, Str text); // and a zero byte; stops at a zero byte inside
// The same into memory that the caller has reserved; return the place behind.
static inline char *frame_store_u16(char *at, uint16_t v)
{
    at[0] = (char)(v >> 8);
    at[1] = (char)v;
    return at + 2;
}
static inline char *frame_store_u32(char *at, uint32_t v)
{
    at[0] = (char)(v >> 24);
    at[1] = (char)(v >> 16);
    at[2] = (char)(v >> 8);
    at[3] = (char)v;
    return at + 4;
}
static inline char *frame_store_u64(char *at, uint64_t v)
{
    return frame_store_u32(frame_store_u32(at, (uint32_t)(v >> 32)), (uint32_t)v);
}
static inline uint32_t frame_load_u32(const char *at)
{
    const unsigned char *p = (const unsigned char *)at;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#endif
