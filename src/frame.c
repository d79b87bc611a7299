/* Checks of a request's framing. */
#include "frame.h"

#include "negotiate.h"
#include "reason.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const unsigned long long BODY_DROPPED_MOST_BYTES = 1ULL << 30;

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

/* Of absolute-form; 0 in any other. */
static size_t scheme_length(const char *target) {
    if (strncasecmp(target, "http://", 7) == 0)
        return 7;
    return strncasecmp(target, "https://", 8) == 0 ? 8 : 0;
}

/* RFC 9110 section 4.2.1: an http URI without a host is none. */
static bool is_target(const char *text) {
    size_t scheme = scheme_length(text);
    if (scheme && strcspn(text + scheme, "/?") == 0)
        return false;
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at <= 0x20 || (unsigned char)*at >= 0x7f || *at == '#')
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

static size_t count_headers(const struct request *request, const char *name,
                            const char **ret_value) {
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

static bool refuse(struct request *request, enum reason reason) {
    return problem_set(&request->problem, PROBLEM_BAD_REQUEST,
                       reason_text(reason, request->language));
}

static bool refuse_header(struct request *request, const char *name, enum reason reason) {
    return problem_set(&request->problem, PROBLEM_INVALID_HEADER, name,
                       reason_text(reason, request->language));
}

static bool check_sizes(struct request *request, const struct frame *frame) {
    if (strlen(request->target) > FRAME_TARGET_BYTES)
        return problem_set(&request->problem, PROBLEM_TARGET_TOO_LONG, "8192");
    if (request->header_count > FRAME_HEADERS_MOST || frame->header_bytes > FRAME_HEADER_BYTES)
        return problem_set(&request->problem, PROBLEM_HEADERS_TOO_LARGE, "100");
    return true;
}

/*
 * libmicrohttpd cuts names, values and targets at a NUL, joins folded lines, and takes a line that
 * begins with a colon for the end of the headers, so that what follows becomes a request of its
 * own. All of that leaves bytes that were sent but not shown. More than one blank after a colon
 * looks the same and is refused with it.
 */
static bool check_hidden_bytes(struct request *request, const struct frame *frame) {
    size_t line = strlen(request->method) + strlen(request->target) + strlen(request->protocol) + 4;
    size_t most = line + frame->header_bytes + 4 * request->header_count + 2;
    return frame->head_bytes <= most || refuse(request, REASON_HIDDEN);
}

/* A name that cannot be one is not shown: the answer would carry its bytes. */
static bool check_bytes(struct request *request) {
    if (!is_token(request->method))
        return refuse(request, REASON_METHOD);
    if (!is_target(request->target))
        return refuse(request, REASON_TARGET);
    for (size_t i = 0; i < request->header_count; i++) {
        if (!is_token(request->headers[i].name))
            return refuse(request, REASON_NAME);
        if (!is_field_value(request->headers[i].value))
            return refuse_header(request, request->headers[i].name, REASON_CHARACTER);
    }
    return true;
}

static bool check_host(struct request *request) {
    const char *host;
    size_t count = count_headers(request, "Host", &host);
    bool is_old = strcmp(request->protocol, "HTTP/1.0") == 0;
    if (count > 1 || (count == 0 && !is_old))
        return refuse_header(request, "Host", count ? REASON_REPEATED : REASON_MISSING);
    return !host || is_host(host) || refuse_header(request, "Host", REASON_SYNTAX);
}

/* RFC 9112 section 6.1 and 6.3: where proxies disagree, requests are smuggled. */
static bool check_body_length(struct request *request) {
    const char *length, *coding;
    size_t lengths = count_headers(request, "Content-Length", &length);
    size_t codings = count_headers(request, "Transfer-Encoding", &coding);
    if (lengths && codings)
        return refuse_header(request, "Content-Length", REASON_CODING_AND_LENGTH);
    if (lengths > 1)
        return refuse_header(request, "Content-Length", REASON_REPEATED);
    if (lengths && !is_digits(length))
        return refuse_header(request, "Content-Length", REASON_SYNTAX);
    if (!codings)
        return true;
    if (codings > 1 || strcasecmp(coding, "chunked") != 0 ||
        strcmp(request->protocol, "HTTP/1.0") == 0)
        return refuse_header(request, "Transfer-Encoding", REASON_CODING);
    return true;
}

/* Two of these would be joined by a comma somewhere and read as one somewhere else. */
static bool check_single(struct request *request) {
    static const char *const names[] = {"Authorization", "Content-Type", "Idempotency-Key",
                                        "Origin", NULL};
    const char *value;
    for (size_t i = 0; names[i]; i++)
        if (count_headers(request, names[i], &value) > 1)
            return refuse_header(request, names[i], REASON_REPEATED);
    size_t expects = count_headers(request, "Expect", &value);
    if (expects > 1 || (expects && strcasecmp(value, "100-continue") != 0))
        return problem_set(&request->problem, PROBLEM_EXPECTATION_FAILED, NULL);
    return true;
}

/*
 * Who waits for 100 Continue is told before sending; others would meet a reset instead of the
 * answer, so that their body is read and dropped unless it would never end within the time it has.
 */
static bool check_body_most(struct request *request, const struct frame *frame) {
    const char *value;
    bool waits = count_headers(request, "Expect", &value);
    if (!count_headers(request, "Content-Length", &value))
        return true;
    unsigned long long length = strtoull(value, NULL, 10);
    if (length <= frame->body_most || (!waits && length <= BODY_DROPPED_MOST_BYTES))
        return true;
    char *most = arena_print(&request->arena, "%zu", frame->body_most);
    return problem_set(&request->problem, PROBLEM_BODY_TOO_LARGE, most);
}

bool frame_check(struct request *request, const struct frame *frame) {
    negotiate_language(request);
    return check_sizes(request, frame) && check_bytes(request) &&
           check_hidden_bytes(request, frame) && check_host(request) &&
           check_body_length(request) && check_single(request) && check_body_most(request, frame);
}

const char *frame_strip_authority(struct request *request) {
    const char *target = request->target;
    size_t scheme = scheme_length(target);
    if (!scheme)
        return target;
    const char *path = target + scheme + strcspn(target + scheme, "/?");
    return *path == '/' ? path : arena_print(&request->arena, "/%s", path);
}
