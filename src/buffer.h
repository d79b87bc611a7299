/*
 * Text that grows. The bytes are always NUL-terminated once anything was added. Running out of
 * memory ends the process (see arena.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *data;
    size_t length;
    size_t capacity;
};

void buffer_clear(struct buffer *buffer);
#define auto_buffer __attribute__((cleanup(buffer_clear))) struct buffer

/* Makes room for `extra` more bytes. */
void buffer_reserve(struct buffer *buffer, size_t extra);
void buffer_add(struct buffer *buffer, const char *bytes, size_t length);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_char(struct buffer *buffer, char c);
void buffer_print(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds `text` as a JSON string with its quotes: escapes what RFC 8259 section 7 requires. NULL
 * gives null. */
void buffer_add_json_text(struct buffer *buffer, const char *text);

/* Gives the bytes (malloc) to the caller and leaves the buffer empty. NULL when nothing was added.
 */
char *buffer_take(struct buffer *buffer);
