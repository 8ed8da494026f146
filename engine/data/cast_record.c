// Cast of a record to text: (1,"a b",,t): each field as its text, quoted where a blank, a comma, a
// parenthesis, a quote or nothing stands in it.
#include "engine/data/cast_in.h"
#include "engine/data/record.h"

static void put_field(Bytes *out, Str s)
{
    bool quoted = !s.len;
    for (size_t i = 0; i < s.len && !quoted; i++) quoted = s.at[i] && strchr("\"\\(), \t\n\r\v\f", s.at[i]);
    if (!quoted) {
        bytes_put(out, s);
        return;
    }
    bytes_put_byte(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '"' || s.at[i] == '\\') bytes_put_byte(out, s.at[i]);
        bytes_put_byte(out, s.at[i]);
    }
    bytes_put_byte(out, '"');
}

// A value as it is printed; what needs the session is cast.
static bool field_text(Value *v, Arena *work, const CastJob *job)
{
    if (cast_needs_context(v->type.id))
        return cast_value_in(job->context, v, v, type_of(TYPE_TEXT), CAST_EXPLICIT, work, job->err);
    Bytes text;
    bytes_init(&text, TYPE_VALUE_BYTES_MAX);
    value_to_text(v, &text);
    if (!text.failed) v->text = text_of(arena_copy(work, bytes_str(&text)));
    bool fine = !text.failed ||
                err_set(job->err, SQLSTATE_LIMIT, "the text of a row is longer than one value may be");
    bytes_done(&text);
    return fine;
}

static bool put_fields(Bytes *out, const Text *cell, Arena *work, const CastJob *job)
{
    Record r;
    if (!record_open(&r, cell)) return err_set(job->err, SQLSTATE_CORRUPT, "a row value is damaged");
    bytes_put_byte(out, '(');
    for (uint32_t i = 0; i < r.fields && !out->failed; i++) {
        Value v = record_value(&r, i, work);
        if (i) bytes_put_byte(out, ',');
        if (v.null) continue;
        if (!field_text(&v, work, job)) return false;
        put_field(out, text_str(&v.text));
    }
    bytes_put_byte(out, ')');
    return true;
}

bool cast_kernel_from_record(const CastJob *job)
{
    const Text *source = job->in->data;
    Text *target = job->out->data;
    for (uint32_t i = 0; i < job->count; i++) {
        uint32_t row = job_row(job, i);
        Arena work = {0};
        Bytes out;
        bytes_init(&out, TYPE_VALUE_BYTES_MAX);
        bool fine = put_fields(&out, &source[row], &work, job);
        if (fine && out.failed)
            fine = err_set(job->err, SQLSTATE_LIMIT, "the text of a row is longer than one value may be");
        if (fine) target[row] = text_of(arena_copy(job->mem, bytes_str(&out)));
        bytes_done(&out);
        arena_done(&work);
        if (!fine) return false;
    }
    return true;
}
