/* What every answer shares, as far as it goes without a database: failures, OPTIONS, other origins.
 */
#include "check.h"
#include "cors.h"
#include "operation.h"
#include "sample.h"

static struct spec *spec;
static struct sample sample;

static void answer(const char *method, const char *target, const char *const *headers) {
    request_clear(&sample.request);
    sample_init(&sample, spec, method, target, headers);
    request_answer(&sample.request);
}

static const char *header(const char *name) {
    const char *value = NULL;
    for (size_t i = 0; i < sample.request.reply_header_count; i++)
        if (strcmp(sample.request.reply_headers[i].name, name) == 0)
            value = sample.request.reply_headers[i].value;
    return value;
}

static void test_failures_are_problems_in_the_callers_language(void) {
    answer("GET", "/nothing", HEADERS("Accept-Language", "sv"));
    CHECK(sample.request.status == 404);
    CHECK_TEXT(sample.request.reply_type, "application/problem+json");
    CHECK_TEXT(header("Content-Language"), "sv");
    CHECK(strstr(sample.request.reply.data, "Finns inte"));
    CHECK_TEXT(header("Cache-Control"), "no-store");
    CHECK_TEXT(header("Vary"), "Authorization, Accept, Accept-Language, Origin");
    answer("GET", "/%00", NULL);
    CHECK(sample.request.status == 400);
    CHECK_TEXT(header("Content-Language"), "fi");
    CHECK(strstr(sample.request.reply.data, "nollamerkki"));
    answer("GET", "/nothing", HEADERS("Authorization", "Bearer x"));
    CHECK_TEXT(header("Cache-Control"), "private, no-store");
}

static void test_who_sends_no_token_is_told_the_scheme_only(void) {
    answer("GET", "/v1/me", HEADERS("Origin", "https://a.example"));
    CHECK(sample.request.status == 401);
    CHECK_TEXT(header("WWW-Authenticate"), "Bearer");
    CHECK_TEXT(header("Access-Control-Allow-Origin"), "https://a.example");
    answer("GET", "/v1/me", HEADERS("Origin", "https://evil.example"));
    CHECK_TEXT(header("Access-Control-Allow-Origin"), NULL);
}

static void test_wrong_methods_are_told_the_right_ones(void) {
    answer("TRACE", "/v1/743/items", NULL);
    CHECK(sample.request.status == 405);
    CHECK_TEXT(header("Allow"), "GET, HEAD, POST, OPTIONS");
    answer("OPTIONS", "/v1/743/items", NULL);
    CHECK(sample.request.status == 204 && !sample.request.reply.length);
    CHECK_TEXT(header("Allow"), "GET, HEAD, POST, OPTIONS");
    CHECK_TEXT(header("Access-Control-Allow-Origin"), NULL);
    answer("OPTIONS", "*", NULL);
    CHECK(sample.request.status == 204);
    answer("OPTIONS", "/nothing", NULL);
    CHECK(sample.request.status == 404);
}

static const char *preflight(const char *origin, const char *method) {
    answer("OPTIONS", "/v1/743/items",
           HEADERS("Origin", origin, "Access-Control-Request-Method", method));
    CHECK(sample.request.status == 204);
    return header("Access-Control-Allow-Origin");
}

static bool run_well(struct request *request) {
    request->status = 200;
    buffer_add_text(&request->reply, "{}");
    request->reply_type = "application/json";
    return true;
}

static bool run_badly(struct request *request) {
    buffer_add_text(&request->reply, "{half an ans");
    request_set_header(request, "ETag", "\"7\"");
    request_set_header(request, "Location", "/v1/x");
    const char *mode = request_header(request, "Mode");
    if (strcmp(mode, "stale") == 0)
        return problem_set(&request->problem, PROBLEM_PRECONDITION_FAILED, "7");
    if (strcmp(mode, "busy") == 0)
        return problem_set(&request->problem, PROBLEM_UNAVAILABLE, "1");
    if (strcmp(mode, "exists") == 0)
        return problem_set(&request->problem, PROBLEM_ALREADY_EXISTS);
    return strcmp(mode, "no status") == 0;
}

static void answer_by(bool (*run)(struct request *request), const char *const *headers) {
    struct operation *operation =
        (struct operation *)(uintptr_t)spec_find(spec, "GET", "/v1/municipalities");
    const struct binding binding = {.operation_id = operation->id, .run = run};
    operation->binding = &binding;
    answer("GET", "/v1/municipalities", headers);
    operation->binding = NULL;
}

static void test_good_public_reads_may_be_kept(void) {
    answer_by(run_well, NULL);
    CHECK(sample.request.status == 200);
    CHECK_TEXT(sample.request.reply.data, "{}");
    CHECK_TEXT(header("Cache-Control"), "public, max-age=15, stale-while-revalidate=60");
    CHECK_TEXT(header("Vary"), "Authorization, Accept, Origin");
    CHECK_TEXT(header("Content-Language"), NULL);
    CHECK_TEXT(header("Access-Control-Allow-Origin"), NULL);
    answer_by(run_well, HEADERS("Origin", "https://evil.example"));
    CHECK_TEXT(header("Access-Control-Allow-Origin"), "*");
}

