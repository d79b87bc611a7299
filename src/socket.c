/* Questions about sockets. */
#include "socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

bool socket_is_v4(const unsigned char address[SOCKET_ADDRESS_BYTES]) {
    return memcmp(address, mapped, sizeof mapped) == 0;
}

static void drop_lower_half(unsigned char address[SOCKET_ADDRESS_BYTES]) {
    if (!socket_is_v4(address))
        memset(address + 8, 0, 8);
}

void socket_read_address(const struct sockaddr_storage *from,
                         unsigned char ret_address[SOCKET_ADDRESS_BYTES]) {
    memset(ret_address, 0, SOCKET_ADDRESS_BYTES);
    if (from->ss_family == AF_INET) {
        memcpy(ret_address, mapped, sizeof mapped);
        memcpy(ret_address + 12, &((const struct sockaddr_in *)from)->sin_addr, 4);
    } else if (from->ss_family == AF_INET6) {
        memcpy(ret_address, &((const struct sockaddr_in6 *)from)->sin6_addr, SOCKET_ADDRESS_BYTES);
    }
    drop_lower_half(ret_address);
}

bool socket_parse_address(const char *text, unsigned char ret_address[SOCKET_ADDRESS_BYTES]) {
    memcpy(ret_address, mapped, sizeof mapped);
    if (inet_pton(AF_INET, text, ret_address + 12) == 1)
        return true;
    if (inet_pton(AF_INET6, text, ret_address) != 1)
        return false;
    drop_lower_half(ret_address);
    return true;
}

void socket_print_address(const unsigned char address[SOCKET_ADDRESS_BYTES],
                          char ret_peer[SOCKET_PEER_BYTES]) {
    if (socket_is_v4(address))
        inet_ntop(AF_INET, address + 12, ret_peer, SOCKET_PEER_BYTES);
    else
        inet_ntop(AF_INET6, address, ret_peer, SOCKET_PEER_BYTES);
}

int64_t socket_measure_quiet(int fd) {
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length); /* not TCP: zero */
    return info.tcpi_last_data_recv;
}

bool socket_is_read_out(int fd) {
    int unread = 0;
    return ioctl(fd, FIONREAD, &unread) == 0 && unread == 0;
}

bool socket_has_ended(int fd) {
    struct pollfd polled = {.fd = fd, .events = POLLRDHUP};
    return poll(&polled, 1, 0) > 0;
}
