/* Forms: their kinds, urlencoded bodies, how fields are found. */
#include "check.h"
#include "forms.h"

#include <stdlib.h>

/* What was read, or the fault. The body has no NUL behind it, so that a read beyond is seen. */
static const char *read_bytes(const char *body, size_t length) {
    struct form_fault fault;
    char *bytes = malloc(length + !length);
    if (length)
        memcpy(bytes, body, length);
    arena_clear(&arena);
    bool is_read = form_read_urlencoded(&form, bytes, length, &arena, &fault);
    free(bytes); /* nothing of it is left in the fields */
    return is_read ? fields_text() : fault_text(&fault);
}

static const char *read_text(const char *body) {
    return read_bytes(body, strlen(body));
}

static void test_fields_stay_as_they_were_sent(void) {
    CHECK_TEXT(read_text(""), "");
    CHECK_TEXT(read_text("a=1&b=2"), "a=1, b=2");
    CHECK_TEXT(read_text("a=1&a=2,3&b=4&a=1"), "a=1, a=2,3, b=4, a=1");
    CHECK_TEXT(read_text("&&a&b=&&c=1=2&"), "a=, b=, c=1=2");
    CHECK_TEXT(read_text("attribute%5BWHISPAWN%5D=123456&attribute[x][]=1"),
               "attribute[WHISPAWN]=123456, attribute[x][]=1");
    CHECK_TEXT(read_text("a=b+c%2Bd%20e%26f%3D%25"), "a=b c+d e&f=%");
    CHECK_TEXT(read_text("a=Tiell\xC3\xA4 on \"kuoppa\"\n<&b=%C3%A4"),
               "a=Tiell\xC3\xA4 on \"kuoppa\"\n<, b=\xC3\xA4");
}

static void test_texts_are_made_one_form(void) {
    CHECK_TEXT(read_text("a%CC%88=a%CC%88"), "\xC3\xA4=\xC3\xA4");
    CHECK_TEXT(read_text("a=1%0D%0A2%0A3%0D4%0D%0D%0A"), "a=1\n2\n3\n4\n\n");
    /* What a text may not hold is for its user to say, who knows its name. */
    CHECK_TEXT(read_text("a=%01a%CC%88"), "a=\x01"
                                          "a\xCC\x88");
}

