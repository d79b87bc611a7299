/* Request bodies: form, JSON, contract. */
#include "check.h"
#include "form.h"
#include "sample.h"

static struct spec *spec;
static struct sample sample;

static const char *read_with(const char *method, const char *path, const char *const *headers,
                             const char *body, size_t length) {
    static char text[9000];
    const char *allow;
    request_clear(&sample.request);
    sample_init(&sample, spec, method, path, headers);
    sample.request.body = body;
    sample.request.body_length = length;
    CHECK(spec_match(spec, &sample.request, path, &allow));
    const struct problem *problem = &sample.request.problem;
    if (request_read_body(&sample.request))
        snprintf(text, sizeof text, "%s", sample.request.json_text ? sample.request.json_text : "");
    else if (problem->faults)
        snprintf(text, sizeof text, "%s", faults_text(problem));
    else
        snprintf(text, sizeof text, "%s %s%s%s", problem_name(problem->code),
                 problem->parameters[0] ? problem->parameters[0] : "",
                 problem->parameters[1] ? ": " : "",
                 problem->parameters[1] ? problem->parameters[1] : "");
    return text;
}

/* The compact text of what was read, its faults, or the problem with its parameters. */
static const char *read_bytes(const char *body, size_t length) {
    return read_with("POST", "/v1/743/items", HEADERS("Content-Type", "application/json"), body,
                     length);
}

static const char *read_text(const char *body) {
    return read_bytes(body, strlen(body));
}

static void test_body_is_normalised(void) {
    CHECK_TEXT(read_text(" { \"title\" : {\"fi\":\"a\xCC\x88\"} , \"count\":-0 } "),
               "{\"title\":{\"fi\":\"\xC3\xA4\"},\"count\":0}");
    CHECK(sample.request.json);
    CHECK_TEXT(read_text("{\"title\":{\"fi\":\"\\ud83c\\udf32\"},\"ratio\":0.1}"),
               "{\"title\":{\"fi\":\"\xF0\x9F\x8C\xB2\"},\"ratio\":0.1}");
    CHECK_TEXT(read_text("{\"count\":200}"), "required /title, too_large /count");
}

static void test_body_that_is_no_json(void) {
    const char *const bodies[][2] = {
        {"{\"a\":1,\"a\":2}", "invalid_json 10: a member occurs twice"},
        {"{\"a\":\"\\u0000\"}", "invalid_json 13: a NUL character"},
        {"{\"\\u0000\":1}", "invalid_json 9: a NUL character"},
        {"{\"a\":\"\\ud800\"}", "invalid_json 13: the syntax"},
        {"{\"a\":\"\\udc00\\ud800\"}", "invalid_json 19: the syntax"},
        {"{\"a\":\"\xED\xA0\x80\"}", "invalid_json 6: invalid UTF-8"},
        {"{\"a\":\"\xC0\xAF\"}", "invalid_json 6: invalid UTF-8"},
        {"{\"a\":\"\xFF\"}", "invalid_json 6: invalid UTF-8"},
        {"\xEF\xBB\xBF{}", "invalid_json 0: it begins with a byte order mark"},
        {"{} x", "invalid_json 4: text after the JSON value"},
        {"{}{}", "invalid_json 3: text after the JSON value"},
        {"{\"a\":NaN}", "invalid_json 8: the syntax"},
        {"{\"count\":9223372036854775808}", "invalid_json 28: a number out of range"},
        {"{\"count\":-9223372036854775809}", "invalid_json 29: a number out of range"},
        {"{\"ratio\":1e400}", "invalid_json 14: a number out of range"},
        {"{\"a\":01}", "invalid_json 6: the syntax"},
        {"{\"a\":1,}", "invalid_json 8: the syntax"},
        {"// x\n{}", "invalid_json 1: the syntax"},
        {"{'a':1}", "invalid_json 2: the syntax"},
        {"{\"a\":\"\n\"}", "invalid_json 6: the syntax"},
        {"{\"a\"", "invalid_json 4: the syntax"},
        {"\"abc", "invalid_json 4: the syntax"},
        {"\"abc\\", "invalid_json 5: the syntax"},
        {" ", "invalid_json 1: the syntax"},
        {"", "invalid_json 0: it is empty"},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const char *found = read_text(bodies[i][0]);
        CHECK_TEXT(found, bodies[i][1]);
        if (strcmp(found, bodies[i][1]) != 0)
            fprintf(stderr, "    body     %s\n", bodies[i][0]);
    }
    CHECK_TEXT(read_bytes("{}\0", 3), "invalid_json 2: a NUL character");
    CHECK_TEXT(read_bytes("{\"a\":\"\0\"}", 9), "invalid_json 6: the syntax");
    const char *const scalars[] = {"1", "null", "true", "\"x\"", "[]"};
    for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++)
        CHECK_TEXT(read_text(scalars[i]), "invalid_json 0: it is not an object");
}

