/* UTF-8, NFC and the characters that are refused. */
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static bool is_continuation(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Number of bytes the first byte announces, and its payload bits; 0 when it begins nothing. */
static size_t lead(unsigned char byte, uint32_t *ret_bits) {
    if (byte < 0x80) {
        *ret_bits = byte;
        return 1;
    }
    if (byte >= 0xC2 && byte < 0xE0) {
        *ret_bits = byte & 0x1F;
        return 2;
    }
    if (byte >= 0xE0 && byte < 0xF0) {
        *ret_bits = byte & 0x0F;
        return 3;
    }
    *ret_bits = byte & 0x07;
    return byte >= 0xF0 && byte < 0xF5 ? 4 : 0;
}

bool text_read_point(const char *bytes, size_t length, uint32_t *ret_point, size_t *ret_length) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (!length)
        return false;
    uint32_t point = 0;
    size_t count = lead((unsigned char)bytes[0], &point);
    if (!count || count > length)
        return false;
    for (size_t i = 1; i < count; i++) {
        if (!is_continuation(bytes[i]))
            return false;
        point = point << 6 | ((unsigned char)bytes[i] & 0x3F);
    }
    if (point < least[count] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
        return false;
    *ret_point = point;
    *ret_length = count;
    return true;
}

bool text_is_utf8(const char *bytes, size_t length, size_t *ret_offset) {
    for (size_t at = 0; at < length;) {
        if ((unsigned char)bytes[at] < 0x80) {
            at++;
            continue;
        }
        uint32_t point;
        size_t step;
        if (!text_read_point(bytes + at, length - at, &point, &step)) {
            *ret_offset = at;
            return false;
        }
        at += step;
    }
    return true;
}

size_t text_count(const char *text) {
    size_t count = 0;
    for (; *text; text++)
        count += !is_continuation(*text);
    return count;
}

static bool is_refused(uint32_t point) {
    return (point < 0x20 && point != '\n' && point != '\t') || (point >= 0x7F && point < 0xA0) ||
           (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
           (point >= 0xFDD0 && point <= 0xFDEF) || (point & 0xFFFE) == 0xFFFE;
}

uint32_t text_find_refused(const char *text, bool *ret_is_simple) {
    bool is_simple = true;
    size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        uint32_t point;
        size_t step;
        if (!text_read_point(text + at, length - at, &point, &step))
            return 0xFFFD;
        if (is_refused(point))
            return point;
        is_simple = is_simple && point < 0x300;
        at += step;
    }
    *ret_is_simple = is_simple;
    return 0;
}

void text_replace_refused(const char *text, const char *replacement, struct buffer *out) {
    buffer_add_text(out, ""); /* never NULL, also when nothing is left */
    for (size_t at = 0, step, length = strlen(text); at < length; at += step) {
        uint32_t point;
        bool is_good = text_read_point(text + at, length - at, &point, &step);
        if (!is_good)
            step = 1;
        if (is_good && !is_refused(point))
            buffer_add(out, text + at, step);
        else
            buffer_add_text(out, replacement);
    }
}

const char *text_normalize(const char *text, bool is_simple, struct arena *arena) {
    /* No character below U+0300 combines or decomposes under NFC (UAX #15, NFC_QC). */
    if (is_simple)
        return text;
    utf8proc_uint8_t *composed = utf8proc_NFC((const utf8proc_uint8_t *)text);
    if (!composed)
        abort();
    const char *result = text;
    if (strcmp((const char *)composed, text) != 0)
        result = arena_text(arena, (const char *)composed);
    free(composed);
    return result;
}

const char *text_shorten(const char *text, size_t most, struct arena *arena) {
    const char *end = text;
    for (size_t count = 0; *end; end++) {
        if (is_continuation(*end))
            continue;
        if (count++ == most)
            return arena_print(arena, "%.*s…", (int)(end - text), text);
    }
    return text;
}

void text_fill(const char *template, const char *const *parameters, struct buffer *out) {
    for (const char *open; (open = strchr(template, '{')); template = open + 3) {
        buffer_add(out, template, (size_t)(open - template));
        if (!parameters)
            buffer_add_text(out, "…");
        else if (parameters[open[1] - '0'])
            buffer_add_text(out, parameters[open[1] - '0']);
    }
    buffer_add_text(out, template);
}

bool text_lists(const char *list, long number) {
    static const char digits[] = "0123456789";
    for (const char *at = list; at && *at; at += strspn(at, digits)) {
        at += strcspn(at, digits);
        if (*at && strtol(at, NULL, 10) == number)
            return true;
    }
    return false;
}
