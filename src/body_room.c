/* Counting the bytes of large bodies. */
#include "body_room.h"

bool body_room_take(struct body_room *room, struct body_share *share, size_t length) {
    share->length += length;
    size_t large = share->length > room->small ? share->length - room->small : 0;
    size_t more = share->is_refused ? 0 : large - share->taken;
    share->taken += more;
    if (atomic_fetch_add(&room->taken, more) + more > room->most && more)
        share->is_refused = true;
    if (share->is_refused)
        body_room_give(room, share);
    return !share->is_refused;
}

void body_room_give(struct body_room *room, struct body_share *share) {
    atomic_fetch_sub(&room->taken, share->taken);
    share->taken = 0;
}
