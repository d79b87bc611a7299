/*
 * The only file that knows Ulfius and libmicrohttpd, and what they do not do for us.
 * HEAD COMMENT PLACEHOLDER
 */
#include "http.h"

#include "app.h"
#include "frame.h"
#include "log.h"
#include "metrics.h"
#include "request.h"
#include "spec.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>
#include <ulfius.h>

/* Half of it is the first read buffer: what is longer than ours and shorter than that reaches frame.c. */
enum { CONNECTION_MEMORY_BYTES = 65536, LINE_BYTES = 4096 };

struct http {
    struct app *app;
    struct metrics *metrics;
    struct acceptor *acceptor;
    struct _u_instance instance;
};

/* Ulfius does not tell its callback the connection, so its request is made longer by it. */
struct tagged_request {
    struct _u_request base;
    struct MHD_Connection *connection;
    int fd;
};

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int get_fd(struct MHD_Connection *connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/* libmicrohttpd's messages: their formats are ours to read, never to expand. */
static void log_library(void *data, const char *format, va_list arguments) {
    (void)data;
    (void)arguments;
    log_write(LOG_DEBUG, NULL, "libmicrohttpd: %.*s", (int)strcspn(format, "\n"), format);
}

/* A first line was read. */
static void *begin_request(void *data, const char *target, struct MHD_Connection *connection) {
    struct http *http = data;
    struct connection_info_struct *info = ulfius_uri_logger(NULL, target);
    if (!info)
        return NULL;
    struct tagged_request *tagged = o_realloc(info->request, sizeof *tagged);
    if (!tagged)
        abort();
    tagged->connection = connection;
    tagged->fd = get_fd(connection);
    info->request = &tagged->base;
    accept_mark_receiving(http->acceptor, tagged->fd, &info->callback_first_iteration);
    return info;
}

static void complete_request(void *data, struct MHD_Connection *connection, void **state,
                             enum MHD_RequestTerminationCode how) {
    struct http *http = data;
    accept_mark_waiting(http->acceptor, get_fd(connection));
    mhd_request_completed(NULL, connection, state, how);
}

static void notify_connection(void *data, struct MHD_Connection *connection, void **state,
                              enum MHD_ConnectionNotificationCode what) {
    struct http *http = data;
    (void)state;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED)
        accept_forget(http->acceptor, get_fd(connection));
}

static bool add_connection(void *data, int fd, const struct sockaddr *address, socklen_t length) {
    struct http *http = data;
    return MHD_add_connection(http->instance.mhd_daemon, fd, address, length) == MHD_YES;
}

/* UUID version 4 (RFC 9562 section 5.4). */
static void make_id(char ret_id[REQUEST_ID_BYTES]) {
    unsigned char b[16];
    if (getrandom(b, sizeof b, 0) != sizeof b)
        abort();
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    static const char digits[] = "0123456789abcdef";
    char *at = ret_id;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[b[i] >> 4];
        *at++ = digits[b[i] & 15];
    }
    *at = '\0';
}

struct header_reader {
    struct header *headers;
    size_t room, count, bytes;
    bool has_nul;
};

static enum MHD_Result read_header(void *data, enum MHD_ValueKind kind, const char *name, size_t name_length,
                                   const char *value, size_t value_length) {
    struct header_reader *reader = data;
    (void)kind;
    if (reader->count == reader->room)
        return MHD_NO;
    reader->headers[reader->count++] = (struct header){name, value ? value : ""};
    reader->bytes += name_length + value_length;
    reader->has_nul |= strlen(name) != name_length || (value && strlen(value) != value_length);
    return MHD_YES;
}

/* Straight from libmicrohttpd: Ulfius' map joins repeated headers, so that two Authorization look like one. */
static bool read_headers(struct request *request, struct MHD_Connection *connection) {
    int count = MHD_get_connection_values_n(connection, MHD_HEADER_KIND, NULL, NULL);
    struct header_reader reader = {.room = (size_t)count};
    reader.headers = arena_new(&request->arena, reader.room * sizeof *reader.headers);
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, read_header, &reader);
    request->headers = reader.headers;
    request->header_count = reader.count;
    if (reader.has_nul)
        return problem_set(&request->problem, PROBLEM_BAD_REQUEST, "NUL");
    return frame_check(request, reader.bytes);
}

