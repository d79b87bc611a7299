/*
 * Reads the request body: media type, size, JSON, schema. A quick scan goes before jansson, which
 * would otherwise build depth and numbers of values that nobody could want.
 */
#include "body.h"

#include "app.h"
#include "own.h"
#include "reason.h"
#include "request.h"
#include "spec.h"
#include "text.h"

#include <string.h>
#include <strings.h>

enum { DEPTH_MOST = 32, VALUES_MOST = 50000 };

static bool refuse_json(struct request *request, size_t offset, enum reason reason) {
    return problem_set(&request->problem, PROBLEM_INVALID_JSON,
                       arena_print(&request->arena, "%zu", offset),
                       reason_text(reason, request->language));
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *at) {
    while (is_blank(*at))
        at++;
    return at;
}

/* Nothing, or one `charset=utf-8`, quoted or not (RFC 9110, section 8.3.1). */
static bool is_utf8_parameter(const char *at) {
    at = skip_blanks(at);
    if (!*at)
        return true;
    if (*at != ';')
        return false;
    at = skip_blanks(at + 1);
    if (strncasecmp(at, "charset=", 8) != 0)
        return false;
    at += 8;
    bool is_quoted = *at == '"';
    at += is_quoted;
    if (strncasecmp(at, "utf-8", 5) != 0)
        return false;
    at += 5;
    if (is_quoted && *at++ != '"')
        return false;
    return !*skip_blanks(at);
}

/* Whether the header is one of `list`, which has a comma and a blank between them. */
static bool is_media(const char *header, const char *list) {
    header = skip_blanks(header);
    for (const char *media = list; *media;) {
        size_t length = strcspn(media, ",");
        if (strncasecmp(header, media, length) == 0 && is_utf8_parameter(header + length))
            return true;
        media += length;
        media += strspn(media, ", ");
    }
    return false;
}

static size_t count_headers(const struct request *request, const char *name) {
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        count += strcasecmp(request->headers[i].name, name) == 0;
    return count;
}

const char *body_type(const struct request *request) {
    const char *coding = request_header(request, "Content-Encoding");
    bool is_plain = !coding || strcasecmp(coding, "identity") == 0;
    bool is_one = count_headers(request, "Content-Type") == 1;
    return is_plain && is_one ? request_header(request, "Content-Type") : NULL;
}

static bool check_media(struct request *request) {
    const char *type = body_type(request);
    if (type && is_media(type, request->operation->body_media))
        return true;
    if (request->operation->method == METHOD_PATCH)
        request_set_header(request, "Accept-Patch", request->operation->body_media);
    return problem_set(&request->problem, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                       request->operation->body_media);
}

static size_t skip_string(const char *body, size_t length, size_t at) {
    for (at++; at < length && body[at] != '"'; at++)
        at += body[at] == '\\';
    return at;
}

/* Depth and number of values, by the marks outside of strings. */
static bool scan(struct request *request) {
    size_t depth = 0, values = 0;
    for (size_t at = 0; at < request->body_length; at++) {
        char c = request->body[at];
        if (c == '"')
            at = skip_string(request->body, request->body_length, at);
        if (c == '\0')
            return refuse_json(request, at, REASON_NUL);
        if ((c == '{' || c == '[') && ++depth > DEPTH_MOST)
            return refuse_json(request, at, REASON_DEPTH);
        if ((c == '}' || c == ']') && depth)
            depth--;
        if ((c == ',' || c == '{' || c == '[') && ++values > VALUES_MOST)
            return refuse_json(request, at, REASON_VALUES);
    }
    return true;
}

/* jansson's own words are not for callers. */
static enum reason reason_of(const json_error_t *error) {
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
        return REASON_DUPLICATE_MEMBER;
    case json_error_invalid_utf8:
        return REASON_ENCODING;
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return REASON_NUL;
    case json_error_numeric_overflow:
        return REASON_NUMBER;
    case json_error_end_of_input_expected:
        return REASON_TRAILING;
    default:
        return REASON_SYNTAX;
    }
}

static bool parse(struct request *request) {
    const char *body = request->body;
    size_t length = request->body_length, bad;
    if (length >= 3 && memcmp(body, "\xEF\xBB\xBF", 3) == 0)
        return refuse_json(request, 0, REASON_BYTE_ORDER_MARK);
    if (!text_is_utf8(body, length, &bad))
        return refuse_json(request, bad, REASON_ENCODING);
    if (!scan(request))
        return false;
    json_error_t error;
    request->json = json_loadb(body, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (request->json)
        return true;
    size_t offset = error.position > 0 ? (size_t)error.position : 0;
    return refuse_json(request, offset < length ? offset : length, reason_of(&error));
}

static int add_dump(const char *bytes, size_t length, void *data) {
    buffer_add(data, bytes, length);
    return 0;
}

/* 15 digits: the shortest that come back as the number sent, where 17 make 0.1 0.10000000000000001.
 */
void body_keep_text(struct request *request) {
    auto_buffer text = {0};
    json_dump_callback(request->json, add_dump, &text, JSON_COMPACT | JSON_REAL_PRECISION(15));
    request->json_text = arena_copy(&request->arena, text.data ? text.data : "", text.length);
}

/* Where the value begins; the body does not end with NUL. */
static size_t first_value(const struct request *request) {
    size_t at = 0;
    while (at < request->body_length && memchr(" \t\r\n", request->body[at], 4))
        at++;
    return at;
}

static bool read_body(struct request *request) {
    const struct operation *operation = request->operation;
    bool takes_body = operation->body || operation->form_kinds || operation->takes_picture;
    if (!takes_body && request->body_length)
        return problem_set(&request->problem, PROBLEM_BAD_REQUEST,
                           reason_text(REASON_BODY_NOT_TAKEN, request->language));
    if (!takes_body || (!operation->body_required && !request->body_length))
        return true;
    size_t most = operation->body_most_bytes ? operation->body_most_bytes
                                             : (size_t)request->app->config.body_most_bytes;
    if (request->body_length > most)
        return problem_set(&request->problem, PROBLEM_BODY_TOO_LARGE,
                           arena_print(&request->arena, "%zu", most));
    if (operation->form_kinds)
        return body_read_form(request);
    if (!check_media(request))
        return false;
    if (operation->takes_picture)
        return true; /* operation_create looks at it when the guard has been asked */
    if (!request->body_length)
        return refuse_json(request, 0, REASON_EMPTY);
    if (!parse(request))
        return false;
    if (schema_types(operation->body) == SCHEMA_OBJECT && !json_is_object(request->json))
        return refuse_json(request, first_value(request), REASON_OBJECT);
    bool is_patch = operation->method == METHOD_PATCH;
    if (!schema_check(operation->body, request->json, is_patch, &request->arena, &request->problem))
        return false;
    body_keep_text(request);
    return true;
}

bool request_read_body(struct request *request) {
    if (!read_body(request))
        return false;
    if (request->json && request->operation->masks_identity_codes)
        body_mask(request);
    return true;
}
