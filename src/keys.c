/*
 * Keys whose tokens are believed. HS256 is verified by libjwt; public keys by OpenSSL's EVP,
 * because libjwt parses the PEM anew for every token (595 against 93 µs for ES256).
 */
#include "keys.h"

#include "arena.h"
#include "config.h"
#include "log.h"
#include "own.h"
#include "signer.h"
#include "token.h"

#include <errno.h>
#include <jwt.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum {
    KEYS_MOST = 32,
    KEY_FILE_BYTES_MOST = 16384,
    ISSUERS_FILE_BYTES_MOST = 65536,
    SECRET_BYTES_LEAST = 32, /* RFC 7518 section 3.2: as long as the hash */
    RSA_BITS_LEAST = 2048,   /* RFC 7518 section 3.3 */
    RSA_BITS_MOST = 8192
};

struct key {
    const char *issuer;
    const char *audience;
    const char *id; /* NULL: any kid */
    const char *identification;
    const struct algorithm *algorithm;
    EVP_PKEY *public; /* owned; NULL for HS256 */
    unsigned char *secret;
    size_t secret_length;
};

struct algorithm {
    const char *name;
    bool (*fits)(const EVP_PKEY *public); /* NULL: the key is a shared secret */
    bool (*verify)(const struct key *key, const struct token *token);
};

struct keys {
    struct arena arena;
    struct key items[KEYS_MOST];
    size_t count;
};

static void clear_bio(BIO **bio) {
    BIO_free(*bio);
}
#define auto_bio __attribute__((cleanup(clear_bio))) BIO *

static void clear_context(EVP_MD_CTX **context) {
    EVP_MD_CTX_free(*context);
}
#define auto_context __attribute__((cleanup(clear_context))) EVP_MD_CTX *

static void clear_signature(ECDSA_SIG **signature) {
    ECDSA_SIG_free(*signature);
}
#define auto_signature __attribute__((cleanup(clear_signature))) ECDSA_SIG *

static bool fits_ec(const EVP_PKEY *public) {
    char group[64] = "";
    return EVP_PKEY_is_a(public, "EC") &&
           EVP_PKEY_get_group_name(public, group, sizeof group, NULL) &&
           strcmp(group, SN_X9_62_prime256v1) == 0;
}

static bool fits_ed25519(const EVP_PKEY *public) {
    return EVP_PKEY_is_a(public, "ED25519");
}

static bool fits_rsa(const EVP_PKEY *public) {
    int bits = EVP_PKEY_get_bits(public);
    return EVP_PKEY_is_a(public, "RSA") && bits >= RSA_BITS_LEAST && bits <= RSA_BITS_MOST;
}

static bool verify_with(const struct key *key, const struct token *token, const EVP_MD *digest,
                        int padding, const unsigned char *signature, size_t length) {
    auto_context context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL; /* borrowed from context */
    if (!context || EVP_DigestVerifyInit(context, &parameters, digest, NULL, key->public) != 1 ||
        (padding && EVP_PKEY_CTX_set_rsa_padding(parameters, padding) != 1))
        return false;
    if (padding == RSA_PKCS1_PSS_PADDING &&
        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1)
        return false;
    return EVP_DigestVerify(context, signature, length, (const unsigned char *)token->text,
                            token->signed_length) == 1;
}

static bool verify_eddsa(const struct key *key, const struct token *token) {
    return verify_with(key, token, NULL, 0, token->signature, token->signature_length);
}