/* The stages never saw this request, so its answer is made here; what follows on the connection is not read. */
static void refuse(struct request *request) {
    request->status = problem_status(request->problem.code);
    request->reply_type = "application/problem+json";
    request->close_connection = true;
    problem_write(&request->problem, request->language, request->id, &request->reply);
}

static void set_header(struct _u_response *response, const char *name, const char *value) {
    u_map_put(response->map_header, name, value);
}

static void send_answer(const struct http *http, struct request *request, struct _u_response *response,
                        int64_t duration_us) {
    char timing[80];
    snprintf(timing, sizeof timing, "app;dur=%.1f, db;dur=%.1f", (double)(duration_us - request->database_us) / 1e3,
             (double)request->database_us / 1e3);
    response->status = request->status;
    set_header(response, "X-Request-Id", request->id);
    set_header(response, "X-Content-Type-Options", "nosniff");
    set_header(response, "Server-Timing", timing);
    if (request->reply_type && request->reply.length)
        set_header(response, "Content-Type", request->reply_type);
    if (!request->reply_type || strstr(request->reply_type, "json"))
        set_header(response, "Cross-Origin-Resource-Policy", "cross-origin");
    if (request->close_connection || atomic_load(&http->app->is_draining))
        set_header(response, "Connection", "close");
    for (size_t i = 0; i < request->reply_header_count; i++)
        set_header(response, request->reply_headers[i].name, request->reply_headers[i].value);
    /* freed by Ulfius, which copies it once for libmicrohttpd */
    response->binary_body_length = request->reply.length;
    response->binary_body = buffer_take(&request->reply);
}

/* W3C Trace Context, version 00; anything else is not worth a place in the log. */
static const char *find_traceparent(const struct request *request) {
    static const char form[] = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
    for (size_t i = 0; i < request->header_count; i++) {
        const char *value = request->headers[i].value;
        if (strcasecmp(request->headers[i].name, "traceparent") != 0 || strlen(value) != sizeof form - 1)
            continue;
        for (size_t at = 0; form[at]; at++)
            if (form[at] == 'x' ? !strchr("0123456789abcdef", value[at]) : form[at] != value[at])
                return NULL;
        return value;
    }
    return NULL;
}

/* Without the part that tells one household from the next: IPv4 /24, IPv6 /64 as accept.c keeps it. */
static void mask_peer(const char *peer, char *ret_text, size_t size) {
    const char *dot = strrchr(peer, '.');
    if (dot)
        snprintf(ret_text, size, "%.*s.0", (int)(dot - peer), peer);
    else
        snprintf(ret_text, size, "%s", peer);
}

static void log_request(const struct request *request, int64_t duration_us, size_t bytes) {
    enum log_level level = request->status >= 500 ? LOG_ERROR : LOG_INFO;
    if (!log_is_on(level))
        return;
    char time[LOG_TIME_BYTES], method[64], path[2048], peer[64], line[LINE_BYTES];
    const char *trace = find_traceparent(request);
    const char *problem = request->problem.code ? problem_name(request->problem.code) : "";
    log_time(time);
    log_escape(request->method, strlen(request->method), method, sizeof method);
    log_escape(request->target, strcspn(request->target, "?"), path, sizeof path);
    mask_peer(request->peer, peer, sizeof peer);
    int length = snprintf(
        line, sizeof line,
        "{\"time\":\"%s\",\"level\":\"%s\",\"message\":\"request\",\"request_id\":\"%s\",\"method\":\"%s\","
        "\"path\":\"%s\",\"operation\":\"%s\",\"status\":%d,\"duration_ms\":%.3f,\"database_ms\":%.3f,"
        "\"statements\":%u,\"bytes\":%zu,\"peer\":\"%s\"%s%s%s%s%s%s}",
        time, log_level_name(level), request->id, method, path, request->operation ? request->operation->id : "",
        request->status, (double)duration_us / 1e3, (double)request->database_us / 1e3,
        request->database_statements, bytes, peer, trace ? ",\"traceparent\":\"" : "", trace ? trace : "",
        trace ? "\"" : "", *problem ? ",\"problem\":\"" : "", problem, *problem ? "\"" : "");
    log_line(line, length);
}

