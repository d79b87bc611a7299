/* Bytes as hexadecimal digits, small letters. */
#pragma once

#include <stddef.h>

/* Writes 2 * `length` digits and a NUL. */
static inline void hex_write(const void *bytes, size_t length, char *ret_text) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++) {
        ret_text[2 * i] = digits[at[i] >> 4];
        ret_text[2 * i + 1] = digits[at[i] & 15];
    }
    ret_text[2 * length] = '\0';
}
