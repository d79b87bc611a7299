/* Whom a proxy speaks for, and which proxies may. */
#include "check.h"
#include "proxy.h"
#include "sample.h"

static struct app app;
static struct header headers[2];
static struct request request;

/* The client of a request from `peer`, whose X-Forwarded-For has these values. */
static const char *client_of(const char *trusted, const char *peer, const char *first,
                             const char *second) {
    request_clear(&request);
    app.config.trusted_proxies = trusted;
    request = (struct request){.app = &app, .peer = peer, .headers = headers};
    const char *const values[] = {first, second};
    for (size_t i = 0; i < 2 && values[i]; i++)
        headers[request.header_count++] = (struct header){"x-forwarded-for", values[i]};
    return proxy_client(&request);
}

static void test_only_a_trusted_peer_is_believed(void) {
    CHECK_TEXT(client_of("", "10.0.0.2", "192.0.2.1", NULL), "10.0.0.2");
    CHECK_TEXT(client_of("10.0.0.2", "10.0.0.2", "192.0.2.1", NULL), "192.0.2.1");
    CHECK_TEXT(client_of("10.0.0.2", "10.0.0.3", "192.0.2.1", NULL), "10.0.0.3");
    CHECK_TEXT(client_of("10.0.0.2", "10.0.0.2", NULL, NULL), "10.0.0.2");
    CHECK_TEXT(client_of("192.0.2.9, 10.0.0.2", "10.0.0.2", "192.0.2.1", NULL), "192.0.2.1");
}

static void test_networks(void) {
    CHECK_TEXT(client_of("172.16.0.0/12", "172.31.255.255", "192.0.2.1", NULL), "192.0.2.1");
    CHECK_TEXT(client_of("172.16.0.0/12", "172.32.0.0", "192.0.2.1", NULL), "172.32.0.0");
    CHECK_TEXT(client_of("10.0.0.8/30", "10.0.0.11", "192.0.2.1", NULL), "192.0.2.1");
    CHECK_TEXT(client_of("10.0.0.8/30", "10.0.0.12", "192.0.2.1", NULL), "10.0.0.12");
    CHECK_TEXT(client_of("0.0.0.0/0", "10.0.0.2", "192.0.2.1", NULL), "192.0.2.1");
    CHECK_TEXT(client_of("0.0.0.0/0", "fd00::", "192.0.2.1", NULL), "fd00::");
    CHECK_TEXT(client_of("fd00:1::5", "fd00:1::", "192.0.2.1", NULL), "192.0.2.1");
    CHECK_TEXT(client_of("fd00::/15", "fd01::", "192.0.2.1", NULL), "192.0.2.1");
    CHECK_TEXT(client_of("fd00::/15", "fd02::", "192.0.2.1", NULL), "fd02::");
    CHECK_TEXT(client_of("::1", "10.0.0.2", "192.0.2.1", NULL), "10.0.0.2");
    CHECK_TEXT(client_of("::/0", "10.0.0.2", "192.0.2.1", NULL), "10.0.0.2");
}

/* Before the last entry stands what the client sent. */
static void test_the_last_entry_is_what_the_proxy_wrote(void) {
    static const char me[] = "10.0.0.2";
    CHECK_TEXT(client_of(me, me, "198.51.100.1, 192.0.2.1", NULL), "192.0.2.1");
    CHECK_TEXT(client_of(me, me, "198.51.100.1", "192.0.2.1"), "192.0.2.1");
    CHECK_TEXT(client_of(me, me, "198.51.100.1,\t192.0.2.1 ", NULL), "192.0.2.1");
    CHECK_TEXT(client_of(me, me, "192.0.2.1, unknown", NULL), me);
    CHECK_TEXT(client_of(me, me, "192.0.2.1,", NULL), me);
    CHECK_TEXT(client_of(me, me, "192.0.2.1:80", NULL), me);
    CHECK_TEXT(client_of(me, me, "", NULL), me);
}

static void test_what_counts_as_one_address(void) {
    static const char me[] = "10.0.0.2";
    CHECK_TEXT(client_of(me, me, "2001:db8:1:2:3:4:5:6", NULL), "2001:db8:1:2::");
    CHECK_TEXT(client_of(me, me, "2001:DB8:1:2::7", NULL), "2001:db8:1:2::");
    CHECK_TEXT(client_of(me, me, "::ffff:192.0.2.1", NULL), "192.0.2.1");
}

static void test_what_a_setting_may_be(void) {
    static const char *const good[] = {"", "10.0.0.2", "10.0.0.0/8, fd00::/8", "::1,0.0.0.0/0",
                                       NULL};
    static const char *const bad[] = {
        "proxy",  "10.0.0.0/33", "10.0.0.0/",         "10.0.0.0/-1", "10.0.0.0/8x",
        "10.0.0", "fd00::/129",  "10.0.0.2;10.0.0.3", "10.0.0.2 /8", "::ffff:1.2.3.4/96",
        NULL};
    for (size_t i = 0; good[i]; i++)
        CHECK(proxy_check_setting(good[i]));
    for (size_t i = 0; bad[i]; i++)
        CHECK(!proxy_check_setting(bad[i]));
    char much[200];
    memset(much, '1', sizeof much - 1);
    much[sizeof much - 1] = '\0';
    CHECK(!proxy_check_setting(much));
}

int main(void) {
    test_only_a_trusted_peer_is_believed();
    test_networks();
    test_the_last_entry_is_what_the_proxy_wrote();
    test_what_counts_as_one_address();
    test_what_a_setting_may_be();
    request_clear(&request);
    return check_finish();
}
