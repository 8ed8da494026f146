// Copy: see copy.h. A field that stands as it is meant is not copied: it stays a place in the text that was
// read.
#include "engine/data/copy.h"

#include "engine/base/size.h"
#include <stdlib.h>
#include <string.h>

void copy_record_init(CopyRecord *r, size_t text_max)
{
    *r = (CopyRecord){0};
    bytes_init(&r->text, text_max);
    r->field = size_alloc_zero(COPY_FIELDS_MAX + 1, sizeof *r->field);
    if (!r->field) abort();
}

void copy_record_done(CopyRecord *r)
{
    bytes_done(&r->text);
    free(r->field);
    r->field = NULL;
}

// ---- text ----

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Behind a backslash: \t \n \\ … and \ooo, \xhh are bytes.
static size_t read_escape(Bytes *out, Str field, size_t i)
{
    static const char from[] = "btnvfr", to[] = "\b\t\n\v\f\r";
    char c = field.at[i];
    const char *known = c ? strchr(from, c) : NULL;
    unsigned byte = 0;
    if (known) {
        c = to[known - from];
    } else if (c >= '0' && c <= '7') {
        byte = (unsigned)(c - '0');
        for (int k = 0; k < 2 && i + 1 < field.len && field.at[i + 1] >= '0' && field.at[i + 1] <= '7'; k++)
            byte = byte * 8 + (unsigned)(field.at[++i] - '0');
        c = (char)byte;
    } else if (c == 'x' && i + 1 < field.len && hex_digit(field.at[i + 1]) >= 0) {
        for (int k = 0; k < 2 && i + 1 < field.len && hex_digit(field.at[i + 1]) >= 0; k++)
            byte = byte * 16 + (unsigned)hex_digit(field.at[++i]);
        c = (char)byte;
    }
    bytes_put_byte(out, c);
    return i;
}

static void take_text_field(CopyRecord *r, const CopyFormat *f, Str text, size_t at, size_t len, bool escaped)
{
    CopyField *field = &r->field[r->fields++];
    Str raw = str_slice(text, at, len);
    *field = (CopyField){.at = at, .len = len, .null = str_equal(raw, f->null)};
    if (!escaped || field->null) return;
    field->at = r->text.len;
    field->inside = true;
    for (size_t i = 0; i < raw.len; i++)
        if (raw.at[i] == '\\' && i + 1 < raw.len)
            i = read_escape(&r->text, raw, i + 1);
        else
            bytes_put_byte(&r->text, raw.at[i]);
    field->len = r->text.len - field->at;
}

static CopyFound text_record(CopyRecord *r, const CopyFormat *f, Str text, bool last, const char **why)
{
    const char *end = text.len ? memchr(text.at, '\n', text.len) : NULL;
    // A line end behind a backslash is data.
    while (end && end > text.at) {
        size_t slashes = 0;
        for (const char *p = end; p > text.at && p[-1] == '\\'; p--) slashes++;
        if (slashes % 2 == 0) break;
        r->lines++;
        end = memchr(end + 1, '\n', text.len - (size_t)(end + 1 - text.at));
    }
    if (!end && !last) return COPY_MORE;
    size_t len = end ? (size_t)(end - text.at) : text.len;
    r->bytes = len + (end != NULL);
    r->lines++;
    if (len && text.at[len - 1] == '\r') len--;
    if (!f->no_mark && len == 2 && memcmp(text.at, "\\.", 2) == 0) return COPY_MARK;
    bool escaped = false;
    size_t start = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && text.at[i] == '\\') {
            escaped = true;
            i++;
            continue;
        }
        if (i < len && text.at[i] != f->delimiter) continue;
        if (r->fields == COPY_FIELDS_MAX) {
            *why = "a record has too many fields";
            return COPY_BAD;
        }
        take_text_field(r, f, text, start, i - start, escaped);
        start = i + 1;
        escaped = false;
    }
    return COPY_RECORD;
}

// ---- CSV ----

typedef struct CsvField {
    size_t start;  // in the text
    size_t inside; // in r->text, once it is written there
    bool copied, quoted, closed;
} CsvField;

static void csv_copy(CopyRecord *r, CsvField *c, Str text, size_t upto)
{
    if (c->copied) return;
    c->copied = true;
    c->inside = r->text.len;
    bytes_put(&r->text, str_slice(text, c->start, upto - c->start));
}

static void csv_end(CopyRecord *r, const CopyFormat *f, const CsvField *c, Str text, size_t upto)
{
    CopyField *field = &r->field[r->fields++];
    *field = c->copied ? (CopyField){.at = c->inside, .len = r->text.len - c->inside, .inside = true}
                       : (CopyField){.at = c->start, .len = upto - c->start};
    field->quoted = c->quoted;
    field->null = !c->quoted && str_equal(str_slice(text, c->start, upto - c->start), f->null);
}

