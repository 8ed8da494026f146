// Fuzz: the import reader's pure parts on any bytes in the three families: the splitter gives the same pieces
// however the text is cut, pieces lie inside the text, and rewriting ends with a text and never reads
// outside.
#include "export/import_in.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t hash_pieces(Str text, ImportDialect dialect, size_t step, Bytes *out)
{
    ImportSplitter s;
    import_splitter_init(&s, dialect);
    size_t front = 0, seen = step < text.len ? step : text.len;
    uint64_t hash = 0;
    for (;;) {
        ImportPiece piece;
        Str view = str_slice(text, front, seen - front);
        if (import_split(&s, view, seen == text.len, &piece)) {
            if (piece.at + piece.len > piece.end || piece.end > view.len || !piece.end) abort();
            hash = hash * 31 + front + piece.at;
            hash = hash * 31 + piece.len;
            if (out && piece.kind == IMPORT_STATEMENT) {
                const char *why;
                Bytes wait;
                bytes_init(&wait, IMPORT_STATEMENT_MAX);
                bytes_clear(out);
                ImportRewrite r = {.dialect = dialect,
                                   .text = str_slice(view, piece.at, piece.len),
                                   .out = out,
                                   .later = &wait};
                (void)import_action(r.text, dialect, &why);
                import_rewrite(&r);
                for (size_t i = 0; i <= out->len; i++)
                    if (import_origin(&r, i) > r.text.len) abort();
                import_rewrite_done(&r);
                bytes_done(&wait);
            }
            front += piece.end;
        } else if (seen == text.len) {
            return hash;
        } else {
            seen = seen + step < text.len ? seen + step : text.len;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ImportDialect dialects[] = {IMPORT_POSTGRES, IMPORT_MYSQL, IMPORT_SQLITE};
    if (size > 4096) return 0;
    Str text = {(const char *)data, size};
    (void)import_guess(text);
    for (size_t i = 0; i < COUNT_OF(dialects); i++) {
        Bytes out;
        bytes_init(&out, IMPORT_STATEMENT_MAX);
        uint64_t whole = hash_pieces(text, dialects[i], size ? size : 1, &out);
        uint64_t cut = hash_pieces(text, dialects[i], 7, NULL);
        if (whole != cut) abort();
        bytes_done(&out);
    }
    return 0;
}
