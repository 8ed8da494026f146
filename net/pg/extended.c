// Extended: Parse, Bind, Describe, Execute, Close, Flush and Sync. All statements up to Sync belong to one
// transaction, unless they say otherwise; after an error everything up to Sync is skipped. Relies on talk,
// param.
#include "net/pg/param.h"
#include "net/pg/oid.h"
#include "net/pg/talk_in.h"

#include "engine/base/size.h"
#include <stdlib.h>
#include <string.h>

// ---- Parse ----

static bool parse(Talk *t, Str body)
{
    Frame f = frame_of(body);
    Err err = {.at = -1};
    Str name = frame_string(&f), text = frame_string(&f);
    uint16_t count = frame_u16(&f);
    Type *type = arena_try(&t->mem, (size_t)count + 1, sizeof *type);
    for (uint16_t i = 0; type && i < count && !f.bad; i++) {
        uint32_t oid = frame_u32(&f);
        if (!pg_type_of_oid(oid, &type[i])) {
            err_set(&err, "42704", "type with OID %u is not known here", oid);
            return talk_fail(t, &err, STR_NONE);
        }
    }
    if (!type || !frame_whole(&f)) return talk_malformed(t, "Parse");
    if (!engine_prepare(t->session, name, text, type, count, &err)) return talk_fail(t, &err, text);
    pg_message_empty(t->out, '1');
    return true;
}

// ---- Bind ----

typedef struct Formats {
    uint16_t count;
    const char *at; // two bytes each
} Formats;

static Formats read_formats(Frame *f)
{
    Formats r = {.count = frame_u16(f)};
    r.at = frame_bytes(f, 2 * (size_t)r.count).at;
    return r;
}

// One for each, one for all, or text. -1: no format at all.
static int format_of(const Formats *r, uint32_t i)
{
    if (r->count == 0) return PG_TEXT;
    const unsigned char *p = (const unsigned char *)r->at + 2 * (size_t)(r->count == 1 ? 0 : i);
    unsigned v = (unsigned)p[0] << 8 | p[1];
    return v <= PG_BINARY ? (int)v : -1;
}

// Texts are left to the engine, which knows what they are for.
static bool any_binary(const Formats *r)
{
    for (uint16_t i = 0; i < r->count; i++)
        if (format_of(r, r->count == 1 ? 0 : i) == PG_BINARY) return true;
    return false;
}

static bool read_value(Talk *t, Value *out, Type wanted, int format, Frame *f, Err *err)
{
    uint32_t len = frame_u32(f);
    if (len == UINT32_MAX) {
        *out = value_null(wanted);
        return !f->bad;
    }
    Str bytes = frame_bytes(f, len);
    if (f->bad) return err_set(err, "08P01", "insufficient data left in message");
    if (format < 0) return err_set(err, "22023", "unsupported format code");
    return format == PG_TEXT ? pg_param_text(out, bytes, err)
                             : pg_param_binary(out, wanted, bytes, &t->mem, err);
}

static bool keep_formats(Talk *t, Str portal, const Formats *r, Err *err)
{
    TalkPortal *p = talk_portal(t, portal);
    if (!p) return err_set(err, SQLSTATE_LIMIT, "too many portals");
    p->formats = 0;
    if (r->count > p->room) {
        uint8_t *more = size_realloc(p->format, r->count, 1);
        if (!more) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for the formats of a result");
        p->format = more;
        p->room = r->count;
    }
    for (uint16_t i = 0; i < r->count; i++) {
        int format = format_of(r, i);
        if (r->count == 1) format = format_of(r, 0);
        if (format < 0) return err_set(err, "22023", "unsupported format code");
        p->format[i] = (uint8_t)format;
    }
    p->formats = r->count;
    p->ready = false;
    return true;
}

// Every column that is wanted in binary has such a form.
static bool check_puts(Talk *t, Str portal, const TalkPortal *p, Err *err)
{
    EngineDescription d;
    if (!engine_portal_describe(t->session, portal, &t->mem, &d, err)) return false;
    for (uint32_t c = 0; c < d.columns; c++)
        if (!pg_put_cell(d.column[c].type.id, (PgFormat)talk_portal_format(p, c)))
            return err_set(err, SQLSTATE_UNSUPPORTED,
                           "type %s has no binary form here; ask for column %u as text",
                           type_name(d.column[c].type.id), c + 1);
    return true;
}

static bool bind(Talk *t, Str body)
{
    Frame f = frame_of(body);
    Err err = {.at = -1};
    Str portal = frame_string(&f), statement = frame_string(&f);
    Formats formats = read_formats(&f);
    uint16_t count = frame_u16(&f);
    if (f.bad) return talk_malformed(t, "Bind");
    EngineDescription d = {0};
    if (any_binary(&formats) && !engine_describe(t->session, statement, &t->mem, &d, &err))
        return talk_fail(t, &err, STR_NONE);
    if (formats.count > 1 && formats.count != count) {
        err_set(&err, "08P01", "bind message has %u parameter formats but %u parameters", formats.count,
                count);
        return talk_fail(t, &err, STR_NONE);
    }
    Value *value = arena_try(&t->mem, (size_t)count + 1, sizeof *value);
    if (!value) return talk_malformed(t, "Bind");
    for (uint16_t i = 0; i < count; i++)
        if (!read_value(t, &value[i], i < d.params ? d.param[i] : type_of(TYPE_NULL), format_of(&formats, i),
                        &f, &err))
            return err_any(&err) ? talk_fail(t, &err, STR_NONE) : talk_malformed(t, "Bind");
    Formats results = read_formats(&f);
    if (!frame_whole(&f)) return talk_malformed(t, "Bind");
    if (!keep_formats(t, portal, &results, &err)) return talk_fail(t, &err, STR_NONE);
    const TalkPortal *p = talk_portal(t, portal);
    EngineBinding b = {.param = value, .params = count, .raw = p->format, .raws = p->formats};
    if (!engine_bind(t->session, portal, statement, &b, &err)) return talk_fail(t, &err, STR_NONE);
    if (any_binary(&results) && !check_puts(t, portal, p, &err)) return talk_fail(t, &err, STR_NONE);
    pg_message_empty(t->out, '2');
    return true;
}

