/* Cursors: read back what was written, refuse what was edited or belongs elsewhere. */
#include "cursor.h"

#include "check.h"

#include <string.h>

static const unsigned char secret[32] = "0123456789abcdef0123456789abcde";
static const unsigned char other_secret[32] = "another secret of 32 bytes, here";
static const char *const id = "01900000-0000-7000-8000-000000000001";

static enum problem_code read_code(const unsigned char *with, const char *question,
                                   const char *text, struct arena *arena) {
    struct cursor cursor;
    struct problem problem = {0};
    return cursor_read(with, question, text, arena, &cursor, &problem) ? PROBLEM_NONE
                                                                       : problem.code;
}

static void check_round_trip(const char *key) {
    struct arena arena = {0};
    const char *text = cursor_write(secret, "q", &(struct cursor){.key = key, .id = id}, &arena);
    struct cursor cursor;
    struct problem problem = {0};
    CHECK(cursor_read(secret, "q", text, &arena, &cursor, &problem));
    CHECK_TEXT(cursor.key, key);
    CHECK_TEXT(cursor.id, id);
    CHECK(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          strlen(text));
    arena_clear(&arena);
}

static void refuses_every_edit(void) {
    struct arena arena = {0};
    const char *text =
        cursor_write(secret, "q", &(struct cursor){.key = "00000002", .id = id}, &arena);
    for (size_t i = 0; text[i]; i++) {
        char *edited = arena_text(&arena, text);
        edited[i] = edited[i] == 'A' ? 'B' : 'A';
        /* the last character may hold bits that mean nothing */
        CHECK(read_code(secret, "q", edited, &arena) == PROBLEM_INVALID_CURSOR || !text[i + 1]);
        CHECK(read_code(secret, "q", arena_copy(&arena, text, i), &arena) ==
              PROBLEM_INVALID_CURSOR);
    }
    CHECK(read_code(other_secret, "q", text, &arena) == PROBLEM_INVALID_CURSOR);
    CHECK(read_code(secret, "another question", text, &arena) == PROBLEM_CURSOR_MISMATCH);
    CHECK(read_code(secret, "q", "", &arena) == PROBLEM_INVALID_CURSOR);
    CHECK(read_code(secret, "q", "====", &arena) == PROBLEM_INVALID_CURSOR);
    CHECK(read_code(secret, "q", text, &arena) == PROBLEM_NONE);
    arena_clear(&arena);
}

int main(void) {
    check_round_trip("");
    check_round_trip("00000001.00000002");
    check_round_trip("ä ö å €");
    refuses_every_edit();
    return check_finish();
}
