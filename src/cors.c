/* Cross-origin requests. Tokens travel in Authorization, never in cookies, so no credentials are
 * allowed. */
#include "cors.h"

#include "app.h"
#include "spec.h"

#include <string.h>
#include <strings.h>

#define EXPOSED \
    "ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, Deprecation, Sunset, " \
    "X-Request-Id, " \
    "Preference-Applied, Idempotency-Replayed, Content-Disposition"
#define REQUEST_HEADERS \
    "Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, " \
    "If-None-Match, " \
    "Prefer, Tracking-Token, traceparent"

/* An origin that begins or ends like an allowed one is another. */
static bool is_configured(const struct request *request, const char *origin) {
    return config_lists(request->app->config.cors_origins, origin);
}

/* A page that this host served itself; behind a proxy the scheme is not known here. */
static bool is_own(const struct request *request, const char *origin) {
    const char *host = request_header(request, "Host");
    size_t scheme = strncmp(origin, "https://", 8) == 0  ? 8
                    : strncmp(origin, "http://", 7) == 0 ? 7
                                                         : 0;
    return host && scheme && strcasecmp(origin + scheme, host) == 0;
}

static bool is_read(const char *method) {
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* What Access-Control-Allow-Origin says; NULL when the page may not. `operation` NULL: nothing is
 * there. */
static const char *allowed_origin(const struct request *request, const char *method,
                                  const struct operation *operation) {
    const char *origin = request_header(request, "Origin");
    if (is_read(method) && (!operation || operation->is_public))
        return "*";
    return is_configured(request, origin) || is_own(request, origin) ? origin : NULL;
}

bool cors_check(struct request *request) {
    const char *origin = request_header(request, "Origin");
    if (!origin || is_read(request->method) || is_configured(request, origin) ||
        is_own(request, origin))
        return true;
    return problem_set(&request->problem, PROBLEM_ORIGIN_NOT_ALLOWED);
}

static void set_preflight_headers(struct request *request, const char *path, const char *allow) {
    const char *method = request_header(request, "Access-Control-Request-Method");
    if (!method || !request_header(request, "Origin"))
        return;
    const struct operation *operation = spec_find(request->app->spec, method, path);
    const char *origin = operation ? allowed_origin(request, method, operation) : NULL;
    if (!origin)
        return;
    request_set_header(request, "Access-Control-Allow-Origin", origin);
    request_set_header(request, "Access-Control-Allow-Methods", allow);
    request_set_header(request, "Access-Control-Allow-Headers", REQUEST_HEADERS);
    request_set_header(request, "Access-Control-Max-Age", "7200");
}

bool cors_answer_options(struct request *request, const char *path) {
    const char *allow = "DELETE, GET, HEAD, PATCH, POST, PUT, OPTIONS";
    bool is_service = strcmp(path, "*") == 0;
    if (!is_service && !spec_match(request->app->spec, request, path, &allow))
        return false;
    request->status = 204;
    request_set_header(request, "Allow", allow);
    request_set_header(request, "Vary", "Origin, Access-Control-Request-Method");
    request_set_header(request, "Cache-Control", "no-store");
    if (!is_service)
        set_preflight_headers(request, path, allow);
    return true;
}

void cors_set_headers(struct request *request) {
    if (!request_header(request, "Origin") || strcmp(request->method, "OPTIONS") == 0)
        return;
    const char *origin = allowed_origin(request, request->method, request->operation);
    if (!origin)
        return;
    request_set_header(request, "Access-Control-Allow-Origin", origin);
    request_set_header(request, "Access-Control-Expose-Headers", EXPOSED);
}
