/* Cursors: base64url(mac ‖ question hash ‖ id ‖ key). */
#include "cursor.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>

enum { MAC_BYTES = 16, QUESTION_BYTES = 8, UUID_TEXT_BYTES = 36, KEY_BYTES_MOST = 3000 };

static void to_url(char *text) {
    for (char *at = text; *at; at++) {
        if (*at == '+')
            *at = '-';
        else if (*at == '/')
            *at = '_';
        else if (*at == '=')
            *at = '\0';
    }
}

static void authenticate(const unsigned char secret[32], const unsigned char *bytes, size_t length,
                         unsigned char ret_mac[SHA256_DIGEST_LENGTH]) {
    unsigned int mac_length = 0;
    HMAC(EVP_sha256(), secret, 32, bytes, length, ret_mac, &mac_length);
}

const char *cursor_write(const unsigned char secret[32], const char *question,
                         const struct cursor *cursor, struct arena *arena) {
    size_t key_length = strlen(cursor->key);
    size_t length = MAC_BYTES + QUESTION_BYTES + UUID_TEXT_BYTES + key_length;
    unsigned char *bytes = arena_new(arena, length);
    unsigned char hash[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)question, strlen(question), hash);
    memcpy(bytes + MAC_BYTES, hash, QUESTION_BYTES);
    memcpy(bytes + MAC_BYTES + QUESTION_BYTES, cursor->id, UUID_TEXT_BYTES);
    if (key_length)
        memcpy(bytes + MAC_BYTES + QUESTION_BYTES + UUID_TEXT_BYTES, cursor->key, key_length);
    unsigned char mac[SHA256_DIGEST_LENGTH];
    authenticate(secret, bytes + MAC_BYTES, length - MAC_BYTES, mac);
    memcpy(bytes, mac, MAC_BYTES);
    char *text = arena_new(arena, (length + 2) / 3 * 4 + 1);
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
    to_url(text);
    return text;
}

/* The bytes of an unpadded base64url text, NULL when it is none. */
static unsigned char *decode(const char *text, struct arena *arena, size_t *ret_length) {
    size_t length = strlen(text);
    if (length > KEY_BYTES_MOST || length % 4 == 1 ||
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != length)
        return NULL;
    size_t padding = (4 - length % 4) % 4;
    char *padded = arena_print(arena, "%s%.*s", text, (int)padding, "==");
    for (char *at = padded; *at; at++) {
        if (*at == '-')
            *at = '+';
        else if (*at == '_')
            *at = '/';
    }
    unsigned char *bytes = arena_new(arena, length + 4);
    int decoded = EVP_DecodeBlock(bytes, (const unsigned char *)padded, (int)(length + padding));
    if (decoded < 0)
        return NULL;
    *ret_length = (size_t)decoded - padding;
    return bytes;
}

bool cursor_read(const unsigned char secret[32], const char *question, const char *text,
                 struct arena *arena, struct cursor *ret_cursor, struct problem *problem) {
    size_t length = 0;
    const unsigned char *bytes = decode(text, arena, &length);
    if (!bytes || length < MAC_BYTES + QUESTION_BYTES + UUID_TEXT_BYTES)
        return problem_set(problem, PROBLEM_INVALID_CURSOR, NULL);
    unsigned char mac[SHA256_DIGEST_LENGTH];
    authenticate(secret, bytes + MAC_BYTES, length - MAC_BYTES, mac);
    if (CRYPTO_memcmp(mac, bytes, MAC_BYTES) != 0)
        return problem_set(problem, PROBLEM_INVALID_CURSOR, NULL);
    unsigned char hash[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)question, strlen(question), hash);
    if (memcmp(hash, bytes + MAC_BYTES, QUESTION_BYTES) != 0)
        return problem_set(problem, PROBLEM_CURSOR_MISMATCH, NULL);
    const char *id = (const char *)bytes + MAC_BYTES + QUESTION_BYTES;
    ret_cursor->id = arena_copy(arena, id, UUID_TEXT_BYTES);
    ret_cursor->key = arena_copy(arena, id + UUID_TEXT_BYTES,
                                 length - MAC_BYTES - QUESTION_BYTES - UUID_TEXT_BYTES);
    return true;
}
