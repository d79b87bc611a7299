/* Headers that choose form, language and conditions. */
#include "check.h"
#include "negotiate.h"
#include "sample.h"

static struct spec *spec;
static struct sample sample;

/* Runs the stages up to the headers; "" or the problem's code and first parameter. */
static const char *read_headers(const char *method, const char *target,
                                const char *const *headers) {
    static char text[400];
    char path[200];
    const char *allow;
    size_t length = strcspn(target, "?");
    snprintf(path, sizeof path, "%.*s", (int)length, target);
    request_clear(&sample.request);
    sample_init(&sample, spec, method, target, headers);
    sample.request.query = target[length] ? target + length + 1 : "";
    CHECK(spec_match(spec, &sample.request, path, &allow) && request_read_query(&sample.request));
    const struct problem *problem = &sample.request.problem;
    bool is_valid = request_read_headers(&sample.request);
    CHECK(is_valid == (problem->code == PROBLEM_NONE));
    const char *first = problem->parameters[0];
    snprintf(text, sizeof text, "%s%s%s", problem_name(problem->code), first ? " " : "",
             first ? first : "");
    return text;
}

static enum language language_of(const char *header) {
    request_clear(&sample.request);
    sample_init(&sample, spec, "GET", "/", HEADERS("Accept-Language", header));
    negotiate_language(&sample.request);
    return sample.request.language;
}

static void test_language_is_chosen_by_weight_then_order(void) {
    CHECK(language_of("") == LANGUAGE_FI);
    CHECK(language_of("sv") == LANGUAGE_SV);
    CHECK(language_of("SV-fi") == LANGUAGE_SV);
    CHECK(language_of("en-GB,en;q=0.9,fi;q=0.8") == LANGUAGE_EN);
    CHECK(language_of("fi;q=0.2, sv;q=0.8") == LANGUAGE_SV);
    CHECK(language_of("sv, en") == LANGUAGE_SV);
    CHECK(language_of("en, sv") == LANGUAGE_EN);
    CHECK(language_of("de, *") == LANGUAGE_FI);
    CHECK(language_of("fi;q=0, *;q=0.1") == LANGUAGE_SV);
    CHECK(language_of("sv;q=0") == LANGUAGE_FI);
    CHECK(language_of("svx, en;q=0.1") == LANGUAGE_EN);
    CHECK(language_of("sv;q=2, en;q=0.1") == LANGUAGE_EN);
    CHECK(language_of(",,;;q=1,\t, ;=") == LANGUAGE_FI);
    CHECK(language_of("s") == LANGUAGE_FI);
}

static enum media media_of(const char *header) {
    CHECK_TEXT(read_headers("GET", "/v1/743/items", HEADERS("Accept", header)), "");
    return sample.request.media;
}

