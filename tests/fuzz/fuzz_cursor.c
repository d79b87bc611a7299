/*
 * Cursors: any text is read or refused, and what was written reads back. The input is a question, a
 * newline, and what is taken once for a cursor and once for a key.
 */
#include "cursor.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const unsigned char secret[32] = "a secret of the fuzzer's own";

static bool read(const char *question, const char *text, struct arena *arena,
                 struct cursor *ret_cursor) {
    struct problem problem = {0};
    bool is_read = cursor_read(secret, question, text, arena, ret_cursor, &problem);
    if (is_read == (problem.code != PROBLEM_NONE))
        abort();
    return is_read;
}

/* Only longer texts than ours are refused when we wrote them. */
static void write_and_read(const char *question, const char *key, struct arena *arena) {
    static const char id[] = "0190a0b0-0000-7000-8000-000000000001";
    const char *text =
        cursor_write(secret, question, &(struct cursor){.key = key, .id = id}, arena);
    struct cursor back;
    if (!read(question, text, arena, &back)) {
        if (strlen(text) <= 3000)
            abort();
        return;
    }
    if (strcmp(back.key, key) != 0 || strcmp(back.id, id) != 0 ||
        read("another question", text, arena, &back))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    const uint8_t *end = memchr(data, '\n', size);
    size_t length = end ? (size_t)(end - data) : 0;
    char *question = strndup((const char *)data, length);
    size_t start = end ? length + 1 : 0;
    char *text = strndup((const char *)data + start, size - start);
    struct cursor cursor;
    read(question, text, &arena, &cursor);
    write_and_read(question, text, &arena);
    free(text);
    free(question);
    arena_clear(&arena);
    return 0;
}
