/* Reading keys: what the service refuses to start with. */
#include "keys.h"

#include "check.h"
#include "config.h"
#include "key_files.h"
#include "log.h"
#include "signer.h"

#include <openssl/rsa.h>

#define SECRET "0123456789abcdef0123456789abcdef"
#define OWN "https://elinvoima.test"

static struct config config = {.token_issuer = OWN, .token_audience = "elinvoima"};
static struct signer *signer;
static EVP_PKEY *rsa, *ed25519, *ec;

/* Reads one issuers file; frees the keys at once. */
static bool accepts_issuers(const char *json) {
    struct config other = config;
    other.issuers_file = write_text("issuers_tried.json", json);
    struct keys *tried = keys_new(&other, signer);
    bool is_accepted = tried != NULL;
    keys_free(tried);
    return is_accepted;
}

static bool accepts_row(const char *algorithm, const char *path) {
    auto_buffer json = {0};
    buffer_print(&json, "[{\"issuer\":\"x\",\"algorithm\":\"%s\",\"key_file\":\"%s\"}]", algorithm,
                 path);
    return accepts_issuers(json.data);
}

static void set_up(void) {
    folder_make();
    rsa = EVP_RSA_gen(2048);
    ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    ec = EVP_EC_gen("P-256");
    write_text("hs.txt", SECRET "\n");
    write_public("es.pem", ec);
    write_public("rs.pem", rsa);
    write_public("ed.pem", ed25519);
    CHECK(signer_write_new_key(path_of("own.pem")));
    signer = signer_new(path_of("own.pem"));
    CHECK(signer != NULL);
}

static void test_new_key_is_private_and_never_overwrites(void) {
    struct stat status;
    CHECK(stat(path_of("own.pem"), &status) == 0 && (status.st_mode & 0777) == 0600);
    CHECK(!signer_write_new_key(path_of("own.pem")));
    CHECK(!signer_write_new_key(path_of("nowhere/own.pem")));
    struct signer *again = signer_new(path_of("own.pem"));
    CHECK(again != NULL); /* still the old one */
    CHECK_TEXT(signer_key_id(again), signer_key_id(signer));
    signer_free(again);
}

static void test_derived_keys_depend_on_key_and_purpose(void) {
    unsigned char first[32], second[32], third[32], fourth[32];
    signer_derive(signer, "cursor", first);
    signer_derive(signer, "cursor", second);
    signer_derive(signer, "ballot", third);
    CHECK(memcmp(first, second, 32) == 0);
    CHECK(memcmp(first, third, 32) != 0);
    struct signer *other = signer_new(write_private("other.pem", ec, NULL));
    CHECK(other != NULL);
    signer_derive(other, "cursor", fourth);
    CHECK(memcmp(first, fourth, 32) != 0);
    CHECK(strcmp(signer_key_id(signer), signer_key_id(other)) != 0);
    signer_free(other);
}

static void test_unfit_own_keys_are_refused(void) {
    EVP_PKEY *p384 = EVP_EC_gen("P-384");
    CHECK(!signer_new(path_of("missing.pem")));
    CHECK(!signer_new(folder));
    CHECK(!signer_new(write_text("empty.pem", "")));
    CHECK(!signer_new(path_of("es.pem"))); /* a public key */
    CHECK(!signer_new(write_private("own_rsa.pem", rsa, NULL)));
    CHECK(!signer_new(write_private("own_p384.pem", p384, NULL)));
    /* must neither be taken nor ask the terminal */
    CHECK(!signer_new(write_private("own_locked.pem", ec, EVP_aes_128_cbc())));
    EVP_PKEY_free(p384);
}

