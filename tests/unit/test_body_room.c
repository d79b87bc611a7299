/* Room for large bodies. */
#include "body_room.h"

#include "check.h"

static void test_small_bodies_take_no_room(void) {
    struct body_room room = {.small = 100, .most = 0};
    struct body_share share = {0};
    CHECK(body_room_take(&room, &share, 60) && body_room_take(&room, &share, 40));
    CHECK(room.taken == 0);
    CHECK(!body_room_take(&room, &share, 1) && share.is_refused && room.taken == 0);
}

static void test_room_is_shared_and_given_back(void) {
    struct body_room room = {.small = 100, .most = 1000};
    struct body_share first = {0}, second = {0}, third = {0};
    CHECK(body_room_take(&room, &first, 600) && body_room_take(&room, &second, 600));
    CHECK(room.taken == 1000);
    CHECK(body_room_take(&room, &third, 100));
    body_room_give(&room, &second);
    CHECK(room.taken == 500);
    CHECK(body_room_take(&room, &third, 500) && room.taken == 1000);
}

static void test_what_was_refused_stays_so_and_keeps_nothing(void) {
    struct body_room room = {.small = 100, .most = 1000};
    struct body_share first = {0}, second = {0};
    CHECK(body_room_take(&room, &first, 600) && body_room_take(&room, &second, 500));
    CHECK(!body_room_take(&room, &second, 200) && room.taken == 500);
    body_room_give(&room, &first);
    CHECK(!body_room_take(&room, &second, 1) && second.is_refused && room.taken == 0);
    body_room_give(&room, &second);
    CHECK(room.taken == 0);
}

int main(void) {
    test_small_bodies_take_no_room();
    test_room_is_shared_and_given_back();
    test_what_was_refused_stays_so_and_keeps_nothing();
    return check_finish();
}
