// Casts of jsonb to boolean and numbers: the document must be just such a value.
#include "engine/data/cast_in.h"
#include "engine/data/document.h"

static bool not_such(const CastJob *job, DocumentKind kind)
{
    static const char *const name[] = {
        [DOCUMENT_NULL] = "null",     [DOCUMENT_STRING] = "string", [DOCUMENT_NUMBER] = "numeric",
        [DOCUMENT_FALSE] = "boolean", [DOCUMENT_TRUE] = "boolean",  [DOCUMENT_ARRAY] = "array",
        [DOCUMENT_OBJECT] = "object"};
    return err_set(job->err, "22023", "cannot cast jsonb %s to type %s", name[kind], type_name(job->to.id));
}

// The number goes the way of any numeric, with its ranges and modifiers.
static bool number_cell(const CastJob *job, Str s, uint32_t row)
{
    Value v = {.type = type_of(TYPE_NUMERIC)};
    if (!numeric_from_text(&v.numeric, s, job->mem, job->err) ||
        !cast_value_in(job->context, &v, &v, job->to, job->how, job->mem, job->err))
        return false;
    memcpy((char *)job->out->data + row * phys_size(type_phys(job->to.id)), &v.boolean,
           phys_size(type_phys(job->to.id)));
    return true;
}

bool cast_kernel_from_document(const CastJob *job)
{
    const Text *source = job->in->data;
    for (uint32_t i = 0; i < job->count; i++) {
        uint32_t row = job_row(job, i);
        Str s = text_str(&source[row]);
        DocumentKind kind = document_kind(s);
        if (job->to.id == TYPE_BOOLEAN) {
            if (kind != DOCUMENT_TRUE && kind != DOCUMENT_FALSE) return not_such(job, kind);
            ((uint8_t *)job->out->data)[row] = kind == DOCUMENT_TRUE;
        } else if (kind != DOCUMENT_NUMBER) {
            return not_such(job, kind);
        } else if (!number_cell(job, s, row)) {
            return false;
        }
    }
    return true;
}
