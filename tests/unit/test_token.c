/* The reader of tokens: what it takes and, mostly, what it refuses (hardening.md, rows 1-21). */
#include "token.h"

#include "check.h"
#include "forge.h"

#define HEADER "{\"alg\":\"ES256\"}"
#define CLAIMS "\"iss\":\"https://i.example\",\"sub\":\"matti\",\"aud\":\"elinvoima\""
#define PAYLOAD "{" CLAIMS ",\"exp\":2000000000}"

static struct forge forge;

static bool reads(const char *text, size_t length) {
    auto_token token = {0};
    bool is_read = token_read(&token, text, length);
    CHECK(is_read == (token.refusal == NULL));
    return is_read;
}

static bool takes(const char *header, const char *payload) {
    const char *text = forge_unsigned(&forge, header, payload, "AAAA");
    return reads(text, strlen(text));
}

static bool takes_header(const char *header) {
    return takes(header, PAYLOAD);
}

/* `members` follow the required claims but exp. */
static bool takes_claims(const char *members) {
    auto_buffer payload = {0};
    buffer_print(&payload, "{" CLAIMS "%s}", members);
    return takes(HEADER, payload.data);
}

static void test_good_token_is_read(void) {
    const char *text = forge_unsigned(&forge, "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
                                      "{" CLAIMS ",\"exp\":2000000000,\"nbf\":5,\"iat\":6,"
                                      "\"scope\":\" read   write \"}",
                                      "AAEC");
    auto_token token = {0};
    CHECK(token_read(&token, text, strlen(text)));
    CHECK_TEXT(token.algorithm, "ES256");
    CHECK_TEXT(token.key_id, "k1");
    CHECK_TEXT(token.issuer, "https://i.example");
    CHECK_TEXT(token.subject, "matti");
    CHECK(token.expires_s == 2000000000 && token.not_before_s == 5 && token.issued_s == 6);
    CHECK(token.signature_length == 3 && memcmp(token.signature, "\0\1\2", 3) == 0);
    CHECK(token.signed_length == strlen(text) - 5);
    CHECK_TEXT(token.refusal, NULL);
}

static void test_shape_is_exactly_three_parts(void) {
    static const char *const bad[] = {"", ".", "..", "...", "a", "a.b", "a.b.c", "a.b.c.d.e"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!reads(bad[i], strlen(bad[i])));
    CHECK(takes(HEADER, PAYLOAD));
    CHECK(!reads(forge.text, forge.length - 4)); /* no signature */
    CHECK(!reads(forge.text, forge.length - 5)); /* two parts */
    strncat(forge.text, ".AAAA", 6);
    CHECK(!reads(forge.text, forge.length + 5));
}

static void test_base64url_has_one_spelling(void) {
    static const char *const bad[] = {"AAA=",
                                      "AA==",
                                      "AA+A",
                                      "AA/A",
                                      "AAAA ",
                                      " AAAA",
                                      "AAAA\n",
                                      "A",
                                      "AAAAA",
                                      "AB",
                                      "AAB",
                                      "\xc3\xa4"
                                      "AA"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *text = forge_unsigned(&forge, HEADER, PAYLOAD, bad[i]);
        CHECK(!reads(text, strlen(text)));
    }
    static const char *const good[] = {"AA", "AAA", "AAAA", "-_-_", "Aw", "AAw"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const char *text = forge_unsigned(&forge, HEADER, PAYLOAD, good[i]);
        CHECK(reads(text, strlen(text)));
    }
}

/* Every length around the cap: the payload grows by a byte, the signature fills what base64 skips.
 */
static void test_size_is_bounded(void) {
    static const char *const signatures[] = {"AA", "AAA", "AAAA"};
    auto_buffer payload = {0};
    buffer_add_text(&payload, "{" CLAIMS ",\"exp\":2000000000,\"x\":\"\"}");
    size_t seen = 0;
    while (payload.length < 3100) {
        buffer_reserve(&payload, 1);
        memcpy(payload.data + payload.length++ - 2, "x\"}", 4);
        for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
            const char *text = forge_unsigned(&forge, HEADER, payload.data, signatures[i]);
            if (forge.length < TOKEN_BYTES_MOST - 4)
                continue;
            CHECK(reads(text, forge.length) == (forge.length <= TOKEN_BYTES_MOST));
            seen += forge.length == TOKEN_BYTES_MOST;
        }
    }
    CHECK(seen > 0);
    while (payload.length < 30000)
        buffer_add_char(&payload, ' ');
    CHECK(!takes(HEADER, payload.data));
}

