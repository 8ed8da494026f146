// Socket: listening and accepting on TCP addresses and unix sockets. The only file beside link.c that
// includes <sys/socket.h>. Relies on err.
#ifndef NET_WIRE_SOCKET_H
#define NET_WIRE_SOCKET_H

#include "engine/base/arena.h"
#include "engine/base/err.h"

enum { SOCKET_LISTENERS_MAX = 16, SOCKET_NAME_MAX = 108 };

typedef struct SocketListener {
    int fd;
    bool local; // a unix socket
    uint16_t port;
    char path[SOCKET_NAME_MAX]; // of a unix socket; removed by socket_close_listener
} SocketListener;

// "HOST:PORT", "[::1]:PORT", ":PORT" (all addresses); port 0 = any free one. One listener for each address of
// the host, at most `max`. 22023 for what is no address, 58030 and others when it cannot be used.
MUST_CHECK bool socket_listen(SocketListener *out, size_t max, size_t *count, Str address, Err *err);
// A unix socket of mode 0600 (`shared`: 0666, then the directory's mode decides who gets in). A socket that
// nobody answers on any more is replaced; 55006 when somebody does.
MUST_CHECK bool socket_listen_local(SocketListener *out, const char *path, bool shared, Err *err);
void socket_close_listener(SocketListener *l);
// A new connection, not blocking, closed on exec; -1 with errno when there is none (EAGAIN) or it failed.
int socket_accept(const SocketListener *l, char *peer, size_t peer_size);
void socket_close(int fd);
// Ends both directions: whoever waits for this connection wakes up.
void socket_shut(int fd);
// Raises the process's limit of open files as far as it goes; returns it.
uint64_t socket_raise_limit(void);

#endif