static void test_body_limits(void) {
    static char body[300001];
    memset(body, '[', 33);
    memset(body + 33, ']', 33);
    CHECK_TEXT(read_bytes(body, 66), "invalid_json 32: nested deeper than 32 levels");
    memset(body, '[', 32);
    memset(body + 32, ']', 32);
    CHECK_TEXT(read_bytes(body, 64), "invalid_json 0: it is not an object");
    memset(body, ' ', sizeof body);
    CHECK_TEXT(read_bytes(body, 1001), "body_too_large 1000");
    CHECK_TEXT(read_bytes(body, 1000), "invalid_json 1000: the syntax");
    const char *const patch[] = {"Content-Type", "application/merge-patch+json", NULL};
    const char *path = "/v1/743/items/" SAMPLE_ID;
    CHECK_TEXT(read_with("PATCH", path, patch, body, 262145), "body_too_large 262144");
    memset(body, ',', 100000);
    body[0] = '[';
    CHECK_TEXT(read_with("PATCH", path, patch, body, 100000),
               "invalid_json 50000: more than 50000 values");
    /* Marks inside of texts are no values. */
    memset(body, '[', 900);
    body[0] = '"';
    body[899] = '"';
    CHECK_TEXT(read_bytes(body, 900), "invalid_json 0: it is not an object");
}

static void test_media_type_is_exact(void) {
    const char *const good[] = {"application/json", "Application/JSON",
                                "application/json; charset=utf-8", "application/json;charset=UTF-8",
                                "application/json ; charset=\"utf-8\" "};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK_TEXT(read_with("POST", "/v1/743/items", HEADERS("content-type", good[i]),
                             "{\"title\":{\"fi\":\"a\"}}", 20),
                   "{\"title\":{\"fi\":\"a\"}}");
    const char *const bad[] = {"text/plain",
                               "application/jsonx",
                               "application/json; charset=latin1",
                               "application/json; charset=utf-8; x=y",
                               "application/json; profile=x",
                               "application/json, text/plain",
                               "application/json;",
                               "application/json; charset=\"utf-8",
                               "application/x-www-form-urlencoded",
                               "multipart/form-data; boundary=x",
                               "application/merge-patch+json",
                               "",
                               "application/json; charset=utf-80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_TEXT(read_with("POST", "/v1/743/items", HEADERS("Content-Type", bad[i]), "{}", 2),
                   "unsupported_media_type application/json");
    CHECK_TEXT(read_with("POST", "/v1/743/items", NULL, "{}", 2),
               "unsupported_media_type application/json");
    CHECK_TEXT(read_with("POST", "/v1/743/items",
                         HEADERS("Content-Type", "application/json", "Content-Encoding", "gzip"),
                         "{}", 2),
               "unsupported_media_type application/json");
    CHECK_TEXT(
        read_with("POST", "/v1/743/items",
                  HEADERS("Content-Type", "application/json", "Content-Type", "application/json"),
                  "{}", 2),
        "unsupported_media_type application/json");
}

static void test_patch_names_its_media_type(void) {
    const char *path = "/v1/743/items/" SAMPLE_ID;
    CHECK_TEXT(read_with("PATCH", path, HEADERS("Content-Type", "application/json"), "{}", 2),
               "unsupported_media_type application/merge-patch+json");
    CHECK(sample.request.reply_header_count == 1);
    CHECK_TEXT(sample.request.reply_headers[0].name, "Accept-Patch");
    CHECK_TEXT(sample.request.reply_headers[0].value, "application/merge-patch+json");
    CHECK_TEXT(read_with("PATCH", path, HEADERS("Content-Type", "application/merge-patch+json"),
                         "{\"count\":null}", 14),
               "{\"count\":null}");
}

