/*
 * Text from outside: always UTF-8 (RFC 3629), stored in Unicode's form NFC, counted in code points.
 * Refused are characters that no text for people needs and that mislead the reader of a page, a log
 * or a terminal: control characters except line feed and tab (C0, delete, C1), the marks that
 * override or isolate writing direction (U+202A–202E, U+2066–2069), and noncharacters.
 */
#pragma once

#include "arena.h"
#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads the code point at `bytes`; *ret_length is its number of bytes. False when it is no
 * shortest-form UTF-8 (lone surrogates and numbers above U+10FFFF included); *ret_length is then
 * untouched.
 */
bool text_read_point(const char *bytes, size_t length, uint32_t *ret_point, size_t *ret_length);

/* True when all bytes are UTF-8; else *ret_offset is where they stop being so. */
bool text_is_utf8(const char *bytes, size_t length, size_t *ret_offset);

/* Code points of a valid text. */
size_t text_count(const char *text);

/* First character of a valid text that is refused (see above), or 0. Tells by the way, in
 * *ret_is_simple, whether every character lies below U+0300, so that the text is in NFC already. */
uint32_t text_find_refused(const char *text, bool *ret_is_simple);

/* Adds the text with `replacement` for each character that is refused and each byte that is no
 * UTF-8. */
void text_replace_refused(const char *text, const char *replacement, struct buffer *out);

/* The valid text in NFC: `text` itself when it already is, else a copy in the arena. */
const char *text_normalize(const char *text, bool is_simple, struct arena *arena);

/* The first `most` code points of a valid text, with an ellipsis when it was longer. Arena or
 * `text` itself. */
const char *text_shorten(const char *text, size_t most, struct arena *arena);

/* Adds the template with its {0}, {1}…; `parameters` NULL shows every one as an ellipsis, a NULL
 * parameter is left out. */
void text_fill(const char *template, const char *const *parameters, struct buffer *out);

/* Whether "1,2,3", with or without braces, has the number. NULL has none. */
bool text_lists(const char *list, long number);
