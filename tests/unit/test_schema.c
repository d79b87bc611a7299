/* Schemas applied to bodies and to parameters. */
#include "check.h"
#include "sample.h"

static struct schema_set *set;
static json_t *contract;

static const struct schema *compile(const char *text) {
    char *json = quoted(text);
    json_t *node = json_loads(json, 0, NULL);
    free(json);
    json_array_append_new(json_object_get(contract, "kept"), node);
    return schema_get(set, node, "#/test");
}

/* The faults of a body, or the body itself as text when it has none. */
static const char *body_faults(const struct schema *schema, const char *text, bool is_patch) {
    static char result[8192];
    struct arena arena = {0};
    struct problem problem = {0};
    char *json = quoted(text);
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    CHECK(value);
    bool is_valid = schema_check(schema, value, is_patch, &arena, &problem);
    CHECK(is_valid == !problem.faults);
    CHECK(problem.code == (is_valid ? PROBLEM_NONE : PROBLEM_INVALID_BODY));
    char *dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    snprintf(result, sizeof result, "%s", is_valid ? dump : faults_text(&problem));
    free(dump);
    free(json);
    json_decref(value);
    arena_clear(&arena);
    return result;
}

static const struct schema *shared(const char *name) {
    char pointer[80];
    snprintf(pointer, sizeof pointer, "#/components/schemas/%s", name);
    json_t *schemas = json_object_get(json_object_get(contract, "components"), "schemas");
    return schema_get(set, json_object_get(schemas, name), pointer);
}

static void test_body_reports_all_faults_at_once(void) {
    const struct schema *item = shared("Item");
    CHECK_TEXT(body_faults(item, "{'title':{'fi':'a'}}", false), "{\"title\":{\"fi\":\"a\"}}");
    CHECK_TEXT(
        body_faults(item,
                    "{'count':-1,'x/y~z':1,'state':'ajar','id':'" SAMPLE_ID "','title_label':{}}",
                    false),
        "required /title, too_small /count, unknown_member /x~1y~0z, enum /state, read_only /id, "
        "read_only /title_label");
    CHECK_TEXT(body_faults(item, "{'title':{'fi':''},'tags':['a','toolong',3]}", false),
               "too_short /title/fi, too_long /tags/1, type /tags/2");
    CHECK_TEXT(body_faults(item, "{'title':{'de':'x','fi':null}}", false),
               "pattern /title/de, type /title/fi");
    CHECK_TEXT(body_faults(item, "{'title':{}}", false), "too_few_items /title");
    CHECK_TEXT(body_faults(item, "{'title':{'fi':'a'},'tags':['a','b','a']}", false),
               "not_unique /tags");
    CHECK_TEXT(body_faults(item, "{'title':{'fi':'a'},'tags':['a','b','c','d']}", false),
               "too_many_items /tags");
    CHECK_TEXT(body_faults(item, "[]", false), "type ");
    CHECK_TEXT(body_faults(item, "'text'", false), "type ");
}

static void test_numbers_are_exact(void) {
    const struct schema *item = shared("Item");
    CHECK_TEXT(body_faults(item, "{'title':{'fi':'a'},'count':1.0}", false), "type /count");
    CHECK_TEXT(body_faults(item, "{'title':{'fi':'a'},'count':'1'}", false), "type /count");
    CHECK_TEXT(body_faults(item, "{'title':{'fi':'a'},'count':true}", false), "type /count");
    CHECK_TEXT(body_faults(item, "{'title':{'fi':'a'},'count':101}", false), "too_large /count");
    CHECK_TEXT(body_faults(item, "{'title':{'fi':'a'},'count':100,'ratio':2}", false),
               "{\"title\":{\"fi\":\"a\"},\"count\":100,\"ratio\":2}");
    const struct schema *large = compile("{'type':'integer','minimum':9007199254740993}");
    CHECK_TEXT(body_faults(large, "9007199254740992", false), "too_small ");
    CHECK_TEXT(body_faults(large, "9007199254740993", false), "9007199254740993");
}

