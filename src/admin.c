/* The admin listener: HTTP/1.1 as small as three fixed answers need it, one request per connection.
 */
#include "admin.h"

#include "app.h"
#include "db.h"
#include "http.h"
#include "listen.h"
#include "log.h"
#include "metrics.h"
#include "monotonic.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MOST = 16, REQUEST_BYTES = 4096, CLIENT_MS = 5000, CHECK_MS = 1000, PAUSE_MS = 100 };

struct client {
    int fd; /* -1: free */
    int64_t deadline_ms;
    size_t length, sent;
    char text[REQUEST_BYTES + 1];
    struct buffer answer; /* empty while the request is being read */
};

struct admin {
    struct app *app;
    const struct metrics *metrics;
    const struct http *http;
    _Atomic(enum migrate_state) state;
    pthread_t answerer, checker;
    int listen_fd, port;
    bool is_paused; /* no descriptor was left: of the answerer only */
    int stop_fd;    /* readable once the threads must leave */
    struct client clients[CLIENTS_MOST];
};

static void drop(struct client *client) {
    if (client->fd >= 0)
        close(client->fd);
    buffer_clear(&client->answer);
    client->fd = -1;
}

static void answer(struct client *client, const char *status, const char *type,
                   const struct buffer *body) {
    buffer_print(
        &client->answer,
        "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        status, type, body->length);
    if (strncmp(client->text, "HEAD ", 5) != 0)
        buffer_add(&client->answer, body->data, body->length);
}

static void answer_status(struct client *client, const char *status, const char *word) {
    auto_buffer body = {0};
    buffer_print(&body, "{\"status\":\"%s\"}\n", word);
    answer(client, status, "application/json", &body);
}

static void answer_ready(struct admin *admin, struct client *client) {
    enum migrate_state state = atomic_load(&admin->state);
    if (atomic_load(&admin->app->is_draining))
        answer_status(client, "503 Service Unavailable", "draining");
    else if (state == MIGRATE_UNKNOWN)
        answer_status(client, "503 Service Unavailable", "no database");
    else if (state == MIGRATE_OTHER)
        answer_status(client, "503 Service Unavailable", "database of another version");
    else
        answer_status(client, "200 OK", "ready");
}

static void answer_metrics(const struct admin *admin, struct client *client) {
    auto_buffer body = {0};
    struct accept_counts counts;
    struct db_pool_state pool;
    http_read_counts(admin->http, &counts);
    db_pool_read_state(admin->app->pool, &pool);
    metrics_write(admin->metrics, &body);
    const struct {
        const char *name, *type;
        double value;
    } rows[] = {
        {"elinvoima_connections_accepted_total", "counter", (double)counts.accepted},
        {"elinvoima_connections_refused_total", "counter", (double)counts.refused},
        {"elinvoima_connections_ended_slow_total", "counter", (double)counts.ended_slow},
        {"elinvoima_connections_ended_for_room_total", "counter", (double)counts.ended_for_room},
        {"elinvoima_connections_open", "gauge", counts.open},
        {"elinvoima_requests_running", "gauge", counts.running},
        {"elinvoima_database_connections", "gauge", pool.size},
        {"elinvoima_database_connections_busy", "gauge", pool.busy},
        {"elinvoima_database_requests_waiting", "gauge", pool.waiting},
        {"elinvoima_database_waits_failed_total", "counter", (double)pool.waits_failed},
        {"elinvoima_database_connects_total", "counter", (double)pool.connects},
        {"elinvoima_database_statements_total", "counter", (double)pool.statements},
        {"elinvoima_ready", "gauge",
         atomic_load(&admin->state) == MIGRATE_CURRENT && !atomic_load(&admin->app->is_draining)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        metrics_write_one(&body, rows[i].name, rows[i].type, rows[i].value);
    answer(client, "200 OK", "text/plain; version=0.0.4", &body);
}

static bool is_path(const char *target, const char *path) {
    size_t length = strlen(path);
    return strncmp(target, path, length) == 0 && (target[length] == ' ' || target[length] == '?');
}

static void answer_request(struct admin *admin, struct client *client) {
    const char *target = strchr(client->text, ' ');
    bool is_reading =
        strncmp(client->text, "GET ", 4) == 0 || strncmp(client->text, "HEAD ", 5) == 0;
    if (!target || !is_reading) {
        answer_status(client, "405 Method Not Allowed", "method not allowed");
        return;
    }
    target++;
    if (is_path(target, "/livez"))
        answer_status(client, "200 OK", "alive");
    else if (is_path(target, "/readyz"))
        answer_ready(admin, client);
    else if (is_path(target, "/metrics"))
        answer_metrics(admin, client);
    else
        answer_status(client, "404 Not Found", "not found");
}

/* Reads more of the request and makes the answer when it is complete. */
static void read_client(struct admin *admin, struct client *client) {
    ssize_t length =
        recv(client->fd, client->text + client->length, REQUEST_BYTES - client->length, 0);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length <= 0) {
        drop(client);
        return;
    }
    client->length += (size_t)length;
    client->text[client->length] = '\0';
    if (strstr(client->text, "\r\n\r\n"))
        answer_request(admin, client);
    else if (client->length == REQUEST_BYTES)
        answer_status(client, "431 Request Header Fields Too Large", "too large");
}

static void write_client(struct client *client) {
    ssize_t length = send(client->fd, client->answer.data + client->sent,
                          client->answer.length - client->sent, MSG_NOSIGNAL);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length > 0)
        client->sent += (size_t)length;
    if (length < 0 || client->sent == client->answer.length)
        drop(client);
}

/* Whoever came first goes when all places are taken: the probe that asks now matters. */
static struct client *find_place(struct admin *admin) {
    struct client *oldest = &admin->clients[0];
    for (int i = 0; i < CLIENTS_MOST; i++) {
        if (admin->clients[i].fd < 0)
            return &admin->clients[i];
        if (admin->clients[i].deadline_ms < oldest->deadline_ms)
            oldest = &admin->clients[i];
    }
    drop(oldest);
    return oldest;
}

static void accept_clients(struct admin *admin) {
    for (int i = 0; i < CLIENTS_MOST; i++) {
        int fd = accept4(admin->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        admin->is_paused = fd < 0 && errno != EAGAIN;
        if (fd < 0)
            return;
        struct client *client = find_place(admin);
        client->fd = fd;
        client->deadline_ms = monotonic_ms() + CLIENT_MS;
        client->length = client->sent = 0;
    }
}

static void serve_client(struct admin *admin, struct client *client, int64_t now) {
    if (client->fd < 0)
        return;
    if (!client->answer.length)
        read_client(admin, client);
    if (client->fd >= 0 && client->answer.length)
        write_client(client);
    if (client->fd >= 0 && now > client->deadline_ms)
        drop(client);
}

static void *run_answerer(void *data) {
    struct admin *admin = data;
    for (;;) {
        struct pollfd polled[CLIENTS_MOST + 2] = {
            {.fd = admin->stop_fd, .events = POLLIN},
            {.fd = admin->is_paused ? -1 : admin->listen_fd, .events = POLLIN}};
        for (int i = 0; i < CLIENTS_MOST; i++)
            polled[i + 2] =
                (struct pollfd){.fd = admin->clients[i].fd,
                                .events = admin->clients[i].answer.length ? POLLOUT : POLLIN};
        poll(polled, CLIENTS_MOST + 2, admin->is_paused ? PAUSE_MS : CLIENT_MS);
        if (polled[0].revents)
            return NULL;
        int64_t now = monotonic_ms();
        for (int i = 0; i < CLIENTS_MOST; i++)
            serve_client(admin, &admin->clients[i], now);
        if (polled[1].revents || admin->is_paused)
            accept_clients(admin);
    }
}

/* While the pool is exhausted the database is busy, not gone: taking this instance out would help
 * nobody. */
static void check(struct admin *admin) {
    struct db_pool_state pool;
    enum migrate_state state = migrate_state(admin->app->pool), before = atomic_load(&admin->state);
    db_pool_read_state(admin->app->pool, &pool);
    if (state == MIGRATE_UNKNOWN && before == MIGRATE_CURRENT && pool.busy >= pool.size)
        return;
    if (state == before)
        return;
    static const char *const words[] = {[MIGRATE_CURRENT] = "ready",
                                        [MIGRATE_OTHER] = "the database has another version",
                                        [MIGRATE_UNKNOWN] = "the database cannot be reached"};
    atomic_store(&admin->state, state);
    log_write(state == MIGRATE_CURRENT ? LOG_INFO : LOG_ERROR, NULL, "readiness: %s", words[state]);
}

static void *run_checker(void *data) {
    struct admin *admin = data;
    struct pollfd polled = {.fd = admin->stop_fd, .events = POLLIN};
    while (poll(&polled, 1, CHECK_MS) <= 0)
        check(admin);
    return NULL;
}

static void free_admin(struct admin *admin) {
    for (int i = 0; i < CLIENTS_MOST; i++)
        drop(&admin->clients[i]);
    close(admin->listen_fd);
    close(admin->stop_fd);
    free(admin);
}

bool admin_start(struct app *app, const struct metrics *metrics, const struct http *http,
                 enum migrate_state state, struct admin **ret_admin) {
    struct admin *admin = calloc(1, sizeof *admin);
    if (!admin)
        abort();
    *admin = (struct admin){.app = app, .metrics = metrics, .http = http, .state = state};
    for (int i = 0; i < CLIENTS_MOST; i++)
        admin->clients[i].fd = -1;
    if (!listen_open(app->config.admin_listen, &admin->listen_fd, &admin->port)) {
        free(admin);
        return false;
    }
    admin->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (pthread_create(&admin->answerer, NULL, run_answerer, admin) != 0) {
        log_write(LOG_ERROR, NULL, "cannot start the admin listener");
        free_admin(admin);
        return false;
    }
    if (pthread_create(&admin->checker, NULL, run_checker, admin) != 0) {
        log_write(LOG_ERROR, NULL, "cannot start the readiness check");
        eventfd_write(admin->stop_fd, 1);
        pthread_join(admin->answerer, NULL);
        free_admin(admin);
        return false;
    }
    *ret_admin = admin;
    return true;
}

int admin_port(const struct admin *admin) {
    return admin->port;
}

void admin_stop(struct admin *admin) {
    if (!admin)
        return;
    eventfd_write(admin->stop_fd, 1);
    pthread_join(admin->answerer, NULL);
    pthread_join(admin->checker, NULL);
    free_admin(admin);
}
