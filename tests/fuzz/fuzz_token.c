/*
 * The token reader on any bytes. Fed both as the whole token and as header and payload behind
 * base64url, because random bytes seldom get past the first dot.
 */
#include "token.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_token(const char *text, size_t length) {
    auto_token token = {0};
    if (!token_read(&token, text, length)) {
        if (!token.refusal)
            abort();
        return;
    }
    /* what is promised of a token that was read */
    if (length > TOKEN_BYTES_MOST || !token_is_name(token.issuer) ||
        !token_is_name(token.subject) || !token.algorithm ||
        (token.key_id && !token_is_name(token.key_id)) || token.signature_length == 0 ||
        token.signature_length > TOKEN_SIGNATURE_BYTES_MOST || token.expires_s < 0 ||
        token.signed_length >= length || strlen(token.text) != length)
        abort();
    token_is_for(&token, "elinvoima");
    token_is_current(&token, 1700000000);
}

static size_t encode(const uint8_t *bytes, size_t size, char *text) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t length = 0;
    unsigned bits = 0;
    int held = 0;
    for (size_t i = 0; i < size; i++) {
        bits = (bits << 8 | bytes[i]) & 0xffff;
        for (held += 8; held >= 6; held -= 6)
            text[length++] = alphabet[bits >> (held - 6) & 63];
    }
    if (held)
        text[length++] = alphabet[bits << (6 - held) & 63];
    return length;
}

/* The first byte says where the header ends. */
static void read_encoded(const uint8_t *data, size_t size) {
    static char text[2 * TOKEN_BYTES_MOST];
    if (size < 1 || size > TOKEN_BYTES_MOST)
        return;
    size_t header = (size_t)data[0] % size;
    size_t length = encode(data + 1, header, text);
    text[length++] = '.';
    length += encode(data + 1 + header, size - 1 - header, text + length);
    memcpy(text + length, ".AAAA", 5);
    read_token(text, length + 5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    read_token((const char *)data, size);
    read_encoded(data, size);
    return 0;
}