static void test_key_must_fit_its_algorithm(void) {
    EVP_PKEY *p384 = EVP_EC_gen("P-384");
    EVP_PKEY *short_rsa = EVP_RSA_gen(1024);
    const char *p384_path = write_public("p384.pem", p384);
    CHECK(accepts_row("ES256", path_of("es.pem")));
    CHECK(!accepts_row("RS256", path_of("es.pem")));
    CHECK(!accepts_row("PS256", path_of("es.pem")));
    CHECK(!accepts_row("EdDSA", path_of("es.pem")));
    CHECK(!accepts_row("ES256", path_of("rs.pem")));
    CHECK(!accepts_row("ES256", path_of("ed.pem")));
    CHECK(!accepts_row("ES256", p384_path));
    CHECK(!accepts_row("RS256", write_public("short.pem", short_rsa)));
    CHECK(!accepts_row("ES256", path_of("own.pem"))); /* somebody's private key */
    CHECK(!accepts_row("ES256", path_of("missing.pem")));
    CHECK(!accepts_row("ES384", p384_path));
    CHECK(!accepts_row("none", path_of("hs.txt")));
    CHECK(!accepts_row("hs256", path_of("hs.txt")));
    EVP_PKEY_free(p384);
    EVP_PKEY_free(short_rsa);
}

static void test_shared_secrets_are_long_and_no_keys(void) {
    CHECK(accepts_row("HS256", write_text("s32", SECRET)));
    CHECK(accepts_row("HS256", write_text("s32n", SECRET "\r\n")));
    CHECK(!accepts_row("HS256", write_text("s31", "0123456789abcdef0123456789abcde")));
    CHECK(!accepts_row("HS256", write_text("s31n", "0123456789abcdef0123456789abcde\n")));
    CHECK(!accepts_row("HS256", write_text("s0", "")));
    CHECK(!accepts_row("HS256", path_of("rs.pem")));
    CHECK(!accepts_row("HS256", path_of("own.pem")));
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(rsa, &der);
    CHECK(!accepts_row("HS256", write_file("rs.der", der, (size_t)length)));
    OPENSSL_free(der);
}

static void test_issuers_file_is_a_closed_form(void) {
    static const char *const bad[] = {
        "",
        "{}",
        "[1]",
        "[{}]",
        "[",
        "null",
        "[{\"issuer\":\"x\",\"algorithm\":\"HS256\"}]",
        "[{\"issuer\":\"\",\"algorithm\":\"HS256\",\"key_file\":\"/tmp/x\"}]",
        "[{\"algorithm\":\"HS256\",\"key_file\":\"/tmp/x\"}]",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!accepts_issuers(bad[i]));
    static const char *const members[] = {
        ",\"audiences\":\"x\"", ",\"audience\":[\"x\"]", ",\"audience\":\"\"",
        ",\"kid\":7",           ",\"kid\":\"\"",         ",\"issuer\":\"y\"",
    };
    const char *path = path_of("hs.txt");
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        auto_buffer json = {0};
        add_row(&json, "x", "HS256", path, members[i]);
        buffer_add_char(&json, ']');
        CHECK(!accepts_issuers(json.data));
    }
    CHECK(accepts_issuers("[]"));

    auto_buffer json = {0};
    for (int i = 0; i < 32; i++)
        add_row(&json, "x", "HS256", path, "");
    buffer_add_char(&json, ']');
    CHECK(!accepts_issuers(json.data));
}

static void test_own_issuer_and_audience_are_needed(void) {
    struct config other = config;
    other.token_issuer = "";
    CHECK(!keys_new(&other, signer));
    other.token_issuer = OWN;
    other.token_audience = "";
    CHECK(!keys_new(&other, signer));
    other.issuers_file = "/nonexistent/issuers.json";
    other.token_audience = "a";
    CHECK(!keys_new(&other, signer));
}

static void tear_down(void) {
    signer_free(signer);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ed25519);
    EVP_PKEY_free(ec);
    folder_remove();
}

int main(void) {
    log_init((enum log_level)(LOG_ERROR + 1)); /* every refusal would write a line */
    set_up();
    test_new_key_is_private_and_never_overwrites();
    test_derived_keys_depend_on_key_and_purpose();
    test_unfit_own_keys_are_refused();
    test_key_must_fit_its_algorithm();
    test_shared_secrets_are_long_and_no_keys();
    test_issuers_file_is_a_closed_form();
    test_own_issuer_and_audience_are_needed();
    tear_down();
    return check_finish();
}
