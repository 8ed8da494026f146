// Like: one idea: cut the pattern at its %; the first and the last piece are anchored, those between are
// found from left to right, the leftmost place being always good enough.
#include "engine/exec/like.h"

#include "engine/base/utf8.h"
#include <string.h>

static inline int ascii_lower(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

static void like_shape(Like *l)
{
    bool plain = !l->fold;
    for (uint32_t p = 0; p < l->pieces; p++) {
        LikePiece *x = &l->piece[p];
        unsigned char c = (unsigned char)x->text.at[0];
        plain &= x->any == NULL;
        x->first = c < 128 && !(x->any && x->any[0]) ? ascii_lower(c) : -1;
    }
    l->shape = LIKE_GENERAL;
    if (l->pieces == 0) {
        l->shape = l->open_start ? LIKE_ALL : LIKE_EXACT;
    } else if (plain && l->pieces == 1) {
        l->shape = l->open_start ? (l->open_end ? LIKE_CONTAINS : LIKE_SUFFIX)
                                 : (l->open_end ? LIKE_PREFIX : LIKE_EXACT);
    }
}

bool like_compile(Like *l, Str pattern, int escape, bool fold, Arena *mem, Err *err)
{
    *l = (Like){.fold = fold};
    char *text = arena_get(mem, pattern.len + 1);
    bool *any = arena_get(mem, pattern.len + 1);
    l->piece = arena_array(mem, LikePiece, pattern.len / 2 + 2);
    size_t used = 0, start = 0;
    bool has_any = false;
    for (size_t i = 0; i <= pattern.len; i++) {
        char c = i < pattern.len ? pattern.at[i] : '%';
        if (i < pattern.len && escape >= 0 && c == (char)escape) {
            if (++i == pattern.len)
                return err_set(err, "22025", "LIKE pattern must not end with escape character");
            text[used++] = pattern.at[i];
            l->open_end = false;
        } else if (c == '%') {
            if (i < pattern.len) {
                if (used == 0 && l->pieces == 0) l->open_start = true;
                l->open_end = true;
            }
            if (used == start) continue;
            l->piece[l->pieces++] =
                (LikePiece){.text = {text + start, used - start}, .any = has_any ? any + start : NULL};
            start = used;
            has_any = false;
        } else {
            if (c == '_') has_any = any[used] = true;
            text[used++] = c;
            l->open_end = false;
        }
    }
    like_shape(l);
    return true;
}

// Does the piece stand at byte `at`? *end: behind it.
static bool like_here(const Like *l, const LikePiece *p, Str text, size_t at, size_t *end)
{
    size_t i = 0;
    while (i < p->text.len) {
        if (at >= text.len) return false;
        if (p->any && p->any[i]) {
            utf8_next(text, &at);
            i++;
        } else if (!l->fold) {
            if (p->text.at[i++] != text.at[at++]) return false;
        } else {
            unsigned char x = (unsigned char)p->text.at[i], y = (unsigned char)text.at[at];
            if (x < 128 && y < 128) {
                if (ascii_lower(x) != ascii_lower(y)) return false;
                i++;
                at++;
            } else if (utf8_rune_lower(utf8_next(p->text, &i)) != utf8_rune_lower(utf8_next(text, &at))) {
                return false;
            }
        }
    }
    *end = at;
    return true;
}

static bool like_find(const Like *l, const LikePiece *p, Str text, size_t from, size_t *end)
{
    if (!l->fold && !p->any) {
        const char *hit = memmem(text.at + from, text.len - from, p->text.at, p->text.len);
        if (!hit) return false;
        *end = (size_t)(hit - text.at) + p->text.len;
        return true;
    }
    for (size_t at = from; at < text.len;) {
        unsigned char c = (unsigned char)text.at[at];
        if (c < 128) { // the usual case: one look at one byte
            if ((p->first < 0 || ascii_lower(c) == p->first || !l->fold) && like_here(l, p, text, at, end))
                return true;
            at++;
        } else {
            if (like_here(l, p, text, at, end)) return true;
            utf8_next(text, &at);
        }
    }
    return false;
}

// The piece at the very end: its start is found by counting characters back.
static bool like_at_end(const Like *l, const LikePiece *p, Str text, size_t from)
{
    size_t runes = 0, at = text.len, end;
    for (size_t i = 0; i < p->text.len;) {
        if (p->any && p->any[i])
            i++;
        else
            utf8_next(p->text, &i);
        runes++;
    }
    for (; runes && at > from; runes--) do
            at--;
        while (at > from && ((unsigned char)text.at[at] & 0xC0) == 0x80);
    return !runes && like_here(l, p, text, at, &end) && end == text.len;
}

static bool like_general(const Like *l, Str text)
{
    size_t at = 0;
    uint32_t first = 0, last = l->pieces;
    if (!l->open_start) {
        if (!like_here(l, &l->piece[first++], text, 0, &at)) return false;
        if (first == last && !l->open_end) return at == text.len;
    }
    if (!l->open_end) last--;
    for (; first < last; first++)
        if (!like_find(l, &l->piece[first], text, at, &at)) return false;
    return l->open_end || like_at_end(l, &l->piece[last], text, at);
}

bool like_match(const Like *l, Str text)
{
    Str p = l->pieces ? l->piece[0].text : STR_NONE;
    switch (l->shape) {
    case LIKE_ALL: return true;
    case LIKE_EXACT: return str_equal(text, p);
    case LIKE_PREFIX: return str_starts(text, p);
    case LIKE_SUFFIX: return str_ends(text, p);
    case LIKE_CONTAINS: return text.len >= p.len && memmem(text.at, text.len, p.at, p.len) != NULL;
    case LIKE_GENERAL: break;
    }
    return like_general(l, text);
}
