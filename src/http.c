/*
 * The only file that knows Ulfius and libmicrohttpd. What they do was found out with raw sockets
 * (Ulfius 2.7.13, libmicrohttpd 0.9.75); whoever raises a version repeats it.
 *
 * Reaches us and is refused by frame.c with a problem: Transfer-Encoding beside Content-Length,
 * doubled or other than chunked (which would be read until the client closes), two Content-Length,
 * no or two Host, blanks in names, control bytes, odd methods, targets over 8 kB, headers over
 * 16 kB or 100. Shown to us cut or joined, so that only the size of the head tells: NUL in method,
 * target and values, folded lines, a header line that begins with a colon (taken for the end of
 * the headers: what follows becomes another request).
 *
 * Answered by libmicrohttpd itself, in HTML and without us: a Content-Length that is no number
 * (400, its head sent twice), malformed chunks (400), no colon, malformed first line (400), other
 * versions (505), target over 64 kB (414), headers over 64 kB (431), and cookies it cannot parse
 * or that are some 1 000 (431). A first line with tabs is closed without an answer. It takes lines
 * that end with LF alone, ignores chunk extensions and trailers, and says Content-Length: 0 on 304.
 *
 * allowed_post_processor must be none: a form of 300 kB otherwise holds a thread for 34 s.
 */
#include "http.h"

#include "answer.h"
#include "app.h"
#include "body_room.h"
#include "frame.h"
#include "log.h"
#include "request.h"
#include "socket.h"
#include "spec.h"

#include <microhttpd.h>
#include <stddef.h>
#include <string.h>
#include <ulfius.h>

/* Half of it is the first read buffer: what is longer than ours and shorter than that reaches
 * frame.c. */
enum { CONNECTION_MEMORY_BYTES = 65536 };

struct http {
    struct app *app;
    struct metrics *metrics;
    struct acceptor *acceptor;
    MHD_AccessHandlerCallback dispatch; /* Ulfius' own */
    size_t body_most;
    struct body_room room;
    struct _u_instance instance;
};

/* Ulfius does not tell its callback the connection, so its request is made longer by it. */
struct tagged_request {
    struct _u_request base;
    struct MHD_Connection *connection;
    int fd;
    bool is_checked;
    int64_t waited_ms;
    size_t body_left; /* bytes of body that are still taken; the rest is read and dropped */
    struct body_share share;
};

static struct tagged_request *tagged_of(struct connection_info_struct *info) {
    return (struct tagged_request *)(void *)info->request;
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
    tagged->is_checked = false;
    tagged->share = (struct body_share){0};
    /* the query is ours to read: libmicrohttpd never answers one of some 2 000 keys, Ulfius joins
     * repeated ones */
    char *query = strchr((char *)(uintptr_t)target, '?');
    if (query)
        query[1] = '\0';
    info->request = &tagged->base;
    accept_mark_receiving(http->acceptor, tagged->fd, &info->callback_first_iteration);
    return info;
}

static void complete_request(void *data, struct MHD_Connection *connection, void **state,
                             enum MHD_RequestTerminationCode how) {
    struct http *http = data;
    struct connection_info_struct *info = *state;
    if (info)
        body_room_give(&http->room, &tagged_of(info)->share);
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

struct header_reader {
    struct header headers[FRAME_HEADERS_MOST + 1]; /* one more: then it is known to be too many */
    size_t count, bytes;
};

static enum MHD_Result read_header(void *data, enum MHD_ValueKind kind, const char *name,
                                   size_t name_length, const char *value, size_t value_length) {
    struct header_reader *reader = data;
    (void)kind;
    reader->headers[reader->count++] = (struct header){name, value ? value : ""};
    reader->bytes += name_length + value_length;
    return reader->count <= FRAME_HEADERS_MOST ? MHD_YES : MHD_NO;
}

/* Straight from libmicrohttpd: Ulfius' map joins repeated headers, so that two Authorization look
 * like one. */
static void read_headers(struct header_reader *reader, struct MHD_Connection *connection) {
    reader->count = reader->bytes = 0;
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, read_header, reader);
}

static void fill_request(const struct http *http, const struct tagged_request *tagged,
                         const char *method, const char *protocol,
                         const struct header_reader *reader, struct request *request) {
    *request = (struct request){.app = http->app,
                                .method = method,
                                .target = tagged->base.http_url,
                                .protocol = protocol,
                                .peer = accept_peer(http->acceptor, tagged->fd),
                                .headers = reader->headers,
                                .header_count = reader->count};
}

