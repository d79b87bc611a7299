/*
 * A header's value of one word and its parameters, as Content-Type (RFC 9110, section 8.3.1) and
 * Content-Disposition (RFC 6266) have it: `form-data; name="a"`. Read strictly: a value that two
 * readers could take for two things is refused.
 */
#pragma once

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>

/* Where reading stands; blanks and control characters are the caller's to have refused. */
struct header_value {
    const char *at;
    const char *end;
};

/* Begins reading; returns the word before the first semicolon (arena). */
const char *header_value_begin(struct header_value *value, const char *text, size_t length,
                               struct arena *arena);

/*
 * The next parameter, in the arena; *ret_name is NULL when there is none left. A text in quotes may
 * hold `\"` and `\\` and no other escape; one without them may hold no blank, quote, backslash,
 * comma or semicolon. False when it is neither, or nothing stands behind a semicolon.
 */
bool header_value_next(struct header_value *value, struct arena *arena, const char **ret_name,
                       const char **ret_text);
