// Rows of texts gathered into INSERTs of bounded size.
#include "export/import_in.h"

void import_rows_init(ImportRows *r)
{
    *r = (ImportRows){0};
    bytes_init(&r->head, IMPORT_STATEMENT_MAX);
    bytes_init(&r->text, (size_t)IMPORT_STATEMENT_MAX * 4);
}

void import_rows_done(ImportRows *r)
{
    bytes_done(&r->head);
    bytes_done(&r->text);
}

void import_rows_field(ImportRows *r, Str value, bool null)
{
    if (!r->rows && !r->fields) bytes_put(&r->text, bytes_str(&r->head));
    bytes_put(&r->text, r->fields ? STR(", ") : r->rows ? STR(",\n(") : STR("\n("));
    r->fields++;
    if (null)
        bytes_put(&r->text, STR("NULL"));
    else
        source_quote_text(&r->text, value);
}

bool import_rows_end(ImportRows *r)
{
    if (!r->width) r->width = r->fields;
    bool right = r->fields == r->width;
    if (r->fields) bytes_put_byte(&r->text, ')');
    r->fields = 0;
    r->rows++;
    return right;
}

bool import_rows_full(const ImportRows *r)
{
    return r->rows >= IMPORT_ROWS_MAX || r->text.len >= IMPORT_ROWS_BYTES;
}
Str import_rows_take(ImportRows *r) { return bytes_str(&r->text); }

void import_rows_clear(ImportRows *r)
{
    bytes_clear(&r->text);
    r->rows = r->fields = 0;
}
