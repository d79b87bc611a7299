/* The service's own ES256 key: reading, making, minting with libjwt, deriving. Verifying is keys.c.
 */
#include "signer.h"

#include "hex.h"
#include "key_file.h"
#include "log.h"
#include "own.h"
#include "token.h"

#include <jwt.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

struct signer {
    EVP_PKEY *key;
    unsigned char *der; /* the private key */
    int der_length;
    char *pem; /* the private key again: libjwt takes nothing else */
    long pem_length;
    char key_id[SIGNER_KEY_ID_BYTES];
};

static void clear_bio(BIO **bio) {
    BIO_free(*bio);
}
#define auto_bio __attribute__((cleanup(clear_bio))) BIO *

static void clear_jwt(jwt_t **jwt) {
    jwt_free(*jwt);
}
#define auto_jwt __attribute__((cleanup(clear_jwt))) jwt_t *

static EVP_PKEY *read_private_key(const char *path) {
    auto_key key = key_file_read(path);
    if (!key)
        return NULL;
    char group[64] = "";
    if (!EVP_PKEY_is_a(key, "EC") || !EVP_PKEY_get_group_name(key, group, sizeof group, NULL) ||
        strcmp(group, SN_X9_62_prime256v1) != 0) {
        log_write(LOG_ERROR, NULL, "the key in %s is not an EC P-256 key", path);
        return NULL;
    }
    return steal(&key);
}

static bool encode_private_key(struct signer *signer) {
    signer->der_length = i2d_PrivateKey(signer->key, &signer->der);
    if (signer->der_length <= 0)
        return false;
    auto_bio bio = BIO_new(BIO_s_secmem());
    if (!bio || !PEM_write_bio_PKCS8PrivateKey(bio, signer->key, NULL, NULL, 0, NULL, NULL))
        return false;
    const char *pem = NULL;
    signer->pem_length = BIO_get_mem_data(bio, &pem);
    signer->pem = OPENSSL_memdup(pem, (size_t)signer->pem_length);
    return signer->pem != NULL;
}

/* Sixteen bytes of the public key's hash tell any two keys apart. */
static bool name_key(struct signer *signer) {
    unsigned char *public = NULL;
    int length = i2d_PUBKEY(signer->key, &public);
    if (length <= 0)
        return false;
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(public, (size_t)length, digest);
    OPENSSL_free(public);
    hex_write(digest, (SIGNER_KEY_ID_BYTES - 1) / 2, signer->key_id);
    return true;
}

struct signer *signer_new(const char *path) {
    auto_key key = read_private_key(path);
    ERR_clear_error();
    if (!key)
        return NULL;
    struct signer *signer = calloc(1, sizeof *signer);
    if (!signer)
        abort();
    signer->key = steal(&key);
    if (encode_private_key(signer) && name_key(signer))
        return signer;
    log_write(LOG_ERROR, NULL, "the key in %s cannot be used", path);
    signer_free(signer);
    return NULL;
}

void signer_free(struct signer *signer) {
    if (!signer)
        return;
    EVP_PKEY_free(signer->key);
    OPENSSL_clear_free(signer->der, signer->der_length > 0 ? (size_t)signer->der_length : 0);
    OPENSSL_clear_free(signer->pem, (size_t)signer->pem_length);
    free(signer);
}

EVP_PKEY *signer_key(const struct signer *signer) {
    return signer->key;
}

const char *signer_key_id(const struct signer *signer) {
    return signer->key_id;
}

/* A random `jti`, so that one token among many of a subject can be named. */
static bool add_token_id(jwt_t *jwt) {
    unsigned char random[16];
    char text[2 * sizeof random + 1];
    if (RAND_bytes(random, sizeof random) != 1)
        return false;
    hex_write(random, sizeof random, text);
    return jwt_add_grant(jwt, "jti", text) == 0;
}

/* Texts. libjwt refuses a claim that is there already, so none of the token's own is said anew. */
static bool add_claims(jwt_t *jwt, const json_t *claims) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)claims, name, value) {
        if (jwt_add_grant(jwt, name, json_string_value(value)) != 0)
            return false;
    }
    return true;
}

/* libjwt's functions give 0 for success and an errno otherwise. */
static char *encode_token(const struct signer *signer, const char *issuer, const char *audience,
                          const char *subject, const json_t *claims, int64_t now_s,
                          int64_t expires_s) {
    auto_jwt jwt = NULL;
    if (jwt_new(&jwt) != 0 || jwt_add_header(jwt, "kid", signer->key_id) != 0 ||
        jwt_add_grant(jwt, "iss", issuer) != 0 || jwt_add_grant(jwt, "aud", audience) != 0 ||
        jwt_add_grant(jwt, "sub", subject) != 0 || jwt_add_grant_int(jwt, "iat", now_s) != 0 ||
        jwt_add_grant_int(jwt, "exp", expires_s) != 0 || !add_token_id(jwt) ||
        !add_claims(jwt, claims))
        return NULL;
    if (jwt_set_alg(jwt, JWT_ALG_ES256, (const unsigned char *)signer->pem,
                    (int)signer->pem_length) != 0)
        return NULL;
    return jwt_encode_str(jwt);
}

char *signer_mint(const struct signer *signer, const char *issuer, const char *audience,
                  const char *subject, const json_t *claims, int64_t now_s, int64_t lifetime_s) {
    if (!token_is_name(issuer) || !token_is_name(subject) || lifetime_s <= 0 ||
        lifetime_s > INT32_MAX) {
        log_write(LOG_ERROR, NULL, "no token minted: issuer, subject or lifetime is not usable");
        return NULL;
    }
    char *token =
        encode_token(signer, issuer, audience, subject, claims, now_s, now_s + lifetime_s);
    if (!token)
        log_write(LOG_ERROR, NULL, "no token minted: libjwt could not sign it");
    return token;
}

void signer_derive(const struct signer *signer, const char *purpose, unsigned char ret_key[32]) {
    unsigned length = 0;
    if (!HMAC(EVP_sha256(), signer->der, signer->der_length, (const unsigned char *)purpose,
              strlen(purpose), ret_key, &length) ||
        length != 32)
        abort(); /* only want of memory; a key left unset would be a known key */
}

bool signer_write_new_key(const char *path) {
    auto_key key = EVP_EC_gen(SN_X9_62_prime256v1);
    if (!key) {
        log_write(LOG_ERROR, NULL, "no key could be made");
        return false;
    }
    return key_file_write(path, key);
}
