/* The log: one valid JSON line an event, whatever bytes a client sent. */
#include "check.h"
#include "log.h"

#include <fcntl.h>
#include <jansson.h>
#include <unistd.h>

static char escaped[64];

static void test_escape_leaves_plain_text(void) {
    CHECK(log_escape("häyrinen €", strlen("häyrinen €"), escaped, sizeof escaped) ==
          strlen("häyrinen €"));
    CHECK_TEXT(escaped, "häyrinen €");
}

static void test_escape_disarms_control_bytes(void) {
    log_escape("a\r\n\x1b[31m\"\\\x7f", 11, escaped, sizeof escaped);
    CHECK_TEXT(escaped, "a\\u000d\\u000a\\u001b[31m\\u0022\\u005c\\u007f");
    log_escape("\0x", 2, escaped, sizeof escaped);
    CHECK_TEXT(escaped, "\\u0000x");
    log_escape("\xc2\x9b", 2, escaped, sizeof escaped);
    CHECK_TEXT(escaped, "\\u009b");
}

static void test_escape_replaces_what_is_not_utf8(void) {
    const char *const bad[] = {"\xff",     "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                               "\xe2\x82", NULL};
    for (size_t i = 0; bad[i]; i++) {
        log_escape(bad[i], strlen(bad[i]), escaped, sizeof escaped);
        CHECK(strncmp(escaped, "\\ufffd", 6) == 0);
    }
}

static void test_escape_cuts_at_the_size(void) {
    char small[10];
    CHECK(log_escape("abcdefghijklmnop", 16, small, sizeof small) < sizeof small);
    CHECK_TEXT(small, "abcd");
    CHECK(log_escape("\n\n\n", 3, small, sizeof small) == 6);
}

/* Runs with standard error in a file and reads back what was written. */
static json_t *read_line(const char *request_id, const char *text, enum log_level level) {
    char path[] = "/tmp/test_log_XXXXXX", line[8192];
    int file = mkstemp(path), old = dup(STDERR_FILENO);
    dup2(file, STDERR_FILENO);
    log_write(level, request_id, "%s", text);
    dup2(old, STDERR_FILENO);
    close(old);
    ssize_t length = pread(file, line, sizeof line - 1, 0);
    close(file);
    unlink(path);
    if (length <= 0)
        return NULL;
    CHECK(memchr(line, '\n', (size_t)length) == line + length - 1);
    CHECK(length < 4096);
    return json_loadb(line, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
}

static void test_write_makes_one_json_line(void) {
    json_auto_t *line = read_line("0b0e", "two\nlines \"quoted\"", LOG_WARNING);
    CHECK(line);
    CHECK_TEXT(json_string_value(json_object_get(line, "message")), "two\nlines \"quoted\"");
    CHECK_TEXT(json_string_value(json_object_get(line, "level")), "warning");
    CHECK_TEXT(json_string_value(json_object_get(line, "request_id")), "0b0e");
    CHECK(json_string_length(json_object_get(line, "time")) == 24);
}

static void test_write_stays_valid_when_cut(void) {
    char text[5000];
    memset(text, '\x01', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    json_auto_t *line = read_line(NULL, text, LOG_ERROR);
    CHECK(line);
    CHECK(!json_object_get(line, "request_id"));
}

static void test_level_below_the_least_is_silent(void) {
    log_init(LOG_WARNING);
    json_auto_t *line = read_line(NULL, "x", LOG_INFO);
    CHECK(!line);
    CHECK(!log_is_on(LOG_DEBUG) && log_is_on(LOG_ERROR));
}

int main(void) {
    test_escape_leaves_plain_text();
    test_escape_disarms_control_bytes();
    test_escape_replaces_what_is_not_utf8();
    test_escape_cuts_at_the_size();
    test_write_makes_one_json_line();
    test_write_stays_valid_when_cut();
    test_level_below_the_least_is_silent();
    return check_finish();
}
