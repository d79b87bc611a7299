/* multipart/form-data: parts become fields, and nothing passes for a part that is none. */
#include "check.h"
#include "forms.h"

#include <stdlib.h>

static char *body;

/* What was read, or the fault. The body has no NUL behind it and lives until the next one. */
static const char *read_bytes(const char *bytes, size_t length) {
    struct form_fault fault;
    free(body);
    body = malloc(length + !length);
    if (length)
        memcpy(body, bytes, length);
    arena_clear(&arena);
    bool is_read = form_read_multipart(&form, "b", body, length, &arena, &fault);
    return is_read ? fields_text() : fault_text(&fault);
}

static const char *read_text(const char *text) {
    return read_bytes(text, strlen(text));
}

#define NAMED(parameters) "Content-Disposition: form-data; " parameters "\r\n"
#define PART(headers, content) "--b\r\n" headers "\r\n" content "\r\n"
#define TEXT(name, content) PART(NAMED("name=\"" name "\""), content)
#define END "--b--\r\n"

static void test_parts_become_fields(void) {
    CHECK_TEXT(read_text(END), "");
    CHECK_TEXT(read_text("--b--"), "");
    CHECK_TEXT(read_text(TEXT("a", "1") TEXT("a", "2,3") TEXT("attribute[x][]", "") END),
               "a=1, a=2,3, attribute[x][]=");
    CHECK_TEXT(read_text("\r\n" TEXT("a", "1") "--b--"), "a=1");
    CHECK_TEXT(read_text(TEXT("a", "1\r\n2") END), "a=1\n2");
    CHECK_TEXT(read_text(TEXT("a", "x--b\r\n \r\n--a\r\n-- b--\r") END),
               "a=x--b\n \n--a\n-- b--\n");
    CHECK_TEXT(read_text(TEXT("a%0D%0A\\\"\\\\", "a\xCC\x88") END), "a%0D%0A\"\\=\xC3\xA4");
    /* Every way of writing the same header */
    CHECK_TEXT(read_text(PART("content-disposition:FORM-DATA ;NAME=a\r\nX-Other: y\r\n"
                              "Content-Type: text/plain;charset=\"UTF-8\"\r\n"
                              "Content-Transfer-Encoding: 8bit \r\n",
                              "1") END),
               "a=1");
    CHECK_TEXT(form.fields[0].type, "text/plain;charset=\"UTF-8\"");
}

static void test_files_are_not_touched(void) {
    static const char photo[] =
        PART(NAMED("name=\"media\"; filename=\"k\xC3\xA4.jpg\"") "Content-Type: image/jpeg\r\n",
             "\xFF\xD8\0\r\n\r\n--a\r\n\xFF\xD9") END;
    read_bytes(photo, sizeof photo - 1);
    CHECK(form.count == 1 && form.fields[0].length == 14);
    CHECK_TEXT(form.fields[0].filename, "k\xC3\xA4.jpg");
    CHECK_TEXT(form.fields[0].type, "image/jpeg");
    CHECK(form.count && form.fields[0].value > body && form.fields[0].value < body + sizeof photo);
    CHECK(form.count && memcmp(form.fields[0].value, "\xFF\xD8\0\r\n\r\n--a\r\n\xFF\xD9", 14) == 0);
    CHECK_TEXT(read_text(PART(NAMED("name=m; filename=\"\"") "Content-Type: application/octet-"
                                                             "stream\r\n",
                              "") END),
               "m=(, application/octet-stream)");
    CHECK(!form_find(&form, "m"));
    CHECK_TEXT(read_text(PART(NAMED("name=m; filename*=UTF-8''k%C3%A4.jpg"), "1") END), "m=(, -)1");
    CHECK_TEXT(read_text(PART(NAMED("filename*=UTF-8''%2F; filename=a; name=m"), "1") END),
               "m=(a, -)1");
}

static void check_refused(const char *text, const char *fault) {
    const char *found = read_text(text);
    CHECK_TEXT(found, fault);
    if (strcmp(found, fault) != 0)
        fprintf(stderr, "    body     %s\n", text);
}

