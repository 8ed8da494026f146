// Base64 (RFC 4648 section 4), padded, without line breaks. Relies on buf.
#ifndef ENGINE_BASE_BASE64_H
#define ENGINE_BASE_BASE64_H

#include "engine/base/buf.h"

void base64_put(Bytes *out, const void *at, size_t len);
// Strict: no white space, right padding, unused bits zero. Writes at most `size` bytes; false when the text
// is not base64 or does not fit.
bool base64_read(Str text, void *out, size_t size, size_t *len);

#endif