// ---- Describe ----

static void put_columns(Talk *t, const EngineDescription *d, const TalkPortal *p)
{
    if (!d->rows) {
        pg_message_empty(t->out, 'n');
        return;
    }
    uint8_t *format = arena_get(&t->mem, d->columns + 1);
    for (uint32_t c = 0; p && c < d->columns; c++) format[c] = talk_portal_format(p, c);
    pg_row_description(t->out, d->column, d->columns, format);
}

static bool describe(Talk *t, Str body)
{
    Frame f = frame_of(body);
    Err err = {.at = -1};
    char what = (char)frame_u8(&f);
    Str name = frame_string(&f);
    if (!frame_whole(&f) || (what != 'S' && what != 'P')) return talk_malformed(t, "Describe");
    EngineDescription d;
    if (what == 'P') {
        if (!engine_portal_describe(t->session, name, &t->mem, &d, &err)) return talk_fail(t, &err, STR_NONE);
        put_columns(t, &d, talk_portal(t, name));
        return true;
    }
    if (!engine_describe(t->session, name, &t->mem, &d, &err)) return talk_fail(t, &err, STR_NONE);
    size_t m = pg_message_begin(t->out, 't');
    frame_put_u16(t->out, (uint16_t)d.params);
    for (uint32_t i = 0; i < d.params; i++) frame_put_u32(t->out, pg_type_oid(d.param[i]));
    pg_message_end(t->out, m);
    put_columns(t, &d, NULL);
    return true;
}

// ---- Execute ----

static bool on_rows(void *self, const Batch *b)
{
    Talk *t = self;
    if (!talk_put_rows(t, t->running.portal, b)) return false;
    if (t->running.limited) t->running.left -= b->sel_len;
    return t->out->len <= TALK_OUT_FULL;
}

// Statements without a plan tell their columns when they run; the client has asked for them before.
static bool on_columns(void *self, const ResultColumn *column, uint32_t count)
{
    (void)column;
    (void)count;
    ((Talk *)self)->running.portal->ready = false;
    return true;
}

static bool run_on(Talk *t)
{
    ResultSink sink = {.self = t,
                       .columns = on_columns,
                       .rows = on_rows,
                       .notice = talk_notice,
                       .warning = talk_warning,
                       .done = talk_complete};
    talk_copy_sink(&sink);
    TalkRunning *r = &t->running;
    Err err = {.at = -1};
    EnginePortalEnd end;
    bool goes_on = r->begun;
    r->begun = true;
    bool good =
        engine_portal_run(t->session, r->portal->name, r->limited ? r->left : 0, goes_on, &sink, &end, &err);
    if (!good || end != ENGINE_PORTAL_FULL) r->portal = NULL;
    if (!good) return talk_fail(t, &err, STR_NONE) || !t->gone;
    if (end == ENGINE_PORTAL_EMPTY) pg_message_empty(t->out, 'I');
    if (end == ENGINE_PORTAL_SUSPENDED) pg_message_empty(t->out, 's');
    return !t->gone;
}

bool talk_resume(Talk *t) { return run_on(t); }

static bool execute(Talk *t, Str body)
{
    Frame f = frame_of(body);
    Str name = frame_string(&f);
    uint32_t max = frame_u32(&f);
    if (!frame_whole(&f)) return talk_malformed(t, "Execute") || true;
    if (max > INT32_MAX) max = 0;
    TalkPortal *p = talk_portal(t, name);
    if (!p) return false;
    t->running = (TalkRunning){.portal = p, .left = max, .limited = max > 0};
    return run_on(t);
}

static bool close(Talk *t, Str body)
{
    Frame f = frame_of(body);
    char what = (char)frame_u8(&f);
    Str name = frame_string(&f);
    if (!frame_whole(&f) || (what != 'S' && what != 'P')) return talk_malformed(t, "Close");
    if (what == 'S')
        engine_unprepare(t->session, name);
    else
        engine_portal_close(t->session, name);
    pg_message_empty(t->out, '3');
    return true;
}

bool talk_extended(Talk *t, char type, Str body)
{
    if (t->skipping) return true;
    engine_block_begin(t->session);
    t->in_block = true;
    switch (type) {
    case 'P': (void)parse(t, body); break;
    case 'B': (void)bind(t, body); break;
    case 'D': (void)describe(t, body); break;
    case 'E': return execute(t, body);
    default: (void)close(t, body); break;
    }
    arena_reset(&t->mem);
    return true;
}
