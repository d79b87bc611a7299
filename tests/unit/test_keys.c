/* Keys and signatures: only a token of a configured issuer, made with its key and algorithm, is
 * good. */
#include "keys.h"

#include "check.h"
#include "config.h"
#include "forge.h"
#include "key_files.h"
#include "log.h"
#include "signer.h"
#include "token.h"

enum { NOW = 1700000000 };

#define OWN "https://elinvoima.test"
#define CLAIMS(issuer) \
    "{\"iss\":\"" issuer "\",\"sub\":\"matti\",\"aud\":\"elinvoima\",\"exp\":1700000600}"
#define SECRET "0123456789abcdef0123456789abcdef"

static struct forge forge;
static struct config config;
static struct signer *signer;
static struct keys *keys;
static EVP_PKEY *rsa, *other_rsa, *ed25519, *ec, *other_ec;

static void set_up(void) {
    folder_make();
    rsa = EVP_RSA_gen(2048);
    other_rsa = EVP_RSA_gen(2048);
    ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    ec = EVP_EC_gen("P-256");
    other_ec = EVP_EC_gen("P-256");
    CHECK(signer_write_new_key(path_of("own.pem")));

    auto_buffer json = {0};
    add_row(&json, "hs", "HS256", write_text("hs.txt", SECRET "\n"), ",\"kid\":\"k1\"");
    add_row(&json, "es", "ES256", write_public("es.pem", ec), "");
    add_row(&json, "rs", "RS256", write_public("rs.pem", rsa), ",\"audience\":\"other\"");
    add_row(&json, "ps", "PS256", write_public("ps.pem", rsa), "");
    add_row(&json, "ed", "EdDSA", write_public("ed.pem", ed25519), "");
    /* two keys of one issuer, as while a key is being changed */
    add_row(&json, "two", "ES256", write_public("two_a.pem", ec), ",\"kid\":\"a\"");
    add_row(&json, "two", "RS256", write_public("two_b.pem", rsa), ",\"kid\":\"b\"");
    buffer_add_char(&json, ']');
    config = (struct config){
        .token_issuer = OWN,
        .token_audience = "elinvoima",
        .issuers_file = write_text("issuers.json", json.data),
    };
    signer = signer_new(path_of("own.pem"));
    CHECK(signer != NULL);
    keys = keys_new(&config, signer);
    CHECK(keys != NULL);
}

static bool is_good_at(const char *text, int64_t now_s) {
    auto_token token = {0};
    return token_read(&token, text, strlen(text)) && keys_check(keys, &token, now_s);
}

static bool is_good(const char *text) {
    return is_good_at(text, NOW);
}

static const char *hs(const char *header, const char *payload) {
    return forge_hmac(&forge, header, payload, EVP_sha256(), SECRET, strlen(SECRET));
}

static const char *es(const char *header, const char *payload, EVP_PKEY *key) {
    return forge_signed(&forge, header, payload, key, EVP_sha256(), 0, true);
}

static const char *rs(const char *header, const char *payload, EVP_PKEY *key, int padding) {
    return forge_signed(&forge, header, payload, key, EVP_sha256(), padding, false);
}

#define OTHER_CLAIMS "{\"iss\":\"rs\",\"sub\":\"matti\",\"aud\":\"other\",\"exp\":1700000600}"

static void test_every_algorithm_verifies(void) {
    CHECK(is_good(hs("{\"alg\":\"HS256\",\"kid\":\"k1\"}", CLAIMS("hs"))));
    CHECK(is_good(es("{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}", CLAIMS("es"), ec)));
    CHECK(is_good(rs("{\"alg\":\"RS256\"}", OTHER_CLAIMS, rsa, RSA_PKCS1_PADDING)));
    CHECK(is_good(rs("{\"alg\":\"PS256\"}", CLAIMS("ps"), rsa, RSA_PKCS1_PSS_PADDING)));
    CHECK(is_good(
        forge_signed(&forge, "{\"alg\":\"EdDSA\"}", CLAIMS("ed"), ed25519, NULL, 0, false)));
}