static enum MHD_Result send_refusal(struct http *http, struct request *request,
                                    struct MHD_Connection *connection, int fd) {
    struct answer answer;
    answer_begin(request);
    answer_refuse(request);
    answer_finish(&answer, request, http->metrics);
    size_t length = request->reply.length;
    struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback(
        length, buffer_take(&request->reply), free);
    for (size_t i = 0; response && i < answer.count; i++)
        MHD_add_response_header(response, answer.headers[i].name, answer.headers[i].value);
    enum MHD_Result result =
        response ? MHD_queue_response(connection, (unsigned)request->status, response) : MHD_NO;
    MHD_destroy_response(response);
    accept_mark_sending(http->acceptor, fd, length);
    return result;
}

/* Bytes of the head as it came in. */
static size_t get_head_bytes(struct MHD_Connection *connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)
        ->header_size;
}

/* Most bytes of body that what is asked for takes. */
static size_t find_body_most_of(const struct http *http, struct request *request) {
    size_t usual = (size_t)http->app->config.body_most_bytes;
    if (!request_header(request, "Content-Length") && !request_header(request, "Transfer-Encoding"))
        return usual;
    const char *target = frame_strip_authority(request);
    const char *path = arena_copy(&request->arena, target, strcspn(target, "?"));
    const struct operation *operation = spec_find(http->app->spec, request->method, path);
    return operation && operation->body_most_bytes ? operation->body_most_bytes : usual;
}

/* What is kept of the body is freed, the rest of it read and dropped; http_handle answers. */
static void drop_body(struct tagged_request *tagged) {
    log_write(LOG_DEBUG, NULL, "a large body is dropped: there is no room");
    o_free(tagged->base.binary_body);
    tagged->base.binary_body = NULL;
    tagged->base.binary_body_length = 0;
    tagged->body_left = 0;
}

/* Ulfius keeps every byte it is shown: it is shown one more than are taken. */
static enum MHD_Result dispatch_body(struct http *http, struct MHD_Connection *connection,
                                     const char *url, const char *method, const char *protocol,
                                     const char *bytes, size_t *length, void **state) {
    struct tagged_request *tagged = tagged_of(*state);
    bool has_more = *length > 0;
    if (*length > tagged->body_left)
        *length = tagged->body_left;
    if (*length && !body_room_take(&http->room, &tagged->share, *length)) {
        drop_body(tagged);
        *length = 0;
    }
    tagged->body_left -= *length;
    if (has_more && *length == 0)
        return MHD_YES;
    return http->dispatch(&http->instance, connection, url, method, protocol, bytes, length, state);
}

/*
 * libmicrohttpd's access handler: called when the headers are complete, with each piece of body,
 * and at the end. Refuses at the first call, before a byte of body is asked for; the rest is
 * Ulfius'.
 */
static enum MHD_Result access_request(void *data, struct MHD_Connection *connection,
                                      const char *url, const char *method, const char *protocol,
                                      const char *bytes, size_t *length, void **state) {
    struct http *http = data;
    struct connection_info_struct *info = *state;
    if (!info)
        return MHD_NO;
    struct tagged_request *tagged = tagged_of(info);
    if (tagged->is_checked)
        return dispatch_body(http, connection, url, method, protocol, bytes, length, state);
    tagged->is_checked = true;
    /* while its thread was at another's; to copy a large body takes time, too */
    tagged->waited_ms = socket_measure_quiet(tagged->fd);
    struct header_reader reader;
    struct request request;
    read_headers(&reader, connection);
    fill_request(http, tagged, method, protocol, &reader, &request);
    size_t body_most = find_body_most_of(http, &request);
    tagged->body_left = body_most + 1;
    struct frame frame = {reader.bytes, get_head_bytes(connection), body_most};
    if (frame_check(&request, &frame)) {
        arena_clear(&request.arena);
        return http->dispatch(&http->instance, connection, url, method, protocol, bytes, length,
                              state);
    }
    enum MHD_Result result = send_refusal(http, &request, connection, tagged->fd);
    request_clear(&request);
    return result;
}

