/* The acceptor thread and its table of connections. */
#include "accept.h"

#include "listen.h"
#include "log.h"
#include "monotonic.h"
#include "socket.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum {
    FDS_BESIDE_CONNECTIONS = 1024, /* database, logs, connections that are ending */
    PAUSE_MS = 100,
    TICK_MS = 500,
    EVICT_RECEIVING_AFTER_MS = 1000,
    QUIET_WHILE_DRAINING_MS = 2000,
    SENDING_BYTES_A_MS = 8 /* slower readers than 8 kB/s are ended */
};

enum phase {
    PHASE_NONE,
    PHASE_WAITING,
    PHASE_RECEIVING,
    PHASE_RUNNING,
    PHASE_SENDING,
    PHASE_ENDING
};

/* phase, since_ms and address are read without the lock where a stale value does no harm. */
struct connection {
    pthread_mutex_t lock;
    _Atomic(enum phase) phase;
    atomic_llong since_ms;
    int64_t deadline_ms;
    const int *headers_pending;
    bool is_given_up; /* was when it was last looked at, in this phase */
    unsigned char address[SOCKET_ADDRESS_BYTES];
    char peer[SOCKET_PEER_BYTES];
};

struct acceptor {
    struct accept_options options;
    pthread_t thread;
    int listen_fd, wake_fd, port;
    atomic_bool is_quiescing, is_stopping;
    bool is_paused; /* of the acceptor's thread only */
    int64_t paused_said_ms;
    atomic_ullong accepted, refused, ended_slow, ended_for_room;
    atomic_int fds_seen; /* one above the highest descriptor ever used */
    int capacity;
    struct connection connections[];
};

/* The lock is held. The connection's thread sees the end of the stream and closes it. */
static void end(struct connection *connection, int fd) {
    connection->headers_pending = NULL;
    atomic_store(&connection->phase, PHASE_ENDING);
    shutdown(fd, SHUT_RDWR);
}

/* Ends the connection unless it has moved on since it was looked at. */
static bool end_if_unchanged(struct acceptor *acceptor, int fd, enum phase phase,
                             long long since_ms) {
    struct connection *connection = &acceptor->connections[fd];
    pthread_mutex_lock(&connection->lock);
    bool is_same =
        atomic_load(&connection->phase) == phase && atomic_load(&connection->since_ms) == since_ms;
    if (is_same)
        end(connection, fd);
    pthread_mutex_unlock(&connection->lock);
    return is_same;
}

/* Oldest connection that may be ended for a new one. */
struct candidate {
    int fd;
    enum phase phase;
    long long since_ms;
};

/* A request that has just begun is left alone; a connection that says nothing may go at any age. */
static void consider(struct candidate *candidate, int fd, enum phase phase, long long since_ms,
                     long long now) {
    bool may_end = phase == PHASE_WAITING ||
                   (phase == PHASE_RECEIVING && since_ms < now - EVICT_RECEIVING_AFTER_MS);
    if (may_end && since_ms < candidate->since_ms)
        *candidate = (struct candidate){fd, phase, since_ms};
}

static bool make_room(struct acceptor *acceptor, const struct candidate *candidate) {
    if (candidate->fd < 0 ||
        !end_if_unchanged(acceptor, candidate->fd, candidate->phase, candidate->since_ms))
        return false;
    atomic_fetch_add(&acceptor->ended_for_room, 1);
    return true;
}

/* Invariant 4. One pass over the table for each new connection: about 2 µs for 1 000 connections.
 */
static bool find_room(struct acceptor *acceptor, const unsigned char address[16]) {
    const long long now = monotonic_ms();
    struct candidate any = {-1, PHASE_NONE, LLONG_MAX}, same = any;
    int total = 0, of_address = 0, seen = atomic_load(&acceptor->fds_seen);
    for (int fd = 0; fd < seen; fd++) {
        struct connection *connection = &acceptor->connections[fd];
        enum phase phase = atomic_load_explicit(&connection->phase, memory_order_relaxed);
        if (phase == PHASE_NONE || phase == PHASE_ENDING)
            continue;
        long long since_ms = atomic_load_explicit(&connection->since_ms, memory_order_relaxed);
        total++;
        consider(&any, fd, phase, since_ms, now);
        if (memcmp(connection->address, address, 16) != 0)
            continue;
        of_address++;
        consider(&same, fd, phase, since_ms, now);
    }
    if (of_address >= acceptor->options.most_per_address)
        return make_room(acceptor, &same);
    return total < acceptor->options.most || make_room(acceptor, &any);
}

/* `duration_ms` 0: no deadline. */
static void set_phase(struct acceptor *acceptor, int fd, enum phase phase, int64_t duration_ms,
                      const int *headers_pending) {
    struct connection *connection = &acceptor->connections[fd];
    pthread_mutex_lock(&connection->lock);
    if (atomic_load(&connection->phase) != PHASE_ENDING) {
        int64_t now = monotonic_ms();
        atomic_store(&connection->since_ms, now);
        connection->deadline_ms = duration_ms ? now + duration_ms : INT64_MAX;
        connection->headers_pending = headers_pending;
        connection->is_given_up = false;
        atomic_store(&connection->phase, phase);
    }
    pthread_mutex_unlock(&connection->lock);
}

