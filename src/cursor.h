/*
 * Where a page ended, as opaque text: authenticated (HMAC-SHA-256, 16 bytes) and bound to the
 * question it belongs to, so it can be neither forged nor carried to another municipality, filter
 * or order.
 */
#pragma once

#include "arena.h"
#include "problem.h"

#include <stdbool.h>

struct cursor {
    const char *key; /* the sort key of the last row as text */
    const char *id;
};

/* `question`: everything the page depends on but the cursor itself. The text lives in the arena. */
const char *cursor_write(const unsigned char secret[32], const char *question,
                         const struct cursor *cursor, struct arena *arena);

/* Sets INVALID_CURSOR when it was not made with this secret, CURSOR_MISMATCH when it belongs to
 * another question. */
bool cursor_read(const unsigned char secret[32], const char *question, const char *text,
                 struct arena *arena, struct cursor *ret_cursor, struct problem *problem);
