/*
 * Memory for large bodies, over all connections. What a body has beyond the `small` bytes that any
 * may have takes room while it is kept; connections_most bounds the rest. So a flood of large
 * bodies refuses large bodies alone.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct body_room {
    size_t small, most; /* bytes; constant */
    atomic_size_t taken;
};

/* One body's; zero before its first byte. */
struct body_share {
    size_t length, taken;
    bool is_refused;
};

/* `length` bytes more. False when there is no room for them: from now on, and nothing is taken. */
bool body_room_take(struct body_room *room, struct body_share *share, size_t length);

/* The body is freed. */
void body_room_give(struct body_room *room, struct body_share *share);
