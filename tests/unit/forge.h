/* Makes tokens of any shape for the tests: the header and the payload are whatever text the test
 * says. */
#pragma once

#include "buffer.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

enum { FORGE_BYTES = 65536 };

/* A token being made; static in the tests, because it is large. */
struct forge {
    char text[FORGE_BYTES];
    size_t length;
};

static inline void forge_add(struct forge *forge, const void *bytes, size_t length) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *at = bytes;
    unsigned bits = 0;
    int held = 0;
    for (size_t i = 0; i < length; i++) {
        bits = (bits << 8 | at[i]) & 0xffff;
        for (held += 8; held >= 6; held -= 6)
            forge->text[forge->length++] = alphabet[bits >> (held - 6) & 63];
    }
    if (held)
        forge->text[forge->length++] = alphabet[bits << (6 - held) & 63];
    forge->text[forge->length] = '\0';
}

static inline void forge_dot(struct forge *forge) {
    forge->text[forge->length++] = '.';
    forge->text[forge->length] = '\0';
}

/* header.payload */
static inline void forge_begin(struct forge *forge, const char *header, const char *payload) {
    forge->length = 0;
    forge_add(forge, header, strlen(header));
    forge_dot(forge);
    forge_add(forge, payload, strlen(payload));
}

static inline void forge_end(struct forge *forge, const void *signature, size_t length) {
    forge_dot(forge);
    forge_add(forge, signature, length);
}

static inline const char *forge_unsigned(struct forge *forge, const char *header,
                                         const char *payload, const char *signature) {
    forge_begin(forge, header, payload);
    forge_dot(forge);
    memcpy(forge->text + forge->length, signature, strlen(signature) + 1);
    forge->length += strlen(signature);
    return forge->text;
}

static inline const char *forge_hmac(struct forge *forge, const char *header, const char *payload,
                                     const EVP_MD *digest, const void *secret,
                                     size_t secret_length) {
    unsigned char signature[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    forge_begin(forge, header, payload);
    HMAC(digest, secret, (int)secret_length, (const unsigned char *)forge->text, forge->length,
         signature, &length);
    forge_end(forge, signature, length);
    return forge->text;
}

/* `padding` for RSA, 0 for others. An ECDSA signature becomes r||s when `is_raw`. */
static inline const char *forge_signed(struct forge *forge, const char *header, const char *payload,
                                       EVP_PKEY *key, const EVP_MD *digest, int padding,
                                       bool is_raw) {
    unsigned char signature[1024];
    size_t length = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL;
    forge_begin(forge, header, payload);
    EVP_DigestSignInit(context, &parameters, digest, NULL, key);
    if (padding)
        EVP_PKEY_CTX_set_rsa_padding(parameters, padding);
    if (padding == RSA_PKCS1_PSS_PADDING)
        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST);
    EVP_DigestSign(context, signature, &length, (const unsigned char *)forge->text, forge->length);
    EVP_MD_CTX_free(context);
    if (is_raw) {
        const unsigned char *at = signature;
        ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)length);
        BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32);
        ECDSA_SIG_free(pair);
        length = 64;
    }
    forge_end(forge, signature, length);
    return forge->text;
}
