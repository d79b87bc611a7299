/*
 * The pool and prepared execution. Waiters are served in the order they came, each with a condition
 * of its own, so that nobody starves and a release wakes exactly one thread.
 */
#include "db.h"

#include "log.h"
#include "monotonic.h"
#include "prepared.h"
#include "request.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DB_STATE_BYTES = 6 };

struct db {
    struct db_pool *pool;
    PGconn *connection;
    struct prepared_cache prepared;
    uint64_t statements;
    int64_t elapsed_us;
    char last_state[DB_STATE_BYTES];
    char last_constraint[64];
    bool is_busy;
};

struct waiter {
    struct waiter *next;
    pthread_cond_t ready;
    struct db *given;
};

struct db_pool {
    pthread_mutex_t mutex;
    char *conninfo;
    char options[256];
    int size;
    int wait_ms;
    struct db *connections;
    struct waiter *first_waiter;
    struct waiter *last_waiter;
    struct db_pool_state state;
};

struct db_pool *db_pool_new(const char *conninfo, int size, int wait_ms, int statement_timeout_ms) {
    struct db_pool *pool = calloc(1, sizeof *pool);
    struct db *connections = calloc((size_t)size, sizeof *connections);
    char *copy = strdup(conninfo);
    if (!pool || !connections || !copy)
        abort();
    pthread_mutex_init(&pool->mutex, NULL);
    pool->conninfo = copy;
    pool->size = size;
    pool->wait_ms = wait_ms;
    pool->connections = connections;
    pool->state.size = size;
    /* jit costs more than these statements do, and pages are in memory or on flash; an idle
     * transaction is a bug and must not hold locks. A lock is waited for no longer than a
     * connection. */
    int lock_timeout_ms = statement_timeout_ms < wait_ms ? statement_timeout_ms : wait_ms;
    snprintf(pool->options, sizeof pool->options,
             "-c timezone=UTC -c datestyle=ISO -c jit=off -c random_page_cost=1.1 -c "
             "statement_timeout=%d -c lock_timeout=%d "
             "-c idle_in_transaction_session_timeout=30000 -c client_min_messages=warning",
             statement_timeout_ms, lock_timeout_ms);
    for (int i = 0; i < size; i++)
        connections[i].pool = pool;
    return pool;
}

static void disconnect(struct db *db) {
    PQfinish(db->connection);
    db->connection = NULL;
    prepared_clear(&db->prepared);
}

void db_pool_free(struct db_pool *pool) {
    if (!pool)
        return;
    for (int i = 0; i < pool->size; i++)
        disconnect(&pool->connections[i]);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->connections);
    free(pool->conninfo);
    free(pool);
}

void db_pool_read_state(struct db_pool *pool, struct db_pool_state *ret_state) {
    pthread_mutex_lock(&pool->mutex);
    *ret_state = pool->state;
    pthread_mutex_unlock(&pool->mutex);
}

static struct db *find_idle(struct db_pool *pool) {
    struct db *unconnected = NULL;
    for (int i = 0; i < pool->size; i++) {
        struct db *db = &pool->connections[i];
        if (db->is_busy)
            continue;
        if (db->connection)
            return db;
        unconnected = unconnected ? unconnected : db;
    }
    return unconnected;
}

static void unlink_waiter(struct db_pool *pool, struct waiter *waiter) {
    struct waiter **at = &pool->first_waiter;
    struct waiter *before = NULL;
    while (*at && *at != waiter) {
        before = *at;
        at = &(*at)->next;
    }
    if (!*at)
        return;
    *at = waiter->next;
    if (pool->last_waiter == waiter)
        pool->last_waiter = before;
}

/* Called with the mutex held. NULL when the wait ran out. */
static struct db *wait_for_one(struct db_pool *pool) {
    struct waiter waiter = {0};
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&waiter.ready, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pool->last_waiter)
        pool->last_waiter->next = &waiter;
    else
        pool->first_waiter = &waiter;
    pool->last_waiter = &waiter;
    pool->state.waiting++;

    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += pool->wait_ms / 1000;
    until.tv_nsec += (long)(pool->wait_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    while (!waiter.given)
        if (pthread_cond_timedwait(&waiter.ready, &pool->mutex, &until) == ETIMEDOUT)
            break;
    if (!waiter.given)
        unlink_waiter(pool, &waiter);
    pool->state.waiting--;
    pthread_cond_destroy(&waiter.ready);
    return waiter.given;
}