static void test_body_where_none_is_taken(void) {
    CHECK_TEXT(read_with("GET", "/v1/743/items", NULL, "", 0), "");
    CHECK_TEXT(read_with("GET", "/v1/743/items", NULL, "{}", 2),
               "bad_request no body is taken here");
    CHECK_TEXT(read_with("POST", "/v1/743/items/" SAMPLE_ID "/close", NULL, "", 0), "");
}

static const char *read_form(const char *type, const char *body, size_t length) {
    return read_with("POST", "/v1/forms", HEADERS("Content-Type", type), body, length);
}

static void test_forms_are_read_by_their_type(void) {
    static const char type[] = "multipart/form-data; boundary=b";
    static const char parts[] = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--";
    CHECK_TEXT(read_form("application/x-www-form-urlencoded; charset=UTF-8", "a=1&a=2", 7), "");
    CHECK(sample.request.form && sample.request.form->count == 2);
    CHECK_TEXT(json_string_value(json_object_get(sample.request.json, "a")), "1");
    CHECK_TEXT(read_form(type, parts, sizeof parts - 1), "");
    CHECK(sample.request.form && sample.request.form->count == 1);
    CHECK_TEXT(read_form("application/x-www-form-urlencoded", NULL, 0), "");
    CHECK(sample.request.form && !sample.request.form->count);
    CHECK_TEXT(read_form("application/x-www-form-urlencoded", "a=1&b=%4", 8),
               "invalid_form b: an invalid percent escape");
    CHECK(!sample.request.form);
    CHECK_TEXT(read_form("application/x-www-form-urlencoded", "a=1&%FF=", 8),
               "invalid_form #2: invalid UTF-8");
    CHECK_TEXT(read_form(type, NULL, 0),
               "invalid_form #1: no boundary stands on a line of its own before it");
    CHECK_TEXT(read_form("multipart/form-data", parts, sizeof parts - 1),
               "invalid_header Content-Type: boundary is missing or has another form (1 to 70 "
               "characters)");
    static char body[5001] = "a=";
    memset(body + 2, 'x', sizeof body - 2);
    CHECK_TEXT(read_form("application/x-www-form-urlencoded", body, 5000), "");
    CHECK_TEXT(read_form("application/x-www-form-urlencoded", body, 5001), "body_too_large 5000");
}

static void test_forms_of_another_type(void) {
    static const char refused[] =
        "unsupported_media_type application/x-www-form-urlencoded, multipart/form-data";
    const char *const types[] = {"application/json", "text/plain", "multipart/mixed; boundary=b",
                                 "application/x-www-form-urlencoded; charset=latin1", ""};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        CHECK_TEXT(read_form(types[i], "a=1", 3), refused);
    static const char form[] = "application/x-www-form-urlencoded";
    CHECK_TEXT(read_with("POST", "/v1/forms", NULL, "a=1", 3), refused);
    CHECK_TEXT(read_with("POST", "/v1/forms",
                         HEADERS("Content-Type", form, "Content-Encoding", "gzip"), "a=1", 3),
               refused);
    CHECK_TEXT(read_with("POST", "/v1/forms", HEADERS("Content-Type", form, "Content-Type", form),
                         "a=1", 3),
               refused);
    /* Where only one kind is taken, the other is none. */
    CHECK_TEXT(read_with("POST", "/v1/743/items", HEADERS("Content-Type", form), "a=1", 3),
               "unsupported_media_type application/json");
}

int main(void) {
    spec = sample_spec();
    test_body_is_normalised();
    test_body_that_is_no_json();
    test_body_limits();
    test_media_type_is_exact();
    test_patch_names_its_media_type();
    test_body_where_none_is_taken();
    test_forms_are_read_by_their_type();
    test_forms_of_another_type();
    request_clear(&sample.request);
    spec_free(spec);
    return check_finish();
}