static void test_boundaries(void) {
    const char *const boundary = "1 -: no boundary stands on a line of its own before it";
    const char *const none[] = {"",
                                "a",
                                "--",
                                "\r\n",
                                "--a--",
                                "-b",
                                "preamble\r\n" END,
                                "\n" END,
                                " " END,
                                "--b",
                                "--b ",
                                "--bc--",
                                "--b\n" NAMED("name=a") "\r\n1\r\n" END,
                                "--b \r\n" NAMED("name=a") "\r\n1\r\n" END};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        const char *found = read_text(none[i]);
        bool is_one = strcmp(found, boundary) == 0 ||
                      strcmp(found, "1 -: the boundary that ends it is missing") == 0;
        CHECK(is_one);
        if (!is_one)
            fprintf(stderr, "    body     %s\n    is       %s\n", none[i], found);
    }
    const char *const end = "2 -: the boundary that ends it is missing";
    check_refused(TEXT("a", "1"), "1 -: the boundary that ends it is missing");
    check_refused(TEXT("a", "1") "--b", end);
    check_refused(TEXT("a", "1") "--b-", end);
    check_refused(TEXT("a", "1") "--b\r\n" NAMED("name=c") "\r\n1\n--b--", end);
    check_refused(TEXT("a", "1") "--bb\r\n" NAMED("name=c") "\r\n2\r\n" END,
                  "2 -: no boundary stands on a line of its own before it");
    /* A line that begins with the boundary is one, wherever it stands (RFC 2046). */
    check_refused(TEXT("a", "--b") END,
                  "1 a: the form of its headers: at most 8 lines of 1024 bytes, none twice");
    check_refused(TEXT("a", "1\r\n--b and more") END,
                  "2 -: no boundary stands on a line of its own before it");
    check_refused(END END, "1 -: bytes behind the last boundary");
    check_refused(TEXT("a", "1") "--b-- ", "2 -: bytes behind the last boundary");
    check_refused(TEXT("a", "1") "--b--xy", "2 -: bytes behind the last boundary");
    check_refused(TEXT("a", "1") "--b--\n", "2 -: bytes behind the last boundary");
    check_refused("--b--\r\n\r\n", "1 -: bytes behind the last boundary");
}

static void test_dispositions(void) {
    static const char disposition[] =
        "Content-Disposition stands once: form-data, one name and at most one filename";
    const char *const bad[] = {
        PART("", "1") END,
        PART("Content-Type: text/plain\r\n", "1") END,
        PART("Content-Disposition: attachment; name=a\r\n", "1") END,
        PART("Content-Disposition: form-data\r\n", "1") END,
        PART("Content-Disposition:\r\n", "1") END,
        PART(NAMED("filename=a"), "1") END,
        PART(NAMED("name*=UTF-8''a"), "1") END,
        PART(NAMED("name=a;"), "1") END,
        PART(NAMED("name=\"a"), "1") END,
        PART(NAMED("name=\"a\\b\""), "1") END,
        PART(NAMED("name=a b"), "1") END,
        PART(NAMED("name=\"a\"b"), "1") END,
        PART(NAMED("name=a, name=b"), "1") END,
        PART(NAMED("name=a; name=b"), "1") END,
        PART(NAMED("name=a; filename=b; filename=c"), "1") END,
        PART(NAMED("name=a; filename*=b; filename*=c"), "1") END,
        PART(NAMED("name=a; size=1"), "1") END,
        PART(NAMED("name=a") NAMED("name=a"), "1") END,
        PART(NAMED("name=a") NAMED("name=b"), "1") END,
        PART(NAMED("name=a") NAMED("filename=b"), "1") END,
        PART(NAMED("name=a\"b"), "1") END,
        PART(NAMED("name=a\\b"), "1") END,
        PART(NAMED("filename=b") NAMED("name=a"), "1") END,
        PART(NAMED("name=\"a\",filename=b"), "1") END,
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *found = read_text(bad[i]);
        CHECK(strncmp(found, "1 ", 2) == 0 && strstr(found, disposition));
        if (!strstr(found, disposition))
            fprintf(stderr, "    body     %s\n    is       %s\n", bad[i], found);
    }
    static const char name[] = "1 -: a name has 1 to 200 bytes and no control character";
    check_refused(TEXT("", "1") END, name);
    check_refused(TEXT("\xC2\x85", "1") END, name);
    check_refused(TEXT("\xE2\x80\xAE", "1") END, name);
    check_refused(TEXT("\xFF", "1") END, "1 -: invalid UTF-8");
    check_refused(PART(NAMED("name=a; filename=\"\xC2\x85\""), "1") END,
                  "1 a: filename may have 255 bytes and no control character");
    check_refused(PART(NAMED("name=a; filename=\"\xC3\""), "1") END, "1 a: invalid UTF-8");
}