/* A server that restarted has closed our idle sockets, or says why it will: seen here, before a
 * request is spent on it. Nothing else is said to who asks nothing. */
static bool is_alive(struct db *db) {
    if (!db->connection || PQstatus(db->connection) != CONNECTION_OK)
        return false;
    struct pollfd socket = {.fd = PQsocket(db->connection), .events = POLLIN};
    return poll(&socket, 1, 0) == 0;
}

static bool connect_database(struct db *db, struct problem *problem) {
    disconnect(db);
    const char *const keywords[] = {"dbname", "connect_timeout", "application_name", "options",
                                    NULL};
    const char *const values[] = {db->pool->conninfo, "3", "elinvoima", db->pool->options, NULL};
    db->connection = PQconnectdbParams(keywords, values, 1);
    if (PQstatus(db->connection) == CONNECTION_OK)
        return true;
    log_write(LOG_WARNING, NULL, "database: cannot connect: %s", PQerrorMessage(db->connection));
    disconnect(db);
    problem->retry_after_s = 2;
    return problem_set(problem, PROBLEM_UNAVAILABLE, "2");
}

struct db *db_acquire(struct db_pool *pool, struct problem *problem) {
    pthread_mutex_lock(&pool->mutex);
    struct db *db = pool->first_waiter ? NULL : find_idle(pool);
    if (db)
        db->is_busy = true;
    else
        db = wait_for_one(pool);
    if (db)
        pool->state.busy++;
    else
        pool->state.waits_failed++;
    pthread_mutex_unlock(&pool->mutex);
    if (!db) {
        problem->retry_after_s = 1;
        problem_set(problem, PROBLEM_UNAVAILABLE, "1");
        return NULL;
    }
    db->elapsed_us = 0;
    db->statements = 0;
    if (is_alive(db))
        return db;
    bool is_connected = connect_database(db, problem);
    pthread_mutex_lock(&pool->mutex);
    pool->state.connects += is_connected;
    pthread_mutex_unlock(&pool->mutex);
    if (is_connected)
        return db;
    db_release(db);
    return NULL;
}

static void clean(struct db *db) {
    if (!db->connection)
        return;
    if (PQstatus(db->connection) != CONNECTION_OK) {
        disconnect(db);
        return;
    }
    if (PQtransactionStatus(db->connection) == PQTRANS_IDLE)
        return;
    auto_result result = PQexec(db->connection, "rollback");
    if (PQtransactionStatus(db->connection) != PQTRANS_IDLE)
        disconnect(db);
}

void db_release(struct db *db) {
    if (!db)
        return;
    clean(db);
    struct db_pool *pool = db->pool;
    pthread_mutex_lock(&pool->mutex);
    pool->state.statements += db->statements;
    pool->state.busy--;
    struct waiter *waiter = pool->first_waiter;
    if (waiter) {
        unlink_waiter(pool, waiter);
        waiter->given = db;
        pthread_cond_signal(&waiter->ready);
    } else {
        db->is_busy = false;
    }
    pthread_mutex_unlock(&pool->mutex);
}

void db_account(const struct db *db, unsigned *statements, int64_t *elapsed_us) {
    *statements += (unsigned)db->statements;
    *elapsed_us += db->elapsed_us;
}

/* The only table from SQLSTATE to problem. Constraint names are put into words by operation.c. */
static bool set_problem(struct db *db, const char *state, const char *text,
                        struct problem *problem) {
    snprintf(db->last_state, sizeof db->last_state, "%s", state);
    bool is_lost = !db->connection || PQstatus(db->connection) != CONNECTION_OK;
    if (!is_lost && strcmp(state, "23505") == 0)
        return problem_set(problem, PROBLEM_ALREADY_EXISTS, NULL);
    if (!is_lost && strcmp(state, "23503") == 0)
        return problem_set(problem, PROBLEM_REFERENCE_NOT_FOUND, NULL);
    if (!is_lost && strncmp(state, "23", 2) == 0)
        return problem_set(problem, PROBLEM_RULE_BROKEN, db->last_constraint);
    log_write(LOG_ERROR, NULL, "database: %s %s", state, text);
    static const char *const passing[] = {"08", "40", "53", "55", "57", NULL};
    for (size_t i = 0; passing[i]; i++)
        is_lost = is_lost || strncmp(state, passing[i], 2) == 0;
    if (!is_lost)
        return problem_set(problem, PROBLEM_INTERNAL, NULL);
    problem->retry_after_s = 2;
    return problem_set(problem, PROBLEM_UNAVAILABLE, "2");
}

