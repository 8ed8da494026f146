// Link: one connection's bytes both ways, plain or under TLS, in two buffers with a maximum. Nothing here
// waits, except link_drain. Relies on tls, buf.
#ifndef NET_WIRE_LINK_H
#define NET_WIRE_LINK_H

#include "net/wire/tls.h"

typedef enum LinkStatus {
    LINK_READY,  // some bytes have come; all bytes have gone
    LINK_WAIT,   // nothing more at the moment; the other side takes no more at the moment
    LINK_END,    // the other side has ended
    LINK_FAILED, // the connection is broken
} LinkStatus;

typedef struct Link {
    int fd;
    Tls *tls;      // NULL = plain
    bool shaken;   // TLS's handshake is done
    bool drained;  // the last read took all there was
    bool hung_up;  // the other side has ended its direction: `drained` is no end
    Bytes in, out; // in: from in_from on not yet read; out: from out_from on not yet sent
    size_t in_from, out_from;
} Link;

void link_init(Link *l, int fd, size_t in_max, size_t out_max);
void link_done(Link *l); // closes
// At the beginning of each piece of work.
static inline void link_begin(Link *l, bool hung_up)
{
    l->drained = false;
    l->hung_up = hung_up;
}
// What has come and not been read yet, borrowed until the next call that fills or takes.
static inline Str link_in(const Link *l) { return (Str){l->in.at + l->in_from, l->in.len - l->in_from}; }
void link_take(Link *l, size_t len); // `len` bytes of it have been read
// Reads what is there. 54000 as LINK_FAILED when `in` is full: take first. `hint`: bytes still to come of a
// long message, 0 = not known.
LinkStatus link_fill(Link *l, size_t hint);
// Sends what is in `out`.
LinkStatus link_flush(Link *l);
// The same, waiting up to timeout_ms for the other side; for what cannot be put aside.
LinkStatus link_drain(Link *l, int timeout_ms);
// Waits up to timeout_ms for something to read and reads it; LINK_WAIT when nothing came.
LinkStatus link_await(Link *l, size_t hint, int timeout_ms);
static inline size_t link_unsent(const Link *l) { return l->out.len - l->out_from; }
// Gives back the buffers of a connection at rest.
void link_rest(Link *l);
// Looks at the first byte without taking it; LINK_READY with *byte.
LinkStatus link_peek(Link *l, unsigned char *byte);
// Everything from here on goes through TLS. Bytes read before are refused: somebody has put them in between.
MUST_CHECK bool link_secure(Link *l, TlsContext *c, bool alpn, Err *err);

#endif
