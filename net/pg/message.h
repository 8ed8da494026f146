// Message: what the server says, appended to a Bytes: one function for each message of the protocol. The
// caller looks at `failed` of the Bytes when it sends. Relies on frame, oid, source. Nouns: pg
#ifndef NET_PG_MESSAGE_H
#define NET_PG_MESSAGE_H

#include "engine/data/source.h"
#include "net/wire/frame.h"

// A message of `type` whose body follows; returns the place for pg_message_end.
size_t pg_message_begin(Bytes *out, char type);
void pg_message_end(Bytes *out, size_t begun);
// One without a body, and one with a body at hand.
void pg_message_empty(Bytes *out, char type);
void pg_message_put(Bytes *out, char type, Str body);

typedef enum PgSeverity { PG_ERROR, PG_FATAL, PG_WARNING, PG_NOTICE } PgSeverity;
// text: what err->at counts in, for the position (characters from 1).
void pg_message_error(Bytes *out, PgSeverity severity, const Err *err, Str text);
void pg_message_notice(Bytes *out, PgSeverity severity, const char *state, Str sentence);
void pg_message_parameter(Bytes *out, const char *name, Str value);
void pg_message_ready(Bytes *out, char state); // 'I', 'T', 'E'
void pg_message_complete(Bytes *out, Str tag, int64_t rows);
void pg_message_authentication(Bytes *out, uint32_t code, Str data);
void pg_message_key(Bytes *out, uint32_t process, uint32_t secret);
void pg_message_notification(Bytes *out, uint32_t process, Str channel, Str payload);

#endif
