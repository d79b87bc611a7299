/*
 * Reads a bearer token (JWT, RFC 7519, in compact JWS form, RFC 7515) more strictly than libjwt
 * does: shape, header and claims. It knows no key and verifies no signature; keys.h does.
 *
 *   1. Three base64url parts without padding or left-over bits, at most TOKEN_BYTES_MOST in all, so
 *      a token has one spelling and can stand as a cache's key.
 *   2. Header and payload are JSON objects without doubled members, of bounded depth, in UTF-8.
 *   3. `crit` and `b64` are refused; `jwk`, `jku`, `x5u`, `x5c` mean nothing and are never fetched.
 *   4. Only access tokens: typ is absent, "JWT" or "at+jwt" (RFC 9068), and no claim marks it as an
 *      ID, refresh or logout token.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TOKEN_BYTES_MOST = 4096,
    TOKEN_DEPTH_MOST = 8,
    TOKEN_LEEWAY_S = 60,
    TOKEN_NAME_BYTES_MOST = 255, /* issuer, subject, kid */
    TOKEN_SIGNATURE_BYTES_MOST = 1024
};

/* What the token says of itself: nothing of it may be believed before keys_check. */
struct token {
    char text[TOKEN_BYTES_MOST + 1];
    size_t signed_length; /* of text: header, dot, payload */
    unsigned char signature[TOKEN_SIGNATURE_BYTES_MOST];
    size_t signature_length;
    json_t *header;  /* owned */
    json_t *payload; /* owned */

    /* borrowed from the two above */
    const char *algorithm;
    const char *key_id; /* NULL when absent */
    const char *issuer;
    const char *subject;

    int64_t expires_s; /* Unix time, as nbf and iat */
    int64_t not_before_s;
    int64_t issued_s;

    const char *identification; /* of the issuer; a literal, set by keys_check */
    const char *refusal; /* why it was refused: a literal for the log; the caller never learns it */
};

/*
 * Reads `length` bytes of `text` into a zeroed token. False, with token->refusal set, when a rule
 * above is broken or a claim is missing or of the wrong kind. token_clear in either case.
 */
bool token_read(struct token *token, const char *text, size_t length);
void token_clear(struct token *token);
#define auto_token __attribute__((cleanup(token_clear))) struct token

/* Whether `aud` is, or as an array holds, exactly this audience. */
bool token_is_for(const struct token *token, const char *audience);

/* Whether exp, nbf and iat allow its use now, give or take TOKEN_LEEWAY_S. Sets token->refusal if
 * not. */
bool token_is_current(struct token *token, int64_t now_s);

/* Sets token->refusal and returns false. `why` is a literal. */
bool token_refuse(struct token *token, const char *why);

/* Whether a text may name an issuer, a subject or a key: 1 to 255 bytes, no control characters. */
bool token_is_name(const char *text);
