/* Listening sockets, for the public and the admin listener. */
#pragma once

#include <stdbool.h>

/*
 * Opens a non-blocking listening socket on "127.0.0.1:8080", "[::]:8080" (IPv4 too) or "*:8080";
 * port 0 takes a free one. False with a log line.
 */
bool listen_open(const char *address, int *ret_fd, int *ret_port);
