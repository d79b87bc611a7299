/* Problems as JSON and as pages. */
#include "check.h"
#include "problem.h"
#include "reason.h"

#include <jansson.h>

static const char *const languages[] = {"fi", "sv", "en"};

static json_t *written(const struct problem *problem, enum language language) {
    struct buffer out = {0};
    problem_write(problem, language, "r1", &out);
    json_t *json = json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
    CHECK(json);
    buffer_clear(&out);
    return json;
}

static const char *text(const json_t *json, const char *name) {
    return json_string_value(json_object_get(json, name));
}

static void test_problem_has_the_members_of_the_rfc(void) {
    struct problem problem = {0};
    CHECK(!problem_set(&problem, PROBLEM_INVALID_HEADER, "If-Match", "a\"<b"));
    json_t *json = written(&problem, LANGUAGE_SV);
    CHECK_TEXT(text(json, "type"), "/problems/invalid_header");
    CHECK_TEXT(text(json, "title"), "Ogiltigt huvud");
    CHECK(json_integer_value(json_object_get(json, "status")) == 400);
    CHECK_TEXT(text(json, "detail"), "Huvudet If-Match är ogiltigt: a\"<b.");
    CHECK_TEXT(text(json, "instance"), "r1");
    CHECK_TEXT(text(json, "code"), "invalid_header");
    CHECK(json_object_size(json) == 6);
    json_decref(json);
}

static void test_problem_lists_faults_and_allowed(void) {
    struct arena arena = {0};
    struct problem problem = {.code = PROBLEM_INVALID_BODY, .allowed = "open, closed"};
    problem_add(&problem, &arena, FAULT_POINTER, "/a", PROBLEM_VALUE_TOO_LONG, "5", "3");
    problem_add(&problem, &arena, FAULT_PARAMETER, "q", PROBLEM_MEMBER_REQUIRED, "q");
    json_t *json = written(&problem, LANGUAGE_EN);
    CHECK_TEXT(text(json, "code"), "invalid_body");
    json_t *errors = json_object_get(json, "errors");
    CHECK(json_array_size(errors) == 2);
    CHECK_TEXT(text(json_array_get(errors, 0), "pointer"), "/a");
    CHECK_TEXT(text(json_array_get(errors, 0), "code"), "too_long");
    CHECK_TEXT(text(json_array_get(errors, 0), "detail"), "The length is 5, at most 3 is allowed.");
    CHECK_TEXT(text(json_array_get(errors, 1), "parameter"), "q");
    CHECK(!json_object_get(json_array_get(errors, 1), "pointer"));
    json_t *allowed = json_object_get(json, "allowed");
    CHECK(json_array_size(allowed) == 2);
    CHECK_TEXT(json_string_value(json_array_get(allowed, 1)), "closed");
    json_decref(json);
    arena_clear(&arena);
}

static void test_problem_takes_the_code_of_its_first_fault(void) {
    struct arena arena = {0};
    struct problem problem = {0};
    CHECK(!problem_add(&problem, &arena, FAULT_POINTER, "/a", PROBLEM_ALREADY_EXISTS, NULL));
    problem_add(&problem, &arena, FAULT_POINTER, "/b", PROBLEM_IN_USE, NULL);
    CHECK(problem.code == PROBLEM_ALREADY_EXISTS && problem.fault_count == 2);
    arena_clear(&arena);
}

/* Every row: unique code, a status of a failure, texts in three languages with no hole left open.
 */
static void test_problem_table_is_whole(void) {
    const char *const parameters[PROBLEM_PARAMETERS] = {"P0", "P1", "P2", "P3"};
    for (enum problem_code code = 1; code < PROBLEM_COUNT; code++) {
        CHECK(problem_find(problem_name(code)) == code);
        CHECK(problem_status(code) >= 400 && problem_status(code) < 600);
        for (enum language language = 0; language < LANGUAGE_COUNT; language++) {
            struct problem problem = {0};
            problem_set_with(&problem, code, parameters);
            json_t *json = written(&problem, language);
            CHECK(*text(json, "title") && *text(json, "detail"));
            CHECK(!strpbrk(text(json, "detail"), "{}"));
            json_decref(json);
        }
    }
    CHECK(problem_find("nothing_such") == PROBLEM_NONE && problem_find("") == PROBLEM_NONE);
    for (enum reason reason = 0; reason < REASON_COUNT; reason++)
        for (enum language language = 0; language < LANGUAGE_COUNT; language++)
            CHECK(*reason_text(reason, language));
}

static void test_page_has_three_languages_and_no_script(void) {
    struct buffer out = {0};
    problem_write_page(PROBLEM_INVALID_JSON, &out);
    for (size_t i = 0; i < 3; i++) {
        char section[40];
        snprintf(section, sizeof section, "<section lang=\"%s\">", languages[i]);
        CHECK(strstr(out.data, section));
    }
    CHECK(strstr(out.data, "invalid_json") && strstr(out.data, "HTTP 400"));
    CHECK(!strstr(out.data, "<script") && !strstr(out.data, "{0}"));
    CHECK(strstr(out.data, "Ogiltig JSON"));
    buffer_clear(&out);
}

int main(void) {
    test_problem_has_the_members_of_the_rfc();
    test_problem_lists_faults_and_allowed();
    test_problem_takes_the_code_of_its_first_fault();
    test_problem_table_is_whole();
    test_page_has_three_languages_and_no_script();
    return check_finish();
}
