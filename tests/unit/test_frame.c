/* Framing: one request, read alike by everybody, or none. */
#include "check.h"
#include "frame.h"

static enum problem_code check(const char *method, const char *target, const struct header *headers,
                               size_t hidden_bytes) {
    struct request request = {.method = method, .target = target, .protocol = "HTTP/1.1"};
    struct frame frame = {.body_most = 1000};
    request.headers = headers;
    while (headers[request.header_count].name) {
        const struct header *header = &headers[request.header_count++];
        frame.header_bytes += strlen(header->name) + strlen(header->value);
    }
    frame.head_bytes = strlen(method) + strlen(target) + 14 + frame.header_bytes +
                       4 * request.header_count + hidden_bytes;
    bool holds = frame_check(&request, &frame);
    CHECK(holds == (request.problem.code == PROBLEM_NONE));
    arena_clear(&request.arena);
    return request.problem.code;
}

#define HEADERS(...) ((const struct header[]){{"Host", "x"}, __VA_ARGS__, {0}})

static enum problem_code check_header(const char *name, const char *value) {
    return check("GET", "/", HEADERS({name, value}), 0);
}

static void test_ordinary_request_passes(void) {
    CHECK(check_header("Accept", "text/html;q=0.9,\t*/*") == PROBLEM_NONE);
    CHECK(check("POST", "/a?b=%20", HEADERS({"Content-Length", "12"}), 0) == PROBLEM_NONE);
    CHECK(check("POST", "/", HEADERS({"transfer-encoding", "CHUNKED"}), 0) == PROBLEM_NONE);
    CHECK(check("frob", "*", HEADERS({"Expect", "100-Continue"}), 0) == PROBLEM_NONE);
    CHECK(check_header("Host-Like", "two words") == PROBLEM_NONE);
}

static void test_body_length_is_said_once(void) {
    CHECK(check("POST", "/", HEADERS({"Content-Length", "4"}, {"Transfer-Encoding", "chunked"}),
                0) == PROBLEM_INVALID_HEADER);
    CHECK(check("POST", "/", HEADERS({"Content-Length", "4"}, {"content-length", "4"}), 0) ==
          PROBLEM_INVALID_HEADER);
    const char *const codings[] = {"gzip", "gzip, chunked", "chunked, chunked", "identity",
                                   "",     " chunked"};
    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++)
        CHECK(check_header("Transfer-Encoding", codings[i]) == PROBLEM_INVALID_HEADER);
    const char *const lengths[] = {"+4", "-4", "4,4", "0x4", "", "4 4"};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        CHECK(check_header("Content-Length", lengths[i]) == PROBLEM_INVALID_HEADER);
}

static void test_host_is_one(void) {
    const struct header none[] = {{0}};
    CHECK(check("GET", "/", none, 0) == PROBLEM_INVALID_HEADER);
    CHECK(check_header("host", "x") == PROBLEM_INVALID_HEADER);
    const struct header bad[] = {{"Host", "a b"}, {0}}, port[] = {{"Host", "[::1]:80"}, {0}};
    CHECK(check("GET", "/", bad, 0) == PROBLEM_INVALID_HEADER);
    CHECK(check("GET", "/", port, 0) == PROBLEM_NONE);
}

static void test_odd_bytes_are_refused(void) {
    CHECK(check_header("X Y", "a") == PROBLEM_BAD_REQUEST);
    CHECK(check_header("X ", "a") == PROBLEM_BAD_REQUEST);
    CHECK(check_header("", "a") == PROBLEM_BAD_REQUEST);
    CHECK(check_header("X", "a\rb") == PROBLEM_INVALID_HEADER);
    CHECK(check_header("X", "\x7f") == PROBLEM_INVALID_HEADER);
    CHECK(check("G@T", "/", HEADERS({"X", "a"}), 0) == PROBLEM_BAD_REQUEST);
    const char *const targets[] = {"/a b", "/\x01",     "/\xc3\xa4", "/a#b",
                                   "",     "http:///a", "http://",   "https://?a"};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        CHECK(check("GET", targets[i], HEADERS({"X", "a"}), 0) == PROBLEM_BAD_REQUEST);
}

/* A NUL, a fold and a line ":" leave bytes that were sent and not shown. */
static void test_hidden_bytes_are_refused(void) {
    CHECK(check("GET", "/", HEADERS({"X", "a"}), 1) == PROBLEM_BAD_REQUEST);
    CHECK(check("GET", "/", HEADERS({"X", "a"}), 3) == PROBLEM_BAD_REQUEST);
}

static void test_single_headers_are_single(void) {
    CHECK(check("GET", "/", HEADERS({"Authorization", "a"}, {"authorization", "a"}), 0) ==
          PROBLEM_INVALID_HEADER);
    CHECK(check_header("Expect", "tea") == PROBLEM_EXPECTATION_FAILED);
}

static void test_sizes_have_an_end(void) {
    static char target[FRAME_TARGET_BYTES + 2] = "/", value[FRAME_HEADER_BYTES + 1];
    memset(target + 1, 'a', FRAME_TARGET_BYTES);
    CHECK(check("GET", target, HEADERS({"X", "a"}), 0) == PROBLEM_TARGET_TOO_LONG);
    target[FRAME_TARGET_BYTES] = '\0';
    CHECK(check("GET", target, HEADERS({"X", "a"}), 0) == PROBLEM_NONE);
    memset(value, 'a', FRAME_HEADER_BYTES);
    CHECK(check_header("X", value) == PROBLEM_HEADERS_TOO_LARGE);
    struct header many[FRAME_HEADERS_MOST + 2] = {{"Host", "x"}};
    for (size_t i = 1; i <= FRAME_HEADERS_MOST; i++)
        many[i] = (struct header){"X", "a"};
    CHECK(check("GET", "/", many, 0) == PROBLEM_HEADERS_TOO_LARGE);
    many[FRAME_HEADERS_MOST].name = NULL;
    CHECK(check("GET", "/", many, 0) == PROBLEM_NONE);
}

static void test_large_body_is_refused_before_it_is_sent(void) {
    CHECK(check("POST", "/", HEADERS({"Content-Length", "1001"}, {"Expect", "100-continue"}), 0) ==
          PROBLEM_BODY_TOO_LARGE);
    CHECK(check("POST", "/", HEADERS({"Content-Length", "1000"}, {"Expect", "100-continue"}), 0) ==
          PROBLEM_NONE);
    CHECK(check_header("Content-Length", "1001") == PROBLEM_NONE);
    CHECK(check_header("Content-Length", "18446744073709551615") == PROBLEM_BODY_TOO_LARGE);
    CHECK(check_header("Content-Length", "99999999999999999999999") == PROBLEM_BODY_TOO_LARGE);
}

static void test_authority_is_stripped(void) {
    const char *const pairs[][2] = {{"/a?b", "/a?b"},
                                    {"http://h/a?b", "/a?b"},
                                    {"HTTPS://h", "/"},
                                    {"http://h?b", "/?b"},
                                    {"*", "*"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct request request = {.target = pairs[i][0]};
        CHECK_TEXT(frame_strip_authority(&request), pairs[i][1]);
        arena_clear(&request.arena);
    }
}

int main(void) {
    test_ordinary_request_passes();
    test_body_length_is_said_once();
    test_host_is_one();
    test_odd_bytes_are_refused();
    test_hidden_bytes_are_refused();
    test_single_headers_are_single();
    test_sizes_have_an_end();
    test_large_body_is_refused_before_it_is_sent();
    test_authority_is_stripped();
    return check_finish();
}