static void test_what_is_no_text_is_refused(void) {
    const char *const escape = "2 a: an invalid percent escape";
    const char *const bad[] = {"x=1&a=%", "x=1&a=%4", "x=1&a=%zz", "x=1&a=%4&b", "x=1&a=% 1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_TEXT(read_text(bad[i]), escape);
    CHECK_TEXT(read_text("a%=1"), "1 -: an invalid percent escape");
    CHECK_TEXT(read_text("a=%00"), "1 a: a NUL character");
    CHECK_TEXT(read_text("a%00=1"), "1 -: a NUL character");
    CHECK_TEXT(read_bytes("a=1\0002", 5), "1 a: a NUL character");
    CHECK_TEXT(read_bytes("\0", 1), "1 -: a NUL character");
    const char *const encoding[] = {"a=%FF", "a=%C3", "a=%C0%AF", "a=%ED%A0%80", "a=\xE2\x82"};
    for (size_t i = 0; i < sizeof encoding / sizeof *encoding; i++)
        CHECK_TEXT(read_text(encoding[i]), "1 a: invalid UTF-8");
    CHECK_TEXT(read_text("%FF=1"), "1 -: invalid UTF-8");
    const char *const names[] = {"a%0D%0Ab=1", "a%0A=1", "a%0D=1", "a%09=1",    "%1Ba=1",
                                 "%7F=1",      "=1",     "=",      "%C2%85a=1", "%E2%80%AEa=1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK_TEXT(read_text(names[i]), "1 -: a name has 1 to 200 bytes and no control character");
}

static const char *repeat(const char *text, size_t count) {
    auto_buffer all = {0};
    for (size_t i = 0; i < count; i++)
        buffer_add_text(&all, text);
    static char copy[400000];
    snprintf(copy, sizeof copy, "%s", all.data);
    return copy;
}

static void test_limits(void) {
    read_text(repeat("a=1&", FORM_FIELDS_MOST));
    CHECK(form.count == FORM_FIELDS_MOST);
    CHECK_TEXT(read_text(repeat("a=1&", FORM_FIELDS_MOST + 1)),
               "101 -: there are more than 100 fields");
    CHECK_TEXT(read_text(repeat("a&", 100000)), "101 -: there are more than 100 fields");
    CHECK_TEXT(read_text(repeat("&", 300000)), "");
    CHECK(strlen(read_text(repeat("n", FORM_NAME_BYTES_MOST))) == FORM_NAME_BYTES_MOST + 1);
    CHECK_TEXT(read_text(repeat("n", FORM_NAME_BYTES_MOST + 1)),
               "1 -: a name has 1 to 200 bytes and no control character");
    char body[3 * FORM_TEXT_BYTES_MOST + 10] = "a=";
    memset(body + 2, 'x', FORM_TEXT_BYTES_MOST + 1);
    CHECK_TEXT(read_bytes(body, 2 + FORM_TEXT_BYTES_MOST + 1),
               "1 a: its text has more than 65536 bytes");
    read_bytes(body, 2 + FORM_TEXT_BYTES_MOST);
    CHECK(form.count == 1 && form.fields[0].length == FORM_TEXT_BYTES_MOST);
    for (size_t i = 0; i < FORM_TEXT_BYTES_MOST; i++)
        memcpy(body + 2 + 3 * i, "%41", 3);
    read_bytes(body, 2 + 3 * FORM_TEXT_BYTES_MOST); /* the length is that of the text */
    CHECK(form.count == 1 && form.fields[0].length == FORM_TEXT_BYTES_MOST);
}

/* "0", "1 boundary", or "-" when it names no form. */
static const char *kind_of(const char *type) {
    const char *boundary = "unset";
    enum form_kind kind = form_find_kind(type, &arena, &boundary);
    if (kind == FORM_KIND_COUNT)
        return "-";
    return arena_print(&arena, "%d%s%s", kind, boundary ? " " : "", boundary ? boundary : "");
}

static void test_kinds(void) {
    const char *const kinds[][2] = {
        {"application/x-www-form-urlencoded", "0"},
        {"Application/X-WWW-Form-URLEncoded ; charset=UTF-8", "0"},
        {"application/x-www-form-urlencoded; charset=\"utf-8\"", "0"},
        {"application/x-www-form-urlencoded; charset=iso-8859-1", "-"},
        {"application/x-www-form-urlencoded; boundary=x", "-"},
        {"application/x-www-form-urlencoded;", "-"},
        {"application/x-www-form-urlencoded, text/plain", "-"},
        {"application/json", "-"},
        {"multipart/mixed; boundary=x", "-"},
        {"", "-"},
        {"multipart/form-data; boundary=xYzZY", "1 xYzZY"},
        {"multipart/form-data;boundary=\"----=_Part:1/2\"; charset=utf-8", "1 ----=_Part:1/2"},
        {"Multipart/Form-Data; BOUNDARY=----WebKitFormBoundary7MA4YWxkTrZu0gW",
         "1 ----WebKitFormBoundary7MA4YWxkTrZu0gW"},
        {"multipart/form-data", "1"},
        {"multipart/form-data; boundary=\"\"", "1"},
        {"multipart/form-data; boundary=\"a\\\"b\"", "1"},
        {"multipart/form-data; boundary=\"a b\"", "1"},
        {"multipart/form-data; boundary=\xC3\xA4", "1"},
        {"multipart/form-data; boundary=a; boundary=b", "-"},
        {"multipart/form-data; boundary=a b", "-"},
        {"multipart/form-data; boundary=", "-"},
        {"multipart/form-data; boundary=\"a", "-"},
        {"multipart/form-data; boundary=a; type=x", "-"},
        {"multipart/form-data; boundary=a, text/plain", "-"},
        {"multipart/form-data boundary=a", "-"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        CHECK_TEXT(kind_of(kinds[i][0]), kinds[i][1]);
    char type[120] = "multipart/form-data; boundary=";
    size_t length = strlen(type);
    memset(type + length, 'b', FORM_BOUNDARY_BYTES_MOST);
    CHECK(strlen(kind_of(type)) == 2 + FORM_BOUNDARY_BYTES_MOST);
    type[length + FORM_BOUNDARY_BYTES_MOST] = 'b';
    CHECK_TEXT(kind_of(type), "1");
}

static void test_empty_fields_are_passed_over(void) {
    size_t index = 0;
    read_text("a=&b=1&a=2&ab=3&a=&a=4");
    CHECK_TEXT(form_find(&form, "a")->value, "2");
    CHECK_TEXT(form_next(&form, "a", &index)->value, "2");
    CHECK_TEXT(form_next(&form, "a", &index)->value, "4");
    CHECK(!form_next(&form, "a", &index) && !form_next(&form, "a", &index));
    CHECK(!form_find(&form, "A") && !form_find(&form, "c"));
    read_text("a=");
    CHECK(!form_find(&form, "a"));
}

static void test_names_of_attributes(void) {
    const char *const good[][2] = {{"attribute[WHISPAWN]", "WHISPAWN"},
                                   {"attribute[a-1_B][]", "a-1_B"},
                                   {"attribute[a.b c]", "a.b c"}};
    const char *code = NULL;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        CHECK(form_read_attribute(good[i][0], &arena, &code) == FORM_ATTRIBUTE);
        CHECK_TEXT(code, good[i][1]);
    }
    const char *const broken[] = {"attribute[",         "attribute[]",      "attribute[][]",
                                  "attribute[a",        "attribute[a]b",    "attribute[a][b]",
                                  "attribute[a][b][c]", "attribute[a][][]", "attribute[a]]",
                                  "attribute[[a]]",     "attribute[a][",    "attribute[a[]]"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        CHECK(form_read_attribute(broken[i], &arena, &code) == FORM_ATTRIBUTE_BROKEN);
    const char *const others[] = {"attribute", "attributes[a]", "Attribute[a]", "email", "[a]"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK(form_read_attribute(others[i], &arena, &code) == FORM_NO_ATTRIBUTE);
}

int main(void) {
    test_fields_stay_as_they_were_sent();
    test_texts_are_made_one_form();
    test_what_is_no_text_is_refused();
    test_limits();
    test_kinds();
    test_empty_fields_are_passed_over();
    test_names_of_attributes();
    arena_clear(&arena);
    return check_finish();
}
