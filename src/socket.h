/* What is known of a socket without reading from it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { SOCKET_ADDRESS_BYTES = 16, SOCKET_PEER_BYTES = 46 };

/* What counts as one address: IPv4 as mapped IPv6, IPv6 without its lower half. All zero for a socket
 * of another kind; false when a text is none. */
void socket_read_address(const struct sockaddr_storage *from,
                         unsigned char ret_address[SOCKET_ADDRESS_BYTES]);
bool socket_parse_address(const char *text, unsigned char ret_address[SOCKET_ADDRESS_BYTES]);
bool socket_is_v4(const unsigned char address[SOCKET_ADDRESS_BYTES]);
void socket_print_address(const unsigned char address[SOCKET_ADDRESS_BYTES],
                          char ret_peer[SOCKET_PEER_BYTES]);

/* How long ago the last data came in, ms. */
int64_t socket_measure_quiet(int fd);

/* Whether all that came was read. */
bool socket_is_read_out(int fd);

/* Whether the other side sends nothing more, or is gone. */
bool socket_has_ended(int fd);
