/* Secrets of items. */
#include "secret.h"

#include "app.h"
#include "auth.h"
#include "hex.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_BYTES = 16, NONCE_BYTES = 12, TAG_BYTES = 16 };

const char *secret_make(struct request *request, const char *purpose, const char *id) {
    unsigned char key[32];
    auth_derive(request->app->auth,
                arena_print(&request->arena, "%s %s %s", purpose, request->municipality, id), key);
    char *secret = arena_new(&request->arena, 2 * SECRET_BYTES + 1);
    hex_write(key, SECRET_BYTES, secret);
    return secret;
}

static void derive_lock(struct request *request, const char *purpose, unsigned char ret_key[32]) {
    auth_derive(request->app->auth,
                arena_print(&request->arena, "lock %s %s", purpose, request->municipality),
                ret_key);
}

const char *secret_lock(struct request *request, const char *purpose, const char *secret) {
    unsigned char key[32];
    derive_lock(request, purpose, key);
    int length = (int)strlen(secret), written, end;
    size_t whole = NONCE_BYTES + TAG_BYTES + (size_t)length;
    unsigned char *locked = arena_new(&request->arena, whole),
                  *text = locked + NONCE_BYTES + TAG_BYTES;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!context || RAND_bytes(locked, NONCE_BYTES) != 1 ||
        EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, locked) != 1 ||
        EVP_EncryptUpdate(context, text, &written, (const unsigned char *)secret, length) != 1 ||
        EVP_EncryptFinal_ex(context, text + written, &end) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, locked + NONCE_BYTES) != 1)
        abort(); /* no randomness or no memory: nothing may go on in clear */
    EVP_CIPHER_CTX_free(context);
    OPENSSL_cleanse(key, sizeof key);
    char *hex = arena_new(&request->arena, 2 * whole + 1);
    hex_write(locked, whole, hex);
    return hex;
}

const char *secret_unlock(struct request *request, const char *purpose, const char *locked) {
    long whole = 0;
    unsigned char *bytes = OPENSSL_hexstr2buf(locked, &whole);
    int length = (int)whole - NONCE_BYTES - TAG_BYTES, written = 0, end = 0;
    char *secret = NULL;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (bytes && context && length >= 0 && request->app->auth) {
        unsigned char key[32], *text = arena_new(&request->arena, (size_t)length + 1);
        derive_lock(request, purpose, key);
        unsigned char *tag = bytes + NONCE_BYTES;
        if (EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, bytes) == 1 &&
            EVP_DecryptUpdate(context, text, &written, tag + TAG_BYTES, length) == 1 &&
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) == 1 &&
            EVP_DecryptFinal_ex(context, text + written, &end) == 1)
            secret = (char *)text;
        text[length] = '\0';
        OPENSSL_cleanse(key, sizeof key);
    }
    EVP_CIPHER_CTX_free(context);
    OPENSSL_free(bytes);
    return secret;
}

static const char *made_id(const struct request *request) {
    for (size_t i = 0; i < request->reply_header_count; i++)
        if (strcmp(request->reply_headers[i].name, "Location") == 0)
            return strrchr(request->reply_headers[i].value, '/') + 1;
    return NULL;
}

/* The answer ends with a place for the secret; it is filled after the answer was kept. */
void secret_fill(struct request *request, const char *member, const char *purpose, const char *id) {
    const char *empty = arena_print(&request->arena, "\"%s\":null}", member);
    struct buffer *reply = &request->reply;
    if (!id || request->prefer.rollback || reply->length < strlen(empty))
        return;
    reply->length -= strlen("null}");
    buffer_print(reply, "\"%s\"}", secret_make(request, purpose, id));
}

void secret_tell(struct request *request, const char *member, const char *purpose) {
    secret_fill(request, member, purpose, made_id(request));
}