static void test_accept_chooses_the_form(void) {
    CHECK(media_of("") == MEDIA_JSON);
    CHECK(media_of("*/*") == MEDIA_JSON);
    CHECK(media_of("text/csv") == MEDIA_CSV);
    CHECK(media_of("TEXT/CSV; header=present") == MEDIA_CSV);
    CHECK(media_of("text/*") == MEDIA_CSV);
    CHECK(media_of("application/json;q=0.5, text/csv;q=0.9") == MEDIA_CSV);
    CHECK(media_of("application/json, text/csv") == MEDIA_JSON);
    CHECK(media_of("text/csv, application/json") == MEDIA_JSON);
    CHECK(media_of("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8") ==
          MEDIA_JSON);
    CHECK(media_of("*/*;q=0.9, application/json;q=0") == MEDIA_CSV);
    CHECK(media_of("application/*;q=0.1, */*") == MEDIA_CSV);
    const char *const refused[] = {"*/*;q=0",         "text/html",
                                   "application/xml", "application/json;q=0",
                                   "*/*; q=0.000",    "image/*, application/problem+json"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        CHECK_TEXT(read_headers("GET", "/v1/743/items", HEADERS("Accept", refused[i])),
                   "not_acceptable application/json, text/csv");
    CHECK_TEXT(read_headers("GET", "/v1/municipalities", HEADERS("Accept", "text/csv")),
               "not_acceptable application/json");
    CHECK_TEXT(
        read_headers("GET", "/v1/743/items", HEADERS("Accept", "text/html", "Accept", "text/csv")),
        "");
    /* One fixed form: Accept is not asked. */
    CHECK_TEXT(read_headers("GET", "/v1/743/items/special", HEADERS("Accept", "text/html")), "");
}

static void test_format_goes_before_accept(void) {
    CHECK_TEXT(
        read_headers("GET", "/v1/743/items?format=csv", HEADERS("Accept", "application/json")), "");
    CHECK(sample.request.media == MEDIA_CSV);
    CHECK_TEXT(read_headers("GET", "/v1/743/items?format=json", HEADERS("Accept", "text/csv")), "");
    CHECK(sample.request.media == MEDIA_JSON);
}

/* "m" return=minimal, "c" count=exact, "r" tx=rollback. */
static const char *preferences(const char *first, const char *second) {
    static char text[4];
    request_clear(&sample.request);
    sample_init(&sample, spec, "GET", "/", HEADERS("Prefer", first, "prefer", second));
    negotiate_preferences(&sample.request);
    const struct preferences *prefer = &sample.request.prefer;
    snprintf(text, sizeof text, "%s%s%s", prefer->return_minimal ? "m" : "",
             prefer->count_exact ? "c" : "", prefer->rollback ? "r" : "");
    return text;
}

static void test_prefer_is_a_list_of_wishes(void) {
    CHECK_TEXT(preferences("", ""), "");
    CHECK_TEXT(preferences("return=minimal", ""), "m");
    CHECK_TEXT(preferences("Return = \"minimal\" ; foo=bar , COUNT=exact", "tx=rollback"), "mcr");
    CHECK_TEXT(preferences("return=representation, return=minimal", ""), "");
    CHECK_TEXT(preferences("return=minimal, return=representation", ""), "m");
    CHECK_TEXT(preferences("respond-async, wait=10; x=\"a,tx=rollback\"", ""), "");
    CHECK_TEXT(preferences("x=\"\\\",tx=rollback\",count=exact", ""), "c");
    CHECK_TEXT(preferences("tx", "tx=rollback"), "");
    CHECK_TEXT(preferences("returns=minimal, return=minimally, xtx=rollback", ""), "");
    CHECK_TEXT(preferences("=,;\"", "\"tx=rollback"), "");
}

static int64_t version_of(const char *header) {
    CHECK_TEXT(read_headers("PATCH", "/v1/743/items/" SAMPLE_ID, HEADERS("If-Match", header)), "");
    return sample.request.if_match_version;
}

static void test_if_match_names_versions(void) {
    CHECK(version_of("\"12\"") == 12);
    CHECK(version_of(" \"0\" ") == 0);
    CHECK(version_of("*") == -3);
    CHECK(version_of("W/\"12\"") == -2);
    CHECK(version_of("\"abc\"") == -2);
    CHECK(version_of("\"012\"") == -2);
    CHECK(version_of("\"\"") == -2);
    CHECK(version_of("\"-3\"") == -2);
    CHECK(version_of("\"1234567890123456789\"") == -2);
    version_of("\"3\", W/\"9\" ,\"5\", \"x\"");
    const int64_t named[] = {3, -2, 5, -2};
    CHECK(sample.request.if_match_count == sizeof named / sizeof *named);
    for (size_t i = 0; i < sample.request.if_match_count && i < sizeof named / sizeof *named; i++)
        CHECK(sample.request.if_match_versions[i] == named[i]);
    CHECK(version_of("\"a,b\"") == -2);
    const char *const malformed[] = {"12",         "\"12",     "\"1 2\"",  "w/\"12\"",
                                     "\"1\"\"2\"", "*, \"1\"", "\"1\", *", "W/12",
                                     "",           ",",        "'12'",     "\"1\" \"2\"x"};
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
        CHECK_TEXT(
            read_headers("PATCH", "/v1/743/items/" SAMPLE_ID, HEADERS("If-Match", malformed[i])),
            "invalid_header If-Match");
    static char many[50000];
    for (size_t i = 0; i < 10000; i++)
        memcpy(many + 4 * i, "\"1\",", 5);
    CHECK_TEXT(read_headers("PATCH", "/v1/743/items/" SAMPLE_ID, HEADERS("If-Match", many)),
               "invalid_header If-Match");
    CHECK_TEXT(read_headers("PATCH", "/v1/743/items/" SAMPLE_ID, NULL), "precondition_required");
    CHECK_TEXT(read_headers("PATCH", "/v1/743/items/" SAMPLE_ID,
                            HEADERS("If-Match", "*", "If-Match", "\"1\"")),
               "invalid_header If-Match");
    CHECK_TEXT(read_headers("PATCH", "/v1/743/items/" SAMPLE_ID,
                            HEADERS("If-Match", "\"1\"", "If-Match", "\"2\"")),
               "");
    CHECK(sample.request.if_match_version == 2);
}

static void test_idempotency_key_is_short_and_printable(void) {
    static char key[300];
    memset(key, 'k', sizeof key - 1);
    CHECK_TEXT(read_headers("POST", "/v1/743/items", NULL), "invalid_header Idempotency-Key");
    CHECK_TEXT(read_headers("POST", "/v1/743/items", HEADERS("Idempotency-Key", key)),
               "invalid_header Idempotency-Key");
    CHECK_TEXT(read_headers("POST", "/v1/743/items", HEADERS("Idempotency-Key", "")),
               "invalid_header Idempotency-Key");
    CHECK_TEXT(read_headers("POST", "/v1/743/items", HEADERS("Idempotency-Key", "\xC3\xA4")),
               "invalid_header Idempotency-Key");
    CHECK_TEXT(read_headers("POST", "/v1/743/items", HEADERS("Idempotency-Key", "a\tb")),
               "invalid_header Idempotency-Key");
    CHECK_TEXT(read_headers("POST", "/v1/743/items",
                            HEADERS("Idempotency-Key", "a", "Idempotency-Key", "a")),
               "invalid_header Idempotency-Key");
    key[255] = '\0';
    CHECK_TEXT(read_headers("POST", "/v1/743/items", HEADERS("idempotency-key", key)), "");
    CHECK(sample.request.idempotency_key == key);
    CHECK_TEXT(read_headers("POST", "/v1/743/items", HEADERS("Idempotency-Key", "' or 1=1 --")),
               "");
}

int main(void) {
    spec = sample_spec();
    test_language_is_chosen_by_weight_then_order();
    test_accept_chooses_the_form();
    test_format_goes_before_accept();
    test_prefer_is_a_list_of_wishes();
    test_if_match_names_versions();
    test_idempotency_key_is_short_and_printable();
    request_clear(&sample.request);
    spec_free(spec);
    return check_finish();
}