static void test_patch_needs_nothing_and_takes_null_where_null_may_be(void) {
    const struct schema *patch = shared("Patch");
    CHECK_TEXT(body_faults(patch, "{}", true), "{}");
    CHECK_TEXT(body_faults(patch, "{'count':null}", true), "{\"count\":null}");
    CHECK_TEXT(body_faults(patch, "{'state':null}", true), "type /state");
    CHECK_TEXT(body_faults(patch, "{'title':null}", true), "type /title");
    CHECK_TEXT(body_faults(patch, "{'title':{'sv':null}}", true), "{\"title\":{\"sv\":null}}");
    CHECK_TEXT(body_faults(patch, "{'title':{'de':null}}", true), "pattern /title/de");
    CHECK_TEXT(body_faults(patch, "{'id':'x'}", true), "unknown_member /id");
}

static void test_texts_are_normalised_and_counted_in_code_points(void) {
    const struct schema *text = compile("{'type':'string','maxLength':3}");
    CHECK_TEXT(body_faults(text, "'a\xCC\x88o\xCC\x88u'", false), "\"\xC3\xA4\xC3\xB6u\"");
    CHECK_TEXT(body_faults(text, "'\xF0\x9F\x8C\xB2\xF0\x9F\x8C\xB2\xF0\x9F\x8C\xB2'", false),
               "\"\xF0\x9F\x8C\xB2\xF0\x9F\x8C\xB2\xF0\x9F\x8C\xB2\"");
    CHECK_TEXT(body_faults(text, "'\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4'", false), "too_long ");
    CHECK_TEXT(body_faults(text, "'a\\n\\t'", false), "\"a\\n\\t\"");
    const char *const refused[] = {"'\\u0001'",      "'\\r'",          "'\\u007f'",
                                   "'\\u009b'",      "'\xE2\x80\xAE'", "'\xE2\x81\xA6'",
                                   "'\xEF\xBF\xBF'", "'\xEF\xB7\x90'", "'\xF0\x9F\xBF\xBE'"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        CHECK_TEXT(body_faults(text, refused[i], false), "text_not_allowed ");
    /* The name of a free member is text, too. */
    const struct schema *open =
        compile("{'type':'object','additionalProperties':{'type':'string'}}");
    CHECK_TEXT(body_faults(open, "{'\xE2\x80\xAE':'x'}", false), "text_not_allowed /\xE2\x80\xAE");
}

static void check_format(const char *name, const char *const *good, const char *const *bad) {
    char text[80];
    snprintf(text, sizeof text, "{'type':'string','format':'%s'}", name);
    const struct schema *schema = compile(text);
    CHECK(schema);
    for (; *good; good++) {
        char value[200], expected[200];
        snprintf(value, sizeof value, "'%s'", *good);
        snprintf(expected, sizeof expected, "\"%s\"", *good);
        CHECK_TEXT(body_faults(schema, value, false), expected);
    }
    for (; *bad; bad++) {
        char value[200];
        snprintf(value, sizeof value, "'%s'", *bad);
        const char *faults = body_faults(schema, value, false);
        CHECK_TEXT(faults, "format ");
        if (strcmp(faults, "format ") != 0)
            fprintf(stderr, "    %s took %s\n", name, *bad);
    }
}
#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_formats(void) {
    check_format("date", LIST("2026-02-28", "2024-02-29", "2000-02-29", "0001-01-01"),
                 LIST("2026-02-29", "1900-02-29", "2026-02-30", "2026-13-01", "2026-00-10",
                      "2026-01-00", "0000-01-01", "2026-1-1", "99999-01-01", "2026-01-01 ",
                      "2026-01-01T00:00:00Z", "20260101", ""));
    check_format(
        "partial-date", LIST("2020", "2020-01", "2020-01-31"),
        LIST("202", "2020-", "2020-1", "2020-13", "2020-01-", "2020-02-30", "0000", "20200", ""));
    check_format(
        "date-time",
        LIST("2026-01-01T00:00:00Z", "2026-01-01t00:00:00.123456789z", "2026-07-01T12:00:00+03:00",
             "2016-12-31T23:59:60Z", "2017-01-01T01:59:60+02:00", "2026-01-01T00:00:00-11:30"),
        LIST("2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-01-01T24:00:00Z",
             "2026-01-01T00:60:00Z", "2026-01-01T12:00:60Z", "2026-01-01T00:00:61Z",
             "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+0300", "2026-01-01T00:00:00+3:00",
             "2026-01-01T00:00:00+25:00", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-01:00",
             "0001-01-01T00:00:00+01:00", "2026-01-01T00:00:00ZZ"));
    check_format("uuid", LIST(SAMPLE_ID, "0190A0B0-0000-7000-8000-00000000000F"),
                 LIST("0190a0b000007000800000000000000f", "0190a0b0-0000-7000-8000-00000000000",
                      "0190a0b0-0000-7000-8000-00000000000g",
                      "{0190a0b0-0000-7000-8000-000000000001}", ""));
    check_format("email", LIST("a@b.fi", "etu.suku+x@kaupunki.example", "o+neil@x-y.fi"),
                 LIST("a", "@b.fi", "a@", "a@b", "a b@c.fi", "a@b..fi", "a..b@c.fi", ".a@b.fi",
                      "a.@b.fi", "a@-b.fi", "a@b-.fi", "a@b.fi.", "a@b@c.fi", "\xC3\xA4@b.fi",
                      "a@b.fi\\nBcc: c@d.fi"));
    check_format(
        "uri", LIST("https://a.fi", "http://a.fi/b?c=d#e", "HTTPS://a.fi/%C3%A4", "mailto:a@b.fi"),
        LIST("a.fi", "//a.fi", "javascript:alert(1)", "data:text/html,x", "file:///x", "ftp://a.fi",
             "https://", "https:///x", "http://?x", "https://a.fi/%zz", "https://a.fi/%",
             "https://a fi", "https://\xC3\xA4.fi", "mailto:x"));
    check_format("w3c-date",
                 LIST("2026", "2026-11", "2026-11-01", "2026-11-01T10:00Z", "2026-11-01T10:00+02:00",
                      "2026-11-01T10:00:00Z", "2026-11-01T10:00:00.5+02:00"),
                 LIST("2026-13", "2026-11-31", "2026-11-01T10Z", "2026-11-01T10:00",
                      "2026-11-01T10:00.5", "2026-11-01T10:00:Z", "2026-11-01 10:00Z", ""));
}