/* r and s with leading zeros, which DER writes shorter, come about once in 128 tokens. */
static void test_es256_signatures_of_every_length_verify(void) {
    int good = 0;
    for (int i = 0; i < 300; i++)
        good += is_good(es("{\"alg\":\"ES256\"}", CLAIMS("es"), ec));
    CHECK(good == 300);
}

static void test_changed_tokens_are_refused(void) {
    const char *const originals[] = {"hs", "es", "ps", "ed"};
    for (size_t i = 0; i < sizeof originals / sizeof *originals; i++) {
        if (i == 0)
            hs("{\"alg\":\"HS256\"}", CLAIMS("hs"));
        else if (i == 1)
            es("{\"alg\":\"ES256\"}", CLAIMS("es"), ec);
        else if (i == 2)
            rs("{\"alg\":\"PS256\"}", CLAIMS("ps"), rsa, RSA_PKCS1_PSS_PADDING);
        else
            forge_signed(&forge, "{\"alg\":\"EdDSA\"}", CLAIMS("ed"), ed25519, NULL, 0, false);
        CHECK(is_good(forge.text));
        int taken = 0;
        for (size_t at = 0; at < forge.length; at++) {
            char kept = forge.text[at];
            forge.text[at] = kept == 'A' ? 'B' : 'A';
            taken += is_good(forge.text);
            forge.text[at] = kept;
        }
        CHECK(taken == 0);
        forge.text[forge.length - 4] = '\0';
        CHECK(!is_good(forge.text));
    }
}

static void test_algorithm_is_the_keys_not_the_tokens(void) {
    static const char *const headers[] = {
        "{\"alg\":\"none\"}",  "{\"alg\":\"None\"}",  "{\"alg\":\"NONE\"}",  "{\"alg\":\"\"}",
        "{\"alg\":\"es256\"}", "{\"alg\":\"RS256\"}", "{\"alg\":\"ES384\"}", "{\"alg\":\"HS256\"}",
        "{\"alg\":\"HS384\"}", "{\"alg\":\"hs256\"}", "{\"alg\":\"PS256\"}", "{\"alg\":\"EdDSA\"}",
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        CHECK(!is_good(es(headers[i], CLAIMS("es"), ec)));
        CHECK(!is_good(forge_unsigned(&forge, headers[i], CLAIMS("es"), "")));
        CHECK(!is_good(forge_unsigned(&forge, headers[i], CLAIMS("es"), "AAAA")));
        CHECK(!is_good(forge_hmac(&forge, headers[i], CLAIMS("es"), EVP_sha256(), "", 0)));
    }
    CHECK(!is_good(rs("{\"alg\":\"RS256\"}", CLAIMS("ps"), rsa, RSA_PKCS1_PADDING)));
    CHECK(!is_good(rs("{\"alg\":\"PS256\"}", CLAIMS("ps"), rsa, RSA_PKCS1_PADDING)));
    CHECK(!is_good(rs("{\"alg\":\"RS256\"}", OTHER_CLAIMS, rsa, RSA_PKCS1_PSS_PADDING)));
    CHECK(!is_good(forge_signed(&forge, "{\"alg\":\"RS384\"}", OTHER_CLAIMS, rsa, EVP_sha384(),
                                RSA_PKCS1_PADDING, false)));
    CHECK(!is_good(
        forge_hmac(&forge, "{\"alg\":\"HS384\"}", CLAIMS("hs"), EVP_sha384(), SECRET, 32)));
    CHECK(!is_good(
        forge_hmac(&forge, "{\"alg\":\"HS256\"}", CLAIMS("hs"), EVP_sha384(), SECRET, 32)));
    CHECK(!is_good(hs("{\"alg\":\"none\"}", CLAIMS("hs"))));
}

