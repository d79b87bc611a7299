/* The strict reader of bearer tokens: from bytes to checked claims, without any key. */
#include "token.h"

#include <strings.h>

/* A part of the token decoded; three quarters of the longest token, and room for a NUL. */
struct part {
    char bytes[TOKEN_BYTES_MOST / 4 * 3 + 1];
    size_t length;
};

/* RFC 9068 section 4 takes both of the last two; an absent typ is what most issuers send. */
static const char *const access_types[] = {"JWT", "at+jwt", "application/at+jwt"};

/* Last second of the year 9999: beyond it a time is a mistake or an attack. */
static const int64_t time_most_s = 253402300799;

bool token_refuse(struct token *token, const char *why) {
    token->refusal = why;
    return false;
}

static int base64url_value(char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '-')
        return 62;
    return c == '_' ? 63 : -1;
}

/*
 * RFC 4648 section 5 without padding. Bits left over must be zero (section 3.5): otherwise four
 * spellings of one signature would all be valid.
 */
static bool read_base64url(const char *text, size_t length, unsigned char *bytes, size_t room,
                           size_t *ret_length) {
    if (length % 4 == 1 || length / 4 * 3 + length % 4 > room)
        return false;
    size_t count = 0;
    unsigned bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < length; i++) {
        int value = base64url_value(text[i]);
        if (value < 0)
            return false;
        bits = (bits << 6 | (unsigned)value) & 0xffffu;
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        bytes[count++] = (unsigned char)(bits >> held);
    }
    if (bits & ((1u << held) - 1))
        return false;
    *ret_length = count;
    return true;
}

/* Counted before parsing, because the parser recurses. Malformed text is left for the parser to
 * find. */
static bool is_shallow(const struct part *part) {
    int depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < part->length; i++) {
        char c = part->bytes[i];
        if (in_text && c == '\\')
            i++;
        else if (c == '"')
            in_text = !in_text;
        else if (!in_text && (c == '{' || c == '['))
            depth++;
        else if (!in_text && (c == '}' || c == ']'))
            depth--;
        if (depth > TOKEN_DEPTH_MOST)
            return false;
    }
    return true;
}

/* jansson refuses bad UTF-8, lone surrogates, \u0000, control bytes in texts and anything after the
 * end. */
static json_t *read_object(const char *text, size_t length) {
    struct part part;
    if (!read_base64url(text, length, (unsigned char *)part.bytes, sizeof part.bytes, &part.length))
        return NULL;
    if (memchr(part.bytes, '\0', part.length) || !is_shallow(&part))
        return NULL;
    json_t *value = json_loadb(part.bytes, part.length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(value))
        return value;
    json_decref(value);
    return NULL;
}

static bool read_parts(struct token *token, size_t length) {
    const char *first = memchr(token->text, '.', length);
    if (!first)
        return token_refuse(token, "not three parts");
    const char *end = token->text + length;
    const char *second = memchr(first + 1, '.', (size_t)(end - first - 1));
    if (!second || memchr(second + 1, '.', (size_t)(end - second - 1)))
        return token_refuse(token, "not three parts");

    token->signed_length = (size_t)(second - token->text);
    if (!read_base64url(second + 1, (size_t)(end - second - 1), token->signature,
                        sizeof token->signature, &token->signature_length))
        return token_refuse(token, "signature is not base64url");
    if (token->signature_length == 0)
        return token_refuse(token, "not signed");
    token->header = read_object(token->text, (size_t)(first - token->text));
    if (!token->header)
        return token_refuse(token, "header is not a plain JSON object");
    token->payload = read_object(first + 1, (size_t)(second - first - 1));
    if (!token->payload)
        return token_refuse(token, "payload is not a plain JSON object");
    return true;
}

static bool is_access_type(const json_t *type) {
    if (!json_is_string(type))
        return type == NULL;
    for (size_t i = 0; i < sizeof access_types / sizeof *access_types; i++)
        if (strcasecmp(json_string_value(type), access_types[i]) == 0)
            return true;
    return false;
}

static bool read_header(struct token *token) {
    const json_t *header = token->header;
    /* RFC 7515 section 4.1.11: whoever does not know every extension must refuse; we know none */
    if (json_object_get(header, "crit") || json_object_get(header, "b64"))
        return token_refuse(token, "header names extensions");
    token->algorithm = json_string_value(json_object_get(header, "alg"));
    if (!token->algorithm)
        return token_refuse(token, "no alg");
    if (!is_access_type(json_object_get(header, "typ")))
        return token_refuse(token, "typ is not an access token's");

    const json_t *key_id = json_object_get(header, "kid");
    if (key_id && !token_is_name(json_string_value(key_id)))
        return token_refuse(token, "kid is not a plain text");
    token->key_id = json_string_value(key_id);
    return true;
}