static int64_t idle_ms(const struct acceptor *acceptor) {
    return (int64_t)acceptor->options.idle_timeout_s * 1000;
}

static void add(struct acceptor *acceptor, int fd, const struct sockaddr_storage *from,
                socklen_t length) {
    struct connection next = {0};
    socket_read_address(from, next.address);
    socket_print_address(next.address, next.peer);
    if (fd >= acceptor->capacity || !find_room(acceptor, next.address)) {
        atomic_fetch_add(&acceptor->refused, 1);
        close(fd);
        return;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *connection = &acceptor->connections[fd];
    pthread_mutex_lock(&connection->lock);
    memcpy(connection->address, next.address, sizeof next.address);
    memcpy(connection->peer, next.peer, sizeof next.peer);
    atomic_store(&connection->phase, PHASE_NONE);
    pthread_mutex_unlock(&connection->lock);
    set_phase(acceptor, fd, PHASE_WAITING, idle_ms(acceptor), NULL);
    if (fd >= atomic_load(&acceptor->fds_seen))
        atomic_store(&acceptor->fds_seen, fd + 1);
    atomic_fetch_add(&acceptor->accepted, 1);
    if (!acceptor->options.add(acceptor->options.data, fd, (const struct sockaddr *)from, length))
        accept_forget(acceptor, fd);
}

/* Invariant 5. */
static void pause_accepting(struct acceptor *acceptor, int cause) {
    acceptor->is_paused = true;
    int64_t now = monotonic_ms();
    if (acceptor->paused_said_ms && now - acceptor->paused_said_ms < 10000)
        return;
    acceptor->paused_said_ms = now;
    log_write(LOG_ERROR, NULL, "accepting pauses: %s", strerror(cause));
}

/* True while there may be more in the backlog. */
static bool accept_one(struct acceptor *acceptor) {
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    int fd = accept4(acceptor->listen_fd, (struct sockaddr *)&from, &length,
                     SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
        add(acceptor, fd, &from, length);
        return true;
    }
    if (errno == EAGAIN)
        return false;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        pause_accepting(acceptor, errno);
        return false;
    }
    return true; /* ECONNABORTED and the like concern one connection only */
}

static bool is_late(const struct acceptor *acceptor, const struct connection *connection,
                    int64_t now) {
    if (now > connection->deadline_ms)
        return true;
    /* libulfius writes the int on the connection's thread without a lock; one tick late is early
     * enough */
    return connection->headers_pending &&
           __atomic_load_n(connection->headers_pending, __ATOMIC_RELAXED) &&
           now > atomic_load(&connection->since_ms) + idle_ms(acceptor);
}

/*
 * All that came was read, it is not enough, and nothing follows. libmicrohttpd is not told of an
 * end that comes with the last data: it reads those, and news of a socket come once (EPOLLET).
 */
static bool is_given_up(const struct acceptor *acceptor, int fd) {
    bool is_quiet =
        atomic_load(&acceptor->is_quiescing) && socket_measure_quiet(fd) > QUIET_WHILE_DRAINING_MS;
    return socket_is_read_out(fd) && (is_quiet || socket_has_ended(fd));
}

/* Invariant 6. Its thread may be at what it has just read, so that it is looked at twice. */
static bool is_still_given_up(const struct acceptor *acceptor, struct connection *connection,
                              int fd) {
    bool was = connection->is_given_up;
    connection->is_given_up = is_given_up(acceptor, fd);
    return was && connection->is_given_up;
}

/* Invariants 2 and 6. */
static void end_late_ones(struct acceptor *acceptor) {
    int64_t now = monotonic_ms();
    int seen = atomic_load(&acceptor->fds_seen);
    for (int fd = 0; fd < seen; fd++) {
        struct connection *connection = &acceptor->connections[fd];
        enum phase phase = atomic_load_explicit(&connection->phase, memory_order_relaxed);
        if (phase == PHASE_NONE || phase == PHASE_RUNNING || phase == PHASE_ENDING)
            continue;
        pthread_mutex_lock(&connection->lock);
        phase = atomic_load(&connection->phase);
        bool may_end = phase == PHASE_WAITING || phase == PHASE_RECEIVING || phase == PHASE_SENDING;
        if (may_end &&
            (is_late(acceptor, connection, now) ||
             (phase == PHASE_RECEIVING && is_still_given_up(acceptor, connection, fd)))) {
            end(connection, fd);
            atomic_fetch_add(&acceptor->ended_slow, 1);
        }
        pthread_mutex_unlock(&connection->lock);
    }
}