/* The callback: a request is here with all its body. */
static int http_handle(const struct _u_request *source, struct _u_response *response, void *data) {
    struct http *http = data;
    const struct tagged_request *tagged = (const struct tagged_request *)(const void *)source;
    struct request request = {.app = http->app,
                              .started_us = now_us(),
                              .method = source->http_verb,
                              .target = source->http_url,
                              .protocol = source->http_protocol,
                              .peer = accept_peer(http->acceptor, tagged->fd),
                              .body = source->binary_body,
                              .body_length = source->binary_body_length};
    accept_mark_running(http->acceptor, tagged->fd);
    make_id(request.id);
    if (read_headers(&request, tagged->connection))
        request_answer(&request);
    else
        refuse(&request);
    int64_t duration_us = now_us() - request.started_us;
    size_t bytes = request.reply.length;
    send_answer(http, &request, response, duration_us);
    metrics_count(http->metrics, request.operation, request.status, duration_us, bytes);
    log_request(&request, duration_us, bytes);
    request_clear(&request);
    accept_mark_sending(http->acceptor, tagged->fd, bytes);
    return U_CALLBACK_COMPLETE;
}

/* Bodies are read one byte beyond the largest that any operation takes: then it is known to be too large. */
static size_t find_body_most(const struct app *app) {
    size_t count, most = (size_t)app->config.body_most_bytes;
    const struct operation *operations = spec_operations(app->spec, &count);
    for (size_t i = 0; i < count; i++)
        if (operations[i].body_most_bytes > most)
            most = operations[i].body_most_bytes;
    return most + 1;
}

static bool start_daemon(struct http *http) {
    const struct config *config = &http->app->config;
    struct _u_instance *instance = &http->instance;
    if (ulfius_init_instance(instance, 1, NULL, NULL) != U_OK) /* the port is not used */
        return false;
    instance->allowed_post_processor = U_POST_PROCESS_NONE;
    instance->max_post_body_size = find_body_most(http->app);
    instance->check_utf8 = 0;
    ulfius_set_default_endpoint(instance, http_handle, http);
    /* the pool's threads share the limit evenly but not the connections, so it must not be what counts */
    int connections_most = (config->connections_most + 1) * config->workers;
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)log_library, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, connections_most, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY_BYTES, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, config->idle_timeout_s, NULL},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)complete_request, http},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)notify_connection, http},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_THREAD_POOL_SIZE, config->workers, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)begin_request, http},
        {MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    if (ulfius_start_framework_with_mhd_options(instance, flags, options) == U_OK)
        return true;
    ulfius_clean_instance(instance);
    log_write(LOG_ERROR, NULL, "cannot start %d workers", config->workers);
    return false;
}

static void stop_daemon(struct http *http) {
    ulfius_stop_framework(&http->instance);
    ulfius_clean_instance(&http->instance);
}

bool http_start(struct app *app, struct metrics *metrics, struct http **ret_http) {
    struct http *http = calloc(1, sizeof *http);
    if (!http)
        abort();
    *http = (struct http){.app = app, .metrics = metrics};
    if (!start_daemon(http)) {
        free(http);
        return false;
    }
    struct accept_options options = {.listen = app->config.listen,
                                     .most = app->config.connections_most,
                                     .most_per_address = app->config.connections_most_per_address,
                                     .idle_timeout_s = app->config.idle_timeout_s,
                                     .add = add_connection,
                                     .data = http};
    if (!accept_start(&options, &http->acceptor)) {
        stop_daemon(http);
        free(http);
        return false;
    }
    *ret_http = http;
    return true;
}

int http_port(const struct http *http) {
    return accept_port(http->acceptor);
}

void http_quiesce(struct http *http) {
    accept_quiesce(http->acceptor);
}

void http_read_counts(const struct http *http, struct accept_counts *ret_counts) {
    accept_read_counts(http->acceptor, ret_counts);
}

void http_stop(struct http *http) {
    if (!http)
        return;
    accept_stop(http->acceptor);
    stop_daemon(http); /* its last connections still report to the acceptor's table */
    accept_free(http->acceptor);
    free(http);
}
