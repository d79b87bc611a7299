/* Ed25519 by OpenSSL; the seed of the private key also keys the HMACs. */
#include "seal.h"

#include "hex.h"
#include "key_file.h"
#include "log.h"
#include "own.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

enum { SEED_BYTES = SEAL_KEY_BYTES };

struct seal {
    EVP_PKEY *key;
    EVP_MAC_CTX *hmac; /* without a key; looking the algorithm up takes longer than using it */
    unsigned char seed[SEED_BYTES];
    unsigned char public_key[SEAL_PUBLIC_BYTES];
    char id[SEAL_ID_CHARS];
};

static void name_key(struct seal *seal) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(seal->public_key, sizeof seal->public_key, digest);
    hex_write(digest, (SEAL_ID_CHARS - 1) / 2, seal->id);
}

static EVP_MAC_CTX *new_hmac(void) {
    EVP_MAC *kind = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *hmac = EVP_MAC_CTX_new(kind);
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string("digest", (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    if (!hmac || EVP_MAC_CTX_set_params(hmac, parameters) != 1)
        abort();
    EVP_MAC_free(kind);
    return hmac;
}

struct seal *seal_new(const char *path) {
    auto_key key = key_file_read(path);
    if (!key)
        return NULL;
    struct seal *seal = calloc(1, sizeof *seal);
    if (!seal)
        abort();
    size_t seed_length = sizeof seal->seed, public_length = sizeof seal->public_key;
    if (!EVP_PKEY_is_a(key, "ED25519") ||
        EVP_PKEY_get_raw_private_key(key, seal->seed, &seed_length) != 1 ||
        EVP_PKEY_get_raw_public_key(key, seal->public_key, &public_length) != 1) {
        log_write(LOG_ERROR, NULL, "the key in %s is not an Ed25519 key", path);
        seal_free(seal);
        return NULL;
    }
    seal->key = steal(&key);
    seal->hmac = new_hmac();
    name_key(seal);
    return seal;
}

void seal_free(struct seal *seal) {
    if (!seal)
        return;
    EVP_PKEY_free(seal->key);
    EVP_MAC_CTX_free(seal->hmac);
    OPENSSL_cleanse(seal->seed, sizeof seal->seed);
    free(seal);
}

bool seal_write_new_key(const char *path) {
    auto_key key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (!key) {
        log_write(LOG_ERROR, NULL, "no key could be made");
        return false;
    }
    return key_file_write(path, key);
}

const char *seal_id(const struct seal *seal) {
    return seal->id;
}

const unsigned char *seal_public(const struct seal *seal) {
    return seal->public_key;
}

void seal_sign(const struct seal *seal, const void *bytes, size_t length,
               unsigned char ret_signature[SEAL_SIGNATURE_BYTES]) {
    size_t signature_length = SEAL_SIGNATURE_BYTES;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (EVP_DigestSignInit(context, NULL, NULL, NULL, seal->key) != 1 ||
        EVP_DigestSign(context, ret_signature, &signature_length, bytes, length) != 1)
        abort(); /* only want of memory; an unsigned head must not get out */
    EVP_MD_CTX_free(context);
}

bool seal_check(const unsigned char public_key[SEAL_PUBLIC_BYTES], const void *bytes, size_t length,
                const unsigned char signature[SEAL_SIGNATURE_BYTES]) {
    auto_key key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, SEAL_PUBLIC_BYTES);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_right = key && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                    EVP_DigestVerify(context, signature, SEAL_SIGNATURE_BYTES, bytes, length) == 1;
    EVP_MD_CTX_free(context);
    return is_right;
}

static void mac(const struct seal *seal, const unsigned char key[SEAL_KEY_BYTES], const void *first,
                size_t first_length, const void *second, size_t second_length,
                unsigned char ret_mac[SEAL_KEY_BYTES]) {
    EVP_MAC_CTX *context = EVP_MAC_CTX_dup(seal->hmac);
    size_t length = 0;
    if (EVP_MAC_init(context, key, SEAL_KEY_BYTES, NULL) != 1 ||
        EVP_MAC_update(context, first, first_length) != 1 ||
        EVP_MAC_update(context, second, second_length) != 1 ||
        EVP_MAC_final(context, ret_mac, &length, SEAL_KEY_BYTES) != 1)
        abort(); /* only want of memory; a mark left unset would be somebody else's */
    EVP_MAC_CTX_free(context);
}

void seal_key(const struct seal *seal, const void *secret, size_t length,
              unsigned char ret_key[SEAL_KEY_BYTES]) {
    mac(seal, seal->seed, secret, length, "", 0, ret_key);
}

void seal_derive(const struct seal *seal, const unsigned char *key, const char *purpose,
                 const char *text, unsigned char ret_mac[SEAL_KEY_BYTES]) {
    /* with its NUL, so that no purpose runs into the text */
    mac(seal, key, purpose, strlen(purpose) + 1, text, strlen(text), ret_mac);
}
