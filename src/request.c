/*
 * The walk of one request through its stages, and what every answer shares: problems, caching,
 * language. No stage is here itself.
 */
#include "request.h"

#include "app.h"
#include "auth.h"
#include "cors.h"
#include "embed.h"
#include "log.h"
#include "negotiate.h"
#include "operation.h"
#include "refusal.h"
#include "spec.h"
#include "target.h"

#include <string.h>
#include <strings.h>
#include <time.h>

const char *request_header(const struct request *request, const char *name) {
    size_t index = 0;
    return negotiate_next_header(request, name, &index);
}

const char *request_service_url(struct request *request) {
    const char *public_url = request->app->config.public_url;
    const char *host = request_header(request, "Host");
    return public_url[0] ? public_url
                         : arena_print(&request->arena, "http://%s", host ? host : "localhost");
}

/* Without the bytes that would end the header early (RFC 9110, section 5.5). */
static const char *one_line(struct arena *arena, const char *value) {
    if (!strpbrk(value, "\r\n"))
        return value;
    char *copy = arena_text(arena, value);
    char *to = copy;
    for (const char *from = value; *from; from++)
        if (*from != '\r' && *from != '\n')
            *to++ = *from;
    *to = '\0';
    return copy;
}

void request_set_header(struct request *request, const char *name, const char *value) {
    size_t at = 0;
    while (at < request->reply_header_count &&
           strcasecmp(request->reply_headers[at].name, name) != 0)
        at++;
    if (at == REQUEST_HEADERS_MOST) {
        log_write(LOG_ERROR, request->id, "no room for the header %s", name);
        return;
    }
    request->reply_headers[at] =
        (struct header){.name = name, .value = one_line(&request->arena, value)};
    if (at == request->reply_header_count)
        request->reply_header_count++;
}

static const char *reply_header(const struct request *request, const char *name) {
    for (size_t i = 0; i < request->reply_header_count; i++)
        if (strcasecmp(request->reply_headers[i].name, name) == 0)
            return request->reply_headers[i].value;
    return NULL;
}

const char *request_parameter(const struct request *request, const char *name) {
    const struct operation *operation = request->operation;
    for (size_t i = 0; operation->path_parameters[i]; i++)
        if (strcmp(operation->path_parameters[i], name) == 0)
            return request->path_values[i];
    for (size_t i = 0; request->query_values && i < operation->query_parameter_count; i++)
        if (strcmp(operation->query_parameters[i].name, name) == 0)
            return request->query_values[i];
    return NULL;
}