static void test_what_a_failed_operation_promised_is_not_said(void) {
    answer_by(run_badly, HEADERS("Mode", "stale"));
    CHECK(sample.request.status == 412);
    CHECK_TEXT(header("ETag"), "\"7\"");
    CHECK_TEXT(header("Location"), NULL);
    CHECK_TEXT(header("Cache-Control"), "no-store");
    answer_by(run_badly, HEADERS("Mode", "exists"));
    CHECK(sample.request.status == 409 && sample.request.reply.data[0] == '{');
    CHECK(!strstr(sample.request.reply.data, "half"));
    CHECK_TEXT(header("ETag"), NULL);
    CHECK_TEXT(header("Location"), NULL);
    CHECK_TEXT(header("Retry-After"), NULL);
    answer_by(run_badly, HEADERS("Mode", "busy"));
    CHECK(sample.request.status == 503);
    CHECK_TEXT(header("Retry-After"), "1");
    answer_by(run_badly, HEADERS("Mode", "nothing said"));
    CHECK(sample.request.status == 500);
    answer_by(run_badly, HEADERS("Mode", "no status"));
    CHECK(sample.request.status == 500);
}

static void test_preflight_opens_reads_to_all_and_writes_to_the_configured(void) {
    CHECK_TEXT(preflight("https://evil.example", "GET"), "*");
    CHECK_TEXT(header("Access-Control-Max-Age"), "7200");
    CHECK_TEXT(header("Access-Control-Allow-Methods"), "GET, HEAD, POST, OPTIONS");
    CHECK(strstr(header("Access-Control-Allow-Headers"), "Authorization"));
    CHECK_TEXT(header("Vary"), "Origin, Access-Control-Request-Method");
    CHECK_TEXT(header("Access-Control-Allow-Credentials"), NULL);
    CHECK_TEXT(preflight("https://a.example", "POST"), "https://a.example");
    CHECK_TEXT(preflight("https://b.example", "POST"), "https://b.example");
    const char *const strangers[] = {"https://evil.example",
                                     "null",
                                     "",
                                     "https://a.example.evil",
                                     "https://a.exampl",
                                     "http://a.example",
                                     "https://aa.example",
                                     "https://a.example,",
                                     "https://a.example, https://b.example"};
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        CHECK_TEXT(preflight(strangers[i], "POST"), NULL);
    CHECK_TEXT(preflight("https://a.example", "PUT"), NULL);
}

static bool may_write(const char *origin, const char *host) {
    const char *allow;
    request_clear(&sample.request);
    sample_init(&sample, spec, "POST", "/v1/743/items", HEADERS("Origin", origin, "Host", host));
    CHECK(spec_match(spec, &sample.request, "/v1/743/items", &allow));
    bool may = cors_check(&sample.request);
    CHECK(may || sample.request.problem.code == PROBLEM_ORIGIN_NOT_ALLOWED);
    cors_set_headers(&sample.request);
    CHECK(may == (header("Access-Control-Allow-Origin") != NULL));
    return may;
}

static void test_pages_of_other_origins_may_not_write(void) {
    CHECK(may_write("https://a.example", "api.example"));
    CHECK(may_write("https://api.example", "api.example"));
    CHECK(may_write("http://127.0.0.1:8080", "127.0.0.1:8080"));
    CHECK(!may_write("https://evil.example", "api.example"));
    CHECK(!may_write("https://api.example.evil", "api.example"));
    CHECK(!may_write("null", "null"));
    CHECK(!may_write("https://api.example:8443", "api.example"));
}

static void test_failures_are_readable_by_pages(void) {
    answer("GET", "/nothing", HEADERS("Origin", "https://evil.example"));
    CHECK_TEXT(header("Access-Control-Allow-Origin"), "*");
    CHECK(strstr(header("Access-Control-Expose-Headers"), "X-Request-Id"));
    answer("POST", "/nothing", HEADERS("Origin", "https://evil.example"));
    CHECK_TEXT(header("Access-Control-Allow-Origin"), NULL);
    answer("POST", "/nothing", HEADERS("Origin", "https://b.example"));
    CHECK_TEXT(header("Access-Control-Allow-Origin"), "https://b.example");
}

static void test_header_values_stay_on_one_line(void) {
    request_clear(&sample.request);
    sample_init(&sample, spec, "GET", "/", NULL);
    request_set_header(&sample.request, "Location", "/a\r\nSet-Cookie: x\n");
    CHECK_TEXT(header("Location"), "/aSet-Cookie: x");
    request_set_header(&sample.request, "location", "/b");
    CHECK(sample.request.reply_header_count == 1);
    CHECK_TEXT(sample.request.reply_headers[0].value, "/b");
    for (int i = 0; i < 2 * REQUEST_HEADERS_MOST; i++)
        request_set_header(&sample.request, arena_print(&sample.request.arena, "X-%d", i), "");
    CHECK(sample.request.reply_header_count == REQUEST_HEADERS_MOST);
}

static void test_clock_is_one_instant_of_utc(void) {
    answer("GET", "/nothing", NULL);
    CHECK(strlen(sample.request.now) == 27 && sample.request.now[26] == 'Z' &&
          sample.request.now[19] == '.');
}

int main(void) {
    spec = sample_spec();
    test_failures_are_problems_in_the_callers_language();
    test_who_sends_no_token_is_told_the_scheme_only();
    test_wrong_methods_are_told_the_right_ones();
    test_good_public_reads_may_be_kept();
    test_what_a_failed_operation_promised_is_not_said();
    test_preflight_opens_reads_to_all_and_writes_to_the_configured();
    test_pages_of_other_origins_may_not_write();
    test_failures_are_readable_by_pages();
    test_header_values_stay_on_one_line();
    test_clock_is_one_instant_of_utc();
    request_clear(&sample.request);
    spec_free(spec);
    return check_finish();
}
