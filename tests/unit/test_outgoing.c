/* Where requests may go, by the text of an address; what sockets may do test_open311_push.py sees.
 */
#include "check.h"
#include "outgoing.h"

static const struct config config = {.outgoing_origins = "http://10.0.0.7:3000, http://fms.inside"};

static void test_https_of_the_open_internet_is_allowed(void) {
    static const char *const open[] = {"https://fms.example/open311/v2/",
                                       "https://fms.example:443/", "https://192.0.1.1/",
                                       "https://[2a00:1190::1]/", "HTTPS://FMS.EXAMPLE/"};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        CHECK(outgoing_is_allowed(&config, open[i]) || !printf("    %s\n", open[i]));
}

static void test_all_else_is_not(void) {
    static const char *const closed[] = {"http://fms.example/",
                                         "file:///etc/passwd",
                                         "gopher://fms.example/",
                                         "ftp://fms.example/",
                                         "https://user@fms.example/",
                                         "https://user:word@fms.example/",
                                         "https://fms.example:22/",
                                         "https://fms.example:8443/",
                                         "https://fms.example:5432/",
                                         "https://fms.example/?a=b",
                                         "https://fms.example/#a",
                                         "https://localhost/",
                                         "https://localhost./",
                                         "https://fms.example./",
                                         "https://db/",
                                         "https://.fms/",
                                         "https://127.0.0.1/",
                                         "https://127.1/",
                                         "https://2130706433/",
                                         "https://0x7f000001/",
                                         "https://0177.0.0.1/",
                                         "https://0.0.0.0/",
                                         "https://10.1.2.3/",
                                         "https://100.64.0.1/",
                                         "https://169.254.169.254/",
                                         "https://172.31.0.1/",
                                         "https://192.168.1.1/",
                                         "https://198.19.0.1/",
                                         "https://224.0.0.1/",
                                         "https://255.255.255.255/",
                                         "https://[::1]/",
                                         "https://[::]/",
                                         "https://[::ffff:127.0.0.1]/",
                                         "https://[fe80::1]/",
                                         "https://[fd00::1]/",
                                         "https://[64:ff9b::7f00:1]/",
                                         "https://[2002:7f00:1::]/",
                                         "https://[2001::1]/",
                                         "https://[2001:db8::1]/",
                                         "https://[3fff::1]/",
                                         "https://[ff02::1]/",
                                         "",
                                         "fms.example",
                                         "https://"};
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        CHECK(!outgoing_is_allowed(&config, closed[i]) || !printf("    %s\n", closed[i]));
}

static void test_the_operators_origins_are_whole(void) {
    CHECK(outgoing_is_allowed(&config, "http://10.0.0.7:3000/open311/v2/"));
    CHECK(outgoing_is_allowed(&config, "http://fms.inside/") &&
          outgoing_is_allowed(&config, "http://fms.inside:80/"));
    CHECK(!outgoing_is_allowed(&config, "http://10.0.0.7:30/"));
    CHECK(!outgoing_is_allowed(&config, "https://10.0.0.7:3000/"));
    CHECK(!outgoing_is_allowed(&config, "http://fms.inside.example/"));
    CHECK(!outgoing_is_allowed(&config, "http://user@fms.inside/"));
}

static void test_fields_are_escaped(void) {
    auto_buffer form = {0};
    outgoing_add_field(&form, "a", "x y&z=ä\n");
    outgoing_add_field(&form, "b", "A-z_0.~");
    CHECK_TEXT(form.data, "a=x%20y%26z%3D%C3%A4%0A&b=A-z_0.~");
}

int main(void) {
    test_https_of_the_open_internet_is_allowed();
    test_all_else_is_not();
    test_the_operators_origins_are_whole();
    test_fields_are_escaped();
    return check_finish();
}
