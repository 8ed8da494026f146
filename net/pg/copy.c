// Copy: COPY's data between the client and the engine, while the statement runs. Relies on talk.
#include "net/pg/talk_in.h"

static void put_formats(Bytes *out, char type, uint32_t columns)
{
    size_t m = pg_message_begin(out, type);
    bytes_put_byte(out, PG_TEXT);
    frame_put_u16(out, (uint16_t)columns);
    for (uint32_t c = 0; c < columns; c++) frame_put_u16(out, PG_TEXT);
    pg_message_end(out, m);
}

static bool on_copy_in(void *self, uint32_t columns)
{
    Talk *t = self;
    put_formats(t->out, 'G', columns);
    t->gone = !t->pipe.send(t->pipe.self, true);
    return !t->gone;
}

static bool refused(Talk *t, Str body, Err *err)
{
    Frame f = frame_of(body);
    Str why = frame_string(&f);
    (void)t;
    return err_set(err, SQLSTATE_CANCELED, "COPY from stdin failed: %.*s", STR_ARG(why));
}

// Data, until the client says that it is all. Flush and Sync are passed over here.
static bool on_copy_read(void *self, Str *data, bool *end, Err *err)
{
    Talk *t = self;
    *end = false;
    for (;;) {
        char type;
        if (!t->pipe.next(t->pipe.self, &type, data)) {
            t->gone = true;
            return err_set(err, "08006", "the client is gone in the middle of COPY");
        }
        switch (type) {
        case 'd': return true;
        case 'c':
            *data = STR_NONE;
            *end = true;
            return true;
        case 'f': return refused(t, *data, err);
        case 'H':
        case 'S': break;
        default:
            return err_set(err, "08P01", "unexpected message type 0x%02X during COPY from stdin",
                           (unsigned char)type);
        }
    }
}

static bool on_copy_out(void *self, uint32_t columns)
{
    Talk *t = self;
    put_formats(t->out, 'H', columns);
    t->copying = true;
    return true;
}

static bool on_copy_line(void *self, Str line)
{
    Talk *t = self;
    pg_message_put(t->out, 'd', line);
    if (t->out->len > TALK_OUT_FULL) t->gone = !t->pipe.send(t->pipe.self, true);
    return !t->gone;
}

void talk_copy_sink(ResultSink *sink)
{
    sink->copy_in = on_copy_in;
    sink->copy_read = on_copy_read;
    sink->copy_out = on_copy_out;
    sink->copy_line = on_copy_line;
}
