/* Targets and queries: one reading, or none. */
#include "check.h"
#include "sample.h"
#include "target.h"

static struct spec *spec;
static struct sample sample;

/* The decoded path and raw query as "path?query", or the problem's code and reason. */
static const char *read_target(const char *target) {
    static char text[9000];
    const char *path = NULL;
    request_clear(&sample.request);
    sample_init(&sample, spec, "GET", target, NULL);
    if (target_read(&sample.request, &path))
        snprintf(text, sizeof text, "%s?%s", path, sample.request.query);
    else
        snprintf(text, sizeof text, "%s: %s", problem_name(sample.request.problem.code),
                 sample.request.problem.parameters[0]);
    return text;
}

static void test_target_is_decoded(void) {
    CHECK_TEXT(read_target("/"), "/?");
    CHECK_TEXT(read_target("/v1/743/items?a=b&c=%20"), "/v1/743/items?a=b&c=%20");
    CHECK_TEXT(read_target("/v1/%37%343/items"), "/v1/743/items?");
    CHECK_TEXT(read_target("/a%20b%3F+c"), "/a b?+c?");
    CHECK_TEXT(read_target("/%C3%A4/a%CC%88"), "/\xC3\xA4/\xC3\xA4?");
    CHECK_TEXT(read_target("/\xC3\xA4"), "/\xC3\xA4?");
    CHECK_TEXT(read_target("/a?b?c/../%2F"), "/a?b?c/../%2F");
    CHECK_TEXT(read_target("/a%252Fb"), "/a%2Fb?");
    CHECK_TEXT(read_target("/..a/.b./..."), "/..a/.b./...?");
}

static void test_target_is_refused(void) {
    const char *const nul = "bad_request: a NUL character";
    const char *const escape = "bad_request: an invalid percent escape";
    const char *const encoding = "bad_request: invalid UTF-8";
    const char *const slash = "bad_request: the path holds an encoded slash";
    const char *const dots = "bad_request: the path holds . or ..";
    const char *const character = "bad_request: a character that is not allowed";
    const char *const form = "bad_request: the form of the target";
    const char *const refused[][2] = {
        {"/v1/743/items%00", nul},
        {"/%", escape},
        {"/%2", escape},
        {"/%zz", escape},
        {"/%2g", escape},
        {"/% 20", escape},
        {"/%FF", encoding},
        {"/%C3", encoding},
        {"/%C3%28", encoding},
        {"/%E2%82(", encoding},
        {"/%80", encoding},
        {"/%C0%AF", encoding},
        {"/%E0%80%AF", encoding},
        {"/%ED%A0%80", encoding},
        {"/%F4%90%80%80", encoding},
        {"/\xFF", encoding},
        {"/v1%2F743", slash},
        {"/v1%2f743", slash},
        {"/..", dots},
        {"/v1/../items", dots},
        {"/v1/%2e%2E/items", dots},
        {"/v1/.", dots},
        {"/v1/./items", dots},
        {"/a b", character},
        {"/a%0Ab", character},
        {"/a%0Db", character},
        {"/a%1Bb", character},
        {"/a%7Fb", character},
        {"/a\\b", character},
        {"/a<b", character},
        {"/a%E2%80%AEb", character},
        {"", form},
        {"v1", form},
        {"*", form},
        {"http://x/v1", form},
        {"/v1#x", form},
        {"/v1?a#x", form},
        {"?a", form},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const char *found = read_target(refused[i][0]);
        CHECK_TEXT(found, refused[i][1]);
        if (strcmp(found, refused[i][1]) != 0)
            fprintf(stderr, "    target   %s\n", refused[i][0]);
    }
}

static void test_target_has_limits(void) {
    static char target[9000];
    memset(target, 'a', sizeof target - 1);
    target[0] = '/';
    target[8000] = '\0';
    CHECK(strlen(read_target(target)) == 8001);
    target[8000] = 'a';
    target[8001] = '\0';
    CHECK_TEXT(read_target(target), "target_too_long: 8000");
    strncpy(target, "/?a", 4);
    for (size_t i = 0; i < 99; i++)
        memcpy(target + 3 + 2 * i, "&a", 3);
    CHECK(read_target(target)[0] == '/');
    memcpy(target + 3 + 2 * 99, "&a", 3);
    CHECK_TEXT(read_target(target), "bad_request: more than 100 query parameters");
}