/* RFC 7518 section 3.4 writes r and s as 32 bytes each; OpenSSL wants them in DER. */
static bool verify_es256(const struct key *key, const struct token *token) {
    if (token->signature_length != 64)
        return false;
    auto_signature raw = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(token->signature, 32, NULL);
    BIGNUM *s = BN_bin2bn(token->signature + 32, 32, NULL);
    if (!raw || !r || !s || ECDSA_SIG_set0(raw, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return false;
    }
    unsigned char der[80]; /* at most 72 */
    unsigned char *end = der;
    int length = i2d_ECDSA_SIG(raw, NULL);
    if (length <= 0 || length > (int)sizeof der || i2d_ECDSA_SIG(raw, &end) != length)
        return false;
    return verify_with(key, token, EVP_sha256(), 0, der, (size_t)length);
}

/* Safe only behind token_read and the comparison of `alg`: see http.md section 5 for what libjwt
 * takes. */
static bool verify_hs256(const struct key *key, const struct token *token) {
    jwt_t *jwt = NULL;
    if (jwt_decode(&jwt, token->text, key->secret, (int)key->secret_length) != 0)
        return false;
    bool is_valid = jwt_get_alg(jwt) == JWT_ALG_HS256;
    jwt_free(jwt);
    return is_valid;
}

static bool verify_ps256(const struct key *key, const struct token *token) {
    return verify_with(key, token, EVP_sha256(), RSA_PKCS1_PSS_PADDING, token->signature,
                       token->signature_length);
}

static bool verify_rs256(const struct key *key, const struct token *token) {
    return verify_with(key, token, EVP_sha256(), RSA_PKCS1_PADDING, token->signature,
                       token->signature_length);
}

static const struct algorithm algorithms[] = {
    {"ES256", fits_ec, verify_es256},  {"EdDSA", fits_ed25519, verify_eddsa},
    {"HS256", NULL, verify_hs256},     {"PS256", fits_rsa, verify_ps256},
    {"RS256", fits_rsa, verify_rs256}, {0},
};

static const struct algorithm *find_algorithm(const char *name) {
    for (const struct algorithm *algorithm = algorithms; name && algorithm->name; algorithm++)
        if (strcmp(algorithm->name, name) == 0)
            return algorithm;
    return NULL;
}

/* Reads a whole file of at most `most` bytes into the arena; NULL with a log line. */
static unsigned char *read_file(struct arena *arena, const char *path, size_t most,
                                size_t *ret_length) {
    auto_file file = fopen(path, "re");
    if (!file) {
        log_write(LOG_ERROR, NULL, "%s cannot be read: %s", path, strerror(errno));
        return NULL;
    }
    unsigned char *bytes = arena_new(arena, most + 1);
    size_t length = fread(bytes, 1, most + 1, file);
    if (ferror(file) || length == 0 || length > most) {
        log_write(LOG_ERROR, NULL, "%s cannot be read, is empty or is longer than %zu bytes", path,
                  most);
        OPENSSL_cleanse(bytes, most + 1);
        return NULL;
    }
    *ret_length = length;
    return bytes;
}

/*
 * A public key taken for a shared secret would let anybody mint tokens, since everybody has it; and
 * text in PEM is never a good secret.
 */
static bool is_key_material(const unsigned char *bytes, size_t length) {
    if (memmem(bytes, length, "-----BEGIN", 10))
        return true;
    const unsigned char *at = bytes;
    EVP_PKEY *public = d2i_PUBKEY(NULL, &at, (long)length);
    EVP_PKEY_free(public);
    return public != NULL;
}

static bool read_secret(struct keys *keys, struct key *key, const char *path) {
    key->secret = read_file(&keys->arena, path, KEY_FILE_BYTES_MOST, &key->secret_length);
    if (!key->secret)
        return false;
    if (is_key_material(key->secret, key->secret_length)) {
        log_write(LOG_ERROR, NULL, "%s holds a key, not a shared secret for HS256", path);
        return false;
    }
    if (key->secret[key->secret_length - 1] == '\n')
        key->secret_length--;
    if (key->secret_length > 0 && key->secret[key->secret_length - 1] == '\r')
        key->secret_length--;
    if (key->secret_length >= SECRET_BYTES_LEAST)
        return true;
    log_write(LOG_ERROR, NULL, "%s: a secret for HS256 has at least %d bytes", path,
              SECRET_BYTES_LEAST);
    return false;
}

static bool read_public_key(struct keys *keys, struct key *key, const char *path) {
    size_t length = 0;
    unsigned char *bytes = read_file(&keys->arena, path, KEY_FILE_BYTES_MOST, &length);
    if (!bytes)
        return false;
    auto_bio bio = BIO_new_mem_buf(bytes, (int)length);
    char passphrase[] = ""; /* without one OpenSSL would ask on the terminal */
    key->public = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, passphrase) : NULL;
    if (!key->public) {
        log_write(LOG_ERROR, NULL, "%s holds no public key in PEM (BEGIN PUBLIC KEY)", path);
        return false;
    }
    if (key->algorithm->fits(key->public))
        return true;
    log_write(LOG_ERROR, NULL, "the key in %s is not of the kind or size %s needs", path,
              key->algorithm->name);
    return false;
}

static const char *member_text(struct keys *keys, const json_t *row, const char *name) {
    return arena_text(&keys->arena, json_string_value(json_object_get(row, name)));
}

/* Members are a closed set: a misspelt "audience" would otherwise quietly mean the default. */
static bool has_only_known_members(const json_t *row) {
    static const char *const known[] = {"algorithm", "audience", "identification",
                                        "issuer",    "key_file", "kid"};
    size_t found = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const json_t *value = json_object_get(row, known[i]);
        if (value && !json_is_string(value))
            return false;
        found += value != NULL;
    }
    return json_is_object(row) && found == json_object_size(row);
}

static const char *const identifications[] = {"strong", "school_account", NULL};

static const char *find_identification(const char *name) {
    for (size_t i = 0; name && identifications[i]; i++)
        if (strcmp(identifications[i], name) == 0)
            return identifications[i];
    return name ? NULL : identifications[0];
}

