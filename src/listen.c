/* Listening sockets. */
#include "listen.h"

#include "log.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

/* Splits "host:port" or "[host]:port" into the caller's copies. */
static bool split_address(const char *address, char host[256], char port[8]) {
    const char *colon = strrchr(address, ':');
    if (!colon || strlen(colon + 1) > 5 || !colon[1] || colon - address >= 256)
        return false;
    size_t length = (size_t)(colon - address);
    if (length >= 2 && address[0] == '[' && address[length - 1] == ']') {
        address++;
        length -= 2;
    }
    memcpy(host, address, length);
    host[length] = '\0';
    snprintf(port, 8, "%s", colon + 1);
    return true;
}

static int open_socket(const struct addrinfo *info) {
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    const int on = 1, off = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (info->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off); /* [::] is everybody */
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int cause = errno;
    close(fd);
    errno = cause;
    return -1;
}

bool listen_open(const char *address, int *ret_fd, int *ret_port) {
    char host[256], port[8];
    struct addrinfo *info,
        hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    if (!split_address(address, host, port)) {
        log_write(LOG_ERROR, NULL, "cannot listen on %s: expected address:port", address);
        return false;
    }
    bool is_any = !*host || strcmp(host, "*") == 0;
    int failure = getaddrinfo(is_any ? NULL : host, port, &hints, &info);
    if (failure) {
        log_write(LOG_ERROR, NULL, "cannot listen on %s: %s", address, gai_strerror(failure));
        return false;
    }
    int fd = open_socket(info);
    freeaddrinfo(info);
    if (fd < 0) {
        log_write(LOG_ERROR, NULL, "cannot listen on %s: %s", address, strerror(errno));
        return false;
    }
    struct sockaddr_storage bound = {0};
    socklen_t length = sizeof bound;
    getsockname(fd, (struct sockaddr *)&bound, &length);
    *ret_port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                  : ((struct sockaddr_in *)&bound)->sin_port);
    *ret_fd = fd;
    return true;
}
