// CRC-32C (Castagnoli, RFC 3720 appendix B.4): the checksum of every block and record. Hardware where there
// is.
#ifndef ENGINE_BASE_CRC32C_H
#define ENGINE_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

// Start with crc = 0; chain by passing the last result.
uint32_t crc32c(uint32_t crc, const void *at, size_t len);
// The same without the processor's instruction; what crc32c falls back to.
uint32_t crc32c_portable(uint32_t crc, const void *at, size_t len);

#endif