static void test_public_key_is_no_shared_secret(void) {
    EVP_PKEY *const publics[] = {rsa, ec};
    for (size_t i = 0; i < sizeof publics / sizeof *publics; i++) {
        BIO *bio = BIO_new(BIO_s_mem());
        PEM_write_bio_PUBKEY(bio, publics[i]);
        char *pem = NULL;
        size_t length = (size_t)BIO_get_mem_data(bio, &pem);
        unsigned char *der = NULL;
        int der_length = i2d_PUBKEY(publics[i], &der);
        const char *const headers[] = {"{\"alg\":\"HS256\"}", "{\"alg\":\"RS256\"}",
                                       "{\"alg\":\"ES256\"}"};
        for (size_t j = 0; j < sizeof headers / sizeof *headers; j++) {
            const char *claims = i == 0 ? OTHER_CLAIMS : CLAIMS("es");
            CHECK(!is_good(forge_hmac(&forge, headers[j], claims, EVP_sha256(), pem, length)));
            CHECK(!is_good(forge_hmac(&forge, headers[j], claims, EVP_sha256(), pem, length - 1)));
            CHECK(!is_good(
                forge_hmac(&forge, headers[j], claims, EVP_sha256(), der, (size_t)der_length)));
        }
        OPENSSL_free(der);
        BIO_free(bio);
    }
}

static void test_weird_ecdsa_signatures_are_refused(void) {
    unsigned char signature[65] = {0};
    const size_t lengths[] = {1, 32, 63, 64, 65};
    for (int fill = 0; fill <= 0xff; fill += 0xff) {
        memset(signature, fill, sizeof signature);
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            forge_begin(&forge, "{\"alg\":\"ES256\"}", CLAIMS("es"));
            forge_end(&forge, signature, lengths[i]);
            CHECK(!is_good(forge.text));
        }
    }
    /* a good one with a byte behind it */
    forge_begin(&forge, "{\"alg\":\"ES256\"}", CLAIMS("es"));
    size_t signed_length = forge.length;
    es("{\"alg\":\"ES256\"}", CLAIMS("es"), ec);
    auto_token token = {0};
    CHECK(token_read(&token, forge.text, forge.length) && token.signature_length == 64);
    memcpy(signature, token.signature, 64);
    for (size_t length = 64; length <= 65; length++) {
        forge.length = signed_length;
        forge_end(&forge, signature, length);
        CHECK(is_good(forge.text) == (length == 64));
    }
    /* DER, as OpenSSL makes it, is not what RFC 7518 says */
    CHECK(!is_good(
        forge_signed(&forge, "{\"alg\":\"ES256\"}", CLAIMS("es"), ec, EVP_sha256(), 0, false)));
}

/* RFC 7518 section 3.5: the salt is as long as the hash. */
static void test_ps256_salt_has_its_length(void) {
    unsigned char signature[256];
    for (int salt = 20; salt <= 32; salt += 12) {
        size_t length = sizeof signature;
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        EVP_PKEY_CTX *parameters = NULL;
        forge_begin(&forge, "{\"alg\":\"PS256\"}", CLAIMS("ps"));
        CHECK(EVP_DigestSignInit(context, &parameters, EVP_sha256(), NULL, rsa) == 1);
        CHECK(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1);
        CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt) == 1);
        CHECK(EVP_DigestSign(context, signature, &length, (const unsigned char *)forge.text,
                             forge.length) == 1);
        forge_end(&forge, signature, length);
        CHECK(is_good(forge.text) == (salt == 32));
        EVP_MD_CTX_free(context);
    }
}