static bool read_row(struct keys *keys, const struct config *config, const json_t *row,
                     size_t number) {
    struct key *key = &keys->items[keys->count++];
    const char *path = member_text(keys, row, "key_file");
    key->issuer = member_text(keys, row, "issuer");
    key->audience = member_text(keys, row, "audience");
    if (!key->audience)
        key->audience = config->token_audience;
    key->id = member_text(keys, row, "kid");
    key->identification = find_identification(member_text(keys, row, "identification"));
    key->algorithm = find_algorithm(json_string_value(json_object_get(row, "algorithm")));
    if (!has_only_known_members(row) || !token_is_name(key->issuer) ||
        !token_is_name(key->audience) || (key->id && !token_is_name(key->id)) || !path) {
        log_write(LOG_ERROR, NULL,
                  "%s, row %zu: needs the texts issuer, algorithm and key_file; may have "
                  "audience, identification and kid; nothing else",
                  config->issuers_file, number);
        return false;
    }
    if (!key->identification) {
        log_write(LOG_ERROR, NULL, "%s, row %zu: identification is strong or school_account",
                  config->issuers_file, number);
        return false;
    }
    if (!key->algorithm) {
        log_write(LOG_ERROR, NULL, "%s, row %zu: algorithm is HS256, ES256, RS256, PS256 or EdDSA",
                  config->issuers_file, number);
        return false;
    }
    return key->algorithm->fits ? read_public_key(keys, key, path) : read_secret(keys, key, path);
}

static bool read_issuers(struct keys *keys, const struct config *config) {
    size_t length = 0;
    const char *path = config->issuers_file;
    unsigned char *bytes = read_file(&keys->arena, path, ISSUERS_FILE_BYTES_MOST, &length);
    if (!bytes)
        return false;
    json_error_t error;
    json_auto_t *rows = json_loadb((const char *)bytes, length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_array(rows) || json_array_size(rows) > KEYS_MOST - 1) {
        log_write(LOG_ERROR, NULL, "%s is not a JSON array of at most %d issuers (line %d)", path,
                  KEYS_MOST - 1, rows ? 1 : error.line);
        return false;
    }
    bool is_good = true;
    for (size_t i = 0; i < json_array_size(rows); i++)
        is_good = read_row(keys, config, json_array_get(rows, i), i + 1) && is_good;
    return is_good;
}

static bool add_own_key(struct keys *keys, const struct config *config,
                        const struct signer *signer) {
    if (!token_is_name(config->token_issuer) || !token_is_name(config->token_audience)) {
        log_write(LOG_ERROR, NULL, "the token issuer or audience is empty, too long or not text");
        return false;
    }
    EVP_PKEY *public = signer_key(signer);
    EVP_PKEY_up_ref(public);
    keys->items[keys->count++] = (struct key){
        .issuer = config->token_issuer,
        .audience = config->token_audience,
        .id = signer_key_id(signer),
        .identification = identifications[0],
        .algorithm = find_algorithm("ES256"),
        .public = public,
    };
    return true;
}

struct keys *keys_new(const struct config *config, const struct signer *signer) {
    struct keys *keys = calloc(1, sizeof *keys);
    if (!keys)
        abort();
    bool has_issuers = config->issuers_file && *config->issuers_file;
    bool is_good =
        add_own_key(keys, config, signer) && (!has_issuers || read_issuers(keys, config));
    ERR_clear_error();
    if (is_good)
        return keys;
    keys_free(keys);
    return NULL;
}

void keys_free(struct keys *keys) {
    if (!keys)
        return;
    for (size_t i = 0; i < keys->count; i++) {
        EVP_PKEY_free(keys->items[i].public);
        if (keys->items[i].secret)
            OPENSSL_cleanse(keys->items[i].secret, KEY_FILE_BYTES_MOST);
    }
    arena_clear(&keys->arena);
    free(keys);
}

/* Cheap tests first: a signature is only computed for a token that would otherwise be good. */
static bool check_key(const struct key *key, struct token *token, int64_t now_s) {
    if (strcmp(key->algorithm->name, token->algorithm) != 0)
        return token_refuse(token, "alg is not the key's");
    if (key->id && token->key_id && strcmp(key->id, token->key_id) != 0)
        return token_refuse(token, "kid is of no key of this issuer");
    if (!token_is_for(token, key->audience))
        return token_refuse(token, "aud is somebody else");
    if (!token_is_current(token, now_s))
        return false;
    if (!key->algorithm->verify(key, token))
        return token_refuse(token, "wrong signature");
    token->identification = key->identification;
    return true;
}

bool keys_check(const struct keys *keys, struct token *token, int64_t now_s) {
    token->refusal = "unknown issuer";
    bool is_valid = false;
    for (size_t i = 0; i < keys->count && !is_valid; i++)
        is_valid = strcmp(keys->items[i].issuer, token->issuer) == 0 &&
                   check_key(&keys->items[i], token, now_s);
    /* a failed verification leaves its reasons in a queue of the thread */
    ERR_clear_error();
    if (is_valid)
        token->refusal = NULL;
    return is_valid;
}