static void test_json_is_strict(void) {
    static const char *const payloads[] = {
        "",
        "[]",
        "\"text\"",
        "null",
        "7",
        "{",
        "{}",
        "[" PAYLOAD "]",
        PAYLOAD " x",
        PAYLOAD "{}",
        "\xef\xbb\xbf" PAYLOAD,
        "{" CLAIMS ",\"exp\":2000000000,\"sub\":\"maija\"}", /* doubled claim */
        "{" CLAIMS ",\"exp\":2000000000,\"exp\":2000000001}",
        "{" CLAIMS ",\"exp\":2000000000,\"x\":{\"a\":1,\"a\":1}}", /* doubled deeper */
        "{" CLAIMS ",\"exp\":2000000000,\"x\":\"\xff\"}",          /* not UTF-8 */
        "{" CLAIMS ",\"exp\":2000000000,\"x\":\"\xc0\xaf\"}",      /* overlong */
        "{" CLAIMS ",\"exp\":2000000000,\"x\":\"\xed\xa0\x80\"}",  /* surrogate */
        "{" CLAIMS ",\"exp\":2000000000,\"x\":\"\\ud800\"}",
        "{" CLAIMS ",\"exp\":2000000000,\"x\":\"\\u0000\"}",
        "{" CLAIMS ",\"exp\":2000000000,\"x\":NaN}",
        "{" CLAIMS ",\"exp\":2000000000,}",
        "{" CLAIMS ",\"exp\":2000000000/**/}",
    };
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++)
        CHECK(!takes(HEADER, payloads[i]));
    CHECK(!takes("{\"alg\":\"ES256\",\"alg\":\"none\"}", PAYLOAD));
    CHECK(!takes("[\"ES256\"]", PAYLOAD));
    CHECK(!takes("", PAYLOAD));

    forge_begin(&forge, HEADER, "");
    forge_add(&forge, PAYLOAD "\0", sizeof PAYLOAD); /* a NUL behind the object */
    forge_end(&forge, "abc", 3);
    CHECK(!reads(forge.text, forge.length));
    CHECK(takes(HEADER, PAYLOAD));
    forge.text[3] = '\0';
    CHECK(!reads(forge.text, forge.length));
}

static void test_depth_is_counted_before_parsing(void) {
    for (int depth = 1; depth <= 1000; depth += depth < 10 ? 1 : 330) {
        auto_buffer payload = {0};
        buffer_add_text(&payload, "{" CLAIMS ",\"exp\":2000000000,\"x\":");
        for (int i = 1; i < depth; i++)
            buffer_add_char(&payload, '[');
        buffer_add_text(&payload, "\"]]]]]]]]]\\\"[[[[[[[[[[[[[\"");
        for (int i = 1; i < depth; i++)
            buffer_add_char(&payload, ']');
        buffer_add_char(&payload, '}');
        CHECK(takes(HEADER, payload.data) == (depth <= TOKEN_DEPTH_MOST));
    }
}