static void *run(void *data) {
    struct acceptor *acceptor = data;
    int64_t next_tick = monotonic_ms() + TICK_MS;
    while (!atomic_load(&acceptor->is_stopping)) {
        struct pollfd polled[] = {
            {.fd = acceptor->wake_fd, .events = POLLIN},
            {.fd = acceptor->is_paused ? -1 : acceptor->listen_fd, .events = POLLIN}};
        poll(polled, 2, acceptor->is_paused ? PAUSE_MS : TICK_MS);
        acceptor->is_paused = false;
        if (polled[0].revents) {
            eventfd_t count;
            eventfd_read(acceptor->wake_fd, &count);
        }
        while (acceptor->listen_fd >= 0 && accept_one(acceptor) && monotonic_ms() < next_tick)
            ;
        if (atomic_load(&acceptor->is_quiescing) && acceptor->listen_fd >= 0) {
            while (accept_one(acceptor))
                ;
            close(acceptor->listen_fd);
            acceptor->listen_fd = -1;
        }
        if (monotonic_ms() < next_tick)
            continue;
        end_late_ones(acceptor);
        next_tick = monotonic_ms() + TICK_MS;
    }
    return NULL;
}

bool accept_start(const struct accept_options *options, struct acceptor **ret_acceptor) {
    int capacity = options->most + FDS_BESIDE_CONNECTIONS;
    struct acceptor *acceptor =
        calloc(1, sizeof *acceptor + (size_t)capacity * sizeof *acceptor->connections);
    if (!acceptor)
        abort();
    acceptor->options = *options;
    acceptor->capacity = capacity;
    for (int fd = 0; fd < capacity; fd++)
        pthread_mutex_init(&acceptor->connections[fd].lock, NULL);
    if (!listen_open(options->listen, &acceptor->listen_fd, &acceptor->port)) {
        free(acceptor);
        return false;
    }
    acceptor->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    *ret_acceptor = acceptor; /* before the first connection asks for it */
    if (acceptor->wake_fd < 0 || pthread_create(&acceptor->thread, NULL, run, acceptor) != 0) {
        log_write(LOG_ERROR, NULL, "cannot start the acceptor: %s", strerror(errno));
        close(acceptor->listen_fd);
        free(acceptor);
        *ret_acceptor = NULL;
        return false;
    }
    return true;
}

int accept_port(const struct acceptor *acceptor) {
    return acceptor->port;
}

void accept_quiesce(struct acceptor *acceptor) {
    atomic_store(&acceptor->is_quiescing, true);
    eventfd_write(acceptor->wake_fd, 1);
}

void accept_stop(struct acceptor *acceptor) {
    atomic_store(&acceptor->is_stopping, true);
    eventfd_write(acceptor->wake_fd, 1);
    pthread_join(acceptor->thread, NULL);
    if (acceptor->listen_fd >= 0)
        close(acceptor->listen_fd);
    close(acceptor->wake_fd);
}

void accept_free(struct acceptor *acceptor) {
    free(acceptor);
}

void accept_mark_receiving(struct acceptor *acceptor, int fd, const int *headers_pending) {
    set_phase(acceptor, fd, PHASE_RECEIVING, 2 * idle_ms(acceptor), headers_pending);
}

void accept_mark_running(struct acceptor *acceptor, int fd) {
    set_phase(acceptor, fd, PHASE_RUNNING, 0, NULL);
}

void accept_mark_sending(struct acceptor *acceptor, int fd, size_t bytes) {
    int64_t most_ms = 2 * idle_ms(acceptor) + (int64_t)(bytes / SENDING_BYTES_A_MS);
    set_phase(acceptor, fd, PHASE_SENDING, most_ms, NULL);
}

void accept_mark_waiting(struct acceptor *acceptor, int fd) {
    /* a kept connection may rest for idle_timeout_s before the next first line begins */
    set_phase(acceptor, fd, PHASE_WAITING, 2 * idle_ms(acceptor), NULL);
}

void accept_forget(struct acceptor *acceptor, int fd) {
    struct connection *connection = &acceptor->connections[fd];
    pthread_mutex_lock(&connection->lock);
    connection->headers_pending = NULL;
    atomic_store(&connection->phase, PHASE_NONE);
    pthread_mutex_unlock(&connection->lock);
}

const char *accept_peer(const struct acceptor *acceptor, int fd) {
    return acceptor->connections[fd].peer;
}

void accept_read_counts(struct acceptor *acceptor, struct accept_counts *ret_counts) {
    *ret_counts = (struct accept_counts){.accepted = atomic_load(&acceptor->accepted),
                                         .refused = atomic_load(&acceptor->refused),
                                         .ended_slow = atomic_load(&acceptor->ended_slow),
                                         .ended_for_room = atomic_load(&acceptor->ended_for_room)};
    int seen = atomic_load(&acceptor->fds_seen);
    for (int fd = 0; fd < seen; fd++) {
        enum phase phase =
            atomic_load_explicit(&acceptor->connections[fd].phase, memory_order_relaxed);
        ret_counts->open += phase != PHASE_NONE;
        ret_counts->running +=
            phase == PHASE_RECEIVING || phase == PHASE_RUNNING || phase == PHASE_SENDING;
        ret_counts->answering += phase == PHASE_RUNNING;
    }
}