/* Ulfius' callback: a request is here with all its body. */
static int http_handle(const struct _u_request *source, struct _u_response *response, void *data) {
    struct http *http = data;
    const struct tagged_request *tagged = (const struct tagged_request *)(const void *)source;
    struct header_reader reader;
    struct request request;
    struct answer answer;
    accept_mark_running(http->acceptor, tagged->fd);
    read_headers(&reader, tagged->connection);
    fill_request(http, tagged, source->http_verb, source->http_protocol, &reader, &request);
    answer_begin(&request);
    request.waited_ms = tagged->waited_ms;
    request.target = frame_strip_authority(&request);
    request.body = source->binary_body;
    request.body_length = source->binary_body_length;
    request.is_body_dropped = tagged->share.is_refused;
    request_answer(&request);
    answer_finish(&answer, &request, http->metrics);
    for (size_t i = 0; i < answer.count; i++)
        u_map_put(response->map_header, answer.headers[i].name, answer.headers[i].value);
    response->status = request.status;
    /* freed by Ulfius, which copies it once for libmicrohttpd */
    response->binary_body_length = request.reply.length;
    response->binary_body = buffer_take(&request.reply);
    request_clear(&request);
    accept_mark_sending(http->acceptor, tagged->fd, answer.bytes);
    return U_CALLBACK_COMPLETE;
}

/*
 * Stands before the library's function of this name, which is the only way to be asked before
 * Ulfius reads a body: it keeps its access handler to itself. http_start refuses to go on when this
 * was not called.
 */
struct MHD_Daemon *MHD_start_daemon(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback policy,
                                    void *policy_data, MHD_AccessHandlerCallback dispatch,
                                    void *instance, ...) {
    struct http *http = (struct http *)(void *)((char *)instance - offsetof(struct http, instance));
    va_list options;
    va_start(options, instance);
    http->dispatch = dispatch;
    struct MHD_Daemon *daemon =
        MHD_start_daemon_va(flags, port, policy, policy_data, access_request, http, options);
    va_end(options);
    return daemon;
}

/* Bodies are read one byte beyond the largest that any operation takes: then it is known to be too
 * large. */
static size_t find_body_most(const struct app *app) {
    size_t count, most = (size_t)app->config.body_most_bytes;
    const struct operation *operations = spec_operations(app->spec, &count);
    for (size_t i = 0; i < count; i++)
        if (operations[i].body_most_bytes > most)
            most = operations[i].body_most_bytes;
    return most;
}

static void stop_daemon(struct http *http) {
    ulfius_stop_framework(&http->instance);
    ulfius_clean_instance(&http->instance);
}

static bool start_daemon(struct http *http) {
    const struct config *config = &http->app->config;
    struct _u_instance *instance = &http->instance;
    if (ulfius_init_instance(instance, 1, NULL, NULL) != U_OK) /* the port is not used */
        return false;
    instance->allowed_post_processor = U_POST_PROCESS_NONE;
    instance->max_post_body_size = http->body_most + 1;
    instance->check_utf8 = 0;
    ulfius_set_default_endpoint(instance, http_handle, http);
    /* the pool's threads share the limit evenly but not the connections, so it must not be what
     * counts */
    int connections_most = (config->connections_most + 1) * config->workers;
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)log_library, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, connections_most, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY_BYTES, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, config->idle_timeout_s, NULL},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)complete_request, http},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)notify_connection, http},
        {MHD_OPTION_STRICT_FOR_CLIENT, 0, NULL}, /* frame.c is, with answers of ours */
        {MHD_OPTION_THREAD_POOL_SIZE, config->workers, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)begin_request, http},
        {MHD_OPTION_END, 0, NULL}};
    unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    if (ulfius_start_framework_with_mhd_options(instance, flags, options) != U_OK) {
        log_write(LOG_ERROR, NULL, "cannot start %d workers", config->workers);
        ulfius_clean_instance(instance);
        return false;
    }
    if (http->dispatch)
        return true;
    log_write(LOG_ERROR, NULL, "libulfius did not start libmicrohttpd through http.c");
    stop_daemon(http);
    return false;
}

bool http_start(struct app *app, struct metrics *metrics, struct http **ret_http) {
    struct http *http = calloc(1, sizeof *http);
    if (!http)
        abort();
    *http = (struct http){.app = app,
                          .metrics = metrics,
                          .body_most = find_body_most(app),
                          .room = {.small = (size_t)app->config.body_most_bytes,
                                   .most = (size_t)app->config.bodies_most_bytes}};
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
