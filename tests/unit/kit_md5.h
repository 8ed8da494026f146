// Kit: MD5 (RFC 1321), because sqllogictest files name long results by it. Not for anything else.
#ifndef TESTS_UNIT_KIT_MD5_H
#define TESTS_UNIT_KIT_MD5_H

#include <stddef.h>

// 32 hexadecimal digits and a NUL.
void kit_md5_hex(const void *at, size_t len, char out[33]);

#endif
