// Like: patterns of LIKE and ILIKE, compiled once. % is any run, _ any one character (UTF-8), the escape
// makes the next character plain. Relies on base.
#ifndef ENGINE_EXEC_LIKE_H
#define ENGINE_EXEC_LIKE_H

#include "engine/base/arena.h"
#include "engine/base/err.h"

typedef enum LikeShape {
    LIKE_EXACT,    // abc
    LIKE_PREFIX,   // abc%
    LIKE_SUFFIX,   // %abc
    LIKE_CONTAINS, // %abc%
    LIKE_ALL,      // %
    LIKE_GENERAL,  // pieces between the %, with _
} LikeShape;

typedef struct LikePiece {
    Str text;        // escapes taken out
    const bool *any; // any[i]: byte i stands for one whole character (_); NULL = none
    int first;       // ILIKE: the first byte in lower case when it is ASCII and no _; else -1
} LikePiece;

typedef struct Like {
    LikeShape shape;
    bool fold;       // ILIKE: ASCII and simple Unicode letters compare without case
    bool open_start; // begins with %
    bool open_end;
    uint32_t pieces;
    LikePiece *piece;
} Like;

// escape: -1 = none. 22025 when the pattern ends with the escape. All of it lives in mem.
MUST_CHECK bool like_compile(Like *out, Str pattern, int escape, bool fold, Arena *mem, Err *err);
bool like_match(const Like *l, Str text);

#endif
