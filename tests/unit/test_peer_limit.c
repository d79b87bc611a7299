/* How often an address may do something within a minute. */
#include "peer_limit.h"

#include "check.h"

enum { MINUTE_S = 60, START_S = 6000 };

static void test_an_address_may_so_often_within_a_minute(void) {
    struct peer_limit *limit = peer_limit_new();
    for (int i = 0; i < 3; i++)
        CHECK(peer_limit_take(limit, "192.0.2.1", START_S + i, 3));
    CHECK(!peer_limit_take(limit, "192.0.2.1", START_S + MINUTE_S - 1, 3));
    CHECK(peer_limit_take(limit, "192.0.2.1", START_S + MINUTE_S, 3));
    peer_limit_free(limit);
}

/* Two may share a counter, a hundred not. */
static void test_addresses_are_told_apart(void) {
    struct peer_limit *limit = peer_limit_new();
    int refused = 0;
    char peer[] = "2001:db8:0:00::";
    for (int i = 0; i < 100; i++) {
        peer[11] = (char)('0' + i / 10);
        peer[12] = (char)('0' + i % 10);
        refused += !peer_limit_take(limit, peer, START_S, 1);
    }
    CHECK(refused < 20);
    peer_limit_free(limit);
}

int main(void) {
    test_an_address_may_so_often_within_a_minute();
    test_addresses_are_told_apart();
    return check_finish();
}
