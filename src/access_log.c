/* The log line of a request: what is needed to find a fault, nothing about the person. */
#include "access_log.h"

#include "identity_code.h"
#include "log.h"
#include "spec.h"
#include "target.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LINE_BYTES = 4096 };

/* W3C Trace Context, version 00; anything else is not worth a place in the log. */
static const char *find_traceparent(const struct request *request) {
    static const char form[] = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
    for (size_t i = 0; i < request->header_count; i++) {
        const char *value = request->headers[i].value;
        if (strcasecmp(request->headers[i].name, "traceparent") != 0 ||
            strlen(value) != sizeof form - 1)
            continue;
        for (size_t at = 0; form[at]; at++)
            if (form[at] == 'x' ? !strchr("0123456789abcdef", value[at]) : form[at] != value[at])
                return NULL;
        return value;
    }
    return NULL;
}

/* Without the part that tells one household from the next: IPv4 /24, IPv6 /64 as accept.c keeps it.
 */
static void mask_peer(const char *peer, char *ret_text, size_t size) {
    const char *dot = strrchr(peer, '.');
    if (dot)
        snprintf(ret_text, size, "%.*s.0", (int)(dot - peer), peer);
    else
        snprintf(ret_text, size, "%s", peer);
}

/* As it came; decoded where it holds an identity code, so that none escapes the mask by escapes. */
static void mask_path(const char *target, char *ret_text, size_t size) {
    struct arena arena = {0};
    size_t length = strcspn(target, "?");
    enum reason reason;
    char *path = target_unescape(&arena, target, length, TARGET_FORM, &reason);
    if (!path || !identity_code_mask(path)) {
        path = arena_copy(&arena, target, length);
        identity_code_mask(path);
    }
    log_escape(path, strlen(path), ret_text, size);
    arena_clear(&arena);
}

void access_log_write(const struct request *request, int64_t duration_us, size_t bytes) {
    enum log_level level = request->status >= 500 ? LOG_ERROR : LOG_INFO;
    if (!log_is_on(level))
        return;
    char time[LOG_TIME_BYTES], method[64], path[2048], peer[64], line[LINE_BYTES];
    const char *trace = find_traceparent(request);
    const char *problem = request->problem.code ? problem_name(request->problem.code) : "";
    log_time(time);
    log_escape(request->method, strlen(request->method), method, sizeof method);
    mask_path(request->target, path, sizeof path);
    mask_peer(request->peer, peer, sizeof peer);
    int length = snprintf(line, sizeof line,
                          "{\"time\":\"%s\",\"level\":\"%s\",\"message\":\"request\",\"request_"
                          "id\":\"%s\",\"method\":\"%s\","
                          "\"path\":\"%s\",\"operation\":\"%s\",\"status\":%d,\"duration_ms\":%.3f,"
                          "\"database_ms\":%.3f,"
                          "\"statements\":%u,\"bytes\":%zu,\"peer\":\"%s\"%s%s%s%s%s%s}",
                          time, log_level_name(level), request->id, method, path,
                          request->operation ? request->operation->id : "", request->status,
                          (double)duration_us / 1e3, (double)request->database_us / 1e3,
                          request->database_statements, bytes, peer,
                          trace ? ",\"traceparent\":\"" : "", trace ? trace : "", trace ? "\"" : "",
                          *problem ? ",\"problem\":\"" : "", problem, *problem ? "\"" : "");
    log_line(line, length);
}
