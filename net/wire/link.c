// Link: see link.h.
#include "net/wire/link.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_SIZE = 8192, READ_MAX = 1 << 20, REST_SIZE = 64 };

void link_init(Link *l, int fd, size_t in_max, size_t out_max)
{
    *l = (Link){.fd = fd};
    bytes_init(&l->in, in_max);
    bytes_init(&l->out, out_max);
}

void link_done(Link *l)
{
    if (l->tls && l->shaken) tls_shut(l->tls);
    tls_free(l->tls);
    l->tls = NULL;
    if (l->fd >= 0) close(l->fd);
    l->fd = -1;
    bytes_done(&l->in);
    bytes_done(&l->out);
}

void link_take(Link *l, size_t len)
{
    l->in_from += len; // the bytes stay where they are until the next fill
}

static LinkStatus of_tls(TlsStatus s)
{
    switch (s) {
    case TLS_DONE: return LINK_READY;
    case TLS_WANTS_READ:
    case TLS_WANTS_WRITE: return LINK_WAIT;
    case TLS_END: return LINK_END;
    default: return LINK_FAILED;
    }
}

static LinkStatus of_errno(void)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK) return LINK_WAIT;
    return errno == ECONNRESET || errno == EPIPE ? LINK_END : LINK_FAILED;
}

static LinkStatus shake(Link *l)
{
    Err ignored = {.at = -1};
    TlsStatus s = tls_handshake(l->tls, &ignored);
    l->shaken = s == TLS_DONE;
    return of_tls(s);
}

static LinkStatus read_some(Link *l, char *at, size_t room, size_t *got)
{
    *got = 0;
    if (l->tls) {
        LinkStatus s = l->shaken ? LINK_READY : shake(l);
        return s == LINK_READY ? of_tls(tls_read(l->tls, at, room, got)) : s;
    }
    ssize_t n;
    do n = recv(l->fd, at, room, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0) return of_errno();
    if (n == 0) return LINK_END;
    *got = (size_t)n;
    l->drained = (size_t)n < room && !l->hung_up;
    return LINK_READY;
}

LinkStatus link_fill(Link *l, size_t hint)
{
    if (l->drained) return LINK_WAIT;
    if (l->in_from) {
        bytes_remove_front(&l->in, l->in_from);
        l->in_from = 0;
    }
    size_t room = hint > READ_SIZE ? hint : READ_SIZE;
    if (room > READ_MAX) room = READ_MAX;
    if (l->in.len + room > l->in.max) room = l->in.max - l->in.len;
    char *at = room ? bytes_reserve(&l->in, room) : NULL;
    if (!at) return LINK_FAILED;
    size_t got;
    LinkStatus s = read_some(l, at, room, &got);
    bytes_reserve_done(&l->in, got);
    return s;
}

static LinkStatus write_some(Link *l, const char *at, size_t len, size_t *gone)
{
    *gone = 0;
    if (l->tls) {
        LinkStatus s = l->shaken ? LINK_READY : shake(l);
        return s == LINK_READY ? of_tls(tls_write(l->tls, at, len, gone)) : s;
    }
    ssize_t n;
    do n = send(l->fd, at, len, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0) return of_errno();
    *gone = (size_t)n;
    return LINK_READY;
}

LinkStatus link_flush(Link *l)
{
    if (l->out.failed) return LINK_FAILED;
    while (l->out_from < l->out.len) {
        size_t gone;
        LinkStatus s = write_some(l, l->out.at + l->out_from, l->out.len - l->out_from, &gone);
        l->out_from += gone;
        if (s != LINK_READY) return s;
    }
    bytes_clear(&l->out);
    l->out_from = 0;
    return LINK_READY;
}

LinkStatus link_drain(Link *l, int timeout_ms)
{
    for (;;) {
        LinkStatus s = link_flush(l);
        if (s != LINK_WAIT) return s;
        struct pollfd p = {.fd = l->fd, .events = POLLOUT};
        if (poll(&p, 1, timeout_ms) <= 0) return LINK_WAIT;
    }
}

LinkStatus link_await(Link *l, size_t hint, int timeout_ms)
{
    l->drained = false;
    LinkStatus s = link_fill(l, hint);
    if (s != LINK_WAIT) return s;
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    if (poll(&p, 1, timeout_ms) <= 0) return LINK_WAIT;
    l->drained = false;
    return link_fill(l, hint);
}

void link_rest(Link *l)
{
    if (l->in.len == l->in_from && l->in.cap > REST_SIZE) {
        l->in_from = 0;
        size_t max = l->in.max;
        bytes_done(&l->in);
        bytes_init(&l->in, max);
    }
    if (l->out.len == 0 && l->out.cap > REST_SIZE) {
        size_t max = l->out.max;
        bytes_done(&l->out);
        bytes_init(&l->out, max);
    }
}

LinkStatus link_peek(Link *l, unsigned char *byte)
{
    ssize_t n;
    do n = recv(l->fd, byte, 1, MSG_PEEK);
    while (n < 0 && errno == EINTR);
    return n < 0 ? of_errno() : n == 0 ? LINK_END : LINK_READY;
}

bool link_secure(Link *l, TlsContext *c, bool alpn, Err *err)
{
    if (l->in.len != l->in_from)
        return err_set(err, "08P01", "received unencrypted data after the request for encryption");
    l->drained = false;
    return tls_new(&l->tls, c, l->fd, alpn, err);
}