static void test_header_rules(void) {
    CHECK(takes_header("{\"alg\":\"none\"}")); /* whether it fits is the key's to say */
    static const char *const bad[] = {
        "{}",
        "{\"alg\":null}",
        "{\"alg\":1}",
        "{\"alg\":[\"ES256\"]}",
        "{\"alg\":\"ES256\",\"crit\":[\"exp\"],\"exp\":1}",
        "{\"alg\":\"ES256\",\"crit\":[]}",
        "{\"alg\":\"ES256\",\"crit\":null}",
        "{\"alg\":\"ES256\",\"b64\":false}",
        "{\"alg\":\"ES256\",\"b64\":true}",
        "{\"alg\":\"ES256\",\"typ\":\"logout+jwt\"}",
        "{\"alg\":\"ES256\",\"typ\":\"secevent+jwt\"}",
        "{\"alg\":\"ES256\",\"typ\":\"Refresh\"}",
        "{\"alg\":\"ES256\",\"typ\":\"ID\"}",
        "{\"alg\":\"ES256\",\"typ\":\"\"}",
        "{\"alg\":\"ES256\",\"typ\":null}",
        "{\"alg\":\"ES256\",\"typ\":7}",
        "{\"alg\":\"ES256\",\"kid\":{}}",
        "{\"alg\":\"ES256\",\"kid\":7}",
        "{\"alg\":\"ES256\",\"kid\":null}",
        "{\"alg\":\"ES256\",\"kid\":\"\"}",
        "{\"alg\":\"ES256\",\"kid\":\"a\\u0000b\"}",
        "{\"alg\":\"ES256\",\"kid\":\"a\\nb\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!takes_header(bad[i]));
    static const char *const good[] = {
        "{\"alg\":\"ES256\",\"typ\":\"jwt\"}",
        "{\"alg\":\"ES256\",\"typ\":\"AT+JWT\"}",
        "{\"alg\":\"ES256\",\"typ\":\"application/at+jwt\"}",
        "{\"alg\":\"ES256\",\"kid\":\"../../etc/passwd\"}", /* a name like any other: compared,
                                                               never opened */
        "{\"alg\":\"ES256\",\"jku\":\"https://evil.example\",\"jwk\":{},\"x5u\":1,\"x5c\":[]}",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(takes_header(good[i]));

    auto_buffer header = {0};
    buffer_add_text(&header, "{\"alg\":\"ES256\",\"kid\":\"");
    for (int i = 0; i <= TOKEN_NAME_BYTES_MOST; i++)
        buffer_add_char(&header, 'k');
    buffer_add_text(&header, "\"}");
    CHECK(!takes_header(header.data));
}

static void test_times_are_whole_seconds(void) {
    static const char *const bad[] = {
        "",
        ",\"exp\":null",
        ",\"exp\":\"2000000000\"",
        ",\"exp\":2e9",
        ",\"exp\":2000000000.5",
        ",\"exp\":1e400",
        ",\"exp\":-1",
        ",\"exp\":9223372036854775807",
        ",\"exp\":9223372036854775808",
        ",\"exp\":99999999999999999999",
        ",\"exp\":253402300800",
        ",\"exp\":true",
        ",\"exp\":[2000000000]",
        ",\"exp\":2000000000,\"nbf\":\"1\"",
        ",\"exp\":2000000000,\"nbf\":1.5",
        ",\"exp\":2000000000,\"nbf\":-5",
        ",\"exp\":2000000000,\"nbf\":null",
        ",\"exp\":2000000000,\"iat\":\"1\"",
        ",\"exp\":2000000000,\"iat\":1e3",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!takes_claims(bad[i]));
    CHECK(takes_claims(",\"exp\":253402300799"));
    CHECK(takes_claims(",\"exp\":0")); /* a time, though long past */
}

static bool takes_identity(const char *claims) {
    auto_buffer payload = {0};
    buffer_print(&payload, "{%s,\"exp\":2000000000}", claims);
    return takes(HEADER, payload.data);
}

static void test_identity_claims_are_plain_texts(void) {
    static const char *const bad[] = {
        "\"sub\":\"s\",\"aud\":\"a\"",
        "\"iss\":[\"i\"],\"sub\":\"s\",\"aud\":\"a\"",
        "\"iss\":\"\",\"sub\":\"s\",\"aud\":\"a\"",
        "\"iss\":\"i\",\"aud\":\"a\"",
        "\"iss\":\"i\",\"sub\":\"\",\"aud\":\"a\"",
        "\"iss\":\"i\",\"sub\":7,\"aud\":\"a\"",
        "\"iss\":\"i\",\"sub\":null,\"aud\":\"a\"",
        "\"iss\":\"i\",\"sub\":\"a\\u0000b\",\"aud\":\"a\"",
        "\"iss\":\"i\",\"sub\":\"a\\u001bb\",\"aud\":\"a\"",
        "\"iss\":\"i\",\"sub\":\"a\\u007fb\",\"aud\":\"a\"",
        "\"iss\":\"i\",\"sub\":\"a\\u0085b\",\"aud\":\"a\"",
        "\"iss\":\"i\",\"sub\":\"s\"",
        "\"iss\":\"i\",\"sub\":\"s\",\"aud\":null",
        "\"iss\":\"i\",\"sub\":\"s\",\"aud\":{}",
        "\"iss\":\"i\",\"sub\":\"s\",\"aud\":{\"a\":\"a\"}",
        "\"iss\":\"i\",\"sub\":\"s\",\"aud\":[]",
        "\"iss\":\"i\",\"sub\":\"s\",\"aud\":[\"a\",1]",
        "\"iss\":\"i\",\"sub\":\"s\",\"aud\":\"a\",\"scope\":[\"read\"]",
        "\"iss\":\"i\",\"sub\":\"s\",\"aud\":\"a\",\"scope\":null",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!takes_identity(bad[i]));
    CHECK(takes_identity("\"iss\":\"i\",\"sub\":\"Äijä \\u2713\",\"aud\":[\"a\",\"b\"]"));

    auto_buffer claims = {0};
    buffer_add_text(&claims, "\"iss\":\"i\",\"aud\":\"a\",\"sub\":\"");
    for (int i = 0; i < TOKEN_NAME_BYTES_MOST; i++)
        buffer_add_char(&claims, 's');
    buffer_add_char(&claims, '"');
    CHECK(takes_identity(claims.data));
    claims.data[claims.length - 1] = 's';
    buffer_add_char(&claims, '"');
    CHECK(!takes_identity(claims.data));
}

static void test_other_kinds_of_token_are_refused(void) {
    static const char *const bad[] = {
        ",\"exp\":2000000000,\"typ\":\"ID\"",     ",\"exp\":2000000000,\"typ\":\"Refresh\"",
        ",\"exp\":2000000000,\"typ\":\"Logout\"", ",\"exp\":2000000000,\"typ\":5",
        ",\"exp\":2000000000,\"at_hash\":\"x\"",  ",\"exp\":2000000000,\"c_hash\":\"x\"",
        ",\"exp\":2000000000,\"events\":{}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!takes_claims(bad[i]));
    CHECK(takes_claims(",\"exp\":2000000000,\"typ\":\"Bearer\""));
}

static void test_audience_is_compared_exactly(void) {
    const char *text = forge_unsigned(&forge, HEADER, PAYLOAD, "AAAA");
    auto_token single = {0};
    CHECK(token_read(&single, text, strlen(text)));
    CHECK(token_is_for(&single, "elinvoima"));
    CHECK(!token_is_for(&single, "elin"));
    CHECK(!token_is_for(&single, "elinvoima2"));
    CHECK(!token_is_for(&single, "Elinvoima"));
    CHECK(!token_is_for(&single, ""));

    text = forge_unsigned(&forge, HEADER,
                          "{\"iss\":\"i\",\"sub\":\"s\",\"exp\":1,\"aud\":[\"x\",\"elinvoima\"]}",
                          "AAAA");
    auto_token several = {0};
    CHECK(token_read(&several, text, strlen(text)));
    CHECK(token_is_for(&several, "elinvoima"));
    CHECK(token_is_for(&several, "x"));
    CHECK(!token_is_for(&several, "y"));
}

static void test_leeway_is_a_minute(void) {
    struct token token = {.expires_s = 1000, .not_before_s = 500, .issued_s = 600};
    CHECK(token_is_current(&token, 700));
    CHECK(token_is_current(&token, 1059));
    CHECK(!token_is_current(&token, 1060));
    CHECK_TEXT(token.refusal, "expired");
    token.issued_s = 0;
    CHECK(token_is_current(&token, 440));
    CHECK(!token_is_current(&token, 439));
    CHECK_TEXT(token.refusal, "not valid yet");
    token.issued_s = 600;
    CHECK(token_is_current(&token, 540));
    CHECK(!token_is_current(&token, 539));
    CHECK_TEXT(token.refusal, "issued in the future");
}

int main(void) {
    test_good_token_is_read();
    test_shape_is_exactly_three_parts();
    test_base64url_has_one_spelling();
    test_size_is_bounded();
    test_json_is_strict();
    test_depth_is_counted_before_parsing();
    test_header_rules();
    test_times_are_whole_seconds();
    test_identity_claims_are_plain_texts();
    test_other_kinds_of_token_are_refused();
    test_audience_is_compared_exactly();
    test_leeway_is_a_minute();
    return check_finish();
}
