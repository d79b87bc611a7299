/*
 * The connection pool and the one way to run a statement.
 *
 *   1. A connection is taken by a request only inside operation->run and given back before the
 *      answer goes out.
 *   2. Everything is prepared once per connection, under a name made from the text; at most 256,
 *      then the least recently used is deallocated.
 *   3. Waiting for a connection is bounded; then the problem is UNAVAILABLE (503, Retry-After).
 *   4. A connection goes back clean: an open transaction is rolled back, a broken one is closed and
 *      made anew.
 *   5. Values travel as text; NULL pointers are SQL nulls. Any field of a result may be NULL.
 */
#pragma once

#include "own.h"
#include "problem.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct db_pool;
struct request;
struct statement;

/* Never fails for want of a database: connections are made when needed. */
struct db_pool *db_pool_new(const char *conninfo, int size, int wait_ms, int statement_timeout_ms);
void db_pool_free(struct db_pool *pool);

/* For /metrics and /readyz. */
struct db_pool_state {
    int size, busy, waiting;
    uint64_t waits_failed, connects, statements;
};
void db_pool_read_state(struct db_pool *pool, struct db_pool_state *ret_state);

/* NULL, with the problem set, when none comes free within the wait or the database cannot be
 * reached. */
struct db *db_acquire(struct db_pool *pool, struct problem *problem);
void db_release(struct db *db);

/* Adds what this use of the connection cost so far: for the log line. */
void db_account(const struct db *db, unsigned *statements, int64_t *elapsed_us);

/*
 * Runs `sql` prepared, with `count` text values. On failure sets the problem from the SQLSTATE (the
 * text goes to the log only) and returns NULL. The caller owns the result (auto_result).
 */
PGresult *db_run(struct db *db, const char *sql, const char *const *values, int count,
                 struct problem *problem);

/* Runs a statement without values or rows: begin, commit, rollback. */
bool db_command(struct db *db, const char *sql, struct problem *problem);

/*
 * Waits until a channel this connection listens to is notified, `stop_fd` can be read or the time
 * is up. False when the connection is lost.
 */
bool db_wait(struct db *db, int stop_fd, int timeout_ms);

/* For `check`: describes a statement. The caller owns the result; NULL with the server's text in
 * *ret_error (malloc). */
PGresult *db_describe(struct db *db, const char *sql, char **ret_error);

/* The last failure of this connection: SQLSTATE ("" when none) and constraint name (NULL when
 * none). */
const char *db_last_state(const struct db *db);
/* Whether the last failure was for the sake of another transaction: worth another try. */
bool db_gave_way(const struct db *db);
const char *db_last_constraint(const struct db *db);
