/* Checks of a request's framing. */
#include "frame.h"

#include <string.h>
#include <strings.h>

/* RFC 9110 section 5.6.2. */
static bool is_token(const char *text) {
    static const char others[] = "!#$%&'*+-.^_`|~";
    if (!*text)
        return false;
    for (; *text; text++) {
        char c = *text;
        bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_word && !strchr(others, c))
            return false;
    }
    return true;
}

/* RFC 9110 section 5.5: no control bytes but the tab. */
static bool is_field_value(const char *text) {
    for (; *text; text++)
        if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7f)
            return false;
    return true;
}

static bool is_target(const char *text) {
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at <= 0x20 || (unsigned char)*at >= 0x7f)
            return false;
    return *text != '\0';
}

/* uri-host [":" port]: what may stand there, not what is useful. */
static bool is_host(const char *text) {
    static const char others[] = "-._~!$&'()*+,;=%:[]";
    for (; *text; text++) {
        char c = *text;
        bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_word && !strchr(others, c))
            return false;
    }
    return true;
}

static bool is_digits(const char *text) {
    return *text && strspn(text, "0123456789") == strlen(text);
}

static size_t count_headers(const struct request *request, const char *name, const char **ret_value) {
    size_t count = 0;
    *ret_value = NULL;
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0) {
            *ret_value = request->headers[i].value;
            count++;
        }
    }
    return count;
}

static bool refuse_header(struct request *request, const char *name, const char *rule) {
    return problem_set(&request->problem, PROBLEM_INVALID_HEADER, name, rule);
}

static bool check_sizes(struct request *request, size_t header_bytes) {
    if (strlen(request->target) > FRAME_TARGET_BYTES)
        return problem_set(&request->problem, PROBLEM_TARGET_TOO_LONG, "8192");
    if (request->header_count > FRAME_HEADERS_MOST || header_bytes > FRAME_HEADER_BYTES)
        return problem_set(&request->problem, PROBLEM_HEADERS_TOO_LARGE, "100");
    return true;
}

/* A name that cannot be one is not shown: the answer would carry its bytes. */
static bool check_bytes(struct request *request) {
    if (!is_token(request->method))
        return problem_set(&request->problem, PROBLEM_BAD_REQUEST, "method");
    if (!is_target(request->target))
        return problem_set(&request->problem, PROBLEM_BAD_REQUEST, "target");
    for (size_t i = 0; i < request->header_count; i++) {
        if (!is_token(request->headers[i].name))
            return problem_set(&request->problem, PROBLEM_BAD_REQUEST, "header name");
        if (!is_field_value(request->headers[i].value))
            return refuse_header(request, request->headers[i].name, "control byte");
    }
    return true;
}

static bool check_host(struct request *request) {
    const char *host;
    size_t count = count_headers(request, "Host", &host);
    bool is_old = strcmp(request->protocol, "HTTP/1.0") == 0;
    if (count > 1 || (count == 0 && !is_old))
        return refuse_header(request, "Host", "exactly one");
    return !host || is_host(host) || refuse_header(request, "Host", "host[:port]");
}

/* RFC 9112 section 6.1 and 6.3: where proxies disagree, requests are smuggled. */
static bool check_body_length(struct request *request) {
    const char *length, *coding;
    size_t lengths = count_headers(request, "Content-Length", &length);
    size_t codings = count_headers(request, "Transfer-Encoding", &coding);
    if (lengths && codings)
        return refuse_header(request, "Content-Length", "not beside Transfer-Encoding");
    if (lengths > 1 || (lengths && !is_digits(length)))
        return refuse_header(request, "Content-Length", "one whole number");
    if (!codings)
        return true;
    if (codings > 1 || strcasecmp(coding, "chunked") != 0 || strcmp(request->protocol, "HTTP/1.0") == 0)
        return refuse_header(request, "Transfer-Encoding", "chunked");
    return true;
}

/* Two of these would be joined by a comma somewhere and read as one somewhere else. */
static bool check_single(struct request *request) {
    static const char *const names[] = {"Authorization", "Content-Type", "Idempotency-Key", "Origin", NULL};
    const char *value;
    for (size_t i = 0; names[i]; i++)
        if (count_headers(request, names[i], &value) > 1)
            return refuse_header(request, names[i], "at most one");
    size_t expects = count_headers(request, "Expect", &value);
    if (expects > 1 || (expects && strcasecmp(value, "100-continue") != 0))
        return problem_set(&request->problem, PROBLEM_EXPECTATION_FAILED, NULL);
    return true;
}

static void strip_authority(struct request *request) {
    const char *target = request->target;
    size_t scheme = strncasecmp(target, "http://", 7) == 0 ? 7 : strncasecmp(target, "https://", 8) == 0 ? 8 : 0;
    if (!scheme)
        return;
    const char *path = target + scheme + strcspn(target + scheme, "/?");
    request->target = *path == '/' ? path : arena_print(&request->arena, "/%s", path);
}

bool frame_check(struct request *request, size_t header_bytes) {
    if (!check_sizes(request, header_bytes) || !check_bytes(request) || !check_host(request) ||
        !check_body_length(request) || !check_single(request))
        return false;
    strip_authority(request);
    return true;
}
