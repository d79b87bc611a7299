/*
 * How often an address may do something within a minute, for acts that need no login. Each address
 * has one of a fixed number of counters, chosen by a hash whose key is random and lives as long as
 * the process: no address is kept, nor anything one could be found by, and memory is bounded. Two
 * addresses may share a counter.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct peer_limit;

struct peer_limit *peer_limit_new(void);
void peer_limit_free(struct peer_limit *limit);

/* Counts one act; false when the address has done `most` within the minute of `now_s` already. */
bool peer_limit_take(struct peer_limit *limit, const char *peer, int64_t now_s, unsigned most);
