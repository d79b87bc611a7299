/* The whole of our unit test framework: count what holds, say what does not, go on. */
#pragma once

#include <stdio.h>
#include <string.h>

static int checks_passed, checks_failed;

static inline void check_record(int holds, const char *file, int line, const char *text) {
    if (holds) {
        checks_passed++;
        return;
    }
    checks_failed++;
    fprintf(stderr, "%s:%d: %s\n", file, line, text);
}

static inline void check_record_text(const char *actual, const char *expected, const char *file,
                                     int line, const char *text) {
    int holds = actual == expected || (actual && expected && strcmp(actual, expected) == 0);
    check_record(holds, file, line, text);
    if (!holds)
        fprintf(stderr, "    is       %s\n    expected %s\n", actual ? actual : "(null)",
                expected ? expected : "(null)");
}

static inline int check_finish(void) {
    printf("%d passed, %d failed\n", checks_passed, checks_failed);
    return checks_failed ? 1 : 0;
}

#define CHECK(condition) check_record((condition) ? 1 : 0, __FILE__, __LINE__, #condition)
#define CHECK_TEXT(actual, expected) \
    check_record_text((actual), (expected), __FILE__, __LINE__, #actual)