void request_read_clock(struct request *request) {
    if (request->now[0])
        return;
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t length = strftime(request->now, sizeof request->now, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(request->now + length, sizeof request->now - length, ".%06ldZ", now.tv_nsec / 1000);
}

/* What `run` had promised is not so when it failed; only a 412's ETag holds (RFC 9110,
 * section 15.5.13). */
static void drop_headers(struct request *request, size_t count) {
    const char *tag = reply_header(request, "ETag");
    request->reply_header_count = count;
    if (tag && request->problem.code == PROBLEM_PRECONDITION_FAILED)
        request_set_header(request, "ETag", tag);
}

static bool run(struct request *request) {
    size_t headers = request->reply_header_count;
    bool is_done = request->operation->binding->run(request);
    if (is_done && request->status)
        return true;
    drop_headers(request, headers);
    return false;
}

/*
 * Threads that are held up by the database let requests pile up behind them. Who has waited for a
 * thread as long as anybody waits for a connection is told so at once: what piled up is gone as
 * soon as one thread is free, and nobody waits for more than one slow statement. So is who sent a
 * body that there was no memory for.
 */
static bool check_wait(struct request *request) {
    if (request->waited_ms <= request->app->config.database_wait_ms && !request->is_body_dropped)
        return true;
    request->problem.retry_after_s = 1;
    return problem_set(&request->problem, PROBLEM_UNAVAILABLE, "1");
}

static bool answer(struct request *request) {
    const char *path = NULL, *allow = NULL;
    if (!target_read(request, &path)) /* 400, 414 */
        return false;
    if (strcmp(request->method, "OPTIONS") == 0)
        return cors_answer_options(request, path);               /* 404 */
    return spec_match(request->app->spec, request, path, &allow) /* 404, 405 */
           && check_wait(request)                                /* 503 */
           && cors_check(request)                                /* 403 */
           && auth_find_municipality(request)                    /* 404 */
           && auth_identify(request)                             /* 401 */
           && auth_permit(request)                               /* 403 */
           && request_read_query(request)                        /* 400 */
           && request_read_headers(request)                      /* 406, 400, 428 */
           && request_read_body(request)                         /* 413, 415, 400, 422 */
           && run(request);
}

/* The roles of the operation, with blanks between them (RFC 6750, section 3). */
static const char *scope_challenge(struct request *request) {
    const char *names = request->operation ? request->operation->role_names : "";
    auto_buffer challenge = {0};
    buffer_add_text(&challenge, "Bearer error=\"insufficient_scope\", scope=\"");
    for (; *names; names++)
        if (*names != ',')
            buffer_add_char(&challenge, *names);
    buffer_add_char(&challenge, '"');
    return arena_text(&request->arena, challenge.data);
}

/* No error word to who sent no token (RFC 6750, section 3.1). */
static void set_challenge(struct request *request) {
    const char *challenge = "Bearer";
    if (request_header(request, "Authorization"))
        challenge = "Bearer error=\"invalid_token\"";
    else if (request->app->config.public_url[0]) /* RFC 9728, section 5.1 */
        challenge =
            arena_print(&request->arena, "Bearer resource_metadata=\"%s%s\"",
                        request->app->config.public_url, "/.well-known/oauth-protected-resource");
    if (request->problem.code == PROBLEM_UNAUTHENTICATED)
        request_set_header(request, "WWW-Authenticate", challenge);
    if (request->problem.code == PROBLEM_INSUFFICIENT_SCOPE)
        request_set_header(request, "WWW-Authenticate", scope_challenge(request));
}

static void set_retry(struct request *request) {
    enum problem_code code = request->problem.code;
    int wait_s = request->problem.retry_after_s;
    if (!wait_s && (code == PROBLEM_UNAVAILABLE || code == PROBLEM_IDEMPOTENCY_IN_PROGRESS))
        wait_s = 1;
    if (wait_s > 0)
        request_set_header(request, "Retry-After", arena_print(&request->arena, "%d", wait_s));
}

static void answer_problem(struct request *request) {
    struct problem *problem = &request->problem;
    if (problem->code == PROBLEM_NONE) {
        log_write(LOG_ERROR, request->id, "a stage failed without a problem");
        problem_set(problem, PROBLEM_INTERNAL);
    }
    buffer_clear(&request->reply);
    refusal_write(request);
    if (request->status == 500)
        log_write(LOG_ERROR, request->id, "answered 500: %s", problem_name(problem->code));
    set_challenge(request);
    set_retry(request);
}

/* Flat answers have one language; JSON carries all three and none of its own, but where the path's
 * ending says which form an answer has: both forms say the same. */
static bool is_flat(const struct request *request) {
    return request->status >= 400 ||
           (request->media != MEDIA_JSON && request->media != MEDIA_GEOJSON) ||
           spec_is_suffixed(request->app->spec, request->target);
}

static const char *cache_rule(struct request *request) {
    if (request_header(request, "Authorization") || request_header(request, "Tracking-Token"))
        return "private, no-store";
    if (request->operation &&
        (request_parameter(request, "token") || request_parameter(request, "api_key")))
        return "private, no-store";
    bool is_read = request->operation && request->operation->method == METHOD_GET;
    bool is_good = request->status == 200 || request->status == 304;
    if (!is_read || !is_good)
        return "no-store";
    if (request->operation->is_revalidated || embed_choose(request).is_revalidated)
        return "public, max-age=0, must-revalidate";
    return "public, max-age=15, stale-while-revalidate=60";
}

static const char *varying(struct request *request, bool has_language) {
    bool has_token = request->operation && request->operation->takes_tracking_token;
    return arena_print(&request->arena, "Authorization, Accept%s, Origin%s",
                       has_language ? ", Accept-Language" : "",
                       has_token ? ", Tracking-Token" : "");
}

static void set_shared_headers(struct request *request) {
    bool has_language = is_flat(request);
    if (has_language)
        request_set_header(request, "Content-Language", language_codes[request->language]);
    if (!reply_header(request, "Cache-Control"))
        request_set_header(request, "Cache-Control", cache_rule(request));
    if (!reply_header(request, "Vary"))
        request_set_header(request, "Vary", varying(request, has_language));
    cors_set_headers(request);
}

void request_answer(struct request *request) {
    request_read_clock(request);
    request->if_match_version = -1;
    negotiate_language(request);
    if (!answer(request))
        answer_problem(request);
    set_shared_headers(request);
}

void request_clear(struct request *request) {
    json_decref(request->json);
    request->json = NULL;
    buffer_clear(&request->reply);
    arena_clear(&request->arena);
}
