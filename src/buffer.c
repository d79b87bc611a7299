/* Growing text. */
#include "buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room that is made before printing: most texts fit, and are then printed once and not also
 * measured. */
enum { PRINT_BYTES = 128 };

void buffer_clear(struct buffer *buffer) {
    free(buffer->data);
    *buffer = (struct buffer){0};
}

void buffer_reserve(struct buffer *buffer, size_t extra) {
    if (extra >= SIZE_MAX / 4 || buffer->length >= SIZE_MAX / 4)
        abort();
    size_t wanted = buffer->length + extra + 1;
    if (wanted <= buffer->capacity)
        return;
    size_t capacity = buffer->capacity ? buffer->capacity : 256;
    while (capacity < wanted)
        capacity *= 2;
    char *data = realloc(buffer->data, capacity);
    if (!data)
        abort();
    buffer->data = data;
    buffer->capacity = capacity;
}

void buffer_add(struct buffer *buffer, const char *bytes, size_t length) {
    buffer_reserve(buffer, length);
    if (length)
        memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
}

void buffer_add_text(struct buffer *buffer, const char *text) {
    buffer_add(buffer, text, strlen(text));
}

void buffer_add_char(struct buffer *buffer, char c) {
    buffer_reserve(buffer, 1);
    buffer->data[buffer->length++] = c;
    buffer->data[buffer->length] = '\0';
}

void buffer_print(struct buffer *buffer, const char *format, ...) {
    va_list arguments;
    buffer_reserve(buffer, PRINT_BYTES);
    size_t room = buffer->capacity - buffer->length;
    va_start(arguments, format);
    int length = vsnprintf(buffer->data + buffer->length, room, format, arguments);
    va_end(arguments);
    if (length < 0)
        abort();
    if ((size_t)length >= room) {
        buffer_reserve(buffer, (size_t)length);
        va_start(arguments, format);
        vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, arguments);
        va_end(arguments);
    }
    buffer->length += (size_t)length;
}

static const char *short_escape(unsigned char c) {
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return NULL;
    }
}

void buffer_add_json_text(struct buffer *buffer, const char *text) {
    if (!text) {
        buffer_add(buffer, "null", 4);
        return;
    }
    buffer_add_char(buffer, '"');
    const char *start = text;
    for (const char *at = text; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buffer_add(buffer, start, (size_t)(at - start));
        const char *escape = short_escape(c);
        if (escape)
            buffer_add_text(buffer, escape);
        else
            buffer_print(buffer, "\\u%04x", c);
        start = at + 1;
    }
    buffer_add_text(buffer, start);
    buffer_add_char(buffer, '"');
}

char *buffer_take(struct buffer *buffer) {
    char *data = buffer->data;
    *buffer = (struct buffer){0};
    return data;
}