static void test_patterns(void) {
    const struct schema *item = shared("Item");
    CHECK_TEXT(body_faults(item, "{'title':{'fi':'a'},'code':'abc'}", false),
               "{\"title\":{\"fi\":\"a\"},\"code\":\"abc\"}");
    CHECK_TEXT(body_faults(item, "{'title':{'fi':'a'},'code':'abc\\n'}", false), "pattern /code");
    CHECK_TEXT(body_faults(item, "{'title':{'fi':'a'},'code':'aBc'}", false), "pattern /code");
    const struct schema *slow = compile("{'type':'string','pattern':'^(a+)+$'}");
    CHECK_TEXT(
        body_faults(slow,
                    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'",
                    false),
        "pattern ");
}

static void test_fault_shows_a_short_value(void) {
    struct arena arena = {0};
    struct problem problem = {0};
    char text[500];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    CHECK(!schema_check_text(compile("{'type':'string','enum':['a','b']}"), text, "p", &arena,
                             &problem));
    CHECK(problem.faults && strlen(problem.faults->parameters[0]) == 80 + strlen("…"));
    CHECK_TEXT(problem.faults->parameters[1], "a, b");
    arena_clear(&arena);
}

static void test_faults_are_bounded(void) {
    struct arena arena = {0};
    struct problem problem = {0};
    json_t *value = json_object();
    for (int i = 0; i < 3000; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%d", i);
        json_object_set_new(value, name, json_null());
    }
    CHECK(!schema_check(shared("Patch"), value, false, &arena, &problem));
    CHECK(problem.fault_count == PROBLEM_FAULTS_MOST);
    json_decref(value);
    arena_clear(&arena);
}

/* Of one parameter: "" when it is taken. */
static const char *text_faults(const struct schema *schema, const char *text) {
    static char result[400];
    struct arena arena = {0};
    struct problem problem = {0};
    bool is_valid = schema_check_text(schema, text, "p", &arena, &problem);
    CHECK(problem.code == (is_valid ? PROBLEM_NONE : PROBLEM_INVALID_PARAMETER));
    CHECK(is_valid || problem.faults->place == FAULT_PARAMETER);
    snprintf(result, sizeof result, "%s", faults_text(&problem));
    arena_clear(&arena);
    return result;
}

