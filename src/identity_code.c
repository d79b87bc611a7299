/* Identity codes: found by their form and their check character. */
#include "identity_code.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { CODE_CHARS = sizeof IDENTITY_CODE_MASK - 1, SIGN_AT = 6, CHECK_AT = 10 };

/* Bytes of letters beyond ASCII count as letters too. */
static bool is_part_of_word(char c) {
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static int two_digits(const char *at) {
    return 10 * (at[0] - '0') + at[1] - '0';
}

static bool is_code(const char *at) {
    long number = 0;
    for (int i = 0; i < CHECK_AT; i++) {
        if (i == SIGN_AT)
            continue;
        if (!isdigit((unsigned char)at[i]))
            return false;
        number = 10 * number + at[i] - '0';
    }
    int day = two_digits(at), month = two_digits(at + 2);
    char sign = (char)toupper((unsigned char)at[SIGN_AT]);
    return day >= 1 && day <= 31 && month >= 1 && month <= 12 && strchr("+-ABCDEFUVWXY", sign) &&
           "0123456789ABCDEFHJKLMNPRSTUVWXY"[number % 31] == toupper((unsigned char)at[CHECK_AT]);
}

bool identity_code_mask(char *text) {
    bool is_found = false;
    char *end = text + strlen(text);
    for (char *at = text; end - at >= CODE_CHARS; at++) {
        bool stands_alone =
            (at == text || !is_part_of_word(at[-1])) && !is_part_of_word(at[CODE_CHARS]);
        if (!stands_alone || !is_code(at))
            continue;
        memcpy(at, IDENTITY_CODE_MASK, CODE_CHARS);
        is_found = true;
    }
    return is_found;
}
