// Socket: see socket.h.
#include "net/wire/socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096, HOST_MAX = 256 };

// ---- addresses ----

// HOST:PORT; an IPv6 address stands in brackets.
static bool split_address(Str address, char host[HOST_MAX], char port[8], Err *err)
{
    size_t colon = SIZE_MAX;
    for (size_t i = 0; i < address.len; i++)
        if (address.at[i] == ':') colon = i;
    uint64_t number;
    Str name = str_slice(address, 0, colon),
        digits = str_slice(address, colon == SIZE_MAX ? SIZE_MAX : colon + 1, SIZE_MAX);
    bool good = colon != SIZE_MAX && str_to_uint64(digits, &number) && number <= 65535 && name.len < HOST_MAX;
    if (good && str_starts(name, STR("["))) {
        good = str_ends(name, STR("]"));
        name = str_slice(name, 1, name.len - 2);
    } else if (good)
        good = str_find_byte(name, ':', 0) == SIZE_MAX;
    if (!good) {
        err_set(err, "22023", "'%.*s' is not HOST:PORT", STR_ARG(address));
        return err_hint(err, "localhost:5433, 0.0.0.0:5433 and [::1]:5433 are");
    }
    snprintf(host, HOST_MAX, "%.*s", STR_ARG(name));
    snprintf(port, 8, "%.*s", STR_ARG(digits));
    return true;
}

static uint16_t bound_port(int fd)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof a;
    if (getsockname(fd, (struct sockaddr *)&a, &len) != 0) return 0;
    if (a.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)(void *)&a)->sin6_port);
    return ntohs(((struct sockaddr_in *)(void *)&a)->sin_port);
}

static bool listen_one(SocketListener *out, const struct addrinfo *a, Str address, Err *err)
{
    int on = 1;
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
    bool good = fd >= 0;
    if (good) (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (good && a->ai_family == AF_INET6) (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    good = good && bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
    if (!good) {
        int why = errno;
        if (fd >= 0) close(fd);
        err_set_errno(err, why, "cannot listen on %.*s", STR_ARG(address));
        return why == EADDRINUSE ? err_hint(err, "another program listens there; choose another port")
                                 : false;
    }
    *out = (SocketListener){.fd = fd, .port = bound_port(fd)};
    return true;
}

bool socket_listen(SocketListener *out, size_t max, size_t *count, Str address, Err *err)
{
    char host[HOST_MAX], port[8];
    *count = 0;
    if (!split_address(address, host, port, err)) return false;
    struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE},
                    *list;
    int why = getaddrinfo(host[0] ? host : NULL, port, &wanted, &list);
    if (why) return err_set(err, "22023", "the address of '%s' is not known: %s", host, gai_strerror(why));
    for (struct addrinfo *a = list; a && *count < max; a = a->ai_next) {
        Err one = {.at = -1};
        if (listen_one(&out[*count], a, address, &one))
            (*count)++;
        else if (!err_any(err))
            *err = one;
    }
    freeaddrinfo(list);
    if (*count) err_clear(err);
    return *count > 0 || err_set(err, SQLSTATE_IO, "cannot listen on %.*s", STR_ARG(address));
}

// ---- unix sockets ----

static bool somebody_answers(const struct sockaddr_un *a)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool yes = fd >= 0 && connect(fd, (const struct sockaddr *)a, sizeof *a) == 0;
    if (fd >= 0) close(fd);
    return yes;
}

bool socket_listen_local(SocketListener *out, const char *path, bool shared, Err *err)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof a.sun_path) {
        err_set(err, "22023", "the socket's path %s is longer than %zu bytes", path, sizeof a.sun_path - 1);
        return err_hint(err, "give a shorter directory with --socket");
    }
    memcpy(a.sun_path, path, strlen(path));
    struct stat there;
    if (lstat(path, &there) == 0) {
        if (!S_ISSOCK(there.st_mode)) return err_set(err, "58P02", "%s exists and is not a socket", path);
        if (somebody_answers(&a)) return err_set(err, "55006", "another server answers on %s", path);
        unlink(path);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    mode_t before = umask(0177);
    bool good = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0;
    umask(before);
    good = good && (!shared || chmod(path, 0666) == 0) && listen(fd, BACKLOG) == 0;
    if (!good) {
        err_set_errno(err, errno, "cannot listen on %s", path);
        if (fd >= 0) close(fd);
        return false;
    }
    *out = (SocketListener){.fd = fd, .local = true};
    memcpy(out->path, a.sun_path, sizeof a.sun_path);
    return true;
}

void socket_close_listener(SocketListener *l)
{
    if (l->fd < 0) return;
    if (l->local) unlink(l->path);
    close(l->fd);
    l->fd = -1;
}

// ---- connections ----

static void peer_name(const struct sockaddr_storage *a, socklen_t len, char *out, size_t size)
{
    char host[64], port[8];
    if (a->ss_family == AF_UNIX || getnameinfo((const struct sockaddr *)a, len, host, sizeof host, port,
                                               sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        snprintf(out, size, "local");
    else
        snprintf(out, size, "%s", host);
}

int socket_accept(const SocketListener *l, char *peer, size_t peer_size)
{
    struct sockaddr_storage a = {0};
    socklen_t len = sizeof a;
    int on = 1, fd = accept4(l->fd, (struct sockaddr *)&a, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return -1;
    peer_name(&a, len, peer, peer_size);
    if (l->local) return fd;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    return fd;
}

void socket_close(int fd)
{
    if (fd >= 0) close(fd);
}

void socket_shut(int fd)
{
    if (fd >= 0) shutdown(fd, SHUT_RDWR);
}

uint64_t socket_raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    if (limit.rlim_cur < limit.rlim_max) {
        struct rlimit more = {limit.rlim_max, limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &more) == 0) limit = more;
    }
    return limit.rlim_cur;
}