static bool check_result(struct db *db, const PGresult *result, struct problem *problem) {
    ExecStatusType status = PQresultStatus(result);
    db->last_state[0] = '\0';
    db->last_constraint[0] = '\0';
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return true;
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    if (constraint)
        snprintf(db->last_constraint, sizeof db->last_constraint, "%s", constraint);
    return set_problem(db, state ? state : "08000", PQresultErrorMessage(result), problem);
}

/* The name the statement is prepared under, 0 with the problem set when it cannot be. */
static unsigned prepare(struct db *db, const char *sql, struct problem *problem) {
    bool is_there = false;
    struct prepared *place = prepared_find(&db->prepared, sql, &is_there);
    if (is_there)
        return place->number;
    if (place->text) {
        char command[32];
        snprintf(command, sizeof command, "deallocate s%u", place->number);
        auto_result gone = PQexec(db->connection, command);
        if (!check_result(db, gone, problem))
            return 0;
    }
    unsigned number = prepared_next(&db->prepared);
    char name[16];
    snprintf(name, sizeof name, "s%u", number);
    auto_result result = PQprepare(db->connection, name, sql, 0, NULL);
    if (!check_result(db, result, problem))
        return 0;
    prepared_fill(place, sql, number);
    return number;
}

PGresult *db_run(struct db *db, const char *sql, const char *const *values, int count,
                 struct problem *problem) {
    int64_t started_us = monotonic_us();
    db->statements++;
    if (!db->connection) {
        set_problem(db, "08003", "the connection was lost", problem);
        return NULL;
    }
    unsigned number = prepare(db, sql, problem);
    if (!number) {
        disconnect(db); /* what is prepared there is no longer known */
        return NULL;
    }
    char name[16];
    snprintf(name, sizeof name, "s%u", number);
    auto_result result = PQexecPrepared(db->connection, name, count, values, NULL, NULL, 0);
    db->elapsed_us += monotonic_us() - started_us;
    return check_result(db, result, problem) ? steal(&result) : NULL;
}

bool db_command(struct db *db, const char *sql, struct problem *problem) {
    int64_t started_us = monotonic_us();
    db->statements++;
    if (!db->connection)
        return set_problem(db, "08003", "the connection was lost", problem);
    auto_result result = PQexec(db->connection, sql);
    db->elapsed_us += monotonic_us() - started_us;
    return check_result(db, result, problem);
}

bool db_wait(struct db *db, int stop_fd, int timeout_ms) {
    if (!db->connection || PQstatus(db->connection) != CONNECTION_OK)
        return false;
    struct pollfd either[] = {{.fd = PQsocket(db->connection), .events = POLLIN},
                              {.fd = stop_fd, .events = POLLIN}};
    poll(either, 2, timeout_ms);
    if (!PQconsumeInput(db->connection))
        return false;
    for (PGnotify *notice = PQnotifies(db->connection); notice; notice = PQnotifies(db->connection))
        PQfreemem(notice);
    return PQstatus(db->connection) == CONNECTION_OK;
}

PGresult *db_describe(struct db *db, const char *sql, char **ret_error) {
    auto_result prepared = PQprepare(db->connection, "", sql, 0, NULL);
    auto_result described = NULL;
    if (PQresultStatus(prepared) == PGRES_COMMAND_OK)
        described = PQdescribePrepared(db->connection, "");
    if (PQresultStatus(described) == PGRES_COMMAND_OK)
        return steal(&described);
    *ret_error = strdup(PQerrorMessage(db->connection));
    return NULL;
}

const char *db_last_state(const struct db *db) {
    return db->last_state;
}

bool db_gave_way(const struct db *db) {
    return strcmp(db->last_state, "40001") == 0 || strcmp(db->last_state, "40P01") == 0;
}

const char *db_last_constraint(const struct db *db) {
    return db->last_constraint[0] ? db->last_constraint : NULL;
}
