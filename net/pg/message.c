// Message: see message.h.
#include "net/pg/message.h"

#include <string.h>

size_t pg_message_begin(Bytes *out, char type)
{
    bytes_put_byte(out, type);
    size_t at = out->len;
    frame_put_u32(out, 0);
    return at;
}

void pg_message_end(Bytes *out, size_t begun)
{
    if (!out->failed) frame_store_u32(out->at + begun, (uint32_t)(out->len - begun));
}

void pg_message_put(Bytes *out, char type, Str body)
{
    size_t m = pg_message_begin(out, type);
    bytes_put(out, body);
    pg_message_end(out, m);
}

void pg_message_empty(Bytes *out, char type) { pg_message_put(out, type, STR_NONE); }

// ---- errors and notices ----

static void put_field(Bytes *out, char field, Str value)
{
    if (!value.len) return;
    bytes_put_byte(out, field);
    frame_put_string(out, value);
}

static void put_severity(Bytes *out, PgSeverity severity)
{
    static const char *const word[] = {"ERROR", "FATAL", "WARNING", "NOTICE"};
    put_field(out, 'S', str_of(word[severity]));
    put_field(out, 'V', str_of(word[severity]));
}

// Characters before byte `at` of the text, and one.
static int64_t position(Str text, int64_t at)
{
    int64_t count = 1;
    for (size_t i = 0; i < text.len && (int64_t)i < at; i++)
        count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    return count;
}

void pg_message_error(Bytes *out, PgSeverity severity, const Err *err, Str text)
{
    size_t m = pg_message_begin(out, severity >= PG_WARNING ? 'N' : 'E');
    put_severity(out, severity);
    put_field(out, 'C', str_of(err->state[0] ? err->state : SQLSTATE_INTERNAL));
    put_field(out, 'M', err->text[0] ? str_of(err->text) : STR("no reason is known"));
    put_field(out, 'D', str_trim(str_of(err->notes)));
    put_field(out, 'H', str_of(err->hint));
    if (err->at >= 0 && (uint64_t)err->at <= text.len) {
        bytes_put_byte(out, 'P');
        bytes_put_int64(out, position(text, err->at));
        bytes_put_byte(out, 0);
    }
    bytes_put_byte(out, 0);
    pg_message_end(out, m);
}

void pg_message_notice(Bytes *out, PgSeverity severity, const char *state, Str sentence)
{
    size_t m = pg_message_begin(out, 'N');
    put_severity(out, severity);
    put_field(out, 'C', str_of(state));
    put_field(out, 'M', sentence);
    bytes_put_byte(out, 0);
    pg_message_end(out, m);
}

// ---- the rest ----

void pg_message_parameter(Bytes *out, const char *name, Str value)
{
    size_t m = pg_message_begin(out, 'S');
    frame_put_string(out, str_of(name));
    frame_put_string(out, value);
    pg_message_end(out, m);
}

void pg_message_ready(Bytes *out, char state) { pg_message_put(out, 'Z', (Str){&state, 1}); }

void pg_message_complete(Bytes *out, Str tag, int64_t rows)
{
    static const char *const counted[] = {"SELECT", "UPDATE", "DELETE", "FETCH", "MOVE", "COPY", "MERGE"};
    size_t m = pg_message_begin(out, 'C');
    bool counts = str_equal(tag, STR("INSERT"));
    bytes_put(out, tag);
    if (counts) bytes_put(out, STR(" 0"));
    for (size_t i = 0; i < COUNT_OF(counted); i++) counts |= str_equal(tag, str_of(counted[i]));
    if (counts) {
        bytes_put_byte(out, ' ');
        bytes_put_int64(out, rows);
    }
    bytes_put_byte(out, 0);
    pg_message_end(out, m);
}

void pg_message_authentication(Bytes *out, uint32_t code, Str data)
{
    size_t m = pg_message_begin(out, 'R');
    frame_put_u32(out, code);
    bytes_put(out, data);
    pg_message_end(out, m);
}

void pg_message_key(Bytes *out, uint32_t process, uint32_t secret)
{
    size_t m = pg_message_begin(out, 'K');
    frame_put_u32(out, process);
    frame_put_u32(out, secret);
    pg_message_end(out, m);
}

void pg_message_notification(Bytes *out, uint32_t process, Str channel, Str payload)
{
    size_t m = pg_message_begin(out, 'A');
    frame_put_u32(out, process);
    frame_put_string(out, channel);
    frame_put_string(out, payload);
    pg_message_end(out, m);
}