static const char header[] = "the form of its headers: at most 8 lines of 1024 bytes, none twice";

static void test_headers(void) {
    const char *const bad[] = {
        PART(NAMED("name=\"a\r\nX: y\""), "1") END, /* ends the header: the name is not closed */
        PART("X\r\n" NAMED("name=a"), "1") END,
        PART(": x\r\n" NAMED("name=a"), "1") END,
        PART("X : x\r\n" NAMED("name=a"), "1") END,
        PART(NAMED("name=a") " folded\r\n", "1") END,
        PART("X: \ty\r\n" NAMED("name=a"), "1") END,
        PART("X: \x7F\r\n" NAMED("name=a"), "1") END,
        PART("X: a\ny\r\n" NAMED("name=a"), "1") END,
        PART(NAMED("name=\"a\rb\""), "1") END,
        PART(NAMED("name=\"a\nb\""), "1") END,
        PART(NAMED("name=a") "Content-Type: text/plain\r\nContent-Type: text/plain\r\n", "1") END,
        "--b\r\n" NAMED("name=a") END,
        "--b\r\n\r\n" END,
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *found = read_text(bad[i]);
        bool is_refused = strstr(found, header) || strstr(found, "Content-Disposition stands once");
        CHECK(is_refused);
        if (!is_refused)
            fprintf(stderr, "    body     %s\n    is       %s\n", bad[i], found);
    }
    static const char nul[] = PART(NAMED("name=\"a\0b\""), "1") END;
    CHECK(strstr(read_bytes(nul, sizeof nul - 1), header));
    static const char nul_text[] = TEXT("a", "1\0") END;
    CHECK_TEXT(read_bytes(nul_text, sizeof nul_text - 1), "1 a: a NUL character");
    check_refused(TEXT("a", "\xFF") END, "1 a: invalid UTF-8");
}

static void test_types_and_encodings(void) {
    static const char encoding[] = "1 a: its Content-Transfer-Encoding is not binary, 8bit or 7bit";
    check_refused(PART(NAMED("name=a") "Content-Transfer-Encoding: base64\r\n", "MQ==") END,
                  encoding);
    check_refused(PART(NAMED("name=a") "content-transfer-encoding:quoted-printable \r\n", "1") END,
                  encoding);
    static const char type[] = "1 a: unless it is a file it must be text in UTF-8";
    check_refused(PART(NAMED("name=a") "Content-Type: text/plain; charset=ISO-8859-1\r\n", "1") END,
                  type);
    check_refused(PART(NAMED("name=a") "Content-Type: text/plain; charset\r\n", "1") END, type);
    check_refused(PART(NAMED("name=a") "Content-Type: text/plain; =x\r\n", "1") END, type);
    check_refused(PART(NAMED("name=a") "Content-Type: text/plain; x y=z\r\n", "1") END, type);
    check_refused(PART(NAMED("name=a") "Content-Type: image/png\r\n", "1") END, type);
    check_refused(PART(NAMED("name=a") "Content-Type: \r\n", "1") END, type);
    static const char nested[] = "1 a: a part may not hold parts";
    check_refused(PART(NAMED("name=a") "Content-Type: multipart/mixed; boundary=c\r\n",
                       "--c\r\nContent-Disposition: file; filename=x\r\n\r\n1\r\n--c--") END,
                  nested);
    check_refused(PART(NAMED("name=a; filename=x") "Content-Type: Multipart/mixed\r\n", "1") END,
                  nested);
    CHECK_TEXT(read_text(PART(NAMED("name=a") "Content-Type: text/plain;charset=us-ascii;x=y\r\n",
                              "1") END),
               "a=1");
}