static void test_parameters_are_read_from_their_text(void) {
    const struct schema *count = compile("{'type':'integer','minimum':1,'maximum':200}");
    CHECK_TEXT(text_faults(count, "200"), "");
    CHECK_TEXT(text_faults(count, "201"), "too_large p");
    CHECK_TEXT(text_faults(count, "0"), "too_small p");
    const char *const bad[] = {
        "", " 5", "5 ", "+5", "05", "0x5", "5.0", "1e2", "5;", "NaN", "9223372036854775808", "-"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_TEXT(text_faults(count, bad[i]), "type p");
    CHECK_TEXT(text_faults(compile("{'type':'boolean'}"), "true"), "");
    CHECK_TEXT(text_faults(compile("{'type':'boolean'}"), "TRUE"), "type p");
    CHECK_TEXT(text_faults(compile("{'type':'string','maxLength':2}"), "\xC3\xA4\xC3\xA4"), "");
    CHECK_TEXT(text_faults(compile("{'type':'string'}"), "a\x01"), "text_not_allowed p");
}

static void test_other_keywords_are_refused(void) {
    const char *const refused[] = {
        "{'type':'string','contentEncoding':'base64'}",
        "{'allOf':[]}",
        "{'type':'text'}",
        "{'type':[]}",
        "{'type':'string','minLength':-1}",
        "{'type':'string','maxLength':1.5}",
        "{'type':'string','format':'hostname'}",
        "{'type':'string','pattern':'('}",
        "{'type':'string','enum':[]}",
        "{'type':'integer','minimum':'1'}",
        "{'type':'array','items':{'not':{}}}",
        "{'type':'array','items':[]}",
        "{'type':'array','uniqueItems':true,'items':{'type':'string'}}",
        "{'type':'object','required':['a'],'properties':{'b':{'type':'string'}}}",
        "{'type':'object','additionalProperties':true}",
        "{'type':'object','propertyNames':{'maxLength':2}}",
        "{'type':'object','properties':{'a':true}}",
        "{'$ref':'#/components/schemas/Nothing'}",
        "{'$ref':'#/components/parameters/Limit'}",
        "{'$ref':'#/components/schemas/Item','required':['count']}",
        "{'type':'string','x-anything':1}",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const struct schema *schema = compile(refused[i]);
        CHECK(!schema);
        if (schema)
            fprintf(stderr, "    taken    %s\n", refused[i]);
    }
    CHECK(compile("{'title':'t','description':'d','default':1,'examples':[1],'deprecated':true}"));
    CHECK(!shared("Circle"));
}

static void test_schema_may_hold_itself(void) {
    const struct schema *tree = shared("Tree");
    CHECK(tree);
    CHECK_TEXT(body_faults(tree, "{'below':[{'below':[{'x':1}]}]}", false),
               "unknown_member /below/0/below/0/x");
}

static void test_what_schemas_say(void) {
    const struct schema *item = shared("Item");
    CHECK(schema_types(schema_member(item, "count")) == (SCHEMA_INTEGER | SCHEMA_NULL));
    CHECK(schema_allows_null(schema_member(item, "count")) &&
          !schema_allows_null(schema_member(item, "state")));
    CHECK(schema_is_read_only(schema_member(item, "title_label")) &&
          !schema_is_read_only(schema_member(item, "title")));
    CHECK_TEXT(schema_format(schema_member(item, "starts_on")), "date");
    CHECK_TEXT(schema_format(schema_member(item, "title")), NULL);
    CHECK(schema_types(schema_items(schema_member(item, "tags"))) == SCHEMA_STRING);
    CHECK(!schema_member(item, "nothing") && !schema_member(schema_member(item, "state"), "x"));
}

int main(void) {
    char *json = quoted("{'kept':[],'components':{'parameters':{'Limit':{'type':'string'}},'"
                        "schemas':{" SAMPLE_SCHEMAS
                        ",'Tree':{'type':'object','properties':{'below':{'type':'array','items':"
                        "{'$ref':'#/components/schemas/Tree'}}}},"
                        "'Circle':{'$ref':'#/components/schemas/Circle2'},"
                        "'Circle2':{'$ref':'#/components/schemas/Circle'}}}}");
    contract = json_loads(json, 0, NULL);
    free(json);
    set = schema_set_new(contract);
    test_body_reports_all_faults_at_once();
    test_numbers_are_exact();
    test_patch_needs_nothing_and_takes_null_where_null_may_be();
    test_texts_are_normalised_and_counted_in_code_points();
    test_formats();
    test_patterns();
    test_fault_shows_a_short_value();
    test_faults_are_bounded();
    test_parameters_are_read_from_their_text();
    test_other_keywords_are_refused();
    test_schema_may_hold_itself();
    test_what_schemas_say();
    schema_set_free(set);
    json_decref(contract);
    return check_finish();
}