/* A whole number of seconds; reals, texts and what does not fit are no times. Absent leaves
 * *ret_time. */
static bool read_time(const json_t *payload, const char *name, int64_t *ret_time) {
    const json_t *value = json_object_get(payload, name);
    if (!value)
        return true;
    if (!json_is_integer(value))
        return false;
    int64_t time_s = json_integer_value(value);
    if (time_s < 0 || time_s > time_most_s)
        return false;
    *ret_time = time_s;
    return true;
}

static bool is_audience(const json_t *audience) {
    if (json_is_string(audience))
        return true;
    size_t i;
    json_t *item; /* borrowed */
    json_array_foreach(audience, i, item) if (!json_is_string(item)) return false;
    return json_array_size(audience) > 0;
}

/*
 * What issuers put into tokens that are not for calling an API: `events` is a logout or security
 * event token's (RFC 8417), at_hash and c_hash are an ID token's (OpenID Connect Core 3.1.3.6), and
 * Keycloak writes the kind into a claim `typ`.
 */
static bool is_access_token(const json_t *payload) {
    if (json_object_get(payload, "events") || json_object_get(payload, "at_hash") ||
        json_object_get(payload, "c_hash"))
        return false;
    const json_t *type = json_object_get(payload, "typ");
    if (!json_is_string(type))
        return type == NULL;
    return is_access_type(type) || strcasecmp(json_string_value(type), "Bearer") == 0;
}

static bool read_claims(struct token *token) {
    const json_t *payload = token->payload;
    token->issuer = json_string_value(json_object_get(payload, "iss"));
    if (!token_is_name(token->issuer))
        return token_refuse(token, "iss is not a plain text");
    token->subject = json_string_value(json_object_get(payload, "sub"));
    if (!token_is_name(token->subject))
        return token_refuse(token, "sub is not a plain text");
    if (!is_audience(json_object_get(payload, "aud")))
        return token_refuse(token, "aud is neither a text nor an array of texts");

    token->expires_s = -1;
    if (!read_time(payload, "exp", &token->expires_s) || token->expires_s < 0)
        return token_refuse(token, "exp is not a time");
    if (!read_time(payload, "nbf", &token->not_before_s))
        return token_refuse(token, "nbf is not a time");
    if (!read_time(payload, "iat", &token->issued_s))
        return token_refuse(token, "iat is not a time");

    const json_t *scope = json_object_get(payload, "scope");
    if (scope && !json_is_string(scope))
        return token_refuse(token, "scope is not a text");
    if (!is_access_token(payload))
        return token_refuse(token, "claims are not an access token's");
    return true;
}

bool token_read(struct token *token, const char *text, size_t length) {
    if (length > TOKEN_BYTES_MOST)
        return token_refuse(token, "longer than allowed");
    if (memchr(text, '\0', length))
        return token_refuse(token, "holds a NUL");
    memcpy(token->text, text, length);
    token->text[length] = '\0';
    return read_parts(token, length) && read_header(token) && read_claims(token);
}

void token_clear(struct token *token) {
    json_decref(token->header);
    json_decref(token->payload);
    token->header = NULL;
    token->payload = NULL;
}

bool token_is_for(const struct token *token, const char *audience) {
    const json_t *value = json_object_get(token->payload, "aud");
    if (json_is_string(value))
        return strcmp(json_string_value(value), audience) == 0;
    size_t i;
    json_t *item; /* borrowed */
    json_array_foreach(value, i,
                       item) if (strcmp(json_string_value(item), audience) == 0) return true;
    return false;
}

bool token_is_current(struct token *token, int64_t now_s) {
    if (now_s >= token->expires_s + TOKEN_LEEWAY_S)
        return token_refuse(token, "expired");
    if (now_s < token->not_before_s - TOKEN_LEEWAY_S)
        return token_refuse(token, "not valid yet");
    if (now_s < token->issued_s - TOKEN_LEEWAY_S)
        return token_refuse(token, "issued in the future");
    return true;
}

bool token_is_name(const char *text) {
    if (!text || !*text || strlen(text) > TOKEN_NAME_BYTES_MOST)
        return false;
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at < 0x20 || *at == 0x7f)
            return false;
        /* U+0080 to U+009F: terminals obey them like ASCII's controls */
        if (*at == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
            return false;
    }
    return true;
}
