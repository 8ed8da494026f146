// Talk, inside the room: what simple and extended queries share.
#ifndef NET_PG_TALK_IN_H
#define NET_PG_TALK_IN_H

#include "net/pg/talk.h"

enum { TALK_OUT_FULL = 64 << 10, TALK_OUT_MUCH = 8 << 20, TALK_ROWS_AT_ONCE = 64 };

// By name; made when there is none. NULL when memory is out.
TalkPortal *talk_portal(Talk *t, Str name);
static inline uint8_t talk_portal_format(const TalkPortal *p, uint32_t column)
{
    return p->formats == 0       ? PG_TEXT
           : p->formats == 1     ? p->format[0]
           : column < p->formats ? p->format[column]
                                 : PG_TEXT;
}
// Rows of a portal into out.
bool talk_put_rows(Talk *t, TalkPortal *p, const Batch *b);
void talk_notice(void *self, Str sentence);
void talk_warning(void *self, const char *state, Str sentence);
void talk_complete(void *self, Str tag, int64_t rows, int64_t duration_us);
// An error of the extended protocol: told, the transaction has failed, everything up to Sync is skipped.
// False.
bool talk_fail(Talk *t, const Err *err, Str text);
bool talk_malformed(Talk *t, const char *what);

// ---- copy.c ----
// COPY's part of a sink.
void talk_copy_sink(ResultSink *sink);

// ---- extended.c ----
// Parse, Bind, Describe, Execute, Close. False: the client is gone.
bool talk_extended(Talk *t, char type, Str body);

#endif