static void test_another_key_is_refused_whatever_the_header_says(void) {
    static const char *const headers[] = {
        "{\"alg\":\"ES256\"}",
        "{\"alg\":\"ES256\",\"jku\":\"http://127.0.0.1:1/jwks\",\"x5u\":\"http://127.0.0.1:1/\"}",
        "{\"alg\":\"ES256\",\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\"},\"x5c\":[\"MIIB\"]}",
        "{\"alg\":\"ES256\",\"kid\":\"../../../dev/null\"}",
        "{\"alg\":\"ES256\",\"kid\":\"' or 1=1 --\"}",
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        CHECK(!is_good(es(headers[i], CLAIMS("es"), other_ec)));
    CHECK(!is_good(rs("{\"alg\":\"RS256\"}", OTHER_CLAIMS, other_rsa, RSA_PKCS1_PADDING)));
    CHECK(!is_good(forge_hmac(&forge, "{\"alg\":\"HS256\"}", CLAIMS("hs"), EVP_sha256(), "", 0)));
}

static void test_issuers_do_not_speak_for_each_other(void) {
    CHECK(!is_good(hs("{\"alg\":\"HS256\"}", CLAIMS("es"))));
    CHECK(!is_good(es("{\"alg\":\"ES256\"}", CLAIMS(OWN), ec)));
    CHECK(!is_good(es("{\"alg\":\"ES256\"}", CLAIMS("es/"), ec)));
    CHECK(!is_good(es("{\"alg\":\"ES256\"}", CLAIMS("ES"), ec)));
    CHECK(!is_good(es("{\"alg\":\"ES256\"}", CLAIMS("unknown"), ec)));
    /* each issuer has its own audience */
    CHECK(!is_good(rs("{\"alg\":\"RS256\"}", CLAIMS("rs"), rsa, RSA_PKCS1_PADDING)));
    CHECK(!is_good(es("{\"alg\":\"ES256\"}",
                      "{\"iss\":\"es\",\"sub\":\"m\",\"aud\":\"other\",\"exp\":1700000600}", ec)));
}

static void test_key_id_must_match_when_both_have_one(void) {
    CHECK(is_good(hs("{\"alg\":\"HS256\"}", CLAIMS("hs"))));
    CHECK(!is_good(hs("{\"alg\":\"HS256\",\"kid\":\"k2\"}", CLAIMS("hs"))));
    CHECK(is_good(es("{\"alg\":\"ES256\",\"kid\":\"any\"}", CLAIMS("es"), ec)));
    CHECK(is_good(es("{\"alg\":\"ES256\",\"kid\":\"a\"}", CLAIMS("two"), ec)));
    CHECK(!is_good(es("{\"alg\":\"ES256\",\"kid\":\"b\"}", CLAIMS("two"), ec)));
    CHECK(is_good(rs("{\"alg\":\"RS256\",\"kid\":\"b\"}", CLAIMS("two"), rsa, RSA_PKCS1_PADDING)));
    CHECK(is_good(rs("{\"alg\":\"RS256\"}", CLAIMS("two"), rsa, RSA_PKCS1_PADDING)));
    CHECK(!is_good(rs("{\"alg\":\"RS256\",\"kid\":\"a\"}", CLAIMS("two"), rsa, RSA_PKCS1_PADDING)));
}

static void test_times_are_checked(void) {
    es("{\"alg\":\"ES256\"}", CLAIMS("es"), ec);
    CHECK(is_good_at(forge.text, 1700000659));
    CHECK(!is_good_at(forge.text, 1700000660));
    CHECK(!is_good(es("{\"alg\":\"ES256\"}",
                      "{\"iss\":\"es\",\"sub\":\"m\",\"aud\":\"elinvoima\",\"exp\":1800000000,"
                      "\"iat\":1700086400}",
                      ec)));
    CHECK(!is_good(es("{\"alg\":\"ES256\"}",
                      "{\"iss\":\"es\",\"sub\":\"m\",\"aud\":\"elinvoima\",\"exp\":1800000000,"
                      "\"nbf\":1700000061}",
                      ec)));
}

static void test_refusal_is_said_to_the_log_only_in_literals(void) {
    const char *text = es("{\"alg\":\"ES256\"}", CLAIMS("es"), other_ec);
    auto_token token = {0};
    CHECK(token_read(&token, text, strlen(text)));
    CHECK(!keys_check(keys, &token, NOW));
    CHECK_TEXT(token.refusal, "wrong signature");
    CHECK(!is_good(es("{\"alg\":\"ES256\"}", CLAIMS("es"), other_ec)));
    text = es("{\"alg\":\"ES256\"}", CLAIMS("es"), ec);
    auto_token good = {0};
    CHECK(token_read(&good, text, strlen(text)) && keys_check(keys, &good, NOW));
    CHECK_TEXT(good.refusal, NULL);
}

static void test_own_tokens_are_minted_and_taken(void) {
    auto_free char *text = signer_mint(signer, OWN, "elinvoima", "Äiti \"x\"", NULL, NOW, 3600);
    CHECK(text && is_good(text));
    CHECK(is_good_at(text, NOW + 3659) && !is_good_at(text, NOW + 3660));
    CHECK(!is_good_at(text, NOW - 61));
    auto_token token = {0};
    CHECK(token_read(&token, text, strlen(text)));
    CHECK_TEXT(token.subject, "Äiti \"x\"");
    CHECK_TEXT(token.key_id, signer_key_id(signer));
    CHECK(strlen(token.key_id) == SIGNER_KEY_ID_BYTES - 1);
    auto_free char *again = signer_mint(signer, OWN, "elinvoima", "Äiti \"x\"", NULL, NOW, 3600);
    CHECK(strcmp(text, again) != 0);

    auto_free char *foreign =
        signer_mint(signer, "https://elsewhere", "elinvoima", "m", NULL, NOW, 3600);
    CHECK(foreign && !is_good(foreign));
    CHECK(!signer_mint(signer, OWN, "elinvoima", "", NULL, NOW, 3600));
    CHECK(!signer_mint(signer, OWN, "elinvoima", "a\nb", NULL, NOW, 3600));
    CHECK(!signer_mint(signer, OWN, "elinvoima", "\xff", NULL, NOW, 3600));
    CHECK(!signer_mint(signer, "", "elinvoima", "m", NULL, NOW, 3600));
    CHECK(!signer_mint(signer, OWN, "elinvoima", "m", NULL, NOW, 0));
}

static void test_further_claims_are_minted_and_none_of_its_own_said_anew(void) {
    json_auto_t *claims = json_pack("{s:s}", "birthdate", "2012-08-15");
    auto_free char *text = signer_mint(signer, OWN, "elinvoima", "m", claims, NOW, 3600);
    auto_token token = {0};
    CHECK(text && is_good(text) && token_read(&token, text, strlen(text)));
    CHECK_TEXT(json_string_value(json_object_get(token.payload, "birthdate")), "2012-08-15");
    json_object_set_new(claims, "iss", json_string("https://elsewhere"));
    CHECK(!signer_mint(signer, OWN, "elinvoima", "m", claims, NOW, 3600));
}

static void tear_down(void) {
    keys_free(keys);
    signer_free(signer);
    EVP_PKEY *const pairs[] = {rsa, other_rsa, ed25519, ec, other_ec};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        EVP_PKEY_free(pairs[i]);
    folder_remove();
}

int main(void) {
    log_init((enum log_level)(LOG_ERROR + 1)); /* every refusal would write a line */
    set_up();
    test_every_algorithm_verifies();
    test_es256_signatures_of_every_length_verify();
    test_changed_tokens_are_refused();
    test_algorithm_is_the_keys_not_the_tokens();
    test_public_key_is_no_shared_secret();
    test_weird_ecdsa_signatures_are_refused();
    test_ps256_salt_has_its_length();
    test_another_key_is_refused_whatever_the_header_says();
    test_issuers_do_not_speak_for_each_other();
    test_key_id_must_match_when_both_have_one();
    test_times_are_checked();
    test_refusal_is_said_to_the_log_only_in_literals();
    test_own_tokens_are_minted_and_taken();
    test_further_claims_are_minted_and_none_of_its_own_said_anew();
    tear_down();
    return check_finish();
}