static void test_target_star_is_for_options(void) {
    const char *path = NULL;
    request_clear(&sample.request);
    sample_init(&sample, spec, "OPTIONS", "*", NULL);
    CHECK(target_read(&sample.request, &path));
    CHECK_TEXT(path, "*");
}

/* The faults of a query of listItems, the problem's code when it has none, or "". */
static const char *query_faults(const char *query) {
    static char target[9000];
    const char *path = NULL, *allow;
    snprintf(target, sizeof target, "/v1/743/items?%s", query);
    request_clear(&sample.request);
    sample_init(&sample, spec, "GET", target, NULL);
    CHECK(target_read(&sample.request, &path) && spec_match(spec, &sample.request, path, &allow));
    bool is_valid = request_read_query(&sample.request);
    const struct problem *problem = &sample.request.problem;
    CHECK(is_valid == (problem->code == PROBLEM_NONE));
    CHECK(!problem->faults || problem->code == PROBLEM_INVALID_PARAMETER);
    return problem->faults ? faults_text(problem) : problem_name(problem->code);
}

static void test_query_values_are_read(void) {
    CHECK_TEXT(query_faults(""), "");
    CHECK_TEXT(query_faults("&&"), "");
    CHECK_TEXT(query_faults("limit=5&state=open,closed&q=a%2Bb+c&fields=title,count"), "");
    CHECK_TEXT(request_parameter(&sample.request, "limit"), "5");
    CHECK_TEXT(request_parameter(&sample.request, "state"), "open,closed");
    CHECK_TEXT(request_parameter(&sample.request, "q"), "a+b c");
    CHECK_TEXT(request_parameter(&sample.request, "sort"), NULL);
    CHECK_TEXT(request_parameter(&sample.request, "municipality"), "743");
    CHECK_TEXT(query_faults("q=a%CC%88=%3D"), "");
    CHECK_TEXT(request_parameter(&sample.request, "q"), "\xC3\xA4==");
    CHECK_TEXT(query_faults("l%69mit=5"), "");
    CHECK_TEXT(request_parameter(&sample.request, "limit"), "5");
}

static void test_query_faults_come_all_at_once(void) {
    CHECK_TEXT(query_faults("limit=0&limit=1&Limit=5&state=ajar&starts_on_from=2026-02-30&q="
                            "12345678901&sort=count"),
               "too_small limit, repeated_parameter limit, unknown_parameter Limit, enum state, "
               "format starts_on_from, "
               "too_long q, enum sort");
    CHECK_TEXT(query_faults("limit=0&q=a&state=open"), "too_small limit");
    CHECK_TEXT(query_faults("limit=1000000000"), "too_large limit");
    CHECK_TEXT(query_faults("limit=1%27%20or%201=1"), "type limit");
    CHECK_TEXT(query_faults("limit"), "too_short limit");
    CHECK_TEXT(query_faults("state="), "too_short state");
    CHECK_TEXT(query_faults("state=open,"), "too_short state");
    CHECK_TEXT(query_faults("state=open,closed,open"), "too_many_items state");
    CHECK_TEXT(query_faults("fields=title,secret"), "enum fields");
    CHECK_TEXT(query_faults("q=a%01"), "text_not_allowed q");
    CHECK_TEXT(query_faults("=x"), "unknown_parameter ");
    CHECK_TEXT(query_faults("limit%00=5"), "bad_request");
    CHECK_TEXT(query_faults("q=%ff"), "bad_request");
    CHECK_TEXT(query_faults("q=%"), "bad_request");
    CHECK_TEXT(query_faults("format=xml"), "enum format");
}

int main(void) {
    spec = sample_spec();
    test_target_is_decoded();
    test_target_is_refused();
    test_target_has_limits();
    test_target_star_is_for_options();
    test_query_values_are_read();
    test_query_faults_come_all_at_once();
    request_clear(&sample.request);
    spec_free(spec);
    return check_finish();
}