// From behind an opening quote to behind the closing one; SIZE_MAX when the text stops before.
static size_t csv_quoted(CopyRecord *r, const CopyFormat *f, Str text, size_t at, bool last)
{
    for (size_t from = at;; at++) {
        if (at >= text.len) return SIZE_MAX;
        char c = text.at[at];
        if (c == '\n') r->lines++;
        if (c != f->quote && c != f->escape) continue;
        bytes_put(&r->text, str_slice(text, from, at - from));
        bool more = at + 1 < text.len;
        if (!more && !last) return SIZE_MAX; // the next byte decides
        if (c == f->escape && more && (text.at[at + 1] == f->quote || text.at[at + 1] == f->escape)) {
            bytes_put_byte(&r->text, text.at[at + 1]);
            from = ++at + 1;
            continue;
        }
        if (c == f->quote) return at + 1;
        from = at; // an escape that escapes nothing stands for itself
    }
}

static CopyFound csv_record(CopyRecord *r, const CopyFormat *f, Str text, bool last, const char **why)
{
    if (!f->no_mark && str_starts(text, STR("\\.")) &&
        (text.len == 2 ? last
                       : text.at[2] == '\n' || (text.at[2] == '\r' && text.len > 3 && text.at[3] == '\n'))) {
        r->bytes = text.len == 2 ? 2 : text.at[2] == '\n' ? 3 : 4;
        return COPY_MARK;
    }
    CsvField c = {0};
    for (size_t at = 0;; at++) {
        bool end = at >= text.len;
        if (end && !last) return COPY_MORE;
        char byte = end ? '\n' : text.at[at];
        if (byte == f->quote && !end && (!f->strict || (!c.quoted && at == c.start))) {
            csv_copy(r, &c, text, at);
            c.quoted = true;
            at = csv_quoted(r, f, text, at + 1, last);
            *why = "unterminated CSV quoted field";
            if (at == SIZE_MAX) return last ? COPY_BAD : COPY_MORE;
            at--;
        } else if (byte == f->delimiter || byte == '\n') {
            bool cr = byte == '\n' && at > c.start && !end && text.at[at - 1] == '\r';
            if (cr && c.copied && r->text.len > c.inside && r->text.at[r->text.len - 1] == '\r')
                r->text.len--;
            csv_end(r, f, &c, text, cr ? at - 1 : at);
            if (byte == '\n') {
                r->bytes = end ? at : at + 1;
                r->lines++;
                return COPY_RECORD;
            }
            *why = "a record has too many fields";
            if (r->fields == COPY_FIELDS_MAX) return COPY_BAD;
            c = (CsvField){.start = at + 1};
        } else if (c.copied) {
            if (byte != '\r' || !(at + 1 < text.len && text.at[at + 1] == '\n')) {
                *why = "a quoted field goes on behind its closing quote";
                if (f->strict) return COPY_BAD;
            }
            bytes_put_byte(&r->text, byte);
        }
    }
}

CopyFound copy_record(CopyRecord *r, const CopyFormat *f, Str text, bool last, const char **why)
{
    bytes_clear(&r->text);
    r->fields = 0;
    r->bytes = r->lines = 0;
    *why = "";
    CopyFound found = f->csv ? csv_record(r, f, text, last, why) : text_record(r, f, text, last, why);
    if (!r->text.failed) return found;
    *why = "a record is too long";
    return COPY_BAD;
}

// ---- writing ----

static void put_text(Bytes *out, const CopyFormat *f, Str value)
{
    static const char from[] = "\b\t\n\v\f\r\\", to[] = "btnvfr\\";
    size_t start = 0;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        const char *known = (unsigned char)c < 0x20 || c == '\\' ? (c ? strchr(from, c) : NULL) : NULL;
        if (!known && c != f->delimiter) continue;
        bytes_put(out, str_slice(value, start, i - start));
        bytes_put_byte(out, '\\');
        bytes_put_byte(out, known && c != f->delimiter ? to[known - from] : known ? to[known - from] : c);
        start = i + 1;
    }
    bytes_put(out, str_slice(value, start, SIZE_MAX));
}

void copy_put_field(Bytes *out, const CopyFormat *f, Str value, bool quote, bool alone)
{
    if (!f->csv) {
        put_text(out, f, value);
        return;
    }
    quote |= str_equal(value, f->null) || (alone && str_equal(value, STR("\\.")));
    for (size_t i = 0; !quote && i < value.len; i++) {
        char c = value.at[i];
        quote = c == f->delimiter || c == f->quote || c == '\n' || c == '\r';
    }
    if (!quote) {
        bytes_put(out, value);
        return;
    }
    bytes_put_byte(out, f->quote);
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == f->quote || value.at[i] == f->escape) bytes_put_byte(out, f->escape);
        bytes_put_byte(out, value.at[i]);
    }
    bytes_put_byte(out, f->quote);
}