/* `prefix`, `count` times `piece`, `suffix`. */
static const char *read_repeated(const char *prefix, const char *piece, size_t count,
                                 const char *suffix) {
    auto_buffer text = {0};
    buffer_add_text(&text, prefix);
    for (size_t i = 0; i < count; i++)
        buffer_add_text(&text, piece);
    buffer_add_text(&text, suffix);
    return read_bytes(text.data, text.length);
}

static void test_limits(void) {
    read_repeated("", TEXT("a", "1"), FORM_FIELDS_MOST, END);
    CHECK(form.count == FORM_FIELDS_MOST);
    CHECK_TEXT(read_repeated("", TEXT("a", "1"), FORM_FIELDS_MOST + 1, END),
               "101 -: there are more than 100 fields");
    CHECK_TEXT(read_repeated("", TEXT("a", "1"), 10000, END),
               "101 -: there are more than 100 fields");
    CHECK_TEXT(
        read_repeated("", "--b\r\n", 10000, ""),
        "1 -: Content-Disposition stands once: form-data, one name and at most one filename");
    CHECK(strlen(read_repeated("--b\r\n" NAMED("name=a"), "X: y\r\n", 7, "\r\n1\r\n" END)) == 3);
    CHECK(strstr(read_repeated("--b\r\n" NAMED("name=a"), "X: y\r\n", 8, "\r\n1\r\n" END), header));
    CHECK(strstr(read_repeated("--b\r\n", "X: y\r\n", 100000, "\r\n1\r\n" END), header));
    CHECK_TEXT(read_repeated("--b\r\n" NAMED("name=a") "X: ", "y", FORM_HEADER_BYTES_MOST - 3,
                             "\r\n\r\n1\r\n" END),
               "a=1");
    CHECK(strstr(read_repeated("--b\r\n" NAMED("name=a") "X: ", "y", FORM_HEADER_BYTES_MOST - 2,
                               "\r\n\r\n1\r\n" END),
                 header));
    CHECK(strlen(read_repeated("--b\r\n"
                               "Content-Disposition: form-data; name=",
                               "n", FORM_NAME_BYTES_MOST, "\r\n\r\n\r\n" END)) ==
          FORM_NAME_BYTES_MOST + 1);
    CHECK_TEXT(read_repeated("--b\r\n"
                             "Content-Disposition: form-data; name=",
                             "n", FORM_NAME_BYTES_MOST + 1, "\r\n\r\n\r\n" END),
               "1 -: a name has 1 to 200 bytes and no control character");
    CHECK_TEXT(read_repeated("--b\r\n"
                             "Content-Disposition: form-data; name=a; filename=",
                             "n", FORM_FILENAME_BYTES_MOST + 1, "\r\n\r\n\r\n" END),
               "1 a: filename may have 255 bytes and no control character");
    read_repeated("--b\r\n" NAMED("name=a") "\r\n", "x", FORM_TEXT_BYTES_MOST, "\r\n" END);
    CHECK(form.count == 1 && form.fields[0].length == FORM_TEXT_BYTES_MOST);
    CHECK_TEXT(
        read_repeated("--b\r\n" NAMED("name=a") "\r\n", "x", FORM_TEXT_BYTES_MOST + 1, "\r\n" END),
        "1 a: its text has more than 65536 bytes");
    read_repeated("--b\r\n" NAMED("name=a; filename=f") "\r\n", "\r\n--", 500000, "\r\n" END);
    CHECK(form.count == 1 && form.fields[0].length == 2000000);
}

int main(void) {
    test_parts_become_fields();
    test_files_are_not_touched();
    test_boundaries();
    test_dispositions();
    test_headers();
    test_types_and_encodings();
    test_limits();
    arena_clear(&arena);
    free(body);
    return check_finish();
}
